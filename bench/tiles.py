"""Questions about tiles: the same tiles asked of our server by address and of nginx by byte range."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pmtiles.tile import deserialize_directory, deserialize_header, find_tile, zxy_to_tileid

from bench.shapes import Points

ZOOMS = range(11, 17)
MOST = 4000


def write_tile_questions(archive: Path, release: str, points: Points, ours: Path, nginx: Path) -> dict[str, float]:
    """Write both files of questions for tiles around `points` (lon, lat); mean and median size of the tiles."""
    mine, ranges, sizes = [], [], []
    for z, x, y, offset, length in around(archive, points):
        mine.append(f"TILE /tiles/{release}/plans/{z}/{x}/{y}.mvt")
        ranges.append(f"GET /{archive.name} bytes={offset}-{offset + length - 1}")
        sizes.append(length)
    if not mine:
        raise ValueError(f"no tiles in {archive}")
    ours.write_text("\n".join(mine) + "\n")
    nginx.write_text("\n".join(ranges) + "\n")
    return {"tiles": len(sizes), "mean_bytes": float(np.mean(sizes)), "median_bytes": float(np.median(sizes))}


def around(archive: Path, points: Points) -> Iterator[tuple[int, int, int, int, int]]:
    """z, x, y, offset and length of existing tiles around `points`, all zooms in turn, each tile once."""
    with archive.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        header = deserialize_header(data[:127])
        zooms = [zoom for zoom in ZOOMS if header["min_zoom"] <= zoom <= header["max_zoom"]]
        seen: set[tuple[int, int, int]] = set()
        for number, (lon, lat) in enumerate(points.tolist()):
            z = zooms[number % len(zooms)]
            x, y = _tile(lon, lat, z)
            if (z, x, y) in seen:
                continue
            seen.add((z, x, y))
            place = _find(data, header, z, x, y)
            if place is not None:
                yield z, x, y, *place
            if len(seen) >= MOST:
                return


def _tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    scale = 1 << zoom
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2
    return int((lon + 180) / 360 * scale), int(y * scale)


def _find(data: mmap.mmap, header: Any, z: int, x: int, y: int) -> tuple[int, int] | None:
    """Offset in the file and length of a tile (PMTiles 3: directories point at tiles or at further directories)."""
    tile_id = zxy_to_tileid(z, x, y)
    offset, length = header["root_offset"], header["root_length"]
    for _ in range(4):
        entry = find_tile(deserialize_directory(data[offset : offset + length]), tile_id)
        if entry is None:
            return None
        if entry.run_length:
            return header["tile_data_offset"] + entry.offset, entry.length
        offset, length = header["leaf_directory_offset"] + entry.offset, entry.length
    return None
