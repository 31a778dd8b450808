"""What rules look at: a package's layers with the few views that most rules need, made once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.package import Layer
from quyhoach.standard import Standard

LOTS, OUTLINE = "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A"
Geometries = npt.NDArray[np.object_]
Pairs = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Subject:
    """A package to check. `facts` is its table `plan`."""

    layers: Mapping[str, Layer]
    standard: Standard

    @cached_property
    def facts(self) -> Mapping[str, str]:
        table = self.layers.get("plan")
        if table is None or not {"key", "value"} <= set(table.fields):
            return {}
        rows = zip(table.fields["key"], table.fields["value"], strict=True)
        return {str(key): str(value) for key, value in rows if value is not None}

    @cached_property
    def lots(self) -> Layer:
        """The lots; an empty layer where there are none."""
        return self.layers.get(LOTS) or Layer(LOTS, "MultiPolygon", np.empty(0, dtype=object))

    @cached_property
    def lot_shapes(self) -> Geometries:
        shapes = self.lots.geometry
        return np.empty(0, dtype=object) if shapes is None else shapes

    @cached_property
    def sound(self) -> npt.NDArray[np.bool_]:
        """Which lots have a geometry that can be computed with."""
        return np.asarray(shapely.is_valid(self.lot_shapes) & ~shapely.is_empty(self.lot_shapes), dtype=bool)

    @cached_property
    def outline(self) -> Any:
        """The plan's outline as one valid geometry, or None."""
        layer = self.layers.get(OUTLINE)
        if layer is None or layer.geometry is None:
            return None
        shapes = [shape for shape in layer.geometry if shape is not None and not shape.is_empty]
        return shapely.union_all([shapely.make_valid(shape) for shape in shapes]) if shapes else None

    @cached_property
    def lot_union(self) -> Any:
        """All sound lots together, None without lots."""
        shapes = self.lot_shapes[self.sound]
        return shapely.union_all(shapes) if len(shapes) else None

    @cached_property
    def touching(self) -> Pairs:
        """Pairs of sound lots whose shapes meet, each pair once, as an array of shape (n, 2), sorted."""
        rows = np.flatnonzero(self.sound)
        shapes = self.lot_shapes[rows]
        if not len(shapes):
            return np.empty((0, 2), dtype=np.int64)
        first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        once = first < second
        pairs = np.column_stack([rows[first[once]], rows[second[once]]])
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

    def column(self, layer: Layer, name: str) -> Sequence[Any]:
        """A field of a layer, None for every feature where the layer doesn't have it."""
        return layer.fields.get(name, [None] * len(layer))

    def lot_name(self, row: int) -> str:
        """What a person would call a lot: its label, else id, else its row (from 1)."""
        for field in ("kyHieuLoDat", "maDoiTuong", "tenDoiTuong"):
            value = self.column(self.lots, field)[row]
            if value:
                return str(value)
        return f"#{row + 1}"


def place(shape: Any) -> bytes | None:
    """A geometry as the place of a finding: WKB, None for none."""
    return None if shape is None or shape.is_empty else bytes(shapely.to_wkb(shape, byte_order=1))
