"""Finds what a text means: plans, places old and new, lots, parcels, coordinates; best first. Never fails on a text.

Reads `search.db` (release/search_build.py), read-only. The few names are held in memory and compared one by one; lots
and parcels, which are many, are looked up by key.
"""

import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from quyhoach.domain.coordinates import LONGEST, Extents, parse_coordinates
from quyhoach.domain.errors import ReleaseError
from quyhoach.release.search_build import SCHEMA, label_key, number_key, search_rows, write_search
from quyhoach.release.search_places import coordinate_results
from quyhoach.standard import fold, format_number
from quyhoach.standard.messages import message

__all__ = ["SearchIndex", "search_rows", "write_search"]

MOST_CHARACTERS = 200  # of a text that is looked for by name; pasted coordinates may be longer
MOST_RESULTS = 100
_MOST_WORDS = 12
_LABEL_WORDS = 3  # a label is written in at most so many words: "OM 12 a"

# How well a name fits, best first.
EXACT, PREFIX, WORDS, EACH_WORD, INSIDE = range(5)

_SHEET = r"(?:to|sheet)(?: ban do)?(?: dia chinh)?(?: so)? (?P<sheet>[a-z]{0,3}\d{1,5}(?: \d{1,3})?)"
_PARCEL = r"(?:thua|parcel|plot)(?: dat)?(?: so)? (?P<lot>\d{1,6})"
_PARCEL_FORMS = (
    re.compile(rf"\b{_SHEET}\b.{{0,20}}?\b{_PARCEL}\b"),
    re.compile(rf"\b{_PARCEL}\b.{{0,20}}?\b{_SHEET}\b"),
    re.compile(rf"\b{_PARCEL}\b"),
)
_SLASHED = re.compile(r"(?<![\w/])(?P<sheet>\d{1,5}) ?/ ?(?P<lot>\d{1,6})(?![\w/])")
# Words that say what is looked for and are in no name.
_FILLERS = frozenset(
    ("lo", "lot", "khu", "dat", "o", "tai", "thuoc", "so", "plan", "in", "of", "at", "the", "do", "an")
)
_PARCEL_FILLERS = _FILLERS | {"to", "ban", "thua", "xa", "phuong", "thi", "tran", "commune", "ward"}

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Name:
    """A name to compare with, folded, and where it leads."""

    folded: str
    place: int  # position in the plans or places


