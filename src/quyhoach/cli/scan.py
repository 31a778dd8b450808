"""`quyhoach scan fit | add`: a plan on paper, laid on the ground by control points."""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quyhoach.domain.errors import DateError, IngestError, NotFoundError, UsageError
from quyhoach.domain.finding import Finding, Level
from quyhoach.standard.messages import message

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from quyhoach.domain.plan import Plan, PlanVersion
    from quyhoach.release.workspace import Workspace
    from quyhoach.scan import Fit, Judgement

_MODELS = ("auto", "similarity", "affine", "projective", "polynomial")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the two commands."""
    parser = subparsers.add_parser("scan", help="nắn bản quét của đồ án giấy · a scan laid on the ground")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    fit = actions.add_parser("fit", help="nắn theo điểm khống chế, báo sai số · fit by control points")
    _common(fit)
    fit.add_argument("--crs", default=None, help="CRS of the true coordinates: EPSG:9215 (or `crs` in points.toml)")
    fit.add_argument("--scale", type=int, default=None, metavar="5000", help="of the drawing, for the error on paper")
    fit.add_argument("--out", type=Path, default=None, help="folder that gets picture.pmtiles and fit.json")
    fit.set_defaults(run=_fit)

    add = actions.add_parser("add", help="lưu bản quét vào phiên bản đồ án · keep a scan with a plan version")
    _common(add)
    add.add_argument("--workspace", type=Path, required=True, help="folder of the workspace")
    add.add_argument("--plan", required=True, help="plan_id")
    add.add_argument("--version", type=int, required=True, metavar="N", help="its number; made where it isn't there")
    add.add_argument("--crs", default=None, help="CRS of the control points (default: the province's)")
    add.add_argument("--title", default=None, help="what the sheet is called (default: the file's name)")
    add.add_argument("--outline", type=Path, default=None, help="the plan's outline: GIS file, or corners as text")
    add.add_argument("--no-tiles", action="store_true", help="keep the scan alone, without tiles for the map")
    decision = add.add_argument_group("of a version that isn't there yet")
    decision.add_argument("--decision", default=None, metavar="NUMBER", help="number of the decision")
    decision.add_argument("--decision-date", default=None, metavar="DATE", help="its date, YYYY-MM-DD")
    decision.add_argument("--authority", default=None, help="who decided")
    decision.add_argument("--document", type=Path, default=None, help="the decision as PDF")
    decision.add_argument("--valid-from", default=None, metavar="DATE", help="in force from (default: the decision)")
    add.set_defaults(run=_add)


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", type=Path, help="TIFF, JPEG, PNG, WebP, or a PDF")
    parser.add_argument("--points", type=Path, required=True, help="control points: points.toml or a CSV")
    parser.add_argument("--model", choices=_MODELS, default="auto", help="how the paper may be bent")
    parser.add_argument("--snap", action="store_true", help="move each point to the middle of the cross near it")
    parser.add_argument("--limit-mm", type=float, default=1.0, help="largest residual allowed, mm on paper")
    parser.add_argument("--limit-m", type=float, default=None, help="the same in metres on the ground")
    parser.add_argument("--dpi", type=int, default=None, help="resolution of the scan (of a PDF: to draw it at)")
    parser.add_argument("--page", type=int, default=1, help="page of a PDF")
    parser.add_argument("--json", action="store_true", help="the fit as JSON")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A picture measured and fitted."""

    fit: "Fit"
    judgement: "Judgement"
    size: tuple[int, int]
    crs: str
    outline: "BaseGeometry | None"


# ── fit ────────────────────────────────────────────────────────────────────────────────────────────────────


