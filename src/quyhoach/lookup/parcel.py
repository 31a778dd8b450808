"""The look-up by parcel: old commune code, map sheet, lot number, to the zones of its area.

Numbers repeat where sheets were drawn anew: an ambiguous parcel is asked about, never chosen (DESIGN decision 12)."""

import json

from shapely.geometry.base import BaseGeometry

from quyhoach.domain.errors import NotFoundError, UsageError
from quyhoach.lookup.area import within
from quyhoach.lookup.engine import Lookup
from quyhoach.release.index import encode, point_of


def parcel_answer(lookup: Lookup, commune: str, sheet: str, lot: str, *, on: int, lang: str) -> bytes:
    """The polygon answer for a parcel, with a first member `parcel` {commune, sheet, lot, area_m2}.

    Raises NotFoundError `parcel-unknown`, UsageError `parcel-ambiguous` with `places` (lon, lat of each)."""
    found: dict[bytes, tuple[dict[str, str], BaseGeometry, tuple[float, float]]] = {}
    for lon, lat in lookup.release.search.parcel_points(commune, sheet, lot):
        east, north = lookup.to_plane(lon, lat)
        point = point_of(east, north)
        for source in lookup.sources_near((east, north, east, north)):
            table = (source.tables or source.open())[-1]
            if table is None:
                continue
            for row in table.rows_at(east, north, point):
                facts = json.loads(table.fragment(row))
                if facts["commune"] == commune and _same(facts["sheet"], sheet) and _same(facts["lot"], lot):
                    shape = table.geometry(row)
                    found[shape.wkb] = (facts, shape, (lon, lat))
    if not found:
        raise NotFoundError("parcel-unknown", commune=commune, sheet=sheet, lot=lot)
    if len(found) > 1:
        places = [list(place) for _, _, place in found.values()]
        raise UsageError("parcel-ambiguous", count=len(places), places=places)
    ((facts, shape, _),) = found.values()
    return b'{"parcel":' + encode(facts) + b"," + within(lookup, shape, on=on, lang=lang)[1:]


def _same(known: str, asked: str) -> bool:
    """Whether two numbers are one, whatever leading zeros they are written with."""
    return known.strip().lstrip("0").casefold() == asked.strip().lstrip("0").casefold()
