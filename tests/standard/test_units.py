"""Administrative units old and new, and what became of what on 1/7/2025."""

import csv

import pytest

from quyhoach.standard import load_standard
from quyhoach.standard.import_units import data_folder, import_units
from quyhoach.standard.load import BUILT_IN

STANDARD = load_standard()
OLD = {code: unit for code, unit in STANDARD.units.items() if unit.old}
NEW = {code: unit for code, unit in STANDARD.units.items() if not unit.old}


def test_whole_country_is_there():
    tiers = {}
    for unit in STANDARD.units.values():
        key = (unit.old, STANDARD.unit_kinds[unit.kind].tier)
        tiers[key] = tiers.get(key, 0) + 1
    assert tiers == {(True, 1): 63, (True, 2): 696, (True, 3): 10_035, (False, 1): 34, (False, 3): 3_321}


def test_every_unit_hangs_on_its_parent():
    for code, unit in STANDARD.units.items():
        prefix = "old:" if unit.old else ""
        assert code == f"{prefix}{unit.code}"
        tier = STANDARD.unit_kinds[unit.kind].tier
        assert f"{prefix}{unit.province}" in STANDARD.units
        if tier == 1:
            assert (unit.parent, unit.province) == ("", unit.code)
            continue
        parent = STANDARD.units[f"{prefix}{unit.parent}"]
        assert STANDARD.unit_kinds[parent.kind].tier == (2 if unit.old and tier == 3 else 1)
        assert parent.province == unit.province


def test_name_says_its_kind():
    for unit in STANDARD.units.values():
        assert unit.name.startswith(STANDARD.unit_kinds[unit.kind].name["vi"] + " ")
        assert unit.name == unit.name.strip()


def test_label_points_lie_in_vietnam():
    for unit in STANDARD.units.values():
        assert unit.lon is not None
        assert unit.lat is not None
        islands = unit.name in ("đặc khu Hoàng Sa", "đặc khu Trường Sa", "huyện Hoàng Sa", "huyện Trường Sa")
        assert 102 < unit.lon < (116 if islands else 110), unit
        assert 8 < unit.lat < 23.5, unit


def test_every_old_commune_went_somewhere_and_every_new_one_came_from_somewhere():
    gone = {row.old_code for row in STANDARD.successions}
    made = {row.new_code for row in STANDARD.successions}
    districts_with_communes = {unit.parent for unit in OLD.values() if STANDARD.unit_kinds[unit.kind].tier == 3}
    assert {unit.code for unit in OLD.values()} - gone == districts_with_communes
    assert {unit.code for unit in NEW.values()} == made


def test_parts_and_wholes_do_not_contradict():
    by_old = {}
    for row in STANDARD.successions:
        by_old.setdefault(row.old_code, []).append(row)
    for code, rows in by_old.items():
        assert sum(row.main for row in rows) == 1, code
        if len(rows) > 1:
            assert {row.coverage for row in rows} == {"part"}, code
        else:
            assert rows[0].coverage == "whole", code


def test_successor_lies_in_the_successor_of_the_province():
    province = {row.old_code: row.new_code for row in STANDARD.successions if len(row.old_code) == 2}
    for row in STANDARD.successions:
        old, new = STANDARD.units[f"old:{row.old_code}"], STANDARD.units[row.new_code]
        assert province[old.province] == new.province


@pytest.mark.parametrize(
    ("code", "name", "former"),
    [
        ("06463", "xã Chi Lăng", ["thị trấn Đồng Mỏ", "thị trấn Chi Lăng", "xã Chi Lăng"]),
        ("06529", "xã Lộc Bình", ["thị trấn Lộc Bình", "xã Khánh Xuân", "xã Hữu Khánh", "xã Đồng Bục"]),
        ("06040", "xã Thất Khê", ["xã Chí Minh", "xã Chi Lăng", "thị trấn Thất Khê"]),
        (
            "06184",
            "xã Đồng Đăng",
            ["thị trấn Đồng Đăng", "xã Bảo Lâm", "xã Hồng Phong", "xã Thụy Hùng", "xã Phú Xá"],
        ),
        ("20", "tỉnh Lạng Sơn", ["tỉnh Lạng Sơn"]),
    ],
)
def test_unit_knows_what_it_was_made_of(code, name, former):
    assert STANDARD.units[code].name == name
    assert [unit.name for unit, _ in STANDARD.former(code)] == former


