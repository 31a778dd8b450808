"""The tables of the standard: columns, keys and how a line becomes a row. Add a table here, its CSV in tables/."""

from sys import intern

from quyhoach.standard.reading import Row, Table
from quyhoach.standard.rows import (
    Accuracy,
    CrsZone,
    FeatureClass,
    FunctionWords,
    Group,
    LandUse,
    NormLimit,
    PlanKind,
    PlanLevel,
    Redaction,
    Regime,
    Scale,
    Source,
    Succession,
    Theme,
    Unit,
    UnitKind,
)

PATTERNS = (
    "none",
    "hatch",
    "backhatch",
    "crosshatch",
    "lines",
    "columns",
    "grid",
    "dots",
    "cross",
    "dashes",
    "waves",
    "chevrons",
)
DATABASES = ("QuyHoach", "MocGioi", "NenDiaHinh", "HienTrang")
GEOMETRIES = ("MultiPolygon", "MultiLineString", "Point")
FIELD_TYPES = ("text", "real", "integer", "date")
MEASURES = ("area_per_head", "lot_density", "lot_storeys", "lot_far", "lot_mm2", "lot_width_mm")
TOWN_CLASSES = ("", "DB", "I", "II", "III", "IV", "V")
WORD_USES = ("name", "prefix")
REGIME_FIELDS = ("planning", "appraisal", "database", "norms")
_CHECKED = ("source", "verified_by", "verified_on")
_DATED = ("valid_from", "valid_to", *_CHECKED)


def _source(row: Row) -> Source:
    return Source(row.text("code"), row.text("title"), *row.verified())


def _group(row: Row) -> Group:
    pattern = row.choice("pattern", PATTERNS)
    return Group(row.text("code"), row.names(), row.colour("map_colour"), pattern, row.whole("order"))


def _land_use(row: Row) -> LandUse:
    aci = row.maybe_whole("aci")
    if aci is not None and not 1 <= aci <= 255:
        row.fail("aci")
    return LandUse(
        row.text("code"),
        row.text("list"),
        row.maybe("kind"),
        row.maybe("section"),
        row.names(),
        aci,
        row.maybe_colour("rgb"),
        row.colour("map_colour"),
        row.choice("pattern", PATTERNS),
        row.text("group"),
        row.whole("order"),
        row.text("source"),
        *row.verified(),
    )


def _feature_class(row: Row) -> FeatureClass:
    fields = tuple(tuple(word.split(":")) for word in row.words("fields"))
    if not fields or any(len(field) != 2 or field[1] not in FIELD_TYPES for field in fields):
        row.fail("fields")
    return FeatureClass(
        row.text("name"),
        row.choice("database", DATABASES),
        row.text("dataset"),
        row.choice("geometry", GEOMETRIES),
        row.text("alias"),
        tuple((intern(field[0]), intern(field[1])) for field in fields),
        row.text("source"),
        *row.verified(),
    )


def _theme(row: Row) -> Theme:
    return Theme(row.text("code"), row.names(), row.whole("order"))


def _plan_kind(row: Row) -> PlanKind:
    low, high = row.whole("zoom_min"), row.whole("zoom_max")
    if not 0 <= low <= high <= 22:
        row.fail("zoom_max")
    return PlanKind(
        row.text("code"),
        row.names(),
        row.words("themes"),
        row.whole("rank"),
        low,
        high,
        row.maybe("national_digit"),
        row.text("source"),
        *row.verified(),
    )


def _level(row: Row) -> PlanLevel:
    return PlanLevel(
        row.text("code"),
        row.names(),
        row.maybe("national_digit"),
        *row.period(),
        row.text("source"),
        *row.verified(),
    )


def _scale(row: Row) -> Scale:
    scale, degrees = row.whole("scale"), row.whole("zone_degrees")
    if scale <= 0:
        row.fail("scale")
    if degrees not in (3, 6):
        row.fail("zone_degrees")
    return Scale(
        scale, row.names(), row.words("kinds"), degrees, row.names("roads"), row.text("source"), *row.verified()
    )


def _regime(row: Row) -> Regime:
    return Regime(
        row.text("code"),
        row.choice("field", REGIME_FIELDS),
        row.names(),
        row.text("acts"),
        *row.period(),
        row.text("source"),
        *row.verified(),
    )


def _crs_zone(row: Row) -> CrsZone:
    meridian, factor = row.real("central_meridian"), row.real("scale_factor")
    if not 100 <= meridian <= 112:
        row.fail("central_meridian")
    if not 0.999 <= factor <= 1:
        row.fail("scale_factor")
    return CrsZone(
        row.whole("epsg"),
        row.text("name"),
        meridian,
        factor,
        row.words("provinces"),
        row.words("old_provinces"),
        row.text("source"),
        *row.verified(),
    )


def _accuracy(row: Row) -> Accuracy:
    value = row.real("value")
    if value < 0:
        row.fail("value")
    return Accuracy(row.text("key"), value, row.text("unit"), row.names(), row.text("source"), *row.verified())


def _redaction(row: Row) -> Redaction:
    action = row.choice("action", ("withhold", "generalise"))
    return Redaction(row.text("function"), action, row.text("source"), *row.period(), *row.verified())


