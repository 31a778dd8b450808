"""What stands beside the map: legend, key of the labels, balance table, table of lots, title block, grid, frame."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely

from quyhoach.demo.cad.attributes import ORDERS, Sheet, number, span
from quyhoach.demo.cad.defects import Planted
from quyhoach.demo.cad.functions import Use
from quyhoach.demo.cad.names import Look, Names
from quyhoach.demo.cad.pen import Pen

KEY = (
    ("code", "Ký hiệu lô đất"), ("area", "Diện tích"), ("density", "Mật độ xây dựng (%)"),
    ("storeys", "Tầng cao (tầng)"), ("far", "Hệ số sử dụng đất (lần)"), ("population", "Dân số (người)"),
)  # fmt: skip


@dataclass
class Desk:
    """Where the next panel goes, in drawn units. `mm`: a millimetre of paper. `decoys`: (kind, note, true polygon)."""

    pen: Pen
    names: Names
    at: complex
    mm: float
    decoys: list[tuple[str, str, Any]] = field(default_factory=list)
    east: float = 0.0  # the furthest that anything reached

    def heading(self, text: str, size: float = 5.0) -> None:
        """A panel's title; the next line is below."""
        self.pen.text(self.at, text, size * self.mm, Look(self.names.layer("title")))
        self.at -= 1j * size * 2.2 * self.mm

    def decoy(self, kind: str, note: str, corner: complex, width: float, height: float) -> None:
        """Remember a box that must not become a lot."""
        corners = [corner, corner + width, corner + complex(width, height), corner + 1j * height]
        places = self.pen.placement.true(corners)
        self.decoys.append((kind, note, shapely.Polygon([(z.real, z.imag) for z in places])))


def draw_legend(desk: Desk, uses: Sequence[Use]) -> None:
    """Samples of colour with the names of the uses, on the legend's layer or on the lots' own."""
    pen, names, mm = desk.pen, desk.names, desk.mm
    habit = pen.habit
    desk.heading("CHÚ GIẢI" if habit.codes != "dotted" else "GHI CHÚ")
    on_lots = "legend_layers" in habit.extras and habit.lots != "linework"
    for use in uses:
        look = (
            names.lot(use) if on_lots else Look(names.layer("legend"), use.aci, use.rgb if habit.by == "rgb" else None)
        )
        corner = desk.at - 1j * 2 * mm
        pen.box(corner, 12 * mm, 6 * mm, look)
        pen.fill(corner, 12 * mm, 6 * mm, look, "solid_legend" in habit.extras)
        desk.decoy("legend", use.function, corner, 12 * mm, 6 * mm)
        letters = "LK" if habit.detail and use.key == "OM" else use.letters
        if habit.template != "code":
            pen.text(corner + complex(3, 2) * mm, letters, 2.2 * mm, Look(names.layer("legend")))
        pen.text(corner + complex(16, 1.6) * mm, use.name, 3 * mm, Look(names.layer("legend")))
        desk.at -= 9j * mm
    desk.at -= 6j * mm


def draw_key(desk: Desk) -> None:
    """What the lines of a label mean, where they do not say it themselves."""
    pen, mm, habit = desk.pen, desk.mm, desk.pen.habit
    if habit.template not in ("rows", "cells", "circle"):
        return
    desk.heading("KÝ HIỆU Ô ĐẤT")
    look = Look(desk.names.layer("legend"))
    unit = "ha" if habit.unit == "ha" else "m2"
    samples = {"code": "OM-01", "area": number(0.36 if unit == "ha" else 3609, 2 if unit == "ha" else 0, habit),
               "density": "40-60", "storeys": "1-5", "far": span((0.4, 3.0), 1, habit), "population": "61"}  # fmt: skip
    if habit.template == "rows":
        names = dict(KEY)
        for what in ORDERS[habit.order]:
            name = names[what]
            pen.text(desk.at, samples[what], 3 * mm, look)
            pen.line(desk.at + complex(16, 1.5) * mm, desk.at + complex(24, 1.5) * mm, look)
            pen.text(desk.at + 26 * mm, name + (f" ({unit})" if what == "area" else ""), 3 * mm, look)
            desk.at -= 5.5j * mm
    else:
        _boxed_key(desk, samples, unit)
    desk.at -= 8j * mm


