"""Last phase: features of the standard as the layers of a plan package (docs/reference/schemas.md §2)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from quyhoach.package import Layer
from quyhoach.standardise.fields import LOTS, OUTLINE
from quyhoach.standardise.work import ON_THE_WAY, Context, Features, Geometries, Work

_LOT_FIELDS = (
    "maDoiTuong",
    "tenDoiTuong",
    "kyHieuLoDat",
    "phanLoai",
    "dienTich",
    "danSo",
    "matDoXayDung",
    "tangCaoXayDung",
    "heSoSuDungDat",
    "ghiChu",
)
_RESTRICTION_FIELDS = ("maDoiTuong", "theme", "tenDoiTuong", "phanLoai", "quyDinh", "ghiChu")
_CLASS_FIELDS = ("maDoiTuong", "tenDoiTuong", "phanLoai", "ghiChu")
_PARCEL_FIELDS = ("commune", "sheet", "lot", "area", "use")


def to_layers(work: Work) -> list[Layer]:
    """The layers of the package but for findings, repairs and provenance; layers without features are absent."""
    layers = [
        _layer(LOTS, "MultiPolygon", work.role("lot"), _LOT_FIELDS, work.context),
        _outline(work),
        _restrictions(work),
        _coverage(work),
        _layer("parcels", "MultiPolygon", work.role("parcel"), _PARCEL_FIELDS),
        _labels(work),
        _source_lots(work),
        _balance_table(work),
        *_classes(work),
    ]
    return [layer for layer in layers if layer is not None and len(layer)] + [plan_table(work.context)]


def _layer(
    name: str, kind: str, groups: Sequence[Features], fields: Sequence[str], context: Context | None = None
) -> Layer | None:
    if not groups:
        return None
    extra = sorted({key for group in groups for key in group.fields} - set(fields) - ON_THE_WAY)
    columns: dict[str, Sequence[Any]] = {}
    for key in (*fields, *extra):
        columns[key] = [value for group in groups for value in group.fields.get(key, [None] * len(group))]
    geometry = _join(groups)
    if "dienTich" in columns:  # written where it was written, measured elsewhere
        measured = np.round(shapely.area(geometry), 2).tolist()
        columns["dienTich"] = [
            found if written is None else written for written, found in zip(columns["dienTich"], measured, strict=True)
        ]
    if "danSo" in columns:
        columns["danSo"] = _population(columns["danSo"])
    if "area" in columns and name == "parcels":
        columns["area"] = [None if value is None else float(value) for value in columns["area"]]
    return Layer(name, kind, geometry, {**_codes(context, len(geometry)), **columns})


def _codes(context: Context | None, size: int) -> dict[str, Sequence[Any]]:
    """The national codes of the plan, required on every feature of the standard once they are given."""
    codes = context.plan.codes if context is not None and context.plan is not None else {}
    return {key: [codes[key]] * size for key in ("maThongTinQH", "maHoSoQH") if codes.get(key)}


def _population(values: Sequence[str | None]) -> Sequence[Any]:
    """Whole numbers when every value is one, else text as written."""
    plain = [value.replace(".", "") if value else None for value in values]
    if all(value is None or (value.isascii() and value.isdigit() and len(value) < 10) for value in plain):
        return [None if value is None else int(value) for value in plain]
    return values


def _join(groups: Sequence[Features]) -> Geometries:
    return np.concatenate([group.geometry for group in groups]) if groups else np.empty(0, dtype=object)


def _outline(work: Work) -> Layer | None:
    if work.outline is None:
        return None
    geometry = np.empty(1, dtype=object)
    geometry[0] = work.outline
    plan = work.context.plan
    written = [group.fields for group in work.role("plan_boundary") if len(group) == 1]
    fields = {key: values[0] for row in written for key, values in row.items() if values[0] is not None}
    name = fields.pop("tenDoAn", None) or (plan.name.get("vi") if plan else work.reading.title or None)
    denominator = plan.scale if plan else work.reading.scale
    scale = fields.pop("tyLe", None) or (f"1/{denominator:,}".replace(",", ".") if denominator else None)
    area = fields.pop("dienTichQH", None)
    return Layer(
        OUTLINE,
        "MultiPolygon",
        geometry,
        {
            **_codes(work.context, 1),
            "tenDoAn": [name],
            "tyLe": [scale],
            "dienTichQH": [round(float(work.outline.area), 2) if area is None else area],
            **{key: [value] for key, value in sorted(fields.items())},
        },
    )


def _restrictions(work: Work) -> Layer | None:
    groups = [group for group in work.role("overlay") if not group.rule.class_name]
    layer = _layer("restrictions", "MultiPolygon", groups, _RESTRICTION_FIELDS)
    if layer is None:
        return None
    rules = [group.rule for group in groups for _ in range(len(group))]
    names = [group.layer for group in groups for _ in range(len(group))]
    fields = dict(layer.fields)
    themes = zip(fields["theme"], rules, strict=True)
    fields["theme"] = [value or rule.theme or None for value, rule in themes]
    fields["tenDoiTuong"] = [value or name for value, name in zip(fields["tenDoiTuong"], names, strict=True)]
    return Layer(layer.name, layer.geometry_type, layer.geometry, fields)


def _coverage(work: Work) -> Layer | None:
    if not work.coverage:
        return None
    geometry = np.empty(len(work.coverage), dtype=object)
    geometry[:] = [shape for _, shape in work.coverage]
    return Layer("coverage", "MultiPolygon", geometry, {"theme": [theme for theme, _ in work.coverage]})


def _labels(work: Work) -> Layer | None:
    groups = work.role("label")
    if not groups:
        return None
    geometry = shapely.point_on_surface(_join(groups))
    columns: dict[str, Sequence[Any]] = {
        "text": [value for group in groups for value in group.fields.get("text", [None] * len(group))],
        "layer": [group.layer for group in groups for _ in range(len(group))],
        "source_handle": [handle for group in groups for handle in group.handles],
    }
    if work.drawing is None:
        return Layer("labels", "Point", geometry, columns)
    columns["lot"] = [value for group in groups for value in group.fields.get("lot", [None] * len(group))]
    written = [row for row, text in enumerate(columns["text"]) if text]  # not the leaders and circles on their layer
    fields: dict[str, Sequence[Any]] = {name: [values[row] for row in written] for name, values in columns.items()}
    return Layer("labels", "Point", geometry[written], fields)


def _source_lots(work: Work) -> Layer | None:
    groups = work.source_lots
    if not groups:
        return None
    geometry = _join(groups)
    layers = [layer for group in groups for layer in group.fields.get("layer", [group.layer] * len(group))]
    columns: dict[str, Sequence[Any]] = {
        "source_handle": [handle for group in groups for handle in group.handles],
        "layer": layers,
    }
    if work.drawing is not None:
        columns["lot"] = _resulting(geometry, work)
    return Layer("source_lots", "MultiPolygon", geometry, columns)


def _resulting(drawn: Geometries, work: Work) -> list[str | None]:
    """For each drawn lot the id of the lot that it became: where its inner point lies."""
    lots = work.role("lot")
    found: list[str | None] = [None] * len(drawn)
    if lots and len(drawn):
        ids = [value for group in lots for value in group.fields.get("maDoiTuong", [None] * len(group))]
        inner = shapely.point_on_surface(drawn)
        rows, numbers = shapely.STRtree(_join(lots)).query(inner, predicate="within")
        for row, number in zip(rows.tolist(), numbers.tolist(), strict=True):
            found[row] = ids[number]
    return found


def _balance_table(work: Work) -> Layer | None:
    """The drawing's own land-use balance, as written."""
    rows = work.reading.balance
    if not rows:
        return None
    return Layer(
        "balance_table",
        None,
        None,
        {
            "name": [row.name for row in rows],
            "function": [row.function for row in rows],
            "area_m2": [row.area_m2 for row in rows],
            "share_pct": [row.share_pct for row in rows],
            "total": [row.total for row in rows],
            "note": [row.note or None for row in rows],
            "source_handle": [row.handle or None for row in rows],
        },
    )


