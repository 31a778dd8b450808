"""Our names for the fields of a mapping: short English ones and the national ones (docs/reference/mapping.md)."""

from collections.abc import Mapping

from quyhoach.domain.errors import IngestError
from quyhoach.domain.mapping import LayerRule, fold_name
from quyhoach.standard import Standard

LOTS, OUTLINE = "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A"
_COMMON = {
    "id": "maDoiTuong",
    "name": "tenDoiTuong",
    "function": "phanLoai",
    "category": "phanLoai",
    "note": "ghiChu",
}
_LOT = {
    **_COMMON,
    "label": "kyHieuLoDat",
    "density": "matDoXayDung",
    "storeys": "tangCaoXayDung",
    "far": "heSoSuDungDat",
    "population": "danSo",
    "area": "dienTich",
}
_BY_ROLE: dict[str, Mapping[str, str]] = {
    "lot": _LOT,
    "plan_boundary": {"name": "tenDoAn", "scale": "tyLe", "area": "dienTichQH", "note": "ghiChu"},
    "overlay": {**_COMMON, "rule": "quyDinh", "theme": "theme"},
    "coverage": {"theme": "theme"},
    "parcel": {"commune": "commune", "sheet": "sheet", "lot": "lot", "area": "area", "use": "use"},
    "line": _COMMON,
    "point": _COMMON,
    "label": {"text": "text", "label": "text"},
}
_CLASS_OF_ROLE = {"lot": LOTS, "plan_boundary": OUTLINE}


def target_fields(rule: LayerRule, standard: Standard) -> dict[str, str]:
    """Every name that a mapping may use for this rule's features, case-folded -> our field."""
    short = _BY_ROLE.get(rule.role, {})
    names = dict(short) | {field: field for field in short.values()}
    row = standard.feature_classes.get(rule.class_name or _CLASS_OF_ROLE.get(rule.role, ""))
    if row is not None:
        names |= {field: field for field, _ in row.fields}
    return {fold_name(name): field for name, field in names.items()}


def field_sources(rule: LayerRule, standard: Standard, present: list[str]) -> tuple[dict[str, str], list[str]]:
    """Our field -> the source's field for one rule, and the source's fields that the mapping names in vain.

    Fields that already carry a national name are taken without being named. Raises IngestError when the mapping uses
    a name that this role doesn't have."""
    targets = target_fields(rule, standard)
    by_name = {fold_name(name): name for name in present}
    chosen: dict[str, str] = {}
    absent: list[str] = []
    for ours, theirs in rule.fields.items():
        field = targets.get(fold_name(ours))
        if field is None:
            raise IngestError("mapping-unknown-field", field=ours, role=rule.role, match=rule.match)
        if fold_name(theirs) in by_name:
            chosen[field] = by_name[fold_name(theirs)]
        else:
            absent.append(theirs)
    for field in targets.values():
        if field not in chosen and fold_name(field) in by_name:
            chosen[field] = by_name[fold_name(field)]
    return chosen, absent
