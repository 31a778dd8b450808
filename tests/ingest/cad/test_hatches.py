"""Hatches: rings of every kind of edge, holes, several areas in one entity, broken boundaries."""

import math
from typing import Any

import numpy as np
import pytest
import shapely
from ezdxf.document import Drawing as Document
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.ingest.cad.hatches import nest


def square(x: float, y: float, size: float) -> list[tuple[float, float]]:
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]


def area_of(read_doc: Any, doc: Document) -> Any:
    return read_doc(doc).only()["geometry"]


@pytest.mark.parametrize("flags", [(1, 16), (1, 1), (0, 0), (16, 16), (3, 19)])
@pytest.mark.parametrize("order", [1, -1])
def test_hole_is_a_hole_whatever_the_flags_and_the_order_say(
    doc: Document, read_doc: Any, flags: tuple[int, int], order: int
) -> None:
    hatch = doc.modelspace().add_hatch(color=3)
    rings = list(zip([square(0, 0, 10), square(2, 2, 3)], flags, strict=True))[::order]
    for ring, flag in rings:
        hatch.paths.add_polyline_path(ring, is_closed=True, flags=flag)
    found = read_doc(doc).only()
    assert found["geometry"].geom_type == "Polygon"
    assert found["geometry"].area == 91 and len(found["geometry"].interiors) == 1
    assert found["aci"] == 3 and found["pattern"] == "SOLID"


def test_several_areas_with_holes_and_islands_become_one_multipolygon(doc: Document, read_doc: Any) -> None:
    hatch = doc.modelspace().add_hatch()
    hatch.set_pattern_fill("ANSI31")
    for ring in (square(0, 0, 10), square(1, 1, 8), square(2, 2, 2), square(20, 0, 5), square(21, 1, 1)):
        hatch.paths.add_polyline_path(ring, is_closed=True, flags=16)
    found = read_doc(doc).only()
    shape = found["geometry"]
    assert shape.geom_type == "MultiPolygon" and shape.is_valid
    assert shape.area == (100 - 64) + 4 + (25 - 1)
    assert sorted(len(part.interiors) for part in shape.geoms) == [0, 1, 1]
    assert found["pattern"] == "ANSI31"


def test_box_around_a_text_is_no_hole(doc: Document, read_doc: Any) -> None:
    hatch = doc.modelspace().add_hatch()
    hatch.paths.add_polyline_path(square(0, 0, 10), is_closed=True, flags=1)
    hatch.paths.add_polyline_path(square(4, 4, 2), is_closed=True, flags=8)
    assert area_of(read_doc, doc).area == 100


def test_bulges_are_arcs(doc: Document, read_doc: Any) -> None:
    hatch = doc.modelspace().add_hatch()
    hatch.paths.add_polyline_path([(0, 0, 1), (10, 0, 1)], is_closed=True)
    assert area_of(read_doc, doc).area == pytest.approx(math.pi * 25, rel=2e-3)


@pytest.mark.parametrize("ccw", [True, False])
def test_edges_of_every_kind_close_a_ring_in_both_directions(doc: Document, read_doc: Any, ccw: bool) -> None:
    """A square of 20 with a half disc on its right, half an ellipse on its left, and a spline as its top."""
    hatch = doc.modelspace().add_hatch()
    path = hatch.paths.add_edge_path()
    top = [(20, 20), (15, 24), (5, 16), (0, 20)]

    def line() -> None:
        path.add_line(*((0, 0), (20, 0))[:: 1 if ccw else -1])

    def arc() -> None:
        path.add_arc((20, 10), 10, -90, 90, ccw=ccw)

    def spline() -> None:
        points = top[:: 1 if ccw else -1]
        path.add_spline(control_points=points, knot_values=[0, 0, 0, 0, 1, 1, 1, 1], degree=3)

    def ellipse() -> None:
        path.add_ellipse((0, 10), (0, 10), 0.4, 0, 180, ccw=ccw)

    for add in (line, arc, spline, ellipse)[:: 1 if ccw else -1]:
        add()
    shape = area_of(read_doc, doc)
    curve = 20 * 20 + math.pi * 50 + math.pi * 10 * 4 / 2
    assert shape.geom_type == "Polygon" and shape.is_valid
    assert shape.area == pytest.approx(curve, rel=3e-3)  # the spline's two halves outweigh each other


def test_edges_drawn_backwards_are_turned_round(doc: Document, read_doc: Any) -> None:
    path = doc.modelspace().add_hatch().paths.add_edge_path()
    for start, end in (((10, 0), (0, 0)), ((10, 0), (10, 10)), ((0, 10), (10, 10)), ((0, 10), (0, 0))):
        path.add_line(start, end)
    assert area_of(read_doc, doc).area == 100


def test_edges_of_two_rings_in_one_path_are_told_apart(doc: Document, read_doc: Any) -> None:
    path = doc.modelspace().add_hatch().paths.add_edge_path()
    for ring in (square(0, 0, 10), square(2, 2, 3)):
        for start, end in zip(ring, ring[1:] + ring[:1], strict=True):
            path.add_line(start, end)
    assert area_of(read_doc, doc).area == 91


