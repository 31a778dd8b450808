"""W020: a lot's line crosses itself."""

import re
from collections.abc import Iterator

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import DRAWN, Subject, place

_AT = re.compile(r"\[(-?[0-9.eE+]+) (-?[0-9.eE+]+)\]")


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot as drawn that is no valid polygon, at the spot and inside the lot as repaired. What came of
    the repair is in the lots: hence a warning."""
    shapes = subject.drawn_shapes
    for row in np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)).tolist():
        found = _AT.search(shapely.is_valid_reason(shapes[row]))
        mended = shapely.make_valid(shapes[row])
        spot = shapely.Point(float(found[1]), float(found[2])) if found else mended
        yield rule.finding(
            layer=DRAWN,
            feature=subject.drawn_names[row],
            wkb=place(spot, mended),
            source_handle=subject.drawn_handle(row),
        )


RULE = Rule("W020", "drawn-crosses-itself", "ISO 19125-1 (Simple Features): ranh giới lô đất không tự cắt", check)
