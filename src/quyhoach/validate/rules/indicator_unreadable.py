"""W011: an indicator can't be read as a value or a range."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.domain.indicators import is_blank, parse_range
from quyhoach.validate.rule import QCVN01, Rule
from quyhoach.validate.subject import LOTS, Subject, place

FIELDS = ("matDoXayDung", "tangCaoXayDung", "heSoSuDungDat", "danSo")


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per indicator that says something which is no number and no range."""
    for field in FIELDS:
        for row, value in enumerate(subject.column(subject.lots, field)):
            if not isinstance(value, str) or is_blank(value) or parse_range(value) is not None:
                continue
            yield rule.finding(
                layer=LOTS,
                feature=subject.lot_name(row),
                wkb=place(subject.lot_shapes[row]),
                source_handle=subject.handle(row),
                field=field,
                value=value,
            )


RULE = Rule(
    "W011",
    "indicator-unreadable",
    "QCVN 01:2021/BXD, mục 1.4: chỉ tiêu sử dụng đất là số hoặc khoảng số",
    check,
    QCVN01,
)
