"""E014: several lots carry one object code."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import LOTS, Subject, place


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per `maDoiTuong` that two or more lots carry: lots are told apart by it in every later version."""
    rows: dict[str, list[int]] = {}
    for row, code in enumerate(subject.column(subject.lots, "maDoiTuong")):
        if code is not None and str(code).strip():
            rows.setdefault(str(code).strip(), []).append(row)
    for code, mine in sorted(rows.items()):
        if len(mine) > 1:
            where = shapely.geometrycollections(shapely.point_on_surface(subject.lot_shapes[mine]))
            yield rule.finding(layer=LOTS, feature=code, wkb=place(where), count=len(mine))


RULE = Rule("E014", "id-twice", "TT 16/2025/TT-BXD, Phụ lục II: maDoiTuong là mã của riêng một đối tượng", check, TT16)
