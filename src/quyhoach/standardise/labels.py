"""Phase: which label belongs to which lot, and what it says of it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.label import Label, LabelStyle, read_label, read_tagged
from quyhoach.standardise.balance import name_functions
from quyhoach.standardise.drawn_frame import DrawnFrame, drawn_frame
from quyhoach.standardise.label_functions import Told, decide_functions
from quyhoach.standardise.label_texts import (
    Texts,
    code_texts,
    gather_texts,
    home_sequences,
    home_strays,
    make_stacks,
    stack_box,
    stack_lines,
)
from quyhoach.standardise.leaders import Ground, Leader, find_leaders, follow_leaders
from quyhoach.standardise.work import Features, Geometries, Work, note, place, warning

_NEAR = 2.0  # letter heights, in true metres: a label without a lot belongs to the nearest one within
_BORDER = 1.5  # … within which the written area may say that a label is a neighbour's
_DIFFERS, _EQUALS = 0.05, 0.01  # shares of the area
_MANY_OUTSIDE = 50  # labels outside all lots from which on it is told once, if they are most
_MANY_UNREAD = 20  # pieces of one make from which on they are told once

_WORD = re.compile(r"[^\W\d_]{3}")

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class _Lots:
    """All lots of the work in one list. `start`: of each feature group, the number of its first lot."""

    groups: tuple[Features, ...]
    geometry: Geometries
    area: npt.NDArray[np.float64]
    tree: Any

    def at(self, points: Geometries) -> Rows:
        """The smallest lot that holds each point, -1 for none."""
        found = np.full(len(points), -1, dtype=np.intp)
        if len(self.geometry) and len(points):
            point, lot = self.tree.query(points, predicate="intersects")
            order = np.argsort(-self.area[lot], kind="stable")
            found[point[order]] = lot[order]
        return found


@dataclass(slots=True)
class _Joining:
    """What has been decided so far: the lot of each stack, what each says, and what must be told."""

    texts: Texts
    stacks: list[list[int]]
    lots: _Lots
    style: LabelStyle
    lot: list[int]
    labels: dict[int, Label] = field(default_factory=dict)
    chosen: dict[int, list[int]] = field(default_factory=dict)  # lot -> stacks
    lines: dict[tuple[int, ...], list[str]] = field(default_factory=dict)  # of texts, as read
    variants: dict[int, str] = field(default_factory=dict)  # stack -> its code, where only its neighbour's tells it
    disputed: dict[int, dict[int, str]] = field(default_factory=dict)  # lot -> stacks with different codes
    findings: list[Finding] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)


def join_labels(work: Work) -> Work:
    """Every label to its lot: by the place of its text, by its leader, by nearness; then read and set on the lot.

    Lots get kyHieuLoDat, dienTich (as written, m²), danSo, matDoXayDung, tangCaoXayDung, heSoSuDungDat and `nhan` (the
    raw text), and their function where only the label tells it; labels get `lot`. Two labels in one lot, a label
    outside all lots and pieces that nobody understood are findings."""
    if work.drawing is None:
        return work
    frame = drawn_frame(work)
    groups, texts = gather_texts(work, frame)
    lots = _gather_lots(work)
    joining = _place_stacks(work, frame, groups, texts, lots)
    by_lot: dict[int, list[int]] = {}
    for stack, lot in enumerate(joining.lot):
        if lot >= 0:
            by_lot.setdefault(lot, []).append(stack)
    for lot, stacks in by_lot.items():
        joining.chosen[lot] = stacks
    _settle(joining)
    _move_to_neighbours(joining, frame)
    _join_nearest(joining, frame)
    _tell_disputed(joining)
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


def _gather_lots(work: Work) -> _Lots:
    groups = work.role("lot")
    empty: Geometries = np.empty(0, dtype=object)
    geometry = np.concatenate([empty, *(group.geometry for group in groups)])
    return _Lots(groups, geometry, shapely.area(geometry), shapely.STRtree(geometry))


# ── which stack in which lot ───────────────────────────────────────────────────────────────────────────────


def _place_stacks(work: Work, frame: DrawnFrame, groups: Sequence[Features], texts: Texts, lots: _Lots) -> _Joining:
    """Texts put into labels, and each label into the lot that it lies in or that its leader points at."""
    size = float(np.median(texts.height)) if len(texts) else 1.0
    joining = _Joining(texts, [], lots, work.reading.style, [])

    def lot_at(drawn: npt.NDArray[np.float64]) -> Rows:
        return lots.at(np.asarray(shapely.points(frame.to_true(drawn)), dtype=object))

    def area_off(members: Sequence[int], lot: int) -> float:
        return _off(_read_texts(joining, members, lot).area_m2, float(lots.area[lot]))

    inside = lots.at(texts.middle)
    leaders = find_leaders(work, groups, frame, size)
    led = follow_leaders(leaders, Ground(texts, home_strays(texts, inside), lot_at, area_off)) if leaders else []
    joining.stacks = [list(one.members) for one in led]
    joining.lot = [one.lot for one in led]
    for stack, one in enumerate(led):
        if {int(inside[at]) for at in one.members} != {one.lot}:
            joining.repairs.append(_by_leader(joining, stack, one.leader))
    inside = home_strays(texts, home_sequences(texts, inside, lot_at))
    stacks = make_stacks(texts, inside, frozenset(at for one in led for at in one.members))
    joining.stacks += stacks
    joining.lot += [_own_lot(stack, inside) for stack in stacks]
    return joining


def _own_lot(stack: Sequence[int], inside: Rows) -> int:
    """The lot that most texts of a stack lie in; -1 only when none lies in any."""
    if len(stack) == 1:
        return int(inside[stack[0]])
    counts = Counter(int(inside[at]) for at in stack if inside[at] >= 0)
    return counts.most_common(1)[0][0] if counts else -1


def _by_leader(joining: _Joining, stack: int, leader: Leader) -> Repair:
    return Repair(
        "label-joined-by-leader",
        feature=_code_of(joining, stack),
        params={"text": _raw(joining, [stack])},
        wkb=place(leader.shape),
        source_handle=joining.texts.handle[joining.stacks[stack][0]],
    )


# ── labels in one lot ──────────────────────────────────────────────────────────────────────────────────────


def _label(joining: _Joining, stack: int, lot: int = -1) -> Label:
    """What one stack says, read with the area of its lot."""
    if stack not in joining.labels:
        where = lot if lot >= 0 else joining.lot[stack]
        joining.labels[stack] = _read_stack(joining, [stack], where)
    return joining.labels[stack]


def _read_stack(joining: _Joining, stacks: Sequence[int], lot: int) -> Label:
    return _read_texts(joining, [at for stack in stacks for at in joining.stacks[stack]], lot)


def _read_texts(joining: _Joining, members: Sequence[int], lot: int) -> Label:
    texts = joining.texts
    area = float(joining.lots.area[lot]) if lot >= 0 else None
    tagged = all(texts.tag[at] is not None for at in members)
    if tagged and len({texts.tag[at] for at in members}) == len(members):
        pairs = {str(texts.tag[at]): texts.text[at] for at in members}
        return read_tagged(pairs, joining.style, drawn_area_m2=area)
    return read_label(_lines(joining, members), joining.style, drawn_area_m2=area)


def _lines(joining: _Joining, members: Sequence[int]) -> list[str]:
    key = tuple(members)
    if key not in joining.lines:
        joining.lines[key] = stack_lines(joining.texts, members)
    return joining.lines[key]


def _code_of(joining: _Joining, stack: int) -> str:
    return _label(joining, stack).code or joining.variants.get(stack, "")


def _raw(joining: _Joining, stacks: Sequence[int]) -> str:
    members = [at for stack in stacks for at in joining.stacks[stack]]
    return " / ".join(line for line in _lines(joining, members) if line.strip())


def _settle(joining: _Joining) -> None:
    """Of several labels in one lot: the same code twice is one label; of two codes one wins, and it is told."""
    for lot, stacks in joining.chosen.items():
        if len(stacks) == 1:
            continue
        codes: dict[str, list[int]] = {}
        _find_variants(joining, stacks)
        for stack in stacks:
            codes.setdefault(_key(_code_of(joining, stack)), []).append(stack)
        plain = codes.pop("", [])
        if not codes:
            continue
        best = {code: max(same, key=lambda one: _said(_label(joining, one))) for code, same in codes.items()}
        if len(best) == 1:
            same = next(iter(codes.values()))
            joining.chosen[lot] = [next(iter(best.values())), *plain] if len(same) > 1 else stacks
            continue
        winner = _winner(joining, lot, list(best.values()))
        joining.disputed[lot] = {winner: "", **{stack: _code_of(joining, stack) for stack in best.values()}}
        near = [stack for stack in plain if _closest(joining, stack, list(best.values())) == winner]
        joining.chosen[lot] = [winner, *near]
        for stack in stacks:
            if stack not in joining.chosen[lot]:
                joining.lot[stack] = -2 - lot  # a loser: known by the lot it lies in


def _find_variants(joining: _Joining, stacks: Sequence[int]) -> None:
    """Codes that are none by themselves, of stacks beside another whose code they carry on ("H78", "H78.2")."""
    members = [at for stack in stacks for at in joining.stacks[stack]]
    codes = set(code_texts(joining.texts, members))
    for stack in stacks:
        if not _label(joining, stack).code:
            own = [joining.texts.text[at] for at in joining.stacks[stack] if at in codes]
            if own:
                joining.variants[stack] = own[0]


def _tell_disputed(joining: _Joining) -> None:
    """Lots that several labels with different codes lie in, apart from those that belong to a neighbour."""
    for lot, codes in joining.disputed.items():
        winner = next(iter(codes))
        rest = [stack for stack in codes if stack == winner or joining.lot[stack] < -1]
        if len(rest) < 2:
            continue
        joining.findings.append(
            warning(
                "labels-two-in-lot",
                feature=_code_of(joining, winner),
                wkb=place(joining.lots.geometry[lot]),
                source_handle=joining.texts.handle[joining.stacks[winner][0]],
                labels=", ".join(sorted(codes[stack] for stack in rest)),
            )
        )


def _key(code: str) -> str:
    return "".join(code.split()).upper()


def _said(label: Label) -> int:
    values = (label.area, label.population, label.density, label.storeys, label.far)
    return sum(bool(value) for value in values)


def _winner(joining: _Joining, lot: int, stacks: list[int]) -> int:
    """The one label whose written area is the lot's; else the one nearest to the lot's inner point."""
    area = float(joining.lots.area[lot])
    stacks = [stack for stack in stacks if stack not in joining.variants] or stacks
    agreeing = [stack for stack in stacks if _off(_label(joining, stack).area_m2, area) <= _DIFFERS]
    if len(agreeing) == 1:
        return agreeing[0]
    inner = shapely.point_on_surface(joining.lots.geometry[lot])
    return min(agreeing or stacks, key=lambda stack: float(_middle(joining, stack).distance(inner)))


def _off(written: float | None, area: float) -> float:
    return abs(written - area) / area if written and area else float("inf")


def _closest(joining: _Joining, stack: int, others: Sequence[int]) -> int:
    middle = _middle(joining, stack)
    return min(others, key=lambda other: float(_middle(joining, other).distance(middle)))


def _middle(joining: _Joining, stack: int) -> Any:
    points = joining.texts.middle[joining.stacks[stack]]
    return points[0] if len(points) == 1 else shapely.centroid(shapely.multipoints(points))


# ── neighbours and the nearest ─────────────────────────────────────────────────────────────────────────────


def _boxes(joining: _Joining, stacks: Sequence[int], frame: DrawnFrame) -> Geometries:
    """Boxes of stacks in the true frame."""
    shapes = np.empty(len(stacks), dtype=object)
    shapes[:] = [stack_box(joining.texts, joining.stacks[stack]) for stack in stacks]
    return np.asarray(shapely.transform(shapes, frame.to_true), dtype=object)


def _height(joining: _Joining, stack: int, frame: DrawnFrame) -> float:
    return float(joining.texts.height[joining.stacks[stack]].max()) * frame.metres()


def _move_to_neighbours(joining: _Joining, frame: DrawnFrame) -> None:
    """A label whose written area is not its lot's but exactly a bare neighbour's, and that touches it, is moved."""
    doubtful = []
    for stack, lot in enumerate(joining.lot):
        home = lot if lot >= 0 else -2 - lot
        if lot != -1 and (lot < 0 or len(joining.chosen[lot]) == 1):
            label = _label(joining, stack)
            if label.code and label.area_m2 and _off(label.area_m2, float(joining.lots.area[home])) > _DIFFERS:
                doubtful.append(stack)
    if not doubtful:
        return
    boxes = _boxes(joining, doubtful, frame)
    reach = np.array([_BORDER * _height(joining, stack, frame) for stack in doubtful])
    at, near = joining.lots.tree.query(boxes, predicate="dwithin", distance=reach)
    for number, lot in zip(at.tolist(), near.tolist(), strict=True):
        stack = doubtful[number]
        free = lot not in joining.chosen and joining.lot[stack] != lot
        if free and _off(joining.labels[stack].area_m2, float(joining.lots.area[lot])) <= _EQUALS:
            if joining.lot[stack] >= 0:
                del joining.chosen[joining.lot[stack]]
            joining.lot[stack] = lot
            joining.chosen[lot] = [stack]
            del joining.labels[stack]
            joining.repairs.append(
                Repair(
                    "label-joined-by-area",
                    feature=_code_of(joining, stack),
                    params={"text": _raw(joining, [stack])},
                    wkb=place(_middle(joining, stack)),
                    source_handle=joining.texts.handle[joining.stacks[stack][0]],
                )
            )


def _join_nearest(joining: _Joining, frame: DrawnFrame) -> None:
    """A label that lies in no lot goes to the nearest lot without a label, within _NEAR letter heights."""
    loose = [stack for stack, lot in enumerate(joining.lot) if lot == -1 and _is_label(_label(joining, stack))]
    if not loose or not len(joining.lots.geometry):
        return
    boxes = _boxes(joining, loose, frame)
    reach = np.array([_NEAR * _height(joining, stack, frame) for stack in loose])
    at, near = joining.lots.tree.query(boxes, predicate="dwithin", distance=reach)
    gaps = shapely.distance(boxes[at], joining.lots.geometry[near])
    for one in np.lexsort((near, at, gaps)).tolist():
        stack, lot = loose[int(at[one])], int(near[one])
        if joining.lot[stack] != -1 or lot in joining.chosen:
            continue
        joining.lot[stack] = lot
        joining.chosen[lot] = [stack]
        del joining.labels[stack]
        joining.repairs.append(
            Repair(
                "label-joined-nearest",
                feature=_code_of(joining, stack),
                params={"text": _raw(joining, [stack]), "distance": round(float(gaps[one]), 2)},
                wkb=place(_middle(joining, stack)),
                source_handle=joining.texts.handle[joining.stacks[stack][0]],
            )
        )


def _is_label(label: Label) -> bool:
    return bool(label.code or label.area or label.density or label.far)


# ── what is told, what is written ──────────────────────────────────────────────────────────────────────────


def _read(joining: _Joining, stacks: list[int], lot: int) -> Label:
    if len(stacks) == 1:
        return _label(joining, stacks[0], lot)
    label = _read_stack(joining, stacks, lot)
    first = _label(joining, stacks[0], lot)
    return label if _said(label) >= _said(first) and (label.code or not first.code) else first


def _tell_outside(joining: _Joining) -> None:
    """Labels in no lot, each with its place; once for all, when that is what became of most."""
    outside = [stack for stack, lot in enumerate(joining.lot) if lot == -1 and _is_label(_label(joining, stack))]
    if len(outside) > _MANY_OUTSIDE and len(outside) * 2 > len(joining.stacks):
        where = shapely.multipoints([_middle(joining, stack) for stack in outside])
        joining.findings.append(warning("labels-mostly-outside", wkb=place(where), count=len(outside)))
        return
    joining.findings += [
        warning(
            "label-outside-lots",
            feature=_code_of(joining, stack),
            wkb=place(_middle(joining, stack)),
            source_handle=joining.texts.handle[joining.stacks[stack][0]],
            text=_raw(joining, [stack]),
        )
        for stack in outside
    ]


def _tell_unread(joining: _Joining, read: Mapping[int, Label], named: Mapping[str, str]) -> None:
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
            where = shapely.multipoints([_middle(joining, joining.chosen[lot][0]) for lot, _ in found])
            joining.findings.append(note("label-pieces-unread", wkb=place(where), text=found[0][1], count=len(found)))
            continue
        joining.findings += [
            note(
                "label-piece-unread",
                feature=read[lot].code,
                wkb=place(_middle(joining, joining.chosen[lot][0])),
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
    joining: _Joining,
    read: Mapping[int, Label],
    named: Mapping[str, str],
) -> Work:
    """The work with the labels' values on the lots and the lots' names on the labels."""
    raw = {lot: _raw(joining, joining.chosen[lot]) for lot in read}
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


def _lot_names(joining: _Joining, read: Mapping[int, Label]) -> dict[int, str]:
    """Text -> the name of the lot it was joined to: its label's code, else the lot's handle."""
    handles = [handle for group in joining.lots.groups for handle in group.handles]
    return {
        at: read[lot].code or handles[lot]
        for lot, stacks in joining.chosen.items()
        for stack in stacks
        for at in joining.stacks[stack]
    }


def _labelled(
    joining: _Joining, groups: Sequence[Features], read: Mapping[int, Label], named: Mapping[str, str]
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
