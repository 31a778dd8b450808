"""Write a dossier from a plan version of a workspace: folder, documents, workbook, GeoPackages, QGIS project."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import shapely

from quyhoach.domain.errors import UsageError, WorkspaceError
from quyhoach.domain.plan import Document, Plan, PlanVersion, Scan
from quyhoach.dossier.columns import NO, YES, Row
from quyhoach.dossier.files import BASIC, DRAWINGS, FOLDERS, GIS, PREFIX, SCAN, TEXTS, file_name
from quyhoach.dossier.geopackages import OUTLINE, write_geopackages
from quyhoach.dossier.pictures import PICTURES, pdf_facts, picture_facts
from quyhoach.dossier.project import write_project
from quyhoach.dossier.words import say_kind, say_places, say_scale, say_status, say_text_kind
from quyhoach.dossier.workbook import write_workbook
from quyhoach.package import Layer, package_crs, read_package
from quyhoach.release.content import public_layers
from quyhoach.release.workspace import Workspace
from quyhoach.standard import format_date, format_number

SUFFIXES: Mapping[str, str] = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/vnd.dwg": ".dwg",
    "application/acad": ".dwg",
    "application/dxf": ".dxf",
    "image/vnd.dxf": ".dxf",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/zip": ".zip",
    "text/plain": ".txt",
}
_SCANNED = (".pdf", *PICTURES)
_WORLD = {".jpg": ".jgw", ".jpeg": ".jgw", ".png": ".pgw", ".tif": ".tfw", ".tiff": ".tfw"}
_DRAWING_KINDS = ("drawing", "scan")
_MADE = datetime(2025, 7, 1, tzinfo=UTC).replace(tzinfo=None)  # stamped into workbooks: bytes follow from content


@dataclass(frozen=True)
class Written:
    """What was written. `features`: per database and class. `left_out`: layers that are no class of the standard.
    `redacted`: lots of listed functions that were left out or made general."""

    folder: Path
    features: Mapping[str, Mapping[str, int]]
    documents: int
    left_out: tuple[str, ...] = ()
    redacted: int = 0


@dataclass(slots=True)
class _Paper:
    """A document on its way into the folder: where it goes and its row in the workbook."""

    document: Document
    target: str
    sheet: str
    row: dict[str, str | int | date | None] = field(default_factory=dict)
    scan: Scan | None = None


def write_dossier(
    out: Path, workspace: Workspace, plan: Plan, version: PlanVersion, *, today: date, whole: bool = False
) -> Written:
    """Write `out/CSDL_<name>`, whole or not at all; it may not be there yet.

    Lots of functions that are secret on `today` are left out unless `whole` (NĐ 212/2026/NĐ-CP, Đ.1: such planning
    does not go into the national system); a secret plan is refused without it. Raises UsageError, WorkspaceError,
    PackageError."""
    code = plan.codes.get("maHoSoQH", "")
    if not code or not plan.codes.get("maThongTinQH") or re.search(r"[^A-Za-z0-9_.\-]", code):
        raise WorkspaceError("dossier-needs-codes", plan=plan.plan_id)
    if plan.secret and not whole:
        raise WorkspaceError("dossier-plan-secret", plan=plan.plan_id)
    name = file_name(plan.name["vi"])
    folder = out / f"{PREFIX}{name}"
    if folder.exists():
        raise UsageError("dossier-exists", folder=folder.name)
    out.mkdir(parents=True, exist_ok=True)
    layers, redacted = _layers(workspace, version, today=today, whole=whole)
    with tempfile.TemporaryDirectory(dir=out, prefix=".dossier-") as temporary:
        making = Path(temporary) / folder.name
        for part in FOLDERS:
            (making / part).mkdir(parents=True)
        papers = _place_papers(plan, version)
        for paper in papers:
            _copy_paper(workspace, paper, making)
        crs = workspace.province.crs
        counts, left_out = write_geopackages(making / GIS, layers, plan, version, workspace.standard, crs)
        write_project(
            making / GIS / f"{name}.qgz",
            counts,
            _extent(layers),
            title=plan.name["vi"],
            crs=crs,
            standard=workspace.standard,
        )
        sheets: Mapping[str, Sequence[Row]] = {
            "HoSo": [_record(workspace, plan, version, folder.name, papers)],
            "BanVe": [paper.row for paper in papers if paper.sheet == "BanVe"],
            "VanBan": [paper.row for paper in papers if paper.sheet == "VanBan"],
        }
        write_workbook(making / SCAN / f"{code}.xlsx", sheets, made=_MADE)
        making.rename(folder)
    return Written(folder, counts, len(papers), left_out, redacted)


def _layers(workspace: Workspace, version: PlanVersion, *, today: date, whole: bool) -> tuple[Mapping[str, Layer], int]:
    """The version's layers (of the outline alone, where it is not digitised), redacted unless `whole`."""
    sha256 = version.package or version.outline
    if sha256 is None:
        return {}, 0
    path = workspace.package_path(sha256)
    found = package_crs(path)
    if found is not None and found != workspace.province.crs:
        raise WorkspaceError("dossier-package-crs", package=sha256[:12], crs=found)
    layers = read_package(path)
    if whole:
        return layers, 0
    redaction = {
        code: row.action
        for code, row in workspace.standard.redaction.items()
        if (row.valid_from or date.min) <= today < (row.valid_to or date.max)
    }
    lots = layers.get("ChucNangSuDungDat_A")
    values = lots.fields.get("phanLoai", ()) if lots is not None else ()
    count = sum(1 for value in values if str(value or "").casefold() in redaction)
    public = public_layers(layers, redaction)
    public.pop("withheld", None)
    return public, count


