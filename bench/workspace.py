"""Write the bench's province as a workspace (docs/reference/schemas.md §1), through the project's own writers."""

import dataclasses
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from bench.generate import CRS, PlanData, World
from bench.shapes import Shapes
from quyhoach.package import Layer, write_package
from quyhoach.release.workspace import store_package, write_plan, write_province, write_version


def write_workspace(root: Path, world: World, progress: Callable[[str], None]) -> None:
    """Write every plan of the world (not the extra one) under `root`, which should be empty."""
    root.mkdir(parents=True, exist_ok=True)
    write_province(root, world.province)
    for done, data in enumerate(world.plans, 1):
        add_plan(root, data)
        if done % 50 == 0 or done == len(world.plans):
            progress(f"workspace: {done} of {len(world.plans)} plans")
    _write_units(root / "basemap" / "units.gpkg", world)


def add_plan(root: Path, data: PlanData) -> None:
    """Store one plan: its package, plan.toml and versions/1.toml."""
    with tempfile.TemporaryDirectory(dir=root) as folder:
        path = Path(folder) / "plan.gpkg"
        write_package(path, _layers(data), crs=CRS)
        sha256 = store_package(root, path)
    write_plan(root, data.plan)
    write_version(root, dataclasses.replace(data.plan.versions[0], package=sha256))


def _layers(data: PlanData) -> list[Layer]:
    plan = data.plan
    outline: dict[str, Sequence[Any]] = {
        "maDoiTuong": ["RG-1"],
        "tenDoAn": [plan.name["vi"]],
        "tyLe": [f"1/{plan.scale}"],
        "dienTichQH": [round(data.outline.area, 1)],
    }
    tables = {"plan": {"plan_id": plan.plan_id, "version": "1"}, "provenance": {"schema": "1", "source": "bench"}}
    layers = [
        Layer("RanhGioiQuyHoach_A", "MultiPolygon", _array([data.outline]), outline),
        Layer(
            "coverage",
            "MultiPolygon",
            _array([area for _, area in data.coverage]),
            {"theme": [theme for theme, _ in data.coverage]},
        ),
        *(Layer(name, None, None, {"key": list(rows), "value": list(rows.values())}) for name, rows in tables.items()),
        *(_empty_report(name) for name in ("findings", "repairs")),
    ]
    if data.lots is not None:
        layers.append(_lots_layer(data))
    if data.overlays is not None:
        layers.append(_restrictions_layer(data))
    return layers


def _lots_layer(data: PlanData) -> Layer:
    lots = data.lots
    assert lots is not None
    blank = [""] * len(lots.label)
    fields = {
        "maDoiTuong": lots.label,
        "kyHieuLoDat": lots.label,
        "phanLoai": lots.function,
        "dienTich": lots.area_m2,
        "danSo": lots.population,
        "matDoXayDung": [entry.raw if entry else None for entry in lots.density],
        "tangCaoXayDung": [entry.raw if entry else None for entry in lots.storeys],
        "heSoSuDungDat": [entry.raw if entry else None for entry in lots.far],
        "tenDoiTuong": blank,
        "ghiChu": blank,
    }
    return Layer("ChucNangSuDungDat_A", "MultiPolygon", lots.geometry, fields)


def _restrictions_layer(data: PlanData) -> Layer:
    overlays = data.overlays
    assert overlays is not None
    fields = {
        "maDoiTuong": overlays.key,
        "theme": overlays.theme,
        "tenDoiTuong": overlays.name,
        "phanLoai": overlays.category,
        "quyDinh": overlays.rule,
        "ghiChu": [""] * len(overlays.key),
    }
    return Layer("restrictions", "MultiPolygon", overlays.geometry, fields)


def _empty_report(name: str) -> Layer:
    fields: dict[str, Sequence[Any]] = {
        key: [] for key in ("code", "feature", "layer", "message", "params", "source_handle")
    }
    if name == "findings":
        fields["level"] = []
    return Layer(name, "Unknown", _array([]), fields)


def _write_units(path: Path, world: World) -> None:
    fields: dict[str, Sequence[Any]] = {
        "code": [code for code, _, _ in world.units],
        "name": [name for _, name, _ in world.units],
    }
    polygons = _array([polygon for _, _, polygon in world.units])
    write_package(path, [Layer("units", "MultiPolygon", polygons, fields)], crs=CRS)


def _array(geometries: Iterable[BaseGeometry]) -> Shapes:
    items = list(geometries)
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array
