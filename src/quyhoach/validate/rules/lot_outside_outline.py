"""E008: a lot reaches beyond the outline."""

from collections.abc import Iterator

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place

TOLERANCE_M2 = 1.0


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot with more than TOLERANCE_M2 outside the outline, that part as its place."""
    if subject.outline is None:
        return
    shapely.prepare(subject.outline)
    rows = np.flatnonzero(subject.sound)
    rows = rows[~shapely.covered_by(subject.lot_shapes[rows], subject.outline)]
    for row in rows.tolist():
        beyond = shapely.difference(subject.lot_shapes[row], subject.outline)
        if beyond.area > TOLERANCE_M2:
            area = round(float(beyond.area), 2)
            yield rule.finding(layer=LOTS, feature=subject.lot_name(row), wkb=place(beyond), area=area)


RULE = Rule("E008", "lot-outside-outline", "Lô đất nằm trong ranh giới lập quy hoạch", check)
