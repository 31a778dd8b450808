"""Folding for search; numbers and dates as people write them."""

import math
import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.standard import fold, format_date, format_number, load_standard
from quyhoach.standard.text import language

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Xã  ĐỒNG MỎ ", "xa dong mo"),
        ("Thị trấn Đồng Đăng", "thi tran dong dang"),
        ("Ðường Quốc lộ 4B", "duong quoc lo 4b"),
        ("Nguyễn Thị Minh Khai", "nguyen thi minh khai"),
        ("THỬA\u00a0123\ttờ 4", "thua 123 to 4"),
        ("OM-12/CX", "om-12/cx"),
        ("", ""),
    ],
)
def test_text_folds_as_people_search(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_is_the_same_for_composed_and_decomposed_text_and_in_any_case(text):
    once = fold(text)
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFC", text)) == once
    assert fold(unicodedata.normalize("NFD", text)) == once


@given(st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " "))
def test_folded_vietnamese_is_plain_ascii_in_lower_case(text):
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.lower() == fold(text.upper()) == fold(text.lower())
    assert len(folded.replace(" ", "")) == len(text.replace(" ", ""))


def test_names_of_all_units_fold_to_ascii():
    names = {unit.name for unit in load_standard().units.values()}
    assert {name for name in names if not fold(name).isascii()} == set()


@pytest.mark.parametrize(
    ("value", "decimals", "vietnamese", "english"),
    [
        (1234.5, None, "1.234,5", "1,234.5"),
        (1234567, None, "1.234.567", "1,234,567"),
        (0.1 + 0.2, None, "0,3", "0.3"),
        (3609.6, 1, "3.609,6", "3,609.6"),
        (3, 2, "3,00", "3.00"),
        (0.125, 2, "0,13", "0.13"),
        (2.675, 2, "2,68", "2.68"),
        (-2.5, 0, "-3", "-3"),
        (-0.001, 2, "0,00", "0.00"),
        (-0.0, None, "0", "0"),
        (1200.0, None, "1.200", "1,200"),
        (100, None, "100", "100"),
        (1e15, None, "1.000.000.000.000.000", "1,000,000,000,000,000"),
        (math.nan, None, "–", "–"),
        (-math.inf, 2, "–", "–"),
        (Decimal("12.30"), None, "12,3", "12.3"),
        (Decimal("NaN"), None, "–", "–"),
    ],
)
def test_number_is_written_as_people_do(value, decimals, vietnamese, english):
    assert format_number(value, "vi", decimals=decimals) == vietnamese
    assert format_number(value, "en", decimals=decimals) == english


@given(st.floats(allow_nan=False, allow_infinity=False), st.none() | st.integers(0, 6))
def test_written_number_reads_back_when_finite(value, decimals):
    text = format_number(value, "vi", decimals=decimals)
    back = float(text.replace(".", "").replace(",", "."))
    assert back == pytest.approx(value, abs=0.51 * 10 ** -(6 if decimals is None else decimals), rel=1e-12)
    assert not text.startswith("-0") or back != 0
    swapped = format_number(value, "en", decimals=decimals).translate(str.maketrans(",.", ".,"))
    assert swapped == text


@given(st.dates())
def test_date_is_written_day_first_when_vietnamese(day):
    assert [int(part) for part in format_date(day, "vi").split("/")] == [day.day, day.month, day.year]
    assert str(day.year) in format_date(day, "en")


def test_date_is_written_with_the_months_name_when_english():
    assert format_date(date(2022, 8, 13), "en") == "13 August 2022"
    assert format_date(date(2022, 8, 3), "vi") == "3/8/2022"


@pytest.mark.parametrize(
    ("asked", "given_"), [("vi", "vi"), ("en", "en"), ("EN-gb", "en"), ("en_US", "en"), ("fr", "vi"), ("", "vi")]
)
def test_language_falls_back_to_vietnamese(asked, given_):
    assert language(asked) == given_
