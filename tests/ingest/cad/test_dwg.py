"""DWG: files that ezdwg writes (R2000 is all it can write), converters where the machine has one.

No file of AutoCAD is here: what is proven is our side of ezdwg, and R2000."""

import os
import stat
from pathlib import Path
from typing import Any

import ezdwg
import ezdxf
import numpy as np
import pytest
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.ingest import read_source

CODEPAGE_AT = 0x13


def write_dwg(path: Path) -> Path:
    """One of each entity, on layers on, off and frozen, with a block and its attributes. Text in TCVN3."""
    made = ezdwg.new()
    made.header["insunits"] = 6
    made.layers["QH_DAT O"] = {"color_index": 42}
    made.layers["TAT"] = {"color_index": 1, "off": True}
    made.layers["BANG"] = {"color_index": 1, "frozen": True}
    made.text_styles["VN"] = {"font": ".VnTime.ttf"}
    space = made.modelspace()
    space.add_line((0, 0, 0), (10, 5, 0), layer="QH_DAT O", color_index=1)
    space.add_lwpolyline([(0, 0), (10, 0), (10, 10), (0, 10)], closed=True, layer="QH_DAT O")
    space.add_lwpolyline([(0, 0), (10, 0)], bulges=[1, 0])
    space.add_polyline2d([(0, 0), (3, 3), (4, 0)])
    space.add_polyline3d([(0, 0, 1), (3, 3, 2), (4, 0, 3)])
    space.add_arc((0, 0, 0), radius=2, start_angle=0, end_angle=90)
    space.add_circle((0, 0, 0), radius=2)
    space.add_ellipse((0, 0, 0), (5, 0, 0), 0.5)
    space.add_spline([(0, 0, 0), (1, 2, 0), (3, 3, 0), (4, 0, 0)])
    space.add_point((7, 8, 0))
    space.add_solid([(0, 0, 0), (4, 0, 0), (0, 3, 0), (4, 3, 0)])
    space.add_hatch([[(0, 0), (10, 0), (10, 10), (0, 10)], [(2, 2), (4, 2), (4, 4), (2, 4)]])
    space.add_text("§Êt ë", (5, 5, 0), height=2, style="VN")
    space.add_mtext("{\\f.VnTimeH|b1;LK-01}\\P§Êt", (5, 5, 0), char_height=2)
    space.add_line((0, 0, 0), (1, 1, 0), layer="TAT")
    space.add_line((0, 0, 0), (1, 1, 0), layer="BANG")
    block = made.blocks.new("LO_DAT", base_point=(1, 0, 0))
    block.add_circle((1, 0, 0), radius=2)
    block.add_attdef("KYHIEU", "?", insert=(0, 3, 0), height=1)
    reference = space.add_blockref("LO_DAT", insert=(100, 200, 0), scale=(2, 2, 1), layer="QH_DAT O")
    space.add_attrib(reference, "KYHIEU", "OM-01", insert=(100, 203, 0), height=1)
    made.save(path)
    return path


def rows(source: Any) -> list[dict[str, Any]]:
    return [
        {name: values[row] for name, values in layer.fields.items()}
        | {"layer": layer.name, "id": layer.ids[row], "geometry": layer.geometry[row]}
        for layer in source.layers
        for row in range(len(layer))
    ]


