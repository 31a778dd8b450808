"""Checks of `<MaHoSo>.xlsx`: sheets, columns, cells, codes, and that what it lists is there and the other way round."""

from collections.abc import Iterator
from datetime import date
from pathlib import PurePosixPath

from quyhoach.domain.finding import Finding, Level
from quyhoach.dossier.columns import DRAWINGS, NO, RECORD, SHEETS, TEXTS, Column, Row, Sheet, compact, parse_cell
from quyhoach.dossier.files import BASIC, GIS, SCAN, is_companion
from quyhoach.dossier.inspection import Inspection
from quyhoach.dossier.reading import databases_of, drawing_row, rows_of, text_row
from quyhoach.dossier.words import read_scale
from quyhoach.dossier.workbook import Cells
from quyhoach.standard import fold

CODE_LENGTH = 15  # maHoSoQH, maThongTinQH: TEXT(15)
_OLD_WORDING, _NEW_WORDING = "quy hoạch sử dụng đất", "sử dụng đất quy hoạch"  # TT 43/2025/TT-BXD


def check_sheets(inspection: Inspection) -> Iterator[Finding]:
    """Findings on the workbook."""
    if not inspection.workbooks:
        yield Finding("dossier-workbook-missing", Level.ERROR)
        return
    if len(inspection.workbooks) > 1:
        yield Finding("dossier-workbook-several", Level.WARNING, params={"files": ", ".join(inspection.workbooks)})
    if inspection.trouble is not None:
        code, params = inspection.trouble
        yield Finding(code, Level.ERROR, params=params)
        return
    if "/" not in inspection.workbook:
        yield Finding("dossier-workbook-place", Level.WARNING, params={"file": inspection.workbook})
    for sheet in SHEETS:
        yield from _sheet(inspection, sheet)
    yield from _codes(inspection)
    yield from _record(inspection)
    yield from _listed(inspection)


def _sheet(inspection: Inspection, sheet: Sheet) -> Iterator[Finding]:
    cells = inspection.sheets.get(sheet.name)
    if cells is None or not cells.columns:
        yield _finding("dossier-sheet-missing", Level.ERROR, sheet)
        return
    for column in sheet.columns:
        if column.key not in cells.columns:
            yield _finding("dossier-column-missing", Level.ERROR, sheet, column=column.title)
    order = [cells.columns[column.key] for column in sheet.columns if column.key in cells.columns]
    if order != sorted(order):
        yield _finding("dossier-column-order", Level.NOTE, sheet)
    known = {compact(name) for column in sheet.columns for name in (column.title, *column.others)}
    extra = [title for title in cells.titles if compact(title) not in known]
    if extra:
        yield _finding("dossier-column-unknown", Level.NOTE, sheet, columns=", ".join(extra[:10]))
    for name in cells.formulas[:20]:
        yield _finding("dossier-cell-formula", Level.ERROR, sheet, cell=name)
    for name in cells.numbers[:5]:
        yield _finding("dossier-code-number", Level.WARNING, sheet, cell=name)
    if not cells.rows:
        level = Level.ERROR if sheet is RECORD else Level.WARNING
        yield _finding("dossier-sheet-empty", level, sheet)
    for number, texts in cells.rows:
        for column in sheet.columns:
            if column.key in cells.columns:
                yield from _cell(sheet, column, number, texts.get(column.key), cells)


def _cell(sheet: Sheet, column: Column, number: int, text: str | None, cells: Cells) -> Iterator[Finding]:
    value = parse_cell(column, text)
    if value is None:
        if column.required:
            yield _finding("dossier-cell-empty", Level.ERROR, sheet, column=column.title, row=number)
    elif column.kind == "date" and not isinstance(value, date):
        yield _finding("dossier-date-unreadable", Level.ERROR, sheet, column=column.title, row=number, text=value)
    elif column.kind == "whole" and not isinstance(value, int):
        yield _finding("dossier-number-unreadable", Level.WARNING, sheet, column=column.title, row=number, text=value)
    elif column.key == "scale" and read_scale(str(value)) is None:
        yield _finding("dossier-scale-unreadable", Level.ERROR, sheet, row=number, text=value)
    elif column.key in ("code", "info_code") and len(str(value)) > CODE_LENGTH:
        yield _finding("dossier-code-long", Level.ERROR, sheet, row=number, text=value, limit=CODE_LENGTH)
    elif column.key in ("name", "abstract") and sheet is not RECORD and _OLD_WORDING in str(value).casefold():
        yield _finding("dossier-wording", Level.NOTE, sheet, row=number, old=_OLD_WORDING, new=_NEW_WORDING)


