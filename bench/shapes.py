"""The ground of the bench: a gap-free tessellation like a province (dense towns, wide country) and what lies on it.

Pure and deterministic: same arguments, same coordinates. Units are metres in the province's CRS (E, N), rounded to
0.1 mm as plan packages are.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

Points: TypeAlias = npt.NDArray[np.float64]
Shapes: TypeAlias = npt.NDArray[np.object_]
Box: TypeAlias = tuple[float, float, float, float]

TOWNS = 40
TOWN_SHARE = 0.6  # of all zones
TOWN_SPACING = 38.0  # metres between the centres of town lots
LARGEST_TOWN = 0.08  # of all town lots
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Ground:
    """Zones of the land (index-aligned): the polygon, the seed it grew from, whether it lies in a town."""

    polygons: Shapes
    seeds: Points
    in_town: npt.NDArray[np.bool_]


def tessellate(rng: np.random.Generator, count: int, box: Box) -> Ground:
    """`count` zones that fill `box` without gap or overlap."""
    seeds, in_town = _seeds(rng, count, box)
    return Ground(roughen(cells(seeds, box), box), seeds, in_town)


def _seeds(rng: np.random.Generator, count: int, box: Box) -> tuple[Points, npt.NDArray[np.bool_]]:
    """Town lots on jittered, turned grids; the rest on one wide jittered grid outside the towns."""
    west, south, east, north = box
    weights = np.minimum(rng.pareto(1.2, TOWNS) + 0.2, 1e9)
    for _ in range(20):  # cut the largest and share out again
        weights = np.minimum(weights / weights.sum(), LARGEST_TOWN)
    town_lots = int(count * TOWN_SHARE)
    sides = np.maximum(np.sqrt(weights / weights.sum() * town_lots).astype(int), 1)
    placed: list[tuple[float, float, float]] = []
    towns: list[Points] = []
    for side in sorted(sides.tolist(), reverse=True):
        stretch, angle = rng.uniform(1.0, 1.6), rng.uniform(0, np.pi / 2)
        radius = side * TOWN_SPACING * np.hypot(1, stretch) / 2
        for _ in range(500):
            x = rng.uniform(west + radius, east - radius) if east - west > 2 * radius else (west + east) / 2
            y = rng.uniform(south + radius, north - radius) if north - south > 2 * radius else (south + north) / 2
            if all(np.hypot(x - px, y - py) > radius + pr for px, py, pr in placed):
                break
        placed.append((x, y, radius))
        grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) - (side - 1) / 2
        grid = (grid + rng.uniform(-0.18, 0.18, grid.shape)) * [TOWN_SPACING, TOWN_SPACING * stretch]
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        towns.append(grid @ turn.T + [x, y])
    town = np.concatenate(towns)
    town = town[(town[:, 0] > west + 1) & (town[:, 0] < east - 1) & (town[:, 1] > south + 1) & (town[:, 1] < north - 1)]
    rural = _rural_seeds(rng, count - len(town), box, placed)
    return np.concatenate([town, rural]), np.arange(count) < len(town)


def _rural_seeds(rng: np.random.Generator, count: int, box: Box, towns: list[tuple[float, float, float]]) -> Points:
    west, south, east, north = box
    spacing = np.sqrt((east - west) * (north - south) / count)
    while True:
        xs, ys = np.arange(west + spacing / 2, east, spacing), np.arange(south + spacing / 2, north, spacing)
        points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        points = np.clip(
            points + rng.uniform(-0.3, 0.3, points.shape) * spacing, [west + 1, south + 1], [east - 1, north - 1]
        )
        keep = np.ones(len(points), dtype=bool)
        for x, y, radius in towns:
            keep &= np.hypot(points[:, 0] - x, points[:, 1] - y) > radius
        points = points[keep]
        if len(points) >= count:
            chosen = np.sort(rng.permutation(len(points))[:count])
            return np.asarray(points[chosen], dtype=np.float64)
        spacing *= 0.97


def cells(seeds: Points, box: Box) -> Shapes:
    """The Voronoi cell of every seed, in the order of the seeds, cut to `box`."""
    frame = shapely.box(*box)
    parts = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=shapely.buffer(frame, 1000.0), ordered=True)
    )
    shapely.prepare(frame)
    crossing = ~shapely.contains_properly(frame, parts)
    parts[crossing] = shapely.intersection(parts[crossing], frame)
    return np.asarray(parts, dtype=object)


def roughen(polygons: Shapes, box: Box) -> Shapes:
    """Give straight edges bends, the same for both neighbours, so that nothing gaps; bends that cross are left out."""
    edges = _Edges(polygons, box)
    bends = edges.bends()
    for _ in range(20):
        result = edges.build(bends)
        broken = np.flatnonzero(~shapely.is_valid(result))
        if not len(broken):
            return result
        straight = np.unique(edges.key[np.isin(edges.polygon, broken)])
        bends[np.isin(edges.key, straight)] = 0
    raise ValueError(f"{len(broken)} polygons stay invalid")  # cannot be but for a fault of ours


class _Edges:
    """Every edge of every polygon, with the direction and the key that both neighbours agree on."""

    def __init__(self, polygons: Shapes, box: Box) -> None:
        points, index = shapely.get_coordinates(polygons, return_index=True)
        points = np.round(points, DECIMALS)
        starts = np.flatnonzero(np.r_[index[1:] == index[:-1], False])
        start, end = points[starts], points[starts + 1]
        kept = (start != end).any(axis=1)
        self.start, self.end, self.polygon = start[kept], end[kept], index[starts][kept]
        swap = (self.start[:, 0] > self.end[:, 0]) | (
            (self.start[:, 0] == self.end[:, 0]) & (self.start[:, 1] > self.end[:, 1])
        )
        self.swapped = swap
        self.low = np.where(swap[:, None], self.end, self.start)
        self.high = np.where(swap[:, None], self.start, self.end)
        whole = np.round(np.concatenate([self.low, self.high], axis=1) * 10**DECIMALS).astype(np.int64)
        self.key = _mix(whole @ np.array([1_000_003, 10_007, 31, 1], dtype=np.int64))
        west, south, east, north = box
        on_side = (self.low[:, 0] == self.high[:, 0]) & np.isin(self.low[:, 0], (west, east))
        on_floor = (self.low[:, 1] == self.high[:, 1]) & np.isin(self.low[:, 1], (south, north))
        self.on_frame = on_side | on_floor
        self.length = np.hypot(*(self.high - self.low).T)

    def bends(self) -> npt.NDArray[np.int64]:
        """How many points to put into each edge: few in towns (short edges), more in the country."""
        chance = (self.key >> np.uint64(33)).astype(np.int64)
        bends = np.where(self.length < 80, chance % 3, 3 + chance % 4)
        bends[(self.length < 3) | self.on_frame] = 0
        return bends

    def build(self, bends: npt.NDArray[np.int64]) -> Shapes:
        """The polygons again, with `bends` points put into each edge."""
        pieces = bends + 1
        edge = np.repeat(np.arange(len(pieces)), pieces)
        step = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        rank = np.where(self.swapped[edge], pieces[edge] - step, step)
        along = rank / pieces[edge]
        noise = (_mix(self.key[edge].astype(np.int64) + rank) >> np.uint64(40)).astype(np.float64) / 2**23 - 1
        offset = noise * 0.05 * 2 * np.minimum(along, 1 - along)
        direction = (self.high - self.low)[edge]
        across = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
        points = np.round(self.low[edge] + direction * along[:, None] + across * offset[:, None], DECIMALS)
        points = np.where((step == 0)[:, None], self.start[edge], points)
        owner = self.polygon[edge]
        first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        after = np.r_[first[1:], len(owner)]
        closed = np.insert(points, after, points[first], axis=0)
        rings = shapely.linearrings(closed, indices=np.insert(owner, after, owner[first]))
        return np.asarray(shapely.polygons(rings), dtype=object)


def _mix(values: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """A 64-bit finaliser (splitmix64): neighbours in, no likeness out."""
    mixed = values.astype(np.uint64)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def split(points: Points, parts: int) -> npt.NDArray[np.int64]:
    """A block number for each point: `parts` compact blocks of about equal count (halved along the longer side)."""
    block = np.zeros(len(points), dtype=np.int64)
    work = [(np.arange(len(points)), parts, 0)]
    while work:
        members, share, number = work.pop()
        if share == 1:
            block[members] = number
            continue
        axis = int(np.ptp(points[members], axis=0).argmax())
        order = members[np.argsort(points[members, axis], kind="stable")]
        left = share // 2
        cut = len(order) * left // share
        work.append((order[:cut], left, number))
        work.append((order[cut:], share - left, number + left))
    return block


def roads(rng: np.random.Generator, centres: Points, spacing: Points) -> Shapes:
    """Bent strips 8 to 40 m wide through `centres`, some times as long as the local `spacing` of zones."""
    count = len(centres)
    angle, length = rng.uniform(0, 2 * np.pi, count), spacing * rng.uniform(3, 8, count)
    along = np.linspace(-0.5, 0.5, 6)
    bend = rng.uniform(-0.15, 0.15, count)[:, None] * (4 * along * along - 1)
    x = centres[:, :1] + (np.cos(angle)[:, None] * along - np.sin(angle)[:, None] * bend) * length[:, None]
    y = centres[:, 1:] + (np.sin(angle)[:, None] * along + np.cos(angle)[:, None] * bend) * length[:, None]
    strips = shapely.buffer(
        shapely.linestrings(np.stack([x, y], axis=-1)), rng.uniform(4, 20, count), cap_style="flat", quad_segs=2
    )
    return _rounded(strips)


def blobs(rng: np.random.Generator, centres: Points, spacing: Points) -> Shapes:
    """Rounded, uneven areas of 36 corners around `centres`: flooded land, protection zones."""
    count, corners = len(centres), 36
    radius = spacing * rng.lognormal(0.3, 0.6, count)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    lobes = 0.25 * np.sin(3 * turn + rng.uniform(0, 6, (count, 1))) + rng.normal(0, 0.03, (count, corners))
    reach = radius[:, None] * (1 + lobes)
    x, y = centres[:, :1] + reach * np.cos(turn), centres[:, 1:] + reach * np.sin(turn)
    return _rounded(np.asarray(shapely.polygons(np.stack([x, y], axis=-1)), dtype=object))


def _rounded(shapes: Shapes) -> Shapes:
    rounded: Shapes = shapely.transform(shapes, lambda points: np.round(points, DECIMALS))
    broken = ~shapely.is_valid(rounded)
    rounded[broken] = shapely.buffer(rounded[broken], 0)
    return rounded
