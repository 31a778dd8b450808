"""Whatever is drawn: sheets and place are found or asked for, without an exception."""

from typing import Any

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.standardise.drawn import DRAWING, Sheet

from quyhoach.domain.mapping import SourceMapping
from quyhoach.standard import load_standard
from quyhoach.standardise import Context, Work
from quyhoach.standardise.georeference import locate_drawing
from quyhoach.standardise.sheets import choose_sheet

NUMBERS = st.one_of(
    st.floats(-1e7, 1e7), st.sampled_from([0.0, 430286.1, 2395843.3, 1e300, -1e300, 1e-300, float("nan"), float("inf")])
)
PLACES = st.tuples(NUMBERS, NUMBERS)
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            *("X=2395500", "Y=430000", "X=2396000", "Y=430500", "2395500", "428500", "X=1e9", "Y=" + "9" * 40),
            *("BẢN ĐỒ", "BẢN ĐỒ GIAO THÔNG", "BẢN ĐỒ QUY HOẠCH SỬ DỤNG ĐẤT"),
            "VN-2000, kinh tuyến trục 107°15', múi chiếu 3°",
        ]
    ),
)


def shape(kind: str, places: list[tuple[float, float]]) -> Any:
    with np.errstate(all="ignore"):
        if kind == "point":
            return shapely.Point(places[0])
        if kind == "line":
            return shapely.LineString(places)
        if kind == "ring":
            return shapely.LineString([*places, places[0]])
        finite = [(x, y) for x, y in places if np.isfinite([x, y]).all()]
        return shapely.Polygon(finite) if kind == "area" and len(finite) >= 3 else None


SHAPES = st.builds(
    shape, st.sampled_from(["point", "line", "ring", "area", "none"]), st.lists(PLACES, min_size=4, max_size=8)
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(SHAPES, max_size=12),
    st.lists(st.tuples(TEXTS, PLACES, NUMBERS, NUMBERS), max_size=12),
    st.sampled_from(["", "EPSG:9215"]),
    st.sampled_from(["auto", "EPSG:9215", "EPSG:4326"]),
)
def test_anything_drawn_is_borne(
    shapes: list[Any], texts: list[tuple[str, tuple[float, float], float, float]], known: str, stated: str
) -> None:
    sheet = Sheet()
    for item in shapes:
        sheet.add("a", item)
    for words, (x, y), height, rotation in texts:
        with np.errstate(all="ignore"):
            place = shapely.Point(x, y)
        sheet.add("b", place, "TEXT", text=words, x=x, y=y, height=height, rotation=rotation)
    work = Work(Context(load_standard(), known), SourceMapping(crs=stated), sheet.layers(), drawing=DRAWING)
    with np.errstate(all="ignore"):
        done = locate_drawing(choose_sheet(work))
    for layer in done.layers:
        if done.frame is not None:
            xy = shapely.get_coordinates(layer.geometry)
            assert np.isfinite(xy).all()
