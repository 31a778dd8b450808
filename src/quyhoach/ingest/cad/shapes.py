"""Lines, curves, points and plain faces of a drawing as coordinates."""

import math
from typing import Any

import numpy as np
import shapely

from quyhoach.ingest.cad.curves import Points, arc_points, bulged, ellipse_points, spline_points, sweep_of
from quyhoach.ingest.cad.place import Look, Place
from quyhoach.ingest.cad.sink import Sink, finite


def tolerance_at(look: Look, place: Place) -> float:
    """The flattening tolerance in an entity's own units."""
    return look.spot.book.tolerance / place.scale


def read_line(sink: Sink, entity: Any, look: Look) -> None:
    """LINE."""
    dxf, place = entity.dxf.__dict__, look.spot.place
    start, end = dxf["start"], dxf["end"]
    sink.segment(look, place.point(start.x, start.y, start.z), place.point(end.x, end.y, end.z))


def read_lwpolyline(sink: Sink, entity: Any, look: Look) -> None:
    """LWPOLYLINE, with bulges, in its own plane at its elevation."""
    dxf = entity.dxf.__dict__
    rows = np.asarray(entity.lwpoints.values, dtype=float).reshape(-1, 5)
    place = look.spot.place.plane(dxf.get("extrusion"))
    closed = bool(dxf.get("flags", 0) & 1)
    _polyline(sink, look, rows[:, :2], rows[:, 4], closed, place, float(dxf.get("elevation", 0.0) or 0.0))


def read_polyline(sink: Sink, entity: Any, look: Look) -> None:
    """POLYLINE: in a plane with bulges, or in space (flattened); meshes are not read."""
    dxf = entity.dxf.__dict__
    flags = dxf.get("flags", 0)
    if flags & (16 | 64):
        sink.leave(look.hidden or ("unsupported", "POLYLINE (mesh)"), look.id)
        return
    vertices = [vertex.dxf.__dict__ for vertex in entity.vertices]
    vertices = [vertex for vertex in vertices if not vertex.get("flags", 0) & 16]  # the frame of a spline
    xyz = np.array([tuple(vertex["location"]) for vertex in vertices], dtype=float).reshape(-1, 3)
    closed = bool(flags & 1)
    if flags & 8:
        if closed and len(xyz) > 1:
            xyz = np.concatenate((xyz, xyz[:1]))
        uneven = bool(len(xyz)) and bool(np.ptp(xyz[:, 2]) > 0)
        sink.line(look, look.spot.place.put(xyz), closed=closed, elevation=uneven)
        return
    bulges = np.array([vertex.get("bulge", 0.0) for vertex in vertices], dtype=float)
    elevation = dxf.get("elevation")
    place = look.spot.place.plane(dxf.get("extrusion"))
    _polyline(sink, look, xyz[:, :2], bulges, closed, place, float(elevation.z) if elevation is not None else 0.0)


def _polyline(sink: Sink, look: Look, xy: Points, bulges: Any, closed: bool, place: Place, elevation: float) -> None:
    if not finite(xy):
        sink.leave(look.hidden or ("broken", look.kind), look.id)
        return
    points = bulged(xy, bulges, closed, tolerance_at(look, place), sink.limits.entity_points)
    if elevation and place.matrix is not None:
        points = np.column_stack((points, np.full(len(points), elevation)))
    sink.line(look, place.put(points), closed=closed)


def read_arc(sink: Sink, entity: Any, look: Look) -> None:
    """ARC, counter-clockwise in its own plane, and CIRCLE."""
    dxf = entity.dxf.__dict__
    center, radius = dxf["center"], float(dxf["radius"])
    place = look.spot.place.plane(dxf.get("extrusion"))
    whole = look.kind == "CIRCLE"
    start = 0.0 if whole else float(dxf["start_angle"])
    sweep = 2.0 * math.pi if whole else sweep_of(start, float(dxf["end_angle"]))
    if not finite(np.array((center.x, center.y, radius, start, sweep))):
        sink.leave(look.hidden or ("broken", look.kind), look.id)
        return
    points = arc_points((center.x, center.y), radius, math.radians(start), sweep, tolerance_at(look, place))
    if whole:
        points[-1] = points[0]
    if center.z and place.matrix is not None:
        points = np.column_stack((points, np.full(len(points), center.z)))
    sink.line(look, place.put(points), closed=whole)


