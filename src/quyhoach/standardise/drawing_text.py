"""Phase: a drawing's text into Unicode (NFC) out of TCVN3, VNI and misread code pages, told by font and content."""

import glob
import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.legacy_judge import SURE, Verdict, font_encoding, judge, looks_broken, text_encoding
from quyhoach.domain.legacy_text import bytes_fit, decode
from quyhoach.domain.mapping import AUTO, LayerRule, SourceMapping, matches
from quyhoach.domain.source import Drawing, SourceLayer
from quyhoach.standardise.work import Work, place, warning

# What a mapping's `encoding` may call an encoding -> ours. Others (a code page's name) say that the text is as read.
_NAMES = {
    **dict.fromkeys(("tcvn3", "tcvn", "tcvn-3", "abc", "tcvn3 (abc)", "tcvn5712"), "tcvn3"),
    **dict.fromkeys(("vni", "vni-win", "vni-windows", "vni windows"), "vni"),
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("cp1258", "windows-1258", "win-1258", "1258"), "cp1258"),
}
_SHOWN = {
    "tcvn3": "TCVN3 (ABC)",
    "vni": "VNI-Windows",
    "utf-8": "UTF-8",
    "cp1258": "Windows-1258",
    "unicode": "Unicode",
}
_NO_FONT = ""  # names of layers, blocks and tags carry none
_EXAMPLE = 60  # characters of a text shown


@dataclass
class _Tally:
    """What was done with the texts, to be said at the end."""

    texts: dict[str, int] = field(default_factory=dict)  # encoding -> texts that it changed
    fonts: dict[str, dict[str, None]] = field(default_factory=dict)  # encoding -> fonts, in order of meeting
    sure: dict[str, float] = field(default_factory=dict)  # encoding -> the least sure of its decisions
    composed: int = 0
    doubtful: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)  # font -> (raw, read in, handle)


class _Reader:
    """Decodes the texts of one drawing, each distinct one once."""

    def __init__(self, verdicts: dict[str, Verdict], codepage: str, forced: str) -> None:
        self.verdicts = verdicts
        self.codepage = codepage
        self.forced = forced
        self._read: dict[tuple[str, str], tuple[str, str, float]] = {}

    def read(self, font: str, text: str) -> tuple[str, str, float]:
        """(text in Unicode, its encoding, how sure)."""
        key = (font, text)
        if key not in self._read:
            self._read[key] = self._decide(font, text)
        return self._read[key]

    def _decide(self, font: str, text: str) -> tuple[str, str, float]:
        verdict = self.verdicts.get(font, Verdict("unicode", 1.0, "plain"))
        if self.forced:
            fits = text.isascii() or self.forced not in ("tcvn3", "vni") or bytes_fit(text, self.codepage)
            encoding, sure = (self.forced if fits else "unicode"), 1.0
            tall = font_encoding(font)[1] and encoding == "tcvn3"
        else:
            encoding, sure = text_encoding(text, verdict, self.codepage)
            tall = verdict.capitals and encoding == "tcvn3"
        return decode(text, encoding, capitals=tall, codepage=self.codepage), encoding, sure


def decode_drawing(work: Work) -> Work:
    """All text of a drawing as Unicode, NFC: field `text` (by its `runs`, which go), tags, names of blocks and layers,
    cells of tables. `mapping.encoding` wins when given; else every font is judged by its name and all its texts.

    What was decided is a repair per encoding; fonts that could be read two ways are asked about. Rules of the mapping
    that name a layer as its file has it also find it under its decoded name."""
    drawing = work.drawing
    if drawing is None:
        return work
    forced = _NAMES.get(work.mapping.encoding.casefold().strip(), "unicode")
    forced = "" if work.mapping.encoding == AUTO else forced
    verdicts = {} if forced else judge(_samples(work.layers, drawing), drawing.codepage)
    reader, tally = _Reader(verdicts, drawing.codepage, forced), _Tally()
    layers = tuple(_decoded(layer, reader, tally) for layer in work.layers)
    renamed = {old.name: new.name for old, new in zip(work.layers, layers, strict=True) if old.name != new.name}
    return replace(
        work,
        layers=layers,
        drawing=_decoded_drawing(drawing, reader, tally),
        mapping=_following(work.mapping, renamed),
        findings=work.findings + tuple(_questions(tally, reader)),
        repairs=work.repairs + tuple(_repairs(tally)),
    )


