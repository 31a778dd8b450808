"""A drawing's words and marks as they stand on the sheet: boxes in the drawn frame, level with its panels' text."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.source import SourceLayer
from quyhoach.standard import fold
from quyhoach.standardise.drawn_frame import DrawnFrame

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_LEVEL_DEG = 2.0  # texts turned by more than this against the panels are not theirs
_LINE_PITCH = 5 / 3  # of MTEXT: from one base line to the next, in letter heights (DXF reference, group code 44)
_LETTER = 0.8  # usual width of a letter in letter heights, where the reader's middle says nothing
_EDGE_VERTICES = 12  # lines with more corners are map content, not rules of a table
_SMALLEST = 1e-6  # drawn units: letters without a height
_TELLING = re.compile(r"[a-z]{3}|[a-z]{2} [a-z]{2}|1 ?[/:]")
_fold = lru_cache(maxsize=1 << 14)(fold)
_MARK_FIELDS = ("entity", "pattern", "aci", "rgb", "block")


@dataclass(frozen=True, eq=False)
class Words:
    """Texts level with the sheet, one entry per line of text; boxes are west, south, east, north as drawn."""

    text: tuple[str, ...]
    folded: tuple[str, ...]
    handle: tuple[str, ...]
    box: Floats  # (n, 4)
    height: Floats

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def telling(self) -> tuple[int, ...]:
        """Rows of the texts that can be headings, names or notes: with words, not only codes and figures."""
        return tuple(at for at, text in enumerate(self.folded) if _TELLING.search(text))

    @cached_property
    def middle(self) -> Floats:
        """Middles of the boxes, (n, 2)."""
        return (self.box[:, :2] + self.box[:, 2:]) / 2


@dataclass(frozen=True, eq=False)
class Marks:
    """Everything that is no text: `box` as drawn; `area` True for closed lines, hatches and solids."""

    handle: tuple[str, ...]
    layer: tuple[str, ...]
    entity: tuple[str, ...]
    pattern: tuple[str | None, ...]
    aci: tuple[int | None, ...]
    rgb: tuple[str | None, ...]
    block: tuple[str | None, ...]
    box: Floats
    area: Flags

    def __len__(self) -> int:
        return len(self.handle)

    def inside(self, region: Floats, margin: float) -> npt.NDArray[np.intp]:
        """Rows of the marks that lie wholly in the region, widened by `margin`."""
        west, south, east, north = region
        box = self.box
        fits = (box[:, 0] >= west - margin) & (box[:, 1] >= south - margin)
        return np.flatnonzero(fits & (box[:, 2] <= east + margin) & (box[:, 3] <= north + margin))


@dataclass(frozen=True, eq=False)
class Sheet:
    """Words and marks. `level`: horizontal edges of lines (y, west, east); `upright`: vertical (x, south, north)."""

    words: Words
    marks: Marks
    level: Floats
    upright: Floats


def lay_out(layers: tuple[SourceLayer, ...], frame: DrawnFrame, turn: float = 0.0) -> Sheet:
    """The sheet as drawn, turned back by `turn` degrees so that texts of that rotation are level.

    `layers` are those of a drawing; `frame` leads back from their geometry to what was drawn."""
    drawn = [layer for layer in layers if "entity" in layer.fields and len(layer)]
    parts: list[Words] = []
    columns: list[list[Any]] = [[] for _ in range(2 + len(_MARK_FIELDS))]
    shapes = []
    for layer in drawn:
        written = np.fromiter((bool(text) for text in layer.fields["text"]), bool, len(layer))
        there = ~(shapely.is_missing(layer.geometry) | shapely.is_empty(layer.geometry))
        if written.any():
            placed = [row for row in np.flatnonzero(written & there).tolist() if is_placed(layer.fields, row)]
            parts.append(_words(layer, np.array(placed, dtype=np.intp), frame, turn))
        rows = np.flatnonzero(~written & there)
        if len(rows):
            shapes.append(layer.geometry[rows])
            picked = rows.tolist()
            columns[0] += [layer.ids[row] for row in picked]
            columns[1] += [layer.name] * len(picked)
            for column, key in zip(columns[2:], _MARK_FIELDS, strict=True):
                values = layer.fields[key]
                column += [values[row] for row in picked]
    words = _joined(parts)
    geometry = np.concatenate(shapes) if shapes else np.empty(0, dtype=object)
    box, level, upright = _boxes_and_edges(geometry, frame, turn)
    marks = Marks(
        handle=tuple(columns[0]),
        layer=tuple(columns[1]),
        entity=tuple(str(name) for name in columns[2]),
        pattern=tuple(columns[3]),
        aci=tuple(columns[4]),
        rgb=tuple(columns[5]),
        block=tuple(columns[6]),
        box=box,
        area=(shapely.get_dimensions(geometry) == 2) | shapely.is_closed(geometry),
    )
    return Sheet(words, marks, level, upright)


def is_placed(fields: Mapping[str, Sequence[Any]], row: int) -> bool:
    """Whether a text's start and height are finite numbers."""
    x, y, height = fields["x"][row], fields["y"][row], fields["height"][row] or 0.0
    return x is not None and y is not None and math.isfinite(x) and math.isfinite(y) and math.isfinite(height)


