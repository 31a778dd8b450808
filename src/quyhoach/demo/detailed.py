"""Detailed plans 1/500 inside a town: the general plan's streets, lanes between them, plots along the lanes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

import shapely
from shapely.geometry import Polygon

from quyhoach.demo.arrange import Lot, Patch, arrange
from quyhoach.demo.frame import GRID, Frame
from quyhoach.demo.grid import Cell, Street, station
from quyhoach.demo.specs import Quarter
from quyhoach.demo.town import Town, clipped, road_patches

HOUSES = ("housing", "old_housing", "mixed")


@dataclass(frozen=True, slots=True)
class DetailedSpec:
    """Some blocks of a town: a quarter's rows from and to, stations s from and to (moved to the nearest cross
    streets). `override` gives another use to what the general plan calls so: a plan that disagrees with its
    general plan."""

    id: str
    quarter: str
    rows: tuple[int, int]
    s: tuple[float, float]
    override: Mapping[str, str] = field(default_factory=dict)
    lane: float = 10.5
    plot: tuple[float, float] = (5.0, 6.6)
    villas: float = 0.0  # share of blocks with detached houses


@dataclass(frozen=True, slots=True, eq=False)
class Detailed:
    """A drawn detailed plan."""

    outline: Polygon
    lots: list[Lot]
    streets: list[Street]


def draw_detailed(spec: DetailedSpec, town: Town, seed: int) -> Detailed:
    """Draw a detailed plan over a drawn town."""
    rng = Random(f"{seed}/detailed/{spec.id}")
    quarter = next(q for q in town.spec.quarters if q.id == spec.quarter)
    cells = [c for c in town.cells if c.quarter is quarter and spec.rows[0] <= c.row < spec.rows[1]]
    stations = sorted({c.s0 for c in cells} | {c.s1 for c in cells})
    first, last = (min(stations, key=lambda s: abs(s - wanted)) for wanted in spec.s)
    inside = [c for c in cells if c.s1 > first + 20 and c.s0 < last - 20]
    outline = _outline(quarter, town.frame, first, last, spec.rows)
    general = [lot for lot in town.lots if lot.shape.intersects(outline)]
    kept = [
        Patch(lot.shape, spec.override.get(lot.patch.use, lot.patch.use), name=_name(lot, spec), least=60)
        for lot in general
        if lot.patch.use not in HOUSES
        and not lot.patch.use.startswith("road")
        and spec.override.get(lot.patch.use) not in HOUSES
    ]
    lanes, plots = [], []
    for number, cell in enumerate(inside, 1):
        lanes.append(_lane(cell, town.frame, spec.lane, number))
        plots += _plots(cell, town.frame, spec, rng)
    ground = Patch(outline.buffer(5), "park", name="Cây xanh nhóm ở", least=40)
    streets = [street for street in town.streets if street.line.intersects(outline)]
    patches = [*road_patches(streets), *kept, *road_patches(lanes), *plots, ground]
    lots = arrange(patches, outline, thin=2.0)
    return Detailed(outline, lots, clipped([*streets, *lanes], outline))


def _name(lot: Lot, spec: DetailedSpec) -> str:
    return "" if lot.patch.use in spec.override else lot.patch.name


def _outline(quarter: Quarter, frame: Frame, s0: float, s1: float, rows: tuple[int, int]) -> Polygon:
    """From the middle of one street to the middle of another."""
    t0, t1 = quarter.rows[rows[0]], quarter.rows[rows[1]]
    corners = [(s0, t0), (s1, t0), (s1, t1), (s0, t1)]
    shape = frame.area([station(quarter, s, t) for s, t in corners], [t for _, t in corners])
    result = shapely.set_precision(shape, GRID)
    assert isinstance(result, Polygon)
    return result


def _lane(cell: Cell, frame: Frame, width: float, number: int) -> Street:
    middle = (cell.t0 + cell.t1) / 2
    ends = [station(cell.quarter, s, middle) for s in (cell.s0, cell.s1)]
    return Street(f"Đường nội bộ N{number}", width, frame.line(ends, [middle, middle]))


def _plots(cell: Cell, frame: Frame, spec: DetailedSpec, rng: Random) -> list[Patch]:
    """Plots in two back-to-back rows on each side of the cell's lane."""
    quarter = cell.quarter
    middle = (cell.t0 + cell.t1) / 2
    edges = (
        (cell.t0 + quarter.widths[cell.row] / 2, middle - spec.lane / 2),
        (middle + spec.lane / 2, cell.t1 - quarter.widths[cell.row + 1] / 2),
    )
    villas = rng.random() < spec.villas
    patches = []
    for low, high in edges:
        back = (low + high) / 2
        for t0, t1 in ((low - 1, back), (back, high + 1)) if not villas else ((low - 1, high + 1),):
            s = cell.s0 + quarter.cross / 2 + 1
            end = cell.s1 - quarter.cross / 2 - 1
            width = rng.uniform(*spec.plot) * (2.4 if villas else 1)
            count = max(1, round((end - s) / width))
            for k in range(count):
                a, b = s + (end - s) * k / count, s + (end - s) * (k + 1) / count
                a, b = (cell.s0 if k == 0 else a), (cell.s1 if k == count - 1 else b)
                shape = frame.area(
                    [
                        station(quarter, a, t0),
                        station(quarter, b, t0),
                        station(quarter, b, t1),
                        station(quarter, a, t1),
                    ],
                    [t0, t0, t1, t1],
                )
                patches.append(Patch(shape, "villa" if villas else "row_house", least=45))
    return patches
