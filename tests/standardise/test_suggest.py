"""A first mapping for a drawing: from names, contents, legend and code letters, every guess marked."""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from quyhoach.domain.frame import Frame
from quyhoach.domain.mapping import LayerRule, SourceMapping, matches
from quyhoach.domain.source import DRAWING_FIELDS, Drawing, SourceLayer
from quyhoach.standard import load_standard
from quyhoach.standardise import Context, Work
from quyhoach.standardise.suggest import suggest_drawing, suggest_drawing_mapping
from quyhoach.standardise.suggest_contents import code_in
from quyhoach.standardise.suggest_render import render_drawing_mapping
from quyhoach.standardise.suggest_roles import plain_name, role_by_name
from quyhoach.standardise.work import LegendEntry, SheetReading

CONTEXT = Context(load_standard(), "EPSG:9215", (106.0, 21.2, 107.5, 22.6))
WEST, SOUTH = 430000.0, 2395000.0
SIDE = 40.0
NAMES = {"OM": "DAT_O_Nhomnhao", "CX": "DAT_HTXH_CayxanhCC", "YT": "DAT_HTXH_Yte"}


def entity(kind: str, shape: Any, **fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(DRAWING_FIELDS)
    row |= {"entity": kind, "closed": shape.geom_type != "Point", "aci": 7, "elevation": False, "geometry": shape}
    if kind in ("TEXT", "MTEXT", "ATTRIB"):
        row |= {"height": 2.0, "rotation": 0.0, "x": shape.x, "y": shape.y}
    return row | fields


def layer(name: str, *rows: dict[str, Any]) -> SourceLayer:
    geometry = np.empty(len(rows), dtype=object)
    geometry[:] = [row["geometry"] for row in rows]
    fields = {key: [row[key] for row in rows] for key in DRAWING_FIELDS}
    return SourceLayer(name, "x.dxf", None, geometry, tuple(f"{name}{at}" for at in range(len(rows))), fields)


def square(column: int, row: int, inset: float = 0.0) -> Any:
    x, y = WEST + SIDE * column, SOUTH + SIDE * row
    return shapely.box(x + inset, y + inset, x + SIDE - inset, y + SIDE - inset)


def grid(columns: int = 6, rows: int = 5) -> list[tuple[Any, str]]:
    """Lots side by side with their codes: OM below, CX in the middle, YT on top."""
    prefixes = ["OM", "OM", "OM", "CX", "YT"]
    cells = [(square(column, row), prefixes[row % 5]) for row in range(rows) for column in range(columns)]
    return [(shape, f"{prefix}-{number:02d}") for number, (shape, prefix) in enumerate(cells, 1)]


def ring(shape: Any) -> Any:
    return shapely.LineString(shape.exterior.coords)


def labels(name: str, lots: Sequence[tuple[Any, str]], **fields: Any) -> SourceLayer:
    rows = []
    for shape, code in lots:
        rows.append(entity("TEXT", shape.centroid, text=code, **fields))
        rows.append(entity("TEXT", translate(shape.centroid, 0, -3), text=f"{shape.area:.0f} m2", **fields))
    return layer(name, *rows)


def outline(name: str, lots: Sequence[tuple[Any, str]]) -> SourceLayer:
    return layer(name, entity("LWPOLYLINE", ring(shapely.union_all([shape for shape, _ in lots]))))


def work(*layers: SourceLayer, legend: Sequence[LegendEntry] = (), frame: Frame | None = None) -> Work:
    return Work(
        CONTEXT,
        SourceMapping(),
        layers,
        drawing=Drawing("AC1024", "utf-8", "m", False, {}),
        frame=frame or Frame("EPSG:9215"),
        reading=SheetReading(legend=tuple(legend)),
    )


def by_name(mapping: SourceMapping, name: str) -> LayerRule:
    return next(rule for rule in mapping.layers if matches(rule.match, name))


def lots_by_prefix(names: dict[str, str], kind: str = "LWPOLYLINE") -> list[SourceLayer]:
    made = []
    for prefix, name in names.items():
        shapes = [shape for shape, code in grid() if code.startswith(prefix)]
        made.append(layer(name, *(entity(kind, ring(shape) if kind != "HATCH" else shape) for shape in shapes)))
    return made


def test_roles_and_functions_are_found_when_layers_are_named():
    lots = grid()
    drawn = lots_by_prefix({"OM": "QH_DAT O MOI", "CX": "Đất cây xanh", "YT": "QHDH_DAT_HTXH_Yte"})
    mapping, asked = suggest_drawing_mapping(
        work(
            *drawn,
            labels("TEXT-LO", lots),
            outline("RANH QH", lots),
            layer("KHUNG", entity("LINE", shapely.LineString([(0, 0), (1, 1)]))),
        )
    )
    assert {by_name(mapping, source.name).role for source in drawn} == {"lot"}
    assert by_name(mapping, "QH_DAT O MOI").function == "DAT_O_Nhomnhao"
    assert by_name(mapping, "Đất cây xanh").function == "DAT_HTXH_CayxanhCC"
    assert by_name(mapping, "QHDH_DAT_HTXH_Yte").function == "DAT_HTXH_Yte"
    assert by_name(mapping, "RANH QH").role == "plan_boundary"
    assert by_name(mapping, "TEXT-LO").role == "label"
    assert by_name(mapping, "KHUNG").role == "ignore"
    assert not asked
    assert all("role" in rule.guessed for rule in mapping.layers)
    assert (mapping.crs, mapping.axes, mapping.unit) == ("EPSG:9215", "en", "m")
    assert set(mapping.guessed) == {"crs", "axes", "unit"}


def test_contents_tell_when_layers_are_only_numbered():
    lots = grid()
    legend = [LegendEntry("x", function, prefix) for prefix, function in NAMES.items()]
    kerb = shapely.union_all([shape for shape, _ in lots]).buffer(3, join_style="mitre")
    houses = [entity("LWPOLYLINE", ring(shape.centroid.buffer(6, quad_segs=1))) for shape, _ in lots[:20]]
    mapping, _ = suggest_drawing_mapping(
        work(
            *lots_by_prefix({"OM": "11", "CX": "12", "YT": "13"}),
            labels("91", lots),
            outline("90", lots),
            layer("99", *houses),
            layer("95", entity("TEXT", shapely.Point(WEST, SOUTH), text="X=2395000"), *_crosses()),
            layer("98", entity("LWPOLYLINE", ring(kerb.buffer(200).envelope))),
            legend=legend,
        )
    )
    roles = {rule.match: rule.role for rule in mapping.layers}
    assert roles == {
        **dict.fromkeys(("11", "12", "13"), "lot"),
        **{"90": "plan_boundary", "91": "label", "95": "ignore", "98": "ignore", "99": "ignore"},
    }
    functions = {rule.match: rule.function for rule in mapping.layers if rule.role == "lot"}
    assert functions == {"11": NAMES["OM"], "12": NAMES["CX"], "13": NAMES["YT"]}


def _crosses() -> list[dict[str, Any]]:
    texts = ["Y=430000", "X=2395500", "Y=430500", "X=2396000"]
    return [entity("TEXT", shapely.Point(WEST + at, SOUTH), text=text) for at, text in enumerate(texts)]


def test_lines_that_part_codes_are_lot_edges_when_lots_are_linework():
    lots = grid()
    size = (6, 5)
    across = [[(WEST + SIDE * at, SOUTH), (WEST + SIDE * at, SOUTH + SIDE * size[1])] for at in range(1, size[0])]
    along = [[(WEST, SOUTH + SIDE * at), (WEST + SIDE * size[0], SOUTH + SIDE * at)] for at in range(1, size[1])]
    slanting = shapely.LineString([(WEST - 50, SOUTH + 7), (WEST + 150, SOUTH + 19)])
    drawn = work(
        layer("7", *(entity("LINE", shapely.LineString(line)) for line in across + along)),
        layer("8", entity("LINE", slanting), entity("LINE", translate(slanting, 0, 160))),
        labels("9", lots),
        outline("1", lots),
    )
    mapping, asked = suggest_drawing_mapping(drawn)
    assert {rule.match: rule.role for rule in mapping.layers} == {
        "1": "plan_boundary",
        "7": "lot_edge",
        "8": "ignore",
        "9": "label",
    }
    assert {rule.prefix: rule.function for rule in mapping.prefixes} == NAMES
    assert not [finding for finding in asked if finding.code == "suggest-asks-lots"]


def test_colours_become_rules_when_one_layer_holds_all_lots():
    lots = grid()
    colour = {"OM": 50, "CX": 90, "YT": 220}
    drawn = layer("SDD", *(entity("HATCH", shape, aci=colour[code[:2]], pattern="SOLID") for shape, code in lots))
    legend = [LegendEntry("x", NAMES[prefix], prefix, aci=aci) for prefix, aci in colour.items()]
    mapping, asked = suggest_drawing_mapping(work(drawn, labels("chu", lots), outline("ranh", lots), legend=legend))
    assert (by_name(mapping, "SDD").role, by_name(mapping, "SDD").function) == ("lot", "")
    assert {rule.aci: rule.function for rule in mapping.colours} == {
        colour[prefix]: function for prefix, function in NAMES.items()
    }
    assert all(rule.guessed == ("function",) for rule in mapping.colours)
    assert not asked


def test_colour_is_asked_when_neither_legend_nor_letters_tell():
    lots = [(shape, f"B{number}") for number, (shape, _) in enumerate(grid(), 1)]
    drawn = layer("SDD", *(entity("HATCH", shape, aci=51 + at % 2) for at, (shape, _) in enumerate(lots)))
    mapping, asked = suggest_drawing_mapping(work(drawn, labels("chu", lots), outline("ranh", lots)))
    assert not mapping.colours
    told = {finding.code: finding.params for finding in asked}
    assert told["suggest-asks-colours"]["count"] == len(lots)
    assert "suggest-asks-letters" in told


def test_existing_state_is_left_out_when_it_looks_like_lots():
    lots = grid()
    old = [(shape, f"{code}c") for shape, code in lots]
    mapping, _ = suggest_drawing_mapping(
        work(
            *lots_by_prefix({"OM": "DAT O", "CX": "CAY XANH", "YT": "Y TE"}),
            labels("TEN LO", lots),
            outline("RANH QH", lots),
            layer("QHSDD 2019", *(entity("LWPOLYLINE", ring(shape)) for shape, _ in old), *_texts(old)),
        )
    )
    assert by_name(mapping, "QHSDD 2019").role == "ignore"


def _texts(lots: Sequence[tuple[Any, str]]) -> list[dict[str, Any]]:
    return [entity("TEXT", shape.centroid, text=code) for shape, code in lots]


def test_trees_are_no_lots_when_their_layer_is_named_like_a_park():
    lots = grid()
    trees = [entity("LWPOLYLINE", ring(translate(shape.centroid, 8, 9).buffer(1.5, quad_segs=3))) for shape, _ in lots]
    mapping, _ = suggest_drawing_mapping(
        work(
            *lots_by_prefix({"OM": "11", "CX": "12", "YT": "13"}),
            labels("91", lots),
            outline("90", lots),
            layer("CAY XANH", *trees),
        )
    )
    assert by_name(mapping, "CAY XANH").role != "lot"


def test_pond_with_its_own_code_is_a_lot_when_it_lies_in_a_park():
    lots = grid()
    pond = lots[20][0].centroid.buffer(9)
    inner = translate(lots[20][0].centroid, 14, 14)
    mapping, _ = suggest_drawing_mapping(
        work(
            *lots_by_prefix({"OM": "11", "CX": "12", "YT": "13"}),
            labels("91", [*lots[:20], *lots[21:], (pond, "HN-1"), (inner.buffer(2), lots[20][1])]),
            outline("90", lots),
            layer("14", entity("LWPOLYLINE", ring(pond))),
        )
    )
    assert by_name(mapping, "14").role == "lot"


def test_circles_about_codes_are_no_lots_when_they_lie_on_the_texts_layer():
    lots = grid()
    circles = [entity("CIRCLE", ring(shape.centroid.buffer(6))) for shape, _ in lots]
    texts = labels("7", lots)
    rows = [
        entity(kind, shape, text=text)
        for kind, shape, text in zip(texts.fields["entity"], texts.geometry, texts.fields["text"], strict=True)
    ]
    mapping, _ = suggest_drawing_mapping(
        work(*lots_by_prefix({"OM": "11", "CX": "12", "YT": "13"}), layer("7", *circles, *rows), outline("90", lots))
    )
    assert by_name(mapping, "7").role == "label"
    assert by_name(mapping, "11").role == "lot"


def test_questions_are_asked_when_nothing_is_found():
    drawn = work(layer("abc", entity("LINE", shapely.LineString([(0, 0), (5, 5)]))))
    mapping, asked = suggest_drawing_mapping(drawn)
    assert [rule.role for rule in mapping.layers] == ["ignore"]
    assert {finding.code for finding in asked} == {"suggest-asks-lots", "suggest-asks-boundary", "suggest-asks-labels"}


def test_layer_nobody_knows_is_asked_when_it_holds_much():
    lots = grid()
    lines = [shapely.LineString([(WEST + 3 * at, SOUTH - 90), (WEST + 3 * at, SOUTH - 60)]) for at in range(20)]
    suggestion = suggest_drawing(
        work(
            *lots_by_prefix({"OM": "DAT O", "CX": "CAY XANH", "YT": "Y TE"}),
            labels("TEN LO", lots),
            outline("RANH", lots),
            layer("zz1", *(entity("LINE", line) for line in lines)),
        )
    )
    rule = by_name(suggestion.mapping, "zz1")
    assert (rule.role, "asked" in rule.guessed) == ("ignore", True)


def test_frame_is_left_to_be_found_when_the_origin_is_local():
    drawn = work(outline("RANH", grid()), frame=Frame("EPSG:9215", shift=(425000.0, 2387000.0)))
    mapping, _ = suggest_drawing_mapping(drawn)
    assert (mapping.crs, mapping.axes, mapping.unit, mapping.guessed) == ("auto", "auto", "auto", ())
    swapped, _ = suggest_drawing_mapping(
        work(outline("RANH", grid()), frame=Frame("EPSG:9215", swapped=True, unit=0.001))
    )
    assert (swapped.axes, swapped.unit) == ("ne", "mm")


def test_suggestion_reads_back_when_it_is_written(parse: Callable[[str], SourceMapping]):
    lots = grid()
    drawn = work(
        *lots_by_prefix({"OM": 'Đất ở [1]* "mới"\\', "CX": "CX", "YT": "Y TE"}),
        labels("TEN LO", lots),
        outline("RANH", lots),
        legend=[LegendEntry("x", "DAT_O_Nhomnhao", "OM", aci=50)],
    )
    made = suggest_drawing(drawn)
    text = render_drawing_mapping(made.mapping, drawn, "bản vẽ\n1.dxf", made.findings, made.why)
    again = parse(text)
    assert sorted(again.layers, key=lambda rule: rule.match) == sorted(made.mapping.layers, key=lambda rule: rule.match)
    assert (again.colours, again.prefixes) == (made.mapping.colours, made.mapping.prefixes)
    assert replace(again, sha256="", layers=()) == replace(made.mapping, layers=())
    assert matches(by_name(again, 'Đất ở [1]* "mới"\\').match, 'Đất ở [1]* "mới"\\')
    assert "Nhóm nhà ở" in text and "guessed" in text


@pytest.fixture
def parse() -> Callable[[str], SourceMapping]:
    from quyhoach.ingest.mapping import parse_mapping

    return lambda text: parse_mapping(text.encode(), "m.toml")


@settings(max_examples=60)
@given(name=st.text(min_size=1, max_size=40), text=st.text(max_size=40))
def test_written_suggestion_is_toml_when_names_are_anything(name, text):
    drawn = work(layer(name, entity("TEXT", shapely.Point(WEST, SOUTH), text=text)))
    made = suggest_drawing(drawn)
    written = render_drawing_mapping(made.mapping, drawn, name, made.findings, made.why)
    raw = tomllib.loads(written.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    assert len(raw["layer"]) == 1


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["POINT (0 0)", "LINESTRING (0 0, 1 1)", "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))",
                                 "LINESTRING (0 0, 0 0)", "LINESTRING (0 0, 1 0, 0 1, 0 0)", "POLYGON EMPTY",
                                 "MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((5 5, 6 5, 6 6, 5 5)))"]),
                max_size=12))  # fmt: skip
