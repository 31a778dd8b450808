"""How a drawing's coordinates become true ones, and back: kept with the package, so faults can be drawn over it."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """From drawn (x, y) to (E, N) in `crs`: swap the axes where x is the northing, multiply by `unit` (metres per
    drawn unit), then turn, scale and shift: z' = turn · z + shift with z = E + iN. `turn` and `shift` are
    (real, imaginary); (1, 0) and (0, 0) where the drawing has true coordinates."""

    crs: str
    swapped: bool = False
    unit: float = 1.0
    turn: tuple[float, float] = (1.0, 0.0)
    shift: tuple[float, float] = (0.0, 0.0)

    def to_true(self, drawn: Points) -> Points:
        """Drawn points, shape (n, 2), as E, N in metres in `crs`."""
        east, north = (drawn[:, 1], drawn[:, 0]) if self.swapped else (drawn[:, 0], drawn[:, 1])
        moved = complex(*self.turn) * ((east + 1j * north) * self.unit) + complex(*self.shift)
        return np.column_stack([moved.real, moved.imag])

    def to_drawn(self, true: Points) -> Points:
        """The inverse of `to_true`."""
        plain = (true[:, 0] + 1j * true[:, 1] - complex(*self.shift)) / complex(*self.turn) / self.unit
        return np.column_stack([plain.imag, plain.real] if self.swapped else [plain.real, plain.imag])

    def to_json(self) -> str:
        """As one line for table `provenance` (key `frame`)."""
        return json.dumps(asdict(self), sort_keys=True)


def frame_from_json(text: str) -> Frame:
    """The inverse of `Frame.to_json`. ValueError for anything else."""
    raw: dict[str, Any] = json.loads(text)
    try:
        return Frame(
            str(raw["crs"]),
            bool(raw["swapped"]),
            float(raw["unit"]),
            (float(raw["turn"][0]), float(raw["turn"][1])),
            (float(raw["shift"][0]), float(raw["shift"][1])),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("not a frame") from error
