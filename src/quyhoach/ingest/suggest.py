"""A first mapping for a file nobody has described yet: roles from names, geometry and fields. Every guess is marked."""

import re
from dataclasses import dataclass

import numpy as np
import shapely

from quyhoach.domain.mapping import LayerRule, SourceMapping, escape_glob, toml_string
from quyhoach.domain.source import Source, SourceLayer
from quyhoach.standard import Standard, fold, load_standard


@dataclass(frozen=True, slots=True)
class _Hint:
    """Words in a layer's compact name that speak for a role (with its theme or class), for one kind of geometry."""

    words: str
    role: str
    geometry: str
    theme: str = ""
    class_name: str = ""


# In order: the first hint that fits wins. Patterns are over compact names: small letters and digits alone.
_HINTS = (
    _Hint(
        r"ranhgioiquyhoach|ranhqh|outline|boundary|perimetre|ranhgioi$",
        "plan_boundary",
        "polygon",
    ),
    _Hint(
        r"chucnangsudungdat|sudungdat|sdd|zoneurba|landuse|zoning|qhdat|lodat|^lots?$|zones?$",
        "lot",
        "polygon",
    ),
    _Hint(r"thua|parcel|diachinh|cadast", "parcel", "polygon"),
    _Hint(r"coverage|phamvidulieu", "coverage", "polygon", theme="land_use"),
    _Hint(r"ditich|disan|heritage|patrimoine", "overlay", "polygon", theme="heritage"),
    _Hint(r"ngap|lulut|flood|inond", "overlay", "polygon", theme="flood"),
    _Hint(r"hanhlang|corridor|logioi", "overlay", "polygon", theme="road_corridor"),
    _Hint(r"prescription|restriction|servitude|hanche", "overlay", "polygon", theme="land_use"),
    _Hint(r"chigioiduongdo|cgdd|redline", "line", "line", class_name="ChiGioiDuongDo_L"),
    _Hint(r"chigioixaydung|cgxd|buildingline", "line", "line", class_name="ChiGioiXayDung_L"),
    _Hint(r"hanhlang|antoan", "line", "line", class_name="HanhLangAnToan_L"),
    _Hint(r"timduong|giaothong|road|street", "line", "line", class_name="MangLuoiGiaoThongDuongBo_L"),
    _Hint(r"dongmuc|contour", "line", "line", class_name="DuongDongMuc_L"),
    _Hint(r"mocgioi|^moc$", "point", "point", class_name="MocGioiQuyHoach_P"),
    _Hint(r"caodo|spot|elevation", "point", "point", class_name="DiemDoCao_P"),
    _Hint(r"nhan|label|text|annot|chu$", "label", "point"),
)
LOTS, OUTLINE = "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A"
_CLASS_KINDS = {"MultiPolygon": "polygon", "MultiLineString": "line", "Point": "point"}
# Our field <- patterns of their names, in order of trust.
_FIELDS: dict[str, tuple[str, ...]] = {
    "id": (r"madoituong", r"objectcode"),
    "label": (r"kyhieulodat", r"kyhieu(lo)?", r"solo|loso|tenlo|lodat", r"label|libelle", r"lot"),
    "function": (
        r"phanloai",
        r"chucnang.*",
        r"loaidat|mucdich",
        r"function|typezone|landuse|typepsc",
    ),
    "name": (r"tendoituong", r"ten", r"name|libelong|nom"),
    "density": (r"matdoxaydung", r"matdo(xd)?|mdxd", r"density"),
    "storeys": (r"tangcaoxaydung", r"tangcao|sotang", r"storeys?|floors?"),
    "far": (r"hesosudungdat", r"heso(sdd)?|hssdd", r"far"),
    "population": (r"danso", r"population|pop"),
    "area": (r"dientich(qh|m2)?|dtm2|dtich", r"area(m2)?|surface"),
    "note": (r"ghichu", r"note|remark|txt"),
    "rule": (r"quydinh", r"rule|regulation"),
    "sheet": (r"to|soto|tobando|shbando", r"sheet"),
    "lot": (r"thua|sothua|shthua", r"parcelno"),
    "commune": (r"maxa|xa", r"commune|insee"),
    "use": (r"loaidat|mdsd", r"use"),
    "text": (r"text|noidung|chu", r"label"),
    "theme": (r"theme|chude",),
}
_BY_ROLE = {
    "lot": ("id", "label", "function", "name", "density", "storeys", "far", "population", "area", "note"),
    "plan_boundary": ("name", "area"),
    "overlay": ("id", "theme", "name", "function", "rule", "note"),
    "coverage": ("theme",),
    "parcel": ("commune", "sheet", "lot", "area", "use"),
    "line": ("name", "function", "note"),
    "point": ("name", "function", "note"),
    "label": ("text",),
}


