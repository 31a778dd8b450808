"""The drawing's own land-use balance table, from the text of its cells: which column is what, units, sums."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quyhoach.domain.label import is_lot_code
from quyhoach.standard import Standard, fold
from quyhoach.standardise.functions import find_function_by_words
from quyhoach.standardise.work import BalanceRow

Cells = Sequence[Sequence[str]]
Namer = Callable[[str], str | None]  # words -> code of a land-use function

_HECTARE = 10_000.0
_LARGEST_IN_HA = 5_000.0  # a sum above it, with no unit written, is in m²: no plan of a town has 5,000 ha of land use
_TOTAL = re.compile(r"(?:tong|cong|toan khu|total|sum)\b")
_AREA = re.compile(r"dien tich|d\.? ?tich|\bdt\b|quy mo|\barea\b")
_SHARE = re.compile(r"ty le|ti le|co cau|\btl\b|share|%")
_NAME = re.compile(r"loai dat|chuc nang|hang muc|muc dich|danh muc|noi dung|ten (?:khu|lo|o) dat|ten dat|land use")
_CODE = re.compile(r"ky hieu|\bma\b|code")
_PER_HEAD = re.compile(r"binh quan|chi tieu|m2/ng|m²/ng|/nguoi|dan so|tang cao|mat do|he so")
_ORDINAL = re.compile(r"\(?(?:[IVX]{1,5}|[A-HK]|[a-h]|\d{1,2}(?:\.\d{1,2}){0,3}|[-+*•])[.)]?")
_NUMBER = re.compile(r"[+-]?\d[\d., \u00a0\u202f]*")
_NAMES = 0.5  # least score: what stands in a legend or a table is the name of a land use, not any text
_UNITS = re.compile(r"(ha|m2|m²|%)$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a table holds what; None: the table has none. `unit`: of areas, "ha", "m2" or "" (not said)."""

    name: int
    area: int
    share: int | None = None
    ordinal: int | None = None
    code: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class BalanceTable:
    """Rows read of a table. `unit_guessed`: nothing written says whether areas are in ha or m²."""

    rows: tuple[BalanceRow, ...]
    unit_guessed: bool = False
    prefixes: tuple[tuple[str, str], ...] = ()  # (letters of the code column, function)


def name_functions(standard: Standard, land_use: str, kind: str = "zoning") -> Namer:
    """What gives the function that the words of a table or legend mean, None where they are not understood."""

    def namer(words: str) -> str | None:
        guess = find_function_by_words(words, standard, land_use, prefer_kind=kind) if words else None
        return guess.code if guess is not None and guess.score >= _NAMES else None

    return namer


def read_cells(cells: Cells, namer: Namer, *, title: str = "", handles: Sequence[str] = ()) -> BalanceTable | None:
    """The balance table that a matrix of cell texts holds; None when it is another kind of table.

    `title`: what stands above it; `handles`: per row, the entity of its name. Areas come out in m². Numbers are read
    the Vietnamese or the English way, whichever makes the shares add to 100 and the rows to the sum."""
    width = max((len(row) for row in cells), default=0)
    matrix = [[*(" ".join(str(cell).split()) for cell in row), *[""] * (width - len(row))] for row in cells]
    head = _header_rows(matrix)
    columns = _columns(matrix, head, title)
    if columns is None:
        return None
    data = [row for row in range(head, len(matrix)) if _has_number(matrix[row][columns.area])]
    names = [matrix[row][columns.name] for row in data]
    coded = sum(is_lot_code(name) for name in names)
    if columns.code is not None:
        coded = max(coded, sum(_numbered_code(matrix[row][columns.code]) for row in data))
    if len(data) < 2 or coded > 0.4 * len(data):
        return None  # a table of lots, not of land uses
    numbers = _read_numbers(matrix, data, columns)
    areas, shares = numbers
    rows = []
    for at, row in enumerate(data):
        name = names[at] or _only_words(matrix[row], columns)
        total = _TOTAL.match(fold(name)) is not None
        handle = handles[row] if row < len(handles) else ""
        rows.append(BalanceRow(name, None if total else namer(name), areas[at], shares[at], total, handle))
    ordinals = [matrix[row][columns.ordinal] if columns.ordinal is not None else "" for row in data]
    rows = _mark_subtotals(rows, ordinals)
    factor, guessed = _factor(columns.unit, rows)
    scaled = [replace(row, area_m2=None if row.area_m2 is None else round(row.area_m2 * factor, 4)) for row in rows]
    prefixes: tuple[tuple[str, str], ...] = ()
    if columns.code is not None:
        pairs = ((matrix[row][columns.code], made.function) for row, made in zip(data, rows, strict=True))
        prefixes = tuple(
            (code, function) for code, function in pairs if function and re.fullmatch(r"[A-ZĐ]{1,6}", code)
        )
    return BalanceTable(tuple(scaled), guessed, prefixes)


