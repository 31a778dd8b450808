"""Which coordinate systems would lay data of unknown CRS into the province: a question to a person, not an answer."""

import numpy as np
import shapely
from pyproj import Transformer

from quyhoach.standardise.work import Context, Geometries

_VIETNAM = (102.0, 8.0, 110.5, 23.5)  # lon/lat, for when the province is not known
_MARGIN = 0.05  # degrees: a plan may reach over the border a little
_MOST = 6


def inside(lon: float, lat: float, extent: tuple[float, float, float, float]) -> bool:
    """Whether a place is in the extent or just beside it."""
    west, south, east, north = extent
    return west - _MARGIN <= lon <= east + _MARGIN and south - _MARGIN <= lat <= north + _MARGIN


def crs_candidates(geometry: Geometries, context: Context) -> list[str]:
    """Names of the systems (and axis orders) in which the middle of the data lies in the province; its own first."""
    west, south, east, north = shapely.total_bounds(geometry)
    if not np.isfinite([west, south, east, north]).all():
        return []
    x, y = (west + east) / 2, (south + north) / 2
    extent = context.extent or _VIETNAM
    own = int(context.crs.rpartition(":")[2]) if context.crs.upper().startswith("EPSG:") else 0
    names = {zone.epsg: zone.name for zone in context.standard.crs_zones}
    codes = [own, 4326, 32648, 32649, *sorted(names)]
    found = []
    for code in dict.fromkeys(code for code in codes if code):
        transformer = Transformer.from_crs(code, 4326, always_xy=True)
        for first, second, axes in ((x, y, ""), (y, x, ', axes = "ne"')):
            lon, lat = transformer.transform(first, second)
            if np.isfinite([lon, lat]).all() and inside(lon, lat, extent):
                found.append(f"EPSG:{code}{axes}" + (f" ({names[code]})" if code in names else ""))
    return found[:_MOST]
