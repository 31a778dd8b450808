"""Closed lines, hatches and solids of a drawing as lot areas: closed where they nearly close, each drawn area once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Repair
from quyhoach.standardise.linework import stack
from quyhoach.standardise.work import Features, Geometries, place

CLOSE_M = 1.0  # ends of one polyline this near are one point
_OPEN_SHARE = 0.35  # of the perimeter: a polyline without its closing side is still a lot
_HABIT = 0.3  # share of the lots from which on something is told once for all
_SAME = 0.98  # intersection over union from which on two drawn areas are the same
_RINGS = 5  # circles in lots, of as many lots, from which on they can be the rings of labels
_RING_SHARE = 0.3  # … and of this share of the lots at least: ponds and roundabouts are fewer
_POLYLINES = frozenset({"LWPOLYLINE", "POLYLINE"})
_TEXT_LIKE = frozenset({"LEADER", "POINT", "MULTILEADER"})


@dataclass(frozen=True, eq=False)
class Areas:
    """Drawn areas: polygon, the group and row each came from, and whether it was filled (hatch, solid)."""

    polygons: Geometries
    groups: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    filled: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.polygons)

    def take(self, keep: npt.NDArray[Any]) -> "Areas":
        """The areas where `keep` is true, or in the order of its row numbers."""
        return Areas(self.polygons[keep], self.groups[keep], self.rows[keep], self.filled[keep])


def draw_areas(groups: Sequence[Features]) -> tuple[Areas, list[tuple[int, int]], list[Repair]]:
    """The areas that entities of the role lot draw, the (group, row) of those that draw none, and what was repaired.

    A closed line, and an open one that nearly closes or lacks only its last side, is an area; each part of a hatch is
    one. Areas that cross themselves are made valid."""
    polygons: list[Any] = []
    origins: list[tuple[int, int, bool]] = []
    loose: list[tuple[int, int]] = []
    repairs: list[Repair] = []
    for number, group in enumerate(groups):
        dimensions = shapely.get_dimensions(group.geometry)
        for row, shape in enumerate(group.geometry):
            if group.fields["elevation"][row]:
                repairs.append(_repair("lot-flattened", group, row, {}, shapely.convex_hull(shape)))
            if dimensions[row] == 2:
                for part in shapely.get_parts(shape):
                    polygons.append(part)
                    origins.append((number, row, True))
            elif dimensions[row] == 1 and group.fields["entity"][row] not in _TEXT_LIKE:
                polygon = _ring(group, row, repairs)
                if polygon is None:
                    loose.append((number, row))
                else:
                    polygons.append(polygon)
                    origins.append((number, row, False))
    shapes = stack(polygons)
    made = Areas(
        shapes,
        np.array([origin[0] for origin in origins], dtype=np.int64),
        np.array([origin[1] for origin in origins], dtype=np.int64),
        np.array([origin[2] for origin in origins], dtype=bool),
    )
    made = _without_label_rings(_valid(made, groups, repairs), groups, repairs)
    return made, loose, _habit(repairs, len(made))


def _without_label_rings(areas: Areas, groups: Sequence[Features], repairs: list[Repair]) -> Areas:
    """Without the circles that labels stand in, where these are drawn on the lots' layer: one in each of many lots."""
    entity = [groups[group].fields["entity"][row] for group, row in zip(areas.groups, areas.rows, strict=True)]
    circle = np.array([name == "CIRCLE" for name in entity], dtype=bool)
    if np.count_nonzero(circle) < _RINGS or circle.all():
        return areas
    rings, lots = np.flatnonzero(circle), np.flatnonzero(~circle)
    size = shapely.area(areas.polygons)
    inner = shapely.centroid(areas.polygons[rings])
    ring, lot = shapely.STRtree(areas.polygons[lots]).query(inner, predicate="within")
    larger = size[lots[lot]] > size[rings[ring]]
    ring, lot = ring[larger], lot[larger]
    order = np.argsort(size[lots[lot]], kind="stable")
    held, first = np.unique(ring[order], return_index=True)  # by the smallest that holds each
    homes = len(np.unique(lot[order][first]))
    if len(held) < 0.8 * len(rings) or homes < max(_RINGS, 0.5 * len(held), _RING_SHARE * len(lots)):
        return areas
    keep = np.ones(len(areas), dtype=bool)
    keep[rings[held]] = False
    layer = groups[int(areas.groups[rings[held[0]]])].layer
    repairs.append(Repair("label-rings-left-out", layer=layer, params={"count": len(held)}))
    return areas.take(keep)


def _habit(repairs: list[Repair], areas: int) -> list[Repair]:
    """Without one record a lot where not marking lines as closed is the draughtsman's habit."""
    unmarked = [repair for repair in repairs if repair.code == "lot-not-marked-closed"]
    if len(unmarked) <= _HABIT * areas:
        return repairs
    rest = [repair for repair in repairs if repair.code != "lot-not-marked-closed"]
    return [*rest, Repair("lots-not-marked-closed", layer=unmarked[0].layer, params={"count": len(unmarked)})]


