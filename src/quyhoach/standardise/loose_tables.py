"""Tables drawn as loose texts between lines: found by what stands at their heads, and put into rows and columns."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quyhoach.standardise.sheet import Floats, Sheet

TABLE_TITLE = re.compile(
    r"(?:can bang|tong hop|thong ke|co cau|chi tieu|quy mo)\b.*(?:su dung dat|\bsdd\b|dat dai|quy dat|\blo dat|\bo dat)"
    r"|^(?:bang )?(?:quy hoach|co cau|can bang) (?:su dung dat|dat dai)"
)
_HEADER = re.compile(r"dien tich|\bd\.? ?tich|ty le|ti le|co cau|loai dat|chuc nang|hang muc|ky hieu")
_STRONG = re.compile(r"dien tich|\bd\.? ?tich")
_GRID_LABEL = re.compile(r"[xyne] ?[=:]? ?\d{5,}")
_OFTEN = 6
_LONGEST_HEADER = 60  # letters: longer text is a remark

_ROW = 0.6  # letter heights: middles nearer than this stand in one row
_APART = 45.0  # letter heights between the cells of a header without lines
_GAP = 2.6  # of the usual row distance: a larger step down ends a table


@dataclass(frozen=True, eq=False)
class LooseTable:
    """A table found: `cells` row by row, `handles` of the first text of each row, `words` its rows in Sheet.words."""

    cells: tuple[tuple[str, ...], ...]
    handles: tuple[str, ...]
    rows: tuple[float, ...]  # middles of the rows, top down
    words: tuple[int, ...]
    title: str
    region: Floats  # west, south, east, north as drawn


def find_tables(sheet: Sheet) -> list[LooseTable]:
    """Every table with a header that speaks of areas or of land use, from the top left."""
    words = sheet.words
    heads = [at for at in words.telling if _is_head(words.folded[at])]
    often = Counter(words.folded[at] for at in heads)
    heads = [at for at in heads if often[words.folded[at]] <= _OFTEN]  # else a form that every label repeats
    heads.sort(key=lambda at: (-words.box[at, 1], words.box[at, 0]))
    used: set[int] = set()
    found = []
    for at in heads:
        if at in used:
            continue
        table = _table_at(sheet, at)
        if table is not None and not used.intersection(table.words):
            found.append(table)
            used.update(table.words)
    return found


def _is_head(folded: str) -> bool:
    """Whether a text can be the header of a column of areas: "Diện tích (ha)", not "Diện tích: 1.200 m2"."""
    if len(folded) > _LONGEST_HEADER or not _STRONG.search(folded) or TABLE_TITLE.search(folded):
        return False
    return not re.search(r"\d", re.sub(r"m2|20\d\d", "", folded))


def titles(sheet: Sheet) -> list[int]:
    """Texts that announce a table of land use."""
    told = ((at, sheet.words.folded[at]) for at in sheet.words.telling)
    return [at for at, text in told if len(text) <= 120 and TABLE_TITLE.search(text)]


def _table_at(sheet: Sheet, head: int) -> LooseTable | None:
    """The table whose header holds this text; None where too little stands under or beside it."""
    words = sheet.words
    size = float(words.height[head])
    middle = words.middle
    row = np.flatnonzero(np.abs(middle[:, 1] - middle[head, 1]) <= 4.5 * size)
    span = _ruled_span(sheet, head)
    bottom, top = (-np.inf, np.inf) if span is None else _ruled_height(sheet, head, span)
    if span is None:
        span = _header_span(sheet, head, row)
    if span is None:
        return None
    west, east = span
    near = (middle[:, 0] >= west) & (middle[:, 0] <= east) & (words.height <= 2.5 * size) & (words.height >= 0.3 * size)
    near &= (middle[:, 1] > bottom) & (middle[:, 1] < top)
    below = np.flatnonzero(near & (middle[:, 1] <= middle[head, 1] + 4.5 * size))
    below = np.array([at for at in below.tolist() if not _GRID_LABEL.match(words.folded[at])], dtype=np.intp)
    above = [
        at for at in titles(sheet) if 0 < middle[at, 1] - middle[head, 1] <= 14 * size and _over(words.box[at], span)
    ]
    title = min(above, key=lambda at: middle[at, 1], default=None)
    roof = middle[title, 1] - 0.5 * words.height[title] if title is not None else np.inf
    below = below[middle[below, 1] < roof]
    rows = _rows_down(words.box, middle, words.height, below, float(middle[head, 1]), sheet)
    rows = _merged(rows, middle, sheet.level, span)
    if len(rows) < 3:
        return None
    members = np.concatenate(rows)
    others = _column_edges(sheet, members, span)
    cells, handles = [], []
    for group in rows:
        line = [""] * (len(others) + 1)
        for at in group.tolist():
            column = int(np.searchsorted(others, middle[at, 0]))
            line[column] = f"{line[column]} {words.text[at]}".strip()
        cells.append(tuple(line))
        handles.append(words.handle[int(group[np.argmax(words.box[group, 2] - words.box[group, 0])])])
    if sum(any(map(str.isdigit, cell)) for line in cells for cell in line) < 2:
        return None
    box = words.box[members]
    region = np.array([min(west, box[:, 0].min()), box[:, 1].min(), max(east, box[:, 2].max()), box[:, 3].max()])
    taken = members.tolist()
    if title is not None:
        taken.append(title)
    return LooseTable(
        cells=tuple(cells),
        handles=tuple(handles),
        rows=tuple(float(middle[group, 1].mean()) for group in rows),
        words=tuple(taken),
        title=words.text[title] if title is not None else "",
        region=region,
    )


def _over(box: Floats, span: tuple[float, float]) -> bool:
    return bool(box[2] >= span[0] and box[0] <= span[1])


def _ruled_span(sheet: Sheet, head: int) -> tuple[float, float] | None:
    """West and east end of the lines over or under a header, joined where they touch; None where there are none."""
    box, size = sheet.words.box[head], float(sheet.words.height[head])
    level = sheet.level
    if not len(level):
        return None
    close = (level[:, 0] >= box[1] - 5 * size) & (level[:, 0] <= box[3] + 5 * size)
    lines = level[close & (level[:, 2] - level[:, 1] >= size)]
    for y in sorted({round(float(value), 6) for value in lines[:, 0]}, key=lambda value: abs(value - box[1])):
        mine = lines[np.abs(lines[:, 0] - y) <= 0.05 * size]
        west, east = float(box[0]), float(box[2])
        if not ((mine[:, 1] <= (west + east) / 2) & (mine[:, 2] >= (west + east) / 2)).any():
            continue
        while True:
            touch = mine[(mine[:, 1] <= east + 0.5 * size) & (mine[:, 2] >= west - 0.5 * size)]
            wider = min(west, float(touch[:, 1].min())), max(east, float(touch[:, 2].max()))
            if wider == (west, east):
                break
            west, east = wider
        if east - west >= 1.5 * (box[2] - box[0]) and _holds_names(sheet, head, (west, east)):
            return west, east
    return None


def _ruled_height(sheet: Sheet, head: int, span: tuple[float, float]) -> tuple[float, float]:
    """Foot and top of a table whose lines are drawn: as far as upright lines go on from its header, else as its level
    lines do; without bounds where neither tells."""
    box, size = sheet.words.box[head], float(sheet.words.height[head])
    low, high = float(box[1]) - size, float(box[3]) + size
    upright = sheet.upright
    mine = upright[(upright[:, 0] >= span[0] - 0.5 * size) & (upright[:, 0] <= span[1] + 0.5 * size)]
    first = mine[(mine[:, 1] <= high) & (mine[:, 2] >= low)]
    if len(first) >= 2:
        while True:
            touch = mine[(mine[:, 1] <= high + 0.1 * size) & (mine[:, 2] >= low - 0.1 * size)]
            taller = float(np.quantile(touch[:, 1], 0.25)), float(np.quantile(touch[:, 2], 0.75))
            grown = min(low, taller[0]), max(high, taller[1])
            if grown == (low, high):
                return low - 0.1 * size, high + 0.1 * size
            low, high = grown
    level = sheet.level
    cover = np.minimum(level[:, 2], span[1]) - np.maximum(level[:, 1], span[0])
    lines = np.sort(level[cover >= 0.8 * (span[1] - span[0]), 0])[::-1]
    lines = lines[lines <= high + 4 * size]
    steps = lines[:-1] - lines[1:]
    if len(lines) < 4:
        return -np.inf, np.inf
    cut = np.flatnonzero(steps > 6 * max(float(np.median(steps)), size))
    return float(lines[cut[0]] if len(cut) else lines[-1]) - 0.1 * size, np.inf


def _holds_names(sheet: Sheet, head: int, span: tuple[float, float]) -> bool:
    """Whether another header cell stands in the span: else the line belongs to one cell only, or to the sheet."""
    words, middle = sheet.words, sheet.words.middle
    size = float(words.height[head])
    near = np.flatnonzero(np.abs(middle[:, 1] - middle[head, 1]) <= 4.5 * size)
    inside = [at for at in near.tolist() if at != head and span[0] <= middle[at, 0] <= span[1]]
    return len(inside) <= 40 and _kinds(words.folded[at] for at in (head, *inside)) >= 2


def _kinds(folded: Iterable[str]) -> int:
    """How many different things the cells of a header name."""
    found = [_HEADER.search(text) for text in folded]
    return len({match[0].removeprefix("bang ") for match in found if match})


def _header_span(sheet: Sheet, head: int, row: npt.NDArray[np.intp]) -> tuple[float, float] | None:
    """The width of a header without lines: its cells, as far as none stands too far from the next."""
    words = sheet.words
    size = float(words.height[head])
    same = np.abs(words.middle[row, 1] - words.middle[head, 1]) <= 2.0 * size
    cells = row[same & (words.height[row] <= 1.5 * size) & (words.height[row] >= 0.6 * size)]
    cells = cells[np.argsort(words.box[cells, 0], kind="stable")]
    at = int(np.flatnonzero(cells == head)[0])
    first = last = at
    while first > 0 and words.box[cells[first], 0] - words.box[cells[first - 1], 2] <= _APART * size:
        first -= 1
    while last + 1 < len(cells) and words.box[cells[last + 1], 0] - words.box[cells[last], 2] <= _APART * size:
        last += 1
    chosen = cells[first : last + 1].tolist()
    if _kinds(words.folded[one] for one in chosen) < 2:
        return None
    return float(words.box[chosen, 0].min() - 2 * size), float(words.box[chosen, 2].max() + 3 * size)


def _rows_down(
    box: Floats, middle: Floats, height: Floats, members: npt.NDArray[np.intp], top: float, sheet: Sheet
) -> list[npt.NDArray[np.intp]]:
    """Words grouped by row from the header down, until a step too large or the next panel's heading."""
    order = members[np.argsort(-middle[members, 1], kind="stable")]
    rows: list[list[int]] = []
    for at in order.tolist():
        limit = _ROW * min(height[at], height[rows[-1][0]]) if rows else 0.0
        if rows and abs(middle[at, 1] - middle[rows[-1][0], 1]) <= limit:
            rows[-1].append(at)
        else:
            rows.append([at])
    levels = [float(middle[row, 1].mean()) for row in rows]
    kept: list[npt.NDArray[np.intp]] = []
    steps: list[float] = []
    for number, row in enumerate(rows):
        if number and levels[number] < top:
            step = levels[number - 1] - levels[number]
            usual = float(np.median(steps[-8:])) if len(steps) >= 2 else 6.0 * float(height[row[0]])
            if step > max(_GAP * usual, 3.0 * float(height[row[0]])) or _is_heading(sheet, row):
                break
            steps.append(step)
        kept.append(np.array(sorted(row, key=lambda at: middle[at, 0]), dtype=np.intp))
    return kept