def _fit(arguments: argparse.Namespace) -> int:
    fitted = fit_image(arguments, scale=arguments.scale, target=None)
    told = _describe(fitted)
    if arguments.json:
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        _print_fit(fitted)
    if not fitted.judgement.good:
        raise _refusal(fitted)
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        tiles = arguments.out / "picture.pmtiles"
        _write_tiles(arguments, fitted, tiles, arguments.image.stem)
        (arguments.out / "fit.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
        if not arguments.json:
            _say("scan-written", folder=str(arguments.out), size=round(tiles.stat().st_size / 1e6, 1))
    return 0


def fit_image(arguments: argparse.Namespace, *, scale: int | None, target: str | None) -> Fitted:
    """Measure the picture (in a limited child), read the points, bring them into `target` (or their own CRS), fit.

    Raises UsageError, IngestError."""
    from quyhoach.cli.confined import PICTURE, run_confined
    from quyhoach.scan import ControlPoint, clicked_outline, fit_points, judge, read_points
    from quyhoach.scan.picture import PDF_DPI

    image: Path = arguments.image
    if not image.is_file():
        raise IngestError("ingest-missing", file=image.name)
    given = read_points(arguments.points)
    crs = arguments.crs or given.crs or target
    if crs is None:
        raise UsageError("scan-needs-crs")
    job = {
        "path": str(image.resolve()),
        "dpi": arguments.dpi or PDF_DPI,
        "page": arguments.page,
        "name": image.name,
    }
    measured = run_confined("scan-size", job, file=image.name, limits=PICTURE)
    size = (int(measured["width"]), int(measured["height"]))
    dpi = arguments.dpi or measured["dpi"]
    points = given.points
    told: list[Finding] = []
    if arguments.snap:
        places = [[point.col, point.row] for point in points]
        found = run_confined("scan-snap", {**job, "places": places, "dpi": dpi or 200}, file=image.name, limits=PICTURE)
        for point, (_, _, is_cross) in zip(points, found, strict=True):
            if not is_cross:
                told.append(Finding("scan-point-no-cross", Level.NOTE, params={"point": point.name}))
        points = tuple(
            ControlPoint(point.name, float(col), float(row), point.east, point.north)
            for point, (col, row, _) in zip(points, found, strict=True)
        )
    points = _transformed(points, crs, target or crs)
    fit = fit_points(points, size=size, model=arguments.model)
    judgement = judge(fit, scale=scale, dpi=dpi, limit_mm=arguments.limit_mm, limit_m=arguments.limit_m)
    judgement = replace(judgement, findings=(*told, *judgement.findings))
    outline = clicked_outline(given.outline, fit) if given.outline else None
    return Fitted(fit, judgement, size, target or crs, outline)


def _transformed(points: Any, source: str, target: str) -> Any:
    """Control points in the target CRS; PROJ says how exact that is, control points don't."""
    from pyproj import Transformer

    from quyhoach.scan import ControlPoint
    from quyhoach.standardise import parse_crs

    here, there = parse_crs(source), parse_crs(target)
    for crs in (here, there):
        if not crs.is_projected:
            raise UsageError("scan-crs-not-projected", crs=source)
    if here.equals(there, ignore_axis_order=True):
        return points
    move = Transformer.from_crs(here, there, always_xy=True)
    moved = []
    for point in points:
        east, north = move.transform(point.east, point.north)
        moved.append(ControlPoint(point.name, point.col, point.row, float(east), float(north)))
    return tuple(moved)


def _write_tiles(arguments: argparse.Namespace, fitted: Fitted, path: Path, title: str) -> None:
    from quyhoach.cli.confined import PICTURE, run_confined
    from quyhoach.scan.picture import PDF_DPI

    job = {
        "path": str(arguments.image.resolve()),
        "dpi": arguments.dpi or PDF_DPI,
        "page": arguments.page,
        "name": arguments.image.name,
        "transform": fitted.fit.transform.to_json(),
        "crs": fitted.crs,
        "title": title,
    }
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".scan-") as folder:
        half = Path(folder) / path.name  # no half-written archive is ever seen under its name
        run_confined(
            "scan-tiles",
            job | {"out": str(half.resolve())},
            file=arguments.image.name,
            limits=PICTURE,
            progress=_tell_progress,
        )
        half.replace(path)


def _tell_progress(step: Mapping[str, Any]) -> None:
    end = "\r" if sys.stderr.isatty() else "\n"
    if sys.stderr.isatty() or step.get("share", 0) in (0, 1):
        sys.stderr.write(f"  {message('scan-cutting', 'vi')} {float(step.get('share', 0)):4.0%}{end}")
        sys.stderr.flush()


