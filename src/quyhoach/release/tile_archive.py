"""The tiles of one plan version as one small file, and many such files merged into one PMTiles archive.

An archive holds parts: one layer of one tile, compressed so that parts put one behind the other make a gzip member
(raw deflate, ended on a byte by a sync flush). So a tile that nobody shares is copied; a tile with layers of several
plans is joined without recompressing; only a layer that several plans have in one tile is decoded and merged.

The file: magic, length of the JSON header (8 bytes, little-endian), header, table of entries, compressed parts.
"""

import hashlib
import json
import mmap
import os
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from quyhoach.domain.errors import ReleaseError
from quyhoach.release.mvt import merge_parts

# Order of the layers within a tile, and their numbers in an archive.
LAYERS = ("units", "outlines", "zones", "restrictions", "lines", "parcels", "zone_labels")

_MAGIC = b"QHTILES1"
_LEVEL = 6
_ENTRY = np.dtype(
    [
        ("tile", "<u8"),
        ("offset", "<u8"),
        ("size", "<u4"),
        ("raw", "<u4"),
        ("crc", "<u4"),
        ("layer", "u1"),
        ("digest", "V16"),
    ]
)
# A gzip member as this module writes it: no name, no time, system unknown; then the parts, an empty last block.
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_DEFLATE_END = b"\x03\x00"
_STORED_MOST = 0xFFFF

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """One layer of one tile, encoded and not compressed."""

    zoom: int
    column: int
    row: int
    layer: str
    data: bytes


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """What a map needs to know of a layer: its attributes with their kind (String, Number), and its zooms."""

    fields: Mapping[str, str]
    zoom_min: int
    zoom_max: int


@dataclass(frozen=True, slots=True)
class _Archive:
    name: str
    layers: Mapping[str, LayerInfo]
    bounds: Bounds | None
    entries: NDArray[Any]
    blob: memoryview


