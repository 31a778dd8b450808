"""The look-up by point: states, dates, shared edges, conflicts, and agreement with a check that shares no code."""

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.errors import DateError, PlaceError
from quyhoach.lookup import Lookup
from quyhoach.package import read_package
from quyhoach.release.opened import open_release
from quyhoach.release.switch import current_release, release_path

EAST, NORTH, SIDE = 430000.0, 2395000.0, 40.0
TODAY = 20261122


@pytest.fixture(scope="module")
def lookup(built: Path) -> Lookup:
    return Lookup(open_release(release_path(built, current_release(built) or "")))


def ask(lookup: Lookup, column: float, row: float, on: int = TODAY, lang: str = "vi") -> dict:
    return json.loads(lookup.at_projected(EAST + column * SIDE, NORTH + row * SIDE, on=on, lang=lang))


def ids(answer: dict) -> list[str]:
    return [zone["zone_id"] for zone in answer["zones"]]


def test_answer_names_zone_plan_and_decision_when_inside_a_lot(lookup: Lookup) -> None:
    answer = ask(lookup, 1.5, 0.5)
    assert ids(answer) == ["qhc-nho@2/A1-0"]
    zone = answer["zones"][0]
    assert zone["function"]["code"] == "DAT_DD_CAYXANHCCDOTHI"
    assert zone["indicators"]["density"] == {"raw": "40-60", "min": 40, "max": 60, "unit": "%"}
    assert zone["decision"]["number"] == "1319/QĐ-UBND"
    assert zone["decision"]["document"].startswith(f"/releases/{lookup.release.id}/documents/")
    assert zone["edge_distance_m"] == 20.0
    assert zone["accuracy_m"] == 3.5  # 0.5 mm × 5000 + 1 m
    assert zone["attested"] and zone["illustrative"]
    assert answer["unit"] == {"code": "06463", "name": "xã Chi Lăng", "former": answer["unit"]["former"]}
    assert "thị trấn Đồng Mỏ" in answer["unit"]["former"]
    assert answer["on"] == "2026-11-22"


def test_both_lots_are_named_when_the_point_is_on_their_shared_edge(lookup: Lookup) -> None:
    assert ids(ask(lookup, 1, 0.5)) == ["qhc-nho@2/A0-0", "qhc-nho@2/A1-0"]
    nearly = json.loads(lookup.at_projected(EAST + SIDE - 0.0009, NORTH + 20, on=TODAY, lang="vi"))
    assert ids(nearly) == ["qhc-nho@2/A0-0", "qhc-nho@2/A1-0"]
    beyond = json.loads(lookup.at_projected(EAST + SIDE - 0.0011, NORTH + 20, on=TODAY, lang="vi"))
    assert ids(beyond) == ["qhc-nho@2/A0-0"]
    assert not nearly["conflicts"]


def test_a_correction_holds_at_every_date_when_the_data_were_wrong(lookup: Lookup) -> None:
    answer = ask(lookup, 0.5, 0.5, on=20220901)
    assert ids(answer) == ["qhc-nho@2/A0-0"]
    assert answer["zones"][0]["function"]["code"] == "DAT_DD_DONVIO"


def test_the_former_plan_answers_when_the_date_is_before_the_new_one(lookup: Lookup) -> None:
    assert ids(ask(lookup, 1.5, 0.5, on=20220812)) == ["qhc-cu@1/X-1"]
    assert ids(ask(lookup, 1.5, 0.5, on=20220813)) == ["qhc-nho@2/A1-0"]


def test_pending_change_is_told_when_an_adjustment_is_not_in_force(lookup: Lookup) -> None:
    (pending,) = ask(lookup, 1.5, 0.5)["pending"]
    assert pending["zone_id"] == "qhc-nho@3/A1-0"
    assert (pending["status"], pending["valid_from"], pending["change"]) == ("pending", None, "function_changes")
    assert ask(lookup, 4.5, 0.5)["pending"][0]["change"] == "same_function"


def test_themes_have_four_states_when_data_are_there_or_not(lookup: Lookup) -> None:
    corridor = ask(lookup, 1.5, 5.0)
    assert corridor["themes"]["road_corridor"] == "applies"
    assert corridor["restrictions"][0]["name"] == "Hành lang QL 1A"
    assert corridor["themes"]["flood"] == "no_data"
    east_side = ask(lookup, 6.2, 3.5)
    assert east_side["themes"]["flood"] == "not_affected"
    on_paper = ask(lookup, 7.5, 7.5)
    assert on_paper["themes"]["detailed_plan"] == "not_digitised"
    assert [plan["plan_id"] for plan in on_paper["not_digitised"]] == ["qhct-giay"]
    assert ask(lookup, 3.5, 3.5)["themes"]["detailed_plan"] == "applies"
    outside = ask(lookup, -3, -3)
    assert outside["zones"] == [] and set(outside["themes"].values()) == {"no_data"}


