"""The workspace: the files of DESIGN §5.1, read, checked and written. The registry writes, a release reads them.

Everything that contradicts itself is refused with the file named: a misspelt key, a missing field, two versions
of one plan in force on the same day. Schema: docs/reference/schemas.md §1.
"""

import hashlib
import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import tomli_w

from quyhoach.domain.errors import WorkspaceError
from quyhoach.domain.plan import (
    Attestation,
    Decision,
    Document,
    Office,
    Place,
    Plan,
    PlanVersion,
    Province,
    Scan,
    ScanFit,
    Status,
    VersionKind,
)
from quyhoach.standard import Standard, load_standard

SCHEMA = 1
PLAN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHA256 = re.compile(r"[0-9a-f]{64}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A plan or a zone that became secret after it was published: masked in every release."""

    target: str  # plan_id or zone_id
    since: date
    reason: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace read whole and checked; `root` is where its files are."""

    root: Path
    province: Province
    plans: Mapping[str, Plan]
    standard: Standard
    withheld: tuple[Withheld, ...] = ()

    def package_path(self, sha256: str) -> Path:
        return self.root / "packages" / f"{sha256}.gpkg"

    def document_path(self, sha256: str) -> Path:
        return self.root / "documents" / sha256


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────


def load_workspace(root: Path) -> Workspace:
    """Read and check a workspace.

    Raises WorkspaceError naming the file, for anything missing, misspelt or contradictory."""
    root = Path(root)
    overlay = root / "standard"
    standard = load_standard(overlay if overlay.is_dir() else None)
    province = read_province(root / "province.toml")
    plans: dict[str, Plan] = {}
    folder = root / "plans"
    for path in sorted(folder.glob("*/plan.toml")) if folder.is_dir() else []:
        plan = read_plan(path, standard)
        plans[plan.plan_id] = plan
    offices = {office.id for office in province.offices}
    for plan in plans.values():
        if plan.ask and plan.ask not in offices:
            raise WorkspaceError("workspace-unknown-office", file=f"plans/{plan.plan_id}/plan.toml", office=plan.ask)
    return Workspace(root, province, plans, standard, read_withheld(root))


def read_province(path: Path) -> Province:
    """Read province.toml; WorkspaceError where it is missing or incomplete."""
    table = _Table.read(path)
    table.schema()
    west, south, east, north = (float(value) for value in table.get("extent", list))
    if not (west < east and south < north):
        raise WorkspaceError("workspace-bad-value", file=table.file, field="extent", value=table.raw["extent"])
    offices = tuple(
        Office(
            id=office.get("id", str),
            name=office.names("name"),
            phone=office.get("phone", str, ""),
            email=office.get("email", str, ""),
            address=office.get("address", str, ""),
        )
        for office in table.tables("office")
    )
    if not offices:
        raise WorkspaceError("workspace-missing-field", file=table.file, field="office")
    province = Province(
        code=table.get("code", str),
        name=table.names("name"),
        crs=table.get("crs", str),
        extent=(west, south, east, north),
        offices=offices,
        land_use=table.get("land_use", str, "tt16"),
        illustrative=table.get("illustrative", bool, False),
        settings=table.get("settings", dict, {}),
    )
    table.done()
    return province


def read_plan(path: Path, standard: Standard) -> Plan:
    """Read one plan.toml and its versions; WorkspaceError where they are incomplete or contradict each other."""
    table = _Table.read(path)
    table.schema()
    plan_id = table.get("plan_id", str)
    if not PLAN_ID.fullmatch(plan_id) or len(plan_id) > 60 or plan_id != path.parent.name:
        raise WorkspaceError("workspace-bad-value", file=table.file, field="plan_id", value=plan_id)
    scale = table.get("scale", int)
    if not 100 <= scale <= 5_000_000:
        raise WorkspaceError("workspace-bad-value", file=table.file, field="scale", value=scale)
    files = sorted((path.parent / "versions").glob("*.toml"))
    versions = sorted((read_version(file, plan_id) for file in files), key=lambda version: version.number)
    plan = Plan(
        plan_id=plan_id,
        name=table.names("name"),
        kind=table.choice("kind", standard.plan_kinds),
        level=table.choice("level", standard.levels),
        scale=scale,
        places=tuple(
            Place(code=place.get("code", str), old=place.get("old", bool, False)) for place in table.tables("places")
        ),
        versions=tuple(versions),
        horizon=table.get("horizon", int, None),
        bodies={key: tuple(map(str, value)) for key, value in table.get("bodies", dict, {}).items()},
        codes={key: str(value) for key, value in table.get("codes", dict, {}).items()},
        secret=table.get("secret", bool, False),
        ask=table.get("ask", str, ""),
        illustrative=table.get("illustrative", bool, False),
    )
    table.done()
    check_versions(plan)
    return plan


def read_version(path: Path, plan_id: str) -> PlanVersion:
    """Read one versions/<n>.toml; WorkspaceError where it is incomplete."""
    table = _Table.read(path)
    table.schema()
    number = table.get("version", int)
    if str(number) != path.stem or number < 1:
        raise WorkspaceError("workspace-bad-value", file=table.file, field="version", value=number)
    version = PlanVersion(
        plan_id=plan_id,
        number=number,
        kind=table.enum("kind", VersionKind),
        status=table.enum("status", Status),
        valid_from=table.get("valid_from", date, None),
        valid_to=table.get("valid_to", date, None),
        decision=_read_decision(table),
        package=table.sha("package"),
        outline=table.sha("outline"),
        corrects=table.get("corrects", int, None),
        replaces=tuple(map(str, table.get("replaces", list, []))),
        attested=_read_attestation(table),
        documents=tuple(_read_document(entry) for entry in table.tables("documents")),
        scans=tuple(_read_scan(entry) for entry in table.tables("scans")),
    )
    table.done()
    return version


def read_withheld(root: Path) -> tuple[Withheld, ...]:
    """Read withheld.toml beside `current`; absent means nothing is withheld."""
    path = Path(root) / "withheld.toml"
    if not path.exists():
        return ()
    table = _Table.read(path)
    rows = []
    for entry in table.tables("withheld"):
        target = entry.get("plan_id", str, "") or entry.get("zone_id", str, "")
        if not target:
            raise WorkspaceError("workspace-missing-field", file="withheld.toml", field="plan_id")
        rows.append(Withheld(target, entry.get("since", date), entry.get("reason", str, "")))
    table.done()
    return tuple(rows)


def _read_decision(table: "_Table") -> Decision | None:
    entry = table.table("decision")
    if entry is None:
        return None
    decision = Decision(
        number=entry.get("number", str),
        date=entry.get("date", date, None),
        authority=entry.get("authority", str),
        title=entry.get("title", str, ""),
        document=entry.sha("document"),
    )
    entry.done()
    return decision


def _read_attestation(table: "_Table") -> Attestation | None:
    entry = table.table("attested")
    if entry is None:
        return None
    attestation = Attestation(by=entry.get("by", str), on=entry.get("on", date))
    entry.done()
    return attestation


def _read_document(entry: "_Table") -> Document:
    document = Document(
        sha256=entry.sha("sha256") or "",
        kind=entry.get("kind", str),
        title=entry.get("title", str),
        media_type=entry.get("media_type", str),
    )
    entry.done()
    return document


def _read_scan(entry: "_Table") -> Scan:
    try:
        corners = tuple((float(east), float(north)) for east, north in entry.get("corners", list))
    except (TypeError, ValueError):
        corners = ()
    if len(corners) != 4:
        raise WorkspaceError("workspace-bad-value", file=entry.file, field="corners", value=entry.raw.get("corners"))
    scan = Scan(
        sha256=entry.sha("sha256") or "",
        title=entry.get("title", str),
        media_type=entry.get("media_type", str),
        corners=corners,
        residual_m=entry.get("residual_m", float, None),
        picture=entry.sha("picture"),
        fit=_read_fit(entry),
    )
    entry.done()
    return scan


def _read_fit(entry: "_Table") -> ScanFit | None:
    table = entry.table("fit")
    if table is None:
        return None
    size, points = table.get("size", list), table.get("points", list)
    try:
        width, height = (int(value) for value in size)
        places = tuple((float(col), float(row), float(east), float(north)) for col, row, east, north in points)
    except (TypeError, ValueError):
        raise WorkspaceError("workspace-bad-value", file=table.file, field="points", value=points) from None
    fit = ScanFit(
        model=table.get("model", str),
        size=(width, height),
        points=places,
        left_out=tuple(map(str, table.get("left_out", list, []))),
        largest_m=table.get("largest_m", float, None),
    )
    table.done()
    return fit


# ── what versions may not do ───────────────────────────────────────────────────────────────────────────────


def check_versions(plan: Plan) -> None:
    """Refuse versions that contradict each other (schemas §1); WorkspaceError names the version's file."""
    by_number = {version.number: version for version in plan.versions}
    for version in plan.versions:
        _check_version(plan.plan_id, version, by_number)
    hidden = {version.corrects for version in plan.versions if version.corrects}
    spans = [
        version
        for version in plan.versions
        if _counts(version) and version.number not in hidden and plan.original(version).kind is not VersionKind.LOCAL
    ]
    for i, first in enumerate(spans):
        for second in spans[i + 1 :]:
            if _overlap(first, second):
                raise WorkspaceError(
                    "workspace-two-in-force", plan=plan.plan_id, first=first.number, second=second.number
                )


def _counts(version: PlanVersion) -> bool:
    return version.status in (Status.IN_FORCE, Status.SUPERSEDED)


def _overlap(a: PlanVersion, b: PlanVersion) -> bool:
    start = max(a.valid_from or date.min, b.valid_from or date.min)
    end = min(a.valid_to or date.max, b.valid_to or date.max)
    return start < end


def _check_version(plan_id: str, version: PlanVersion, by_number: Mapping[int, PlanVersion]) -> None:
    file = f"plans/{plan_id}/versions/{version.number}.toml"

    def need(condition: bool, field: str) -> None:
        if not condition:
            raise WorkspaceError("workspace-missing-field", file=file, field=field)

    need(version.valid_from is not None or not _counts(version), "valid_from")
    need(version.valid_to is not None or version.status is not Status.SUPERSEDED, "valid_to")
    need(version.decision is not None or not _counts(version), "decision")
    need(version.package is not None or version.outline is not None, "package")
    need(version.kind is not VersionKind.LOCAL or bool(version.replaces), "replaces")
    if version.package and version.outline:
        raise WorkspaceError("workspace-bad-value", file=file, field="outline", value=version.outline)
    if version.valid_from and version.valid_to and version.valid_from >= version.valid_to:
        raise WorkspaceError("workspace-bad-value", file=file, field="valid_to", value=version.valid_to)
    if version.kind is VersionKind.CORRECTION:
        corrected = by_number.get(version.corrects or 0)
        if corrected is None or corrected.number >= version.number:
            raise WorkspaceError("workspace-bad-value", file=file, field="corrects", value=version.corrects)
    elif version.corrects is not None:
        raise WorkspaceError("workspace-bad-value", file=file, field="corrects", value=version.corrects)


# ── writing ────────────────────────────────────────────────────────────────────────────────────────────────


def write_province(root: Path, province: Province) -> None:
    """Write province.toml, atomically."""
    table: dict[str, Any] = {
        "schema": SCHEMA,
        "code": province.code,
        "name": dict(province.name),
        "crs": province.crs,
        "extent": list(province.extent),
        "land_use": province.land_use,
        "illustrative": province.illustrative,
        "office": [_drop_empty(_office(office)) for office in province.offices],
    }
    if province.settings:
        table["settings"] = dict(province.settings)
    write_atomically(root / "province.toml", tomli_w.dumps(table).encode())


def write_plan(root: Path, plan: Plan) -> None:
    """Write plans/<plan_id>/plan.toml (not its versions), atomically."""
    table: dict[str, Any] = {
        "schema": SCHEMA,
        "plan_id": plan.plan_id,
        "name": dict(plan.name),
        "kind": plan.kind,
        "level": plan.level,
        "scale": plan.scale,
        "horizon": plan.horizon,
        "places": [{"code": p.code, "old": True} if p.old else {"code": p.code} for p in plan.places],
        "bodies": {key: list(value) for key, value in plan.bodies.items()},
        "codes": dict(plan.codes),
        "secret": plan.secret,
        "ask": plan.ask,
        "illustrative": plan.illustrative,
    }
    write_atomically(root / "plans" / plan.plan_id / "plan.toml", tomli_w.dumps(_drop_empty(table)).encode())


def write_version(root: Path, version: PlanVersion) -> None:
    """Write plans/<plan_id>/versions/<n>.toml, atomically."""
    table: dict[str, Any] = {
        "schema": SCHEMA,
        "version": version.number,
        "kind": str(version.kind),
        "status": str(version.status),
        "valid_from": version.valid_from,
        "valid_to": version.valid_to,
        "package": version.package,
        "outline": version.outline,
        "corrects": version.corrects,
        "replaces": list(version.replaces),
    }
    if version.decision:
        d = version.decision
        table["decision"] = _drop_empty(
            {
                "number": d.number,
                "date": d.date,
                "authority": d.authority,
                "title": d.title,
                "document": d.document,
            }
        )
    if version.attested:
        table["attested"] = {"by": version.attested.by, "on": version.attested.on}
    table["documents"] = [
        {"sha256": d.sha256, "kind": d.kind, "title": d.title, "media_type": d.media_type} for d in version.documents
    ]
    table["scans"] = [
        _drop_empty(
            {
                "sha256": s.sha256,
                "title": s.title,
                "media_type": s.media_type,
                "corners": [list(corner) for corner in s.corners],
                "residual_m": s.residual_m,
                "picture": s.picture,
                "fit": _fit(s.fit),
            }
        )
        for s in version.scans
    ]
    path = root / "plans" / version.plan_id / "versions" / f"{version.number}.toml"
    write_atomically(path, tomli_w.dumps(_drop_empty(table)).encode())


def _fit(fit: ScanFit | None) -> dict[str, Any] | None:
    if fit is None:
        return None
    return _drop_empty(
        {
            "model": fit.model,
            "size": list(fit.size),
            "points": [list(point) for point in fit.points],
            "left_out": list(fit.left_out),
            "largest_m": fit.largest_m,
        }
    )


def store_package(root: Path, path: Path) -> str:
    """Copy a plan package into packages/ under its SHA-256 and return that."""
    return _store(root / "packages", path.read_bytes(), ".gpkg")


def store_document(root: Path, data: bytes) -> str:
    """Keep a document in documents/ under its SHA-256 and return that."""
    return _store(root / "documents", data, "")


def _store(folder: Path, data: bytes, suffix: str) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / (sha256 + suffix)
    if not path.exists():
        write_atomically(path, data)
    return sha256


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a part: temp, fsync, replace, fsync."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


def fsync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _office(office: Office) -> dict[str, Any]:
    return {
        "id": office.id,
        "name": dict(office.name),
        "phone": office.phone,
        "email": office.email,
        "address": office.address,
    }


def _drop_empty(table: dict[str, Any]) -> dict[str, Any]:
    """TOML has no null: leave out what is absent or empty (False and 0 stay)."""
    return {key: value for key, value in table.items() if value not in (None, "", [], {})}


# ── a TOML table that knows which keys were asked for ──────────────────────────────────────────────────────


class _Table:
    """A TOML table that reports missing, mistyped and unknown keys with the file's name."""

    def __init__(self, raw: Mapping[str, Any], file: str) -> None:
        self.raw = raw
        self.file = file
        self.seen: set[str] = set()

    @classmethod
    def read(cls, path: Path) -> "_Table":
        tail = path.parts[-4:]
        file = "/".join(tail[tail.index("plans") :]) if "plans" in tail else path.name
        try:
            return cls(tomllib.loads(path.read_bytes().decode("utf-8")), file)
        except FileNotFoundError:
            raise WorkspaceError("workspace-missing-file", file=file) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WorkspaceError("workspace-not-toml", file=file, detail=str(error)) from None

    def get(self, key: str, kind: type[Any], default: Any = ...) -> Any:
        self.seen.add(key)
        value = self.raw.get(key)
        if value is None:
            if default is ...:
                raise WorkspaceError("workspace-missing-field", file=self.file, field=key)
            return default
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind:  # exact: bool is no int, datetime is no date
            raise WorkspaceError("workspace-bad-value", file=self.file, field=key, value=value)
        return value

    def names(self, key: str) -> Mapping[str, str]:
        value = self.get(key, dict)
        if not isinstance(value.get("vi"), str) or not all(isinstance(text, str) for text in value.values()):
            raise WorkspaceError("workspace-bad-value", file=self.file, field=key, value=value)
        return dict(value)

    def choice(self, key: str, rows: Mapping[str, Any]) -> str:
        value: str = self.get(key, str)
        if value not in rows:
            raise WorkspaceError("workspace-bad-value", file=self.file, field=key, value=value)
        return value

    def enum(self, key: str, kind: Callable[[str], T]) -> T:
        value = self.get(key, str)
        try:
            return kind(value)
        except ValueError:
            raise WorkspaceError("workspace-bad-value", file=self.file, field=key, value=value) from None

    def sha(self, key: str) -> str | None:
        value: str | None = self.get(key, str, None)
        if value is not None and not SHA256.fullmatch(value):
            raise WorkspaceError("workspace-bad-value", file=self.file, field=key, value=value)
        return value

    def table(self, key: str) -> "_Table | None":
        value = self.get(key, dict, None)
        return None if value is None else _Table(value, f"{self.file} [{key}]")

    def tables(self, key: str) -> list["_Table"]:
        value = self.get(key, list, [])
        if not all(isinstance(entry, dict) for entry in value):
            raise WorkspaceError("workspace-bad-value", file=self.file, field=key, value=value)
        return [_Table(entry, f"{self.file} [{key}]") for entry in value]

    def schema(self) -> None:
        schema = self.get("schema", int)
        if schema not in (SCHEMA, SCHEMA - 1):
            raise WorkspaceError("workspace-unknown-schema", file=self.file, schema=schema)

    def done(self) -> None:
        unknown = sorted(set(self.raw) - self.seen)
        if unknown:
            raise WorkspaceError("workspace-unknown-key", file=self.file, key=unknown[0])