def _boxed_key(desk: Desk, samples: dict[str, str], unit: str) -> None:
    pen, mm = desk.pen, desk.mm
    look = Look(desk.names.layer("legend"))
    names = dict(KEY) | {"area": f"Diện tích ({unit})"}
    if pen.habit.template == "circle":
        centre = desk.at + complex(20, -12) * mm
        pen.space.add_circle((centre.real, centre.imag), 11 * mm, dxfattribs=look.attributes())
        pen.line(centre - 11 * mm, centre + 11 * mm, look)
        places = (("code", -30.0, 3.0), ("area", -30.0, -5.0), ("density", 14.0, 3.0), ("storeys", 14.0, -5.0))
        for what, right, up in places:
            at = centre + complex(right if right > 0 else -7, up) * mm
            pen.text(at, names[what] if right > 0 else names[what].split(" (")[0][:14], 2.2 * mm, look)
        desk.at -= 26j * mm
        return
    corner = desk.at - 1j * 24 * mm
    pen.box(corner, 80 * mm, 24 * mm, look)
    for up in (8, 16):
        pen.line(corner + 1j * up * mm, corner + complex(80, up) * mm, look)
    pen.line(corner + 40 * mm, corner + complex(40, 16) * mm, look)
    for what, right, up in (("code", 22.0, 18.5), ("area", 4.0, 10.5), ("density", 43.0, 10.5), ("storeys", 4.0, 2.5),
                            ("far", 43.0, 2.5)):  # fmt: skip
        pen.text(corner + complex(right, up) * mm, names[what], 2.4 * mm, look)
    desk.at -= 28j * mm


def draw_table(pen: Pen, at: complex, widths: Sequence[float], rows: Sequence[Sequence[str]], mm: float, look: Look,
               lined: bool = True) -> complex:  # fmt: skip
    """A table of texts and lines; where it ends below."""
    height = 6 * mm
    edges = [0.0]
    for width in widths:
        edges.append(edges[-1] + width * mm)
    for place, row in enumerate(rows):
        base = at - 1j * (height * (place + 1) - 1.8 * mm)
        for cell, left in zip(row, edges, strict=False):
            if cell:
                pen.text(base + left + 1.2 * mm, cell, 2.6 * mm, look)
    bottom = at - 1j * height * len(rows)
    if lined:
        for place in range(len(rows) + 1):
            pen.line(at - 1j * height * place, at - 1j * height * place + edges[-1], look)
        for edge in edges:
            pen.line(at + edge, bottom + edge, look)
    return bottom


def draw_balance(
    rng: random.Random, desk: Desk, sheets: Sequence[Sheet], total: float
) -> tuple[list[Planted], list[Planted]]:
    """The balance table; (rows as in truth.json, planted disagreements)."""
    habit = desk.pen.habit
    sums: dict[str, float] = {}
    uses: dict[str, Use] = {}
    for sheet in sheets:
        sums[sheet.use.function] = sums.get(sheet.use.function, 0.0) + sheet.area
        uses[sheet.use.function] = sheet.use
    wrong = (
        rng.choice(sorted(name for name in sums if sums[name] > 8000)) if "balance_disagrees" in habit.defects else ""
    )
    balance: list[Planted] = []
    planted: list[Planted] = []
    rows = [["TT", "Loại đất", "Diện tích (ha)", "Tỷ lệ (%)"]]
    for place, function in enumerate(sorted(sums, key=lambda name: -sums[name]), 1):
        true = sums[function] / 1e4
        written = round(true * (rng.choice((0.86, 1.15)) if function == wrong else 1), 2)
        balance.append({"function": function, "ha_true": round(true, 4), "ha_written": written})
        if function == wrong:
            planted.append({"defect": "balance_disagrees", "function": function, "written": written,
                            "true": round(true, 4)})  # fmt: skip
        rows.append([str(place), uses[function].name, number(written, 2, habit), number(true * 1e6 / total, 2, habit)])
    roads = total / 1e4 - sum(sums.values()) / 1e4
    rows.append([str(len(rows)), "Đất giao thông", number(roads, 2, habit), number(roads * 1e6 / total, 2, habit)])
    rows.append(["", "Tổng cộng", number(total / 1e4, 2, habit), number(100, 2, habit)])
    desk.heading("BẢNG TỔNG HỢP SỬ DỤNG ĐẤT" if habit.detail else "BẢNG CÂN BẰNG SỬ DỤNG ĐẤT")
    pen = desk.pen
    look = Look(desk.names.layer("title"))
    if "table_block" in habit.extras:
        block = pen.doc.blocks.new("BANG_CAN_BANG")
        draw_table(pen.into(block), 0j, (10, 70, 32, 26), rows, desk.mm, look)
        pen.space.add_blockref("BANG_CAN_BANG", (desk.at.real, desk.at.imag), dxfattribs={"layer": look.layer})
        desk.at -= 1j * 6 * desk.mm * len(rows)
    else:
        desk.at = draw_table(pen, desk.at, (10, 70, 32, 26), rows, desk.mm, look)
    desk.at -= 12j * desk.mm
    return balance, planted


