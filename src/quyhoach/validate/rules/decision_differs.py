"""W025: area or population are not those of the decision."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.domain.indicators import parse_range
from quyhoach.validate.heads import drawn_population
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import OUTLINE, Subject

AREA, PEOPLE = 0.01, 0.02  # of what is written; decisions round both


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding when the decision's area (fact `area_ha`, else `dienTichQH` of the outline, m²) differs from the
    outline's, one when its population (`population`, else `danSoQuyHoach`) differs from the sum of the lots'."""
    area = _number(subject.facts.get("area_ha"))
    written = _outline(subject, "dienTichQH") if area is None else area * 1e4
    if subject.outline is not None and written:
        measured = float(subject.outline.area)
        rounding = 500.0 if abs(written % 1e4) < 1 else 50.0  # whole hectares, hundredths
        if abs(written - measured) > max(AREA * written, rounding):
            yield rule.finding(
                layer=OUTLINE, what="ha", written=round(written / 1e4, 2), measured=round(measured / 1e4, 2)
            )
    people = _number(subject.facts.get("population")) or _outline(subject, "danSoQuyHoach")
    drawn = drawn_population(subject)
    if people and drawn is not None and abs(people - drawn) > PEOPLE * people:
        yield rule.finding(layer=OUTLINE, what="người", written=round(people), measured=round(drawn))


def _outline(subject: Subject, field: str) -> float | None:
    layer = subject.layers.get(OUTLINE)
    values = [] if layer is None else [value for value in subject.column(layer, field) if value is not None]
    return _number(str(values[0])) if len(values) == 1 else None


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        bounds = parse_range(text)
        return bounds[0] if bounds is not None and bounds[0] == bounds[1] else None


RULE = Rule("W025", "decision-differs", "Số liệu bản vẽ thống nhất với quyết định phê duyệt đồ án", check)
