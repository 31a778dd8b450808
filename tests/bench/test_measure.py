"""Pairs, ratios, and the reading of what wrk prints."""

import pytest
from bench.agree import Agreement, compare_answers
from bench.measure import Measurement, ratio, rounds

SAID = """Running 3s test
WRK {"requests": 3000, "duration_us": 3000000, "bytes": 9, "p50_us": 500, "p99_us": 4000, "errors": 1, "not_2xx": 2}
"""


def test_measurement_is_read_when_wrk_ends_well():
    seen = Measurement.read("ours", 8, SAID)
    assert (seen.rps, seen.p50_ms, seen.p99_ms, seen.failed) == (999, 0.5, 4, 3)


def test_value_error_when_wrk_says_nothing():
    with pytest.raises(ValueError, match="nothing"):
        Measurement.read("ours", 8, "unable to connect")


def test_ratio_is_of_adjacent_pairs_when_the_machine_slows_down():
    found = ratio([100, 50, 10], [10, 5, 1])
    assert (found.median, found.low, found.high, found.pairs) == (10, 10, 10, 3)


def test_value_error_when_pairs_are_not_pairs():
    with pytest.raises(ValueError, match="pairs"):
        ratio([1.0], [])


def test_rounds_alternate_when_there_are_several():
    assert list(rounds(["a", "b", "c"], 2)) == ["a", "b", "c", "c", "b", "a"]


def answer(**zone):
    row = {"zone_id": "p@1/a", "label": "a", "edge_distance_m": 1.23, "area_m2": 10.0} | zone
    return {"zones": [row], "restrictions": [], "on": "2026-11-22", "release": zone.get("release", "x")}


def test_answers_agree_when_only_rounding_differs():
    seen = Agreement()
    compare_answers(answer(), answer(edge_distance_m=1.234), seen)
    assert seen.good


@pytest.mark.parametrize(
    ("other", "member"),
    [
        ({"zone_id": "p@1/b"}, "different_ids"),
        ({"edge_distance_m": 1.3}, "different_edges"),
        ({"label": "b"}, "different_members"),
    ],
)
def test_difference_is_counted_when_answers_differ(other, member):
    seen = Agreement()
    compare_answers(answer(), answer(**other), seen)
    assert getattr(seen, member) == 1
    assert not seen.good