def read_balance_xlsx(path: Path, standard: Standard, land_use: str = "tt16") -> tuple[BalanceRow, ...]:
    """The balance table of an Excel file handed in beside a drawing: of the sheet with most rows; empty when none.

    Cells hold numbers or text; a number is taken as it stands. Raises OSError and what openpyxl raises for a file
    that is no workbook."""
    from openpyxl import load_workbook

    namer = name_functions(standard, land_use)
    best: tuple[BalanceRow, ...] = ()
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = sheet.iter_rows(max_row=500, max_col=40, values_only=True)
            cells = [[_cell(value) for value in row] for row in rows]
            start = next((at for at, row in enumerate(cells) if _is_header(row)), 0)
            title = " ".join(cell for row in cells[:start] for cell in row if cell)
            table = read_cells(cells[start:], namer, title=title)
            if table is not None and len(table.rows) > len(best):
                best = table.rows
    finally:
        book.close()
    return best


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
    return str(value)


def parse_number(text: str, english: bool) -> float | None:
    """A number with a unit perhaps, written the Vietnamese way (1.234,5) or the English (1,234.5); None for others.

    Blanks divide thousands in both. "12.5" is no Vietnamese number with thousands: its dot is the decimal mark."""
    plain = _UNITS.sub("", " ".join(text.lower().split())).strip()
    if not _NUMBER.fullmatch(plain):
        return None
    plain = re.sub(r"[\s\u00a0\u202f]", "", plain)
    thousands, mark = (",", ".") if english else (".", ",")
    whole, found, decimals = plain.partition(mark)
    if thousands in decimals or mark in decimals:
        return None
    groups = whole.split(thousands)
    if len(groups) > 1 and (any(len(group) != 3 for group in groups[1:]) or not 1 <= len(groups[0]) <= 3):
        if found or len(groups) != 2:
            return None
        return float(".".join(groups))  # the other mark, once, before a number of digits that thousands can't have
    try:
        return float("".join(groups) + ("." + decimals if decimals else ""))
    except ValueError:
        return None


def _has_number(text: str) -> bool:
    return parse_number(text, False) is not None or parse_number(text, True) is not None


def _is_header(row: Sequence[str]) -> bool:
    folded = [fold(cell) for cell in row if cell]
    area = any(_AREA.search(cell) for cell in folded)
    return len(folded) >= 2 and area and any(_SHARE.search(cell) or _NAME.search(cell) for cell in folded)


def _header_rows(matrix: list[list[str]]) -> int:
    """How many rows at the top are header: up to the first that names something and has a number beside it."""
    for at, row in enumerate(matrix):
        words = any(re.search(r"[^\W\d_]{2}", cell) and not _UNITS.fullmatch(cell.lower()) for cell in row)
        numbers = sum(_has_number(cell) for cell in row)
        folded = " ".join(fold(cell) for cell in row)
        if words and numbers and not (_AREA.search(folded) and numbers <= 1):
            return at
    return len(matrix)


