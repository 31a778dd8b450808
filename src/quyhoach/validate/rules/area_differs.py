"""W010: a lot's written area is not the area drawn."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place

TOLERANCE = 0.02  # of the drawn area
LEAST_M2 = 5.0  # rounding of small lots in tables is not worth a word
ROUNDED = ((100.0, 55.0), (10.0, 6.0))  # a figure that is a multiple of the first was rounded (0,01 ha): so far off


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot whose `dienTich` differs from its drawn area by more than TOLERANCE, LEAST_M2 and what
    rounding to hundredths of a hectare or tens of m² explains."""
    measured = shapely.area(subject.lot_shapes).tolist()
    for row, written in enumerate(subject.column(subject.lots, "dienTich")):
        if not isinstance(written, int | float):
            continue
        difference = abs(float(written) - measured[row])
        if difference > TOLERANCE * measured[row] and difference > max(LEAST_M2, _rounding(float(written))):
            yield rule.finding(
                layer=LOTS,
                feature=subject.lot_name(row),
                wkb=place(subject.lot_shapes[row]),
                source_handle=subject.handle(row),
                written=round(float(written), 2),
                measured=round(measured[row], 2),
            )


def _rounding(written: float) -> float:
    """How far off a written figure may be by rounding alone; a round figure of a large lot may be exact."""
    return next((off for step, off in ROUNDED if abs(written / step - round(written / step)) < 1e-6), 0.0)


RULE = Rule("W010", "area-differs", "Bảng cân bằng sử dụng đất: diện tích ghi khớp với diện tích vẽ", check)
