"""The scan as raster tiles of the web map (PMTiles, WebP): each tile is warped by itself out of the halved pictures.

Where a tile's pixels lie in the picture is computed on a grid of 17 × 17 places (projection, then the inverse of the
fit) and interpolated between: within a tile both are all but straight.
"""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from pyproj import Transformer

from quyhoach.scan.picture import Pixels
from quyhoach.scan.transform import Points, Transform

TILE = 256
LEAST_ZOOM, LARGEST_ZOOM = 6, 21
MOST_TILES = 20_000
QUALITY = 82  # of WebP
_NODES = 17
_SMALLEST_SIDE = 96.0  # pixels: below it a picture is a stamp, and the outline tells more
_WORLD = 2 * math.pi * 6378137.0  # metres round the map of Web Mercator
_HALF = _WORLD / 2

Tile = npt.NDArray[np.uint8]  # (256, 256, 4)
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class TileSet:
    """What was written: zooms, count, bytes, and west, south, east, north in degrees."""

    zoom_min: int
    zoom_max: int
    tiles: int
    size: int
    bounds: tuple[float, float, float, float]


class Warper:
    """Cuts tiles out of a picture that a transform lays into `crs` ("EPSG:9215")."""

    def __init__(self, levels: list[Pixels], transform: Transform, crs: str) -> None:
        self.levels = levels
        self.transform = transform
        self._to_true = Transformer.from_crs("EPSG:3857", crs, always_xy=True)
        self._to_mercator = Transformer.from_crs(crs, "EPSG:3857", always_xy=True)
        self.edge = self._outline()

    def _outline(self) -> Points:
        """The picture's edge in Web Mercator, 32 places a side."""
        height, width = self.levels[0].shape[:2]
        steps = np.linspace(0, 1, 33)[:-1]
        ring = np.concatenate(
            [
                np.column_stack([steps * width, 0 * steps]),
                np.column_stack([width + 0 * steps, steps * height]),
                np.column_stack([width * (1 - steps), height + 0 * steps]),
                np.column_stack([0 * steps, height * (1 - steps)]),
            ]
        )
        true = self.transform.to_true(ring)
        return np.column_stack(self._to_mercator.transform(true[:, 0], true[:, 1]))

    def full_zoom(self) -> int:
        """The zoom whose pixels are about as fine as the picture's."""
        height, width = self.levels[0].shape[:2]
        middle = np.array([[width / 2, height / 2], [width / 2 + 1, height / 2], [width / 2, height / 2 + 1]])
        true = self.transform.to_true(middle)
        places = np.column_stack(self._to_mercator.transform(true[:, 0], true[:, 1]))
        sides = np.hypot(*(places[1:] - places[0]).T)
        zoom = math.log2(_WORLD / TILE / float(sides.mean()))
        return max(LEAST_ZOOM, min(LARGEST_ZOOM, math.ceil(zoom - 0.5)))

    def breadth(self, zoom: int) -> float:
        """The longer side of the picture's box at a zoom, in pixels."""
        sides = self.edge.max(axis=0) - self.edge.min(axis=0)
        return float(sides.max()) / _WORLD * TILE * float(2**zoom)

    def addresses(self, zoom: int) -> Iterator[tuple[int, int]]:
        """Columns and rows of the tiles that the picture's box touches."""
        count = 2**zoom
        (west, south), (east, north) = self.edge.min(axis=0), self.edge.max(axis=0)
        columns = [int((value + _HALF) / _WORLD * count) for value in (west, east)]
        rows = [int((_HALF - value) / _WORLD * count) for value in (north, south)]
        for column in range(columns[0], columns[1] + 1):
            for row in range(rows[0], rows[1] + 1):
                yield column, row

    def tile(self, zoom: int, column: int, row: int) -> Tile | None:
        """Red, green, blue and how much is covered, of one tile; None where the picture doesn't reach."""
        side = _WORLD / 2**zoom
        left, top = column * side - _HALF, _HALF - row * side
        steps = np.linspace(0, side, _NODES)
        x, y = np.meshgrid(left + steps, top - steps)
        east, north = self._to_true.transform(x.ravel(), y.ravel())
        nodes = self.transform.to_pixel(np.column_stack([east, north])).reshape(_NODES, _NODES, 2)
        if not np.isfinite(nodes).all():
            return None
        height, width = self.levels[0].shape[:2]
        low, high = nodes.min(axis=(0, 1)), nodes.max(axis=(0, 1))
        if high[0] < 0 or high[1] < 0 or low[0] > width or low[1] > height:
            return None
        places = _between(nodes)
        per_pixel = float(np.hypot(*(nodes[-1, -1] - nodes[0, 0]))) / (TILE * math.sqrt(2))
        level = max(0, min(len(self.levels) - 1, int(math.log2(max(per_pixel, 1e-9)) + 0.25)))
        return _sample(self.levels[level], places / 2**level, places, (width, height))


