"""mapping.toml: read whole, refused when a word of it is unknown; suggestions that can be read back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.errors import IngestError
from quyhoach.domain.mapping import ControlPoint, LayerRule, matches
from quyhoach.domain.source import Source, SourceLayer
from quyhoach.ingest import load_mapping, parse_mapping, read_source, render_mapping, suggest_mapping

Write = Callable[..., Path]
WHOLE = """
crs = "EPSG:9215"
axes = "ne"
unit = "mm"
encoding = "CP1258"
[[control_point]]
drawn = [1000.0, 2000]
true = [426000.0, 2389000.0]
[[layer]]
match = "QH_DAT O MOI"
role = "lot"
function = "DAT_O_Nhomnhao"
area_unit = "ha"
guessed = ["role"]
[layer.fields]
label = "KY HIEU"
[[layer]]
match = "*"
role = "line"
class = "ChiGioiXayDung_L"
geometry = "line"
[[function]]
match = "UA*"
code = "UA"
[[colour]]
aci = 42
function = "DAT_O_Nhomnhao"
[sheet]
frame = 2
"""


def test_all_parts_are_read_when_a_mapping_uses_them() -> None:
    mapping = parse_mapping(WHOLE.encode(), "m.toml")
    assert (mapping.crs, mapping.axes, mapping.unit, mapping.encoding) == ("EPSG:9215", "ne", "mm", "CP1258")
    assert mapping.control_points == (ControlPoint((1000.0, 2000.0), (426000.0, 2389000.0)),)
    lot, line = mapping.layers
    assert lot.fields == {"label": "KY HIEU"}
    assert (lot.role, lot.function, lot.area_unit, lot.guessed) == ("lot", "DAT_O_Nhomnhao", "ha", ("role",))
    assert (line.class_name, line.geometry) == ("ChiGioiXayDung_L", "line")
    assert mapping.functions[0].code == "UA"
    assert mapping.drawing_only == ("colour", "sheet")
    assert len(mapping.sha256) == 64


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("crs = ", "mapping-unreadable"),
        ("\xff", "mapping-unreadable"),
        ("csr = 'x'", "mapping-unknown-key"),
        ("crs = 3", "mapping-bad-value"),
        ("axes = 'xy'", "mapping-bad-choice"),
        ("layer = 3", "mapping-bad-value"),
        ("[[layer]]\nmatch = 'a'", "mapping-bad-value"),
        ("[[layer]]\nrole = 'lot'", "mapping-bad-value"),
        ("[[layer]]\nmatch = 'a'\nrole = 'lots'", "mapping-bad-choice"),
        ("[[layer]]\nmatch = 'a'\nrole = 'lot'\nfuntion = 'x'", "mapping-unknown-key"),
        ("[[layer]]\nmatch = 'a'\nrole = 'lot'\nfields = { label = 3 }", "mapping-bad-value"),
        ("[[layer]]\nmatch = 'a'\nrole = 'lot'\nguessed = 'x'", "mapping-bad-value"),
        ("[[function]]\nmatch = 'a'", "mapping-bad-value"),
        ("[[control_point]]\ndrawn = [1]\ntrue = [1, 2]", "mapping-bad-value"),
    ],
)
def test_error_names_the_fault_when_a_mapping_is_wrong(text: str, code: str) -> None:
    with pytest.raises(IngestError) as caught:
        parse_mapping(text.encode("latin-1"), "m.toml")
    assert caught.value.code == code
    assert caught.value.params["file"] == "m.toml"


def test_error_when_the_mapping_is_missing(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="ingest-missing"):
        load_mapping(tmp_path / "m.toml")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("QH_ĐẤT*", "qh_đất ở mới"),
        ("qh_đất", "QH_\u0110A\u0302\u0301T"),
        ("ZONE_?RBA", "zone_urba"),
        ("*", "bất kỳ"),
        ("Lô  đất", "lô đất "),
    ],
)
def test_pattern_matches_when_case_and_composition_differ(pattern: str, name: str) -> None:
    assert matches(pattern, name)


@pytest.mark.parametrize(("pattern", "name"), [("qh_dat", "qh_đất"), ("lot", "lots"), ("a?", "a")])
def test_pattern_does_not_match_when_letters_differ(pattern: str, name: str) -> None:
    assert not matches(pattern, name)


def layer_of(name: str, *shapes: object, fields: tuple[str, ...] = ()) -> SourceLayer:
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return SourceLayer(
        name, "x.gpkg", None, geometry, tuple(map(str, range(len(shapes)))), {f: ["x"] * len(shapes) for f in fields}
    )


SQUARE, LINE, POINT = shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 1)]), shapely.Point(0, 0)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (layer_of("ChucNangSuDungDat_A", SQUARE), ("lot", "", "")),
        (layer_of("Sử dụng đất", SQUARE), ("lot", "", "")),
        (layer_of("ZONE_URBA", SQUARE), ("lot", "", "")),
        (layer_of("lop 1", SQUARE, fields=("KyHieu", "ChucNang")), ("lot", "", "")),
        (layer_of("RanhGioiQuyHoach_A", SQUARE), ("plan_boundary", "", "")),
        (layer_of("Ranh giới quy hoạch", SQUARE), ("plan_boundary", "", "")),
        (layer_of("thua_dat", SQUARE), ("parcel", "", "")),
        (layer_of("Vùng bảo vệ di tích", SQUARE), ("overlay", "heritage", "")),
        (layer_of("Hành lang an toàn", SQUARE), ("overlay", "road_corridor", "")),
        (layer_of("Chỉ giới đường đỏ", LINE), ("line", "", "ChiGioiDuongDo_L")),
        (layer_of("Mốc giới", POINT), ("point", "", "MocGioiQuyHoach_P")),
        (layer_of("lô đất", SQUARE), ("lot", "", "")),
        (layer_of("DiemQuanTrac_P", POINT), ("point", "", "DiemQuanTrac_P")),
        (layer_of("MangLuoiCapNuoc_L", LINE), ("line", "", "MangLuoiCapNuoc_L")),
        (layer_of("PhanVungDanhGia_A", SQUARE), ("ignore", "", "")),
        (layer_of("matnuoc_a", SQUARE), ("overlay", "", "MatNuoc_A")),
        (layer_of("layer0", SQUARE), ("ignore", "", "")),
        (layer_of("di tích", POINT), ("ignore", "", "")),
    ],
)
def test_role_is_suggested_and_marked_when_names_speak_for_it(
    layer: SourceLayer, expected: tuple[str, str, str]
) -> None:
    (rule,) = suggest_mapping(Source("x", "", "", (layer,))).layers
    assert (rule.role, rule.theme, rule.class_name) == expected
    assert "role" in rule.guessed


def test_fields_are_suggested_when_their_names_are_usual() -> None:
    fields = ("Ký hiệu", "CHUCNANG", "MATDO", "TANGCAO", "HSSDD", "DANSO", "DT_M2", "OBJECTID")
    (rule,) = suggest_mapping(Source("x", "", "", (layer_of("lots", SQUARE, fields=fields),))).layers
    assert rule.fields == {
        "label": "Ký hiệu",
        "function": "CHUCNANG",
        "density": "MATDO",
        "storeys": "TANGCAO",
        "far": "HSSDD",
        "population": "DANSO",
        "area": "DT_M2",
    }
    assert "fields.label" in rule.guessed


def test_one_rule_per_kind_is_suggested_when_a_layer_mixes_geometry() -> None:
    collection = shapely.GeometryCollection([SQUARE, LINE])
    rules = suggest_mapping(Source("x", "", "", (layer_of("restriction", collection),))).layers
    assert [rule.geometry for rule in rules] == ["polygon", "line"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_suggestion_reads_back_when_names_are_odd(name: str, field: str) -> None:
    source = Source("x", "", "", (layer_of(name or "a", SQUARE, fields=(field,)),))
    rendered = render_mapping(suggest_mapping(source), source)
    (rule,) = parse_mapping(rendered.encode("utf-8", "surrogatepass"), "m.toml").layers
    assert isinstance(rule, LayerRule)
    assert matches(rule.match, name or "a")


def test_suggestion_reads_back_the_same_when_made_of_a_file(tmp_path: Path, squares: np.ndarray, write: Write) -> None:
    source = read_source(write(tmp_path / "lots.gpkg", squares, {"kyhieu": ["a", "b"]}))
    suggested = suggest_mapping(source)
    assert parse_mapping(render_mapping(suggested, source).encode(), "m").layers == suggested.layers
