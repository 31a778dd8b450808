"""The lot of a label's text where its place alone misleads: lines that reach over lots, figures in the next lot."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.standardise.label_texts import Texts, components, envelopes, is_code, turn_back

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

_BESIDE = 3.0  # heights between two cells of one line, at most
_TIGHT_UNDER, _TIGHT_BESIDE = 1.0, 2.0  # … of what surely is one label, under and beside each other
_AGREES = 0.05  # share by which a written area may differ from its lot's
_LINES = 8  # texts of one label at most, as counted from its code
_USUAL = 0.6  # share of texts that lie in the lot of the code drawn before them from which on the order tells


def home_sequences(
    texts: Texts, lot: Rows, lot_at: Callable[[Floats], Rows], area_off: Callable[[Sequence[int], int], float]
) -> Rows:
    """The lot of each text, lines drawn one after another as one label counted to the lot that its middle lies in.

    Only labels that reach over several lots, with one code among their lines, are changed; where the written area is
    that of the lot which the code lies in, and not of the other, the code decides. `lot_at`: drawn points (n, 2) ->
    lots; `area_off`: by which share the area that texts say differs from a lot's."""
    west, base, size = texts.starts
    east = texts.box[:, 2].tolist()
    turn = texts.rotation.tolist()
    runs: list[list[int]] = []
    for at, text in enumerate(texts.text):
        if texts.tag[at] is not None or "\n" in text:
            continue
        last = runs[-1][-1] if runs else -2
        follows = (
            last == at - 1
            and texts.group[last] == texts.group[at]
            and turn[last] == turn[at]
            and abs(size[last] - size[at]) <= 1e-4 * size[at]
        )
        if follows:
            down, height = base[last] - base[at], size[at]
            if abs(down) <= 0.1 * height:
                follows = -0.5 * height <= west[at] - east[last] <= _BESIDE * height
            else:
                first = runs[-1][0]
                middles = abs((west[at] + east[at]) - (west[last] + east[last])) / 2
                aligned = min(abs(west[at] - west[last]), middles, abs(west[at] - west[first])) <= 0.4 * height
                follows = 0.9 * height <= down <= 2.2 * height and aligned
        if follows:
            runs[-1].append(at)
        else:
            runs.append([at])
    wide = [run for run in runs if len(run) > 1 and len({int(lot[at]) for at in run}) > 1]
    wide = [run for run in wide if sum(is_code(texts.text[at]) for at in run) == 1]
    if not wide:
        return lot
    middles = np.array([texts.box[run][:, :2].min(axis=0) + texts.box[run][:, 2:].max(axis=0) for run in wide]) / 2
    homes = lot_at(turn_back(middles, np.array([-turn[run[0]] for run in wide])))
    found = lot.copy()
    for run, home in zip(wide, homes.tolist(), strict=True):
        told = next(int(lot[at]) for at in run if is_code(texts.text[at]))
        if (
            told >= 0
            and told != home
            and area_off(run, told) <= _AGREES
            and (home < 0 or area_off(run, home) > _AGREES)
        ):
            home = told
        if home >= 0:
            found[run] = home
    return found


def home_strays(texts: Texts, lot: Rows) -> Rows:
    """The lot of each text, a line of a label that reaches out of its lot counted to that lot.

    A line or cell without a code, of the very letters of a label in one other lot and close to it, which lies outside
    all lots or in a lot that has a label of its own, and close to nothing there, is such a stray. Not so one drawn
    right after the code of the lot that it lies in, where that is how labels are drawn."""
    loose = np.array(
        [at for at, text in enumerate(texts.text) if texts.tag[at] is None and "\n" not in text], dtype=np.intp
    )
    if len(loose) < 2:
        return lot
    one, two = _tight_pairs(texts, loose)
    own = lot[one] == lot[two]
    if own.all():
        return lot
    coded = np.fromiter((is_code(text) for text in texts.text), bool, len(texts))
    labelled = {int(number) for number in lot[coded].tolist()} - {-1}
    groups = components(len(texts), one[own].tolist(), two[own].tolist())
    group_of = np.empty(len(texts), dtype=np.intp)
    for number, group in enumerate(groups):
        group_of[group] = number
    has_code = np.zeros(len(groups), dtype=bool)
    has_code[group_of[coded]] = True
    wanted: dict[int, set[int]] = {}
    for first, second in zip(one[~own].tolist(), two[~own].tolist(), strict=True):
        for stray, host in ((first, second), (second, first)):
            if has_code[group_of[host]] and not has_code[group_of[stray]] and lot[host] >= 0:
                wanted.setdefault(int(group_of[stray]), set()).add(int(lot[host]))
    found = lot.copy()
    settled = _in_order(texts, lot, coded)
    for number, hosts in wanted.items():
        members = groups[number]
        if any(settled[at] for at in members):
            continue
        if len(hosts) == 1 and (lot[members[0]] < 0 or int(lot[members[0]]) in labelled):
            found[members] = hosts.pop()
    return found


def _in_order(texts: Texts, lot: Rows, coded: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which texts lie in the lot of the code drawn last before them, where most texts do."""
    count = len(texts)
    place = np.arange(count)
    before = np.maximum.accumulate(np.where(coded, place, -1))
    after = np.minimum.accumulate(np.where(coded, place, count)[::-1])[::-1]
    near = (before >= 0) & (place - before <= _LINES) & (texts.group[before] == texts.group)
    settled: npt.NDArray[np.bool_] = near & ~coded & (lot[before] == lot) & (lot >= 0)
    next_ = np.minimum(after, count - 1)
    follows = (after < count) & (after - place <= _LINES) & (texts.group[next_] == texts.group)
    ahead = follows & ~coded & (lot[next_] == lot) & (lot >= 0)
    usual = np.count_nonzero(settled) >= max(_USUAL * np.count_nonzero(~coded), np.count_nonzero(ahead))
    return settled if usual else np.zeros(count, dtype=bool)


def _tight_pairs(texts: Texts, loose: Rows) -> tuple[Rows, Rows]:
    """Pairs of loose texts of the same letters that stand as cells of one line or as lines of one stack."""
    box, height, rotation = texts.box[loose], texts.height[loose], texts.rotation[loose]
    reach = _TIGHT_BESIDE / 2 * height
    wide = envelopes(box, reach)
    one, two = shapely.STRtree(wide).query(wide)
    alike = (one < two) & (rotation[one] == rotation[two]) & (np.abs(height[one] - height[two]) <= 0.005 * height[one])
    one, two = one[alike], two[alike]
    above = np.maximum(box[one, 1], box[two, 1]) - np.minimum(box[one, 3], box[two, 3])
    beside = np.maximum(box[one, 0], box[two, 0]) - np.minimum(box[one, 2], box[two, 2])
    narrow = np.minimum(box[one, 2] - box[one, 0], box[two, 2] - box[two, 0])
    same_row = np.abs(box[one, 1] - box[two, 1]) <= 0.1 * height[one]
    tight = np.where(same_row, beside <= _TIGHT_BESIDE * height[one], above <= _TIGHT_UNDER * height[one])
    tight &= same_row | (beside <= -0.4 * narrow)
    return loose[one[tight]], loose[two[tight]]
