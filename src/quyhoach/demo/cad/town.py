"""The geometry of an invented town: curved streets, blocks cut into lots, parks with ponds, a river, the outline.

Everything is exact by construction: lots that are neighbours share the very same pieces, so the drawing can be made of
closed lines as well as of linework that nobody has closed."""

import cmath
import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from quyhoach.demo.cad.curves import Curve, Ring, circle, polygon, through

# In Lạng Sơn: E + iN, EPSG:9215.
PLACES = (428_000 + 2_396_000j, 442_000 + 2_426_000j, 466_000 + 2_406_000j, 421_000 + 2_461_000j, 497_000 + 2_391_000j)


@dataclass(eq=False)
class Lot:
    """A lot of the plan. `ring` anticlockwise; `hole`: the ring of the pond in a park, a lot of its own."""

    number: int
    use: str
    ring: Ring
    block: int
    kind: str = ""
    hole: Ring | None = None
    array: "Array | None" = None
    shape: shapely.Polygon = field(init=False)

    def __post_init__(self) -> None:
        self.shape = polygon(self.ring, [self.hole] if self.hole else [])


@dataclass(frozen=True)
class Array:
    """Row houses of one size: the unit stands at `corner`, `columns` × `rows` of them `width` × `depth`, turned."""

    corner: complex
    turn: complex  # unit vector along the row
    width: float
    depth: float
    columns: int
    rows: int


@dataclass(frozen=True)
class Stroke:
    """Linework that a draughtsman draws in one go. `kind`: edge (of a block), mid, cut, bank, pond."""

    pieces: tuple[Curve, ...]
    kind: str
    on_boundary: bool = False


@dataclass(eq=False)
class Town:
    """All of it. `streets`: centre lines with half widths. `outline`: the plan's boundary ring."""

    lots: list[Lot]
    strokes: list[Stroke]
    outline: Ring
    streets: list[tuple[Curve, float]]
    banks: list[list[complex]]
    detail: bool
    scale: int

    def boundary(self) -> shapely.Polygon:
        """The outline as a polygon."""
        return polygon(self.outline)


def build_town(rng: random.Random, count: int, *, detail: bool, curved: bool, ponds: bool, arrays: bool) -> Town:
    """A town of about `count` lots; `detail`: row houses for a plan 1/500, else blocks for 1/5.000."""
    per_block = 29.5 if detail else 3.3
    blocks = max(6, round(count / per_block))
    columns = max(3, round(math.sqrt(blocks * (0.75 if detail else 0.95))))
    rows = max(2, round(blocks / columns))
    grid = _Grid(rng, columns, rows, detail, curved)
    town = Town([], [], (), [], [], detail, 500 if detail else 5000)
    builder = _Builder(rng, grid, town, ponds, arrays)
    for row in range(grid.rows):
        if row == grid.river:
            builder.river(row)
        else:
            for column in range(columns):
                builder.block(column, row)
    town.outline = _outline(grid, town)
    town.streets = grid.streets()
    for number, lot in enumerate(town.lots, 1):
        lot.number = number
    return town


class _Grid:
    """Blocks in a plane (u, v) in metres, and the bent plane that they lie in."""

    def __init__(self, rng: random.Random, columns: int, rows: int, detail: bool, curved: bool) -> None:
        self.detail, self.columns = detail, columns
        self.river = rows // 2
        self.rows = rows + 1
        wide, deep = ((88, 118), (36, 44)) if detail else ((95, 165), (80, 130))
        us, vs = [0.0], [0.0]
        self.u, self.v = [], []
        for _ in range(columns):
            width = rng.uniform(*wide)
            self.u.append((us[-1], us[-1] + width))
            us.append(us[-1] + width + rng.choice((9, 10.5, 13.5, 17.5)))
        for row in range(self.rows):
            depth = rng.uniform(26, 40) if row == self.river else rng.uniform(*deep)
            self.v.append((vs[-1], vs[-1] + depth))
            vs.append(vs[-1] + depth + rng.choice((9, 10.5, 13.5, 20.5)))
        self.width, self.height = self.u[-1][1], self.v[-1][1]
        self.bend = 0.035 if curved else 0.0
        self.waves = rng.uniform(0.8, 1.4)
        self.turn = cmath.exp(1j * math.radians(rng.uniform(-14, 14)))
        self.origin = rng.choice(PLACES) + complex(rng.uniform(-1500, 1500), rng.uniform(-1500, 1500))

    def at(self, u: float, v: float) -> complex:
        """The true place of (u, v)."""
        du = self.bend * self.height * math.sin(math.pi * v / self.height)
        dv = self.bend * self.width * math.sin(math.pi * self.waves * u / self.width + 0.4)
        return self.origin + self.turn * complex(u + 0.5 * du, v + 0.7 * dv)

    def along(self, u0: float, u1: float, v: float) -> Curve:
        """A piece of street edge along u: an arc where the plane is bent; the outer edges are straight."""
        start, end = self.at(u0, v), self.at(u1, v)
        if not self.bend or v in (0.0, self.height):
            return Curve(start, end)
        return through(start, self.at((u0 + u1) / 2, v), end)

    def streets(self) -> list[tuple[Curve, float]]:
        """Centre lines, west to east and south to north."""
        found = []
        for below, above in zip(self.v[:-1], self.v[1:], strict=True):
            middle, half = (below[1] + above[0]) / 2, (above[0] - below[1]) / 2
            found += [(self.along(u0, u1, middle), half) for u0, u1 in self.u]
        for left, right in zip(self.u[:-1], self.u[1:], strict=True):
            middle, half = (left[1] + right[0]) / 2, (right[0] - left[1]) / 2
            for row, (v0, v1) in enumerate(self.v):
                if row != self.river:
                    found.append((Curve(self.at(middle, v0), self.at(middle, v1)), half))
        return found


