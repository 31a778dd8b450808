"""W033: a lot's edge runs a little outside the outline."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.rules.lot_outside_outline import parts_beyond
from quyhoach.validate.subject import LOTS, Subject, place


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot that passes the outline by a strip within the drawing's exactness; more is E008."""
    for row, part, area in parts_beyond(subject, slight=True):
        yield rule.finding(
            layer=LOTS,
            feature=subject.lot_name(row),
            wkb=place(part, subject.lot_shapes[row]),
            source_handle=subject.handle(row),
            area=round(area, 2),
        )


RULE = Rule("W033", "lot-over-outline", "Lô đất nằm trong ranh giới lập quy hoạch", check)