def _columns(matrix: list[list[str]], head: int, title: str) -> Columns | None:
    """Which column is what, from the header's words, else from the content."""
    data = matrix[head:]
    if len(data) < 2 or not matrix[0]:
        return None
    width = len(matrix[0])
    heads = [fold(" ".join(row[at] for row in matrix[:head] if row[at])) for at in range(width)]
    spread = _spread_heads(matrix[:head], width)
    name = _name_column(heads, data)
    if name is None:
        return None
    numeric = [at for at in range(width) if at != name and _share_of(data, at, _has_number) >= 0.5]
    ordinal = next((at for at in range(name) if _share_of(data, at, _is_ordinal) >= 0.5), None)
    numeric = [at for at in numeric if at != ordinal]
    code = _code_column(heads, data, {name, *numeric} | ({ordinal} if ordinal is not None else set()))
    areas = [at for at in numeric if _AREA.search(spread[at]) and not _PER_HEAD.search(heads[at])]
    areas = [at for at in areas if not _is_share(heads[at], spread[at])] or areas
    shares = [at for at in numeric if _is_share(heads[at], spread[at])]
    if areas:
        area = _planned_column(areas, spread)
        later = [at for at in shares if at > area] or [at for at in shares if at < area]
        share = later[0] if later else None
    else:
        found = _by_content(data, numeric)
        if found is None:
            return None
        area, share = found
    unit = _unit(heads[area]) or _unit(spread[area]) or _unit_of_cells(data, area) or _unit(fold(title))
    return Columns(name, area, share if share != area else None, ordinal, code, unit)


def _planned_column(areas: list[int], spread: list[str]) -> int:
    """Of several columns of areas the plan's: not today's, not of floors or buildings; of several years the last."""
    land = [at for at in areas if not re.search(r"\bsan\b|xay dung|\bxd\b", spread[at])] or areas
    planned = [at for at in land if "hien trang" not in spread[at]] or land
    phased = len(planned) < len(land) or any(
        re.search(r"giai doan|nam 20\d\d|\b20\d\d\b", spread[at]) for at in planned
    )
    return planned[-1] if phased else planned[0]


def _spread_heads(rows: list[list[str]], width: int) -> list[str]:
    """The header's words per column, those of a cell above several columns said of each column at its right, too."""
    spread = [""] * width
    for row in rows:
        carried = ""
        for at in range(width):
            carried = fold(row[at]) or carried
            spread[at] = f"{spread[at]} {carried}".strip()
    return spread


def _is_share(head: str, spread: str) -> bool:
    return bool(_SHARE.search(head)) or (not _AREA.search(head) and bool(_SHARE.search(spread.rpartition(" ")[2])))


def _share_of(data: list[list[str]], at: int, test: object) -> float:
    filled = [row[at] for row in data if row[at]]
    return sum(bool(test(cell)) for cell in filled) / len(data) if callable(test) and filled else 0.0


def _is_ordinal(text: str) -> bool:
    return _ORDINAL.fullmatch(text) is not None


def _name_column(heads: list[str], data: list[list[str]]) -> int | None:
    """The column of names: the one with most letters; a header that says so counts double."""
    letters = [sum(sum(map(str.isalpha, row[at])) for row in data) for at in range(len(heads))]
    weights = [count * (2 if _NAME.search(head) else 1) for count, head in zip(letters, heads, strict=True)]
    best = max(range(len(weights)), key=weights.__getitem__)
    return best if letters[best] >= 3 * len(data) * 0.5 else None


def _code_column(heads: list[str], data: list[list[str]], used: set[int]) -> int | None:
    for at, head in enumerate(heads):
        if at not in used and (_CODE.search(head) or _share_of(data, at, _is_code) >= 0.5):
            return at
    return None


def _is_code(text: str) -> bool:
    return re.fullmatch(r"[A-ZĐ]{1,6}(?:[-. ]?\d{1,3})?", text) is not None


