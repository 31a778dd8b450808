"""The visible list of phases, from a file handed in to a plan package; joins rooms that don't know each other."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.errors import UsageError
from quyhoach.domain.finding import Finding, Level, Repair
from quyhoach.domain.mapping import SourceMapping
from quyhoach.domain.source import Source
from quyhoach.ingest import Limits, Progress, load_mapping, read_source, suggest_mapping
from quyhoach.package import Layer, read_package, write_package
from quyhoach.release.workspace import read_plan, read_province
from quyhoach.standard import Standard, load_standard
from quyhoach.standard.messages import message
from quyhoach.standardise import (
    Context,
    Work,
    assign_roles,
    draw_outline,
    parse_crs,
    read_attributes,
    repair_geometry,
    repair_text,
    to_layers,
    to_province_crs,
)
from quyhoach.validate import Subject, validate

SCHEMA = "1"  # of the plan package
PHASES: tuple[Callable[[Work], Work], ...] = (
    repair_text,
    to_province_crs,
    assign_roles,
    repair_geometry,
    read_attributes,
    draw_outline,
)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of standardising a file: the package's SHA-256, its layers, and what people must know."""

    sha256: str
    layers: Mapping[str, Layer]
    findings: tuple[Finding, ...]
    repairs: tuple[Repair, ...]
    guesses: tuple[str, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.level is Level.ERROR for finding in self.findings)


def plan_context(plan_path: Path | None, crs: str | None) -> Context:
    """What is known of plan and province: from `plans/<id>/plan.toml` of a workspace and its `province.toml`.

    `crs` stands in for the province where there is none, and may not contradict it. Raises UsageError,
    WorkspaceError."""
    if plan_path is None:
        if crs is None:
            raise UsageError("standardise-needs-crs")
        parse_crs(crs)
        return Context(load_standard(), crs)
    plan_path = plan_path.resolve()
    root = plan_path.parents[2] if len(plan_path.parents) > 2 else plan_path.parent
    overlay = root / "standard"
    standard = load_standard(overlay if overlay.is_dir() else None)
    plan = read_plan(plan_path, standard)
    if not (root / "province.toml").exists() and crs is not None:
        parse_crs(crs)
        return Context(standard, crs, plan=plan)
    province = read_province(root / "province.toml")
    if crs is not None and not parse_crs(crs).equals(parse_crs(province.crs), ignore_axis_order=True):
        raise UsageError("standardise-other-crs", crs=crs, province=province.crs)
    return Context(standard, province.crs, province.extent, province.land_use, plan, province.code)


def standardise(
    path: Path,
    out: Path,
    context: Context,
    *,
    mapping_path: Path | None = None,
    now: datetime | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Read a file, make features of the standard of it, check them and write the package to `out`, once.

    Without a mapping one is suggested and used, and every guess recorded. `now` is recorded when given; without it
    the same input gives the same bytes. Raises IngestError, PackageError."""
    given = load_mapping(mapping_path) if mapping_path is not None else None
    encoding = given.encoding if given is not None else "auto"
    source = read_source(path, encoding=encoding, limits=limits, progress=progress)
    mapping = given if given is not None else suggest_mapping(source)
    work = Work(context, mapping, source.layers)
    for phase in PHASES:
        if progress:
            progress({"step": "phase", "phase": phase.__name__})
        work = phase(work)
    layers = to_layers(work)
    findings = work.findings + validate({layer.name: layer for layer in layers}, context.standard)
    layers += [
        findings_layer(findings),
        repairs_layer(work.repairs),
        provenance_table(source, mapping, context.standard, work.guesses, now),
    ]
    sha256 = write_package(out, layers, crs=context.crs)
    return Outcome(sha256, {layer.name: layer for layer in layers}, findings, work.repairs, work.guesses)


def check_package(path: Path, overlay: Path | None = None) -> tuple[Subject, tuple[Finding, ...]]:
    """Run the rules over a package again; nothing is written. Raises PackageError."""
    standard = load_standard(overlay)
    layers = read_package(path)
    return Subject(layers, standard), validate(layers, standard)


def findings_layer(findings: Sequence[Finding]) -> Layer:
    """Findings as a layer that opens in QGIS, with the sentence in Vietnamese."""
    fields = _told(findings)
    fields["level"] = [str(finding.level) for finding in findings]
    return Layer("findings", "Unknown", _places(findings), fields)


def repairs_layer(repairs: Sequence[Repair]) -> Layer:
    """Repairs as a layer that opens in QGIS, with the sentence in Vietnamese."""
    return Layer("repairs", "Unknown", _places(repairs), _told(repairs))


def _told(rows: Sequence[Finding] | Sequence[Repair]) -> dict[str, Sequence[Any]]:
    return {
        "code": [row.code for row in rows],
        "feature": [row.feature for row in rows],
        "layer": [row.layer for row in rows],
        "message": [sentence(row, "vi") for row in rows],
        "params": [json.dumps(dict(row.params), ensure_ascii=False, sort_keys=True, default=str) for row in rows],
        "source_handle": [row.source_handle for row in rows],
    }


def sentence(row: Finding | Repair, lang: str) -> str:
    """What a finding or repair says, in `lang`."""
    return message(row.code, lang, **{"layer": row.layer, "feature": row.feature, **row.params})


def _places(rows: Sequence[Finding] | Sequence[Repair]) -> Any:
    places = np.empty(len(rows), dtype=object)
    places[:] = [None if row.wkb is None else shapely.from_wkb(row.wkb) for row in rows]
    return places


def provenance_table(
    source: Source, mapping: SourceMapping, standard: Standard, guesses: Sequence[str], now: datetime | None
) -> Layer:
    """Table `provenance`: what the package was made of, by what, and what was guessed."""
    rows = [
        ("schema", SCHEMA),
        ("source_name", source.name),
        ("source_format", source.format),
        ("source_sha256", source.sha256),
        ("mapping_sha256", mapping.sha256 or "suggested"),
        ("standard_digest", standard.digest),
        ("software", f"quyhoach {version('quyhoach')}"),
        ("reader", source.reader),
        *(("guess", guess) for guess in guesses),
    ]
    if now is not None:
        rows.append(("made_at", now.isoformat()))
    return Layer("provenance", None, None, {"key": [key for key, _ in rows], "value": [value for _, value in rows]})
