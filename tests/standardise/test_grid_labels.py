"""Grid labels in the ways that draughtsmen write them."""

import pytest

from quyhoach.standardise.grid_labels import _LABELLED


@pytest.mark.parametrize("text", ["N=2396500", "N: 2396500", "N 2396500", "X = 2 396 500", "E 428500.00"])
def test_label_is_found_when_its_letter_stands_before_a_coordinate(text: str) -> None:
    assert len(_LABELLED.findall(text)) == 1


@pytest.mark.parametrize("text", ["D 2", "Đường N 12", "E 7, N 15", "LÔ B 250"])
def test_nothing_is_found_when_a_letter_stands_before_a_small_number(text: str) -> None:
    assert _LABELLED.findall(text) == []
