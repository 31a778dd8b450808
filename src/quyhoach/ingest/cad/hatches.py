"""HATCH and MPOLYGON as polygons: rings from polyline and edge paths, nested by where they lie."""

import math
from typing import Any

import numpy as np
import shapely

from quyhoach.ingest.cad.curves import (
    Points,
    TooManyPointsError,
    arc_points,
    bulged,
    ellipse_points,
    spline_points,
)
from quyhoach.ingest.cad.place import Look, Place
from quyhoach.ingest.cad.shapes import tolerance_at
from quyhoach.ingest.cad.sink import Sink, finite
from quyhoach.ingest.limits import Limits

_NOWHERE = np.full((1, 2), np.nan)  # an edge that can't be drawn makes its hatch a broken one
_TEXT_BOX = 8  # flag of a path drawn around a text: no hole in the land


def read_hatch(sink: Sink, entity: Any, look: Look) -> None:
    """HATCH and MPOLYGON: even-odd over all rings, whatever their external and outermost flags say.

    Several separate areas become a MultiPolygon with true holes. Paths around texts are no holes. Rings that cross or
    touch themselves are mended without losing area, and that is said in a warning.
    """
    dxf = entity.dxf
    place = look.spot.place.plane(dxf.get("extrusion"))
    elevation = dxf.get("elevation")
    height = float(elevation.z) if elevation is not None else 0.0
    tolerance = tolerance_at(look, place)
    rings: list[Points] = []
    total = 0
    for path in entity.paths.paths:
        if path.path_type_flags & _TEXT_BOX and len(entity.paths.paths) > 1:
            continue
        for ring in _rings(path, tolerance, sink.limits):
            total += len(ring)
            if total > sink.limits.entity_points:
                raise TooManyPointsError
            placed = _place(ring, place, height)
            if not finite(placed):
                sink.leave(look.hidden or ("broken", look.kind), look.id)
                return
            if len(placed) > 3:
                rings.append(placed)
    shape, mended = nest(rings)
    if shape is None:
        sink.leave(look.hidden or ("empty", look.kind), look.id)
        return
    pattern = "SOLID" if dxf.get("solid_fill", 0) else str(dxf.get("pattern_name", "") or "SOLID").upper()
    warning = f"{look.kind} {look.id}: a boundary that crosses itself was mended" if mended else ""
    sink.area(look, shape, pattern=pattern, warning=warning)


def _place(ring: Points, place: Place, height: float) -> Points:
    if height and place.matrix is not None:
        ring = np.column_stack((ring, np.full(len(ring), height)))
    return place.put(ring)


def _rings(path: Any, tolerance: float, limits: Limits) -> list[Points]:
    """The closed rings of one path; edges that don't follow on each other begin a new ring."""
    if hasattr(path, "vertices"):
        rows = np.array([tuple(vertex)[:3] for vertex in path.vertices], dtype=float).reshape(-1, 3)
        if len(rows) < 2 or not finite(rows):
            return [rows[:, :2]]
        return [bulged(rows[:, :2], rows[:, 2], True, tolerance, limits.entity_points)]
    if len(path.edges) * 2 > limits.entity_points:
        raise TooManyPointsError
    edges = [_edge(edge, tolerance, limits.spline_points) for edge in path.edges]
    broken = [edge for edge in edges if not finite(edge)]
    return broken or _chain([edge for edge in edges if len(edge) > 1])


def _edge(edge: Any, tolerance: float, spline_limit: int) -> Points:
    """One edge as points in the direction of its path."""
    kind = type(edge).__name__
    if kind == "LineEdge":
        return np.array((tuple(edge.start)[:2], tuple(edge.end)[:2]), dtype=float)
    if kind == "ArcEdge":
        return _arc(edge, tolerance)
    if kind == "EllipseEdge":
        major = np.array((edge.major_axis.x, edge.major_axis.y))
        minor = np.array((-major[1], major[0])) * edge.ratio
        start, end = edge.start_param, edge.end_param
        if not finite(np.array((*major, *minor, start, end))):
            return _NOWHERE
        points = ellipse_points((edge.center.x, edge.center.y), major, minor, start, end, tolerance)
        return points if edge.ccw else points[::-1]
    given = np.array([tuple(point)[:2] for point in edge.control_points or edge.fit_points], dtype=float)
    if len(given) < 2 or not finite(given):
        return _NOWHERE
    return spline_points(edge, tolerance, spline_limit)[:, :2]


def _arc(edge: Any, tolerance: float) -> Points:
    """The reader keeps both angles counter-clockwise; a clockwise path runs from the end to the start."""
    start = float(edge.start_angle)
    sweep = math.radians(float(edge.end_angle) - start)
    if not finite(np.array((edge.center.x, edge.center.y, edge.radius, start, sweep))):
        return _NOWHERE
    if abs(sweep) > 2 * math.pi + 1e-9:
        sweep = math.fmod(sweep, 2 * math.pi)
    if sweep <= 1e-12:
        sweep += 2 * math.pi
    points = arc_points((edge.center.x, edge.center.y), edge.radius, math.radians(start), sweep, tolerance)
    if abs(sweep - 2 * math.pi) < 1e-9:
        points[-1] = points[0]
    return points if edge.ccw else points[::-1]


