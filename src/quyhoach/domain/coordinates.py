"""Coordinates in the forms people write and paste: degrees, degrees-minutes-seconds, VN-2000 X/Y, lists of corners.

Nothing here knows a projection: a result is either geographic (lon, lat) or grid (E, N). Which number is which is
decided by where a place can lie (`Extents`), not by the order or the letters: in Viet Nam X is the northing, in
software it is the easting, and papers have both.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]

LONGEST = 20_000  # characters read of a pasted list
MOST_POINTS = 500


@dataclass(frozen=True, slots=True)
class Extents:
    """Where coordinates may lie, so that the order of a pair can be told: (least, greatest) of each."""

    lon: Point
    lat: Point
    east: Point
    north: Point


# Land and islands; grids of VN-2000 in 3° and 6° zones, false easting 500 km.
VIETNAM = Extents(lon=(102.0, 118.0), lat=(6.0, 24.0), east=(100_000.0, 900_000.0), north=(900_000.5, 2_700_000.0))


@dataclass(frozen=True, slots=True)
class Coordinates:
    """One place or several: `points` are (lon, lat) in degrees when geographic, else (E, N) in metres."""

    geographic: bool
    points: tuple[Point, ...]

    @property
    def is_polygon(self) -> bool:
        """Three corners or more: the text was a list of an area's corners."""
        return len(self.points) >= 3


def parse_coordinates(text: str, extents: Extents = VIETNAM) -> Coordinates | None:
    """The coordinates in a text, or None where there are none. Never raises.

    Reads "21.657, 106.5783" and "106,5783; 21,657", 21°39'25"N 106°34'42"E (also B and Đ), "X=2.395.843,3
    Y=430.286,1" in either order with comma or dot, and lists of corners with or without numbers and column heads.
    Other words may stand around. What lies outside `extents` is not taken for a coordinate.
    """
    plain = _plain(text[:LONGEST])
    found = _degrees(plain, extents)
    if not found:
        readings = [_pairs(numbers, extents) for numbers in _readings(plain)]
        best = max(readings, key=lambda reading: (len(reading.points), -reading.unused))
        found = Coordinates(best.geographic, tuple(best.points)) if best.points else None
    if not found:
        return None
    points = [point for at, point in enumerate(found.points[:MOST_POINTS]) if at == 0 or point != found.points[at - 1]]
    if len(points) > 3 and points[0] == points[-1]:  # a closed list of corners
        points.pop()
    return Coordinates(found.geographic, tuple(points))


# ── degrees, minutes, seconds ──────────────────────────────────────────────────────────────────────────────

_LETTERS = {"n": "lat", "s": "lat", "b": "lat", "e": "lon", "đ": "lon", "d": "lon", "w": "lon", "t": "lon"}
_WORDS = {"bắc": "b", "đông": "đ", "nam": "s", "tây": "w", "north": "n", "south": "s", "east": "e", "west": "w"}
_AMOUNT = r"\d{1,2}(?:[.,]\d{1,12})?"
_SIDE = r"(?:bắc|đông|nam|tây|north|south|east|west|[nsewbđdt])(?![\w])"
_MARKED = (
    rf"(?P<sign>-)?(?<!\d)(?P<deg>\d{{1,3}}(?:[.,]\d{{1,15}})?) ?(?:°|độ|deg|d(?=\d))"
    rf"(?: ?(?P<min>{_AMOUNT}) ?(?:'|phút|m(?=[\d ,;nsewbđt]|$)))?"
    rf"(?: ?(?P<sec>{_AMOUNT}) ?(?:\"|giây|s(?=[ ,;nsewbđt]|$)))?"
)
_LETTER_BEHIND = re.compile(rf"{_MARKED} ?(?P<side>{_SIDE})?")
_LETTER_BEFORE = re.compile(rf"(?:\b(?P<side>{_SIDE})[ :=]{{0,3}})?{_MARKED}")
_SPACED = re.compile(
    rf"(?<![\d.,])(?P<deg>\d{{1,3}})[ :-](?P<min>\d{{1,2}})[ :-](?P<sec>{_AMOUNT}) ?(?P<side>[nsewbđ])(?!\w)"
)
_COLONS = re.compile(rf"(?<![\d.,:])(?P<deg>\d{{1,3}}):(?P<min>\d{{1,2}}):(?P<sec>{_AMOUNT})(?![\d:])")


def _degrees(text: str, extents: Extents) -> Coordinates | None:
    for pattern in (_LETTER_BEHIND, _LETTER_BEFORE, _SPACED, _COLONS):
        values = [value for match in pattern.finditer(text) if (value := _angle(match.groupdict())) is not None]
        points = list(_paired(values, extents))
        if points:
            return Coordinates(True, tuple(points))
    return None


def _angle(parts: dict[str, str | None]) -> tuple[float, str] | None:
    """Degrees and axis ("lat", "lon" or "" where no letter says it)."""
    degrees, minutes, seconds = (_decimal(parts.get(name) or "0") for name in ("deg", "min", "sec"))
    if minutes >= 60 or seconds >= 60:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    side = parts.get("side") or ""
    letter = _WORDS.get(side, side)
    # "N" is north: no place of Viet Nam lies south (Nam) of the equator.
    if parts.get("sign") or letter in ("s", "w", "t"):
        value = -value
    return value, _LETTERS.get(letter, "")


