"""Every built-in table: keys, references, colours, dates, what is verified, and agreement with PROJ."""

import csv
import itertools
import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from pyproj import CRS
from pyproj.database import query_crs_info
from pyproj.enums import PJType

import quyhoach.standard as room
from quyhoach.domain.plan import Status, VersionKind
from quyhoach.standard import fold, load_standard
from quyhoach.standard.load import BUILT_IN, CORRECTIONS
from quyhoach.standard.reading import read_rows
from quyhoach.standard.rows import STATUTORY_FIELDS
from quyhoach.standard.tables import PATTERNS, TABLES

STANDARD = load_standard()
SMALL = [table for table in TABLES if table.name not in ("units", "successions")]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_file_is_as_the_table_says_when_built_in(table):
    path = BUILT_IN / f"{table.name}.csv"
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert unicodedata.is_normalized("NFC", raw.decode())
    header = next(csv.reader(raw.decode().splitlines()))
    assert tuple(header) == table.columns
    keys = [table.key_of(row.cells) for row in read_rows(path, table)]
    assert keys
    assert len(keys) == len(set(keys))


def test_every_file_belongs_to_a_table_when_built_in():
    names = {f"{table.name}.csv" for table in TABLES}
    assert {path.name for path in BUILT_IN.iterdir()} == names
    assert {path.name for path in CORRECTIONS.iterdir()} <= names


@pytest.mark.parametrize("table", SMALL, ids=lambda table: table.name)
def test_row_says_its_source_and_whether_it_was_verified(table):
    for row in read_rows(BUILT_IN / f"{table.name}.csv", table):
        if "verified_by" in table.columns:
            assert bool(row.maybe("verified_by")) == bool(row.maybe("verified_on"))
        if "source" in table.columns:
            row.text("source")


def test_functions_keep_the_standards_index_and_the_stated_palette():
    housing = STANDARD.land_use["dat_o_nhomnhao"]
    assert (housing.code, housing.aci, housing.rgb) == ("DAT_O_Nhomnhao", 42, "#a57c00")
    assert len(STANDARD.land_use) == 64
    for code, row in STANDARD.land_use.items():
        assert code == row.code.casefold()
        assert row.list == "tt16"
        assert row.kind in ("general", "zoning")
        assert (row.aci is None) == (row.rgb is None)
        assert row.name["vi"] == row.name["vi"].strip("- ")
        assert row.name["en"] != row.name["vi"]
    assert [code for code, row in STANDARD.land_use.items() if row.aci is None] == ["dat_dd_dvccdothi"]


def test_one_palette_is_used_when_an_index_stands_for_several_functions():
    colours = {(row.aci, row.rgb) for row in STANDARD.land_use.values() if row.aci}
    assert len(colours) == len({aci for aci, _ in colours})


def test_every_group_has_a_function_or_is_the_rest():
    used = {row.group for row in STANDARD.land_use.values()}
    assert used | {"other"} == set(STANDARD.groups)


@pytest.mark.parametrize("rows", [STANDARD.groups, STANDARD.land_use, STANDARD.themes])
def test_order_is_unique_when_rows_are_listed(rows):
    orders = [row.order for row in rows.values()]
    assert len(orders) == len(set(orders))


def test_colours_and_patterns_parse():
    for row in itertools.chain(STANDARD.groups.values(), STANDARD.land_use.values()):
        assert re.fullmatch("#[0-9a-f]{6}", row.map_colour)
        assert row.pattern in PATTERNS


def test_classes_hold_the_six_statutory_fields():
    assert len(STANDARD.feature_classes) == 153
    counts = {}
    for row in STANDARD.feature_classes.values():
        counts[row.database] = counts.get(row.database, 0) + 1
        assert set(row.statutory) == set(STATUTORY_FIELDS), row.name
        names = [name for name, _ in row.fields]
        assert len(names) == len(set(names)), row.name
        suffix = {"A": "MultiPolygon", "L": "MultiLineString", "P": "Point"}[row.name[-1]]
        assert row.geometry == suffix, row.name
    assert counts == {"HienTrang": 67, "QuyHoach": 79, "NenDiaHinh": 4, "MocGioi": 3}


def test_planned_and_present_classes_stay_apart_when_they_share_a_name():
    planned = STANDARD.feature_classes["ChucNangSuDungDat_A"]
    present = STANDARD.feature_classes["HienTrang/ChucNangSuDungDat_A"]
    assert (planned.database, present.database) == ("QuyHoach", "HienTrang")
    needed = {"maDoiTuong", "kyHieuLoDat", "phanLoai", "dienTich", "danSo", "matDoXayDung", "tangCaoXayDung"}
    assert needed | {"heSoSuDungDat"} <= {name for name, _ in planned.fields}
    types = dict(planned.fields)
    assert types["dienTich"] == "real"
    assert {types[name] for name in ("danSo", "matDoXayDung", "tangCaoXayDung", "heSoSuDungDat")} == {"text"}


def test_each_theme_is_said_by_some_kind_of_plan():
    said = {theme for kind in STANDARD.plan_kinds.values() for theme in kind.themes}
    assert said == set(STANDARD.themes)
    ranks = [kind.rank for kind in STANDARD.plan_kinds.values()]
    assert len(ranks) == len(set(ranks))
    assert STANDARD.plan_kinds["general"].rank < STANDARD.plan_kinds["detailed"].rank


