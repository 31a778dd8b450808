"""W010: a lot's written area is not the area drawn."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place

TOLERANCE = 0.02  # of the drawn area
LEAST_M2 = 5.0  # rounding of small lots in tables is not worth a word


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot whose `dienTich` differs from its drawn area by more than TOLERANCE and LEAST_M2."""
    measured = shapely.area(subject.lot_shapes).tolist()
    for row, written in enumerate(subject.column(subject.lots, "dienTich")):
        if not isinstance(written, int | float):
            continue
        difference = abs(float(written) - measured[row])
        if difference > TOLERANCE * measured[row] and difference > LEAST_M2:
            yield rule.finding(
                layer=LOTS,
                feature=subject.lot_name(row),
                wkb=place(subject.lot_shapes[row]),
                written=round(float(written), 2),
                measured=round(measured[row], 2),
            )


RULE = Rule("W010", "area-differs", "Bảng cân bằng sử dụng đất: diện tích ghi khớp với diện tích vẽ", check)