@pytest.fixture(scope="module")
def dwg(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return read_source(write_dwg(tmp_path_factory.mktemp("dwg") / "a.dwg"))


def test_every_entity_is_where_it_was_drawn_when_a_dwg_is_read(dwg: Any) -> None:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows(dwg):
        found.setdefault(row["entity"], []).append(row)
    assert {kind: len(items) for kind, items in found.items()} == {
        "LINE": 1,
        "LWPOLYLINE": 2,
        "POLYLINE": 2,
        "ARC": 1,
        "CIRCLE": 2,
        "ELLIPSE": 1,
        "SPLINE": 1,
        "POINT": 1,
        "SOLID": 1,
        "HATCH": 1,
        "TEXT": 1,
        "MTEXT": 1,
        "ATTRIB": 1,
    }
    assert found["LINE"][0]["geometry"].equals(shapely.LineString([(0, 0), (10, 5)]))
    assert (found["LINE"][0]["aci"], found["LINE"][0]["layer"]) == (1, "QH_DAT O")
    square, arc = found["LWPOLYLINE"]
    assert square["closed"] and square["aci"] == 42 and shapely.Polygon(square["geometry"]).area == 100
    assert arc["geometry"].bounds[1] == pytest.approx(-5, abs=0.01)
    assert [row["elevation"] for row in found["POLYLINE"]] == [False, True]
    assert np.allclose(found["ARC"][0]["geometry"].coords[-1], (0, 2))
    assert found["HATCH"][0]["geometry"].area == 96
    assert found["SOLID"][0]["geometry"].area == 12
    inserted = next(row for row in found["CIRCLE"] if row["block"] == "LO_DAT")
    assert inserted["geometry"].centroid.equals_exact(shapely.Point(100, 200), 1e-6)
    assert inserted["geometry"].bounds[2] == pytest.approx(104)
    label = found["ATTRIB"][0]
    assert (label["text"], label["tag"], label["insert"]) == ("OM-01", "KYHIEU", inserted["insert"])


def test_texts_layers_unit_and_fonts_are_told_when_a_dwg_is_read(dwg: Any) -> None:
    text, paragraphs = (next(row for row in rows(dwg) if row["entity"] == kind) for kind in ("TEXT", "MTEXT"))
    assert text["text"] == "§Êt ë" and text["runs"] == '[[".VnTime.ttf","§Êt ë"]]'
    assert paragraphs["text"] == "LK-01\n§Êt" and '".VnTimeH"' in paragraphs["runs"]
    drawing = dwg.drawing
    assert (drawing.version, drawing.codepage, drawing.unit) == ("AC1015", "cp1252", "m")
    assert drawing.fonts["VN"] == ".VnTime.ttf"
    assert drawing.layers["TAT"].off and drawing.layers["BANG"].frozen and drawing.layers["QH_DAT O"].aci == 42
    assert {(row.reason, row.what) for row in drawing.left_out} == {("layer-off", "TAT"), ("layer-frozen", "BANG")}
    assert dwg.format == "DWG" and dwg.reader.startswith("ezdwg")


def test_letters_are_kept_when_the_code_page_is_vietnamese(tmp_path: Path) -> None:
    """ezdwg doesn't know code page 1258 and would lose every letter beyond ASCII."""
    made = ezdwg.new()
    made.modelspace().add_text("\u00d0\u00e2t \u00f0\u00f5 \u00ec", (0, 0, 0), height=1)  # bytes D0 E2 F0 F5 EC
    made.save(tmp_path / "a.dwg")
    data = bytearray((tmp_path / "a.dwg").read_bytes())
    assert data[CODEPAGE_AT] == 30
    data[CODEPAGE_AT] = 44
    (tmp_path / "a.dwg").write_bytes(data)
    source = read_source(tmp_path / "a.dwg")
    assert source.drawing.codepage == "cp1258"
    assert rows(source)[0]["text"] == bytes([0xD0, 0xE2, 0x74, 0x20, 0xF0, 0xF5, 0x20, 0xEC]).decode("cp1258")


def test_external_drawing_is_read_when_an_empty_block_bears_its_name(tmp_path: Path) -> None:
    made = ezdwg.new()
    made.blocks.new("NEN", base_point=(0, 0, 0))
    made.modelspace().add_blockref("NEN", insert=(100, 0, 0))
    made.modelspace().add_point((0, 0, 0))
    made.save(tmp_path / "a.dwg")
    other = ezdxf.new("R2010")
    other.modelspace().add_point((1, 2))
    other.saveas(tmp_path / "Nen.dxf")
    places = sorted(row["geometry"].coords[0] for row in rows(read_source(tmp_path / "a.dwg")))
    assert places == [(0, 0), (101, 2)]


def test_dwg_is_chosen_that_has_a_block_of_the_others_name_when_a_bundle_is_read(tmp_path: Path) -> None:
    made = ezdwg.new()
    made.blocks.new("NEN", base_point=(0, 0, 0))
    made.modelspace().add_blockref("NEN", insert=(100, 0, 0))
    made.save(tmp_path / "ban do.dwg")
    other = ezdwg.new()
    other.modelspace().add_point((1, 2, 0))
    other.save(tmp_path / "nen.dwg")
    (row,) = rows(read_source(tmp_path))
    assert row["geometry"].coords[0] == (101, 2) and row["block"] == "NEN"


def test_converter_is_preferred_when_the_machine_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for LibreDWG's dwg2dxf: called as `dwg2dxf -y -o OUT IN`, it writes a DXF."""
    made = ezdxf.new("R2010")
    made.modelspace().add_text("từ bộ chuyển đổi")
    made.saveas(tmp_path / "ready.dxf")
    tool = tmp_path / "bin" / "dwg2dxf"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\n[ "$1 $2" = "-y -o" ] && cp "{tmp_path / "ready.dxf"}" "$3"\n')
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    source = read_source(write_dwg(tmp_path / "a.dwg"))
    assert source.reader.startswith("dwg2dxf") and rows(source)[0]["text"] == "từ bộ chuyển đổi"
    assert source.drawing.version == "AC1015"
    tool.write_text("#!/bin/sh\nexit 1\n")
    assert read_source(tmp_path / "a.dwg").reader.startswith("ezdwg")


@pytest.mark.parametrize("share", [10, 40, 70, 95])
def test_error_or_what_is_left_when_a_dwg_is_cut_short(tmp_path: Path, share: int) -> None:
    path = write_dwg(tmp_path / "a.dwg")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * share // 100])
    with pytest.raises(IngestError):
        read_source(path)