def _numbered_code(text: str) -> bool:
    return any(map(str.isdigit, text)) and is_lot_code(text)


def _unit(folded: str) -> str:
    """The unit of area that folded words say: "ha", "m2" or ""."""
    found = re.findall(r"(?<![a-z0-9/])(ha|hecta|hectares?|m2|met vuong)(?![a-z0-9/])", folded)
    units = {"ha" if unit.startswith("h") else "m2" for unit in found}
    return units.pop() if len(units) == 1 else ""


def _unit_of_cells(data: list[list[str]], at: int) -> str:
    units = {_unit(fold(row[at])) for row in data if row[at]} - {""}
    return units.pop() if len(units) == 1 else ""


def _by_content(data: list[list[str]], numeric: list[int]) -> tuple[int, int | None] | None:
    """Area and share columns without a header: the pair of columns whose values go in proportion, shares up to 100."""
    values = {at: [_plain(row[at]) for row in data] for at in numeric}
    for share in reversed(numeric):
        top = max((value for value in values[share] if value is not None), default=0.0)
        for area in numeric:
            if area == share or top > 100.5:
                continue
            pairs = [(a, s) for a, s in zip(values[area], values[share], strict=True) if a and s and s >= 1]
            ratios = [a / s for a, s in pairs]
            if len(ratios) >= 2 and max(ratios) <= 1.1 * min(ratios):
                return area, share
    return (numeric[0], None) if len(numeric) == 1 else None


def _plain(text: str) -> float | None:
    found = parse_number(text, False)
    return parse_number(text, True) if found is None else found


def _read_numbers(
    matrix: list[list[str]], data: list[int], columns: Columns
) -> tuple[list[float | None], list[float | None]]:
    """Areas and shares, read the way that makes the table agree with itself; the Vietnamese way when both do."""
    best: tuple[float, list[float | None], list[float | None]] | None = None
    for english in (False, True):
        areas = [parse_number(matrix[row][columns.area], english) for row in data]
        shares: list[float | None] = [None] * len(data)
        if columns.share is not None:
            shares = [parse_number(matrix[row][columns.share], english) for row in data]
        totals = [_TOTAL.match(fold(matrix[row][columns.name])) is not None for row in data]
        wrong = _disagreement(areas, shares, totals) + 0.1 * _foreign(matrix, data, columns, english)
        if best is None or wrong < best[0] - 1e-6:
            best = wrong, areas, shares
    assert best is not None
    return best[1], best[2]


def _foreign(matrix: list[list[str]], data: list[int], columns: Columns, english: bool) -> int:
    """How many cells are plainly written the other way: "50.00" among Vietnamese numbers, "50,00" among English."""
    mark = "," if english else r"\."
    plain = re.compile(rf"\d+{mark}(?:\d{{1,2}}|\d{{4,}})|\d{{4,}}{mark}\d+")
    cells = [matrix[row][at] for row in data for at in (columns.area, columns.share) if at is not None]
    return sum(plain.fullmatch(cell.strip("% ")) is not None for cell in cells)


def _disagreement(areas: list[float | None], shares: list[float | None], totals: list[bool]) -> float:
    """How badly a reading agrees with itself: unread cells, shares not in proportion, sum not the total."""
    wrong = float(sum(area is None for area in areas))
    known = [area for area in areas if area is not None]
    largest = max(known, default=0.0)
    pairs = [(a, s) for a, s in zip(areas, shares, strict=True) if a is not None and s is not None]
    whole = largest
    for area, share in pairs:
        if whole and abs(100 * area / whole - share) > 1.0:
            wrong += 1.0
    if any(totals):
        total = max((a or 0.0) for a, is_total in zip(areas, totals, strict=True) if is_total)
        rest = sum((a or 0.0) for a, is_total in zip(areas, totals, strict=True) if not is_total)
        if total:
            wrong += min(1.0, abs(rest - total) / total)
    return wrong


