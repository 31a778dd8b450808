"""What a page was asked in its address: place, date, language. Faults are told in words beside the form."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from quyhoach.domain.errors import DateError, PlaceError
from quyhoach.standard.text import language

LONGEST = 200  # characters of any one value: what is longer is cut before it is looked at


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a page. `on` is None for today."""

    lang: str
    q: str
    lon: str
    lat: str
    on: str

    @property
    def has_place(self) -> bool:
        return bool(self.lon or self.lat)


def read_asked(query: Mapping[str, str]) -> Asked:
    """The question in a query string, blanks and control characters removed."""

    def clean(name: str) -> str:
        text = "".join(letter if letter.isprintable() else " " for letter in query.get(name, "")[:LONGEST])
        return " ".join(text.split())

    return Asked(language(clean("lang")), clean("q"), clean("lon"), clean("lat"), clean("on"))


def place_of(asked: Asked, extent: tuple[float, float, float, float]) -> tuple[float, float]:
    """Longitude and latitude (WGS 84), or PlaceError. A decimal comma is understood."""
    if not asked.lon or not asked.lat:
        raise PlaceError("page-missing-coordinate")
    lon, lat = _number(asked.lon), _number(asked.lat)
    west, south, east, north = extent
    if west <= lat <= east and south <= lon <= north:
        raise PlaceError("page-coordinate-swapped", lon=asked.lat, lat=asked.lon)
    if abs(lon) > 180 or abs(lat) > 90:
        raise PlaceError("page-coordinate-out-of-range")
    return lon, lat


def date_of(asked: Asked, today: date) -> date:
    """The date asked about, by default today; DateError when it is no date."""
    if not asked.on:
        return today
    try:
        return date.fromisoformat(asked.on)
    except ValueError:
        raise DateError("page-bad-date", value=asked.on) from None


def as_number(day: date) -> int:
    """A date as YYYYMMDD."""
    return day.year * 10000 + day.month * 100 + day.day


def _number(text: str) -> float:
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PlaceError("page-bad-coordinate", value=text)
    return value