def say_broken_text(work: Work) -> Work:
    """A finding for each text of a drawing that still can't be read: lost letters ("Tru?ng"), replacement marks. Comes
    after `locate_drawing`, so that each has its place."""
    if work.drawing is None:
        return work
    found: list[Finding] = []
    for layer in work.layers:
        for row, text in enumerate(layer.fields.get("text", ())):
            if text and looks_broken(text):
                found.append(
                    warning(
                        "drawing-text-undecodable",
                        layer=layer.name,
                        text=_short(text),
                        wkb=place(layer.geometry[row]),
                        source_handle=layer.ids[row],
                    )
                )
    return replace(work, findings=work.findings + tuple(found)) if found else work


def _samples(layers: Sequence[SourceLayer], drawing: Drawing) -> dict[str, dict[str, None]]:
    """Font -> its distinct texts, in order."""
    samples: dict[str, dict[str, None]] = {_NO_FONT: dict.fromkeys(drawing.layers)}
    for layer in layers:
        samples[_NO_FONT][layer.name] = None
        for name in ("block", "tag"):
            samples[_NO_FONT] |= dict.fromkeys(value for value in layer.fields.get(name, ()) if value)
        texts, runs = layer.fields.get("text", ()), layer.fields.get("runs", ())
        for text, written in dict.fromkeys(zip(texts, runs or [None] * len(texts), strict=True)):
            if text:
                for font, piece in _runs(text, written):
                    samples.setdefault(font, {})[piece] = None
    for table in drawing.tables:
        samples.setdefault(table.font, {}).update(dict.fromkeys(cell for row in table.cells for cell in row if cell))
    return samples


def _runs(text: str, written: str | None) -> Iterable[tuple[str, str]]:
    """The runs of a text; the whole in one where they don't make it up."""
    if not written:
        return ((_NO_FONT, text),)
    runs = [(str(font or _NO_FONT), str(piece)) for font, piece in json.loads(written)]
    if len({font for font, _ in runs}) == 1:
        return ((runs[0][0], text),)
    if "".join(piece for _, piece in runs) != text:
        return ((max(runs, key=lambda run: len(run[1]))[0], text),) if runs else ((_NO_FONT, text),)
    return runs


def _decoded(layer: SourceLayer, reader: _Reader, tally: _Tally) -> SourceLayer:
    fields: dict[str, Sequence[Any]] = {name: values for name, values in layer.fields.items() if name != "runs"}
    texts = layer.fields.get("text")
    if texts is not None:
        runs = layer.fields.get("runs") or [None] * len(texts)
        known: dict[tuple[str, str | None], str | None] = {}
        column: list[str | None] = []
        for text, written, handle in zip(texts, runs, layer.ids, strict=True):
            if not text:
                column.append(None)
                continue
            key = (text, written)
            if key not in known or not text.isascii():
                known[key] = _decoded_text(text, written, handle, reader, tally)
            column.append(known[key])
        fields["text"] = column
    for name in ("block", "tag"):
        if name in fields:
            names = {value: _name(value, reader, tally) for value in set(fields[name]) if value}
            fields[name] = [names.get(value) for value in fields[name]]
    return replace(layer, name=_name(layer.name, reader, tally) or layer.name, fields=fields)


def _decoded_text(text: str, written: str | None, handle: str, reader: _Reader, tally: _Tally) -> str | None:
    pieces = []
    for font, piece in _runs(text, written):
        read, encoding, sure = reader.read(font, piece)
        pieces.append(read)
        _count(tally, font, piece, read, encoding, sure, handle)
    return _clean("".join(pieces))


def _count(tally: _Tally, font: str, raw: str, read: str, encoding: str, sure: float, handle: str) -> None:
    if raw.isascii():
        return
    if encoding == "unicode":
        tally.composed += _letters(read) != _letters(raw)
    elif read.casefold() != raw.casefold():
        tally.texts[encoding] = tally.texts.get(encoding, 0) + 1
        tally.fonts.setdefault(encoding, {})[font] = None
        tally.sure[encoding] = min(tally.sure.get(encoding, 1.0), sure)
    if sure < SURE:
        tally.doubtful.setdefault(font, []).append((raw, encoding, handle))