def _mark_subtotals(rows: list[BalanceRow], ordinals: list[str]) -> list[BalanceRow]:
    """Rows that sum up those below them (by their numbering: "I" over "1", "2"), marked as totals.

    A row whose parts below make less than itself ("trong đó: …") keeps its area, and the parts are no rows of their
    own: they get the note "trong đó" and no function."""
    levels = _levels(ordinals)
    marked = list(rows)
    for at, level in enumerate(levels):
        if level is None or marked[at].total:
            continue
        below = []
        for next_at in range(at + 1, len(rows)):
            other = levels[next_at]
            if rows[next_at].total or (other is not None and other <= level):
                break
            if other is not None:
                below.append((next_at, other))
        if not below:
            continue
        children = [child for child, other in below if other == min(other for _, other in below)]
        area = rows[at].area_m2
        parts = sum(rows[child].area_m2 or 0.0 for child in children)
        if area is None or abs(parts - area) <= max(0.02 * area, 0.01 * len(children)):
            marked[at] = replace(marked[at], total=True, function=None)
        elif parts < area:
            for child, _ in below:
                marked[child] = replace(marked[child], function=None, note="trong đó")
    return _without_numbers(marked) if all(level is None for level in levels) else marked


def _levels(ordinals: list[str]) -> list[int | None]:
    """The depth of each row's number, 0 on top: kinds of numbers in the order in which they first come."""
    kinds = [_kind(text) for text in ordinals]
    order: list[str] = []
    for kind in kinds:
        if kind and kind not in order:
            order.append(kind)
    if len(order) < 2:
        return [0 if kind else None for kind in kinds] if order else [None] * len(kinds)
    return [order.index(kind) if kind else None for kind in kinds]


def _kind(text: str) -> str:
    plain = text.strip(" .()")
    for kind, pattern in (
        ("roman", r"[IVX]+"),
        ("capital", r"[A-Z]"),
        ("letter", r"[a-z]"),
        ("dash", r"[-+*•]"),
        ("number", r"\d+"),
        ("number2", r"(?:\d+|[IVXA-H]+)\.\d+"),
        ("number3", r"(?:\d+|[IVXA-H]+)\.\d+\.\d+"),
    ):
        if re.fullmatch(pattern, plain):
            return kind
    return ""


def _without_numbers(rows: list[BalanceRow]) -> list[BalanceRow]:
    """Subtotals in a table without numbers: rows equal to the sum of two or more below, if the whole needs it."""
    total = max((row.area_m2 or 0.0 for row in rows if row.total), default=0.0)
    rest = sum(row.area_m2 or 0.0 for row in rows if not row.total)
    if not total or rest <= 1.02 * total:
        return rows
    marked = list(rows)
    at = 0
    for at, row in enumerate(rows):
        if row.total or not row.area_m2 or rest <= 1.02 * total:
            continue
        running = 0.0
        for count, below in enumerate(rows[at + 1 :], start=1):
            if below.total:
                break
            running += below.area_m2 or 0.0
            if count >= 2 and abs(running - row.area_m2) <= 0.002 * row.area_m2 + 0.005 * count:
                marked[at] = replace(row, total=True, function=None)
                rest -= row.area_m2
                break
            if running > 1.01 * row.area_m2:
                break
    return marked


def _factor(unit: str, rows: list[BalanceRow]) -> tuple[float, bool]:
    """Square metres per unit of the table, and whether that was guessed from the size of its numbers."""
    if unit:
        return (_HECTARE if unit == "ha" else 1.0), False
    largest = max((row.area_m2 or 0.0 for row in rows), default=0.0)
    return (1.0 if largest > _LARGEST_IN_HA else _HECTARE), True


def _only_words(row: list[str], columns: Columns) -> str:
    """The name of a row whose name cell is empty: its other words ("Tổng cộng" over merged cells)."""
    cells = [cell for at, cell in enumerate(row) if at not in (columns.area, columns.share) and cell]
    return next((cell for cell in cells if re.search(r"[^\W\d_]{2}", cell)), "")