def _chain(edges: list[Points]) -> list[Points]:
    """Rings of edges that follow on each other, each edge turned around where that closes the chain."""
    if not edges:
        return []
    everything = np.concatenate(edges)
    near = max(float(np.ptp(everything, axis=0).max()) * 1e-4, 1e-9)
    rings: list[Points] = []
    chain: list[Points] = []
    corners = 0
    for number, edge in enumerate(edges):
        if chain and _apart(chain[-1][-1], edge[0]) <= near:
            chain.append(edge)
        elif chain and _apart(chain[-1][-1], edge[-1]) <= near:
            chain.append(edge[::-1])
        else:
            if chain:
                rings.append(_closed(chain))
            chain = [_facing(edge, edges[number + 1] if number + 1 < len(edges) else None)]
            corners = 0
        corners += len(edge) - 1
        if corners > 2 and _apart(chain[0][0], chain[-1][-1]) <= near * 1e-2:
            rings.append(_closed(chain))
            chain = []
    if chain:
        rings.append(_closed(chain))
    return rings


def _facing(edge: Points, following: Points | None) -> Points:
    """The first edge of a ring, its end towards the next one."""
    if following is None:
        return edge
    ahead = min(_apart(edge[-1], following[0]), _apart(edge[-1], following[-1]))
    back = min(_apart(edge[0], following[0]), _apart(edge[0], following[-1]))
    return edge[::-1] if back < ahead else edge


def _apart(one: Points, other: Points) -> float:
    return math.hypot(float(one[0] - other[0]), float(one[1] - other[1]))


def _closed(chain: list[Points]) -> Points:
    parts = [chain[0], *(edge[1:] for edge in chain[1:])]
    ring = np.concatenate(parts)
    if (ring[0] != ring[-1]).any():
        ring = np.concatenate((ring, ring[:1]))
    return ring


def nest(rings: list[Points]) -> tuple[Any, bool]:
    """Polygon or MultiPolygon of closed rings by the even-odd rule, and whether a ring had to be mended.

    (None, …) when nothing with an area is left. A ring that is there twice counts once. One that crosses itself and
    stands alone is handed on as drawn: a later phase mends it and tells its place."""
    if len(rings) == 1:
        shape = shapely.Polygon(rings[0])
        return (shape if shape.area > 0 or not shape.is_valid else None), False
    shapes = []
    mended = False
    for ring in rings:
        if (ring[0] != ring[-1]).any():
            ring = np.concatenate((ring, ring[:1]))
        shape = shapely.Polygon(ring)
        if not shape.is_valid:
            shape = _areas(shapely.make_valid(shape))
            mended = True
        if shape is not None and shape.area > 0:
            shapes.append(shape)
    if len(shapes) <= 1:
        return (shapes[0] if shapes else None), mended
    shapes.sort(key=lambda shape: -shape.area)
    return _nested(_once(shapes)), mended


def _once(shapes: list[Any]) -> list[Any]:
    """The shapes without those that are there already."""
    near = max(float(shapely.total_bounds(shapes).max() - shapely.total_bounds(shapes).min()) * 1e-9, 1e-12)
    kept: dict[tuple[float, ...], list[Any]] = {}
    unique = []
    for shape, bounds in zip(shapes, shapely.bounds(shapes), strict=True):
        alike = kept.setdefault(tuple(np.round(bounds / near).tolist()), [])
        if not any(abs(other.area - shape.area) <= 1e-9 * shape.area and other.equals(shape) for other in alike):
            alike.append(shape)
            unique.append(shape)
    return unique


def _nested(shapes: list[Any]) -> Any:
    """Shells with their holes, from shapes ordered by falling area; of rings that cross each is what it is."""
    if len(shapes) == 1:
        return shapes[0]
    tree = shapely.STRtree(shapes)
    inner, outer = tree.query([shapely.point_on_surface(shape) for shape in shapes], predicate="within")
    around: list[list[int]] = [[] for _ in shapes]
    for one, other in zip(inner.tolist(), outer.tolist(), strict=True):
        if other < one:
            around[one].append(other)
    whole: list[Any] = []
    holes: dict[int, list[int]] = {}
    for number, parents in enumerate(around):
        if len(parents) % 2:
            holes.setdefault(max(parents), []).append(number)
    for number, parents in enumerate(around):
        if len(parents) % 2 == 0:
            shape = shapes[number]
            if number in holes:
                shape = _cut(shape, [shapes[hole] for hole in holes[number]])
            if shape is not None:
                whole.append(shape)
    polygons = [part for shape in whole for part in shapely.get_parts(shape).tolist()]
    if not polygons:
        return None
    # Areas that share an edge stay areas of their own, each a lot, although such a MultiPolygon is not valid.
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _cut(shape: Any, holes: list[Any]) -> Any:
    """A shell less its holes: as rings where they lie cleanly inside, by overlay otherwise."""
    if shape.geom_type == "Polygon" and all(hole.geom_type == "Polygon" for hole in holes):
        made = shapely.Polygon(shape.exterior, [hole.exterior for hole in holes])
        if made.is_valid:
            return made
    return _areas(shapely.difference(shape, shapely.union_all(holes)))


def _areas(shape: Any) -> Any:
    """The polygons of a geometry, or None."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(shape)).tolist() if part.geom_type == "Polygon"]
    parts = [part for part in parts if part.area > 0]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
