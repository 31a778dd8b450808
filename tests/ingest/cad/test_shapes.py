"""Lines, curves, points and faces."""

import math
from typing import Any

import ezdxf
import numpy as np
import pytest
import shapely
from ezdxf.document import Drawing as Document
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.ingest.cad.curves import arc_points, bulged


def test_line_has_its_ends_layer_colour_and_handle(doc: Document, read_doc: Any) -> None:
    line = doc.modelspace().add_line((1, 2), (3, 4), dxfattribs={"layer": "LO", "linetype": "Dashed"})
    found = read_doc(doc).only()
    assert found["geometry"].equals_exact(shapely.LineString([(1, 2), (3, 4)]), 0)
    assert (found["layer"], found["entity"], found["id"]) == ("LO", "LINE", line.dxf.handle)
    assert (found["aci"], found["rgb"], found["linetype"], found["closed"]) == (42, None, "DASHED", False)
    assert found["text"] is None and found["block"] is None and found["insert"] is None


def test_line_without_length_is_kept_for_later_phases(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_line((1, 2), (1, 2))
    assert read_doc(doc).only()["geometry"].length == 0


@pytest.mark.parametrize("version", ["R12", "R2000", "R2004", "R2007", "R2010", "R2013", "R2018"])
@pytest.mark.parametrize("binary", [False, True])
def test_every_version_is_read_when_ascii_or_binary(version: str, binary: bool, read_doc: Any) -> None:
    made = ezdxf.new(version)
    made.modelspace().add_polyline2d([(0, 0), (10, 0), (10, 10)], close=True)
    made.modelspace().add_text("Đất ở")
    found = read_doc(made, binary=binary)
    assert {entity["entity"] for entity in found.entities} == {"POLYLINE", "TEXT"}
    assert found.of("TEXT")[0]["text"] == "Đất ở"
    assert found.drawing.version == made.dxfversion
    assert not found.drawing.recovered
    assert found.drawing.codepage == ("utf-8" if made.dxfversion >= "AC1021" else "cp1252")


@pytest.mark.parametrize("add", ["add_lwpolyline", "add_polyline2d"])
def test_bulges_are_drawn_as_arcs_when_a_polyline_is_closed(doc: Document, read_doc: Any, add: str) -> None:
    square = [(0, 0, 1), (10, 0, 0), (10, 10, 0), (0, 10, 0)]
    getattr(doc.modelspace(), add)(square, format="xyb", close=True)
    found = read_doc(doc).only()
    ring = found["geometry"]
    assert found["closed"] and ring.is_closed
    assert shapely.Polygon(ring).area == pytest.approx(100 + math.pi * 12.5, rel=2e-3)  # a half disc below
    assert ring.bounds[1] == pytest.approx(-5, abs=0.005)


def test_last_corner_is_not_doubled_when_a_closed_polyline_is_drawn_to_its_start(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_lwpolyline([(0, 0), (10, 0), (10, 10), (0, 0)], close=True)
    assert len(read_doc(doc).only()["geometry"].coords) == 4


def test_plane_is_mirrored_when_the_extrusion_points_down(doc: Document, read_doc: Any) -> None:
    space, down = doc.modelspace(), {"extrusion": (0, 0, -1)}
    space.add_lwpolyline([(-1, 2), (-3, 2), (-3, 5)], dxfattribs=down)
    space.add_circle((-7, 1), 2, dxfattribs=down)
    space.add_arc((-10, 0), 1, 0, 90, dxfattribs=down)
    line, circle, arc = (entity["geometry"] for entity in read_doc(doc).entities)
    assert line.equals_exact(shapely.LineString([(1, 2), (3, 2), (3, 5)]), 1e-9)
    assert circle.centroid.equals_exact(shapely.Point(7, 1), 1e-6)
    assert np.allclose(arc.coords[0], (9, 0)) and np.allclose(arc.coords[-1], (10, 1))


def test_arc_stays_within_5_mm_and_ends_where_drawn(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_arc((430000, 2395000), 300, 350, 80)
    arc = shapely.get_coordinates(read_doc(doc).only()["geometry"])
    away = np.hypot(*(arc - (430000, 2395000)).T)
    middles = np.hypot(*((arc[1:] + arc[:-1]) / 2 - (430000, 2395000)).T)
    assert np.allclose(away, 300, atol=1e-6)
    assert (300 - middles).max() <= 0.005
    assert np.ptp(np.hypot(*np.diff(arc, axis=0).T)) < 1e-6
    assert len(arc) < 200


def test_arc_is_coarser_in_units_when_coordinates_are_millimetres(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_arc((430_000_000, 2_395_000_000), 10_000, 0, 90)
    assert 15 < len(read_doc(doc).only()["geometry"].coords) < 40


@given(
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.floats(-1e3, 1e3),
    st.floats(-1e3, 1e3),
    st.floats(-5, 5).filter(lambda bulge: abs(bulge) > 1e-3),
)
def test_neighbours_share_vertices_when_an_arc_is_drawn_from_either_end(
    x: float, y: float, dx: float, dy: float, bulge: float
) -> None:
    points = np.array([(x, y), (x + dx, y + dy)])
    there = bulged(points, np.array([bulge, 0.0]), False, 0.005)
    back = bulged(points[::-1], np.array([-bulge, 0.0]), False, 0.005)
    assert len(there) == len(back)
    assert np.abs(there - back[::-1]).max() <= 1e-6


@given(st.floats(0.1, 5000), st.floats(0, 360), st.floats(0.01, 6.28))
def test_arc_entity_and_bulge_give_the_same_points(radius: float, start: float, sweep: float) -> None:
    arc = arc_points((1000.0, 2000.0), radius, math.radians(start), sweep, 0.005)
    bulge = math.tan(sweep / 4)
    same = bulged(np.array([arc[0], arc[-1]]), np.array([bulge, 0.0]), False, 0.005)
    # The sagitta of a nearly whole circle can't be told from its ends to the last digit.
    if sweep < 6:
        assert len(arc) == len(same)
        assert np.abs(arc - same).max() <= 1e-6 * max(radius, 1)


def test_circle_is_a_closed_ring(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_circle((5, 5), 2)
    found = read_doc(doc).only()
    assert found["closed"] and found["geometry"].is_closed
    assert shapely.Polygon(found["geometry"]).area == pytest.approx(math.pi * 4, rel=5e-3)


def test_ellipse_is_whole_or_a_part(doc: Document, read_doc: Any) -> None:
    space = doc.modelspace()
    space.add_ellipse((0, 0), (10, 0), 0.5)
    space.add_ellipse((0, 0), (10, 0), 0.5, 0, math.pi / 2)
    whole, part = read_doc(doc).entities
    assert whole["closed"] and shapely.Polygon(whole["geometry"]).area == pytest.approx(math.pi * 50, rel=1e-3)
    assert not part["closed"]
    assert np.allclose(part["geometry"].coords[0], (10, 0)) and np.allclose(part["geometry"].coords[-1], (0, 5))


def test_spline_is_within_5_mm_and_bounded(doc: Document, read_doc: Any) -> None:
    spline = doc.modelspace().add_open_spline([(0, 0), (30, 60), (90, -40), (120, 10), (200, 0)])
    curve = np.array([tuple(point)[:2] for point in spline.construction_tool().approximate(5000)])
    found = read_doc(doc).only()["geometry"]
    assert shapely.hausdorff_distance(found, shapely.LineString(curve)) <= 0.01
    assert len(found.coords) <= 500


def test_spline_is_the_same_when_drawn_from_the_other_end(doc: Document, read_doc: Any) -> None:
    points = [(0, 0), (30, 60), (90, -40), (120, 10), (200, 0)]
    doc.modelspace().add_open_spline(points)
    doc.modelspace().add_open_spline(points[::-1])
    one, other = (shapely.get_coordinates(entity["geometry"]) for entity in read_doc(doc).entities)
    assert np.abs(one - other[::-1]).max() <= 1e-6


def test_spline_of_fit_points_passes_through_them(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_spline([(0, 0), (10, 10), (20, 0)])
    found = read_doc(doc).only()["geometry"]
    assert found.distance(shapely.Point(10, 10)) < 0.05


def test_3d_polyline_is_flattened_and_said_when_its_heights_differ(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_polyline3d([(0, 0, 5), (10, 0, 6), (10, 10, 7)])
    doc.modelspace().add_polyline3d([(0, 0, 5), (10, 0, 5)])
    uneven, even = read_doc(doc).entities
    assert uneven["elevation"] and not even["elevation"]
    assert not uneven["geometry"].has_z


def test_corners_are_put_in_order_when_a_solid_is_read(doc: Document, read_doc: Any) -> None:
    space = doc.modelspace()
    space.add_solid([(0, 0), (4, 0), (0, 3), (4, 3)])
    space.add_trace([(0, 0), (4, 0), (0, 3)])
    space.add_3dface([(0, 0, 1), (4, 0, 1), (4, 3, 2), (0, 3, 2)])
    areas = [entity["geometry"].area for entity in read_doc(doc).entities]
    assert areas == [12, 6, 12]


def test_point_is_a_point(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_point((7, 8, 9))
    found = read_doc(doc).only()
    assert found["entity"] == "POINT" and found["geometry"].equals(shapely.Point(7, 8))


def test_mline_is_taken_apart_into_its_lines(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_mline([(0, 0), (10, 0), (10, 10)])
    lines = read_doc(doc).entities
    assert len(lines) >= 4 and {entity["entity"] for entity in lines} == {"MLINE"}


def test_true_colour_wins_and_layer_colour_is_inherited(doc: Document, read_doc: Any) -> None:
    doc.layers.add("MAU", true_color=ezdxf.colors.rgb2int((10, 20, 30)))
    space = doc.modelspace()
    space.add_point((0, 0), dxfattribs={"layer": "LO", "true_color": 0x0A141E, "color": 5})
    space.add_point((0, 0), dxfattribs={"layer": "MAU"})
    space.add_point((0, 0), dxfattribs={"layer": "LO", "color": 5})
    own, index, layer = read_doc(doc).entities
    assert own["rgb"] == "#0a141e" and own["aci"] == 5
    assert layer["rgb"] == "#0a141e"
    assert index["rgb"] is None and index["aci"] == 5


def test_hidden_layers_are_left_out_and_said_with_their_place(doc: Document, read_doc: Any) -> None:
    space = doc.modelspace()
    space.add_lwpolyline([(0, 0), (10, 0), (10, 20)], dxfattribs={"layer": "tat"})
    space.add_line((5, 5), (30, 5), dxfattribs={"layer": "TAT"})
    space.add_text("cũ", dxfattribs={"layer": "BANG"})
    space.add_point((1, 1), dxfattribs={"invisible": 1})
    space.add_point((1, 1))
    found = read_doc(doc)
    assert len(found.entities) == 1
    off, frozen = found.left("layer-off"), found.left("layer-frozen")
    assert (off.what, off.count, off.bounds) == ("TAT", 2, (0, 0, 30, 20))
    assert (frozen.what, frozen.count) == ("BANG", 1)
    assert found.left("invisible").count == 1
    assert found.drawing.layers["TAT"].off and found.drawing.layers["BANG"].frozen


def test_paper_space_is_left_out_and_said(doc: Document, read_doc: Any) -> None:
    doc.layout("Layout1").add_text("KHUNG TÊN")
    doc.modelspace().add_point((0, 0))
    row = read_doc(doc).left("paper-space")
    assert (row.what, row.count) == ("Layout1", 1)


def test_what_cannot_be_read_is_said_by_type(doc: Document, read_doc: Any) -> None:
    space = doc.modelspace()
    space.add_ray((0, 0), (1, 0))
    space.add_linear_dim((0, 5), (0, 0), (10, 0)).render()
    space.add_wipeout([(0, 0), (1, 1)])
    image = doc.add_image_def("C:\\Ảnh\\ve_tinh.jpg", (100, 100))
    space.add_image(image, (0, 0), (10, 10))
    space.add_point((0, 0))
    found = read_doc(doc)
    rows = {(row.reason, row.what): row.count for row in found.drawing.left_out}
    assert rows == {("unsupported", "RAY"): 1, ("unsupported", "DIMENSION"): 1, ("image", "ve_tinh.jpg"): 1}


OLE = """  0
OLE2FRAME
  5
ABC
100
AcDbEntity
  8
LO
100
AcDbOle2Frame
 70
2
  3
Microsoft Excel Worksheet
 10
100.0
 20
90.0
 30
0.0
 11
160.0
 21
50.0
 31
0.0
 90
2
310
0000
  1
OLE
"""


def test_embedded_sheet_image_and_missing_reference_are_named_with_their_place(
    doc: Document, read_file: Any, tmp_path: Any
) -> None:
    space = doc.modelspace()
    space.add_image(doc.add_image_def("nền.png", (100, 50)), (10, 20), (30, 15))
    doc.add_xref_def("nen.dwg", "NEN")
    space.add_blockref("NEN", (7, 8))
    space.add_point((0, 0))
    doc.saveas(tmp_path / "a.dxf")
    text = (tmp_path / "a.dxf").read_text(encoding="utf-8")
    (tmp_path / "a.dxf").write_text(text.replace("  0\nPOINT\n", f"{OLE}  0\nPOINT\n", 1), encoding="utf-8")
    found = read_file(tmp_path / "a.dxf")
    assert (found.left("ole").what, found.left("ole").handle) == ("Microsoft Excel Worksheet", "ABC")
    assert found.left("ole").bounds == (100, 50, 160, 90)
    assert (found.left("image").what, found.left("image").bounds) == ("nền.png", (10, 20, 40, 35))
    assert (found.left("xref-missing").what, found.left("xref-missing").bounds) == ("nen.dwg", (7, 8, 7, 8))


@pytest.mark.parametrize("value", ["nan", "inf", "1e300"])
def test_entity_is_left_out_as_broken_when_a_coordinate_is_no_number(
    doc: Document, read_file: Any, tmp_path: Any, value: str
) -> None:
    space = doc.modelspace()
    space.add_line((123.5, 0), (1, 1))
    space.add_lwpolyline([(123.5, 0), (1, 1), (2, 0)], close=True)
    space.add_circle((123.5, 0), 1)
    space.add_text("A", dxfattribs={"insert": (123.5, 0)})
    hatch = space.add_hatch()
    hatch.paths.add_polyline_path([(123.5, 0), (1, 1), (2, 0)])
    space.add_point((7, 7))
    path = tmp_path / "ban-ve.dxf"
    doc.saveas(path)
    path.write_text(path.read_text(encoding="utf-8").replace("123.5", value), encoding="utf-8")
    found = read_file(path)
    assert [entity["entity"] for entity in found.entities] == ["POINT"]
    assert sum(row.count for row in found.drawing.left_out if row.reason == "broken") == 5
