"""What a dossier's files hold, as plain values: the only place that opens a stranger's workbook, picture or PDF.

`inspect` may run in a limited child process: what it gives back is JSON (`to_json`, `from_json`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import IngestError
from quyhoach.dossier.files import GIS, Entry, find_root, walk
from quyhoach.dossier.pictures import PICTURES, pdf_facts, picture_facts
from quyhoach.dossier.workbook import Cells, read_workbook


@dataclass(frozen=True)
class Inspection:
    """A dossier opened. `sheets`: of the workbook that was read (`workbook`, its name; empty: none). `workbooks`: all
    that lie where it belongs. `trouble`: (code, params) of a workbook that can't be read. `facts`: name of a file ->
    what `picture_facts` or `pdf_facts` says."""

    root: Path
    entries: tuple[Entry, ...]
    workbook: str = ""
    workbooks: tuple[str, ...] = ()
    sheets: Mapping[str, Cells] = field(default_factory=dict)
    trouble: tuple[str, Mapping[str, str]] | None = None
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def named(self, name: str) -> Entry | None:
        """The file of that name, without case."""
        return next((entry for entry in self.entries if entry.name.casefold() == name.casefold()), None)


def inspect(folder: Path) -> Inspection:
    """Open a dossier's folder, or one that holds it. Raises IngestError for what is no folder or too much."""
    if not folder.is_dir():
        raise IngestError("dossier-no-folder", folder=folder.name)
    root = find_root(folder)
    entries = walk(root)
    workbooks = _workbooks(entries)
    sheets: Mapping[str, Cells] = {}
    trouble = None
    if workbooks:
        try:
            sheets = read_workbook(workbooks[0].path)
        except IngestError as error:
            trouble = (error.code, {key: str(value) for key, value in error.params.items()})
    facts = {}
    for entry in entries:
        if entry.link or entry.folder or entry.under(GIS):
            continue
        if entry.suffix in PICTURES:
            facts[entry.name] = picture_facts(entry.path)
        elif entry.suffix == ".pdf":
            facts[entry.name] = pdf_facts(entry.path)
    names = tuple(entry.name for entry in workbooks)
    return Inspection(root, entries, names[0] if names else "", names, sheets, trouble, facts)


def _workbooks(entries: tuple[Entry, ...]) -> list[Entry]:
    """Workbooks where `<MaHoSo>.xlsx` belongs: directly in HoSoScan, else directly in the dossier's folder."""
    found = [entry for entry in entries if entry.suffix == ".xlsx" and not entry.link]
    for depth, prefix in ((1, "hososcan/"), (0, "")):
        here = [entry for entry in found if entry.name.count("/") == depth and entry.name.casefold().startswith(prefix)]
        if here:
            return here
    return []


def to_json(inspection: Inspection) -> dict[str, Any]:
    """Plain values, for another process."""
    return {
        "root": str(inspection.root),
        "entries": [asdict(entry) | {"path": str(entry.path)} for entry in inspection.entries],
        "workbook": inspection.workbook,
        "workbooks": list(inspection.workbooks),
        "sheets": {
            name: asdict(cells) | {"rows": [[number, dict(row)] for number, row in cells.rows]}
            for name, cells in inspection.sheets.items()
        },
        "trouble": None if inspection.trouble is None else [inspection.trouble[0], dict(inspection.trouble[1])],
        "facts": {name: dict(facts) for name, facts in inspection.facts.items()},
    }


def from_json(raw: Mapping[str, Any]) -> Inspection:
    """The inverse of `to_json`."""
    entries = tuple(Entry(**{**entry, "path": Path(entry["path"])}) for entry in raw["entries"])
    sheets = {
        name: Cells(
            sheet=cells["sheet"],
            titles=tuple(cells["titles"]),
            columns=dict(cells["columns"]),
            rows=tuple((int(number), dict(row)) for number, row in cells["rows"]),
            formulas=tuple(cells["formulas"]),
            numbers=tuple(cells["numbers"]),
            dates=tuple(cells["dates"]),
        )
        for name, cells in raw["sheets"].items()
    }
    trouble = None if raw["trouble"] is None else (str(raw["trouble"][0]), dict(raw["trouble"][1]))
    return Inspection(
        Path(raw["root"]), entries, raw["workbook"], tuple(raw["workbooks"]), sheets, trouble, raw["facts"]
    )