def turned(points: Floats, degrees: float) -> Floats:
    """Points (n, 2) turned clockwise by `degrees` round the origin: text of that rotation becomes level."""
    if not degrees:
        return points
    angle = math.radians(-degrees)
    cos, sin = math.cos(angle), math.sin(angle)
    return np.column_stack([points[:, 0] * cos - points[:, 1] * sin, points[:, 0] * sin + points[:, 1] * cos])


def _words(layer: SourceLayer, rows: npt.NDArray[np.intp], frame: DrawnFrame, turn: float) -> Words:
    """The texts of a layer that stand level, lines of an MTEXT one by one."""
    fields = layer.fields
    rotation = np.array([float(fields["rotation"][row] or 0.0) for row in rows])
    rows = rows[np.abs((rotation - turn + 180.0) % 360.0 - 180.0) <= _LEVEL_DEG]
    picked = rows.tolist()
    height = np.maximum([float(fields["height"][row] or 0.0) for row in picked], _SMALLEST)
    start = np.array([(fields["x"][row], fields["y"][row]) for row in picked], dtype=float).reshape(-1, 2)
    middle = frame.to_drawn(_points(layer.geometry[rows]))
    start, middle = turned(start, turn), turned(middle, turn)
    pieces = [str(fields["text"][row]).split("\n") for row in picked]
    lines = [" ".join(line.split()) for piece in pieces for line in piece]
    count = np.fromiter(map(len, pieces), np.intp, len(pieces))
    owner = np.repeat(np.arange(len(pieces)), count)
    first = np.cumsum(count) - count
    number = np.arange(len(lines)) - first[owner]
    letters = np.maximum(np.fromiter(map(len, lines), float, len(lines)), 1e-9)
    longest = np.maximum.reduceat(letters, first) if len(lines) else letters
    usual = height * longest
    width = 2 * (middle[:, 0] - start[:, 0])
    width = np.where((width >= 0.2 * usual) & (width <= 2.5 * usual), width, _LETTER * usual)
    share = (width / longest)[owner] * letters
    base = start[owner, 1] - number * _LINE_PITCH * height[owner]
    west = start[owner, 0]
    box = np.column_stack([west, base, west + share, base + height[owner]])
    kept = np.flatnonzero(np.fromiter(map(bool, lines), bool, len(lines)))
    texts = tuple(lines[at] for at in kept.tolist())
    handles = tuple(layer.ids[picked[at]] for at in owner[kept].tolist())
    return Words(texts, tuple(map(_folded, texts)), handles, box[kept], height[owner][kept])


def _folded(text: str) -> str:
    return text.casefold() if text.isascii() else _fold(text)


def _points(geometry: npt.NDArray[np.object_]) -> Floats:
    points = geometry if (shapely.get_type_id(geometry) == 0).all() else shapely.centroid(geometry)
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _joined(parts: list[Words]) -> Words:
    return Words(
        text=tuple(text for part in parts for text in part.text),
        folded=tuple(text for part in parts for text in part.folded),
        handle=tuple(handle for part in parts for handle in part.handle),
        box=np.concatenate([np.empty((0, 4)), *(part.box for part in parts)]),
        height=np.concatenate([np.empty(0), *(part.height for part in parts)]),
    )


def _boxes_and_edges(
    geometry: npt.NDArray[np.object_], frame: DrawnFrame, turn: float
) -> tuple[Floats, Floats, Floats]:
    """Boxes of all shapes in the sheet's frame, and the level and upright edges of simple lines."""
    points, owner = shapely.get_coordinates(geometry, return_index=True)
    if not len(points):
        return np.empty((0, 4)), np.empty((0, 3)), np.empty((0, 3))
    points = turned(frame.to_drawn(points), turn)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    box = np.column_stack([np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)])
    simple = (shapely.get_dimensions(geometry) == 1) & (shapely.get_num_coordinates(geometry) <= _EDGE_VERTICES)
    first = np.flatnonzero((owner[1:] == owner[:-1]) & simple[owner[1:]])
    one, two = points[first], points[first + 1]
    length = np.abs(two - one)
    flat = (length[:, 1] <= 1e-3 * length[:, 0]) & (length[:, 0] > 0)
    steep = (length[:, 0] <= 1e-3 * length[:, 1]) & (length[:, 1] > 0)
    level = np.column_stack([one[flat, 1], np.minimum(one, two)[flat, 0], np.maximum(one, two)[flat, 0]])
    upright = np.column_stack([one[steep, 0], np.minimum(one, two)[steep, 1], np.maximum(one, two)[steep, 1]])
    return box, level, upright
