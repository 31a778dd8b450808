"""How many people the lots of a plan are for."""

from quyhoach.domain.indicators import parse_range
from quyhoach.validate.subject import Subject

HOMES = frozenset({"residential", "mixed"})  # groups of functions where people live
ENOUGH = 0.6  # of the lots where people live must say how many: else their sum is not the plan's population


def drawn_population(subject: Subject) -> float | None:
    """The sum of the lots' `danSo` (of a range its upper end); None where too few lots say it."""
    total, saying, homes = 0.0, 0, 0
    for value, function in zip(subject.column(subject.lots, "danSo"), subject.functions, strict=True):
        home = function is not None and function.group in HOMES
        homes += home
        bounds = parse_range(str(value)) if value is not None else None
        most = None if bounds is None else bounds[1]
        if most is not None:
            total += most
            saying += home
    return total if homes and saying >= ENOUGH * homes else None
