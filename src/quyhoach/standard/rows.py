"""The rows of the standard's tables as values. A table's columns, sources and palettes: docs/reference/standard.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

Names = Mapping[str, str]  # language -> name; "vi" and "en" always there


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows of a bulk table come from; such rows name it by its code."""

    code: str
    title: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of land-use functions with one look on the map."""

    code: str
    name: Names
    map_colour: str  # #rrggbb
    pattern: str  # one of tables.PATTERNS
    order: int


@dataclass(frozen=True, slots=True)
class LandUse:
    """A land-use function of a code list (`list`: "tt16", or a foreign one from a workspace's overlay)."""

    code: str  # TT 16/2025 layer name without the stage prefix; compared without case
    list: str
    kind: str  # the plan kind whose symbol table names it; empty: any
    section: str  # section of the balance table
    name: Names
    aci: int | None  # AutoCAD colour index of the standard
    rgb: str | None  # the same in the AutoCAD palette, #rrggbb
    map_colour: str  # a soft colour of the same hue for the web map, #rrggbb
    pattern: str
    group: str
    order: int
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class FeatureClass:
    """A GIS class of TT 16/2025 Phụ lục II. The six fields `statutory` are the law's, the others a reference."""

    name: str
    database: str  # QuyHoach | MocGioi | NenDiaHinh | HienTrang
    dataset: str
    geometry: str  # MultiPolygon | MultiLineString | Point
    alias: str
    fields: tuple[tuple[str, str], ...]  # (name, "text" | "real" | "integer" | "date")
    source: str
    verified_by: str
    verified_on: date | None

    @property
    def statutory(self) -> tuple[str, ...]:
        """Names of the fields that TT 16/2025 itself asks for."""
        return tuple(name for name, _ in self.fields if name in STATUTORY_FIELDS)


STATUTORY_FIELDS = ("maThongTinQH", "maHoSoQH", "maDoiTuong", "tenDoiTuong", "phanLoai", "ghiChu")


@dataclass(frozen=True, slots=True)
class Theme:
    """What a plan may say something about; an answer has a state for each theme."""

    code: str
    name: Names
    order: int


@dataclass(frozen=True, slots=True)
class PlanKind:
    """A kind of plan: what it says, where it stands in an answer, at which zooms its lots are drawn."""

    code: str
    name: Names
    themes: tuple[str, ...]
    rank: int  # order of display, not of legal force
    zoom_min: int
    zoom_max: int
    national_digit: str  # "cấp độ" in the national code of NĐ 111/2024; empty: none
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class PlanLevel:
    """What a plan is made for: a town, a commune, a functional area, a region."""

    code: str
    name: Names
    national_digit: str  # "loại" in the national code of NĐ 111/2024; empty: none
    valid_from: date | None
    valid_to: date | None  # first day no new plan of this level is made
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Scale:
    """A drawing scale, by its denominator."""

    scale: int
    name: Names
    kinds: tuple[str, ...]
    zone_degrees: int  # width of the VN-2000 zone maps of that scale are drawn in: 3 or 6
    roads: Names  # the least important road that must be on the map
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Regime:
    """A legal regime in one field of the law. In force on d when valid_from <= d < valid_to; None is open."""

    code: str  # R1 … R4
    field: str  # planning | appraisal | database | norms
    name: Names
    acts: str
    valid_from: date | None
    valid_to: date | None
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class CrsZone:
    """A projected VN-2000 coordinate system; coordinates are E, N in metres, false easting 500 000 m."""

    epsg: int
    name: str
    central_meridian: float  # degrees east
    scale_factor: float
    provinces: tuple[str, ...]  # today's codes
    old_provinces: tuple[str, ...]  # codes of before 1/7/2025
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A figure behind the stated exactness of an answer."""

    key: str
    value: float
    unit: str
    name: Names
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class Redaction:
    """What may not be published: lots of `function` are left out (withhold) or shown without it (generalise)."""

    function: str
    action: str  # withhold | generalise
    source: str
    valid_from: date | None
    valid_to: date | None
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class NormLimit:
    """A bound that figures of a plan are held against, of a regulation or (the source says so) of practice."""

    code: str
    measure: str  # one of tables.MEASURES
    functions: tuple[str, ...]  # whose lots are counted or held against it; empty: all
    town_class: str  # DB I II III IV V; empty: any
    kinds: tuple[str, ...]  # of plan; empty: any
    min: float | None
    max: float | None
    unit: str
    name: Names
    valid_from: date | None
    valid_to: date | None  # first day no longer in force
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """Words that name a land-use function in legends, tables and layer names, or letters that lot codes begin with."""

    use: str  # name | prefix
    words: str  # of a name: "*" at the end takes in whatever follows
    function: str  # of land_use
    general: str  # of land_use: what they mean in a general plan; empty: the same
    weight: float  # 0–1: how surely they mean it
    source: str
    verified_by: str
    verified_on: date | None


@dataclass(frozen=True, slots=True)
class UnitKind:
    """A kind of administrative unit: xã, phường, thị trấn, huyện …"""

    code: str
    name: Names
    tier: int  # 1 province, 2 district, 3 commune


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative unit, of today or (`old`) of before 1/7/2025. Names repeat: never a key."""

    code: str
    name: str  # with its kind: "xã Chi Lăng"
    kind: str  # a row of unit_kinds
    old: bool
    parent: str  # code of the district (old communes) or province; empty for a province
    province: str
    lon: float | None  # a point for a label, WGS 84, rough
    lat: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Succession:
    """An old unit went, wholly or in part, into a new one on 1/7/2025."""

    old_code: str
    new_code: str
    coverage: str  # whole | part
    main: bool  # of several parts the one to take when the place inside is not known; always so for a whole
    source: str
