"""The ground truth of a drawing: what stands in truth.gpkg and truth.json beside it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from quyhoach.demo.cad.attributes import Sheet, plain_span
from quyhoach.demo.cad.defects import Planted
from quyhoach.package import Layer, write_package

Shapes = Sequence[tuple[str, str, Any]]


@dataclass(frozen=True)
class Truth:
    """What was drawn: the folder's files, the number of lots, the faults planted (places in EPSG:9215)."""

    folder: Path
    lots: int
    defects: tuple[Planted, ...]

    @property
    def drawing(self) -> Path:
        """The DXF."""
        return self.folder / "drawing.dxf"

    @property
    def mapping(self) -> Path:
        """The operator's knowledge."""
        return self.folder / "mapping.toml"


def write_truth(
    folder: Path,
    sheets: Sequence[Sheet],
    boundary: Any,
    name: str,
    outside: Shapes,
    decoys: Shapes,
    *,
    by_label: bool = False,
) -> None:
    """truth.gpkg: lots, plan_boundary, roads, and what is not a lot. `by_label`: only labels tell the functions."""
    lots = np.array([sheet.lot.shape for sheet in sheets], dtype=object)
    roads = shapely.difference(boundary, shapely.union_all(lots, grid_size=0.001))
    parts = np.array([part for part in shapely.get_parts(roads) if part.area > 0.5], dtype=object)
    layers = [
        Layer("lots", "MultiPolygon", lots, _columns(sheets, by_label)),
        Layer("plan_boundary", "MultiPolygon", np.array([boundary], dtype=object),
              {"name": [name], "area_ha": [round(boundary.area / 1e4, 6)]}),
        Layer("roads", "MultiPolygon", parts, {"road_id": list(range(1, len(parts) + 1))}),
    ]  # fmt: skip
    for layer, shapes, fields in (
        ("lots_outside", outside, ("kyHieuLoDat", "phanLoai")),
        ("decoys", decoys, ("kind", "note")),
    ):
        if shapes:
            columns: dict[str, Sequence[Any]] = {
                name: [row[column] for row in shapes] for column, name in enumerate(fields)
            }
            layers.append(Layer(layer, "MultiPolygon", np.array([row[2] for row in shapes], dtype=object), columns))
    write_package(folder / "truth.gpkg", layers, crs="EPSG:9215")


def _columns(sheets: Sequence[Sheet], by_label: bool) -> dict[str, Sequence[Any]]:
    def end(value: tuple[float, float] | None, which: int) -> float | None:
        return None if value is None else value[which]

    return {
        "lot_id": [sheet.lot.number for sheet in sheets],
        "kyHieuLoDat": [sheet.code if sheet.labelled else None for sheet in sheets],
        "kyHieuLoDat_alt": [sheet.second_code or None for sheet in sheets],
        # Where labels tell the function, a lot without one has none that anybody could know.
        "phanLoai": [sheet.use.function if sheet.labelled or not by_label else None for sheet in sheets],
        "dienTich": [round(sheet.area, 2) for sheet in sheets],
        "dienTichGhi": [sheet.written for sheet in sheets],
        "danSo": [None if sheet.population is None else float(sheet.population) for sheet in sheets],
        "matDoXayDung": [plain_span(sheet.density, 0) for sheet in sheets],
        "matDo_min": [end(sheet.density, 0) for sheet in sheets],
        "matDo_max": [end(sheet.density, 1) for sheet in sheets],
        "tangCaoXayDung": [plain_span(sheet.storeys, 0) for sheet in sheets],
        "tang_min": [end(sheet.storeys, 0) for sheet in sheets],
        "tang_max": [end(sheet.storeys, 1) for sheet in sheets],
        "heSoSuDungDat": [plain_span(sheet.far, 1) for sheet in sheets],
        "heSo_min": [end(sheet.far, 0) for sheet in sheets],
        "heSo_max": [end(sheet.far, 1) for sheet in sheets],
        "kind": [sheet.lot.kind for sheet in sheets],
        "defects": [",".join(sheet.defects) for sheet in sheets],
    }


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    """truth.json."""
    (folder / "truth.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
