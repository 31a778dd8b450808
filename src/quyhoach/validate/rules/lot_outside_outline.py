"""E008: a lot reaches beyond the outline."""

from collections.abc import Iterator

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place

TOLERANCE_M2 = 1.0
EXACT_MM = 0.5  # on paper: what lines of a drawing are exact to
EXACT_M = (0.1, 1.0)  # bounds of that on the ground; the lower one where the scale is not known


def parts_beyond(subject: Subject, *, slight: bool) -> Iterator[tuple[int, object, float]]:
    """Lots with more than TOLERANCE_M2 outside the outline: row, that part, its m². `slight`: those whose part is a
    strip (mean width) within the drawing's exactness, else the others."""
    least, most = EXACT_M
    width = least if subject.scale is None else min(most, max(least, EXACT_MM * subject.scale / 1000))
    for row in np.flatnonzero(subject.beyond > TOLERANCE_M2).tolist():
        part = shapely.difference(subject.lot_shapes[row], subject.outline)
        if (2 * part.area / part.length < width) is slight:
            yield row, part, float(part.area)


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot with more than TOLERANCE_M2 outside the outline, that part as its place, with a point in the
    lot. A strip within the drawing's exactness (EXACT_MM on paper) is W033."""
    for row, part, area in parts_beyond(subject, slight=False):
        yield rule.finding(
            layer=LOTS,
            feature=subject.lot_name(row),
            wkb=place(part, subject.lot_shapes[row]),
            source_handle=subject.handle(row),
            area=round(area, 2),
        )


RULE = Rule("E008", "lot-outside-outline", "Lô đất nằm trong ranh giới lập quy hoạch", check)
