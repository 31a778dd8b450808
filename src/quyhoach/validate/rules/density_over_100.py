"""E013: a building density over 100 %."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.domain.indicators import parse_range
from quyhoach.validate.rule import QCVN01, Rule
from quyhoach.validate.subject import LOTS, Subject, place


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot whose `matDoXayDung` says more than 100."""
    for row, value in enumerate(subject.column(subject.lots, "matDoXayDung")):
        bounds = parse_range(str(value)) if value is not None else None
        if bounds is not None and max(bound for bound in bounds if bound is not None) > 100:
            yield rule.finding(
                layer=LOTS,
                feature=subject.lot_name(row),
                wkb=place(subject.lot_shapes[row]),
                source_handle=subject.handle(row),
                value=str(value),
            )


RULE = Rule(
    "E013", "density-over-100", "QCVN 01:2021/BXD, mục 1.4: mật độ xây dựng tính bằng % diện tích lô đất", check, QCVN01
)
