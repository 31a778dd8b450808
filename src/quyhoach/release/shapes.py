"""Arrays of geometry as the compiler's parts need them: no holes in the array, nothing that is not a shape."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Geometries = NDArray[np.object_]
_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7


def shape_array(geometries: Sequence[BaseGeometry | None]) -> Geometries:
    """Geometries as an object array; one that is missing or not finite is an empty polygon."""
    shapes = np.empty(len(geometries), object)
    shapes[:] = geometries
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = np.asarray(shapely.is_missing(shapes))
    bad[owner[~np.isfinite(xy).all(axis=1)]] = True
    shapes[bad] = shapely.Polygon()
    return shapes


def polygonal(geometries: Sequence[BaseGeometry | None]) -> Geometries:
    """The polygons of each geometry: cutting one shape from another leaves lines and points too."""
    shapes = shape_array(geometries)
    kinds = shapely.get_type_id(shapes)
    for place in np.flatnonzero((kinds != _POLYGON) & (kinds != _MULTIPOLYGON)):
        shapes[place] = _polygons_of(shapes[place])
    return shapes


def _polygons_of(geometry: BaseGeometry) -> BaseGeometry:
    parts = [geometry]
    while any(shapely.get_type_id(part) in (_MULTIPOLYGON, _COLLECTION) for part in parts):
        parts = list(shapely.get_parts(parts))
    found = [part for part in parts if isinstance(part, shapely.Polygon) and not part.is_empty]
    return shapely.MultiPolygon(found) if found else shapely.Polygon()
