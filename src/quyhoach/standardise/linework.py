"""Lines as draughtsmen leave them, made into faces: duplicates dropped, gaps closed, overshoots and dangles cut."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Geometries = npt.NDArray[np.object_]
Points = npt.NDArray[np.float64]

GAP_M = 0.5  # gaps up to this size are closed
OVERSHOOT_M = 0.8  # ends that stand out up to this length are cut
_GRID = 0.001  # metres: lines are noded on this grid
_ZERO_M = 0.0005
_ON_M = 0.01  # a point this near to a line lies on it


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of linework: `kind` is "duplicate", "zero-length", "gap", "overshoot" or "dangle"; `size` in metres;
    `row` of the line at fault, -1 where noding has cut it up."""

    kind: str
    size: float
    place: Any
    row: int = -1


@dataclass(frozen=True, eq=False)
class Faces:
    """Polygons that lines enclose, and what was wrong with the lines."""

    polygons: Geometries
    faults: tuple[Fault, ...] = field(default=())


def build_faces(lines: Geometries, checked: int | None = None, *, gap: float = GAP_M) -> Faces:
    """The faces of linework (LineStrings in metres).

    The first `checked` lines are looked at for faults; the others (outline, road edges) only help to close faces.
    Steps: lines without length and second copies are dropped; everything is noded on a 1 mm grid; free ends up to
    OVERSHOOT_M beyond a crossing are cut; free ends within `gap` of another end or line are joined to it; what still
    ends nowhere is a dangle. Never raises."""
    checked = len(lines) if checked is None else checked
    faults: list[Fault] = []
    lengths = shapely.length(lines)
    short = lengths < _ZERO_M
    for row in np.flatnonzero(short[:checked]).tolist():
        faults.append(
            Fault("zero-length", float(lengths[row]), shapely.Point(shapely.get_coordinates(lines[row])[0]), row)
        )
    keep, copies = _unique(lines, ~short, checked)
    faults += [Fault("duplicate", float(lengths[row]), lines[row], row) for row in copies]
    kept = lines[keep]
    if not len(kept):
        return Faces(np.empty(0, dtype=object), tuple(faults))
    faults += _hidden_ends(lines, np.flatnonzero(keep & (np.arange(len(lines)) < checked)), gap)
    own = shapely.STRtree(lines[:checked][keep[:checked]]) if keep[:checked].any() else None
    edges = _node(kept)
    edges, cut = _cut_overshoots(edges, own)
    faults += cut
    for _ in range(2):  # a bridge may make another free end's neighbour
        bridges, gaps = _bridge(edges, gap, own)
        faults += gaps
        if not len(bridges):
            break
        edges = _node(np.concatenate([edges, bridges]))
    faults += _dangles(edges, own)
    polygons = shapely.get_parts(shapely.polygonize(edges))
    return Faces(np.asarray(polygons, dtype=object), tuple(faults))


def _unique(lines: Geometries, use: npt.NDArray[np.bool_], checked: int) -> tuple[npt.NDArray[np.bool_], list[int]]:
    """Which lines to keep, and the rows under `checked` that repeat another one, be it a little shorter or longer."""
    keys = shapely.to_wkb(shapely.normalize(shapely.transform(lines, lambda points: np.round(points, 2))))
    seen: set[bytes] = set()
    keep = use.copy()
    copies = []
    for row in np.flatnonzero(use).tolist():
        if keys[row] in seen:
            keep[row] = False
            if row < checked:
                copies.append(row)
        seen.add(keys[row])
    for row in _nearly_same(lines, np.flatnonzero(keep), checked):
        keep[row] = False
        if row < checked:
            copies.append(row)
    return keep, copies


