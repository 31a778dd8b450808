"""Draws a town plan as a consultant of a certain habit would hand it in, with its ground truth beside it."""

import logging
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import shapely

from quyhoach.demo.cad.attributes import Sheet, describe, silence
from quyhoach.demo.cad.defects import Planted, plant
from quyhoach.demo.cad.extras import Extras
from quyhoach.demo.cad.habit import Habit
from quyhoach.demo.cad.labels import draw_labels
from quyhoach.demo.cad.linework import draw_linework
from quyhoach.demo.cad.lots import draw_lots
from quyhoach.demo.cad.names import Look, Names, mapping, used
from quyhoach.demo.cad.pen import Pen
from quyhoach.demo.cad.placement import place
from quyhoach.demo.cad.sheet import Desk, draw_balance, draw_grid, draw_key, draw_legend, draw_lot_table, draw_title
from quyhoach.demo.cad.sheets import draw_frame, draw_other_sheets
from quyhoach.demo.cad.town import Town, build_town
from quyhoach.demo.cad.truth import Truth, write_facts, write_truth

_FONTS = {"UNI": "arial.ttf", "VNI": "VNI-Helve.ttf", "VN": ".VnArial.ttf", "VNH": ".VnArialH.ttf"}
_PLAIN_FONT = "romans.shx"
# The handles and times that ezdxf puts into a file are the only things that differ between two runs.
_FIXED = {"$TDCREATE": 2461000.5, "$TDUPDATE": 2461000.5, "$TDUCREATE": 2461000.5, "$TDUUPDATE": 2461000.5}


def draw_consultant_drawing(folder: Path, habit: Habit, *, seed: int, lots: int) -> Truth:
    """Write `drawing.dxf`, `mapping.toml`, `truth.gpkg` and `truth.json` into `folder`.

    `lots`: about how many; the truth says exactly. The same habit, seed and number give the same drawing."""
    rng = random.Random(f"{habit.name}/{seed}/{lots}")
    folder.mkdir(parents=True, exist_ok=True)
    town = build_town(rng, lots, detail=habit.detail, curved=habit.curved, ponds=True, arrays="arrays" in habit.extras)
    sheets = describe(rng, town, habit)
    planted = plant(rng, sheets, habit)
    silence(sheets, habit)
    doc = _new(habit.version)
    names = Names(habit)
    uses = used({sheet.use.key for sheet in sheets})
    _prepare(doc, habit, names, uses)
    boundary = town.boundary()
    west, south, east, north = boundary.bounds
    pen = Pen(doc.modelspace(), doc, habit, place(rng, habit, complex(west, south)))
    mm = town.scale / 1000 * pen.unit
    planted += _draw_map(rng, pen, names, town, sheets)
    extras = Extras(rng, pen, names, town, sheets, mm)
    extras.draw()
    balance, more, desk = _draw_sheet(rng, pen, names, town, sheets, mm)
    planted += extras.planted + more
    decoys = [*extras.decoys, *desk.decoys]
    if "sheets" in habit.extras:
        spots = pen.spots([complex(x, y) for x in (west, east) for y in (south, north)])
        away = (spots.real.max() - spots.real.min()) + 420 * mm
        decoys += draw_other_sheets(rng, pen, names, town, sheets, float(away), mm)
    _save(doc, folder / "drawing.dxf", habit)
    (folder / "mapping.toml").write_text(mapping(names, uses, extras.roles), encoding="utf-8")
    write_truth(folder, sheets, boundary, habit.town, extras.outside, decoys, by_label=habit.lots == "linework")
    write_facts(folder, _facts(habit, seed, town, sheets, pen, planted, balance))
    return Truth(folder, len(sheets), tuple(planted))


def _new(version: str) -> Any:
    """A new document; that R12 has no units, ezdxf need not say each time."""
    from ezdxf.filemanagement import new

    log = logging.getLogger("ezdxf")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        return new(version)
    finally:
        log.setLevel(level)


