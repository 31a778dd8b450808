"""Which lot of one version became which of another, and what changed in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from quyhoach.domain.zone import Zone
from quyhoach.release.shapes import polygonal

LEAST_M2 = 1.0  # a border that moved by less is the same border
_MOSTLY = 0.5  # share of the smaller lot that two lots must have in common to be one lot, or part and whole

Entry = dict[str, Any]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Two sets of lots laid over each other: places in `before` and `after`, and the m² they share."""

    before: Sequence[Zone]
    after: Sequence[Zone]
    pairs: Pairs
    same: Mapping[int, int]  # place before -> place after, where the shape did not change


def lay_over(before: Sequence[Zone], after: Sequence[Zone]) -> Overlay:
    """Overlap of all lots of one version with all of another; what only touches is left out.

    Lots whose shape did not change are not cut with their neighbours: within a version lots do not overlap."""
    shapes = [shapes_of(zones) for zones in (before, after)]
    same = _same_shapes(*shapes)
    rest = [
        np.array(sorted(set(range(len(before))) - set(same)), np.int64),
        np.array(sorted(set(range(len(after))) - set(same.values())), np.int64),
    ]
    left, right = shapely.STRtree(shapes[1][rest[1]]).query(shapes[0][rest[0]], predicate="intersects")
    left, right = rest[0][left], rest[1][right]
    shared = np.asarray(shapely.area(shapely.intersection(shapes[0][left], shapes[1][right])), float)
    real = shared > 0
    at = np.array(sorted(same.items()), np.int64).reshape(-1, 2)
    pairs = (
        np.concatenate((at[:, 0], left[real])),
        np.concatenate((at[:, 1], right[real])),
        np.concatenate((np.asarray(shapely.area(shapes[0][at[:, 0]]), float), shared[real])),
    )
    return Overlay(before, after, pairs, same)


def compare_lots(overlay: Overlay) -> tuple[list[Entry], int]:
    """What changed lot by lot, and how many lots did not change.

    An entry has `code`, `label`, `before` and `after` (zone ids) and `params`. Codes: function_changed,
    indicators_changed, boundary_changed, renamed, added, removed, split, merged, rearranged."""
    before, after = overlay.before, overlay.after
    shared = {(left, right): area for left, right, area in zip(*(c.tolist() for c in overlay.pairs), strict=True)}
    groups = _groups(overlay, shared)
    entries: list[Entry] = []
    unchanged = 0
    for old, new in groups:
        if len(old) == len(new) == 1:
            found = _one_to_one(before[old[0]], after[new[0]], shared.get((old[0], new[0]), 0.0))
            unchanged += not found
            entries += found
        else:
            entries.append(_regrouped([before[place] for place in old], [after[place] for place in new]))
    return entries, unchanged


def _groups(overlay: Overlay, shared: Mapping[tuple[int, int], float]) -> list[tuple[list[int], list[int]]]:
    """Lots that belong together, as places before and after, in the order of the plan."""
    matched = _match(overlay, shared)
    areas = [[zone.geometry.area for zone in zones] for zones in (overlay.before, overlay.after)]
    back = {right: left for left, right in matched.items()}
    group = _Groups(len(overlay.before), len(overlay.after))
    for left, right in matched.items():
        group.join(left, right)
    for (left, right), area in sorted(shared.items()):
        # A lot that has its counterpart is no part of another; one without may be a part, or a whole, of any.
        if left in matched and right in back:
            continue
        if area >= LEAST_M2 and area >= _MOSTLY * min(areas[0][left], areas[1][right]):
            group.join(left, right)
    return group.all()


