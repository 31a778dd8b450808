"""The demo's papers: a page for each decision, and a scanned sheet of a plan that nobody has digitised.

Drawn with typst and the fonts it carries (Libertinus Serif covers Vietnamese), so that every machine makes the same
bytes. typst is imported inside the functions: a serving process never needs it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.sheet import PlanLot
from quyhoach.standard import load_standard

STAMP = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())

DECISION = """
#let facts = json(bytes(sys.inputs.facts))
#let item = if facts.proposal [Mục] else [Điều]
#set document(title: facts.title, author: "quyhoach demo")
#set page(paper: "a4", margin: (left: 30mm, right: 18mm, top: 22mm, bottom: 20mm),
  background: rotate(-38deg, text(58pt, fill: rgb("#c8102e").transparentize(86%), weight: "bold")[DỮ LIỆU MINH HOẠ]))
#set text(font: "Libertinus Serif", size: 12.5pt, lang: "vi", hyphenate: false)
#set par(justify: true, first-line-indent: (amount: 10mm, all: true), leading: 0.72em, spacing: 0.95em)
#align(center, block(fill: rgb("#fde8e8"), stroke: 0.6pt + rgb("#c8102e"), inset: 6pt, radius: 2pt, width: 100%)[
  #text(fill: rgb("#a00d24"), weight: "bold")[DỮ LIỆU MINH HOẠ – không phải văn bản của cơ quan nhà nước]
])
#v(4mm)
#grid(columns: (5fr, 6fr), align: center, row-gutter: 6pt,
  text(size: 12pt)[#upper(facts.authority)],
  text(size: 12pt, weight: "bold")[CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM],
  line(length: 22mm, stroke: 0.5pt),
  text(size: 12.5pt, weight: "bold")[Độc lập – Tự do – Hạnh phúc],
  text[Số: #facts.number],
  text(style: "italic")[Lạng Sơn, ngày #facts.day tháng #facts.month năm #facts.year],
)
#v(7mm)
#align(center)[
  #text(size: 14pt, weight: "bold")[#facts.heading] \\
  #text(weight: "bold")[Về việc #facts.about]
]
#v(5mm)
#if facts.real [
  Số và ngày của quyết định này là thật (#facts.source). Nội dung dưới đây do chương trình viết ra để minh hoạ; đây
  không phải bản sao quyết định.
] else [
  Số, ngày và nội dung của văn bản này đều là *số minh hoạ*, không có thật.
]

*#item 1.* #facts.what

*#item 2.* Phạm vi: #facts.place. Diện tích lập quy hoạch: #facts.area ha. Tỷ lệ bản vẽ: #facts.scale. Hệ tọa độ
VN-2000,
kinh tuyến trục 107°15′, múi chiếu 3°.

*#item 3.* Các chỉ tiêu sử dụng đất ghi trong bảng cân bằng đất đai và bản đồ quy hoạch sử dụng đất kèm theo (dữ liệu
minh hoạ).

#if facts.proposal [
  *#item 4.* Đồ án chưa được phê duyệt; dự kiến áp dụng từ ngày #facts.from.
] else [
  *#item 4.* Quyết định có hiệu lực từ ngày #facts.from.
]
#v(8mm)
#grid(columns: (1fr, 1fr), align: (left, center),
  text(size: 10.5pt)[*_Nơi nhận:_* \\ – Như #item 3; \\ – Lưu: VT, HỒ SƠ MINH HOẠ.],
  [*(bản minh hoạ, không ký, không đóng dấu)*],
)
"""

SHEET = """
#let facts = json(bytes(sys.inputs.facts))
#set page(width: 420mm, height: 297mm, margin: 0mm, fill: rgb("#eadfbf"))
#set text(font: "Libertinus Serif", lang: "vi", fill: rgb("#2a2620"))
#place(top + left, rect(width: 100%, height: 100%, fill: gradient.radial(
  (rgb("#f4ecd2"), 0%), (rgb("#efe4c4"), 62%), (rgb("#cdbb8c"), 100%), radius: 74%)))
