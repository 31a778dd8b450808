"""From true places (E + iN, EPSG:9215) to the coordinates of a drawing, and back."""

import cmath
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from quyhoach.demo.cad.habit import Habit

PROVINCE = "EPSG:9215"
Points: TypeAlias = npt.NDArray[np.complexfloating[Any, Any]]
Places: TypeAlias = Points | Sequence[complex]
_UNITS = {"mm": 1000.0, "mm_swap": 1000.0, "cm": 100.0}


@dataclass(frozen=True, eq=False)
class Placement:
    """`epsg`: of the drawing; `swapped`: x is the northing; `unit`: drawn units in a metre; `offset`, `turn`: a local
    frame is (true − offset) turned by `turn` degrees."""

    epsg: int = 9215
    swapped: bool = False
    unit: float = 1.0
    offset: complex = 0j
    turn: float = 0.0

    def drawn(self, places: Places) -> Points:
        """True places as drawn, x + iy."""
        out: Points = np.asarray(places, dtype=complex)
        if self.epsg != 9215:
            east, north = self._transformer(True).transform(out.real, out.imag)
            out = np.asarray(east) + 1j * np.asarray(north)
        out = (out - self.offset) * cmath.exp(1j * math.radians(self.turn)) * self.unit
        return out.imag + 1j * out.real if self.swapped else out

    def true(self, drawn: Places) -> Points:
        """The inverse of `drawn`."""
        out: Points = np.asarray(drawn, dtype=complex)
        out = out.imag + 1j * out.real if self.swapped else out
        out = out / self.unit * cmath.exp(-1j * math.radians(self.turn)) + self.offset
        if self.epsg != 9215:
            east, north = self._transformer(False).transform(out.real, out.imag)
            out = np.asarray(east) + 1j * np.asarray(north)
        return out

    def grid(self, place: complex) -> complex:
        """A true place in the drawing's own CRS, E + iN in metres, before axes, unit and origin are changed."""
        if self.epsg == 9215:
            return place
        east, north = self._transformer(True).transform(place.real, place.imag)
        return complex(east, north)

    def from_grid(self, place: complex) -> complex:
        """E + iN of the drawing's CRS as drawn."""
        out = (place - self.offset) * cmath.exp(1j * math.radians(self.turn)) * self.unit
        return complex(out.imag, out.real) if self.swapped else out

    def _transformer(self, there: bool) -> Transformer:
        own = f"EPSG:{self.epsg}"
        return _transformer(PROVINCE, own) if there else _transformer(own, PROVINCE)

    def to_json(self, habit: Habit) -> dict[str, object]:
        """As in truth.json."""
        found: dict[str, object] = {
            "kind": habit.frame, "crs": f"EPSG:{self.epsg}", "swapped": self.swapped,
            "unit": {1.0: "m", 100.0: "cm", 1000.0: "mm"}[self.unit],
        }  # fmt: skip
        if self.offset:
            found |= {"offset": [self.offset.real, self.offset.imag], "rotation_deg": self.turn}
        return found


_TRANSFORMERS: dict[tuple[str, str], Transformer] = {}


def _transformer(source: str, target: str) -> Transformer:
    key = (source, target)
    if key not in _TRANSFORMERS:
        _TRANSFORMERS[key] = Transformer.from_crs(source, target, always_xy=True)
    return _TRANSFORMERS[key]


def place(rng: random.Random, habit: Habit, corner: complex) -> Placement:
    """The placement of a habit; `corner`: the plan's south-west, for local frames."""
    epsg = int(habit.frame.removeprefix("epsg:")) if habit.frame.startswith("epsg:") else 9215
    offset, turn = 0j, 0.0
    if habit.frame in ("local", "rotated", "cm"):
        offset = complex(math.floor(corner.real / 1000) * 1000 - 1000, math.floor(corner.imag / 1000) * 1000 - 1000)
    if habit.frame == "rotated":
        turn = rng.choice((23.0, -17.5, 31.0))
    return Placement(epsg, habit.frame in ("swap", "mm_swap"), _UNITS.get(habit.frame, 1.0), offset, turn)
