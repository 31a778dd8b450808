"""Draws one town's general plan from its specification: streets, blocks, lots, river, hills, hamlets."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.arrange import Lot, Patch, arrange
from quyhoach.demo.frame import GRID, Frame, blob, spine, wave
from quyhoach.demo.grid import Cell, Street, cut_blocks, draw_grid
from quyhoach.demo.specs import Lane, Strip, TownSpec
from quyhoach.demo.terrain import Land, background

CRS = "EPSG:9215"


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """A drawn town: its coverage of lots, its outline, its roads and the blocks they were cut from."""

    spec: TownSpec
    frame: Frame
    outline: Polygon
    lots: list[Lot]
    streets: list[Street]
    cells: list[Cell] = field(default_factory=list)
    river: BaseGeometry | None = None


def to_grid(lon: float, lat: float) -> tuple[float, float]:
    """E, N in the province's CRS of a WGS 84 place."""
    east, north = Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(lon, lat)
    return float(east), float(north)


def town_frame(spec: TownSpec) -> Frame:
    """The axes of a town."""
    east, north = to_grid(*spec.centre)
    return spine([(east + x, north + y) for x, y in spec.controls], origin=(east, north))


def draw_town(spec: TownSpec, seed: int) -> Town:
    """Draw the town; the same specification and seed give the same coordinates."""

    def rng(part: str) -> Random:
        return Random(f"{seed}/{spec.id}/{spec.bends}/{part}")

    frame = town_frame(spec)
    outline = _outline(spec, frame, rng("outline"))
    cells: list[Cell] = []
    streets: list[Street] = []
    river_line, river = _river(spec, frame, rng("river"))
    for quarter in spec.quarters:
        found, roads = draw_grid(quarter, frame, rng(f"grid/{quarter.id}"))
        cells += found
        streets += roads
    streets = _named(streets, spec)
    streets = [*_strips(spec, frame, rng("highway")), *streets, *(_lane(lane, frame) for lane in spec.lanes)]
    blocks = cut_blocks(spec, cells, frame, rng("blocks"))
    sites = [
        (
            site.below,
            _site(
                site.use, site.name, frame, site.s, site.t, site.radius, site.stretch, rng(f"site/{site.name}/{site.s}")
            ),
        )
        for site in spec.sites
    ]
    patches = [
        *road_patches(streets),
        *_railway(spec, frame, rng("railway")),
        Patch(river, "river", name=spec.river.name, whole=True),
        *(patch for below, patch in sites if not below),
        *_banks(spec, river_line, frame),
        *blocks,
        *(patch for lane in spec.lanes for patch in _hamlets(lane, frame, rng(f"hamlets/{lane.name}"))),
        *_rail_green(spec, frame, rng("railway")),
        *(patch for below, patch in sites if below),
        *background(_land(spec), frame, rng("background")),
    ]
    lots = arrange(patches, outline)
    return Town(spec, frame, outline, lots, clipped(streets, outline), cells, river)


def _outline(spec: TownSpec, frame: Frame, rng: Random) -> Polygon:
    """A rounded rectangle in (s, t) with a natural border."""
    theta = np.linspace(0, 2 * math.pi, 240, endpoint=False)
    wobble = 1 + sum(
        0.05 / k**0.55 * rng.uniform(0.5, 1) * np.sin((k + 1) * theta + rng.uniform(0, 6.28)) for k in range(1, 15)
    )
    cos, sin = np.cos(theta), np.sin(theta)
    exponent = 0.62
    u = np.sign(cos) * np.abs(cos) ** exponent * wobble
    v = np.sign(sin) * np.abs(sin) ** exponent * wobble
    s = (spec.reach[0] + spec.reach[1]) / 2 + (spec.reach[1] - spec.reach[0]) / 2 * u
    t = (spec.flanks[0] + spec.flanks[1]) / 2 + (spec.flanks[1] - spec.flanks[0]) / 2 * v
    shape = Polygon(frame.at(s, t)).buffer(0)
    largest: Polygon = max(shapely.get_parts(shape), key=lambda part: part.area)
    return Polygon(shapely.get_coordinates(shapely.set_precision(largest.exterior, GRID)))


def _strip_line(strip: Strip, spec: TownSpec, frame: Frame, rng: Random) -> LineString:
    s = np.arange(spec.reach[0] - 900, spec.reach[1] + 900, 30.0)
    bend = wave(rng, strip.amplitude, strip.wavelength)
    return LineString(frame.at(s, strip.t + bend(s)))


def _river(spec: TownSpec, frame: Frame, rng: Random) -> tuple[LineString, BaseGeometry]:
    """The river's axis, and its water: a strip of changing width."""
    strip = spec.river
    s = np.arange(spec.reach[0] - 900, spec.reach[1] + 900, 30.0)
    bend, breadth = wave(rng, strip.amplitude, strip.wavelength), wave(rng, strip.width * 0.16, 900)
    axis, half = strip.t + bend(s), (strip.width + breadth(s)) / 2
    left, right = frame.at(s, axis + half), frame.at(s, axis - half)
    water = Polygon(np.vstack([left, right[::-1]])).buffer(0)
    return LineString(frame.at(s, axis)), water


def _banks(spec: TownSpec, axis: LineString, frame: Frame) -> list[Patch]:
    """Green on both banks: a promenade where the town is, reserved green beyond."""
    band = axis.buffer(spec.river.width / 2 + spec.bank, cap_style="flat", quad_segs=3)
    patches = []
    towards = [quarter for quarter in spec.quarters if quarter.use != "industry"]
    low, high = min(q.s[0] for q in towards), max(q.s[1] for q in towards)
    stations = np.arange(low, high + 1, 380.0)
    for a, b in pairwise(stations):
        part = frame.quad(a, b, spec.river.t - 320, spec.river.t + 320)
        patches.append(Patch(shapely.intersection(band, part), "park", name="Công viên ven sông", least=900.0))
    patches.append(Patch(band, "limited_green", name="Hành lang bảo vệ nguồn nước", least=900.0))
    return patches


