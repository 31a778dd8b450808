"""What labels leave out is read from the drawing's table of lots, by code; what labels say stays."""

from typing import Any

import numpy as np
import pytest
import shapely

from quyhoach.domain.mapping import LayerRule, SourceMapping
from quyhoach.domain.source import DRAWING_FIELDS, Drawing, SourceLayer, TableGrid
from quyhoach.standardise import Context, Features, Work
from quyhoach.standardise.lot_table import fill_from_lot_table, head_kind, read_lot_grid
from quyhoach.standardise.sheet_reading import read_sheet
from quyhoach.standardise.work import LotRow, SheetReading

DRAWN = Drawing("AC1027", "utf-8", "m", False, {})


def texts(*cells: tuple[float, float, str]) -> SourceLayer:
    """A layer of texts 2 m high that start at (x, y)."""
    size = 2.0
    columns: dict[str, list[Any]] = {name: [None] * len(cells) for name in DRAWING_FIELDS}
    columns["entity"] = ["TEXT"] * len(cells)
    columns["text"] = [text for _, _, text in cells]
    columns["height"] = [size] * len(cells)
    columns["rotation"] = [0.0] * len(cells)
    columns["x"], columns["y"] = [x for x, _, _ in cells], [y for _, y, _ in cells]
    middles = [(x + len(text) * size * 0.4, y + size / 2) for x, y, text in cells]
    geometry = np.array(shapely.points(middles), dtype=object)
    return SourceLayer("KHUNG", "x.dxf", None, geometry, tuple(f"{n:X}" for n in range(len(cells))), columns)


def table(west: float, rows: list[list[str]], heads: list[str]) -> list[tuple[float, float, str]]:
    lines = [heads, *rows]
    return [(west + 40 * c, 500.0 - 6 * r, text) for r, line in enumerate(lines) for c, text in enumerate(line) if text]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("ky hieu lo", "code"),
        ("lo dat", "code"),
        ("ten lo", "code"),
        ("dien tich (m2)", "area"),
        ("dien tich san (m2)", ""),
        ("mdxd (%)", "density"),
        ("mat do xay dung", "density"),
        ("tang cao (tang)", "storeys"),
        ("he so sdd", "far"),
        ("dan so (nguoi)", "population"),
        ("chuc nang", ""),
        ("ky hieu lo lk-01", ""),
    ],
)
def test_head_of_a_column_is_told(head, kind):
    assert head_kind(head) == kind


def test_tables_side_by_side_are_read_with_a_column_of_no_use(context: Context):
    heads = ["Ký hiệu lô", "Chức năng", "Diện tích (m2)", "Mật độ XD (%)", "Tầng cao"]
    left = table(0, [[f"LK1-0{n}", "Đất ở", f"1{n}0,5", "80-85", "3"] for n in range(1, 6)], heads)
    right = table(220, [[f"LK2-0{n}", "Đất ở", f"2.{n}00", "", "-"] for n in range(1, 6)], heads)
    work = read_sheet(Work(context, SourceMapping(), (texts((0, 520, "BẢNG THỐNG KÊ LÔ ĐẤT"), *left, *right),), DRAWN))
    rows = {row.code: row for row in work.reading.lots}
    assert len(rows) == 10
    assert (rows["LK1-03"].area_m2, rows["LK1-03"].density, rows["LK1-03"].storeys) == (130.5, "80-85", "3")
    assert (rows["LK2-04"].area_m2, rows["LK2-04"].density, rows["LK2-04"].storeys) == (2400.0, "", "")
    assert len(work.reading.taken) >= len(left) + len(right)


def test_balance_table_is_no_table_of_lots(context: Context):
    rows = [["Đất ở", "32,35", "60,0"], ["Đất y tế", "10,00", "18,5"], ["Đất giao thông", "11,58", "21,5"]]
    cells = table(0, rows, ["Loại đất", "Diện tích (ha)", "Tỷ lệ (%)"])
    work = read_sheet(Work(context, SourceMapping(), (texts(*cells),), DRAWN))
    assert work.reading.lots == ()
    assert len(work.reading.balance) == 3


def test_table_entity_is_read():
    cells = (
        ("BẢNG THỐNG KÊ", "", ""),
        ("Ký hiệu lô", "Diện tích (ha)", "Tầng cao"),
        *((f"A-{n}", "0,25", "3") for n in range(1, 5)),
    )
    rows = read_lot_grid(TableGrid("2F", "KHUNG", cells))
    assert [row.code for row in rows] == ["A-1", "A-2", "A-3", "A-4"]
    assert {row.area_m2 for row in rows} == {2500.0}
    assert read_lot_grid(TableGrid("2F", "KHUNG", (("Loại đất", "Diện tích (ha)"), ("Đất ở", "3,2")))) == ()


def test_lots_are_filled_by_code_and_labels_stay(context: Context):
    rows = (
        LotRow("LK-1", 120.0, storeys="3", density="80"),
        LotRow("LK-2", 130.0, storeys="5"),
        LotRow("LK-3", 1.0),
        LotRow("LK-3", 2.0),
    )
    shapes = np.array([shapely.box(10 * n, 0, 10 * n + 10, 12) for n in range(4)], dtype=object)
    lots = Features(
        LayerRule("*", "lot"),
        "",
        shapes,
        ("1", "2", "3", "4"),
        {"kyHieuLoDat": ["LK 1", "LK-2", "LK-3", "X-9"], "tangCaoXayDung": [None, "4", None, None]},
    )
    work = Work(context, SourceMapping(), (), DRAWN, features=(lots,), reading=SheetReading(lots=rows))
    done = fill_from_lot_table(work)
    fields = done.features[0].fields
    assert fields["tangCaoXayDung"] == ["3", "4", None, None]
    assert fields["matDoXayDung"] == ["80", None, None, None]
    assert fields["dienTich"] == [120.0, 130.0, None, None]
    assert [(row.code, row.params) for row in done.repairs] == [("lot-values-from-table", {"count": 2})]
