"""Rules about shapes: places and sizes are those of the fault."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.finding import Finding
from quyhoach.package import Layer
from quyhoach.standard import load_standard
from quyhoach.validate import RULES, validate

Check = Callable[[str, Mapping[str, Layer]], list[Finding]]
Spoil = Callable[..., dict[str, Layer]]
LOTS, OUTLINE = "ChucNangSuDungDat_A", "RanhGioiQuyHoach_A"
E, N = 430000.0, 2395000.0


def box(west: float, south: float, east: float, north: float) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(E + west, N + south, E + east, N + north)])


def test_e006_speaks_with_place_and_size_when_lots_overlap(check: Check, spoil: Spoil) -> None:
    (finding,) = check("E006", spoil(LOTS, [box(0, 0, 110, 100), box(100, 0, 200, 100)]))
    assert (finding.feature, finding.params["other"], finding.params["area"]) == ("OM-1", "CX-2", 1000.0)
    assert finding.wkb is not None
    shared, first, second = shapely.get_parts(shapely.from_wkb(finding.wkb))
    assert shared.equals(box(100, 0, 110, 100).geoms[0])
    assert first.within(box(0, 0, 110, 100))
    assert second.within(box(100, 0, 200, 100))


@pytest.mark.parametrize(
    "second",
    [
        box(100, 0, 200, 100),
        box(99.995, 0, 200, 100),
        box(150, 0, 200, 100),
        box(100, 100, 200, 200),
    ],
)
def test_e006_is_silent_when_lots_touch_or_share_under_a_square_metre(
    check: Check, spoil: Spoil, second: shapely.MultiPolygon
) -> None:
    assert check("E006", spoil(LOTS, [box(0, 0, 100, 100), second])) == []


def test_e006_tells_each_pair_once_when_three_lots_overlap(check: Check, spoil: Spoil) -> None:
    same = box(0, 0, 100, 100)
    assert len(check("E006", spoil(LOTS, [same, same, same]))) == 3


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=12
    )
)
@settings(max_examples=60, deadline=None)
def test_e006_finds_what_comparing_all_pairs_finds(rows: list[tuple[int, int, int, int]]) -> None:
    shapes = [box(x, y, x + width, y + height) for x, y, width, height in rows]
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    names = [str(number) for number in range(len(shapes))]
    layer = Layer(LOTS, "MultiPolygon", geometry, {"kyHieuLoDat": names})
    rule = next(rule for rule in RULES if rule.number == "E006")
    found = {(f.feature, f.params["other"]) for f in validate({LOTS: layer}, load_standard(), [rule])}
    expected = {
        (names[i], names[j])
        for i in range(len(shapes))
        for j in range(i + 1, len(shapes))
        if shapes[i].intersection(shapes[j]).area > 1.0
    }
    assert found == expected


def test_w007_speaks_per_gap_the_largest_first(check: Check, spoil: Spoil) -> None:
    found = check("W007", spoil(LOTS, [box(0, 0, 95, 100), box(100, 0, 199, 100)]))
    assert [finding.params["area"] for finding in found] == [500.0, 100.0]


@pytest.mark.parametrize("second", [box(100, 0, 200, 100), box(99, 0, 201, 101), box(100.005, 0, 200, 100)])
def test_w007_is_silent_when_lots_fill_the_outline(check: Check, spoil: Spoil, second: shapely.MultiPolygon) -> None:
    assert check("W007", spoil(LOTS, [box(0, 0, 100, 100), second])) == []


def test_w007_is_silent_when_there_is_nothing_to_compare(check: Check, layers: dict[str, Layer]) -> None:
    layers.pop(LOTS)
    assert check("W007", layers) == []
    layers.pop(OUTLINE)
    assert check("W007", layers) == []


def test_e008_speaks_with_the_part_beyond_when_a_lot_leaves_the_outline(check: Check, spoil: Spoil) -> None:
    (finding,) = check("E008", spoil(LOTS, [box(0, 0, 100, 100), box(100, 0, 220, 100)]))
    assert (finding.feature, finding.params["area"]) == ("CX-2", 2000.0)
    assert finding.wkb is not None
    assert shapely.from_wkb(finding.wkb).area == 2000


@pytest.mark.parametrize("second", [box(100, 0, 200, 100), box(120, 20, 180, 80), box(100, 0, 200.005, 100)])
def test_e008_is_silent_when_lots_stay_inside(check: Check, spoil: Spoil, second: shapely.MultiPolygon) -> None:
    assert check("E008", spoil(LOTS, [box(0, 0, 100, 100), second])) == []


def test_e009_speaks_when_a_polygon_crosses_itself_or_is_gone(check: Check, spoil: Spoil) -> None:
    bow = shapely.MultiPolygon([shapely.Polygon([(E, N), (E + 10, N + 10), (E + 10, N), (E, N + 10)])])
    found = check("E009", spoil(LOTS, [bow, None, shapely.Polygon()]))
    assert [finding.params["reason"] for finding in found] == ["Self-intersection", "Empty", "Empty"]


def test_e009_is_silent_when_only_the_source_is_broken(check: Check, layers: dict[str, Layer]) -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    holder = np.empty(1, dtype=object)
    holder[0] = bow
    layers["source_lots"] = Layer("source_lots", "MultiPolygon", holder)
    assert check("E009", layers) == []


def test_other_rules_go_on_when_a_lot_is_broken(check: Check, spoil: Spoil) -> None:
    bow = shapely.MultiPolygon([shapely.Polygon([(E, N), (E + 10, N + 10), (E + 10, N), (E, N + 10)])])
    lots = spoil(LOTS, [bow, box(0, 0, 110, 100), box(100, 0, 210, 100)])
    assert len(check("E006", lots)) == 1
    assert len(check("E008", lots)) == 1


def test_e012_is_silent_when_the_plan_lies_in_the_province(check: Check, layers: dict[str, Layer]) -> None:
    assert check("E012", layers) == []


def test_e012_speaks_when_the_axes_are_swapped(check: Check, spoil: Spoil) -> None:
    swapped = shapely.MultiPolygon([shapely.box(N, E, N + 100, E + 100)])
    assert len(check("E012", spoil(OUTLINE, [swapped]))) == 1


def test_e012_speaks_when_the_plan_lies_elsewhere(check: Check, spoil: Spoil) -> None:
    (finding,) = check("E012", spoil(OUTLINE, [box(0, -1_000_000, 200, -999_900)]))
    assert finding.params["lat"] < 21


def test_e012_is_silent_when_the_province_is_not_known(check: Check, spoil: Spoil) -> None:
    layers = spoil(OUTLINE, [box(0, -1_000_000, 200, -999_900)])
    layers["plan"] = replace(layers["plan"], fields={"key": ["crs"], "value": ["EPSG:9215"]})
    assert check("E012", layers) == []