def _extent(layers: Mapping[str, Layer]) -> tuple[float, float, float, float]:
    chosen = [layers[OUTLINE]] if OUTLINE in layers else list(layers.values())
    shapes = [layer.geometry for layer in chosen if layer.geometry is not None and len(layer)]
    if not shapes:
        return (0.0, 0.0, 1.0, 1.0)
    west, south, east, north = (float(value) for value in shapely.total_bounds(np.concatenate(shapes)))
    return (west, south, east, north)


# ── documents ──────────────────────────────────────────────────────────────────────────────────────────────


def _place_papers(plan: Plan, version: PlanVersion) -> list[_Paper]:
    """Where each document goes: scans by kind, what can be edited into HoSoBASIC; each drawing has its own folder."""
    scans = {scan.sha256: scan for scan in version.scans}
    known = {document.sha256 for document in version.documents}
    extra = [
        Document(scan.sha256, "scan", scan.title, scan.media_type) for scan in version.scans if scan.sha256 not in known
    ]
    taken: set[str] = set()
    papers = []
    number = 0
    for document in [*version.documents, *extra]:
        suffix = SUFFIXES.get(document.media_type, ".bin")
        part = SCAN if suffix in _SCANNED else BASIC
        stem = _unused(file_name(document.title, longest=48), taken)
        if document.kind in _DRAWING_KINDS:
            number += 1
            paper = _Paper(document, f"{part}/{DRAWINGS}/{stem}/{stem}{suffix}", "BanVe")
            paper.scan = scans.get(document.sha256)
            paper.row = _drawing_row(plan, document, f"BV-{number:02d}", stem, paper.scan)
        else:
            paper = _Paper(document, f"{part}/{TEXTS}/{stem}{suffix}", "VanBan")
            paper.row = _text_row(plan, version, document, stem + suffix)
        if part == BASIC:
            paper.row["note"] = BASIC
        papers.append(paper)
    return papers


def _unused(stem: str, taken: set[str]) -> str:
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.add(name.casefold())
    return name


def _drawing_row(
    plan: Plan, document: Document, number: str, stem: str, scan: Scan | None
) -> dict[str, str | int | date | None]:
    note = None
    if scan is not None and scan.residual_m is not None:
        note = f"Sai số nắn ảnh {format_number(scan.residual_m, 'vi')} m"
    return {
        "code": plan.codes["maHoSoQH"],
        "number": number,
        "short": stem,
        "name": document.title,
        "sheets": 1,
        "folder": stem,
        "scale": say_scale(plan.scale),
        "note": note,
    }


def _text_row(plan: Plan, version: PlanVersion, document: Document, name: str) -> dict[str, str | int | date | None]:
    row: dict[str, str | int | date | None] = {
        "code": plan.codes["maHoSoQH"],
        "file": name,
        "name": document.title,
        "kind": say_text_kind(document.kind),
    }
    decision = version.decision
    if decision is not None and decision.document == document.sha256:
        row |= {
            "number": decision.number,
            "abstract": decision.title or None,
            "signed": decision.date,
            "authority": decision.authority,
        }
    return row