def _paired(values: Sequence[tuple[float, str]], extents: Extents) -> Iterable[Point]:
    at = 0
    while at + 1 < len(values):
        (a, a_axis), (b, b_axis) = values[at], values[at + 1]
        swapped = a_axis == "lat" or b_axis == "lon" or (not a_axis and not b_axis and not _is_lonlat(a, b, extents))
        lon, lat = (b, a) if swapped else (a, b)
        if (a_axis != b_axis or not a_axis) and _is_lonlat(lon, lat, extents):
            yield lon, lat
            at += 2
        else:
            at += 1


# ── plain numbers ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Number:
    value: float
    fraction: bool  # written with decimals


@dataclass(frozen=True, slots=True)
class _Pairs:
    geographic: bool
    points: list[Point]
    unused: int


_DOT = re.compile(r"(?<![\d.])-?\d{1,9}(?:\.\d{1,15})?(?!\.?\d)")
_COMMA = re.compile(r"(?<![\d.,])-?(?:\d{1,3}(?:\.\d{3})+|\d{1,9})(?:,\d{1,15})?(?![.,]?\d)")
_COMMA_THOUSANDS = re.compile(r"(?<![\d.,])-?(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,15})?(?![.,]?\d)")
_BLANK_THOUSANDS = re.compile(r"(?<![\d.,])(?<!\d )\d{1,3}(?: \d{3})+(?:[.,]\d{1,15})?(?![.,]?\d)")
_FOUR = re.compile(r"\D*?(-?\d{1,8}),(\d{1,15}),(-?\d{1,8}),(\d{1,15})\D*")


def _readings(text: str) -> Iterable[list[_Number]]:
    """The numbers of a text, by each way of writing decimals and thousands."""
    yield _numbers(_DOT.findall(text), decimal=".", group="")
    yield _numbers(_COMMA.findall(text), decimal=",", group=".")
    yield _numbers(_COMMA_THOUSANDS.findall(text), decimal=".", group=",")
    blanks = _BLANK_THOUSANDS.findall(text)
    yield _numbers(blanks, decimal=",", group=" ")
    yield _numbers(blanks, decimal=".", group=" ")
    if four := _FOUR.fullmatch(text):  # "21,657,106,5783"
        yield _numbers([f"{four[1]}.{four[2]}", f"{four[3]}.{four[4]}"], decimal=".", group="")


def _numbers(found: Iterable[str], *, decimal: str, group: str) -> list[_Number]:
    numbers = []
    for text in found:
        plain = (text.replace(group, "") if group else text).replace(decimal, ".")
        if plain.count(".") <= 1 and "," not in plain:
            numbers.append(_Number(float(plain), "." in plain))
    return numbers


def _pairs(numbers: Sequence[_Number], extents: Extents) -> _Pairs:
    """Neighbouring numbers that make a place; what stands between (corner numbers, lengths of sides) is passed over."""
    found: dict[bool, list[Point]] = {True: [], False: []}
    at = used = 0
    while at + 1 < len(numbers):
        a, b = numbers[at], numbers[at + 1]
        point = _lonlat(a, b, extents)
        geographic = point is not None
        point = point or _grid(a.value, b.value, extents)
        if point is None:
            at += 1
            continue
        found[geographic].append(point)
        at, used = at + 2, used + 2
    geographic = len(found[True]) > len(found[False])
    return _Pairs(geographic, found[geographic], len(numbers) - used)


def _lonlat(a: _Number, b: _Number, extents: Extents) -> Point | None:
    """A pair as lon, lat. Whole numbers are none: "21/106" is a sheet and a parcel."""
    if not (a.fraction and b.fraction):
        return None
    if _is_lonlat(b.value, a.value, extents):
        return b.value, a.value
    return (a.value, b.value) if _is_lonlat(a.value, b.value, extents) else None


def _grid(a: float, b: float, extents: Extents) -> Point | None:
    """A pair as E, N. Where both orders are possible, X (first) is the northing, as on Vietnamese papers."""
    for east, north in ((b, a), (a, b)):
        if _within(east, extents.east) and _within(north, extents.north):
            return east, north
    return None


def _is_lonlat(lon: float, lat: float, extents: Extents) -> bool:
    return _within(lon, extents.lon) and _within(lat, extents.lat)


def _within(value: float, bounds: Point) -> bool:
    return bounds[0] <= value <= bounds[1]


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


_SIGNS = str.maketrans(
    {
        **dict.fromkeys("′’‘´`ʹ", "'"),
        **dict.fromkeys("″”“ʺ", '"'),
        **dict.fromkeys("º˚", "°"),
        **dict.fromkeys("−–—", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009\u2007\t\r\n\v\f", " "),
    }
)


def _plain(text: str) -> str:
    """One way of writing for signs and blanks, lower case; no other digits than 0-9 are numbers."""
    plain = unicodedata.normalize("NFC", text).translate(_SIGNS).replace("''", '"').lower()
    return re.sub(" +", " ", re.sub(r"[^\x00-\x7f°\w]", " ", "".join(" " if _odd_digit(c) else c for c in plain)))


def _odd_digit(letter: str) -> bool:
    return letter.isdigit() and letter not in "0123456789"