#for stain in facts.stains {
  place(top + left, dx: stain.x * 1mm, dy: stain.y * 1mm, ellipse(width: stain.w * 1mm, height: stain.h * 1mm,
    fill: rgb("#a98a4a").transparentize(stain.t * 1%)))
}
#for fold in (105mm, 210mm, 315mm) {
  place(top + left, dx: fold, line(angle: 90deg, length: 297mm, stroke: 0.5pt + rgb("#9b8858").transparentize(45%)))
}
#place(top + left, dy: 148.5mm, line(length: 420mm, stroke: 0.5pt + rgb("#9b8858").transparentize(45%)))
#place(top + left, rotate(facts.turn * 1deg, origin: center, reflow: false, block(width: 420mm, height: 297mm, {
  place(top + left, dx: 12mm, dy: 10mm, rect(width: 396mm, height: 277mm, stroke: 1.4pt + rgb("#3a342a")))
  place(top + left, dx: 15mm, dy: 13mm, rect(width: 390mm, height: 271mm, stroke: 0.4pt + rgb("#3a342a")))
  for lot in facts.lots {
    place(top + left, polygon(fill: rgb(lot.c).transparentize(28%), stroke: 0.35pt + rgb("#4a4236"),
      ..lot.p.map(q => (q.at(0) * 1mm, q.at(1) * 1mm))))
  }
  for edge in facts.edges {
    place(top + left, polygon(stroke: (paint: rgb("#9c2f22"), thickness: 1.3pt, dash: "dash-dotted"),
      ..edge.map(q => (q.at(0) * 1mm, q.at(1) * 1mm))))
  }
  for label in facts.labels {
    place(top + left, dx: label.x * 1mm - 10mm, dy: label.y * 1mm - 2mm,
      box(width: 20mm, align(center, text(size: label.s * 1pt)[#label.l])))
  }
  for mark in facts.crosses {
    place(top + left, dx: mark.x * 1mm - 2mm, dy: mark.y * 1mm, line(length: 4mm, stroke: 0.4pt))
    place(top + left, dx: mark.x * 1mm, dy: mark.y * 1mm - 2mm, line(angle: 90deg, length: 4mm, stroke: 0.4pt))
    place(top + left, dx: mark.x * 1mm + 1mm, dy: mark.y * 1mm + 0.6mm, text(size: 5pt)[#mark.l])
  }
  place(top + left, dx: 15mm, dy: 15.5mm, block(width: 390mm, align(center)[
    #text(size: 17pt, weight: "bold")[#facts.title] \\
    #text(size: 12pt)[BẢN ĐỒ QUY HOẠCH TỔNG MẶT BẰNG SỬ DỤNG ĐẤT – TỶ LỆ 1/500 (quét từ bản giấy, thu nhỏ)]
  ]))
  place(top + left, dx: 20mm, dy: 196mm, block(width: 74mm, stroke: 0.8pt, inset: 3mm, fill: rgb("#efe4c4"))[
    #text(size: 10pt, weight: "bold")[KÝ HIỆU]
    #v(1mm)
    #for row in facts.legend {
      grid(columns: (9mm, 1fr, auto), column-gutter: 2mm, align: horizon,
        rect(width: 8mm, height: 4mm, fill: rgb(row.c).transparentize(28%), stroke: 0.3pt), text(size: 7.5pt)[#row.n],
        text(size: 7.5pt)[#row.a m²])
    }
  ])
  place(top + left, dx: 378mm, dy: 36mm, block(width: 16mm, align(center)[
    #text(size: 12pt, weight: "bold")[B] \\
    #polygon(fill: rgb("#3a342a"), (4mm, 0mm), (8mm, 14mm), (4mm, 11mm), (0mm, 14mm))
  ]))
  place(top + left, dx: 326mm, dy: 244mm, block(width: 78mm, height: 39mm, stroke: 0.8pt, inset: 3mm,
    fill: rgb("#efe4c4"))[
    #text(size: 9pt)[#strong(facts.authority) \\ Kèm theo Quyết định số #facts.number \\ ngày #facts.date]
    #v(1mm)
    #text(size: 8pt, style: "italic")[Bản quét minh hoạ, không phải hồ sơ thật]
  ])
  place(top + left, dx: 352mm, dy: 226mm, circle(radius: 13mm, stroke: 1.6pt + rgb("#b3202c").transparentize(25%),
    align(center + horizon, text(size: 7pt, fill: rgb("#b3202c").transparentize(20%), weight: "bold")[
      MINH HOẠ \\ KHÔNG CÓ \\ GIÁ TRỊ])))
})))
#place(center + horizon, rotate(-28deg,
  text(70pt, fill: rgb("#b3202c").transparentize(90%), weight: "bold")[DỮ LIỆU MINH HOẠ]))
"""


@dataclass(frozen=True, slots=True)
class DecisionPaper:
    """What the page of a decision says. `real`: number and date are a real decision's, with `source`."""

    number: str
    on: date
    authority: str
    about: str
    place: str
    area_ha: float
    scale: int
    valid_from: date
    real: bool = False
    source: str = ""


class Press:
    """Makes the papers; keeps the fonts loaded between them."""

    def __init__(self) -> None:
        import typst

        self._fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
        self._typst = typst

    def decision(self, paper: DecisionPaper) -> bytes:
        """The page as PDF; the same paper gives the same bytes."""
        proposal = "/TTr-" in paper.number
        about = paper.about[0].lower() + paper.about[1:]
        facts: dict[str, object] = {
            "title": f"{'Tờ trình' if proposal else 'Quyết định'} {paper.number} (dữ liệu minh hoạ)",
            "heading": "TỜ TRÌNH" if proposal else "QUYẾT ĐỊNH",
            "proposal": proposal,
            "number": paper.number,
            "authority": paper.authority,
            "about": about,
            "day": f"{paper.on.day:02d}",
            "month": f"{paper.on.month}" if paper.on.month > 2 else f"{paper.on.month:02d}",
            "year": str(paper.on.year),
            "what": paper.about[0].upper() + paper.about[1:] + ".",
            "place": paper.place,
            "area": f"{paper.area_ha:,.1f}".replace(",", " ").replace(".", ",").replace(" ", "."),
            "scale": f"1/{paper.scale:,}".replace(",", "."),
            "from": paper.valid_from.strftime("%d/%m/%Y"),
            "real": paper.real,
            "source": paper.source,
        }
        return self._compile(DECISION, facts, "pdf")

    def sheet(self, facts: dict[str, object]) -> bytes:
        """A drawing sheet as a PNG of about 90 dots per inch."""
        return self._compile(SHEET, facts, "png")

    def _compile(self, source: str, facts: dict[str, object], kind: Literal["pdf", "png"]) -> bytes:
        compiler = self._typst.Compiler(
            source.encode(),
            font_paths=self._fonts,
            ignore_system_fonts=True,
            sys_inputs={"facts": json.dumps(facts, ensure_ascii=False, sort_keys=True)},
        )
        made = compiler.compile(format=kind, ppi=90.0, timestamp=STAMP)
        page = made[0] if isinstance(made, list) else made
        assert page is not None  # only so when an output file was named
        return page


@dataclass(frozen=True, slots=True)
class ScanFrame:
    """How a sheet of 420 × 297 mm lies on the ground: E, N of its middle, metres per mm, degrees it was turned on the
    scanner (clockwise)."""

    middle: tuple[float, float]
    metres_per_mm: float
    turn: float

    def to_sheet(self, coordinates: np.ndarray) -> np.ndarray:
        """Millimetres from the sheet's upper left corner, before the scanner turned it."""
        moved = (coordinates - np.asarray(self.middle)) / self.metres_per_mm
        return np.column_stack([210.0 + moved[:, 0], 148.5 - moved[:, 1]])

    def corners(self) -> tuple[tuple[float, float], ...]:
        """E, N of the picture's corners NW, NE, SE, SW: the sheet was turned, so the picture lies turned back."""
        angle = np.radians(self.turn)
        result = []
        for x, y in ((0.0, 0.0), (420.0, 0.0), (420.0, 297.0), (0.0, 297.0)):
            dx, dy = x - 210.0, y - 148.5
            back_x = dx * np.cos(angle) + dy * np.sin(angle)
            back_y = -dx * np.sin(angle) + dy * np.cos(angle)
            east = self.middle[0] + back_x * self.metres_per_mm
            north = self.middle[1] - back_y * self.metres_per_mm
            result.append((round(float(east), 3), round(float(north), 3)))
        return tuple(result)


def scan_facts(
    lots: Sequence[PlanLot], outline: BaseGeometry, frame: ScanFrame, texts: dict[str, str], rng: Random
) -> dict[str, object]:
    """The numbers that the sheet's drawing needs, in millimetres on the sheet."""
    from quyhoach.demo.sheet import code_of

    standard = load_standard()
    shapes, labels = [], []
    for lot in lots:
        colour = standard.land_use[code_of(lot, 500).casefold()].map_colour
        for part in shapely.get_parts(lot.shape):
            shapes.append({"c": colour, "p": _ring(part.exterior, frame)})
        if lot.shape.area > 400 and lot.use != "road":
            x, y = frame.to_sheet(shapely.get_coordinates(shapely.point_on_surface(lot.shape)))[0]
            labels.append({"x": round(x, 2), "y": round(y, 2), "s": 7, "l": lot.label})
    west, south, east, north = outline.bounds
    crosses = []
    for e in range(int(west // 100) * 100, int(east) + 100, 100):
        for n in range(int(south // 100) * 100, int(north) + 100, 100):
            x, y = frame.to_sheet(np.array([[float(e), float(n)]]))[0]
            if 20 < x < 400 and 32 < y < 280:
                crosses.append({"x": round(x, 2), "y": round(y, 2), "l": f"{n} {e}"})
    stains = [
        {
            "x": rng.randint(-20, 400),
            "y": rng.randint(-20, 280),
            "w": rng.randint(8, 46),
            "h": rng.randint(8, 40),
            "t": rng.randint(94, 98),
        }
        for _ in range(14)
    ]
    areas: dict[str, float] = {}
    for lot in lots:
        code = code_of(lot, 500).casefold()
        areas[code] = areas.get(code, 0.0) + lot.shape.area
    legend = [
        {
            "c": standard.land_use[code].map_colour,
            "n": standard.land_use[code].name["vi"],
            "a": f"{area:,.0f}".replace(",", "."),
        }
        for code, area in sorted(areas.items(), key=lambda item: standard.land_use[item[0]].order)
    ]
    edges = [_ring(part.exterior, frame) for part in shapely.get_parts(outline)]
    return {
        "lots": shapes,
        "labels": labels,
        "crosses": crosses,
        "stains": stains,
        "edges": edges,
        "legend": legend,
        "turn": frame.turn,
        **texts,
    }


def _ring(ring: BaseGeometry, frame: ScanFrame) -> list[list[float]]:
    places = frame.to_sheet(shapely.get_coordinates(ring)[:-1])
    return [[round(float(x), 2), round(float(y), 2)] for x, y in places]