def suggest_mapping(source: Source, standard: Standard | None = None) -> SourceMapping:
    """One rule per layer and kind of geometry in it. What nothing speaks for gets the role `ignore`, marked too.

    A layer named as a class of the standard is of that class; else words in its name, else its fields decide."""
    classes = (standard or load_standard()).feature_classes
    keys = {_compact(key): key for key in classes if "/" not in key}  # not those of the existing state
    rules: list[LayerRule] = []
    for layer in source.layers:
        key = keys.get(_compact(layer.name), "")
        rules += _rules(layer, key, _CLASS_KINDS[classes[key].geometry] if key else "")
    return SourceMapping(layers=tuple(rules))


def _rules(layer: SourceLayer, class_name: str, class_kind: str) -> list[LayerRule]:
    present = [kind for number, kind in ((2, "polygon"), (1, "line"), (0, "point")) if number in _dimensions(layer)]
    several = len(present) > 1
    return [_rule(layer, kind, class_name if kind == class_kind else "", several=several) for kind in present]


def _rule(layer: SourceLayer, kind: str, class_name: str, *, several: bool) -> LayerRule:
    name = _compact(layer.name)
    hint = next((row for row in _HINTS if row.geometry == kind and re.search(row.words, name)), None)
    if class_name and class_name not in (LOTS, OUTLINE):
        hint = _Hint("", "overlay" if kind == "polygon" else kind, kind, class_name=class_name)
    fields_of_lot = _match_fields(layer, "lot")
    if hint is None and kind == "polygon" and {"label", "function"} & set(fields_of_lot):
        hint = _Hint("", "lot", kind)
    if hint is None:
        return LayerRule(layer.name, "ignore", geometry=kind if several else "", guessed=("role",))
    fields = _match_fields(layer, hint.role)
    guessed = ["role", *(["theme"] if hint.theme else []), *(["class"] if hint.class_name else [])]
    return LayerRule(
        match=layer.name,
        role=hint.role,
        class_name=hint.class_name,
        theme=hint.theme,
        geometry=kind if several else "",
        fields=fields,
        guessed=(*guessed, *(f"fields.{field}" for field in fields)),
    )


def _match_fields(layer: SourceLayer, role: str) -> dict[str, str]:
    """Our fields of a role -> the layer's fields whose names speak for them; each of theirs is used once."""
    found: dict[str, str] = {}
    for ours in _BY_ROLE.get(role, ()):
        for pattern in _FIELDS[ours]:
            theirs = next(
                (key for key in layer.fields if key not in found.values() and re.fullmatch(pattern, _compact(key))),
                None,
            )
            if theirs is not None:
                found[ours] = theirs
                break
    return found


def _dimensions(layer: SourceLayer) -> set[int]:
    shapes = layer.geometry[~shapely.is_missing(layer.geometry)]
    parts = shapely.get_parts(shapely.get_parts(shapes)) if len(shapes) else np.empty(0, dtype=object)
    return {int(value) for value in np.unique(shapely.get_dimensions(parts))} if len(parts) else set()


def _compact(text: str) -> str:
    """A name without case, diacritics, blanks and marks: "Ký hiệu_LÔ" -> "kyhieulo"."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


def render_mapping(mapping: SourceMapping, source: Source) -> str:
    """The mapping as TOML, with what was found in each layer and what was guessed as comments."""
    lines = [
        f"# Bảng ánh xạ gợi ý cho {source.name}. Mọi dòng có “guessed” là phỏng đoán: hãy kiểm tra rồi xóa dòng đó.",
        f"# Suggested mapping for {source.name}. Each “guessed” line is a guess: check it, then delete the line.",
        f"crs = {toml_string(mapping.crs)}",
    ]
    by_name = {layer.name: layer for layer in source.layers}
    for rule in mapping.layers:
        layer = by_name[rule.match]
        crs = "?" if layer.crs is None else (layer.crs if layer.crs.startswith("EPSG:") else "WKT")
        lines += ["", f"# {_comment(layer.file)}: {len(layer)} đối tượng / features, CRS {crs}"]
        lines.append(f"# trường / fields: {_comment(', '.join(layer.fields)) or '–'}")
        lines += ["[[layer]]", f"match = {toml_string(escape_glob(rule.match))}", f"role = {toml_string(rule.role)}"]
        for key, value in (("geometry", rule.geometry), ("theme", rule.theme), ("class", rule.class_name)):
            if value:
                lines.append(f"{key} = {toml_string(value)}")
        lines.append(f"guessed = [{', '.join(toml_string(value) for value in rule.guessed)}]")
        if rule.fields:
            lines.append("[layer.fields]")
            lines += [f"{ours} = {toml_string(theirs)}" for ours, theirs in rule.fields.items()]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())
