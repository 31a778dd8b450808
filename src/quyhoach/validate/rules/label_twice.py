"""W004: several lots carry one label."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per label that two or more lots carry, with all of them as its place."""
    rows: dict[str, list[int]] = {}
    for row, label in enumerate(subject.column(subject.lots, "kyHieuLoDat")):
        if label is not None and str(label).strip():
            rows.setdefault(str(label).strip(), []).append(row)
    for label, mine in sorted(rows.items()):
        if len(mine) > 1:
            where = shapely.geometrycollections(shapely.point_on_surface(subject.lot_shapes[mine]))
            yield rule.finding(layer=LOTS, feature=label, wkb=place(where), count=len(mine))


RULE = Rule("W004", "label-twice", "Ký hiệu lô đất phân biệt lô này với lô khác trong cùng đồ án", check)