def test_scales_use_the_zone_width_of_the_rule():
    for scale, row in STANDARD.scales.items():
        assert row.zone_degrees == (6 if scale >= 25_000 else 3)
        digits = f"{scale:,}"
        assert row.name == {"vi": f"1/{digits.replace(',', '.')}", "en": f"1:{digits}"}


def test_regimes_of_one_field_do_not_overlap():
    for field in {row.field for row in STANDARD.regimes.values()}:
        rows = sorted(
            (row for row in STANDARD.regimes.values() if row.field == field), key=lambda row: row.valid_from or date.min
        )
        for earlier, later in itertools.pairwise(rows):
            assert earlier.valid_to == later.valid_from
        assert rows[-1].valid_to is None


@pytest.mark.parametrize(
    ("field", "on", "code"),
    [
        ("planning", date(2022, 2, 15), "R1"),
        ("planning", date(2025, 6, 30), "R1"),
        ("planning", date(2025, 7, 1), "R2"),
        ("planning", date(2026, 11, 22), "R3"),
        ("appraisal", date(2026, 6, 30), "R1"),
        ("appraisal", date(2026, 7, 1), "R3"),
        ("database", date(2024, 10, 31), None),
        ("database", date(2026, 6, 30), "R2"),
        ("norms", date(2026, 12, 31), "R1"),
        ("norms", date(2027, 1, 1), "R4"),
    ],
)
def test_regime_is_chosen_by_the_day(field, on, code):
    regime = STANDARD.regime_on(field, on)
    assert (regime.code if regime else None) == code


@pytest.mark.parametrize("zone", STANDARD.crs_zones, ids=lambda zone: str(zone.epsg))
def test_zone_is_the_one_proj_knows(zone):
    crs = CRS.from_epsg(zone.epsg)
    params = {param.name: param.value for param in crs.coordinate_operation.params}
    assert crs.name == zone.name
    assert params["Longitude of natural origin"] == zone.central_meridian
    assert params["Scale factor at natural origin"] == zone.scale_factor
    assert (params["False easting"], params["False northing"]) == (500_000, 0)
    assert crs.geodetic_crs.to_epsg() == 4756


def test_every_province_has_one_zone_of_its_own_when_old():
    codes = [code for zone in STANDARD.crs_zones for code in zone.old_provinces]
    provinces = {row.code for row in STANDARD.units.values() if row.old and not row.parent}
    assert len(codes) == len(set(codes)) == 63
    assert set(codes) == provinces
    today = {row.code for row in STANDARD.units.values() if not row.old and not row.parent}
    assert {code for zone in STANDARD.crs_zones for code in zone.provinces} == today
    assert [zone.epsg for zone in STANDARD.crs_zones if "20" in zone.provinces] == [9215]


def test_zone_names_its_provinces_as_epsg_does():
    for zone in STANDARD.crs_zones:
        if not zone.old_provinces:
            continue
        area = fold(" ".join(_areas(zone.epsg)))
        for code in zone.old_provinces:
            name = STANDARD.units[f"old:{code}"].name.removeprefix("tỉnh ").removeprefix("thành phố ")
            assert fold(name).replace(" - ", "-") in area, (zone.epsg, name)


def _areas(epsg: int) -> list[str]:
    return [info.area_of_use.name for info in query_crs_info(auth_name="EPSG") if info.code == str(epsg)]


def test_all_projected_vn2000_systems_are_listed():
    known = {
        int(info.code)
        for info in query_crs_info(auth_name="EPSG", pj_types=[PJType.PROJECTED_CRS])
        if info.name.startswith("VN-2000")
    }
    assert {zone.epsg for zone in STANDARD.crs_zones} == known


def test_accuracy_states_drawing_and_transformation():
    assert {key: row.value for key, row in STANDARD.accuracy.items()} == {"drawing_mm": 0.5, "transformation_m": 1.0}


def test_defence_and_security_are_never_published_as_such():
    actions = {code: row.action for code, row in STANDARD.redaction.items()}
    for code, row in STANDARD.land_use.items():
        expected = {"defence": "withhold", "security": "generalise"}.get(row.group)
        assert actions.get(code) == expected
    assert all(row.valid_from and row.valid_from <= date(2021, 1, 1) for row in STANDARD.redaction.values())


def test_bulk_rows_name_a_source_that_is_listed():
    sources = {row.source for row in STANDARD.units.values()} | {row.source for row in STANDARD.successions}
    assert sources <= set(STANDARD.sources)


def test_every_row_type_is_exported_and_documented():
    text = (Path(__file__).parents[2] / "docs/reference/standard.md").read_text(encoding="utf-8")
    for table in TABLES:
        assert f"`{table.name}`" in text, table.name
        for column in table.columns:
            assert f"`{column}`" in text, (table.name, column)
    for name in room.__all__:
        assert hasattr(room, name)
    for pattern in PATTERNS:
        assert f"`{pattern}`" in text, pattern


def test_glossary_names_what_the_tables_name():
    text = (Path(__file__).parents[2] / "docs/glossary.md").read_text(encoding="utf-8")
    codes = [*STANDARD.plan_kinds, *STANDARD.levels, *STANDARD.unit_kinds, *STANDARD.themes]
    codes += [*VersionKind, *Status]
    missing = {code for code in codes if f"`{code}`" not in text} - {"land_use", "detailed_plan"}
    assert missing == set()
