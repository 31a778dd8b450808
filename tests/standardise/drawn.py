"""Drawings made by hand: a plan in true coordinates, drawn in any frame, with grid, note and texts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.frame import Frame
from quyhoach.domain.source import DRAWING_FIELDS, Drawing, SourceLayer

DRAWING = Drawing("AC1015", "utf-8", "", False, {})
MIDDLE = (430286.1, 2395843.3)  # Đồng Mỏ in EPSG:9215
NOTE = "Hệ tọa độ VN-2000, kinh tuyến trục 107°15', múi chiếu 3°"
MARKS = ("lines", "points", "polylines", "grid", "circles")


@dataclass
class Sheet:
    """What is drawn, by layer; places are drawn coordinates."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, layer: str, geometry: Any, entity: str = "LWPOLYLINE", **more: Any) -> None:
        self.rows.setdefault(layer, []).append({"geometry": geometry, "entity": entity, **more})

    def text(self, words: str, at: complex, height: float, layer: str = "chu", rotation: float = 0.0) -> None:
        along = np.exp(1j * np.radians(rotation)) * height
        middle = at + along * (0.4 * len(words) + 0.5j)
        more = {"text": words, "x": at.real, "y": at.imag, "height": height, "rotation": rotation}
        self.add(layer, shapely.Point(middle.real, middle.imag), "TEXT", **more)

    def layers(self) -> tuple[SourceLayer, ...]:
        made = []
        for name, rows in self.rows.items():
            geometry = np.empty(len(rows), dtype=object)
            geometry[:] = [row["geometry"] for row in rows]
            ids = tuple(f"{name}{number}" for number in range(len(rows)))
            fields: dict[str, Sequence[Any]] = {key: [row.get(key) for row in rows] for key in DRAWING_FIELDS}
            made.append(SourceLayer(name, "x.dxf", None, geometry, ids, fields))
        return tuple(made)


def line(*places: complex) -> Any:
    return shapely.LineString([(place.real, place.imag) for place in places])


def drawn(frame: Frame, true: complex) -> complex:
    x, y = frame.to_drawn(np.array([[true.real, true.imag]]))[0]
    return complex(x, y)


def plan(frame: Frame, middle: tuple[float, float] = MIDDLE, *, size: float = 2000.0, lots: int = 60) -> Sheet:
    """Lots (slanting five-cornered areas) spread over `size` metres about a true place, drawn in a frame."""
    sheet = Sheet()
    rng = np.random.default_rng(7)
    for _ in range(lots):
        corner = complex(*middle) + complex(*(rng.uniform(-size / 2, size / 2, 2)))
        ring = [corner, corner + 40 + 3j, corner + 55 + 30j, corner + 38 + 61j, corner - 4 + 55j]
        sheet.add("lo", line(*(drawn(frame, place) for place in [*ring, ring[0]])), closed=True)
    return sheet


def grid(
    sheet: Sheet,
    frame: Frame,
    middle: tuple[float, float] = MIDDLE,
    *,
    step: float = 500.0,
    count: int = 4,
    marks: str = "lines",
    words: tuple[str, str] = ("X={:.0f}", "Y={:.0f}"),
    per: float = 1.0,
    height: float = 8.0,
    rotation: float = 0.0,
    value_of: Any = None,
    missing: float = 0.0,
    astray: float = 0.0,
    seed: int = 0,
) -> None:
    """A grid of crosses with labels beside them. `height`, true metres; `per`: what the numbers are divided by;
    `value_of`: true place -> the number pair written, when it is not the place's own; `missing`: share of labels not
    written; `astray`: how far labels stray from their usual place, in heights."""
    rng = np.random.default_rng(seed)
    low = complex(*(np.floor(np.array(middle) / step) * step)) - complex(step, step)
    scale = abs(drawn(frame, complex(*middle) + 1) - drawn(frame, complex(*middle)))
    tall, along = height * scale, np.exp(1j * np.radians(rotation))
    for i in range(count):
        for j in range(count):
            true = low + complex(i * step, j * step)
            at = drawn(frame, true)
            arms = [drawn(frame, true + arm * 3 * height) for arm in (-1, 1, -1j, 1j)]
            if marks == "lines":
                sheet.add("luoi", line(arms[0], arms[1]), "LINE")
                sheet.add("luoi", line(arms[2], arms[3]), "LINE")
            elif marks == "polylines":
                sheet.add("luoi", line(arms[0], arms[1], at, arms[2], arms[3]))
            elif marks == "points":
                sheet.add("luoi", shapely.Point(at.real, at.imag), "POINT")
            elif marks == "circles":
                sheet.add("luoi", shapely.Point(at.real, at.imag).buffer(tall / 3).boundary, "CIRCLE", closed=True)
            value = true if value_of is None else value_of(true)
            if marks != "grid":
                for word, number, beside in ((words[0], value.imag, 1 + 0.7j), (words[1], value.real, 1 - 1.8j)):
                    off = beside + complex(*rng.normal(0, astray, 2))
                    if rng.random() >= missing:
                        sheet.text(word.format(number / per), at + along * tall * off, tall, "luoi", rotation)
    if marks == "grid":
        _edge_labels(sheet, frame, low, step, count, words, per, tall, along, rotation)


def _edge_labels(
    sheet: Sheet,
    frame: Frame,
    low: complex,
    step: float,
    count: int,
    words: tuple[str, str],
    per: float,
    tall: float,
    along: complex,
    rotation: float,
) -> None:
    """Lines across the whole map with the numbers at the map's edge."""
    reach = (count - 0.5) * step
    for k in range(count):
        for word, value, start, end in (
            (words[0], low.imag + k * step, low + 1j * k * step - step / 2, low + 1j * k * step + reach),
            (words[1], low.real + k * step, low + k * step - 0.5j * step, low + k * step + 1j * reach),
        ):
            sheet.add("luoi", line(drawn(frame, start), drawn(frame, end)), "LINE")
            for place in (start, end):
                sheet.text(word.format(value / per), drawn(frame, place) + along * tall * 0.4, tall, "luoi", rotation)
