"""Block references taken apart: places, handles, what is inherited, what is hidden, what goes round in circles."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
import shapely
from ezdxf.disassemble import recursive_decompose
from ezdxf.document import Drawing as Document

from quyhoach.domain.errors import IngestError
from quyhoach.ingest.limits import Limits


def test_geometry_is_that_of_ezdxf_when_blocks_are_nested_scaled_turned_and_mirrored(read_doc: Any) -> None:
    """ezdxf's own explosion, which we don't use because it is slow, is the measure."""
    random = np.random.default_rng(20_260_101)
    doc = ezdxf.new("R2010")
    names = [f"B{number}" for number in range(6)]
    for number, name in enumerate(names):
        block = doc.blocks.new(name, base_point=random.uniform(-5, 5, 3))
        block.add_line(random.uniform(-9, 9, 3), random.uniform(-9, 9, 3))
        block.add_lwpolyline(random.uniform(-9, 9, (4, 2)), close=True)
        block.add_lwpolyline(random.uniform(-9, 9, (3, 2)), dxfattribs={"extrusion": (0, 0, -1), "elevation": 3})
        block.add_polyline3d(random.uniform(-9, 9, (3, 3)))
        block.add_point(random.uniform(-9, 9, 3))
        for inner in names[:number]:
            # One size along both axes: ezdxf cannot explode what would be sheared.
            size = random.uniform(0.3, 2)
            attributes = {
                "xscale": size * random.choice([-1, 1]),
                "yscale": size * random.choice([-1, 1]),
                "zscale": size,
                "rotation": random.uniform(0, 360),
                "extrusion": (0, 0, random.choice([-1, 1])),
            }
            block.add_blockref(inner, random.uniform(-20, 20, 3), attributes)
    doc.modelspace().add_blockref("B5", (1000, 2000), {"rotation": 30, "xscale": 2, "yscale": -2, "zscale": 2})
    expected: dict[str, list[Any]] = {}
    for entity in recursive_decompose(doc.modelspace()):
        kind = entity.dxftype()
        if kind == "LINE":
            points = [entity.dxf.start, entity.dxf.end]
        elif kind == "POINT":
            points = [entity.dxf.location]
        elif kind == "LWPOLYLINE":
            points = [*entity.vertices_in_wcs()]
        else:
            points = [*entity.points()]
        expected.setdefault(kind, []).append(np.array([tuple(point)[:2] for point in points]))
    found = read_doc(doc)
    for kind, wanted in expected.items():
        mine = [shapely.get_coordinates(entity["geometry"]) for entity in found.of(kind)]
        closed = [entity["closed"] for entity in found.of(kind)]
        mine = [points[:-1] if ring else points for points, ring in zip(mine, closed, strict=True)]
        # ezdxf may turn the order of corners round when it mirrors: compared by their middle.
        keys = sorted(tuple(np.round(points.mean(axis=0), 4)) for points in mine)
        assert keys == sorted(tuple(np.round(points.mean(axis=0), 4)) for points in wanted)


def test_sheared_points_are_where_the_matrices_put_them(doc: Document, read_doc: Any) -> None:
    def matrix(dx: float, dy: float, degrees: float, sx: float, sy: float) -> np.ndarray:
        turn = np.radians(degrees)
        turned = np.array([[np.cos(turn), -np.sin(turn), dx], [np.sin(turn), np.cos(turn), dy], [0, 0, 1]])
        return turned @ np.diag([sx, sy, 1])

    inner, outer = doc.blocks.new("TRONG", base_point=(1, 2)), doc.blocks.new("NGOÀI")
    inner.add_lwpolyline([(0, 0), (4, 0), (4, 3)])
    outer.add_blockref("TRONG", (5, -3), {"rotation": 30, "xscale": 2, "yscale": -1})
    doc.modelspace().add_blockref("NGOÀI", (100, 50), {"rotation": -70, "xscale": 3, "yscale": 0.5})
    whole = matrix(100, 50, -70, 3, 0.5) @ matrix(5, -3, 30, 2, -1)
    corners = whole @ np.array([(0 - 1, 0 - 2, 1), (4 - 1, 0 - 2, 1), (4 - 1, 3 - 2, 1)]).T
    found = shapely.get_coordinates(read_doc(doc).only()["geometry"])
    assert np.allclose(found, corners[:2].T, atol=1e-9)


def test_entity_tells_its_blocks_handles_and_insert(doc: Document, read_doc: Any) -> None:
    inner, outer = doc.blocks.new("TRONG"), doc.blocks.new("NGOÀI")
    line = inner.add_line((0, 0), (1, 0))
    reference = outer.add_blockref("TRONG", (5, 0))
    insert = doc.modelspace().add_blockref("NGOÀI", (10, 0))
    found = read_doc(doc).only()
    assert found["block"] == "NGOÀI/TRONG"
    assert found["id"] == f"{insert.dxf.handle}/{reference.dxf.handle}/{line.dxf.handle}"
    assert found["insert"] == f"{insert.dxf.handle}/{reference.dxf.handle}"
    assert found["geometry"].equals(shapely.LineString([(15, 0), (16, 0)]))


def test_layer_0_colour_and_line_type_are_those_of_the_insert_when_inherited(doc: Document, read_doc: Any) -> None:
    block = doc.blocks.new("LO_DAT")
    block.add_point((0, 0))
    block.add_point((0, 0), dxfattribs={"color": 0, "linetype": "BYBLOCK"})
    block.add_point((0, 0), dxfattribs={"layer": "RANH", "color": 5})
    doc.modelspace().add_blockref("LO_DAT", (0, 0), {"layer": "LO", "color": 3, "linetype": "HIDDEN"})
    layer, inherited, own = read_doc(doc).entities
    assert (layer["layer"], layer["aci"]) == ("LO", 42)
    assert (inherited["layer"], inherited["aci"], inherited["linetype"]) == ("LO", 3, "HIDDEN")
    assert (own["layer"], own["aci"]) == ("RANH", 5)


def test_hidden_layer_counts_for_what_is_on_it_when_entities_are_in_blocks(doc: Document, read_doc: Any) -> None:
    block = doc.blocks.new("LO_DAT")
    block.add_point((0, 0))
    block.add_point((0, 0), dxfattribs={"layer": "LO"})
    block.add_point((3, 0), dxfattribs={"layer": "TAT"})
    space = doc.modelspace()
    space.add_blockref("LO_DAT", (0, 0))
    space.add_blockref("LO_DAT", (10, 0), {"layer": "TAT"})
    space.add_blockref("LO_DAT", (20, 0), {"layer": "BANG"})
    found = read_doc(doc)
    # A switched-off INSERT still shows what its block has on other layers; a frozen one shows nothing.
    assert [(entity["layer"], entity["geometry"].x) for entity in found.entities] == [("0", 0), ("LO", 0), ("LO", 10)]
    assert found.left("layer-off").count == 3
    assert found.left("layer-frozen").count == 3


def test_attributes_are_texts_with_tag_and_the_handle_of_their_insert(doc: Document, read_doc: Any) -> None:
    block = doc.blocks.new("LO_DAT")
    block.add_attdef("KYHIEU", (0, 0))
    block.add_attdef("CODINH", (0, 2), "cố định", dxfattribs={"flags": 2})
    block.add_circle((0, 0), 1)
    insert = doc.modelspace().add_blockref("LO_DAT", (10, 10), {"layer": "LO"})
    insert.add_attrib("KYHIEU", "OM-01", (11, 12), dxfattribs={"height": 2})
    insert.add_attrib("AN", "ẩn", (11, 9), dxfattribs={"flags": 1, "invisible": 1})
    found = read_doc(doc)
    label, hidden = found.of("ATTRIB")
    assert (label["text"], label["tag"], label["layer"]) == ("OM-01", "KYHIEU", "LO")
    assert label["insert"] == hidden["insert"] == found.of("CIRCLE")[0]["insert"] == insert.dxf.handle
    assert hidden["text"] == "ẩn"
    assert (label["x"], label["y"], label["height"]) == (11, 12, 2)
    constant = found.of("ATTDEF")[0]
    assert (constant["text"], constant["tag"]) == ("cố định", "CODINH")
    assert constant["x"] == 10


def test_array_is_drawn_cell_by_cell_when_an_insert_has_rows_and_columns(doc: Document, read_doc: Any) -> None:
    doc.blocks.new("CAY").add_point((1, 0))
    attributes = {"row_count": 2, "column_count": 3, "row_spacing": 10, "column_spacing": 5, "rotation": 90}
    doc.modelspace().add_blockref("CAY", (100, 100), {**attributes, "xscale": 2, "yscale": 2})
    found = read_doc(doc)
    places = sorted((round(entity["geometry"].x, 6), round(entity["geometry"].y, 6)) for entity in found.entities)
    assert places == [(90, 102), (90, 107), (90, 112), (100, 102), (100, 107), (100, 112)]
    assert len({entity["insert"] for entity in found.entities}) == 6


def test_block_in_itself_is_broken_and_said(doc: Document, read_doc: Any) -> None:
    one, other = doc.blocks.new("A"), doc.blocks.new("B")
    one.add_point((0, 0))
    one.add_blockref("B", (1, 0))
    other.add_blockref("A", (1, 0))
    doc.modelspace().add_blockref("A", (0, 0))
    found = read_doc(doc)
    assert len(found.entities) == 1
    assert found.left("broken").what == "INSERT A"


def test_missing_block_is_broken_and_said(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_blockref("KHÔNG CÓ", (0, 0))
    doc.modelspace().add_point((0, 0))
    assert read_doc(doc).left("broken").what == "INSERT KHÔNG CÓ"


def test_array_of_a_billion_is_refused_and_said(doc: Document, read_doc: Any) -> None:
    doc.blocks.new("CAY").add_point((0, 0))
    doc.modelspace().add_blockref("CAY", (0, 0), {"row_count": 32_000, "column_count": 32_000})
    doc.modelspace().add_point((0, 0))
    found = read_doc(doc)
    assert len(found.entities) == 1
    row = found.left("limit")
    assert (row.what, row.count) == ("INSERT CAY", 1_024_000_000)


def test_nesting_beyond_the_limit_is_left_out_and_said(doc: Document, read_doc: Any) -> None:
    doc.blocks.new("B0").add_point((0, 0))
    for number in range(1, 1000):
        block = doc.blocks.new(f"B{number}")
        block.add_blockref(f"B{number - 1}", (1, 0))
        block.add_point((0, 0))
    doc.modelspace().add_blockref("B999", (0, 0))
    found = read_doc(doc)
    assert len(found.entities) == Limits().nesting
    assert found.left("limit").what.startswith("INSERT B")


@pytest.mark.parametrize("leaf", [True, False])
def test_error_when_blocks_of_blocks_multiply_beyond_the_limit(doc: Document, read_doc: Any, leaf: bool) -> None:
    last = doc.blocks.new("B0")
    if leaf:
        last.add_point((0, 0))
    for number in range(1, 40):
        block = doc.blocks.new(f"B{number}")
        for column in range(10):
            block.add_blockref(f"B{number - 1}", (column, 0))
    doc.modelspace().add_blockref("B39", (0, 0))
    with pytest.raises(IngestError, match="ingest-drawing-entities"):
        read_doc(doc)


def test_gigantic_entities_are_left_out_and_said(doc: Document, read_doc: Any) -> None:
    space = doc.modelspace()
    space.add_lwpolyline([(number, number % 7) for number in range(2000)])
    space.add_open_spline([(number, number % 7) for number in range(400)])
    hatch = space.add_hatch()
    hatch.paths.add_polyline_path([(number, number % 7) for number in range(2000)])
    space.add_point((0, 0))
    found = read_doc(doc, limits=replace(Limits(), entity_points=1000, spline_points=300))
    assert len(found.entities) == 1
    assert {row.what for row in found.drawing.left_out if row.reason == "limit"} == {"LWPOLYLINE", "SPLINE", "HATCH"}


def test_curves_are_bounded_when_bulges_degrees_or_edges_are_many(doc: Document, read_doc: Any) -> None:
    space = doc.modelspace()
    space.add_lwpolyline([(number * 1e6, number % 7, 1) for number in range(30)], format="xyb")
    space.add_open_spline([(number, number % 7) for number in range(40)], degree=20)
    path = space.add_hatch().paths.add_edge_path()
    for number in range(900):
        path.add_line((number, 0), (number + 1, number % 3))
    space.add_point((0, 0))
    found = read_doc(doc, limits=replace(Limits(), entity_points=1000))
    assert len(found.entities) == 1
    assert {row.what for row in found.drawing.left_out if row.reason == "limit"} == {"LWPOLYLINE", "SPLINE", "HATCH"}


def test_error_when_a_drawing_has_too_many_points_in_all(doc: Document, read_doc: Any) -> None:
    for _ in range(20):
        doc.modelspace().add_lwpolyline([(number, number % 7) for number in range(200)])
    with pytest.raises(IngestError, match="ingest-too-large"):
        read_doc(doc, limits=replace(Limits(), drawing_points=1000))


def xref(folder: Path, name: str, *, layer: str = "LO", point: tuple[float, float] = (1, 1)) -> Path:
    other = ezdxf.new("R2010")
    other.layers.add(layer, color=30)
    other.modelspace().add_point(point, dxfattribs={"layer": layer})
    other.saveas(folder / name)
    return folder / name


def test_external_drawing_is_inserted_when_it_lies_beside(doc: Document, read_doc: Any, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    xref(beside, "qhsdd_1.DXF", layer="DAT O")
    doc.add_xref_def(r"D:\Dự án\QHSDD_1.dwg", "QHSDD_1")
    doc.modelspace().add_blockref("QHSDD_1", (100, 0), {"rotation": 90, "layer": "LO"})
    doc.saveas(tmp_path / "ban-ve.dxf")
    found = read_doc_beside(tmp_path, sorted(beside.iterdir()))
    assert (found["layer"], found["block"], found["aci"]) == ("DAT O", "QHSDD_1", 30)
    assert found["geometry"].equals_exact(shapely.Point(99, 1), 1e-9)


def read_doc_beside(folder: Path, beside: list[Path]) -> dict[str, Any]:
    from quyhoach.ingest.cad import read_drawing

    reading = read_drawing(folder / "ban-ve.dxf", beside, "ban-ve.dxf", Limits(), folder, lambda _: None)
    assert [name for name, _ in reading.xrefs] == [path.name for path in beside]
    (layer,) = reading.layers
    row = {name: values[0] for name, values in layer.fields.items()}
    return row | {"layer": layer.name, "geometry": layer.geometry[0]}


def test_layer_states_of_the_host_hold_when_an_external_drawing_is_inserted(
    doc: Document, read_file: Any, tmp_path: Path
) -> None:
    other = ezdxf.new("R2010")
    for name, colour in (("LO", 1), ("CU", 2), ("AN", 3)):
        other.layers.add(name, color=colour)
        other.modelspace().add_point((0, 0), dxfattribs={"layer": name})
    other.layers.get("AN").freeze()
    other.saveas(tmp_path / "nen.dxf")
    doc.add_xref_def("nen.dwg", "NEN")
    doc.layers.add("NEN|LO", color=30)
    doc.layers.add("nen|cu", color=2).off()
    doc.modelspace().add_blockref("NEN", (0, 0))
    doc.saveas(tmp_path / "a.dxf")
    found = read_file(tmp_path / "a.dxf", beside=[tmp_path / "nen.dxf"])
    assert (found.only()["layer"], found.only()["aci"]) == ("LO", 30)
    assert (found.left("layer-off").what, found.left("layer-frozen").what) == ("CU", "AN")


def test_external_drawing_is_named_when_it_is_missing(doc: Document, read_doc: Any) -> None:
    doc.add_xref_def("..\\nen\\Nền địa hình.dwg", "NEN")
    doc.modelspace().add_blockref("NEN", (0, 0))
    doc.modelspace().add_point((0, 0))
    assert read_doc(doc).left("xref-missing").what == "Nền địa hình.dwg"


def test_drawings_that_refer_to_each_other_end(tmp_path: Path, read_file: Any) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        made = ezdxf.new("R2010")
        made.add_xref_def(f"{other}.dxf", other)
        made.modelspace().add_blockref(other, (1, 0))
        made.modelspace().add_point((0, 0))
        made.saveas(tmp_path / f"{name}.dxf")
    found = read_file(tmp_path / "a.dxf", beside=[tmp_path / "a.dxf", tmp_path / "b.dxf"])
    assert 2 <= len(found.entities) <= 4
    assert found.left("broken").what.startswith("INSERT")
