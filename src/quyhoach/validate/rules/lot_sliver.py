"""W021: a lot thinner than a line on paper."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.norms import bounds
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place

WIDEST_M = 1.0  # at small scales a strip of a metre is still a ditch or a path that somebody meant
WITHOUT_SCALE_M = 0.3


def narrowest(subject: Subject) -> float:
    """The mean width in metres under which a lot is a sliver: `lot_width_mm` of the table at the drawing's scale."""
    rows = bounds(subject, "lot_width_mm")
    if subject.scale is None or not rows or rows[0].min is None:
        return WITHOUT_SCALE_M
    return min(WIDEST_M, rows[0].min * subject.scale / 1000)


def mean_widths(subject: Subject) -> npt.NDArray[np.float64]:
    """Twice the area by the perimeter, of each lot, in metres; infinite for none."""
    lengths = np.nan_to_num(shapely.length(subject.lot_shapes))
    widths = np.full(len(lengths), np.inf)
    np.divide(2 * subject.lot_areas, lengths, out=widths, where=lengths > 0)
    return widths


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot whose mean width is under `narrowest`: most are left over between two lines."""
    widths = mean_widths(subject)
    for row in np.flatnonzero(widths < narrowest(subject)).tolist():
        yield rule.finding(
            layer=LOTS,
            feature=subject.lot_name(row),
            wkb=place(subject.lot_shapes[row]),
            source_handle=subject.handle(row),
            width=round(float(widths[row]), 2),
            area=round(float(subject.lot_areas[row]), 2),
        )


RULE = Rule("W021", "lot-sliver", "Bảng norm_limits của bộ tiêu chuẩn (lot_width_mm): quy ước, không phải luật", check)
