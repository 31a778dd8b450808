"""Phase: which label belongs to which lot, and what it says of it."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Repair
from quyhoach.standardise.drawn_frame import DrawnFrame, drawn_frame
from quyhoach.standardise.label_homes import home_sequences, home_strays
from quyhoach.standardise.label_state import (
    Joining,
    Lots,
    Rows,
    code_key,
    code_of,
    gather_lots,
    is_label,
    label_of,
    middle_of,
    off_by,
    raw_text,
    read_texts,
    said,
)
from quyhoach.standardise.label_texts import Texts, code_texts, gather_texts, make_stacks, stack_box
from quyhoach.standardise.label_values import write_values
from quyhoach.standardise.leaders import Ground, Leader, find_leaders, follow_leaders
from quyhoach.standardise.work import Features, Geometries, Work, place, warning

_NEAR = 2.0  # letter heights, in true metres: a label without a lot belongs to the nearest one within
_BORDER = 1.5  # … within which the written area may say that a label is a neighbour's
_DIFFERS, _EQUALS = 0.05, 0.01  # shares of the area


def join_labels(work: Work) -> Work:
    """Every label to its lot: by the place of its text, by its leader, by nearness; then read and set on the lot.

    Lots get kyHieuLoDat, dienTich (as written, m²), danSo, matDoXayDung, tangCaoXayDung, heSoSuDungDat and `nhan` (the
    raw text), and their function where only the label tells it; labels get `lot`. Two labels in one lot, a label
    outside all lots and pieces that nobody understood are findings."""
    if work.drawing is None:
        return work
    frame = drawn_frame(work)
    groups, texts = gather_texts(work, frame)
    lots = gather_lots(work)
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
    return write_values(work, groups, joining)


# ── which stack in which lot ───────────────────────────────────────────────────────────────────────────────


def _place_stacks(work: Work, frame: DrawnFrame, groups: Sequence[Features], texts: Texts, lots: Lots) -> Joining:
    """Texts put into labels, and each label into the lot that it lies in or that its leader points at."""
    size = float(np.median(texts.height)) if len(texts) else 1.0
    joining = Joining(texts, [], lots, work.reading.style, [])

    def lot_at(drawn: npt.NDArray[np.float64]) -> Rows:
        return lots.at(np.asarray(shapely.points(frame.to_true(drawn)), dtype=object))

    def area_off(members: Sequence[int], lot: int) -> float:
        return off_by(read_texts(joining, members, lot).area_m2, float(lots.area[lot]))

    inside = lots.at(texts.middle)
    leaders = find_leaders(work, groups, frame, size)
    led = follow_leaders(leaders, Ground(texts, home_strays(texts, inside), lot_at, area_off)) if leaders else []
    joining.stacks = [list(one.members) for one in led]
    joining.lot = [one.lot for one in led]
    for stack, one in enumerate(led):
        if {int(inside[at]) for at in one.members} != {one.lot}:
            joining.repairs.append(_by_leader(joining, stack, one.leader))
    inside = home_strays(texts, home_sequences(texts, inside, lot_at, area_off))
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


def _by_leader(joining: Joining, stack: int, leader: Leader) -> Repair:
    return Repair(
        "label-joined-by-leader",
        feature=code_of(joining, stack),
        params={"text": raw_text(joining, [stack])},
        wkb=place(leader.shape),
        source_handle=joining.texts.handle[joining.stacks[stack][0]],
    )


# ── labels in one lot ──────────────────────────────────────────────────────────────────────────────────────


def _settle(joining: Joining) -> None:
    """Of several labels in one lot: the same code twice is one label; of two codes one wins, and it is told."""
    for lot, stacks in joining.chosen.items():
        if len(stacks) == 1:
            continue
        codes: dict[str, list[int]] = {}
        _find_variants(joining, stacks)
        for stack in stacks:
            codes.setdefault(code_key(code_of(joining, stack)), []).append(stack)
        plain = codes.pop("", [])
        if not codes:
            continue
        best = {code: max(same, key=lambda one: said(label_of(joining, one))) for code, same in codes.items()}
        if len(best) == 1:
            same = next(iter(codes.values()))
            joining.chosen[lot] = [next(iter(best.values())), *plain] if len(same) > 1 else stacks
            continue
        winner = _winner(joining, lot, list(best.values()))
        joining.disputed[lot] = {winner: "", **{stack: code_of(joining, stack) for stack in best.values()}}
        near = [stack for stack in plain if _closest(joining, stack, list(best.values())) == winner]
        joining.chosen[lot] = [winner, *near]
        for stack in stacks:
            if stack not in joining.chosen[lot]:
                joining.lot[stack] = -2 - lot  # a loser: known by the lot it lies in


def _find_variants(joining: Joining, stacks: Sequence[int]) -> None:
    """Codes that are none by themselves, of stacks beside another whose code they carry on ("H78", "H78.2")."""
    members = [at for stack in stacks for at in joining.stacks[stack]]
    codes = set(code_texts(joining.texts, members))
    for stack in stacks:
        if not label_of(joining, stack).code:
            own = [joining.texts.text[at] for at in joining.stacks[stack] if at in codes]
            if own:
                joining.variants[stack] = own[0]


def _tell_disputed(joining: Joining) -> None:
    """Lots that several labels with different codes lie in, apart from those that belong to a neighbour."""
    for lot, codes in joining.disputed.items():
        winner = next(iter(codes))
        rest = [stack for stack in codes if stack == winner or joining.lot[stack] < -1]
        if len(rest) < 2:
            continue
        joining.findings.append(
            warning(
                "labels-two-in-lot",
                feature=code_of(joining, winner),
                wkb=place(joining.lots.geometry[lot]),
                source_handle=joining.texts.handle[joining.stacks[winner][0]],
                labels=", ".join(sorted(codes[stack] for stack in rest)),
            )
        )


def _winner(joining: Joining, lot: int, stacks: list[int]) -> int:
    """The one label whose written area is the lot's; else the one nearest to the lot's inner point."""
    area = float(joining.lots.area[lot])
    stacks = [stack for stack in stacks if stack not in joining.variants] or stacks
    agreeing = [stack for stack in stacks if off_by(label_of(joining, stack).area_m2, area) <= _DIFFERS]
    if len(agreeing) == 1:
        return agreeing[0]
    inner = shapely.point_on_surface(joining.lots.geometry[lot])
    return min(agreeing or stacks, key=lambda stack: float(middle_of(joining, stack).distance(inner)))


def _closest(joining: Joining, stack: int, others: Sequence[int]) -> int:
    middle = middle_of(joining, stack)
    return min(others, key=lambda other: float(middle_of(joining, other).distance(middle)))


# ── neighbours and the nearest ─────────────────────────────────────────────────────────────────────────────


def _boxes(joining: Joining, stacks: Sequence[int], frame: DrawnFrame) -> Geometries:
    """Boxes of stacks in the true frame."""
    shapes = np.empty(len(stacks), dtype=object)
    shapes[:] = [stack_box(joining.texts, joining.stacks[stack]) for stack in stacks]
    return np.asarray(shapely.transform(shapes, frame.to_true), dtype=object)


def _height(joining: Joining, stack: int, frame: DrawnFrame) -> float:
    return float(joining.texts.height[joining.stacks[stack]].max()) * frame.metres()


def _move_to_neighbours(joining: Joining, frame: DrawnFrame) -> None:
    """A label whose written area is not its lot's but exactly a bare neighbour's, and that touches it, is moved."""
    doubtful = []
    for stack, lot in enumerate(joining.lot):
        home = lot if lot >= 0 else -2 - lot
        if lot != -1 and (lot < 0 or len(joining.chosen[lot]) == 1):
            label = label_of(joining, stack)
            if label.code and label.area_m2 and off_by(label.area_m2, float(joining.lots.area[home])) > _DIFFERS:
                doubtful.append(stack)
    if not doubtful:
        return
    boxes = _boxes(joining, doubtful, frame)
    reach = np.array([_BORDER * _height(joining, stack, frame) for stack in doubtful])
    at, near = joining.lots.tree.query(boxes, predicate="dwithin", distance=reach)
    for number, lot in zip(at.tolist(), near.tolist(), strict=True):
        stack = doubtful[number]
        free = lot not in joining.chosen and joining.lot[stack] != lot
        if free and off_by(joining.labels[stack].area_m2, float(joining.lots.area[lot])) <= _EQUALS:
            if joining.lot[stack] >= 0:
                del joining.chosen[joining.lot[stack]]
            joining.lot[stack] = lot
            joining.chosen[lot] = [stack]
            del joining.labels[stack]
            joining.repairs.append(
                Repair(
                    "label-joined-by-area",
                    feature=code_of(joining, stack),
                    params={"text": raw_text(joining, [stack])},
                    wkb=place(middle_of(joining, stack)),
                    source_handle=joining.texts.handle[joining.stacks[stack][0]],
                )
            )


def _join_nearest(joining: Joining, frame: DrawnFrame) -> None:
    """A label that lies in no lot goes to the nearest lot without a label, within _NEAR letter heights."""
    loose = [stack for stack, lot in enumerate(joining.lot) if lot == -1 and is_label(label_of(joining, stack))]
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
                feature=code_of(joining, stack),
                params={"text": raw_text(joining, [stack]), "distance": round(float(gaps[one]), 2)},
                wkb=place(middle_of(joining, stack)),
                source_handle=joining.texts.handle[joining.stacks[stack][0]],
            )
        )
