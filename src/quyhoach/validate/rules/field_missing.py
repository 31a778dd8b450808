"""N028: features of a national class lack a required field."""

from collections.abc import Iterator

import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import LOTS, OUTLINE, Subject, place

REQUIRED = ("maDoiTuong", "phanLoai")
ELSEWHERE = {(LOTS, "phanLoai"): "W005"}  # told per lot, by that rule
SHOWN = 200


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A note per national class (but the outline) and required field that some features don't have."""
    for name, layer in sorted(subject.layers.items()):
        if name == OUTLINE or name not in subject.standard.feature_classes or layer.geometry is None:
            continue
        for field in REQUIRED:
            values = subject.column(layer, field)
            lacking = [row for row, value in enumerate(values) if value is None or not str(value).strip()]
            if not lacking or (name, field) in ELSEWHERE or field not in layer.fields:
                continue
            shapes = layer.geometry[lacking[:SHOWN]]
            points = shapely.point_on_surface(shapes)
            points = points[~shapely.is_missing(points) & ~shapely.is_empty(points)]
            where = shapely.multipoints(points) if len(points) else None
            yield rule.finding(layer=name, feature=field, wkb=place(where), count=len(lacking), of=len(layer))


RULE = Rule("N028", "field-missing", "TT 16/2025/TT-BXD, Phụ lục II: các trường thông tin tối thiểu", check, TT16)