def _between(nodes: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Places at the middles of a tile's pixels, straight between the nodes. Shape (256, 256, 2)."""
    at = (np.arange(TILE) + 0.5) / TILE * (_NODES - 1)
    first = np.minimum(at.astype(int), _NODES - 2)
    share = at - first
    down = nodes[first] * (1 - share)[:, None, None] + nodes[first + 1] * share[:, None, None]
    result: npt.NDArray[np.float64] = (
        down[:, first] * (1 - share)[None, :, None] + down[:, first + 1] * share[None, :, None]
    )
    return result


def _sample(
    pixels: Pixels, places: npt.NDArray[np.float64], full: npt.NDArray[np.float64], size: tuple[int, int]
) -> Tile | None:
    """Colours at `places` (of this level), straight between four pixels; what lies outside the picture is clear."""
    inside = (full[..., 0] >= 0) & (full[..., 1] >= 0) & (full[..., 0] <= size[0]) & (full[..., 1] <= size[1])
    if not inside.any():
        return None
    height, width = pixels.shape[:2]
    col = np.clip(places[..., 0] - 0.5, 0, width - 1)
    row = np.clip(places[..., 1] - 0.5, 0, height - 1)
    left = np.minimum(col.astype(np.int64), max(width - 2, 0))
    top = np.minimum(row.astype(np.int64), max(height - 2, 0))
    first_row, first_col = int(top.min()), int(left.min())
    window = np.asarray(pixels[first_row : int(top.max()) + 2, first_col : int(left.max()) + 2], dtype=np.float32)
    top, left = top - first_row, left - first_col
    below, right = np.minimum(top + 1, window.shape[0] - 1), np.minimum(left + 1, window.shape[1] - 1)
    u = (col - first_col - left)[..., None].astype(np.float32)
    v = (row - first_row - top)[..., None].astype(np.float32)
    upper = window[top, left] * (1 - u) + window[top, right] * u
    lower = window[below, left] * (1 - u) + window[below, right] * u
    result = np.empty((TILE, TILE, 4), dtype=np.uint8)
    result[..., :3] = np.rint(upper * (1 - v) + lower * v)
    result[..., 3] = np.where(inside, 255, 0)
    result[~inside, :3] = 255
    return result


def write_tiles(path: Path, warper: Warper, *, title: str = "", progress: Progress | None = None) -> TileSet:
    """Write `picture.pmtiles`: from the zoom at which the picture is a small stamp to that of its own pixels.

    The same picture and fit give the same bytes (with one version of Pillow)."""
    last = warper.full_zoom()
    while last > LEAST_ZOOM and sum(1 for _ in warper.addresses(last)) > MOST_TILES * 3 // 4:
        last -= 1
    first = last
    while first > LEAST_ZOOM and warper.breadth(first) > _SMALLEST_SIDE:
        first -= 1
    wanted = sorted(
        (zxy_to_tileid(zoom, column, row), zoom, column, row)
        for zoom in range(first, last + 1)
        for column, row in warper.addresses(zoom)
    )
    west, south, east, north = _degrees(warper.edge)
    count = 0
    with path.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for done, (number, zoom, column, row) in enumerate(wanted):
            tile = warper.tile(zoom, column, row)
            if tile is not None:
                writer.write_tile(number, encode(tile))
                count += 1
            if progress and done % 64 == 0:
                progress(done / len(wanted))
        writer.finalize(
            {
                "tile_type": TileType.WEBP,
                "tile_compression": Compression.NONE,
                "min_lon_e7": round(west * 1e7),
                "min_lat_e7": round(south * 1e7),
                "max_lon_e7": round(east * 1e7),
                "max_lat_e7": round(north * 1e7),
                "center_zoom": first,
                "center_lon_e7": round((west + east) / 2 * 1e7),
                "center_lat_e7": round((south + north) / 2 * 1e7),
            },
            {"name": title, "type": "overlay", "format": "webp"},
        )
    return TileSet(first, last, count, path.stat().st_size, (west, south, east, north))


def encode(tile: Tile) -> bytes:
    """A tile as WebP; without the fourth band where it is covered whole."""
    from PIL import Image

    whole = bool((tile[..., 3] == 255).all())
    picture = Image.fromarray(np.ascontiguousarray(tile[..., :3]) if whole else tile)
    data = io.BytesIO()
    picture.save(data, "WEBP", quality=QUALITY, method=2)
    return data.getvalue()


def _degrees(mercator: Points) -> tuple[float, float, float, float]:
    lon = mercator[:, 0] / 6378137.0
    lat = 2 * np.arctan(np.exp(mercator[:, 1] / 6378137.0)) - math.pi / 2
    west, south, east, north = np.degrees([lon.min(), lat.min(), lon.max(), lat.max()])
    return (float(west), float(south), float(east), float(north))
