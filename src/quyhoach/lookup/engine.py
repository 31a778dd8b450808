"""The look-up by point and by polygon: JSON put together from fragments encoded when the release was built.

The exact test and the distance to the boundary are GEOS's, on the exact geometry; the grid only chooses candidates.
Schema of the answer: docs/reference/schemas.md §4 and answer.schema.json.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import pyproj
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.errors import DateError, PlaceError
from quyhoach.lookup.sources import Source, by_cell, iso_day
from quyhoach.release.index import CELL_M, TOUCH_M, Segment, encode, point_of
from quyhoach.release.opened import Release
from quyhoach.standard.messages import message

APPLIES, NOT_DIGITISED, NOT_AFFECTED, NO_DATA = b'"applies"', b'"not_digitised"', b'"not_affected"', b'"no_data"'
Hit = tuple[Source, int, float]  # source, row of its zones, distance to the boundary in metres


class Lookup:
    """Answers from one release. Cheap to keep; one per worker and release.

    `withheld` holds plan and zone ids that became secret after the release was made: they are masked."""

    def __init__(self, release: Release, withheld: Iterable[str] = ()) -> None:
        masked = self._masked = frozenset(withheld)
        province = release.manifest["province"]
        self.release = release
        self.epsg: int = province["epsg"]
        self.extent: tuple[float, float, float, float] = tuple(province["extent"])
        self.first_day: str | None = release.manifest["first_day"]
        self._first = int(self.first_day.replace("-", "")) if self.first_day else 0
        self.bits = {code: 1 << at for at, (code, _) in enumerate(release.manifest["themes"])}
        self.sources = [
            Source(segment, release.id, masked, self.bits)
            for segment in release.segments
            if segment.meta["plan_id"] not in masked
        ]
        self._cells = by_cell(self.sources)
        self._units: Segment | None = release.units
        self._to_plane = pyproj.Transformer.from_crs("EPSG:4326", province["crs"], always_xy=True).transform
        self._to_wgs84 = pyproj.Transformer.from_crs(province["crs"], "EPSG:4326", always_xy=True).transform
        self._release_member = b'","release":' + encode(release.id) + b',"unit":'
        self._tails: dict[tuple[str, str], bytes] = {}
        self._at_head = f',"vn2000":{{"epsg":{self.epsg},"north":'.encode()
        self._themes: dict[tuple[int, int, int], bytes] = {}
        self._days: dict[int, bytes] = {}

    # ── by point ───────────────────────────────────────────────────────────────────────────────────────────

    def at(self, lon: float, lat: float, *, on: int, lang: str) -> bytes:
        """The answer at a WGS 84 place, on a day (YYYYMMDD).

        Raises PlaceError outside the province's extent, DateError before the first plan."""
        west, south, east, north = self.extent
        if not (west <= lon <= east and south <= lat <= north):  # also refuses NaN
            raise PlaceError("place-outside-province", lon=lon, lat=lat)
        x, y = self._to_plane(lon, lat)
        return self._answer(lon, lat, x, y, on, lang)

    def at_projected(self, east: float, north: float, *, on: int, lang: str) -> bytes:
        """The answer at E, N in metres of the province's CRS; errors as `at`."""
        if not (math.isfinite(east) and math.isfinite(north)):
            raise PlaceError("place-not-finite")
        lon, lat = self._to_wgs84(east, north)
        west, south, right, top = self.extent
        if not (west <= lon <= right and south <= lat <= top):
            raise PlaceError("place-outside-province", lon=lon, lat=lat)
        return self._answer(lon, lat, east, north, on, lang)

    def _answer(self, lon: float, lat: float, east: float, north: float, on: int, lang: str) -> bytes:
        self.check_day(on)
        point = point_of(east, north)
        zones: list[Hit] = []
        pending: list[Hit] = []
        restrictions: list[bytes] = []
        parcels: list[bytes] = []
        on_paper: list[Source] = []
        applies = covered = 0  # themes, a bit each
        for source in self._cells.get((int(east // CELL_M), int(north // CELL_M)), ()):
            start, end, lots, overlays, coverage, outline, cadastre = source.tables or source.open()
            if not start <= on < end:
                if source.pending and lots is not None:
                    hits = lots.hits(east, north, point)
                    pending += [(source, row, edge) for row, edge in hits if not source.hides(lots, row)]
                continue
            if lots is not None:
                ends = lots.ends
                for row, edge in lots.hits(east, north, point):
                    if (ends is None or on < ends[row]) and not source.hides(lots, row):
                        zones.append((source, row, edge))
                        applies |= source.kind_bits
            if overlays is not None:
                for row, edge in overlays.hits(east, north, point):
                    if not source.hides(overlays, row):
                        applies |= source.theme_bits[overlays.codes[row]]
                        members = overlays.fragment(row), source.members(lang)
                        restrictions.append(b'{%b,%b,"edge_distance_m":%.2f}' % (*members, edge))
            if coverage is not None and source.covers & ~(applies | covered):  # else it can say nothing new
                for row in coverage.rows_at(east, north, point):
                    covered |= source.theme_bits[coverage.codes[row]]
            if outline is not None and outline.rows_at(east, north, point):
                on_paper.append(source)
            if cadastre is not None:
                parcels += [cadastre.fragment(row) for row in cadastre.rows_at(east, north, point)]
        return b"".join(
            (
                b'{"at":{"lon":%.7f,"lat":%.7f%b%.3f,"east":%.3f}},"on":"%b'
                % (lon, lat, self._at_head, north, east, self._day(on)),
                self._release_member,
                self._unit(east, north, point),
                b',"zones":[',
                b",".join([zone_member(hit, lang) for hit in zones]),
                b'],"restrictions":[',
                b",".join(restrictions),
                b'],"themes":{',
                self.themes(applies, covered, on_paper),
                b'},"pending":[',
                b",".join([_pending_member(hit, zones, lang) for hit in pending]),
                b'],"not_digitised":[',
                b",".join([source.not_digitised(lang) for source in on_paper]),
                b'],"parcels":[',
                b",".join(parcels),
                b'],"conflicts":[',
                b",".join(_conflicts(zones)) if len(zones) > 1 else b"",
                self.tail(zones[0][0].ask if zones else "", lang),
            )
        )

    def check_day(self, on: int) -> None:
        """DateError for a day (YYYYMMDD) before the first plan."""
        if on < self._first:
            raise DateError("date-before-first-plan", first=self.first_day)

    def _unit(self, east: float, north: float, point: Any) -> bytes:
        table = self._units.units if self._units is not None else None
        rows = table.rows_at(east, north, point) if table is not None else ()
        return table.fragment(rows[0]) if table is not None and rows else b"null"

    def within(self, polygon: BaseGeometry, *, on: int, lang: str) -> bytes:
        """The answer for a polygon in the province's CRS; see lookup/area.py."""
        from quyhoach.lookup.area import within  # it builds on this module

        return within(self, polygon, on=on, lang=lang)

    def themes(self, applies: int, covered: int, on_paper: Sequence[Source]) -> bytes:
        """The state of every theme: applies, else in force on paper only, else not affected, else no data.

        `applies` and `covered` have a bit for each theme."""
        paper = 0
        for source in on_paper:
            paper |= source.kind_bits
        ready = self._themes.get((applies, covered, paper))
        if ready is None:
            states = [
                APPLIES
                if applies & bit
                else NOT_DIGITISED
                if paper & bit
                else NOT_AFFECTED
                if covered & bit
                else NO_DATA
                for bit in self.bits.values()
            ]
            ready = b",".join([encode(code) + b":" + state for code, state in zip(self.bits, states, strict=True)])
            self._themes[applies, covered, paper] = ready
        return ready

    def _day(self, on: int) -> bytes:
        ready = self._days.get(on)
        if ready is None:
            if len(self._days) > 1000:
                self._days.clear()
            ready = self._days[on] = str(iso_day(on)).encode()
        return ready

    def tail(self, ask: str, lang: str) -> bytes:
        ready = self._tails.get((ask, lang))
        if ready is None:
            offices = self.release.manifest["province"]["offices"]
            office = next((row for row in offices if row["id"] == ask), offices[0])
            entry = {
                "office": office["name"].get(lang) or office["name"]["vi"],
                "phone": office["phone"],
                "email": office["email"],
                "address": office["address"],
            }
            ready = b'],"ask":' + encode(entry) + b',"note":' + encode(message("answer-note", lang)) + b"}"
            self._tails[ask, lang] = ready
        return ready

    def to_plane(self, lon: float, lat: float) -> tuple[float, float]:
        """E, N in the province's CRS of a WGS 84 place."""
        east, north = self._to_plane(lon, lat)
        return east, north

    # ── by name ────────────────────────────────────────────────────────────────────────────────────────────

    def search(self, q: str, *, lang: str, limit: int = 20) -> list[dict[str, Any]]:
        """Plans, places, lots, parcels and coordinates that a text means, best first; without what is withheld."""
        if not self._masked:
            return self.release.search.search(q, lang=lang, limit=limit)
        plans = {source.plan_id for source in self.sources}
        found = self.release.search.search(q, lang=lang, limit=limit + len(self._masked))
        return [
            row
            for row in found
            if (not row.get("plan_id") or row["plan_id"] in plans) and row.get("id") not in self._masked
        ][:limit]

    def sources_near(self, bounds: Sequence[float]) -> list[Source]:
        """Sources whose cells a box (province's CRS) touches, in order."""
        west, south, east, north = bounds
        columns, rows = (
            range(int(west // CELL_M), int(east // CELL_M) + 1),
            range(int(south // CELL_M), int(north // CELL_M) + 1),
        )
        if len(columns) * len(rows) > len(self._cells):
            return self.sources
        found = {id(source) for column in columns for row in rows for source in self._cells.get((column, row), ())}
        return [source for source in self.sources if id(source) in found]


def zone_member(hit: Hit, lang: str) -> bytes:
    """One zone of an answer."""
    source, row, edge = hit
    table = source.segment.zones
    assert table is not None
    code = table.codes[row]
    members = source.members(lang)
    if table.ends is not None and table.ends[row] != source.end:  # ended early by a local adjustment
        members = encode(source.plan_members(lang) | {"valid_to": iso_day(table.ends[row])})[1:-1]
    return b'{%b,%b,%b,"edge_distance_m":%.2f}' % (
        table.fragment(row),
        members,
        source.function_member(code, lang),
        edge,
    )


def _pending_member(hit: Hit, zones: Sequence[Hit], lang: str) -> bytes:
    source, row, _ = hit
    now = {function_of(other) for other in zones if other[0].plan_id == source.plan_id}
    change = "new_area" if not now else "same_function" if function_of(hit) in now else "function_changes"
    return zone_member((source, row, hit[2]), lang)[:-1] + b',"change":"%b"}' % change.encode()


def function_of(hit: Hit) -> str:
    """Function code of a zone hit; empty where there is none."""
    source, row, _ = hit
    assert source.segment.zones is not None
    code = source.segment.zones.codes[row]
    return source.functions[code][0] if code < len(source.functions) else ""


def _conflicts(zones: Sequence[Hit]) -> list[bytes]:
    """Zones that disagree: two lots of one plan one upon the other, or land-use plans whose functions differ in group.

    On a shared edge both neighbours are named; that is no conflict."""
    found = []
    for first, second in combinations(zones, 2):
        if first[2] <= TOUCH_M or second[2] <= TOUCH_M:
            continue
        code = conflict_code(first, second)
        if code:
            found.append(encode({"code": code, "zones": [first[0].zone_id(first[1]), second[0].zone_id(second[1])]}))
    return found


def conflict_code(first: Hit, second: Hit) -> str:
    """`lots_overlap`, `function_differs`, or empty where two zones at one place agree."""
    a, b = first[0], second[0]
    if a.plan_id == b.plan_id:
        return "lots_overlap"
    if not (a.land_use and b.land_use):
        return ""
    assert a.segment.zones is not None
    assert b.segment.zones is not None
    groups = a.group(a.segment.zones.codes[first[1]]), b.group(b.segment.zones.codes[second[1]])
    return "function_differs" if all(groups) and groups[0] != groups[1] else ""
