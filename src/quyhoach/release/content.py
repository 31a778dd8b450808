"""A version of a plan as the public may see it: read from its package, redacted, with the validity of each lot.

This is the only door from a package to a release (DESIGN decision 5): what is withheld here appears in no index,
tile, chunk, search row, download or difference.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.errors import WorkspaceError
from quyhoach.domain.plan import Plan, PlanVersion, Status, VersionKind
from quyhoach.domain.zone import OPEN, Coverage, Line, Parcel, Restriction, VersionContent, Zone
from quyhoach.package import Layer, read_package
from quyhoach.release.workspace import Workspace
from quyhoach.standard import Standard

LOTS = "ChucNangSuDungDat_A"
OUTLINE = "RanhGioiQuyHoach_A"
# Working layers of a package that never leave the office.
PRIVATE = frozenset({"source_lots", "labels", "findings", "repairs", "provenance"})
INDICATORS = {
    "density": "matDoXayDung",
    "storeys": "tangCaoXayDung",
    "far": "heSoSuDungDat",
    "population": "danSo",
}


@dataclass(frozen=True, slots=True)
class Job:
    """One version to compile: what it needs beside its package, and all that its result depends on."""

    plan: Plan
    version: PlanVersion
    ends: Mapping[str, int]  # lot label -> YYYYMMDD from which a local adjustment replaces it
    corrected: bool  # replaced by a correction: only its difference is published
    redaction: Mapping[str, str]  # function code, case-folded -> withhold | generalise

    def key(self, salt: str) -> str:
        """Name of the compiled result: the same inputs give the same key on every machine."""
        facts = json.dumps(
            [salt, _plain(replace(self.plan, versions=())), _plain(self.version), self.ends, self.redaction],
            sort_keys=True,
            ensure_ascii=False,
        )
        return hashlib.sha256(facts.encode()).hexdigest()


def plan_jobs(workspace: Workspace, *, today: date) -> list[Job]:
    """The versions a release holds, in order of plan and number; secret plans and withdrawn versions are left out."""
    redaction = {
        code: row.action
        for code, row in sorted(workspace.standard.redaction.items())
        if (row.valid_from or date.min) <= today < (row.valid_to or date.max)
    }
    jobs = []
    for plan in sorted(workspace.plans.values(), key=lambda plan: plan.plan_id):
        if plan.secret:
            continue
        versions = [version for version in plan.versions if version.status is not Status.WITHDRAWN]
        corrected = {version.corrects for version in versions if version.corrects}
        for version in versions:
            ends = _local_ends(plan, version, versions)
            jobs.append(Job(plan, version, ends, version.number in corrected, redaction))
    return jobs


def _local_ends(plan: Plan, version: PlanVersion, versions: Sequence[PlanVersion]) -> dict[str, int]:
    """Lots of `version` that later local adjustments in force replace, with the day they end.

    A correction counts as the version it corrects, on both sides."""
    corrected = {other.corrects for other in versions}
    place = plan.original(version).number
    ends: dict[str, int] = {}
    for other in versions:
        first = plan.original(other)
        if first.kind is not VersionKind.LOCAL or first.number <= place or other.number in corrected:
            continue
        if other.status is Status.PENDING or other.valid_from is None:
            continue
        for label in other.replaces or first.replaces:
            ends[label] = min(ends.get(label, OPEN), day(other.valid_from))
    return ends


def day(value: date | None, absent: int = 0) -> int:
    """A date as YYYYMMDD."""
    return absent if value is None else value.year * 10000 + value.month * 100 + value.day


def load_layers(workspace: Workspace, job: Job) -> dict[str, Layer]:
    """Read a version's package and redact it. Raises PackageError, WorkspaceError."""
    sha256 = job.version.package or job.version.outline
    path = workspace.package_path(sha256 or "")
    if sha256 is None or not path.exists():
        raise WorkspaceError("workspace-missing-file", file=f"packages/{sha256}.gpkg")
    return public_layers(read_package(path), job.redaction)


def content_of(layers: Mapping[str, Layer], job: Job, standard: Standard) -> VersionContent:
    """The content of redacted layers."""
    plan, version = job.plan, job.version
    outline = _union(layers.get(OUTLINE))
    content = VersionContent(
        plan=plan,
        version=version,
        valid_from=day(version.valid_from),
        valid_to=day(version.valid_to, OPEN),
        outline=outline,
    )
    if version.package is None:
        return content
    themes = standard.plan_kinds[plan.kind].themes
    withheld = layers.get("withheld")
    coverage = [
        Coverage(str(theme), geometry)
        for theme, geometry in zip(
            _column(layers.get("coverage"), "theme"), _shapes(layers.get("coverage")), strict=True
        )
    ]
    restrictions = _restrictions(layers.get("restrictions"), version)
    if not coverage and outline is not None:  # a package without coverage covers its outline with what it holds
        held = themes if LOTS in layers else sorted({row.theme for row in restrictions})
        coverage = [Coverage(theme, outline) for theme in held]
    hidden = _union(withheld)
    if hidden is not None:  # what is withheld is "no data", not "nothing planned"
        coverage = [
            replace(row, geometry=shapely.difference(row.geometry, hidden)) if row.theme in themes else row
            for row in coverage
        ]
    return replace(
        content,
        zones=tuple(_zones(layers.get(LOTS), job, content)),
        restrictions=tuple(restrictions),
        coverage=tuple(row for row in coverage if not row.geometry.is_empty),
        parcels=tuple(_parcels(layers.get("parcels"))),
        lines=tuple(_lines(layers)),
    )