def _nearly_same(lines: Geometries, rows: npt.NDArray[np.int64], checked: int) -> list[int]:
    """Rows of lines that lie on a longer one whose ends are near theirs."""
    shapes = lines[rows]
    middles = shapely.line_interpolate_point(shapes, 0.5, normalized=True)
    first, second = shapely.STRtree(shapes).query(middles, predicate="dwithin", distance=_ON_M)
    lengths = shapely.length(shapes)
    shorter = (lengths[first] < lengths[second]) | ((lengths[first] == lengths[second]) & (first > second))
    shorter &= (rows[first] < checked) == (rows[second] < checked)
    shorter &= (first != second) & (lengths[first] > 3 * GAP_M) & (lengths[first] > 0.8 * lengths[second])
    first, second = first[shorter], second[shorter]
    starts, ends = (np.column_stack([shapely.get_x(at), shapely.get_y(at)]) for at in _end_points(shapes))
    along = np.maximum(_far(starts[first], starts[second]), _far(ends[first], ends[second]))
    against = np.maximum(_far(starts[first], ends[second]), _far(ends[first], starts[second]))
    near = np.minimum(along, against) <= OVERSHOOT_M
    tips = _end_points(shapes)
    for tip in tips:
        near &= shapely.distance(tip[first], shapes[second]) <= OVERSHOOT_M
    quarter = shapely.line_interpolate_point(shapes[first], 0.25, normalized=True)
    near &= shapely.distance(quarter, shapes[second]) <= 2 * _ON_M
    return sorted(set(rows[first[near]].tolist()))


def _end_points(shapes: Geometries) -> tuple[Geometries, Geometries]:
    return shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)


def _far(one: Points, other: Points) -> npt.NDArray[np.float64]:
    distance: npt.NDArray[np.float64] = np.hypot(*(one - other).T)
    return distance


def _hidden_ends(lines: Geometries, rows: npt.NDArray[np.int64], gap: float) -> list[Fault]:
    """Ends that miss the point where lines meet, but lie on another line, so that no free end shows them."""
    if not len(rows):
        return []
    shapes = lines[rows]
    tips = np.concatenate(_end_points(shapes))
    owner = np.concatenate([np.arange(len(rows))] * 2)
    points = np.column_stack([shapely.get_x(tips), shapely.get_y(tips)])
    _, number, counts = np.unique(np.round(points, 2), axis=0, return_inverse=True, return_counts=True)
    alone = np.flatnonzero(counts[number.reshape(-1)] == 1)
    end, line = shapely.STRtree(shapes).query(tips[alone], predicate="dwithin", distance=_ON_M)
    resting = np.unique(alone[end[owner[alone[end]] != line]])
    meeting = np.flatnonzero(counts[number.reshape(-1)] > 1)
    if not len(resting) or not len(meeting):
        return []
    at, near = shapely.STRtree(tips[meeting]).query_nearest(tips[resting], max_distance=OVERSHOOT_M, all_matches=False)
    faults = []
    for tip, goal in zip(resting[at].tolist(), meeting[near].tolist(), strict=True):
        size = float(_far(points[tip : tip + 1], points[goal : goal + 1])[0])
        beyond = float(shapely.distance(tips[goal], shapes[owner[tip]])) <= 2 * _ON_M
        if size > 2 * _ON_M and (beyond or size <= gap):
            kind = "overshoot" if beyond else "gap"
            place = shapely.LineString([points[tip], points[goal]])
            faults.append(Fault(kind, round(size, 4), place, int(rows[owner[tip]])))
    return faults


def _node(lines: Geometries) -> Geometries:
    """The lines cut at every meeting, each piece once."""
    union = shapely.union_all(lines, grid_size=_GRID)
    return np.asarray(shapely.get_parts(union), dtype=object)


