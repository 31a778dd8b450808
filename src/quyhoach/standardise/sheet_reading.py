"""Phase: what stands beside the map on a drawing's sheet: legend, balance table, key to the labels, title, scale."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.domain.label import LabelStyle, read_key_panel
from quyhoach.domain.source import LeftOut, TableGrid
from quyhoach.standard import fold
from quyhoach.standardise.balance import BalanceTable, Namer, name_functions, read_cells
from quyhoach.standardise.drawn_frame import drawn_frame
from quyhoach.standardise.legend import HEADING, Legend, read_legend
from quyhoach.standardise.loose_tables import TABLE_TITLE, LooseTable, find_tables, titles
from quyhoach.standardise.lot_table import find_lot_tables, read_lot_grid
from quyhoach.standardise.sheet import Sheet, lay_out
from quyhoach.standardise.work import LegendEntry, SheetReading, Work, place, warning

KEY_HEADING = re.compile(
    r"(?:chu thich |ghi chu |giai thich |mau |quy cach )?(?:ky hieu|cau truc|mau)(?: cua)?(?: nhan)? (?:lo|o)(?: dat)?"
    r"(?: quy hoach)?\s*:?"
)
_KEY_ROW = re.compile(r"ky hieu (?:lo|o)|ten (?:lo|o)|dien tich|mat do|tang cao|so tang|he so|hssd|dan so")
_SCALE = re.compile(r"(?:ty le|ti le|\btl\b|scale)\s*(?:ban do|ban ve)?\s*[:.]?\s*1\s*[/:]\s*(\d[\d., ]*)")
_TITLE = re.compile(r"quy hoach|ban do|ban ve|so do")
_NORTH = re.compile(r"north|\bbac\b|la ban|hoa gio|compass|huong bac|mui ten bac")
_OFTEN = 3
_KEY_PITCH = 4.0  # letter heights from one line of a key panel to the next, at most
_EXISTING = "hien trang"


@dataclass(frozen=True, eq=False)
class _Key:
    style: LabelStyle
    words: frozenset[int]


def read_sheet(work: Work) -> Work:
    """Read legend, land-use balance table, key panel, title and scale, and say which entities belong to them.

    An embedded Excel object in place of the table, or a table that can't be read, is a warning."""
    if work.drawing is None:
        return work
    sheet = _level_sheet(work)
    namer = name_functions(work.context.standard, work.context.land_use, _kind(work))
    lots, lot_words = find_lot_tables(sheet)
    tables = find_tables(sheet)
    loose = [table for table in tables if not lot_words & set(table.words)]
    table_words = lot_words | {at for table in tables for at in table.words}
    key = _read_key(sheet, table_words)
    legend = read_legend(sheet, namer, table_words | key.words)
    loose_read = [read_cells(table.cells, namer, title=table.title, handles=table.handles) for table in loose]
    candidates = list(zip(loose_read, (table.title for table in loose), strict=True))
    candidates += [_of_grid(grid, namer) for grid in work.drawing.tables]
    balance = _planned(candidates)
    taken_words = table_words | key.words | legend.words | _title_words(sheet)
    taken = {sheet.words.handle[at] for at in taken_words}
    taken |= {sheet.marks.handle[at] for at in legend.marks}
    taken |= {handle for table in tables for handle in _table_marks(sheet, table)}
    taken |= {handle for handle, block in zip(sheet.marks.handle, sheet.marks.block, strict=True) if _is_north(block)}
    entries = legend.entries + _entries_of_tables(sheet, loose, loose_read, legend)
    reading = SheetReading(
        legend=entries,
        balance=balance.rows if balance is not None else (),
        lots=lots + tuple(row for grid in work.drawing.tables for row in read_lot_grid(grid)),
        style=key.style,
        taken=frozenset(taken),
        scale=_scale(sheet),
        title=_title(sheet, table_words | legend.words | key.words),
    )
    guesses = work.guesses
    if balance is not None and balance.unit_guessed:
        guesses += ("balance_table: area_unit",)
    return replace(
        work, reading=reading, guesses=guesses, findings=work.findings + _missing_table(work, sheet, balance)
    )


