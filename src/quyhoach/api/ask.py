"""A question answered by one release: the place worked out, its interpretation said in the answer."""

import json
from collections.abc import Sequence

from quyhoach.api.question import Question
from quyhoach.domain.errors import PlaceError
from quyhoach.lookup import Lookup
from quyhoach.lookup.place import WGS84, epsg_of, locate
from quyhoach.standard.messages import message


def answer_point(lookup: Lookup, question: Question, on: int, zones: Sequence[int]) -> bytes:
    """The JSON answer. `zones`: EPSG codes of the VN-2000 zones, the projected systems taken beside the province's.

    Raises PlaceError, DateError. Where the numbers were understood the other way round than written, the answer
    starts with a member `interpreted`."""
    x, y = question.x, question.y
    west, south, east, north = lookup.extent
    if not question.crs:
        if west <= x <= east and south <= y <= north:
            return lookup.at(x, y, on=on, lang=question.lang)
        return _other_way_round(lookup, question, on)
    epsg = read_crs(question.crs, lookup.epsg, zones)
    if epsg == WGS84:
        return answer_point(lookup, question._replace(crs=""), on, zones)
    try:
        place = locate(x, y, epsg, lookup.extent)
    except PlaceError as error:
        raise _other_zone(x, y, epsg, lookup, zones) or error from None
    first, second = (y, x) if place.swapped else (x, y)
    if epsg == lookup.epsg:
        body = lookup.at_projected(first, second, on=on, lang=question.lang)
    else:
        body = lookup.at(place.lon, place.lat, on=on, lang=question.lang)
    return _with_interpretation(body, "interpreted-north-east", question.lang, epsg=epsg) if place.swapped else body


def read_crs(text: str, own: int, zones: Sequence[int]) -> int:
    """EPSG code of a CRS that may be asked in: WGS 84, the province's own, a VN-2000 zone. PlaceError for any other.

    PROJ knows thousands more; making a transformer for each would let anybody keep the server busy."""
    code = text.strip().upper().removeprefix("URN:OGC:DEF:CRS:").removeprefix("EPSG:").lstrip(":")
    if not (code.isascii() and code.isdigit() and len(code) <= 6) or int(code) not in {WGS84, own, *zones}:
        raise PlaceError("place-unknown-crs", crs=text[:40], name="crs")
    return epsg_of(code)


def _other_way_round(lookup: Lookup, question: Question, on: int) -> bytes:
    """A WGS 84 pair that isn't in the province as written: perhaps swapped, perhaps not degrees at all."""
    x, y = question.x, question.y
    if abs(x) > 180 or abs(y) > 180:
        raise PlaceError("coordinate-in-metres" if min(abs(x), abs(y)) > 1000 else "coordinate-out-of-range")
    try:
        place = locate(x, y, WGS84, lookup.extent)
    except PlaceError:
        if abs(y) > 90:
            raise PlaceError("coordinate-out-of-range") from None
        raise
    body = lookup.at(place.lon, place.lat, on=on, lang=question.lang)
    return _with_interpretation(body, "interpreted-lat-lon", question.lang, epsg=WGS84)


def _other_zone(x: float, y: float, epsg: int, lookup: Lookup, zones: Sequence[int]) -> PlaceError | None:
    """`place-wrong-zone` where the numbers would lie in the province in another zone."""
    fitting = []
    for zone in dict.fromkeys((lookup.epsg, *zones)):
        if zone != epsg:
            try:
                locate(x, y, zone, lookup.extent)
            except PlaceError:
                continue
            fitting.append(zone)
    if not fitting:
        return None
    return PlaceError("place-wrong-zone", crs=f"EPSG:{epsg}", zones=fitting[:5], suggest=fitting[:5])


def _with_interpretation(body: bytes, code: str, lang: str, *, epsg: int) -> bytes:
    said = json.dumps(message(code, lang, epsg=epsg), ensure_ascii=False)
    return b'{"interpreted":' + said.encode() + b"," + body[1:]
