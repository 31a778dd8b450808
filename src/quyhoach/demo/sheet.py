"""From drawn pieces to a plan package: labels, indicators, balance table, the national classes' layers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.arrange import Lot
from quyhoach.demo.grid import Street
from quyhoach.demo.town import CRS
from quyhoach.demo.uses import USES, function_of, written_indicators
from quyhoach.package import Layer, write_package
from quyhoach.standard import load_standard

NOTE = "Dữ liệu minh hoạ"


@dataclass(frozen=True, slots=True, eq=False)
class PlanLot:
    """A lot as its plan states it."""

    shape: BaseGeometry
    use: str
    label: str
    name: str
    density: str = ""
    storeys: str = ""
    far: str = ""
    people: int | None = None
    function: str = ""  # code of the land-use function; empty: as the use says at the plan's scale


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """All that one version of a plan draws. `facts` become the outline's fields and the `plan` table."""

    title: str
    scale: int
    outline: BaseGeometry
    theme: str
    lots: Sequence[PlanLot] = ()
    streets: Sequence[Street] = ()
    facts: Mapping[str, str] | None = None
    setback: float = 0.0  # metres from the red line to the building line; 0: none drawn


def label_lots(lots: Sequence[Lot], key: str, *, band: float = 350.0) -> list[PlanLot]:
    """Name every lot: a prefix by use and a number in reading order, with indicators written as plans write them.

    `key` seeds the choice of indicators, place by place, so that a lot keeps them in every version of its plan."""
    counters: dict[str, int] = {}
    result = []
    for lot in sorted(lots, key=lambda lot: _reading_order(lot, band)):
        use = USES[lot.patch.use]
        counters[use.prefix] = counters.get(use.prefix, 0) + 1
        result.append(_plan_lot(lot, f"{use.prefix}-{counters[use.prefix]:02d}", key))
    return result


def _plan_lot(lot: Lot, label: str, key: str) -> PlanLot:
    place = shapely.point_on_surface(lot.shape)
    rng = Random(f"{key}/{place.x:.0f}/{place.y:.0f}")
    use = USES[lot.patch.use]
    density, storeys, far = written_indicators(lot.patch.use, rng)
    people = max(1, round(lot.shape.area / use.people)) if use.people else None
    return PlanLot(lot.shape, lot.patch.use, label, lot.patch.name or use.name, density, storeys, far, people)


