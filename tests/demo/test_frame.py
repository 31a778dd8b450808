"""The valley's axes and the labels that keep through versions."""

from random import Random

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.demo.arrange import Lot, Patch
from quyhoach.demo.frame import blob, spine
from quyhoach.demo.sheet import label_lots, relabel

FRAME = spine([(-2000, -900), (-700, -300), (600, 250), (1900, 1200)], origin=(0, 0))


@given(st.floats(-1500, 1500), st.floats(-600, 600))
def test_place_comes_back_when_located(s: float, t: float) -> None:
    back = FRAME.locate(FRAME.at(s, t))[0]
    assert abs(back[0] - s) < 12
    assert abs(back[1] - t) < 2


def test_spine_starts_at_its_origin_when_s_is_zero() -> None:
    assert np.hypot(*FRAME.at(0, 0)[0]) < 40


@given(st.integers(0, 500), st.floats(20, 3000))
def test_blob_is_a_valid_polygon_when_drawn(seed: int, radius: float) -> None:
    shape = blob(Random(seed), (0, 0), radius, stretch=1.3, angle=0.4)
    assert shape.is_valid
    assert shape.contains(shapely.Point(0, 0))


def squares(uses: list[str]) -> list[Lot]:
    return [
        Lot(shapely.box(i * 50, 0, i * 50 + 50, 50), Patch(shapely.box(0, 0, 1, 1), use)) for i, use in enumerate(uses)
    ]


def test_labels_keep_when_a_new_lot_is_put_between() -> None:
    before = label_lots(squares(["housing", "housing", "park", "housing"]), "k")
    after = relabel(label_lots(squares(["housing", "park", "park", "housing", "housing"]), "k"), before)
    old = {round(lot.shape.centroid.x): lot.label for lot in before}
    new = {round(lot.shape.centroid.x): lot.label for lot in after}
    assert {x: new[x] for x in (25, 125, 175)} == {x: old[x] for x in (25, 125, 175)}
    assert new[75] == "CX-02"
    assert new[225] == "OM-04"
