"""The workbook: written as text and dates, read in any state, hostile ones refused."""

import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from quyhoach.domain.errors import IngestError
from quyhoach.dossier.columns import RECORD, SHEETS, parse_cell
from quyhoach.dossier.workbook import read_workbook, write_workbook

MADE = datetime(2025, 7, 1)  # noqa: DTZ001 - Excel knows no zones
ROW = {
    "code": "20QHC000000001",
    "name": "Quy hoạch chung thị trấn Đồng Mỏ",
    "scale": "1/5.000",
    "decision_date": date(2022, 8, 13),
    "note": '=HYPERLINK("http://x")',
}


def parsed(path, sheet="HoSo"):
    known = next(one for one in SHEETS if one.name == sheet)
    cells = read_workbook(path)[sheet]
    return [
        {c.key: parse_cell(c, texts.get(c.key)) for c in known.columns if texts.get(c.key)} for _, texts in cells.rows
    ]


def test_rows_go_there_and_back(tmp_path):
    write_workbook(tmp_path / "a.xlsx", {"HoSo": [ROW], "VanBan": [{"file": "a.pdf", "pages": 12}]}, made=MADE)
    assert parsed(tmp_path / "a.xlsx") == [ROW]
    assert parsed(tmp_path / "a.xlsx", "VanBan") == [{"file": "a.pdf", "pages": 12}]
    assert read_workbook(tmp_path / "a.xlsx")["BanVe"].rows == ()


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    write_workbook(tmp_path / "a.xlsx", {"HoSo": [ROW]}, made=MADE)
    cell = load_workbook(tmp_path / "a.xlsx")["HoSo"].cell(2, 20)
    assert (cell.data_type, cell.value) == ("s", ROW["note"])


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


@settings(max_examples=30)
@given(st.lists(st.fixed_dictionaries({"name": TEXT, "note": TEXT}), min_size=1, max_size=4))
def test_any_text_goes_there_and_back_but_for_blanks(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("x") / "a.xlsx"
    write_workbook(path, {"HoSo": rows}, made=MADE)
    wanted = [{k: " ".join(v.split()) for k, v in row.items() if v.strip()} for row in rows]
    assert parsed(path) == [row for row in wanted if row]


def book(tmp_path, fill, title="HoSo"):
    made = Workbook()
    page = made.active
    page.title = title
    fill(page)
    made.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def test_columns_may_stand_in_any_order_below_other_rows(tmp_path):
    def fill(page):
        page.append(["SỞ XÂY DỰNG TỈNH LẠNG SƠN"])
        page.append([])
        page.append(
            ["Ghi chú", "TÊN ĐỒ ÁN", "Ngày ra quyết định phê duyệt quy hoạch", "tỷ lệ", "Mã hồ sơ", "loai quy hoach"]
        )
        page.append(["x", "Đồ án A", datetime(2022, 8, 13), "1/500", 20000000000001, "QHCT"])  # noqa: DTZ001

    path = book(tmp_path, fill, title="hồ sơ")
    (row,) = parsed(path)
    assert row["name"] == "Đồ án A"
    assert row["decision_date"] == date(2022, 8, 13)
    assert row["code"] == "20000000000001"
    cells = read_workbook(path)["HoSo"]
    assert cells.numbers == ("E4",)
    assert cells.dates == ("C4",)
    assert cells.rows[0][0] == 4


def test_formula_without_a_kept_value_is_told(tmp_path):
    titles = [column.title for column in RECORD.columns]
    path = book(tmp_path, lambda page: (page.append(titles), page.append(["20A", "=1+1", "Tên"])))
    assert read_workbook(path)["HoSo"].formulas == ("B2",)


def test_sheet_that_claims_a_million_rows_is_cut(tmp_path):
    titles = [column.title for column in RECORD.columns]

    def fill(page):
        page.append(titles)
        page.append(["20A"])
        page.cell(1_048_576, 16_384, "far away")

    path = book(tmp_path, fill)
    assert len(read_workbook(path)["HoSo"].rows) == 1


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a workbook", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_what_is_no_workbook_is_refused(tmp_path, data):
    (tmp_path / "a.xlsx").write_bytes(data)
    with pytest.raises(IngestError) as told:
        read_workbook(tmp_path / "a.xlsx")
    assert told.value.code == "dossier-workbook-unreadable"


def test_bomb_is_refused_unopened(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"xl/{number}.xml", b"\0" * (100 << 20))
    with pytest.raises(IngestError) as told:
        read_workbook(tmp_path / "a.xlsx")
    assert told.value.code == "dossier-workbook-too-large"


def test_entities_that_multiply_are_refused(tmp_path):
    titles = [column.title for column in RECORD.columns]
    path = book(tmp_path, lambda page: page.append(titles))
    bomb = '<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/workbook.xml"] = f'<?xml version="1.0"?>{bomb}]><workbook>&j;</workbook>'.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(IngestError):
        read_workbook(path)


@settings(max_examples=40)
@given(st.binary(max_size=400), st.integers(0, 5000))
def test_damaged_workbook_is_read_or_refused(tmp_path_factory, noise, at):
    path = tmp_path_factory.mktemp("x") / "a.xlsx"
    write_workbook(path, {"HoSo": [ROW]}, made=MADE)
    data = bytearray(path.read_bytes())
    data[at : at + len(noise)] = noise
    path.write_bytes(data)
    try:
        read_workbook(path)
    except IngestError:
        return
