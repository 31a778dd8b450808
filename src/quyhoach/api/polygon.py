"""The body of `POST /api/v1/lookup`: GeoJSON from anybody, into a polygon in the province's CRS."""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NoReturn

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.api.ask import read_crs
from quyhoach.domain.errors import PlaceError, UsageError
from quyhoach.lookup import Lookup
from quyhoach.lookup.area import MAX_VERTICES
from quyhoach.lookup.place import WGS84, locate

MOST_BYTES = 1_000_000
MOST_RINGS = 2_000


def read_polygon(body: bytes, crs: str, lookup: Lookup, zones: Sequence[int]) -> BaseGeometry:
    """The polygon in the province's CRS. Not checked for what GEOS checks (crossing itself, too large): look-up does.

    Coordinates are lon, lat, or E, N of `crs`; swapped where only the swap lies in the province.
    Raises UsageError, PlaceError."""
    rings_of = _polygons(_geometry(_parse(body)))
    count = 0
    parts = []
    for rings in rings_of:
        shell_and_holes = []
        for ring in rings:
            count += len(ring)
            if count > MAX_VERTICES:
                raise PlaceError("polygon-too-many-vertices", limit=MAX_VERTICES)
            shell_and_holes.append(_ring(ring))
        parts.append(shell_and_holes)
    epsg = read_crs(crs, lookup.epsg, zones) if crs else WGS84
    swap = _is_swapped(parts, epsg, lookup)
    project = _projection(epsg, lookup)
    polygons = []
    for shell_and_holes in parts:
        planes = [_to_plane(ring[:, ::-1] if swap else ring, project) for ring in shell_and_holes]
        polygons.append(shapely.Polygon(planes[0], planes[1:]))
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError("body-not-json") from error


def _no_constant(text: str) -> NoReturn:
    raise PlaceError("place-not-finite")  # NaN and Infinity are no JSON, though Python would read them


def _geometry(document: Any) -> dict[str, Any]:
    for _ in range(3):
        if not isinstance(document, dict):
            raise UsageError("body-not-geojson")
        kind = document.get("type")
        if kind == "FeatureCollection":
            features = document.get("features")
            if not isinstance(features, list) or len(features) != 1:
                raise UsageError("body-one-feature")
            document = features[0]
        elif kind == "Feature":
            document = document.get("geometry")
        else:
            return document
    raise UsageError("body-not-geojson")


def _polygons(geometry: dict[str, Any]) -> list[list[Any]]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise PlaceError("polygon-wrong-type", type=kind if isinstance(kind, str) else "?")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not all(
        isinstance(rings, list) and all(isinstance(ring, list) for ring in rings) for rings in polygons
    ):
        raise UsageError("body-not-geojson")
    if not polygons or not all(polygons) or not all(ring for rings in polygons for ring in rings):
        raise PlaceError("polygon-empty")
    if sum(map(len, polygons)) > MOST_RINGS:
        raise PlaceError("polygon-too-many-vertices", limit=MAX_VERTICES)
    return polygons


def _ring(ring: list[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One ring as (n, 2) doubles, checked: pairs of finite numbers, closed, at least a triangle."""
    pairs = []
    for position in ring:
        if not isinstance(position, list) or not 2 <= len(position) <= 4:
            raise UsageError("body-not-geojson")
        x, y = position[0], position[1]
        if type(x) not in (int, float) or type(y) not in (int, float):  # bool is an int
            raise UsageError("body-not-geojson")
        try:
            pairs.append((float(x), float(y)))
        except OverflowError:
            raise PlaceError("place-not-finite") from None
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in pairs):
        raise PlaceError("place-not-finite")
    if pairs[0] != pairs[-1]:
        raise PlaceError("polygon-not-closed")
    if len(set(pairs)) < 3:
        raise PlaceError("polygon-too-few-vertices")
    return np.array(pairs, float)


def _is_swapped(parts: Sequence[Sequence[np.ndarray[Any, Any]]], epsg: int, lookup: Lookup) -> bool:
    """Which number comes first, decided by the middle of the polygon's box; PlaceError outside the province."""
    points = np.concatenate([shell_and_holes[0] for shell_and_holes in parts])
    x, y = ((points.min(axis=0) + points.max(axis=0)) / 2).tolist()
    return locate(x, y, epsg, lookup.extent).swapped


def _projection(epsg: int, lookup: Lookup) -> pyproj.Transformer | None:
    if epsg == lookup.epsg:
        return None
    return _transformer(epsg, lookup.epsg)


@lru_cache(maxsize=32)
def _transformer(epsg: int, own: int) -> pyproj.Transformer:
    """Making one takes milliseconds; there are as many as VN-2000 has zones."""
    return pyproj.Transformer.from_crs(f"EPSG:{epsg}", f"EPSG:{own}", always_xy=True)


def _to_plane(ring: np.ndarray[Any, Any], project: pyproj.Transformer | None) -> np.ndarray[Any, Any]:
    if project is None:
        return ring
    east, north = project.transform(ring[:, 0], ring[:, 1])
    plane = np.column_stack((east, north))
    if not np.isfinite(plane).all():
        raise PlaceError("coordinate-out-of-range")
    plane[-1] = plane[0]  # the same numbers project to the same place; closed for certain
    return plane