def _ends(edges: Geometries) -> tuple[Points, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """End points of the edges: distinct points (n, 2), for each edge's start and end the number of its point (m, 2),
    and for each point how many edges end there."""
    coordinates, owners = shapely.get_coordinates(edges, return_index=True)
    first = np.searchsorted(owners, np.arange(len(edges)))
    last = np.searchsorted(owners, np.arange(len(edges)), side="right") - 1
    ends = np.round(np.concatenate([coordinates[first], coordinates[last]]), 4)
    points, inverse, counts = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    return points, inverse.reshape(2, -1).T.astype(np.int64), counts.astype(np.int64)


def _cut_overshoots(edges: Geometries, own: Any) -> tuple[Geometries, list[Fault]]:
    """Without the short edges that hang on a crossing and lead nowhere."""
    points, numbers, counts = _ends(edges)
    degree = counts[numbers]
    hanging = ((degree[:, 0] == 1) & (degree[:, 1] > 2)) | ((degree[:, 1] == 1) & (degree[:, 0] > 2))
    lengths = shapely.length(edges)
    over = hanging & (lengths <= OVERSHOOT_M)
    faults = []
    for row in np.flatnonzero(over & _belong(edges, own)).tolist():
        crossing = numbers[row][int(degree[row, 0] == 1)]
        faults.append(Fault("overshoot", float(lengths[row]), shapely.Point(points[crossing])))
    return edges[~over], faults


def _belong(edges: Geometries, own: Any) -> npt.NDArray[np.bool_]:
    """Which edges come from lines that are looked at."""
    found = np.zeros(len(edges), dtype=bool)
    if own is not None and len(edges):
        middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
        rows, _ = own.query(middles, predicate="dwithin", distance=0.01)
        found[rows] = True
    return found


def _free(edges: Geometries) -> tuple[Points, npt.NDArray[np.int64]]:
    """Free ends: their points and the edges that end there."""
    points, numbers, counts = _ends(edges)
    rows, sides = np.nonzero(counts[numbers] == 1)
    return points[numbers[rows, sides]], rows.astype(np.int64)


def _bridge(edges: Geometries, gap: float, own: Any) -> tuple[Geometries, list[Fault]]:
    """Short lines from free ends to the nearest other free end, else the nearest edge, within `gap`."""
    free, rows = _free(edges)
    if not len(free):
        return np.empty(0, dtype=object), []
    belong = _belong(edges, own)
    at = np.asarray(shapely.points(free), dtype=np.object_)
    targets = _targets(at, rows, edges, gap)
    bridges: list[Any] = []
    faults: list[Fault] = []
    done: set[int] = set()
    for away, first, second in _pairs(at, free, rows, shapely.length(edges), gap):
        # Two ends that both stop short of a third line belong to that line, not to each other.
        nearer = min(targets.get(first, (np.inf,))[0], targets.get(second, (np.inf,))[0]) < away - 1e-6
        if nearer or first in done or second in done:
            continue
        done |= {first, second}
        bridges.append(shapely.LineString([free[first], free[second]]))
        if belong[rows[first]] or belong[rows[second]]:
            faults.append(_gap(bridges[-1]))
    for number, (_, edge) in sorted(targets.items()):
        if number in done:
            continue
        along = shapely.line_locate_point(edges[edge], at[number])
        target = shapely.line_interpolate_point(edges[edge], along)
        bridges.append(shapely.LineString([free[number], (target.x, target.y)]))
        if belong[rows[number]]:
            faults.append(_gap(bridges[-1]))
    made = np.empty(len(bridges), dtype=object)
    made[:] = bridges
    return made, faults


def _gap(bridge: Any) -> Fault:
    return Fault("gap", round(float(bridge.length), 4), bridge)


def _pairs(
    at: Geometries, free: Points, rows: npt.NDArray[np.int64], lengths: npt.NDArray[np.float64], gap: float
) -> list[tuple[float, int, int]]:
    """Free ends that lie within `gap` of each other, nearest first."""
    first, second = shapely.STRtree(at).query(at, predicate="dwithin", distance=gap)
    once = first < second
    first, second = first[once], second[once]
    # Both ends of one short edge are no gap.
    other = (rows[first] != rows[second]) | (lengths[rows[first]] > 3 * gap)
    first, second = first[other], second[other]
    distance = np.hypot(*(free[first] - free[second]).T)
    return sorted(zip(distance.tolist(), first.tolist(), second.tolist(), strict=True))


def _targets(
    at: Geometries, rows: npt.NDArray[np.int64], edges: Geometries, gap: float
) -> dict[int, tuple[float, int]]:
    """For free ends the nearest other edge within `gap`: its distance and number."""
    ends, found = shapely.STRtree(edges).query(at, predicate="dwithin", distance=gap)
    other = rows[ends] != found
    ends, found = ends[other], found[other]
    distance = shapely.distance(at[ends], edges[found])
    nearest: dict[int, tuple[float, int]] = {}
    for number, edge, away in zip(ends.tolist(), found.tolist(), distance.tolist(), strict=True):
        nearest[number] = min(nearest.get(number, (np.inf, -1)), (away, edge))
    return nearest


def _dangles(edges: Geometries, own: Any) -> list[Fault]:
    """Edges that end nowhere."""
    _, rows = _free(edges)
    unique = np.unique(rows)
    mine = unique[_belong(edges[unique], own)] if len(unique) else unique
    return [Fault("dangle", round(float(edges[row].length), 3), edges[row]) for row in mine.tolist()]


def stack(shapes: Sequence[Any]) -> Geometries:
    """Shapes as an array of objects."""
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made
