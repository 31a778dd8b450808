"""Cadastral parcels of one town: the old town's housing lots cut into narrow plots, numbered by sheet and lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.arrange import Patch, arrange
from quyhoach.demo.frame import GRID
from quyhoach.demo.sheet import PlanLot, array
from quyhoach.demo.town import Town
from quyhoach.package import Layer

SHEET = 400.0  # metres: one map sheet of the cadastral map 1/1.000 covers that much (illustrative)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnParcel:
    """One parcel: sheet (tờ), lot (thửa), use by the land list (ODT, CLN …)."""

    sheet: str
    lot: str
    use: str
    shape: BaseGeometry


def draw_parcels(
    town: Town, lots: Sequence[PlanLot], count: int, seed: int, *, centre: tuple[float, float] = (0, 0)
) -> list[DrawnParcel]:
    """About `count` parcels in the housing lots nearest to the place `centre` (s, t). Three numbers are given twice,
    as old surveys do: such parcels have to be asked about."""
    rng = Random(f"{seed}/cadastre/{town.spec.id}")
    east, north = town.frame.at(*centre)[0]
    housing = [lot for lot in lots if lot.use in ("old_housing", "housing", "mixed")]
    housing.sort(key=lambda lot: (lot.shape.centroid.distance(shapely.Point(east, north)), lot.label))
    plots: list[Patch] = []
    ground: list[BaseGeometry] = []
    for lot in housing:
        if len(plots) >= count * 1.04:
            break
        plots += _plots(town, lot.shape, rng)
        ground.append(lot.shape)
    drawn = arrange(plots, shapely.union_all(ground, grid_size=GRID), thin=2.0)
    return _numbered([(lot.shape, "ODT" if rng.random() < 0.93 else "CLN") for lot in drawn], rng)


def _plots(town: Town, shape: BaseGeometry, rng: Random) -> list[Patch]:
    places = town.frame.locate(shapely.get_coordinates(shape))
    (s0, t0), (s1, t1) = places.min(axis=0), places.max(axis=0)
    middle = (t0 + t1) / 2 + rng.uniform(-2, 2)
    bands = [(t0 - 9, middle), (middle, t1 + 9)] if t1 - t0 > 26 else [(t0 - 9, t1 + 9)]
    patches = []
    for low, high in bands:
        s = s0 - 9
        while s < s1 + 9:
            width = rng.choice((5.0, 5.5, 6.0, 7.0, 8.5, 10.0)) + (9 if s < s0 else 0)
            part = shapely.intersection(town.frame.quad(s, s + width, low, high), shape)
            patches.append(Patch(part, "plot", least=35))
            s += width
    return patches


def _numbered(pieces: Sequence[tuple[BaseGeometry, str]], rng: Random) -> list[DrawnParcel]:
    grid: dict[tuple[int, int], list[tuple[BaseGeometry, str]]] = {}
    for shape, use in pieces:
        place = shape.centroid
        grid.setdefault((-int(place.y // SHEET), int(place.x // SHEET)), []).append((shape, use))
    parcels = []
    for sheet, key in enumerate(sorted(grid), 12):
        members = sorted(grid[key], key=lambda item: (-round(item[0].centroid.y / 25), item[0].centroid.x))
        parcels += [DrawnParcel(str(sheet), str(lot), use, shape) for lot, (shape, use) in enumerate(members, 1)]
    for _ in range(3):
        i = rng.randrange(len(parcels) - 40)
        twin = parcels[i + 25]
        parcels[i + 25] = DrawnParcel(parcels[i].sheet, parcels[i].lot, twin.use, twin.shape)
    return parcels


def parcels_layer(parcels: Sequence[DrawnParcel], commune: str) -> Layer:
    """The package layer `parcels`; `commune` is the code of before 1/7/2025."""
    ordered = sorted(parcels, key=lambda p: (int(p.sheet), int(p.lot), -p.shape.area))
    return Layer(
        "parcels",
        "MultiPolygon",
        array([p.shape for p in ordered]),
        {
            "commune": [commune] * len(ordered),
            "sheet": [p.sheet for p in ordered],
            "lot": [p.lot for p in ordered],
            "area": [round(float(p.shape.area), 1) for p in ordered],
            "use": [p.use for p in ordered],
        },
    )


def parcels_outline(parcels: Sequence[DrawnParcel]) -> BaseGeometry:
    """A border around all parcels."""
    whole = shapely.union_all([p.shape.buffer(30, quad_segs=2) for p in parcels]).buffer(-18, quad_segs=2)
    return shapely.set_precision(whole, GRID)
