"""The land-use function of lots that only their labels or the legend tell: layer, colour, letters of the code."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.label import code_prefix
from quyhoach.standardise.attributes import find_function
from quyhoach.standardise.drawn_twice import colour_function
from quyhoach.standardise.work import Features, Work, place, warning


@dataclass(frozen=True, slots=True)
class Told:
    """What a lot's label tells of its function: by its code, by the rule of its layer, by the colour of its text, by a
    land use that it names (`words`: the function meant)."""

    code: str
    layer: str = ""
    aci: int | None = None
    rgb: str | None = None
    words: str = ""


Key = TypeVar("Key")

_NO_COLOUR = (0, 7, 256)  # black or white, as every line is that nobody coloured
_GUESSED = ("function-by-label-words", "function-by-prefix-of-legend", "function-by-legend")
_AGREE = 0.8  # share of labels whose colour names their lot's function, from which on colours of text mean something
_LEAST = 10  # … of at least so many labels


@dataclass(frozen=True, eq=False)
class Decided:
    """Lots with their functions, and what to tell about them."""

    groups: list[Features]
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Repair, ...] = ()
    guesses: tuple[str, ...] = ()


def decide_functions(work: Work, groups: Sequence[Features], told: Mapping[int, Told]) -> Decided:
    """Give a function to lots without one, by the first of: layer of the label, colour of its text, letters of its
    code by the mapping, a land use that the label names, letters by the legend, colour or layer of the lot by the
    legend. Nothing is invented.

    `told`: lot (numbered through all groups) -> what its label tells. What rests on words or the legend is a guess."""
    ways = _ways(work)
    count: Counter[str] = Counter()
    made = []
    start = 0
    for group in groups:
        functions = list(group.fields.get("phanLoai", [None] * len(group)))
        for row, known in enumerate(functions):
            if known is None:
                functions[row], way = _decide(ways, group, row, told.get(start + row))
                count[way] += 1
        made.append(replace(group, fields={**group.fields, "phanLoai": functions}))
        start += len(group)
    repairs = [Repair(code, params={"count": count[code]}) for code, _ in ways if count[code]]
    guesses = tuple(f"{code}: {count[code]}" for code, _ in ways if count[code] and code in _GUESSED)
    return Decided(made, tuple(_contradictions(work, made, told)), tuple(repairs), guesses)


Way = Callable[[Features, int, Told | None], str | None]


def _decide(ways: Sequence[tuple[str, Way]], group: Features, row: int, told: Told | None) -> tuple[str | None, str]:
    for code, way in ways:
        function = way(group, row, told)
        if function is not None:
            return function, code
    return None, ""


def _ways(work: Work) -> list[tuple[str, Way]]:
    """The ways to find a function, best first, by the code of the repair that tells of it."""

    def listed(written: str | None) -> str | None:
        if not written:
            return None
        if written not in known:
            known[written] = find_function(written, work)[0]
        return known[written]

    known: dict[str, str | None] = {}
    mapping, legend = work.mapping, work.reading.legend
    prefixes = {rule.prefix.upper(): rule.function for rule in mapping.prefixes}
    by_prefix = _single((entry.prefix.upper(), entry.function) for entry in legend if entry.prefix)
    by_layer = _single((entry.layer, entry.function) for entry in legend if entry.layer)
    colours = [entry for entry in legend if entry.rgb or entry.aci not in (None, *_NO_COLOUR)]
    by_colour = _single(((entry.aci, entry.rgb), entry.function) for entry in colours)

    def by_legend(group: Features, row: int, told: Told | None) -> str | None:
        own = {name: group.fields[name][row] if name in group.fields else None for name in ("aci", "rgb", "layer")}
        colour = by_colour.get((own["aci"], own["rgb"])) if own["aci"] is not None else None
        return listed(colour or by_layer.get(own["layer"] or ""))

    return [
        ("function-by-label-layer", lambda group, row, told: listed(told.layer) if told else None),
        (
            "function-by-label-colour",
            lambda group, row, told: listed(colour_function(mapping, told.aci, told.rgb)) if told else None,
        ),
        ("function-by-prefix", lambda group, row, told: listed(_of_prefix(told.code, prefixes)) if told else None),
        ("function-by-label-words", lambda group, row, told: told.words or None if told else None),
        (
            "function-by-prefix-of-legend",
            lambda group, row, told: listed(_of_prefix(told.code, by_prefix)) if told else None,
        ),
        ("function-by-legend", by_legend),
    ]


def _single(pairs: Iterable[tuple[Key, str | None]]) -> dict[Key, str]:
    """Key -> function, where one and only one function is said of it, and nothing that was not understood."""
    found: dict[Key, set[str | None]] = {}
    for key, function in pairs:
        found.setdefault(key, set()).add(function)
    single = {key: next(iter(functions)) for key, functions in found.items() if len(functions) == 1}
    return {key: function for key, function in single.items() if function is not None}


def _of_prefix(code: str, functions: Mapping[str, str]) -> str | None:
    """The function of a code's letters; where these are not known, of the longest known letters it begins with."""
    letters = code_prefix(code).upper() if code else ""
    if not letters or not functions:
        return None
    if letters in functions:
        return functions[letters]
    whole = code.upper()
    for start in (whole[max(whole.find(letters), 0) :], whole):  # without the block's number, and with it
        fitting = [
            prefix for prefix in functions if start.startswith(prefix) and not start[len(prefix) :][:1].isalpha()
        ]
        if fitting:
            return functions[max(fitting, key=len)]
    return None


def _contradictions(work: Work, groups: Sequence[Features], told: Mapping[int, Told]) -> list[Finding]:
    """Lots whose label says another function than the lot itself: by its layer, or by its colour where colours tell."""
    shapes = np.concatenate([np.empty(0, dtype=object), *(group.geometry for group in groups)])
    functions = [value for group in groups for value in group.fields["phanLoai"]]
    names = [value for group in groups for value in group.fields.get("kyHieuLoDat", [None] * len(group))]
    handles = [handle for group in groups for handle in group.handles]
    by_layer, by_colour = {}, {}
    for lot, label in told.items():
        said = find_function(label.layer, work)[0] if label.layer else None
        if said is not None:
            by_layer[lot] = said
        colour = colour_function(work.mapping, label.aci, label.rgb)
        if colour:
            by_colour[lot] = find_function(colour, work)[0]
    sure = [lot for lot, said in by_colour.items() if said is not None and functions[lot] is not None]
    agreeing = sum(by_colour[lot] == functions[lot] for lot in sure)
    if len(sure) < _LEAST or agreeing < _AGREE * len(sure) or len({by_colour[lot] for lot in sure}) < 2:
        by_colour = {}
    findings = []
    for lot in sorted({*by_layer, *by_colour}):
        said = by_layer.get(lot) or by_colour.get(lot)
        if said is None or functions[lot] is None or said == functions[lot]:
            said = by_colour.get(lot) if lot in by_layer else None
        if said is not None and functions[lot] is not None and said != functions[lot]:
            where = shapely.force_2d(shapes[lot])
            findings.append(
                warning(
                    "label-function-differs",
                    feature=str(names[lot] or handles[lot]),
                    wkb=place(where),
                    source_handle=handles[lot],
                    label=said,
                    lot=functions[lot],
                )
            )
    return findings
