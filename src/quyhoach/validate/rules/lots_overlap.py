"""E006: two lots overlap."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place

TOLERANCE_M2 = 1.0


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per pair of lots that share more than TOLERANCE_M2, with the shared area as its place."""
    pairs = subject.touching
    if not len(pairs):
        return
    shared = shapely.intersection(subject.lot_shapes[pairs[:, 0]], subject.lot_shapes[pairs[:, 1]])
    for (first, second), shape, area in zip(pairs.tolist(), shared, shapely.area(shared).tolist(), strict=True):
        if area > TOLERANCE_M2:
            yield rule.finding(
                layer=LOTS,
                feature=subject.lot_name(first),
                wkb=place(shape),
                other=subject.lot_name(second),
                area=round(area, 2),
            )


RULE = Rule("E006", "lots-overlap", "Một thửa đất trong một đồ án chỉ có một chức năng sử dụng đất", check)
