"""The grid of a sheet as evidence: labelled crosses give the similarity from drawn to true coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.drawn_texts import DrawnTexts
from quyhoach.standardise.grid_labels import EAST, NORTH, GridLabels, enough, read_grid_labels
from quyhoach.standardise.grid_marks import CORNER, CROSSING, END, SIGN, Marks, find_marks

UNITS = (1.0, 0.001, 0.01, 1000.0)  # metres per drawn unit: m, mm, cm, km
_MOST_LABELS = 400
_REACH = 9.0  # how far from its mark a label may stand, in letter heights
_ANGLES = 3600  # bins of a quarter turn
_SHARE = 0.5  # of the labels must stand beside marks that agree
_MANY, _NEARLY_ALL = 0.75, 0.9  # the same, for marks that agree less than perfectly, and for looking no further
_DRAWN = 0.002  # metres: marks that a program drew agree so well
_EXACT = 0.05  # metres: as exactly as a draughtsman's grid fits
_ROUNDS = 4
_UNUSUAL = 12  # labels that a scale needs which is that of no unit

Numbers = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class GridFit:
    """How the grid lays the drawing: z' = turn · z + shift, with z = x + iy (swapped: y + ix), z' = E + iN in metres.

    `residual`: the largest distance in metres between a mark that was used and its label; `count`: labels used;
    `exact`: fitted on marks (else on the texts alone, good to a few letter heights); `off`: rows of the texts whose
    mark lies elsewhere than they say, with the distance in metres; `reach`: metres within which texts stand."""

    swapped: bool
    turn: complex
    shift: complex
    residual: float
    count: int
    exact: bool
    middle: complex  # of the marks, E + iN
    reach: float
    off: tuple[tuple[int, float], ...] = ()
    old_zone: bool = False


def fit_grid(layers: Sequence[SourceLayer], texts: DrawnTexts) -> GridFit | None:
    """The similarity that the grid labels of a drawing tell, or None where they tell none.

    First from where the texts stand, which gives turn, unit and order of axes; then from the marks beside them,
    which gives the place exactly. A set of labels that fits marks wins over one that does not."""
    rough = None
    for labels in read_grid_labels(texts):
        labels = _thin(labels)
        fit = _fit(layers, labels, texts)
        if fit is not None and fit.exact:
            return fit
        rough = rough or fit
    return rough


def _fit(layers: Sequence[SourceLayer], labels: GridLabels, texts: DrawnTexts) -> GridFit | None:
    heights = labels.height[labels.height > 0]
    span = max(float(np.ptp(labels.at.real)), float(np.ptp(labels.at.imag)))
    height = float(np.median(heights)) if len(heights) else span / 200
    if not (0 < height < span):
        return None
    agreeing = _agreeing(labels, height, texts)
    if agreeing is None:
        return None
    kept = labels.take(agreeing)
    swapped, turn, shift = _similarity(kept.at, kept.axis, kept.value)
    residual = _residuals(kept, kept.at, swapped, turn, shift)
    tolerance = 6 * height * abs(turn)
    if np.median(np.abs(residual)) > tolerance:
        return None
    reach = _REACH * height
    own = sorted(set(texts.layer[kept.text_row].tolist()))  # a grid's lines and numbers share a layer, mostly
    for among in ([layers[number] for number in own], layers):
        marks = find_marks(among, labels, reach)
        fit = _on_marks(kept, marks.of_labels(agreeing), (swapped, turn, shift), 1.5 * height * abs(turn))
        if fit is not None:
            return replace(fit, off=_off(labels, marks, agreeing, fit))
    # texts alone: they stand beside what they name, so only a place within their distance is told
    middle = complex(_true(kept.at, swapped, turn, shift).mean())
    worst = float(np.abs(residual).max())
    return GridFit(swapped, turn, shift, worst, len(kept), False, middle, reach * abs(turn), (), labels.old_zone)


def _thin(labels: GridLabels) -> GridLabels:
    """At most so many labels, spread evenly over the drawing's order."""
    if len(labels) <= _MOST_LABELS:
        return labels
    keep = np.zeros(len(labels), dtype=bool)
    keep[np.linspace(0, len(labels) - 1, _MOST_LABELS).astype(np.intp)] = True
    thinned = labels.take(keep)
    return thinned if enough(thinned) else labels.take(np.arange(len(labels)) < _MOST_LABELS)


# ── from the texts alone: turn, unit, axes ─────────────────────────────────────────────────────────────────