def _kind(work: Work) -> str:
    plan = work.context.plan
    return "general" if plan is not None and plan.kind == "general" else "zoning"


def _level_sheet(work: Work) -> Sheet:
    """The sheet, turned so that the headings of its panels are level."""
    turns: dict[float, list[str]] = {}
    for layer in work.layers:
        texts, rotations = layer.fields.get("text"), layer.fields.get("rotation")
        if texts is None or rotations is None:
            continue
        for text, rotation in zip(texts, rotations, strict=True):
            if text and (len(text) >= 8 or rotation):
                turns.setdefault(round(float(rotation or 0.0) % 360.0, 1), []).append(text)
    if len(turns) < 2:
        best = next(iter(turns), 0.0)
    else:
        heads = {angle: sum(map(_may_head, texts)) for angle, texts in turns.items()}
        best = max(heads, key=lambda angle: (heads[angle], angle == 0.0, -angle))
    return lay_out(work.layers, drawn_frame(work), 0.0 if best < 1.0 or best > 359.0 else best)


def _may_head(text: str) -> bool:
    if len(text) < 8 or sum(map(str.isdigit, text)) > 4:
        return False
    folded = fold(text[:80])
    return bool(HEADING.fullmatch(folded) or TABLE_TITLE.search(folded) or "dien tich" in folded)


# ── tables ─────────────────────────────────────────────────────────────────────────────────────────────────


def _of_grid(grid: TableGrid, namer: Namer) -> tuple[BalanceTable | None, str]:
    """A table entity: its first row may be a title over all columns."""
    cells = [list(row) for row in grid.cells]
    title = ""
    while cells and sum(bool(cell.strip()) for cell in cells[0]) <= 1:
        title = f"{title} {' '.join(cells[0])}".strip()
        cells = cells[1:]
    return read_cells(cells, namer, title=title, handles=[grid.handle] * len(cells)), title


def _planned(tables: Sequence[tuple[BalanceTable | None, str]]) -> BalanceTable | None:
    """Of several tables the one of the plan: not of what exists today; with most land uses recognised."""
    best: tuple[tuple[bool, int, int], BalanceTable] | None = None
    for table, title in tables:
        if table is None:
            continue
        named = sum(row.function is not None for row in table.rows)
        if not named and not TABLE_TITLE.search(fold(title)):
            continue
        rank = (_EXISTING not in fold(title), named, len(table.rows))
        if best is None or rank > best[0]:
            best = rank, table
    return best[1] if best is not None else None


def _table_marks(sheet: Sheet, table: LooseTable) -> list[str]:
    """Handles of the lines and samples of a loose table."""
    size = float(np.median(sheet.words.height[list(table.words)]))
    return [sheet.marks.handle[row] for row in sheet.marks.inside(table.region, 3.0 * size).tolist()]


def _entries_of_tables(
    sheet: Sheet, loose: Sequence[LooseTable], read: Sequence[BalanceTable | None], legend: Legend
) -> tuple[LegendEntry, ...]:
    """Legend entries out of a balance table whose rows hold a sample of colour or the codes' letters."""
    known = {entry.function for entry in legend.entries}
    found = []
    for table, balance in zip(loose, read, strict=True):
        if balance is None:
            continue
        letters = {function: prefix for prefix, function in balance.prefixes}
        samples = _samples_by_row(sheet, table)
        for row in balance.rows:
            if row.function is None or row.function in known or row.total:
                continue
            sample = samples.get(row.handle)
            prefix = letters.get(row.function, "")
            if sample is None and not prefix:
                continue
            marks = sheet.marks
            found.append(
                LegendEntry(row.name, row.function, prefix)
                if sample is None
                else LegendEntry(
                    row.name,
                    row.function,
                    prefix,
                    marks.aci[sample],
                    marks.rgb[sample],
                    marks.layer[sample],
                    marks.handle[sample],
                )
            )
    return tuple(found)


