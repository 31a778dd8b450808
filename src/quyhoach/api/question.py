"""What `GET /api/v1/lookup` was asked: the query string, parsed by hand as this is the hottest path of the server."""

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

from quyhoach.domain.errors import DateError, NotFoundError, PlaceError, UsageError

# What float() takes beyond these ("nan", "inf", "1_0", other scripts' digits) is no coordinate.
NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,2})?", re.ASCII).fullmatch
RELEASE_ID = re.compile(r"[0-9a-f]{32}").fullmatch
DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII).fullmatch
LONGEST_QUERY = 2048
KNOWN = frozenset(("lon", "lat", "x", "y", "crs", "on", "release", "lang"))
LANGS = ("vi", "en")
# How nearly every question is written: our own pages and the documentation write it so. A match means the same as
# the long way (a test holds the two together) and takes a third of the time.
USUAL = re.compile(
    rb"lon=(\d{1,3}(?:\.\d{0,15})?)&lat=(\d{1,2}(?:\.\d{0,15})?)"
    rb"(?:&on=(\d{4}-\d{2}-\d{2}))?(?:&release=([0-9a-f]{32}))?(?:&lang=(vi|en))?"
).fullmatch


class Question(NamedTuple):
    """A place, a date (YYYYMMDD; 0: today), a release ("": the current one) and a language.

    `crs` is "" for lon/lat (WGS 84); else `x`, `y` are in that CRS, in either order."""

    x: float
    y: float
    crs: str
    on: int
    release: str
    lang: str


def parse_question(query: bytes) -> Question:
    """The question in a query string. Raises UsageError for what is missing, repeated, unknown or garbled."""
    usual = USUAL(query)
    if usual:
        x, y, on_day, id_, in_lang = usual.groups()
        return Question(
            float(x),
            float(y),
            "",
            parse_day(on_day.decode()) if on_day else 0,
            id_.decode() if id_ else "",
            in_lang.decode() if in_lang else "vi",
        )
    return parse_any(query)


def parse_any(query: bytes) -> Question:
    """The same, however the question is written."""
    values = parse_query(query, KNOWN)
    get = values.get
    lang = get("lang") or "vi"
    if lang not in LANGS:
        raise UsageError("language-unknown", value=lang, name="lang")
    on = get("on")
    day = parse_day(on) if on is not None else 0
    release = get("release") or ""
    if release and not RELEASE_ID(release):
        raise NotFoundError("release-unknown", release=release)
    lon, lat = get("lon"), get("lat")
    if lon is not None and lat is not None:
        if "x" in values or "y" in values or "crs" in values:
            raise UsageError("parameter-conflict", names="lon, lat / x, y, crs")
        if not NUMBER(lon):
            raise PlaceError("place-not-a-number", name="lon", text=lon)
        if not NUMBER(lat):
            raise PlaceError("place-not-a-number", name="lat", text=lat)
        return Question(float(lon), float(lat), "", day, release, lang)
    if lon is not None or lat is not None:
        raise UsageError("parameter-missing", name="lat" if lat is None else "lon")
    for name in ("x", "y", "crs"):
        if name not in values:
            raise UsageError("parameter-missing", name=name if "x" in values or "y" in values else "lon")
        if name != "crs" and not NUMBER(values[name]):
            raise PlaceError("place-not-a-number", name=name, text=values[name])
    if not values["crs"]:
        raise PlaceError("place-unknown-crs", crs="", name="crs")
    return Question(float(values["x"]), float(values["y"]), values["crs"], day, release, lang)


def parse_query(query: bytes, known: frozenset[str]) -> dict[str, str]:
    """Name → value of a query string. UsageError for a name that is unknown or given twice, or a query too long.

    A misspelt name isn't passed over: `onn=2020-01-01` would be answered for today."""
    if len(query) > LONGEST_QUERY:
        raise UsageError("query-too-long", most=LONGEST_QUERY)
    values: dict[str, str] = {}
    if not query:
        return values
    text = query.decode("latin-1")
    plain = "%" not in text and "+" not in text and text.isascii()
    for part in text.split("&"):
        name, _, value = part.partition("=")
        if not plain:
            name, value = _decoded(name), _decoded(value)
        if name not in known:
            if not part:
                continue
            raise UsageError("parameter-unknown", name=name[:80])
        if name in values:
            raise UsageError("parameter-twice", name=name)
        values[name] = value
    return values


@lru_cache(maxsize=512)
def parse_day(text: str) -> int:
    """YYYY-MM-DD as YYYYMMDD; DateError when it isn't a day of the calendar."""
    found = DATE(text)
    if not found:
        raise DateError("date-not-a-date", text=text, name="on")
    year, month, day = map(int, found.groups())
    try:
        date(year, month, day)
    except ValueError as error:
        raise DateError("date-not-a-date", text=text, name="on") from error
    if year < 1900:
        raise DateError("date-not-a-date", text=text, name="on")
    return year * 10000 + month * 100 + day


def language(query: bytes) -> str:
    """The language asked in a query that may otherwise be garbage."""
    return "en" if b"lang=en" in query.split(b"&") else "vi"


def _decoded(text: str) -> str:
    try:
        # text is latin-1 of the raw bytes; what isn't UTF-8 after decoding was never a query of ours
        return unquote_plus(text.encode("latin-1").decode("utf-8"), errors="strict").strip()
    except UnicodeDecodeError as error:
        raise UsageError("query-not-utf8") from error
