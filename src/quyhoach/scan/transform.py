"""From a picture's pixels to true coordinates and back: similarity, affine, projective, polynomial of second order.

All models are fitted by least squares in coordinates that are centred and scaled first, so that metres of two million
and pixels of ten thousand don't cost digits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]  # shape (n, 2)

MODELS = ("similarity", "affine", "projective", "polynomial")
# Points from which a model has an honest residual: one more than it needs to be determined.
NEEDED: Mapping[str, int] = {"similarity": 3, "affine": 4, "projective": 5, "polynomial": 7}


@dataclass(frozen=True, slots=True)
class Transform:
    """A fitted model. Pixels (col, row) are first taken to (col - c) / s, (c' - row) / s: upwards, about ±1; what
    comes out is multiplied by `true_scale` and moved by `true_centre` (E, N)."""

    model: str
    coefficients: tuple[float, ...]
    pixel_centre: tuple[float, float]
    pixel_scale: float
    true_centre: tuple[float, float]
    true_scale: float

    def to_true(self, pixels: Points) -> Points:
        """Pixels (col, row), shape (n, 2), as E, N in metres."""
        plain = _forward(self.model, np.array(self.coefficients), self._normal(pixels))
        result: Points = plain * self.true_scale + np.array(self.true_centre)
        return result

    def to_pixel(self, true: Points) -> Points:
        """E, N in metres, shape (n, 2), as pixels (col, row). Where a polynomial has no inverse: NaN."""
        wanted = (true - np.array(self.true_centre)) / self.true_scale
        plain = _backward(self.model, np.array(self.coefficients), wanted)
        signs = np.array([1.0, -1.0])
        result: Points = plain * self.pixel_scale * signs + np.array(self.pixel_centre)
        return result

    def ground_sample(self, pixels: Points) -> float:
        """Metres on the ground of one pixel's side, the mean over the places given."""
        step = np.array([[1.0, 0.0], [0.0, 1.0]])
        base = self.to_true(pixels)
        lengths = [np.hypot(*(self.to_true(pixels + one) - base).T) for one in step]
        return float(np.mean(lengths))

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "coefficients": list(self.coefficients),
            "pixel_centre": list(self.pixel_centre),
            "pixel_scale": self.pixel_scale,
            "true_centre": list(self.true_centre),
            "true_scale": self.true_scale,
        }

    def _normal(self, pixels: Points) -> Points:
        moved = (np.asarray(pixels, dtype=float) - np.array(self.pixel_centre)) / self.pixel_scale
        result: Points = moved * np.array([1.0, -1.0])
        return result


def transform_from_json(raw: Mapping[str, Any]) -> Transform:
    """The inverse of `Transform.to_json`."""
    return Transform(
        str(raw["model"]),
        tuple(float(value) for value in raw["coefficients"]),
        (float(raw["pixel_centre"][0]), float(raw["pixel_centre"][1])),
        float(raw["pixel_scale"]),
        (float(raw["true_centre"][0]), float(raw["true_centre"][1])),
        float(raw["true_scale"]),
    )


def fit_transform(model: str, pixels: Points, true: Points) -> Transform | None:
    """The model that fits best, or None where the points don't determine it (too few, in one line)."""
    pixel_centre, true_centre = pixels.mean(axis=0), true.mean(axis=0)
    pixel_scale = float(np.sqrt(((pixels - pixel_centre) ** 2).sum(axis=1).mean())) or 1.0
    true_scale = float(np.sqrt(((true - true_centre) ** 2).sum(axis=1).mean())) or 1.0
    source = (pixels - pixel_centre) / pixel_scale * np.array([1.0, -1.0])
    target = (true - true_centre) / true_scale
    if len(pixels) < NEEDED[model] - 1:
        return None
    found = _solve(model, source, target)
    if found is None or not np.isfinite(found).all():
        return None
    return Transform(
        model,
        tuple(float(value) for value in found),
        (float(pixel_centre[0]), float(pixel_centre[1])),
        pixel_scale,
        (float(true_centre[0]), float(true_centre[1])),
        true_scale,
    )


def _solve(model: str, source: Points, target: Points) -> npt.NDArray[np.float64] | None:
    x, y = source.T
    one, none = np.ones_like(x), np.zeros_like(x)
    if model == "similarity":
        design = np.vstack([np.column_stack([x, -y, one, none]), np.column_stack([y, x, none, one])])
        return _least_squares(design, np.concatenate([target[:, 0], target[:, 1]]))
    if model in ("affine", "polynomial"):
        terms = _terms(model, source)
        parts = [_least_squares(terms, target[:, axis]) for axis in (0, 1)]
        if parts[0] is None or parts[1] is None:
            return None
        return np.concatenate([parts[0], parts[1]])
    return _solve_projective(source, target)