def _classes(work: Work) -> list[Layer | None]:
    """Features that a rule gave a national class, one layer per class."""
    by_class: dict[str, list[Features]] = {}
    for group in work.features:
        if group.rule.class_name and group.rule.role in ("overlay", "line", "point"):
            by_class.setdefault(group.rule.class_name, []).append(group)
    classes = work.context.standard.feature_classes
    return [
        _layer(name, classes[name].geometry, groups, _CLASS_FIELDS, work.context)
        for name, groups in sorted(by_class.items())
    ]


def plan_table(context: Context) -> Layer:
    """Table `plan`: what a check of the package needs to know, and whose it is."""
    plan = context.plan
    rows: list[tuple[str, str]] = [("crs", context.crs), ("land_use", context.land_use)]
    if context.province:
        rows.append(("province", context.province))
    if context.extent is not None:
        rows.append(("extent", " ".join(f"{value:g}" for value in context.extent)))
    if plan is not None:
        rows += [("plan_id", plan.plan_id), ("kind", plan.kind), ("level", plan.level), ("scale", str(plan.scale))]
        rows += [(f"name_{language}", name) for language, name in plan.name.items()]
        rows += [(key, value) for key, value in plan.codes.items() if value]
    rows.sort()
    return Layer("plan", None, None, {"key": [key for key, _ in rows], "value": [value for _, value in rows]})
