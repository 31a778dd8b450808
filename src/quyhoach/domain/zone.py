"""What a plan says of a place: zones (lots), restrictions, coverage, parcels.

Geometry is shapely, in the province's CRS."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from quyhoach.domain.plan import Plan, PlanVersion

OPEN = 99999999  # `valid_to` of what has no end, as YYYYMMDD


@dataclass(frozen=True, slots=True)
class Zone:
    """One lot of a plan version. `indicators` holds what was written, by name (density, storeys, far, population)."""

    zone_id: str  # version_id + "/" + key
    label: str
    function: str | None  # code of the land-use function as in the standard; None: unknown or withheld
    area_m2: float
    geometry: BaseGeometry
    indicators: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    note: str = ""
    valid_from: int = 0  # YYYYMMDD; 0: unknown (pending)
    valid_to: int = OPEN  # first day no longer in force
    withheld: bool = False  # generalised by redaction


@dataclass(frozen=True, slots=True)
class Restriction:
    """An overlay polygon: road corridor, heritage, flood …"""

    restriction_id: str
    theme: str
    name: str
    category: str
    rule: str
    geometry: BaseGeometry
    note: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where a version has data for a theme."""

    theme: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Parcel:
    """A cadastral parcel: old commune code + sheet + lot. Not unique: ambiguous ones are asked about."""

    commune: str
    sheet: str
    lot: str
    area_m2: float
    use: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Line:
    """A line feature of the standard (red line, building line, network), for tiles and downloads."""

    class_name: str
    name: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class VersionContent:
    """One version of a plan with its public geometry: what the compiler works on, already redacted.

    `valid_from`/`valid_to` are YYYYMMDD of the whole version (0 / OPEN when absent); a zone's own may end
    earlier, where a local adjustment replaces it. A version that is not digitised has an outline only."""

    plan: Plan
    version: PlanVersion
    valid_from: int
    valid_to: int
    outline: BaseGeometry | None
    zones: tuple[Zone, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def digitised(self) -> bool:
        return self.version.package is not None