def test_suggestion_is_made_when_geometry_is_anything(shapes):
    rows = [entity("LWPOLYLINE", shapely.from_wkt(shape)) for shape in shapes]
    rows.append(entity("TEXT", shapely.Point(0.5, 0.5), text="OM-1"))
    mapping, _ = suggest_drawing_mapping(work(layer("a", *rows), layer("b", *rows)))
    assert len(mapping.layers) == 2


@pytest.mark.parametrize(
    ("name", "role", "existing"),
    [
        ("RANH QH", "plan_boundary", False),
        ("Ranh giới lập quy hoạch", "plan_boundary", False),
        ("QH_RANH_QUYHOACH", "plan_boundary", False),
        ("TEXT-LO", "label", False),
        ("Chữ - ký hiệu lô", "label", False),
        ("NHAN-DAT_O_MOI", "label", False),
        ("GT-VIA HE", "road", False),
        ("Mép đường", "road", False),
        ("CGDD", "road", False),
        ("Tim đường", "ignore", False),
        ("CGXD", "ignore", False),
        ("LUOI TD", "ignore", False),
        ("KHUNG_TEN", "ignore", False),
        ("GHI CHU", "legend", False),
        ("NEN$0$CHU DAN", "legend", False),
        ("CHIA LO", "lot_edge", False),
        ("LOT_LINE", "lot_edge", False),
        ("DH-DONGMUC", "ignore", True),
        ("HT-NHA", "ignore", True),
        ("QHSDD_CU", "lot", True),
        ("Ranh giới hành chính xã", "ignore", False),
        ("LOT_BOUNDARY", "lot_edge", False),
        ("NHA-HT", "ignore", True),
        ("Thoat nuoc mua", "ignore", False),
    ],
)
def test_role_is_found_when_a_name_says_it(name, role, existing):
    hint = role_by_name(name)
    assert hint is not None
    assert (hint.role, hint.existing) == (role, existing)


