"""Coordinates found in a search text, as results: a point, or the polygon of a pasted list of corners."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from quyhoach.domain.coordinates import Coordinates, Point
from quyhoach.standard import format_number
from quyhoach.standard.messages import message

if TYPE_CHECKING:
    from pyproj import Transformer

Meta = Mapping[str, Any]
_MARGIN = 0.02  # degrees around the province that still count as in it
_MOST_GRIDS = 3  # readings of a grid coordinate that are offered


def coordinate_results(found: Coordinates | None, meta: Meta, lang: str) -> Iterator[dict[str, Any]]:
    """Results for coordinates: one for each point, or one for a polygon.

    Grid coordinates are read in the province's own system where that puts them in the province; else in any other
    VN-2000 zone that does, and the result says which (their papers may come from a neighbour)."""
    if found is None:
        return
    grids: Sequence[Sequence[Any]] = meta["grids"]
    if found.geographic:
        yield from _results(found.points, grids[0], meta, lang)
        return
    readings = ((grid, tuple(_to_lonlat(grid[0], *point) for point in found.points)) for grid in grids)
    own = next(readings)
    chosen = [own]
    if not all(_is_inside(point, meta) for point in own[1]):
        others = ((grid, points) for grid, points in readings if all(_is_inside(point, meta) for point in points))
        chosen = list(islice(others, _MOST_GRIDS)) or [own]
    for grid, points in chosen:
        yield from _results(points, grid, meta, lang, given=found.points)


def _results(
    points: Sequence[Point], grid: Sequence[Any], meta: Meta, lang: str, *, given: Sequence[Point] = ()
) -> Iterator[dict[str, Any]]:
    """`points` are lon, lat; `grid` the system they are told in; `given` their coordinates if asked in that system."""
    outside = not all(_is_inside(point, meta) for point in points)
    name = meta["province"]["name"]
    notes = [message("search-outside", lang, province=name.get(lang) or name["vi"])] if outside else []
    system = _system(grid, lang)
    if len(points) >= 3:
        lons, lats = [point[0] for point in points], [point[1] for point in points]
        corners = given or [_to_grid(grid[0], *point) for point in points]
        area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, [*corners[1:], corners[0]], strict=True))) / 2
        yield {
            "kind": "coordinate",
            "title": message("search-polygon", lang, corners=len(points), area=format_number(area, lang, decimals=1)),
            "detail": " · ".join([*([system] if given else []), *notes]),
            "lon": sum(lons) / len(lons),
            "lat": sum(lats) / len(lats),
            "bbox": [min(lons), min(lats), max(lons), max(lats)],
            "polygon": [list(point) for point in points],
        }
        return
    for place, (lon, lat) in enumerate(points):
        east, north = given[place] if given else _to_grid(grid[0], lon, lat)
        numbers = {
            "north": format_number(north, lang, decimals=2),
            "east": format_number(east, lang, decimals=2),
            "system": system,
        }
        degrees = {
            "lat": format_number(lat, lang, decimals=6),
            "lon": format_number(lon, lang, decimals=6),
        }
        yield {
            "kind": "coordinate",
            "title": message("search-point", lang, **degrees),
            "detail": " · ".join([message("search-grid", lang, **numbers), *notes]),
            "lon": lon,
            "lat": lat,
        }


def _system(grid: Sequence[Any], lang: str) -> str:
    crs, meridian, factor = grid
    if meridian is None:
        return str(crs)
    minutes = round(meridian * 60)
    zone = 6 if factor == 0.9996 else 3
    return message("search-system", lang, zone=zone, meridian=f"{minutes // 60}°{minutes % 60:02d}′")


def _is_inside(point: Point, meta: Meta) -> bool:
    west, south, east, north = meta["province"]["extent"]
    return bool(west - _MARGIN <= point[0] <= east + _MARGIN and south - _MARGIN <= point[1] <= north + _MARGIN)


def _to_lonlat(crs: str, east: float, north: float) -> Point:
    lon, lat = _transformer(crs).transform(east, north)
    return round(float(lon), 8), round(float(lat), 8)


def _to_grid(crs: str, lon: float, lat: float) -> Point:
    east, north = _transformer(crs).transform(lon, lat, direction="INVERSE")
    return float(east), float(north)


@lru_cache(maxsize=64)
def _transformer(crs: str) -> "Transformer":
    from pyproj import Transformer  # only when somebody asks with coordinates

    return Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