def _agreeing(labels: GridLabels, height: float, texts: DrawnTexts) -> npt.NDArray[np.bool_] | None:
    """The labels that agree with one turned grid, or None where too few do. Usual units count for more."""
    best: npt.NDArray[np.bool_] | None = None
    most = 0.0
    for angle in _angles(labels, texts):
        turned = labels.at * np.exp(-1j * angle)
        for north, east in ((turned.imag, turned.real), (turned.real, turned.imag)):
            inliers = np.zeros(len(labels), dtype=bool)
            scales = []
            for axis, along in ((NORTH, north), (EAST, east)):
                rows = np.flatnonzero(labels.axis == axis)
                line = _line(along[rows], labels.value[rows], height)
                if line is not None:
                    scales.append(line[0])
                    inliers[rows[line[1]]] = True
            if len(scales) == 2 and abs(scales[0] / scales[1]) < 1.1 and abs(scales[1] / scales[0]) < 1.1:
                votes = inliers.sum() * (1.0 if _usual(scales[0]) and _usual(scales[1]) else 0.7)
                if votes > most and enough(labels.take(inliers)):
                    best, most = inliers, votes
    return best


def _usual(scale: float, within: float = 0.02) -> bool:
    """Whether a scale is that of a usual unit."""
    return any(abs(abs(scale) / unit - 1) <= within for unit in UNITS)


def _angles(labels: GridLabels, texts: DrawnTexts) -> list[float]:
    """The turns of the grid worth trying, radians: as drawn, as the texts are, as labels of one value lie in line."""
    rotations = np.round(np.mod(texts.rotation[labels.text_row], 90.0), 3)
    values, counts = np.unique(rotations, return_counts=True)
    found = [0.0, np.radians(float(values[counts.argmax()]))]
    votes, directions = [], []
    for axis in (EAST, NORTH):
        rows = np.flatnonzero(labels.axis == axis)
        rows = rows[np.argsort(labels.value[rows], kind="stable")]
        for group in np.split(rows, np.flatnonzero(np.diff(labels.value[rows])) + 1):
            at = labels.at[group[:40]]
            step = (at[:, None] - at[None, :])[np.triu_indices(len(at), 1)]
            step = step[np.abs(step) > 0]
            directions.append(np.mod(np.angle(step), np.pi / 2))
            votes.append(np.abs(step))
    direction, vote = np.concatenate(directions), np.concatenate(votes)
    if len(direction):
        bins = (direction / (np.pi / 2) * _ANGLES).astype(np.intp) % _ANGLES
        weight = np.bincount(bins, vote, minlength=_ANGLES)
        smooth = sum(np.roll(weight, shift) for shift in range(-3, 4))
        top = (int(np.argmax(smooth)) + 0.5) / _ANGLES * np.pi / 2
        off = np.mod(direction - top + np.pi / 4, np.pi / 2) - np.pi / 4
        near = np.abs(off) < np.radians(0.5)
        found.append(float(top + np.average(off[near], weights=vote[near])) if near.any() else top)
    return list(dict.fromkeys(found))


def _line(along: Numbers, value: Numbers, height: float) -> tuple[float, npt.NDArray[np.bool_]] | None:
    """The slope of value over position that most labels share, and which share it; None where there is none."""
    i, j = np.triu_indices(len(along), 1)
    if len(i) > 20_000:
        pick = np.linspace(0, len(i) - 1, 20_000).astype(np.intp)
        i, j = i[pick], j[pick]
    run, rise = along[j] - along[i], value[j] - value[i]
    useful = (rise != 0) & (np.abs(run) > 4 * height)
    if not useful.any():
        return None
    slopes = rise[useful] / run[useful]
    logs = np.log(np.abs(slopes))
    best: tuple[float, npt.NDArray[np.bool_]] | None = None
    for sign in (1.0, -1.0):
        own = logs[np.sign(slopes) == sign]
        for guess in _modes(own):
            slope = sign * float(np.exp(guess))
            level = value - slope * along
            tolerance = 6 * height * abs(slope)
            ordered = np.sort(level)
            ends = np.searchsorted(ordered, ordered + 2 * tolerance, side="right")
            start = int(np.argmax(ends - np.arange(len(ordered))))
            middle = float(np.median(ordered[start : ends[start]]))
            inliers = np.abs(level - middle) <= tolerance
            if best is None or inliers.sum() > best[1].sum():
                best = (slope, inliers)
    return best


def _modes(logs: Numbers) -> list[float]:
    """The commonest scale, and each usual unit that any pair comes near."""
    found = []
    if len(logs):
        ordered = np.sort(logs)
        ends = np.searchsorted(ordered, ordered + 0.02, side="right")
        start = int(np.argmax(ends - np.arange(len(ordered))))
        found.append(float(np.median(ordered[start : ends[start]])))
        for unit in UNITS:
            if (np.abs(logs - np.log(unit)) < 0.05).any():
                found.append(float(np.log(unit)))
    return found


# ── on the marks: the place ────────────────────────────────────────────────────────────────────────────────