def _reading_order(lot: Lot, band: float) -> tuple[float, float, float]:
    """Row by row from the north, in turn eastward and westward, as draughtsmen number."""
    place = lot.shape.centroid
    row = -int(place.y // band)
    return (row, place.x if row % 2 else -place.x, place.y)


def relabel(lots: Sequence[PlanLot], before: Sequence[PlanLot]) -> list[PlanLot]:
    """Keep the labels and indicators of an earlier version where the lot is the same place with the same prefix;
    number the rest after them."""
    tree = shapely.STRtree([lot.shape for lot in before])
    used: set[str] = set()
    counters: dict[str, int] = {}
    for lot in before:
        prefix, _, number = lot.label.rpartition("-")
        counters[prefix] = max(counters.get(prefix, 0), int(number))
    kept: list[PlanLot | None] = []
    for lot in lots:
        hits = tree.query(shapely.point_on_surface(lot.shape), predicate="within")
        old = before[int(hits[0])] if len(hits) else None
        if old is None or old.label in used or USES[old.use].prefix != USES[lot.use].prefix:
            kept.append(None)
            continue
        used.add(old.label)
        people = old.people if abs(old.shape.area - lot.shape.area) < 1 else lot.people
        kept.append(replace(lot, label=old.label, density=old.density, storeys=old.storeys, far=old.far, people=people))
    result = []
    for lot, same in zip(lots, kept, strict=True):
        if same is None:
            prefix = USES[lot.use].prefix
            counters[prefix] = counters.get(prefix, 0) + 1
            same = replace(lot, label=f"{prefix}-{counters[prefix]:02d}")
        result.append(same)
    return result


def exchange_label(lots: Sequence[PlanLot], label: str, east: float, north: float, **facts: Any) -> list[PlanLot]:
    """Give the lot at that place this label (its holder takes the other's), and set its facts."""
    place = shapely.Point(east, north)
    here = next(lot for lot in lots if lot.shape.contains(place))
    swapped = []
    for lot in lots:
        if lot is here:
            lot = replace(lot, label=label, **facts)
        elif lot.label == label:
            lot = replace(lot, label=here.label)
        swapped.append(lot)
    return swapped


def write_sheet(path: Path, sheet: Sheet) -> str:
    """Write the plan package of a sheet; its SHA-256."""
    layers = [outline_layer(sheet), _coverage_layer({sheet.theme: [sheet.outline]})]
    if sheet.lots:
        layers += [_lots_layer(sheet), balance_table(sheet.lots, sheet.scale)]
    if sheet.streets:
        layers += _road_layers(sheet)
    return write_package(path, [*layers, *record_layers(sheet.title, sheet.facts or {})], crs=CRS)


def write_outline(path: Path, sheet: Sheet) -> str:
    """Write the package of a plan that is not digitised: its outline alone."""
    return write_package(path, [outline_layer(sheet)], crs=CRS)


def array(shapes: Sequence[BaseGeometry]) -> np.ndarray:
    """The shapes as an array of objects."""
    result = np.empty(len(shapes), dtype=object)
    result[:] = list(shapes)
    return result


def code_of(lot: PlanLot, scale: int) -> str:
    """The function's code, spelt as in the standard."""
    code = lot.function or function_of(lot.use, scale)
    return load_standard().land_use[code.casefold()].code


def _lots_layer(sheet: Sheet) -> Layer:
    lots, facts = sorted(sheet.lots, key=lambda lot: _label_order(lot.label)), sheet.facts or {}
    count = len(lots)
    return Layer(
        "ChucNangSuDungDat_A",
        "MultiPolygon",
        array([lot.shape for lot in lots]),
        {
            "maThongTinQH": [facts.get("maThongTinQH", "")] * count,
            "maHoSoQH": [facts.get("maHoSoQH", "")] * count,
            "maDoiTuong": [lot.label for lot in lots],
            "tenDoiTuong": [lot.name for lot in lots],
            "kyHieuLoDat": [lot.label for lot in lots],
            "dienTich": [round(lot.shape.area, 1) for lot in lots],
            "danSo": [lot.people for lot in lots],
            "matDoXayDung": [lot.density or None for lot in lots],
            "tangCaoXayDung": [lot.storeys or None for lot in lots],
            "heSoSuDungDat": [lot.far or None for lot in lots],
            "trangThaiQuyHoach": ["Quy hoạch"] * count,
            "phanLoai": [code_of(lot, sheet.scale) for lot in lots],
            "ghiChu": [NOTE] * count,
        },
    )


def _label_order(label: str) -> tuple[str, int, str]:
    prefix, _, number = label.rpartition("-")
    return (prefix, int(number) if number.isdigit() else 0, label)


def outline_layer(sheet: Sheet) -> Layer:
    """The layer of the plan's outline."""
    facts = sheet.facts or {}
    fields: dict[str, Sequence[Any]] = {
        "maThongTinQH": [facts.get("maThongTinQH", "")],
        "maHoSoQH": [facts.get("maHoSoQH", "")],
        "maDoiTuong": ["RG-01"],
        "tenDoiTuong": ["Ranh giới quy hoạch"],
        "tyLe": [f"1/{sheet.scale:,}".replace(",", ".")],
        "tenDoAn": [sheet.title],
        "dienTichQH": [round(sheet.outline.area, 1)],
        "soQDQH": [facts.get("soQDQH", "")],
        "coQuanPheduyet": [facts.get("coQuanPheduyet", "")],
        "ghiChu": [NOTE],
    }
    return Layer("RanhGioiQuyHoach_A", "MultiPolygon", array([sheet.outline]), fields)


def _coverage_layer(themes: Mapping[str, Sequence[BaseGeometry]]) -> Layer:
    rows = [(theme, shape) for theme in sorted(themes) for shape in themes[theme]]
    return Layer(
        "coverage", "MultiPolygon", array([shape for _, shape in rows]), {"theme": [theme for theme, _ in rows]}
    )


def coverage_layer(themes: Mapping[str, Sequence[BaseGeometry]]) -> Layer:
    """The layer saying where a plan has data, per theme."""
    return _coverage_layer(themes)


def _road_layers(sheet: Sheet) -> list[Layer]:
    """Centre lines, red lines (the edges of the streets' lots) and, where drawn, building lines."""
    roads = shapely.union_all(
        [lot.shape for lot in sheet.lots if lot.use in ("road", "road_national")], grid_size=0.0001
    )
    streets = _visible(sheet.streets, roads)
    edges = _pieces(shapely.difference(roads.boundary, sheet.outline.boundary))
    layers = [
        Layer(
            "MangLuoiGiaoThongDuongBo_L",
            "MultiLineString",
            array([street.line for street in streets]),
            {
                "maDoiTuong": [f"TD-{i:03d}" for i in range(1, len(streets) + 1)],
                "tenDoiTuong": ["Tim đường"] * len(streets),
                "tenDuong": [street.name for street in streets],
                "capDuong": [("Đường đối ngoại", "Đường chính", "Đường khu vực")[street.rank] for street in streets],
                "chieuDai": [round(street.line.length, 1) for street in streets],
                "loGioi": [_metres(street.width) for street in streets],
                "ghiChu": [NOTE] * len(streets),
            },
        ),
        _line_layer("ChiGioiDuongDo_L", "CGDD", "Chỉ giới đường đỏ", edges, {}),
    ]
    if sheet.setback:
        back = shapely.difference(roads.buffer(sheet.setback, quad_segs=2).boundary, roads)
        lines = _pieces(shapely.intersection(back, sheet.outline.buffer(-0.01)))
        layers.append(
            _line_layer(
                "ChiGioiXayDung_L", "CGXD", "Chỉ giới xây dựng", lines, {"khoangLuiXayDung": _metres(sheet.setback)}
            )
        )
    return [layer for layer in layers if len(layer)]


def _visible(streets: Sequence[Street], roads: BaseGeometry) -> list[Street]:
    """The streets, named in order, without what lies under other lots (a lane that a school stands on)."""
    if not roads.is_empty:
        wide = roads.buffer(0.05)
        streets = [replace(street, line=shapely.intersection(street.line, wide)) for street in streets]
        streets = [street for street in streets if street.line.length > 5]
    return sorted(streets, key=lambda street: (street.rank, street.name, -street.line.length))


def _pieces(lines: BaseGeometry) -> list[BaseGeometry]:
    """Lines joined end to end, without scraps under 1 m."""
    return [line for line in shapely.get_parts(shapely.line_merge(lines)) if line.length > 1]


def _line_layer(name: str, prefix: str, what: str, lines: Sequence[BaseGeometry], more: Mapping[str, str]) -> Layer:
    ordered = sorted(lines, key=lambda line: (-line.bounds[3], line.bounds[0], line.length))
    fields: dict[str, Sequence[Any]] = {
        "maDoiTuong": [f"{prefix}-{i:04d}" for i in range(1, len(ordered) + 1)],
        "tenDoiTuong": [what] * len(ordered),
        "chieuDai": [round(line.length, 1) for line in ordered],
    }
    fields |= {key: [value] * len(ordered) for key, value in more.items()}
    return Layer(name, "MultiLineString", array(ordered), fields)


def _metres(value: float) -> str:
    return f"{value:g}".replace(".", ",") + " m"


def balance_table(lots: Sequence[PlanLot], scale: int) -> Layer:
    """The table of areas by function (m², % of all)."""
    areas: dict[str, float] = {}
    for lot in lots:
        code = code_of(lot, scale)
        areas[code] = areas.get(code, 0.0) + lot.shape.area
    total = sum(areas.values())
    order = load_standard().land_use
    codes = sorted(areas, key=lambda code: (order[code.casefold()].order, code))
    return Layer(
        "balance_table",
        None,
        None,
        {
            "function": codes,
            "area_m2": [round(areas[code], 1) for code in codes],
            "share_pct": [round(100 * areas[code] / total, 2) for code in codes],
            "note": [NOTE] * len(codes),
        },
    )


def record_layers(title: str, facts: Mapping[str, str]) -> list[Layer]:
    """The tables and empty layers that every package carries."""
    plan = {"ten": title, "ghiChu": NOTE, **facts}
    provenance = {"schema": "1", "source": "quyhoach demo", "note": NOTE, "guesses": json.dumps([])}
    nothing = np.empty(0, dtype=object)
    common: dict[str, Sequence[Any]] = {
        key: [] for key in ("code", "feature", "layer", "message", "params", "source_handle")
    }
    return [
        Layer("plan", None, None, {"key": list(plan), "value": list(plan.values())}),
        Layer("provenance", None, None, {"key": list(provenance), "value": list(provenance.values())}),
        Layer(
            "findings",
            "Unknown",
            nothing,
            {"code": [], "level": [], **{k: v for k, v in common.items() if k != "code"}},
        ),
        Layer("repairs", "Unknown", nothing, common),
    ]
