"""The look-up index of a release, memory-mapped: segments one after another, and a directory of them at the end.

    "QHIX" · u32 format · u64 directory offset · u64 directory length · segments · directory (JSON)

Every read is covered by a CRC per 64 KiB block, checked when the block is first touched, so a changed byte can't
become an answer. Blocks already checked cost one array look-up.
"""

import json
import mmap
import os
import struct
import weakref
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from shapely import lib

from quyhoach.domain.errors import DamagedReleaseError, ReleaseError

MAGIC = b"QHSG"  # of a segment, see segment.py
INDEX_MAGIC = b"QHIX"
FORMAT = 3
NONE = 65535  # a row without function or theme
CUT = 0x80000000  # in a node: the cell is cut, the other bits are the number of its block of parts
ALONE = 0x40000000  # in a node: the other bits are the cell's only candidate
PARTS = 4  # a crowded cell is cut into PARTS × PARTS
LINE_HEAD = b"\x01\x02\x00\x00\x00"  # WKB of a line; a polygon of one ring holds its own outline's WKB from byte 9 on
HEAD = struct.Struct("<4sIQQ")
CELL_M = 1000  # cells by which the look-up finds the versions that have something there
BLOCK_BITS = 16
BLOCK = 1 << BLOCK_BITS
TOUCH_M = 0.001  # a shared edge, within 1 mm, names both lots (DESIGN §5.6)
MARGIN_M = 0.002  # cells are widened by this when candidates are chosen, so that those within TOUCH_M are among them
BIG = 1 << 14  # bytes of WKB from which a parsed geometry is kept
KEPT = 8


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def write_index(path: Path, segments: Iterable[tuple[str, Path]]) -> None:
    """Join segments, in the order given, into one index file; each is (name, file)."""
    directory = []
    with path.open("wb") as out:
        out.write(HEAD.pack(INDEX_MAGIC, FORMAT, 0, 0))
        for name, file in segments:
            data = file.read_bytes()
            directory.append([name, out.tell(), len(data)])
            out.write(data)
        listing = json.dumps(directory, separators=(",", ":")).encode()
        at = out.tell()
        out.write(listing)
        out.seek(0)
        out.write(HEAD.pack(INDEX_MAGIC, FORMAT, at, len(listing)))


def block_checksums(path: Path) -> bytes:
    """CRC-32 of each 64 KiB block of a file, as little-endian u32."""
    sums = []
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sums.append(zlib.crc32(block))
    return np.asarray(sums, "<u4").tobytes()


class IndexFile:
    """An index mapped into memory. `checksums` are those of `block_checksums`, from the manifest's own file."""

    def __init__(self, path: Path, checksums: bytes) -> None:
        self.name = path.name
        # Grids are mapped, geometry and fragments read from the page cache: a read costs half a microsecond, while
        # pages mapped by a scattered question or two would be counted to every worker until it ends.
        self.descriptor = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self.descriptor)
        self._map = mmap.mmap(self.descriptor, 0, access=mmap.ACCESS_READ)
        self.view = memoryview(self._map)
        self._sums = memoryview(checksums).cast("I")
        blocks = (len(self.view) + BLOCK - 1) >> BLOCK_BITS
        if len(self._sums) != blocks:
            raise DamagedReleaseError("release-damaged", file=self.name)
        self.checked = bytearray(blocks)
        self.check(0, HEAD.size)
        magic, version, at, length = HEAD.unpack(self.view[: HEAD.size])
        if magic == INDEX_MAGIC and version != FORMAT:
            raise ReleaseError("release-unknown-schema", release=path.parent.name)
        if magic != INDEX_MAGIC or at + length > len(self.view):
            raise DamagedReleaseError("release-damaged", file=self.name)
        self.check(at, length)
        self.segments = [
            Segment(self, name, at, size) for name, at, size in json.loads(bytes(self.view[at : at + length]))
        ]

    def check(self, at: int, length: int) -> None:
        """Check the blocks that hold these bytes, once; DamagedReleaseError where one is not what was written."""
        checked = self.checked
        for block in range(at >> BLOCK_BITS, ((at + max(length, 1) - 1) >> BLOCK_BITS) + 1):
            if not checked[block]:
                if zlib.crc32(os.pread(self.descriptor, BLOCK, block << BLOCK_BITS)) != self._sums[block]:
                    raise DamagedReleaseError("release-damaged", file=self.name)
                checked[block] = 1


