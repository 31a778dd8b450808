"""Sheets and labels of drawings that make no sense: never an exception, never a lot's shape changed."""

from typing import Any

import numpy as np
import shapely
from hand_drawn import HandDrawn, drawing
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.mapping import LayerRule, SourceMapping
from quyhoach.standard import load_standard
from quyhoach.standardise import Context, Features, Work
from quyhoach.standardise.labels import join_labels
from quyhoach.standardise.sheet_reading import read_sheet

CONTEXT = Context(load_standard(), "EPSG:9215", (106.0, 21.2, 107.5, 22.6))
PLACES = st.integers(-30, 30).map(lambda number: number * 2.5)
SIZES = st.sampled_from([0.0, 1e-9, 1.0, 2.0, 2.5, 40.0, float("nan"), 1e8])
WORDS = st.text(max_size=9) | st.sampled_from(
    [
        *("OM-01", "OM-02", "1.200 m2", "60%", "12,5", "½", "|", " ", "\n", "a\nb\n\nc", "TỶ LỆ 1/0", "Tổng"),
        *("BẢNG CÂN BẰNG SỬ DỤNG ĐẤT", "Diện tích (ha)", "Loại đất", "Đất y tế", "CHÚ GIẢI", "KÝ HIỆU LÔ ĐẤT"),
        "mật độ xây dựng (%) | tầng cao",
    ]
)
TEXTS = st.tuples(WORDS, PLACES, PLACES, SIZES, st.sampled_from([0.0, 0.0, 30.0, 359.9999]))
LINES = st.tuples(PLACES, PLACES, PLACES, PLACES, st.sampled_from(["LINE", "LEADER", "LWPOLYLINE"]))
BOXES = st.tuples(PLACES, PLACES, st.sampled_from([2.5, 5.0, 20.0]), st.sampled_from([2.5, 5.0, 20.0]))


@settings(max_examples=120, deadline=None)
@given(st.lists(TEXTS, max_size=14), st.lists(LINES, max_size=8), st.lists(BOXES, max_size=6), st.booleans())
def test_no_drawing_stops_the_phases(texts: Any, lines: Any, boxes: Any, tagged: bool) -> None:
    draw = HandDrawn()
    for number, (words, x, y, height, rotation) in enumerate(texts):
        more = {"tag": f"T{number}", "insert": "77"} if tagged and number % 3 == 0 else {}
        draw.add(
            "CHU", "TEXT", shapely.Point(x + 1, y + 1), text=words, x=x, y=y, height=height, rotation=rotation, **more
        )
    for x, y, u, v, entity in lines:
        draw.line((x, y), (u, v), layer="CHU", entity=entity)
    for x, y, width, height in boxes:
        draw.box(x, y, x + width, y + height, layer="LO")
        draw.hatch(x, y, x + width, y + height, layer="LO")
    shapes = np.empty(len(boxes), dtype=object)
    shapes[:] = [shapely.box(x, y, x + width, y + height) for x, y, width, height in boxes]
    columns = {name: [None] * len(boxes) for name in ("phanLoai", "aci", "rgb", "layer")}
    lots = Features(LayerRule("LO", "lot"), "LO", shapes, tuple(map(str, range(len(boxes)))), columns)
    labels = tuple(
        Features(LayerRule(layer.name, "label"), layer.name, layer.geometry, layer.ids, layer.fields)
        for layer in draw.layers()
        if layer.name == "CHU"
    )
    work = read_sheet(Work(CONTEXT, SourceMapping(), draw.layers(), drawing(), features=(lots, *labels)))
    done = join_labels(work)
    after = done.role("lot")[0]
    assert after.geometry is lots.geometry or list(after.geometry) == list(lots.geometry)
    assert all(len(values) == len(boxes) for values in after.fields.values())
    assert all(len(group.fields["lot"]) == len(group) for group in done.role("label"))
