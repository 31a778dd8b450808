"""Where entities stand: matrices of block references and of mirrored or tilted planes, and what they inherit."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from quyhoach.ingest.cad.curves import Points

if TYPE_CHECKING:
    from ezdxf.math import Matrix44

    from quyhoach.ingest.cad.book import Book, LayerState

Flat = tuple[float, float, float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A transformation into the drawing's plane. `flat`: x' = a x + c y + e z + g, y' = b x + d y + f z + h."""

    matrix: "Matrix44 | None"  # None: nothing is moved
    flat: Flat = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    scale: float = 1.0  # the largest stretch within the plane

    def put(self, points: Points) -> Points:
        """Points (n, 2) or (n, 3) where they stand in the drawing, (n, 2)."""
        if self.matrix is None:
            return points[:, :2]
        a, b, c, d, e, f, g, h = self.flat
        x, y = points[:, 0], points[:, 1]
        across, up = x * a + y * c + g, x * b + y * d + h
        if points.shape[1] > 2:
            across, up = across + points[:, 2] * e, up + points[:, 2] * f
        return np.column_stack((across, up))

    def point(self, x: float, y: float, z: float = 0.0) -> tuple[float, float]:
        """One point where it stands in the drawing."""
        if self.matrix is None:
            return x, y
        a, b, c, d, e, f, g, h = self.flat
        return x * a + y * c + z * e + g, x * b + y * d + z * f + h

    def turn(self, x: float, y: float, z: float = 0.0) -> tuple[float, float]:
        """One vector as it lies in the drawing."""
        if self.matrix is None:
            return x, y
        a, b, c, d, e, f, _, _ = self.flat
        return x * a + y * c + z * e, x * b + y * d + z * f

    def within(self, matrix: "Matrix44") -> "Place":
        """The place of what `matrix` first puts into this place's space."""
        return make_place(matrix if self.matrix is None else matrix * self.matrix)

    def plane(self, extrusion: Any) -> "Place":
        """The place of an entity whose coordinates lie in the plane across `extrusion` (DXF's arbitrary axis rule)."""
        if extrusion is None or (extrusion.x == 0 and extrusion.y == 0 and extrusion.z > 0):
            return self
        from ezdxf.math import OCS

        return self.within(OCS(extrusion).matrix)


def make_place(matrix: "Matrix44") -> Place:
    """The place of a whole matrix (row vectors, as ezdxf has them)."""
    m = tuple(matrix)
    flat = (m[0], m[1], m[4], m[5], m[8], m[9], m[12], m[13])
    scale = max(math.hypot(m[0], m[1]), math.hypot(m[4], m[5]))
    return Place(matrix, flat, scale if 0 < scale < math.inf else 1.0)


HERE = Place(None)


@dataclass(frozen=True, slots=True)
class Spot:
    """What the entities of one container (model space, a block as inserted, an external drawing) have in common."""

    book: "Book"
    place: Place = HERE
    prefix: str = ""  # handles of the INSERTs passed, each followed by "/"
    block: str | None = None
    insert: str | None = None
    layer: "LayerState | None" = None  # of the INSERT: what layer 0 stands for
    aci: int = 7  # of the INSERT: what BYBLOCK stands for
    rgb: str | None = None
    linetype: str = "CONTINUOUS"
    hidden: tuple[str, str] | None = None  # everything here is left out, for this reason and name
    chain: tuple[tuple[str, str], ...] = ()  # drawings and blocks being inserted: none may be inserted in itself


@dataclass(frozen=True, slots=True)
class Look:
    """One entity's resolved properties."""

    id: str
    kind: str
    layer: str
    aci: int
    rgb: str | None
    linetype: str
    hidden: tuple[str, str] | None
    spot: Spot
    insert: str | None
