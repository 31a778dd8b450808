"""Coordinates in any system, axes either way round."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.errors import PlaceError
from quyhoach.lookup.place import epsg_of, locate

EXTENT = (106.0, 21.2, 107.5, 22.6)


def test_known_point_of_vn2000_when_given_easting_first() -> None:
    place = locate(500000, 2420000, 9215, EXTENT)  # NORMS §9, test point
    assert (round(place.lon, 6), round(place.lat, 6)) == (107.251890, 21.876555)
    assert not place.swapped


def test_axes_are_turned_when_only_the_other_order_lies_in_the_province() -> None:
    place = locate(2420000, 500000, 9215, EXTENT)
    assert place.swapped and round(place.lat, 6) == 21.876555
    assert locate(21.657, 106.5783, 4326, EXTENT).swapped


@given(st.floats(106.01, 107.49), st.floats(21.21, 22.59))
def test_place_is_itself_when_given_in_wgs84(lon: float, lat: float) -> None:
    place = locate(lon, lat, 4326, EXTENT)
    assert (place.lon, place.lat, place.swapped) == (lon, lat, False)
    assert locate(lat, lon, 4326, EXTENT).swapped


@pytest.mark.parametrize(("x", "y"), [(math.nan, 21), (math.inf, 21), (-math.inf, math.nan)])
def test_place_is_refused_when_not_finite(x: float, y: float) -> None:
    with pytest.raises(PlaceError, match="place-not-finite"):
        locate(x, y, 4326, EXTENT)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.sampled_from([4326, 9215, 3405]))
def test_place_is_in_the_extent_or_refused_for_any_numbers(x: float, y: float, epsg: int) -> None:
    try:
        place = locate(x, y, epsg, EXTENT)
    except PlaceError:
        return
    assert EXTENT[0] <= place.lon <= EXTENT[2] and EXTENT[1] <= place.lat <= EXTENT[3]


def test_crs_is_known_by_its_usual_spellings() -> None:
    assert epsg_of("9215") == epsg_of(" epsg:9215") == epsg_of("urn:ogc:def:crs:EPSG::9215") == 9215


@pytest.mark.parametrize("text", ["", "abc", "EPSG:999999", "0000", "EPSG:9215; DROP", "٩٢١٥"])
def test_crs_is_refused_when_unknown(text: str) -> None:
    with pytest.raises(PlaceError, match="place-unknown-crs"):
        epsg_of(text)