def _prepare(doc: Any, habit: Habit, names: Names, uses: Sequence[Any]) -> None:
    for name, font in _FONTS.items():
        doc.styles.add(name, font=_PLAIN_FONT if habit.letters == "plain" else font)
    for layer, aci in names.colours(uses).items():
        if layer not in doc.layers:
            doc.layers.add(layer, color=aci)
    if "hatch_layer" in habit.extras:
        doc.layers.add("TO MAU", color=9)
    if habit.version != "R12":
        doc.header["$INSUNITS"] = {"mm": 4, "mm_swap": 4, "cm": 5}.get(habit.frame, 6)
    if habit.version in ("R12", "R2000", "R2004"):
        doc.encoding = "cp1258" if habit.letters == "cp1258" else "cp1252"


def _draw_map(rng: random.Random, pen: Pen, names: Names, town: Town, sheets: Sequence[Sheet]) -> list[Planted]:
    planted: list[Planted] = []
    if pen.habit.lots != "linework":
        draw_lots(rng, pen, names, sheets)
    if pen.habit.lots.startswith("linework"):
        planted = draw_linework(rng, pen, names, town)
    pen.closed(town.outline, Look(names.layer("plan_boundary")))
    streets = town.boundary().difference(shapely.union_all([sheet.lot.shape for sheet in sheets], grid_size=0.001))
    draw_labels(rng, pen, names, sheets, streets)
    return planted


def _draw_sheet(rng: random.Random, pen: Pen, names: Names, town: Town, sheets: Sequence[Sheet], mm: float
                ) -> tuple[list[Planted], list[Planted], Desk]:  # fmt: skip
    """Legend, tables, title block on the right of the map, and the frame round it all."""
    boundary = town.boundary()
    draw_grid(pen, names, boundary, mm)
    spots = pen.spots([complex(x, y) for x, y in boundary.exterior.coords])
    west, east = float(spots.real.min()), float(spots.real.max())
    south, north = float(spots.imag.min()), float(spots.imag.max())
    desk = Desk(pen, names, complex(east + 50 * mm, north), mm)
    uses = used({sheet.use.key for sheet in sheets})
    draw_legend(desk, uses)
    draw_key(desk)
    balance: list[Planted] = []
    planted: list[Planted] = []
    if "balance" in pen.habit.extras:
        balance, planted = draw_balance(rng, desk, sheets, boundary.area)
    draw_title(desk, town.scale)
    if "lot_table" in pen.habit.extras:
        draw_lot_table(desk, sheets)
    low = complex(west - 50 * mm, min(south, desk.at.imag) - 45 * mm)
    high = complex(max(east + 230 * mm, desk.east + 20 * mm), north + 30 * mm)
    draw_frame(pen, names, low, high, "BẢN ĐỒ QUY HOẠCH SỬ DỤNG ĐẤT", mm)
    desk.decoy("sheet_frame", "", low, (high - low).real, (high - low).imag)
    return balance, planted, desk


def _save(doc: Any, path: Path, habit: Habit) -> None:
    for name, value in _FIXED.items():
        if name in doc.header:
            doc.header[name] = value
    doc.saveas(path, fmt="bin" if habit.binary else "asc")


def _facts(habit: Habit, seed: int, town: Town, sheets: Sequence[Sheet], pen: Pen, planted: Sequence[Planted],
           balance: Sequence[Planted]) -> dict[str, Any]:  # fmt: skip
    return {
        "id": habit.name, "set": "generated", "level": habit.level, "town": habit.town, "lots": len(sheets),
        "scale": town.scale, "frame": pen.placement.to_json(habit), "dxf_version": habit.version,
        "text_encoding": habit.letters, "codepage": getattr(pen.doc, "encoding", None),
        "options": asdict(habit) | {"seed": seed}, "defect_counts": dict(Counter(row["defect"] for row in planted)),
        "defects": list(planted), "balance": list(balance),
    }  # fmt: skip