def _on_marks(
    labels: GridLabels, marks: Marks, start: tuple[bool, complex, complex], tolerance: float
) -> GridFit | None:
    """The similarity through the marks that most labels stand beside in the same way; None where too few do."""
    rigid = _usual(start[1], 0.03)  # then it is that unit: a scale of its own needs better proof than four numbers
    found = None
    if rigid:
        found = _first_fit(labels, marks, (SIGN, CROSSING, CORNER, END), start, tolerance, rigid)
        if found is not None and found.residual <= _EXACT / 5:
            return found
    free = _first_fit(labels, marks, (SIGN, CROSSING), start, tolerance, False)
    if free is None or free.count < _UNUSUAL:
        return found
    if found is None or (free.count >= found.count and free.residual < found.residual / 3):
        return free
    return found


def _first_fit(
    labels: GridLabels,
    marks: Marks,
    kinds: Sequence[int],
    start: tuple[bool, complex, complex],
    tolerance: float,
    rigid: bool,
) -> GridFit | None:
    """The fit on the most trustworthy kind of marks that allows a sound one: by most labels or to the millimetre. Of
    one kind the fit that most labels share; the narrowest search first, which suffices where labels stand beside
    their marks all in the same way."""
    for kind in kinds:
        own = marks.of_kind(kind)
        if not len(own.label):
            continue
        best: GridFit | None = None
        for width in np.geomspace(_EXACT, max(tolerance, 4 * _EXACT), _ROUNDS).tolist():
            fit = _refine(labels, own, start, width, rigid)
            if fit is not None and fit.count >= _NEARLY_ALL * len(labels) and fit.residual <= _EXACT / 5:
                return fit
            if fit is not None and (best is None or (fit.count, -fit.residual) > (best.count, -best.residual)):
                best = fit
        if best is not None and (best.count >= _MANY * len(labels) or best.residual <= _DRAWN):
            return best
    return None


def _refine(
    labels: GridLabels, marks: Marks, start: tuple[bool, complex, complex], widest: float, rigid: bool
) -> GridFit | None:
    """The similarity through the marks that fit within `widest` metres, then ever more closely."""
    fit = _rigid(labels.at, labels.axis, labels.value, start) if rigid else start
    rounds = 1 if widest <= _EXACT else _ROUNDS
    for width in np.geomspace(widest, _EXACT, rounds).tolist():
        chosen = _voted(labels, marks, fit, width)
        if not _suffices(labels, chosen[0]):
            return None
        fit = _through(labels, marks, chosen, fit[0], rigid)
    for _ in range(_ROUNDS):
        chosen = _closest(labels, marks, fit)
        if not _suffices(labels, chosen[0]):
            return None
        fit = _through(labels, marks, chosen, fit[0], rigid)
    label, mark = chosen
    residual = np.abs(_residual(marks.at[mark], labels.axis[label], labels.value[label], *fit))
    return GridFit(
        *fit,
        residual=float(residual.max()),
        count=len(label),
        exact=True,
        middle=complex(_true(marks.at[mark], *fit).mean()),
        reach=widest,
        old_zone=labels.old_zone,
    )


def _suffices(labels: GridLabels, used: npt.NDArray[np.intp]) -> bool:
    return len(used) >= _SHARE * len(labels) and enough(labels.take(np.isin(np.arange(len(labels)), used)))


def _through(
    labels: GridLabels,
    marks: Marks,
    chosen: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    swapped: bool,
    rigid: bool,
) -> tuple[bool, complex, complex]:
    """The similarity through chosen (label, mark) pairs."""
    label, mark = chosen
    at, axis, value = marks.at[mark], labels.axis[label], labels.value[label]
    fit = _similarity(at, axis, value, swapped)
    return _rigid(at, axis, value, fit) if rigid else fit


def _rigid(
    at: Complex, axis: npt.NDArray[np.intp], value: Numbers, fit: tuple[bool, complex, complex]
) -> tuple[bool, complex, complex]:
    """A similarity with the scale of the nearest unit and the shift that then fits best."""
    swapped, turn, _ = fit
    turn = turn / abs(turn) * min(UNITS, key=lambda unit: abs(np.log(abs(turn) / unit)))
    away = -_residual(at, axis, value, swapped, turn, 0j)
    return swapped, turn, complex(away[axis == EAST].mean(), away[axis == NORTH].mean())


