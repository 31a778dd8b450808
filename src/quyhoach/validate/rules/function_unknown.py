"""W005: a lot's land-use function is missing or not in the province's list."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.domain.mapping import SOURCE_FUNCTION
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import LOTS, Subject, place


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot whose `phanLoai` is no code of the list; with what the source said, where that was kept."""
    listed = subject.facts.get("land_use", "tt16")
    known = {code for code, row in subject.standard.land_use.items() if row.list == listed}
    notes = subject.column(subject.lots, "ghiChu")
    for row, function in enumerate(subject.column(subject.lots, "phanLoai")):
        if function is not None and str(function).casefold() in known:
            continue
        kept = str(notes[row] or "").partition(SOURCE_FUNCTION)[2]
        value = str(function or kept or "–")
        yield rule.finding(
            layer=LOTS,
            feature=subject.lot_name(row),
            wkb=place(subject.lot_shapes[row]),
            source_handle=subject.handle(row),
            value=value,
            list=listed,
        )


RULE = Rule("W005", "function-unknown", "TT 16/2025/TT-BXD, Phụ lục I: chức năng sử dụng đất", check, TT16)
