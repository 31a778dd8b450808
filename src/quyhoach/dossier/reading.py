"""Read a dossier: the rows of its workbook as values, its documents with their titles, where its GIS data lie."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from quyhoach.domain.errors import IngestError
from quyhoach.dossier.columns import DRAWINGS, RECORD, SHEETS, TEXTS, Row, Sheet, parse_cell
from quyhoach.dossier.files import BASIC, DATABASES, GIS, GIS_FORMATS, SCAN, Entry, is_companion
from quyhoach.dossier.inspection import Inspection
from quyhoach.dossier.pictures import PICTURES
from quyhoach.dossier.words import read_text_kind

MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".pdf": "application/pdf",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".png": "image/png",
        ".tif": "image/tiff",
        ".tiff": "image/tiff",
        ".dwg": "image/vnd.dwg",
        ".dxf": "image/vnd.dxf",
        ".doc": "application/msword",
        ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".xls": "application/vnd.ms-excel",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".zip": "application/zip",
        ".txt": "text/plain",
    }
)
_RESIDUAL = re.compile(r"[Ss]ai số nắn ảnh\s*(\d+(?:[.,]\d+)?)\s*m\b")


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of a dossier. `corners`: NW, NE, SE, SW as E, N, where a world file lies beside a picture."""

    path: Path
    name: str  # from the dossier's folder
    kind: str  # decision | drawing | regulations | explanation | scan | other
    title: str
    media_type: str
    corners: tuple[tuple[float, float], ...] = ()
    residual_m: float | None = None


@dataclass(frozen=True)
class Dossier:
    """A dossier as read. `databases`: HienTrang, QuyHoach … -> its GeoPackage or FileGDB."""

    root: Path
    record: Row
    drawings: tuple[Row, ...]
    texts: tuple[Row, ...]
    papers: tuple[Paper, ...]
    databases: Mapping[str, Path]

    def text(self, key: str) -> str:
        """A cell of the record as text; "" where it is empty."""
        value = self.record.get(key)
        return "" if value is None else str(value)


def read_dossier(inspection: Inspection) -> Dossier:
    """The dossier of an inspected folder. Raises IngestError where it can't be told which plan it is of: no workbook,
    no sheet HoSo, no row in it, no name. Everything else that is amiss is `check_dossier`'s to tell."""
    root = inspection.root
    if not inspection.workbook:
        raise IngestError("dossier-no-workbook", folder=root.name)
    if inspection.trouble is not None:
        code, params = inspection.trouble
        raise IngestError(code, **params)
    rows = {sheet.name: rows_of(inspection, sheet) for sheet in SHEETS}
    if not rows[RECORD.name] or not rows[RECORD.name][0].get("name"):
        raise IngestError("dossier-no-record", file=inspection.workbook)
    drawings, texts = rows[DRAWINGS.name], rows[TEXTS.name]
    papers = [
        paper for entry in inspection.entries if (paper := _paper(inspection, entry, drawings, texts)) is not None
    ]
    return Dossier(root, rows[RECORD.name][0], drawings, texts, tuple(papers), databases_of(inspection))


def rows_of(inspection: Inspection, sheet: Sheet) -> tuple[Row, ...]:
    """The rows of a sheet with every column of it, parsed; () where the sheet is missing."""
    cells = inspection.sheets.get(sheet.name)
    if cells is None:
        return ()
    return tuple(
        {column.key: parse_cell(column, texts.get(column.key)) for column in sheet.columns} for _, texts in cells.rows
    )


def databases_of(inspection: Inspection) -> dict[str, Path]:
    """Each database that lies in HoSoGIS, by its name; a GeoPackage before a FileGDB of the same name."""
    found: dict[str, Path] = {}
    for suffix in GIS_FORMATS:
        for entry in inspection.entries:
            stem = PurePosixPath(entry.name).stem.casefold()
            name = next((database for database in DATABASES if database.casefold() == stem), None)
            if name and entry.under(GIS) and not entry.link and entry.path.suffix.casefold() == suffix:
                found.setdefault(name, entry.path)
    return {name: found[name] for name in DATABASES if name in found}


