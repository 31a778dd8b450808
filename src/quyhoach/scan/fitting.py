"""Lay a scan on the ground: choose the simplest model that fits, name a wrong point, state an honest residual.

The residual that is stated is from leaving each point out in turn and asking where the others put it: what one may
expect at a place that is no control point. (The residual of the fit itself flatters the more, the more bends.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from quyhoach.domain.errors import UsageError
from quyhoach.scan.points import ControlPoint
from quyhoach.scan.transform import MODELS, NEEDED, Points, Transform, fit_transform

CLEARLY_BETTER = 0.7  # a model that bends more must bring the residual below this share
ENOUGH_PIXELS = 0.3  # below this many pixels of residual no further model is tried
# Points from which a model is tried without being asked for.
_TRIED = {"similarity": 3, "affine": 4, "projective": 6, "polynomial": 9}
_FLAT = 0.05  # spread across the points' line, as a share of the spread along it
_WRONG_SHARE, _WRONG_TIMES, _WRONG_PIXELS = 3.0, 5.0, 3.0
_SAME_PLACE = 1.0  # pixels
_MOST_TURNED = 30  # points whose triangles are looked at
_THIN = 0.02  # of a pixel's area on the ground, against the square of its side: below it all lies in one line


@dataclass(frozen=True, slots=True)
class Fit:
    """A scan laid on the ground. Residuals are in metres. `residuals`: of the points used, in their order.
    `left_out`: a point that contradicts the others, and by how much. `spread`: the share of the picture that the
    points used span."""

    transform: Transform
    used: tuple[ControlPoint, ...]
    residuals: tuple[float, ...]
    rmse_m: float
    expected_m: float  # from leaving each point out
    ground_sample_m: float
    left_out: tuple[tuple[ControlPoint, float], ...] = ()
    spread: float = 1.0

    @property
    def worst(self) -> tuple[ControlPoint, float]:
        """The point with the largest residual, and it."""
        at = max(range(len(self.used)), key=lambda index: self.residuals[index])
        return self.used[at], self.residuals[at]

    def corners(self, width: int, height: int) -> tuple[tuple[float, float], ...]:
        """E, N of the picture's corners NW, NE, SE, SW (of the picture: its upper left corner first)."""
        places = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float)
        return tuple((round(float(e), 3), round(float(n), 3)) for e, n in self.transform.to_true(places))


@dataclass(frozen=True, slots=True)
class _Trial:
    transform: Transform
    residuals: tuple[float, ...]
    rmse: float
    expected: float


def fit_points(points: Sequence[ControlPoint], *, size: tuple[int, int] | None = None, model: str = "auto") -> Fit:
    """Fit the points; `size` is the picture's (width, height), against which the points are checked.

    One point that contradicts all others is left out and named. Raises UsageError, in plain words: too few points,
    points in one line, two points at one place, points outside the picture, axes confused."""
    _check(points, size, model)
    pixels = np.array([[point.col, point.row] for point in points])
    true = np.array([[point.east, point.north] for point in points])
    wrong = _find_wrong(pixels, true, model)
    kept = [index for index in range(len(points)) if index != wrong]
    trial = _choose(pixels[kept], true[kept], model)
    if trial is None:
        raise UsageError("scan-points-collinear")
    if _is_thin(trial.transform, pixels[kept]):
        raise UsageError("scan-points-collinear")
    left_out = []
    if wrong is not None:
        miss = trial.transform.to_true(pixels[[wrong]]) - true[[wrong]]
        left_out.append((points[wrong], float(np.hypot(*miss[0]))))
    return Fit(
        trial.transform,
        tuple(points[index] for index in kept),
        trial.residuals,
        trial.rmse,
        trial.expected,
        trial.transform.ground_sample(pixels[kept]),
        tuple(left_out),
        _spread(pixels[kept], size),
    )


def _check(points: Sequence[ControlPoint], size: tuple[int, int] | None, model: str) -> None:
    needed = NEEDED[model if model != "auto" else "similarity"]
    if len(points) < needed:
        raise UsageError("scan-points-few", count=len(points), needed=needed)
    pixels = np.array([[point.col, point.row] for point in points])
    true = np.array([[point.east, point.north] for point in points])
    for one, other in _twins(pixels, _SAME_PLACE) + _twins(true, 1e-3):
        raise UsageError("scan-points-same", first=points[one].name, second=points[other].name)
    if size is not None:
        width, height = size
        for point in points:
            if not (0 <= point.col <= width and 0 <= point.row <= height):
                raise UsageError("scan-point-outside", point=point.name, width=width, height=height)
    along = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)
    if along[1] < _FLAT * along[0]:
        raise UsageError("scan-points-collinear")
    if _is_mirrored(pixels, true):
        raise UsageError("scan-points-mirrored")


