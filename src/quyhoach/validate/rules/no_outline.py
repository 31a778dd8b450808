"""E001: the plan has no outline."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import OUTLINE, Subject


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding when the outline layer is missing or empty."""
    if subject.outline is None:
        yield rule.finding(layer=OUTLINE)


RULE = Rule("E001", "no-outline", "TT 16/2025/TT-BXD, Phụ lục II: lớp RanhGioiQuyHoach_A", check, TT16)
