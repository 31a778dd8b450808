"""What a page was asked: read kindly, refused in words."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.apps.portal.question import LONGEST, as_number, date_of, place_of, read_asked
from quyhoach.domain.errors import DateError, PlaceError

EXTENT = (106.0, 21.2, 107.5, 22.6)


@pytest.mark.parametrize(("lon", "lat"), [("106.5783", "21.6570"), ("106,5783", "21,6570"), (" 106.5783 ", "+21.657")])
def test_place_is_understood_when_written_as_people_do(lon: str, lat: str) -> None:
    assert place_of(read_asked({"lon": lon, "lat": lat}), EXTENT) == pytest.approx((106.5783, 21.657))


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("106.5", "", "page-missing-coordinate"),
        ("", "21.6", "page-missing-coordinate"),
        ("abc", "21.6", "page-bad-coordinate"),
        ("nan", "21.6", "page-bad-coordinate"),
        ("inf", "21.6", "page-bad-coordinate"),
        ("1e400", "21.6", "page-bad-coordinate"),
        ("181", "21.6", "page-coordinate-out-of-range"),
        ("106.5", "-90.5", "page-coordinate-out-of-range"),
        ("21.657", "106.5783", "page-coordinate-swapped"),
    ],
)
def test_fault_is_named_when_a_coordinate_is_wrong(lon: str, lat: str, code: str) -> None:
    with pytest.raises(PlaceError) as error:
        place_of(read_asked({"lon": lon, "lat": lat}), EXTENT)
    assert error.value.code == code


def test_date_is_today_when_none_is_given() -> None:
    today = date(2026, 11, 22)
    assert date_of(read_asked({}), today) == today
    assert date_of(read_asked({"on": "2023-01-02"}), today) == date(2023, 1, 2)
    assert as_number(date(2023, 1, 2)) == 20230102


@pytest.mark.parametrize("text", ["hôm qua", "22/11/2026", "2026-02-30", "2026-13-01"])
def test_fault_is_named_when_a_date_is_none(text: str) -> None:
    with pytest.raises(DateError):
        date_of(read_asked({"on": text}), date(2026, 11, 22))


@given(st.dictionaries(st.sampled_from(["lon", "lat", "on", "q", "lang"]), st.text()))
def test_any_query_is_read_or_refused_in_words(query: dict[str, str]) -> None:
    asked = read_asked(query)
    assert asked.lang in ("vi", "en")
    assert len(asked.q) <= LONGEST and asked.q.isprintable()
    try:
        lon, lat = place_of(asked, EXTENT)
    except PlaceError:
        return
    assert math.isfinite(lon) and math.isfinite(lat)