def write_archive(
    out: Path, *, name: str, layers: Mapping[str, LayerInfo], bounds: Bounds | None, parts: Iterable[Part]
) -> None:
    """Write parts as an archive. `name` orders archives when they are merged; `bounds` are west, south, east, north."""
    ids: dict[tuple[int, int, int], int] = {}
    keyed = []
    for part in parts:
        place = (part.zoom, part.column, part.row)
        tile = ids.get(place)
        if tile is None:
            tile = ids[place] = zxy_to_tileid(*place)
        keyed.append((tile, LAYERS.index(part.layer), part.data))
    keyed.sort(key=lambda item: item[:2])
    entries = np.zeros(len(keyed), _ENTRY)
    blobs = []
    offset = 0
    for row, (tile, layer, data) in enumerate(keyed):
        packed = _deflate(data)
        entries[row] = (tile, offset, len(packed), len(data), zlib.crc32(data), layer, _digest(packed))
        blobs.append(packed)
        offset += len(packed)
    header = {
        "name": name,
        "bounds": bounds,
        "entries": len(entries),
        "layers": {
            key: {"fields": dict(info.fields), "minzoom": info.zoom_min, "maxzoom": info.zoom_max}
            for key, info in layers.items()
        },
    }
    text = json.dumps(header, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    out.write_bytes(b"".join((_MAGIC, struct.pack("<Q", len(text)), text, entries.tobytes(), *blobs)))


def read_parts(archive: Path) -> list[tuple[int, str, bytes]]:
    """All parts of an archive: tile id, layer, encoded layer. ReleaseError when it is not an archive."""
    with ExitStack() as stack:
        opened = _open(archive, stack)
        found = [(int(e["tile"]), LAYERS[e["layer"]], _inflate(_packed(opened, e))) for e in opened.entries]
        opened.blob.release()
    return found


def merge_tiles(
    archives: Sequence[Path],
    out: Path,
    *,
    name: str,
    bounds: Bounds | None = None,
    description: str = "",
    cache: Path | None = None,
) -> None:
    """Merge archives into one PMTiles file with gzip tiles; the same bytes in whatever order they are given.

    `bounds` are lon/lat west, south, east, north; without them those of the archives. `cache` is a file that keeps
    the joined tiles from one merge to the next: it saves time and changes no byte; missing or damaged it is made
    anew. ReleaseError when an archive is unreadable, or two have one name, or there is no tile at all.
    """
    with ExitStack() as stack:
        opened = sorted((_open(path, stack) for path in archives), key=lambda archive: archive.name)
        if len({archive.name for archive in opened}) < len(opened):
            raise ReleaseError("tile-archives-repeat")
        order = _order(opened)
        if not len(order):
            raise ReleaseError("tiles-empty")
        with out.open("wb") as file:
            writer: Any = Writer(file)  # type: ignore[no-untyped-call]
            joined = JoinedTiles.open(cache)
            for tile, data in _tiles(opened, order, joined):
                writer.write_tile(tile, data)
            west, south, east, north = bounds or _bounds_of(opened)
            header = {
                "version": 3,
                "tile_type": TileType.MVT,
                "tile_compression": Compression.GZIP,
                "min_lon_e7": round(west * 1e7),
                "min_lat_e7": round(south * 1e7),
                "max_lon_e7": round(east * 1e7),
                "max_lat_e7": round(north * 1e7),
            }
            writer.finalize(header, _metadata(opened, name, description))
        for archive in opened:
            archive.blob.release()
    if cache is not None:
        joined.write(cache)


def _order(archives: Sequence[_Archive]) -> NDArray[Any]:
    """All entries by tile, layer and archive, with the number of their archive."""
    counts = [len(archive.entries) for archive in archives]
    table = np.zeros(sum(counts), np.dtype([*_ENTRY.descr, ("archive", "<u4")]))
    if not len(table):
        return table
    together = np.concatenate([archive.entries for archive in archives])
    for column in _ENTRY.names or ():
        table[column] = together[column]
    table["archive"] = np.repeat(np.arange(len(archives)), counts)
    return table[np.lexsort((table["archive"], table["layer"], table["tile"]))]


def _tiles(archives: Sequence[_Archive], table: NDArray[Any], joined: "JoinedTiles") -> Iterable[tuple[int, bytes]]:
    """Tile ids, ascending, with their gzip bytes."""
    rows = table[["tile", "layer", "archive", "offset", "size", "raw", "crc"]].tolist()
    digests = table["digest"].tobytes()
    starts = np.flatnonzero(np.diff(table["tile"], prepend=table["tile"][:1] ^ np.uint64(1))).tolist()
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        if end == start + 1:
            tile, _, archive, offset, size, raw, crc = rows[start]
            yield tile, _member(bytes(archives[archive].blob[offset : offset + size]), crc, raw)
        else:
            key = _digest(digests[16 * start : 16 * end])
            data = joined.get(key)
            if data is None:
                data = _join(archives, rows[start:end])
            joined.keep(key, data)
            yield rows[start][0], data


def _join(archives: Sequence[_Archive], rows: Sequence[tuple[int, ...]]) -> bytes:
    """One tile of several parts."""
    packed: list[bytes] = []
    crc = raw = 0
    at = 0
    while at < len(rows):
        layer = rows[at][1]
        same = [row for row in rows[at:] if row[1] == layer]
        at += len(same)
        pieces = [bytes(archives[row[2]].blob[row[3] : row[3] + row[4]]) for row in same]
        data = _inflate(pieces[0])
        if len(pieces) > 1:
            data = merge_parts([data, *map(_inflate, pieces[1:])])
            pieces = [_deflate(data)]
        packed.append(pieces[0])
        crc, raw = zlib.crc32(data, crc), raw + len(data)
    return _member(b"".join(packed), crc, raw)


class JoinedTiles:
    """Tiles joined from several parts, kept under the digest of those parts from one merge to the next."""

    _MAGIC = b"QHJOINS1"  # its number changes whenever `_join` would make other bytes
    _ROW = np.dtype([("key", "V16"), ("offset", "<u8"), ("size", "<u4"), ("crc", "<u4")])

    def __init__(self, known: Mapping[bytes, tuple[int, int, int]], blob: bytes) -> None:
        self._known = known
        self._blob = blob
        self._kept: dict[bytes, bytes] = {}

    @classmethod
    def open(cls, path: Path | None) -> "JoinedTiles":
        """What `write` left there, or nothing where the file is missing or not whole."""
        data = path.read_bytes() if path is not None and path.is_file() else b""
        count = int.from_bytes(data[8:16], "little")
        begin = 16 + count * cls._ROW.itemsize
        if data[:8] != cls._MAGIC or begin > len(data):
            return cls({}, b"")
        rows = np.frombuffer(data[16:begin], cls._ROW)
        keys = rows["key"].tobytes()
        spans = zip((rows["offset"] + begin).tolist(), rows["size"].tolist(), rows["crc"].tolist(), strict=True)
        return cls({keys[16 * at : 16 * at + 16]: span for at, span in enumerate(spans)}, data)

    def get(self, key: bytes) -> bytes | None:
        """The tile under `key`, or None where it is not known or no longer what was kept."""
        span = self._known.get(key)
        if span is None:
            return None
        offset, size, crc = span
        data = self._blob[offset : offset + size]
        return data if len(data) == size and zlib.crc32(data) == crc else None

    def keep(self, key: bytes, data: bytes) -> None:
        """Keep a tile for the next merge; what is not kept again is forgotten."""
        self._kept[key] = data

    def write(self, path: Path) -> None:
        """Replace the file at `path` by what was kept."""
        rows = np.zeros(len(self._kept), self._ROW)
        offset = 0
        for at, (key, data) in enumerate(self._kept.items()):
            rows[at] = (key, offset, len(data), zlib.crc32(data))
            offset += len(data)
        draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
        draft.write_bytes(b"".join((self._MAGIC, struct.pack("<Q", len(rows)), rows.tobytes(), *self._kept.values())))
        draft.replace(path)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _member(packed: bytes, crc: int, raw: int) -> bytes:
    return b"".join((_GZIP_HEAD, packed, _DEFLATE_END, struct.pack("<II", crc, raw & 0xFFFFFFFF)))


def _deflate(data: bytes) -> bytes:
    """Raw deflate that ends on a byte and may be followed by more; stored as it is where that is shorter."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)
    if len(packed) >= len(data) + 5 and len(data) <= _STORED_MOST:
        return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data
    return packed


def _inflate(packed: bytes) -> bytes:
    try:
        return zlib.decompressobj(-15).decompress(packed)
    except zlib.error:
        raise ReleaseError("tile-unreadable") from None


def _packed(archive: _Archive, entry: Any) -> bytes:
    return bytes(archive.blob[int(entry["offset"]) : int(entry["offset"]) + int(entry["size"])])


def _open(path: Path, stack: ExitStack) -> _Archive:
    """Map an archive into memory; ReleaseError("tile-archive-unreadable") unless it is whole."""
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        stack.callback(data.release)
        if bytes(data[:8]) != _MAGIC:
            raise ValueError("not an archive of tiles")
        (length,) = struct.unpack("<Q", data[8:16])
        header = json.loads(bytes(data[16 : 16 + length]))
        begin = 16 + length
        end = begin + header["entries"] * _ENTRY.itemsize
        entries = np.frombuffer(bytes(data[begin:end]), _ENTRY)
        blob = data[end:]
        if len(entries) and int(entries["offset"][-1]) + int(entries["size"][-1]) != len(blob):
            raise ValueError("cut short")
        layers = {
            key: LayerInfo(info["fields"], info["minzoom"], info["maxzoom"]) for key, info in header["layers"].items()
        }
        bounds = tuple(header["bounds"]) if header["bounds"] else None
        return _Archive(header["name"], layers, bounds, entries, blob)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ReleaseError("tile-archive-unreadable", path=path.name) from error


def _bounds_of(archives: Sequence[_Archive]) -> Bounds:
    known = np.array([archive.bounds for archive in archives if archive.bounds])
    if not len(known):
        return (-180.0, -85.0, 180.0, 85.0)
    west, south = known[:, :2].min(axis=0).tolist()
    east, north = known[:, 2:].max(axis=0).tolist()
    return (west, south, east, north)


def _metadata(archives: Sequence[_Archive], name: str, description: str) -> dict[str, object]:
    layers = []
    for layer in LAYERS:
        infos = [archive.layers[layer] for archive in archives if layer in archive.layers]
        if infos:
            fields: dict[str, str] = {}
            for info in infos:
                fields.update(info.fields)
            layers.append(
                {
                    "id": layer,
                    "fields": dict(sorted(fields.items())),
                    "minzoom": min(info.zoom_min for info in infos),
                    "maxzoom": max(info.zoom_max for info in infos),
                }
            )
    about = {"name": name, "description": description, "format": "pbf", "type": "overlay", "version": "2"}
    return {**about, "vector_layers": layers}
