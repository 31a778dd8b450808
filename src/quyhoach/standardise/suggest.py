"""A first mapping for a drawing nobody has described yet: names and contents of its layers, legend, colours, letters.

Everything guessed is marked, what was accepted for the consultant before beats a guess, and what could not be guessed
is asked: nothing is decided in silence."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quyhoach.domain.finding import Finding
from quyhoach.domain.frame import Frame
from quyhoach.domain.mapping import AUTO, ColourRule, FunctionRule, LayerRule, PrefixRule, SourceMapping, escape_glob
from quyhoach.standardise.functions import SURE
from quyhoach.standardise.memory import Memory, layer_rule
from quyhoach.standardise.suggest_contents import LayerContent, survey
from quyhoach.standardise.suggest_functions import (
    Choice,
    Clues,
    Colour,
    Why,
    choose_for_colour,
    choose_for_layer,
    find_clues,
    spell_colour,
)
from quyhoach.standardise.suggest_layers import Role, Roles, drawn_as_areas, find_roles
from quyhoach.standardise.work import Work, note, warning

_TAKEN = 0.35  # the least score of a function that is proposed at all
_SURE_LABEL = 0.75  # the least score of a function in the name of a layer of labels
_MANY_COLOURS = 2


@dataclass(frozen=True, eq=False)
class Suggestion:
    """A mapping proposed, what to ask, and why each rule: by the rule's place (`layer:NAME`, `colour:50`, `prefix:OM`),
    as message codes with params."""

    mapping: SourceMapping
    findings: tuple[Finding, ...] = ()
    why: Mapping[str, tuple[Why, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Draft:
    work: Work
    roles: Roles
    clues: Clues
    memory: Memory
    layers: list[LayerRule] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    why: dict[str, tuple[Why, ...]] = field(default_factory=dict)

    def owned(self, number: int) -> list[int]:
        """The numbers of the codes in a layer's lots; of a layer of labels, on it."""
        codes = self.roles.contents.codes
        held = {code for mine in self.roles.contents.owns[number] for code in mine}
        return sorted(held) if held else [at for at, layer in enumerate(codes.layer) if layer == number]


def suggest_drawing_mapping(work: Work, memory: Memory | None = None) -> tuple[SourceMapping, tuple[Finding, ...]]:
    """A mapping for a drawing that has been read, decoded, located and whose sheet has been read, and what to ask.

    `memory`: what was accepted for its consultant before."""
    made = suggest_drawing(work, memory)
    return made.mapping, made.findings


def suggest_drawing(work: Work, memory: Memory | None = None) -> Suggestion:
    """As `suggest_drawing_mapping`, with the reasons for each rule."""
    standard, listed = work.context.standard, work.context.land_use
    kind = "general" if work.context.plan is not None and work.context.plan.kind == "general" else "zoning"
    contents = survey(work)
    roles = find_roles(contents, standard, listed, kind)
    clues = find_clues(work.reading.legend, contents, standard, listed, kind)
    draft = _Draft(work, roles, clues, memory or Memory(""))
    for number in range(len(contents.layers)):
        _add_layer(draft, number)
    colours = _colours(draft)
    prefixes = _prefixes(draft)
    _ask(draft, colours, prefixes)
    crs, axes, unit, guessed = _frame(work.frame)
    functions = tuple(
        FunctionRule(str(rule.values["match"]), str(rule.values["code"])) for rule in draft.memory.current("function")
    )
    mapping = SourceMapping(
        crs=crs,
        axes=axes,
        unit=unit,
        layers=tuple(draft.layers),
        functions=functions,
        colours=colours,
        prefixes=prefixes,
        guessed=guessed,
    )
    return Suggestion(mapping, tuple(draft.findings), draft.why)


# ── layers ─────────────────────────────────────────────────────────────────────────────────────────────────


def _add_layer(draft: _Draft, number: int) -> None:
    layer, role = draft.roles.contents.layers[number], draft.roles.role[number]
    choice = _function(draft, number, role)
    rule = _rule(layer, role, choice)
    why = (*role.why, *(choice.why if choice is not None else ()))
    remembered = draft.memory.for_layer(layer.name)
    if remembered is not None:
        told = layer_rule(remembered, layer.name)
        why = (("suggest-why-remembered", {"count": remembered.count, "last": remembered.last[:10]}),)
        for other in draft.memory.older(remembered):
            said = f"{other.values['role']} {other.values.get('function', '')}".strip()
            why += (("suggest-why-remembered-otherwise", {"said": said, "last": other.last[:10]}),)
        if (told.role, told.function) != (rule.role, rule.function) and role.score >= SURE and not role.asked:
            draft.findings.append(
                note(
                    "suggest-memory-differs",
                    layer=layer.name,
                    said=f"{told.role} {told.function}".strip(),
                    guess=f"{rule.role} {rule.function}".strip(),
                )
            )
        rule = told
    elif choice is not None and choice.score < SURE:
        draft.findings.append(_doubt(draft, layer, choice))
    draft.layers.append(rule)
    draft.why[f"layer:{layer.name}"] = tuple(said for at, said in enumerate(why) if said not in why[:at])


