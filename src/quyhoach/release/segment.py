"""Writes one version's part of the look-up index: grids over its lots and overlays, geometry, answer fragments.

A segment is self-contained: offsets count from its own start, so the index of a release is its segments one after
another (index.py) and a full build equals an incremental one. Layout, little-endian:

    "QHSG" · u32 format · u32 header length · header (JSON) · padding to 8 · sections, each padded to 8

A table has the sections
    nodes     u32            for each cell, rows from south to north, then for each part of a crowded cell: 0 (nothing
                             there), ALONE | the one candidate, where its candidates are in `items`, or CUT | the
                             number of its block of PARTS² parts
    items     u32            lists led by their length; a candidate is row << 1 | the cell lies wholly inside
    boxes     i32[4*n]       bounding boxes in mm from the grid's corner
    geom_at   u32[n+1]       start of each WKB in `geom`
    geom      WKB, exact, in the province's CRS
    frag_at   u32[n+1], frag UTF-8 JSON members, ready to stand in an answer
    code      u16[n]         index into the header's `functions` or `themes`; 65535: none
    ends      u32[n]         YYYYMMDD, only where some lots end before their version
"""

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.indicators import parse_range
from quyhoach.domain.plan import Province
from quyhoach.domain.zone import Restriction, VersionContent, Zone
from quyhoach.release.content import Job
from quyhoach.release.index import ALONE, CELL_M, CUT, FORMAT, MAGIC, MARGIN_M, NONE, PARTS, encode
from quyhoach.release.registry import decision_facts, document_file
from quyhoach.standard import Standard

CROWDED = 4  # candidates; a cell with more is cut into parts
PIECE = 64  # vertices
UNITS = {"density": "%"}


@dataclass(frozen=True, slots=True)
class Table:
    """One spatial table on its way into a segment."""

    geometry: np.ndarray
    fragments: Sequence[bytes]
    codes: Sequence[int]
    ends: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """Where candidates are found: `place` is [x0, y0, cell, nx, ny]."""

    place: list[float]
    nodes: np.ndarray
    items: np.ndarray


def version_segment(content: VersionContent, job: Job, province: Province, standard: Standard) -> bytes:
    """The segment of one version: tables zones, restrictions, coverage, parcels, outline (those that have rows)."""
    functions = sorted({zone.function for zone in content.zones if zone.function})
    themes = sorted({row.theme for row in content.restrictions} | {row.theme for row in content.coverage})
    tables: dict[str, Table] = {}
    if content.zones:
        tables["zones"] = Table(
            np.array([zone.geometry for zone in content.zones], object),
            [zone_fragment(zone) for zone in content.zones],
            [functions.index(zone.function) if zone.function else NONE for zone in content.zones],
            [zone.valid_to for zone in content.zones] if job.ends else None,
        )
    if content.restrictions:
        tables["restrictions"] = Table(
            np.array([row.geometry for row in content.restrictions], object),
            [restriction_fragment(row) for row in content.restrictions],
            [themes.index(row.theme) for row in content.restrictions],
        )
    if content.coverage:
        pieces, owner = subdivide([row.geometry for row in content.coverage])
        codes = [themes.index(content.coverage[row].theme) for row in owner]
        tables["coverage"] = Table(pieces, [b""] * len(pieces), codes)
    if content.parcels:
        tables["parcels"] = Table(
            np.array([row.geometry for row in content.parcels], object),
            [
                encode({"commune": row.commune, "sheet": row.sheet, "lot": row.lot, "area_m2": row.area_m2})
                for row in content.parcels
            ],
            [NONE] * len(content.parcels),
        )
    if not content.digitised and content.outline is not None:
        pieces, _ = subdivide([content.outline])
        tables["outline"] = Table(pieces, [b""] * len(pieces), [NONE] * len(pieces))
    meta = version_meta(content, province, standard)
    meta["functions"] = [[code, *_function_names(code, standard)] for code in functions]
    meta["themes"] = themes
    return write_segment(meta, tables)


