"""W022: a lot smaller than can be drawn at the plan's scale."""

from collections.abc import Iterator

import numpy as np

from quyhoach.domain.finding import Finding
from quyhoach.validate.norms import bounds
from quyhoach.validate.rule import Rule
from quyhoach.validate.rules.lot_sliver import mean_widths, narrowest
from quyhoach.validate.subject import LOTS, Subject, place


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot under `lot_mm2` of the table at the drawing's scale; slivers are W021. Silent without scale."""
    rows = bounds(subject, "lot_mm2")
    if subject.scale is None or not rows or rows[0].min is None:
        return
    least = rows[0].min * (subject.scale / 1000) ** 2
    small = (subject.lot_areas < least) & (subject.lot_areas > 0) & (mean_widths(subject) >= narrowest(subject))
    for row in np.flatnonzero(small).tolist():
        yield rule.finding(
            layer=LOTS,
            feature=subject.lot_name(row),
            wkb=place(subject.lot_shapes[row]),
            source_handle=subject.handle(row),
            area=round(float(subject.lot_areas[row]), 2),
            least=round(least, 2),
            scale=subject.scale,
        )


RULE = Rule("W022", "lot-too-small", "Bảng norm_limits của bộ tiêu chuẩn (lot_mm2): quy ước, không phải luật", check)
