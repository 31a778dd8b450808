"""How well a package holds what a drawing shows: lots found, what is written on them, what was taken for a lot.

A true lot is found when a lot of the package has an overlap of at least 0.95 of the union with it; one for one, best
first. Of the package's other lots, those lying mainly in streets and those beyond the plan's boundary are neutral; all
others are false, told by kind. What is written on the lots is compared as numbers. Definitions as in the scorer that
came with the development drawings; `tests/demo/test_drawing_score.py` compares the figures of both."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from quyhoach.package import Layer, read_package

LOTS = "ChucNangSuDungDat_A"
FOUND = 0.95
MAINLY = 0.8
ROUNDED_TO_HECTARES = 55  # m²: half of 0.01 ha and a little
ROUNDED_TO_TENS = 6
WRITTEN = ("function", "label_code", "density", "storeys", "far", "population", "area_written", "area_geometry")
_RANGES = (
    ("density", "matdoxaydung", "matdo_min", "matdo_max"),
    ("storeys", "tangcaoxaydung", "tang_min", "tang_max"),
    ("far", "hesosudungdat", "heso_min", "heso_max"),
)
_FUNCTION_COLUMNS = ("phanloai", "chucnangsudungdat", "chucnangsudungdatmuc3", "chucnangsudungdatmuc2")


@dataclass
class Tally:
    """Good of all, per thing compared."""

    good: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)

    def count(self, what: str, good: object) -> None:
        """One comparison."""
        self.all[what] += 1
        self.good[what] += bool(good)

    def shares(self) -> dict[str, float]:
        """Rounded to four digits, only of what was compared."""
        return {what: round(self.good[what] / count, 4) for what, count in self.all.items()}


@dataclass(frozen=True)
class Score:
    """The result for one drawing."""

    truth_lots: int
    output_lots: int
    matched: int
    false_by_kind: Mapping[str, int]
    neutral: Mapping[str, int]
    right: Tally
    invented: Tally
    missed: Mapping[str, int]  # planted fault -> true lots not found that carry it; "" without one
    mean_iou: float | None

    @property
    def false_lots(self) -> int:
        return sum(self.false_by_kind.values())

    @property
    def f1(self) -> float:
        """Of precision and recall of the lots."""
        found = self.matched + self.false_lots
        return round(2 * self.matched / (found + self.truth_lots), 4) if self.matched else 0.0


@dataclass(frozen=True)
class _Table:
    """A layer by lower-case column names; None, NaN and pandas' nothing are None."""

    shapes: Any
    columns: Mapping[str, Sequence[Any]]

    def value(self, column: str | None, row: int) -> Any:
        if column is None or column not in self.columns:
            return None
        value = self.columns[column][row]
        return None if value is None or (isinstance(value, float) and math.isnan(value)) else value

    def first(self, *names: str) -> str | None:
        """The first of the columns that holds anything."""
        rows = range(len(self.shapes))
        return next((name for name in names if any(self.value(name, row) is not None for row in rows)), None)


def score(truth: Path, package: Path, layer: str = LOTS) -> Score:
    """Compare a package with a ground truth (both EPSG:9215)."""
    true = read_package(truth)
    lots, given = _table(true.get("lots")), _table(read_package(package, [layer]).get(layer), mend=True)
    pairs = _pairs(lots.shapes, given.shapes)
    match, ious = _match(pairs)
    rest = [row for row in range(len(given.shapes)) if row not in set(match.values())]
    false, neutral = _leftover(rest, given.shapes, pairs, true)
    right, invented = _written(lots, given, match)
    missed: Counter[str] = Counter()
    for row in range(len(lots.shapes)):
        if row not in match:
            missed.update(str(lots.value("defects", row) or "").split(","))
    return Score(
        len(lots.shapes), len(given.shapes), len(match), dict(false), dict(neutral), right, invented, dict(missed),
        round(float(np.mean(ious)), 5) if ious else None,
    )  # fmt: skip


def _table(layer: Layer | None, mend: bool = False) -> _Table:
    if layer is None or layer.geometry is None:
        return _Table(np.empty(0, dtype=object), {})
    shapes = layer.geometry
    keep = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rows = np.flatnonzero(keep).tolist()
    shapes = shapes[keep]
    if mend:
        shapes = np.array([shape if shape.is_valid else shapely.make_valid(shape) for shape in shapes], dtype=object)
    columns = {name.lower(): [values[row] for row in rows] for name, values in layer.fields.items()}
    return _Table(shapes, columns)


# ── lots ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Pairs:
    true: Any
    given: Any
    iou: Any


def _pairs(true: Any, given: Any) -> _Pairs:
    """All pairs that touch, with overlap over union."""
    if not len(given) or not len(true):
        return _Pairs(np.empty(0, int), np.empty(0, int), np.empty(0))
    left, right = shapely.STRtree(given).query(true, predicate="intersects")
    shared = shapely.area(shapely.intersection(true[left], given[right]))
    return _Pairs(left, right, shared / (shapely.area(true)[left] + shapely.area(given)[right] - shared))


def _match(pairs: _Pairs) -> tuple[dict[int, int], list[float]]:
    """True lot -> lot of the package, the best overlaps first, each once."""
    match: dict[int, int] = {}
    used: set[int] = set()
    ious = []
    for place in np.argsort(-pairs.iou, kind="stable").tolist():
        if pairs.iou[place] < FOUND:
            break
        one, other = int(pairs.true[place]), int(pairs.given[place])
        if other in used:
            continue
        used.add(other)
        if one not in match:
            match[one] = other
            ious.append(float(pairs.iou[place]))
    return match, ious


