"""Vector tiles of one plan version (docs/reference/schemas.md §3.1), cut with settings that depend on that plan alone.

So the tiles of a release are the merged archives of its versions, and building all of them equals building the
changed one. Lots are simplified as a coverage: neighbours keep their common border.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.plan import Status
from quyhoach.domain.zone import VersionContent
from quyhoach.release import tile_geometry as tg
from quyhoach.release.label_points import label_points
from quyhoach.release.mvt import (
    LINE,
    POINT,
    POLYGON,
    Value,
    encode_feature,
    encode_part,
    encode_value,
    encode_varints,
)
from quyhoach.release.shapes import polygonal, shape_array
from quyhoach.release.tile_archive import Bounds, LayerInfo, Part, write_archive
from quyhoach.standard import Standard

ZOOM_MAX = 15
_OUTLINES = (6, ZOOM_MAX)
_RESTRICTIONS = (10, ZOOM_MAX)
_LINES = (12, ZOOM_MAX)
_PARCELS = (14, ZOOM_MAX)
_UNITS = (6, ZOOM_MAX)
# Tile units; 8 are a pixel where a tile is drawn 512 pixels wide. The deepest zoom of a layer is not simplified.
_TOLERANCE = 3.0
_LEAST_AREA = 4.0  # square units: a sixteenth of a pixel
_LEAST_WIDTH = 16.0  # where half of the lots are narrower (two pixels), lots of one function are drawn as one

Row = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Source:
    """One layer to cut: geometry in the Mercator square, one row of attributes for each."""

    layer: str
    kind: int  # POINT, LINE or POLYGON
    geometries: tg.Geometries
    rows: Sequence[Row]
    zooms: tuple[int, int]
    coverage: bool = False  # neighbours share borders: simplify them together
    merge_without: frozenset[str] = frozenset()  # attributes given up where features are drawn as one; empty: never


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative unit to draw; the polygon is in the province's CRS."""

    code: str
    name: str
    geometry: BaseGeometry


def cut_version_tiles(
    content: VersionContent, standard: Standard, to_wgs84: Transformer | tg.ToLonLat, out: Path
) -> None:
    """Cut one version's tiles into an archive that `merge_tiles` reads. Single-threaded; equal input, equal bytes.

    `to_wgs84` turns arrays of E, N in the province's CRS into arrays of lon, lat: a Transformer with
    `always_xy=True` or a function.
    """
    sources = _version_sources(content, standard, _vectorised(to_wgs84))
    _write(out, content.version.version_id, sources)


def cut_unit_tiles(units: Sequence[Unit], to_wgs84: Transformer | tg.ToLonLat, out: Path) -> None:
    """Cut the layer `units` into an archive of its own."""
    ordered = sorted(units, key=lambda unit: (unit.code, unit.name))
    geometries = tg.mercator(polygonal([unit.geometry for unit in ordered]), _vectorised(to_wgs84))
    rows = [{"code": unit.code, "name": unit.name} for unit in ordered]
    _write(out, "units", [Source("units", POLYGON, geometries, rows, _UNITS, coverage=True)])


def _version_sources(content: VersionContent, standard: Standard, to_wgs84: tg.ToLonLat) -> list[Source]:
    plan, version = content.plan, content.version
    base: dict[str, Value | None] = {"plan": plan.plan_id, "v": version.number}
    state: dict[str, Value | None] = {
        "vf": content.valid_from,
        "vt": content.valid_to,
        "st": "pending" if version.status is Status.PENDING else "in_force",
    }
    sources = []

    def add(
        layer: str, kind: int, items: Sequence[Any], rows: list[Row], zooms: tuple[int, int], coverage: bool = False
    ) -> None:
        if items:
            shapes = polygonal if kind == POLYGON else shape_array
            geometries = tg.mercator(shapes([item.geometry for item in items]), to_wgs84)
            sources.append(Source(layer, kind, geometries, rows, zooms, coverage))

    if content.outline is not None:
        name: dict[str, Value | None] = {
            "name": plan.name["vi"],
            "kind": plan.kind,
            "digitised": int(content.digitised),
        }
        geometries = tg.mercator(polygonal([content.outline]), to_wgs84)
        sources.append(Source("outlines", POLYGON, geometries, [{**base, **name, **state}], _OUTLINES))
    if content.zones:
        sources += _zone_sources(content, standard, to_wgs84, {**base, "kind": plan.kind}, state)
    rows: list[Row] = [
        {"id": item.restriction_id, **base, "theme": item.theme, "name": item.name, **state}
        for item in content.restrictions
    ]
    add("restrictions", POLYGON, content.restrictions, rows, _RESTRICTIONS)
    rows = [{"cls": item.class_name, **base, "name": item.name, **state} for item in content.lines]
    add("lines", LINE, content.lines, rows, _LINES)
    rows = [{"sheet": item.sheet, "lot": item.lot, "commune": item.commune} for item in content.parcels]
    add("parcels", POLYGON, content.parcels, rows, _PARCELS, True)
    return sources