def test_wrong_succession_of_the_source_is_corrected_by_a_row():
    with (BUILT_IN / "successions.csv").open(encoding="utf-8") as file:
        raw = [row["new_code"] for row in csv.DictReader(file) if row["old_code"] == "06079"]
    assert raw == ["06079", "06184"]  # the package's, as it came
    hong_phong = STANDARD.successors("06079")
    assert [(unit.code, row.coverage) for unit, row in hong_phong] == [("06079", "whole")]
    assert "xã Hồng Phong" in [unit.name for unit, row in STANDARD.former("06184")]
    assert all(unit.parent == "183" for unit, _ in STANDARD.former("06184"))


def test_divided_commune_names_its_main_successor_first():
    assert [(unit.name, row.main) for unit, row in STANDARD.successors("06622")] == [
        ("xã Đình Lập", True),
        ("xã Kiên Mộc", False),
    ]


def test_nothing_is_said_when_a_code_is_unknown():
    assert STANDARD.former("99999") == ()
    assert STANDARD.successors("99999") == ()


def test_tables_are_what_the_package_holds():
    units, successions = import_units(data_folder())
    assert units == (BUILT_IN / "units.csv").read_text(encoding="utf-8")
    assert successions == (BUILT_IN / "successions.csv").read_text(encoding="utf-8")


@pytest.mark.shared
def test_langson_agrees_with_the_checked_list(shared):
    with (shared / "norms/langson_old_new_units.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["old_code"] for row in rows}) == 194
    assert len({row["new_code"] for row in rows}) == 65
    known = {
        (row.old_code, row.new_code): row
        for row in STANDARD.successions
        if len(row.old_code) == 5 and STANDARD.units[row.new_code].province == "20"
    }
    assert set(known) == {(row["old_code"], row["new_code"]) for row in rows}
    for row in rows:
        ours = known[row["old_code"], row["new_code"]]
        said = "whole" if ours.coverage == "whole" else "part-default" if ours.main else "part"
        assert said == row["coverage"]
        old, new = STANDARD.units[f"old:{row['old_code']}"], STANDARD.units[row["new_code"]]
        assert old.name.casefold() == row["old_name"].casefold()
        assert new.name.casefold() == row["new_name"].casefold()
        assert old.parent == row["old_district_code"]
        assert STANDARD.units[f"old:{old.parent}"].name.casefold() == row["old_district"].casefold()


@pytest.mark.shared
def test_functions_agree_with_the_norms_list(shared):
    with (shared / "norms/tt16_landuse.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["tt16_layer"].casefold(): row for row in csv.DictReader(file)}
    assert {code: str(row.aci or "") for code, row in STANDARD.land_use.items()} == {
        code: row["aci"] for code, row in rows.items()
    }


@pytest.mark.shared
def test_classes_agree_with_the_norms_list(shared):
    with (shared / "norms/tt16_feature_classes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["database"], row["class"]): row for row in csv.DictReader(file)}
    assert {(row.database, row.name) for row in STANDARD.feature_classes.values()} == set(rows)
    for row in STANDARD.feature_classes.values():
        theirs = rows[row.database, row.name]
        assert (row.dataset, row.geometry, row.alias) == (theirs["dataset"], theirs["geometry"], theirs["alias_vi"])
        assert {word.split(":")[0] for word in theirs["fields"].split()} <= {name for name, _ in row.fields}
