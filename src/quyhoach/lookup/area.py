"""The look-up by polygon: how many square metres of a parcel or a site lie in each zone.

Shares under 1 m² are left out as slivers and counted, as the Swiss cadastre of restrictions does (FEATURES C6).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.errors import PlaceError
from quyhoach.lookup.engine import Hit, Lookup, conflict_code, function_of, zone_member
from quyhoach.lookup.sources import Source, iso_day
from quyhoach.release.index import SpatialTable, encode

SLIVER_M2 = 1.0
MAX_AREA_M2 = 100e6  # a site, not a province
MAX_VERTICES = 20_000


def check_polygon(polygon: BaseGeometry) -> BaseGeometry:
    """A polygon in the province's CRS that can be asked about. Raises PlaceError for anything else:
    empty, not a polygon, not finite, crossing itself, too large, too many vertices."""
    if polygon.geom_type not in ("Polygon", "MultiPolygon"):
        raise PlaceError("polygon-wrong-type", type=polygon.geom_type)
    if polygon.is_empty:
        raise PlaceError("polygon-empty")
    if int(shapely.get_num_coordinates(polygon)) > MAX_VERTICES:
        raise PlaceError("polygon-too-many-vertices", limit=MAX_VERTICES)
    if not np.isfinite(shapely.get_coordinates(polygon)).all():
        raise PlaceError("place-not-finite")
    if not shapely.is_valid(polygon):
        raise PlaceError("polygon-crosses-itself", reason=shapely.is_valid_reason(polygon))
    area = float(polygon.area)
    if area < SLIVER_M2:
        raise PlaceError("polygon-too-small", limit=SLIVER_M2)
    if area > MAX_AREA_M2:
        raise PlaceError("polygon-too-large", limit_km2=MAX_AREA_M2 / 1e6)
    return polygon


def within(lookup: Lookup, polygon: BaseGeometry, *, on: int, lang: str) -> bytes:
    """The answer for a polygon in the province's CRS, on a day (YYYYMMDD): zones with m² and % (schemas §4).

    Raises PlaceError (see check_polygon), DateError before the first plan."""
    check_polygon(polygon)
    lookup.check_day(on)
    shapely.prepare(polygon)
    area = float(polygon.area)
    zones = _Shares()
    pending = _Shares()
    restrictions: list[bytes] = []
    applies = full = 0  # themes, a bit each; full: the whole polygon is covered
    covered: dict[int, list[BaseGeometry]] = {}
    paper: list[Source] = []
    for source in lookup.sources_near(polygon.bounds):
        start, end, lots, overlays, coverage, outline, _ = source.tables or source.open()
        if not start <= on < end:
            if source.pending:
                pending.add(source, lots, polygon, on=0)
            continue
        if zones.add(source, lots, polygon, on=on):
            applies |= source.kind_bits
        if overlays is not None:
            rows, shapes = _cut(overlays, polygon)
            for row, share in zip(rows, shapely.area(shapes).tolist(), strict=True):
                if share >= SLIVER_M2 and not source.hides(overlays, row):
                    applies |= source.theme_bits[overlays.codes[row]]
                    members = overlays.fragment(row), source.members(lang)
                    restrictions.append(b"{%b,%b,%b}" % (*members, _share_members(share, area)))
        if coverage is not None and source.covers & ~(applies | full):
            for code in coverage.covering(*polygon.bounds):
                full |= source.theme_bits[code]
            if source.covers & ~(applies | full):
                rows, shapes = _cut(coverage, polygon)
                for row, shape in zip(rows, shapes, strict=True):
                    covered.setdefault(source.theme_bits[coverage.codes[row]], []).append(shape)
        if outline is not None:
            _, shapes = _cut(outline, polygon)
            if float(shapely.area(shapes).sum()) >= SLIVER_M2:
                paper.append(source)
    for bit, shapes_of_theme in covered.items():
        if not bit & (full | applies) and float(shapely.union_all(shapes_of_theme).area) >= area - SLIVER_M2:
            full |= bit
    return b"".join(
        (
            b'{"area_m2":%.1f,"on":"%b"' % (area, str(iso_day(on)).encode()),
            b',"release":' + encode(lookup.release.id),
            b',"zones":[',
            b",".join(_zone(hit, share, area, lang) for hit, share in zip(zones.hits, zones.areas, strict=True)),
            b'],"restrictions":[' + b",".join(restrictions),
            b'],"uncovered_m2":%.1f' % max(area - zones.union_m2(), 0.0),
            b',"slivers_left_out":' + encode({"count": zones.slivers, "area_m2": round(zones.sliver_m2, 2)}),
            b',"themes":{' + lookup.themes(applies, full, paper),
            b'},"pending":[',
            b",".join(
                _pending(hit, share, area, zones, pending.shapes[at], lang)
                for at, (hit, share) in enumerate(zip(pending.hits, pending.areas, strict=True))
            ),
            b'],"not_digitised":[' + b",".join(source.not_digitised(lang) for source in paper),
            b'],"conflicts":[' + b",".join(_conflicts(zones)),
            lookup.tail(zones.hits[0][0].ask if zones.hits else "", lang),
        )
    )


class _Shares:
    """The parts of a polygon that lie in zones, largest slivers first left out."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.areas: list[float] = []
        self.shapes: list[BaseGeometry] = []
        self.slivers = 0
        self.sliver_m2 = 0.0

    def add(self, source: Source, table: SpatialTable | None, polygon: BaseGeometry, *, on: int) -> bool:
        """Add the zones of one version; whether any share counts."""
        if table is None:
            return False
        rows, shapes = _cut(table, polygon)
        before = len(self.hits)
        for row, shape, share in zip(rows, shapes, shapely.area(shapes).tolist(), strict=True):
            if (table.ends is not None and on >= table.ends[row]) or share <= 0 or source.hides(table, row):
                continue
            if share < SLIVER_M2:
                self.slivers += 1
                self.sliver_m2 += share
                continue
            self.hits.append((source, row, 0.0))
            self.areas.append(share)
            self.shapes.append(shape)
        return len(self.hits) > before

    def union_m2(self) -> float:
        if len({id(hit[0]) for hit in self.hits}) <= 1:  # lots of one version don't overlap but by a fault
            return sum(self.areas)
        return float(shapely.union_all(self.shapes).area)


