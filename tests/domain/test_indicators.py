"""Indicators: every way a Vietnamese plan writes them, and nothing read that isn't there."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.indicators import is_blank, parse_range


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("40-60", (40, 60)),
        ("40÷60", (40, 60)),
        ("40 – 60%", (40, 60)),
        ("40%-60%", (40, 60)),
        ("40 — 60 %", (40, 60)),
        ("40~60", (40, 60)),
        ("0,4-3,0", (0.4, 3.0)),
        ("0.4 - 3.0", (0.4, 3.0)),
        ("0,4-3,0 lần", (0.4, 3.0)),
        ("≤60", (None, 60)),
        ("≤ 60%", (None, 60)),
        ("<=60", (None, 60)),
        ("tối đa 5", (None, 5)),
        ("Tối đa: 5 tầng", (None, 5)),
        ("không quá 7 tầng", (None, 7)),
        ("max 5", (None, 5)),
        ("≥3", (3, None)),
        ("tối thiểu 3 tầng", (3, None)),
        ("3", (3, 3)),
        ("60%", (60, 60)),
        ("1-5 tầng", (1, 5)),
        ("từ 1 đến 5 tầng", (1, 5)),
        ("3 đến 5", (3, 5)),
        ("1.200 người", (1200, 1200)),
        ("1 200", (1200, 1200)),
        ("1.234.567", (1234567, 1234567)),
        ("12.345,6 m2", (12345.6, 12345.6)),
        ("12.345,6 m²", (12345.6, 12345.6)),
        ("0.400", (0.4, 0.4)),
        ("0,85", (0.85, 0.85)),
        ("khoảng 61", (61, 61)),
        ("tầng cao: 5", None),
        ("", None),
        ("-", None),
        ("–", None),
        ("-5", None),
        ("60-40", None),
        ("40-60-80", None),
        ("2022-05-03 00:00:00", None),
        ("3 tầng + tum", None),
        ("theo quy định", None),
        ("1e5", None),
        ("9" * 200, None),
    ],
)
def test_bounds_when_written_the_usual_ways(text: str, bounds: tuple[float | None, float | None] | None) -> None:
    assert parse_range(text) == bounds


def test_bounds_when_the_text_is_decomposed() -> None:
    assert parse_range("tô\u0301i đa 5 tâ\u0300ng") == (None, 5)


@given(
    low=st.integers(0, 99_999),
    extra=st.integers(0, 99_999),
    decimals=st.sampled_from((0, 1, 2)),
    mark=st.sampled_from(("-", " - ", "–", "÷", "~", " đến ")),
    unit=st.sampled_from(("", "%", " %", " tầng", " người")),
)
def test_both_bounds_come_back_when_a_range_is_written(
    low: int, extra: int, decimals: int, mark: str, unit: str
) -> None:
    first, last = low / 10**decimals, (low + extra) / 10**decimals
    text = f"{first:.{decimals}f}{mark}{last:.{decimals}f}{unit}".replace(".", ",")
    assert parse_range(text) == (first, last)


@given(value=st.integers(0, 10**9))
def test_a_number_comes_back_when_its_thousands_are_marked(value: int) -> None:
    assert parse_range(f"{value:,}".replace(",", ".")) == (value, value)


@given(st.text(max_size=80))
def test_bounds_are_in_order_and_finite_when_anything_is_read(text: str) -> None:
    bounds = parse_range(text)
    if bounds is not None:
        known = [bound for bound in bounds if bound is not None]
        assert known
        assert known == sorted(known)
        assert all(math.isfinite(bound) and bound >= 0 for bound in known)


@pytest.mark.parametrize("text", ["", " ", "-", "–", "không", "N/A", "..."])
def test_text_is_blank_when_it_says_nothing(text: str) -> None:
    assert is_blank(text)
    assert parse_range(text) is None


@pytest.mark.parametrize("text", ["0", "3", "theo quy định", "có"])
def test_text_is_not_blank_when_it_says_something(text: str) -> None:
    assert not is_blank(text)
