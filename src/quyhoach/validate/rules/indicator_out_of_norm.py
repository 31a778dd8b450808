"""W027: a lot's indicator outside the norm."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.domain.indicators import parse_range
from quyhoach.validate.norms import bounds, counts_for, said
from quyhoach.validate.rule import QCVN01, Rule
from quyhoach.validate.subject import LOTS, Subject, place

FIELDS = {"lot_density": "matDoXayDung", "lot_storeys": "tangCaoXayDung", "lot_far": "heSoSuDungDat"}


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot and bound of the table `norm_limits` whose largest written value is over the bound's `max`, or
    whose smallest is under its `min`."""
    functions = subject.column(subject.lots, "phanLoai")
    for measure, field in FIELDS.items():
        rows = bounds(subject, measure)
        values = subject.column(subject.lots, field) if rows else ()
        for lot, value in enumerate(values):
            written = parse_range(str(value)) if value is not None else None
            if written is None:
                continue
            low, high = written
            for row in rows:
                over = row.max is not None and high is not None and high > row.max
                under = row.min is not None and low is not None and low < row.min
                if (over or under) and counts_for(row, str(functions[lot] or "")):
                    yield rule.finding(
                        layer=LOTS,
                        feature=subject.lot_name(lot),
                        wkb=place(subject.lot_shapes[lot]),
                        source_handle=subject.handle(lot),
                        name=row.name["vi"],
                        value=str(value),
                        bound=said(row),
                        unit=row.unit,
                        source=row.source,
                    )


RULE = Rule("W027", "indicator-out-of-norm", "QCVN 01:2021/BXD, mục 2.6 (bảng norm_limits)", check, QCVN01)
