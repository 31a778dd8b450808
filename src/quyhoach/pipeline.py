"""The visible list of phases, from a file handed in to a plan package; joins rooms that don't know each other."""

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
import shapely

from quyhoach.domain.errors import IngestError, UsageError
from quyhoach.domain.finding import Finding, Level, Repair
from quyhoach.domain.mapping import SourceMapping
from quyhoach.domain.source import Source
from quyhoach.ingest import Limits, Progress, load_mapping, read_source, render_mapping, suggest_mapping
from quyhoach.package import Layer, read_package, write_package
from quyhoach.release.workspace import read_plan, read_province
from quyhoach.standard import load_standard
from quyhoach.standard.messages import message
from quyhoach.standardise import (
    Context,
    Memory,
    Work,
    assign_roles,
    build_lots,
    choose_sheet,
    clean_coverage,
    draw_outline,
    fill_from_lot_table,
    join_labels,
    locate_drawing,
    name_lots,
    parse_crs,
    read_attributes,
    read_balance_xlsx,
    read_sheet,
    render_drawing_mapping,
    repair_geometry,
    repair_text,
    say_broken_text,
    say_left_out,
    suggest_drawing,
    to_layers,
    to_province_crs,
)
from quyhoach.validate import Subject, validate

UNPLACED_CRS = "EPSG:4756"  # VN-2000 in degrees: of a package without shapes
SCHEMA = "1"  # of the plan package
_LARGEST_BOOK = 100 << 20  # bytes of an Excel file, unpacked
# What can be known before anybody says which layer is what: a suggested mapping is made of it.
SURVEY: tuple[Callable[[Work], Work], ...] = (
    repair_text,
    choose_sheet,
    to_province_crs,
    locate_drawing,
    say_left_out,
    say_broken_text,
    read_sheet,
)
PHASES: tuple[Callable[[Work], Work], ...] = (
    *SURVEY,
    assign_roles,
    build_lots,
    join_labels,
    fill_from_lot_table,
    name_lots,
    clean_coverage,
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

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings, and as notes what was wrong at a place and is repaired: a draughtsman wants to see both."""
        return with_repaired(self.findings, self.repairs)


def plan_context(plan_path: Path | None, crs: str | None) -> Context:
    """What is known of plan and province: from `plans/<id>/plan.toml` of a workspace and its `province.toml`.

    `crs` stands in for the province where there is none, and may not contradict it. With neither, the package will
    be in the data's own CRS. Raises UsageError, WorkspaceError."""
    if plan_path is None:
        if crs is not None:
            parse_crs(crs)
        return Context(load_standard(), crs or "")
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
    balance_path: Path | None = None,
    memory: Memory | None = None,
    now: datetime | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Read a file, make features of the standard of it, check them and write the package to `out`, once.

    Without a mapping one is suggested (of a drawing with the help of `memory`) and used, and every guess recorded.
    `balance_path`: the land-use balance as .xlsx, where the drawing itself has none that can be read. `now` is
    recorded when given; without it the same input gives the same bytes. Raises IngestError, PackageError."""
    with _without_collecting():
        return _standardise(path, out, context, mapping_path, balance_path, memory, now, limits, progress)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No search for garbage in cycles meanwhile: going through millions of live values over and over takes a third of
    the time, and there is hardly any such garbage."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _standardise(
    path: Path,
    out: Path,
    context: Context,
    mapping_path: Path | None,
    balance_path: Path | None,
    memory: Memory | None,
    now: datetime | None,
    limits: Limits | None,
    progress: Progress | None,
) -> Outcome:
    given = load_mapping(mapping_path) if mapping_path is not None else None
    encoding = given.encoding if given is not None else "auto"
    warm = Thread(target=lambda: context.standard.digest, daemon=True)
    warm.start()  # while the child reads
    source = read_source(path, encoding=encoding, limits=limits, progress=progress)
    warm.join()
    work = Work(context, given or SourceMapping(), source.layers, source.drawing)
    if given is None and source.drawing is None:
        work = replace(work, mapping=suggest_mapping(source))
    for number, phase in enumerate(PHASES):
        if number == len(SURVEY) and given is None and source.drawing is not None:
            _tell(progress, "suggest_drawing")
            work = suggest_for_drawing(work, memory)
        _tell(progress, phase.__name__)
        work = phase(work)
        if phase is read_sheet and balance_path is not None:
            work = with_balance(work, balance_path)
    if not work.context.crs:  # a drawing that nobody could place: its package holds what was asked, and no shapes
        work = replace(work, context=replace(work.context, crs=UNPLACED_CRS))
    context = work.context
    _tell(progress, "validate")
    layers = [*to_layers(work), provenance_table(source, work, now)]
    findings = work.findings + validate({layer.name: layer for layer in layers}, context.standard)
    layers += [findings_layer(with_repaired(findings, work.repairs)), repairs_layer(work.repairs)]
    _tell(progress, "write_package")
    sha256 = write_package(out, layers, crs=context.crs)
    return Outcome(sha256, {layer.name: layer for layer in layers}, findings, work.repairs, work.guesses)


def with_balance(work: Work, path: Path) -> Work:
    """The work with the balance table of an Excel file in place of the drawing's own. Raises IngestError."""
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > _LARGEST_BOOK:
                raise IngestError("ingest-too-large", file=path.name)
        rows = read_balance_xlsx(path, work.context.standard, work.context.land_use)
    except FileNotFoundError as error:
        raise IngestError("ingest-missing", file=path.name) from error
    except (BadZipFile, OSError, ValueError, KeyError, InvalidFileException) as error:
        raise IngestError("ingest-unreadable", file=path.name, reason=str(error)[:200]) from error
    if not rows:
        raise IngestError("balance-not-found", file=path.name)
    return replace(work, reading=replace(work.reading, balance=rows))


def suggest(
    path: Path,
    context: Context,
    *,
    memory: Memory | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> tuple[str, tuple[Finding, ...]]:
    """A first mapping for a file, as TOML with every guess marked, and the questions that are left.

    Of a drawing sheet, place, legend and tables are read first. Raises IngestError."""
    source = read_source(path, limits=limits, progress=progress)
    if source.drawing is None:
        return render_mapping(suggest_mapping(source), source), ()
    work = Work(context, SourceMapping(), source.layers, source.drawing)
    for phase in SURVEY:
        _tell(progress, phase.__name__)
        work = phase(work)
    _tell(progress, "suggest_drawing")
    made = suggest_drawing(work, memory)
    asked = tuple(row for row in work.findings + made.findings if row.level is not Level.NOTE)
    return render_drawing_mapping(made.mapping, work, source.name, asked, made.why), asked


def suggest_for_drawing(work: Work, memory: Memory | None = None) -> Work:
    """A surveyed drawing with a suggested mapping, and what that left to ask as findings."""
    made = suggest_drawing(work, memory)
    return replace(work, mapping=made.mapping, findings=work.findings + made.findings)


def _tell(progress: Progress | None, phase: str) -> None:
    if progress:
        progress({"step": "phase", "phase": phase})


def check_package(path: Path, overlay: Path | None = None) -> tuple[Subject, tuple[Finding, ...]]:
    """Run the rules over a package again; nothing is written. Raises PackageError."""
    standard = load_standard(overlay)
    layers = read_package(path)
    return Subject(layers, standard), validate(layers, standard)


def with_repaired(findings: Sequence[Finding], repairs: Sequence[Repair]) -> tuple[Finding, ...]:
    """Findings and, as notes, the repairs that have a place."""
    repaired = (
        Finding(repair.code, Level.NOTE, repair.layer, repair.feature, repair.params, repair.wkb, repair.source_handle)
        for repair in repairs
        if repair.wkb is not None
    )
    return (*findings, *repaired)


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


def provenance_table(source: Source, work: Work, now: datetime | None) -> Layer:
    """Table `provenance`: what the package was made of, by what, and what was guessed."""
    rows = [
        ("schema", SCHEMA),
        ("source_name", source.name),
        ("source_format", source.format),
        ("source_sha256", source.sha256),
        ("mapping_sha256", work.mapping.sha256 or "suggested"),
        ("standard_digest", work.context.standard.digest),
        ("software", f"quyhoach {version('quyhoach')}"),
        ("reader", source.reader),
        *(("guess", guess) for guess in work.guesses),
    ]
    if work.frame is not None:
        rows.append(("frame", work.frame.to_json()))
    if work.reading.scale is not None:
        rows.append(("scale", str(work.reading.scale)))
    if now is not None:
        rows.append(("made_at", now.isoformat()))
    return Layer("provenance", None, None, {"key": [key for key, _ in rows], "value": [value for _, value in rows]})
