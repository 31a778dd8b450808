"""Read `mapping.toml` (docs/reference/mapping.md). A misspelt key or a value that nothing knows is an error."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import IngestError
from quyhoach.domain.mapping import (
    AUTO,
    GEOMETRIES,
    ROLES,
    ColourRule,
    ControlPoint,
    FunctionRule,
    LayerRule,
    PrefixRule,
    SourceMapping,
)

_TOP = {
    *("crs", "axes", "unit", "encoding", "guessed"),
    *("control_point", "layer", "function", "colour", "prefix", "sheet"),
}
_LAYER = {"match", "role", "function", "class", "theme", "geometry", "area_unit", "fields", "guessed"}


def load_mapping(path: Path) -> SourceMapping:
    """Read a mapping file. Raises IngestError naming the file and the place of the fault."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise IngestError("ingest-missing", file=path.name) from error
    except OSError as error:
        raise IngestError("mapping-unreadable", file=path.name, reason=str(error.strerror)) from error
    return parse_mapping(data, path.name)


def parse_mapping(data: bytes, name: str) -> SourceMapping:
    """The mapping in the bytes of a TOML file; `name` is for messages. Raises IngestError."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IngestError("mapping-unreadable", file=name, reason=str(error)) from error
    _known(raw, _TOP, name, "")
    for table in ("control_point", "layer", "function", "colour", "prefix"):
        rows = raw.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise IngestError("mapping-bad-value", file=name, key=table, value=str(rows)[:60])
    return SourceMapping(
        crs=_text(raw, "crs", name, AUTO),
        axes=_choice(raw, "axes", (AUTO, "en", "ne"), name, AUTO),
        unit=_choice(raw, "unit", (AUTO, "m", "mm"), name, AUTO),
        encoding=_text(raw, "encoding", name, AUTO),
        control_points=tuple(_control_point(row, name) for row in raw.get("control_point", [])),
        layers=tuple(_layer(row, name) for row in raw.get("layer", [])),
        functions=tuple(_function(row, name) for row in raw.get("function", [])),
        sha256=hashlib.sha256(data).hexdigest(),
        colours=tuple(_colour(row, name) for row in raw.get("colour", [])),
        prefixes=tuple(_prefix(row, name) for row in raw.get("prefix", [])),
        frame=_frame(raw.get("sheet", {}), name),
        guessed=_words(raw, "guessed", name, "guessed"),
    )


def _layer(row: Mapping[str, Any], name: str) -> LayerRule:
    _known(row, _LAYER, name, "layer")
    fields = row.get("fields", {})
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise IngestError("mapping-bad-value", file=name, key="layer.fields", value=str(fields)[:60])
    return LayerRule(
        match=_text(row, "match", name),
        role=_choice(row, "role", ROLES, name),
        function=_text(row, "function", name, ""),
        class_name=_text(row, "class", name, ""),
        theme=_text(row, "theme", name, ""),
        geometry=_choice(row, "geometry", ("", *GEOMETRIES), name, ""),
        area_unit=_choice(row, "area_unit", ("m2", "ha"), name, "m2"),
        fields=dict(fields),
        guessed=_words(row, "guessed", name, "layer.guessed"),
    )


def _colour(row: Mapping[str, Any], name: str) -> ColourRule:
    _known(row, {"aci", "rgb", "function", "guessed"}, name, "colour")
    aci, rgb = row.get("aci"), row.get("rgb")
    if aci is not None and not (isinstance(aci, int) and not isinstance(aci, bool) and 1 <= aci <= 255):
        raise IngestError("mapping-bad-value", file=name, key="colour.aci", value=str(aci)[:60])
    if rgb is not None and not (isinstance(rgb, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}", rgb)):
        raise IngestError("mapping-bad-value", file=name, key="colour.rgb", value=str(rgb)[:60])
    if (aci is None) == (rgb is None):
        raise IngestError("mapping-bad-value", file=name, key="colour", value=str(dict(row))[:60])
    guessed = _words(row, "guessed", name, "colour.guessed")
    return ColourRule(_text(row, "function", name), aci, rgb.lower() if rgb else None, guessed)


def _prefix(row: Mapping[str, Any], name: str) -> PrefixRule:
    _known(row, {"match", "function", "guessed"}, name, "prefix")
    return PrefixRule(
        _text(row, "match", name), _text(row, "function", name), _words(row, "guessed", name, "prefix.guessed")
    )


def _frame(row: Any, name: str) -> int:
    if not isinstance(row, dict):
        raise IngestError("mapping-bad-value", file=name, key="sheet", value=str(row)[:60])
    _known(row, {"frame"}, name, "sheet")
    frame = row.get("frame", 0)
    if not isinstance(frame, int) or isinstance(frame, bool) or frame < 0:
        raise IngestError("mapping-bad-value", file=name, key="sheet.frame", value=str(frame)[:60])
    return frame


def _words(row: Mapping[str, Any], key: str, name: str, path: str) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list):
        raise IngestError("mapping-bad-value", file=name, key=path, value=str(value)[:60])
    return tuple(str(word) for word in value)


def _function(row: Mapping[str, Any], name: str) -> FunctionRule:
    _known(row, {"match", "code"}, name, "function")
    return FunctionRule(_text(row, "match", name), _text(row, "code", name))


def _control_point(row: Mapping[str, Any], name: str) -> ControlPoint:
    _known(row, {"drawn", "true"}, name, "control_point")
    return ControlPoint(_pair(row, "drawn", name), _pair(row, "true", name))


def _pair(row: Mapping[str, Any], key: str, name: str) -> tuple[float, float]:
    value = row.get(key)
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(part, int | float) for part in value):
        raise IngestError("mapping-bad-value", file=name, key=key, value=str(value)[:60])
    return float(value[0]), float(value[1])


def _text(row: Mapping[str, Any], key: str, name: str, default: str | None = None) -> str:
    value = row.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise IngestError("mapping-bad-value", file=name, key=key, value=str(value)[:60])
    return value


def _choice(row: Mapping[str, Any], key: str, choices: tuple[str, ...], name: str, default: str | None = None) -> str:
    value = _text(row, key, name, default)
    if value not in choices:
        raise IngestError(
            "mapping-bad-choice", file=name, key=key, value=value, choices=", ".join(filter(None, choices))
        )
    return value


def _known(row: Mapping[str, Any], keys: set[str], name: str, table: str) -> None:
    for key in row:
        if key not in keys:
            raise IngestError("mapping-unknown-key", file=name, key=f"{table}.{key}".lstrip("."))
