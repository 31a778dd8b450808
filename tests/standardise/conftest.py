"""Layers made by hand, and a state to run one phase on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from quyhoach.domain.mapping import LayerRule, SourceMapping
from quyhoach.domain.source import SourceLayer
from quyhoach.standard import load_standard
from quyhoach.standardise import Context, Features, Work

sys.path.insert(0, str(Path(__file__).parent))  # for hand_drawn

EXTENT = (106.0, 21.2, 107.5, 22.6)
SQUARE = shapely.box(430000, 2395000, 430100, 2395100)


def array(*geometries: object) -> np.ndarray:
    result = np.empty(len(geometries), dtype=object)
    result[:] = geometries
    return result


@pytest.fixture(scope="session")
def context() -> Context:
    """Lạng Sơn without a plan."""
    return Context(load_standard(), "EPSG:9215", EXTENT)


@pytest.fixture
def layer() -> Callable[..., SourceLayer]:
    def make(*shapes: object, name: str = "lo", crs: str | None = "EPSG:9215", **fields: list[Any]) -> SourceLayer:
        ids = tuple(str(number + 1) for number in range(len(shapes)))
        return SourceLayer(name, "x.gpkg", crs, array(*shapes), ids, dict(fields))

    return make


@pytest.fixture
def work(context: Context) -> Callable[..., Work]:
    def make(*layers: SourceLayer, mapping: SourceMapping | None = None, **mapped: Any) -> Work:
        return Work(context, mapping or SourceMapping(**mapped), layers)

    return make


@pytest.fixture
def features() -> Callable[..., Features]:
    def make(
        *shapes: object, role: str = "lot", theme: str = "", class_name: str = "", **fields: list[Any]
    ) -> Features:
        handles = tuple(f"x.gpkg#{number + 1}" for number in range(len(shapes)))
        rule = LayerRule("lo", role, theme=theme, class_name=class_name)
        return Features(rule, "lo", array(*shapes), handles, dict(fields))

    return make
