"""The drawing's own land-use balance table beside what was drawn: for the rules and for the report."""

from collections.abc import Iterator
from dataclasses import dataclass

from quyhoach.validate.subject import Subject

TOLERANCE = 0.01
LEAST_M2 = 150.0  # tables are rounded to 0,01 ha
INSIDE = 0.5  # of a lot must lie in the outline for its area to be counted


@dataclass(frozen=True, slots=True)
class Compared:
    """A function's area in m² as written in the table (None: not there) and as drawn, and its lots' rows."""

    function: str
    name: str
    written: float | None
    drawn: float
    lots: tuple[int, ...]

    @property
    def agrees(self) -> bool:
        return self.written is None or agree(self.written, self.drawn)


def agree(written: float, drawn: float) -> bool:
    """Whether two areas in m² are the same but for rounding and small inexactness."""
    return abs(written - drawn) <= max(TOLERANCE * max(abs(written), abs(drawn)), LEAST_M2)


def compare(subject: Subject) -> tuple[Compared, ...]:
    """Every function of table and lots, in the table's order, then the lots' others. Where a function stands in several
    lines, their sum or (a line and its parts) the single line that fits the drawing best is taken."""
    lines: dict[str, list[float]] = {}
    for function, _, area, total in _rows(subject):
        if function and area is not None and not total:
            lines.setdefault(function.casefold(), []).append(area)
    lots: dict[str, list[int]] = {}
    for row, function in enumerate(subject.column(subject.lots, "phanLoai")):
        if function and subject.beyond[row] < INSIDE * subject.lot_areas[row]:
            lots.setdefault(str(function).casefold(), []).append(row)
    codes = [*lines, *(code for code in lots if code not in lines)]
    return tuple(_compared(subject, code, lines.get(code, []), lots.get(code, [])) for code in codes)


def _compared(subject: Subject, code: str, written: list[float], rows: list[int]) -> Compared:
    drawn = float(subject.lot_areas[rows].sum())
    known = subject.standard.land_use.get(code)
    best: float | None = None
    if written:
        best = min([sum(written), *written], key=lambda value: abs(value - drawn))
    name = known.code if known is not None else code
    return Compared(name, known.name["vi"] if known is not None else code, best, drawn, tuple(rows))


def total_m2(subject: Subject, measured: float) -> float | None:
    """The total that the table gives in m², of several the one nearest to `measured`; None where it gives none."""
    totals = [area for _, _, area, total in _rows(subject) if total and area]
    return min(totals, key=lambda value: abs(value - measured)) if totals else None


def is_written(subject: Subject) -> bool:
    """Whether the drawing had a table that was read."""
    return any(True for _ in _rows(subject))


def _rows(subject: Subject) -> Iterator[tuple[str, str, float | None, bool]]:
    """Function ("" unknown), words, area in m², whether a total."""
    table = subject.layers.get("balance_table")
    if table is None:
        return
    columns = (subject.column(table, key) for key in ("function", "name", "area_m2", "total"))
    for function, name, area, total in zip(*columns, strict=True):
        number = float(area) if isinstance(area, int | float) else None
        yield str(function or ""), str(name or ""), number, bool(total)
