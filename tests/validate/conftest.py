"""A clean package to spoil in one way at a time."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.package import Layer
from quyhoach.standard import Standard, load_standard
from quyhoach.validate import RULES, validate

E, N = 430000.0, 2395000.0  # near Đồng Mỏ, EPSG:9215
LOTS, OUTLINE = "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A"


def array(*geometries: object) -> np.ndarray:
    result = np.empty(len(geometries), dtype=object)
    result[:] = geometries
    return result


def box(west: float, south: float, east: float, north: float) -> Any:
    """A rectangle in metres from the corner of the sample plan."""
    return shapely.MultiPolygon([shapely.box(E + west, N + south, E + east, N + north)])


def clean_layers() -> dict[str, Layer]:
    """Two lots of 100 × 100 m that fill their outline."""
    facts = {
        "crs": "EPSG:9215",
        "land_use": "tt16",
        "kind": "general",
        "extent": "106 21.2 107.5 22.6",
        "name_vi": "Quy hoạch thử",
    }
    layers = [
        Layer(
            LOTS,
            "MultiPolygon",
            array(box(0, 0, 100, 100), box(100, 0, 200, 100)),
            {
                "maDoiTuong": ["1", "2"],
                "kyHieuLoDat": ["OM-1", "CX-2"],
                "phanLoai": ["DAT_O_Nhomnhao", "DAT_Coquan"],
                "dienTich": [10000.0, 10050.0],
                "danSo": ["61", None],
                "matDoXayDung": ["40-60", "≤ 40%"],
                "tangCaoXayDung": ["3-5", "–"],
                "heSoSuDungDat": ["1,2-3,0", None],
                "ghiChu": [None, None],
            },
        ),
        Layer(OUTLINE, "MultiPolygon", array(box(0, 0, 200, 100)), {"tenDoAn": ["Quy hoạch thử"]}),
        Layer("coverage", "MultiPolygon", array(box(0, 0, 200, 100)), {"theme": ["land_use"]}),
        Layer("plan", None, None, {"key": list(facts), "value": list(facts.values())}),
    ]
    return {layer.name: layer for layer in layers}


@pytest.fixture
def layers() -> dict[str, Layer]:
    return clean_layers()


Spoil = Callable[..., dict[str, Layer]]


@pytest.fixture
def spoil() -> Spoil:
    """The clean package with one layer's geometry or fields changed."""

    def make(name: str, geometry: list[Any] | None = None, **fields: list[Any]) -> dict[str, Layer]:
        changed = clean_layers()
        layer = changed[name]
        shapes = layer.geometry if geometry is None else array(*geometry)
        size = len(shapes) if shapes is not None else len(layer)
        kept = {key: (list(values) * 3)[:size] for key, values in layer.fields.items()}
        changed[name] = replace(layer, geometry=shapes, fields={**kept, **fields})
        return changed

    return make


@pytest.fixture(scope="session")
def standard() -> Standard:
    return load_standard()


@pytest.fixture
def check(standard: Standard) -> Callable[[str, Mapping[str, Layer]], list[Finding]]:
    """Run one rule by its number."""

    def run(number: str, layers: Mapping[str, Layer]) -> list[Finding]:
        (rule,) = [rule for rule in RULES if rule.number == number]
        return list(validate(layers, standard, [rule]))

    return run