def _is_heading(sheet: Sheet, row: list[int]) -> bool:
    text = sheet.words.folded[row[0]]
    return len(row) == 1 and (bool(TABLE_TITLE.search(text)) or text in ("chu giai", "chu thich", "ghi chu"))


def _merged(
    rows: list[npt.NDArray[np.intp]], middle: Floats, level: Floats, span: tuple[float, float]
) -> list[npt.NDArray[np.intp]]:
    """Rows between the same two lines as one, where at most one of them has several cells: a name of two lines."""
    width = span[1] - span[0]
    cover = np.minimum(level[:, 2], span[1]) - np.maximum(level[:, 1], span[0]) if len(level) else np.empty(0)
    lines = np.sort(level[cover >= 0.5 * width, 0]) if len(level) else np.empty(0)
    if len(lines) < 3:
        return rows
    merged: list[npt.NDArray[np.intp]] = []
    bands: list[int] = []
    for row in rows:
        band = int(np.searchsorted(lines, middle[row, 1].mean()))
        single = merged and bands[-1] == band and (len(row) <= 2 or len(merged[-1]) <= 2)
        if single and not (len(row) > 1 and len(merged[-1]) > 1):
            merged[-1] = np.concatenate([merged[-1], row])
        else:
            merged.append(row)
            bands.append(band)
    return merged


