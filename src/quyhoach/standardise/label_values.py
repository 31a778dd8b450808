"""What labels say, set on their lots; what is to be told of labels without a lot and pieces that nobody understood."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from quyhoach.domain.label import Label
from quyhoach.standardise.balance import name_functions
from quyhoach.standardise.label_functions import Told, decide_functions
from quyhoach.standardise.label_state import (
    Joining,
    code_of,
    is_label,
    label_of,
    middle_of,
    raw_text,
    read_stacks,
    said,
)
from quyhoach.standardise.work import Features, Work, note, place, warning

_MANY_OUTSIDE = 50  # labels outside all lots from which on it is told once, if they are most
_MANY_UNREAD = 20  # pieces of one make from which on they are told once
_WORD = re.compile(r"[^\W\d_]{3}")


def write_values(work: Work, groups: Sequence[Features], joining: Joining) -> Work:
    """Read the label chosen for each lot and set what it says; tell what was not joined or not understood."""
    read = {lot: _read(joining, stacks, lot) for lot, stacks in sorted(joining.chosen.items())}
    named = _named(work, read)
    _tell_outside(joining)
    _tell_unread(joining, read, named)
    return _written(work, groups, joining, read, named)


def _named(work: Work, read: Mapping[int, Label]) -> dict[str, str]:
    """Pieces of labels that name a land use ("Trường mầm non"), and the function they mean."""
    plan = work.context.plan
    kind = "general" if plan is not None and plan.kind == "general" else "zoning"
    namer = name_functions(work.context.standard, work.context.land_use, kind)
    pieces = sorted({piece for label in read.values() for piece in label.unread if _WORD.search(piece)})
    return {piece: function for piece in pieces if (function := namer(piece)) is not None}


def _read(joining: Joining, stacks: list[int], lot: int) -> Label:
    if len(stacks) == 1:
        return label_of(joining, stacks[0], lot)
    label = read_stacks(joining, stacks, lot)
    first = label_of(joining, stacks[0], lot)
    return label if said(label) >= said(first) and (label.code or not first.code) else first


def _tell_outside(joining: Joining) -> None:
    """Labels in no lot, each with its place; once for all, when that is what became of most."""
    outside = [stack for stack, lot in enumerate(joining.lot) if lot == -1 and is_label(label_of(joining, stack))]
    if len(outside) > _MANY_OUTSIDE and len(outside) * 2 > len(joining.stacks):
        where = shapely.multipoints([middle_of(joining, stack) for stack in outside])
        joining.findings.append(warning("labels-mostly-outside", wkb=place(where), count=len(outside)))
        return
    joining.findings += [
        warning(
            "label-outside-lots",
            feature=code_of(joining, stack),
            wkb=place(middle_of(joining, stack)),
            source_handle=joining.texts.handle[joining.stacks[stack][0]],
            text=raw_text(joining, [stack]),
        )
        for stack in outside
    ]


def _tell_unread(joining: Joining, read: Mapping[int, Label], named: Mapping[str, str]) -> None:
    """Pieces of labels that nobody understood, with their places; those of one make together when they are many."""
    makes: dict[str, list[tuple[int, str]]] = {}
    for lot, label in read.items():
        for piece in label.unread:
            if piece in named:
                continue
            make = "".join("0" if letter.isdigit() else letter for letter in piece)
            makes.setdefault(make, []).append((lot, piece))
    for found in makes.values():
        if len(found) > _MANY_UNREAD:
            where = shapely.multipoints([middle_of(joining, joining.chosen[lot][0]) for lot, _ in found])
            joining.findings.append(note("label-pieces-unread", wkb=place(where), text=found[0][1], count=len(found)))
            continue
        joining.findings += [
            note(
                "label-piece-unread",
                feature=read[lot].code,
                wkb=place(middle_of(joining, joining.chosen[lot][0])),
                source_handle=joining.texts.handle[joining.stacks[joining.chosen[lot][0]][0]],
                text=piece,
            )
            for lot, piece in found
        ]


_FIELDS = {
    "kyHieuLoDat": "code",
    "dienTich": "area_m2",
    "danSo": "population",
    "matDoXayDung": "density",
    "tangCaoXayDung": "storeys",
    "heSoSuDungDat": "far",
}


def _written(
    work: Work,
    groups: Sequence[Features],
    joining: Joining,
    read: Mapping[int, Label],
    named: Mapping[str, str],
) -> Work:
    """The work with the labels' values on the lots and the lots' names on the labels."""
    raw = {lot: raw_text(joining, joining.chosen[lot]) for lot in read}
    made: dict[int, Features] = {}
    start = 0
    for group in joining.lots.groups:
        fields = dict(group.fields)
        rows = range(start, start + len(group))
        for name, attribute in _FIELDS.items():
            before = fields.get(name, [None] * len(group))
            values = [(getattr(read[row], attribute) or None) if row in read else None for row in rows]
            fields[name] = [old if new is None else new for old, new in zip(before, values, strict=True)]
        fields["nhan"] = [raw.get(row) for row in rows]
        made[id(group)] = replace(group, fields=fields)
        start += len(group)
    decided = decide_functions(
        work, [made[id(group)] for group in joining.lots.groups], _labelled(joining, groups, read, named)
    )
    for group, better in zip(joining.lots.groups, decided.groups, strict=True):
        made[id(group)] = better
    names = _lot_names(joining, read)
    for number, group in enumerate(groups):
        lots: list[str | None] = [None] * len(group)
        mine = np.flatnonzero(joining.texts.group == number)
        for at in mine.tolist():
            lots[int(joining.texts.row[at])] = names.get(at)
        made[id(group)] = replace(group, fields={**group.fields, "lot": lots})
    return replace(
        work,
        features=tuple(made.get(id(group), group) for group in work.features),
        findings=work.findings + tuple(joining.findings) + decided.findings,
        repairs=work.repairs + tuple(joining.repairs) + decided.repairs,
        guesses=work.guesses + decided.guesses,
    )


def _lot_names(joining: Joining, read: Mapping[int, Label]) -> dict[int, str]:
    """Text -> the name of the lot it was joined to: its label's code, else the lot's handle."""
    handles = [handle for group in joining.lots.groups for handle in group.handles]
    return {
        at: read[lot].code or handles[lot]
        for lot, stacks in joining.chosen.items()
        for stack in stacks
        for at in joining.stacks[stack]
    }


def _labelled(
    joining: Joining, groups: Sequence[Features], read: Mapping[int, Label], named: Mapping[str, str]
) -> dict[int, Told]:
    """Lot -> what its label tells of its function."""
    texts = joining.texts
    told = {}
    for lot, label in read.items():
        first = joining.stacks[joining.chosen[lot][0]][0]
        rule = groups[int(texts.group[first])].rule
        words = {named[piece] for piece in label.unread if piece in named}
        meant = words.pop() if len(words) == 1 else ""
        told[lot] = Told(label.code, rule.function, texts.aci[first], texts.rgb[first], meant)
    return told