def _outline(grid: _Grid, town: Town) -> Ring:
    """Round all outer corners, and the river's ends."""
    last = len(grid.v) - 1
    low, high = town.banks
    corners: list[complex] = []
    for u0, u1 in grid.u:
        corners += [grid.at(u0, 0), grid.at(u1, 0)]
    for row, (v0, v1) in enumerate(grid.v):
        ends = [low[-1], high[-1]] if row == grid.river else [grid.at(grid.width, v0), grid.at(grid.width, v1)]
        corners += ends
    for u0, u1 in reversed(grid.u):
        corners += [grid.at(u1, grid.height), grid.at(u0, grid.height)]
    for row in range(last, -1, -1):
        v0, v1 = grid.v[row]
        corners += [high[0], low[0]] if row == grid.river else [grid.at(0, v1), grid.at(0, v0)]
    kept = [corner for corner, before in zip(corners, [corners[-1], *corners[:-1]], strict=True)
            if abs(corner - before) > 1e-6]  # fmt: skip
    return tuple(Curve(a, b) for a, b in zip(kept, [*kept[1:], kept[0]], strict=True))


class _Builder:
    def __init__(self, rng: random.Random, grid: _Grid, town: Town, ponds: bool, arrays: bool) -> None:
        self.rng, self.grid, self.town, self.ponds, self.arrays = rng, grid, town, ponds, arrays
        self.blocks = 0

    def river(self, row: int) -> None:
        """One lot from edge to edge between two smooth banks."""
        grid, (v0, v1) = self.grid, self.grid.v[row]
        steps = max(6, round(grid.width / 70))
        banks = []
        for v, sign in ((v0, 1), (v1, -1)):
            wander = [sign * self.rng.uniform(0.5, 7) for _ in range(steps + 1)]
            fit = [grid.at(grid.width * n / steps, v + wander[n]) for n in range(steps + 1)]
            banks.append(_smooth(fit))
        low, high = banks
        self.town.banks = banks
        ring = _straight([*low, *reversed(high)])
        self.town.lots.append(Lot(0, "SS", ring, -1, "river"))
        for bank in banks:
            pieces = tuple(Curve(a, b) for a, b in itertools.pairwise(bank))
            self.town.strokes.append(Stroke(pieces, "bank"))
        for start, end in ((low[-1], high[-1]), (high[0], low[0])):
            self.town.strokes.append(Stroke((Curve(start, end),), "edge", True))

    def block(self, column: int, row: int) -> None:
        """One block: what it is for, cut into lots."""
        grid, rng = self.grid, self.rng
        self.blocks += 1
        (u0, u1), (v0, v1) = grid.u[column], grid.v[row]
        low, high = grid.along(u0, u1, v0), grid.along(u0, u1, v1)
        outer = (row == 0, column == grid.columns - 1, row == grid.rows - 1, column == 0)  # south east north west
        kind = self._kind(column, row)
        if kind == "array":
            self._array(low, high)
            return
        cut = 0.0 if rng.random() < 0.15 else rng.choice((3.0, 4.0, 5.0) if grid.detail else (5.0, 7.0, 8.0))
        rounded = rng.random() < 0.3
        corners = (
            0.0 if outer[0] or outer[3] else cut,
            0.0 if outer[0] or outer[1] else cut,
            0.0 if outer[2] or outer[1] else cut,
            0.0 if outer[2] or outer[3] else cut,
        )
        frame = _Frame(low, high, corners, rounded)
        self._edge(frame, outer)
        if kind == "park":
            self._park(frame)
        elif kind == "one":
            self._add(self._use_of("one"), frame.row(low, high, [0.0, 1.0], True, True)[0])
        else:
            self._rows(frame, kind)

    def _kind(self, column: int, row: int) -> str:
        rim = column in (0, self.grid.columns - 1) or row in (0, self.grid.rows - 1)
        draw = self.rng.random()
        if self.grid.detail:
            if self.arrays and not rim and draw < 0.25:
                return "array"
            return "park" if draw > 0.93 else "one" if draw > 0.88 else "civic" if draw > 0.8 else "houses"
        if rim and draw < 0.3:
            return "one"
        return "park" if draw > 0.92 else "one" if draw > 0.86 else "civic" if draw > 0.5 else "houses"

    def _use_of(self, kind: str) -> str:
        detail = self.grid.detail
        options: dict[str, Sequence[str]] = {
            "one": ("TH", "DV", "KT", "BX") if detail else ("NN", "NN", "RS", "CN", "TH", "DL", "CL", "NT"),
            "civic": ("DV", "CQ", "YT", "VH", "TH", "BX", "HH") if detail
            else ("DV", "CQ", "YT", "VH", "TT", "TH", "PT", "BX", "HH", "KT", "TG", "OHT", "CX"),
            "houses": ("OM",) if detail else ("OM", "OM", "OM", "OHT", "HH"),
        }  # fmt: skip
        return self.rng.choice(options[kind])

    def _rows(self, frame: "_Frame", kind: str) -> None:
        low, high = frame.low, frame.high
        middle = Curve((low.start + high.start) / 2, (low.end + high.end) / 2, (low.bulge + high.bulge) / 2)
        width = 5.5 if kind == "houses" and self.grid.detail else 34.0 if self.grid.detail else 52.0
        if kind == "civic" and self.rng.random() < 0.4:
            cuts = self._cuts(low, width)
            for ring in frame.row(low, high, cuts, True, True):
                self._add(self._use_of(kind), ring)
            self._strokes(low, high, cuts)
            return
        self.town.strokes.append(Stroke((middle,), "mid"))
        use = self._use_of(kind)
        for a, b, first, last in ((low, middle, True, False), (middle, high, False, True)):
            cuts = self._cuts(a, width)
            for ring in frame.row(a, b, cuts, first, last):
                self._add(use if kind == "houses" else self._use_of(kind), ring, "house" if width < 10 else "")
            self._strokes(a, b, cuts)

    def _cuts(self, low: Curve, width: float) -> list[float]:
        count = max(1, round(low.length / (width * self.rng.uniform(0.9, 1.15))))
        if width < 10:  # the houses at the corners are wider: something is cut off them
            more = 4.0 / low.length
            return [0.0, *(more + (1 - 2 * more) * n / count for n in range(1, count)), 1.0]
        inner = [(n + self.rng.uniform(-0.22, 0.22)) / count for n in range(1, count)]
        return [0.0, *inner, 1.0]

    def _strokes(self, low: Curve, high: Curve, cuts: Sequence[float]) -> None:
        for share in cuts[1:-1]:
            self.town.strokes.append(Stroke((Curve(low.at(share), high.at(share)),), "cut"))

    def _park(self, frame: "_Frame") -> None:
        ring = frame.row(frame.low, frame.high, [0.0, 1.0], True, True)[0]
        if not self.ponds:
            self._add("CX", ring)
            return
        centre = (frame.low.at(0.5) + frame.high.at(0.5)) / 2
        radius = min(frame.low.length, abs(frame.low.start - frame.high.start)) * self.rng.uniform(0.16, 0.24)
        pond = circle(centre, radius)
        self.town.lots.append(Lot(0, "CX", ring, self.blocks, "holed", pond))
        self.town.lots.append(Lot(0, "HN", pond, self.blocks, "inner"))
        self.town.strokes.append(Stroke(pond, "pond"))

    def _array(self, low: Curve, high: Curve) -> None:
        """Row houses of one size in the middle of the block; what is left is street."""
        turn = (low.end - low.start + high.end - high.start) / 2
        turn /= abs(turn)
        width, rows = 5.0, 2
        columns = int((min(abs(low.end - low.start), abs(high.end - high.start)) - 6) / width)
        depth = math.floor(min(abs(high.start - low.start), abs(high.end - low.end)) / 2 - 2.0)
        centre = (low.at(0.5) + high.at(0.5)) / 2
        corner = centre - turn * columns * width / 2 - 1j * turn * depth
        array = Array(corner, turn, width, float(depth), columns, rows)
        for row in range(rows):
            for column in range(columns):
                at = corner + turn * (column * width) + 1j * turn * (row * depth)
                square = _straight([at, at + turn * width, at + turn * complex(width, depth), at + 1j * turn * depth])
                self._add("OM", square, "house", array)

    def _edge(self, frame: "_Frame", outer: tuple[bool, bool, bool, bool]) -> None:
        sides = frame.sides()
        for (pieces, on_boundary), _ in zip(zip(sides, outer, strict=True), range(4), strict=True):
            self.town.strokes.append(Stroke(pieces, "edge", on_boundary))

    def _add(self, use: str, ring: Ring, kind: str = "", array: Array | None = None) -> None:
        self.town.lots.append(Lot(0, use, ring, self.blocks, kind, None, array))


