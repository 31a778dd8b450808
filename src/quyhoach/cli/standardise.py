"""`quyhoach standardise | suggest-mapping | remember-mapping | validate`."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quyhoach.cli.progress import Bar
from quyhoach.domain.errors import UsageError
from quyhoach.domain.finding import Finding, Level, Repair
from quyhoach.standard.messages import message

if TYPE_CHECKING:
    from quyhoach.pipeline import Outcome
    from quyhoach.standardise import Memory

_SHOWN = 20  # of one code; the package holds them all
_MARKS = {Level.ERROR: "LỖI", Level.WARNING: "CẢNH BÁO", Level.NOTE: "GHI CHÚ"}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    parser = subparsers.add_parser(
        "standardise", help="đưa dữ liệu vào gói đồ án theo chuẩn · a file into a plan package"
    )
    parser.add_argument(
        "drawing", type=Path, help="DXF, DWG, GeoPackage, Shapefile, FileGDB, GeoJSON, GML, KML, MapInfo, ZIP …"
    )
    parser.add_argument("--mapping", type=Path, help="mapping.toml (without it one is suggested and used)")
    parser.add_argument("--plan", type=Path, help="plans/<id>/plan.toml of a workspace")
    parser.add_argument("--crs", help="the province's CRS, where there is no workspace (default: the data's own)")
    parser.add_argument("--balance", type=Path, help="the land-use balance table as .xlsx")
    parser.add_argument("--consultant", help="whose remembered mapping helps where none is given (with --plan)")
    parser.add_argument("--now", type=_instant, help="instant to record, ISO 8601 (default: none)")
    parser.add_argument("--out", type=Path, required=True, help="the package to write")
    parser.add_argument("--json", action="store_true", help="findings and repairs as JSON")
    parser.set_defaults(run=_standardise)

    suggest = subparsers.add_parser("suggest-mapping", help="gợi ý bảng ánh xạ · a first mapping, guesses marked")
    suggest.add_argument("drawing", type=Path, help="a file of any kind that standardise takes")
    suggest.add_argument("--out", type=Path, required=True, help="the mapping.toml to write")
    suggest.add_argument("--plan", type=Path, help="plans/<id>/plan.toml of a workspace")
    suggest.add_argument("--crs", help="the province's CRS, where there is no workspace (default: the data's own)")
    suggest.add_argument("--workspace", type=Path, help="where mappings are remembered (default: that of --plan)")
    suggest.add_argument("--consultant", help="whose remembered mapping is proposed")
    suggest.set_defaults(run=_suggest)

    keep = subparsers.add_parser(
        "remember-mapping", help="nhớ bảng ánh xạ của đơn vị tư vấn · keep an accepted mapping for its consultant"
    )
    keep.add_argument("mapping", type=Path, help="the mapping.toml that was accepted")
    keep.add_argument("--workspace", type=Path, required=True, help="where mappings are remembered")
    keep.add_argument("--consultant", required=True, help="a short name: letters, digits, dashes")
    keep.add_argument("--drawing", type=Path, help="the drawing it was made for (its hash is kept)")
    keep.add_argument("--guesses-too", action="store_true", help="also the rules still marked as guessed")
    keep.add_argument("--now", type=_instant, help="instant to record, ISO 8601 (default: now)")
    keep.set_defaults(run=_remember)

    sample = subparsers.add_parser(
        "demo-drawing", help="vẽ một bản vẽ CAD minh hoạ để chạy thử · a consultant's drawing to try, made up"
    )
    sample.add_argument("folder", type=Path, help="where drawing.dxf, mapping.toml and the truth are written")
    sample.add_argument("--habit", help="how the draughtsman draws (default: accents_mtext; a wrong name lists them)")
    sample.add_argument("--lots", type=int, default=300, help="about how many lots")
    sample.add_argument("--seed", type=int, default=1, help="another number, another town")
    sample.set_defaults(run=_sample)

    check = subparsers.add_parser("validate", help="kiểm tra gói đồ án · run the rules over a package")
    check.add_argument("package", type=Path, help="the plan package (.gpkg)")
    check.add_argument("--html", type=Path, help="write a page with a map of the faults")
    check.add_argument("--dxf", type=Path, help="write the faults as DXF R2000, to attach over the drawing")
    check.add_argument("--workspace", type=Path, help="whose standard overlay holds (foreign code lists)")
    check.add_argument("--json", action="store_true", help="the findings as JSON")
    check.set_defaults(run=_validate)


def _instant(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 instant: {text}") from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _standardise(arguments: argparse.Namespace) -> int:
    from quyhoach.pipeline import plan_context, standardise

    context = plan_context(arguments.plan, arguments.crs)
    root = _root(None, arguments.plan)
    bar = Bar()
    try:
        outcome = standardise(
            arguments.drawing,
            arguments.out,
            context,
            mapping_path=arguments.mapping,
            balance_path=arguments.balance,
            memory=_memory(root, arguments.consultant),
            now=arguments.now,
            progress=bar,
        )
    finally:
        bar.done()
    if arguments.json:
        _print_json(_outcome_json(outcome, arguments.out))
    else:
        _print_outcome(outcome, arguments.out)
    return 1 if outcome.has_errors else 0


def _suggest(arguments: argparse.Namespace) -> int:
    from quyhoach.pipeline import plan_context, suggest

    if arguments.out.exists():  # it may have been checked by hand
        raise UsageError("suggest-mapping-exists", file=arguments.out.name)
    context = plan_context(arguments.plan, arguments.crs)
    memory = _memory(_root(arguments.workspace, arguments.plan), arguments.consultant)
    bar = Bar()
    try:
        text, asked = suggest(arguments.drawing, context, memory=memory, progress=bar)
    finally:
        bar.done()
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(text, encoding="utf-8")
    _print_rows(asked)
    _say("suggest-mapping-done", file=arguments.out.name)
    return 0


def _remember(arguments: argparse.Namespace) -> int:
    from quyhoach.ingest import Limits, hash_source, load_mapping
    from quyhoach.standardise import remember

    mapping = load_mapping(arguments.mapping)
    digest = hash_source(arguments.drawing, Limits()) if arguments.drawing is not None else mapping.sha256
    now = arguments.now or datetime.now(UTC)
    memory = remember(
        arguments.workspace, arguments.consultant, mapping, digest, now, guesses_too=arguments.guesses_too
    )
    _say(
        "remember-mapping-done",
        consultant=arguments.consultant,
        rules=len(memory.rules),
        skipped=memory.skipped,
    )
    return 0


def _sample(arguments: argparse.Namespace) -> int:
    from quyhoach.demo.cad import HABITS, draw_consultant_drawing

    names = {habit.name: habit for habit in HABITS}
    habit = names.get(arguments.habit or HABITS[0].name)
    if habit is None or not 1 <= arguments.lots <= 50_000:
        raise UsageError("demo-drawing-unknown", habit=arguments.habit or "–", known=", ".join(names))
    truth = draw_consultant_drawing(arguments.folder, habit, seed=arguments.seed, lots=arguments.lots)
    _say("demo-drawing-done", file=truth.drawing.name, lots=truth.lots, habit=habit.name)
    return 0


def _root(workspace: Path | None, plan: Path | None) -> Path | None:
    """The workspace: as given, else the one that a `plans/<id>/plan.toml` lies in."""
    if workspace is not None or plan is None:
        return workspace
    parents = plan.resolve().parents
    return parents[2] if len(parents) > 2 else None


def _memory(root: Path | None, consultant: str | None) -> "Memory | None":
    from quyhoach.standardise import recall

    if consultant is None:
        return None
    if root is None:
        raise UsageError("memory-needs-workspace")
    return recall(root, consultant)


def _validate(arguments: argparse.Namespace) -> int:
    from quyhoach.pipeline import check_package, sentence
    from quyhoach.validate import html_report, recorded_findings, write_faults_dxf

    overlay = arguments.workspace / "standard" if arguments.workspace is not None else None
    if overlay is not None and not overlay.is_dir():
        overlay = None
    subject, findings = check_package(arguments.package, overlay)
    findings = recorded_findings(subject) + findings  # what standardising asked and found holds on
    if arguments.html is not None:
        arguments.html.parent.mkdir(parents=True, exist_ok=True)
        page = html_report(subject, findings, title=arguments.package.name)
        arguments.html.write_text(page, encoding="utf-8")
    if arguments.dxf is not None:
        write_faults_dxf(arguments.dxf, subject, findings)
    if arguments.json:
        _print_json({"findings": [_finding_json(row, sentence) for row in findings]})
    else:
        _print_rows(findings)
        _say("validate-done", lots=len(subject.lots), **_counts(findings))
    return 1 if any(finding.level is Level.ERROR for finding in findings) else 0


# ── telling ────────────────────────────────────────────────────────────────────────────────────────────────


def _print_outcome(outcome: "Outcome", out: Path) -> None:
    _print_rows(outcome.repairs)
    _print_rows(outcome.findings)
    for guess in outcome.guesses:
        _say("standardise-guess", guess=guess)
    layers = ", ".join(f"{name} {len(layer)}" for name, layer in sorted(outcome.layers.items()))
    _say("standardise-layers", layers=layers)
    _say(
        "standardise-done",
        file=out.name,
        sha256=outcome.sha256,
        repairs=len(outcome.repairs),
        **_counts(outcome.findings),
    )


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    return {
        "errors": sum(finding.level is Level.ERROR for finding in findings),
        "warnings": sum(finding.level is Level.WARNING for finding in findings),
    }


def _print_rows(rows: Sequence[Finding] | Sequence[Repair]) -> None:
    """The rows' sentences, at most _SHOWN of one code, Vietnamese then English."""
    from quyhoach.pipeline import sentence

    seen: dict[str, int] = {}
    for row in rows:
        seen[row.code] = seen.get(row.code, 0) + 1
        if seen[row.code] > _SHOWN:
            continue
        mark = _MARKS[row.level] if isinstance(row, Finding) else "ĐÃ SỬA"
        _line(f"[{mark}] {sentence(row, 'vi')}\n    {sentence(row, 'en')}")
    for code, count in seen.items():
        if count > _SHOWN:
            _say("standardise-more", code=code, count=count - _SHOWN)


def _say(code: str, /, **params: Any) -> None:
    _line(f"{message(code, 'vi', **params)}\n{message(code, 'en', **params)}")


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")


def _print_json(value: Any) -> None:
    _line(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str))


def _finding_json(row: Finding | Repair, sentence: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "code": row.code,
        "layer": row.layer,
        "feature": row.feature,
        "params": dict(row.params),
        "source_handle": row.source_handle,
        "message": {language: sentence(row, language) for language in ("vi", "en")},
        "place": _wkt(row.wkb),
    }
    if isinstance(row, Finding):
        values["level"] = str(row.level)
    return values


def _wkt(wkb: bytes | None) -> str | None:
    import shapely

    return None if wkb is None else str(shapely.to_wkt(shapely.from_wkb(wkb), rounding_precision=4))


def _outcome_json(outcome: "Outcome", out: Path) -> dict[str, Any]:
    from quyhoach.pipeline import sentence

    return {
        "package": str(out),
        "sha256": outcome.sha256,
        "layers": {name: len(layer) for name, layer in outcome.layers.items()},
        "findings": [_finding_json(row, sentence) for row in outcome.faults],
        "repairs": [_finding_json(row, sentence) for row in outcome.repairs],
        "guesses": list(outcome.guesses),
    }