# ── redaction ──────────────────────────────────────────────────────────────────────────────────────────────


def public_layers(layers: Mapping[str, Layer], redaction: Mapping[str, str]) -> dict[str, Layer]:
    """Layers without what is secret or private.

    Lots of withheld functions disappear and cut a hole into every other layer but the outline; generalised ones
    keep their shape alone. Their labels and names are wiped from every text of every layer. The places cut out
    come back as layer `withheld`, which is never written anywhere."""
    layers = {name: layer for name, layer in layers.items() if name not in PRIVATE}
    lots = layers.get(LOTS)
    if lots is None or lots.geometry is None:
        return layers
    actions = np.array([redaction.get(str(value or "").casefold(), "") for value in _column(lots, "phanLoai")], object)
    if not (actions != "").any():
        return layers
    words = _secret_words(lots, actions)
    hole = shapely.union_all(np.asarray(lots.geometry, object)[actions == "withhold"])
    public: dict[str, Layer] = {}
    for name, layer in layers.items():
        if name == LOTS:
            public[name] = _wipe(
                _generalise(_select(layer, actions != "withhold"), actions[actions != "withhold"]), words
            )
        elif name == OUTLINE or layer.geometry is None:
            public[name] = _wipe(_without_functions(layer, redaction, withheld=not hole.is_empty), words)
        else:
            public[name] = _wipe(_cut(layer, hole), words)
    if not hole.is_empty:
        public["withheld"] = Layer("withheld", "MultiPolygon", np.array([hole], object), {})
    return public


def _secret_words(lots: Layer, actions: np.ndarray) -> list[str]:
    """Labels, names and ids of redacted lots, longest first; texts of fewer than 3 characters can't identify."""
    words = set()
    for field in ("kyHieuLoDat", "tenDoiTuong", "maDoiTuong", "ghiChu"):
        for value, action in zip(_column(lots, field), actions, strict=True):
            if action and value and len(str(value).strip()) >= 3:
                words.add(str(value).strip())
    return sorted(words, key=lambda word: (-len(word), word))


def _wipe(layer: Layer, words: Sequence[str]) -> Layer:
    fields: dict[str, Sequence[Any]] = {
        name: [_wipe_text(value, words) if isinstance(value, str) else value for value in values]
        for name, values in layer.fields.items()
    }
    return replace(layer, fields=fields)


def _wipe_text(value: str, words: Sequence[str]) -> str:
    folded = value.casefold()
    return "" if any(word.casefold() in folded for word in words) else value


def _generalise(lots: Layer, actions: np.ndarray) -> Layer:
    """Generalised lots keep shape and area; every other field is emptied, the function says `withheld`."""
    marked = np.flatnonzero(actions == "generalise")
    fields: dict[str, Any] = {}
    for name, values in lots.fields.items():
        column = list(values)
        for row in marked:
            column[row] = None if name != "phanLoai" else WITHHELD
        fields[name] = column
    return replace(lots, fields=fields)


WITHHELD = "WITHHELD"  # stands in `phanLoai` of a generalised lot


def _without_functions(layer: Layer, redaction: Mapping[str, str], *, withheld: bool) -> Layer:
    """A table without the rows of redacted functions (the balance table would give their area away)."""
    if "function" not in layer.fields:
        return layer
    functions = [str(value or "").casefold() for value in layer.fields["function"]]
    keep = np.array([function not in redaction for function in functions], bool)
    if keep.all() and not withheld:
        return layer
    # A line of words alone may name what is withheld; a sum less the lines that are left would tell it.
    return _select(layer, keep & np.array([bool(function) for function in functions], bool))


def _cut(layer: Layer, hole: BaseGeometry) -> Layer:
    if hole.is_empty or layer.geometry is None:
        return layer
    geometry = np.asarray(layer.geometry, object).copy()
    touched = np.flatnonzero(shapely.intersects(geometry, hole))
    geometry[touched] = shapely.difference(geometry[touched], hole)
    return _select(replace(layer, geometry=geometry), ~shapely.is_empty(geometry))


