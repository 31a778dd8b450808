"""`<MaHoSo>.xlsx`: written from rows, and a stranger's read as text, with limits.

Reading gives cells as text whatever Excel kept them as; a date comes as 2022-08-13. openpyxl is imported inside the
functions: only commands and jobs need it.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import IngestError
from quyhoach.dossier.columns import NO, SHEETS, YES, Row, Sheet, compact, find_columns

MOST_BYTES = 20 << 20
MOST_UNPACKED = 300 << 20
MOST_ROWS, MOST_COLUMNS = 5_000, 80
MOST_LETTERS = 4_000  # of one cell
HEADER_WITHIN = 20  # the titles stand in one of the first rows
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Cells:
    """What a sheet holds. `titles`: its header as written, in order. `rows`: (number of the row in Excel, column key
    -> text). `formulas`: cells that hold a formula without a kept value. `numbers`: cells of a code that are numbers.
    `dates`: cells that Excel keeps as dates."""

    sheet: str
    titles: tuple[str, ...]
    columns: Mapping[str, int]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    formulas: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


# ── writing ────────────────────────────────────────────────────────────────────────────────────────────────


def write_workbook(path: Path, rows: Mapping[str, Sequence[Row]], *, made: datetime) -> None:
    """Write the three sheets. Text stays text, also where it begins like a formula; dates are Excel's. `made` is
    recorded as the time of making, so that the same rows give the same content."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in SHEETS:
        page = book.create_sheet(sheet.name)
        for at, column in enumerate(sheet.columns, start=1):
            cell = page.cell(1, at, column.title)
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="FFE8EEF4")
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            page.column_dimensions[get_column_letter(at)].width = max(12, min(42, len(column.title) + 6))
        page.freeze_panes = "A2"
        for number, row in enumerate(rows.get(sheet.name, ()), start=2):
            for at, column in enumerate(sheet.columns, start=1):
                value = row.get(column.key)
                if value is not None:
                    _write_cell(page.cell(number, at), value)
    book.properties.created = made
    book.properties.modified = made
    book.properties.creator = "quyhoach"
    raw = io.BytesIO()
    book.save(raw)
    _store_plainly(raw, path)


def _store_plainly(raw: io.BytesIO, path: Path) -> None:
    """Write the ZIP that a workbook is, without the clock that openpyxl stamps its entries with."""
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            entry = zipfile.ZipInfo(name, (2025, 7, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            data = made.read(name)
            if name == "docProps/core.xml":
                created = re.search(rb"<dcterms:created[^>]*>([^<]*)", data)
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + (created[1] if created else b""), data)
            kept.writestr(entry, data)


def _write_cell(cell: Any, value: object) -> None:
    if isinstance(value, bool):
        value = YES if value else NO
    if isinstance(value, date):
        cell.value = value
        cell.number_format = "dd/mm/yyyy"
    elif isinstance(value, int):
        cell.value = value
    else:
        cell.value = _CONTROL.sub("", str(value))[:MOST_LETTERS]
        cell.data_type = "s"  # "=1+1" is a name here, not a formula
        cell.number_format = "@"


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────


def read_workbook(path: Path) -> dict[str, Cells]:
    """The sheets that are known by their names (without case, accents, blanks), by the circular's names.

    Raises IngestError for what is no workbook, too large, or damaged."""
    _check_archive(path)
    from openpyxl import load_workbook

    try:
        values = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        formulas = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            found = {}
            for sheet in SHEETS:
                title = next((name for name in values.sheetnames if compact(name) == compact(sheet.name)), None)
                if title is not None and hasattr(values[title], "iter_rows"):
                    found[sheet.name] = _read_sheet(sheet, values[title], formulas[title])
            return found
        finally:
            values.close()
            formulas.close()
    except IngestError:
        raise
    except Exception as error:  # a stranger's file: openpyxl fails on it in many ways
        raise IngestError("dossier-workbook-unreadable", file=path.name, reason=_reason(error)) from error


def _check_archive(path: Path) -> None:
    if path.stat().st_size > MOST_BYTES:
        raise IngestError("dossier-workbook-too-large", file=path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > 1000 or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise IngestError("dossier-workbook-too-large", file=path.name)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise IngestError("dossier-workbook-unreadable", file=path.name, reason="xlsx?") from error


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _read_sheet(sheet: Sheet, values: Any, formulas: Any) -> Cells:
    raw = _grid(values)
    written = _grid(formulas)
    header = _header_row(sheet, raw)
    if header is None:
        return Cells(sheet.name, (), {}, ())
    titles = tuple(_text(cell) for cell in raw[header])
    columns = find_columns(sheet, titles)
    rows: list[tuple[int, Mapping[str, str]]] = []
    notes: dict[str, list[str]] = {"formulas": [], "numbers": [], "dates": []}
    for at in range(header + 1, len(raw)):
        texts = {}
        for key, place in columns.items():
            value = raw[at][place] if place < len(raw[at]) else None
            formula = written[at][place] if at < len(written) and place < len(written[at]) else None
            name = f"{_letter(place)}{at + 1}"
            if value is None and isinstance(formula, str) and formula.startswith("="):
                notes["formulas"].append(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and key in ("code", "info_code"):
                notes["numbers"].append(name)
            if isinstance(value, date):
                notes["dates"].append(name)
            if text := _text(value):
                texts[key] = text
        if texts:
            rows.append((at + 1, texts))
    return Cells(
        sheet.name,
        tuple(title for title in titles if title),
        columns,
        tuple(rows),
        tuple(notes["formulas"]),
        tuple(notes["numbers"]),
        tuple(notes["dates"]),
    )


def _grid(page: Any) -> list[tuple[Any, ...]]:
    """The cells of a sheet within the limits; a sheet that claims a million rows is cut, not believed."""
    page.reset_dimensions()
    rows: list[tuple[Any, ...]] = []
    for row in page.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True):
        rows.append(tuple(row))
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    return rows


def _header_row(sheet: Sheet, rows: Sequence[Sequence[Any]]) -> int | None:
    """The row with most of the sheet's titles, a third of them at least."""
    best, count = None, max(2, len(sheet.columns) // 3) - 1
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        known = len(find_columns(sheet, [_text(cell) for cell in row]))
        if known > count:
            best, count = at, known
    return best


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(_CONTROL.sub(" ", str(value)[:MOST_LETTERS]).split())


def _letter(column: int) -> str:
    """0 -> A, 26 -> AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
