"""W007: part of the outline belongs to no lot."""

from collections.abc import Iterator

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import OUTLINE, Subject, place

TOLERANCE_M2 = 1.0
MOST = 200  # a plan that draws no roads has one gap per street network, not per lot


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per gap over TOLERANCE_M2 between lots and outline, the largest first, at most MOST."""
    if subject.outline is None or subject.lot_union is None:
        return
    gaps = shapely.get_parts([shapely.difference(subject.outline, subject.lot_union)])
    areas = shapely.area(gaps)
    large = np.flatnonzero(areas > TOLERANCE_M2)
    for row in large[np.argsort(-areas[large], kind="stable")][:MOST].tolist():
        yield rule.finding(layer=OUTLINE, wkb=place(gaps[row]), area=round(float(areas[row]), 2))


RULE = Rule("W007", "gap-in-outline", "Bảng cân bằng sử dụng đất: tổng diện tích các lô bằng diện tích đồ án", check)
