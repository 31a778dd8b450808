"""Where a place of a package lies in the drawing that the package was made of."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from quyhoach.domain.frame import Frame
from quyhoach.validate.subject import Subject

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DrawnPlaces:
    """From E, N in the province's CRS to (x, y) as drawn. `metre`: drawn units per metre."""

    frame: Frame
    transformer: Any  # pyproj Transformer from the province's CRS to the drawing's; None: the same

    @property
    def metre(self) -> float:
        return 1 / (self.frame.unit * abs(complex(*self.frame.turn)))

    def __call__(self, points: Points) -> Points:
        """Points of shape (n, 2)."""
        if self.transformer is not None:
            points = np.column_stack(self.transformer.transform(points[:, 0], points[:, 1]))
        return self.frame.to_drawn(points)


def drawn_places(subject: Subject, frame: Frame | None = None) -> DrawnPlaces:
    """How the places of a package lie in its drawing, by `frame` or the package's own; where neither is known, the
    package's coordinates stand for the drawing's."""
    frame = frame or subject.frame
    crs = subject.facts.get("crs", "")
    if frame is None:
        return DrawnPlaces(Frame(crs or "EPSG:9215"), None)
    try:
        there, here = CRS(frame.crs), CRS(crs)
        same = here.equals(there, ignore_axis_order=True)
        transformer = None if same else Transformer.from_crs(here, there, always_xy=True)
    except (CRSError, ProjError):
        transformer = None
    return DrawnPlaces(frame, transformer)
