"""E009: a polygon is not valid."""

from collections.abc import Iterator

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import Subject, place

_AS_IT_CAME = frozenset({"source_lots", "labels", "findings", "repairs"})


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per feature that is empty or breaks the rules of simple features (ISO 19125), in any public layer."""
    for name, layer in sorted(subject.layers.items()):
        if layer.geometry is None or name in _AS_IT_CAME:
            continue
        shapes = layer.geometry
        for row in np.flatnonzero(~shapely.is_valid(shapes) | shapely.is_empty(shapes)).tolist():
            shape = shapes[row]
            labels = layer.fields.get("kyHieuLoDat", layer.fields.get("maDoiTuong"))
            label = labels[row] if labels is not None and labels[row] else f"#{row + 1}"
            where = None if shape is None else place(shapely.envelope(shape))
            reason = "Empty" if shape is None or shape.is_empty else shapely.is_valid_reason(shape).split("[")[0]
            yield rule.finding(layer=name, feature=str(label), wkb=where, reason=reason.strip())


RULE = Rule("E009", "geometry-invalid", "ISO 19125-1 (Simple Features); TT 16/2025/TT-BXD, Phụ lục II", check, TT16)