def _paper(inspection: Inspection, entry: Entry, drawings: tuple[Row, ...], texts: tuple[Row, ...]) -> Paper | None:
    """A file of HoSoBASIC or HoSoScan as a document, with title and kind from the workbook; None for other files."""
    parts = PurePosixPath(entry.name).parts
    if entry.link or entry.folder or entry.name == inspection.workbook or is_companion(parts[-1]):
        return None
    if len(parts) < 3 or not (entry.under(BASIC) or entry.under(SCAN)):
        return None
    media_type = MEDIA_TYPES.get(entry.suffix, "application/octet-stream")
    if parts[1].casefold() == "banve":
        row = drawing_row(entry, drawings)
        title = str(row["name"]) if row and row["name"] else PurePosixPath(entry.name).stem
        kind = "scan" if entry.suffix in PICTURES else "drawing"
        corners = _corners(inspection, entry)
        note = _RESIDUAL.search(str(row["note"] or "")) if row else None
        residual = float(note[1].replace(",", ".")) if note and corners else None
        return Paper(entry.path, entry.name, kind, title, media_type, corners, residual)
    row = text_row(entry, texts)
    title = str(row["name"]) if row and row["name"] else PurePosixPath(entry.name).stem
    said = str(row["kind"]) if row and row["kind"] else title
    return Paper(entry.path, entry.name, read_text_kind(said), title, media_type)


def drawing_row(entry: Entry, rows: tuple[Row, ...]) -> Row | None:
    """The row of sheet BanVe that a file belongs to: its folder's, else the one of its own (short) name."""
    parts = PurePosixPath(entry.name).parts
    folders = {part.casefold() for part in parts[2:-1]}
    for row in rows:
        wanted = str(row["folder"] or "").replace("\\", "/").strip("/").rpartition("/")[2].casefold()
        if wanted and wanted in folders:
            return row
    stem = PurePosixPath(parts[-1]).stem.casefold()
    bare = re.sub(r"[_\-. ]?\d{1,3}$", "", stem)  # sheets of one drawing are numbered
    for row in rows:
        names = {str(row[key] or "").casefold() for key in ("short", "number")} - {""}
        if {stem, bare} & names:
            return row
    return None


def text_row(entry: Entry, rows: tuple[Row, ...]) -> Row | None:
    """The row of sheet VanBan that names a file, with or without its suffix."""
    name = PurePosixPath(entry.name).name.casefold()
    stem = PurePosixPath(name).stem
    for row in rows:
        wanted = str(row["file"] or "").replace("\\", "/").rpartition("/")[2].casefold()
        if wanted and wanted in (name, stem):
            return row
    return None


def _corners(inspection: Inspection, entry: Entry) -> tuple[tuple[float, float], ...]:
    """Corners of a picture with a world file beside it, else ()."""
    facts = inspection.facts.get(entry.name, {})
    if "width" not in facts:
        return ()
    stem = entry.name.rpartition(".")[0].casefold()
    for suffix in (".jgw", ".pgw", ".tfw", ".wld", ".jpgw", ".pngw", ".tifw"):
        other = inspection.named(stem + suffix)
        if other is not None and not other.link and other.size < 2_000:
            return world_corners(other.path.read_text("ascii", "replace"), facts["width"], facts["height"])
    return ()


def world_corners(text: str, width: int, height: int) -> tuple[tuple[float, float], ...]:
    """Corners NW, NE, SE, SW (E, N) of a picture from the six lines of its world file; () for anything else."""
    try:
        values = [float(line.replace(",", ".")) for line in text.split()]
    except ValueError:
        return ()
    if len(values) != 6 or not all(map(math.isfinite, values)) or values[0] * values[3] == values[1] * values[2]:
        return ()
    a, d, b, e, c, f = values
    return tuple(
        (round(a * x + b * y + c, 3), round(d * x + e * y + f, 3))
        for x, y in (
            (-0.5, -0.5),
            (width - 0.5, -0.5),
            (width - 0.5, height - 0.5),
            (-0.5, height - 0.5),
        )
    )
