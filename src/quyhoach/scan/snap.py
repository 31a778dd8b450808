"""Snap a roughly clicked grid cross to its middle: where, in a small window, a cross of dark lines fits best.

Plain correlation with crosses turned by a few degrees; what shows no clear cross is left as it was clicked.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quyhoach.scan.picture import Pixels

Gray = npt.NDArray[np.float64]

REACH = 12  # half of the window in which the middle is sought, in pixels at 200 dpi
_ARM = 14  # length of an arm of the cross that is looked for, at 200 dpi
_TURNS = tuple(float(value) for value in np.arange(-4.0, 4.01, 1.0))  # degrees
_CLEAR = 0.5  # correlation from which a cross is a cross
_AHEAD = 0.04  # it must beat the best place elsewhere in the window by this much


@dataclass(frozen=True, slots=True)
class Snapped:
    """Where the cross is, and how well it fits (1 is perfect); `found` is False for a point left as it was."""

    col: float
    row: float
    score: float
    found: bool


def snap_cross(pixels: Pixels, col: float, row: float, *, dpi: float | None = None) -> Snapped:
    """The middle of the cross nearest to (col, row), to a tenth of a pixel. Sizes grow with `dpi` (200 assumed)."""
    factor = max(0.5, min(4.0, (dpi or 200.0) / 200.0))
    reach, arm = round(REACH * factor), round(_ARM * factor)
    around = reach + arm + 2
    window, left, top = _window(pixels, col, row, around)
    if window is None:
        return Snapped(col, row, 0.0, False)
    best: tuple[float, Gray] | None = None
    for turn in _TURNS:
        scores = _correlate(window, _cross(arm, turn, factor), 2 * reach + 1)
        peak = float(scores.max())
        if best is None or peak > best[0]:
            best = (peak, scores)
    assert best is not None
    peak, scores = best
    at = np.unravel_index(int(scores.argmax()), scores.shape)
    row_at, col_at = int(at[0]), int(at[1])
    elsewhere = scores.copy()
    near = max(3, round(4 * factor))
    elsewhere[max(0, row_at - near) : row_at + near + 1, max(0, col_at - near) : col_at + near + 1] = -1
    if peak < _CLEAR or peak - float(elsewhere.max()) < _AHEAD:
        return Snapped(col, row, peak, False)
    row_at_fine = row_at + _parabola(scores[:, col_at], row_at)
    col_at_fine = col_at + _parabola(scores[row_at, :], col_at)
    # The window's pixel (0, 0) has its middle at (left + 0.5, top + 0.5); the template is `arm + 2` to either side.
    half = arm + 2
    return Snapped(left + col_at_fine + half + 0.5, top + row_at_fine + half + 0.5, peak, True)


def _window(pixels: Pixels, col: float, row: float, around: int) -> tuple[Gray | None, int, int]:
    """Darkness (0 paper, 1 black) round a place, padded as paper beyond the picture's edge; its upper left pixel."""
    height, width = pixels.shape[:2]
    if not (0 <= col < width and 0 <= row < height):
        return None, 0, 0
    left, top = math.floor(col) - around, math.floor(row) - around
    size = 2 * around + 1
    window = np.zeros((size, size))
    first_row, last_row = max(top, 0), min(top + size, height)
    first_col, last_col = max(left, 0), min(left + size, width)
    part = np.asarray(pixels[first_row:last_row, first_col:last_col], dtype=np.float64).mean(axis=2)
    paper = float(np.percentile(part, 90))
    dark = np.clip((paper - part) / 255.0, 0, 1)
    window[first_row - top : last_row - top, first_col - left : last_col - left] = dark
    return window, left, top


def _cross(arm: int, turn: float, factor: float) -> Gray:
    """A cross of two thin lines turned by `turn` degrees, its mean taken away."""
    half = arm + 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(float)
    angle = math.radians(turn)
    u, v = x * math.cos(angle) + y * math.sin(angle), -x * math.sin(angle) + y * math.cos(angle)
    thick = 0.8 * factor
    lines = np.maximum(
        np.exp(-((v / thick) ** 2)) * (np.abs(u) <= arm), np.exp(-((u / thick) ** 2)) * (np.abs(v) <= arm)
    )
    result: Gray = lines - lines.mean()
    return result


def _correlate(window: Gray, template: Gray, count: int) -> Gray:
    """Normalised correlation at each of count × count places of the template in the window."""
    size = template.shape[0]
    views = np.lib.stride_tricks.sliding_window_view(window, (size, size))[:count, :count]
    products = np.einsum("ijkl,kl->ij", views, template)
    means = views.mean(axis=(2, 3))
    spread = np.sqrt(np.maximum((views**2).mean(axis=(2, 3)) - means**2, 0)) * size
    own = math.sqrt(float((template**2).sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Gray = np.where(spread > 1e-6, products / (spread * own), 0.0)
    return result


def _parabola(line: Gray, at: int) -> float:
    """How far beside a peak of three values the top of their parabola lies, ±0.5 at most."""
    if not 0 < at < len(line) - 1:
        return 0.0
    before, here, after = (float(value) for value in line[at - 1 : at + 2])
    bend = before - 2 * here + after
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, (before - after) / (2 * bend)))