def _zone_sources(
    content: VersionContent, standard: Standard, to_wgs84: tg.ToLonLat, base: Row, state: Row
) -> list[Source]:
    """The lots, and at their last two zooms the points where their labels are written."""
    zone_rows: list[Row] = []
    label_rows: list[Row] = []
    for zone in content.zones:
        use = standard.land_use.get(zone.function.casefold()) if zone.function else None
        # A lot may begin later or end earlier than its version: a local adjustment replaced it.
        valid = {
            **state,
            "vf": zone.valid_from or content.valid_from,
            "vt": min(zone.valid_to, content.valid_to),
        }
        seen = {"label": zone.label, "fn": zone.function}
        zone_rows.append({"id": zone.zone_id, **base, **seen, "grp": use.group if use else None, **valid})
        label_rows.append({**seen, **base, **valid})
    row = standard.plan_kinds[content.plan.kind]
    zooms = (row.zoom_min, min(row.zoom_max, ZOOM_MAX))
    lots = polygonal([zone.geometry for zone in content.zones])
    points = np.asarray(shapely.points(label_points(lots)), object)
    written = np.array([bool(row["label"]) for row in label_rows]) & ~shapely.is_empty(points)
    return [
        Source("zones", POLYGON, tg.mercator(lots, to_wgs84), zone_rows, zooms, True, frozenset({"id", "label"})),
        Source(
            "zone_labels",
            POINT,
            tg.mercator(points[written], to_wgs84),
            [row for row, shown in zip(label_rows, written, strict=True) if shown],
            (max(zooms[0], zooms[1] - 1), zooms[1]),
        ),
    ]


def _write(out: Path, name: str, sources: Sequence[Source]) -> None:
    layers = {source.layer: LayerInfo(_field_kinds(source.rows), *source.zooms) for source in sources}
    parts = [part for source in sources for part in cut(source)]
    write_archive(out, name=name, layers=layers, bounds=_bounds(sources), parts=parts)


def cut(source: Source) -> Iterator[Part]:
    """All parts of one layer at all its zooms; from the deepest zoom up, each simplified from the one below."""
    table, geometries, merged = _Table.of(source.rows), source.geometries, False
    for zoom in range(source.zooms[1], source.zooms[0] - 1, -1):
        deepest = zoom == source.zooms[1]
        scaled = tg.scale(geometries, zoom)
        if source.kind == POINT:
            encoded = tg.tile_points(_point_coordinates(scaled))
        else:
            if not deepest:
                scaled = _simplify(scaled, source)
                if source.merge_without and not merged and _too_narrow(scaled):
                    scaled, rows = _merge_alike(scaled, source)
                    table, merged = _Table.of(rows), True
                geometries = tg.unscale(scaled, zoom)
            if source.kind == LINE:
                encoded = tg.tile_lines(scaled)
            else:
                encoded = tg.tile_polygons(scaled, least_area=0.0 if deepest else _LEAST_AREA)
        yield from _parts(source, zoom, encoded, table)


def _simplify(geometries: tg.Geometries, source: Source) -> tg.Geometries:
    if source.coverage:
        simplified: tg.Geometries = shapely.coverage_simplify(geometries, _TOLERANCE)
    else:
        simplified = shapely.simplify(geometries, _TOLERANCE / 2, preserve_topology=True)
    return simplified


def _too_narrow(polygons: tg.Geometries) -> bool:
    return float(np.sqrt(np.median(shapely.area(polygons)))) < _LEAST_WIDTH