def _rule(layer: LayerContent, role: Role, choice: Choice | None) -> LayerRule:
    guessed = ["role"]
    function = ""
    if choice is not None and choice.score >= _TAKEN:
        function = choice.function
        guessed.append("function")
    if role.asked:
        guessed.append("asked")
    return LayerRule(escape_glob(layer.name), role.role, function, guessed=tuple(guessed))


def _function(draft: _Draft, number: int, role: Role) -> Choice | None:
    """The function of a layer of lots; of a layer of labels only where its name says one."""
    layer, named = draft.roles.contents.layers[number], draft.roles.named[number]
    if role.role == "label":
        sure = named is not None and named.score >= _SURE_LABEL and not draft.roles.contents.layers[number].areas.size
        if not sure or named is None:
            return None
        return Choice(named.code, named.score, (("suggest-why-name", {"words": named.why}),))
    if role.role != "lot":
        return None
    return choose_for_layer(layer, named, draft.owned(number), draft.roles.contents.codes.prefix, draft.clues)


def _doubt(draft: _Draft, layer: LayerContent, choice: Choice) -> Finding:
    return warning("suggest-asks-function", layer=layer.name, names=_names(draft, choice))


# ── colours and letters ────────────────────────────────────────────────────────────────────────────────────


def _colours(draft: _Draft) -> tuple[ColourRule, ...]:
    """Rules for the colours of lots whose layers have no function, and of labels in several colours."""
    owned = _codes_by_colour(draft)
    made = _remembered_colours(draft)
    silent: dict[str, int] = {}
    doubtful: list[str] = []
    for colour in sorted(owned, key=lambda each: (each[0] or 0, each[1] or "")):
        key: Colour = (None, colour[1].lower()) if colour[1] else (colour[0], None)
        if key in made or colour == (None, None):
            continue
        choice = choose_for_colour(colour, owned[colour], draft.roles.contents.codes.prefix, draft.clues)
        spelt = spell_colour(colour)
        if choice is None or choice.score < _TAKEN:
            if owned[colour] and not _told_by_letters(draft, owned[colour]):
                silent[spelt] = len(owned[colour])
            continue
        if choice.score < SURE:
            doubtful.append(f"{spelt}: {_names(draft, choice)}")
        made[key] = ColourRule(choice.function, key[0], key[1], guessed=("function",))
        draft.why[f"colour:{spelt}"] = choice.why
    if silent:
        most = ", ".join(f"{colour} ({count})" for colour, count in silent.items())
        draft.findings.append(warning("suggest-asks-colours", colours=most, count=sum(silent.values())))
    if doubtful:
        draft.findings.append(warning("suggest-asks-colour-functions", guesses="; ".join(doubtful)))
    return tuple(made[key] for key in sorted(made, key=lambda each: (each[0] or 999, each[1] or "")))


def _remembered_colours(draft: _Draft) -> dict[Colour, ColourRule]:
    made: dict[Colour, ColourRule] = {}
    for rule in draft.memory.current("colour"):
        aci, rgb = rule.values.get("aci"), rule.values.get("rgb")
        key = (int(aci) if aci is not None else None, str(rgb).lower() if rgb is not None else None)
        made[key] = ColourRule(str(rule.values["function"]), key[0], key[1], guessed=("remembered",))
        why = ("suggest-why-remembered", {"count": rule.count, "last": rule.last[:10]})
        draft.why[f"colour:{spell_colour(key)}"] = (why,)
    return made


def _names(draft: _Draft, choice: Choice) -> str:
    """The names of a function and of what else it may be."""
    rows = draft.work.context.standard.land_use
    return " / ".join(rows[code.casefold()].name["vi"] for code in (choice.function, choice.rival) if code)


