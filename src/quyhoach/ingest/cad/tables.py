"""ACAD_TABLE and the anonymous blocks (*T…) that hold what a table looks like, as rows and columns of text."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from quyhoach.domain.source import TableGrid
from quyhoach.ingest.cad.book import look_at
from quyhoach.ingest.cad.harms import harms
from quyhoach.ingest.cad.lettering import read_paragraphs
from quyhoach.ingest.cad.place import Look, Spot
from quyhoach.ingest.cad.sink import Sink, Wording
from quyhoach.ingest.cad.texts import read_mtext, read_text, width_of

_TABLE_BLOCK = re.compile(r"\*T\d*", re.IGNORECASE)


def is_table_block(name: str) -> bool:
    """Whether a block's name is that of a table's picture."""
    return _TABLE_BLOCK.fullmatch(name) is not None


def read_table(entity: Any, look: Look, sink: Sink) -> TableGrid | None:
    """An ACAD_TABLE by its own cells; where those are empty, by the texts of its block."""
    from ezdxf.entities.acad_table import read_acad_table_content

    book = look.spot.book
    cells: list[list[str]] = []
    try:
        for row in read_acad_table_content(entity):
            sink.visit(max(len(row), 1))
            cells.append([read_paragraphs(str(cell), book.codepage, "").text for cell in row])
    except harms():
        cells = []
    block = book.doc.blocks.get(str(entity.dxf.get("geometry", "")))
    drawn = grid_of_block(block, look, sink) if block is not None else None
    if any(cell.strip() for row in cells for cell in row):
        font = drawn.font if drawn is not None else ""
        return TableGrid(look.id, look.layer, tuple(tuple(row) for row in cells), font)
    return drawn


@dataclass(frozen=True, slots=True)
class _Text:
    x: float
    y: float
    right: float
    height: float
    text: str
    font: str


class _Texts(Sink):
    """Takes the texts of a table's block and nothing else."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink.file, sink.limits)
        self.found: list[_Text] = []

    def spot(self, look: Look, place: tuple[float, float], wording: Wording | None = None) -> None:
        if wording is not None:
            text, runs, height, _, x, y, _ = wording
            font = next((font for font, part in json.loads(runs) if part.strip()), "")
            width = max(width_of(line) for line in text.split("\n")) * height
            self.found.append(_Text(x, y, x + width, height, text, font))


def grid_of_block(block: Iterable[Any], look: Look, sink: Sink) -> TableGrid | None:
    """The texts of a table's block in rows (by base line) and columns (by vertical rules, else by where they start)."""
    texts, rules = _Texts(sink), []
    spot = Spot(look.spot.book, prefix=f"{look.id}/")
    for entity in block:
        sink.visit()
        kind = entity.dxftype()
        if kind in ("TEXT", "ATTRIB"):
            read_text(texts, entity, look_at(entity, kind, spot))
        elif kind == "MTEXT":
            read_mtext(texts, entity, look_at(entity, kind, spot))
        elif kind == "LINE":
            start, end = entity.dxf.start, entity.dxf.end
            if abs(start.x - end.x) <= 1e-6 * max(abs(start.y - end.y), 1e-9):
                rules.append(float(start.x))
    cells = arrange(texts.found, sorted(set(rules)))
    if not cells:
        return None
    fonts = [text.font for text in texts.found]
    return TableGrid(look.id, look.layer, cells, max(fonts, key=fonts.count, default=""))


def arrange(texts: Sequence[_Text], rules: Sequence[float]) -> tuple[tuple[str, ...], ...]:
    """Texts as rows and columns, top to bottom, left to right; empty cells are ""."""
    if not texts:
        return ()
    edges = _columns(texts, rules)
    rows: list[list[_Text]] = []
    for text in sorted(texts, key=lambda text: -text.y):
        if rows and rows[-1][0].y - text.y <= 0.6 * max(text.height, rows[-1][0].height):
            rows[-1].append(text)
        else:
            rows.append([text])
    result = []
    for row in rows:
        cells = [""] * (len(edges) + 1)
        for text in sorted(row, key=lambda text: text.x):
            place = sum(1 for edge in edges if edge <= (text.x + min(text.right, text.x + text.height)) / 2)
            cells[place] = f"{cells[place]} {text.text}".strip()
        result.append(tuple(cells))
    filled = [any(row[place] for row in result) for place in range(len(edges) + 1)]
    return tuple(tuple(cell for cell, keep in zip(row, filled, strict=True) if keep) for row in result)


def _columns(texts: Sequence[_Text], rules: Sequence[float]) -> list[float]:
    """Where one column ends and the next begins."""
    left, right = min(text.x for text in texts), max(text.x for text in texts)
    inner = [rule for rule in rules if left < rule < right]
    if inner:
        return inner
    starts: list[float] = []
    for text in sorted(texts, key=lambda text: text.x):
        if not starts or text.x - starts[-1] > text.height:
            starts.append(text.x)
    return [start - 0.5 * min(text.height for text in texts) for start in starts[1:]]
