"""The streets' grid of a quarter, its blocks, and the lots that they are cut into."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.arrange import Patch
from quyhoach.demo.frame import Frame
from quyhoach.demo.specs import Facility, Quarter, TownSpec


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """A road's centre line with its red-line width."""

    name: str
    width: float
    line: BaseGeometry
    use: str = "road"
    rank: int = 2  # 0 national, 1 main, 2 other


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A block with half of the streets around it, as (s0, s1, t0, t1) in the town's axes."""

    quarter: Quarter
    row: int
    s0: float
    s1: float
    t0: float
    t1: float

    @property
    def middle(self) -> tuple[float, float]:
        return (self.s0 + self.s1) / 2, (self.t0 + self.t1) / 2


def draw_grid(quarter: Quarter, frame: Frame, rng: Random) -> tuple[list[Cell], list[Street]]:
    """The cells and streets of a quarter. Outer rows are shorter, some cross streets stop: a town that grew."""
    stations = [quarter.s[0]]
    while stations[-1] < quarter.s[1] - quarter.spacing[0] * 0.6:
        stations.append(stations[-1] + rng.uniform(*quarter.spacing))
    stations[-1] = quarter.s[1]
    if quarter.pins:
        low, high = min(quarter.pins) - quarter.spacing[0] / 2, max(quarter.pins) + quarter.spacing[0] / 2
        stations = sorted([*(s for s in stations if not low < s < high), *quarter.pins])
    rows, count = quarter.rows, len(quarter.rows) - 1
    ends = []
    main = max(range(len(rows)), key=lambda i: quarter.widths[i])
    for row in range(count):
        outward = abs(row + 0.5 - main) / max(1, count)
        ends.append(
            (
                quarter.s[0] + quarter.ragged * outward * rng.uniform(0.2, 1.6),
                quarter.s[1] - quarter.ragged * outward * rng.uniform(0.2, 1.6),
            )
        )
    keep: list[list[int]] = []
    cells: list[Cell] = []
    for row in range(count):
        inside = [j for j, s in enumerate(stations) if ends[row][0] - 30 <= s <= ends[row][1] + 30]
        kept = (
            [
                j
                for j in inside
                if j in (inside[0], inside[-1])
                or j % 3 == 0
                or stations[j] in quarter.pins
                or rng.random() > quarter.loose
            ]
            if inside
            else []
        )
        keep.append(kept)
        cells += [Cell(quarter, row, stations[a], stations[b], rows[row], rows[row + 1]) for a, b in pairwise(kept)]
    return cells, _grid_streets(quarter, frame, stations, keep)


def station(quarter: Quarter, s: float, t: float) -> float:
    """Cross streets run a little askew."""
    return s + quarter.skew * (t - quarter.rows[0])


def _grid_streets(quarter: Quarter, frame: Frame, stations: list[float], keep: list[list[int]]) -> list[Street]:
    rows, streets = quarter.rows, []
    for number, (t, width) in enumerate(zip(rows, quarter.widths, strict=True)):
        beside = [keep[row] for row in (number - 1, number) if 0 <= row < len(keep) and len(keep[row]) > 1]
        if width <= 0 or not beside:
            continue
        first, last = min(kept[0] for kept in beside), max(kept[-1] for kept in beside)
        ends = [station(quarter, stations[first], t), station(quarter, stations[last], t)]
        name = quarter.names[number] if number < len(quarter.names) else ""
        streets.append(Street(name, width, frame.line(ends, [t, t]), "road", 1 if width > 18 else 2))
    for j, s in enumerate(stations):
        spans = [(rows[row], rows[row + 1]) for row in range(len(keep)) if len(keep[row]) > 1 and j in keep[row]]
        lines = [frame.line([station(quarter, s, a), station(quarter, s, b)], [a, b]) for a, b in spans]
        if lines:
            line = shapely.line_merge(shapely.union_all(lines)) if len(lines) > 1 else lines[0]
            wide = 4.0 if j % 4 == 2 else 0.0
            streets.append(Street("", quarter.cross + wide, line, "road", 2))
    return streets


