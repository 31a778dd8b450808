"""The standard as data: typed tables of land use, plans, coordinate systems, units; messages; how text is written.

A workspace may overlay any table. Tables, columns and sources: docs/reference/standard.md."""

from quyhoach.standard.load import Standard, load_standard
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
from quyhoach.standard.text import LANGUAGES, fold, format_date, format_number

__all__ = [
    "LANGUAGES",
    "Accuracy",
    "CrsZone",
    "FeatureClass",
    "FunctionWords",
    "Group",
    "LandUse",
    "NormLimit",
    "PlanKind",
    "PlanLevel",
    "Redaction",
    "Regime",
    "Scale",
    "Source",
    "Standard",
    "Succession",
    "Theme",
    "Unit",
    "UnitKind",
    "fold",
    "format_date",
    "format_number",
    "load_standard",
]
