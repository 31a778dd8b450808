"""Where what is read goes: columns per layer, and tallies of what is left out."""

from array import array
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.domain.source import DRAWING_FIELDS, LeftOut, SourceLayer
from quyhoach.ingest.cad.curves import Points
from quyhoach.ingest.cad.place import Look
from quyhoach.ingest.limits import Limits

# (text, runs, height, rotation, x, y, tag)
Wording = tuple[str, str, float, float, float, float, str | None]
_NO_WORDING = (None, None, None, None, None, None, None)
_FARTHEST = 1e14  # coordinates beyond are no places on Earth in any unit
_MAX_LINES = 2_000  # of `left_out`


@dataclass(slots=True)
class _Rows:
    """The entities of one layer. `sizes`: points of each, -1 where `shapes` has its geometry."""

    xy: "array[float]" = field(default_factory=lambda: array("d"))
    sizes: "array[int]" = field(default_factory=lambda: array("q"))
    shapes: list[Any] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    looks: list[tuple[Any, ...]] = field(default_factory=list)
    wordings: list[Wording | tuple[None, ...]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Tally:
    count: int = 0
    handle: str = ""
    bounds: tuple[float, float, float, float] | None = None


class Sink:
    """Takes entities one by one and gives layers and `LeftOut`s at the end."""

    def __init__(self, file: str, limits: Limits) -> None:
        self.file = file
        self.limits = limits
        self.visited = 0
        self._points = 0
        self._rows: dict[str, _Rows] = {}
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._looks: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def visit(self, count: int = 1) -> None:
        """Count entities looked at. IngestError beyond the limit: a block bomb, or too much for one drawing."""
        self.visited += count
        if self.visited > self.limits.entities:
            raise IngestError("ingest-drawing-entities", file=self.file, limit=self.limits.entities)

    def foresee(self, count: int) -> None:
        """Fail now if so many entities more would be too many."""
        if self.visited + count > self.limits.entities:
            raise IngestError("ingest-drawing-entities", file=self.file, limit=self.limits.entities)

    def line(self, look: Look, points: Points, *, closed: bool = False, elevation: bool = False) -> None:
        """A line; closed: its first point is repeated at its end. One without length is kept: a later phase says so."""
        if len(points) < 2:
            if not len(points):
                self.leave(look.hidden or ("empty", look.kind), look.id)
                return
            points = np.concatenate((points, points))
        if len(points) > self.limits.entity_points:
            self.leave(("limit", look.kind), look.id)
            return
        if look.hidden is not None:
            self.leave(look.hidden, look.id, points)
            return
        rows = self._start(look, closed, elevation, None)
        rows.xy.frombytes(np.ascontiguousarray(points, dtype=float).tobytes())
        rows.sizes.append(len(points))
        rows.wordings.append(_NO_WORDING)
        self._spend(len(points))

    def segment(self, look: Look, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A line of two points."""
        if look.hidden is not None:
            self.leave(look.hidden, look.id, np.array((start, end)))
        else:
            rows = self._start(look, False, False, None)
            rows.xy.extend((*start, *end))
            rows.sizes.append(2)
            rows.wordings.append(_NO_WORDING)
            self._spend(2)

    def spot(self, look: Look, place: tuple[float, float], wording: Wording | None = None) -> None:
        """A point, or a text by the middle of its letters."""
        if look.hidden is not None:
            self.leave(look.hidden, look.id, np.array((place,)))
            return
        rows = self._start(look, False, False, None)
        rows.xy.extend(place)
        rows.sizes.append(1)
        rows.wordings.append(_NO_WORDING if wording is None else wording)
        self._spend(1)

    def area(self, look: Look, shape: Any, *, pattern: str | None = None, warning: str = "") -> None:
        """A Polygon or MultiPolygon."""
        if look.hidden is not None:
            self.leave(look.hidden, look.id, shapely.get_coordinates(shape))
            return
        rows = self._start(look, False, False, pattern)
        rows.sizes.append(-1)
        rows.shapes.append(shape)
        rows.wordings.append(_NO_WORDING)
        if warning:
            rows.warnings.append(warning)
        self._spend(int(shapely.get_num_coordinates(shape)))

    def leave(self, why: tuple[str, str], handle: str = "", points: Points | None = None, count: int = 1) -> None:
        """Note what is not taken: `why` is a LeftOut's reason and name."""
        tally = self._tallies.get(why)
        if tally is None:
            if len(self._tallies) >= _MAX_LINES:
                why = (why[0], "…")
            tally = self._tallies.setdefault(why, _Tally(handle=handle))
        tally.count += count
        if points is not None and len(points):
            low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
            if all(abs(value) <= _FARTHEST for value in (*low, *high)):
                old = tally.bounds or (*low, *high)
                tally.bounds = (min(old[0], low[0]), min(old[1], low[1]), max(old[2], high[0]), max(old[3], high[1]))

    def _start(self, look: Look, closed: bool, elevation: bool, pattern: str | None) -> _Rows:
        rows = self._rows.get(look.layer)
        if rows is None:
            if len(self._rows) >= self.limits.drawing_layers:
                raise IngestError("ingest-drawing-layers", file=self.file, limit=self.limits.drawing_layers)
            rows = self._rows.setdefault(look.layer, _Rows())
        whole = (
            look.kind,
            closed,
            look.aci,
            look.rgb,
            look.linetype,
            look.spot.block,
            look.insert,
            elevation,
            pattern,
        )
        rows.ids.append(look.id)
        rows.looks.append(self._looks.setdefault(whole, whole))
        return rows

    def _spend(self, points: int) -> None:
        self._points += points
        if self._points > self.limits.drawing_points:
            raise IngestError("ingest-too-large", file=self.file)

    def layers(self) -> list[SourceLayer]:
        """The layers that hold something, in the order they were met."""
        result = []
        for name in list(self._rows):
            layer = self._build(name, self._rows.pop(name))
            if len(layer):
                result.append(layer)
        return result

    def left_out(self) -> tuple[LeftOut, ...]:
        """What was not taken, by reason and name."""
        return tuple(
            LeftOut(reason, what, tally.count, tally.handle, tally.bounds)
            for (reason, what), tally in sorted(self._tallies.items())
        )

    def _build(self, name: str, rows: _Rows) -> SourceLayer:
        sizes = np.frombuffer(rows.sizes, dtype=np.int64)
        xy = np.frombuffer(rows.xy, dtype=float).reshape(-1, 2)
        sound = self._sound(sizes, xy, rows)
        geometry = _shapes(sizes, xy, rows.shapes)
        if not sound.all():
            keep = np.flatnonzero(sound).tolist()
            geometry = geometry[keep]
            rows.ids = [rows.ids[place] for place in keep]
            rows.looks = [rows.looks[place] for place in keep]
            rows.wordings = [rows.wordings[place] for place in keep]
        columns = [list(column) for column in zip(*rows.looks, strict=True)] or [[] for _ in range(9)]
        columns += [list(column) for column in zip(*rows.wordings, strict=True)] or [[] for _ in range(7)]
        return SourceLayer(
            name=name,
            file=self.file,
            crs=None,
            geometry=geometry,
            ids=_unique(rows.ids),
            fields=dict(zip(DRAWING_FIELDS, columns, strict=True)),
            warnings=tuple(rows.warnings[:50]),
        )

    def _sound(self, sizes: npt.NDArray[np.int64], xy: npt.NDArray[np.float64], rows: _Rows) -> npt.NDArray[np.bool_]:
        """Which entities have finite coordinates of this Earth; the others are told of as broken."""
        sound = np.ones(len(sizes), dtype=bool)
        with np.errstate(invalid="ignore"):
            bad = ~(np.abs(xy) <= _FARTHEST).all(axis=1)
        if bad.any():
            owners = np.repeat(np.arange(len(sizes)), np.maximum(sizes, 0))
            sound[owners[bad]] = False
        for place in np.flatnonzero(~sound).tolist():
            self.leave(("broken", rows.looks[place][0]), rows.ids[place])
        return sound


def finite(points: Points) -> bool:
    """Whether all coordinates are numbers of this Earth."""
    with np.errstate(invalid="ignore"):
        return bool((np.abs(points) <= _FARTHEST).all())


def _shapes(sizes: npt.NDArray[np.int64], xy: npt.NDArray[np.float64], shapes: list[Any]) -> npt.NDArray[np.object_]:
    geometry = np.empty(len(sizes), dtype=object)
    starts = np.concatenate(([0], np.cumsum(np.maximum(sizes, 0))))[:-1]
    points = sizes == 1
    if points.any():
        geometry[points] = shapely.points(xy[starts[points]])
    lines = sizes > 1
    if lines.any():
        owners = np.repeat(np.arange(len(sizes)), np.maximum(sizes, 0))
        mine = lines[owners]
        numbers = np.cumsum(lines) - 1
        geometry[lines] = shapely.linestrings(xy[mine], indices=numbers[owners[mine]])
    geometry[sizes == -1] = shapes
    return geometry


def _unique(ids: list[str]) -> tuple[str, ...]:
    """Handles as ids; in a damaged file two entities may have one, which are then told apart by number."""
    if len(set(ids)) == len(ids):
        return tuple(ids)
    seen: dict[str, int] = {}
    result = []
    for handle in ids:
        number = seen[handle] = seen.get(handle, 0) + 1
        result.append(handle if number == 1 else f"{handle}~{number}")
    return tuple(result)
