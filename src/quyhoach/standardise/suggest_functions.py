"""Which function the layers, colours and code letters of a drawing mean: name, legend, codes and palette weighed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from quyhoach.domain.mapping import fold_name
from quyhoach.standard import Standard
from quyhoach.standardise.functions import SURE, FunctionGuess, prefix_function
from quyhoach.standardise.suggest_contents import Contents, LayerContent
from quyhoach.standardise.work import LegendEntry

Colour = tuple[int | None, str | None]  # index, true colour
Key = TypeVar("Key")
Why = tuple[str, Mapping[str, object]]

_WHITE = 7  # the colour of what was given none
_FEW = 3  # codes from which on their letters count in full
_SPLIT = 0.85  # share of one function among a layer's codes below which the layer has no function of its own
_KNOWN = 0.7  # share of codes with letters known from habit, from which on such letters mean anything here


@dataclass(frozen=True, slots=True)
class Choice:
    """A function chosen, how surely (0–1), what speaks for it, and what else was nearly as likely."""

    function: str
    score: float
    why: tuple[Why, ...] = ()
    rival: str = ""


@dataclass(frozen=True, eq=False)
class Clues:
    """What the drawing itself says of functions. `letters`: prefix -> (function, how surely); `legend_letters`: those
    that the legend names."""

    by_colour: Mapping[Colour, str]
    by_layer: Mapping[str, str]
    letters: Mapping[str, tuple[str, float]]
    legend_letters: frozenset[str]
    palette: Mapping[int, str]


def find_clues(
    legend: Sequence[LegendEntry], contents: Contents, standard: Standard, listed: str, prefer_kind: str = "zoning"
) -> Clues:
    """Legend, code letters and palette; what names two functions names none."""
    known = [entry for entry in legend if entry.function]
    samples: list[tuple[Colour, str]] = []
    for entry in known:
        if entry.rgb is not None:
            samples.append(((None, entry.rgb.lower()), str(entry.function)))
        elif entry.aci is not None and entry.aci != _WHITE:
            samples.append(((entry.aci, None), str(entry.function)))
    layers = _single((fold_name(entry.layer), str(entry.function)) for entry in known if entry.layer)
    several = Counter(fold_name(entry.layer) for entry in known if entry.layer)
    said = _single((entry.prefix.upper(), str(entry.function)) for entry in known if entry.prefix)
    letters = {prefix: (function, 1.0) for prefix, function in said.items()}
    for prefix, guess in _habits(contents, standard, listed, prefer_kind).items():
        if prefix not in letters:
            letters[prefix] = (guess.code, 0.75 * guess.score)
    palette = _single(
        (row.aci, row.code)
        for row in standard.land_use.values()
        if row.list == listed and row.aci is not None and row.kind in ("", prefer_kind)
    )
    return Clues(
        _single(samples),
        {layer: function for layer, function in layers.items() if several[layer] == 1},
        letters,
        frozenset(said),
        palette,
    )


def _single(pairs: Iterable[tuple[Key, str]]) -> dict[Key, str]:
    found: dict[Key, set[str]] = defaultdict(set)
    for key, function in pairs:
        found[key].add(function)
    return {key: next(iter(functions)) for key, functions in found.items() if len(functions) == 1}


def _habits(contents: Contents, standard: Standard, listed: str, kind: str) -> dict[str, FunctionGuess]:
    """Letters of the codes that usually mean something; none where most letters mean nothing (blocks A, B, C …)."""
    count = Counter(prefix.upper() for prefix in contents.codes.prefix if prefix)
    found = {}
    for prefix in count:
        guess = prefix_function(prefix, standard, listed, prefer_kind=kind)
        if guess is not None:
            found[prefix] = guess
    told = sum(count[prefix] for prefix in found if len(prefix) > 1)
    return found if told >= _KNOWN * sum(count.values()) > 0 else {}


def votes_of_codes(codes: Iterable[int], prefixes: Sequence[str], clues: Clues) -> dict[str, float]:
    """Function -> share of the codes (numbers) whose letters speak for it, weighed by how surely; the shares are of
    all codes, so what is not understood lowers them."""
    votes: dict[str, float] = defaultdict(float)
    total = 0
    for code in codes:
        total += 1
        known = clues.letters.get(prefixes[code].upper())
        if known is not None:
            votes[known[0]] += known[1]
    return {function: weight / total for function, weight in votes.items()} if total else {}


def colour_function(colour: Colour, clues: Clues) -> str | None:
    """The function of a legend's sample of that colour."""
    aci, rgb = colour
    return clues.by_colour.get((None, rgb.lower())) if rgb is not None else clues.by_colour.get((aci, None))


