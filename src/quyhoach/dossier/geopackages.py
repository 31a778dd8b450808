"""HoSoGIS: a package's layers as the four GeoPackages of the circular, each class with its fields in their order."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from quyhoach.domain.plan import Plan, PlanVersion
from quyhoach.dossier.columns import parse_date
from quyhoach.dossier.files import DATABASES
from quyhoach.dossier.words import say_kind, say_scale, say_status
from quyhoach.package import Layer, write_package
from quyhoach.release.content import WITHHELD
from quyhoach.standard import FeatureClass, Standard

LOTS, OUTLINE = "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A"
NOT_PUBLISHED = "Không công bố chức năng"


def write_geopackages(
    folder: Path, layers: Mapping[str, Layer], plan: Plan, version: PlanVersion, standard: Standard, crs: str
) -> tuple[dict[str, dict[str, int]], tuple[str, ...]]:
    """Write HienTrang, QuyHoach, NenDiaHinh and MocGioi.gpkg into `folder`.

    A database without features gets its classes empty, so that the file is there and can be filled. HienTrang gets
    the outline, which the circular lists in both. Back come features per database and class, and the layers of the
    package that are no class of the standard and so are not in a dossier. Raises PackageError."""
    facts = _facts(plan, version, standard)
    counts: dict[str, dict[str, int]] = {}
    for database in DATABASES:
        rows = {row.name: row for row in standard.feature_classes.values() if row.database == database}
        present = [
            conform(layers[name], row, facts, standard)
            for name, row in rows.items()
            if name in layers and len(layers[name]) and (database != "HienTrang" or name == OUTLINE)
        ]
        counts[database] = {layer.name: len(layer) for layer in present}
        write_package(folder / f"{database}.gpkg", present or [empty(row) for row in rows.values()], crs=crs)
    classes = {row.name for row in standard.feature_classes.values()}
    left_out = sorted(
        name for name, layer in layers.items() if name not in classes and layer.geometry is not None and len(layer)
    )
    return counts, tuple(left_out)


def empty(row: FeatureClass) -> Layer:
    """A class without features, its fields typed."""
    return Layer(
        row.name, row.geometry, np.empty(0, dtype=object), {name: [] for name, _ in row.fields}, dict(row.fields)
    )


def conform(layer: Layer, row: FeatureClass, facts: Mapping[str, Any], standard: Standard) -> Layer:
    """The layer with the class's fields in their order and types, the codes of plan and object filled in."""
    size = len(layer)
    columns: dict[str, Sequence[Any]] = {}
    for name, kind in row.fields:
        values = list(layer.fields.get(name, [None] * size))
        if name in facts and (row.name == OUTLINE or name in ("maThongTinQH", "maHoSoQH") or _of_plan(name)):
            values = [facts[name] if value in (None, "") else value for value in values]
        columns[name] = [_typed(value, kind) for value in values]
    if "maDoiTuong" in columns:
        columns["maDoiTuong"] = _object_ids(row.name, layer, columns["maDoiTuong"])
    if row.name == LOTS:
        hidden = [str(value or "") == WITHHELD for value in columns["phanLoai"]]  # redacted: its shape alone is told
        columns["phanLoai"] = _where(hidden, None, columns["phanLoai"])
        columns["ghiChu"] = _where(hidden, NOT_PUBLISHED, columns["ghiChu"])
        columns["chucNangSuDungDatMuc1"] = _function_names(columns, standard)
    return Layer(row.name, row.geometry, layer.geometry, columns, dict(row.fields))


def _of_plan(name: str) -> bool:
    return name in ("loaiQuyHoach", "loaiDieuChinh", "capDoQuyHoach")


def _facts(plan: Plan, version: PlanVersion, standard: Standard) -> dict[str, Any]:
    """What the registry knows for the classes' fields."""
    decision = version.decision
    kind = say_kind(plan.kind, plan.level, version.kind, standard)
    facts: dict[str, Any] = {
        **plan.codes,
        "tenDoAn": plan.name["vi"],
        "tyLe": say_scale(plan.scale),
        "chuDauTu": "; ".join(plan.bodies.get("client", ())),
        "donViTuVan": "; ".join(plan.bodies.get("consultants", ())),
        "trangThaiDoAn": say_status(version.status, version.valid_to),
        "loaiQuyHoach": standard.levels[plan.level].name["vi"],
        "capDoQuyHoach": standard.plan_kinds[plan.kind].name["vi"],
        "loaiDieuChinh": kind[kind.index("(") + 1 : -1] if kind.endswith(")") else None,
    }
    if decision is not None:
        facts |= {"soQDQH": decision.number, "ngayQDQH": decision.date, "coQuanPheduyet": decision.authority}
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _typed(value: Any, kind: str) -> Any:
    """The value in the class's type; None where it can't be."""
    if value is None or value == "":
        return None
    if kind == "text":
        return str(value)
    if kind == "date":
        return parse_date(value[:10]) if isinstance(value, str) else value
    try:
        number = float(str(value).replace(",", "."))
    except ValueError:
        return None
    if not math.isfinite(number) or (kind == "integer" and not number.is_integer()):
        return None
    return number if kind == "real" else int(number)


def retype(layer: Layer, standard: Standard) -> Layer:
    """A layer that was read as text with numbers and days where its class has them; a column that holds anything else
    stays text. Layers that are no class of the standard come back as they are."""
    row = standard.feature_classes.get(layer.name)
    if row is None:
        return layer
    columns = dict(layer.fields)
    for name, kind in row.fields:
        values = columns.get(name)
        if values is None or kind == "text":
            continue
        typed = [_typed(value, kind) for value in values]
        if all((one is None) == (other in (None, "")) for one, other in zip(typed, values, strict=True)):
            columns[name] = typed
    return replace(layer, fields=columns)


def _object_ids(name: str, layer: Layer, given: Sequence[Any]) -> list[str]:
    """An id for every feature, unique in its class: the one it has, its label, else class and number."""
    labels = layer.fields.get("kyHieuLoDat", [None] * len(given))
    taken: set[str] = set()
    result = []
    for number, (value, label) in enumerate(zip(given, labels, strict=True), start=1):
        chosen = next(
            str(one) for one in (value, label, f"{name}_{number:05d}") if one and (one == value or one not in taken)
        )
        taken.add(chosen)
        result.append(chosen)
    return result


def _where(marked: Sequence[bool], value: str | None, values: Sequence[Any]) -> list[Any]:
    return [value if hit else one for hit, one in zip(marked, values, strict=True)]


def _function_names(columns: Mapping[str, Sequence[Any]], standard: Standard) -> list[str | None]:
    """The functions in words, where nothing is written: a code alone says little to a reader of the table."""
    names = []
    for code, written in zip(columns["phanLoai"], columns["chucNangSuDungDatMuc1"], strict=True):
        row = standard.land_use.get(str(code or "").casefold())
        names.append(written or (row.name["vi"] if row else None))
    return names
