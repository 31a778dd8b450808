"""Coordinates: exactly into the province's CRS, and a question instead of a guess."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from quyhoach.domain.errors import IngestError
from quyhoach.domain.finding import Level
from quyhoach.domain.mapping import ControlPoint
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise import Context, Work, to_province_crs

MakeLayer = Callable[..., SourceLayer]
MakeWork = Callable[..., Work]
PLACE = (430286.1, 2395843.3)  # Đồng Mỏ in EPSG:9215
LONLAT = Transformer.from_crs(9215, 4326, always_xy=True).transform(*PLACE)
ESRI = (
    'PROJCS["VN_2000_LangSon",GEOGCS["GCS_VN_2000",DATUM["D_Vietnam_2000",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",107.25],'
    'PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
NAMELESS = ESRI.replace("D_Vietnam_2000", "D_Unknown").replace("GCS_VN_2000", "GCS_unknown")


def only_point(work: Work) -> tuple[float, float]:
    (layer,) = work.layers
    return float(layer.geometry[0].x), float(layer.geometry[0].y)


@pytest.mark.parametrize("code", ["EPSG:4326", "EPSG:3405", "EPSG:32648", "EPSG:5897", "EPSG:9217", "EPSG:3857"])
def test_a_place_stays_the_same_when_it_comes_in_another_crs(layer: MakeLayer, work: MakeWork, code: str) -> None:
    drawn = Transformer.from_crs(9215, code, always_xy=True).transform(*PLACE)
    done = to_province_crs(work(layer(shapely.Point(drawn), crs=code)))
    assert np.hypot(*np.subtract(only_point(done), PLACE)) < 0.001
    assert done.findings == ()
    assert done.repairs == ()


def test_nothing_moves_when_the_file_is_in_the_provinces_crs(layer: MakeLayer, work: MakeWork) -> None:
    for crs in ("EPSG:9215", ESRI):
        assert only_point(to_province_crs(work(layer(shapely.Point(PLACE), crs=crs)))) == PLACE


def test_the_third_dimension_is_left_out_when_there_is_one(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(*PLACE, 12.5))))
    assert not shapely.has_z(done.layers[0].geometry[0])


def test_layer_is_left_out_with_candidates_when_its_crs_is_unknown(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(PLACE), crs=None)))
    assert done.layers == ()
    (finding,) = done.findings
    assert (finding.code, finding.level) == ("source-crs-unknown", Level.ERROR)
    assert str(finding.params["candidates"]).startswith("EPSG:9215")


def test_candidates_name_the_order_of_axes_when_it_is_swapped(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(PLACE[::-1]), crs=None)))
    assert 'EPSG:9215, axes = "ne"' in str(done.findings[0].params["candidates"])


def test_layer_is_left_out_when_degrees_are_declared_but_metres_written(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(PLACE), crs="EPSG:4326")))
    assert done.layers == ()
    assert done.findings[0].code == "source-crs-contradicts"


def test_layer_is_left_out_when_its_datum_has_no_name(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(PLACE), crs=NAMELESS)))
    assert done.layers == ()
    assert done.findings[0].code == "crs-no-transformation"
    assert "EPSG:9215" in str(done.findings[0].params["candidates"])


def test_the_mapping_wins_when_it_names_a_crs(layer: MakeLayer, work: MakeWork) -> None:
    for crs in (None, "EPSG:4326", NAMELESS):
        done = to_province_crs(work(layer(shapely.Point(PLACE), crs=crs), crs="EPSG:9215"))
        assert only_point(done) == PLACE


def test_error_when_the_mapping_names_an_unknown_crs(layer: MakeLayer, work: MakeWork) -> None:
    with pytest.raises(IngestError, match="crs-not-known"):
        to_province_crs(work(layer(shapely.Point(PLACE)), crs="EPSG:999999"))


def test_axes_are_swapped_and_recorded_when_only_that_lies_in_the_province(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(PLACE[::-1]))))
    assert only_point(done) == PLACE
    assert [repair.code for repair in done.repairs] == ["axes-swapped"]
    assert done.guesses == ("axes-swapped: lo",)


def test_latitude_first_is_put_right_when_in_degrees(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(LONLAT[::-1]), crs="EPSG:4326")))
    assert np.hypot(*np.subtract(only_point(done), PLACE)) < 0.001
    assert [repair.code for repair in done.repairs] == ["axes-swapped"]


def test_millimetres_become_metres_when_only_that_lies_in_the_province(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(PLACE[0] * 1000, PLACE[1] * 1000))))
    assert np.hypot(*np.subtract(only_point(done), PLACE)) < 1e-6
    assert [repair.code for repair in done.repairs] == ["unit-millimetres"]


def test_nothing_is_turned_when_no_way_lies_in_the_province(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(430000, 1_000_000))))
    assert only_point(done) == (430000, 1_000_000)
    assert done.repairs == ()


def test_nothing_is_turned_when_the_mapping_forbids_it(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(shapely.Point(PLACE[::-1])), axes="en", unit="m"))
    assert only_point(done) == PLACE[::-1]


def test_nothing_is_turned_when_the_province_is_not_known(layer: MakeLayer, work: MakeWork, context: Context) -> None:
    start = replace(work(layer(shapely.Point(PLACE[::-1]))), context=replace(context, extent=None))
    assert only_point(to_province_crs(start)) == PLACE[::-1]


def test_features_are_left_out_when_the_projection_cannot_hold_them(layer: MakeLayer, work: MakeWork) -> None:
    far = layer(shapely.Point(106.5, 21.6), shapely.Point(106.5, 200), crs="EPSG:4326")
    done = to_province_crs(work(far))
    assert done.layers[0].geometry[0] is not None
    assert done.layers[0].geometry[1] is None
    assert done.findings[0].code == "geometry-outside-crs"


def test_layer_without_any_place_stays_when_its_crs_is_unknown(layer: MakeLayer, work: MakeWork) -> None:
    done = to_province_crs(work(layer(None, None, crs=None)))
    assert len(done.layers[0]) == 2
    assert done.findings == ()


@given(
    turn=st.floats(-3.1, 3.1),
    size=st.floats(0.001, 1000),
    shift=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
)
def test_control_points_undo_a_similarity(turn: float, size: float, shift: tuple[float, float]) -> None:
    from quyhoach.domain.mapping import SourceMapping
    from quyhoach.standard import load_standard

    def drawn(point: tuple[float, float]) -> tuple[float, float]:
        z = (complex(*point) - complex(*PLACE)) / (size * np.exp(1j * turn)) + complex(*shift) / size
        return float(z.real), float(z.imag)

    true = [PLACE, (PLACE[0] + 1000, PLACE[1]), (PLACE[0], PLACE[1] + 500)]
    points = tuple(ControlPoint(drawn(point), point) for point in true)
    there = (PLACE[0] + 300.0, PLACE[1] + 200.0)
    shape = np.array([shapely.Point(drawn(there))], dtype=object)
    start = Work(
        Context(load_standard(), "EPSG:9215"),
        SourceMapping(control_points=points),
        (SourceLayer("lo", "x", None, shape, ("1",)),),
    )
    assert np.hypot(*np.subtract(only_point(to_province_crs(start)), there)) < 0.01


def test_error_when_control_points_are_one_place(layer: MakeLayer, work: MakeWork) -> None:
    points = (ControlPoint((1, 2), PLACE), ControlPoint((1, 2), PLACE))
    with pytest.raises(IngestError, match="mapping-control-points"):
        to_province_crs(work(layer(shapely.Point(1, 2)), control_points=points))
