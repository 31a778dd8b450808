"""The similarity from drawn to true coordinates through numbers that stand on single axes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quyhoach.standardise.grid_labels import EAST, NORTH

UNITS = (1.0, 0.001, 0.01, 1000.0)  # metres per drawn unit: m, mm, cm, km

Integers = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Similarity:
    """z' = turn · z + shift, with z = x + iy as drawn (swapped: y + ix) and z' = E + iN in metres."""

    swapped: bool
    turn: complex
    shift: complex

    def lay(self, at: Complex) -> Complex:
        """Drawn places, x + iy, as E + iN."""
        return self.turn * (at.imag + 1j * at.real if self.swapped else at) + self.shift

    def residual(self, at: Complex, axis: Integers, value: Numbers) -> Numbers:
        """How much more each drawn place has on its axis than the number said of it, metres."""
        laid = self.lay(at)
        found: Numbers = np.where(axis == NORTH, laid.imag, laid.real) - value
        return found

    def rigid(self, at: Complex, axis: Integers, value: Numbers) -> "Similarity":
        """The same with the scale of the nearest unit, and the shift that then fits best; where there is no scale at
        all (the wrong order of axes over a square), itself."""
        if self.turn == 0:
            return self
        turn = self.turn / abs(self.turn) * nearest_unit(self.turn)
        away = -Similarity(self.swapped, turn, 0j).residual(at, axis, value)
        return Similarity(self.swapped, turn, complex(away[axis == EAST].mean(), away[axis == NORTH].mean()))


def nearest_unit(turn: complex) -> float:
    """The usual unit whose scale is nearest, metres per drawn unit."""
    return min(UNITS, key=lambda unit: abs(float(np.log(abs(turn) / unit))))


def is_usual(scale: complex, within: float = 0.02) -> bool:
    """Whether a scale is that of a usual unit."""
    return abs(scale) > 0 and abs(abs(scale) / nearest_unit(scale) - 1) <= within


def fit_similarity(at: Complex, axis: Integers, value: Numbers, swapped: bool | None = None) -> Similarity:
    """The least-squares similarity; of the two orders of axes the better one, or the given one.

    E = a·x − b·y + c and N = b·x + a·y + d are linear in a, b, c, d, so each number on one axis is one equation. Both
    axes must be there."""
    fits = [_fit(at, axis, value, way) for way in ((False, True) if swapped is None else (swapped,))]
    return min(fits, key=lambda fit: fit[0])[1]


def _fit(at: Complex, axis: Integers, value: Numbers, swapped: bool) -> tuple[float, Similarity]:
    """Sum of squares left, and the similarity; in coordinates about the middle, so that digits suffice."""
    z = at.imag + 1j * at.real if swapped else at
    middle, north = complex(z.mean()), axis == NORTH
    mean = complex(value[~north].mean(), value[north].mean())
    scale = float(np.abs(z - middle).max()) or 1.0
    x, y = (z - middle).real / scale, (z - middle).imag / scale
    zero, one = np.zeros(len(z)), np.ones(len(z))
    rows = np.where(north[:, None], np.column_stack([y, x, zero, one]), np.column_stack([x, -y, one, zero]))
    wanted = value - np.where(north, mean.imag, mean.real)
    solution, *_ = np.linalg.lstsq(rows, wanted, rcond=None)
    a, b, c, d = solution.tolist()
    turn = complex(a, b) / scale
    left = float(np.square(rows @ solution - wanted).sum())
    return left, Similarity(swapped, turn, mean + complex(c, d) - turn * middle)
