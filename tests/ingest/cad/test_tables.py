"""Tables: ACAD_TABLE by its cells, pictures of tables (*T blocks) by where their texts stand."""

from pathlib import Path
from typing import Any

from ezdxf.document import Drawing as Document

HEAD = ("TT", "Loại đất", "Diện tích (ha)")
ROWS = (("1", "Đất nhóm nhà ở", "13,84"), ("2", "", "0,90"), ("", "Tổng", "14,74"))


def draw_table(doc: Document, *, rules: bool, middle: bool = False) -> Any:
    block = doc.blocks.new("*T7")
    lefts = (0, 6, 50, 70)
    for row, cells in enumerate((HEAD, *ROWS)):
        for column, text in enumerate(cells):
            if text:
                added = block.add_text(text, height=1.25, dxfattribs={"layer": "CHU"})
                at = (lefts[column] + 1, -2.5 - 3.5 * row)
                added.dxf.insert = at
                if middle:
                    added.set_placement((at[0] + 2, at[1]), align=added.get_align_enum().MIDDLE_CENTER)
        block.add_line((0, -3.5 * row), (70, -3.5 * row))
    if rules:
        for left in lefts:
            block.add_line((left, 0), (left, -14))
    return block


def test_block_of_a_table_is_read_as_rows_and_columns_when_it_is_inserted(doc: Document, read_doc: Any) -> None:
    doc.styles.get("Standard").dxf.font = "arial.ttf"
    draw_table(doc, rules=True)
    insert = doc.modelspace().add_blockref("*T7", (100, 100), {"layer": "LO", "rotation": 30, "xscale": 5, "yscale": 5})
    doc.modelspace().add_point((0, 0))
    found = read_doc(doc)
    assert [entity["entity"] for entity in found.entities] == ["POINT"]
    assert found.drawing.left_out == ()
    (table,) = found.drawing.tables
    assert table.cells == (HEAD, *ROWS)
    assert (table.handle, table.layer, table.font) == (insert.dxf.handle, "LO", "arial.ttf")


def test_columns_are_found_by_where_texts_start_when_there_are_no_rules(doc: Document, read_doc: Any) -> None:
    draw_table(doc, rules=False)
    doc.modelspace().add_blockref("*T7", (0, 0))
    doc.modelspace().add_point((0, 0))
    assert read_doc(doc).drawing.tables[0].cells == (HEAD, *ROWS)


def test_columns_are_found_when_texts_are_centred_between_rules(doc: Document, read_doc: Any) -> None:
    block = doc.blocks.new("*T9")
    lefts = (0, 8, 60, 80)
    for row, cells in enumerate((HEAD, *ROWS)):
        for column, text in enumerate(cells):
            middle = (lefts[column] + lefts[column + 1]) / 2
            attributes = {"insert": (middle, -3.5 * row), "char_height": 1.25, "attachment_point": 5}
            block.add_mtext(text or " ", attributes)
    for left in lefts:
        block.add_lwpolyline([(left, 2), (left, -14)])
    doc.modelspace().add_blockref("*T9", (0, 0))
    doc.modelspace().add_point((0, 0))
    assert read_doc(doc).drawing.tables[0].cells == (HEAD, *ROWS)


def test_table_on_a_hidden_layer_is_left_out(doc: Document, read_doc: Any) -> None:
    draw_table(doc, rules=True)
    doc.modelspace().add_blockref("*T7", (0, 0), {"layer": "BANG"})
    doc.modelspace().add_point((0, 0))
    found = read_doc(doc)
    assert found.drawing.tables == ()
    assert found.left("layer-frozen").count == 1


# An ACAD_TABLE of AutoCAD 2007 and later, as far as its cells go.
TABLE = """  0
ACAD_TABLE
  5
ABC
100
AcDbEntity
  8
LO
100
AcDbBlockReference
  2
*T7
 10
0.0
 20
0.0
 30
0.0
100
AcDbTable
 91
{rows}
 92
3
"""
CELL = "171\n1\n301\nCELL_VALUE\n 93\n6\n 90\n4\n  1\n{text}\n302\n{text}\n304\nACVALUE_END\n"


def test_acad_table_is_read_by_its_cells(doc: Document, read_file: Any, tmp_path: Path) -> None:
    draw_table(doc, rules=True)
    doc.modelspace().add_point((0, 0))
    doc.saveas(tmp_path / "a.dxf")
    cells = [cell for row in (HEAD, *ROWS) for cell in row]
    cells[1] = "{\\fArial|b1;Loại đất}"
    table = TABLE.format(rows=4) + "".join(CELL.format(text=cell) for cell in cells)
    text = (tmp_path / "a.dxf").read_text(encoding="utf-8")
    (tmp_path / "a.dxf").write_text(text.replace("  0\nPOINT\n", f"{table}  0\nPOINT\n", 1), encoding="utf-8")
    found = read_file(tmp_path / "a.dxf")
    assert [entity["entity"] for entity in found.entities] == ["POINT"]
    (read,) = found.drawing.tables
    assert (read.handle, read.layer) == ("ABC", "LO")
    assert read.cells == (HEAD, *ROWS)


def test_table_of_a_billion_rows_is_read_from_its_picture(doc: Document, read_file: Any, tmp_path: Path) -> None:
    draw_table(doc, rules=True)
    doc.modelspace().add_point((0, 0))
    doc.saveas(tmp_path / "a.dxf")
    table = TABLE.format(rows=1_000_000_000)
    text = (tmp_path / "a.dxf").read_text(encoding="utf-8")
    (tmp_path / "a.dxf").write_text(text.replace("  0\nPOINT\n", f"{table}  0\nPOINT\n", 1), encoding="utf-8")
    assert read_file(tmp_path / "a.dxf").drawing.tables[0].cells == (HEAD, *ROWS)
