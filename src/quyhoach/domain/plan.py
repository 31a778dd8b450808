"""The registry's nouns: a plan, its versions, who decided what, and the province that keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class VersionKind(StrEnum):
    """Why a version exists (DESIGN decision 8)."""

    NEW = "new"
    OVERALL = "overall"  # điều chỉnh tổng thể
    LOCAL = "local"  # điều chỉnh cục bộ: replaces named lots only
    CORRECTION = "correction"  # đính chính: the data were wrong, the plan did not change


class Status(StrEnum):
    """Legal status of a version as recorded in the registry."""

    PENDING = "pending"  # adopted or on its way, not in force yet
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"  # was in force until valid_to
    WITHDRAWN = "withdrawn"  # not published any more


@dataclass(frozen=True, slots=True)
class Place:
    """An administrative unit by code; `old` when the code is of before 1/7/2025."""

    code: str
    old: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the workspace's `documents/`, named by its SHA-256."""

    sha256: str
    kind: str  # decision | drawing | regulations | explanation | scan | other
    title: str
    media_type: str


@dataclass(frozen=True, slots=True)
class ScanFit:
    """How a scan was laid on the ground: the model, the picture's pixels (across, down), the control points used as
    (col, row, E, N), the names of those left out as wrong, and the largest residual of one used, in metres."""

    model: str  # similarity | affine | projective | polynomial
    size: tuple[int, int]
    points: tuple[tuple[float, float, float, float], ...]
    left_out: tuple[str, ...] = ()
    largest_m: float | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned sheet laid on the ground: corners are E, N in the province's CRS, those of the picture's upper left,
    upper right, lower right and lower left. `residual_m`: what to expect at a place that is no control point."""

    sha256: str
    title: str
    media_type: str
    corners: tuple[tuple[float, float], ...]
    residual_m: float | None = None
    picture: str | None = None  # SHA-256 of its raster tiles (PMTiles) in documents/
    fit: ScanFit | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision that approved a version."""

    number: str
    date: date | None
    authority: str
    title: str = ""
    document: str | None = None  # SHA-256 of a Document


@dataclass(frozen=True, slots=True)
class Attestation:
    """Who compared the data with the stamped sheets, and when."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """One version of a plan. In force on day d when status is in_force or superseded and
    valid_from <= d < valid_to (half-open; None is open)."""

    plan_id: str
    number: int
    kind: VersionKind
    status: Status
    valid_from: date | None
    valid_to: date | None
    decision: Decision | None
    package: str | None  # SHA-256 of packages/<sha>.gpkg; None: not digitised
    outline: str | None  # package holding RanhGioiQuyHoach_A alone, for a version not digitised
    corrects: int | None = None  # number of the version that a correction replaces, at all dates
    replaces: tuple[str, ...] = ()  # lot labels that a local adjustment replaces
    attested: Attestation | None = None
    documents: tuple[Document, ...] = ()
    scans: tuple[Scan, ...] = ()

    @property
    def version_id(self) -> str:
        """`plan_id@n`, the id used in answers, tiles, links and papers."""
        return f"{self.plan_id}@{self.number}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan of the registry with all its versions, in order of number."""

    plan_id: str
    name: Mapping[str, str]  # language -> name; "vi" always there
    kind: str  # a row of standard/plan_kinds
    level: str  # a row of standard/levels
    scale: int
    places: tuple[Place, ...]
    versions: tuple[PlanVersion, ...]
    horizon: int | None = None
    bodies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # client, consultants, appraiser, approver
    codes: Mapping[str, str] = field(default_factory=dict)  # national codes, opaque
    secret: bool = False
    ask: str = ""  # id of an Office; empty: the province's first
    illustrative: bool = False  # demo data: says "dữ liệu minh hoạ" wherever it shows

    def original(self, version: PlanVersion) -> PlanVersion:
        """The version whose data a correction corrects, through any number of corrections; else itself.

        A correction stands in its place: it counts where that one counts, and is local if that one is."""
        by_number = {one.number: one for one in self.versions}
        while version.kind is VersionKind.CORRECTION and version.corrects in by_number:
            version = by_number[version.corrects]
        return version


@dataclass(frozen=True, slots=True)
class Office:
    """An office that answers questions."""

    id: str
    name: Mapping[str, str]
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Province:
    """What ties the code to one province: `province.toml`."""

    code: str
    name: Mapping[str, str]
    crs: str  # "EPSG:9215"
    extent: tuple[float, float, float, float]  # lon/lat: west, south, east, north
    offices: tuple[Office, ...]
    land_use: str = "tt16"  # the code list of land-use functions
    illustrative: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)