class Segment:
    """One version's part of the index. Its tables are opened on first use."""

    def __init__(self, index: IndexFile, name: str, at: int, size: int) -> None:
        self.index = index
        self.name = name
        index.check(at, 12)
        magic, version, length = struct.unpack("<4sII", index.view[at : at + 12])
        if magic != MAGIC or version != FORMAT or 12 + length > size:
            raise DamagedReleaseError("release-damaged", file=index.name)
        index.check(at, 12 + length)
        header = json.loads(bytes(index.view[at + 12 : at + 12 + length]))
        self.meta: dict[str, Any] = header["meta"]
        self._tables: dict[str, Any] = header["tables"]
        self._base = at + 12 + length + (-(12 + length) % 8)

    def _table(self, name: str) -> "SpatialTable | None":
        described = self._tables.get(name)
        return SpatialTable(self.index, self._base, described) if described else None

    @cached_property
    def zones(self) -> "SpatialTable | None":
        return self._table("zones")

    @cached_property
    def restrictions(self) -> "SpatialTable | None":
        return self._table("restrictions")

    @cached_property
    def coverage(self) -> "SpatialTable | None":
        return self._table("coverage")

    @cached_property
    def parcels(self) -> "SpatialTable | None":
        return self._table("parcels")

    @cached_property
    def outline(self) -> "SpatialTable | None":
        return self._table("outline")

    @cached_property
    def units(self) -> "SpatialTable | None":
        return self._table("units")