def _finding(code: str, level: Level, sheet: Sheet, /, **params: object) -> Finding:
    return Finding(code, level, layer=sheet.name, params={"sheet": sheet.name, **params})


def _codes(inspection: Inspection) -> Iterator[Finding]:
    """One Mã hồ sơ everywhere: name of the workbook, all rows of all sheets."""
    records = rows_of(inspection, RECORD)
    code = str(records[0]["code"] or "") if records else ""
    stem = PurePosixPath(inspection.workbook).stem
    if code and stem != code:
        yield Finding("dossier-workbook-name", Level.ERROR, params={"file": inspection.workbook, "code": code})
    for sheet in (DRAWINGS, TEXTS):
        cells = inspection.sheets.get(sheet.name)
        for number, texts in cells.rows if cells else ():
            other = texts.get("code", "")
            if code and other and other != code:
                yield _finding("dossier-code-differs", Level.ERROR, sheet, row=number, text=other, code=code)


def _record(inspection: Inspection) -> Iterator[Finding]:
    """The record against the folder it describes."""
    records = rows_of(inspection, RECORD)
    if len(records) > 1:
        yield _finding("dossier-records-several", Level.WARNING, RECORD, count=len(records))
    if not records:
        return
    record = records[0]
    folder = str(record["folder"] or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    if folder and folder.casefold() != inspection.root.name.casefold():
        yield _finding("dossier-folder-differs", Level.WARNING, RECORD, text=folder, folder=inspection.root.name)
    truth = {
        "has_basic": any(entry.under(BASIC) and not entry.link for entry in inspection.entries),
        "has_gis": bool(databases_of(inspection)),
    }
    for key, there in truth.items():
        said = fold(str(record[key] or ""))
        denies = said in (fold(NO), "0", "false", "x khong", "no")
        if said and denies == there:
            part = BASIC if key == "has_basic" else GIS
            yield _finding("dossier-part-differs", Level.WARNING, RECORD, part=part, text=record[key])


def _listed(inspection: Inspection) -> Iterator[Finding]:
    """Files that no row names, rows that no file answers."""
    drawings, texts = rows_of(inspection, DRAWINGS), rows_of(inspection, TEXTS)
    answered: set[int] = set()
    for entry in inspection.entries:
        parts = [part.casefold() for part in PurePosixPath(entry.name).parts]
        if (
            entry.link
            or is_companion(entry.name)
            or len(parts) < 3
            or parts[0] not in (SCAN.casefold(), BASIC.casefold())
        ):
            continue
        if parts[1] not in ("banve", "vanban"):
            continue
        row = drawing_row(entry, drawings) if parts[1] == "banve" else text_row(entry, texts)
        if row is not None:
            answered.add(id(row))
        elif parts[0] == SCAN.casefold():
            sheet = DRAWINGS if parts[1] == "banve" else TEXTS
            yield _finding("dossier-file-not-listed", Level.ERROR, sheet, file=entry.name)
    for sheet, rows in ((DRAWINGS, drawings), (TEXTS, texts)):
        cells = inspection.sheets.get(sheet.name)
        numbers = [number for number, _ in cells.rows] if cells else []
        for number, row in zip(numbers, rows, strict=True):
            if id(row) not in answered and (named := _named(row)):
                yield _finding("dossier-file-not-there", Level.ERROR, sheet, row=number, text=named)


def _named(row: Row) -> str:
    return str(row.get("file") or row.get("folder") or row.get("short") or "")
