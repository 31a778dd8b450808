"""The look-up by polygon: shares, slivers, what can't be asked."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from quyhoach.domain.errors import PlaceError
from quyhoach.lookup import Lookup
from quyhoach.release.opened import open_release
from quyhoach.release.switch import current_release, release_path

EAST, NORTH, SIDE = 430000.0, 2395000.0, 40.0
TODAY = 20261122


@pytest.fixture(scope="module")
def lookup(built: Path) -> Lookup:
    return Lookup(open_release(release_path(built, current_release(built) or "")))


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def ask(lookup: Lookup, polygon: shapely.Polygon, on: int = TODAY) -> dict:
    return json.loads(lookup.within(polygon, on=on, lang="vi"))


def test_shares_add_up_when_a_site_lies_across_two_lots(lookup: Lookup) -> None:
    answer = ask(lookup, box(30, 10, 60, 20))
    assert answer["area_m2"] == 300.0
    shares = {zone["zone_id"]: (zone["shared_m2"], zone["share_pct"]) for zone in answer["zones"]}
    assert shares == {"qhc-nho@2/A0-0": (100.0, 33.33), "qhc-nho@2/A1-0": (200.0, 66.67)}
    assert answer["uncovered_m2"] == 0.0
    assert answer["themes"]["land_use"] == "applies"
    assert {row["change"] for row in answer["pending"]} == {"same_function", "function_changes"}


def test_slivers_are_left_out_and_counted_when_under_one_square_metre(lookup: Lookup) -> None:
    answer = ask(lookup, box(30, 10, 40.05, 20))
    assert [zone["zone_id"] for zone in answer["zones"]] == ["qhc-nho@2/A0-0"]
    assert answer["slivers_left_out"] == {"count": 1, "area_m2": 0.5}


def test_uncovered_area_is_told_when_the_site_leaves_the_plan(lookup: Lookup) -> None:
    answer = ask(lookup, box(-10, 0, 10, 20))
    assert answer["uncovered_m2"] == 200.0
    assert answer["themes"]["flood"] == "no_data"


def test_not_affected_only_when_the_whole_site_is_covered(lookup: Lookup) -> None:
    assert ask(lookup, box(210, 100, 230, 120))["themes"]["flood"] == "not_affected"
    assert ask(lookup, box(190, 100, 230, 120))["themes"]["flood"] == "no_data"


def test_overlapping_plans_count_once_when_measuring_what_is_uncovered(lookup: Lookup) -> None:
    answer = ask(lookup, box(90, 90, 110, 110))
    assert {zone["plan_id"] for zone in answer["zones"]} == {"qhc-nho", "qhct-nho"}
    assert answer["uncovered_m2"] == 0.0
    assert answer["conflicts"][0]["code"] == "function_differs"


@pytest.mark.parametrize(
    ("polygon", "code"),
    [
        (shapely.Polygon(), "polygon-empty"),
        (shapely.Point(EAST, NORTH), "polygon-wrong-type"),
        (shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), "polygon-crosses-itself"),
        (
            shapely.set_coordinates(shapely.box(0, 0, 9, 9), [(0, 0), (np.inf, 0), (9, 9), (0, 9), (0, 0)]),
            "place-not-finite",
        ),
        (shapely.box(0, 0, 0.5, 0.5), "polygon-too-small"),
        (shapely.box(0, 0, 20_000, 20_000), "polygon-too-large"),
        (shapely.Point(0, 0).buffer(1000, quad_segs=6000), "polygon-too-many-vertices"),
    ],
)
def test_polygon_is_refused_with_a_reason_when_it_cannot_be_asked(
    lookup: Lookup, polygon: shapely.Geometry, code: str
) -> None:
    with pytest.raises(PlaceError, match=code):
        lookup.within(polygon, on=TODAY, lang="vi")


def test_shares_agree_with_shapely_when_sites_are_random(lookup: Lookup) -> None:
    rng = np.random.default_rng(7)
    lots = [
        shapely.box(EAST + c * SIDE, NORTH + r * SIDE, EAST + c * SIDE + SIDE, NORTH + r * SIDE + SIDE)
        for r in range(10)
        for c in range(10)
    ]
    for _ in range(60):
        x, y, w, h = *rng.uniform(0, 380, 2), *rng.uniform(5, 60, 2)
        angle = rng.uniform(0, 3)
        site = shapely.affinity.rotate(box(x, y, x + w, y + h), angle, use_radians=True)
        answer = ask(lookup, site)
        expected = sorted(share for share in shapely.area(shapely.intersection(lots[:99], site)) if share >= 1)
        found = sorted(zone["shared_m2"] for zone in answer["zones"] if zone["plan_id"] == "qhc-nho")
        assert found == pytest.approx(expected, abs=0.06)