def read_ellipse(sink: Sink, entity: Any, look: Look) -> None:
    """ELLIPSE; whole ones are closed."""
    dxf, place = entity.dxf, look.spot.place
    major = dxf.major_axis
    minor = dxf.extrusion.normalize().cross(major) * dxf.ratio
    start, end = float(dxf.start_param), float(dxf.end_param)
    given = np.array((*dxf.center.xyz, *major.xyz, *minor.xyz, start, end))
    if not finite(given):
        sink.leave(look.hidden or ("broken", look.kind), look.id)
        return
    points = ellipse_points(dxf.center.xyz, major.xyz, minor.xyz, start, end, tolerance_at(look, place))
    whole = abs((end - start) % (2 * math.pi)) < 1e-9 or abs((end - start) % (2 * math.pi) - 2 * math.pi) < 1e-9
    if whole:
        points[-1] = points[0]
    sink.line(look, place.put(points), closed=whole)


def read_spline(sink: Sink, entity: Any, look: Look) -> None:
    """SPLINE by its control points, else by its fit points."""
    place = look.spot.place
    given = np.array([tuple(point) for point in entity.control_points or entity.fit_points], dtype=float)
    knots = np.asarray(entity.knots, dtype=float)
    if len(given) < 2 or not finite(given) or not finite(knots):
        sink.leave(look.hidden or ("broken", look.kind), look.id)
        return
    points = spline_points(entity, tolerance_at(look, place), sink.limits.spline_points)
    closed = bool(entity.dxf.get("flags", 0) & 1) and len(points) > 2
    if closed:
        points[-1] = points[0]
    sink.line(look, place.put(points), closed=closed)


def read_point(sink: Sink, entity: Any, look: Look) -> None:
    """POINT."""
    where = entity.dxf.location
    sink.spot(look, look.spot.place.point(where.x, where.y, where.z))


def read_face(sink: Sink, entity: Any, look: Look) -> None:
    """SOLID and TRACE (third and fourth corner swapped, in their own plane), 3DFACE (in space)."""
    dxf = entity.dxf
    flat = look.kind != "3DFACE"
    names = ("vtx0", "vtx1", "vtx3", "vtx2") if flat else ("vtx0", "vtx1", "vtx2", "vtx3")
    corners = [dxf.get(name) for name in names if dxf.hasattr(name)]
    place = look.spot.place.plane(dxf.get("extrusion")) if flat else look.spot.place
    points = place.put(np.array([tuple(corner) for corner in corners], dtype=float).reshape(-1, 3))
    if not finite(points):
        sink.leave(look.hidden or ("broken", look.kind), look.id)
        return
    if len(np.unique(points, axis=0)) < 3:
        sink.leave(look.hidden or ("empty", look.kind), look.id)
        return
    shape: Any = shapely.Polygon(points)
    if not shape.is_valid:
        shape = shape.convex_hull
    if shape.geom_type != "Polygon" or shape.area == 0:
        sink.leave(look.hidden or ("empty", look.kind), look.id)
        return
    sink.area(look, shape)


def read_parts(sink: Sink, entity: Any, look: Look) -> None:
    """MLINE: the lines and arcs it is drawn as, each with its own number behind the handle."""
    for number, part in enumerate(entity.virtual_entities()):
        sink.visit()
        kind = part.dxftype()
        mine = Look(
            f"{look.id}.{number}",
            look.kind,
            look.layer,
            look.aci,
            look.rgb,
            look.linetype,
            look.hidden,
            look.spot,
            look.insert,
        )
        if kind == "LINE":
            read_line(sink, part, mine)
        elif kind == "ARC":
            read_arc(sink, part, mine)