def _ring(group: Features, row: int, repairs: list[Repair]) -> Any:
    """The polygon of a line, None where it is none."""
    points = shapely.get_coordinates(group.geometry[row])
    if len(points) < 3:
        return None
    gap = float(np.hypot(*(points[0] - points[-1])))
    if gap == 0.0:
        polygon = shapely.Polygon(points) if len(points) > 3 else None
        if polygon is not None and group.fields["closed"][row] is False and group.fields["entity"][row] in _POLYLINES:
            repairs.append(_repair("lot-not-marked-closed", group, row, {}, polygon))
        return polygon
    if len(points) == 3 and group.fields["entity"][row] in ("LINE", "ARC"):
        return None
    length = float(group.geometry[row].length)
    near = gap <= min(CLOSE_M, 0.2 * length)
    if not near:
        ring = shapely.Polygon(points)
        if len(points) < 4 or gap > _OPEN_SHARE * (length + gap) or not ring.is_valid or _thin(ring):
            return None
    if near and len(points) > 3:
        points = np.concatenate([points[:-1], points[:1]]) if gap < 1e-3 else np.concatenate([points, points[:1]])
    polygon = shapely.Polygon(points)
    repairs.append(
        _repair("lot-closed", group, row, {"gap": round(gap, 3)}, polygon, shapely.LineString(points[[0, -2]]))
    )
    return polygon


def _thin(ring: Any) -> bool:
    return bool(4 * np.pi * ring.area < 0.15 * ring.length**2)


def _valid(areas: Areas, groups: Sequence[Features], repairs: list[Repair]) -> Areas:
    """Areas made valid; parts of a bow tie that are much smaller than the largest are dropped with it recorded."""
    broken = np.flatnonzero(~shapely.is_valid(areas.polygons))
    keep = np.ones(len(areas), dtype=bool)
    shapes = areas.polygons.copy()
    for number in broken.tolist():
        before = shapes[number]
        whole = shapely.make_valid(before, method="structure", keep_collapsed=False)
        parts = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon" and part.area > 0]
        group = groups[int(areas.groups[number])]
        row = int(areas.rows[number])
        if not parts:
            keep[number] = False
            repairs.append(_repair("lot-without-area", group, row, {}, shapely.LineString(before.exterior.coords)))
            continue
        largest = max(parts, key=lambda part: float(part.area))
        shapes[number] = largest if len(parts) == 1 else _mend(before, parts)
        reason = shapely.is_valid_reason(before).split("[")[0].strip()
        size = {"reason": reason, "area": round(float(shapes[number].area), 2)}
        repairs.append(_repair("lot-crossed-itself", group, row, size, before, shapes[number]))
    return Areas(shapes, areas.groups, areas.rows, areas.filled).take(keep)


def _mend(before: Any, parts: list[Any]) -> Any:
    """One polygon of a ring that crosses itself: the largest part where it is nearly all, else the ring with its
    points in order around the middle (two corners were swapped), if that is simple."""
    largest = max(parts, key=lambda part: float(part.area))
    if largest.area >= 0.9 * sum(float(part.area) for part in parts):
        return largest
    points = np.unique(shapely.get_coordinates(before.exterior), axis=0)
    middle = points.mean(axis=0)
    order = np.argsort(np.arctan2(*(points - middle).T[::-1]))
    ring = shapely.Polygon(points[order])
    return ring if ring.is_valid and ring.area >= largest.area else largest


def _repair(code: str, group: Features, row: int, params: dict[str, Any], *places: Any) -> Repair:
    shapes = [shape if shape.is_valid else shape.boundary for shape in places]
    where = shapes[0] if len(shapes) == 1 else shapely.geometrycollections(shapes)
    return Repair(code, layer=group.layer, params=params, wkb=place(where), source_handle=group.handles[row])


def same_areas(areas: Areas) -> list[tuple[int, int]]:
    """Pairs (first, second), first < second, of areas that are the same to a fiftieth."""
    if len(areas) < 2:
        return []
    shapes = areas.polygons
    size = shapely.area(shapes)
    middles = shapely.centroid(shapes)
    first, second = shapely.STRtree(middles).query(middles, predicate="dwithin", distance=1.0)
    once = first < second
    first, second = first[once], second[once]
    small, large = np.minimum(size[first], size[second]), np.maximum(size[first], size[second])
    alike = small >= _SAME * large
    first, second = first[alike], second[alike]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    same = shared >= _SAME * (size[first] + size[second] - shared)
    return sorted(zip(first[same].tolist(), second[same].tolist(), strict=True))
