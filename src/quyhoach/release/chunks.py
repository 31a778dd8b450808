"""Exact geometry and attributes by 2 km cell: what a phone downloads, refreshes by difference, and asks offline.

A chunk is a gzip JSON document named by the SHA-256 of its bytes; a cell of the grid lists the chunks of every version
that has something there. Most features stand in the chunk of their version and cell; a feature that touches more
than four cells has a chunk of its own, listed in each of them. A feature may so be met more than once: by id it is one.
Format: docs/reference/chunks.md.
"""

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.zone import Parcel, Restriction, VersionContent, Zone
from quyhoach.release.shapes import polygonal

CELL_M = 2000  # side of a cell in metres of the province's CRS; cell = floor(E / 2000), floor(N / 2000)
SCHEMA = 1
UNITS_PER_M = 10_000  # coordinates are whole tenths of a millimetre: n / 10000 is the double the package holds
# A point is within a zone from 1 mm off, so a cell lists what comes as near to its border.
_MARGIN_M = 0.01
_FEW_CELLS = 4
_LEVEL = 6

Cell = tuple[int, int]
Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class VersionChunks:
    """The chunks of one version: bytes by SHA-256, and for each cell the chunks to read there."""

    blobs: Mapping[str, bytes]
    cells: Mapping[Cell, tuple[str, ...]]


def version_chunks(content: VersionContent) -> VersionChunks:
    """The chunks of one version: depends on nothing but the content."""
    features: list[tuple[str, Doc, BaseGeometry]] = []
    for zone in sorted(content.zones, key=lambda zone: zone.zone_id):
        features.append(("zones", _zone(zone, content), zone.geometry))
    for item in sorted(content.restrictions, key=lambda item: item.restriction_id):
        features.append(("restrictions", _restriction(item), item.geometry))
    for parcel in sorted(content.parcels, key=lambda parcel: (parcel.commune, parcel.sheet, parcel.lot)):
        features.append(("parcels", _parcel(parcel), parcel.geometry))
    by_cell: defaultdict[Cell, Doc] = defaultdict(dict)
    shared: defaultdict[Cell, list[Doc]] = defaultdict(list)
    geometries = polygonal([geometry for _, _, geometry in features])
    cells_of = _cells(geometries)
    for (kind, doc, _), shape, cells in zip(features, encode_geometries(geometries), cells_of, strict=True):
        doc["geom"] = shape
        if len(cells) > _FEW_CELLS:
            own = {kind: [doc]}
            for cell in cells:
                shared[cell].append(own)
        else:
            for cell in cells:
                by_cell[cell].setdefault(kind, []).append(doc)
    _add_areas(content, by_cell, shared)
    return _pack(content.version.version_id, by_cell, shared)


def encode_geometries(geometries: NDArray[np.object_]) -> list[list[list[list[int]]]]:
    """Each (multi)polygon as polygons of rings of whole tenths of a millimetre.

    A ring is [E, N, dE, dN, dE, dN, …]: the first vertex, then steps; the closing vertex is left out. The outer ring
    comes first.
    """
    parts, part_owner = shapely.get_parts(geometries, return_index=True)
    rings, ring_owner = shapely.get_rings(parts, return_index=True)
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    units = np.rint(xy * UNITS_PER_M).astype(np.int64)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    steps = units.copy()
    steps[1:] -= units[:-1]
    steps[starts] = units[starts]
    flat = steps.ravel().tolist()
    begins = (2 * starts).tolist()
    ends = [*begins[1:], len(flat)]
    out: list[list[list[list[int]]]] = [[] for _ in range(len(geometries))]
    polygons: list[list[list[int]]] = [[] for _ in range(len(parts))]
    for ring, polygon in enumerate(ring_owner.tolist()):
        polygons[polygon].append(flat[begins[ring] : ends[ring] - 2])
    for part, geometry in enumerate(part_owner.tolist()):
        if polygons[part]:
            out[geometry].append(polygons[part])
    return out


def _cells(geometries: NDArray[np.object_]) -> list[list[Cell]]:
    """The cells that each geometry touches or comes within the margin of, sorted."""
    bounds = shapely.bounds(geometries)
    known = np.asarray(np.isfinite(bounds).all(axis=1))
    bounds = np.where(known[:, None], bounds, 0.0)
    low = np.floor((bounds[:, :2] - _MARGIN_M) / CELL_M).astype(np.int64)
    high = np.floor((bounds[:, 2:] + _MARGIN_M) / CELL_M).astype(np.int64)
    out: list[list[Cell]] = []
    for geometry, known_one, (c0, r0), (c1, r1) in zip(geometries, known, low.tolist(), high.tolist(), strict=True):
        if not known_one:
            out.append([])
        elif (c0, r0) == (c1, r1):
            out.append([(c0, r0)])
        else:
            cells = [(column, row) for column in range(c0, c1 + 1) for row in range(r0, r1 + 1)]
            shapely.prepare(geometry)
            touched = np.asarray(shapely.intersects(geometry, _boxes(cells, _MARGIN_M)))
            out.append([cell for cell, touches in zip(cells, touched, strict=True) if touches])
    return out


