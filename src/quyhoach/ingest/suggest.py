"""A first mapping for a file nobody has described yet: roles from names, geometry and fields. Every guess is marked."""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import shapely

from quyhoach.domain.mapping import LayerRule, SourceMapping
from quyhoach.domain.source import Source, SourceLayer


@dataclass(frozen=True, slots=True)
class _Hint:
    """Words in a layer's folded name that speak for a role (with its theme or class), for one kind of geometry."""

    words: str
    role: str
    geometry: str
    theme: str = ""
    class_name: str = ""


# In order: the first hint that fits wins. Words are patterns over names without diacritics, in small letters.
_HINTS = (
    _Hint(
        r"ranh ?gioi ?quy ?hoach|ranhgioiquyhoach|ranh_?qh|outline|boundary|perimetre|ranh ?gioi$",
        "plan_boundary",
        "polygon",
    ),
    _Hint(
        r"chucnangsudungdat|su ?dung ?dat|sdd|zone_?urba|land_?use|zoning|qh_?dat|lo_?dat|\blots?\b|zones?$",
        "lot",
        "polygon",
    ),
    _Hint(r"thua|parcel|dia ?chinh|cadast", "parcel", "polygon"),
    _Hint(r"coverage|pham ?vi ?du ?lieu", "coverage", "polygon", theme="land_use"),
    _Hint(r"di ?tich|di ?san|heritage|patrimoine", "overlay", "polygon", theme="heritage"),
    _Hint(r"ngap|lu lut|flood|inond", "overlay", "polygon", theme="flood"),
    _Hint(r"hanh ?lang|corridor|lo ?gioi", "overlay", "polygon", theme="road_corridor"),
    _Hint(r"prescription|restriction|servitude|han ?che", "overlay", "polygon", theme="land_use"),
    _Hint(r"chi ?gioi ?duong ?do|cgdd|red ?line", "line", "line", class_name="ChiGioiDuongDo_L"),
    _Hint(r"chi ?gioi ?xay ?dung|cgxd|building ?line", "line", "line", class_name="ChiGioiXayDung_L"),
    _Hint(r"hanh ?lang|an ?toan", "line", "line", class_name="HanhLangAnToan_L"),
    _Hint(r"tim ?duong|giao ?thong|road|street", "line", "line", class_name="MangLuoiGiaoThongDuongBo_L"),
    _Hint(r"dong ?muc|contour", "line", "line", class_name="DuongDongMuc_L"),
    _Hint(r"moc ?gioi|\bmoc\b", "point", "point", class_name="MocGioiQuyHoach_P"),
    _Hint(r"cao ?do|spot|elevation", "point", "point", class_name="DiemDoCao_P"),
    _Hint(r"nhan|label|text|annot|chu$", "label", "point"),
)
# Our field <- patterns of their names, in order of trust.
_FIELDS: dict[str, tuple[str, ...]] = {
    "id": (r"madoituong", r"object_?code"),
    "label": (r"kyhieulodat", r"ky_?hieu(_?lo)?", r"so_?lo|lo_?so|ten_?lo|lo_?dat", r"label|libelle", r"lot"),
    "function": (
        r"phanloai",
        r"chuc_?nang.*",
        r"loai_?dat|muc_?dich",
        r"function|typezone|type_?zone|land_?use|typepsc",
    ),
    "name": (r"tendoituong", r"ten", r"name|libelong|nom"),
    "density": (r"matdoxaydung", r"mat_?do(_?xd)?|mdxd", r"density"),
    "storeys": (r"tangcaoxaydung", r"tang_?cao|so_?tang", r"storeys?|floors?"),
    "far": (r"hesosudungdat", r"he_?so(_?sdd)?|hssdd", r"far"),
    "population": (r"danso", r"dan_?so", r"population|pop"),
    "area": (r"dientich(qh)?", r"dien_?tich|dt_?m2|dtich", r"area(_m2)?|surface"),
    "note": (r"ghichu", r"ghi_?chu", r"note|remark|txt"),
    "rule": (r"quydinh", r"rule|regulation"),
    "sheet": (r"to|so_?to|to_?ban_?do|shbando", r"sheet"),
    "lot": (r"thua|so_?thua|shthua", r"parcel_?no"),
    "commune": (r"ma_?xa|xa", r"commune|insee"),
    "use": (r"loai_?dat|mdsd", r"use"),
    "text": (r"text|noi_?dung|chu", r"label"),
    "theme": (r"theme|chu_?de",),
}
_BY_ROLE = {
    "lot": ("id", "label", "function", "name", "density", "storeys", "far", "population", "area", "note"),
    "plan_boundary": ("name", "area"),
    "overlay": ("id", "name", "function", "rule", "note"),
    "coverage": ("theme",),
    "parcel": ("commune", "sheet", "lot", "area", "use"),
    "line": ("name", "function", "note"),
    "point": ("name", "function", "note"),
    "label": ("text",),
}