def _match(overlay: Overlay, shared: Mapping[tuple[int, int], float]) -> dict[int, int]:
    """One lot to one: same label and shape; same label, largest overlap first; same shape."""
    labels: defaultdict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, zones in enumerate((overlay.before, overlay.after)):
        for place, zone in enumerate(zones):
            if zone.label:
                labels[zone.label][side].append(place)
    matched: dict[int, int] = {}
    taken: set[int] = set()

    def take(left: int, right: int) -> None:
        if left not in matched and right not in taken:
            matched[left] = right
            taken.add(right)

    for left, right in overlay.same.items():
        if overlay.before[left].label == overlay.after[right].label:
            take(left, right)
    for (left, right), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if overlay.before[left].label and overlay.before[left].label == overlay.after[right].label:
            take(left, right)
    for old, new in labels.values():
        if len(old) == len(new) == 1:  # the only one of its label on both sides: the same lot, wherever it went
            take(old[0], new[0])
    for left, right in overlay.same.items():
        take(left, right)
    return matched


def _one_to_one(old: Zone, new: Zone, shared: float) -> list[Entry]:
    found = []

    def add(code: str, **params: Any) -> None:
        label = new.label or old.label
        found.append({"code": code, "label": label, "before": [old.zone_id], "after": [new.zone_id], "params": params})

    if old.label != new.label:
        add("renamed", before=old.label, after=new.label)
    if (old.function or "").casefold() != (new.function or "").casefold():
        add("function_changed", before=old.function, after=new.function, area_m2=_m2(new.geometry.area))
    gained, lost = new.geometry.area - shared, old.geometry.area - shared
    if gained >= LEAST_M2 or lost >= LEAST_M2:
        add("boundary_changed", gained_m2=_m2(max(gained, 0.0)), lost_m2=_m2(max(lost, 0.0)))
    changed = {
        name: [old.indicators.get(name), new.indicators.get(name)]
        for name in sorted({*old.indicators, *new.indicators})
        if old.indicators.get(name) != new.indicators.get(name)
    }
    if changed:
        add("indicators_changed", indicators=changed)
    return found


def _regrouped(old: Sequence[Zone], new: Sequence[Zone]) -> Entry:
    if not old or not new:
        (zone,) = [*old, *new]
        params: Entry = {"function": zone.function, "area_m2": _m2(zone.geometry.area)}
        code = "removed" if old else "added"
    else:
        code = "split" if len(old) == 1 else "merged" if len(new) == 1 else "rearranged"
        params = {}
        for side, zones in (("before", old), ("after", new)):
            params[side] = [
                {"label": zone.label, "function": zone.function, "area_m2": _m2(zone.geometry.area)} for zone in zones
            ]
    return {
        "code": code,
        "label": (old or new)[0].label if code != "merged" else new[0].label,
        "before": [zone.zone_id for zone in old],
        "after": [zone.zone_id for zone in new],
        "params": params,
    }


def _same_shapes(before: NDArray[np.object_], after: NDArray[np.object_]) -> dict[int, int]:
    """Places of lots with one and the same outline, vertex for vertex."""
    known: defaultdict[bytes, list[int]] = defaultdict(list)
    for place, key in enumerate(shapely.to_wkb(shapely.normalize(after))):
        known[key].append(place)
    same = {}
    for place, key in enumerate(shapely.to_wkb(shapely.normalize(before))):
        if known[key]:
            same[place] = known[key].pop(0)
    return same


def shapes_of(zones: Sequence[Zone]) -> NDArray[np.object_]:
    """The shapes of lots, put right where they are invalid, so that they can be laid over others."""
    shapes = polygonal([zone.geometry for zone in zones])
    wrong = ~np.asarray(shapely.is_valid(shapes), bool)
    shapes[wrong] = polygonal(shapely.make_valid(shapes[wrong]).tolist())
    return shapes


class _Groups:
    """Sets of places before and after that were joined, directly or by way of others."""

    def __init__(self, before: int, after: int) -> None:
        self._before = before
        self._parent = list(range(before + after))

    def join(self, left: int, right: int) -> None:
        a, b = self._root(left), self._root(self._before + right)
        self._parent[max(a, b)] = min(a, b)

    def all(self) -> list[tuple[list[int], list[int]]]:
        groups: defaultdict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for node in range(len(self._parent)):
            side = int(node >= self._before)
            groups[self._root(node)][side].append(node - self._before * side)
        return [groups[root] for root in sorted(groups)]

    def _root(self, node: int) -> int:
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node


def _m2(area: float) -> float:
    return round(area, 2)
