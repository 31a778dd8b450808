"""From layers as they came to features of the standard: one phase per file, in the order of `pipeline.PHASES`."""

from quyhoach.standardise.assemble import to_layers
from quyhoach.standardise.attributes import read_attributes
from quyhoach.standardise.crs import parse_crs, to_province_crs
from quyhoach.standardise.geometry import repair_geometry
from quyhoach.standardise.outline import draw_outline
from quyhoach.standardise.roles import assign_roles
from quyhoach.standardise.text import repair_text
from quyhoach.standardise.work import Context, Features, Work

__all__ = [
    "Context",
    "Features",
    "Work",
    "assign_roles",
    "draw_outline",
    "parse_crs",
    "read_attributes",
    "repair_geometry",
    "repair_text",
    "to_layers",
    "to_province_crs",
]