@dataclass(frozen=True)
class _Frame:
    """A block between two curves with its corners cut off: sizes at south-west, south-east, north-east, north-west."""

    low: Curve
    high: Curve
    corners: tuple[float, float, float, float]
    rounded: bool

    def row(self, low: Curve, high: Curve, cuts: Sequence[float], first: bool, last: bool) -> list[Ring]:
        """The lots between two curves; `first`, `last`: the row has the block's southern, northern corners."""
        sw, se = self.corners[:2] if first else (0.0, 0.0)
        ne, nw = self.corners[2:] if last else (0.0, 0.0)
        rings = []
        for number, (a, b) in enumerate(itertools.pairwise(cuts)):
            left, right = number == 0, number == len(cuts) - 2
            rings.append(self._ring(low, high, (a, b), (sw * left, se * right, ne * right, nw * left)))
        return rings

    def _ring(self, low: Curve, high: Curve, cut: tuple[float, float], corners: Sequence[float]) -> Ring:
        sw, se, ne, nw = corners
        a, b = cut
        south = low.part(a + sw / low.length, b - se / low.length)
        north = high.part(b - ne / high.length, a + nw / high.length)
        east, west = Curve(low.at(b), high.at(b)), Curve(high.at(a), low.at(a))
        east = east.part(se / east.length, 1 - ne / east.length)
        west = west.part(nw / west.length, 1 - sw / west.length)
        ring: list[Curve] = []
        for piece, following, corner in ((south, east, se), (east, north, ne), (north, west, nw), (west, south, sw)):
            ring.append(piece)
            if corner:
                ring.append(Curve(piece.end, following.start, 0.41421356 if self.rounded else 0.0))
        return tuple(ring)

    def sides(self) -> list[tuple[Curve, ...]]:
        """The outer edge in four strokes, each with the corner that follows it."""
        ring = list(self._ring(self.low, self.high, (0.0, 1.0), self.corners))
        found: list[tuple[Curve, ...]] = []
        for corner in (self.corners[1], self.corners[2], self.corners[3], self.corners[0]):
            taken = ring[: 2 if corner else 1]
            found.append(tuple(taken))
            ring = ring[len(taken) :]
        return found


def _straight(corners: Sequence[complex]) -> Ring:
    return tuple(Curve(a, b) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True))


def _smooth(points: Sequence[complex]) -> list[complex]:
    """A cubic spline through the points (natural ends), as chords of about three metres."""
    count = len(points)
    values = np.array(points)
    system = np.zeros((count, count))
    right = np.zeros(count, complex)
    system[0, 0] = system[-1, -1] = 1
    for row in range(1, count - 1):
        system[row, row - 1 : row + 2] = (1, 4, 1)
        right[row] = 6 * (values[row - 1] - 2 * values[row] + values[row + 1])
    curved = np.linalg.solve(system, right)
    found: list[complex] = []
    for n in range(count - 1):
        steps = max(4, round(abs(values[n + 1] - values[n]) / 3))
        t = np.arange(steps) / steps
        piece = (
            values[n] * (1 - t) + values[n + 1] * t
            + ((1 - t) ** 3 - (1 - t)) * curved[n] / 6 + (t**3 - t) * curved[n + 1] / 6
        )  # fmt: skip
        found += [complex(value) for value in piece]
    return [*found, complex(values[-1])]