def test_existing_homes_are_planned_when_named_as_a_land_use():
    hint = role_by_name("QH_NHA O HIEN TRANG")
    assert hint is None or not hint.existing
    assert role_by_name("907") is None
    assert role_by_name("dat tai dinh cu") is None
    assert role_by_name("khu dan cu cu").existing
    assert plain_name("xref|DatO_Moi") == "dat o moi"


def test_lot_lines_stay_lot_edges_when_some_ponds_are_closed_on_their_layer():
    lots = grid()
    across = [[(WEST + SIDE * at, SOUTH), (WEST + SIDE * at, SOUTH + SIDE * 5)] for at in range(1, 6)]
    ponds = [(translate(shape.centroid, 12, 12).buffer(5), f"HN-{at}") for at, (shape, _) in enumerate(lots[:4])]
    rows = [entity("LINE", shapely.LineString(line)) for line in across]
    rows += [entity("LWPOLYLINE", ring(shape)) for shape, _ in ponds]
    drawn = work(layer("NET CHIA LO", *rows), labels("TEN LO", [*lots, *ponds]), outline("RANH", lots))
    mapping, _ = suggest_drawing_mapping(drawn)
    assert by_name(mapping, "NET CHIA LO").role == "lot_edge"


def test_rings_about_codes_are_no_lots_when_large_lots_bear_larger_letters():
    lots = grid()
    texts, rings = [], []
    for number, (shape, code) in enumerate(lots):
        height = 2.0 + 0.02 * number  # no two of one size
        texts.append(entity("TEXT", shape.centroid, text=code, height=height))
        texts.append(entity("TEXT", translate(shape.centroid, 0, -2 * height), text="1.600 m2", height=height))
        rings.append(entity("CIRCLE", ring(shape.centroid.buffer(7.8 * height, quad_segs=32))))
    drawn = work(
        *lots_by_prefix({"OM": "11", "CX": "12", "YT": "13"}), layer("91", *texts, *rings), outline("90", lots)
    )
    mapping, _ = suggest_drawing_mapping(drawn)
    assert [by_name(mapping, name).role for name in ("11", "12", "13", "91")] == ["lot", "lot", "lot", "label"]


def test_labels_are_found_when_a_line_says_all_and_the_code_has_a_blank():
    lots = [(shape, code.replace("-", " ") + " (S=1,600m2; MĐXD=50 - 70%; TC=3 - 7; DS=55)") for shape, code in grid()]
    rows = [entity("TEXT", shape.centroid, text=text) for shape, text in lots]
    rings = [entity("LWPOLYLINE", ring(shape)) for shape, _ in lots]
    drawn = work(layer("SDD", *rings), layer("chu", *rows), outline("ranhqh", lots))
    mapping, _ = suggest_drawing_mapping(drawn)
    assert (by_name(mapping, "SDD").role, by_name(mapping, "chu").role) == ("lot", "label")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("OM 01 (S=3,609m2; MĐXD=35%)", "OM 01"),
        ("OM 01 S=3.609m2", "OM 01"),
        ("VI.LX54 2.118m2", "VI.LX54"),
        ("TC 3 MĐXD: 60%", ""),
        ("Ngõ 12 - 3m", ""),
        ("HA 01 đi Hà Nội 20km", ""),
    ],
)
def test_code_with_a_blank_is_one_when_figures_of_a_lot_follow(text, code):
    assert code_in(text) == code
