"""Rules on what was drawn: lots before cleaning, the balance table, the frame."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.finding import Finding
from quyhoach.domain.frame import Frame
from quyhoach.package import Layer
from quyhoach.validate.stars import others, stars

Check = Callable[[str, Mapping[str, Layer]], list[Finding]]
Spoil = Callable[..., dict[str, Layer]]
LOTS, OUTLINE = "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A"
E, N = 430000.0, 2395000.0


def array(*geometries: object) -> np.ndarray:
    result = np.empty(len(geometries), dtype=object)
    result[:] = geometries
    return result


def box(west: float, south: float, east: float, north: float) -> Any:
    return shapely.MultiPolygon([shapely.box(E + west, N + south, E + east, N + north)])


def drawn(layers: dict[str, Layer], *shapes: Any, lots: Sequence[str | None] | None = None) -> dict[str, Layer]:
    """The package with these lots as drawn, handles A0, A1 …"""
    handles = [f"A{number}" for number in range(len(shapes))]
    fields: dict[str, Sequence[Any]] = {"source_handle": handles, "layer": ["0"] * len(shapes)}
    if lots is not None:
        fields["lot"] = lots
    layers = with_rows(layers, "provenance", ("frame", Frame("EPSG:9215").to_json()))
    return {**layers, "source_lots": Layer("source_lots", "MultiPolygon", array(*shapes), fields)}


def with_rows(layers: dict[str, Layer], table: str, *rows: tuple[str, str]) -> dict[str, Layer]:
    """The package with rows added to table `plan` or `provenance`."""
    old = layers[table].fields if table in layers else {"key": [], "value": []}
    fields = {name: [*old[name], *(row[at] for row in rows)] for at, name in enumerate(("key", "value"))}
    return {**layers, table: Layer(table, None, None, fields)}


def balance(layers: dict[str, Layer], *rows: tuple[str | None, float | None, bool]) -> dict[str, Layer]:
    fields: dict[str, Sequence[Any]] = {
        "name": [str(function) for function, _, _ in rows],
        "function": [function for function, _, _ in rows],
        "area_m2": [area for _, area, _ in rows],
        "total": [total for _, _, total in rows],
    }
    return {**layers, "balance_table": Layer("balance_table", None, None, fields)}


def parts(finding: Finding) -> list[Any]:
    assert finding.wkb is not None
    return list(shapely.get_parts(shapely.from_wkb(finding.wkb)))


def test_w017_is_silent_where_the_lots_come_from_no_drawing(check: Check, layers: dict[str, Layer]) -> None:
    package = drawn(layers, box(0, 0, 101, 100), box(100, 0, 200, 100))
    del package["provenance"]
    assert check("W017", package) == []


# ── W017 overlaps ──────────────────────────────────────────────────────────────────────────────────────────


def test_w017_speaks_with_spot_and_both_lots_when_drawn_lots_overlap(check: Check, layers: dict[str, Layer]) -> None:
    (finding,) = check("W017", drawn(layers, box(0, 0, 101, 100), box(100, 0, 200, 100)))
    assert (finding.feature, finding.params["other"], finding.params["area"]) == ("OM-1", "CX-2", 100.0)
    assert finding.source_handle == "A0"
    spot, first, second = parts(finding)
    assert spot.area == pytest.approx(100)
    assert first.within(box(0, 0, 101, 100))
    assert second.within(box(100, 0, 200, 100))


def test_w017_is_one_finding_when_one_lot_overlaps_three(check: Check, layers: dict[str, Layer]) -> None:
    large = box(40, 40, 60, 60)
    around = [box(0, 0, 41, 100), box(59, 0, 200, 100), box(41, 0, 59, 41)]
    (finding,) = check("W017", drawn(layers, *around, large))
    assert finding.source_handle == "A3"
    assert len([part for part in parts(finding) if part.geom_type == "Point"]) == 4


@pytest.mark.parametrize(
    "second",
    [
        box(100, 0, 200, 100),  # touching
        box(20, 20, 50, 50),  # an island drawn into its surroundings
        box(0, 0, 100, 100),  # the same again: W019
        box(99.9996, 0, 200, 100),  # rounding
        box(99.997, 0, 200, 100),  # 0,3 m² as two curves may share that were cut into chords
        box(150, 0, 200, 100),
    ],
)
def test_w017_is_silent_when_lots_only_touch_or_lie_within(check: Check, layers: dict[str, Layer], second: Any) -> None:
    assert check("W017", drawn(layers, box(0, 0, 100, 100), second)) == []


# ── W018 slits ─────────────────────────────────────────────────────────────────────────────────────────────


def test_w018_measures_the_slit_when_neighbours_do_not_meet(check: Check, layers: dict[str, Layer]) -> None:
    (finding,) = check("W018", drawn(layers, box(0, 0, 99.9, 100), box(100, 0, 200, 100)))
    assert (finding.feature, finding.params["other"]) == ("OM-1", "CX-2")
    assert finding.params["area"] == pytest.approx(10, abs=0.1)
    assert finding.params["width"] == pytest.approx(0.1, abs=0.001)
    assert shapely.union_all(parts(finding)).intersects(shapely.Point(E + 99.95, N + 50))


def test_w018_is_one_finding_when_a_lot_was_drawn_too_small(check: Check, layers: dict[str, Layer]) -> None:
    grid = [box(x, y, x + 20, y + 20) for x in (0, 20, 40) for y in (0, 20, 40)]
    grid[4] = box(20.03, 20.03, 39.97, 39.97)
    (finding,) = check("W018", drawn(layers, *grid))
    assert finding.source_handle == "A4"
    assert finding.params["area"] == pytest.approx(400 - 19.94**2, abs=0.05)


@pytest.mark.parametrize(
    "second",
    [
        box(100, 0, 200, 100),
        box(102, 0, 200, 100),  # a path
        box(100, 30, 200, 160),  # a corner where lots of different depth meet
        box(99.9, 0, 200, 100),  # an overlap
        box(100.0001, 0, 200, 100),  # rounding
        box(100.004, 0, 200, 100),  # curves cut into chords
    ],
)
def test_w018_is_silent_when_lots_meet_or_lie_apart(check: Check, layers: dict[str, Layer], second: Any) -> None:
    assert check("W018", drawn(layers, box(0, 0, 100, 100), second)) == []


def test_w018_is_silent_when_another_lot_fills_the_slit(check: Check, layers: dict[str, Layer]) -> None:
    lots = [box(0, 0, 100, 100), box(100.5, 0, 200, 100), box(100, 0, 100.5, 100)]
    assert check("W018", drawn(layers, *lots)) == []


def test_w018_takes_a_ditch_for_a_ditch_when_the_scale_is_large(check: Check, layers: dict[str, Layer]) -> None:
    lots = drawn(layers, box(0, 0, 100, 100), box(100.6, 0, 200, 100))
    assert check("W018", with_rows(lots, "plan", ("scale", "500"))) == []
    assert len(check("W018", with_rows(lots, "plan", ("scale", "5000")))) == 1


# ── W019, W020 ─────────────────────────────────────────────────────────────────────────────────────────────


def test_w019_counts_when_a_lot_was_drawn_three_times(check: Check, layers: dict[str, Layer]) -> None:
    rest = [box(x, 200, x + 10, 210) for x in range(0, 200, 10)]
    (finding,) = check("W019", drawn(layers, *[box(0, 0, 100, 100)] * 3, *rest))
    assert (finding.feature, finding.params["count"], finding.source_handle) == ("OM-1", 3, "A2")


def test_w019_is_silent_when_every_lot_has_outline_and_hatch(check: Check, layers: dict[str, Layer]) -> None:
    rest = [box(x, 200, x + 10, 210) for x in range(0, 200, 10)]
    assert check("W019", drawn(layers, *rest, *rest)) == []


def test_w020_speaks_at_the_crossing_and_in_the_lot_when_a_line_crosses_itself(
    check: Check, layers: dict[str, Layer]
) -> None:
    bow = shapely.Polygon([(E, N), (E + 100, N + 100), (E + 100, N), (E, N + 100)])
    (finding,) = check("W020", drawn(layers, bow, box(100, 0, 200, 100), lots=["1", "2"]))
    spot, inner = parts(finding)
    assert (spot.x, spot.y) == (E + 50, N + 50)
    assert inner.within(shapely.make_valid(bow))
    assert finding.feature == "OM-1"


def test_w020_is_silent_when_lines_are_sound(check: Check, layers: dict[str, Layer]) -> None:
    assert check("W020", drawn(layers, box(0, 0, 100, 100))) == []


# ── W021, W022 ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("width", "scale", "count"), [(0.2, None, 1), (0.5, None, 0), (0.5, "5000", 1), (0.2, "500", 0), (1.2, "25000", 0)]
)
def test_w021_speaks_when_a_lot_is_thinner_than_a_line(
    check: Check, spoil: Spoil, width: float, scale: str | None, count: int
) -> None:
    layers = spoil(LOTS, [box(0, 0, 100, 100), box(100, 0, 100 + width, 100)])
    layers = layers if scale is None else with_rows(layers, "plan", ("scale", scale))
    found = check("W021", layers)
    assert len(found) == count
    assert all(finding.feature == "CX-2" for finding in found)


@pytest.mark.parametrize(("scale", "count"), [(None, 0), ("500", 0), ("2000", 0), ("5000", 1)])
def test_w022_speaks_when_a_lot_is_too_small_for_the_scale(
    check: Check, spoil: Spoil, scale: str | None, count: int
) -> None:
    layers = spoil(LOTS, [box(0, 0, 100, 100), box(100, 0, 109, 9)])
    layers = layers if scale is None else with_rows(layers, "plan", ("scale", scale))
    assert len(check("W022", layers)) == count


def test_scale_is_read_from_the_outline_when_the_plan_has_none(check: Check, spoil: Spoil) -> None:
    layers = spoil(LOTS, [box(0, 0, 100, 100), box(100, 0, 109, 9)])
    layers[OUTLINE] = replace(layers[OUTLINE], fields={"tyLe": ["1/5.000"]})
    (finding,) = check("W022", layers)
    assert (finding.params["scale"], finding.params["least"]) == (5000, 100.0)


# ── W023 – W025 balance table, decision ────────────────────────────────────────────────────────────────────

HOMES, OFFICE = "DAT_O_Nhomnhao", "DAT_Coquan"


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([(HOMES, 10000.0, False), (OFFICE, 10000.0, False)], 0),
        ([(HOMES, 10140.0, False)], 0),  # rounding
        ([(HOMES, 10400.0, False)], 1),
        ([(HOMES.upper(), 11500.0, False), (OFFICE, 10000.0, False)], 1),
        ([(HOMES, 10000.0, False), (HOMES, 6000.0, False), (HOMES, 4000.0, False)], 0),  # a line and its parts
        ([(HOMES, 6000.0, False), (HOMES, 4000.0, False)], 0),  # a sum
        ([(HOMES, 10000.0, False), ("DAT_HTKT_DuongGT", 5000.0, False)], 0),  # roads are not drawn as lots
        ([(HOMES, 10000.0, False), ("DAT_HTXH_Yte", 5000.0, False)], 1),
        ([("DAT_DD_DONVIO", 10000.0, False), ("DAT_DD_HONHOP", 5000.0, False)], 0),  # another list altogether
        ([(None, 99999.0, False), (HOMES, None, False)], 0),
    ],
)
def test_w023_compares_each_function(check: Check, layers: dict[str, Layer], rows: Any, count: int) -> None:
    assert len(check("W023", balance(layers, *rows))) == count


def test_w023_says_both_areas_and_where_the_lots_are(check: Check, layers: dict[str, Layer]) -> None:
    (finding,) = check("W023", balance(layers, (HOMES, 12000.0, False)))
    assert (finding.params["written"], finding.params["drawn"], finding.params["difference"]) == (1.2, 1.0, 0.2)
    assert finding.params["name"] == "Nhóm nhà ở"
    assert parts(finding)[0].within(box(0, 0, 100, 100))


def test_w023_leaves_out_lots_that_lie_outside(check: Check, spoil: Spoil) -> None:
    layers = spoil(
        LOTS, [box(0, 0, 100, 100), box(100, 0, 200, 100), box(300, 0, 400, 100)], phanLoai=[HOMES, OFFICE, HOMES]
    )
    assert check("W023", balance(layers, (HOMES, 10000.0, False))) == []


@pytest.mark.parametrize(("area", "count"), [(20000.0, 0), (20100.0, 0), (21000.0, 1), (None, 0), (0.0, 0)])
def test_w024_compares_the_total(check: Check, layers: dict[str, Layer], area: float | None, count: int) -> None:
    assert len(check("W024", balance(layers, (None, area, True)))) == count


@pytest.mark.parametrize(("hectares", "count"), [("2", 0), ("2,0", 0), ("2.05", 1), ("150", 1), ("x", 0)])
def test_w025_compares_the_area_of_the_decision(
    check: Check, layers: dict[str, Layer], hectares: str, count: int
) -> None:
    assert len(check("W025", with_rows(layers, "plan", ("area_ha", hectares)))) == count


@pytest.mark.parametrize(("people", "count"), [("61", 0), ("62", 0), ("100", 1)])
def test_w025_compares_the_population_when_most_homes_say_theirs(
    check: Check, layers: dict[str, Layer], people: str, count: int
) -> None:
    assert len(check("W025", with_rows(layers, "plan", ("population", people)))) == count


def test_w025_reads_the_outlines_own_fields(check: Check, spoil: Spoil) -> None:
    layers = spoil(OUTLINE, dienTichQH=[25000.0], danSoQuyHoach=[90])
    assert [finding.params["what"] for finding in check("W025", layers)] == ["ha", "người"]


# ── W026, W027 norms ───────────────────────────────────────────────────────────────────────────────────────


def green(layers: dict[str, Layer], people: str, **facts: str) -> dict[str, Layer]:
    fields = {**layers[LOTS].fields, "phanLoai": ["DAT_DD_DONVIO", "DAT_DD_CAYXANHCCDOTHI"]}
    layers[LOTS] = replace(layers[LOTS], fields=fields)
    return with_rows(layers, "plan", ("population", people), *facts.items())


@pytest.mark.parametrize(
    ("people", "facts", "codes"),
    [
        ("2500", {"town_class": "V"}, ["dat-dan-dung", "dat-dan-dung-v", "dat-don-vi-o", "dat-don-vi-o-v"]),
        ("2500", {}, ["dat-dan-dung", "dat-don-vi-o"]),
        ("999", {"town_class": "V"}, []),
        ("2501", {"town_class": "V", "decided_on": "2027-01-01"}, []),
        ("2501", {"town_class": "V", "decided_on": "2021-07-04"}, []),
    ],
)
def test_w026_holds_areas_per_head_against_the_class_and_the_day(
    check: Check, layers: dict[str, Layer], people: str, facts: dict[str, str], codes: list[str]
) -> None:
    assert [finding.feature for finding in check("W026", green(layers, people, **facts))] == codes


def test_w026_says_value_and_bound(check: Check, layers: dict[str, Layer]) -> None:
    found = {finding.feature: finding for finding in check("W026", green(layers, "5000", town_class="V"))}
    assert {code: (row.params["value"], row.params["bound"]) for code, row in found.items()} == {
        "dat-dan-dung": (4.0, "45–100"),
        "dat-dan-dung-v": (4.0, "70–100"),
        "dat-don-vi-o": (2.0, "≥ 15"),
        "dat-don-vi-o-v": (2.0, "45–55"),
        "cay-xanh-do-thi-v": (2.0, "≥ 4"),
    }


@pytest.mark.parametrize(
    ("field", "value", "count"),
    [
        ("heSoSuDungDat", "13,5", 1),
        ("heSoSuDungDat", "3-13", 0),
        ("tangCaoXayDung", "5-71", 1),
        ("tangCaoXayDung", "40", 0),
        ("tangCaoXayDung", "cao", 0),
    ],
)
def test_w027_speaks_when_an_indicator_passes_its_bound(
    check: Check, spoil: Spoil, field: str, value: str, count: int
) -> None:
    assert len(check("W027", spoil(LOTS, **{field: [value, None]}))) == count


# ── N028 – N032 ────────────────────────────────────────────────────────────────────────────────────────────


def test_n028_counts_features_without_code(check: Check, spoil: Spoil) -> None:
    (finding,) = check("N028", spoil(LOTS, maDoiTuong=["1", " "], phanLoai=[None, None]))
    assert (finding.feature, finding.params["count"], finding.params["of"]) == ("maDoiTuong", 1, 2)
    assert str(finding.level) == "note"


@pytest.mark.parametrize(
    ("crs", "listed", "count"),
    [("EPSG:9215", "tt16", 0), ("epsg:3405", "tt16", 0), ("EPSG:32648", "tt16", 1), ("EPSG:2154", "cnig", 0)],
)
def test_w029_speaks_when_the_system_is_not_vn2000(
    check: Check, layers: dict[str, Layer], crs: str, listed: str, count: int
) -> None:
    assert len(check("W029", with_rows(layers, "plan", ("crs", crs), ("land_use", listed)))) == count


@pytest.mark.parametrize(
    ("crs", "scale", "count"), [("EPSG:3405", "500", 1), ("EPSG:9215", "500", 0), ("EPSG:3405", "25000", 0)]
)
def test_n030_notes_a_wide_zone(check: Check, layers: dict[str, Layer], crs: str, scale: str, count: int) -> None:
    layers = with_rows(layers, "provenance", ("frame", Frame(crs).to_json()))
    assert len(check("N030", with_rows(layers, "plan", ("scale", scale)))) == count


def test_w031_speaks_when_letters_were_lost(check: Check, layers: dict[str, Layer]) -> None:
    fields = {"text": ["OM\ufffd1", "Đất ở", "\x81"], "source_handle": ["1F", "20", None]}
    points = array(*[shapely.Point(E + x, N) for x in (1, 2, 3)])
    found = check("W031", {**layers, "labels": Layer("labels", "Point", points, fields)})
    assert [(finding.params["text"], finding.source_handle) for finding in found] == [
        ("OM\ufffd1", "1F"),
        ("\ufffd", ""),
    ]


def test_n032_notes_missing_codes_once(check: Check, layers: dict[str, Layer]) -> None:
    assert check("N032", layers) == []
    (finding,) = check("N032", with_rows(layers, "plan", ("plan_id", "qhc"), ("maHoSoQH", "1")))
    assert finding.params["fields"] == "maThongTinQH"


# ── W033, W007 in a drawing, W010 ──────────────────────────────────────────────────────────────────────────


def test_w033_speaks_in_place_of_e008_when_a_strip_is_within_exactness(check: Check, spoil: Spoil) -> None:
    layers = spoil(LOTS, [box(0, 0, 100, 100), box(100, 0, 200.08, 100)])
    assert check("E008", layers) == []
    (finding,) = check("W033", layers)
    assert finding.params["area"] == pytest.approx(8)
    layers = spoil(LOTS, [box(0, 0, 100, 100), box(100, 0, 205, 100)])
    assert (len(check("E008", layers)), len(check("W033", layers))) == (1, 0)


def test_w007_takes_roads_for_roads_when_the_package_is_of_a_drawing(check: Check, spoil: Spoil) -> None:
    blocks = [box(0, 0, 95, 40), box(105, 0, 200, 40), box(0, 50, 95, 100), box(105, 50, 150, 100)]
    layers = spoil(LOTS, [*blocks, box(150, 50, 200, 70), box(180, 70, 200, 100)])
    layers = with_rows(layers, "provenance", ("frame", Frame("EPSG:9215").to_json()))
    (finding,) = check("W007", layers)
    assert finding.params["area"] == 900  # the lot that is missing; the crossing of two roads is none


@pytest.mark.parametrize(
    ("written", "area", "count"),
    [(300.0, 349.0, 0), (300.0, 360.0, 1), (310.0, 317.0, 1), (320.0, 326.0, 0), (317.3, 324.0, 1)],
)
def test_w010_allows_for_rounding_when_a_figure_is_round(
    check: Check, spoil: Spoil, written: float, area: float, count: int
) -> None:
    lots = spoil(LOTS, [box(0, 0, area / 10, 10)], dienTich=[written])
    assert len(check("W010", lots)) == count


# ── stars ──────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1]), max_size=40))
@settings(deadline=None)
def test_stars_cover_every_pair_once(pairs: set[tuple[int, int]]) -> None:
    table = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    found = stars(table)
    taken = [index for _, mine in found for index in mine]
    assert sorted(taken) == list(range(len(table)))
    for lot, mine in found:
        assert all(lot in table[index] for index in mine)
        assert lot not in others(table, lot, mine)
