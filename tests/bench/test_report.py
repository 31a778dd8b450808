"""The page is made from the results; what was not measured says so, what falls short is not hidden."""

from bench.report import page, targets


def section(other, median):
    ratio = {"median": median, "low": median, "high": median, "pairs": 4}
    rows = [
        {"server": name, "connections": 32, "rps": 1.0, "p50_ms": 1.0, "p99_ms": 2.0, "failed": 0}
        for name in ("ours", other)
    ]
    return {
        "measurements": rows,
        "ratios": {other: {"32": ratio}},
        "left_out": {},
        "at": "2026-11-22T00:00:00+00:00",
        "load": 0.1,
    }


def test_nothing_is_claimed_when_nothing_was_measured():
    assert all(target.found is None for target in targets({}))
    assert "**no**" not in page({})


def test_shortfall_is_named_when_an_aim_is_missed():
    text = page({"tiles": {"200k": section("nginx", 0.3)}})
    assert "Short of the aim: tiles" in text
    assert "0.30 (0.30–0.30)" in text


def test_aim_counts_as_reached_when_the_median_is_above_it():
    found = {target.aim: target for target in targets({"tiles": {"200k": section("nginx", 0.7)}})}
    assert any(target.good for aim, target in found.items() if aim.startswith("tiles"))


def test_aims_are_about_the_small_size_when_a_larger_one_was_measured_first():
    found = targets({"tiles": {"1m": section("nginx", 0.1), "200k": section("nginx", 0.7)}})
    assert [target.found for target in found if target.aim.startswith("tiles")] == [0.7]
