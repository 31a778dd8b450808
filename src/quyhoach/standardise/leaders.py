"""Lines that lead from a label to the lot it belongs to: which label at one end, which lot at the other."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.standardise.drawn_frame import DrawnFrame
from quyhoach.standardise.label_texts import Texts, is_code, label_around, turn_back
from quyhoach.standardise.work import Features, Geometries, Work

ARROWED = frozenset({"LEADER", "MULTILEADER"})  # drawn from the arrow's tip
_LINES = frozenset({"LINE", "LWPOLYLINE", "POLYLINE", *ARROWED})
_REACH = 2.5  # letter heights between a label and the end of its leader, at most
_CORNERS = 6  # of a leader drawn as a polyline, at most
_JOIN = 0.05  # letter heights: segments whose ends are nearer make one leader
_MOST = 20_000
_LINES_OF_ONE = 2  # plain lines that touch one label and may lead; more are a frame
_CANDIDATES = 8  # texts near an end that may be of the leader's label
_AGREES = 0.05  # share by which a written area may differ from its lot's
_FEW = 12  # texts of one label block, at most; an INSERT with more is a part of the map


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
    rows: list[_Line] = []
    seen = set(work.reading.taken)
    for group in groups:
        rows += _of_layer(group.geometry, group.handles, group.fields, _LINES, seen)
    for layer in work.layers:
        rows += _of_layer(layer.geometry, layer.ids, layer.fields, ARROWED, seen)
    rows = rows[:_MOST]
    if not rows:
        return []
    ends = _drawn_ends(rows, frame)
    leaders = []
    plain: list[tuple[int, npt.NDArray[np.float64]]] = []
    for at, (shape, entity, handle, insert) in enumerate(rows):
        tip, tail = (tuple(end) for end in ends[at].tolist())
        if entity in ARROWED:
            leaders.append(Leader(tip, tail, True, shape, handle.partition(".")[0]))
        elif insert is not None:
            leaders.append(Leader(tip, tail, False, shape, insert))
        else:
            plain.append((at, ends[at]))
    return leaders + _chains(plain, [row[0] for row in rows], _JOIN * size)


_Line = tuple[Any, str, str, str | None]  # shape, entity, handle, insert


def _of_layer(
    geometry: Geometries,
    handles: Sequence[str],
    fields: Mapping[str, Sequence[Any]],
    wanted: frozenset[str],
    seen: set[str],
) -> list[_Line]:
    """Simple open lines of the wanted kinds that were not seen before; their handles are, afterwards."""
    if "entity" not in fields or not wanted.intersection(fields["entity"]):
        return []
    entities = fields["entity"]
    lines = np.flatnonzero((shapely.get_type_id(geometry) == 1) & (shapely.get_num_coordinates(geometry) <= _CORNERS))
    found = []
    for row in lines.tolist():
        handle = handles[row]
        if entities[row] in wanted and handle not in seen and not shapely.is_closed(geometry[row]):
            seen.add(handle)
            found.append((geometry[row], str(entities[row]), handle, fields["insert"][row]))
    return found


def _drawn_ends(rows: Sequence[_Line], frame: DrawnFrame) -> npt.NDArray[np.float64]:
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


@dataclass(frozen=True, slots=True)
class Led:
    """A label that a leader ties to a lot: rows of the texts, the lot's number, the leader."""

    members: tuple[int, ...]
    lot: int
    leader: Leader


@dataclass(frozen=True, eq=False)
class Ground:
    """What leaders are judged by. `inside`: the lot of each text, -1 for none; `lot_at`: drawn points (n, 2) -> lots;
    `area_off`: by which share of a lot's area the area that texts say differs; infinite when they say none."""

    texts: Texts
    inside: npt.NDArray[np.intp]
    lot_at: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.intp]]
    area_off: Callable[[Sequence[int], int], float]


def follow_leaders(leaders: Sequence[Leader], ground: Ground) -> list[Led]:
    """The labels that leaders tie to lots. A LEADER says where its tip is, and often which text is its own; of a plain
    line the label's end is the one that makes more sense: the lot at the other end is bare, the lot that the label
    lies in has a label of its own, the written area is that of the lot pointed at, the text is close."""
    texts = ground.texts
    if not leaders or not len(texts):
        return []
    points = np.array([(leader.tip, leader.tail) for leader in leaders]).reshape(-1, 2)
    lots = ground.lot_at(points).reshape(-1, 2)
    coded = _codes_by_lot(ground)
    options = _options(leaders, lots, texts)
    lines = Counter(members for at, own in enumerate(options) if not leaders[at].arrowed for members, _, _ in set(own))
    found: list[tuple[float, Led]] = []
    for leader, own in zip(leaders, options, strict=True):
        judged = [
            (_sense(members, gap, lot, ground, coded), Led(members, lot, leader))
            for members, gap, lot in own
            if lot >= 0 and (leader.arrowed or lines[members] <= _LINES_OF_ONE)
        ]
        judged = [one for one in judged if np.isfinite(one[0])]
        if judged:
            found.append(max(judged, key=lambda one: one[0]))
    used: set[int] = set()
    chosen = []
    for _, led in sorted(found, key=lambda one: -one[0]):
        if not used.intersection(led.members):
            used.update(led.members)
            chosen.append(led)
    return chosen