def _least_squares(design: npt.NDArray[Any], values: npt.NDArray[Any]) -> npt.NDArray[np.float64] | None:
    """None where the columns are (nearly) dependent: then the points don't tell the coefficients apart."""
    found, _, rank, singular = np.linalg.lstsq(design, values, rcond=None)
    if rank < design.shape[1] or singular[-1] < 1e-6 * singular[0]:
        return None
    result: npt.NDArray[np.float64] = found
    return result


def _solve_projective(source: Points, target: Points) -> npt.NDArray[np.float64] | None:
    """The eight coefficients (the ninth is 1), by linear least squares, then three steps of Gauss and Newton on the
    residuals themselves."""
    x, y = source.T
    east, north = target.T
    one, none = np.ones_like(x), np.zeros_like(x)
    rows_e = np.column_stack([x, y, one, none, none, none, -x * east, -y * east])
    rows_n = np.column_stack([none, none, none, x, y, one, -x * north, -y * north])
    found = _least_squares(np.vstack([rows_e, rows_n]), np.concatenate([east, north]))
    for _ in range(3):
        if found is None:
            return None
        below = found[6] * x + found[7] * y + 1
        if (below < 0.05).any():
            return None
        e, n = _forward("projective", found, source).T
        slope_e = np.column_stack([x, y, one, none, none, none, -x * e, -y * e]) / below[:, None]
        slope_n = np.column_stack([none, none, none, x, y, one, -x * n, -y * n]) / below[:, None]
        step = _least_squares(np.vstack([slope_e, slope_n]), np.concatenate([east - e, north - n]))
        found = None if step is None else found + step
    return found


def _terms(model: str, source: Points) -> npt.NDArray[np.float64]:
    x, y = source.T
    columns = [np.ones_like(x), x, y]
    if model == "polynomial":
        columns += [x * x, x * y, y * y]
    return np.column_stack(columns)


def _forward(model: str, c: npt.NDArray[np.float64], source: Points) -> Points:
    x, y = source.T
    if model == "similarity":
        return np.column_stack([c[0] * x - c[1] * y + c[2], c[1] * x + c[0] * y + c[3]])
    if model == "projective":
        below = c[6] * x + c[7] * y + 1
        return np.column_stack([(c[0] * x + c[1] * y + c[2]) / below, (c[3] * x + c[4] * y + c[5]) / below])
    half = len(c) // 2
    terms = _terms(model, source)
    return np.column_stack([terms @ c[:half], terms @ c[half:]])


def _backward(model: str, c: npt.NDArray[np.float64], target: Points) -> Points:
    if model == "similarity":
        c = np.array([c[2], c[0], -c[1], c[3], c[1], c[0]])
    if model == "projective":
        matrix = np.linalg.inv(np.array([[c[0], c[1], c[2]], [c[3], c[4], c[5]], [c[6], c[7], 1.0]]))
        moved = np.column_stack([target, np.ones(len(target))]) @ matrix.T
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(moved[:, 2:] * np.sign(matrix[2, 2]) > 1e-9, moved[:, :2] / moved[:, 2:], np.nan)
    half = len(c) // 2
    linear = np.array([[c[1], c[2]], [c[half + 1], c[half + 2]]])
    start = (target - np.array([c[0], c[half]])) @ np.linalg.inv(linear).T
    return start if half == 3 else _newton(c, target, start)


def _newton(c: npt.NDArray[np.float64], target: Points, start: Points) -> Points:
    """Invert the polynomial: a dozen steps of Newton from the linear inverse; NaN where they do not arrive."""
    at = start.copy()
    for _ in range(12):
        x, y = at.T
        miss = target - _forward("polynomial", c, at)
        a, b = c[1] + 2 * c[3] * x + c[4] * y, c[2] + c[4] * x + 2 * c[5] * y
        d, e = c[7] + 2 * c[9] * x + c[10] * y, c[8] + c[10] * x + 2 * c[11] * y
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            below = a * e - b * d
            step = np.column_stack(
                [(e * miss[:, 0] - b * miss[:, 1]) / below, (a * miss[:, 1] - d * miss[:, 0]) / below]
            )
        at = at + np.where(np.isfinite(step), step, np.nan)
    with np.errstate(invalid="ignore", over="ignore"):
        left = np.abs(target - _forward("polynomial", c, at)).max(axis=1)
    at[~(left < 1e-6)] = np.nan
    return at
