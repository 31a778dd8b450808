"""Phase: text that its file declares wrongly (UTF-8 announced as Latin-1, the commonest fault of shapefiles)."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.mapping import AUTO
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.drawing_text import decode_drawing
from quyhoach.standardise.work import Work, error, note


def repair_text(work: Work) -> Work:
    """Put text right where it can only have been UTF-8, compose letters (NFC), and pass on what the reader said. The
    text of a drawing is decoded by its fonts and contents instead."""
    if work.drawing is not None:
        told = tuple(saying for layer in work.layers for saying in _sayings(layer))
        return decode_drawing(replace(work, findings=work.findings + told))
    layers: list[SourceLayer] = []
    findings: list[Finding] = list(work.findings)
    repairs: list[Repair] = list(work.repairs)
    for layer in work.layers:
        findings += _sayings(layer)
        fields = dict(layer.fields)
        if work.mapping.encoding == AUTO and (fixed := _redecode(fields)) is not None:
            fields, count = fixed
            repairs.append(Repair("text-encoding", layer=layer.name, params={"values": count, "file": layer.file}))
        layers.append(
            replace(layer, fields={name: [_clean(value) for value in values] for name, values in fields.items()})
        )
    return replace(work, layers=tuple(layers), findings=tuple(findings), repairs=tuple(repairs))


def _sayings(layer: SourceLayer) -> list[Finding]:
    """What the reader said. A value read in part is wrong data; the rest is worth knowing."""
    found = []
    for saying in layer.warnings:
        grave = "parsed incompletely" in saying or "could not be read" in saying or "announces" in saying
        code = "source-value-misread" if grave else "source-remark"
        found.append((error if grave else note)(code, layer=layer.name, text=saying))
    return found


def _redecode(fields: dict[str, Sequence[Any]]) -> tuple[dict[str, Sequence[Any]], int] | None:
    """The fields read again as UTF-8 and the number of values that changed; None unless every odd value allows it."""
    changed: dict[str, Sequence[Any]] = {}
    count = 0
    for name, values in fields.items():
        column = list(values)
        for row, value in enumerate(column):
            if isinstance(value, str) and not value.isascii():
                read = _as_utf8(value)
                if read is None:
                    return None
                column[row] = read
                count += 1
        changed[name] = column
    return (changed, count) if count else None


def _as_utf8(text: str) -> str | None:
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return None


def _clean(value: Any) -> Any:
    """Text composed, without control characters and surplus blanks at its ends; empty text is no value."""
    if not isinstance(value, str):
        return value
    text = "".join(letter for letter in unicodedata.normalize("NFC", value) if letter >= " " or letter in "\n\t")
    return text.strip() or None
