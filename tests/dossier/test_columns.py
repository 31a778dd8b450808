"""Cells: titles in any wording and order, dates and numbers as people write them, words of kinds and places."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.plan import Place, Status, VersionKind
from quyhoach.dossier.columns import RECORD, SHEETS, TEXTS, find_columns, parse_cell, parse_date, parse_whole
from quyhoach.dossier.files import file_name, is_plain_name
from quyhoach.dossier.registering import slug
from quyhoach.dossier.words import (
    read_kind,
    read_places,
    read_scale,
    read_status,
    say_kind,
    say_places,
    say_scale,
    say_status,
)
from quyhoach.standard import load_standard

STANDARD = load_standard()


def test_sheets_have_the_columns_that_the_circular_lists():
    assert [len(sheet.columns) for sheet in SHEETS] == [20, 8, 10]


def test_titles_are_found_without_accents_case_and_order():
    titles = ["GHI CHU", "Đơn vị  ban hành", None, "tên văn bản", "Loại văn bản", "MA HO SO", "Tên file"]
    found = find_columns(TEXTS, titles)
    assert found == {"note": 0, "authority": 1, "name": 3, "kind": 4, "code": 5, "file": 6}


def test_every_wording_of_a_title_names_one_column():
    for sheet in SHEETS:
        for column in sheet.columns:
            for wording in (column.title, *column.others):
                assert set(find_columns(sheet, [wording])) == {column.key}


@pytest.mark.parametrize(
    "text",
    [
        "13/8/2022",
        "13/08/2022",
        "13.08.2022",
        "13-8-2022",
        "2022-08-13",
        "ngày 13 tháng 8 năm 2022",
        "44786",
        "44786.0",
    ],
)
def test_date_is_read_however_it_is_written(text):
    assert parse_date(text) == date(2022, 8, 13)


@pytest.mark.parametrize("text", ["8/13/2022", "32/1/2022", "13/8/22", "tháng 8/2022", "2022", "0", "13/8/9999", ""])
def test_what_is_no_date_is_none(text):
    assert parse_date(text) is None


@given(st.dates(date(1900, 3, 1), date(2199, 12, 31)))
def test_dates_go_there_and_back(day):
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.day}/{day.month}/{day.year}") == day
    assert parse_date(f"Ngày {day.day:02d} tháng {day.month:02d} năm {day.year}") == day


@given(st.text(max_size=40))
def test_any_text_is_a_cell(text):
    for column in (RECORD.column("decision_date"), RECORD.column("name"), SHEETS[1].column("sheets")):
        parse_cell(column, text)
    assert parse_whole(text) is None or parse_whole(text) >= 0
    read_scale(text)
    read_status(text)
    read_kind(text, text, STANDARD)


@pytest.mark.parametrize("kind", list(STANDARD.plan_kinds))
@pytest.mark.parametrize("level", list(STANDARD.levels))
@pytest.mark.parametrize("change", [VersionKind.NEW, VersionKind.OVERALL, VersionKind.LOCAL])
def test_kind_and_level_go_there_and_back(kind, level, change):
    said = say_kind(kind, level, change, STANDARD)
    assert read_kind(said, "", STANDARD) == (kind, level, change)


@pytest.mark.parametrize(
    ("cell", "name", "wanted"),
    [
        ("QHC", "Quy hoạch chung thị trấn Đồng Mỏ", ("general", "urban", VersionKind.NEW)),
        ("Quy hoạch phân khu", "Quy hoạch phân khu 1/2000 phường Tam Thanh", ("zoning", "urban", VersionKind.NEW)),
        ("chi tiết", "Điều chỉnh QHCT khu tái định cư xã Yên Phúc", ("detailed", "rural", VersionKind.OVERALL)),
        ("Quy hoạch chung xây dựng xã", "", ("general", "rural", VersionKind.NEW)),
        ("Quy hoạch xây dựng vùng liên huyện", "", ("region", "inter_district", VersionKind.NEW)),
        ("?", "đồ án", (None, None, VersionKind.NEW)),
    ],
)
def test_kind_is_read_as_officials_write_it(cell, name, wanted):
    assert read_kind(cell, name, STANDARD) == wanted


@pytest.mark.parametrize("status", list(Status))
def test_status_goes_there_and_back(status):
    until = date(2027, 1, 1) if status is Status.SUPERSEDED else None
    assert read_status(say_status(status, until)) == (status, until)


@given(st.integers(100, 5_000_000))
def test_scale_goes_there_and_back(scale):
    assert read_scale(say_scale(scale)) == scale
    assert read_scale(f"1:{scale}") == scale
    assert read_scale(f" {scale} ") == scale


def test_places_go_there_and_back():
    places = (Place("06463"), Place("06463", old=True), Place("06184"))
    assert read_places(say_places(places, STANDARD), "20", STANDARD) == (places, ())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("thị trấn Đồng Mỏ, huyện Chi Lăng, tỉnh Lạng Sơn", (Place("06463", old=True),)),
        ("xã Chi Lăng, huyện Tràng Định", (Place("06034", old=True),)),
        ("huyện Chi Lăng, tỉnh Lạng Sơn", (Place("187", old=True),)),
        ("tỉnh Lạng Sơn", (Place("20"),)),
        ("xã Chi Lăng (mã cũ 06523)", (Place("06523", old=True),)),
    ],
)
def test_district_and_province_say_where_a_commune_is(text, wanted):
    assert read_places(text, "20", STANDARD) == (wanted, ())


def test_places_without_codes_are_found_by_a_name_that_is_unique():
    found, unknown = read_places("Xã Chi Lăng, xã Nhật Nguyệt; tỉnh Lạng Sơn", "20", STANDARD)
    assert found == (Place("06463"),)
    assert unknown == ("xã Nhật Nguyệt",)


@given(st.text(max_size=200))
def test_names_made_of_any_text_are_plain(text):
    assert is_plain_name(file_name(text))
    assert len(file_name(text)) <= 60
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(text))
    assert len(slug(text)) <= 60


def test_name_of_a_plan_becomes_a_folder():
    name = "Quy hoạch chung thị trấn Đồng Mỏ đến năm 2035 (dữ liệu minh hoạ)"
    assert file_name(name) == "QuyHoachChungThiTranDongMoDenNam2035"
