"""The invented province: without gaps, the same every time, as many as asked."""

import numpy as np
import pytest
import shapely
from bench.generate import BOX, PUBLISHED_LOTS, make_world

from bench import shapes

COMMUNES = [("00001", "xã Một"), ("00002", "xã Hai"), ("00003", "xã Ba")]


@pytest.fixture(scope="module")
def world():
    return make_world(2000, COMMUNES)


def test_zones_fill_the_ground_when_tessellated():
    ground = shapes.tessellate(np.random.default_rng(5), 1500, BOX)
    assert len(ground.polygons) == 1500
    assert shapely.is_valid(ground.polygons).all()
    west, south, east, north = BOX
    assert shapely.area(ground.polygons).sum() == pytest.approx((east - west) * (north - south), rel=1e-9)
    assert shapely.coverage_is_valid(ground.polygons)


def test_neighbours_keep_their_common_border_when_roughened():
    squares = np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], dtype=object)
    box = (0.0, 0.0, 200.0, 100.0)
    left, right = shapes.roughen(squares, box)
    assert shapely.get_num_coordinates(left) > 5
    assert shapely.intersection(left, right).area == 0
    assert shapely.union(left, right).area == pytest.approx(200 * 100)


def test_blocks_are_about_equal_when_points_are_split():
    points = np.random.default_rng(1).uniform(0, 1000, (1003, 2))
    counts = np.bincount(shapes.split(points, 7))
    assert len(counts) == 7
    assert counts.max() - counts.min() <= 3


def test_world_is_the_same_when_made_again(world):
    again = make_world(2000, COMMUNES)
    for first, second in zip(world.plans, again.plans, strict=True):
        assert first.plan == second.plan
        assert shapely.to_wkb(first.outline) == shapely.to_wkb(second.outline)
        assert (first.lots is None) == (second.lots is None)
        if first.lots and second.lots:
            assert list(shapely.to_wkb(first.lots.geometry)) == list(shapely.to_wkb(second.lots.geometry))
            assert first.lots.density == second.lots.density
    assert np.array_equal(world.points, again.points)


def test_world_holds_what_was_asked_when_made(world):
    assert sum(len(data.lots.label) for data in world.plans if data.lots) == 2000
    assert world.extra.lots is not None
    assert len(world.extra.lots.label) == PUBLISHED_LOTS
    assert [code for code, _, _ in world.units] == [code for code, _ in COMMUNES]
    themes = {theme for data in world.plans if data.overlays for theme in data.overlays.theme}
    assert themes == {"road_corridor", "heritage", "flood"}
    west, south, east, north = world.province.extent
    assert ((world.points >= [west, south]) & (world.points <= [east, north])).all()