# ── add ────────────────────────────────────────────────────────────────────────────────────────────────────


def _add(arguments: argparse.Namespace) -> int:
    from quyhoach.release.workspace import load_workspace
    from quyhoach.scan import keep_scan

    workspace = load_workspace(arguments.workspace)
    plan = workspace.plans.get(arguments.plan)
    if plan is None:
        raise NotFoundError("plan-unknown", plan=arguments.plan)
    fitted = fit_image(arguments, scale=plan.scale, target=workspace.province.crs)
    if not fitted.judgement.good:
        _print_fit(fitted)
        raise _refusal(fitted)
    version = _version(arguments, plan)
    title = arguments.title or arguments.image.stem
    outline = read_outline(arguments.outline, workspace) if arguments.outline else fitted.outline
    if version.package is None and version.outline is None and outline is None:
        raise UsageError("scan-needs-outline")
    with tempfile.TemporaryDirectory(prefix="quyhoach-scan-") as folder:
        tiles = None
        if not arguments.no_tiles:
            tiles = Path(folder) / "picture.pmtiles"
            _write_tiles(arguments, fitted, tiles, title)
        version = _with_decision_paper(arguments, workspace, version)
        kept = keep_scan(
            workspace,
            plan,
            version,
            image=arguments.image,
            tiles=tiles,
            title=title,
            fit=fitted.fit,
            size=fitted.size,
            outline=outline,
        )
    if arguments.json:
        told = _describe(fitted) | {"plan": plan.plan_id, "version": kept.number, "sha256": kept.scans[-1].sha256}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        _print_fit(fitted)
        _say("scan-kept", plan=plan.plan_id, version=kept.number, scans=len(kept.scans))
    return 0


def _version(arguments: argparse.Namespace, plan: "Plan") -> "PlanVersion":
    """The version of that number, or a new one out of the decision's options."""
    from quyhoach.domain.plan import Decision, PlanVersion, Status, VersionKind

    version = next((one for one in plan.versions if one.number == arguments.version), None)
    named = [arguments.decision, arguments.decision_date, arguments.authority, arguments.document, arguments.valid_from]
    if version is not None:
        if any(named):
            raise UsageError("scan-version-there", plan=plan.plan_id, version=version.number)
        return version
    if arguments.version < 1:
        raise NotFoundError("version-unknown", plan=plan.plan_id, version=arguments.version)
    if not arguments.decision or not arguments.decision_date or not arguments.authority:
        raise UsageError("scan-needs-decision", plan=plan.plan_id, version=arguments.version)
    decided = _day(arguments.decision_date)
    return PlanVersion(
        plan_id=plan.plan_id,
        number=arguments.version,
        kind=VersionKind.NEW if not plan.versions else VersionKind.OVERALL,
        status=Status.IN_FORCE,
        valid_from=_day(arguments.valid_from) if arguments.valid_from else decided,
        valid_to=None,
        decision=Decision(arguments.decision, decided, arguments.authority),
        package=None,
        outline=None,
    )


