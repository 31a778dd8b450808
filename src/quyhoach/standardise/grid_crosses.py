"""The grid of a sheet as evidence: labelled crosses give the similarity from drawn to true coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.drawn_texts import DrawnTexts
from quyhoach.standardise.grid_labels import EAST, NORTH, GridLabels, enough, read_grid_labels
from quyhoach.standardise.grid_marks import CORNER, CROSSING, END, SIGN, Marks, find_marks
from quyhoach.standardise.grid_rough import agreeing_labels
from quyhoach.standardise.grid_similarity import Integers, Numbers, Similarity, fit_similarity, is_usual

_MOST_LABELS = 400
_REACH = 9.0  # how far from its mark a label may stand, in letter heights
_SHARE = 0.5  # of the labels must stand beside marks that agree
_MANY, _NEARLY_ALL = 0.75, 0.9  # the same, for marks that agree less than perfectly, and for looking no further
_DRAWN = 0.002  # metres: marks that a program drew agree so well
_EXACT = 0.05  # metres: as exactly as a draughtsman's grid fits
_SLOPPY = 0.5  # metres: as exactly as a grid drawn by hand over a picture fits
_ROUNDS = 4
_UNUSUAL = 12  # labels that a scale needs which is that of no unit


@dataclass(frozen=True, eq=False)
class GridFit:
    """How the grid lays the drawing.

    `residual`: the largest distance in metres between a mark that was used and its label; `count`: labels used;
    `exact`: fitted on marks (else on the texts alone, good to a few letter heights); `middle`: of the marks, E + iN;
    `reach`: metres within which texts stand; `off`: rows of the texts whose mark lies elsewhere than they say, with
    the distance in metres; `old_zone`: eastings begin with a Gauss-Krüger zone's number."""

    similarity: Similarity
    residual: float
    count: int
    exact: bool
    middle: complex
    reach: float
    off: tuple[tuple[int, float], ...] = ()
    old_zone: bool = False
    either_hand: bool = False  # so few marks that the mirrored drawing fits as well


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
    agreeing = agreeing_labels(labels, height, texts)
    if agreeing is None:
        return None
    kept = labels.take(agreeing)
    start = fit_similarity(kept.at, kept.axis, kept.value)
    if start.turn == 0:
        return None
    away = np.abs(start.residual(kept.at, kept.axis, kept.value))
    if np.median(away) > 6 * height * abs(start.turn):
        return None
    reach = _REACH * height
    own = sorted(set(texts.layer[kept.text_row].tolist()))  # a grid's lines and numbers share a layer, mostly
    for among in ([layers[number] for number in own], layers):
        marks = find_marks(among, labels, reach)
        fit = _on_marks(kept, marks.of_labels(agreeing), start, 1.5 * height * abs(start.turn))
        if fit is not None:
            return None if fit.either_hand else replace(fit, off=_off(labels, marks, agreeing, fit))
    mirrored = fit_similarity(kept.at, kept.axis, kept.value, not start.swapped)
    if np.median(np.abs(mirrored.residual(kept.at, kept.axis, kept.value))) <= 6 * height * abs(start.turn):
        return None
    # texts alone: they stand beside what they name, so only a place within their distance is told
    middle = complex(start.lay(kept.at).mean())
    told = GridFit(start, float(away.max()), len(kept), False, middle, reach * abs(start.turn))
    return replace(told, old_zone=labels.old_zone)


def _thin(labels: GridLabels) -> GridLabels:
    """At most so many labels, spread evenly over the drawing's order."""
    if len(labels) <= _MOST_LABELS:
        return labels
    keep = np.zeros(len(labels), dtype=bool)
    keep[np.linspace(0, len(labels) - 1, _MOST_LABELS).astype(np.intp)] = True
    thinned = labels.take(keep)
    return thinned if enough(thinned) else labels.take(np.arange(len(labels)) < _MOST_LABELS)


# ── on the marks: the place ────────────────────────────────────────────────────────────────────────────────


def _on_marks(labels: GridLabels, marks: Marks, start: Similarity, tolerance: float) -> GridFit | None:
    """The similarity through the marks that most labels stand beside in the same way; None where too few do."""
    found = None
    if is_usual(start.turn, 0.03):  # then it is that unit: a scale of its own needs better proof than four numbers
        found = _first_fit(labels, marks, (SIGN, CROSSING, CORNER, END), _Search(start, tolerance, True))
        if found is not None and found.residual <= _EXACT / 5:
            return found
    free = _first_fit(labels, marks, (SIGN, CROSSING), _Search(start, tolerance, False))
    better = found is None or (free is not None and free.count >= found.count and free.residual < found.residual / 3)
    if free is not None and free.count >= _UNUSUAL and better:
        return free
    if found is None and is_usual(start.turn, 0.03):
        found = _first_fit(labels, marks, (SIGN,), _Search(start, tolerance, True, _SLOPPY))
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    """From where to where: the first guess, how far marks may lie from it in metres, whether the scale is a unit's,
    and how closely marks must agree in the end."""

    start: Similarity
    tolerance: float
    rigid: bool
    close: float = _EXACT


