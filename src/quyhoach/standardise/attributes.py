"""Phase: attributes of the standard. Indicators stay as written; functions become codes of the province's list."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.indicators import parse_range
from quyhoach.domain.mapping import SOURCE_FUNCTION, fold_name, matches
from quyhoach.standard import Standard, fold
from quyhoach.standardise.work import ON_THE_WAY, Features, Work, warning

_STAGE = re.compile(r"(?:HT|QHDD|QHDH|QH)_(?=DAT_)", re.IGNORECASE)  # TT 16/2025 PL I: stage before the layer's name
_LEVEL = re.compile(r"_(?:CT|CV|QG|DVO)$", re.IGNORECASE)  # … and the level of a facility behind it
_HECTARE = 10_000.0


def read_attributes(work: Work) -> Work:
    """Lots get text, area in m², population and function code; other roles get text. What can't be read is said."""
    findings: list[Finding] = list(work.findings)
    repairs: list[Repair] = list(work.repairs)
    features = []
    for group in work.features:
        drawn = ON_THE_WAY if work.drawing is not None else frozenset()
        fields: dict[str, Sequence[Any]] = {
            name: values if name in drawn else [as_text(value) for value in values]
            for name, values in group.fields.items()
        }
        if group.rule.role == "lot":
            fields = _lot_fields(work, group, fields, findings, repairs)
        elif group.rule.role in ("parcel", "plan_boundary"):
            key = "area" if group.rule.role == "parcel" else "dienTichQH"
            if key in fields:
                fields[key] = [_area(value, group) for value in group.fields[key]]
        features.append(replace(group, fields=dict(fields)))
    return replace(work, features=tuple(features), findings=tuple(findings), repairs=tuple(repairs))


def as_text(value: Any) -> str | None:
    """A value as a Vietnamese table writes it: whole numbers without a mark, others with a comma."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value).replace(".", ",")
    return str(value).strip() or None


def _lot_fields(
    work: Work, group: Features, fields: dict[str, Any], findings: list[Finding], repairs: list[Repair]
) -> dict[str, Sequence[Any]]:
    size = len(group)
    if "dienTich" in fields:
        fields["dienTich"] = [_area(value, group) for value in group.fields["dienTich"]]
        for row, value in enumerate(fields["dienTich"]):
            written = as_text(group.fields["dienTich"][row])
            if value is None and written:
                findings.append(_unread(group, row, "dienTich", written))
    fields["danSo"] = fields.get("danSo", [None] * size)
    notes = list(fields.get("ghiChu", [None] * size))
    raw = list(fields.get("phanLoai", [None] * size))
    codes: list[str | None] = []
    named = 0
    for row, value in enumerate(raw):
        written = value or group.rule.function or None
        code, by_name = find_function(written, work)
        named += by_name
        codes.append(code)
        if written and code is None:
            kept = SOURCE_FUNCTION + written
            notes[row] = f"{notes[row]}; {kept}" if notes[row] else kept
    if named:
        repairs.append(Repair("function-by-name", layer=group.layer, params={"count": named}))
    return {**fields, "phanLoai": codes, "ghiChu": notes}


def find_function(written: str | None, work: Work) -> tuple[str | None, bool]:
    """The code of a land-use function as written in the source, and whether its name gave it.

    In this order: the mapping's `[[function]]`, the code itself (stage prefix and level suffix of TT 16/2025 apart,
    without case), the exact name in Vietnamese or English. None where none fits."""
    if not written:
        return None, False
    standard, listed = work.context.standard, work.context.land_use
    for rule in work.mapping.functions:
        if matches(rule.match, written):
            found = _listed(rule.code, standard, listed)
            if found:
                return found, False
    bare = _STAGE.sub("", written.strip())
    for candidate in (written.strip(), bare, _LEVEL.sub("", bare)):
        found = _listed(candidate, standard, listed)
        if found:
            return found, False
    wanted = fold(written)
    rows = [row for row in standard.land_use.values() if row.list == listed]
    codes = {row.code for row in rows if wanted in (fold(name) for name in row.name.values())}
    if len(codes) == 1:
        return codes.pop(), True
    return None, False


def _listed(code: str, standard: Standard, listed: str) -> str | None:
    row = standard.land_use.get(fold_name(code))
    return row.code if row is not None and row.list == listed else None


def _area(value: Any, group: Features) -> float | None:
    """A written area in m²; None where it can't be read as one number."""
    factor = _HECTARE if group.rule.area_unit == "ha" else 1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(float(value) * factor, 4)
    text = as_text(value)
    if text is None:
        return None
    unit = re.search(r"(ha|m2|m²)\s*$", text, re.IGNORECASE)
    if unit:
        factor = _HECTARE if unit[1].casefold() == "ha" else 1.0
    bounds = parse_range(text)
    if bounds is None or bounds[0] is None or bounds[0] != bounds[1]:
        return None
    return round(bounds[0] * factor, 4)


def _unread(group: Features, row: int, field: str, value: str) -> Finding:
    return warning(
        "area-unreadable",
        layer=group.layer,
        feature=group.name_of(row),
        source_handle=group.handles[row],
        field=field,
        value=value,
    )
