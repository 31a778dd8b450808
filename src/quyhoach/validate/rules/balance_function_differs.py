"""W023: a line of the balance table is not what was drawn."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.balance import Compared, compare
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import Subject, place

_ROADS = "transport"  # group of functions that most drawings show as the space between the lots
_READ = 0.5  # of the table's functions must have lots: else table and lots speak of different things


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per function whose area in the table differs from that of its lots, with all of them as its place."""
    rows = [row for row in compare(subject) if row.written is not None and (row.lots or not _is_road(row, subject))]
    drawn = sum(bool(row.lots) for row in rows)
    for row in rows:
        if row.agrees or (not row.lots and drawn < _READ * len(rows)):
            continue
        shapes = subject.lot_shapes[list(row.lots)]
        where = shapely.multipoints(shapely.point_on_surface(shapes)) if row.lots else None
        yield rule.finding(
            layer="balance_table",
            feature=row.function,
            wkb=place(where),
            name=row.name,
            written=round((row.written or 0.0) / 1e4, 2),
            drawn=round(row.drawn / 1e4, 2),
            difference=round(((row.written or 0.0) - row.drawn) / 1e4, 2),
        )


def _is_road(row: Compared, subject: Subject) -> bool:
    known = subject.standard.land_use.get(row.function.casefold())
    return known is not None and known.group == _ROADS


RULE = Rule(
    "W023",
    "balance-function-differs",
    "TT 16/2025/TT-BXD: bảng cân bằng sử dụng đất thống nhất với bản vẽ",
    check,
    TT16,
)
