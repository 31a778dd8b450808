"""From layers as they came to features of the standard: one phase per file, in the order of `pipeline.PHASES`."""

from quyhoach.standardise.assemble import to_layers
from quyhoach.standardise.attributes import read_attributes
from quyhoach.standardise.balance import read_balance_xlsx
from quyhoach.standardise.coverage import clean_coverage
from quyhoach.standardise.crs import parse_crs, to_province_crs
from quyhoach.standardise.drawing_text import say_broken_text
from quyhoach.standardise.geometry import repair_geometry
from quyhoach.standardise.georeference import locate_drawing
from quyhoach.standardise.labels import join_labels
from quyhoach.standardise.left_out import say_left_out
from quyhoach.standardise.lot_table import fill_from_lot_table
from quyhoach.standardise.lots import build_lots, name_lots
from quyhoach.standardise.memory import Memory, recall, remember
from quyhoach.standardise.outline import draw_outline
from quyhoach.standardise.roles import assign_roles
from quyhoach.standardise.sheet_reading import read_sheet
from quyhoach.standardise.sheets import choose_sheet
from quyhoach.standardise.suggest import suggest_drawing
from quyhoach.standardise.suggest_render import render_drawing_mapping
from quyhoach.standardise.text import repair_text
from quyhoach.standardise.work import Context, Features, Work

__all__ = [
    "Context",
    "Features",
    "Memory",
    "Work",
    "assign_roles",
    "build_lots",
    "choose_sheet",
    "clean_coverage",
    "draw_outline",
    "fill_from_lot_table",
    "join_labels",
    "locate_drawing",
    "name_lots",
    "parse_crs",
    "read_attributes",
    "read_balance_xlsx",
    "read_sheet",
    "recall",
    "remember",
    "render_drawing_mapping",
    "repair_geometry",
    "repair_text",
    "say_broken_text",
    "say_left_out",
    "suggest_drawing",
    "to_layers",
    "to_province_crs",
]
