"""E006: two lots overlap."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place

TOLERANCE_M2 = 1.0


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per pair of lots that share more than TOLERANCE_M2, with the shared area as its place and a point in
    each of them. What was drawn over each other and settled is W017."""
    pairs = subject.touching
    if not len(pairs):
        return
    shapes = subject.lot_shapes
    shared = shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    for (first, second), shape, area in zip(pairs.tolist(), shared, shapely.area(shared).tolist(), strict=True):
        if area > TOLERANCE_M2:
            yield rule.finding(
                layer=LOTS,
                feature=subject.lot_name(first),
                wkb=place(shape, shapes[first], shapes[second]),
                source_handle=subject.handle(first),
                other=subject.lot_name(second),
                area=round(area, 2),
            )


RULE = Rule("E006", "lots-overlap", "Một thửa đất trong một đồ án chỉ có một chức năng sử dụng đất", check)
