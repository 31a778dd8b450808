"""Lines that lead from a label to the lot it belongs to: which label at one end, which lot at the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.standardise.drawn_frame import DrawnFrame
from quyhoach.standardise.label_texts import Texts
from quyhoach.standardise.work import Features, Geometries, Work

ARROWED = frozenset({"LEADER", "MULTILEADER"})  # drawn from the arrow's tip
_LINES = frozenset({"LINE", "LWPOLYLINE", "POLYLINE", *ARROWED})
_REACH = 2.5  # letter heights between a label and the end of its leader, at most
_CORNERS = 6  # of a leader drawn as a polyline, at most
_JOIN = 0.05  # letter heights: segments whose ends are nearer make one leader
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Leader:
    """A line that may lead: its two ends as drawn; `tip` first where the entity says which (`arrowed`)."""

    tip: tuple[float, float]
    tail: tuple[float, float]
    arrowed: bool
    shape: Any  # in the true frame
    owner: str  # handle that its text bears as `insert`, or ""


def find_leaders(work: Work, groups: Sequence[Features], frame: DrawnFrame, size: float) -> list[Leader]:
    """Open lines on label layers, and LEADERs of any layer; touching segments joined. `size`: usual letter height."""
    rows: list[tuple[Any, str, str]] = []
    seen: set[str] = set()
    for group in groups:
        rows += _of_layer(group.geometry, group.handles, group.fields.get("entity"), _LINES, work, seen)
    for layer in work.layers:
        rows += _of_layer(layer.geometry, layer.ids, layer.fields.get("entity"), ARROWED, work, seen)
    rows = rows[:_MOST]
    if not rows:
        return []
    ends = _drawn_ends(rows, frame)
    leaders = []
    plain: list[tuple[int, npt.NDArray[np.float64]]] = []
    for at, (shape, entity, handle) in enumerate(rows):
        if entity in ARROWED:
            tip, tail = (tuple(end) for end in ends[at].tolist())
            leaders.append(Leader(tip, tail, True, shape, handle.partition(".")[0]))
        else:
            plain.append((at, ends[at]))
    return leaders + _chains(plain, [row[0] for row in rows], _JOIN * size)


def _of_layer(
    geometry: Geometries, handles: Sequence[str], entities: Any, wanted: frozenset[str], work: Work, seen: set[str]
) -> list[tuple[Any, str, str]]:
    if entities is None:
        return []
    lines = np.flatnonzero((shapely.get_type_id(geometry) == 1) & (shapely.get_num_coordinates(geometry) <= _CORNERS))
    found = []
    for row in lines.tolist():
        handle = handles[row]
        known = handle in seen or handle in work.reading.taken
        if entities[row] in wanted and not known and not shapely.is_closed(geometry[row]):
            seen.add(handle)
            found.append((geometry[row], str(entities[row]), handle))
    return found


def _drawn_ends(rows: Sequence[tuple[Any, str, str]], frame: DrawnFrame) -> npt.NDArray[np.float64]:
    """First and last point of each line as drawn, (n, 2, 2)."""
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [row[0] for row in rows]
    first, last = shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)
    points = np.concatenate([shapely.get_coordinates(first), shapely.get_coordinates(last)])
    drawn = frame.to_drawn(points)
    return np.stack([drawn[: len(rows)], drawn[len(rows) :]], axis=1)


def _chains(plain: Sequence[tuple[int, npt.NDArray[np.float64]]], shapes: Sequence[Any], join: float) -> list[Leader]:
    """Plain lines as leaders; two that meet end to end, and nothing else there, are one."""
    nodes: dict[tuple[int, int], list[int]] = {}
    cell = max(join, 1e-9)

    def key(point: npt.NDArray[np.float64]) -> tuple[int, int]:
        return round(float(point[0]) / cell), round(float(point[1]) / cell)

    for number, (_, ends) in enumerate(plain):
        for end in ends:
            nodes.setdefault(key(end), []).append(number)
    used: set[int] = set()
    leaders = []
    for number in range(len(plain)):
        if number in used:
            continue
        used.add(number)
        line = [plain[number][0]]
        tips = [plain[number][1][0], plain[number][1][1]]
        for side in (0, 1):
            while len(line) < _CORNERS:
                others = [other for other in nodes[key(tips[side])] if other not in used]
                if len(others) != 1 or len(nodes[key(tips[side])]) != 2:
                    break
                used.add(others[0])
                line.append(plain[others[0]][0])
                one, two = plain[others[0]][1]
                tips[side] = two if key(one) == key(tips[side]) else one
        shape = shapes[line[0]] if len(line) == 1 else shapely.multilinestrings([shapes[at] for at in line])
        leaders.append(Leader(tuple(tips[0].tolist()), tuple(tips[1].tolist()), False, shape, ""))
    return leaders


def lots_by_leader(
    leaders: Sequence[Leader],
    boxes: Geometries,
    heights: npt.NDArray[np.float64],
    owners: dict[str, int],
    lot_at: Any,
) -> dict[int, tuple[int, Leader]]:
    """Stack -> (lot, leader) for stacks that a leader ties to a lot.

    `boxes`, `heights`: of the stacks, as drawn; `owners`: handle of a leader -> the stack that names it; `lot_at`:
    drawn points (n, 2) -> lots, -1 for none. The end nearer to a label is the label's, where no arrow says so."""
    if not leaders or not len(boxes):
        return {}
    points = np.array([(leader.tip, leader.tail) for leader in leaders]).reshape(-1, 2)
    lots = lot_at(points).reshape(-1, 2)
    near = _nearest(points, boxes, heights)
    found: dict[int, tuple[int, Leader, float]] = {}
    for at, leader in enumerate(leaders):
        tip, tail = near.get(2 * at), near.get(2 * at + 1)
        if leader.owner in owners:
            stack, gap, lot = owners[leader.owner], 0.0, int(lots[at, 0])
        elif leader.arrowed and tail is not None:
            (stack, gap), lot = tail, int(lots[at, 0])
        elif leader.arrowed or (tip is None and tail is None):
            continue
        elif tip is not None and tail is not None and tip[0] == tail[0] and max(tip[1], tail[1]) < 0.7:
            continue  # a line under or beside one label
        elif tail is not None and (tip is None or tail[1] <= tip[1]):
            (stack, gap), lot = tail, int(lots[at, 0])
        elif tip is not None:
            (stack, gap), lot = tip, int(lots[at, 1])
        else:
            continue
        if lot >= 0 and (stack not in found or gap < found[stack][2]):
            found[stack] = lot, leader, gap
    return {stack: (lot, leader) for stack, (lot, leader, _) in found.items()}


def _nearest(
    points: npt.NDArray[np.float64], boxes: Geometries, heights: npt.NDArray[np.float64]
) -> dict[int, tuple[int, float]]:
    """Point -> (stack, distance in letter heights), within reach."""
    tree = shapely.STRtree(boxes)
    spots = np.asarray(shapely.points(points), dtype=object)
    one, two = tree.query(spots, predicate="dwithin", distance=_REACH * float(heights.max()))
    gap = shapely.distance(spots[one], boxes[two]) / heights[two]
    best: dict[int, tuple[int, float]] = {}
    for point, stack, far in zip(one.tolist(), two.tolist(), gap.tolist(), strict=True):
        if far <= _REACH and (point not in best or far < best[point][1]):
            best[point] = stack, far
    return best


def owner_stacks(texts: Texts, stacks: Sequence[Sequence[int]], leaders: Sequence[Leader]) -> dict[str, int]:
    """Handle of a leader -> the stack whose text is tied to it by the drawing itself."""
    owned = {leader.owner for leader in leaders if leader.owner}
    if not owned:
        return {}
    return {
        str(texts.insert[at]): number
        for number, stack in enumerate(stacks)
        for at in stack
        if texts.insert[at] in owned
    }
