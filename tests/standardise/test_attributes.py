"""Attributes: as written, but for what has one meaning."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import shapely

from quyhoach.domain.mapping import SOURCE_FUNCTION, FunctionRule, LayerRule
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise import Features, Work, read_attributes, repair_text
from quyhoach.standardise.attributes import as_text

MakeWork = Callable[..., Work]
MakeFeatures = Callable[..., Features]
SQUARE = shapely.box(0, 0, 10, 10)


def lot_fields(work: Work, group: Features) -> dict[str, Any]:
    return read_attributes(replace(work, features=(group,))).features[0].fields


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (3.0, "3"), (0.4, "0,4"), (1.234, "1,234"), ("40-60", "40-60"), (" x ", "x"), ("", None), (None, None)],
)
def test_value_is_written_the_vietnamese_way_when_a_number(value: object, text: str | None) -> None:
    assert as_text(value) == text


def test_indicators_stay_as_written_when_read(work: MakeWork, features: MakeFeatures) -> None:
    group = features(SQUARE, matDoXayDung=["40-60"], tangCaoXayDung=[5], heSoSuDungDat=[0.8], danSo=["1.200"])
    fields = lot_fields(work(), group)
    assert fields["matDoXayDung"] == ["40-60"]
    assert fields["tangCaoXayDung"] == ["5"]
    assert fields["heSoSuDungDat"] == ["0,8"]
    assert fields["danSo"] == ["1.200"]


@pytest.mark.parametrize(
    "written",
    [
        "DAT_O_Nhomnhao",
        "dat_o_nhomnhao",
        "QH_DAT_O_Nhomnhao",
        "QHDH_DAT_O_NHOMNHAO",
        "HT_DAT_O_Nhomnhao_DVO",
    ],
)
def test_function_code_is_found_when_stage_level_or_case_differ(
    work: MakeWork, features: MakeFeatures, written: str
) -> None:
    fields = lot_fields(work(), features(SQUARE, phanLoai=[written]))
    assert fields["phanLoai"] == ["DAT_O_Nhomnhao"]
    assert fields["ghiChu"] == [None]


def test_function_comes_from_the_mapping_when_it_has_a_rule(work: MakeWork, features: MakeFeatures) -> None:
    rules = (FunctionRule("OM*", "DAT_O_Nhomnhao"), FunctionRule("*", "DAT_Coquan"))
    fields = lot_fields(work(functions=rules), features(SQUARE, SQUARE, phanLoai=["om-mới", "CQ"]))
    assert fields["phanLoai"] == ["DAT_O_Nhomnhao", "DAT_Coquan"]


def test_function_comes_from_the_layers_rule_when_the_lot_has_none(work: MakeWork, features: MakeFeatures) -> None:
    group = replace(features(SQUARE), rule=LayerRule("lo", "lot", function="DAT_Coquan"))
    assert lot_fields(work(), group)["phanLoai"] == ["DAT_Coquan"]


def test_function_is_kept_as_a_note_when_the_list_does_not_know_it(work: MakeWork, features: MakeFeatures) -> None:
    fields = lot_fields(work(), features(SQUARE, SQUARE, phanLoai=["đất lạ", None], ghiChu=["cũ", "x"]))
    assert fields["phanLoai"] == [None, None]
    assert fields["ghiChu"] == [f"cũ; {SOURCE_FUNCTION}đất lạ", "x"]


def test_function_of_another_list_does_not_count(work: MakeWork, features: MakeFeatures) -> None:
    start = work()
    start = replace(start, context=replace(start.context, land_use="cnig"))
    assert lot_fields(start, features(SQUARE, phanLoai=["DAT_O_Nhomnhao"]))["phanLoai"] == [None]


@pytest.mark.parametrize(
    ("value", "unit", "area"),
    [
        (1234.5, "m2", 1234.5),
        (0.5, "ha", 5000.0),
        ("1.234,5", "m2", 1234.5),
        ("0,5 ha", "m2", 5000.0),
        ("1.200 m²", "ha", 1200.0),
        (None, "m2", None),
    ],
)
def test_area_is_in_square_metres_when_written(
    work: MakeWork, features: MakeFeatures, value: object, unit: str, area: float | None
) -> None:
    group = features(SQUARE, dienTich=[value])
    group = replace(group, rule=replace(group.rule, area_unit=unit))
    done = read_attributes(replace(work(), features=(group,)))
    assert done.features[0].fields["dienTich"] == [area]
    assert done.findings == ()


def test_finding_when_an_area_cannot_be_read(work: MakeWork, features: MakeFeatures) -> None:
    done = read_attributes(replace(work(), features=(features(SQUARE, dienTich=["khoảng 1-2 ha"]),)))
    assert [finding.code for finding in done.findings] == ["area-unreadable"]


def source(**fields: list[Any]) -> SourceLayer:
    import numpy as np

    shapes = np.empty(len(next(iter(fields.values()))), dtype=object)
    return SourceLayer("lo", "x.shp", "EPSG:9215", shapes, tuple(map(str, range(len(shapes)))), dict(fields))


def test_text_is_read_again_when_utf8_was_announced_as_latin1(work: MakeWork) -> None:
    wrong = "Élément".encode().decode("latin-1")
    done = repair_text(work(source(ten=[wrong, "plain", None, 3])))
    assert done.layers[0].fields["ten"] == ["Élément", "plain", None, 3]
    assert [(r.code, r.params["values"]) for r in done.repairs] == [("text-encoding", 1)]


@pytest.mark.parametrize("text", ["Élément", "Đất ở", "plain", "Ã"])
def test_text_stays_when_it_is_right(work: MakeWork, text: str) -> None:
    done = repair_text(work(source(ten=[text])))
    assert done.layers[0].fields["ten"] == [text]
    assert done.repairs == ()


def test_text_stays_when_one_value_speaks_against_another_encoding(work: MakeWork) -> None:
    wrong = "Élément".encode().decode("latin-1")
    done = repair_text(work(source(ten=[wrong, "Đất ở"])))
    assert done.layers[0].fields["ten"] == [wrong, "Đất ở"]


def test_text_is_composed_and_trimmed(work: MakeWork) -> None:
    done = repair_text(work(source(ten=[" \u0110a\u0302\u0301t\x00 ", "  "])))
    assert done.layers[0].fields["ten"] == ["Đất", None]


def test_what_the_reader_said_becomes_a_finding(work: MakeWork) -> None:
    layer = replace(source(ten=["a"]), warnings=("Value '68,500' parsed incompletely to real 68.", "shx rebuilt"))
    done = repair_text(work(layer))
    assert [(f.code, str(f.level)) for f in done.findings] == [
        ("source-value-misread", "error"),
        ("source-remark", "note"),
    ]