def _samples_by_row(sheet: Sheet, table: LooseTable) -> dict[str, int]:
    """Handle of a row's name -> the filled shape that stands in the row."""
    size = float(np.median(sheet.words.height[list(table.words)]))
    inside = sheet.marks.inside(table.region, size)
    samples: dict[str, int] = {}
    for at in inside.tolist():
        if sheet.marks.entity[at] not in ("HATCH", "SOLID"):
            continue
        middle = float(sheet.marks.box[at, 1] + sheet.marks.box[at, 3]) / 2
        gaps = [abs(row - middle) for row in table.rows]
        nearest = int(np.argmin(gaps))
        if gaps[nearest] <= 1.2 * size:
            samples.setdefault(table.handles[nearest], at)
    return samples


def _missing_table(work: Work, sheet: Sheet, balance: BalanceTable | None) -> tuple[Finding, ...]:
    """A warning where the drawing has a balance table that could not be read."""
    if balance is not None or work.drawing is None:
        return ()
    embedded = [left for left in work.drawing.left_out if left.reason == "ole"]
    if embedded:
        return (warning("balance-embedded", wkb=_where(work, embedded), count=sum(left.count for left in embedded)),)
    announced = titles(sheet)
    if not announced:
        return ()
    first = announced[0]
    text = sheet.words.text[first]
    handle = sheet.words.handle[first]
    return (warning("balance-unreadable", wkb=_place_of(work, handle), source_handle=handle, title=text),)


def _where(work: Work, left: Sequence[LeftOut]) -> bytes | None:
    boxes = [one.bounds for one in left if one.bounds is not None]
    if not boxes:
        return None
    west, south, east, north = boxes[0]
    corners = np.array([(west, south), (east, south), (east, north), (west, north)], dtype=float)
    return place(shapely.Polygon(drawn_frame(work).to_true(corners)))


def _place_of(work: Work, handle: str) -> bytes | None:
    for layer in work.layers:
        if handle in layer.ids:
            return place(layer.geometry[layer.ids.index(handle)])
    return None


# ── key panel, scale, title, north ─────────────────────────────────────────────────────────────────────────


def _read_key(sheet: Sheet, skip: frozenset[int]) -> _Key:
    """The panel that explains a label's lines: under its heading, or told by three kinds of figures together."""
    words = sheet.words
    free = [(at, words.folded[at]) for at in words.telling if at not in skip]
    starts = [at for at, text in free if KEY_HEADING.fullmatch(text)]
    starts = starts if len(starts) <= _OFTEN else []
    for at in starts:
        members = _lines_below(sheet, at, skip)
        found = _style(sheet, members)
        if found is not None:
            return _Key(found, frozenset({at, *members}))
    told = [at for at, text in free if _KEY_ROW.search(text) and _bare(text)]
    often = Counter(words.folded[at] for at in told)
    told = [at for at in told if often[words.folded[at]] <= _OFTEN]  # else a form that every label repeats
    for at in sorted(told, key=lambda row: -words.box[row, 1]):
        members = [at, *_lines_below(sheet, at, skip)]
        kinds = {found for row in members for found in _KEY_ROW.findall(words.folded[row])}
        if len(kinds) >= 3 and len(members) <= 8:
            style = _style(sheet, members)
            if style is not None:
                return _Key(style, frozenset(members))
    return _Key(LabelStyle(), frozenset())


def _bare(text: str) -> bool:
    """Whether a line explains, instead of telling figures: no digits but those of "m2"."""
    return not re.search(r"\d", text.replace("m2", "")) and len(text) <= 90


