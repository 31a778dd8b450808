"""Draws the demo province Lạng Sơn as a workspace: every plan, its versions, papers and the base map's communes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from quyhoach.demo import detailed_plans, overlay_plans, town_plans
from quyhoach.demo.catalogue import TOWNS
from quyhoach.demo.papers import Press
from quyhoach.demo.region import DISTRICTS
from quyhoach.demo.sheet import array
from quyhoach.demo.small import SMALL_TOWN
from quyhoach.demo.studio import Studio
from quyhoach.demo.town import CRS, Town, draw_town
from quyhoach.demo.units import draw_units
from quyhoach.domain.plan import Office, Province
from quyhoach.package import Layer, write_package
from quyhoach.release.workspace import write_province
from quyhoach.standard import load_standard

SEED = 2022
Progress = Callable[[str, float], None]  # (message code, share done)


def silent(code: str, share: float) -> None:
    """Progress that tells nobody."""


def draw_demo(root: Path, seed: int = SEED, progress: Progress = silent) -> None:
    """Write the whole demo province into the workspace `root` (docs/reference/schemas.md §1).

    The same seed gives the same bytes on the same platform. `progress` hears a message code ("demo-…") and the share
    of the work that is done, 0 to 1. Raises PackageError where the disk refuses.
    """
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".demo-") as folder:
        studio = Studio(root, Path(folder), Press())
        write_province(root, province())
        progress("demo-towns", 0.0)
        towns: dict[str, Town] = {}
        for i, plan in enumerate(TOWNS):
            towns[plan.spec.id] = draw_town(plan.spec, seed)
            progress("demo-towns", 0.06 * (i + 1))
        lots = {plan.spec.id: town_plans.label_town(plan, towns[plan.spec.id], seed) for plan in TOWNS}
        progress("demo-plans", 0.32)
        for plan in TOWNS:
            town_plans.keep_town(studio, plan, towns[plan.spec.id], lots[plan.spec.id], seed)
        progress("demo-detailed", 0.6)
        detailed_plans.keep_detailed(studio, towns, seed)
        progress("demo-region", 0.72)
        outlines: dict[str, list[BaseGeometry]] = {}
        for plan in TOWNS:
            outlines.setdefault(plan.new, []).append(towns[plan.spec.id].outline)
        units = draw_units(outlines, seed)
        overlay_plans.keep_region(studio, towns, units, region_units(), seed)
        progress("demo-overlays", 0.84)
        overlay_plans.keep_overlays(studio, towns, units, seed)
        overlay_plans.keep_parcels(studio, towns["loc-binh"], lots["loc-binh"], "06529", 600, seed)
        write_units(root, units)
        progress("demo-done", 1.0)


def draw_small(root: Path, seed: int = SEED) -> None:
    """A small workspace for tests: a part of Đồng Mỏ in three versions, a detailed plan that disagrees with it, one
    plan not digitised, overlays, parcels, two communes. The example's place lies in lot OM-12 as in the whole demo."""
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".demo-") as folder:
        studio = Studio(root, Path(folder), Press())
        write_province(root, province())
        plan = replace(TOWNS[0], spec=SMALL_TOWN)
        town = draw_town(plan.spec, seed)
        lots = town_plans.label_town(plan, town, seed)
        town_plans.keep_town(studio, plan, town, lots, seed)
        towns = {plan.spec.id: town}
        detailed_plans.keep_detailed(studio, towns, seed)
        west, south, east, north = town.outline.bounds
        middle = (west + east) / 2 + 400
        units = {
            "06463": box(west - 900, south - 900, middle, north + 900).union(town.outline),
            "06496": box(middle, south - 900, east + 2500, north + 900).difference(town.outline),
        }
        overlay_plans.keep_overlays(studio, towns, units, seed)
        overlay_plans.keep_parcels(studio, town, lots, "06463", 40, seed)
        write_units(root, units)


def province() -> Province:
    """The province of the demo; telephone and address are invented and say so."""
    office = Office(
        id="sxd",
        name={"vi": "Sở Xây dựng tỉnh Lạng Sơn", "en": "Lang Son Department of Construction"},
        phone="0205 000 0000 (số minh hoạ)",
        email="tra-cuu@minh-hoa.example",
        address="Số 00 đường Minh Hoạ, phường Lương Văn Tri, tỉnh Lạng Sơn (địa chỉ minh hoạ)",
    )
    return Province(
        code="20",
        name={"vi": "Lạng Sơn", "en": "Lang Son"},
        crs=CRS,
        extent=(106.0, 21.3, 107.45, 22.55),
        offices=(office,),
        illustrative=True,
    )


def region_units() -> list[str]:
    """Codes of today's communes that took the centres of the region's old communes."""
    standard = load_standard()
    heirs = {row.old_code: row.new_code for row in standard.successions if row.main}
    inside = {
        heirs[unit.code]
        for unit in standard.units.values()
        if unit.old and unit.parent in DISTRICTS and unit.code in heirs
    }
    return sorted(inside)


def write_units(root: Path, units: Mapping[str, BaseGeometry]) -> None:
    """Write basemap/units.gpkg: today's communes."""
    standard = load_standard()
    codes: Sequence[str] = sorted(units)
    names = [standard.units[code].name for code in codes]
    shapes: np.ndarray = array([units[code] for code in codes])
    layer = Layer("units", "MultiPolygon", shapes, {"code": list(codes), "name": names})
    write_package(root / "basemap" / "units.gpkg", [layer], crs=CRS)
