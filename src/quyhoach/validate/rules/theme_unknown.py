"""E016: an overlay or a coverage names a theme that the standard doesn't have."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import Subject, place


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per feature of `restrictions` and `coverage` without a known theme: no answer could name it."""
    for name in ("restrictions", "coverage"):
        layer = subject.layers.get(name)
        if layer is None or layer.geometry is None:
            continue
        for row, theme in enumerate(subject.column(layer, "theme")):
            if theme not in subject.standard.themes:
                shape = place(layer.geometry[row])
                yield rule.finding(layer=name, feature=f"#{row + 1}", wkb=shape, theme=str(theme or "–"))


RULE = Rule("E016", "theme-not-in-standard", "Bảng themes của bộ tiêu chuẩn dữ liệu", check)
