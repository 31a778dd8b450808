"""A drawing made by hand: layers of texts, lines, boxes and hatches as the CAD reader would give them."""

from typing import Any

import numpy as np
import shapely

from quyhoach.domain.source import DRAWING_FIELDS, Drawing, LeftOut, SourceLayer, TableGrid

LETTER = 0.8


class HandDrawn:
    """Collects entities by layer; coordinates are as drawn. `move`: drawn points (n, 2) -> true ones."""

    def __init__(self, move: Any = None) -> None:
        self.rows: dict[str, list[tuple[str, Any, dict[str, Any]]]] = {}
        self.move = move
        self.count = 0

    def add(self, layer: str, entity: str, shape: Any, **fields: Any) -> str:
        self.count += 1
        handle = f"{self.count:X}"
        self.rows.setdefault(layer, []).append((handle, shape, {"entity": entity, **fields}))
        return handle

    def text(self, words: str, x: float, y: float, height: float = 2.0, layer: str = "CHU", **fields: Any) -> str:
        """A text that starts at x, y; `rotation` in degrees; several lines make an MTEXT."""
        lines = words.split("\n")
        width = LETTER * height * max(map(len, lines))
        low = -(len(lines) - 1) * height * 5 / 3
        turn = float(fields.get("rotation", 0.0))
        middle = shapely.affinity.rotate(shapely.Point(x + width / 2, y + (low + height) / 2), turn, origin=(x, y))
        told = {"text": words, "x": x, "y": y, "height": height, "rotation": turn}
        entity = fields.pop("entity", "MTEXT" if len(lines) > 1 else "TEXT")
        return self.add(layer, entity, middle, **{**told, **fields})

    def line(self, *points: tuple[float, float], layer: str = "KHUNG", entity: str = "LINE", **fields: Any) -> str:
        return self.add(layer, entity, shapely.LineString(points), **fields)

    def box(self, west: float, south: float, east: float, north: float, layer: str = "KHUNG", **fields: Any) -> str:
        """A closed line."""
        ring = shapely.LineString(shapely.box(west, south, east, north).exterior.coords)
        return self.add(layer, "LWPOLYLINE", ring, closed=True, **fields)

    def hatch(self, west: float, south: float, east: float, north: float, layer: str = "MAU", **fields: Any) -> str:
        fields.setdefault("pattern", "SOLID")
        return self.add(layer, "HATCH", shapely.box(west, south, east, north), **fields)

    def layers(self) -> tuple[SourceLayer, ...]:
        return tuple(self._layer(name, rows) for name, rows in self.rows.items())

    def _layer(self, name: str, rows: list[tuple[str, Any, dict[str, Any]]]) -> SourceLayer:
        shapes = np.empty(len(rows), dtype=object)
        shapes[:] = [shape for _, shape, _ in rows]
        if self.move is not None:
            shapes = shapely.transform(shapes, self.move)
        fields = {key: [told.get(key) for _, _, told in rows] for key in DRAWING_FIELDS}
        return SourceLayer(name, "x.dxf", "EPSG:9215", shapes, tuple(handle for handle, _, _ in rows), fields)


def drawing(*left_out: LeftOut, tables: tuple[TableGrid, ...] = ()) -> Drawing:
    return Drawing("AC1015", "cp1252", "m", False, {}, left_out, tables)
