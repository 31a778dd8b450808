"""Which bare number of a lot's label is what, and what a written area is in m²."""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from quyhoach.domain.label_words import KINDS

M2_PER_HA = 10_000.0
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_RANGED = re.compile("[-÷~<>≤≥ …]")
_UNREAD = -1.5
_FAR_OFF = 1.1  # |ln| of written over drawn area: beyond three times, the unit said elsewhere is doubted
_SAME = 0.1
_AREA_FITS = ((0.05, 3.0), (0.25, 1.5), (0.7, 0.0), (1.6, -2.0), (2.5, -4.0))  # |ln| below -> weight
_AGREED = 2.5  # what it counts that density × storeys is the FAR


@dataclass(frozen=True, slots=True)
class Bare:
    """A number or range without name and unit. `hoped`: what the drawing's key says it is, or "", and how much that
    counts."""

    text: str
    hoped: str = ""
    weight: float = 0.0


def readings(text: str) -> tuple[float, ...]:
    """What a written number can mean: with one mark before three digits ("3.817", "1,234") thousands, then decimals;
    everything else one value. Empty for what is no number."""
    if not _NUMBERS.fullmatch(text):
        return ()
    if text.isdigit():
        return (float(text),)
    marks = [letter for letter in text if letter in ".,"]
    whole, last = text[: text.rfind(marks[-1])], text[text.rfind(marks[-1]) + 1 :]
    digits = re.sub("[.,]", "", whole)
    decimal = float(f"{digits}.{last}")
    if len(set(marks)) == 2:
        return (decimal,) if marks.count(marks[-1]) == 1 else ()
    if len(marks) > 1:
        return (float(digits + last),)
    if len(last) == 3 and not text.startswith("0") and len(whole) <= 3:
        return (float(digits + last), decimal)
    return (decimal,)


def area_m2(text: str, unit: str, said: str, drawn: float | None) -> float | None:
    """A written area in m². `unit`: "m2", "ha" or "" where none is written; `said`: the unit that the drawing's key
    says; `drawn`: the polygon's area, the judge between thousands and decimals, and between units where none is
    written or said (or what was said is more than three times off and the other unit fits)."""
    values = readings(text)
    if not values or not any(values):
        return None
    own = _in_m2(values, unit or said) if unit or said else _in_m2(values, "m2") + _in_m2(values, "ha")
    if drawn is not None and drawn > 0:
        best = min(own, key=lambda value: _off(value, drawn))
        if not unit and said and _off(best, drawn) > _FAR_OFF:
            other = min(_in_m2(values, "ha" if said == "m2" else "m2"), key=lambda value: _off(value, drawn))
            if _off(other, drawn) < _SAME:
                return other
        return best
    if unit or said:
        return own[-1] if (unit or said) == "ha" else own[0]
    small = values[-1] < 20 and not values[-1].is_integer() and len(values) == 1
    return round(values[-1] * M2_PER_HA, 4) if small else values[0]


def _in_m2(values: tuple[float, ...], unit: str) -> tuple[float, ...]:
    return tuple(round(value * M2_PER_HA, 4) for value in values) if unit == "ha" else values


def _off(value: float, drawn: float) -> float:
    return abs(math.log(value / drawn)) if value > 0 else math.inf


def share_out(
    bare: tuple[Bare, ...], known: tuple[tuple[str, str], ...], area_unit: str, drawn: float | None
) -> tuple[str, ...]:
    """What each bare number is, of KINDS, or "" where it cannot be told. `known`: kinds already read, with their texts.

    All ways of sharing out are weighed: what the drawing's key says, what numbers of that size are, the usual order
    (area, density, storeys, FAR, population), and density × storeys = FAR."""
    if len(bare) > 7:
        return ("",) * len(bare)
    fits = None
    if drawn is not None and drawn > 0:
        fits = tuple((_area_fit(one, area_unit, drawn), _too_many(one, drawn)) for one in bare)
    return _share_out(bare, known, area_unit, fits)


def _area_fit(one: Bare, area_unit: str, drawn: float) -> float:
    value = None if _RANGED.search(one.text) else area_m2(one.text, "", area_unit, drawn)
    if value is None:
        return -9.0
    off = _off(value, drawn)
    fit = next((fit for within, fit in _AREA_FITS if off < within), -6.0)
    kinds = _fitting(one.text, area_unit).keys() - ({"population"} if _too_many(one, drawn) else set())
    only_area = kinds == {"area"}
    return max(fit, -1.0) if only_area else fit  # "18.128,6" is an area, however wrong


def only_area(text: str, area_unit: str = "") -> bool:
    """Whether a bare number, by its size and form, can be nothing but an area."""
    return _fitting(text, area_unit).keys() == {"area"}


def _too_many(one: Bare, drawn: float) -> bool:
    """Whether a number of people could not live on the lot: more than one on two square metres."""
    bounds = _bounds(one.text)
    return bounds is not None and bounds[0] > drawn / 2


