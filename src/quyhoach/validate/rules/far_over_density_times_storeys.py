"""W015: a floor-area ratio that density and storeys can't give."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.domain.indicators import parse_range
from quyhoach.validate.rule import QCVN01, Rule
from quyhoach.validate.subject import LOTS, Subject, place

TOLERANCE = 0.02  # tables round to one decimal


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot whose largest ratio is over largest density × most storeys. Basements, where they count,
    explain it: hence a warning."""
    columns = [subject.column(subject.lots, name) for name in ("matDoXayDung", "tangCaoXayDung", "heSoSuDungDat")]
    for row, values in enumerate(zip(*columns, strict=True)):
        most = [_largest(value) for value in values]
        density, storeys, ratio = most
        if density is None or storeys is None or ratio is None or density > 100:
            continue
        limit = density / 100 * storeys
        if ratio > limit * (1 + TOLERANCE) + 0.05:
            yield rule.finding(
                layer=LOTS,
                feature=subject.lot_name(row),
                wkb=place(subject.lot_shapes[row]),
                source_handle=subject.handle(row),
                ratio=ratio,
                limit=round(limit, 2),
            )


def _largest(value: object) -> float | None:
    bounds = parse_range(str(value)) if value is not None else None
    return None if bounds is None else bounds[1]


RULE = Rule(
    "W015", "far-over-density-times-storeys", "QCVN 01:2021/BXD, mục 1.4: định nghĩa hệ số sử dụng đất", check, QCVN01
)
