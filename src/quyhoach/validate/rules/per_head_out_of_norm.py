"""W026: an area per head outside the norm."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.heads import drawn_population
from quyhoach.validate.norms import bounds, counts_for, said, within
from quyhoach.validate.rule import QCVN01, Rule
from quyhoach.validate.subject import LOTS, Subject, place

LEAST_PEOPLE = 1000  # norms are for towns and neighbourhoods


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per bound `area_per_head` of the table `norm_limits` that the lots of its functions do not keep, with
    those lots as its place. The population is fact `population`, else the sum of the lots'; silent without one, and
    for functions that the plan does not draw."""
    given = subject.facts.get("population", "")
    people = float(given) if given.isascii() and given.isdigit() else drawn_population(subject)
    if people is None or people < LEAST_PEOPLE:
        return
    for row in bounds(subject, "area_per_head"):
        mine = [n for n, use in enumerate(subject.functions) if use is not None and counts_for(row, use.code)]
        value = float(subject.lot_areas[mine].sum()) / people
        if not mine or within(row, value, slack=0.005):
            continue
        yield rule.finding(
            layer=LOTS,
            feature=row.code,
            wkb=place(shapely.multipoints(shapely.point_on_surface(subject.lot_shapes[mine]))),
            name=row.name["vi"],
            value=round(value, 1),
            bound=said(row),
            unit=row.unit,
            people=round(people),
            source=row.source,
        )


RULE = Rule("W026", "per-head-out-of-norm", "QCVN 01:2021/BXD, mục 2.1–2.4 (bảng norm_limits)", check, QCVN01)
