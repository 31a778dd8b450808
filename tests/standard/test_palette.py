"""The map's colours: soft, and told apart by colour or pattern, also by people who do not see red or green."""

import itertools

import pytest

from quyhoach.standard import load_standard

STANDARD = load_standard()
# What is left of linear RGB without one kind of cone (Machado, Oliveira, Fernandes 2009, severity 1.0).
SIGHTS = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
}
GROUPS = list(STANDARD.groups.values())
BY_KIND = {kind: [r for r in STANDARD.land_use.values() if r.kind == kind] for kind in ("general", "zoning")}


def _lab(colour: str, sight: str) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of an sRGB colour as seen."""
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    red, green, blue = (min(1, max(0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in SIGHTS[sight])
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _distance(first: str, second: str, sight: str) -> float:
    pairs = zip(_lab(first, sight), _lab(second, sight), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def test_measure_tells_what_is_known():
    assert _distance("#ffffff", "#000000", "full") == pytest.approx(100, abs=0.1)
    assert _distance("#ff0000", "#00ff00", "full") > 100
    assert _distance("#808080", "#808080", "no red") == 0


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("rows", [GROUPS, *BY_KIND.values()], ids=["groups", *BY_KIND])
def test_looks_differ_by_pattern_or_clearly_by_colour(rows, sight):
    for first, second in itertools.combinations(rows, 2):
        if first.pattern == second.pattern:
            assert _distance(first.map_colour, second.map_colour, sight) >= 14.9, (first.code, second.code)


@pytest.mark.parametrize("rows", [GROUPS, *BY_KIND.values()], ids=["groups", *BY_KIND])
def test_colours_are_light_enough_for_black_labels_and_seen_on_white(rows):
    for row in rows:
        assert 55 <= _lab(row.map_colour, "full")[0] <= 95, row.code
