"""Polygons and points on the integer grid of vector tiles: all tiles of one zoom at once.

Web Mercator, the world as a square of side 1 with y down. At zoom z it measures 2**z * 4096 tile units. Vertices are
rounded to whole units before clipping, so neighbours that share a border share it in every tile.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from quyhoach.release.mvt import EXTENT, encode_varints, zigzag

BUFFER = 64  # tile units kept around a tile: 8 pixels where a tile is drawn 512 pixels wide
_MAX_LATITUDE = 85.0511287798066  # where the Mercator square ends

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Geometries = NDArray[np.object_]
ToLonLat = Callable[[Floats, Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Geometry of features by tile, sorted by tile and feature. `blob[begins[i]:ends[i]]` are its packed commands."""

    columns: Ints
    rows: Ints
    features: Ints  # place of the feature in the input
    blob: bytes
    begins: Ints
    ends: Ints


def mercator(geometries: Geometries, to_wgs84: ToLonLat) -> Geometries:
    """Geometries of any projected system as geometries of the Mercator square."""

    def project(xy: Floats) -> Floats:
        lon, lat = to_wgs84(xy[:, 0], xy[:, 1])
        return world(np.asarray(lon), np.asarray(lat))

    moved: Geometries = shapely.transform(geometries, project)
    return moved


def world(lon: Floats, lat: Floats) -> Floats:
    """Longitudes and latitudes in degrees as an (n, 2) array in the Mercator square."""
    phi = np.radians(np.clip(lat, -_MAX_LATITUDE, _MAX_LATITUDE))
    return np.stack(((lon + 180.0) / 360.0, 0.5 - np.arctanh(np.sin(phi)) / (2 * np.pi)), axis=-1)


def scale(geometries: Geometries, zoom: int) -> Geometries:
    """Geometries of the Mercator square in tile units of a zoom, not rounded yet."""
    side = float(EXTENT << zoom)
    scaled: Geometries = shapely.transform(geometries, lambda xy: xy * side)
    return scaled


def unscale(geometries: Geometries, zoom: int) -> Geometries:
    """The way back from `scale`."""
    side = float(EXTENT << zoom)
    moved: Geometries = shapely.transform(geometries, lambda xy: xy / side)
    return moved


