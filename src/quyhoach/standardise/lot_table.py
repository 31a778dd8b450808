"""The table that lists a drawing's lots ("BẢNG THỐNG KÊ LÔ ĐẤT"): what labels leave out stands there, by lot code."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from quyhoach.domain.finding import Repair
from quyhoach.domain.label import is_lot_code
from quyhoach.domain.source import TableGrid
from quyhoach.standard import fold
from quyhoach.standardise.balance import parse_number
from quyhoach.standardise.sheet import Sheet
from quyhoach.standardise.work import Features, LotRow, Work

# What a column holds, by its head; the first that fits.
_HEADS = (
    (
        "code",
        re.compile(
            r"^(?:ky hieu|ten|ma|so hieu|so)(?: cua)?(?: cac)? ?(?:lo|o)?(?: dat)?(?: quy hoach)?$|^lo(?: dat)?$"
        ),
    ),
    ("area", re.compile(r"dien tich(?! san| xay| xd)|^dt\b(?! san| xd)|^s ?\(")),
    ("density", re.compile(r"mat do|^m\.?d\.?x\.?d")),
    ("storeys", re.compile(r"tang cao|so tang|chieu cao.*tang|^tc\b")),
    ("far", re.compile(r"he so|^hs")),
    ("population", re.compile(r"dan so|so nguoi|so dan|^ds\b")),
)
_FIELDS = {
    "population": "danSo",
    "density": "matDoXayDung",
    "storeys": "tangCaoXayDung",
    "far": "heSoSuDungDat",
}
_LEVEL = 1.6  # letter heights: heads within this stand in one row, be they in two lines
_PITCH = 4.0  # usual row distances: a larger step down ends a table
_LEAST = 3  # lots in a table
_NONE = re.compile(r"[-–.\s]*")
_HECTARE = 10_000.0


@dataclass(frozen=True, slots=True)
class _Head:
    kind: str
    word: int
    west: float
    east: float


def find_lot_tables(sheet: Sheet) -> tuple[tuple[LotRow, ...], frozenset[int]]:
    """The rows of all lot tables among loose texts, side by side perhaps, and the numbers of their texts."""
    words = sheet.words
    told = [(at, kind) for at in words.telling if (kind := head_kind(words.folded[at]))]
    rows: list[LotRow] = []
    taken: set[int] = set()
    for line in _lines(sheet, told):
        for block in _blocks(line):
            made, members = _read_block(sheet, block, _limit(line, block))
            rows += made
            taken |= members
    return tuple(rows), frozenset(taken)


def head_kind(folded: str) -> str:
    """What a column with this head (folded) holds; empty for anything else."""
    if len(folded) > 60 or re.search(r"\d", re.sub(r"m2|20\d\d", "", folded)):
        return ""
    bare = re.sub(r"\(.*?\)|\[.*?\]", "", folded).strip(" :.")
    return next((kind for kind, pattern in _HEADS if pattern.search(bare)), "")


def _lines(sheet: Sheet, told: Sequence[tuple[int, str]]) -> list[list[_Head]]:
    """Heads that stand in one row, from the left."""
    words = sheet.words
    lines: list[tuple[float, list[_Head]]] = []
    for at, kind in sorted(told, key=lambda pair: -float(words.middle[pair[0], 1])):
        west, _, east, _ = words.box[at].tolist()
        y = float(words.middle[at, 1])
        head = _Head(kind, at, west, east)
        if lines and lines[-1][0] - y <= _LEVEL * float(words.height[at]):
            lines[-1][1].append(head)
        else:
            lines.append((y, [head]))
    return [sorted(heads, key=lambda head: head.west) for _, heads in lines]


def _blocks(line: Sequence[_Head]) -> list[list[_Head]]:
    """Each table of a row of heads: from one head of codes to the next, with something told beside."""
    starts = [number for number, head in enumerate(line) if head.kind == "code"]
    ends = [*starts[1:], len(line)] if starts else []
    blocks = [list(line[start:end]) for start, end in zip(starts, ends, strict=True)]
    return [block for block in blocks if len({head.kind for head in block}) > 1]


def _limit(line: Sequence[_Head], block: Sequence[_Head]) -> float:
    """Where the next table of the row begins."""
    later = [head.west for head in line if head.west > block[-1].west]
    return min(later, default=np.inf)


def _read_block(sheet: Sheet, block: Sequence[_Head], limit: float) -> tuple[list[LotRow], set[int]]:
    words = sheet.words
    size = float(words.height[block[0].word])
    width = max(head.east - head.west for head in block)
    west, east = block[0].west - 4 * size, min(block[-1].east + max(width, 8 * size), limit - 0.1 * size)
    middle = words.middle
    floor = min(float(words.middle[head.word, 1]) for head in block)
    near = (middle[:, 0] > west) & (middle[:, 0] < east) & (middle[:, 1] < floor - 0.5 * size)
    near &= (words.height < 1.6 * size) & (words.height > 0.5 * size)
    below = np.flatnonzero(near)
    below = below[np.argsort(-middle[below, 1], kind="stable")]
    lines = _rows_down(middle, below.tolist(), floor, size)
    block = [*block, *_other_heads(sheet, block, west, east)]
    made: list[LotRow] = []
    members: set[int] = {head.word for head in block}
    for line in lines:
        cells = _cells(sheet, line, block)
        row = lot_row(cells, words.folded[next((h.word for h in block if h.kind == "area"), block[0].word)])
        if row is not None:
            made.append(replace(row, handle=words.handle[line[0]]))
        members |= set(line)
    return (made, members) if len(made) >= _LEAST else ([], set())


def _other_heads(sheet: Sheet, block: Sequence[_Head], west: float, east: float) -> list[_Head]:
    """Heads of columns that are of no use here (function, note): what stands under them belongs to nothing else."""
    words = sheet.words
    known = {head.word for head in block}
    height = float(words.height[block[0].word])
    level = np.abs(words.middle[:, 1] - words.middle[block[0].word, 1]) <= _LEVEL * height
    inside = (words.middle[:, 0] > west) & (words.middle[:, 0] < east)
    found = [at for at in np.flatnonzero(level & inside).tolist() if at not in known]
    return [_Head("", at, float(words.box[at, 0]), float(words.box[at, 2])) for at in found]


def _rows_down(middle: Any, below: Sequence[int], top: float, size: float) -> list[list[int]]:
    """Texts row by row, down to a step that is too large."""
    lines: list[list[int]] = []
    last, pitch = top, 0.0
    for at in below:
        y = float(middle[at, 1])
        if lines and last - y <= 0.6 * size:
            lines[-1].append(at)
            continue
        if lines and last - y > _PITCH * max(pitch, size):
            break
        pitch = pitch or last - y
        lines.append([at])
        last = y
    return lines


def _cells(sheet: Sheet, line: Sequence[int], block: Sequence[_Head]) -> dict[str, str]:
    """The texts of a row under the heads that they stand under: each with the head whose span is nearest."""
    words = sheet.words
    cells: dict[str, str] = {}
    for at in sorted(line, key=lambda number: float(words.box[number, 0])):
        left, _, right, _ = words.box[at].tolist()
        gaps = [max(head.west - right, left - head.east, 0.0) for head in block]
        best = int(np.argmin(gaps))
        span = max(block[best].east - block[best].west, 6 * float(words.height[at]))
        if gaps[best] <= span:
            kind = block[best].kind
            cells[kind] = f"{cells.get(kind, '')} {words.text[at]}".strip()
    return cells


def lot_row(cells: dict[str, str], area_head: str) -> LotRow | None:
    """A row of the table from the texts under its heads; None where no lot code stands in it."""
    code = cells.get("code", "").strip()
    if not is_lot_code(code):
        return None
    written = cells.get("area", "")
    area = parse_number(written, False)
    area = parse_number(written, True) if area is None else area
    if area is not None and re.search(r"\bha\b", f"{area_head} {fold(written)}"):
        area *= _HECTARE
    told = {kind: _indicator(cells.get(kind, "")) for kind in _FIELDS}
    return LotRow(code, area, told["population"], told["density"], told["storeys"], told["far"])


def _indicator(text: str) -> str:
    bare = re.sub(r"(?:%|tầng|lần|người)\s*$", "", text.strip()).strip()
    return "" if _NONE.fullmatch(bare) or not re.search(r"\d", bare) else bare


def read_lot_grid(grid: TableGrid) -> tuple[LotRow, ...]:
    """The lot rows of a table entity; empty for a table of another kind."""
    for at, line in enumerate(grid.cells[:4]):
        kinds = [head_kind(fold(cell)) for cell in line]
        starts = [column for column, kind in enumerate(kinds) if kind == "code"]
        if not starts or len(set(kinds) - {""}) < 2:
            continue
        rows = []
        for start, end in zip(starts, [*starts[1:], len(kinds)], strict=True):
            heads = range(start, end)
            area = next((fold(line[column]) for column in heads if kinds[column] == "area"), "")
            for cells in grid.cells[at + 1 :]:
                told = {kinds[column]: cells[column] for column in heads if kinds[column] and column < len(cells)}
                row = lot_row(told, area)
                if row is not None:
                    rows.append(replace(row, handle=grid.handle))
        return tuple(rows) if len(rows) >= _LEAST else ()
    return ()


def fill_from_lot_table(work: Work) -> Work:
    """Phase: what a lot's label leaves out is taken from the drawing's table of lots, by the lot's code.

    A code that the table or the map has twice is passed over. What a label says stays."""
    listed = _unique(work.reading.lots)
    if work.drawing is None or not listed:
        return work
    repairs: list[Repair] = []
    made = []
    for group in work.features:
        if group.rule.role == "lot" and len(group):
            group = _filled(group, listed, repairs)
        made.append(group)
    return replace(work, features=tuple(made), repairs=work.repairs + tuple(repairs))


def _unique(rows: Sequence[LotRow]) -> dict[str, LotRow]:
    found: dict[str, LotRow] = {}
    twice = set()
    for row in rows:
        key = _key(row.code)
        if key in found:
            twice.add(key)
        found[key] = row
    return {key: row for key, row in found.items() if key not in twice}


def _key(code: str) -> str:
    return re.sub(r"[\s.\-_]", "", code).casefold()


def _filled(group: Features, listed: dict[str, LotRow], repairs: list[Repair]) -> Features:
    codes = [str(code or "") for code in group.fields.get("kyHieuLoDat", [""] * len(group))]
    columns: dict[str, list[Any]] = {
        name: list(group.fields.get(name, [None] * len(group))) for name in (*_FIELDS.values(), "dienTich")
    }
    keys = [_key(code) for code in codes]
    often = Counter(keys)
    count = 0
    for at, key in enumerate(keys):
        row = listed.get(key) if key and often[key] == 1 else None
        if row is None:
            continue
        before = [columns[name][at] for name in columns]
        for kind, name in _FIELDS.items():
            columns[name][at] = columns[name][at] or getattr(row, kind) or None
        columns["dienTich"][at] = columns["dienTich"][at] if columns["dienTich"][at] is not None else row.area_m2
        count += before != [columns[name][at] for name in columns]
    if count:
        repairs.append(Repair("lot-values-from-table", params={"count": count}))
    return replace(group, fields={**group.fields, **columns})