def _first_fit(labels: GridLabels, marks: Marks, kinds: Sequence[int], search: _Search) -> GridFit | None:
    """The fit on the most trustworthy kind of marks that allows a sound one: by most labels or to the millimetre. Of
    one kind the fit that most labels share; the narrowest search first, which suffices where labels stand beside
    their marks all in the same way."""
    close = search.close
    many = _MANY if close == _EXACT else _NEARLY_ALL
    for kind in kinds:
        own = marks.of_kind(kind)
        if not len(own.label):
            continue
        best: GridFit | None = None
        for width in np.geomspace(close, max(search.tolerance, 4 * close), _ROUNDS).tolist():
            fit = _refine(labels, own, search, width)
            if fit is not None and fit.count >= _NEARLY_ALL * len(labels) and fit.residual <= close / 5:
                return fit
            if fit is not None and (best is None or (fit.count, -fit.residual) > (best.count, -best.residual)):
                best = fit
        if best is not None and (best.count >= many * len(labels) or best.residual <= _DRAWN):
            return best
    return None


def _refine(labels: GridLabels, marks: Marks, search: _Search, widest: float) -> GridFit | None:
    """The similarity through the marks that fit within `widest` metres, then ever more closely."""
    fit = search.start.rigid(labels.at, labels.axis, labels.value) if search.rigid else search.start
    rounds = 1 if widest <= search.close else _ROUNDS
    for width in [*np.geomspace(widest, search.close, rounds).tolist(), *[None] * _ROUNDS]:
        if width is None:
            label, mark = _closest(labels, marks, fit, search.close)
        else:
            label, mark = _voted(labels, marks, fit, width)
        if not _suffices(labels, label):
            return None
        at, axis, value = marks.at[mark], labels.axis[label], labels.value[label]
        fit = fit_similarity(at, axis, value, fit.swapped)
        fit = fit.rigid(at, axis, value) if search.rigid else fit
    residual = float(np.abs(fit.residual(at, axis, value)).max())
    other = fit_similarity(at, axis, value, not fit.swapped)
    other = other.rigid(at, axis, value) if search.rigid else other
    either = float(np.abs(other.residual(at, axis, value)).max()) <= max(search.close, 10 * residual)
    if either and _unturned(fit) != _unturned(other):  # no accident
        fit, either = (fit if _unturned(fit) else other), False
    middle = complex(fit.lay(at).mean())
    return GridFit(fit, residual, len(label), True, middle, widest, (), labels.old_zone, either)


def _unturned(fit: Similarity) -> bool:
    return fit.turn != 0 and abs(fit.turn / abs(fit.turn) - 1) < 1e-6


def _suffices(labels: GridLabels, used: Integers) -> bool:
    return len(used) >= _SHARE * len(labels) and enough(labels.take(np.isin(np.arange(len(labels)), used)))


def _voted(labels: GridLabels, marks: Marks, fit: Similarity, width: float) -> tuple[Integers, Integers]:
    """The marks that most labels stand beside in one way, within `width` metres of it: labels, marks."""
    laid = fit.lay(marks.at)
    picked = []
    for axis in (EAST, NORTH):
        rows = np.flatnonzero(labels.axis[marks.label] == axis)
        found = laid.imag[rows] if axis == NORTH else laid.real[rows]
        level = labels.value[marks.label[rows]] - found
        picked.append(rows[_vote(level, marks.label[rows], 1 - 0.5 * marks.distance[rows], width)])
    mark = np.concatenate(picked)
    return marks.label[mark], mark


def _closest(labels: GridLabels, marks: Marks, fit: Similarity, close: float) -> tuple[Integers, Integers]:
    """Of each label the mark that fits best, where it fits about as well as the others' do: labels, marks."""
    away = np.abs(fit.residual(marks.at, labels.axis[marks.label], labels.value[marks.label]))
    order = np.lexsort((away, marks.label))
    order = order[np.concatenate([[True], np.diff(marks.label[order]) != 0])]
    near = order[away[order] <= 2 * close]
    if len(near):
        near = near[away[near] <= max(4 * float(np.median(away[near])), 0.001)]
    return marks.label[near], near


def _vote(level: Numbers, label: Integers, weight: Numbers, width: float) -> Integers:
    """Of marks with offsets `level` from what their labels say, the nearest of each label in the commonest interval."""
    if not len(level):
        return np.empty(0, dtype=np.intp)
    order = np.argsort(level, kind="stable")
    ordered, carried = level[order], np.concatenate([[0.0], np.cumsum(weight[order])])
    ends = np.searchsorted(ordered, ordered + 2 * width, side="right")
    start = int(np.argmax(carried[ends] - carried[:-1]))
    inside = order[start : ends[start]]
    inside = inside[np.lexsort((-weight[inside], label[inside]))]
    nearest: Integers = inside[np.concatenate([[True], np.diff(label[inside]) != 0])]
    return nearest


def _off(
    labels: GridLabels, marks: Marks, agreeing: npt.NDArray[np.bool_], fit: GridFit
) -> tuple[tuple[int, float], ...]:
    """Labels beside marks of the grid that say what the grid does not: text row, and how far it is from so."""
    found = []
    close = 2 * max(_EXACT, fit.residual)
    moved = fit.similarity.lay(marks.at)
    own = fit.similarity.residual(marks.at, labels.axis[marks.label], labels.value[marks.label])
    right = np.abs(own) <= close
    good = moved[right & agreeing[marks.label]]
    for label in np.setdiff1d(marks.label, marks.label[right]).tolist():
        rows = np.flatnonzero(marks.label == label)
        beside = np.abs(moved[rows][:, None] - good[None, :]).min(axis=1, initial=np.inf) <= close
        if beside.any():
            found.append((int(labels.text_row[label]), float(np.abs(own[rows[beside]]).min())))
    return tuple(found)
