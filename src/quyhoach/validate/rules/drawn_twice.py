"""W019: a lot was drawn twice."""

from collections.abc import Iterator

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.stars import others, stars
from quyhoach.validate.subject import DRAWN, Subject, place

SAME = 0.98  # of the larger lot
HABIT = 0.4  # from this share of lots on it is a way of drawing: an outline and a hatch for each


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot that lies there several times, with how often."""
    pairs, shared = subject.drawn_pairs, subject.drawn_shared
    if not len(pairs):
        return
    areas = np.nan_to_num(shapely.area(subject.drawn_shapes))
    pairs = pairs[shared >= SAME * areas[pairs].max(axis=1)]
    if len(np.unique(pairs)) > max(4, 2 * HABIT * len(areas)):
        return
    pairs = pairs[~np.isin(pairs[:, 0], pairs[:, 1])]  # of three alike, the pairs of the first
    for lot, mine in stars(pairs):
        same = others(pairs, lot, mine)
        yield rule.finding(
            layer=DRAWN,
            feature=subject.drawn_names[lot],
            wkb=place(subject.drawn_shapes[lot]),
            source_handle=subject.drawn_handle(same[-1]),
            count=1 + len(same),
        )


RULE = Rule("W019", "drawn-twice", "Bản vẽ quy hoạch sử dụng đất: mỗi lô đất vẽ một lần", check)