@pytest.mark.parametrize("kind", ["arc", "ellipse"])
def test_whole_circle_is_one_edge(doc: Document, read_doc: Any, kind: str) -> None:
    hatch = doc.modelspace().add_hatch()
    hatch.paths.add_polyline_path(square(0, 0, 10), is_closed=True)
    path = hatch.paths.add_edge_path()
    if kind == "arc":
        path.add_arc((5, 5), 2, 0, 360)
    else:
        path.add_ellipse((5, 5), (2, 0), 1, 0, 360)
    assert area_of(read_doc, doc).area == pytest.approx(100 - math.pi * 4, rel=1e-3)


def test_plane_is_mirrored_when_the_extrusion_points_down(doc: Document, read_doc: Any) -> None:
    hatch = doc.modelspace().add_hatch(dxfattribs={"extrusion": (0, 0, -1)})
    hatch.paths.add_polyline_path(square(-30, 0, 10), is_closed=True)
    assert area_of(read_doc, doc).bounds == (20, 0, 30, 10)


def test_ring_that_crosses_itself_is_handed_on_as_drawn_when_alone(doc: Document, read_doc: Any) -> None:
    hatch = doc.modelspace().add_hatch()
    hatch.paths.add_polyline_path([(0, 0), (10, 10), (10, 0), (0, 6)], is_closed=True)
    shape = area_of(read_doc, doc)
    assert not shape.is_valid and shape.geom_type == "Polygon"


def test_ring_that_crosses_itself_is_mended_and_said_when_among_others(doc: Document, read_doc: Any) -> None:
    hatch = doc.modelspace().add_hatch()
    hatch.paths.add_polyline_path([(0, 0), (10, 10), (10, 0), (0, 10)], is_closed=True)
    hatch.paths.add_polyline_path(square(20, 0, 10), is_closed=True)
    found = read_doc(doc)
    assert found.only()["geometry"].is_valid and found.only()["geometry"].area == 150
    assert "crosses itself" in found.reading.layers[0].warnings[0]


def test_ring_drawn_twice_counts_once_and_an_empty_hatch_is_left_out(doc: Document, read_doc: Any) -> None:
    hatch = doc.modelspace().add_hatch()
    for _ in range(2):
        hatch.paths.add_polyline_path(square(0, 0, 10), is_closed=True)
    doc.modelspace().add_hatch()
    line = doc.modelspace().add_hatch()
    line.paths.add_polyline_path([(0, 0), (10, 0)], is_closed=True)
    found = read_doc(doc)
    assert found.only()["geometry"].area == 100
    assert (found.left("empty").what, found.left("empty").count) == ("HATCH", 2)


def test_mpolygon_is_read_like_a_hatch(doc: Document, read_doc: Any) -> None:
    polygon = doc.modelspace().add_mpolygon(color=5)
    polygon.paths.add_polyline_path(square(0, 0, 10), is_closed=True)
    polygon.paths.add_polyline_path(square(2, 2, 3), is_closed=True)
    found = read_doc(doc).only()
    assert found["entity"] == "MPOLYGON" and found["geometry"].area == 91


def test_areas_that_share_an_edge_stay_areas_of_their_own(doc: Document, read_doc: Any) -> None:
    hatch = doc.modelspace().add_hatch()
    hatch.paths.add_polyline_path(square(0, 0, 10), is_closed=True)
    hatch.paths.add_polyline_path(square(10, 0, 10), is_closed=True)
    assert [part.area for part in area_of(read_doc, doc).geoms] == [100, 100]


boxes = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 12), st.integers(1, 12))


@given(st.lists(boxes, min_size=1, max_size=6))
def test_rings_that_lie_in_each_other_are_nested_even_odd(corners: list[tuple[int, int, int, int]]) -> None:
    """Against the rule itself: a cell is filled when an odd number of (different) rings lie around it."""
    rings = {(x, y, x + w, y + h) for x, y, w, h in corners}
    apart = all(
        a == b or shapely.box(*a).disjoint(shapely.box(*b)) or _within(a, b) or _within(b, a)
        for a in rings
        for b in rings
    )
    if not apart:
        return
    shape, mended = nest([np.array(shapely.box(*ring).exterior.coords) for ring in rings])
    cells = [(x + 0.5, y + 0.5) for x in range(25) for y in range(25)]
    filled = [sum(r[0] < x < r[2] and r[1] < y < r[3] for r in rings) % 2 == 1 for x, y in cells]
    assert not mended
    assert shape.is_valid
    assert shapely.contains_xy(shape, np.array(cells)).tolist() == filled


def _within(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return other[0] < one[0] and other[1] < one[1] and one[2] < other[2] and one[3] < other[3]


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=3, max_size=8), min_size=1, max_size=5
    )
)
def test_any_rings_end_in_polygons_or_nothing(rings: list[list[tuple[int, int]]]) -> None:
    closed = [np.array([*ring, ring[0]], dtype=float) for ring in rings]
    shape, _ = nest(closed)
    assert shape is None or shape.geom_type in ("Polygon", "MultiPolygon")
    if shape is not None and len(rings) > 1:
        assert shapely.is_valid(shapely.get_parts(shape)).all()
