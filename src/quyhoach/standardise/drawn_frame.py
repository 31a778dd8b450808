"""Between the province's CRS and the frame a drawing is drawn in, both ways, for many points at once."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from quyhoach.domain.frame import Frame
from quyhoach.standardise.crs import parse_crs
from quyhoach.standardise.work import Work

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DrawnFrame:
    """`frame` None: the geometry is as drawn. `crs`: of the geometry, where it is not the frame's own."""

    frame: Frame | None = None
    crs: str = ""
    _moves: dict[bool, Any] = field(default_factory=dict)

    def to_drawn(self, points: Points) -> Points:
        """Points (n, 2) of the geometry, as drawn."""
        if self.frame is None:
            return points
        return self.frame.to_drawn(self._projected(points, back=True))

    def to_true(self, drawn: Points) -> Points:
        """The inverse of `to_drawn`."""
        if self.frame is None:
            return drawn
        return self._projected(self.frame.to_true(drawn), back=False)

    def metres(self) -> float:
        """Metres per drawn unit; 1 where it is not known."""
        return 1.0 if self.frame is None else self.frame.unit * abs(complex(*self.frame.turn))

    def _projected(self, points: Points, *, back: bool) -> Points:
        if self.frame is None or not self.crs or self.crs == self.frame.crs or not len(points):
            return points
        if back not in self._moves:
            own, other = parse_crs(self.frame.crs), parse_crs(self.crs)
            same = own.equals(other, ignore_axis_order=True)
            ends = (other, own) if back else (own, other)
            self._moves[back] = None if same else Transformer.from_crs(*ends, always_xy=True)
        move = self._moves[back]
        return points if move is None else np.column_stack(move.transform(points[:, 0], points[:, 1]))


def drawn_frame(work: Work) -> DrawnFrame:
    """The frame that the texts' `x, y` of this work are in, against its geometry."""
    return DrawnFrame(work.frame, work.context.crs)