def _merge_alike(polygons: tg.Geometries, source: Source) -> tuple[tg.Geometries, list[Row]]:
    """Polygons that differ only in `merge_without` as one: what is too small to tell apart stays light to load."""
    groups: dict[tuple[tuple[str, Value | None], ...], list[int]] = {}
    for place, row in enumerate(source.rows):
        groups.setdefault(tuple((k, v) for k, v in row.items() if k not in source.merge_without), []).append(place)
    return polygonal([_union(polygons[places]) for places in groups.values()]), [dict(group) for group in groups]


def _union(polygons: tg.Geometries) -> BaseGeometry:
    try:
        return shapely.coverage_union_all(polygons)
    except shapely.errors.GEOSException:  # lots that overlap are no coverage
        return shapely.union_all(shapely.make_valid(polygons))


@dataclass(frozen=True, slots=True)
class _Table:
    """Attributes of a layer: distinct values, and for each feature the place of its value of each key, or -1."""

    keys: tuple[str, ...]
    values: tuple[bytes, ...]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "_Table":
        keys = tuple(dict.fromkeys(key for row in rows for key in row))
        known: dict[bytes, int] = {}
        encoded: dict[Value, bytes] = {}
        places = np.full((len(rows), len(keys)), -1, np.int64)
        for at, row in enumerate(rows):
            for column, key in enumerate(keys):
                value = row.get(key)
                if value is None or value == "":
                    continue
                data = encoded.get(value)
                if data is None:
                    data = encoded[value] = encode_value(value)
                places[at, column] = known.setdefault(data, len(known))
        return cls(keys, tuple(known), places)


def _parts(source: Source, zoom: int, encoded: tg.Encoded, table: _Table) -> Iterator[Part]:
    """One part for each tile: values numbered anew within it, features in their order."""
    if not len(encoded.features):
        return
    columns, rows = encoded.columns, encoded.rows
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 1) | np.diff(rows, prepend=rows[0]))
    tile = np.zeros(len(columns), np.int64)
    tile[starts[1:]] = 1
    tile = np.cumsum(tile)
    places = table.places[encoded.features]
    present = places >= 0
    pairs, local = np.unique(tile[:, None] * len(table.values) + np.where(present, places, 0), return_inverse=True)
    first = np.searchsorted(pairs, np.arange(len(starts) + 1) * len(table.values))
    local = local.reshape(places.shape) - first[tile][:, None]
    tags = np.stack((np.broadcast_to(np.arange(len(table.keys)), places.shape), local), -1)[present].ravel()
    octets, offsets = encode_varints(tags.astype(np.uint64))
    ends = offsets[2 * np.cumsum(present.sum(axis=1))].tolist()
    begins = [0, *ends[:-1]]
    blob, geometry = octets.tobytes(), encoded.blob
    spans = list(zip(begins, ends, encoded.begins.tolist(), encoded.ends.tolist(), strict=True))
    used = (pairs % len(table.values)).tolist()
    limits = [*starts.tolist(), len(spans)]
    for number, (x, y) in enumerate(zip(columns[starts].tolist(), rows[starts].tolist(), strict=True)):
        if not (0 <= x < 1 << zoom and 0 <= y < 1 << zoom):
            continue
        features = [
            encode_feature(source.kind, blob[a:b], geometry[c:d])
            for a, b, c, d in spans[limits[number] : limits[number + 1]]
        ]
        values = [table.values[place] for place in used[first[number] : first[number + 1]]]
        yield Part(zoom, x, y, source.layer, encode_part(source.layer, table.keys, values, features))


def _field_kinds(rows: Sequence[Row]) -> dict[str, str]:
    kinds = {}
    for row in rows[:1]:
        for key, value in row.items():
            kinds[key] = "Number" if isinstance(value, int | float) else "String"
    return kinds


def _bounds(sources: Sequence[Source]) -> Bounds | None:
    boxes = [shapely.total_bounds(source.geometries) for source in sources if len(source.geometries)]
    known = [box for box in boxes if np.isfinite(box).all()]
    if not known:
        return None
    west, south, east, north = tg.lonlat_bounds(np.array(known))
    return (round(west, 7), round(south, 7), round(east, 7), round(north, 7))


def _point_coordinates(points: tg.Geometries) -> tg.Floats:
    return np.stack((shapely.get_x(points), shapely.get_y(points)), axis=-1)


def _vectorised(to_wgs84: Transformer | tg.ToLonLat) -> tg.ToLonLat:
    if isinstance(to_wgs84, Transformer):
        transform = to_wgs84.transform
        return lambda east, north: transform(east, north)
    return to_wgs84