def _copy_paper(workspace: Workspace, paper: _Paper, folder: Path) -> None:
    """Copy a document by its hash; count its pages; lay a world file beside a scan that is georeferenced."""
    source = workspace.document_path(paper.document.sha256)
    target = folder / paper.target
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError:
        raise WorkspaceError("workspace-missing-file", file=f"documents/{paper.document.sha256}") from None
    with target.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != paper.document.sha256:
            raise WorkspaceError("dossier-document-damaged", file=f"documents/{paper.document.sha256}")
    if target.suffix == ".pdf":
        pages = pdf_facts(target).get("pages")
        if pages is not None:
            paper.row["pages" if paper.sheet == "VanBan" else "sheets"] = pages
    if paper.scan is not None and target.suffix in PICTURES:
        facts = picture_facts(target)
        if "width" in facts:
            target.with_suffix(_WORLD[target.suffix]).write_text(
                world_file(paper.scan.corners, facts["width"], facts["height"]), encoding="ascii"
            )


def world_file(corners: tuple[tuple[float, float], ...], width: int, height: int) -> str:
    """The six lines of a world file from a picture's corners NW, NE, SE, SW (E, N). Four corners that are no
    parallelogram are taken by their means: the file format knows nothing else."""
    (nw_e, nw_n), (ne_e, ne_n), (se_e, se_n), (sw_e, sw_n) = corners
    across = ((ne_e - nw_e + se_e - sw_e) / 2 / width, (ne_n - nw_n + se_n - sw_n) / 2 / width)
    down = ((sw_e - nw_e + se_e - ne_e) / 2 / height, (sw_n - nw_n + se_n - ne_n) / 2 / height)
    middle = (sum(e for e, _ in corners) / 4, sum(n for _, n in corners) / 4)
    first_e = middle[0] - across[0] * (width - 1) / 2 - down[0] * (height - 1) / 2
    first_n = middle[1] - across[1] * (width - 1) / 2 - down[1] * (height - 1) / 2
    return "".join(f"{value:.9f}\n" for value in (*across, *down, first_e, first_n))


# ── the record ─────────────────────────────────────────────────────────────────────────────────────────────


def _record(workspace: Workspace, plan: Plan, version: PlanVersion, folder: str, papers: list[_Paper]) -> Row:
    """The row of sheet HoSo. Days that the circular has no column for stand in words in Ghi chú."""
    decision = version.decision
    notes = []
    if version.valid_from and (decision is None or version.valid_from != decision.date):
        notes.append(f"Có hiệu lực từ ngày {format_date(version.valid_from, 'vi')}")
    if plan.horizon:
        notes.append(f"Thời hạn quy hoạch đến năm {plan.horizon}")
    if version.package is None:
        notes.append("Chưa số hóa: chỉ có ranh giới, quyết định, bản quét")
    if plan.illustrative:
        notes.append("Dữ liệu minh hoạ")
    zone = workspace.province.crs.removeprefix("EPSG:")
    meridian = next((row for row in workspace.standard.crs_zones if str(row.epsg) == zone), None)
    system = "VN-2000"
    if meridian is not None:
        width = 3 if meridian.scale_factor == 0.9999 else 6
        system = f"VN-2000, {_meridian(meridian.central_meridian)}, múi chiếu {width}°"
    return {
        "code": plan.codes["maHoSoQH"],
        "info_code": plan.codes["maThongTinQH"],
        "name": plan.name["vi"],
        "kind": say_kind(plan.kind, plan.level, version.kind, workspace.standard),
        "scale": say_scale(plan.scale),
        "task_number": None,
        "task_date": None,
        "decision_number": decision.number if decision else None,
        "decision_date": decision.date if decision else None,
        "consultant": "; ".join(plan.bodies.get("consultants", ())) or None,
        "authority": decision.authority if decision else None,
        "status": say_status(version.status, version.valid_to),
        "crs": f"{system} ({workspace.province.crs})",
        "places": say_places(plan.places, workspace.standard),
        "client": "; ".join(plan.bodies.get("client", ())) or None,
        "folder": folder,
        "has_basic": YES if any(paper.target.startswith(BASIC) for paper in papers) else NO,
        "has_gis": YES,
        "keywords": None,
        "note": "; ".join(notes) or None,
    }


def _meridian(degrees: float) -> str:
    """107.25 -> "kinh tuyến trục 107°15'"."""
    whole = int(degrees)
    return f"kinh tuyến trục {whole}°{round((degrees - whole) * 60):02d}'"