class SearchIndex:
    """An open `search.db`. Safe to use from several threads; ReleaseError when the file is not one."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            # Immutable: no locks, no journal; a release never changes. as_uri() quotes what a path may hold.
            uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
            self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self._meta = {key: json.loads(value) for key, value in self._all("SELECT key, value FROM meta")}
            if self._meta.get("schema") != SCHEMA:
                raise ReleaseError("search-index-unreadable", path=path.name)
            self._plans = [json.loads(row[0]) for row in self._all("SELECT facts FROM plans ORDER BY place")]
            self._places = [json.loads(row[0]) for row in self._all("SELECT facts FROM places ORDER BY place")]
        except (sqlite3.Error, ValueError) as error:
            raise ReleaseError("search-index-unreadable", path=path.name) from error
        self._extents = Extents(**{name: (low, high) for name, (low, high) in self._meta["extents"].items()})

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def search(self, q: str, *, lang: str, limit: int = 20) -> list[Result]:
        """What the text means, best first, at most `limit` (and 100) results.

        A result has `kind` (plan, place, zone, parcel, coordinate), `title`, `detail`, and where known `lon`, `lat`,
        `bbox`, `id`, `plan_id`, `polygon` (corners lon, lat)."""
        limit = max(0, min(limit, MOST_RESULTS))
        found = list(coordinate_results(parse_coordinates(q[:LONGEST], self._extents), self._meta, lang))
        text = fold(q[:MOST_CHARACTERS])
        words = re.findall(r"[^\W_]+", text)[:_MOST_WORDS]
        if words:
            ranked = [*self._named_plans(words, lang), *self._named_places(words, lang)]
            ranked += self._labelled(words, lang, limit)
            ranked += self._parcels(text, words, lang, limit)
            ranked.sort(key=lambda item: item[0])
            found += [result for _, result in ranked]
        return found[:limit]

    # ── names ──────────────────────────────────────────────────────────────────────────────────────────────

    def _named_plans(self, words: Sequence[str], lang: str) -> Iterator[tuple[tuple[int, ...], Result]]:
        for place, fit in _fits(self._plan_names, words).items():
            plan = self._plans[place]
            yield (
                (fit, 0, place),
                {
                    "kind": "plan",
                    "title": plan["names"].get(lang) or plan["names"]["vi"],
                    "detail": message("search-decisions", lang, numbers=", ".join(plan["decisions"]))
                    if plan["decisions"]
                    else "",
                    "id": plan["plan_id"],
                    "plan_id": plan["plan_id"],
                    **_place(plan),
                },
            )

    def _named_places(self, words: Sequence[str], lang: str) -> Iterator[tuple[tuple[int, ...], Result]]:
        for place, fit in _fits(self._place_names, words).items():
            unit = self._places[place]
            yield (
                (fit, 1 + unit["old"], place),
                {
                    "kind": "place",
                    "title": unit["name"],
                    "detail": _unit_detail(unit, lang),
                    "id": ("old:" if unit["old"] else "") + unit["code"],
                    **_place(unit),
                },
            )

    @cached_property
    def _plan_names(self) -> list[_Name]:
        return [
            _Name(_words(text), place)
            for place, plan in enumerate(self._plans)
            for text in (*plan["names"].values(), plan["plan_id"], *plan["decisions"])
        ]

    @cached_property
    def _place_names(self) -> list[_Name]:
        return [
            _Name(_words(text), place)
            for place, unit in enumerate(self._places)
            for text in dict.fromkeys((unit["name"], unit["bare"]))
        ]

    # ── lots ───────────────────────────────────────────────────────────────────────────────────────────────

    def _labelled(self, words: Sequence[str], lang: str, limit: int) -> Iterator[tuple[tuple[int, ...], Result]]:
        """Lots whose label is all of the text or begins with it, or some of its words, if the others name the plan."""
        seen = set()
        for key, rest in _label_readings(words):
            plans = self._plans_with(rest)
            for fit, row in self._lots(key, plans, limit, prefixes=not rest):
                if row[4] not in seen:
                    seen.add(row[4])
                    yield ((fit, 3, row[1]), self._zone_result(row, lang))

    def _lots(
        self, key: str, plans: set[int] | None, limit: int, *, prefixes: bool
    ) -> Iterator[tuple[int, tuple[Any, ...]]]:
        if plans is not None and not plans:
            return
        which = "" if plans is None else f" AND plan IN ({','.join(map(str, sorted(plans)))})"
        columns = "SELECT key, place, plan, label, zone, function, lon, lat FROM lots WHERE"
        exact = self._all(f"{columns} key = ?{which} ORDER BY key, place LIMIT ?", (key, limit))
        yield from ((EXACT, row) for row in exact)
        if (prefixes or not exact) and len(exact) < limit:
            beyond = key + "\U0010ffff"
            span = f"{columns} key > ? AND key < ?{which} ORDER BY key, place LIMIT ?"
            yield from ((PREFIX, row) for row in self._all(span, (key, beyond, limit - len(exact))))

    def _plans_with(self, words: Sequence[str]) -> set[int] | None:
        """Plans in whose names or ids each of the words begins a word; None: no words, all plans."""
        words = [word for word in words if word not in _FILLERS]
        if not words:
            return None
        return {place for place, fit in _fits(self._plan_names, words).items() if fit <= EACH_WORD}

    def _zone_result(self, row: Sequence[Any], lang: str) -> Result:
        _, _, plan_number, label, zone, function, lon, lat = row
        plan = self._plans[plan_number]
        names = self._meta["functions"].get(function) or {}
        about = [names.get(lang) or names.get("vi") or function or "", plan["names"].get(lang) or plan["names"]["vi"]]
        return {
            "kind": "zone",
            "title": message("search-lot", lang, label=label),
            "detail": " · ".join(text for text in about if text),
            "id": zone,
            "plan_id": plan["plan_id"],
            "lon": lon,
            "lat": lat,
        }

    # ── parcels ────────────────────────────────────────────────────────────────────────────────────────────

    def _parcels(
        self, text: str, words: Sequence[str], lang: str, limit: int
    ) -> Iterator[tuple[tuple[int, ...], Result]]:
        asked = _parcel_numbers(text, words)
        if asked is None:
            return
        sheet, lot, rest = asked
        condition, values = ("lot = ? AND sheet = ?", (lot, sheet)) if sheet else ("lot = ?", (lot,))
        columns = "SELECT commune, number, map, area, lon, lat, plan FROM parcels WHERE"
        # Numbers repeat from commune to commune: filtered here, so more are read than are shown.
        rows = self._all(f"{columns} {condition} ORDER BY lot, sheet, place LIMIT 2000", values)
        shown = 0
        for place, (commune, number, sheet_number, area, lon, lat, plan) in enumerate(rows):
            names = self._meta["communes"].get(commune) or []
            if shown == limit or (rest and not any(_all_begin(rest, _words(name)) for name in names)):
                continue
            shown += 1
            about = [*names[:1], message("search-now", lang, names=", ".join(names[1:])) if names[1:] else ""]
            yield (
                (EXACT, 4, place),
                {
                    "kind": "parcel",
                    "title": message("search-parcel", lang, lot=number, sheet=sheet_number),
                    "detail": " · ".join([*filter(None, about), f"{format_number(area, lang, decimals=1)} m²"]),
                    "id": f"{commune}/{sheet_number}/{number}",
                    "plan_id": self._plans[plan]["plan_id"],
                    "lon": lon,
                    "lat": lat,
                },
            )

    def parcel_points(self, commune: str, sheet: str, lot: str) -> list[tuple[float, float]]:
        """lon, lat inside each parcel of these numbers; numbers may repeat, so there may be several."""
        sql = "SELECT lon, lat FROM parcels WHERE lot = ? AND sheet = ? AND commune = ? ORDER BY place LIMIT 20"
        return self._all(sql, (number_key(lot), number_key(sheet), commune))

    def _all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()


def _fits(names: Iterable[_Name], words: Sequence[str]) -> dict[int, int]:
    """Place -> how well its best name fits the words."""
    text = " ".join(words)
    best: dict[int, int] = {}
    for name in names:
        fit = _fit(name.folded, text, words)
        if fit is not None and fit < best.get(name.place, INSIDE + 1):
            best[name.place] = fit
    return best


def _fit(name: str, text: str, words: Sequence[str]) -> int | None:
    if name == text:
        return EXACT
    if name.startswith(text):
        return PREFIX
    if f" {text}" in f" {name}":
        return WORDS
    if _all_begin(words, name):
        return EACH_WORD
    return INSIDE if len(text) > 1 and text in name else None


def _all_begin(words: Sequence[str], name: str) -> bool:
    spaced = f" {name}"
    return all(f" {word}" in spaced for word in words)


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def _label_readings(words: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Ways to read the words as a label and the words beside it; the whole text first."""
    yield label_key("".join(words)), ()
    whole = [word for word in words if word not in _FILLERS]
    if len(whole) < len(words) and whole:
        yield label_key("".join(whole)), ()
    for size in range(min(_LABEL_WORDS, len(whole) - 1), 0, -1):
        for start in range(len(whole) - size + 1):
            key = label_key("".join(whole[start : start + size]))
            # Without a digit a word is rather a part of the plan's name.
            if any(letter.isdigit() for letter in key):
                yield key, [*whole[:start], *whole[start + size :]]