def _column_edges(sheet: Sheet, members: npt.NDArray[np.intp], span: tuple[float, float]) -> Floats:
    """Where one column ends and the next begins: upright lines, else the blanks between the words of all rows."""
    words = sheet.words
    box = words.box[members]
    size = float(np.median(words.height[members]))
    south, north = float(box[:, 1].min()), float(box[:, 3].max())
    upright = sheet.upright
    if len(upright):
        long = np.minimum(upright[:, 2], north) - np.maximum(upright[:, 1], south)
        inner = (upright[:, 0] > span[0] + size) & (upright[:, 0] < span[1] - size) & (long > 0)
        places = upright[inner]
        edges = _joined_edges(places[:, 0], long[inner], 0.3 * size, 0.5 * (north - south))
        if len(edges) >= 2:
            return edges
    body = box[box[:, 3] < north - 3 * size] if len(box) > 20 else box
    order = body[np.argsort(body[:, 0], kind="stable")]
    found: list[float] = []
    reach = -np.inf
    for west, _, east, _ in order.tolist():
        if np.isfinite(reach) and west > reach + 0.5 * size:
            found.append((reach + west) / 2)
        reach = max(reach, west + 0.85 * (east - west))
    return np.array(found)


def _joined_edges(x: Floats, length: Floats, near: float, least: float) -> Floats:
    """Positions of upright lines whose pieces together are long enough."""
    order = np.argsort(x, kind="stable")
    found: list[list[float]] = []
    for place, piece in zip(x[order].tolist(), length[order].tolist(), strict=True):
        if found and place - found[-1][0] <= near:
            found[-1][1] += piece
        else:
            found.append([place, piece])
    return np.array([place for place, piece in found if piece >= least])
