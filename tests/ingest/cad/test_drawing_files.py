"""Drawings handed in as files, folders and ZIPs, read by the limited child."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezdxf
import pytest

from quyhoach.domain.errors import IngestError
from quyhoach.domain.source import DRAWING_FIELDS
from quyhoach.ingest import Limits, read_source

Pack = Callable[[Path, Mapping[str, bytes | Path]], Path]
SHARED = Path(__file__).parents[3] / ".." / "shared"
HOSTILE = sorted(path for path in (SHARED / "data" / "hostile" / "dxf").glob("*") if path.suffix.casefold() == ".dxf")
DEV = sorted((SHARED / "drawings" / "dev").glob("*/drawing.dxf"))

# How the 24 hostile files end: entities read, or the error's code.
EXPECTED = {
    "AC1003_LINE_Example.dxf": 22,
    "Leica_Disto_S910.dxf": 32,
    "POLI-ALL210_12.DXF": 31,
    "R12_with_trash_beyond_EOF.dxf": 1,
    "bin_dxf_r12.dxf": 3,
    "bin_dxf_r2000.dxf": 1,
    "caret_encoding.dxf": 61,
    "cc_dxflib.dxf": 1,
    "duplicate_handles.dxf": 138,
    "dxf_unicode.dxf": "ingest-drawing-empty",
    "empty_handles.dxf": 8,
    "hatch_issues.dxf": 12,
    "issue1106.dxf": 10,
    "issue_1359_1.dxf": 2,
    "layout_broken_links.dxf": "ingest-drawing-empty",
    "layout_broken_links_2.dxf": "ingest-drawing-empty",
    "layout_missing_block_definition.dxf": "ingest-drawing-empty",
    "layout_missing_block_record.dxf": "ingest-drawing-empty",
    "no_layouts.dxf": 2,
    "r12_blocks_with_no_names.dxf": "ingest-drawing-empty",
    "r2000_blocks_with_no_name_and_no_block_record.dxf": "ingest-drawing-empty",
    "recover01.dxf": 1459,
    "recover02.dxf": 95,
    "small_r13.dxf": 16,
}


def draw(path: Path, *, refers: str = "", text: str = "LÔ OM-01") -> Path:
    made = ezdxf.new("R2010")
    made.layers.add("LO", color=42)
    made.modelspace().add_lwpolyline([(0, 0), (10, 0), (10, 10)], close=True, dxfattribs={"layer": "LO"})
    made.modelspace().add_text(text, dxfattribs={"layer": "CHU", "insert": (2, 2)})
    if refers:
        made.add_xref_def(f"..\\{refers}", "NEN")
        made.modelspace().add_blockref("NEN", (100, 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    made.saveas(path)
    return path


def texts(source: Any) -> list[str]:
    return sorted(text for layer in source.layers for text in layer.fields["text"] if text is not None)


def test_source_has_layers_fields_and_tables_when_a_dxf_is_read(tmp_path: Path) -> None:
    path = draw(tmp_path / "ban-ve.DXF")
    steps: list[Mapping[str, object]] = []
    source = read_source(path, progress=steps.append)
    assert source.format == "DXF" and source.reader.startswith("ezdxf ")
    assert [layer.name for layer in source.layers] == ["LO", "CHU"]
    for layer in source.layers:
        assert tuple(layer.fields) == DRAWING_FIELDS
        assert layer.crs is None and layer.file == "ban-ve.DXF"
        assert all(len(values) == len(layer) == len(layer.ids) for values in layer.fields.values())
    lot, text = source.layers
    assert lot.fields["closed"] == [True] and lot.fields["text"] == [None]
    assert json.loads(text.fields["runs"][0])[0][1] == "LÔ OM-01"
    assert source.drawing is not None
    assert (source.drawing.version, source.drawing.codepage, source.drawing.unit) == ("AC1024", "utf-8", "m")
    assert source.drawing.layers["LO"].aci == 42
    assert steps[0] == {"step": "read", "file": "ban-ve.DXF", "number": 1, "of": 1}
    assert {"step": "layer", "layer": "LO", "features": 1} in steps


def test_columns_come_back_as_they_were_when_they_are_long(tmp_path: Path) -> None:
    made = ezdxf.new("R2010")
    for number in range(200):
        made.modelspace().add_text(f"OM-{number}", dxfattribs={"insert": (number, 0), "color": number % 5 + 1})
        made.modelspace().add_point((number, 5))
    made.saveas(tmp_path / "a.dxf")
    (layer,) = read_source(tmp_path / "a.dxf").layers
    assert layer.fields["text"] == [item for number in range(200) for item in (f"OM-{number}", None)]
    assert layer.fields["x"] == [item for number in range(200) for item in (float(number), None)]
    assert layer.fields["aci"] == [item for number in range(200) for item in (number % 5 + 1, 7)]
    assert {type(value) for value in layer.fields["closed"]} == {bool}
    assert {type(value) for value in layer.fields["aci"]} == {int}


def test_external_drawing_beside_is_read_and_hashed(tmp_path: Path) -> None:
    path = draw(tmp_path / "ban-ve.dxf", refers="NEN.dwg")
    alone = read_source(path)
    assert [row.what for row in alone.drawing.left_out if row.reason == "xref-missing"] == ["NEN.dwg"]
    other = draw(tmp_path / "nen.dxf", text="NỀN")
    draw(tmp_path / "khac.dxf", text="KHÁC")
    both = read_source(path)
    assert texts(both) == ["LÔ OM-01", "NỀN"]
    assert both.sha256 != alone.sha256
    assert read_source(path).sha256 == both.sha256
    draw(other, text="NỀN MỚI")
    assert read_source(path).sha256 != both.sha256


def test_error_when_the_external_drawing_is_a_symbolic_link(tmp_path: Path) -> None:
    path = draw(tmp_path / "ban-ve.dxf", refers="NEN.dwg")
    draw(tmp_path / "elsewhere" / "that.dxf")
    (tmp_path / "NEN.dxf").symlink_to(tmp_path / "elsewhere" / "that.dxf")
    with pytest.raises(IngestError, match="ingest-link"):
        read_source(path)


@pytest.mark.parametrize("kind", ["zip", "folder"])
def test_drawing_is_chosen_that_the_others_belong_to_when_a_bundle_is_read(
    tmp_path: Path, pack: Pack, kind: str
) -> None:
    folder = tmp_path / "ho so"
    draw(folder / "ban do.dxf", refers="nen.dwg")
    draw(folder / "XREF" / "Nen.dxf", text="NỀN")
    (folder / "bang can bang.xlsx").write_bytes(b"PK")
    (folder / "thuyet minh.pdf").write_bytes(b"%PDF")
    path = pack(tmp_path / "a.zip", {"ho so": folder}) if kind == "zip" else folder
    source = read_source(path)
    assert texts(source) == ["LÔ OM-01", "NỀN"]
    assert source.drawing is not None and not source.drawing.left_out


def test_error_names_the_drawings_when_a_bundle_holds_several(tmp_path: Path, pack: Pack) -> None:
    draw(tmp_path / "x" / "mot.dxf")
    draw(tmp_path / "x" / "hai.dxf")
    with pytest.raises(IngestError) as caught:
        read_source(pack(tmp_path / "a.zip", {"x": tmp_path / "x"}))
    assert caught.value.code == "ingest-drawing-ambiguous"
    assert "hai.dxf" in str(caught.value.params["drawings"]) and "mot.dxf" in str(caught.value.params["drawings"])


def test_dxf_is_taken_when_a_bundle_holds_it_as_dwg_too(tmp_path: Path) -> None:
    draw(tmp_path / "x" / "mot.dxf")
    (tmp_path / "x" / "MOT.dwg").write_bytes(b"AC1027" + bytes(100))
    assert texts(read_source(tmp_path / "x")) == ["LÔ OM-01"]


def test_data_sets_come_before_drawings_when_a_bundle_holds_both(
    tmp_path: Path, write: Callable[..., Path], squares: Any
) -> None:
    draw(tmp_path / "x" / "mot.dxf")
    write(tmp_path / "x" / "lo.gpkg", squares, {"kyhieu": ["OM-1", "CX-2"]})
    source = read_source(tmp_path / "x")
    assert source.drawing is None and [layer.name for layer in source.layers] == ["lo"]


@pytest.mark.parametrize("suffix", [".dxf", ".dwg"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(4096),
        b"not a drawing",
        b"AC1032" + bytes(range(256)) * 40,
        b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(range(256)) * 40,
        b"  0\nSECTION\n" * 500,
        b"  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n",
        b"999\ncomment\n  0\nEOF\n",
    ],
)
def test_one_error_when_a_file_is_no_drawing(tmp_path: Path, suffix: str, content: bytes) -> None:
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(IngestError, match=r"ingest-(unreadable|drawing-empty|reader-failed|dwg-version)"):
        read_source(tmp_path / f"a{suffix}")


def test_drawing_is_read_by_what_it_is_when_its_suffix_is_wrong(tmp_path: Path) -> None:
    draw(tmp_path / "a.dxf").rename(tmp_path / "a.dwg")
    assert texts(read_source(tmp_path / "a.dwg")) == ["LÔ OM-01"]


@pytest.mark.parametrize("version", ["AC1006", "AC1009", "AC1099"])
def test_error_says_which_versions_are_read_when_a_dwg_is_too_old_or_new(tmp_path: Path, version: str) -> None:
    (tmp_path / "a.dwg").write_bytes(version.encode() + bytes(2000))
    with pytest.raises(IngestError, match="ingest-dwg-version"):
        read_source(tmp_path / "a.dwg")


def test_error_says_what_to_do_when_a_dgn_is_handed_in(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "a.dgn").write_bytes(b"\x08\x09\xfe\x02")
    with pytest.raises(IngestError, match="ingest-dgn-unsupported"):
        read_source(tmp_path / "a.dgn")
    with pytest.raises(IngestError, match="ingest-dgn-unsupported"):
        read_source(pack(tmp_path / "a.zip", {"a.dgn": b"\x08\x09\xfe\x02", "b.txt": b""}))


def test_error_counts_what_was_left_out_when_nothing_else_is_there(tmp_path: Path) -> None:
    made = ezdxf.new("R2010")
    made.layers.add("CU").freeze()
    made.modelspace().add_point((0, 0), dxfattribs={"layer": "CU"})
    made.saveas(tmp_path / "a.dxf")
    with pytest.raises(IngestError) as caught:
        read_source(tmp_path / "a.dxf")
    assert caught.value.code == "ingest-drawing-empty" and str(caught.value.params["left"]) == "1"


def test_error_when_there_are_more_entities_than_allowed(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.dxf")
    with pytest.raises(IngestError) as caught:
        read_source(path, limits=replace(Limits(), entities=1))
    assert caught.value.code == "ingest-drawing-entities"


def test_error_when_there_is_too_little_memory(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.dxf")
    with pytest.raises(IngestError, match=r"ingest-(too-large|reader-failed)"):
        read_source(path, limits=replace(Limits(), memory_bytes=120 << 20))


def test_progress_counts_entities_when_a_drawing_is_large(tmp_path: Path) -> None:
    made = ezdxf.new("R2010")
    made.blocks.new("A").add_point((0, 0))
    made.modelspace().add_blockref("A", (0, 0), {"row_count": 200, "column_count": 200})
    made.saveas(tmp_path / "a.dxf")
    steps: list[Mapping[str, object]] = []
    source = read_source(tmp_path / "a.dxf", progress=steps.append)
    assert sum(map(len, source.layers)) == 40_000
    assert any(int(str(step.get("entities", 0))) > 10_000 for step in steps)


@pytest.mark.shared
@pytest.mark.skipif(not DEV, reason="../shared/drawings is not here: real drawings are not tested")
@pytest.mark.parametrize("path", DEV, ids=[path.parent.name for path in DEV])
def test_dev_drawing_is_read(path: Path) -> None:
    source = read_source(path)
    truth = json.loads((path.parent / "truth.json").read_text(encoding="utf-8"))
    assert source.drawing is not None and not source.drawing.recovered
    assert sum(map(len, source.layers)) > truth["lots"] if isinstance(truth["lots"], int) else True
    reasons = {row.reason for row in source.drawing.left_out}
    assert "broken" not in reasons and "limit" not in reasons and "unsupported" not in reasons
    assert bool(source.drawing.tables) == (path.parent.name[:3] in ("d09", "d10"))


@pytest.mark.shared
@pytest.mark.skipif(not HOSTILE, reason="../shared/data/hostile is not here: hostile drawings are not tested")
@pytest.mark.parametrize("path", HOSTILE, ids=[path.name for path in HOSTILE])
def test_hostile_drawing_ends_as_expected(path: Path) -> None:
    expected = EXPECTED[path.name]
    if isinstance(expected, str):
        with pytest.raises(IngestError, match=expected):
            read_source(path)
    else:
        assert sum(map(len, read_source(path).layers)) == expected