def draw_lot_table(desk: Desk, sheets: Sequence[Sheet]) -> None:
    """Code, area, density, storeys of every lot, in several columns of tables."""
    habit, pen = desk.pen.habit, desk.pen
    head = ["Ký hiệu lô", "Chức năng", "Diện tích (m2)", "Mật độ XD (%)", "Tầng cao (tầng)"]
    desk.heading("BẢNG THỐNG KÊ LÔ ĐẤT")
    top, per = desk.at, 60
    look = Look(desk.names.layer("title"))
    widths = (24, 62, 30, 28, 30)
    shown = [sheet for sheet in sheets if sheet.labelled]
    for part in range(math.ceil(len(shown) / per)):
        rows = [head]
        for sheet in shown[part * per : (part + 1) * per]:
            rows.append([sheet.code, sheet.use.name, sheet.area_text,
                         span(sheet.density, 0, habit) if sheet.density else "",
                         span(sheet.storeys, 0, habit) if sheet.storeys else ""])  # fmt: skip
        left = top + part * (sum(widths) + 8) * desk.mm
        desk.at = min((draw_table(pen, left, widths, rows, desk.mm, look), desk.at), key=lambda z: z.imag)
        desk.east = max(desk.east, left.real + sum(widths) * desk.mm)
    desk.at = complex(top.real, desk.at.imag) - 12j * desk.mm


def draw_title(desk: Desk, scale: int) -> None:
    """The title block: what, where, scale, coordinate system, that the data are invented."""
    pen, mm, habit = desk.pen, desk.mm, desk.pen.habit
    corner = desk.at - 70j * mm
    pen.box(corner, 140 * mm, 70 * mm, Look(desk.names.layer("title")))
    desk.decoy("title_block", "", corner, 140 * mm, 70 * mm)
    kind = "CHI TIẾT" if habit.detail else "CHUNG"
    zone = {"epsg:9210": "105°45'", "epsg:9211": "106°00'", "epsg:3405": "105°00'", "epsg:3406": "111°00'"}.get(
        habit.frame, "107°15'"
    )
    rows = [(f"ĐỒ ÁN QUY HOẠCH {kind} XÂY DỰNG", 3.5), (habit.town.upper(), 4.5),
            ("BẢN ĐỒ QUY HOẠCH TỔNG MẶT BẰNG SỬ DỤNG ĐẤT", 4.0), (f"TỶ LỆ 1/{scale}", 4.0),
            ("DỮ LIỆU MINH HOẠ", 4.0), ("Chủ đầu tư: UBND", 2.5), ("Ngày     tháng     năm", 2.5)]  # fmt: skip
    if "crs_note" in habit.extras or habit.frame.startswith("epsg"):
        width = "6" if habit.frame in ("epsg:3405", "epsg:3406") else "3"
        rows.append((f"Hệ tọa độ VN-2000, kinh tuyến trục {zone}, múi chiếu {width}°", 3.0))
    for place, (text, size) in enumerate(rows):
        pen.text(corner + complex(5, 62 - 8.2 * place) * mm, text, size * mm, Look(desk.names.layer("title")))
    desk.at = corner - 12j * mm


def draw_grid(pen: Pen, names: Names, boundary: Any, mm: float) -> None:
    """Crosses at round coordinates, with their numbers, in the manner of the habit."""
    habit = pen.habit
    if habit.marks == "none":
        return
    look = Look(names.layer("grid"))
    step = 100 if habit.detail else 500
    grid = [pen.placement.grid(complex(*corner)) for corner in boundary.exterior.coords]
    west, east = min(z.real for z in grid), max(z.real for z in grid)
    south, north = min(z.imag for z in grid), max(z.imag for z in grid)
    if habit.marks in ("block", "plus"):
        block = pen.doc.blocks.new("LUOI")
        block.add_line((-5, 0), (5, 0), dxfattribs={"layer": "0"})
        block.add_line((0, -5), (0, 5), dxfattribs={"layer": "0"})
    for east_at in range(math.floor(west / step) * step, math.ceil(east / step) * step + 1, step):
        for north_at in range(math.floor(south / step) * step, math.ceil(north / step) * step + 1, step):
            _mark(pen, pen.placement.from_grid(complex(east_at, north_at)), east_at, north_at, mm, look)


def _mark(pen: Pen, at: complex, east: int, north: int, mm: float, look: Look) -> None:
    style = pen.habit.mark_style
    texts = (f"X={north}", f"Y={east}") if style == "XY" else (f"N {north}", f"E {east}")
    if pen.habit.marks == "cross":
        pen.line(at - 5 * mm, at + 5 * mm, look)
        pen.line(at - 5j * mm, at + 5j * mm, look)
    elif pen.habit.marks == "point":
        pen.space.add_point((at.real, at.imag), dxfattribs=look.attributes())
    else:
        insert = pen.space.add_blockref(
            "LUOI", (at.real, at.imag), dxfattribs=look.attributes() | {"xscale": mm, "yscale": mm}
        )
        if pen.habit.marks == "block":
            for tag, text, shift in zip(("X", "Y"), texts, (1 + 1j, 1 - 3j), strict=True):
                spot = at + shift * mm
                insert.add_attrib(tag, text, (spot.real, spot.imag),
                                  dxfattribs=look.attributes() | {"height": 2 * mm, "style": "UNI"})  # fmt: skip
            return
    pen.text(at + complex(1, 1) * mm, texts[0], 2 * mm, look)
    pen.text(at + complex(1, -3) * mm, texts[1], 2 * mm, look)