def _voted(
    labels: GridLabels, marks: Marks, fit: tuple[bool, complex, complex], width: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The marks that most labels stand beside in one way, within `width` metres of it: labels, marks."""
    moved = _true(marks.at, *fit)
    picked = []
    for axis in (EAST, NORTH):
        rows = np.flatnonzero(labels.axis[marks.label] == axis)
        found = moved.imag[rows] if axis == NORTH else moved.real[rows]
        level = labels.value[marks.label[rows]] - found
        picked.append(rows[_vote(level, marks.label[rows], 1 - 0.5 * marks.distance[rows], width)])
    mark = np.concatenate(picked)
    return marks.label[mark], mark


def _closest(
    labels: GridLabels, marks: Marks, fit: tuple[bool, complex, complex]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Of each label the mark that fits best, where it fits about as well as the others' do: labels, marks."""
    away = np.abs(_residual(marks.at, labels.axis[marks.label], labels.value[marks.label], *fit))
    order = np.lexsort((away, marks.label))
    order = order[np.concatenate([[True], np.diff(marks.label[order]) != 0])]
    near = order[away[order] <= 2 * _EXACT]
    if len(near):
        near = near[away[near] <= max(4 * float(np.median(away[near])), 0.001)]
    return marks.label[near], near


def _vote(level: Numbers, label: npt.NDArray[np.intp], weight: Numbers, width: float) -> npt.NDArray[np.intp]:
    """Of marks with offsets `level` from what their labels say, the nearest of each label in the commonest interval."""
    if not len(level):
        return np.empty(0, dtype=np.intp)
    order = np.argsort(level, kind="stable")
    ordered, carried = level[order], np.concatenate([[0.0], np.cumsum(weight[order])])
    ends = np.searchsorted(ordered, ordered + 2 * width, side="right")
    start = int(np.argmax(carried[ends] - carried[:-1]))
    inside = order[start : ends[start]]
    inside = inside[np.lexsort((-weight[inside], label[inside]))]
    nearest: npt.NDArray[np.intp] = inside[np.concatenate([[True], np.diff(label[inside]) != 0])]
    return nearest


def _off(
    labels: GridLabels, marks: Marks, agreeing: npt.NDArray[np.bool_], fit: GridFit
) -> tuple[tuple[int, float], ...]:
    """Labels beside marks of the grid that say what the grid does not: text row, and how far it is from so."""
    found = []
    moved = _true(marks.at, fit.swapped, fit.turn, fit.shift)
    own = _residual(marks.at, labels.axis[marks.label], labels.value[marks.label], fit.swapped, fit.turn, fit.shift)
    right = np.abs(own) <= 2 * _EXACT
    good = moved[right & agreeing[marks.label]]
    for label in np.setdiff1d(marks.label, marks.label[right]).tolist():
        rows = np.flatnonzero(marks.label == label)
        beside = np.abs(moved[rows][:, None] - good[None, :]).min(axis=1, initial=np.inf) <= 2 * _EXACT
        if beside.any():
            found.append((int(labels.text_row[label]), float(np.abs(own[rows[beside]]).min())))
    return tuple(found)


# ── similarity from numbers on single axes ─────────────────────────────────────────────────────────────────


def _similarity(
    at: Complex, axis: npt.NDArray[np.intp], value: Numbers, swapped: bool | None = None
) -> tuple[bool, complex, complex]:
    """The least-squares similarity, of the two orders of axes the better one (or the given one): swapped, turn, shift.

    E = a·x − b·y + c, N = b·x + a·y + d is linear in a, b, c, d, so each number on one axis is one equation."""
    best: tuple[float, tuple[bool, complex, complex]] | None = None
    for way in (False, True) if swapped is None else (swapped,):
        z = at.imag + 1j * at.real if way else at
        middle, value_middle = (
            z.mean(),
            np.where(axis == NORTH, value[axis == NORTH].mean(), value[axis == EAST].mean()),
        )
        z = z - middle
        scale = np.abs(z).max() or 1.0
        x, y, north = z.real / scale, z.imag / scale, axis == NORTH
        zero, one = np.zeros(len(z)), np.ones(len(z))
        rows = np.where(north[:, None], np.column_stack([y, x, zero, one]), np.column_stack([x, -y, one, zero]))
        (a, b, c, d), *_ = np.linalg.lstsq(rows, value - value_middle, rcond=None)
        left = float(np.square(rows @ np.array([a, b, c, d]) - (value - value_middle)).sum())
        turn = complex(a, b) / scale
        base = complex(value[axis == EAST].mean() + c, value[axis == NORTH].mean() + d)
        if best is None or left < best[0]:
            best = (left, (way, turn, base - turn * complex(middle)))
    assert best is not None
    return best[1]


def _true(at: Complex, swapped: bool, turn: complex, shift: complex) -> Complex:
    return turn * (at.imag + 1j * at.real if swapped else at) + shift


def _residual(
    at: Complex, axis: npt.NDArray[np.intp], value: Numbers, swapped: bool, turn: complex, shift: complex
) -> Numbers:
    moved = _true(at, swapped, turn, shift)
    found: Numbers = np.where(axis == NORTH, moved.imag, moved.real) - value
    return found


def _residuals(labels: GridLabels, at: Complex, swapped: bool, turn: complex, shift: complex) -> Numbers:
    return _residual(at, labels.axis, labels.value, swapped, turn, shift)
