"""What grid labels tell by where they stand alone, without marks: turn, unit and order of axes of the drawing."""

import numpy as np
import numpy.typing as npt

from quyhoach.standardise.drawn_texts import DrawnTexts
from quyhoach.standardise.grid_labels import EAST, NORTH, GridLabels, enough
from quyhoach.standardise.grid_similarity import UNITS, Numbers, is_usual

_ANGLES = 3600  # bins of a quarter turn


def agreeing_labels(labels: GridLabels, height: float, texts: DrawnTexts) -> npt.NDArray[np.bool_] | None:
    """The labels that agree with one turned grid, or None where too few do. Usual units count for more.

    `height`: of their letters, drawn units; labels stand within a few heights of what they name."""
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
                votes = inliers.sum() * (1.0 if is_usual(scales[0]) and is_usual(scales[1]) else 0.7)
                if votes > most and enough(labels.take(inliers)):
                    best, most = inliers, votes
    return best


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