def _railway(spec: TownSpec, frame: Frame, rng: Random) -> list[Patch]:
    if spec.railway is None:
        return []
    line = _strip_line(spec.railway, spec, frame, rng)
    shape = line.buffer(spec.railway.width / 2, cap_style="flat", join_style="mitre")
    return [Patch(shape, "rail", name=spec.railway.name, whole=True)]


def _rail_green(spec: TownSpec, frame: Frame, rng: Random) -> list[Patch]:
    """Reserved green along the railway, as far as the streets and blocks leave room."""
    if spec.railway is None:
        return []
    shape = _strip_line(spec.railway, spec, frame, rng).buffer(spec.railway.width / 2 + 42, cap_style="flat")
    return [Patch(shape, "special_green", name="Cây xanh cách ly đường sắt", least=700.0)]


def _strips(spec: TownSpec, frame: Frame, rng: Random) -> list[Street]:
    return [
        Street(strip.name, strip.width, _strip_line(strip, spec, frame, rng), "road_national", 0)
        for strip in spec.highways
    ]


def _lane(lane: Lane, frame: Frame) -> Street:
    curve = smooth_line([(float(x), float(y)) for x, y in frame.at(*np.array(lane.places, float).T)])
    rank = 0 if lane.use == "road_national" else 1 if lane.width > 16 else 2
    return Street(lane.name, lane.width, curve, lane.use, rank)


def smooth_line(places: list[tuple[float, float]]) -> LineString:
    """Corner cutting (Chaikin), three times: a road drawn by hand."""
    points = np.array(places)
    for _ in range(3):
        near, far = points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75
        points = np.vstack([points[:1], np.column_stack([near, far]).reshape(-1, 2), points[-1:]])
    return LineString(shapely.get_coordinates(LineString(points).simplify(0.8)))


def _named(streets: list[Street], spec: TownSpec) -> list[Street]:
    """Give names to the unnamed: first those of the town's list, then numbers."""
    names, number, result = list(spec.streets), 0, []
    for street in streets:
        name = street.name
        if not name and names and street.line.length > 250:
            name = names.pop(0)
        if not name:
            number += 1
            name = f"Đường quy hoạch số {number}"
        result.append(Street(name, street.width, street.line, street.use, street.rank))
    return result


def road_patches(streets: list[Street]) -> list[Patch]:
    """Streets as lots, the higher above the lower, with their corners cut (vạt góc)."""
    order = sorted(range(len(streets)), key=lambda i: (streets[i].rank, i))
    shapes = {
        i: streets[i].line.buffer(streets[i].width / 2, cap_style="flat", join_style="mitre", mitre_limit=2.0)
        for i in order
    }
    patches = [Patch(shapes[i], streets[i].use, name=streets[i].name, whole=True) for i in order]
    union = shapely.union_all([shapes[i] for i in order])
    corners = union.buffer(5, quad_segs=1, join_style="bevel").buffer(-5, quad_segs=2).difference(union)
    # Small enough to be taken by the street beside them.
    patches += [Patch(part, "road_corner", least=1e6) for part in shapely.get_parts(corners) if 2 < part.area < 90]
    return patches


def _site(use: str, name: str, frame: Frame, s: float, t: float, radius: float, stretch: float, rng: Random) -> Patch:
    centre, ahead = frame.at([s, s + 10], [t, t])
    angle = math.atan2(*(ahead - centre)[::-1])
    rough = 0.10 if use in ("defence", "security", "utility", "cemetery", "training") else 0.2
    shape: BaseGeometry = blob(rng, centre, radius, stretch=stretch**0.5, angle=angle, rough=rough)
    if use in ("defence", "utility", "training", "industry"):
        shape = shape.simplify(radius * 0.12)
    return Patch(shape, use, name=name, least=400.0)


def _hamlets(lane: Lane, frame: Frame, rng: Random) -> list[Patch]:
    """Houses on both sides of a lane, between the stations given, in plots of 60 to 160 m."""
    road = _lane(lane, frame).line
    coords = shapely.get_coordinates(road)
    axes = spine(
        [(float(x), float(y)) for x, y in coords], origin=(float(coords[0, 0]), float(coords[0, 1])), reach=200
    )
    patches = []
    for begin, end in lane.hamlets:
        for side in (-1, 1):
            s, depth = begin + rng.uniform(0, 40), rng.uniform(50, 85)
            while s < end - 60:
                length, further = rng.uniform(90, 200), rng.uniform(45, 95)
                if rng.random() < 0.88:
                    half = (depth + further) / 2 * rng.uniform(0.9, 1.15)
                    places = [s, s + length, s + length, s + length / 2, s]
                    shape = axes.area(places, [0, 0, side * further, side * half, side * depth])
                    if shape.is_valid:
                        patches.append(Patch(shape, "village", name=f"Làng xóm ven {lane.name}", least=700.0))
                s, depth = s + length, further
    return patches


def _land(spec: TownSpec) -> Land:
    far = max(abs(spec.flanks[0]), abs(spec.flanks[1])) + 900
    return Land(spec.reach, far, spec.foot, spec.ridge, spec.cuts)


def clipped(streets: list[Street], outline: Polygon) -> list[Street]:
    clipped = [Street(s.name, s.width, shapely.intersection(s.line, outline), s.use, s.rank) for s in streets]
    return [street for street in clipped if street.line.length > 5]
