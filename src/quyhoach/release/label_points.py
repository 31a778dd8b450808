"""Where the name of a polygon is written, and where a search result sends the map."""

import numpy as np
import shapely
from numpy.typing import NDArray

# A polygon that fills this share of its convex hull has its centroid well inside.
_COMPACT = 0.85
_SHARE_OF_WIDTH = 0.02  # how exactly the middle of a crooked polygon is sought, as a share of its size


def label_points(polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """A point well inside each (multi)polygon, as an (n, 2) array in the polygons' own axes.

    The centroid where the polygon is compact, else the middle of the largest circle inside; NaN where it is empty.
    """
    points = shapely.get_coordinates(_points_or_nan(shapely.centroid(polygons)))
    with np.errstate(divide="ignore", invalid="ignore"):
        filled = shapely.area(polygons) / shapely.area(shapely.convex_hull(polygons))
    for place in np.flatnonzero(~(filled >= _COMPACT) & (shapely.area(polygons) > 0)):
        polygon = polygons[place]
        tolerance = _SHARE_OF_WIDTH * float(np.sqrt(polygon.area))
        points[place] = shapely.get_coordinates(shapely.maximum_inscribed_circle(polygon, tolerance))[0]
    return points


def _points_or_nan(points: NDArray[np.object_]) -> NDArray[np.object_]:
    points = points.copy()
    points[shapely.is_empty(points) | shapely.is_missing(points)] = shapely.Point(np.nan, np.nan)
    return points