def _cut(table: SpatialTable, polygon: BaseGeometry) -> tuple[list[int], np.ndarray]:
    """Rows of a table that meet the polygon, with the common part."""
    rows = table.near(*polygon.bounds)
    if not rows:
        return [], np.array([], object)
    geometry = table.geometries(rows)
    touched = np.flatnonzero(shapely.intersects(polygon, geometry))
    return [rows[at] for at in touched], shapely.intersection(geometry[touched], polygon)


def _share_members(share: float, area: float) -> bytes:
    return b'"shared_m2":%.1f,"share_pct":%.2f' % (share, 100 * share / area)


def _zone(hit: Hit, share: float, area: float, lang: str) -> bytes:
    body = zone_member(hit, lang)
    return body[: body.rindex(b',"edge_distance_m"')] + b"," + _share_members(share, area) + b"}"


def _pending(hit: Hit, share: float, area: float, zones: _Shares, shape: BaseGeometry, lang: str) -> bytes:
    """A pending zone with the share of it, and whether its function differs from what is in force on that share."""
    now = {
        function_of(other)
        for other, part in zip(zones.hits, zones.shapes, strict=True)
        if other[0].plan_id == hit[0].plan_id and float(shapely.intersection(part, shape).area) >= SLIVER_M2
    }
    change = "new_area" if not now else "same_function" if now == {function_of(hit)} else "function_changes"
    return _zone(hit, share, area, lang)[:-1] + b',"change":"%b"}' % change.encode()


def _conflicts(zones: _Shares) -> list[bytes]:
    found = []
    pairs: Sequence[tuple[Any, Any]] = list(combinations(zip(zones.hits, zones.shapes, strict=True), 2))
    for (first, a), (second, b) in pairs:
        code = conflict_code(first, second)
        if code and float(shapely.intersection(a, b).area) >= SLIVER_M2:
            ids = [first[0].zone_id(first[1]), second[0].zone_id(second[1])]
            found.append(encode({"code": code, "zones": ids}))
    return found
