"""W017: lots were drawn over each other."""

from collections.abc import Iterator

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.stars import others, some, stars
from quyhoach.validate.subject import DRAWN, Subject, place

LEAST_M2 = 0.05
SAME = 0.98  # of the smaller lot: that one was drawn twice, or lies in a hole that the other was drawn without


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot as drawn that shares more than LEAST_M2 with others, with all of those. A lot wholly inside
    another is a way of drawing, not a fault. Cleaning has settled what is told here: hence a warning."""
    shapes, shared = subject.drawn_shapes, subject.drawn_shared
    if not len(shared):
        return
    areas = np.nan_to_num(shapely.area(shapes))
    smaller = areas[subject.drawn_pairs].min(axis=1)
    keep = (shared > LEAST_M2) & (shared < SAME * smaller)
    pairs, shared = subject.drawn_pairs[keep], shared[keep]
    for lot, mine in stars(pairs):
        near = others(pairs, lot, mine)
        common = shapely.intersection(shapes[pairs[mine, 0]], shapes[pairs[mine, 1]])
        yield rule.finding(
            layer=DRAWN,
            feature=subject.drawn_names[lot],
            wkb=place(shapely.geometrycollections(common), shapes[lot], *shapes[near]),
            source_handle=subject.drawn_handle(lot),
            other=some([subject.drawn_names[row] for row in near]),
            area=round(float(shared[mine].sum()), 2),
        )


RULE = Rule("W017", "drawn-lots-overlap", "Một thửa đất trong một đồ án chỉ có một chức năng sử dụng đất", check)
