"""Labels to lots: inside, by leader, by nearness; several in one lot; what they say of the lot and its function."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hand_drawn import HandDrawn, drawing
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.frame import Frame
from quyhoach.domain.mapping import ColourRule, LayerRule, PrefixRule, SourceMapping
from quyhoach.standard import load_standard
from quyhoach.standardise import Context, Features, Work
from quyhoach.standardise.labels import join_labels
from quyhoach.standardise.work import LegendEntry, SheetReading

E, N = 430000.0, 2395000.0
CONTEXT = Context(load_standard(), "EPSG:9215", (106.0, 21.2, 107.5, 22.6))


def lot(west: float, south: float, east: float, north: float) -> Any:
    return shapely.box(E + west, N + south, E + east, N + north)


def join(
    lots: list[Any],
    draw: HandDrawn,
    functions: list[str | None] | None = None,
    rules: dict[str, str] | None = None,
    frame: Frame | None = None,
    reading: SheetReading | None = None,
    **mapping: Any,
) -> Work:
    """Lots and hand-drawn labels through the phase. `rules`: label layer -> function."""
    shapes = np.empty(len(lots), dtype=object)
    shapes[:] = lots
    columns = {"phanLoai": functions or [None] * len(lots), "aci": [None] * len(lots), "rgb": [None] * len(lots)}
    columns["layer"] = [""] * len(lots)
    handles = tuple(f"L{number}" for number in range(len(lots)))
    groups = [Features(LayerRule("lo", "lot"), "", shapes, handles, columns)]
    for layer in draw.layers():
        rule = LayerRule(layer.name, "label", function=(rules or {}).get(layer.name, ""))
        groups.append(Features(rule, layer.name, layer.geometry, layer.ids, layer.fields))
    work = Work(CONTEXT, SourceMapping(**mapping), draw.layers(), drawing(), frame, features=tuple(groups))
    if reading is not None:
        work = Work(CONTEXT, SourceMapping(**mapping), (), drawing(), frame, reading, tuple(groups))
    return join_labels(work)


def values(work: Work, name: str = "kyHieuLoDat") -> list[Any]:
    return list(work.role("lot")[0].fields[name])


def codes(work: Work) -> list[str]:
    return [finding.code for finding in work.findings]


def told(work: Work) -> list[str]:
    return [repair.code for repair in work.repairs]


def stack(draw: HandDrawn, west: float, south: float, *lines: str, height: float = 2.0, **fields: Any) -> None:
    """Lines of text one under the other; cells of a line parted by "|"."""
    for number, line in enumerate(lines):
        x = E + west
        for cell in line.split("|"):
            draw.text(cell.strip(), x, N + south - number * 1.5 * height, height, **fields)
            x += (len(cell.strip()) * 0.8 + 1.2) * height


def test_loose_texts_are_one_label_when_they_lie_in_one_lot():
    draw = HandDrawn()
    stack(draw, 10, 30, "OM-01|1.200", "40-60|2-5|0,8-3,0", "54 người")
    work = join([lot(0, 0, 60, 20), lot(0, 20, 60, 40)][::-1], draw)
    assert values(work) == ["OM-01", None]
    assert values(work, "dienTich") == [1200.0, None]
    assert values(work, "matDoXayDung")[0] == "40-60"
    assert values(work, "tangCaoXayDung")[0] == "2-5"
    assert values(work, "heSoSuDungDat")[0] == "0,8-3,0"
    assert values(work, "danSo")[0] == "54"
    assert values(work, "nhan")[0] == "OM-01 | 1.200 / 40-60 | 2-5 | 0,8-3,0 / 54 người"
    assert codes(work) == [] and told(work) == []
    assert work.role("label")[0].fields["lot"] == ["OM-01"] * 6


@pytest.mark.parametrize("turn", [0.0, 37.5, 90.0, 200.0])
def test_rows_follow_the_text_when_it_is_turned(turn: float):
    draw = HandDrawn()
    angle = np.radians(turn)
    for number, line in enumerate(("OM-01|800 m2", "60%|5 tầng")):
        for column, cell in enumerate(line.split("|")):
            u, v = column * 16.0, -number * 3.0
            x, y = E + u * np.cos(angle) - v * np.sin(angle), N + u * np.sin(angle) + v * np.cos(angle)
            draw.text(cell, x, y, 2.0, rotation=turn)
    work = join([lot(-50, -50, 50, 50)], draw)
    assert values(work, "nhan") == ["OM-01 | 800 m2 / 60% | 5 tầng"]
    assert values(work) == ["OM-01"]


@pytest.mark.parametrize("code", ["OM-67A", "OM 67A", "OM-67B"])
def test_two_labels_in_one_lot_are_told_when_each_is_written_in_one_line(code: str):
    draw = HandDrawn()
    stack(draw, 5, 20, "OM-67 (S=3.600m2; MĐXD=35%; TC=3 - 5)")
    stack(draw, 5, 35, f"{code} (S=3.600m2; MĐXD=35%; TC=3 - 5)")
    work = join([lot(0, 0, 60, 60)], draw)
    assert codes(work) == ["labels-two-in-lot"]
    assert values(work)[0] in ("OM-67", code) and values(work, "tangCaoXayDung") == ["3-5"]


def test_figures_beside_a_circle_stay_in_their_lot_when_the_next_lots_code_is_nearer():
    draw = HandDrawn()
    lots, height = [], 0.4
    for number in range(12):
        west = 5.4 * number
        lots.append(lot(west, 0, west + 5.4, 18))
        for text, x, y in (
            (f"V.LK{120 + number}", 0.4, 0.7),
            ("97.2 m²", 0.4, 0.0),
            ("70÷80", 3.7, 0.7),
            ("2÷3", 3.7, 0.0),
        ):
            draw.text(text, E + west + x, N + 9 + y + 0.7 * number, height)
    work = join(lots, draw)
    assert values(work, "nhan") == [f"V.LK{120 + number} | 70÷80 / 97.2 m² | 2÷3" for number in range(12)]
    assert values(work, "matDoXayDung") == ["70÷80"] * 12


def test_attributes_of_one_block_are_one_label_when_some_lie_outside_the_lot():
    draw = HandDrawn()
    for tag, text, x in (("KH", "OM-01", 5), ("DT", "400 m2", 8), ("MD", "60", 25)):
        draw.text(text, E + x, N + 5, 2.0, entity="ATTRIB", insert="77", tag=tag)
    work = join([lot(0, 0, 20, 20), lot(20, 0, 40, 20)], draw)
    assert values(work) == ["OM-01", None]
    assert values(work, "matDoXayDung") == ["60", None]


def test_paragraph_is_one_label():
    draw = HandDrawn()
    draw.text("OM-01\nDT: 0,04 ha\nMĐXD: 70-80%", E + 2, N + 15, 1.0)
    work = join([lot(0, 0, 20, 20)], draw)
    assert values(work) == ["OM-01"] and values(work, "dienTich") == [400.0]


def test_inner_lot_gets_its_label_when_lots_are_nested():
    draw = HandDrawn()
    stack(draw, 40, 50, "HN-01")
    stack(draw, 5, 90, "CX-01")
    work = join([lot(0, 0, 100, 100), lot(35, 40, 70, 60)], draw)
    assert values(work) == ["CX-01", "HN-01"]


def test_label_goes_where_its_leader_points_when_it_lies_in_another_lot():
    draw = HandDrawn()
    stack(draw, 5, 15, "OM-01", "400 m2")
    stack(draw, 24, 10, "OM-02", "25 m2", height=1.0)
    draw.line((E + 24, N + 11.2), (E + 22, N + 22), layer="CHU")
    lots = [lot(0, 0, 40, 20), lot(20, 20, 25, 25)]
    work = join(lots, draw)
    assert values(work) == ["OM-01", "OM-02"]
    assert told(work) == ["label-joined-by-leader"] and codes(work) == []
    assert work.repairs[0].wkb is not None
    assert shapely.from_wkb(work.repairs[0].wkb).distance(shapely.Point(E + 24, N + 11.2)) < 1e-6


@pytest.mark.parametrize("segments", [1, 2])
def test_label_goes_where_its_leader_points_when_it_lies_outside_all_lots(segments: int):
    draw = HandDrawn()
    stack(draw, 60, 30, "OM-02", "100 m2")
    points = [(E + 59, N + 31), (E + 50, N + 31), (E + 15, N + 5)]
    if segments == 1:
        draw.line(points[2], points[0], layer="CHU", entity="LEADER")
    else:
        draw.line(points[0], points[1], layer="CHU")
        draw.line(points[2], points[1], layer="CHU")
    work = join([lot(0, 0, 10, 10), lot(10, 0, 20, 10)], draw)
    assert values(work) == [None, "OM-02"]
    assert told(work) == ["label-joined-by-leader"]


def test_leader_of_another_layer_ties_its_own_text():
    draw = HandDrawn()
    handle = draw.line((E + 5, N + 5), (E + 80, N + 80), layer="DIM", entity="LEADER")
    draw.rows["DIM"][0][2]["insert"] = handle
    draw.text("OM-01\n100 m2", E + 90, N + 90, 2.0, insert=handle)
    work = join([lot(0, 0, 10, 10)], draw)
    assert values(work) == ["OM-01"]


def test_line_under_a_label_is_no_leader():
    draw = HandDrawn()
    stack(draw, 12, 10, "OM-01", "400 m2")
    draw.line((E + 12, N + 9.5), (E + 21, N + 9.5), layer="CHU")
    work = join([lot(0, 0, 20, 20), lot(20, 0, 40, 20)], draw)
    assert values(work) == ["OM-01", None] and told(work) == []


def test_label_beside_a_bare_lot_is_joined_and_told():
    draw = HandDrawn()
    stack(draw, 21, 5, "OM-01")
    work = join([lot(0, 0, 20, 20), lot(100, 0, 120, 20)], draw)
    assert values(work) == ["OM-01", None]
    assert told(work) == ["label-joined-nearest"] and work.repairs[0].params["distance"] == 1.0


def test_label_is_told_when_no_bare_lot_is_near():
    draw = HandDrawn()
    stack(draw, 5, 5, "OM-01")
    stack(draw, 21, 5, "OM-02")
    stack(draw, 300, 300, "OM-03", "500 m2")
    draw.text("ĐƯỜNG TRẦN HƯNG ĐẠO", E + 500, N)
    work = join([lot(0, 0, 20, 20)], draw)
    assert values(work) == ["OM-01"]
    assert codes(work) == ["label-outside-lots", "label-outside-lots"]
    where = shapely.from_wkb(work.findings[1].wkb or b"")
    assert where.distance(shapely.Point(E + 304, N + 300)) < 5
    assert work.role("label")[0].fields["lot"] == ["OM-01", None, None, None, None]


def test_two_codes_in_one_lot_are_told_and_the_written_area_decides():
    draw = HandDrawn()
    stack(draw, 18, 20, "OM-01", "900 m2")
    stack(draw, 2, 35, "OM-02", "1.600 m2")
    work = join([lot(0, 0, 40, 40)], draw)
    assert values(work) == ["OM-02"] and values(work, "dienTich") == [1600.0]
    assert codes(work) == ["labels-two-in-lot"]
    assert work.findings[0].params["labels"] == "OM-01, OM-02"
    assert shapely.from_wkb(work.findings[0].wkb or b"").equals(lot(0, 0, 40, 40))


def test_label_nearest_to_the_middle_wins_when_no_area_decides():
    draw = HandDrawn()
    stack(draw, 18, 20, "OM-01")
    stack(draw, 2, 35, "OM-02")
    work = join([lot(0, 0, 40, 40)], draw)
    assert values(work) == ["OM-01"] and codes(work) == ["labels-two-in-lot"]


def test_same_code_twice_is_one_label():
    draw = HandDrawn()
    stack(draw, 2, 35, "OM-01", "1.600 m2")
    stack(draw, 2, 10, "OM-01", "1.600 m2")
    work = join([lot(0, 0, 40, 40)], draw)
    assert values(work) == ["OM-01"] and values(work, "nhan") == ["OM-01 / 1.600 m2"] and codes(work) == []


def test_code_that_carries_on_anothers_is_a_second_label():
    draw = HandDrawn()
    stack(draw, 2, 35, "H78", "1.600 m2", "60%")
    stack(draw, 2, 12, "H78.2", "1.600 m2", "60%")
    work = join([lot(0, 0, 40, 40)], draw)
    assert codes(work) == ["labels-two-in-lot"] and work.findings[0].params["labels"] == "H78, H78.2"


def test_label_without_a_code_is_joined():
    draw = HandDrawn()
    stack(draw, 2, 30, "1.600 m2")
    work = join([lot(0, 0, 40, 40)], draw)
    assert values(work) == [None] and values(work, "dienTich") == [1600.0]


def test_label_goes_to_the_neighbour_when_only_that_has_the_written_area():
    draw = HandDrawn()
    stack(draw, 22, 10, "OM-02", "100 m2")
    work = join([lot(0, 0, 21, 20), lot(21, 0, 26, 20), lot(26, 0, 66, 20)], draw)
    assert values(work) == [None, "OM-02", None]
    far = HandDrawn()
    stack(far, 45, 10, "OM-02", "100 m2")
    work = join([lot(0, 0, 21, 20), lot(21, 0, 26, 20), lot(26, 0, 66, 20)], far)
    assert values(work) == [None, None, "OM-02"] and told(work) == []


def test_piece_that_nobody_understands_is_told_with_its_place():
    draw = HandDrawn()
    stack(draw, 2, 30, "OM-01", "xem bản vẽ QH-05B")
    work = join([lot(0, 0, 40, 40)], draw)
    assert values(work) == ["OM-01"]
    assert codes(work) == ["label-piece-unread"] and work.findings[0].wkb is not None


def test_taken_texts_are_no_labels():
    draw = HandDrawn()
    stack(draw, 2, 30, "OM-01")
    work = join([lot(0, 0, 40, 40)], draw, reading=SheetReading(taken=frozenset({"1"})))
    assert values(work) == [None] and codes(work) == []


def test_labels_are_joined_when_axes_are_swapped_and_the_unit_is_millimetres():
    frame = Frame("EPSG:9215", swapped=True, unit=0.001)
    draw = HandDrawn(move=frame.to_true)
    x, y = (N + 10) * 1000, (E + 15) * 1000
    draw.text("OM-01", x, y, 2000.0)
    draw.text("400 m2", x, y - 3000, 2000.0)
    work = join([lot(0, 0, 20, 20)], draw, frame=frame)
    assert values(work, "nhan") == ["OM-01 / 400 m2"]


def test_nothing_changes_when_there_is_no_drawing(work: Callable[..., Work]):
    state = work()
    assert join_labels(state) is state


@pytest.mark.parametrize(
    ("rules", "aci", "mapping", "legend", "function", "repair"),
    [
        ({"CHU": "DAT_Dichvu"}, 30, {"colours": (ColourRule("DAT_Coquan", 30),)}, (), "DAT_Dichvu", "-label-layer"),
        ({}, 30, {"colours": (ColourRule("DAT_Coquan", 30),)}, (), "DAT_Coquan", "-label-colour"),
        ({}, 7, {"prefixes": (PrefixRule("OM", "DAT_O_Nhomnhao"),)}, (), "DAT_O_Nhomnhao", "-prefix"),
        ({}, 7, {}, (LegendEntry("Đất y tế", "DAT_HTXH_Yte", "OM"),), "DAT_HTXH_Yte", "-prefix-of-legend"),
    ],
)
def test_function_comes_from_the_label_when_the_lot_has_none(
    rules: dict[str, str], aci: int, mapping: dict[str, Any], legend: Any, function: str, repair: str
):
    draw = HandDrawn()
    stack(draw, 2, 10, "OM-01", aci=aci)
    work = join([lot(0, 0, 20, 20)], draw, rules=rules, reading=SheetReading(legend=legend), **mapping)
    assert values(work, "phanLoai") == [function]
    assert next(code for code in told(work) if code.startswith("function")).endswith(repair)
    assert bool(work.guesses) == bool(legend)


@pytest.mark.parametrize("code", ["VI.OM01", "I.OM-2", "III/OM2", "5.OM-2", "II.OM.X3"])
def test_function_comes_from_the_letters_behind_the_number_of_a_block(code: str):
    draw = HandDrawn()
    stack(draw, 2, 10, code)
    rules = (PrefixRule("OM", "DAT_O_Nhomnhao"), PrefixRule("I", "DAT_Coquan"))
    work = join([lot(0, 0, 20, 20)], draw, prefixes=rules)
    assert values(work, "phanLoai") == ["DAT_O_Nhomnhao"]


def test_function_is_not_invented_when_the_legend_says_two_things():
    draw = HandDrawn()
    stack(draw, 2, 10, "CC-01")
    legend = (LegendEntry("Đất y tế", "DAT_HTXH_Yte", "CC"), LegendEntry("Đất văn hóa", "DAT_HTXH_Vanhoa", "CC"))
    work = join([lot(0, 0, 20, 20)], draw, reading=SheetReading(legend=legend))
    assert values(work, "phanLoai") == [None]


def test_contradiction_is_told_when_the_labels_layer_says_another_function():
    draw = HandDrawn()
    stack(draw, 2, 10, "OM-01")
    work = join([lot(0, 0, 20, 20)], draw, ["DAT_Coquan"], rules={"CHU": "DAT_Dichvu"})
    assert values(work, "phanLoai") == ["DAT_Coquan"]
    assert codes(work) == ["label-function-differs"]


def test_colour_of_text_is_no_contradiction_when_colours_mean_nothing():
    draw = HandDrawn()
    lots = [lot(20 * number, 0, 20 * number + 20, 20) for number in range(12)]
    for number in range(12):
        stack(draw, 20 * number + 2, 10, f"OM-{number:02}", aci=30 if number % 2 else 40)
    colours = (ColourRule("DAT_Coquan", 30), ColourRule("DAT_Dichvu", 40))
    work = join(lots, draw, ["DAT_O_Nhomnhao"] * 12, colours=colours)
    assert codes(work) == []


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 25), st.floats(0, 359))
def test_every_lot_gets_its_own_label_whatever_the_order(random: Any, count: int, turn: float):
    draw = HandDrawn()
    lots = []
    for number in range(count):
        west, south = (number % 5) * 40.0, (number // 5) * 30.0
        lots.append(lot(west, south, west + 40, south + 30))
    order = list(range(count))
    random.shuffle(order)
    for number in order:
        west, south = (number % 5) * 40.0, (number // 5) * 30.0
        angle = np.radians(turn)
        for line, text in enumerate((f"OM-{number + 1:02}", f"{1000 + number} m2")):
            x = E + west + 20 - 4 * np.cos(angle) + line * 3 * np.sin(angle)
            y = N + south + 15 - 4 * np.sin(angle) - line * 3 * np.cos(angle)
            draw.text(text, x, y, 2.0, rotation=turn)
    work = join(lots, draw)
    assert values(work) == [f"OM-{number + 1:02}" for number in range(count)]
    assert values(work, "dienTich") == [1000.0 + number for number in range(count)]


def test_label_drawn_twice_in_one_place_is_one():
    draw = HandDrawn()
    for _ in range(2):
        stack(draw, 2, 30, "OM-01", "1.600 m2")
    work = join([lot(0, 0, 40, 40)], draw)
    assert values(work, "nhan") == ["OM-01 / 1.600 m2"] and codes(work) == []


def test_legend_tells_nothing_when_part_of_it_was_not_understood():
    draw = HandDrawn()
    stack(draw, 2, 10, "CC-01")
    legend = (LegendEntry("Đất y tế", "DAT_HTXH_Yte", "CC"), LegendEntry("Đất lạ", None, "CC"))
    work = join([lot(0, 0, 20, 20)], draw, reading=SheetReading(legend=legend))
    assert values(work, "phanLoai") == [None]


def test_lines_that_reach_out_of_the_lot_stay_with_their_label():
    draw = HandDrawn()
    stack(draw, 2, 4, "OM-01", "800 m2", "60%|5 tầng")
    stack(draw, 60, 4, "OM-02", "800 m2", "70%")
    stack(draw, 2, -12, "OM-03", "1.800 m2")
    lots = [lot(0, 0, 40, 20), lot(50, 0, 90, 20), lot(0, -40, 40, 0)]
    work = join(lots, draw)
    assert values(work) == ["OM-01", "OM-02", "OM-03"]
    assert values(work, "dienTich") == [800.0, 800.0, 1800.0]
    assert values(work, "matDoXayDung")[:2] == ["60", "70"]
    assert values(work, "tangCaoXayDung")[0] == "5"
    assert codes(work) == []


def test_line_alone_in_a_lot_without_a_label_stays_there():
    draw = HandDrawn()
    stack(draw, 2, -2, "800 m2")
    stack(draw, 2, 1, "OM-01")
    work = join([lot(0, 0, 40, 20), lot(0, -20, 40, 0)], draw)
    assert values(work) == ["OM-01", None] and values(work, "dienTich") == [None, 800.0]


def test_function_comes_from_a_land_use_that_the_label_names():
    draw = HandDrawn()
    stack(draw, 2, 30, "A12", "TRƯỜNG MẦM NON", "800 m2")
    work = join([lot(0, 0, 40, 40)], draw)
    assert values(work, "phanLoai") == ["DAT_HTXH_Truonghoc"]
    assert told(work) == ["function-by-label-words"] and codes(work) == [] and work.guesses


def test_label_taller_than_its_lot_belongs_where_its_middle_is():
    draw = HandDrawn()
    for number in range(4):
        stack(draw, 10, 12 * number + 12.2, f"LK-{number}", "360 m2", "80%", "2-5 tầng", "1,6-4,0", height=2.2)
    work = join([lot(0, 12 * number, 30, 12 * number + 12) for number in range(4)], draw)
    assert values(work) == ["LK-0", "LK-1", "LK-2", "LK-3"]
    assert values(work, "heSoSuDungDat") == ["1,6-4,0"] * 4 and codes(work) == []


def test_small_two_of_its_own_is_the_square_of_the_metre():
    draw = HandDrawn()
    stack(draw, 10, 20, "LK-01", "162,1 m", "80%")
    draw.text("2", E + 10 + 7 * 0.8 * 2, N + 18, 1.0)
    work = join([lot(0, 0, 40, 40)], draw)
    assert values(work, "nhan") == ["LK-01 / 162,1 m2 / 80%"] and values(work, "dienTich") == [162.1]


def test_lines_of_a_label_drawn_as_a_small_table_are_no_leaders():
    draw = HandDrawn()
    for west in (0, 40):
        draw.text(f"OM-{west}", E + west + 12, N + 24, 2.0)
        for number, row in enumerate((("800 m2", "60%"), ("5 tầng", "3,0"))):
            for column, cell in enumerate(row):
                draw.text(cell, E + west + 2 + 20 * column, N + 19 - 5 * number, 2.0)
            draw.line((E + west - 1, N + 22 - 5 * number), (E + west + 41, N + 22 - 5 * number), layer="CHU")
        draw.line((E + west + 20, N + 22), (E + west + 20, N + 12), layer="CHU")
    work = join([lot(0, 0, 40, 30), lot(40, 0, 80, 30)], draw)
    assert values(work) == ["OM-0", "OM-40"] and told(work) == []
    assert values(work, "heSoSuDungDat") == ["3,0", "3,0"]


def test_label_stays_in_its_lot_when_its_leader_points_at_one_that_has_another():
    draw = HandDrawn()
    for number in range(3):
        handle = draw.line((E + 20 * number - 5, N + 5), (E + 20 * number + 4, N + 9), layer="CHU", entity="LEADER")
        draw.rows["CHU"][-1][2]["insert"] = handle
        draw.text(f"OM-{number}\n400 m2", E + 20 * number + 5, N + 9, 2.0, insert=handle)
    work = join([lot(20 * number, 0, 20 * number + 20, 20) for number in range(3)], draw)
    assert values(work) == ["OM-0", "OM-1", "OM-2"] and told(work) == []


def test_code_decides_when_a_label_reaches_over_two_lots_and_says_the_area_of_one():
    draw = HandDrawn()
    stack(draw, 5, 42, "TG-04", "400 m2", "60%", "5 tầng")
    stack(draw, 20, 15, "OM-58", "1.600 m2")
    work = join([lot(0, 0, 40, 40), lot(0, 40, 40, 50)], draw)
    assert values(work) == ["OM-58", "TG-04"] and codes(work) == []
