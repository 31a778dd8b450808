"""W003: a lot has no label."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import LOTS, Subject, place


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot whose `kyHieuLoDat` is empty."""
    for row, label in enumerate(subject.column(subject.lots, "kyHieuLoDat")):
        if label is None or not str(label).strip():
            yield rule.finding(
                layer=LOTS,
                feature=subject.lot_name(row),
                wkb=place(subject.lot_shapes[row]),
                source_handle=subject.handle(row),
            )


RULE = Rule("W003", "lot-without-label", "Bản vẽ quy hoạch sử dụng đất: mỗi lô đất có ký hiệu", check)
