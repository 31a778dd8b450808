"""Rules about what is there and what is written: more cases that must stay silent than cases that must speak."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from quyhoach.domain.finding import Finding
from quyhoach.domain.mapping import SOURCE_FUNCTION
from quyhoach.package import Layer

Check = Callable[[str, Mapping[str, Layer]], list[Finding]]
Spoil = Callable[..., dict[str, Layer]]
LOTS = "ChucNangSuDungDat_A"


def facts(layers: dict[str, Layer], **changed: str | None) -> dict[str, Layer]:
    table = dict(zip(layers["plan"].fields["key"], layers["plan"].fields["value"], strict=True))
    table = {key: value for key, value in {**table, **changed}.items() if value is not None}
    layers["plan"] = Layer("plan", None, None, {"key": list(table), "value": list(table.values())})
    return layers


def test_e001_speaks_when_the_outline_is_missing(check: Check, layers: dict[str, Layer]) -> None:
    layers.pop("RanhGioiQuyHoach_A")
    assert [finding.code for finding in check("E001", layers)] == ["e001-no-outline"]


def test_e001_speaks_when_the_outline_is_empty(check: Check, spoil: Spoil) -> None:
    assert len(check("E001", spoil("RanhGioiQuyHoach_A", [None]))) == 1


def test_e001_is_silent_when_there_is_an_outline(check: Check, layers: dict[str, Layer]) -> None:
    assert check("E001", layers) == []


@pytest.mark.parametrize("kind", ["general", "detailed", "zoning", "region", None])
def test_e002_speaks_when_a_plan_of_land_use_has_no_lots(
    check: Check, layers: dict[str, Layer], kind: str | None
) -> None:
    layers.pop(LOTS)
    assert len(check("E002", facts(layers, kind=kind))) == 1


@pytest.mark.parametrize("kind", ["restriction", "cadastre"])
def test_e002_is_silent_when_the_kind_has_no_lots(check: Check, layers: dict[str, Layer], kind: str) -> None:
    layers.pop(LOTS)
    assert check("E002", facts(layers, kind=kind)) == []


@pytest.mark.parametrize("name", ["restrictions", "parcels"])
def test_e002_is_silent_when_something_else_is_drawn_and_the_kind_unknown(
    check: Check, layers: dict[str, Layer], name: str
) -> None:
    layers[name] = Layer(name, "MultiPolygon", layers.pop(LOTS).geometry)
    assert check("E002", facts(layers, kind=None)) == []


@pytest.mark.parametrize(
    ("labels", "count"), [(["OM-1", None], 1), (["", " "], 2), (["OM-1", "CX"], 0), (["0", "-"], 0)]
)
def test_w003_counts_lots_without_label(check: Check, spoil: Spoil, labels: list[Any], count: int) -> None:
    assert len(check("W003", spoil(LOTS, kyHieuLoDat=labels))) == count


@pytest.mark.parametrize(
    ("labels", "count"),
    [(["OM-1", "OM-1"], 1), (["OM-1", "OM-1 "], 1), (["OM-1", "om-1"], 0), (["OM-1", "OM-2"], 0), ([None, None], 0)],
)
def test_w004_speaks_when_a_label_is_there_twice(check: Check, spoil: Spoil, labels: list[Any], count: int) -> None:
    found = check("W004", spoil(LOTS, kyHieuLoDat=labels))
    assert len(found) == count
    assert all(finding.params["count"] == 2 and finding.wkb for finding in found)


@pytest.mark.parametrize(
    ("functions", "count"),
    [
        (["DAT_O_Nhomnhao", "DAT_Coquan"], 0),
        (["dat_o_nhomnhao", "DAT_COQUAN"], 0),
        (["DAT_O_Nhomnhao", "U"], 1),
        ([None, ""], 2),
    ],
)
def test_w005_speaks_when_a_function_is_not_in_the_list(
    check: Check, spoil: Spoil, functions: list[Any], count: int
) -> None:
    assert len(check("W005", spoil(LOTS, phanLoai=functions))) == count


def test_w005_names_what_the_source_said_when_it_was_kept(check: Check, spoil: Spoil) -> None:
    notes = ["x; " + SOURCE_FUNCTION + "đất lạ", None]
    first, second = check("W005", spoil(LOTS, phanLoai=[None, None], ghiChu=notes))
    assert first.params["value"] == "đất lạ"
    assert second.params["value"] == "–"


def test_w005_speaks_when_the_province_uses_another_list(check: Check, layers: dict[str, Layer]) -> None:
    assert len(check("W005", facts(layers, land_use="cnig"))) == 2


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (10000.0, 0),
        (10190.0, 0),
        (9810.0, 0),
        (10201.0, 1),
        (9700.0, 1),
        (1.0, 1),
        (None, 0),
    ],
)
def test_w010_speaks_when_areas_differ_by_more_than_two_percent(
    check: Check, spoil: Spoil, written: float | None, count: int
) -> None:
    assert len(check("W010", spoil(LOTS, dienTich=[written, 10000.0]))) == count


def test_w010_is_silent_when_a_small_lot_is_rounded(check: Check, spoil: Spoil, layers: dict[str, Layer]) -> None:
    import shapely

    small = shapely.MultiPolygon([shapely.box(430000, 2395000, 430010, 2395006.4)])
    assert check("W010", spoil(LOTS, [small], dienTich=[60.0])) == []


@pytest.mark.parametrize("value", ["40-60", "≤60%", "-", "", "không", "60", None, 60])
def test_w011_is_silent_when_an_indicator_can_be_read(check: Check, spoil: Spoil, value: object) -> None:
    assert check("W011", spoil(LOTS, matDoXayDung=[value, "40"])) == []


@pytest.mark.parametrize("field", ["matDoXayDung", "tangCaoXayDung", "heSoSuDungDat", "danSo"])
@pytest.mark.parametrize("value", ["theo quy định", "60-40", "2022-05-03"])
def test_w011_speaks_when_an_indicator_cannot_be_read(check: Check, spoil: Spoil, field: str, value: str) -> None:
    (finding,) = check("W011", spoil(LOTS, **{field: [value, None]}))
    assert (finding.params["field"], finding.params["value"], finding.feature) == (field, value, "OM-1")


@pytest.mark.parametrize(
    ("value", "count"),
    [("100", 0), ("40-60", 0), ("≤ 100%", 0), ("–", 0), (None, 0), ("101", 1), ("60-400", 1), ("≥ 110", 1)],
)
def test_e013_speaks_when_density_is_over_100(check: Check, spoil: Spoil, value: Any, count: int) -> None:
    assert len(check("E013", spoil(LOTS, matDoXayDung=[value, "40"]))) == count


@pytest.mark.parametrize(("ids", "count"), [(["1", "2"], 0), ([None, None], 0), (["", ""], 0), (["1", "1"], 1)])
def test_e014_speaks_when_a_code_is_there_twice(check: Check, spoil: Spoil, ids: list[Any], count: int) -> None:
    assert len(check("E014", spoil(LOTS, maDoiTuong=ids))) == count


@pytest.mark.parametrize(
    ("density", "storeys", "ratio", "count"),
    [
        ("40-60", "1-5", "0,4-3,0", 0),
        ("60", "5", "3,05", 0),
        ("≤60", "≤5", "≤3", 0),
        ("60", "5", None, 0),
        (None, "5", "13", 0),
        ("60", "–", "13", 0),
        ("60", "≥5", "13", 0),
        ("400", "5", "21", 0),
        ("60", "5", "4", 1),
        ("40-60", "1-5", "0,4-30", 1),
    ],
)
def test_w015_speaks_when_density_and_storeys_cannot_give_the_ratio(
    check: Check, spoil: Spoil, density: Any, storeys: Any, ratio: Any, count: int
) -> None:
    lots = spoil(LOTS, matDoXayDung=[density, None], tangCaoXayDung=[storeys, None], heSoSuDungDat=[ratio, None])
    assert len(check("W015", lots)) == count


def test_e016_speaks_when_a_theme_is_unknown(check: Check, spoil: Spoil, layers: dict[str, Layer]) -> None:
    assert check("E016", layers) == []
    assert len(check("E016", spoil("coverage", theme=["land use"]))) == 1
    layers["restrictions"] = Layer("restrictions", "MultiPolygon", layers["coverage"].geometry, {"theme": [None]})
    assert [finding.layer for finding in check("E016", layers)] == ["restrictions"]
    layers["restrictions"] = Layer("restrictions", "MultiPolygon", layers["coverage"].geometry, {"theme": ["flood"]})
    assert check("E016", layers) == []