class SpatialTable:
    """A table of a segment: which of its polygons a point is in, and their fragments."""

    def __init__(self, index: IndexFile, base: int, described: dict[str, Any]) -> None:
        sections = described["sections"]
        self.count: int = described["n"]
        self.x0, self.y0, self.cell, nx, ny = described["grid"]
        self.nx, self.ny = int(nx), int(ny)
        self._scale = 1 / self.cell
        self._index = index
        self._view = index.view
        self._descriptor = index.descriptor
        self._checked = index.checked
        self._geom = base + sections["geom"][0]
        self._frag = base + sections["frag"][0]
        self._nodes = self._section(base, sections["nodes"], "I")
        self._blocks = self.nx * self.ny
        self._items = self._section(base, sections["items"], "I")
        self._boxes = self._section(base, sections["boxes"], "i")
        self.codes = self._section(base, sections["code"], "H")
        self._geom_at = self._section(base, sections["geom_at"], "I")
        self._frag_at = self._section(base, sections["frag_at"], "I")
        self.ends = self._section(base, sections["ends"], "I") if "ends" in sections else None
        self._kept: dict[int, Any] = {}

    def _section(self, base: int, place: list[int], kind: Literal["H", "I", "i"]) -> "memoryview[int]":
        at, length = base + place[0], place[1]
        self._index.check(at, length)
        return self._view[at : at + length].cast(kind)

    def _bytes(self, at: int, end: int) -> bytes:
        first, last = at >> BLOCK_BITS, (end - 1) >> BLOCK_BITS
        if not (self._checked[first] and self._checked[last]) or last - first > 1:
            self._index.check(at, end - at)
        return os.pread(self._descriptor, end - at, at)

    def geometry(self, row: int) -> Any:
        """The polygon of a row, in the province's CRS."""
        data = self._bytes(self._geom + self._geom_at[row], self._geom + self._geom_at[row + 1])
        return lib.from_wkb(data, 0)

    def geometries(self, rows: Iterable[int]) -> np.ndarray:
        """Several polygons at once."""
        return np.array([self.geometry(row) for row in rows], object)

    def fragment(self, row: int) -> bytes:
        """The row's ready JSON members."""
        at, end = self._frag_at[row], self._frag_at[row + 1]
        return self._bytes(self._frag + at, self._frag + end) if at < end else b""

    def _shape(self, row: int) -> Any:
        """The polygon of a row; those with very many vertices are kept, prepared."""
        start, end = self._geom_at[row], self._geom_at[row + 1]
        if end - start < BIG:
            return lib.from_wkb(self._bytes(self._geom + start, self._geom + end), 0)
        shape = self._kept.get(row)
        if shape is None:
            shape = self.geometry(row)
            lib.prepare(shape)
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[row] = shape
        return shape

    def _boundary(self, row: int) -> Any:
        """The boundary alone: of a polygon with one ring, as nearly all have, without parsing the polygon first."""
        at, end = self._geom + self._geom_at[row], self._geom + self._geom_at[row + 1]
        data = self._bytes(at, end)
        if data[1] == 3 and data[5] == 1 and not data[6]:  # WKB of a polygon (3) with one ring
            return lib.from_wkb(LINE_HEAD + data[9:], 0)
        return lib.boundary(lib.from_wkb(data, 0))

    def _candidates(self, east: float, north: float) -> "Sequence[int]":
        column, line = (east - self.x0) * self._scale, (north - self.y0) * self._scale
        if not (0 <= column < self.nx and 0 <= line < self.ny):
            return ()
        whole_column, whole_line = int(column), int(line)
        node = self._nodes[whole_line * self.nx + whole_column]
        while node >= CUT:
            column, line = (column - whole_column) * PARTS, (line - whole_line) * PARTS
            whole_column, whole_line = int(column), int(line)
            node = self._nodes[self._blocks + (node - CUT) * (PARTS * PARTS) + whole_line * PARTS + whole_column]
        if node >= ALONE:
            return (node - ALONE,)
        return self._items[node + 1 : node + 1 + self._items[node]] if node else ()

    def hits(self, east: float, north: float, point: Any) -> list[tuple[int, float]]:
        """Rows whose polygon holds the point or is within 1 mm of it, with the distance to its boundary in metres."""
        found: list[tuple[int, float]] = []
        candidates = self._candidates(east, north)
        if not candidates:
            return found
        boxes = self._boxes
        x, y = (east - self.x0) * 1000, (north - self.y0) * 1000
        for item in candidates:
            row = item >> 1
            if item & 1:
                found.append((row, lib.distance(self._boundary(row), point)))
                continue
            at = row * 4  # the bounding box, widened by 2 mm, first
            if boxes[at] <= x <= boxes[at + 2] and boxes[at + 1] <= y <= boxes[at + 3]:
                shape = self._shape(row)
                if lib.dwithin(shape, point, TOUCH_M):
                    found.append((row, lib.distance(lib.boundary(shape), point)))
        return found

    def rows_at(self, east: float, north: float, point: Any) -> list[int]:
        """As `hits`, without distances; a point in a cell that lies wholly inside needs no geometry at all."""
        found = []
        boxes = self._boxes
        x, y = (east - self.x0) * 1000, (north - self.y0) * 1000
        for item in self._candidates(east, north):
            row = item >> 1
            at = row * 4
            if item & 1 or (
                boxes[at] <= x <= boxes[at + 2]
                and boxes[at + 1] <= y <= boxes[at + 3]
                and lib.dwithin(self._shape(row), point, TOUCH_M)
            ):
                found.append(row)
        return found

    def near(self, west: float, south: float, east: float, north: float) -> list[int]:
        """Rows that may touch a box, in order."""
        rows: set[int] = set()
        for items in self._leaves(west, south, east, north):
            rows.update(item >> 1 for item in items)
        boxes = self._boxes
        x0, y0, x1, y1 = (
            (west - self.x0) * 1000,
            (south - self.y0) * 1000,
            (east - self.x0) * 1000,
            (north - self.y0) * 1000,
        )
        return sorted(
            row
            for row in rows
            if boxes[row * 4] <= x1
            and boxes[row * 4 + 2] >= x0
            and boxes[row * 4 + 1] <= y1
            and boxes[row * 4 + 3] >= y0
        )

    def covering(self, west: float, south: float, east: float, north: float) -> set[int]:
        """Codes (themes) whose polygons certainly hold the whole box, found without any geometry; others may too."""
        if west < self.x0 or south < self.y0:
            return set()
        if east > self.x0 + self.nx * self.cell or north > self.y0 + self.ny * self.cell:
            return set()
        found: set[int] | None = None
        for items in self._leaves(west, south, east, north):
            inside = {self.codes[item >> 1] for item in items if item & 1}
            found = inside if found is None else found & inside
            if not found:
                return set()
        return found or set()

    def _leaves(self, west: float, south: float, east: float, north: float) -> Iterator["Sequence[int]"]:
        """The candidates of every cell that touches a box, of crowded cells of their parts that do."""
        nodes, items = self._nodes, self._items
        # blocks of cells still to look into: first node, cells to a row, rows, corner, side of a cell
        waiting = [(0, self.nx, self.ny, self.x0, self.y0, self.cell)]
        while waiting:
            first, columns, rows, x, y, side = waiting.pop()
            left, right = max(int((west - x) // side), 0), min(int((east - x) // side), columns - 1)
            bottom, top = max(int((south - y) // side), 0), min(int((north - y) // side), rows - 1)
            for line in range(bottom, top + 1):
                for column in range(left, right + 1):
                    node = nodes[first + line * columns + column]
                    if node >= CUT:
                        block = self._blocks + (node - CUT) * (PARTS * PARTS)
                        corner = x + column * side, y + line * side
                        waiting.append((block, PARTS, PARTS, *corner, side / PARTS))
                    elif node >= ALONE:
                        yield (node - ALONE,)
                    else:
                        yield items[node + 1 : node + 1 + items[node]] if node else ()


_pack_point = struct.Struct("<BIdd").pack


def point_of(east: float, north: float) -> Any:
    """A shapely point, made the quickest way there is."""
    return lib.from_wkb(_pack_point(1, 1, east, north), 0)
