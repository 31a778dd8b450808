"""Which bare number of a lot's label is what, and what a written area is in m²."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from quyhoach.domain.label_words import KINDS

M2_PER_HA = 10_000.0
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_FAR_OFF = 1.1  # |ln| of written over drawn area: beyond three times, the unit said elsewhere is doubted
_SAME = 0.1


@dataclass(frozen=True, slots=True)
class Bare:
    """A number or range without name and unit. `hoped`: what the drawing's key says it is, or "", and how much that
    counts."""

    text: str
    hoped: str = ""
    weight: float = 0.0

    @property
    def ranged(self) -> bool:
        return any(letter in self.text for letter in "-÷~<>≤≥ …")


def readings(text: str) -> tuple[float, ...]:
    """What a written number can mean: with one mark before three digits ("3.817", "1,234") thousands, then decimals;
    everything else one value. Empty for what is no number."""
    text = text.strip()
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", text):
        return ()
    marks = [letter for letter in text if letter in ".,"]
    if not marks:
        return (float(text),)
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
        fits = tuple(_area_fit(one, area_unit, drawn) for one in bare)
    return _share_out(bare, known, area_unit, fits)


def _area_fit(one: Bare, area_unit: str, drawn: float) -> float:
    value = None if one.ranged else area_m2(one.text, "", area_unit, drawn)
    if value is None:
        return -9.0
    off = _off(value, drawn)
    return 3.0 if off < 0.05 else 1.5 if off < 0.25 else 0.0 if off < 0.7 else -2.0 if off < 1.6 else -6.0


@lru_cache(maxsize=16_384)
def _share_out(
    bare: tuple[Bare, ...], known: tuple[tuple[str, str], ...], area_unit: str, fits: tuple[float, ...] | None
) -> tuple[str, ...]:
    values = {kind: _bounds(text) for kind, text in known}
    open_kinds = [kind for kind in KINDS if kind not in values]
    weights = [_weights(one, open_kinds, area_unit, None if fits is None else fits[n]) for n, one in enumerate(bare)]
    alone = len(bare) == 1 and not values.keys() & {"density", "storeys", "far"}
    best: tuple[float, tuple[str, ...]] = (-math.inf, ())
    for kinds, weight in _ways(weights, 0, ()):
        if alone and kinds[0] not in ("", "area") and bare[0].hoped != kinds[0]:
            weight -= 4.0
        weight -= 2.0 * _disorder([kind for kind, one in zip(kinds, bare, strict=True) if kind and kind != one.hoped])
        all_values = values | {kind: _bounds(one.text) for kind, one in zip(kinds, bare, strict=True) if kind}
        weight += _consistency(all_values) + _crowding(all_values)
        if weight > best[0]:
            best = (weight, kinds)
    return best[1]


def _ways(
    weights: list[dict[str, float]], place: int, chosen: tuple[str, ...], weight: float = 0.0
) -> Iterator[tuple[tuple[str, ...], float]]:
    if place == len(weights):
        yield chosen, weight
        return
    for kind, more in weights[place].items():
        if not kind or kind not in chosen:
            yield from _ways(weights, place + 1, (*chosen, kind), weight + more)


def _disorder(kinds: list[str]) -> int:
    order = [KINDS.index(kind) for kind in kinds]
    return sum(first > second for n, first in enumerate(order) for second in order[n + 1 :])


def _bounds(text: str) -> tuple[float, float] | None:
    found = [readings(number) for number in _NUMBERS.findall(text)]
    if not found or not all(found) or len(found) > 2:
        return None
    return found[0][0], found[-1][0]


def _weights(one: Bare, kinds: list[str], area_unit: str, fit: float | None) -> dict[str, float]:
    """How well a number fits each kind; kinds that it cannot be are absent; "" is to leave it unread."""
    result = {"": -1.5}
    bounds = _bounds(one.text)
    if bounds is None:
        return result
    for kind in kinds:
        weight = _weight(kind, one, bounds, area_unit, fit)
        if weight is not None:
            result[kind] = weight + (one.weight if one.hoped == kind else -one.weight / 3)
    return result


def _weight(kind: str, one: Bare, bounds: tuple[float, float], area_unit: str, fit: float | None) -> float | None:
    low, high = bounds
    numbers = _NUMBERS.findall(one.text)
    decimals = any(re.search(r"[.,]", number) for number in numbers)
    whole = low.is_integer() and high.is_integer()
    wide = 0.3 if one.ranged else 0.0
    if kind == "area":
        if one.ranged or high <= 0:
            return None
        if fit is not None:
            return fit
        value = area_m2(one.text, "", area_unit, None) or 0.0
        return 1.5 if value >= 100 else -1.0 if value >= 20 else -2.0
    if kind == "density":
        if not 0 < high <= 100 or low > high:
            return None
        return (1.0 if high >= 15 else -0.5) + wide + (0.5 if high % 5 == 0 else 0.0) - (1.0 if decimals else 0.0)
    if kind == "storeys":
        if not (whole and not decimals and 0 < high <= 80 and low <= high):
            return None
        return (1.0 if high <= 15 else 0.3 if high <= 30 else -1.0) + wide
    if kind == "far":
        if not 0 < high <= 25 or low > high:
            return None
        return (1.2 if decimals and high <= 15 else -0.7) + wide
    if one.ranged or not whole or high < 1 or (decimals and high < 1000):
        return None
    return 0.2


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
    return 2.5 if abs(made - far[1]) <= 0.15 + 0.12 * max(made, far[1]) else -1.0