@lru_cache(maxsize=16_384)
def _share_out(
    bare: tuple[Bare, ...],
    known: tuple[tuple[str, str], ...],
    area_unit: str,
    fits: tuple[tuple[float, bool], ...] | None,
) -> tuple[str, ...]:
    values = {kind: _bounds(text) for kind, text in known}
    bounds = [_bounds(one.text) for one in bare]
    open_kinds = [kind for kind in KINDS if kind not in values]
    options = [
        sorted(_weights(one, open_kinds, area_unit, None if fits is None else fits[n]).items(), key=lambda way: -way[1])
        for n, one in enumerate(bare)
    ]
    most = [0.0]  # the most that the numbers from the n-th on can still add
    for ways in reversed(options):
        most.insert(0, most[0] + ways[0][1])
    alone = len(bare) == 1 and not values.keys() & {"density", "storeys", "far"}
    best: tuple[float, tuple[str, ...]] = (-math.inf, ("",) * len(bare))

    def final(kinds: tuple[str, ...], weight: float) -> float:
        if alone and kinds[0] not in ("", "area") and bare[0].hoped != kinds[0]:
            weight -= 4.0
        weight -= 2.0 * _disorder(kinds, bare)
        shared = values | {kind: bound for kind, bound in zip(kinds, bounds, strict=True) if kind}
        return weight + _consistency(shared) + _crowding(shared)

    def search(place: int, kinds: tuple[str, ...], weight: float) -> None:
        nonlocal best
        if place == len(bare):
            best = max(best, (final(kinds, weight), kinds), key=lambda way: way[0])
            return
        for kind, more in options[place]:
            if weight + more + most[place + 1] + _AGREED <= best[0]:
                return
            if not kind or kind not in kinds:
                search(place + 1, (*kinds, kind), weight + more)

    search(0, (), 0.0)
    return best[1]


_WRONG_DENSITY = 200.0


def _disorder(kinds: tuple[str, ...], bare: tuple[Bare, ...]) -> int:
    """How many pairs stand against the usual order, other than where the drawing's key says so of both."""
    order = [(KINDS.index(kind), kind == one.hoped) for kind, one in zip(kinds, bare, strict=True) if kind]
    return sum(
        first > second and not (hoped and also)
        for n, (first, hoped) in enumerate(order)
        for second, also in order[n + 1 :]
    )


@lru_cache(maxsize=4096)
def _bounds(text: str) -> tuple[float, float] | None:
    found = [readings(number) for number in _NUMBERS.findall(text)]
    if not found or not all(found) or len(found) > 2:
        return None
    return found[0][0], found[-1][0]


def _weights(one: Bare, kinds: list[str], area_unit: str, fit: tuple[float, bool] | None) -> dict[str, float]:
    """How well a number fits each kind; kinds that it cannot be are absent; "" is to leave it unread."""
    result = {"": _UNREAD}
    fitting = _fitting(one.text, area_unit)
    for kind in kinds:
        if kind in fitting and not (kind == "population" and fit is not None and fit[1]):
            weight = fit[0] if kind == "area" and fit is not None else fitting[kind]
            result[kind] = weight + (one.weight if one.hoped == kind else -one.weight / 3)
    return result


@lru_cache(maxsize=4096)
def _fitting(text: str, area_unit: str) -> dict[str, float]:
    """How usual a number or range is for each kind that it can be, by its size and form alone."""
    bounds = _bounds(text)
    if bounds is None or bounds[0] > bounds[1] or bounds[1] <= 0:
        return {}
    low, high = bounds
    ranged = _RANGED.search(text) is not None
    decimals = "." in text or "," in text
    whole = low.is_integer() and high.is_integer()
    wide = 0.3 if ranged else 0.0
    fitting: dict[str, float] = {}
    if not ranged:
        area = area_m2(text, "", area_unit, None) or 0.0
        fitting["area"] = 1.5 if area >= 100 else -1.0 if area >= 20 else -2.0
    if high <= 100:
        usual = (1.0 if high >= 15 else -0.5) + (0.5 if high % 5 == 0 else 0.0)
        fitting["density"] = usual + wide - (1.0 if decimals else 0.0)
    elif high <= _WRONG_DENSITY and whole:
        fitting["density"] = -1.2 + wide  # wrong, and a rule says so: but first it must be read
    if whole and not decimals and high <= 80:
        fitting["storeys"] = (1.0 if high <= 15 else 0.3 if high <= 30 else -1.0) + wide
    if high <= 25:
        fitting["far"] = (1.2 if decimals and high <= 15 else -0.7) + wide
    if not ranged and whole and (high >= 1000 or not decimals):
        fitting["population"] = 0.2
    return fitting


def _crowding(values: dict[str, tuple[float, float] | None]) -> float:
    """Against a population of more than one person on two square metres of land (when the area was read in m²)."""
    area, people = values.get("area"), values.get("population")
    if area is None or people is None or area[0] < 30:
        return 0.0
    return -4.0 if people[0] > area[0] / 2 else 0.0


def _consistency(values: dict[str, tuple[float, float] | None]) -> float:
    """Whether density × storeys makes the FAR, where all three are there (a plan writes the FAR rounded)."""
    density, storeys, far = values.get("density"), values.get("storeys"), values.get("far")
    if density is None or storeys is None or far is None:
        return 0.0
    made = density[1] * storeys[1] / 100
    return _AGREED if abs(made - far[1]) <= 0.15 + 0.12 * max(made, far[1]) else -1.0
