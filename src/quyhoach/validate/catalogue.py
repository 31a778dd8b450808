"""All rules, in the order they run and are listed. A new rule: its file in `rules/`, its line here, its sentences in
`standard/messages/{vi,en}/validate.toml`, its test in `tests/validate/`. Numbers are never reused."""

from quyhoach.validate.rule import Rule
from quyhoach.validate.rules import (
    area_differs,
    density_over_100,
    far_over_density_times_storeys,
    function_unknown,
    gap_in_outline,
    geometry_invalid,
    id_twice,
    indicator_unreadable,
    label_twice,
    lot_outside_outline,
    lot_without_label,
    lots_overlap,
    no_lots,
    no_outline,
    outline_outside_province,
    theme_unknown,
)

RULES: tuple[Rule, ...] = (
    no_outline.RULE,
    no_lots.RULE,
    lot_without_label.RULE,
    label_twice.RULE,
    function_unknown.RULE,
    lots_overlap.RULE,
    gap_in_outline.RULE,
    lot_outside_outline.RULE,
    geometry_invalid.RULE,
    area_differs.RULE,
    indicator_unreadable.RULE,
    outline_outside_province.RULE,
    density_over_100.RULE,
    id_twice.RULE,
    far_over_density_times_storeys.RULE,
    theme_unknown.RULE,
)