def _with_decision_paper(
    arguments: argparse.Namespace, workspace: "Workspace", version: "PlanVersion"
) -> "PlanVersion":
    """The version with the decision's paper stored and named."""
    from quyhoach.domain.plan import Document
    from quyhoach.release.workspace import store_document

    if arguments.document is None or version.decision is None:
        return version
    data = arguments.document.read_bytes()
    if not data.startswith(b"%PDF-"):
        raise UsageError("scan-document-not-pdf", file=arguments.document.name)
    sha256 = store_document(workspace.root, data)
    title = f"Quyết định {version.decision.number}"
    return replace(
        version,
        decision=replace(version.decision, document=sha256),
        documents=(*version.documents, Document(sha256, "decision", title, "application/pdf")),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DateError("date-not-a-date", text=text[:40]) from None


def read_outline(path: Path, workspace: "Workspace") -> "BaseGeometry":
    """An outline in the province's CRS: the polygons of a GIS file, or the corners written in a text.

    Raises UsageError, IngestError."""
    import numpy as np
    import shapely

    from quyhoach.domain.coordinates import parse_coordinates
    from quyhoach.ingest import read_source
    from quyhoach.standardise import parse_crs

    province = parse_crs(workspace.province.crs)
    if path.suffix.casefold() in (".txt", ".csv"):
        if not path.is_file() or path.stat().st_size > 1 << 20:
            raise UsageError("scan-outline-unreadable", file=path.name)
        found = parse_coordinates(path.read_text("utf-8-sig", "replace"))
        if found is None or not found.is_polygon:
            raise UsageError("scan-outline-unreadable", file=path.name)
        shape = shapely.Polygon(found.points)
        return _moved(shape, "EPSG:4326", province) if found.geographic else shape
    shapes = []
    for layer in read_source(path).layers:
        for geometry in layer.geometry:
            if geometry is not None and shapely.get_dimensions(geometry) == 2:
                if layer.crs is None:
                    raise UsageError("scan-outline-crs", file=path.name)
                shapes.append(_moved(geometry, layer.crs, province))
    if not shapes:
        raise UsageError("scan-outline-unreadable", file=path.name)
    return shapely.union_all(np.array(shapes, dtype=object))


def _moved(shape: "BaseGeometry", crs: str, target: Any) -> "BaseGeometry":
    import numpy as np
    import shapely
    from pyproj import Transformer

    move = Transformer.from_crs(crs, target, always_xy=True)
    return shapely.transform(shape, lambda places: np.column_stack(move.transform(places[:, 0], places[:, 1])))


# ── telling ────────────────────────────────────────────────────────────────────────────────────────────────


def _refusal(fitted: Fitted) -> IngestError:
    point, off = fitted.fit.worst
    return IngestError(
        "scan-residual-large",
        expected=round(fitted.fit.expected_m, 2),
        limit=round(fitted.judgement.limit_m, 2),
        point=point.name,
        off=round(off, 2),
    )


def _describe(fitted: Fitted) -> dict[str, Any]:
    fit, judgement = fitted.fit, fitted.judgement
    point, off = fit.worst
    return {
        "model": fit.transform.model,
        "crs": fitted.crs,
        "size": list(fitted.size),
        "ground_sample_m": round(fit.ground_sample_m, 5),
        "rmse_m": round(fit.rmse_m, 4),
        "expected_m": round(fit.expected_m, 4),
        "expected_mm_on_paper": _rounded(judgement.on_paper(fit.expected_m)),
        "largest_m": round(off, 4),
        "largest_point": point.name,
        "limit_m": round(judgement.limit_m, 4),
        "good": judgement.good,
        "residuals_m": {one.name: round(value, 4) for one, value in zip(fit.used, fit.residuals, strict=True)},
        "left_out": {one.name: round(value, 3) for one, value in fit.left_out},
        "corners": [list(corner) for corner in fit.corners(*fitted.size)],
        "transform": fit.transform.to_json(),
        "findings": [
            {"code": row.code, "level": str(row.level), "message": message(row.code, "vi", **row.params)}
            for row in judgement.findings
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _print_fit(fitted: Fitted) -> None:
    fit, judgement = fitted.fit, fitted.judgement
    point, off = fit.worst
    for lang in ("vi", "en"):
        model = message(f"scan-model-{fit.transform.model}", lang)
        lines = [
            message("scan-fitted", lang, model=model, count=len(fit.used)),
            message(
                "scan-expected", lang, metres=round(fit.expected_m, 2), paper=_paper(judgement, fit.expected_m, lang)
            ),
            message("scan-rmse", lang, metres=round(fit.rmse_m, 2), paper=_paper(judgement, fit.rmse_m, lang)),
            message("scan-largest", lang, point=point.name, metres=round(off, 2), paper=_paper(judgement, off, lang)),
            *(message(row.code, lang, **row.params) for row in judgement.findings),
        ]
        sys.stdout.write("\n".join(lines) + "\n")


def _paper(judgement: "Judgement", metres: float, lang: str) -> str:
    value = judgement.on_paper(metres)
    return "" if value is None else message("scan-on-paper", lang, mm=round(value, 2))


def _say(code: str, /, **params: Any) -> None:
    sys.stdout.write(f"{message(code, 'vi', **params)}\n{message(code, 'en', **params)}\n")
