"""Roles: each feature gets what the mapping says of it, and nothing is lost in silence."""

from collections.abc import Callable

import pytest
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.domain.mapping import LayerRule
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise import Work, assign_roles

SQUARE = shapely.box(430000, 2395000, 430100, 2395100)

MakeLayer = Callable[..., SourceLayer]
MakeWork = Callable[..., Work]
LINE, POINT = shapely.LineString([(0, 0), (1, 1)]), shapely.Point(1, 2)


def test_fields_get_our_names_when_the_mapping_names_theirs(layer: MakeLayer, work: MakeWork) -> None:
    rule = LayerRule("LO", "lot", fields={"label": "libelle", "storeys": "TANG", "dienTich": "S"})
    done = assign_roles(work(layer(SQUARE, LIBELLE=["OM-1"], TANG=["3-5"], S=[10.5], extra=[1]), layers=(rule,)))
    (group,) = done.features
    assert group.fields == {"kyHieuLoDat": ["OM-1"], "tangCaoXayDung": ["3-5"], "dienTich": [10.5]}
    assert group.handles == ("x.gpkg#1",)
    assert done.findings == ()


def test_national_fields_are_taken_when_the_mapping_says_nothing(layer: MakeLayer, work: MakeWork) -> None:
    source = layer(SQUARE, KyHieuLoDat=["OM-1"], phanLoai=["DAT_O_Nhomnhao"], chucNangSuDungDatMuc1=["a"], la=["b"])
    (group,) = assign_roles(work(source, layers=(LayerRule("lo", "lot"),))).features
    assert group.fields == {
        "kyHieuLoDat": ["OM-1"],
        "phanLoai": ["DAT_O_Nhomnhao"],
        "chucNangSuDungDatMuc1": ["a"],
    }


def test_finding_when_a_field_of_the_mapping_is_absent(layer: MakeLayer, work: MakeWork) -> None:
    done = assign_roles(work(layer(SQUARE), layers=(LayerRule("lo", "lot", fields={"label": "KH"}),)))
    assert [finding.code for finding in done.findings] == ["mapping-field-absent"]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (LayerRule("lo", "lot", fields={"lable": "x"}), "mapping-unknown-field"),
        (LayerRule("lo", "overlay", theme="floods"), "mapping-unknown-theme"),
        (LayerRule("lo", "overlay"), "mapping-needs-theme"),
        (LayerRule("lo", "line"), "mapping-needs-class"),
        (LayerRule("lo", "point", class_name="Xyz_P"), "mapping-unknown-class"),
        (LayerRule("lo", "overlay", class_name="HienTrang/PhanVungDanhGia_A"), "mapping-class-existing"),
        (LayerRule("lo", "line", class_name="MocGioiQuyHoach_P"), "mapping-class-geometry"),
    ],
)
def test_error_when_a_rule_names_what_the_standard_does_not_have(
    layer: MakeLayer, work: MakeWork, rule: LayerRule, code: str
) -> None:
    with pytest.raises(IngestError) as caught:
        assign_roles(work(layer(SQUARE), layers=(rule,)))
    assert caught.value.code == code


def test_collections_are_taken_apart_when_rules_name_kinds(layer: MakeLayer, work: MakeWork) -> None:
    mixed = shapely.GeometryCollection([SQUARE, LINE, shapely.GeometryCollection([POINT])])
    rules = (
        LayerRule("*", "overlay", theme="heritage", geometry="polygon"),
        LayerRule("*", "line", class_name="ChiGioiXayDung_L", geometry="line"),
        LayerRule("*", "point", class_name="CayXanh_P", geometry="point"),
    )
    done = assign_roles(work(layer(mixed, SQUARE, ten=["a", "b"]), layers=rules))
    assert [(group.rule.role, len(group)) for group in done.features] == [("overlay", 2), ("line", 1), ("point", 1)]
    assert done.features[1].handles == ("x.gpkg#1",)
    assert done.findings == ()


def test_first_rule_wins_when_several_match(layer: MakeLayer, work: MakeWork) -> None:
    rules = (LayerRule("l*", "parcel"), LayerRule("lo", "lot"))
    assert [group.rule.role for group in assign_roles(work(layer(SQUARE), layers=rules)).features] == ["parcel"]


def test_finding_counts_features_when_no_rule_fits(layer: MakeLayer, work: MakeWork) -> None:
    done = assign_roles(work(layer(SQUARE, SQUARE, LINE), layers=(LayerRule("lo", "lot", geometry="line"),)))
    assert [(f.code, f.params["kind"], f.params["count"]) for f in done.findings] == [
        ("features-not-mapped", "polygon", 2)
    ]
    done = assign_roles(work(layer(SQUARE), layers=(LayerRule("other", "lot"),)))
    assert done.findings[0].params["count"] == 1


def test_nothing_is_said_when_a_person_ignores_a_layer(layer: MakeLayer, work: MakeWork) -> None:
    done = assign_roles(work(layer(SQUARE, None), layers=(LayerRule("lo", "ignore"),)))
    assert (done.features, done.findings) == ((), ())


def test_finding_when_software_ignored_a_layer(layer: MakeLayer, work: MakeWork) -> None:
    done = assign_roles(work(layer(SQUARE), layers=(LayerRule("lo", "ignore", guessed=("role",)),)))
    assert [finding.code for finding in done.findings] == ["features-not-mapped"]


def test_finding_when_features_have_no_geometry(layer: MakeLayer, work: MakeWork) -> None:
    done = assign_roles(work(layer(SQUARE, None, shapely.Polygon()), layers=(LayerRule("lo", "lot"),)))
    assert [(f.code, f.params["count"]) for f in done.findings] == [("geometry-missing", 2)]
    assert len(done.features[0]) == 1


def test_note_when_a_role_is_for_drawings(layer: MakeLayer, work: MakeWork) -> None:
    done = assign_roles(work(layer(SQUARE), layers=(LayerRule("lo", "legend"),)))
    assert [finding.code for finding in done.findings] == ["role-of-drawings"]


def test_outline_is_closed_when_drawn_as_lines(layer: MakeLayer, work: MakeWork) -> None:
    corners = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
    sides = [shapely.LineString(corners[n : n + 2]) for n in range(4)]
    done = assign_roles(work(layer(*sides), layers=(LayerRule("lo", "plan_boundary"),)))
    assert done.features[0].geometry[0].area == 100
    assert [repair.code for repair in done.repairs] == ["outline-from-lines"]


def test_guesses_are_recorded_when_a_rule_is_one(layer: MakeLayer, work: MakeWork) -> None:
    done = assign_roles(work(layer(SQUARE), layers=(LayerRule("lo", "lot", guessed=("role", "fields.label")),)))
    assert done.guesses == ("lo: role", "lo: fields.label")
