"""Outline, coverage, layers: the package as schemas.md says."""

from collections.abc import Callable
from dataclasses import replace

import shapely

from quyhoach.domain.plan import Place, Plan
from quyhoach.standardise import Context, Features, Work, draw_outline, to_layers

MakeWork = Callable[..., Work]
MakeFeatures = Callable[..., Features]
LEFT, RIGHT = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)


def plan(kind: str) -> Plan:
    codes = {"maThongTinQH": "202211010001"}
    return Plan("qhc", {"vi": "Đồ án", "en": "Plan"}, kind, "urban", 5000, (Place("06463"),), (), codes=codes)


def with_plan(work: Work, kind: str) -> Work:
    return replace(work, context=replace(work.context, plan=plan(kind)))


def test_outline_is_the_union_of_lots_and_a_guess_when_none_is_drawn(work: MakeWork, features: MakeFeatures) -> None:
    done = draw_outline(replace(work(), features=(features(LEFT, RIGHT),)))
    assert done.outline.area == 200
    assert len(done.outline.geoms) == 1
    assert done.guesses == ("outline: union of lot",)
    assert [finding.code for finding in done.findings] == ["outline-guessed"]
    assert [theme for theme, _ in done.coverage] == ["land_use"]


def test_outline_is_the_boundary_when_one_is_drawn(work: MakeWork, features: MakeFeatures) -> None:
    border = shapely.box(-1, -1, 30, 30)
    done = draw_outline(replace(work(), features=(features(LEFT), features(border, role="plan_boundary"))))
    assert done.outline.area == border.area
    assert done.guesses == ()


def test_coverage_is_the_outline_for_each_theme_of_the_plans_kind(work: MakeWork, features: MakeFeatures) -> None:
    start = with_plan(work(), "detailed")
    done = draw_outline(replace(start, features=(features(LEFT),)))
    themes = sorted(start.context.standard.plan_kinds["detailed"].themes)
    assert "detailed_plan" in themes
    assert [theme for theme, _ in done.coverage] == themes
    assert all(shape.area == 100 for _, shape in done.coverage)


def test_a_plan_of_restrictions_covers_only_the_themes_it_draws(work: MakeWork, features: MakeFeatures) -> None:
    start = with_plan(work(), "restriction")
    overlay = features(LEFT, role="overlay", theme="road_corridor")
    done = draw_outline(replace(start, features=(overlay,)))
    assert [theme for theme, _ in done.coverage] == ["road_corridor"]


def test_coverage_is_what_the_file_says_when_it_does(work: MakeWork, features: MakeFeatures) -> None:
    start = with_plan(work(), "restriction")
    groups = (
        features(LEFT, role="overlay", theme="flood"),
        replace(features(RIGHT, LEFT, role="coverage"), fields={"theme": ["flood", "nonsense"]}),
    )
    done = draw_outline(replace(start, features=groups))
    assert [(theme, shape.area) for theme, shape in done.coverage] == [("flood", 100)]
    assert [f.code for f in done.findings if f.code == "theme-unknown"] == ["theme-unknown"]


def test_layers_follow_the_schema_when_assembled(work: MakeWork, features: MakeFeatures, context: Context) -> None:
    lots = features(
        LEFT, RIGHT, kyHieuLoDat=["A", "B"], phanLoai=["DAT_Coquan", None], dienTich=[99.0, None], danSo=["1.200", "5"]
    )
    groups = (
        lots,
        features(LEFT, role="overlay", theme="heritage", quyDinh=["cấm xây"]),
        features(shapely.LineString([(0, 0), (1, 1)]), role="line", class_name="ChiGioiXayDung_L"),
        features(shapely.Point(1, 1), role="label", text=["OM"]),
        features(LEFT, role="parcel", commune=["06463"], sheet=["12"], lot=["7"], area=[100.0], use=["ONT"]),
    )
    done = draw_outline(replace(with_plan(work(), "general"), features=groups, source_lots=(lots,)))
    layers = {layer.name: layer for layer in to_layers(done)}
    assert sorted(layers) == [
        "ChiGioiXayDung_L",
        "ChucNangSuDungDat_A",
        "RanhGioiQuyHoach_A",
        "coverage",
        "labels",
        "parcels",
        "plan",
        "restrictions",
        "source_lots",
    ]
    lot = layers["ChucNangSuDungDat_A"].fields
    assert lot["dienTich"] == [99.0, 100.0]
    assert lot["danSo"] == [1200, 5]
    assert lot["maThongTinQH"] == ["202211010001"] * 2
    outline = layers["RanhGioiQuyHoach_A"].fields
    assert (outline["tenDoAn"], outline["tyLe"], outline["dienTichQH"]) == (["Đồ án"], ["1/5.000"], [200.0])
    assert layers["restrictions"].fields["theme"] == ["heritage"]
    assert layers["restrictions"].fields["quyDinh"] == ["cấm xây"]
    facts = dict(zip(layers["plan"].fields["key"], layers["plan"].fields["value"], strict=True))
    assert facts["kind"] == "general"
    assert facts["extent"] == "106 21.2 107.5 22.6"


def test_population_stays_text_when_one_value_is_a_range(work: MakeWork, features: MakeFeatures) -> None:
    done = draw_outline(replace(work(), features=(features(LEFT, RIGHT, danSo=["61", "50-60"]),)))
    layers = {layer.name: layer for layer in to_layers(done)}
    assert layers["ChucNangSuDungDat_A"].fields["danSo"] == ["61", "50-60"]


def test_only_the_plan_table_is_left_when_nothing_was_found(work: MakeWork) -> None:
    assert [layer.name for layer in to_layers(draw_outline(work()))] == ["plan"]
