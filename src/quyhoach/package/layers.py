"""A layer of a plan package in memory, and the rounding that every coordinate of a package has gone through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

GRID = 1e-4  # metres: coordinates of a package are whole tenths of a millimetre (docs/reference/schemas.md §2)
DECIMALS = 4

Geometries: TypeAlias = npt.NDArray[np.object_]

_POINT, _LINE, _RING, _POLYGON, _MULTI_LINE, _MULTI_POLYGON = 0, 1, 2, 3, 5, 6


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer or table of a package.

    `geometry_type`: "MultiPolygon", "MultiLineString", "Point", "Unknown" (any kind, also null) or None for a
    table without geometry. `geometry`: array of shapely geometries or None, in the package's CRS, E then N; None
    for a table. `fields`: name -> one value per feature; a value is str, int, float, bool, date or None. `types`:
    name -> text | real | integer | date, where a column's type is set; else its values decide (none: text).
    """

    name: str
    geometry_type: str | None
    geometry: Geometries | None
    fields: dict[str, Sequence[Any]] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        if self.geometry is not None:
            return len(self.geometry)
        return max((len(values) for values in self.fields.values()), default=0)


def round_geometries(geometries: Geometries) -> Geometries:
    """The geometries in two dimensions with every coordinate equal to `round(x, 4)`; None stays None.

    Shared edges stay shared, since each vertex is rounded by itself. Where that makes a valid polygon invalid,
    GEOS reduces its precision instead; where even that leaves nothing (a sliver under 0.1 mm), the rounded ring is
    kept, so that a feature is never lost in silence.
    """
    source = shapely.force_2d(np.asarray(geometries, dtype=object))
    rounded: Geometries = shapely.transform(source, lambda coordinates: np.round(coordinates, DECIMALS))
    broken = np.flatnonzero(~shapely.is_valid(rounded) & ~shapely.is_missing(rounded))
    for index in broken:
        if not shapely.is_valid(source[index]):
            continue  # was broken before: the caller's matter, and a finding
        reduced = shapely.set_precision(source[index], GRID)
        if not reduced.is_empty and _dimension(reduced) == _dimension(source[index]):
            rounded[index] = shapely.transform(reduced, lambda coordinates: np.round(coordinates, DECIMALS))
    return rounded


def to_multi(geometries: Geometries) -> Geometries:
    """Polygons as MultiPolygon and lines as MultiLineString; points and None as they are."""
    result = np.asarray(geometries, dtype=object).copy()
    types = shapely.get_type_id(result)
    for single, wrap in ((_POLYGON, shapely.multipolygons), (_LINE, shapely.multilinestrings)):
        rows = np.flatnonzero(types == single)
        if len(rows):
            result[rows] = wrap(result[rows], indices=np.arange(len(rows)))
    return result


def _dimension(geometry: Any) -> int:
    return int(shapely.get_dimensions(geometry))
