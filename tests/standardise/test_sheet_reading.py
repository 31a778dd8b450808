"""What stands beside the map: legends, tables and keys in the ways draughtsmen draw them, and nothing of the map."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hand_drawn import HandDrawn, drawing

from quyhoach.domain.frame import Frame
from quyhoach.domain.mapping import SourceMapping
from quyhoach.domain.source import LeftOut, TableGrid
from quyhoach.standard import load_standard
from quyhoach.standardise import Context, Work
from quyhoach.standardise.sheet_reading import read_sheet

CONTEXT = Context(load_standard(), "EPSG:9215", (106.0, 21.2, 107.5, 22.6))
USES = (
    ("OM", "Đất nhóm nhà ở", 50, "DAT_O_Nhomnhao"),
    ("YT", "Đất y tế", 220, "DAT_HTXH_Yte"),
    ("CQ", "Đất cơ quan, trụ sở", 10, "DAT_Coquan"),
    ("QP", "Đất quốc phòng", 79, "DAT_Quocphong"),
)
BALANCE = (
    ("TT", "Loại đất", "Diện tích (ha)", "Tỷ lệ (%)"),
    ("1", "Đất nhóm nhà ở", "32,35", "64,70"),
    ("2", "Đất y tế", "7,65", "15,30"),
    ("3", "Đất quốc phòng", "10,00", "20,00"),
    ("", "Tổng", "50,00", "100,00"),
)


def read(draw: HandDrawn, *left_out: LeftOut, frame: Frame | None = None, tables: tuple[TableGrid, ...] = ()) -> Work:
    work = Work(CONTEXT, SourceMapping(), draw.layers(), drawing(*left_out, tables=tables), frame)
    return read_sheet(work)


def draw_legend(
    draw: HandDrawn,
    x: float = 1000.0,
    y: float = 500.0,
    uses: Any = USES,
    heading: str = "CHÚ GIẢI",
    outlines: bool = True,
    codes: bool = True,
    layers: Callable[[str], str] = lambda code: "MAU",
) -> None:
    """Boxes of 16 by 7 in a column, words of height 3 at their right."""
    if heading:
        draw.text(heading, x, y + 5, 5)
    for number, (code, name, aci, _) in enumerate(uses):
        south = y - 10 * (number + 1)
        if outlines:
            draw.box(x, south, x + 16, south + 7, aci=7)
        draw.hatch(x, south, x + 16, south + 7, layers(code), aci=aci)
        draw.text(name, x + 20, south + 2, 3)
        if codes:
            draw.text(code, x + 5, south + 2, 2.5)


def draw_table(
    draw: HandDrawn, rows: Any = BALANCE, x: float = 1000.0, y: float = 200.0, ruled: bool = True, title: str = "-"
) -> None:
    """Rows of 7, columns at 0, 12, 100, 130."""
    edges = (0, 12, 100, 130, 160)
    if title:
        draw.text("BẢNG CÂN BẰNG SỬ DỤNG ĐẤT" if title == "-" else title, x, y + 10, 4)
    for number, row in enumerate(rows):
        for cell, edge in zip(row, edges, strict=False):
            if cell:
                draw.text(cell, x + edge + 2, y - 7 * number - 5, 2.5)
        if ruled:
            draw.line((x, y - 7 * number), (x + 160, y - 7 * number))
    if ruled:
        bottom = y - 7 * len(rows)
        draw.line((x, bottom), (x + 160, bottom))
        for edge in edges:
            draw.line((x + edge, y), (x + edge, bottom))


def draw_map(draw: HandDrawn) -> None:
    """Lots of 40 by 30 with labels, west of the panels."""
    for number in range(30):
        west, south = (number % 6) * 40.0, (number // 6) * 30.0
        draw.box(west, south, west + 40, south + 30, layer="LO", aci=50)
        draw.text(f"OM-{number:02}", west + 5, south + 18, 4, layer="NHAN")
        draw.text("1.200 m2", west + 5, south + 10, 4, layer="NHAN")


def handles(draw: HandDrawn, *layers: str) -> set[str]:
    return {handle for name in layers for handle, _, _ in draw.rows.get(name, [])}


@pytest.mark.parametrize("outlines", [True, False])
@pytest.mark.parametrize("heading", ["CHÚ GIẢI", "CHU THICH", "GHI CHÚ:", "KÝ HIỆU", "LEGEND", ""])
def test_legend_is_read_when_boxes_stand_beside_words(heading: str, outlines: bool):
    draw = HandDrawn()
    draw_map(draw)
    draw_legend(draw, heading=heading, outlines=outlines)
    work = read(draw)
    entries = work.reading.legend
    assert [(one.prefix, one.name, one.aci, one.function) for one in entries] == list(USES)
    assert {entry.layer for entry in entries} == {"MAU"}
    assert work.reading.taken == handles(draw, "KHUNG", "MAU", "CHU")


def test_legend_is_read_when_samples_lie_on_the_lots_layers():
    draw = HandDrawn()
    draw_map(draw)
    lots = handles(draw, "LO")
    draw_legend(draw, layers=lambda code: "LO", outlines=False)
    work = read(draw)
    assert len(work.reading.legend) == 4 and {entry.layer for entry in work.reading.legend} == {"LO"}
    assert handles(draw, "LO") - lots <= work.reading.taken
    assert not lots & work.reading.taken


def test_legend_has_all_columns_also_one_of_a_single_line():
    draw = HandDrawn()
    draw_legend(draw, uses=USES[:3])
    draw_legend(draw, x=1120, uses=USES[3:], heading="")
    assert [entry.prefix for entry in read(draw).reading.legend] == ["OM", "YT", "CQ", "QP"]


def test_line_samples_below_are_taken_with_their_words():
    draw = HandDrawn()
    draw_legend(draw)
    first = draw.line((1000, 453), (1016, 453), layer="RANH")
    text = draw.text("Ranh giới lập quy hoạch", 1020, 452, 3)
    other = draw.line((900, 300), (1300, 300), layer="RANH")
    taken = read(draw).reading.taken
    assert {first, text} <= taken and other not in taken


def test_codes_are_read_when_they_stand_between_sample_and_words():
    draw = HandDrawn()
    draw.text("CHÚ GIẢI", 1000, 510, 5)
    for number, (code, name, aci, _) in enumerate(USES):
        draw.hatch(1000, 490 - 10 * number, 1010, 496 - 10 * number, aci=aci)
        draw.text(code, 1012, 491 - 10 * number, 3)
        draw.text(name, 1025, 491 - 10 * number, 3)
    assert [(one.prefix, one.name) for one in read(draw).reading.legend] == [use[:2] for use in USES]


@pytest.mark.parametrize("form", ["{0}: {1}", "{0} - {1}", "{1} ({0})"])
def test_codes_are_read_when_they_stand_in_the_words(form: str):
    draw = HandDrawn()
    draw_legend(draw, uses=[(code, form.format(code, name), aci, None) for code, name, aci, _ in USES], codes=False)
    assert [(one.prefix, one.function) for one in read(draw).reading.legend] == [(use[0], use[3]) for use in USES]


def test_words_of_two_lines_are_one_name():
    draw = HandDrawn()
    draw_legend(draw)
    draw.hatch(1000, 440, 1016, 452, aci=30)
    draw.text("Đất hỗn hợp nhóm nhà ở", 1020, 447, 3)
    draw.text("và dịch vụ", 1020, 442, 3)
    names = [entry.name for entry in read(draw).reading.legend]
    assert "Đất hỗn hợp nhóm nhà ở và dịch vụ" in names


def test_frame_round_a_legend_is_taken():
    draw = HandDrawn()
    draw_legend(draw)
    frame = draw.box(990, 450, 1110, 520)
    sheet = draw.box(-50, -50, 1200, 800)
    taken = read(draw).reading.taken
    assert frame in taken and sheet not in taken


def test_houses_in_a_row_are_no_legend():
    draw = HandDrawn()
    for number in range(12):
        draw.box(0, 6 * number, 16, 6 * number + 6, layer="LO")
        draw.text(f"LK-{number:02}", 3, 6 * number + 2, 2, layer="NHAN")
        draw.text("Nhà văn hóa" if number == 5 else f"{90 + number} m2", 18, 6 * number + 2, 2, layer="NHAN")
    work = read(draw)
    assert work.reading.legend == () and work.reading.taken == frozenset()


@pytest.mark.parametrize("ruled", [True, False])
def test_table_is_read_with_and_without_lines(ruled: bool):
    draw = HandDrawn()
    draw_map(draw)
    draw_legend(draw)
    draw_table(draw, ruled=ruled)
    work = read(draw)
    rows = work.reading.balance
    assert [(row.name, row.area_m2, row.share_pct, row.total) for row in rows] == [
        ("Đất nhóm nhà ở", 323500.0, 64.7, False),
        ("Đất y tế", 76500.0, 15.3, False),
        ("Đất quốc phòng", 100000.0, 20.0, False),
        ("Tổng", 500000.0, 100.0, True),
    ]
    assert work.reading.taken == handles(draw, "KHUNG", "MAU", "CHU")
    names = {told["text"]: handle for handle, _, told in draw.rows["CHU"]}
    assert rows[2].handle == names["Đất quốc phòng"]


@pytest.mark.parametrize("ruled", [True, False])
def test_table_ends_where_a_legend_stands_beside_it(ruled: bool):
    draw = HandDrawn()
    draw_table(draw, ruled=ruled)
    draw_legend(draw, x=1260, y=200)
    work = read(draw)
    assert [row.area_m2 for row in work.reading.balance] == [323500.0, 76500.0, 100000.0, 500000.0]
    assert len(work.reading.legend) == 4


def test_names_of_two_lines_are_one_row_between_two_lines():
    draw = HandDrawn()
    draw_table(draw, [*BALANCE[:2], ("2", "", "7,65", "15,30"), *BALANCE[3:]])
    draw.text("Đất y tế, trạm xá, nhà hộ sinh", 1014, 200 - 7 * 2 - 2.9, 2)
    draw.text("và phòng khám", 1014, 200 - 7 * 2 - 6.1, 2)
    rows = read(draw).reading.balance
    assert rows[1].name == "Đất y tế, trạm xá, nhà hộ sinh và phòng khám" and rows[1].area_m2 == 76500


def test_header_of_two_rows_gives_the_planned_columns():
    draw = HandDrawn()
    x, y = 1000.0, 200.0
    draw.text("BẢNG TỔNG HỢP SỬ DỤNG ĐẤT", x, y + 10, 4)
    cells = (
        (2, 0, "TT"),
        (14, 0, "Loại đất"),
        (102, 0, "Hiện trạng"),
        (162, 0, "Quy hoạch"),
        (102, 1, "Diện tích (ha)"),
        (132, 1, "Tỷ lệ (%)"),
        (162, 1, "Diện tích (ha)"),
        (192, 1, "Tỷ lệ (%)"),
    )
    body = (("1", "Đất nhóm nhà ở", "5,0", "50", "8,0", "80"), ("2", "Đất y tế", "5,0", "50", "2,0", "20"))
    for dx, row, text in cells:
        draw.text(text, x + dx, y - 5 - 7 * row, 2.5)
    for number, row in enumerate((*body, ("", "Tổng", "10,0", "100", "10,0", "100"))):
        for dx, text in zip((2, 14, 102, 132, 162, 192), row, strict=True):
            if text:
                draw.text(text, x + dx, y - 5 - 7 * (number + 2), 2.5)
    for number in range(6):
        draw.line((x, y - 7 * number), (x + 220, y - 7 * number))
    for edge in (0, 12, 100, 160, 220):
        draw.line((x + edge, y), (x + edge, y - 35))
    for edge in (130, 190):
        draw.line((x + edge, y - 7), (x + edge, y - 35))
    assert [row.area_m2 for row in read(draw).reading.balance] == [80000, 20000, 100000]


def test_table_of_lots_is_taken_but_is_no_balance():
    draw = HandDrawn()
    rows = [("TT", "Ký hiệu lô", "Diện tích (m2)", "Tầng cao")]
    rows += [(str(number), f"LK-{number:02}", f"{100 + number}", "5") for number in range(1, 9)]
    draw_table(draw, rows, title="BẢNG THỐNG KÊ LÔ ĐẤT")
    work = read(draw)
    assert work.reading.balance == ()
    assert work.reading.taken == handles(draw, "CHU", "KHUNG")


def test_planned_table_is_taken_when_there_is_one_of_today():
    draw = HandDrawn()
    today = [BALANCE[0], ("1", "Đất nhóm nhà ở", "50,00", "100,00"), ("", "Tổng", "50,00", "100,00")]
    draw_table(draw, today, y=600, title="BẢNG CÂN BẰNG SỬ DỤNG ĐẤT HIỆN TRẠNG")
    draw_table(draw)
    assert len(read(draw).reading.balance) == 4


def test_table_entity_is_read():
    grid = TableGrid("T1", "0", (("BẢNG CÂN BẰNG SỬ DỤNG ĐẤT", "", "", ""), *BALANCE))
    work = read(HandDrawn(), tables=(grid,))
    assert [row.area_m2 for row in work.reading.balance] == [323500.0, 76500.0, 100000.0, 500000.0]
    assert {row.handle for row in work.reading.balance} == {"T1"}


def test_workbook_is_asked_for_when_the_table_is_embedded():
    draw = HandDrawn()
    draw.text("BẢNG CÂN BẰNG SỬ DỤNG ĐẤT", 0, 0)
    work = read(draw, LeftOut("ole", "OLE2FRAME", 1, "9A", (10.0, 20.0, 110.0, 70.0)))
    assert [finding.code for finding in work.findings] == ["balance-embedded"]
    assert shapely.from_wkb(work.findings[0].wkb or b"").bounds == (10, 20, 110, 70)
    draw_table(draw)
    assert read(draw, LeftOut("ole", "OLE2FRAME", 1)).findings == ()


def test_table_that_is_announced_but_empty_is_told():
    draw = HandDrawn()
    draw.text("BẢNG CÂN BẰNG SỬ DỤNG ĐẤT", 7, 9)
    work = read(draw)
    assert [finding.code for finding in work.findings] == ["balance-unreadable"]
    assert work.findings[0].wkb is not None


def test_unit_that_nothing_says_is_a_guess():
    draw = HandDrawn()
    draw_table(draw, [("TT", "Loại đất", "Diện tích", "Tỷ lệ (%)"), *BALANCE[1:]])
    assert read(draw).guesses == ("balance_table: area_unit",)


@pytest.mark.parametrize("heading", ["KÝ HIỆU LÔ ĐẤT", "CHÚ THÍCH KÝ HIỆU LÔ", ""])
def test_key_panel_gives_the_style_of_labels(heading: str):
    draw = HandDrawn()
    if heading:
        draw.text(heading, 1000, 400, 4)
    for number, line in enumerate(
        (
            "ký hiệu lô đất | diện tích (m2)",
            "mật độ xây dựng (%) | tầng cao | hệ số sử dụng đất (lần)",
            "dân số (người)",
        )
    ):
        draw.text(line, 1000, 392 - 6 * number, 2.5)
    work = read(draw)
    assert work.reading.style.area_unit == "m2"
    assert work.reading.style.rows == (("code", "area"), ("density", "storeys", "far"), ("population",))
    assert work.reading.taken == handles(draw, "CHU")


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("TỶ LỆ 1/5.000", 5000),
        ("TL 1:500", 500),
        ("Tỉ lệ: 1/2000", 2000),
        ("SCALE 1:10,000", 10000),
        ("tầng 1/5", None),
    ],
)
def test_scale_is_read(text: str, scale: int | None):
    draw = HandDrawn()
    draw.text(text, 0, 0, 5)
    assert read(draw).reading.scale == scale


def test_title_is_the_largest_text_that_speaks_of_a_plan():
    draw = HandDrawn()
    draw.text("Quy hoạch được duyệt năm 2010", 0, 0, 2)
    draw.text("QUY HOẠCH CHI TIẾT XÂY DỰNG", 0, 100, 8)
    draw.text("KHU DÂN CƯ NÀ CHANG", 0, 86, 8)
    draw.text("ĐƯỜNG ĐÔI", 400, 400, 20)
    assert read(draw).reading.title == "QUY HOẠCH CHI TIẾT XÂY DỰNG KHU DÂN CƯ NÀ CHANG"


def test_north_arrow_is_taken_by_its_blocks_name():
    draw = HandDrawn()
    arrow = draw.box(0, 0, 2, 9, layer="LO", block="MUI_TEN_BAC")
    lot = draw.box(10, 0, 50, 30, layer="LO", block="KHU A")
    taken = read(draw).reading.taken
    assert arrow in taken and lot not in taken


@pytest.mark.parametrize(
    "frame",
    [
        Frame("EPSG:9215", swapped=True),
        Frame("EPSG:9215", unit=0.001, shift=(430000.0, 2395000.0)),
        Frame("EPSG:9215", turn=(0.8, 0.6), shift=(430000.0, 2395000.0)),
        Frame("EPSG:9210", shift=(560000.0, 2395000.0)),
    ],
)
def test_sheet_is_read_as_drawn_whatever_the_frame(frame: Frame):
    def move(points: Any) -> Any:
        from quyhoach.standardise.drawn_frame import DrawnFrame

        return DrawnFrame(frame, "EPSG:9215").to_true(points)

    draw = HandDrawn(move)
    draw_map(draw)
    draw_legend(draw)
    draw_table(draw)
    work = read(draw, frame=frame)
    assert len(work.reading.legend) == 4 and len(work.reading.balance) == 4
    assert work.reading.taken == handles(draw, "KHUNG", "MAU", "CHU")


def test_sheet_is_read_when_it_is_drawn_turned():
    angle = np.radians(33.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    draw = HandDrawn(lambda points: points @ turn.T)
    draw_map(draw)
    draw_legend(draw)
    draw_table(draw)
    for rows in draw.rows.values():
        for _, _, told in rows:
            if told.get("text"):
                told["x"], told["y"] = turn @ np.array([told["x"], told["y"]])
                told["rotation"] = 33.0
    work = read(draw)
    assert len(work.reading.legend) == 4 and len(work.reading.balance) == 4


def test_nothing_changes_when_there_is_no_drawing(work: Callable[..., Work]):
    state = work()
    assert read_sheet(state) is state


def test_labels_that_spell_out_their_figures_are_neither_table_nor_key():
    draw = HandDrawn()
    for number in range(12):
        west, south = (number % 4) * 60.0, (number // 4) * 40.0
        draw.box(west, south, west + 60, south + 40, layer="LO")
        rows = (("Ký hiệu lô", f"OM-{number:02}"), ("Diện tích", "1.200 m2"), ("Mật độ", "60%"), ("Tầng cao", "5"))
        for line, (name, value) in enumerate(rows):
            draw.text(name, west + 3, south + 30 - 6 * line, 3, layer="NHAN")
            draw.text(value, west + 34, south + 30 - 6 * line, 3, layer="NHAN")
    work = read(draw)
    assert work.reading.taken == frozenset() and work.reading.balance == () and work.reading.style.rows == ()