def _parcel_numbers(text: str, words: Sequence[str]) -> tuple[str, str, list[str]] | None:
    """Sheet ("" where not said), parcel, and the words that are left to name the commune."""
    joined = " ".join(words)
    for source, patterns in ((joined, _PARCEL_FORMS), (text, (_SLASHED,))):
        for pattern in patterns:
            if match := pattern.search(source):
                groups = match.groupdict()
                beside = re.findall(r"[^\W_]+", f"{source[: match.start()]} {source[match.end() :]}")
                rest = [word for word in beside if word not in _PARCEL_FILLERS]
                return number_key(groups.get("sheet") or ""), number_key(groups["lot"]), rest
    return None


def _unit_detail(unit: Mapping[str, Any], lang: str) -> str:
    if unit["now"]:
        code = "search-now-parts" if unit["split"] else "search-now"
        told = message(code, lang, names=", ".join(unit["now"]))
    elif unit["old"]:
        told = message("search-old-unit", lang)
    else:
        told = message("search-made-of", lang, names=", ".join(unit["former"])) if unit["former"] else ""
    return " · ".join(text for text in (unit["parent"], told) if text)


def _place(entry: Mapping[str, Any]) -> Result:
    place = {"lon": entry["lon"], "lat": entry["lat"]} if entry["lon"] is not None else {}
    return {**place, "bbox": entry["bbox"]} if entry.get("bbox") else place