def _style(sheet: Sheet, members: Sequence[int]) -> LabelStyle | None:
    lines = [" | ".join(sheet.words.text[at] for at in row) for row in _rows(sheet, members)]
    if not lines:
        return None
    style = read_key_panel(lines)
    return style if style != LabelStyle() else None


def _lines_below(sheet: Sheet, head: int, skip: frozenset[int]) -> list[int]:
    """Texts under another, at its left end or in its width, line by line until a blank or the next heading."""
    words = sheet.words
    box, size = words.box[head], float(words.height[head])
    near = (words.box[:, 0] >= box[0] - 4 * size) & (words.box[:, 0] <= max(box[2], box[0] + 20 * size))
    below = np.flatnonzero(near & (words.box[:, 1] < box[1] - 0.3 * size) & (words.height <= 1.3 * size))
    below = below[np.argsort(-words.box[below, 1], kind="stable")]
    members: list[int] = []
    last = float(box[1])
    for at in below.tolist():
        y = float(words.box[at, 1])
        if last - y > _KEY_PITCH * max(size, float(words.height[at])) or at in skip:
            break
        text = words.folded[at]
        if HEADING.fullmatch(text) or TABLE_TITLE.search(text) or KEY_HEADING.fullmatch(text):
            break
        members.append(at)
        last = y
        if len(members) > 12:
            break
    return members


def _rows(sheet: Sheet, members: Sequence[int]) -> list[list[int]]:
    words = sheet.words
    rows: list[list[int]] = []
    for at in sorted(members, key=lambda row: (-words.box[row, 1], words.box[row, 0])):
        if rows and abs(words.box[rows[-1][0], 1] - words.box[at, 1]) <= 0.6 * words.height[at]:
            rows[-1].append(at)
        else:
            rows.append([at])
    return [sorted(row, key=lambda at: words.box[at, 0]) for row in rows]


def _scale(sheet: Sheet) -> int | None:
    """The scale written largest: 5000 of "TỶ LỆ 1/5.000"."""
    best: tuple[float, int] | None = None
    for at in sheet.words.telling:
        found = _SCALE.search(sheet.words.folded[at])
        if found:
            value = int(re.sub(r"\D", "", found[1]) or 0)
            size = float(sheet.words.height[at])
            if 100 <= value <= 1_000_000 and (best is None or size > best[0]):
                best = size, value
    return best[1] if best is not None else None


def _title_words(sheet: Sheet) -> frozenset[int]:
    scales = frozenset(at for at in sheet.words.telling if _SCALE.search(sheet.words.folded[at]))
    return scales | frozenset(_title_lines(sheet, frozenset()))


def _title_lines(sheet: Sheet, skip: frozenset[int]) -> list[int]:
    """The lines of the title: of all texts that speak of a plan or a map the largest, and lines of its size by it."""
    words = sheet.words
    told = [
        at
        for at, text in ((at, words.folded[at]) for at in words.telling)
        if at not in skip and _TITLE.search(text) and not TABLE_TITLE.search(text) and not HEADING.fullmatch(text)
    ]
    if not told:
        return []
    first = max(told, key=lambda at: (float(words.height[at]), float(words.box[at, 1])))
    size = float(words.height[first])
    alike = np.flatnonzero(np.abs(words.height - size) <= 0.05 * size).tolist()
    alike = [at for at in alike if at not in skip]
    lines = [first]
    for at in sorted(alike, key=lambda row: -words.box[row, 1]):
        step = float(words.box[lines[-1], 1] - words.box[at, 1])
        if (
            at != first
            and 0 < step <= 2.5 * size
            and words.box[at, 0] <= words.box[first, 2] <= words.box[at, 2] + 60 * size
        ):
            lines.append(at)
    return lines[:4]


def _title(sheet: Sheet, skip: frozenset[int]) -> str:
    return " ".join(sheet.words.text[at] for at in _title_lines(sheet, skip))


def _is_north(block: str | None) -> bool:
    return block is not None and bool(_NORTH.search(fold(block.replace("_", " ").replace("-", " "))))
