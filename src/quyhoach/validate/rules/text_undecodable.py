"""W031: a text whose letters were lost."""

import re
from collections.abc import Iterator
from typing import Any

from quyhoach.domain.finding import Finding
from quyhoach.package import Layer
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import Subject, place

MOST = 500
_LAYERS = ("labels", "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A", "restrictions", "balance_table")
# the replacement character, C1 controls, private use: no Vietnamese text has them
_LOST = re.compile("[\ufffd\u0080-\u009f\ue000-\uf8ff]")


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per text that holds characters which stand for letters that could not be read, at most MOST. Of a
    drawing they were told text by text when it was read."""
    if subject.frame is not None:
        return
    left = MOST
    for name in _LAYERS:
        layer = subject.layers.get(name)
        if layer is None:
            continue
        for field, row, value in _texts(layer):
            if left == 0:
                return
            left -= 1
            where = None if layer.geometry is None else layer.geometry[row]
            handle = str(subject.column(layer, "source_handle")[row] or "")
            text = _LOST.sub("\ufffd", value)[:80]
            yield rule.finding(layer=name, feature=field, wkb=place(where), source_handle=handle, text=text)


def _texts(layer: Layer) -> Iterator[tuple[str, int, str]]:
    values: Any
    for field, values in layer.fields.items():
        for row, value in enumerate(values):
            if isinstance(value, str) and not value.isascii() and _LOST.search(value):
                yield field, row, value


RULE = Rule("W031", "text-undecodable", "TCVN 6909:2001: văn bản tiếng Việt dùng bộ mã Unicode", check)
