"""Fitting: what comes out is right, the simplest model wins, one wrong point is named, nonsense is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.errors import UsageError
from quyhoach.scan.fitting import fit_points
from quyhoach.scan.judging import judge
from quyhoach.scan.points import ControlPoint
from quyhoach.scan.transform import Transform, fit_transform, transform_from_json

SIZE = (3000, 2000)
GRID = np.array([[col, row] for col in (200, 1100, 1900, 2800) for row in (150, 1000, 1850)], dtype=float)


def make(to_true, pixels=GRID) -> tuple[ControlPoint, ...]:
    return tuple(
        ControlPoint(f"P{number}", float(col), float(row), *map(float, to_true(col, row)))
        for number, (col, row) in enumerate(pixels)
    )


def similar(turn=0.02, size=0.5):
    def to_true(col, row):
        x, y = col * size, -row * size
        return (
            430_000 + np.cos(turn) * x - np.sin(turn) * y,
            2_395_000 + np.sin(turn) * x + np.cos(turn) * y,
        )

    return to_true


def sheared(col, row):
    east, north = similar()(col, row)
    return east + 0.01 * (north - 2_395_000), north * 1.0 + 0.004 * (north - 2_395_000)


def seen_aslant(col, row):
    below = 1 + 0.00004 * col + 0.00002 * row
    return 430_000 + 0.5 * col / below, 2_395_000 - 0.5 * row / below


def warped(col, row):
    east, north = similar()(col, row)
    return east + 4e-6 * (col - 1500) * (row - 1000), north + 3e-6 * (col - 1500) ** 2


@given(
    turn=st.floats(-3.1, 3.1),
    size=st.floats(0.01, 20),
    corner=st.tuples(st.floats(100_000, 900_000), st.floats(900_000, 2_600_000)),
)
def test_similarity_is_found_whatever_its_turn_and_scale(turn, size, corner):
    def to_true(col, row):
        east, north = similar(turn, size)(col, row)
        return east - 430_000 + corner[0], north - 2_395_000 + corner[1]

    fit = fit_points(make(to_true), size=SIZE)
    assert fit.transform.model == "similarity"
    assert fit.expected_m < 1e-5 * size * 1000
    assert fit.ground_sample_m == pytest.approx(size, rel=1e-6)


@given(
    coefficients=st.lists(st.floats(-0.2, 0.2), min_size=4, max_size=4),
    places=st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 2000)), min_size=1, max_size=20),
)
def test_affine_goes_there_and_back(coefficients, places):
    a, b, c, d = coefficients

    def to_true(col, row):
        return 430_000 + (0.5 + a) * col + b * row, 2_395_000 + c * col - (0.5 + d) * row

    points = make(to_true)
    pixels, true = GRID, np.array([[point.east, point.north] for point in points])
    transform = fit_transform("affine", pixels, true)
    assert isinstance(transform, Transform)
    asked = np.array(places)
    assert np.allclose(transform.to_pixel(transform.to_true(asked)), asked, atol=1e-4)
    again = transform_from_json(transform.to_json())
    assert np.array_equal(again.to_true(asked), transform.to_true(asked))


@pytest.mark.parametrize(
    ("to_true", "model"),
    [(similar(), "similarity"), (sheared, "affine"), (seen_aslant, "projective"), (warped, "polynomial")],
)
def test_simplest_model_that_fits_is_chosen(to_true, model):
    fit = fit_points(make(to_true), size=SIZE)
    assert fit.transform.model == model
    assert fit.expected_m < 0.01
    places = np.array([[1500.0, 900.0], [0, 0], [2999, 1999]])
    assert np.allclose(fit.transform.to_pixel(fit.transform.to_true(places)), places, atol=1e-3)


def test_simple_model_is_kept_when_points_are_only_noisy():
    noise = np.random.default_rng(7).normal(0, 0.6, (len(GRID), 2))
    points = tuple(
        replace(point, col=point.col + float(dx), row=point.row + float(dy))
        for point, (dx, dy) in zip(make(similar()), noise, strict=True)
    )
    fit = fit_points(points, size=SIZE)
    assert fit.transform.model == "similarity"
    assert 0.2 < fit.expected_m < 0.8
    assert fit.expected_m > fit.rmse_m  # what is expected elsewhere is more than what the fit admits
    assert not fit.left_out


@pytest.mark.parametrize("to_true", [similar(), sheared, warped])
@pytest.mark.parametrize("which", range(len(GRID)))
def test_wrong_point_is_named_and_left_out(to_true, which):
    noise = np.random.default_rng(which).normal(0, 0.3, (len(GRID), 2))
    points = [
        replace(point, col=point.col + float(dx), row=point.row + float(dy))
        for point, (dx, dy) in zip(make(to_true), noise, strict=True)
    ]
    points[which] = replace(points[which], north=points[which].north + 50)
    fit = fit_points(points, size=SIZE)
    assert [point.name for point, _ in fit.left_out] == [f"P{which}"]
    assert fit.left_out[0][1] == pytest.approx(50, abs=4)
    assert fit.expected_m < 1
    codes = [finding.code for finding in judge(fit, scale=5000, dpi=300).findings]
    assert "scan-point-wrong" in codes


def test_four_points_find_the_wrong_one_too():
    points = list(make(similar(), GRID[[0, 2, 9, 11]]))
    points[1] = replace(points[1], east=points[1].east + 100)
    assert [point.name for point, _ in fit_points(points, size=SIZE).left_out] == ["P1"]


def test_two_wrong_points_are_refused_by_the_residual():
    points = list(make(similar()))
    points[2] = replace(points[2], east=points[2].east + 60)
    points[7] = replace(points[7], north=points[7].north - 80)
    fit = fit_points(points, size=SIZE)
    assert not judge(fit, scale=5000, dpi=300).good


def test_swapped_axes_of_one_point_make_it_the_wrong_one():
    points = list(make(similar()))
    points[4] = replace(points[4], east=points[4].north, north=points[4].east)
    assert [point.name for point, _ in fit_points(points, size=SIZE).left_out] == ["P4"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda points: points[:2], "scan-points-few"),
        (lambda points: [points[0], points[1], points[2]], "scan-points-collinear"),
        (lambda points: [replace(p, east=p.north, north=p.east) for p in points], "scan-points-mirrored"),
        (lambda points: [replace(p, col=p.row, row=p.col) for p in points], "scan-point-outside"),
        (lambda points: [*points, replace(points[0], name="again")], "scan-points-same"),
        (lambda points: [replace(points[0], col=-5.0), *points[1:]], "scan-point-outside"),
    ],
)
def test_unusable_points_are_refused_in_words(change, code):
    with pytest.raises(UsageError) as told:
        fit_points(change(list(make(similar()))), size=SIZE)
    assert told.value.code == code


def test_more_points_are_asked_for_when_a_model_leaves_no_residual():
    with pytest.raises(UsageError) as told:
        fit_points(make(similar(), GRID[[0, 2, 9]]), size=SIZE, model="affine")
    assert (told.value.code, told.value.params["needed"]) == ("scan-points-few", 4)


def test_error_on_paper_follows_the_scale():
    fit = fit_points(make(similar()), size=SIZE)
    judgement = judge(fit, scale=5000, dpi=None)
    assert judgement.limit_m == pytest.approx(5.0)
    assert judgement.on_paper(2.5) == pytest.approx(0.5)
    by_scan = judge(fit, scale=None, dpi=254)  # 0.1 mm a pixel, 0.5 m on the ground
    assert by_scan.scale == pytest.approx(5000, rel=1e-3)
    with pytest.raises(UsageError):
        judge(fit, scale=None, dpi=None)


def test_what_people_must_know_is_told():
    close = GRID / 6 + 400
    fit = fit_points(make(similar(), close[[0, 2, 9, 11]]), size=SIZE)
    codes = {finding.code for finding in judge(fit, scale=10_000, dpi=254).findings}
    assert codes == {"scan-points-together", "scan-points-scarce", "scan-scale-differs"}


@given(
    st.lists(
        st.tuples(st.floats(0, 3000), st.floats(0, 2000), st.floats(100_000, 900_000), st.floats(900_001, 2_700_000)),
        min_size=0,
        max_size=12,
    )
)
def test_any_points_give_a_fit_or_a_refusal(rows):
    points = [ControlPoint(str(number), *row) for number, row in enumerate(rows)]
    try:
        fit = fit_points(points, size=SIZE)
    except UsageError:
        return
    assert np.isfinite([fit.rmse_m, fit.expected_m, *fit.residuals]).all()
