"""Lines that lead from a label to the lot it belongs to: which label at one end, which lot at the other."""

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
    `area_agrees`: whether texts, read as a label, say the area of a lot."""

    texts: Texts
    inside: npt.NDArray[np.intp]
    lot_at: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.intp]]
    area_agrees: Callable[[Sequence[int], int], bool]


def follow_leaders(leaders: Sequence[Leader], ground: Ground) -> list[Led]:
    """The labels that leaders tie to lots. A LEADER says where its tip is, and often which text is its own; of a plain
    line the label's end is the one that makes more sense: the lot at the other end is bare, the lot that the label
    lies in has a label of its own, the written area is that of the lot pointed at, the text is close."""
    texts = ground.texts
    if not leaders or not len(texts):
        return []
    points = np.array([(leader.tip, leader.tail) for leader in leaders]).reshape(-1, 2)
    lots = ground.lot_at(points).reshape(-1, 2)
    near = _nearest(points, texts)
    owned = _owned(texts)
    coded = _codes_by_lot(ground)
    found: list[tuple[float, Led]] = []
    for at, leader in enumerate(leaders):
        options = []
        own = owned.get(leader.owner) if leader.owner else None
        if own is not None and leader.arrowed:
            options.append((tuple(own), 0.0, int(lots[at, 0])))
        elif own is not None:
            far = max((leader.tip, leader.tail), key=lambda end: _gap(texts, own, end))
            if _gap(texts, own, far) > _REACH:
                options.append((tuple(own), 0.0, int(lots[at, 0 if far == leader.tip else 1])))
        else:
            ends = [(1, 0)] if leader.arrowed else [(1, 0), (0, 1)]
            for label_end, lot_end in ends:
                if 2 * at + label_end in near:
                    seed, gap = near[2 * at + label_end]
                    options.append((label_around(texts, seed), gap, int(lots[at, lot_end])))
        if len(options) == 2 and options[0][0] == options[1][0] and options[0][1] + options[1][1] < 1.4:
            continue  # a line under or beside one label
        judged = [
            (_sense(members, gap, lot, ground, coded), Led(members, lot, leader)) for members, gap, lot in options
        ]
        judged = [(sense, led) for sense, led in judged if led.lot >= 0]
        if judged:
            found.append(max(judged, key=lambda one: one[0]))
    used: set[int] = set()
    chosen = []
    for _, led in sorted(found, key=lambda one: -one[0]):
        if not used.intersection(led.members):
            used.update(led.members)
            chosen.append(led)
    return chosen


def _sense(members: Sequence[int], gap: float, lot: int, ground: Ground, coded: Mapping[int, set[int]]) -> float:
    if lot < 0:
        return -np.inf
    mine = set(members)
    homes = {int(ground.inside[at]) for at in members}
    bare = not coded.get(lot, set()) - mine
    guest = homes == {-1} or any(coded.get(home, set()) - mine for home in homes if home >= 0)
    agrees = ground.area_agrees(members, lot)
    elsewhere = lot not in homes
    return 2.0 * bare + 2.0 * guest + 1.5 * agrees + 1.0 * elsewhere - 0.3 * gap


def _codes_by_lot(ground: Ground) -> dict[int, set[int]]:
    """Lot -> the texts in it that say a code, alone or in their first line."""
    found: dict[int, set[int]] = {}
    for at, lot in enumerate(ground.inside.tolist()):
        if lot >= 0 and is_code(ground.texts.text[at].partition("\n")[0]):
            found.setdefault(lot, set()).add(at)
    return found


def _owned(texts: Texts) -> dict[str, list[int]]:
    """Handle of an INSERT or a leader -> the few texts that belong to it."""
    found: dict[str, list[int]] = {}
    for at, insert in enumerate(texts.insert):
        if insert is not None:
            found.setdefault(insert, []).append(at)
    return {insert: rows for insert, rows in found.items() if len(rows) <= _FEW}


def _gap(texts: Texts, rows: Sequence[int], end: tuple[float, float]) -> float:
    """From a drawn point to the nearest of the texts, in letter heights."""
    point = np.array([end])
    gaps = []
    for row in rows:
        x, y = turn_back(point, texts.rotation[[row]])[0]
        west, south, east, north = texts.box[row]
        away = np.hypot(max(west - x, 0.0, x - east), max(south - y, 0.0, y - north))
        gaps.append(float(away / texts.height[row]))
    return min(gaps)


def _nearest(points: npt.NDArray[np.float64], texts: Texts) -> dict[int, tuple[int, float]]:
    """Point -> (text, distance in letter heights), within reach."""
    box = texts.box
    corners = np.stack([box[:, [0, 1]], box[:, [2, 1]], box[:, [2, 3]], box[:, [0, 3]]], axis=1).reshape(-1, 2)
    drawn = turn_back(corners, np.repeat(-texts.rotation, 4)).reshape(-1, 4, 2)
    boxes = np.asarray(shapely.polygons(drawn), dtype=object)
    spots = np.asarray(shapely.points(points), dtype=object)
    tree = shapely.STRtree(spots)
    text, point = tree.query(boxes, predicate="dwithin", distance=_REACH * texts.height)
    gaps = shapely.distance(spots[point], boxes[text]) / texts.height[text]
    best: dict[int, tuple[int, float]] = {}
    for one, two, gap in zip(point.tolist(), text.tolist(), gaps.tolist(), strict=True):
        if one not in best or gap < best[one][1]:
            best[one] = two, gap
    return best