def unit_segment(geometry: np.ndarray, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The segment of today's administrative units; each row is {code, name, former}."""
    pieces, owner = subdivide(list(geometry))
    table = Table(pieces, [encode(rows[row]) for row in owner], [NONE] * len(pieces))
    return write_segment({"kind": "units"}, {"units": table})


def subdivide(polygons: Sequence[BaseGeometry]) -> tuple[np.ndarray, list[int]]:
    """Polygons halved until a piece has at most PIECE vertices, and the polygon that each piece is of.

    For areas that are only asked "inside?": an outline of a thousand vertices would be parsed for every place near its
    edge. Lots are never cut, as the distance to their edge is told."""
    pieces: list[BaseGeometry] = []
    owner: list[int] = []
    for row, polygon in enumerate(polygons):
        waiting = list(shapely.get_parts(polygon))
        while waiting:
            part = waiting.pop()
            if shapely.get_num_coordinates(part) <= PIECE:
                pieces.append(part)
                owner.append(row)
                continue
            west, south, east, north = part.bounds
            middle_x, middle_y = (west + east) / 2, (south + north) / 2
            if east - west > north - south:
                halves = (shapely.box(west, south, middle_x, north), shapely.box(middle_x, south, east, north))
            else:
                halves = (shapely.box(west, south, east, middle_y), shapely.box(west, middle_y, east, north))
            for half in halves:
                waiting += [p for p in shapely.get_parts(shapely.intersection(part, half)) if p.geom_type == "Polygon"]
    return np.array(pieces, object), owner


def version_meta(content: VersionContent, province: Province, standard: Standard) -> dict[str, Any]:
    """What every answer from this version says of it, and what chooses it."""
    plan, version = content.plan, content.version
    kind = standard.plan_kinds[plan.kind]
    drawing_m = standard.accuracy["drawing_mm"].value * plan.scale / 1000
    shapes = [zone.geometry for zone in content.zones] + [row.geometry for row in content.restrictions]
    shapes += [row.geometry for row in content.coverage] + [row.geometry for row in content.parcels]
    shapes += [content.outline] if content.outline is not None else []
    return {
        "plan_id": plan.plan_id,
        "plan_name": dict(plan.name),
        "version": version.number,
        "version_kind": str(version.kind),
        "kind": plan.kind,
        "rank": kind.rank,
        "themes_of_kind": list(kind.themes),
        "scale": plan.scale,
        "status": "pending" if version.status == "pending" else "in_force",
        "from": content.valid_from,
        "to": content.valid_to,
        "decision": decision_facts(version),
        "scans": [[document_file(version, scan.sha256), scan.title] for scan in version.scans],
        "attested": version.attested is not None,
        "illustrative": plan.illustrative or province.illustrative,
        "ask": plan.ask,
        # 0.5 mm on paper at the drawing's scale, and what turning VN-2000 into WGS 84 costs (standard/accuracy)
        "accuracy_m": round(drawing_m + standard.accuracy["transformation_m"].value, 2),
        "digitised": content.digitised,
        "cells": cell_runs(np.array(shapes, object)),
    }


def _function_names(code: str, standard: Standard) -> tuple[dict[str, str], str]:
    row = standard.land_use.get(code.casefold())
    if row is None:  # a code outside the list is shown as written
        return {"vi": code, "en": code}, ""
    return dict(row.name), row.group


def zone_fragment(zone: Zone) -> bytes:
    """The members of an answer that are this lot's own, without braces."""
    members: dict[str, Any] = {"zone_id": zone.zone_id, "label": zone.label}
    if zone.name:
        members["name"] = zone.name
    members["indicators"] = {name: indicator(name, raw) for name, raw in zone.indicators.items()}
    members["area_m2"] = zone.area_m2
    if zone.withheld:
        members["withheld"] = True
    return encode(members)[1:-1]


def indicator(name: str, raw: str) -> dict[str, Any]:
    """An indicator as written and as read: {raw, min, max, unit}; min and max are null where it can't be read."""
    span = parse_range(raw)
    value: dict[str, Any] = {"raw": raw, "min": None, "max": None}
    if span is not None:
        value["min"], value["max"] = (_number(bound) for bound in span)
    if name in UNITS:
        value["unit"] = UNITS[name]
    return value


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


def restriction_fragment(row: Restriction) -> bytes:
    """The members of an answer that are this overlay's own, without braces."""
    members = {
        "restriction_id": row.restriction_id,
        "theme": row.theme,
        "name": row.name,
        "category": row.category,
        "rule": row.rule,
    }
    return encode(members)[1:-1]


# ── binary layout ──────────────────────────────────────────────────────────────────────────────────────────


def write_segment(meta: Mapping[str, Any], tables: Mapping[str, Table]) -> bytes:
    """Lay out a segment; its length is a multiple of 8."""
    sections: list[bytes] = []
    described: dict[str, Any] = {}
    at = 0
    for name in sorted(tables):
        grid, parts = _table_sections(tables[name])
        places = {}
        for part, data in parts:
            places[part] = [at, len(data)]
            padded = data + b"\0" * (-len(data) % 8)
            sections.append(padded)
            at += len(padded)
        described[name] = {"n": len(tables[name].fragments), "grid": grid, "sections": places}
    header = json.dumps(
        {"meta": meta, "tables": described}, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    ).encode()
    head = MAGIC + struct.pack("<II", FORMAT, len(header)) + header
    return b"".join([head + b"\0" * (-len(head) % 8), *sections])


def _table_sections(table: Table) -> tuple[list[float], list[tuple[str, bytes]]]:
    geometry = _unwrap(table.geometry)
    grid = build_grid(geometry)
    wkb = shapely.to_wkb(geometry, byte_order=1)
    parts = [
        ("nodes", grid.nodes.astype("<u4").tobytes()),
        ("items", grid.items.astype("<u4").tobytes()),
        ("boxes", _boxes(geometry, grid.place[0], grid.place[1])),
        ("code", np.asarray(table.codes, "<u2").tobytes()),
        ("geom_at", _starts(wkb)),
        ("frag_at", _starts(table.fragments)),
        ("geom", b"".join(wkb)),
        ("frag", b"".join(table.fragments)),
    ]
    if table.ends is not None:
        parts.insert(4, ("ends", np.asarray(table.ends, "<u4").tobytes()))
    return grid.place, parts


def _boxes(geometry: np.ndarray, west: float, south: float) -> bytes:
    """Bounding boxes in whole millimetres from the grid's corner, widened by the margin."""
    bounds = (shapely.bounds(geometry) - np.array([west, south, west, south])) * 1000
    low, high = np.floor(bounds[:, :2]) - 1000 * MARGIN_M, np.ceil(bounds[:, 2:]) + 1000 * MARGIN_M
    return np.hstack([low, high]).astype("<i4").tobytes()


def _starts(parts: Iterable[bytes]) -> bytes:
    lengths = np.fromiter((len(part) for part in parts), np.int64)
    return np.concatenate([[0], np.cumsum(lengths)]).astype("<u4").tobytes()


def _unwrap(geometry: np.ndarray) -> np.ndarray:
    """A multipolygon of one polygon as that polygon: shorter, and quicker to read."""
    single = shapely.get_num_geometries(geometry) == 1
    unwrapped = geometry.copy()
    unwrapped[single] = shapely.get_geometry(geometry[single], 0)
    return unwrapped


def cell_runs(geometry: np.ndarray) -> list[list[int]]:
    """The cells of CELL_M that polygons touch, as runs [row, first column, last column], from south-west."""
    bounds = shapely.total_bounds(geometry)
    west, south = (float((bound - MARGIN_M) // CELL_M) * CELL_M for bound in bounds[:2])
    nx = int((bounds[2] + MARGIN_M - west) // CELL_M) + 1
    shapely.prepare(geometry)
    owner, cells = _covered_cells(geometry, west, south, CELL_M, nx)
    _, touched, _ = _touching(
        geometry, owner, cells, west + (cells % nx) * CELL_M, south + (cells // nx) * CELL_M, CELL_M
    )
    touched = np.unique(touched)
    rows, columns = touched // nx + int(south // CELL_M), touched % nx + int(west // CELL_M)
    breaks = np.flatnonzero((np.diff(rows) != 0) | (np.diff(columns) != 1))
    firsts, lasts = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(touched) - 1]])
    return [[int(rows[a]), int(columns[a]), int(columns[b])] for a, b in zip(firsts, lasts, strict=True)]


def build_grid(geometry: np.ndarray) -> Grid:
    """A grid over polygons, of square cells, about four to a polygon and never fewer than a thousand.

    One with more than CROWDED candidates is cut into PARTS × PARTS, and so on, so that a dense town in a wide plan is
    as quick as a plan that is a town alone."""
    west, south, east, north = shapely.total_bounds(geometry) + np.array([-1, -1, 1, 1]) * MARGIN_M
    width, height = max(east - west, 1.0), max(north - south, 1.0)
    wanted = min(max(4 * len(geometry), 1024), 1 << 22)
    side = float(np.sqrt(width * height / wanted))
    nx, ny = int(width // side) + 1, int(height // side) + 1
    place = [float(west), float(south), side, nx, ny]
    shapely.prepare(geometry)
    # finer than two thirds of a common lot a cell is rarely crowded but at corners, where cutting helps no more
    finest = float(np.sqrt(np.median(shapely.area(geometry)))) / 1.5
    owner, cells = _covered_cells(geometry, west, south, side, nx)
    numbers = np.arange(nx * ny)  # of the cells of this level among all nodes
    x, y = west + (numbers % nx) * side, south + (numbers // nx) * side
    nodes = np.zeros(nx * ny, np.int64)
    items: list[np.ndarray] = [np.zeros(1, np.int64)]  # at 0: no candidates
    length = 1
    while len(owner):
        owner, cells, inside = _touching(geometry, owner, cells, x[cells], y[cells], side)
        counts = np.bincount(cells, minlength=len(numbers))
        crowded = (counts > CROWDED) & (side > finest)
        here = ~crowded[cells]
        lists, filled = _candidate_lists(owner[here], cells[here], inside[here], len(numbers), length)
        items.append(lists)
        length += len(lists)
        nodes[numbers] = filled
        parents = np.flatnonzero(crowded)
        nodes[numbers[parents]] = CUT | ((len(nodes) - nx * ny) // (PARTS * PARTS) + np.arange(len(parents)))
        # the next level: the parts of crowded cells, in the order of their parents
        rank = np.full(len(numbers), -1)
        rank[parents] = np.arange(len(parents))
        squares = np.arange(PARTS * PARTS)
        pairs = ~here
        owner = np.repeat(owner[pairs], PARTS * PARTS)
        cells = (rank[cells[pairs]][:, None] * PARTS * PARTS + squares).ravel()
        side /= PARTS
        x = (x[parents][:, None] + (squares % PARTS) * side).ravel()
        y = (y[parents][:, None] + (squares // PARTS) * side).ravel()
        numbers = len(nodes) + np.arange(len(parents) * PARTS * PARTS)
        nodes = np.concatenate([nodes, np.zeros(len(numbers), np.int64)])
    return Grid(place, nodes, np.concatenate(items))


def _candidate_lists(
    owner: np.ndarray, cells: np.ndarray, inside: np.ndarray, count: int, at: int
) -> tuple[np.ndarray, np.ndarray]:
    """What stands in the nodes of `count` cells (0: nothing there), and the lists, each led by its length, of those
    with several candidates. A single candidate stands in the node itself."""
    order = np.lexsort((owner, cells))
    marked = (owner[order].astype(np.int64) << 1) | inside[order]
    lengths = np.bincount(cells, minlength=count)
    nodes = np.zeros(count, np.int64)
    alone = lengths[cells[order]] == 1
    nodes[cells[order][alone]] = ALONE | marked[alone]
    several = np.flatnonzero(lengths > 1)
    heads = np.concatenate([[0], np.cumsum(lengths[several] + 1)])[:-1]
    lists = np.empty(int((lengths[several] + 1).sum()), np.int64)
    lists[heads] = lengths[several]
    body = np.ones(len(lists), bool)
    body[heads] = False
    lists[body] = marked[~alone]
    nodes[several] = at + heads
    return lists, nodes


def _touching(
    geometry: np.ndarray, owner: np.ndarray, cells: np.ndarray, x: np.ndarray, y: np.ndarray, side: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pairs (polygon, cell) that touch, and whether the cell, widened by MARGIN_M, lies wholly inside."""
    bounds = shapely.bounds(geometry)[owner]
    west, south, east, north = x - MARGIN_M, y - MARGIN_M, x + side + MARGIN_M, y + side + MARGIN_M
    near = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    owner, cells = owner[near], cells[near]
    boxes = shapely.box(west[near], south[near], east[near], north[near])
    touched = shapely.intersects(geometry[owner], boxes)
    owner, cells, boxes = owner[touched], cells[touched], boxes[touched]
    return owner, cells, shapely.contains_properly(geometry[owner], boxes)


def _covered_cells(
    geometry: np.ndarray, west: float, south: float, cell: float, nx: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (polygon, cell) by bounding box."""
    bounds = shapely.bounds(geometry)
    left = ((bounds[:, 0] - MARGIN_M - west) // cell).astype(np.int64)
    right = ((bounds[:, 2] + MARGIN_M - west) // cell).astype(np.int64)
    bottom = ((bounds[:, 1] - MARGIN_M - south) // cell).astype(np.int64)
    top = ((bounds[:, 3] + MARGIN_M - south) // cell).astype(np.int64)
    left, bottom = np.maximum(left, 0), np.maximum(bottom, 0)
    columns, rows = right - left + 1, top - bottom + 1
    count = columns * rows
    owner = np.repeat(np.arange(len(geometry)), count)
    rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    column = left[owner] + rank % columns[owner]
    row = bottom[owner] + rank // columns[owner]
    keep = column < nx
    return owner[keep], (row * nx + column)[keep]
