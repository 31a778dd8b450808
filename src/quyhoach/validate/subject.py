"""What rules look at: a package's layers with the few views that most rules need, made once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.frame import Frame, frame_from_json
from quyhoach.package import Layer, unmatched_edges
from quyhoach.standard import LandUse, Standard

LOTS, OUTLINE, DRAWN = "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A", "source_lots"
CURVES_M = 0.006  # mean width: so far two curves may part when they were drawn as one and cut into chords
SLIT_M = 1.0  # a wider gap is a path or a ditch
SLIT_MM = 0.5  # on paper: what the eye takes for one line
Geometries = npt.NDArray[np.object_]
Pairs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Subject:
    """A package to check. `facts` is its table `plan`."""

    layers: Mapping[str, Layer]
    standard: Standard

    @cached_property
    def facts(self) -> Mapping[str, str]:
        return {key: values[-1] for key, values in self._table("plan").items()}

    @cached_property
    def provenance(self) -> Mapping[str, tuple[str, ...]]:
        """Table `provenance`: a key may stand there several times (`guess`)."""
        return self._table("provenance")

    def _table(self, name: str) -> dict[str, tuple[str, ...]]:
        table = self.layers.get(name)
        if table is None or not {"key", "value"} <= set(table.fields):
            return {}
        rows: dict[str, tuple[str, ...]] = {}
        for key, value in zip(table.fields["key"], table.fields["value"], strict=True):
            if value is not None:
                rows[str(key)] = (*rows.get(str(key), ()), str(value))
        return rows

    @cached_property
    def frame(self) -> Frame | None:
        """How the drawing lay; None for a package that was made of no drawing."""
        try:
            return frame_from_json(self.provenance["frame"][0])
        except (KeyError, ValueError):
            return None

    @cached_property
    def scale(self) -> int | None:
        """The drawing's scale (5000 of 1/5.000), where the package says one."""
        outline = self.layers.get(OUTLINE)
        written = [] if outline is None else [str(value or "") for value in self.column(outline, "tyLe")]
        for text in (self.facts.get("scale", ""), *self.provenance.get("scale", ()), *written):
            text = text.rpartition("/")[2].replace(".", "").strip()  # "1/5.000"
            if text.isascii() and text.isdigit() and int(text) > 0:
                return int(text)
        return None

    @cached_property
    def day(self) -> date | None:
        """The day whose law counts: `decided_on` of the plan, else when the package was made; None: not said."""
        for text in (self.facts.get("decided_on", ""), *self.provenance.get("made_at", ())):
            try:
                return date.fromisoformat(text[:10])
            except ValueError:
                continue
        return None

    @cached_property
    def lots(self) -> Layer:
        """The lots; an empty layer where there are none."""
        return self.layers.get(LOTS) or Layer(LOTS, "MultiPolygon", np.empty(0, dtype=object))

    @cached_property
    def lot_shapes(self) -> Geometries:
        return _shapes(self.lots)

    @cached_property
    def sound(self) -> Mask:
        """Which lots have a geometry that can be computed with."""
        return _sound(self.lot_shapes)

    @cached_property
    def lot_areas(self) -> npt.NDArray[np.float64]:
        """The lots' areas in m²; 0 for none."""
        return np.nan_to_num(shapely.area(self.lot_shapes))

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
        if not len(shapes):
            return None
        if shapely.is_empty(self._lot_edges).all():  # neighbours share edges: far faster
            return shapely.coverage_union_all(shapes)
        return shapely.union_all(shapes)

    @cached_property
    def beyond(self) -> npt.NDArray[np.float64]:
        """How many m² of each lot lie outside the outline; 0 where that can't be said."""
        areas = np.zeros(len(self.lot_shapes))
        if self.outline is not None:
            shapely.prepare(self.outline)
            rows = np.flatnonzero(self.sound)
            rows = rows[~shapely.covered_by(self.lot_shapes[rows], self.outline)]
            areas[rows] = shapely.area(shapely.difference(self.lot_shapes[rows], self.outline))
        return areas

    @cached_property
    def touching(self) -> Pairs:
        """Pairs of sound lots whose shapes meet in another way than along a common edge with common vertices, each
        pair once, as an array of shape (n, 2), sorted: the pairs that may overlap."""
        return _doubtful(self.lot_shapes, self.sound, self._lot_edges)

    @cached_property
    def _lot_edges(self) -> Geometries:
        """Of each sound lot the edges that do not meet its neighbours' as in a coverage."""
        return unmatched_edges(self.lot_shapes[self.sound])

    @cached_property
    def functions(self) -> tuple[LandUse | None, ...]:
        """The lots' land-use functions as rows of the standard's list that the plan uses."""
        listed = self.facts.get("land_use", "tt16")
        known = self.standard.land_use
        rows = [known.get(str(value).casefold()) for value in self.column(self.lots, "phanLoai")]
        return tuple(row if row is not None and row.list == listed else None for row in rows)

    # ── the lots as drawn, before cleaning ──────────────────────────────────────────────────────────────────

    @cached_property
    def drawn(self) -> Layer:
        """The lots as drawn; an empty layer where the package keeps none."""
        return self.layers.get(DRAWN) or Layer(DRAWN, "MultiPolygon", np.empty(0, dtype=object))

    @cached_property
    def drawn_shapes(self) -> Geometries:
        return _shapes(self.drawn)

    @cached_property
    def drawn_tree(self) -> Any:
        """An STRtree of the lots as drawn."""
        return shapely.STRtree(self.drawn_shapes)

    @cached_property
    def drawn_sound(self) -> Mask:
        return _sound(self.drawn_shapes)

    @cached_property
    def drawn_pairs(self) -> Pairs:
        """As `touching`, of the lots as drawn."""
        return _doubtful(self.drawn_shapes, self.drawn_sound, self.drawn_edges)

    @cached_property
    def slit_width(self) -> float:
        """How wide a slit between lots may be in metres: SLIT_MM on paper, at most SLIT_M."""
        return SLIT_M if self.scale is None else min(SLIT_M, max(0.1, SLIT_MM * self.scale / 1000))

    @cached_property
    def drawn_edges(self) -> Geometries:
        """Of each sound lot as drawn the edges that overlap a neighbour or leave a slit."""
        shapes = self.drawn_shapes[self.drawn_sound]
        return unmatched_edges(shapes, self.slit_width)

    @cached_property
    def drawn_shared(self) -> npt.NDArray[np.float64]:
        """The m² that the two of each of `drawn_pairs` share."""
        first, second = self.drawn_shapes[self.drawn_pairs[:, 0]], self.drawn_shapes[self.drawn_pairs[:, 1]]
        return np.asarray(shapely.area(shapely.intersection(first, second)), dtype=float)

    @cached_property
    def drawn_lots(self) -> npt.NDArray[np.int64]:
        """For each lot as drawn the row of the lot that it became (by field `lot`, else by place); -1 for none."""
        rows = np.full(len(self.drawn_shapes), -1, dtype=np.int64)
        codes = {str(code): row for row, code in enumerate(self.column(self.lots, "maDoiTuong")) if code is not None}
        for row, code in enumerate(self.column(self.drawn, "lot")):
            rows[row] = codes.get(str(code), -1) if code is not None else -1
        left = np.flatnonzero((rows < 0) & self.drawn_sound)
        if len(left) and len(self.lot_shapes):
            inner = shapely.point_on_surface(self.drawn_shapes[left])
            points, lots = shapely.STRtree(self.lot_shapes).query(inner, predicate="intersects")
            rows[left[points[::-1]]] = lots[::-1]
        return rows

    @cached_property
    def drawn_names(self) -> tuple[str, ...]:
        """What a person would call the lots as drawn: the name of the lot that each became, else its handle."""
        handles = self.column(self.drawn, "source_handle")
        return tuple(
            self.lot_name(lot) if lot >= 0 else (f"[{handles[row]}]" if handles[row] else f"#{row + 1}")
            for row, lot in enumerate(self.drawn_lots.tolist())
        )

    def drawn_handle(self, row: int) -> str:
        """The handle of the entity that the lot was drawn with, "" where it isn't known."""
        return str(self.column(self.drawn, "source_handle")[row] or "")

    @cached_property
    def _handles(self) -> Mapping[int, str]:
        rows = zip(self.drawn_lots.tolist(), self.column(self.drawn, "source_handle"), strict=True)
        return {lot: str(handle) for lot, handle in rows if lot >= 0 and handle}

    def handle(self, row: int) -> str:
        """The handle of the entity that a lot came of, "" where it isn't known."""
        return self._handles.get(row, "")

    # ── small help ──────────────────────────────────────────────────────────────────────────────────────────

    def column(self, layer: Layer, name: str) -> Sequence[Any]:
        """A field of a layer, None for every feature where the layer doesn't have it."""
        return layer.fields.get(name, [None] * len(layer))

    def lot_name(self, row: int) -> str:
        """What a person would call a lot: its label, else id, else its row (from 1)."""
        return self._lot_names[row]

    @cached_property
    def _lot_names(self) -> tuple[str, ...]:
        columns = [self.column(self.lots, field) for field in ("kyHieuLoDat", "maDoiTuong", "tenDoiTuong")]
        return tuple(
            next((str(value) for value in values if value), f"#{row}")
            for row, values in enumerate(zip(*columns, strict=True), start=1)
        )


