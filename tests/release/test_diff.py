"""What changed between two versions: square metres by function, lot by lot, in sentences."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.release.conftest import content, lot, zone

from quyhoach.domain.plan import VersionKind
from quyhoach.domain.zone import VersionContent, Zone
from quyhoach.release.diff import diff_versions
from quyhoach.release.diff_words import describe
from quyhoach.standard import Standard, load_standard

HOUSES, PARK, ROAD = "DAT_O_Nhomnhao", "DAT_HTXH_CayxanhCC", "DAT_HTKT_Baidoxe"


def versions(before: list[Zone], after: list[Zone], **more: Any) -> tuple[VersionContent, VersionContent]:
    more.setdefault("version_kind", VersionKind.OVERALL)
    return content(before), content(after, number=2, valid_from=20270101, **more)


def told(diff: dict[str, Any]) -> list[tuple[str, str]]:
    return [(entry["code"], entry["label"]) for entry in diff["lots"]]


@st.composite
def plans(draw: st.DrawFn) -> list[Zone]:
    """Rows of lots that fill the same ground in different ways."""
    lots = []
    for row in range(3):
        east = 0.0
        for number in range(draw(st.integers(0, 4))):
            width = draw(st.sampled_from([50.0, 100.0, 130.0]))
            label = draw(st.sampled_from([f"L{row}{number}", "A", ""]))
            shape = lot(east / 100, row, width, 100)
            zone_id = f"qhc-thu@1/{row}-{number}"
            indicators = draw(st.sampled_from([{}, {"storeys": "3-5"}, {"storeys": "1"}]))
            function = draw(st.sampled_from([HOUSES, PARK, ROAD, None]))
            lots.append(zone(label, shape, function, zone_id=zone_id, indicators=indicators))
            east += width
    return lots


@settings(deadline=None)
@given(plans(), plans())
def test_gained_less_lost_is_the_difference_and_all_functions_make_the_whole(a: list[Zone], b: list[Zone]) -> None:
    diff = diff_versions(*versions(a, b), load_standard())
    sides = {"before": a, "after": b}
    for row in diff["functions"]:
        gained, lost, before, after = (round(100 * row[f"{n}_m2"]) for n in ("gained", "lost", "before", "after"))
        assert gained - lost == after - before
        assert gained >= 0 <= lost
        shapes = [shapely.union_all([z.geometry for z in s if z.function == row["function"]]) for s in sides.values()]
        assert row["gained_m2"] == pytest.approx(shapely.difference(shapes[1], shapes[0]).area, abs=0.02)
        assert row["lost_m2"] == pytest.approx(shapely.difference(shapes[0], shapes[1]).area, abs=0.02)
    for side, zones in sides.items():
        assert diff["area_m2"][side] == pytest.approx(sum(row[f"{side}_m2"] for row in diff["functions"]), abs=1e-6)
        assert diff["area_m2"][side] == pytest.approx(sum(z.geometry.area for z in zones), abs=0.02)


@settings(deadline=None)
@given(plans(), plans())
def test_every_lot_is_accounted_for_once(a: list[Zone], b: list[Zone]) -> None:
    one, two = versions(a, b)
    diff = diff_versions(one, two, load_standard())
    for side, version in (("before", one), ("after", two)):
        groups = {tuple(entry[side]) for entry in diff["lots"]}
        named = [zone_id for group in groups for zone_id in group]
        assert len(named) == len(set(named))
        assert set(named) <= {item.zone_id for item in version.zones}
        assert len(named) + diff["unchanged"] == len(version.zones)


@settings(deadline=None)
@given(plans())
def test_nothing_changed_between_a_version_and_itself(a: list[Zone]) -> None:
    version = content(a)
    diff = diff_versions(version, version, load_standard())
    assert diff["lots"] == []
    assert diff["unchanged"] == len(a)
    assert all(row["gained_m2"] == row["lost_m2"] == 0 for row in diff["functions"])
    assert len(describe(diff, "vi")) == 1


@settings(deadline=None)
@given(plans(), plans())
def test_the_way_back_is_the_opposite(a: list[Zone], b: list[Zone]) -> None:
    one, two = versions(a, b)
    there, back = diff_versions(one, two, load_standard()), diff_versions(two, one, load_standard())
    swapped = {"before": "after", "after": "before", "gained": "lost", "lost": "gained"}
    for row, other in zip(there["functions"], back["functions"], strict=True):
        assert all(row[f"{name}_m2"] == other[f"{opposite}_m2"] for name, opposite in swapped.items())
    opposite_code = {"added": "removed", "removed": "added", "split": "merged", "merged": "split"}
    codes = sorted(opposite_code.get(entry["code"], entry["code"]) for entry in there["lots"])
    assert codes == sorted(entry["code"] for entry in back["lots"])


def test_each_kind_of_change_is_named(standard: Standard) -> None:
    before = [
        zone("SAME", lot(0, 0)),
        zone("USE", lot(1, 0)),
        zone("HIGH", lot(2, 0), indicators={"storeys": "1-3", "density": "40"}),
        zone("EDGE", lot(3, 0)),
        zone("GONE", lot(0, 2)),
        zone("WHOLE", lot(0, 4, 200, 100)),
        zone("M1", lot(4, 4)),
        zone("M2", lot(5, 4)),
        zone("OLD", lot(8, 4)),
    ]
    after = [
        zone("SAME", lot(0, 0)),
        zone("USE", lot(1, 0), PARK),
        zone("HIGH", lot(2, 0), indicators={"storeys": "1-5", "density": "40"}),
        zone("EDGE", lot(3, 0, 120, 90)),
        zone("P1", lot(0, 4)),
        zone("P2", lot(1, 4), ROAD),
        zone("M", lot(4, 4, 200, 100)),
        zone("NAME", lot(8, 4)),
        zone("NEW", lot(9, 9)),
    ]
    diff = diff_versions(*versions(before, after), standard)
    assert sorted(told(diff)) == [
        ("added", "NEW"),
        ("boundary_changed", "EDGE"),
        ("function_changed", "USE"),
        ("indicators_changed", "HIGH"),
        ("merged", "M"),
        ("removed", "GONE"),
        ("renamed", "NAME"),
        ("split", "WHOLE"),
    ]
    assert diff["unchanged"] == 1
    params = {entry["code"]: entry["params"] for entry in diff["lots"]}
    assert params["function_changed"] == {"before": HOUSES, "after": PARK, "area_m2": 10_000.0}
    assert params["boundary_changed"] == {"gained_m2": 1800.0, "lost_m2": 1000.0}
    assert params["indicators_changed"] == {"indicators": {"storeys": ["1-3", "1-5"]}}
    split = next(entry for entry in diff["lots"] if entry["code"] == "split")
    assert (split["before"], split["after"]) == (["qhc-thu@1/WHOLE"], ["qhc-thu@2/P1", "qhc-thu@2/P2"])


def test_border_that_moved_by_less_than_a_square_metre_is_the_same(standard: Standard) -> None:
    diff = diff_versions(*versions([zone("A", lot(0, 0))], [zone("A", lot(0, 0, 100.009, 100))]), standard)
    assert (diff["lots"], diff["unchanged"]) == ([], 1)


def test_lots_of_one_label_are_told_apart_by_where_they_lie(standard: Standard) -> None:
    before = [zone("CX", lot(n, 0), PARK, zone_id=f"x/{n}") for n in range(4)]
    after = [replace(item, function=ROAD) if number == 2 else item for number, item in enumerate(before)]
    diff = diff_versions(*versions(before, after[::-1]), standard)
    assert [(entry["code"], entry["before"], entry["after"]) for entry in diff["lots"]] == [
        ("function_changed", ["qhc-thu@1/2"], ["qhc-thu@2/2"])
    ]
    assert diff["unchanged"] == 3


def test_local_adjustment_is_compared_with_the_lots_it_replaces(standard: Standard) -> None:
    base = content([zone("OM-1", lot(0, 0)), zone("OM-2", lot(1, 0)), zone("OM-3", lot(2, 0))])
    local = content([zone("OM-2", lot(1, 0), PARK)], number=2, version_kind=VersionKind.LOCAL, valid_from=20270101)
    local = replace(local, version=replace(local.version, replaces=("OM-2",)))
    diff = diff_versions(base, local, standard)
    assert told(diff) == [("function_changed", "OM-2")]
    assert diff["partial"] is True
    assert diff["area_m2"] == {"before": 10_000.0, "after": 10_000.0}
    back = diff_versions(local, base, standard)
    assert told(back) == [("function_changed", "OM-2")]


def test_change_is_told_with_its_day_and_areas(standard: Standard) -> None:
    before = [zone("OM-12", lot(0, 0)), zone("OM-13", lot(1, 0))]
    after = [zone("OM-12", lot(0, 0), PARK), zone("OM-13", lot(1, 0))]
    diff = diff_versions(*versions(before, after), standard)
    names = [dict(standard.land_use[code.casefold()].name)["vi"] for code in (HOUSES, PARK)]
    assert describe(diff, "vi") == [
        "Từ ngày 1/1/2027, phiên bản 2 thay đổi so với phiên bản 1 như sau.",
        f"Thêm 10.000 m² {names[1]}, thành 10.000 m².",
        f"Bớt 10.000 m² {names[0]}, còn 10.000 m².",
        f"Lô OM-12 chuyển từ {names[0]} sang {names[1]}.",
    ]
    assert "Lot OM-12 changes from" in describe(diff, "en")[-1]


def test_correction_is_never_told_as_a_change_of_the_plan(standard: Standard) -> None:
    before = [
        zone("A", lot(0, 0)),
        zone("B", lot(1, 0), indicators={"storeys": "3"}),
        zone("C", lot(2, 0)),
        zone("D", lot(3, 0)),
        zone("E", lot(4, 0)),
        zone("F", lot(6, 0, 200, 100)),
        zone("G", lot(0, 3)),
        zone("H", lot(1, 3)),
    ]
    after = [
        zone("A", lot(0, 0), PARK),
        zone("B", lot(1, 0), indicators={"storeys": "5"}),
        zone("C", lot(2, 0, 90, 100)),
        zone("D2", lot(3, 0)),
        zone("NEW", lot(9, 9), ROAD),
        zone("F1", lot(6, 0)),
        zone("F2", lot(7, 0)),
        zone("GH", lot(0, 3, 200, 100)),
    ]
    one, two = versions(before, after, version_kind=VersionKind.CORRECTION)
    two = replace(two, version=replace(two.version, corrects=1))
    diff = diff_versions(one, two, standard)
    assert diff["kind"] == "correction"
    assert {entry["code"] for entry in diff["lots"]} == {
        "function_changed",
        "indicators_changed",
        "boundary_changed",
        "renamed",
        "removed",
        "added",
        "split",
        "merged",
    }
    lines = describe(diff, "vi")
    assert lines[0].startswith("Đính chính dữ liệu")
    assert lines[0].endswith("không phải thay đổi quy hoạch.")
    for line in lines[1:]:
        assert not any(word in line for word in ("chuyển từ", "Từ ngày", "thay đổi", "Thêm", "Bớt", "tách thành", "{"))
    for line in describe(diff, "en")[1:]:
        assert not any(word in line for word in ("changes", "From ", "New lot", "becomes", "{"))


@settings(deadline=None)
@given(plans(), plans(), st.sampled_from(["vi", "en"]), st.booleans())
def test_sentences_are_whole_whatever_changed(a: list[Zone], b: list[Zone], lang: str, pending: bool) -> None:
    one, two = versions(a, b)
    if pending:
        two = replace(two, version=replace(two.version, valid_from=None))
    for line in describe(diff_versions(one, two, load_standard()), lang, most=5):
        assert "{" not in line
        assert "None" not in line
        assert not line.startswith("diff-")


def test_long_differences_are_cut_and_say_so(standard: Standard) -> None:
    diff = diff_versions(*versions([], [zone(f"N{n}", lot(n, 0)) for n in range(9)]), standard)
    assert describe(diff, "vi", most=4)[-1] == "… và 5 nội dung khác."


def test_invalid_shapes_are_compared_all_the_same(standard: Standard) -> None:
    bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    diff = diff_versions(*versions([zone("A", bow_tie)], [zone("A", shapely.box(0, 0, 100, 100))]), standard)
    assert told(diff) == [("boundary_changed", "A")]
    assert diff["to"]["valid_from"] == date(2027, 1, 1).isoformat()


def test_shapes_left_by_cutting_are_compared_by_their_polygons(standard: Standard) -> None:
    left = shapely.GeometryCollection([lot(3, 3), shapely.LineString([(0, 0), (9, 9)])])
    diff = diff_versions(*versions([zone("A", left)], [zone("A", lot(3, 3))]), standard)
    assert (diff["lots"], diff["unchanged"]) == ([], 1)