def _is_mirrored(pixels: Points, true: Points) -> bool:
    """Whether most triangles of points turn the other way on the ground: one wrong point does not decide that."""
    triples = np.array(list(combinations(range(min(len(pixels), _MOST_TURNED)), 3)))
    areas = [
        (corners[:, 1, 0] - corners[:, 0, 0]) * (corners[:, 2, 1] - corners[:, 0, 1])
        - (corners[:, 2, 0] - corners[:, 0, 0]) * (corners[:, 1, 1] - corners[:, 0, 1])
        for corners in (pixels[triples], true[triples])
    ]
    # Rows run downwards, north upwards: a sound picture's triangles have areas of opposite sign.
    weights = np.abs(areas[0])
    return float((weights * np.sign(areas[0] * areas[1])).sum()) > 0


def _twins(places: Points, distance: float) -> list[tuple[int, int]]:
    gaps = np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    return [(int(i), int(j)) for i, j in np.argwhere(np.triu(gaps < distance, k=1))]


def _is_thin(transform: Transform, pixels: Points) -> bool:
    """Whether the picture would be laid down all but flattened to a line."""
    middle = pixels.mean(axis=0)
    steps = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    base, right, down = transform.to_true(middle + steps)
    area = abs(float(np.linalg.det(np.array([right - base, down - base]))))
    longest = max(float(((right - base) ** 2).sum()), float(((down - base) ** 2).sum()))
    return area < _THIN * longest


def _choose(pixels: Points, true: Points, model: str) -> _Trial | None:
    """The simplest model that fits, or the one asked for."""
    if model != "auto":
        return _try(model, pixels, true)
    best: _Trial | None = None
    for name in MODELS:
        if len(pixels) < _TRIED[name]:
            break
        if best is not None and best.expected < ENOUGH_PIXELS * best.transform.ground_sample(pixels):
            break
        trial = _try(name, pixels, true)
        if trial is not None and (best is None or trial.expected < CLEARLY_BETTER * best.expected):
            best = trial
    return best


def _try(model: str, pixels: Points, true: Points) -> _Trial | None:
    if len(pixels) < NEEDED[model]:
        return None
    transform = fit_transform(model, pixels, true)
    if transform is None:
        return None
    residuals = np.hypot(*(transform.to_true(pixels) - true).T)
    misses = []
    for index in range(len(pixels)):
        others = np.arange(len(pixels)) != index
        without = fit_transform(model, pixels[others], true[others])
        if without is None:  # the others lie in one line: nothing to expect anything from
            return None
        misses.append(float(np.hypot(*(without.to_true(pixels[[index]]) - true[[index]])[0])))
    rmse = math.sqrt(float((residuals**2).mean()))
    return _Trial(transform, tuple(residuals.tolist()), rmse, math.sqrt(float(np.square(misses).mean())))


def _find_wrong(pixels: Points, true: Points, model: str) -> int | None:
    """The one point that contradicts all others, or None: without it the others agree far better, and without any
    other one they don't."""
    count = len(pixels)
    whole = _choose(pixels, true, model)
    needed = NEEDED[model] if model != "auto" else NEEDED["similarity"]
    if count <= needed:
        return None
    trials: list[tuple[float, int, _Trial]] = []
    for index in range(count):
        others = np.arange(count) != index
        trial = _choose(pixels[others], true[others], model)
        if trial is not None:
            trials.append((trial.expected, index, trial))
    trials.sort(key=lambda row: row[:2])
    if len(trials) < 2:
        return None
    expected, index, trial = trials[0]
    floor = max(expected, 0.2 * trial.transform.ground_sample(pixels))
    miss = float(np.hypot(*(trial.transform.to_true(pixels[[index]]) - true[[index]])[0]))
    clear = whole is None or whole.expected > _WRONG_SHARE * floor
    alone = trials[1][0] > _WRONG_SHARE * floor
    far = miss > max(_WRONG_TIMES * floor, _WRONG_PIXELS * trial.transform.ground_sample(pixels))
    return index if clear and alone and far else None


def _spread(pixels: Points, size: tuple[int, int] | None) -> float:
    """The share of the picture that the points' hull covers."""
    import shapely

    hull = float(shapely.area(shapely.convex_hull(shapely.multipoints(pixels))))
    return hull / (size[0] * size[1]) if size else 1.0
