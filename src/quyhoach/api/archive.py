"""Tiles out of a PMTiles file mapped into memory: its directories are flattened once into sorted arrays."""

import gzip
import mmap
import zlib
from array import array
from bisect import bisect_right
from pathlib import Path

from pmtiles.tile import (
    Compression,
    HeaderDict,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    deserialize_directory,
    deserialize_header,
    zxy_to_tileid,
)

from quyhoach.domain.errors import DamagedReleaseError

HEADER_SIZE = 127
UNSOUND = (OSError, ValueError, EOFError, LookupError, zlib.error, MagicNumberNotFound, SpecVersionUnsupported)
MOST_LEVELS = 4  # directories within directories that the format's own reader allows


class TileArchive:
    """The tiles of one PMTiles file, as stored. `gzipped` tells how; DamagedReleaseError where the file isn't sound."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._ids, self._starts = array("q"), array("q")
        self._lengths, self._runs = array("q"), array("q")
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            header = deserialize_header(self._map[:HEADER_SIZE])
            self._walk(header, header["root_offset"], header["root_length"], MOST_LEVELS)
        except UNSOUND as error:
            raise DamagedReleaseError("release-damaged", file=path.name) from error
        self.gzipped = header["tile_compression"] is Compression.GZIP
        self.max_zoom = header["max_zoom"]
        self.min_zoom = header["min_zoom"]

    def _walk(self, header: HeaderDict, offset: int, length: int, levels: int) -> None:
        if not levels or offset + length > len(self._map):
            raise ValueError("directories are out of bounds")
        leaves, data = header["leaf_directory_offset"], header["tile_data_offset"]
        for entry in deserialize_directory(self._map[offset : offset + length]):
            if entry.run_length == 0:
                self._walk(header, leaves + entry.offset, entry.length, levels - 1)
                continue
            start = data + entry.offset
            if start + entry.length > len(self._map) or (self._ids and entry.tile_id <= self._ids[-1]):
                raise ValueError("entries are out of order or bounds")
            self._ids.append(entry.tile_id)
            self._starts.append(start)
            self._lengths.append(entry.length)
            self._runs.append(entry.run_length)

    def __len__(self) -> int:
        return len(self._ids)

    def get(self, z: int, x: int, y: int) -> bytes | None:
        """The stored bytes of a tile, or None. The caller has checked 0 <= x, y < 2**z and z <= 31."""
        tile = zxy_to_tileid(z, x, y)
        at = bisect_right(self._ids, tile) - 1
        if at < 0 or tile >= self._ids[at] + self._runs[at]:
            return None
        start = self._starts[at]
        return self._map[start : start + self._lengths[at]]

    def get_plain(self, z: int, x: int, y: int) -> bytes | None:
        """The same, decompressed; DamagedReleaseError where that fails."""
        stored = self.get(z, x, y)
        if stored is None or not self.gzipped:
            return stored
        try:
            return gzip.decompress(stored)
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedReleaseError("release-damaged", file=self.name) from error