def place(shape: Any, *lots: Any) -> bytes | None:
    """A geometry as the place of a finding: WKB, None for none. With `lots` (polygons that the fault concerns): a
    collection of the geometry and a point inside each, since people look for the fault on the lot."""
    if shape is None or shape.is_empty:
        return None
    if lots:
        parts = [part for part in shapely.get_parts([shape]) if not part.is_empty]
        shape = shapely.geometrycollections([*parts, *shapely.point_on_surface(list(lots))])
    return bytes(shapely.to_wkb(shapely.force_2d(shape), byte_order=1))


def _shapes(layer: Layer) -> Geometries:
    return np.empty(0, dtype=object) if layer.geometry is None else layer.geometry


def _sound(shapes: Geometries) -> Mask:
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6))
    return np.asarray(shapely.is_valid(shapes) & ~shapely.is_empty(shapes) & polygonal, dtype=bool)


def _doubtful(shapes: Geometries, sound: Mask, edges: Geometries) -> Pairs:
    """Pairs of sound shapes that may overlap: `edges` are those of the sound ones that are no coverage's."""
    rows = np.flatnonzero(sound)
    if not len(rows):
        return np.empty((0, 2), dtype=np.int64)
    inner = shapely.point_on_surface(shapes[rows])
    within, around = shapely.STRtree(shapes[rows]).query(inner, predicate="within")  # whole lots inside others
    nested = np.column_stack([rows[within], rows[around]])
    rows = rows[~shapely.is_empty(edges)]
    chosen = shapes[rows]
    first, second = shapely.STRtree(chosen).query(chosen, predicate="intersects")
    pairs = np.concatenate([np.column_stack([rows[first], rows[second]]), nested])
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0) if len(pairs) else np.empty((0, 2), dtype=np.int64)
