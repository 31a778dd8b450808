"""Where a question is about: coordinates in any common system, axes either way round, to the province's plane.

Vietnamese surveyors write X for the northing and Y for the easting; EPSG and GIS write easting first (NORMS §9).
Which is which is decided by the extent of the province, never by the name of the axis, and said in the answer.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

import pyproj

from quyhoach.domain.errors import PlaceError

WGS84 = 4326


@dataclass(frozen=True, slots=True)
class Place:
    """A place in WGS 84; `swapped` says that the numbers came the other way round than asked."""

    lon: float
    lat: float
    swapped: bool = False


def epsg_of(text: str) -> int:
    """EPSG code of "9215", "EPSG:9215", "urn:ogc:def:crs:EPSG::9215". Raises PlaceError where PROJ has no such one."""
    found = re.fullmatch(r"(?:(?:urn:ogc:def:crs:)?EPSG:{1,2})?([0-9]{4,6})", text.strip(), re.IGNORECASE)
    if not found:
        raise PlaceError("place-unknown-crs", crs=text[:40])
    epsg = int(found.group(1))
    _to_wgs84(epsg)
    return epsg


def locate(x: float, y: float, epsg: int, extent: tuple[float, float, float, float]) -> Place:
    """The WGS 84 place of two numbers in a CRS, of which `extent` (west, south, east, north) tells the order.

    In WGS 84 x is the longitude. Both orders are tried; the one inside the extent wins, the order asked first.
    Raises PlaceError when a number is not finite or neither order lies in the extent."""
    if not (math.isfinite(x) and math.isfinite(y)):
        raise PlaceError("place-not-finite")
    for swapped, (first, second) in ((False, (x, y)), (True, (y, x))):
        lon, lat = (first, second) if epsg == WGS84 else _to_wgs84(epsg).transform(first, second)
        if extent[0] <= lon <= extent[2] and extent[1] <= lat <= extent[3]:
            return Place(lon, lat, swapped)
    raise PlaceError("place-outside-province", lon=x, lat=y)


@lru_cache(maxsize=64)
def _to_wgs84(epsg: int) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs(f"EPSG:{epsg}", "EPSG:4326", always_xy=True)
    except pyproj.exceptions.CRSError:
        raise PlaceError("place-unknown-crs", crs=f"EPSG:{epsg}") from None
