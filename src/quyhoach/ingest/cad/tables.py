"""ACAD_TABLE and the anonymous blocks (*T…) that hold what a table looks like, as rows and columns of text."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from quyhoach.domain.source import TableGrid
from quyhoach.ingest.cad.book import look_at
from quyhoach.ingest.cad.harms import harms
from quyhoach.ingest.cad.lettering import read_paragraphs
from quyhoach.ingest.cad.place import Look, Spot
from quyhoach.ingest.cad.sink import Sink, Wording
from quyhoach.ingest.cad.texts import read_mtext, read_text

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
        told = entity.xtags.get_subclass("AcDbTable")
        rows, columns = int(told.get_first_value(91, 0)), int(told.get_first_value(92, 0))
        if not 0 <= max(rows, rows * columns) <= sink.limits.array_cells:
            raise ValueError("too many cells")
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
    """A text of a table: start of its base line, middle of its letters across, their height."""

    x: float
    y: float
    middle: float
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
            self.found.append(_Text(x, y, place[0], height, text, font))


def grid_of_block(block: Iterable[Any], look: Look, sink: Sink) -> TableGrid | None:
    """The texts of a table's block in rows (by base line) and columns (by vertical rules, else by where they stand)."""
    texts = _Texts(sink)
    rules: set[float] = set()
    spot = Spot(look.spot.book, prefix=f"{look.id}/")
    for entity in block:
        sink.visit()
        kind = entity.dxftype()
        if kind in ("TEXT", "ATTRIB"):
            read_text(texts, entity, look_at(entity, kind, spot))
        elif kind == "MTEXT":
            read_mtext(texts, entity, look_at(entity, kind, spot))
        elif kind == "LINE":
            rules.update(_upright((entity.dxf.start, entity.dxf.end)))
        elif kind == "LWPOLYLINE":
            rules.update(_upright(list(entity.vertices_in_wcs())))
    cells = arrange(texts.found, sorted(rules))
    if not cells:
        return None
    fonts = [text.font for text in texts.found]
    return TableGrid(look.id, look.layer, cells, max(fonts, key=fonts.count, default=""))


def _upright(points: Sequence[Any]) -> list[float]:
    """Where the upright segments of a line stand."""
    pairs = pairwise(points)
    return [float(a.x) for a, b in pairs if abs(a.x - b.x) <= 1e-6 * max(abs(a.y - b.y), 1e-9)]


def arrange(texts: Sequence[_Text], rules: Sequence[float]) -> tuple[tuple[str, ...], ...]:
    """Texts as rows and columns, top to bottom, left to right; empty cells are "". Columns without text are none."""
    if not texts:
        return ()
    # A quarter into the letters: within the cell wherever in it the text is aligned, even if its width is misjudged.
    first, last = min(text.x for text in texts), max(text.middle for text in texts)
    inner = [rule for rule in rules if first < rule < last]
    places = [(text.x + text.middle) / 2 for text in texts]
    edges = inner
    if not inner:
        starts, middles = _gaps([t.x for t in texts], texts), _gaps([t.middle for t in texts], texts)
        if len(middles) < len(starts):
            places, edges = [text.middle for text in texts], middles
        else:
            places, edges = [text.x for text in texts], starts
    rows: list[list[tuple[float, _Text]]] = []
    for place, text in sorted(zip(places, texts, strict=True), key=lambda pair: -pair[1].y):
        if rows and rows[-1][0][1].y - text.y <= 0.6 * max(text.height, rows[-1][0][1].height):
            rows[-1].append((place, text))
        else:
            rows.append([(place, text)])
    result = [_cells(row, edges) for row in rows]
    filled = [any(row[column] for row in result) for column in range(len(edges) + 1)]
    return tuple(tuple(cell for cell, keep in zip(row, filled, strict=True) if keep) for row in result)


def _cells(row: list[tuple[float, _Text]], edges: Sequence[float]) -> list[str]:
    cells = [""] * (len(edges) + 1)
    for place, text in sorted(row, key=lambda pair: pair[0]):
        column = bisect_right(edges, place)
        cells[column] = f"{cells[column]} {text.text}".strip()
    return cells


def _gaps(places: Sequence[float], texts: Sequence[_Text]) -> list[float]:
    """Where one column ends and the next begins, columns being heaps of places."""
    height = min(text.height for text in texts)
    ordered = sorted(places)
    return [(a + b) / 2 for a, b in pairwise(ordered) if b - a > height]
