"""A suggested mapping of a drawing as TOML that an officer can check: what was found, why, and what is asked."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from quyhoach.domain.finding import Finding
from quyhoach.domain.mapping import AUTO, LayerRule, SourceMapping, escape_glob, toml_string
from quyhoach.domain.source import SourceLayer
from quyhoach.standard import Standard
from quyhoach.standard.messages import message

if TYPE_CHECKING:
    from quyhoach.standardise.work import Work

Why = Mapping[str, Sequence[tuple[str, Mapping[str, object]]]]

_ORDER = ("plan_boundary", "lot", "lot_edge", "label", "road", "overlay", "line", "point", "parcel", "coverage")
_KINDS = {
    "LINE": "nét", "LWPOLYLINE": "đường đa tuyến", "POLYLINE": "đường đa tuyến", "HATCH": "mảng tô", "TEXT": "chữ",
    "MTEXT": "chữ", "ATTRIB": "chữ thuộc tính", "ARC": "cung", "CIRCLE": "đường tròn", "SPLINE": "đường cong",
}  # fmt: skip


def render_drawing_mapping(
    mapping: SourceMapping, work: "Work", name: str, findings: Sequence[Finding] = (), why: Why | None = None
) -> str:
    """The mapping as TOML with comments in Vietnamese (then English); `name`: of the drawing.

    What is asked stands at the top, every rule says what was found in its layer and why it was guessed."""
    reasons = why or {}
    standard = work.context.standard
    lines = [*_head(name, findings), "", *_frame_lines(mapping)]
    layers = {escape_glob(layer.name): layer for layer in work.layers}
    for rule in sorted(mapping.layers, key=_rank):
        lines += ["", *_layer_lines(rule, layers.get(rule.match), standard, reasons)]
    for colour in mapping.colours:
        told = f"aci = {colour.aci}" if colour.aci is not None else f"rgb = {toml_string(str(colour.rgb))}"
        key = f"colour:{colour.rgb or colour.aci}"
        lines += ["", *_because(reasons.get(key, ())), "[[colour]]", told]
        lines += [*_function_line(colour.function, standard), *_guessed(colour.guessed)]
    for prefix in mapping.prefixes:
        lines += ["", *_because(reasons.get(f"prefix:{prefix.prefix}", ())), "[[prefix]]"]
        lines += [f"match = {toml_string(prefix.prefix)}", *_function_line(prefix.function, standard)]
        lines += _guessed(prefix.guessed)
    for function in mapping.functions:
        lines += ["", "[[function]]", f"match = {toml_string(function.match)}", f"code = {toml_string(function.code)}"]
    return "\n".join(lines) + "\n"


def _head(name: str, findings: Sequence[Finding]) -> list[str]:
    lines = [
        f"# Bảng ánh xạ gợi ý cho bản vẽ {_comment(name)}.",
        "# Dòng “guessed” là phỏng đoán: kiểm tra xong thì xóa dòng đó.",
        f"# Suggested mapping for {_comment(name)}. A “guessed” line marks a guess: check it, then delete the line.",
        '# guessed = ["remembered"]: đã được chấp nhận cho bản vẽ trước của đơn vị tư vấn này.',
    ]
    if findings:
        lines += ["#", "# CẦN TRẢ LỜI · QUESTIONS"]
    for finding in findings:
        params = {"layer": finding.layer, "feature": finding.feature, **finding.params}
        lines.append(f"# - {_comment(message(finding.code, 'vi', **params))}")
        lines.append(f"#   {_comment(message(finding.code, 'en', **params))}")
    return lines


def _frame_lines(mapping: SourceMapping) -> list[str]:
    lines = []
    for key, value in (("crs", mapping.crs), ("axes", mapping.axes), ("unit", mapping.unit)):
        if value != AUTO or key == "crs":
            lines.append(f"{key} = {toml_string(value)}")
    if mapping.guessed:
        lines.append(f"guessed = [{', '.join(toml_string(each) for each in mapping.guessed)}]")
    if mapping.frame:
        lines += ["", "[sheet]", f"frame = {mapping.frame}"]
    return lines


def _rank(rule: LayerRule) -> tuple[int, int, str]:
    place = _ORDER.index(rule.role) if rule.role in _ORDER else len(_ORDER)
    return ("asked" not in rule.guessed, place, rule.match)


def _layer_lines(rule: LayerRule, layer: SourceLayer | None, standard: Standard, reasons: Why) -> list[str]:
    lines = []
    if "asked" in rule.guessed:
        lines.append("# CHƯA BIẾT lớp này là gì: hãy ghi đúng vai trò (role), hoặc để “ignore” nếu không dùng.")
        lines.append("# NOT KNOWN what this layer is: write its role, or leave “ignore” where it is not used.")
    if layer is not None:
        lines.append(f"# {_contents(layer)}")
    plain = re.sub(r"\[([*?\[])\]", r"\1", rule.match)
    lines += _because(reasons.get(f"layer:{layer.name if layer is not None else plain}", ()))
    lines += ["[[layer]]", f"match = {toml_string(rule.match)}", f"role = {toml_string(rule.role)}"]
    for key, value in (("geometry", rule.geometry), ("theme", rule.theme), ("class", rule.class_name)):
        if value:
            lines.append(f"{key} = {toml_string(value)}")
    lines += _function_line(rule.function, standard)
    lines += _guessed(rule.guessed)
    return lines


def _contents(layer: SourceLayer) -> str:
    entities = Counter(str(entity) for entity in layer.fields.get("entity", ()))
    parts = [f"{count} {_KINDS.get(entity, entity)}" for entity, count in entities.most_common(4)]
    texts = [str(text) for text in layer.fields.get("text", ()) if text]
    shown = [_comment(text)[:24] for text in dict.fromkeys(texts[:40])][:3]
    return ", ".join(parts) + (f"; “{'”, “'.join(shown)}”" if shown else "")


def _because(why: Sequence[tuple[str, Mapping[str, object]]]) -> list[str]:
    said = [message(code, "vi", **dict(params)) for code, params in why]
    return [f"# {_comment('; '.join(said))}"] if said else []


def _function_line(code: str, standard: Standard) -> list[str]:
    if not code:
        return []
    row = standard.land_use.get(code.casefold())
    name = f"  # {_comment(row.name['vi'])} · {_comment(row.name['en'])}" if row is not None else ""
    return [f"function = {toml_string(code)}{name}"]


def _guessed(marks: Sequence[str]) -> list[str]:
    return [f"guessed = [{', '.join(toml_string(each) for each in marks)}]"] if marks else []


def _comment(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]", " ", text).split())
