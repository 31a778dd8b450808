"""W024: the total of the balance table is not the area inside the outline."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.balance import agree, total_m2
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import OUTLINE, Subject


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding when the table's total differs from the outline's area."""
    if subject.outline is None:
        return
    measured = float(subject.outline.area)
    written = total_m2(subject, measured)
    if written is not None and not agree(written, measured):
        yield rule.finding(layer=OUTLINE, written=round(written / 1e4, 2), measured=round(measured / 1e4, 2))


RULE = Rule(
    "W024",
    "balance-total-differs",
    "TT 16/2025/TT-BXD: tổng của bảng cân bằng sử dụng đất là diện tích lập quy hoạch",
    check,
    TT16,
)