def _select(layer: Layer, keep: np.ndarray) -> Layer:
    rows = np.flatnonzero(keep).tolist()
    return replace(
        layer,
        geometry=None if layer.geometry is None else np.asarray(layer.geometry, object)[rows],
        fields={name: [values[row] for row in rows] for name, values in layer.fields.items()},
    )


# ── layers to values ───────────────────────────────────────────────────────────────────────────────────────


def _zones(layer: Layer | None, job: Job, content: VersionContent) -> list[Zone]:
    shapes = _shapes(layer)
    version_id = job.version.version_id
    columns = {
        field: _texts(layer, field)
        for field in ("maDoiTuong", "kyHieuLoDat", "phanLoai", "tenDoiTuong", "ghiChu", *INDICATORS.values())
    }
    areas = shapely.area(shapes)
    taken: set[str] = set()
    zones = []
    for row, geometry in enumerate(shapes):
        label = columns["kyHieuLoDat"][row]
        function = columns["phanLoai"][row]
        withheld = function == WITHHELD
        key = columns["maDoiTuong"][row] or label or geometry_key(geometry)
        if key in taken:  # two lots of one label: the geometry tells them apart
            key = f"{key}~{geometry_key(geometry)}"
        taken.add(key)
        zones.append(
            Zone(
                zone_id=f"{version_id}/{key}",
                label=label,
                function=None if withheld or not function else function,
                area_m2=round(float(areas[row]), 1),
                geometry=geometry,
                indicators={name: columns[field][row] for name, field in INDICATORS.items() if columns[field][row]},
                name=columns["tenDoiTuong"][row],
                note=columns["ghiChu"][row],
                valid_from=content.valid_from,
                valid_to=min(content.valid_to, job.ends.get(label, OPEN)),
                withheld=withheld,
            )
        )
    return zones


def geometry_key(geometry: BaseGeometry) -> str:
    """A short name for a lot without label or id, from its normalised geometry."""
    return hashlib.sha256(shapely.to_wkb(shapely.normalize(geometry))).hexdigest()[:10]


def _restrictions(layer: Layer | None, version: PlanVersion) -> list[Restriction]:
    fields = {
        field: _texts(layer, field) for field in ("maDoiTuong", "theme", "tenDoiTuong", "phanLoai", "quyDinh", "ghiChu")
    }
    taken: set[str] = set()
    rows = []
    for row, geometry in enumerate(_shapes(layer)):
        key = fields["maDoiTuong"][row] or geometry_key(geometry)
        if key in taken:
            key = f"{key}~{geometry_key(geometry)}"
        taken.add(key)
        rows.append(
            Restriction(
                restriction_id=f"{version.version_id}/{key}",
                theme=fields["theme"][row],
                name=fields["tenDoiTuong"][row],
                category=fields["phanLoai"][row],
                rule=fields["quyDinh"][row],
                geometry=geometry,
                note=fields["ghiChu"][row],
            )
        )
    return rows


def _parcels(layer: Layer | None) -> list[Parcel]:
    shapes = _shapes(layer)
    areas = shapely.area(shapes)
    fields = {field: _texts(layer, field) for field in ("commune", "sheet", "lot", "use")}
    return [
        Parcel(
            commune=fields["commune"][row],
            sheet=fields["sheet"][row],
            lot=fields["lot"][row],
            area_m2=round(float(areas[row]), 1),
            use=fields["use"][row],
            geometry=geometry,
        )
        for row, geometry in enumerate(shapes)
    ]


def _lines(layers: Mapping[str, Layer]) -> list[Line]:
    return [
        Line(name, text, geometry)
        for name, layer in sorted(layers.items())
        if name.endswith("_L")
        for text, geometry in zip(_texts(layer, "tenDoiTuong"), _shapes(layer), strict=True)
    ]


def _shapes(layer: Layer | None) -> np.ndarray:
    """Geometries of a layer, empty and missing ones included as empty polygons dropped by the caller's area."""
    if layer is None or layer.geometry is None:
        return np.array([], object)
    return np.asarray(layer.geometry, object)


def _union(layer: Layer | None) -> BaseGeometry | None:
    shapes = _shapes(layer)
    return shapely.union_all(shapes) if len(shapes) else None


def _column(layer: Layer | None, field: str) -> Sequence[Any]:
    rows = len(_shapes(layer))
    return [None] * rows if layer is None else layer.fields.get(field, [None] * rows)


def _texts(layer: Layer | None, field: str) -> list[str]:
    """A field as clean text; numbers as people write them (61.0 is "61")."""
    return [_text(value) for value in _column(layer, field)]


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return str(value).strip()


def _plain(value: Any) -> Any:
    """Dataclasses, mappings and dates as plain JSON values, for hashing."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
