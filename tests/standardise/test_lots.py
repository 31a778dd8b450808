"""Closed lines, hatches and linework of a drawing become lots: each once, islands cut out, what is outside left out."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import shapely

from quyhoach.domain.mapping import ColourRule, LayerRule, SourceMapping
from quyhoach.domain.source import DRAWING_FIELDS, Drawing, SourceLayer
from quyhoach.standardise import Context, Features, Work
from quyhoach.standardise.coverage import clean_coverage
from quyhoach.standardise.drawing_roles import assign_drawing_roles
from quyhoach.standardise.linework import stack
from quyhoach.standardise.lots import build_lots, name_lots

X, Y = 430_000.0, 2_395_000.0
OUTLINE = "RANH QH"
DRAWN = Drawing("AC1027", "utf-8", "m", False, {})


def ring(west: float, south: float, east: float, north: float) -> shapely.LineString:
    return shapely.LineString(shapely.box(X + west, Y + south, X + east, Y + north).exterior.coords)


def area(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + east, Y + north)


Entity = tuple[str, Any, dict[str, Any]]


def entity(kind: str, shape: Any, **more: Any) -> Entity:
    return kind, shape, more


def cad_layer(name: str, *entities: Entity) -> SourceLayer:
    fields: dict[str, Sequence[Any]] = {
        key: [kind if key == "entity" else more.get(key) for kind, _, more in entities] for key in DRAWING_FIELDS
    }
    ids = tuple(f"{name}.{number}" for number in range(len(entities)))
    return SourceLayer(name, "x.dxf", None, stack([shape for _, shape, _ in entities]), ids, fields)


@pytest.fixture
def built(context: Context) -> Callable[..., Work]:
    def build(
        *layers: SourceLayer, rules: Sequence[LayerRule] = (), colours: Sequence[ColourRule] = (), **more: Any
    ) -> Work:
        mapping = SourceMapping(layers=tuple(rules), colours=tuple(colours))
        return build_lots(assign_drawing_roles(Work(context, mapping, layers, DRAWN, **more)))

    return build


HOUSES = LayerRule("DAT O", "lot", function="DAT_O_Nhomnhao")
PARKS = LayerRule("CAY XANH", "lot", function="DAT_HTXH_CayxanhCC")
BOUNDARY = LayerRule(OUTLINE, "plan_boundary")


def lots_of(work: Work) -> Features:
    (lots,) = work.role("lot")
    return lots


def codes(rows: Sequence[Any]) -> list[str]:
    return sorted(row.code for row in rows)


def test_closed_lines_are_lots_with_the_function_of_their_layer(built):
    work = built(
        cad_layer("DAT O", entity("LWPOLYLINE", ring(0, 0, 10, 20)), entity("LWPOLYLINE", ring(10, 0, 20, 20))),
        rules=[HOUSES],
    )
    lots = lots_of(work)
    assert lots.fields["phanLoai"] == ["DAT_O_Nhomnhao"] * 2
    assert shapely.area(lots.geometry).tolist() == [200.0, 200.0]
    assert work.repairs == () and work.findings == ()


def test_outline_of_a_hatch_is_no_second_lot(built):
    work = built(
        cad_layer("DAT O", entity("HATCH", area(0, 0, 10, 20)), entity("LWPOLYLINE", ring(0, 0, 10, 20))),
        rules=[HOUSES],
    )
    assert len(lots_of(work)) == 1
    assert work.findings == ()


def test_hatch_of_several_areas_is_several_lots(built):
    several = shapely.multipolygons([area(0, 0, 10, 20), area(30, 0, 40, 20)])
    assert len(lots_of(built(cad_layer("DAT O", entity("HATCH", several)), rules=[HOUSES]))) == 2


def test_lot_drawn_twice_is_kept_once_and_told(built):
    shape = ring(0, 0, 10, 20)
    work = built(cad_layer("DAT O", entity("LWPOLYLINE", shape), entity("LWPOLYLINE", shape)), rules=[HOUSES])
    assert len(lots_of(work)) == 1
    assert codes(work.findings) == ["lot-drawn-twice"]


@pytest.mark.parametrize("gap", [0.0, 0.02, 0.3])
def test_line_that_nearly_closes_is_closed_and_told(built, gap):
    points = [(0, gap), (0, 20), (10, 20), (10, 0), (0, 0)]
    shape = shapely.LineString([(X + x, Y + y) for x, y in points])
    work = built(cad_layer("DAT O", entity("LWPOLYLINE", shape)), rules=[HOUSES])
    assert lots_of(work).geometry[0].area == pytest.approx(200, abs=3)
    assert codes(work.repairs) == ([] if gap == 0 else ["lot-closed"])


def test_polyline_without_its_last_side_is_closed(built):
    shape = shapely.LineString([(X, Y), (X, Y + 20), (X + 10, Y + 20), (X + 10, Y)])
    work = built(cad_layer("DAT O", entity("LWPOLYLINE", shape)), rules=[HOUSES])
    assert lots_of(work).geometry[0].area == pytest.approx(200)
    assert codes(work.repairs) == ["lot-closed"]


def test_lot_whose_corners_were_swapped_is_mended(built):
    points = [(0, 0), (10, 20), (10, 0), (0, 20), (0, 0)]
    shape = shapely.LineString([(X + x, Y + y) for x, y in points])
    work = built(cad_layer("DAT O", entity("LWPOLYLINE", shape)), rules=[HOUSES])
    assert lots_of(work).geometry[0].area == pytest.approx(200)
    assert codes(work.repairs) == ["lot-crossed-itself"]


def test_island_is_cut_out_and_has_the_function_of_its_own_layer(built):
    pond = ring(5, 5, 8, 8)
    work = built(
        cad_layer("CAY XANH", entity("LWPOLYLINE", ring(0, 0, 20, 20)), entity("LWPOLYLINE", pond)),
        cad_layer("DAT O", entity("LWPOLYLINE", pond)),
        rules=[HOUSES, PARKS],
    )
    lots = lots_of(work)
    assert dict(zip(lots.fields["phanLoai"], shapely.area(lots.geometry).round(3).tolist(), strict=True)) == {
        "DAT_HTXH_CayxanhCC": 391.0,
        "DAT_O_Nhomnhao": 9.0,
    }


@pytest.mark.parametrize("own_first", [True, False])
@pytest.mark.parametrize(
    ("park", "pond", "told"),
    [
        ("LWPOLYLINE", "LWPOLYLINE", True),
        ("HATCH", "HATCH", True),
        ("LWPOLYLINE", "HATCH", True),
        ("LWPOLYLINE", "LWPOLYLINE", False),
        ("HATCH", "HATCH", False),
    ],
)
def test_island_has_its_own_colour_when_its_ring_is_drawn_in_the_colour_around_it_too(
    built, park: str, pond: str, told: bool, own_first: bool
):
    def drawn(kind: str, shape: shapely.Polygon, aci: int) -> Entity:
        return entity(kind, shape if kind == "HATCH" else shapely.LineString(shape.exterior.coords), aci=aci)

    rings = [drawn(pond, area(5, 5, 8, 8), 141), drawn(park, area(5, 5, 8, 8), 82)]
    work = built(
        cad_layer("SDD", drawn("LWPOLYLINE", area(0, 0, 20, 20), 82), *(rings if own_first else rings[::-1])),
        rules=[LayerRule("SDD", "lot")],
        colours=[ColourRule("DAT_HTXH_CayxanhCC", aci=82), ColourRule("DAT_KHAC_Honuoc", aci=141)] if told else [],
    )
    lots = lots_of(work)
    found = dict(zip(lots.fields["aci"], shapely.area(lots.geometry).round(3).tolist(), strict=True))
    assert found == {82: 391.0, 141: 9.0}
    if told:
        assert lots.fields["phanLoai"] == ["DAT_HTXH_CayxanhCC", "DAT_KHAC_HONUOC"]
    assert codes(work.findings) == []


def test_islands_own_label_decides_when_its_ring_is_on_the_outer_layer(built):
    layer = cad_layer("CAY XANH", entity("LWPOLYLINE", ring(0, 0, 20, 20)), entity("LWPOLYLINE", ring(5, 5, 8, 8)))
    work = built(layer, rules=[PARKS])
    assert lots_of(work).fields["phanLoai"] == ["DAT_HTXH_CayxanhCC", None]
    assert lots_of(name_lots(work)).fields["phanLoai"] == ["DAT_HTXH_CayxanhCC"] * 2


@pytest.mark.parametrize(("circles", "kept"), [(12, 12), (6, 12), (3, 15)])
def test_circles_of_labels_are_no_lots_when_most_lots_have_one(built, circles: int, kept: int):
    lots = [entity("LWPOLYLINE", ring(10 * at, 0, 10 * at + 10, 20)) for at in range(12)]
    middles = [shapely.Point(X + 10 * at + 5, Y + 12).buffer(2 + 0.1 * at) for at in range(circles)]
    rings = [entity("CIRCLE", shapely.LineString(shape.exterior.coords)) for shape in middles]
    work = built(cad_layer("DAT O", *lots, *rings), rules=[HOUSES])
    assert len(lots_of(work)) == kept
    assert codes(work.repairs).count("label-rings-left-out") == (kept == 12)


def test_ponds_drawn_as_circles_stay_lots_when_they_lie_in_one_park(built):
    ponds = [shapely.Point(X + 20 * at + 10, Y + 12).buffer(4) for at in range(6)]
    rings = [entity("CIRCLE", shapely.LineString(shape.exterior.coords)) for shape in ponds]
    work = built(cad_layer("DAT O", entity("LWPOLYLINE", ring(0, 0, 200, 40)), *rings), rules=[HOUSES])
    assert len(lots_of(work)) == 7


def test_frame_around_lots_is_no_lot(built):
    work = built(
        cad_layer(
            "DAT O",
            entity("LWPOLYLINE", ring(0, 0, 20, 20)),
            entity("LWPOLYLINE", ring(0, 0, 10, 20)),
            entity("LWPOLYLINE", ring(10, 0, 20, 20)),
        ),
        rules=[HOUSES],
    )
    assert len(lots_of(work)) == 2
    assert codes(work.findings) == ["lot-is-frame"]


def test_colour_tells_the_function_when_the_layer_does_not(built):
    work = built(
        cad_layer(
            "QH",
            entity("LWPOLYLINE", ring(0, 0, 10, 20), aci=50),
            entity("HATCH", area(10, 0, 20, 20), aci=90),
            entity("HATCH", area(20, 0, 30, 20), aci=7, rgb="#00ff00"),
            entity("HATCH", area(30, 0, 40, 20), aci=8),
        ),
        rules=[LayerRule("QH", "lot")],
        colours=[
            ColourRule("DAT_O_Nhomnhao", aci=50),
            ColourRule("DAT_HTXH_CayxanhCC", aci=90),
            ColourRule("DAT_HTXH_Yte", rgb="#00ff00"),
        ],
    )
    assert lots_of(work).fields["phanLoai"] == ["DAT_O_Nhomnhao", "DAT_HTXH_CayxanhCC", "DAT_HTXH_Yte", None]


def test_lot_outside_the_outline_is_left_out_and_told(built):
    lots = [entity("LWPOLYLINE", ring(10 * i, 0, 10 * i + 10, 20)) for i in range(8)]
    work = built(
        cad_layer("DAT O", *lots, entity("LWPOLYLINE", ring(500, 0, 510, 20))),
        cad_layer(OUTLINE, entity("LWPOLYLINE", ring(-5, -5, 100, 50))),
        rules=[HOUSES, BOUNDARY],
    )
    assert len(lots_of(work)) == 8
    assert codes(work.findings) == ["lot-outside-plan"]


def test_outline_is_doubted_when_most_lots_lie_outside(built):
    lots = [entity("LWPOLYLINE", ring(10 * i, 0, 10 * i + 10, 20)) for i in range(8)]
    work = built(
        cad_layer("DAT O", *lots),
        cad_layer(OUTLINE, entity("LWPOLYLINE", ring(-5, -5, 25, 50))),
        rules=[HOUSES, BOUNDARY],
    )
    assert len(lots_of(work)) == 8
    assert codes(work.findings) == ["lots-mostly-outside"]


def test_outline_drawn_again_beside_the_plan_is_no_part_of_it_and_no_lot(built):
    edges = [shapely.LineString([(X + 20, Y), (X + 20, Y + 40)]), shapely.LineString([(X, Y + 20), (X + 40, Y + 20)])]
    again = [entity("LWPOLYLINE", ring(west, 0, west + 40, 40)) for west in (-100, 0, 100)]
    work = built(
        cad_layer("CHIA LO", *(entity("LINE", shape) for shape in edges)),
        cad_layer(OUTLINE, *again),
        rules=[LayerRule("CHIA LO", "lot_edge"), BOUNDARY],
    )
    assert shapely.area(lots_of(work).geometry).tolist() == pytest.approx([400] * 4)
    assert work.role("plan_boundary")[0].geometry[0].equals(area(0, 0, 40, 40))
    assert codes(work.findings) == ["outline-drawn-again"]


@pytest.mark.parametrize("others", [2, 5])
def test_lots_of_another_map_are_left_out_when_the_outline_is_drawn_again_around_them(built, others: int):
    corners = [(0, 0), (60, 0), (60, 40), (30, 55), (0, 40), (0, 0)]
    outlines = [shapely.LineString([(X + east + x, Y + y) for x, y in corners]) for east in (0, 200)]
    lots = [ring(x, y, x + 10, y + 10) for x in range(0, 60, 10) for y in (10, 20)]
    lots += [ring(205 + 10 * at, 5, 215 + 10 * at, 25) for at in range(others)]
    work = built(
        cad_layer("DAT O", *(entity("LWPOLYLINE", shape) for shape in lots)),
        cad_layer(OUTLINE, *(entity("LWPOLYLINE", shape) for shape in outlines)),
        rules=[HOUSES, BOUNDARY],
    )
    assert len(lots_of(work)) == 12
    assert work.role("plan_boundary")[0].geometry[0].equals(shapely.Polygon(outlines[0]))
    assert sorted(codes(work.findings)) == [*["lot-outside-plan"] * others, "outline-drawn-again"]


def test_outline_in_parts_stays_whole_when_all_hold_lots(built):
    lots = [entity("LWPOLYLINE", ring(west + 5, 5, west + 15, 15)) for west in (0, 100)]
    parts = [entity("LWPOLYLINE", ring(west, 0, west + 40, 40)) for west in (0, 100)]
    work = built(cad_layer("DAT O", *lots), cad_layer(OUTLINE, *parts), rules=[HOUSES, BOUNDARY])
    assert work.role("plan_boundary")[0].geometry[0].area == pytest.approx(3200)
    assert len(lots_of(work)) == 2 and codes(work.findings) == []


def test_open_outline_is_closed_and_told(built):
    shape = shapely.LineString([(X, Y), (X + 100, Y), (X + 100, Y + 50), (X, Y + 50), (X, Y + 0.2)])
    work = built(
        cad_layer("DAT O", entity("LWPOLYLINE", ring(0, 0, 10, 20))),
        cad_layer(OUTLINE, entity("LWPOLYLINE", shape)),
        rules=[HOUSES, BOUNDARY],
    )
    assert work.role("plan_boundary")[0].geometry[0].area == pytest.approx(5000, rel=0.01)
    assert codes(work.repairs) == ["outline-closed"]


def test_outline_that_encloses_nothing_is_an_error(built):
    shape = shapely.LineString([(X, Y), (X + 100, Y)])
    work = built(
        cad_layer("DAT O", entity("LWPOLYLINE", ring(0, 0, 10, 20))),
        cad_layer(OUTLINE, entity("LINE", shape)),
        rules=[HOUSES, BOUNDARY],
    )
    assert codes(work.findings) == ["outline-open"]


def test_lines_between_lots_become_lots_with_the_help_of_outline_and_roads(built):
    edges = [shapely.LineString([(X + 20, Y), (X + 20, Y + 40)]), shapely.LineString([(X, Y + 20), (X + 40, Y + 20)])]
    work = built(
        cad_layer("CHIA LO", *(entity("LINE", shape) for shape in edges)),
        cad_layer(OUTLINE, entity("LWPOLYLINE", ring(0, 0, 40, 60))),
        cad_layer("VIA HE", entity("LINE", shapely.LineString([(X, Y + 40), (X + 40, Y + 40)]))),
        rules=[LayerRule("CHIA LO", "lot_edge"), BOUNDARY, LayerRule("VIA HE", "road")],
    )
    assert sorted(shapely.area(lots_of(work).geometry).tolist()) == pytest.approx([400, 400, 400, 400, 800])


def test_taken_samples_of_the_legend_are_no_lots(built):
    from quyhoach.standardise.work import SheetReading

    layer = cad_layer("DAT O", entity("LWPOLYLINE", ring(0, 0, 10, 20)), entity("LWPOLYLINE", ring(900, 0, 920, 10)))
    work = built(layer, rules=[HOUSES], reading=SheetReading(taken=frozenset({"DAT O.1"})))
    assert len(lots_of(work)) == 1


def test_overlaps_and_slits_are_cleaned_and_told(built):
    work = built(
        cad_layer(
            "DAT O",
            entity("LWPOLYLINE", ring(0, 0, 10.2, 20)),
            entity("LWPOLYLINE", ring(10, 0, 20, 20)),
            entity("LWPOLYLINE", ring(20.1, 0, 30, 20)),
        ),
        rules=[HOUSES],
    )
    clean = clean_coverage(work)
    (lots,) = clean.role("lot")
    assert shapely.coverage_is_valid(lots.geometry)
    assert shapely.area(lots.geometry).sum() == pytest.approx(600, abs=0.01)
    assert set(codes(clean.repairs)) == {"lot-edges-joined", "slit-closed"}
    assert clean.source_lots[0].geometry[0].area == pytest.approx(204)


def test_lots_are_named_by_label_and_by_number_where_labels_repeat(built):
    work = built(
        cad_layer("DAT O", *(entity("LWPOLYLINE", ring(10 * i, 0, 10 * i + 10, 20)) for i in range(4))), rules=[HOUSES]
    )
    (lots,) = work.role("lot")
    labelled = Features(
        lots.rule, "", lots.geometry, lots.handles, {**lots.fields, "kyHieuLoDat": ["A1", "A2", "A1", None]}
    )
    named = name_lots(Work(work.context, work.mapping, (), DRAWN, features=(labelled,)))
    assert named.role("lot")[0].fields["maDoiTuong"] == ["A1~1", "A2", "A1~2", "L~1"]
