"""The balance table: columns, units, ways to write numbers, sums."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.standard import load_standard
from quyhoach.standardise.balance import name_functions, parse_number, read_balance_xlsx, read_cells

NAMER = name_functions(load_standard(), "tt16")
HEAD = ("TT", "Loại đất", "Diện tích (ha)", "Tỷ lệ (%)")
ROWS = (
    ("1", "Đất nhóm nhà ở", "32,35", "21,57"),
    ("2", "Đất y tế", "17,65", "11,76"),
    ("3", "Đất giao thông", "100,00", "66,67"),
    ("", "Tổng", "150,00", "100,00"),
)


def test_rows_are_read_when_the_table_is_plain():
    table = read_cells([HEAD, *ROWS], NAMER, handles=["", "A", "B", "C", "D"])
    assert table is not None
    assert [row.area_m2 for row in table.rows] == [323500, 176500, 1000000, 1500000]
    assert [row.share_pct for row in table.rows] == [21.57, 11.76, 66.67, 100.0]
    assert [row.total for row in table.rows] == [False, False, False, True]
    assert [row.function for row in table.rows][:2] == ["DAT_O_Nhomnhao", "DAT_HTXH_Yte"]
    assert table.rows[3].function is None
    assert [row.handle for row in table.rows] == ["A", "B", "C", "D"]
    assert not table.unit_guessed


@pytest.mark.parametrize(
    ("head", "factor"),
    [("Diện tích (m2)", 1), ("DIỆN TÍCH (HA)", 10_000), ("Dien tich (m²)", 1), ("S (ha) - diện tích", 10_000)],
)
def test_unit_is_taken_from_the_header(head: str, factor: int):
    table = read_cells([("TT", "Loại đất", head, "Tỷ lệ (%)"), *ROWS], NAMER)
    assert table is not None and table.rows[1].area_m2 == pytest.approx(17.65 * factor)


def test_unit_is_taken_from_the_title_when_the_header_does_not_say_it():
    head = ("TT", "Loại đất", "Diện tích", "Tỷ lệ (%)")
    table = read_cells([head, *ROWS], NAMER, title="BẢNG CÂN BẰNG SỬ DỤNG ĐẤT (đơn vị: m2)")
    assert table is not None and table.rows[0].area_m2 == 32.35 and not table.unit_guessed


def test_unit_is_guessed_and_told_when_nothing_says_it():
    head = ("TT", "Loại đất", "Diện tích", "Tỷ lệ (%)")
    table = read_cells([head, *ROWS], NAMER)
    assert table is not None and table.unit_guessed and table.rows[0].area_m2 == 323500
    large = [
        ("1", "Đất ở", "12.500", "50,00"),
        ("2", "Đất y tế", "12.500", "50,00"),
        ("", "Tổng cộng", "25.000", "100"),
    ]
    table = read_cells([head, *large], NAMER)
    assert table is not None and table.unit_guessed and [row.area_m2 for row in table.rows] == [12500, 12500, 25000]


@pytest.mark.parametrize(
    ("cells", "areas"),
    [
        (
            (("Đất ở", "1.250", "50,00"), ("Đất y tế", "1.250", "50,00"), ("Tổng", "2.500", "100,00")),
            [1250, 1250, 2500],
        ),
        (
            (("Đất ở", "1,250", "50.00"), ("Đất y tế", "1,250", "50.00"), ("Tổng", "2,500", "100.00")),
            [1250, 1250, 2500],
        ),
        ((("Đất ở", "1.250,5", "50"), ("Đất y tế", "1.250,5", "50"), ("Cộng", "2.501", "100")), [1250.5, 1250.5, 2501]),
        ((("Đất ở", "1,250.5", "50"), ("Đất y tế", "1,250.5", "50"), ("Cộng", "2,501", "100")), [1250.5, 1250.5, 2501]),
        ((("Đất ở", "12.5", "50"), ("Đất y tế", "12.5", "50"), ("Tổng", "25", "100")), [12.5, 12.5, 25]),
        ((("Đất ở", "1 250", "50"), ("Đất y tế", "1 250", "50"), ("Tổng", "2 500", "100")), [1250, 1250, 2500]),
    ],
)
def test_numbers_are_read_as_the_whole_table_has_them(cells: tuple[tuple[str, ...], ...], areas: list[float]):
    table = read_cells([("Loại đất", "Diện tích (m2)", "Tỷ lệ (%)"), *cells], NAMER)
    assert table is not None and [row.area_m2 for row in table.rows] == areas


def test_subtotals_are_marked_when_rows_are_numbered_in_levels():
    cells = [
        HEAD,
        ("A", "Đất dân dụng", "50,00", "50,0"),
        ("I", "Đất đơn vị ở", "30,00", "30,0"),
        ("1", "Đất nhóm nhà ở", "20,00", "20,0"),
        ("2", "Đất y tế", "10,00", "10,0"),
        ("II", "Đất cây xanh sử dụng công cộng", "20,00", "20,0"),
        ("B", "Đất ngoài dân dụng", "50,00", "50,0"),
        ("1", "Đất quốc phòng", "50,00", "50,0"),
        ("", "Tổng cộng", "100,00", "100,0"),
    ]
    table = read_cells(cells, NAMER)
    assert table is not None
    kept = [row.name for row in table.rows if not row.total]
    assert kept == ["Đất nhóm nhà ở", "Đất y tế", "Đất cây xanh sử dụng công cộng", "Đất quốc phòng"]


def test_parts_are_told_as_parts_when_they_make_less_than_their_row():
    cells = [
        HEAD,
        ("1", "Đất nhóm nhà ở", "20,00", "50,0"),
        ("-", "Đất ở mới", "5,00", "12,5"),
        ("2", "Đất y tế", "20,00", "50,0"),
        ("", "Tổng", "40,00", "100,0"),
    ]
    table = read_cells(cells, NAMER)
    assert table is not None
    assert [(row.total, row.note) for row in table.rows] == [(False, ""), (False, "trong đó"), (False, ""), (True, "")]
    assert table.rows[1].function is None


def test_subtotals_are_found_by_their_sums_when_nothing_is_numbered():
    cells = [
        ("Loại đất", "Diện tích (ha)"),
        ("Đất dân dụng", "30,00"),
        ("Đất nhóm nhà ở", "20,00"),
        ("Đất y tế", "10,00"),
        ("Đất quốc phòng", "7,00"),
        ("Tổng", "37,00"),
    ]
    table = read_cells(cells, NAMER)
    assert table is not None and [row.total for row in table.rows] == [True, False, False, False, True]


def test_planned_column_is_taken_when_the_table_has_today_beside_it():
    cells = [
        ("TT", "Loại đất", "Hiện trạng", "", "Quy hoạch đến năm 2035", ""),
        ("", "", "Diện tích (ha)", "Tỷ lệ (%)", "Diện tích (ha)", "Tỷ lệ (%)"),
        ("1", "Đất nhóm nhà ở", "5,0", "50,0", "8,0", "80,0"),
        ("2", "Đất y tế", "5,0", "50,0", "2,0", "20,0"),
        ("", "Tổng", "10,0", "100,0", "10,0", "100,0"),
    ]
    table = read_cells(cells, NAMER)
    assert table is not None
    assert [row.area_m2 for row in table.rows] == [80000, 20000, 100000]
    assert [row.share_pct for row in table.rows] == [80, 20, 100]


def test_columns_are_found_by_content_when_there_is_no_header():
    table = read_cells(ROWS, NAMER, title="Đơn vị: ha")
    assert table is not None
    assert [(row.area_m2, row.share_pct) for row in table.rows][:2] == [(323500, 21.57), (176500, 11.76)]


def test_codes_are_kept_as_prefixes_when_the_table_has_them():
    cells = [
        ("TT", "Loại đất", "Ký hiệu", "Diện tích (ha)", "Tỷ lệ (%)"),
        ("1", "Đất nhóm nhà ở", "OM", "20,00", "50,0"),
        ("2", "Đất y tế", "YT", "20,00", "50,0"),
        ("", "Tổng", "", "40,00", "100,0"),
    ]
    table = read_cells(cells, NAMER)
    assert table is not None and table.prefixes == (("OM", "DAT_O_Nhomnhao"), ("YT", "DAT_HTXH_Yte"))


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [("Ký hiệu", "Diện tích (m2)"), ("OM-01", "1.250"), ("OM-02", "1.300"), ("YT-01", "800")],
        [("Chú giải",), ("Đất y tế",)],
        [("a", "b"), ("c", "d"), ("e", "f")],
    ],
)
def test_none_when_the_cells_are_no_balance_table(cells: list[tuple[str, ...]]):
    assert read_cells(cells, NAMER) is None


@given(st.lists(st.lists(st.text(max_size=12), max_size=6), max_size=12))
def test_any_cells_are_read_without_an_error(cells: list[list[str]]):
    read_cells(cells, NAMER)


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_numbers_written_either_way_are_read(whole: int, cents: int):
    english = f"{whole:,}.{cents:02d}"
    vietnamese = english.translate(str.maketrans(",.", ".,"))
    assert parse_number(english, True) == pytest.approx(whole + cents / 100)
    assert parse_number(vietnamese, False) == pytest.approx(whole + cents / 100)


@pytest.mark.parametrize("text", ["", "-", "Đất ở", "1.2.3.4", "1,2,3", "12a", "1..2"])
def test_none_when_a_text_is_no_number(text: str):
    assert parse_number(text, False) is None


def test_table_is_read_from_a_workbook(tmp_path: Path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["một trang khác"])
    sheet = book.create_sheet("Cân bằng")
    sheet.append(["BẢNG CÂN BẰNG SỬ DỤNG ĐẤT"])
    sheet.append([])
    sheet.append(["TT", "Loại đất", "Diện tích (ha)", "Tỷ lệ (%)"])
    sheet.append([1, "Đất nhóm nhà ở", 32.35, 64.7])
    sheet.append([2, "Đất y tế", 17.65, 35.3])
    sheet.append([None, "Tổng", 50, 100])
    book.save(tmp_path / "bang.xlsx")
    rows = read_balance_xlsx(tmp_path / "bang.xlsx", load_standard())
    assert [(row.name, row.area_m2, row.total) for row in rows] == [
        ("Đất nhóm nhà ở", 323500, False),
        ("Đất y tế", 176500, False),
        ("Tổng", 500000, True),
    ]


def test_land_is_taken_when_floors_and_buildings_have_columns_of_their_own():
    cells = [
        ("TT", "Loại đất", "Diện tích đất (m2)", "Diện tích xây dựng (m2)", "Diện tích sàn (m2)", "Tỷ lệ (%)"),
        ("1", "Đất nhóm nhà ở", "800", "500", "2.500", "80,0"),
        ("2", "Đất y tế", "200", "100", "300", "20,0"),
        ("", "Tổng", "1.000", "600", "2.800", "100,0"),
    ]
    table = read_cells(cells, NAMER)
    assert table is not None and [row.area_m2 for row in table.rows] == [800, 200, 1000]