def _boxes(cells: Sequence[Cell], margin: float) -> NDArray[np.object_]:
    corner = np.array(cells, float) * CELL_M
    west, south = corner[:, 0] - margin, corner[:, 1] - margin
    side = CELL_M + 2 * margin
    return np.asarray(shapely.box(west, south, west + side, south + side), object)


def _add_areas(content: VersionContent, by_cell: Mapping[Cell, Doc], shared: Mapping[Cell, list[Doc]]) -> None:
    """Outline and coverage: `true` in cells that lie wholly inside, else the whole shape."""
    areas: list[tuple[str, Doc, BaseGeometry]] = []  # kind, members beside the shape, shape
    if content.outline is not None:
        areas.append(("outline", {}, content.outline))
    for item in sorted(content.coverage, key=lambda item: (item.theme, item.geometry.wkb)):
        areas.append(("coverage", {"theme": item.theme}, item.geometry))
    geometries = polygonal([geometry for _, _, geometry in areas])
    for (kind, doc, _), geometry, shape, cells in zip(
        areas, geometries, encode_geometries(geometries), _cells(geometries), strict=True
    ):
        if not cells:
            continue
        shapely.prepare(geometry)
        inside: list[bool] = np.asarray(shapely.contains_properly(geometry, _boxes(cells, _MARGIN_M))).tolist()
        edge = {kind: [{**doc, "geom": shape}]}
        own = inside.count(False) > _FEW_CELLS
        for cell, whole in zip(cells, inside, strict=True):
            if whole:
                by_cell[cell].setdefault(kind, []).append({**doc, "geom": True})
            elif own:
                shared[cell].append(edge)
            else:
                by_cell[cell].setdefault(kind, []).extend(edge[kind])


def _pack(version_id: str, by_cell: Mapping[Cell, Doc], shared: Mapping[Cell, Sequence[Doc]]) -> VersionChunks:
    blobs: dict[str, bytes] = {}
    known: dict[int, str] = {}  # a shared document is packed once

    def pack(doc: Doc) -> str:
        whole = {"schema": SCHEMA, "version": version_id, **{kind: doc[kind] for kind in _KINDS if kind in doc}}
        blob = gzip.compress(_json(whole), _LEVEL, mtime=0)
        name = hashlib.sha256(blob).hexdigest()
        blobs[name] = blob
        return name

    cells: dict[Cell, tuple[str, ...]] = {}
    for cell in sorted({*by_cell, *shared}):
        names = [pack(by_cell[cell])] if cell in by_cell else []
        for doc in shared.get(cell, ()):
            if id(doc) not in known:
                known[id(doc)] = pack(doc)
            names.append(known[id(doc)])
        cells[cell] = tuple(names)
    return VersionChunks(dict(sorted(blobs.items())), cells)


_KINDS = ("outline", "coverage", "zones", "restrictions", "parcels")


def _zone(zone: Zone, content: VersionContent) -> Doc:
    valid_from, valid_to = zone.valid_from or content.valid_from, min(zone.valid_to, content.valid_to)
    return _filled(
        {
            "id": zone.zone_id,
            "label": zone.label,
            "fn": zone.function,
            "area": zone.area_m2,
            "ind": dict(sorted(zone.indicators.items())),
            "name": zone.name,
            "note": zone.note,
            "vf": valid_from if valid_from != content.valid_from else None,
            "vt": valid_to if valid_to != content.valid_to else None,
            "withheld": zone.withheld or None,
        }
    )


def _restriction(item: Restriction) -> Doc:
    return _filled(
        {
            "id": item.restriction_id,
            "theme": item.theme,
            "name": item.name,
            "category": item.category,
            "rule": item.rule,
            "note": item.note,
        }
    )


def _parcel(parcel: Parcel) -> Doc:
    return _filled(
        {
            "commune": parcel.commune,
            "sheet": parcel.sheet,
            "lot": parcel.lot,
            "area": parcel.area_m2,
            "use": parcel.use,
        }
    )


def _filled(doc: Doc) -> Doc:
    """Without members that say nothing; zero is something."""
    return {key: value for key, value in doc.items() if value is not None and value != "" and value != {}}


def _json(doc: Doc) -> bytes:
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