def _norm_limit(row: Row) -> NormLimit:
    low, high = row.maybe_real("min"), row.maybe_real("max")
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        row.fail("max")
    return NormLimit(
        row.text("code"),
        row.choice("measure", MEASURES),
        tuple(row.maybe("functions").split()),
        row.choice("town_class", TOWN_CLASSES),
        tuple(row.maybe("kinds").split()),
        low,
        high,
        row.text("unit"),
        row.names(),
        *row.period(),
        row.text("source"),
        *row.verified(),
    )


def _function_words(row: Row) -> FunctionWords:
    weight = row.real("weight")
    if not 0 < weight <= 1:
        row.fail("weight")
    return FunctionWords(
        row.choice("use", WORD_USES),
        row.text("words"),
        row.text("function"),
        row.maybe("general"),
        weight,
        row.text("source"),
        *row.verified(),
    )


def _unit_kind(row: Row) -> UnitKind:
    return UnitKind(row.text("code"), row.names(), row.whole("tier"))


def _unit(row: Row) -> Unit:
    lon, lat = row.maybe_real("lon"), row.maybe_real("lat")
    if (lon is None) != (lat is None) or not -180 <= (lon or 0) <= 180:
        row.fail("lon")
    if not -90 <= (lat or 0) <= 90:
        row.fail("lat")
    return Unit(
        row.text("code"),
        row.text("name"),
        intern(row.text("kind")),
        row.choice("old", ("0", "1")) == "1",
        intern(row.maybe("parent")),
        intern(row.text("province")),
        lon,
        lat,
        intern(row.text("source")),
    )


def _succession(row: Row) -> Succession:
    coverage = row.choice("coverage", ("whole", "part"))
    main = row.choice("main", ("0", "1")) == "1"
    if coverage == "whole" and not main:
        row.fail("main")
    return Succession(row.text("old_code"), row.text("new_code"), intern(coverage), main, intern(row.text("source")))


_NAME = ("name_vi", "name_en")
SOURCES = Table("sources", ("code", "title", "verified_by", "verified_on"), ("code",), _source)
GROUPS = Table("groups", ("code", *_NAME, "map_colour", "pattern", "order"), ("code",), _group)
LAND_USE = Table(
    "land_use",
    ("code", "list", "kind", "section", *_NAME, "aci", "rgb", "map_colour", "pattern", "group", "order", *_CHECKED),
    ("code",),
    _land_use,
)
FEATURE_CLASSES = Table(
    "feature_classes",
    ("database", "dataset", "name", "geometry", "alias", "fields", *_CHECKED),
    ("database", "name"),
    _feature_class,
)
THEMES = Table("themes", ("code", *_NAME, "order"), ("code",), _theme)
PLAN_KINDS = Table(
    "plan_kinds",
    ("code", *_NAME, "themes", "rank", "zoom_min", "zoom_max", "national_digit", *_CHECKED),
    ("code",),
    _plan_kind,
)
LEVELS = Table("levels", ("code", *_NAME, "national_digit", *_DATED), ("code",), _level)
SCALES = Table(
    "scales", ("scale", *_NAME, "kinds", "zone_degrees", "roads_vi", "roads_en", *_CHECKED), ("scale",), _scale
)
REGIMES = Table("regimes", ("code", "field", *_NAME, "acts", *_DATED), ("code", "field"), _regime)
CRS_ZONES = Table(
    "crs_zones",
    ("epsg", "name", "central_meridian", "scale_factor", "provinces", "old_provinces", *_CHECKED),
    ("epsg",),
    _crs_zone,
)
ACCURACY = Table("accuracy", ("key", "value", "unit", *_NAME, *_CHECKED), ("key",), _accuracy)
REDACTION = Table("redaction", ("function", "action", *_DATED), ("function",), _redaction)
NORM_LIMITS = Table(
    "norm_limits",
    ("code", "measure", "functions", "town_class", "kinds", "min", "max", "unit", *_NAME, *_DATED),
    ("code",),
    _norm_limit,
)
FUNCTION_WORDS = Table(
    "function_words",
    ("use", "words", "function", "general", "weight", *_CHECKED),
    ("use", "words", "function"),
    _function_words,
)
UNIT_KINDS = Table("unit_kinds", ("code", *_NAME, "tier"), ("code",), _unit_kind)
UNITS = Table(
    "units", ("old", "code", "kind", "name", "parent", "province", "lon", "lat", "source"), ("old", "code"), _unit
)
SUCCESSIONS = Table(
    "successions", ("old_code", "new_code", "coverage", "main", "source"), ("old_code", "new_code"), _succession
)

TABLES = (
    SOURCES, GROUPS, LAND_USE, FEATURE_CLASSES, THEMES, PLAN_KINDS, LEVELS, SCALES, REGIMES, CRS_ZONES, ACCURACY,
    REDACTION, NORM_LIMITS, FUNCTION_WORDS, UNIT_KINDS, UNITS, SUCCESSIONS,
)  # fmt: skip
BULK = (FUNCTION_WORDS, UNITS, SUCCESSIONS)  # not for look-ups: read when first asked for