def suggest_mapping(source: Source) -> SourceMapping:
    """One rule per layer and kind of geometry in it. What no hint speaks for gets the role `ignore`, marked too."""
    rules = [rule for layer in source.layers for rule in _rules(layer)]
    return SourceMapping(layers=tuple(rules))


def _rules(layer: SourceLayer) -> list[LayerRule]:
    present = [kind for number, kind in ((2, "polygon"), (1, "line"), (0, "point")) if number in _dimensions(layer)]
    return [_rule(layer, kind, several=len(present) > 1) for kind in present]


def _rule(layer: SourceLayer, kind: str, *, several: bool) -> LayerRule:
    name = _fold(layer.name)
    hint = next((row for row in _HINTS if row.geometry == kind and re.search(row.words, name)), None)
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
                (key for key in layer.fields if key not in found.values() and re.fullmatch(pattern, _fold(key))), None
            )
            if theirs is not None:
                found[ours] = theirs
                break
    return found


def _dimensions(layer: SourceLayer) -> set[int]:
    shapes = layer.geometry[~shapely.is_missing(layer.geometry)]
    parts = shapely.get_parts(shapely.get_parts(shapes)) if len(shapes) else np.empty(0, dtype=object)
    return {int(value) for value in np.unique(shapely.get_dimensions(parts))} if len(parts) else set()


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def render_mapping(mapping: SourceMapping, source: Source) -> str:
    """The mapping as TOML, with what was found in each layer and what was guessed as comments."""
    lines = [
        f"# Bảng ánh xạ gợi ý cho {source.name}. Mọi dòng có “guessed” là phỏng đoán: hãy kiểm tra rồi xóa dòng đó.",
        f"# Suggested mapping for {source.name}. Each “guessed” line is a guess: check it, then delete the line.",
        f"crs = {_quote(mapping.crs)}",
    ]
    by_name = {layer.name: layer for layer in source.layers}
    for rule in mapping.layers:
        layer = by_name[rule.match]
        crs = "?" if layer.crs is None else (layer.crs if layer.crs.startswith("EPSG:") else "WKT")
        lines += ["", f"# {_comment(layer.file)}: {len(layer)} đối tượng / features, CRS {crs}"]
        lines.append(f"# trường / fields: {_comment(', '.join(layer.fields)) or '–'}")
        lines += ["[[layer]]", f"match = {_quote(_escape_glob(rule.match))}", f"role = {_quote(rule.role)}"]
        for key, value in (("geometry", rule.geometry), ("theme", rule.theme), ("class", rule.class_name)):
            if value:
                lines.append(f"{key} = {_quote(value)}")
        lines.append(f"guessed = [{', '.join(_quote(value) for value in rule.guessed)}]")
        if rule.fields:
            lines.append("[layer.fields]")
            lines += [f"{ours} = {_quote(theirs)}" for ours, theirs in rule.fields.items()]
    return "\n".join(lines) + "\n"


def _escape_glob(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)


def _comment(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())


def _quote(text: str) -> str:
    """A TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
