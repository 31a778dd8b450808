"""W017: lots were drawn over each other."""

from collections.abc import Iterator

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.stars import others, some, stars
from quyhoach.validate.subject import CURVES_M, DRAWN, Geometries, Subject, place

LEAST_M2 = 0.05
SAME = 0.98  # of the smaller lot: that one was drawn twice, or lies in a hole that the other was drawn without


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot as drawn that shares more than LEAST_M2 with others, in more than the inexactness of curves
    (CURVES_M), with all of those. A lot wholly inside another is a way of drawing, not a fault. Cleaning has settled
    what is told here, hence a warning; lots that come from no drawing are not cleaned, and E006 tells of them."""
    if subject.frame is None:
        return
    shapes, shared = subject.drawn_shapes, subject.drawn_shared
    if not len(shared):
        return
    areas = np.nan_to_num(shapely.area(shapes))
    smaller = areas[subject.drawn_pairs].min(axis=1)
    keep = (shared > LEAST_M2) & (shared < SAME * smaller)
    pairs, shared = subject.drawn_pairs[keep], shared[keep]
    common = _areas(shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]]))
    wide = 2 * shapely.area(common) > CURVES_M * shapely.length(common)
    pairs, shared, common = pairs[wide], shared[wide], common[wide]
    for lot, mine in stars(pairs):
        near = others(pairs, lot, mine)
        yield rule.finding(
            layer=DRAWN,
            feature=subject.drawn_names[lot],
            wkb=place(shapely.geometrycollections(common[mine]), shapes[lot], *shapes[near]),
            source_handle=subject.drawn_handle(lot),
            other=some([subject.drawn_names[row] for row in near]),
            area=round(float(shared[mine].sum()), 2),
        )


def _areas(shapes: Geometries) -> Geometries:
    """The areas of shapes, without the lines and points where lots only touch."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == 7)
    found = shapes.copy()
    for row in mixed.tolist():
        parts = shapely.get_parts(shapes[row])
        found[row] = shapely.multipolygons(shapely.get_parts(parts[shapely.get_dimensions(parts) == 2]))
    return found


RULE = Rule("W017", "drawn-lots-overlap", "Một thửa đất trong một đồ án chỉ có một chức năng sử dụng đất", check)
