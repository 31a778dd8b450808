"""`quyhoach dossier write | read | check`: the national dossier of TT 16/2025/TT-BXD."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from quyhoach.domain.errors import IngestError, NotFoundError, UsageError
from quyhoach.domain.finding import Finding, Level
from quyhoach.standard.messages import message

if TYPE_CHECKING:
    from quyhoach.domain.plan import Plan, PlanVersion
    from quyhoach.dossier import Dossier, Inspection
    from quyhoach.dossier.reading import Paper
    from quyhoach.package import Layer
    from quyhoach.release.workspace import Workspace

_SHOWN = 20  # of one code
_MARKS = {Level.ERROR: "LỖI", Level.WARNING: "CẢNH BÁO", Level.NOTE: "GHI CHÚ"}
_GIVEN = ("QuyHoach", "MocGioi", "NenDiaHinh")  # what a plan package takes; HienTrang is of the state before


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the three commands."""
    parser = subparsers.add_parser(
        "dossier", help="hồ sơ điện tử theo TT 16/2025/TT-BXD · the national dossier: write, read, check"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    write = actions.add_parser("write", help="ghi hồ sơ từ một phiên bản đồ án · a dossier of a plan version")
    write.add_argument("--workspace", type=Path, required=True, help="folder of the workspace")
    write.add_argument("--plan", required=True, help="plan_id")
    write.add_argument("--version", type=int, required=True, metavar="N", help="number of the version")
    write.add_argument("--out", type=Path, required=True, help="folder that gets CSDL_<name>")
    write.add_argument("--whole", action="store_true", help="also what is secret (a listed function, a secret plan)")
    write.add_argument("--json", action="store_true", help="what was written as JSON")
    write.set_defaults(run=_write)

    read = actions.add_parser("read", help="nhận hồ sơ vào không gian làm việc · take a dossier into a workspace")
    read.add_argument("folder", type=Path, help="the folder CSDL_<name>, or a ZIP of it")
    read.add_argument("--workspace", type=Path, required=True, help="folder of the workspace")
    read.add_argument("--plan", default=None, metavar="ID", help="plan_id (default: made of the plan's name)")
    read.add_argument("--version", type=int, default=None, metavar="N", help="its number (default: the next)")
    read.add_argument("--kind", default=None, help="kind of plan, where the dossier doesn't say: general, detailed …")
    read.add_argument("--level", default=None, help="level, where the dossier doesn't say: urban, rural …")
    read.add_argument("--mapping", type=Path, default=None, help="mapping.toml for its GIS data")
    read.add_argument("--json", action="store_true", help="plan, version and findings as JSON")
    read.set_defaults(run=_read)

    check = actions.add_parser("check", help="kiểm tra hồ sơ có đủ, đúng quy cách · is a dossier complete?")
    check.add_argument("folder", type=Path, help="the folder CSDL_<name>, or a ZIP of it")
    check.add_argument("--crs", default=None, help="the province's CRS: EPSG:9215 (default: any VN-2000 zone)")
    check.add_argument("--workspace", type=Path, default=None, help="whose province and standard tables hold")
    check.add_argument("--json", action="store_true", help="the findings as JSON")
    check.set_defaults(run=_check)


# ── write ──────────────────────────────────────────────────────────────────────────────────────────────────


def find_version(root: Path, plan_id: str, number: int) -> "tuple[Workspace, Plan, PlanVersion]":
    """A version of a workspace by its ids. Raises NotFoundError, WorkspaceError."""
    from quyhoach.release.workspace import load_workspace

    workspace = load_workspace(root)
    plan = workspace.plans.get(plan_id)
    if plan is None:
        raise NotFoundError("plan-unknown", plan=plan_id)
    version = next((one for one in plan.versions if one.number == number), None)
    if version is None:
        raise NotFoundError("version-unknown", plan=plan_id, version=number)
    return workspace, plan, version


def _write(arguments: argparse.Namespace) -> int:
    from quyhoach.dossier import write_dossier

    workspace, plan, version = find_version(arguments.workspace, arguments.plan, arguments.version)
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    written = write_dossier(arguments.out, workspace, plan, version, today=today, whole=arguments.whole)
    if arguments.json:
        _print_json(
            {
                "folder": str(written.folder),
                "features": written.features,
                "documents": written.documents,
                "left_out": written.left_out,
                "redacted": written.redacted,
            }
        )
        return 0
    total = sum(sum(classes.values()) for classes in written.features.values())
    _say("dossier-written", folder=written.folder.name, features=total, documents=written.documents)
    if written.left_out:
        _say("dossier-left-out", layers=", ".join(written.left_out))
    if written.redacted:
        _say("dossier-redacted", count=written.redacted)
    return 0


# ── check ──────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def opened(path: Path) -> "Iterator[Inspection]":
    """A dossier's folder or ZIP, inspected in a limited child. Raises IngestError."""
    from quyhoach.cli.confined import INSPECTION, run_confined
    from quyhoach.dossier.inspection import from_json
    from quyhoach.ingest.archive import unpack
    from quyhoach.ingest.limits import Limits

    if not path.exists():
        raise IngestError("ingest-missing", file=path.name)
    with tempfile.TemporaryDirectory(prefix="quyhoach-dossier-") as temporary:
        folder = path.resolve()
        if not path.is_dir():
            # Scans do not shrink: many bytes are allowed, a bomb's ratio is not.
            unpack(folder, Path(temporary), Limits(unpacked_bytes=20 << 30), everything=True)
            folder = Path(temporary)
        raw = run_confined("dossier-inspect", {"folder": str(folder)}, file=path.name, limits=INSPECTION)
        yield from_json(raw)


def _check(arguments: argparse.Namespace) -> int:
    from quyhoach.dossier import check_dossier
    from quyhoach.ingest import read_source
    from quyhoach.release.workspace import read_province
    from quyhoach.standard import load_standard

    crs, overlay = arguments.crs, None
    if arguments.workspace is not None:
        crs = crs or read_province(arguments.workspace / "province.toml").crs
        overlay = arguments.workspace / "standard"
    standard = load_standard(overlay if overlay is not None and overlay.is_dir() else None)
    if crs is not None:
        from quyhoach.standardise import parse_crs

        parse_crs(crs)
    with opened(arguments.folder) as inspection:
        findings = check_dossier(
            inspection, standard=standard, crs=crs, read_layers=lambda path: read_source(path).layers
        )
        name = inspection.root.name
    if arguments.json:
        _print_json({"folder": name, "findings": [_finding_json(row) for row in findings]})
    else:
        _print_findings(findings)
        _say("dossier-checked", folder=name, **_counts(findings))
    return 1 if any(finding.level is Level.ERROR for finding in findings) else 0


# ── read ───────────────────────────────────────────────────────────────────────────────────────────────────


def _read(arguments: argparse.Namespace) -> int:
    from quyhoach.dossier import read_dossier

    with opened(arguments.folder) as inspection:
        plan, version, findings = take_dossier(read_dossier(inspection), arguments)
    if arguments.json:
        _print_json(
            {
                "plan": plan.plan_id,
                "version": version.number,
                "package": version.package,
                "outline": version.outline,
                "documents": len(version.documents),
                "scans": len(version.scans),
                "findings": [_finding_json(row) for row in findings],
            }
        )
    else:
        _print_findings(findings)
        _say("dossier-taken", plan=plan.plan_id, version=version.number, documents=len(version.documents))
    return 1 if any(finding.level is Level.ERROR for finding in findings) else 0


def take_dossier(dossier: "Dossier", arguments: argparse.Namespace) -> "tuple[Plan, PlanVersion, tuple[Finding, ...]]":
    """Store a dossier as a version of a plan: documents, package (or outline), then the registry's files.

    A plan that is there keeps its plan.toml: the registry knows more than a dossier says. Nothing is written to the
    registry that would contradict it. Raises UsageError, WorkspaceError, IngestError."""
    from quyhoach.dossier import plan_of, version_of
    from quyhoach.release.workspace import check_versions, load_workspace, write_plan, write_version

    root: Path = arguments.workspace
    workspace = load_workspace(root)
    for option, rows in (("kind", workspace.standard.plan_kinds), ("level", workspace.standard.levels)):
        if getattr(arguments, option) not in (None, *rows):
            raise UsageError("dossier-unknown-choice", option=f"--{option}", choices=", ".join(rows))
    plan, findings = plan_of(
        dossier,
        province=workspace.province,
        standard=workspace.standard,
        plan_id=arguments.plan,
        kind=arguments.kind,
        level=arguments.level,
    )
    known = workspace.plans.get(plan.plan_id)
    versions = known.versions if known else ()
    number = arguments.version or max((one.number for one in versions), default=0) + 1
    if any(one.number == number for one in versions):
        raise UsageError("version-there", plan=plan.plan_id, version=number)
    package, outline, found = _keep_layers(dossier, workspace, known or plan, arguments.mapping)
    documents = _keep_papers(dossier, root)
    version, told = version_of(
        dossier,
        plan,
        number,
        standard=workspace.standard,
        documents=documents,
        package=package,
        outline=outline,
    )
    whole = replace(known or plan, versions=(*versions, version))
    check_versions(whole)
    if known is None:
        write_plan(root, plan)
    write_version(root, version)
    return whole, version, (*findings, *told, *found)


def _keep_papers(dossier: "Dossier", root: Path) -> "list[tuple[Paper, str]]":
    from quyhoach.release.workspace import store_document

    return [(paper, store_document(root, paper.path.read_bytes())) for paper in dossier.papers]


def _keep_layers(
    dossier: "Dossier", workspace: "Workspace", plan: "Plan", mapping: Path | None
) -> tuple[str | None, str | None, tuple[Finding, ...]]:
    """Standardise the GIS data and store the package; of a dossier without lots the outline alone.

    Back come the hashes of package and outline, one of them None, and the findings."""
    from quyhoach.dossier.geopackages import retype
    from quyhoach.package import read_package, write_package
    from quyhoach.pipeline import standardise
    from quyhoach.release.workspace import store_package
    from quyhoach.standardise import Context

    province = workspace.province
    given = {name: path for name, path in dossier.databases.items() if name in _GIVEN}
    if "QuyHoach" not in given:
        raise IngestError("dossier-no-plan-data", folder=dossier.root.name)
    context = Context(workspace.standard, province.crs, province.extent, province.land_use, plan, province.code)
    with tempfile.TemporaryDirectory(prefix="quyhoach-dossier-") as temporary:
        source, out = Path(temporary) / dossier.root.name, Path(temporary) / "package.gpkg"
        source.mkdir()
        for path in given.values():
            copy = source / path.name
            shutil.copytree(path, copy, symlinks=True) if path.is_dir() else shutil.copyfile(path, copy)
        outcome = standardise(source, out, context, mapping_path=mapping)
        if _is_digitised(outcome.layers):
            # Standardising takes every attribute as text; classes of the standard have numbers and days.
            typed = [retype(layer, workspace.standard) for layer in read_package(out).values()]
            write_package(out, typed, crs=province.crs)
            return store_package(workspace.root, out), None, outcome.findings
        outline = outcome.layers.get("RanhGioiQuyHoach_A")
        if outline is None:
            raise IngestError("dossier-no-outline", folder=dossier.root.name)
        write_package(out, [outline], crs=province.crs)
        kept = tuple(finding for finding in outcome.findings if finding.level is not Level.ERROR)
        return None, store_package(workspace.root, out), (*kept, Finding("dossier-outline-only", Level.NOTE))


def _is_digitised(layers: "dict[str, Layer] | Any") -> bool:
    """Whether there is more than an outline: lots, overlays, any other class with features."""
    own = ("RanhGioiQuyHoach_A", "coverage", "source_lots", "labels", "findings", "repairs")
    return any(layer.geometry is not None and len(layer) for name, layer in layers.items() if name not in own)


# ── telling ────────────────────────────────────────────────────────────────────────────────────────────────


def sentence(finding: Finding, lang: str) -> str:
    """What a finding says, in `lang`."""
    return message(finding.code, lang, **{"layer": finding.layer, "feature": finding.feature, **finding.params})


def _print_findings(findings: Sequence[Finding]) -> None:
    """At most _SHOWN of one code, Vietnamese then English."""
    seen: dict[str, int] = {}
    for row in findings:
        seen[row.code] = seen.get(row.code, 0) + 1
        if seen[row.code] <= _SHOWN:
            sys.stdout.write(f"[{_MARKS[row.level]}] {sentence(row, 'vi')}\n    {sentence(row, 'en')}\n")
    for code, count in seen.items():
        if count > _SHOWN:
            _say("dossier-more", code=code, count=count - _SHOWN)


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    return {
        "errors": sum(finding.level is Level.ERROR for finding in findings),
        "warnings": sum(finding.level is Level.WARNING for finding in findings),
    }


def _say(code: str, /, **params: Any) -> None:
    sys.stdout.write(f"{message(code, 'vi', **params)}\n{message(code, 'en', **params)}\n")


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n")


def _finding_json(row: Finding) -> dict[str, Any]:
    return {
        "code": row.code,
        "level": str(row.level),
        "layer": row.layer,
        "params": dict(row.params),
        "message": {language: sentence(row, language) for language in ("vi", "en")},
    }