def cut_blocks(spec: TownSpec, cells: list[Cell], frame: Frame, rng: Random) -> list[Patch]:
    """The cells cut into lots, each with its use."""
    taken: dict[int, Facility] = {}
    homes = [facility for facility in spec.facilities if facility.use == "housing"]
    at_home = {i for i, cell in enumerate(cells) for home in homes if _holds(cell, home)}
    for facility in (f for f in spec.facilities if f.whole):
        free = [i for i in range(len(cells)) if i not in taken and i not in at_home and _mixes(cells[i])]
        nearest = min(free, key=lambda i: _distance(cells[i].middle, facility))
        taken[nearest] = facility
    drawn: list[tuple[tuple[float, float], Patch]] = []
    for i, cell in enumerate(cells):
        if i in taken:
            drawn.append((cell.middle, _lot(cell, frame, (0, 1, 0, 1), taken[i].use, name=taken[i].name, tag="fixed")))
        else:
            drawn += _divided(cell, frame, rng)
    for home in homes:
        place = shapely.Point(frame.at(home.s, home.t)[0])
        drawn = [
            (middle, Patch(patch.shape, "housing", tag="fixed") if patch.shape.contains(place) else patch)
            for middle, patch in drawn
        ]
    for facility in (f for f in spec.facilities if not f.whole and f.use != "housing"):
        free = [i for i in range(len(drawn)) if drawn[i][1].tag != "fixed"]
        nearest = min(free, key=lambda i: _distance(drawn[i][0], facility))
        middle, patch = drawn[nearest]
        drawn[nearest] = (middle, Patch(patch.shape, facility.use, name=facility.name, tag="fixed"))
    return [patch for _, patch in drawn]


def _mixes(cell: Cell) -> bool:
    return cell.quarter.use == "housing"


def _holds(cell: Cell, facility: Facility) -> bool:
    s = facility.s - (station(cell.quarter, 0, facility.t))
    return cell.s0 <= s <= cell.s1 and cell.t0 <= facility.t <= cell.t1


def _distance(place: tuple[float, float], facility: Facility) -> float:
    return math.hypot(place[0] - facility.s, place[1] - facility.t)


def _lot(
    cell: Cell, frame: Frame, part: tuple[float, float, float, float], use: str, *, name: str = "", tag: str = ""
) -> Patch:
    """The part (fractions along, along, across, across) of a cell as a patch."""
    a, b, c, d = part
    t0, t1 = cell.t0 + (cell.t1 - cell.t0) * c, cell.t0 + (cell.t1 - cell.t0) * d
    s0, s1 = cell.s0 + (cell.s1 - cell.s0) * a, cell.s0 + (cell.s1 - cell.s0) * b
    quarter = cell.quarter
    shape = frame.area(
        [station(quarter, s0, t0), station(quarter, s1, t0), station(quarter, s1, t1), station(quarter, s0, t1)],
        [t0, t0, t1, t1],
    )
    return Patch(shape, use, name=name, tag=tag)


def _divided(cell: Cell, frame: Frame, rng: Random) -> list[tuple[tuple[float, float], Patch]]:
    """A block cut along and across, with uses as they mix in a town."""
    quarter = cell.quarter
    length, depth = cell.s1 - cell.s0, cell.t1 - cell.t0
    across = 2 if depth > 82 and quarter.use != "industry" else 1
    along = max(1, round(length / (quarter.lot * rng.uniform(0.85, 1.3))))
    cuts = [0.0, *(((k + rng.uniform(-0.08, 0.08)) / along) for k in range(1, along)), 1.0]
    middle = 0.5 + rng.uniform(-0.04, 0.04)
    bands = [(0.0, middle), (middle, 1.0)] if across == 2 else [(0.0, 1.0)]
    mood = rng.random()
    lots = []
    for band, (c, d) in enumerate(bands):
        street = cell.row + (0 if band == 0 else 1)
        fronts_main = quarter.widths[street] >= 19
        for a, b in pairwise(cuts):
            use = _use_of(cell, mood, fronts_main, rng)
            middle_place = (cell.s0 + length * (a + b) / 2, cell.t0 + depth * (c + d) / 2)
            lots.append((middle_place, _lot(cell, frame, (a, b, c, d), use)))
    return lots


def _use_of(cell: Cell, mood: float, fronts_main: bool, rng: Random) -> str:
    """Houses mostly; shops and mixed houses on the main street; a small park here and there."""
    quarter, chance = cell.quarter, rng.random()
    if quarter.use == "industry":
        return "special_green" if chance < 0.07 else "utility" if chance < 0.11 else "industry"
    if quarter.use != "housing":
        return quarter.use
    if fronts_main and chance < 0.30:
        return "mixed" if chance < 0.2 else "services"
    if chance > 0.975:
        return "parking" if chance > 0.99 else "utility"
    if 0.93 < chance <= 0.968:
        return "park"
    away = abs(cell.middle[0] - quarter.heart)
    if mood > 0.93 and away > quarter.core:
        return "mixed"
    return "old_housing" if away < quarter.core * (0.8 + 0.4 * mood) else "housing"