def _codes_by_colour(draft: _Draft) -> dict[Colour, list[int]]:
    """Colour -> numbers of the codes in lots of that colour, or written in it."""
    contents = draft.roles.contents
    found: dict[Colour, list[int]] = defaultdict(list)
    for number, rule in enumerate(draft.layers):
        if rule.role != "lot" or rule.function:
            continue
        layer = contents.layers[number]
        fields = layer.source.fields
        for at, row in enumerate(layer.area_rows.tolist()):
            found[(fields["aci"][row], fields["rgb"][row])] += contents.owns[number][at]
        for row in layer.line_rows.tolist():
            found[(fields["aci"][row], fields["rgb"][row])] += []
    if drawn_as_areas(draft.roles):
        return _without_white(found)
    written: dict[Colour, list[int]] = defaultdict(list)
    for code, (number, row) in enumerate(zip(contents.codes.layer, contents.codes.row, strict=True)):
        fields = contents.layers[number].source.fields
        if not draft.layers[number].function:
            written[(fields["aci"][row], fields["rgb"][row])].append(code)
    if len(written) >= _MANY_COLOURS:
        for colour, codes in written.items():
            found[colour] += codes
    return _without_white(found)


def _without_white(found: Mapping[Colour, list[int]]) -> dict[Colour, list[int]]:
    """White is what was given no colour; it tells nothing where there are others."""
    return {colour: codes for colour, codes in found.items() if colour != (7, None) or len(found) == 1}


def _told_by_letters(draft: _Draft, codes: Sequence[int]) -> bool:
    prefixes = draft.roles.contents.codes.prefix
    known = sum(draft.clues.letters.get(prefixes[code].upper(), ("", 0.0))[1] >= 0.5 for code in codes)
    return known >= 0.8 * len(codes)


def _prefixes(draft: _Draft) -> tuple[PrefixRule, ...]:
    """Rules for the letters of lot codes that legend, memory or habit know."""
    remembered = {str(rule.values["match"]).upper(): rule for rule in draft.memory.current("prefix")}
    used = {prefix.upper() for prefix in draft.roles.contents.codes.prefix if prefix}
    made: dict[str, PrefixRule] = {}
    for prefix in sorted(used & set(draft.clues.letters)):
        function, score = draft.clues.letters[prefix]
        if score < 0.5:
            continue
        by_legend = prefix in draft.clues.legend_letters
        made[prefix] = PrefixRule(prefix, function, guessed=("function",))
        draft.why[f"prefix:{prefix}"] = ((("suggest-why-legend-letters" if by_legend else "suggest-why-habit"), {}),)
    for prefix, rule in remembered.items():
        made[prefix] = PrefixRule(prefix, str(rule.values["function"]), guessed=("remembered",))
        draft.why[f"prefix:{prefix}"] = (("suggest-why-remembered", {"count": rule.count, "last": rule.last[:10]}),)
    return tuple(made[prefix] for prefix in sorted(made))


# ── frame and questions ────────────────────────────────────────────────────────────────────────────────────


def _frame(frame: Frame | None) -> tuple[str, str, str, tuple[str, ...]]:
    """CRS, axes, unit and what of them was guessed. A local origin is left to be found again: it has no words."""
    if frame is None or frame.turn != (1.0, 0.0) or frame.shift != (0.0, 0.0) or frame.unit not in (1.0, 0.001):
        return AUTO, AUTO, AUTO, ()
    axes = "ne" if frame.swapped else "en"
    return frame.crs, axes, "m" if frame.unit == 1.0 else "mm", ("crs", "axes", "unit")


def _ask(draft: _Draft, colours: Sequence[ColourRule], prefixes: Sequence[PrefixRule]) -> None:
    """Questions about the drawing as a whole; none where it is empty (what could not be located is asked elsewhere)."""
    if not draft.layers:
        return
    found = Counter(rule.role for rule in draft.layers)
    findings = draft.findings
    if not found["lot"] and not found["lot_edge"]:
        findings.append(warning("suggest-asks-lots"))
    if not found["plan_boundary"]:
        findings.append(warning("suggest-asks-boundary"))
    codes = draft.roles.contents.codes
    if not len(codes):
        findings.append(warning("suggest-asks-labels"))
    by_label = any(rule.role == "label" and rule.function for rule in draft.layers)
    silent = [rule.match for rule in draft.layers if rule.role == "lot" and not rule.function]
    told = bool(colours) or by_label
    known = {rule.prefix for rule in prefixes}
    unknown = Counter(prefix.upper() for prefix in codes.prefix if prefix.upper() not in known)
    if (silent or (not found["lot"] and found["lot_edge"])) and not told and unknown:
        most = ", ".join(f"{prefix or '–'} ({count})" for prefix, count in unknown.most_common(12))
        findings.append(warning("suggest-asks-letters", letters=most, count=sum(unknown.values())))
