"""A frame and its inverse; its line in the table `provenance`."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.frame import Frame, frame_from_json

FRAMES = st.builds(
    lambda swapped, unit, angle, scale, east, north: Frame(
        "EPSG:9215", swapped, unit, (scale * math.cos(angle), scale * math.sin(angle)), (east, north)
    ),
    st.booleans(),
    st.sampled_from([1.0, 0.001, 0.01, 1000.0]),
    st.floats(-math.pi, math.pi),
    st.floats(0.1, 10.0),
    st.floats(-1e6, 3e6),
    st.floats(-1e6, 3e6),
)
PLACES = st.lists(st.tuples(st.floats(1e5, 3e6), st.floats(1e5, 3e6)), min_size=1, max_size=5)


@given(FRAMES, PLACES)
def test_drawing_and_laying_give_back_what_was_there(frame: Frame, places: list[tuple[float, float]]) -> None:
    true = np.array(places)
    assert np.abs(frame.to_true(frame.to_drawn(true)) - true).max() < 1e-6


@given(FRAMES)
def test_frame_is_the_same_when_read_back(frame: Frame) -> None:
    assert frame_from_json(frame.to_json()) == frame


@given(FRAMES, PLACES)
def test_lengths_keep_their_proportion(frame: Frame, places: list[tuple[float, float]]) -> None:
    drawn = np.array([*places, (0.0, 0.0)])
    true = frame.to_true(drawn)
    factor = frame.unit * math.hypot(*frame.turn)
    measured = np.hypot(*(true - true[-1]).T)
    assert measured == pytest.approx(np.hypot(*drawn.T) * factor, rel=1e-6, abs=1e-6)


def test_northing_first_becomes_easting_first_when_swapped() -> None:
    laid = Frame("EPSG:9215", True, 0.001).to_true(np.array([[2395843300.0, 430286100.0]]))
    assert laid[0].tolist() == pytest.approx([430286.1, 2395843.3])


@pytest.mark.parametrize("text", ["{}", '{"crs": 1, "swapped": 0, "unit": 1, "turn": [1], "shift": [0, 0]}', "no"])
def test_text_is_refused_when_it_is_no_frame(text: str) -> None:
    with pytest.raises(ValueError):
        frame_from_json(text)
