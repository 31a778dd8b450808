"""Geometry: made sound, rounded, and every change recorded."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.mapping import LayerRule, SourceMapping
from quyhoach.standard import load_standard
from quyhoach.standardise import Context, Features, Work, repair_geometry

MakeWork = Callable[..., Work]
MakeFeatures = Callable[..., Features]
SQUARE = shapely.box(430000, 2395000, 430100, 2395100)
BOW = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def test_nothing_changes_when_geometry_is_sound(work: MakeWork, features: MakeFeatures) -> None:
    beside = shapely.box(430100, 2395000, 430200, 2395100)
    done = repair_geometry(replace(work(), features=(features(SQUARE, beside),)))
    assert done.repairs == ()
    assert done.findings == ()
    assert [shape.wkt for shape in done.features[0].geometry] == [SQUARE.wkt, beside.wkt]


def test_a_bow_tie_becomes_two_triangles_with_place_and_size(work: MakeWork, features: MakeFeatures) -> None:
    done = repair_geometry(replace(work(), features=(features(BOW, kyHieuLoDat=["OM-1"]),)))
    (repair,) = done.repairs
    assert (repair.code, repair.feature, repair.params["area_after"]) == ("geometry-made-valid", "OM-1", 50.0)
    assert repair.wkb is not None
    assert shapely.from_wkb(repair.wkb).wkt == "POINT (5 5)"
    assert done.features[0].geometry[0].area == 50
    assert done.source_lots[0].geometry[0].equals_exact(BOW)


def test_slivers_are_dropped_when_beside_a_real_part(work: MakeWork, features: MakeFeatures) -> None:
    lot = shapely.MultiPolygon([SQUARE, shapely.box(430200, 2395000, 430200.01, 2395000.5)])
    done = repair_geometry(replace(work(), features=(features(lot),)))
    assert [repair.code for repair in done.repairs] == ["slivers-dropped"]
    assert done.features[0].geometry[0].area == 10000


def test_finding_when_a_lot_is_nothing_but_a_sliver(work: MakeWork, features: MakeFeatures) -> None:
    flat = shapely.Polygon([(0, 0), (10, 0), (5, 0)])
    done = repair_geometry(replace(work(), features=(features(SQUARE, flat, kyHieuLoDat=["A", "B"]),)))
    assert [(f.code, f.feature) for f in done.findings] == [("geometry-without-area", "B")]
    assert done.features[0].fields["kyHieuLoDat"] == ["A"]


def test_the_copy_is_dropped_when_a_feature_is_there_twice(work: MakeWork, features: MakeFeatures) -> None:
    turned = shapely.Polygon(list(SQUARE.exterior.coords)[2:-1] + list(SQUARE.exterior.coords)[:3])
    done = repair_geometry(replace(work(), features=(features(SQUARE, turned, kyHieuLoDat=["A", "A"]),)))
    assert len(done.features[0]) == 1
    assert [(r.code, r.source_handle) for r in done.repairs] == [("duplicate-dropped", "x.gpkg#2")]


def test_both_stay_when_one_shape_carries_two_labels(work: MakeWork, features: MakeFeatures) -> None:
    done = repair_geometry(replace(work(), features=(features(SQUARE, SQUARE, kyHieuLoDat=["A", "B"]),)))
    assert len(done.features[0]) == 2
    assert done.repairs == ()


def test_points_come_one_by_one_when_drawn_as_a_group(work: MakeWork, features: MakeFeatures) -> None:
    group = features(shapely.MultiPoint([(1, 1), (2, 2)]), role="point", tenDoiTuong=["cây"])
    (done,) = repair_geometry(replace(work(), features=(group,))).features
    assert [shape.wkt for shape in done.geometry] == ["POINT (1 1)", "POINT (2 2)"]
    assert done.fields["tenDoiTuong"] == ["cây", "cây"]


@given(
    st.lists(
        st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), min_size=3, max_size=8, unique=True),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=150, deadline=None)
def test_everything_is_valid_and_rounded_or_reported_when_drawn_at_random(
    rings: list[list[tuple[float, float]]],
) -> None:
    geometry = np.empty(len(rings), dtype=object)
    geometry[:] = [shapely.Polygon([(430000 + x, 2395000 + y) for x, y in ring]) for ring in rings]
    handles = tuple(map(str, range(len(rings))))
    group = Features(LayerRule("lo", "lot"), "lo", geometry, handles, {})
    done = repair_geometry(Work(Context(load_standard(), "EPSG:9215"), SourceMapping(), (), features=(group,)))
    (kept,) = done.features
    assert shapely.is_valid(kept.geometry).all()
    for value in shapely.get_coordinates(kept.geometry).ravel().tolist():
        assert value == round(value, 4)
    lost = [finding for finding in done.findings if finding.code == "geometry-without-area"]
    copies = [repair for repair in done.repairs if repair.code == "duplicate-dropped"]
    assert len(kept) + len(lost) + len(copies) == len(rings)
