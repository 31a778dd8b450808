"""Today's communes as polygons for the demo's base map: drawn from the label points of the units, not surveyed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from random import Random

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.arrange import Patch, arrange
from quyhoach.demo.frame import Array
from quyhoach.demo.town import CRS
from quyhoach.standard import load_standard

PROVINCE = "20"


def old_communes() -> dict[str, tuple[float, float, str]]:
    """Code of each commune of before 1/7/2025 -> E, N of its label point and the code of today's unit that took its
    centre. Points that repeat another's (unreliable) are left out."""
    standard = load_standard()
    heirs = {row.old_code: row.new_code for row in standard.successions if row.main}
    transform = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    result: dict[str, tuple[float, float, str]] = {}
    seen: set[tuple[float, float]] = set()
    for unit in sorted(standard.units.values(), key=lambda unit: (unit.old, unit.code)):
        if not unit.old or unit.province != PROVINCE or unit.lon is None or unit.lat is None:
            continue
        if len(unit.code) != 5 or unit.code not in heirs or (unit.lon, unit.lat) in seen:
            continue
        seen.add((unit.lon, unit.lat))
        east, north = transform.transform(unit.lon, unit.lat)
        result[unit.code] = (float(east), float(north), heirs[unit.code])
    return result


def draw_units(outlines: Mapping[str, list[BaseGeometry]], seed: int) -> dict[str, BaseGeometry]:
    """Code of today's unit -> polygon: the cells around its old communes' points, with natural edges, clipped to a
    smooth hull. `outlines` are plan outlines by the code of the unit that they must lie in."""
    communes = old_communes()
    points = np.array([[e, n] for e, n, _ in communes.values()])
    heirs = [heir for _, _, heir in communes.values()]
    inside = [shape for shapes in outlines.values() for shape in shapes]
    hull = _hull(points, inside, seed)
    cells = _natural_cells(points, hull, seed)
    claimed = {code: shapely.union_all(outlines[code]) for code in sorted(outlines)}
    shapes: dict[str, BaseGeometry] = {}
    for code in sorted(set(heirs)):
        own = shapely.union_all([cell for cell, heir in zip(cells, heirs, strict=True) if heir == code])
        others = [shape for other, shape in claimed.items() if other != code]
        own = shapely.union(own, claimed[code]) if code in claimed else own
        shapes[code] = shapely.difference(own, shapely.union_all(others)) if others else own
    patches = [Patch(shape, "unit", tag=code, least=6e6) for code, shape in shapes.items()]
    found: dict[str, list[BaseGeometry]] = {}
    for lot in arrange(patches, hull, thin=30.0):
        found.setdefault(lot.patch.tag, []).append(lot.shape)
    return {code: shapely.coverage_union_all(found[code]) for code in sorted(found)}


def _hull(points: Array, inside: list[BaseGeometry], seed: int) -> BaseGeometry:
    """A border around all points and plans, smooth and then made to wander."""
    loose = shapely.concave_hull(MultiPoint(points), ratio=0.13)
    grown = shapely.union_all([loose.buffer(6500, quad_segs=6), *(shape.buffer(400) for shape in inside)])
    smooth = grown.buffer(-4200, quad_segs=6).buffer(1200, quad_segs=6)
    largest = max(shapely.get_parts(smooth.simplify(900)), key=lambda part: part.area)
    corners = shapely.get_coordinates(largest.exterior)
    border = [_wander(LineString(pair), seed) for pair in pairwise(corners)]
    ring = shapely.polygonize([shapely.union_all(border)])
    return shapely.union_all([*shapely.get_parts(ring), *(shape.buffer(250) for shape in inside)])


def _natural_cells(points: Array, hull: BaseGeometry, seed: int) -> list[BaseGeometry]:
    """Voronoi cells whose straight edges wander; in the order of the points."""
    diagram = shapely.voronoi_polygons(MultiPoint(points), extend_to=hull.buffer(20000))
    straight = shapely.union_all([cell.boundary for cell in shapely.get_parts(diagram)])
    edges = shapely.get_parts(shapely.line_merge(straight))
    lines = [_wander(edge, seed) for edge in edges]
    frame = hull.buffer(15000).envelope
    noded = shapely.union_all([*lines, frame.boundary], grid_size=0.001)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    parts: list[list[BaseGeometry]] = [[] for _ in points]
    for face in faces:
        place = face.representative_point()
        distance = ((points - [place.x, place.y]) ** 2).sum(axis=1)
        own = [i for i in range(len(points)) if distance[i] < 4 * distance.min() and face.contains(Point(points[i]))]
        parts[own[0] if own else int(np.argmin(distance))].append(face)
    return [shapely.union_all(part) if part else Point(points[i]).buffer(500) for i, part in enumerate(parts)]


def _wander(edge: LineString, seed: int) -> LineString:
    """The edge with its middles moved aside, four times over: a border that follows hills."""
    line = np.array(edge.coords)
    if len(line) != 2 or edge.length < 400:
        return edge
    if tuple(line[0]) > tuple(line[1]):
        line = line[::-1]
    rng = Random(f"{seed}/{line[0][0]:.0f}/{line[0][1]:.0f}/{line[1][0]:.0f}/{line[1][1]:.0f}")
    share = 0.13
    for _ in range(4):
        delta = np.diff(line, axis=0)
        aside = np.column_stack([-delta[:, 1], delta[:, 0]])
        moves = np.array([rng.uniform(-share, share) for _ in delta])
        middles = (line[:-1] + line[1:]) / 2 + aside * moves[:, None]
        line = np.vstack([np.column_stack([line[:-1], middles]).reshape(-1, 2), line[-1:]])
    return LineString(line)