def test_plans_that_disagree_are_flagged_when_groups_differ(lookup: Lookup) -> None:
    answer = ask(lookup, 2.5, 3.5)
    assert ids(answer) == ["qhc-nho@2/A2-3", "qhct-nho@1/CT-1"]  # general before detailed
    assert answer["conflicts"] == [{"code": "function_differs", "zones": ids(answer)}]
    assert ask(lookup, 2.5, 3.5, on=20221201)["conflicts"] == []


def test_secret_lots_are_no_data_or_nameless_when_asked(lookup: Lookup) -> None:
    withheld = ask(lookup, 9.5, 9.5)
    assert withheld["zones"] == [] and withheld["themes"]["land_use"] == "no_data"
    general = ask(lookup, 8.5, 9.5)["zones"][0]
    assert general["withheld"] is True and general["function"] is None and general["label"] == ""
    assert general["indicators"] == {}


def test_parcel_is_named_when_cadastral_data_are_there(lookup: Lookup) -> None:
    assert ask(lookup, 0.2, 0.5)["parcels"] == [{"commune": "06463", "sheet": "12", "lot": "345", "area_m2": 800.0}]


def test_english_answer_when_asked_in_english(lookup: Lookup) -> None:
    answer = ask(lookup, 1.5, 0.5, lang="en")
    assert answer["zones"][0]["plan_name"] == "Plan qhc-nho"
    assert answer["ask"]["office"] == "Department of Construction"


def test_errors_are_clear_when_place_or_day_cannot_be_answered(lookup: Lookup) -> None:
    with pytest.raises(PlaceError, match="place-outside-province"):
        lookup.at(0.0, 0.0, on=TODAY, lang="vi")
    with pytest.raises(PlaceError):
        lookup.at(float("nan"), 21.6, on=TODAY, lang="vi")
    with pytest.raises(PlaceError, match="place-not-finite"):
        lookup.at_projected(float("inf"), 0, on=TODAY, lang="vi")
    with pytest.raises(DateError, match="2010-01-01"):
        ask(lookup, 1.5, 0.5, on=19990101)


def test_withheld_plan_and_zone_are_masked_when_they_became_secret_later(built: Path) -> None:
    release = open_release(release_path(built, current_release(built) or ""))
    assert ids(ask(Lookup(release, ["qhc-nho@2/A1-0"]), 1.5, 0.5)) == []
    assert ids(ask(Lookup(release, ["qhct-nho"]), 2.5, 3.5)) == ["qhc-nho@2/A2-3"]


@pytest.fixture(scope="module")
def truth(built: Path) -> tuple[np.ndarray, list[str]]:
    package = next(path for path in (built / "releases").glob("*/packages/qhc-nho@2.gpkg"))
    layer = read_package(package)["ChucNangSuDungDat_A"]
    return np.asarray(layer.geometry, object), list(layer.fields["kyHieuLoDat"])


@given(st.floats(-1, 11), st.floats(-1, 11))
@settings(max_examples=300, deadline=None)
def test_zones_and_edge_distance_agree_with_shapely_anywhere(
    lookup: Lookup, truth: tuple[np.ndarray, list[str]], column: float, row: float
) -> None:
    answer = ask(lookup, column, row)
    shapes, _ = truth
    point = shapely.Point(EAST + column * SIDE, NORTH + row * SIDE)
    expected = np.flatnonzero(shapely.distance(shapes, point) <= 0.001)
    found = [zone for zone in answer["zones"] if zone["plan_id"] == "qhc-nho"]
    assert len(found) == len(expected)
    distances = sorted(float(shapely.boundary(shapes[at]).distance(point)) for at in expected)
    assert sorted(zone["edge_distance_m"] for zone in found) == pytest.approx(distances, abs=0.006)


def test_search_leaves_out_what_is_withheld(built: Path) -> None:
    release = open_release(release_path(built, current_release(built) or ""))
    found = [row.get("id") for row in Lookup(release).search("A1-0", lang="vi")]
    assert "qhc-nho@2/A1-0" in found
    masked = [row.get("id") for row in Lookup(release, ["qhc-nho@2/A1-0"]).search("A1-0", lang="vi")]
    assert "qhc-nho@2/A1-0" not in masked
    assert not [
        row for row in Lookup(release, ["qhc-nho"]).search("A1-0", lang="vi") if row.get("plan_id") == "qhc-nho"
    ]


def test_withheld_restriction_is_masked_too(built: Path) -> None:
    release = open_release(release_path(built, current_release(built) or ""))
    assert ask(Lookup(release), 1.5, 5.0)["restrictions"]
    masked = ask(Lookup(release, ["hanh-lang@1/HL-0"]), 1.5, 5.0)
    assert masked["restrictions"] == [] and masked["themes"]["road_corridor"] != "applies"
    assert ask(Lookup(release, ["qhc-nho@3/A1-0"]), 1.5, 0.5)["pending"] == []