def _letters(text: str) -> str:
    """A text without blanks, to tell composed letters from trimmed ones."""
    return "".join(text.split())


def _clean(text: str) -> str | None:
    """Without control characters and surplus blanks at the ends; empty text is no value."""
    if not text.isprintable():
        text = "".join(letter for letter in text if letter >= " " or letter in "\n\t")
    return text.strip() or None


def _name(raw: str, reader: _Reader, tally: _Tally) -> str:
    if raw.isascii():
        return raw
    read, encoding, sure = reader.read(_NO_FONT, raw)
    _count(tally, _NO_FONT, raw, read, encoding, sure, "")
    return read


def _decoded_drawing(drawing: Drawing, reader: _Reader, tally: _Tally) -> Drawing:
    """The drawing's own names and tables decoded. Layers are counted where their entities are."""
    silent = _Tally()
    layers = [replace(layer, name=_name(layer.name, reader, silent)) for layer in drawing.layers.values()]
    tables = [
        replace(
            table, cells=tuple(tuple(_cell(cell, table.font, reader, tally) for cell in row) for row in table.cells)
        )
        for table in drawing.tables
    ]
    left_out = [replace(item, what=_name(item.what, reader, silent)) for item in drawing.left_out]
    return replace(
        drawing, layers={layer.name: layer for layer in layers}, tables=tuple(tables), left_out=tuple(left_out)
    )


def _cell(cell: str, font: str, reader: _Reader, tally: _Tally) -> str:
    read, encoding, sure = reader.read(font, cell)
    _count(tally, font, cell, read, encoding, sure, "")
    return _clean(read) or ""


def _following(mapping: SourceMapping, renamed: dict[str, str]) -> SourceMapping:
    """The mapping with, behind each rule that finds a layer by its raw name only, the rule by its decoded name."""
    if not renamed:
        return mapping
    rules: list[LayerRule] = []
    for rule in mapping.layers:
        rules.append(rule)
        for raw, name in renamed.items():
            if matches(rule.match, raw) and not matches(rule.match, name):
                rules.append(replace(rule, match=glob.escape(name)))
    return replace(mapping, layers=tuple(rules))


def _repairs(tally: _Tally) -> Iterator[Repair]:
    for encoding, count in sorted(tally.texts.items()):
        fonts = ", ".join(sorted(font for font in tally.fonts[encoding] if font)) or "–"
        yield Repair(
            "drawing-text-decoded",
            params={
                "encoding": _SHOWN[encoding],
                "texts": count,
                "fonts": fonts,
                "sure": int(tally.sure[encoding] * 100),
            },
        )
    if tally.composed:
        yield Repair("drawing-text-composed", params={"texts": tally.composed})


def _questions(tally: _Tally, reader: _Reader) -> Iterator[Finding]:
    """One question for each font whose texts could be read two ways, with both readings of one of them."""
    for font, doubtful in sorted(tally.doubtful.items()):
        for raw, encoding, handle in doubtful:
            first = decode(raw, encoding, codepage=reader.codepage)
            other = _other(raw, encoding, font, reader)
            if other is None:
                continue
            yield warning(
                "drawing-text-unsure",
                font=font or "–",
                texts=len(doubtful),
                first=_short(first),
                first_encoding=_SHOWN[encoding],
                other=_short(other[1]),
                other_encoding=_SHOWN[other[0]],
                source_handle=handle,
            )
            break


def _other(raw: str, encoding: str, font: str, reader: _Reader) -> tuple[str, str] | None:
    """The next best encoding of a text, and how it reads there; None where no other reads differently."""
    own = decode(raw, encoding, codepage=reader.codepage)
    verdict = reader.verdicts.get(font)
    ranked = [verdict.encoding, verdict.other] if verdict else []
    for candidate in (*ranked, "tcvn3", "unicode", "vni"):
        if candidate and candidate != encoding:
            read = decode(raw, candidate, codepage=reader.codepage)
            if read != own:
                return candidate, read
    return None


def _short(text: str) -> str:
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    return plain if len(plain) <= _EXAMPLE else plain[: _EXAMPLE - 1] + "…"