def _options(
    leaders: Sequence[Leader], lots: npt.NDArray[np.intp], texts: Texts
) -> list[list[tuple[tuple[int, ...], float, int]]]:
    """Per leader, the labels that it may lead: texts, distance of its end in letter heights, lot at its other end."""
    corners = _corners(texts)
    owned = _owned(texts, corners)
    points = np.array([(leader.tip, leader.tail) for leader in leaders]).reshape(-1, 2)
    free = np.array([at for at, leader in enumerate(leaders) if leader.owner not in owned], dtype=np.intp)
    sought = np.column_stack([2 * free, 2 * free + 1]).ravel()
    near = {int(sought[at]): found for at, found in _nearest(points[sought], texts, corners).items()}
    made = []
    for at, leader in enumerate(leaders):
        options: list[tuple[tuple[int, ...], float, int]] = []
        own = owned.get(leader.owner) if leader.owner else None
        if own is not None and leader.arrowed:
            options.append((own.rows, 0.0, int(lots[at, 0])))
        elif own is not None:
            far, gap = _far_end(leader, own.box)
            if gap > _REACH * own.height:
                options.append((own.rows, 0.0, int(lots[at, far])))
        else:
            for label_end, lot_end in [(1, 0)] if leader.arrowed else [(1, 0), (0, 1)]:
                labels: dict[tuple[int, ...], float] = {}
                for seed, gap in near.get(2 * at + label_end, []):
                    if not any(seed in members for members in labels):
                        labels[label_around(texts, seed)] = gap
                options += [(members, gap, int(lots[at, lot_end])) for members, gap in labels.items()]
        twice = Counter(members for members, gap, _ in options if gap < 0.7)
        made.append([option for option in options if twice[option[0]] < 2])  # else a line under or beside one label
    return made


def _sense(members: Sequence[int], gap: float, lot: int, ground: Ground, coded: Mapping[int, set[int]]) -> float:
    """How much speaks for a label belonging to the lot at the other end; minus infinity when it is better at home."""
    mine = set(members)
    homes = {int(ground.inside[at]) for at in members}
    bare = not coded.get(lot, set()) - mine
    guest = homes == {-1} or any(coded.get(home, set()) - mine for home in homes if home >= 0)
    off = ground.area_off(members, lot)
    at_home = min((ground.area_off(members, home) for home in homes if home >= 0), default=np.inf)
    if homes != {-1} and lot not in homes:
        named = any(is_code(ground.texts.text[at].partition("\n")[0]) for at in members)
        if not named or (not guest and (at_home < off or not bare)):
            return float("-inf")
    agrees = 1.5 * (off <= _AGREES) + np.sign(at_home - off if np.isfinite(off) else 0.0)
    elsewhere = lot not in homes
    return float(2.0 * bare + 2.0 * guest + agrees + 1.0 * elsewhere - 0.3 * gap)


def _codes_by_lot(ground: Ground) -> dict[int, set[int]]:
    """Lot -> the texts in it that say a code, alone or in their first line."""
    found: dict[int, set[int]] = {}
    for at, lot in enumerate(ground.inside.tolist()):
        if lot >= 0 and is_code(ground.texts.text[at].partition("\n")[0]):
            found.setdefault(lot, set()).add(at)
    return found


@dataclass(frozen=True, slots=True)
class _Block:
    """The texts of one INSERT or leader: their rows, box as drawn, letter height."""

    rows: tuple[int, ...]
    box: tuple[float, float, float, float]
    height: float


def _owned(texts: Texts, corners: npt.NDArray[np.float64]) -> dict[str, _Block]:
    """Handle of an INSERT or a leader -> the few texts that belong to it."""
    found: dict[str, list[int]] = {}
    for at, insert in enumerate(texts.insert):
        if insert is not None:
            found.setdefault(insert, []).append(at)
    low, high = corners.min(axis=1).tolist(), corners.max(axis=1).tolist()
    height = texts.height.tolist()
    return {
        insert: _Block(
            tuple(rows),
            (
                min(low[row][0] for row in rows),
                min(low[row][1] for row in rows),
                max(high[row][0] for row in rows),
                max(high[row][1] for row in rows),
            ),
            max(height[row] for row in rows),
        )
        for insert, rows in found.items()
        if len(rows) <= _FEW
    }


def _far_end(leader: Leader, box: tuple[float, float, float, float]) -> tuple[int, float]:
    """Which end of a line (0 tip, 1 tail) is farther from a box, and how far."""
    gaps = [
        math.hypot(max(box[0] - x, 0.0, x - box[2]), max(box[1] - y, 0.0, y - box[3]))
        for x, y in (leader.tip, leader.tail)
    ]
    return (0, gaps[0]) if gaps[0] > gaps[1] else (1, gaps[1])


def _corners(texts: Texts) -> npt.NDArray[np.float64]:
    """The corners of all texts as drawn, (n, 4, 2)."""
    box = texts.box
    corners = np.stack([box[:, [0, 1]], box[:, [2, 1]], box[:, [2, 3]], box[:, [0, 3]]], axis=1).reshape(-1, 2)
    return turn_back(corners, np.repeat(-texts.rotation, 4)).reshape(-1, 4, 2)


def _nearest(
    points: npt.NDArray[np.float64], texts: Texts, corners: npt.NDArray[np.float64]
) -> dict[int, list[tuple[int, float]]]:
    """Point -> the nearest texts with their distances in letter heights, within reach, nearest first."""
    boxes = np.asarray(shapely.polygons(corners), dtype=object)
    spots = np.asarray(shapely.points(points), dtype=object)
    text, point = shapely.STRtree(spots).query(boxes, predicate="dwithin", distance=_REACH * texts.height)
    gaps = shapely.distance(spots[point], boxes[text]) / texts.height[text]
    found: dict[int, list[tuple[int, float]]] = {}
    for at in np.lexsort((text, gaps)).tolist():
        near = found.setdefault(int(point[at]), [])
        if len(near) < _CANDIDATES:
            near.append((int(text[at]), float(gaps[at])))
    return found
