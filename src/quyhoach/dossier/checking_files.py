"""Checks of folder, file names and scans of a dossier."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from quyhoach.domain.finding import Finding, Level
from quyhoach.dossier.files import (
    BASIC,
    DATABASES,
    FOLDERS,
    GIS,
    OPTIONAL,
    PREFIX,
    PROJECTS,
    SCAN,
    Entry,
    is_companion,
    is_plain_name,
)
from quyhoach.dossier.inspection import Inspection
from quyhoach.dossier.pictures import PICTURES
from quyhoach.dossier.reading import databases_of

# TT 16/2025/TT-BXD, PL II: texts as PDF of 200 dpi or more, drawings as JPG of 300 dpi or more, 1:1.
TEXT_DPI, DRAWING_DPI = 200, 300
_SLACK = 0.99  # scanners write 299.9
_DRAWING_FORMATS = (".jpg", ".jpeg")


def check_files(inspection: Inspection) -> Iterator[Finding]:
    """Findings on the folder, in the order of the circular's tree."""
    yield from _names(inspection)
    yield from _folders(inspection)
    yield from _gis_files(inspection)
    for entry in inspection.entries:
        if entry.link:
            yield Finding("dossier-link", Level.ERROR, params={"file": entry.name})
        elif entry.under(SCAN) and not is_companion(entry.name) and entry.name not in inspection.workbooks:
            yield from _scan(inspection, entry)


def _names(inspection: Inspection) -> Iterator[Finding]:
    root = inspection.root.name
    if not root.startswith(PREFIX) or len(root) == len(PREFIX) or not is_plain_name(root):
        yield Finding("dossier-folder-name", Level.WARNING, params={"folder": root})
    wrong = [entry.name for entry in inspection.entries if not all(map(is_plain_name, PurePosixPath(entry.name).parts))]
    for name in wrong[:50]:
        yield Finding("dossier-file-name", Level.WARNING, params={"file": name})
    long = [entry.name for entry in inspection.entries if len(f"{root}/{entry.name}") > 200]
    for name in long[:10]:
        yield Finding("dossier-path-long", Level.WARNING, params={"file": name})


def _folders(inspection: Inspection) -> Iterator[Finding]:
    present = _all_folders(inspection)
    for folder in FOLDERS:
        if folder.casefold() not in present:
            yield Finding("dossier-folder-missing", Level.ERROR, params={"folder": folder})
        elif folder != GIS and not any(entry.under(*folder.split("/")) for entry in inspection.entries):
            # What was made on paper alone has no editable originals: told, not held against anyone.
            level = Level.NOTE if folder.startswith(BASIC) else Level.WARNING
            yield Finding("dossier-folder-empty", level, params={"folder": folder})


def _all_folders(inspection: Inspection) -> set[str]:
    found = set()
    for first in inspection.root.iterdir():
        if first.is_dir() and not first.is_symlink():
            found.add(first.name.casefold())
            found |= {
                f"{first.name}/{second.name}".casefold()
                for second in first.iterdir()
                if second.is_dir() and not second.is_symlink()
            }
    return found


def _gis_files(inspection: Inspection) -> Iterator[Finding]:
    found = databases_of(inspection)
    here = [entry for entry in inspection.entries if entry.under(GIS)]
    for database in DATABASES:
        if database in found:
            continue
        other = [entry for entry in here if PurePosixPath(entry.name).stem.casefold() == database.casefold()]
        if other:
            yield Finding("dossier-gis-format", Level.ERROR, params={"file": other[0].name})
        elif database in OPTIONAL:
            yield Finding("dossier-gis-optional", Level.NOTE, params={"database": database})
        else:
            yield Finding("dossier-gis-missing", Level.ERROR, params={"database": database})
    if not any(entry.suffix in PROJECTS for entry in here):
        yield Finding("dossier-project-missing", Level.WARNING)


def _scan(inspection: Inspection, entry: Entry) -> Iterator[Finding]:
    """Format, resolution and text of one scan."""
    parts = [part.casefold() for part in PurePosixPath(entry.name).parts]
    if len(parts) < 3 or parts[1] not in ("banve", "vanban"):
        yield Finding("dossier-file-strange", Level.WARNING, params={"file": entry.name, "folder": SCAN})
        return
    facts = inspection.facts.get(entry.name, {})
    if entry.size == 0 or "error" in facts:
        yield Finding("dossier-file-unreadable", Level.ERROR, params={"file": entry.name})
    elif parts[1] == "banve":
        if entry.suffix not in _DRAWING_FORMATS:
            yield Finding("dossier-drawing-format", Level.WARNING, params={"file": entry.name})
        if entry.suffix in PICTURES:
            yield from _resolution(entry, facts.get("dpi"), DRAWING_DPI)
    elif entry.suffix != ".pdf":
        yield Finding("dossier-text-format", Level.WARNING, params={"file": entry.name})
    else:
        if not facts.get("has_text"):
            yield Finding("dossier-pdf-without-text", Level.WARNING, params={"file": entry.name})
        if facts.get("dpi") is not None:
            yield from _resolution(entry, facts["dpi"], TEXT_DPI)


def _resolution(entry: Entry, dpi: float | None, wanted: int) -> Iterator[Finding]:
    if dpi is None:
        yield Finding("dossier-resolution-unknown", Level.WARNING, params={"file": entry.name, "wanted": wanted})
    elif dpi < wanted * _SLACK:
        params = {"file": entry.name, "dpi": round(dpi), "wanted": wanted}
        yield Finding("dossier-resolution-low", Level.ERROR, params=params)