def lonlat_bounds(boxes: Floats) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees of boxes (n, 4) in the Mercator square."""
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    north, south = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * np.array([top, bottom])))))
    return (float(left * 360 - 180), float(south), float(right * 360 - 180), float(north))


def tile_polygons(polygons: Geometries, *, least_area: float) -> Encoded:
    """(Multi)polygons in tile units, cut into tiles and encoded. Rings under `least_area` square units are left out."""
    rings = _clip_to_tiles(_rings(polygons))
    rings = _tidy(rings, least_area)
    return _encode_rings(rings)


def tile_lines(lines: Geometries) -> Encoded:
    """(Multi)line strings in tile units, cut into tiles and encoded."""
    pieces, columns, rows, features = _clip_lines(lines)
    flat = shapely.get_parts(pieces, return_index=True)
    parts, owner = flat[0], flat[1]
    is_line = shapely.get_type_id(parts) == 1
    parts, owner = parts[is_line], owner[is_line]
    xy, ring = shapely.get_coordinates(parts, return_index=True)
    columns, rows, features = columns[owner], rows[owner], features[owner]
    xy = np.rint(xy).astype(np.int64) - np.stack((columns, rows), 1)[ring] * EXTENT
    moved = np.ones(len(xy), bool)
    moved[1:] = (np.diff(xy, axis=0) != 0).any(1) | (np.diff(ring) != 0)
    xy, ring = xy[moved], ring[moved]
    long_enough = np.bincount(ring, minlength=len(parts)) >= 2
    xy, ring = xy[long_enough[ring]], ring[long_enough[ring]]
    kept = np.flatnonzero(long_enough)
    renumber = np.cumsum(long_enough) - 1
    paths = _Rings(xy.astype(float), renumber[ring], features[kept], np.zeros(len(kept), np.int64), kept < 0)
    return _encode_paths(paths, columns[kept], rows[kept], closed=False)


def tile_points(points: Floats) -> Encoded:
    """Points in tile units, each in the one tile that holds it. Points that are not finite are left out."""
    features = np.flatnonzero(np.isfinite(points).all(1))
    xy = np.rint(points[features]).astype(np.int64)
    tiles = xy // EXTENT
    order = np.lexsort((features, tiles[:, 1], tiles[:, 0]))
    xy, tiles, features = xy[order], tiles[order], features[order]
    local = zigzag(xy - tiles * EXTENT)
    commands = np.stack((np.full(len(local), 9, np.uint64), local[:, 0], local[:, 1]), 1).ravel()
    octets, offsets = encode_varints(commands)
    return Encoded(tiles[:, 0], tiles[:, 1], features, octets.tobytes(), offsets[:-1:3], offsets[3::3])


@dataclass(frozen=True, slots=True)
class _Rings:
    """Open rings, one behind the other: `ring` says to which ring a vertex belongs, the rest is by ring."""

    xy: Floats
    ring: Ints
    feature: Ints
    polygon: Ints
    hole: Flags

    def take(self, which: Ints) -> "_Rings":
        """The rings named, in that order and as often as named."""
        counts = np.bincount(self.ring, minlength=len(self.feature))
        begins = np.cumsum(counts) - counts
        taken = counts[which]
        ring = np.repeat(np.arange(len(which)), taken)
        at = np.arange(len(ring)) - (np.cumsum(taken) - taken)[ring] + begins[which][ring]
        return _Rings(self.xy[at], ring, self.feature[which], self.polygon[which], self.hole[which])

    def drop_empty(self) -> tuple["_Rings", Ints]:
        """Without rings of fewer than three vertices, and which rings stayed."""
        counts = np.bincount(self.ring, minlength=len(self.feature))
        stay = counts >= 3
        kept, vertices = np.flatnonzero(stay), stay[self.ring]
        ring = (np.cumsum(stay) - 1)[self.ring[vertices]]
        return _Rings(self.xy[vertices], ring, self.feature[kept], self.polygon[kept], self.hole[kept]), kept


def _rings(polygons: Geometries) -> _Rings:
    parts, feature = shapely.get_parts(polygons, return_index=True)
    solid = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)
    # Tiles want outer rings clockwise on screen; y runs down, so that is anticlockwise by the formula.
    parts, feature = shapely.orient_polygons(parts[solid], exterior_cw=False), feature[solid]
    rings, polygon = shapely.get_rings(parts, return_index=True)
    hole = np.zeros(len(rings), bool)
    hole[1:] = polygon[1:] == polygon[:-1]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    closing = np.ones(len(xy), bool)
    closing[:-1] = ring[1:] != ring[:-1]
    made = _Rings(np.rint(xy[~closing]), ring[~closing], feature[polygon], polygon, hole)
    return made.drop_empty()[0]


@dataclass(frozen=True, slots=True)
class _Tiled:
    rings: _Rings
    columns: Ints
    rows: Ints


def _clip_to_tiles(rings: _Rings) -> _Tiled:
    """Each ring in each tile it touches: columns first, then the rows of each strip, so long rings stay cheap."""
    rings, columns, _ = _clip_strips(rings, 0)
    rings, rows, kept = _clip_strips(rings, 1)
    columns = columns[kept]
    order = np.lexsort((np.arange(len(rows)), rings.polygon, rings.feature, rows, columns))
    return _Tiled(rings.take(order), columns[order], rows[order])


def _clip_strips(rings: _Rings, axis: int) -> tuple[_Rings, Ints, Ints]:
    """Rings cut into strips of one tile's width with its buffer; each strip's number and the ring it came from."""
    if not len(rings.feature):
        return rings, np.empty(0, np.int64), np.empty(0, np.int64)
    begins = np.flatnonzero(np.diff(rings.ring, prepend=-1))
    low = np.minimum.reduceat(rings.xy[:, axis], begins)
    high = np.maximum.reduceat(rings.xy[:, axis], begins)
    first = ((low - BUFFER) // EXTENT).astype(np.int64)
    counts = ((high + BUFFER) // EXTENT).astype(np.int64) - first + 1
    source = np.repeat(np.arange(len(first)), counts)
    strip = first[source] + np.arange(len(source)) - (np.cumsum(counts) - counts)[source]
    near, far = strip * EXTENT - BUFFER, (strip + 1) * EXTENT + BUFFER
    cut = (low[source] < near) | (high[source] > far)
    whole, parts = rings.take(source[~cut]), rings.take(source[cut])
    parts = _half_plane(parts, axis, near[cut].astype(float), 1.0)
    parts = _half_plane(parts, axis, far[cut].astype(float), -1.0)
    both = _Rings(
        np.concatenate((whole.xy, parts.xy)),
        np.concatenate((whole.ring, parts.ring + len(whole.feature))),
        np.concatenate((whole.feature, parts.feature)),
        np.concatenate((whole.polygon, parts.polygon)),
        np.concatenate((whole.hole, parts.hole)),
    )
    order = np.argsort(np.concatenate((np.flatnonzero(~cut), np.flatnonzero(cut))), kind="stable")
    both, kept = both.take(order).drop_empty()
    return both, strip[kept], source[kept]


def _half_plane(rings: _Rings, axis: int, bound: Floats, sign: float) -> _Rings:
    """Sutherland and Hodgman's step for all rings at once: what lies on the side `sign` of each ring's bound."""
    count = len(rings.ring)
    if not count:
        return rings
    begins = np.flatnonzero(np.diff(rings.ring, prepend=-1))
    after = np.arange(1, count + 1)
    after[np.append(begins[1:], count) - 1] = begins
    edge = bound[rings.ring]
    distance = sign * (rings.xy[:, axis] - edge)
    inside = distance >= 0
    crossing = inside != inside[after]
    width = inside.astype(np.int64) + crossing
    places = np.cumsum(width) - width
    xy = np.empty((int(width.sum()), 2))
    xy[places[inside]] = rings.xy[inside]
    at = np.flatnonzero(crossing)
    share = distance[at] / (distance[at] - distance[after[at]])
    other = 1 - axis
    start, end = rings.xy[at, other], rings.xy[after[at], other]
    met = np.empty((len(at), 2))
    met[:, axis] = edge[at]
    met[:, other] = np.rint(start + share * (end - start))
    xy[places[at] + inside[at]] = met
    return _Rings(xy, np.repeat(rings.ring, width), rings.feature, rings.polygon, rings.hole)


def _tidy(tiled: _Tiled, least_area: float) -> _Tiled:
    """Without repeated and straight-through vertices, without rings that lost their area or turned inside out."""
    rings = tiled.rings
    while len(rings.ring):  # taking out a spike's tip brings two equal vertices together, so more than once
        back, ahead = _neighbours(rings.ring)
        ahead_step = rings.xy[ahead] - rings.xy
        back_step = ahead_step[back]
        cross = back_step[:, 0] * ahead_step[:, 1] - back_step[:, 1] * ahead_step[:, 0]
        # A repeated vertex makes the corner before it look straight: first only drop repeats.
        repeated = (ahead_step == 0).all(1)
        beside = repeated[back] | repeated
        keep = ~repeated & (beside | (cross != 0))
        if keep.all():
            break
        rings = _Rings(rings.xy[keep], rings.ring[keep], rings.feature, rings.polygon, rings.hole)
    area = _areas(rings)
    area = np.where(rings.hole, -area, area)
    enough = (area > 0) & (area >= least_area)
    # A polygon stands with its outer ring; one whose holes eat it up is not in this tile.
    tile = np.cumsum(_changes(tiled.columns, tiled.rows, rings.polygon)) - 1
    if len(tile):
        tiles = int(tile[-1]) + 1
        outer = np.bincount(tile, weights=np.where(~rings.hole & enough, area, 0), minlength=tiles)
        holes = np.bincount(tile, weights=np.where(rings.hole & enough, area, 0), minlength=tiles)
        enough &= (outer > 0)[tile] & (holes < outer)[tile]
    kept = np.flatnonzero(enough)
    return _Tiled(rings.take(kept), tiled.columns[kept], tiled.rows[kept])


def _neighbours(ring: Ints) -> tuple[Ints, Ints]:
    """For each vertex the place of the one before and the one after it in its ring."""
    count = len(ring)
    begins = np.flatnonzero(np.diff(ring, prepend=-1))
    ends = np.append(begins[1:], count) - 1
    back, ahead = np.arange(-1, count - 1), np.arange(1, count + 1)
    back[begins], ahead[ends] = ends, begins
    return back, ahead


def _areas(rings: _Rings) -> Floats:
    """Signed areas; positive is anticlockwise by the formula, clockwise on screen."""
    if not len(rings.ring):
        return np.zeros(len(rings.feature))
    _, ahead = _neighbours(rings.ring)
    first = rings.xy[np.searchsorted(rings.ring, rings.ring)]  # near the origin, so that products stay exact
    here, there = rings.xy - first, rings.xy[ahead] - first
    twice = here[:, 0] * there[:, 1] - here[:, 1] * there[:, 0]
    return np.bincount(rings.ring, weights=twice, minlength=len(rings.feature)) / 2


def _changes(*columns: Ints) -> Flags:
    """Where a row differs in any column from the row before it; the first row does."""
    changed = np.zeros(len(columns[0]), bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def _encode_rings(tiled: _Tiled) -> Encoded:
    origin = np.stack((tiled.columns, tiled.rows), 1) * EXTENT
    local = tiled.rings.xy - origin[tiled.rings.ring]
    rings = _Rings(local, tiled.rings.ring, tiled.rings.feature, tiled.rings.polygon, tiled.rings.hole)
    return _encode_paths(rings, tiled.columns, tiled.rows, closed=True)


def _encode_paths(paths: _Rings, columns: Ints, rows: Ints, *, closed: bool) -> Encoded:
    """Move, line and close commands of all paths; the cursor starts at 0, 0 with each feature of each tile."""
    count = len(paths.feature)
    xy = paths.xy.astype(np.int64)
    sizes = np.bincount(paths.ring, minlength=count)
    begins = np.cumsum(sizes) - sizes
    starts_feature = _changes(columns, rows, paths.feature)
    step = xy.copy()
    step[1:] -= xy[:-1]
    step[begins[starts_feature]] = xy[begins[starts_feature]]
    steps = zigzag(step)
    # A path of n vertices: MoveTo, x, y, LineTo × (n - 1), x, y, …, ClosePath
    extra = 3 if closed else 2
    heads = np.cumsum(2 * sizes + extra) - (2 * sizes + extra)
    commands = np.empty(int((2 * sizes + extra).sum()), np.uint64)
    at = np.arange(len(xy)) - begins[paths.ring]
    places = heads[paths.ring] + 1 + 2 * at + (at > 0)
    commands[places], commands[places + 1] = steps[:, 0], steps[:, 1]
    commands[heads] = 9
    commands[heads + 3] = ((sizes - 1) << 3 | 2).astype(np.uint64)
    if closed:
        commands[heads + 2 * sizes + 2] = 15
    octets, offsets = encode_varints(commands)
    first = np.flatnonzero(starts_feature)
    feature_heads = np.append(heads[first], len(commands))
    return Encoded(
        columns[first],
        rows[first],
        paths.feature[first],
        octets.tobytes(),
        offsets[feature_heads[:-1]],
        offsets[feature_heads[1:]],
    )


def _clip_lines(lines: Geometries) -> tuple[Geometries, Ints, Ints, Ints]:
    """Pieces of lines by tile, sorted by tile and line, and their column, row and line."""
    bounds = shapely.bounds(lines)
    feature = np.flatnonzero(np.isfinite(bounds).all(1))
    pieces = lines[feature]
    strips: list[Ints] = []
    for axis in (0, 1):
        bounds = shapely.bounds(pieces)
        first = ((bounds[:, axis] - BUFFER) // EXTENT).astype(np.int64)
        counts = ((bounds[:, axis + 2] + BUFFER) // EXTENT).astype(np.int64) - first + 1
        source = np.repeat(np.arange(len(first)), counts)
        strip = first[source] + np.arange(len(source)) - (np.cumsum(counts) - counts)[source]
        near, far = strip * EXTENT - BUFFER, (strip + 1) * EXTENT + BUFFER
        wide = bounds[source]
        box = [wide[:, 0] - 1, wide[:, 1] - 1, wide[:, 2] + 1, wide[:, 3] + 1]
        box[axis], box[axis + 2] = near, far
        pieces = pieces[source]
        cut = (wide[:, axis] < near) | (wide[:, axis + 2] > far)
        pieces[cut] = shapely.intersection(pieces[cut], shapely.box(*(side[cut] for side in box)))
        stay = ~shapely.is_empty(pieces)
        pieces, feature = pieces[stay], feature[source[stay]]
        strips = [before[source[stay]] for before in strips] + [strip[stay]]
    columns, rows = strips
    order = np.lexsort((feature, rows, columns))
    return pieces[order], columns[order], rows[order], feature[order]
