"""Which bounds of the standard's table `norm_limits` count for a package."""

from quyhoach.standard import NormLimit
from quyhoach.validate.subject import Subject


def bounds(subject: Subject, measure: str) -> tuple[NormLimit, ...]:
    """The rows of a measure for the plan's kind, its town's class (fact `town_class`; not said: rows for any class)
    and the day whose law counts (not said: every row), in the table's order."""
    kind, town = subject.facts.get("kind", ""), subject.facts.get("town_class", "")
    day = subject.day
    return tuple(
        row
        for row in subject.standard.norm_limits.values()
        if row.measure == measure
        and (not row.kinds or not kind or kind in row.kinds)
        and row.town_class in ("", town)
        and (day is None or row.valid_from is None or row.valid_from <= day)
        and (day is None or row.valid_to is None or day < row.valid_to)
    )


def said(row: NormLimit) -> str:
    """The bound as people write it: "≥ 4", "≤ 13", "45–60"."""
    low, high = (None if value is None else f"{value:g}".replace(".", ",") for value in (row.min, row.max))
    if low is not None and high is not None:
        return f"{low}–{high}"
    return f"≥ {low}" if low is not None else f"≤ {high}"


def counts_for(row: NormLimit, function: str) -> bool:
    """Whether a bound is about lots with this function."""
    return not row.functions or function.casefold() in {code.casefold() for code in row.functions}


def within(row: NormLimit, value: float, *, slack: float = 0.0) -> bool:
    """Whether a figure keeps the bound, up to `slack` of the bound."""
    return (row.min is None or value >= row.min * (1 - slack)) and (row.max is None or value <= row.max * (1 + slack))