def choose_for_layer(
    layer: LayerContent, named: FunctionGuess | None, owned: Sequence[int], prefixes: Sequence[str], clues: Clues
) -> Choice | None:
    """The function of all lots of a layer; None where its colours or codes mean several, or nothing speaks for any.

    `owned`: numbers of the codes in its lots (or on it, of a layer of labels)."""
    codes = votes_of_codes(owned, prefixes, clues)
    sure_name = named is not None and named.score >= SURE
    if _is_split(layer, codes, len(owned), clues, sure_name=sure_name):
        return None
    weights: dict[str, float] = defaultdict(float)
    why: dict[str, list[Why]] = defaultdict(list)
    if named is not None and named.score >= 0.5:
        weights[named.code] += named.score
        why[named.code].append(("suggest-why-name", {"words": named.why}))
    elif named is not None:
        weights[named.code] += 0.6 * named.score
        why[named.code].append(("suggest-why-name", {"words": named.why}))
    sample = clues.by_layer.get(fold_name(layer.name))
    if sample is not None:
        weights[sample] += 0.9
        why[sample].append(("suggest-why-legend-layer", {}))
    colours = layer.colours
    if colours:
        (colour, often), every = colours.most_common(1)[0], sum(colours.values())
        shown = colour_function(colour, clues) if often >= 0.8 * every else None
        if shown is not None:
            weights[shown] += 0.7
            why[shown].append(("suggest-why-legend-colour", {"colour": spell_colour(colour)}))
        elif colour[0] in clues.palette and colour[1] is None and often >= 0.8 * every:
            usual = clues.palette[int(colour[0] or 0)]
            weights[usual] += 0.25
            why[usual].append(("suggest-why-palette", {"colour": spell_colour(colour)}))
    part = min(1.0, len(owned) / _FEW)
    for function, share in codes.items():
        weights[function] += share * part
        why[function].append(("suggest-why-letters", {"share": round(100 * min(share, 1.0))}))
    return _best(weights, why)


def choose_for_colour(colour: Colour, owned: Sequence[int], prefixes: Sequence[str], clues: Clues) -> Choice | None:
    """The function of all lots (or labels) of a colour: the legend's, confirmed or outvoted by the codes' letters."""
    weights: dict[str, float] = defaultdict(float)
    why: dict[str, list[Why]] = defaultdict(list)
    shown = colour_function(colour, clues)
    if shown is not None:
        weights[shown] += 0.8
        why[shown].append(("suggest-why-legend-colour", {"colour": spell_colour(colour)}))
    elif colour[1] is None and colour[0] in clues.palette and colour[0] != _WHITE:
        usual = clues.palette[int(colour[0] or 0)]
        weights[usual] += 0.4
        why[usual].append(("suggest-why-palette", {"colour": spell_colour(colour)}))
    codes = votes_of_codes(owned, prefixes, clues)
    part = min(1.0, len(owned) / _FEW)
    for function, share in codes.items():
        weights[function] += share * part
        why[function].append(("suggest-why-letters", {"share": round(100 * min(share, 1.0))}))
    return _best(weights, why)


def spell_colour(colour: Colour) -> str:
    """A colour as people name it: "#ff0000" or its index."""
    return colour[1] or str(colour[0])


def _is_split(layer: LayerContent, codes: Mapping[str, float], count: int, clues: Clues, *, sure_name: bool) -> bool:
    shown = {colour_function(colour, clues) for colour in layer.colours} - {None}
    if len(shown) > 1 and len(layer.colours) > 1:
        return True
    if len(layer.colours) > 3 and not sure_name:
        return True
    told = sum(codes.values())
    return count >= 8 and told >= 0.6 and max(codes.values()) < _SPLIT * told and not sure_name


def _best(weights: Mapping[str, float], why: Mapping[str, Sequence[Why]]) -> Choice | None:
    if not weights:
        return None
    ranked = sorted(weights, key=lambda function: (-weights[function], function))
    best = ranked[0]
    rival = ranked[1] if len(ranked) > 1 and weights[ranked[1]] >= 0.6 * weights[best] else ""
    score = min(1.0, weights[best]) * (0.6 if rival else 1.0)
    return Choice(best, round(score, 3), tuple(why[best]), rival)