def _leftover(
    rest: Sequence[int], given: Any, pairs: _Pairs, true: Mapping[str, Layer]
) -> tuple[Counter[str], Counter[str]]:
    """Lots of the package that are no true lot: (false by kind, neutral by kind)."""
    roads, outside, decoys = (_table(true.get(name)) for name in ("roads", "lots_outside", "decoys"))
    false: Counter[str] = Counter()
    neutral: Counter[str] = Counter()
    best = dict.fromkeys(rest, 0.0)
    for other, iou in zip(pairs.given.tolist(), pairs.iou.tolist(), strict=True):
        if other in best:
            best[other] = max(best[other], iou)
    for row in rest:
        shape = given[row]
        if shape.area <= 0:
            continue
        if len(roads.shapes) and _shared(roads.shapes, shape).sum() > MAINLY * shape.area:
            neutral["road"] += 1
        elif len(outside.shapes) and np.max(
            _shared(outside.shapes, shape) / np.maximum(shape.area, shapely.area(outside.shapes))
        ) > MAINLY:  # fmt: skip
            neutral["outside_boundary"] += 1
        else:
            false[_kind(shape, decoys, best[row])] += 1
    return false, neutral


def _kind(shape: Any, decoys: _Table, best: float) -> str:
    if len(decoys.shapes):
        shared = _shared(decoys.shapes, shape)
        iou = shared / (shapely.area(decoys.shapes) + shape.area - shared)
        if iou.max() > MAINLY:
            return str(decoys.value("kind", int(iou.argmax())))
    return "duplicate" if best >= FOUND else "inexact_lot" if best > 0.3 else "other"


def _shared(shapes: Any, shape: Any) -> Any:
    return shapely.area(shapely.intersection(shapes, shape))


# ── what is written ────────────────────────────────────────────────────────────────────────────────────────


def _written(lots: _Table, given: _Table, match: Mapping[int, int]) -> tuple[Tally, Tally]:
    right, invented = Tally(), Tally()
    functions = [name for name in (given.first(column) for column in _FUNCTION_COLUMNS) if name]
    code, area, people = given.first("kyhieulodat"), given.first("dientich"), given.first("danso")
    ranges = [(what, given.first(column), low, high, column) for what, column, low, high in _RANGES]
    for one, other in match.items():
        defects = str(lots.value("defects", one) or "")
        said = function_code(lots.value("phanloai", one))
        right.count("function", any(function_code(given.value(name, other)) == said for name in functions))
        measured = number(given.value(area, other))
        drawn = lots.value("dientich", one)
        right.count("area_geometry", measured is not None and abs(measured - drawn) <= 0.02 * drawn + 1)
        _count_code(right, invented, lots, one, folded(given.value(code, other)))
        if "two_labels" in defects:
            continue
        written = number(lots.value("dientichghi", one))
        if written is not None and measured is not None and "area_disagree" not in defects:
            right.count("area_written", abs(measured - written) <= 0.01 * written + _rounding(written))
        for what, column, low, high, true_column in ranges:
            found = span(given.value(column, other))
            if lots.value(true_column, one) is None:
                invented.count(what, found is not None and found[1] > 0)
            else:
                ends = (lots.value(low, one), lots.value(high, one))
                right.count(
                    what, found is not None and all(abs(a - b) < 0.006 for a, b in zip(found, ends, strict=True))
                )
        true_people, found_people = number(lots.value("danso", one)), number(given.value(people, other))
        if true_people is None:
            invented.count("population", found_people)
        else:
            right.count("population", found_people is not None and abs(found_people - true_people) < 0.5)
    return right, invented


def _count_code(right: Tally, invented: Tally, lots: _Table, row: int, found: str | None) -> None:
    code = folded(lots.value("kyhieulodat", row))
    if code:
        right.count("label_code", found and found in (code, folded(lots.value("kyhieulodat_alt", row))))
    else:
        invented.count("label_code", found is not None)


def _rounding(written: float) -> float:
    if abs(written / 100 - round(written / 100)) < 1e-6:
        return ROUNDED_TO_HECTARES
    return ROUNDED_TO_TENS if abs(written / 10 - round(written / 10)) < 1e-6 else 1


def folded(value: Any) -> str | None:
    """A text without blanks and case, composed; None for nothing."""
    if value is None:
        return None
    return "".join(unicodedata.normalize("NFC", str(value)).strip().upper().split()) or None


def function_code(value: Any) -> str | None:
    """A land-use code without the prefix of its stage and the suffix of its level."""
    text = folded(value)
    if text is None:
        return None
    return re.sub(r"_(CT|CV|QG|DVO)$", "", re.sub(r"^(HT|QHDD|QHDH|QH)_", "", text))


def span(value: Any) -> tuple[float, float] | None:
    """The least and the greatest number in a text: "0,4-2,5" is (0.4, 2.5)."""
    if value is None:
        return None
    if isinstance(value, int | float):
        return float(value), float(value)
    found = [float(part.replace(",", ".")) for part in re.findall(r"\d+(?:[.,]\d+)?", str(value))]
    return (min(found), max(found)) if found else None


def number(value: Any) -> float | None:
    """The first number in a text; points that part thousands are known by their groups of three."""
    if value is None or isinstance(value, int | float):
        return None if value is None else float(value)
    match = re.search(r"\d[\d.,]*", str(value))
    if match is None:
        return None
    text = match.group()
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?", text):
        text = text.replace(".", "")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
