"""The page of faults: complete, safe, in one file."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.frame import Frame
from quyhoach.package import Layer
from quyhoach.standard import Standard
from quyhoach.validate import Subject, html_report, validate

VOID = {"meta", "br", "circle", "path"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed and wasn't open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def page(layers: dict[str, Layer], standard: Standard, findings: tuple[Finding, ...] | None = None) -> str:
    found = validate(layers, standard) if findings is None else findings
    text = html_report(Subject(layers, standard), found, title="goi.gpkg")
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    return text


def test_page_says_so_when_nothing_is_wrong(layers: dict[str, Layer], standard: Standard) -> None:
    text = page(layers, standard)
    assert "Không phát hiện lỗi" in text
    assert "No rule found a fault" in text


def test_page_shows_sentence_place_and_map_when_something_is_wrong(
    layers: dict[str, Layer], standard: Standard
) -> None:
    layers.pop("RanhGioiQuyHoach_A")
    where = shapely.to_wkb(shapely.box(430000, 2395000, 430010, 2395010))
    overlap = Finding("e006-lots-overlap", Level.ERROR, "lo", "OM-1", {"other": "CX-2", "area": 1234.5}, where)
    text = page(layers, standard, (overlap,))
    assert "Lô OM-1 và lô CX-2 chồng lên nhau 1.234,5 m²." in text
    assert "The lots OM-1 and CX-2 overlap by 1,234.5 m²." in text
    assert "E006" in text
    assert "2.395.005,0;<br> 430.005,0" in text
    assert '<path class="f error"' in text
    assert 'href="#f1"' in text
    assert 'id="f1"' in text


def test_errors_come_first_when_levels_mix(layers: dict[str, Layer], standard: Standard) -> None:
    rows = (
        Finding("source-remark", Level.NOTE, "lo", params={"text": "ghi"}),
        Finding("w003-lot-without-label", Level.WARNING, "lo", "#1"),
        Finding("e001-no-outline", Level.ERROR, "lo"),
    )
    text = page(layers, standard, rows)
    assert text.index("E001") < text.index("W003") < text.index("source-remark")


def test_nothing_of_the_data_becomes_markup(layers: dict[str, Layer], standard: Standard) -> None:
    evil = "<script>alert(1)</script>\"'&"
    rows = (Finding("w003-lot-without-label", Level.WARNING, evil, evil),)
    text = page(layers, standard, rows)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_page_asks_nothing_of_the_network(layers: dict[str, Layer], standard: Standard) -> None:
    layers.pop("coverage")
    text = page(layers, standard)
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)", text)
    assert "http" not in text
    assert "@import" not in text


def test_page_stays_small_when_findings_are_many(layers: dict[str, Layer], standard: Standard) -> None:
    rows = tuple(Finding("w003-lot-without-label", Level.WARNING, "lo", f"#{n}") for n in range(3000))
    text = page(layers, standard, rows)
    assert "Còn 2940 mục nữa" in text
    assert len(text) < 1_000_000


def test_page_is_made_when_a_package_is_empty(standard: Standard) -> None:
    assert "<svg" not in page({}, standard)


# ── of a drawing ───────────────────────────────────────────────────────────────────────────────────────────


def table(name: str, rows: list[tuple[str, str]]) -> Layer:
    return Layer(name, None, None, {"key": [key for key, _ in rows], "value": [value for _, value in rows]})


@pytest.fixture
def drawing(layers: dict[str, Layer]) -> dict[str, Layer]:
    """The clean package as made of a drawing in millimetres with a balance table that is wrong in one line."""
    frame = Frame("EPSG:9215", unit=0.001)
    rows = [("frame", frame.to_json()), ("scale", "500"), ("source_name", "ban-ve.dxf"), ("guess", "vai trò <lớp 0>")]
    repairs = {
        "code": ["slit-closed", "slit-closed", "lot-closed"],
        "message": ["Đã khép khe hở A", "Đã khép khe hở B", "Đã khép lô"],
    }
    shapes = np.array([shapely.Point(430000, 2395000)] * 3, dtype=object)
    written = {
        "name": ["Đất ở", "Cơ quan", "Giao thông", "Tổng"],
        "function": ["DAT_O_Nhomnhao", "DAT_Coquan", "DAT_HTKT_DuongGT", None],
        "area_m2": [10000.0, 12000.0, 5000.0, 20000.0],
        "total": [False, False, False, True],
    }
    return {
        **layers,
        "provenance": table("provenance", rows),
        "repairs": Layer("repairs", "Unknown", shapes, repairs),
        "balance_table": Layer("balance_table", None, None, written),
    }


def test_place_is_given_in_the_drawings_own_coordinates_when_it_is_known(
    drawing: dict[str, Layer], standard: Standard
) -> None:
    where = shapely.to_wkb(shapely.box(430000, 2395000, 430010, 2395010))
    found = Finding("w003-lot-without-label", Level.WARNING, "lo", "OM-1", {}, where, "2F")
    text = page(drawing, standard, (found,))
    assert "<code>430005000,2395005000</code>" in text  # millimetres, x east, to paste after ZOOM C
    assert "<code>2F</code>" in text
    assert "handent" in text
    assert "2.395.005,0" in text


def test_place_is_not_given_as_drawn_when_there_was_no_drawing(layers: dict[str, Layer], standard: Standard) -> None:
    layers.pop("RanhGioiQuyHoach_A")
    text = page(layers, standard)
    assert "Trong bản vẽ</th>" not in text
    assert "handent" not in text


def test_balance_table_stands_beside_what_was_drawn(drawing: dict[str, Layer], standard: Standard) -> None:
    text = page(drawing, standard)
    (office,) = re.findall(r"<tr[^>]*><td>(?:(?!</tr>).)*Cơ quan.*?</tr>", text)
    assert 'class="off"' in office
    assert re.findall(r'num">([^<]*)<', office) == ["1,20", "1,00", "0,20", "20,0"]
    (homes,) = re.findall(r"<tr[^>]*><td>(?:(?!</tr>).)*Nhóm nhà ở.*?</tr>", text)
    assert 'class="off"' not in homes
    (roads,) = re.findall(r"<tr[^>]*><td>(?:(?!</tr>).)*Đường giao thông.*?</tr>", text)
    assert re.findall(r'num">([^<]*)<', roads) == ["0,50", "0,00 *", "0,50", "–"]  # what the lots leave
    assert "W023" in text


def test_repairs_and_guesses_are_told(drawing: dict[str, Layer], standard: Standard) -> None:
    text = page(drawing, standard)
    assert "Máy đã tự sửa 3 chỗ" in text
    assert "Đã khép khe hở A …" in text
    assert "Đã khép khe hở B" not in text
    assert "vai trò &lt;lớp 0&gt;" in text
    assert "đơn vị mm" in text
    assert "<strong>Quy hoạch thử</strong>" in text


def test_questions_are_told_apart_when_something_was_asked(drawing: dict[str, Layer], standard: Standard) -> None:
    asked = Finding("frame-several", Level.ERROR, "", "", {"candidates": "EPSG:9215; EPSG:9210"})
    text = page(drawing, standard, (asked,))
    assert "Cần trả lời 1 câu hỏi" in text
    assert "Ghi crs, axes, unit vào bảng ánh xạ" in text


def test_kind_has_heading_advice_basis_and_pictures(drawing: dict[str, Layer], standard: Standard) -> None:
    shapes = [shapely.box(430000 + x, 2395000, 430006 + x, 2395006) for x in range(0, 120, 10)]
    rows = tuple(
        Finding("e006-lots-overlap", Level.ERROR, "lo", f"L{n}", {"other": "CX-2", "area": 9.0}, shapely.to_wkb(shape))
        for n, shape in enumerate(shapes)
    )
    text = page(drawing, standard, rows)
    assert "Lô chồng lên nhau" in text
    assert "Cách sửa:" in text
    assert "Căn cứ:" in text
    assert text.count("<figcaption>") == 4
    assert "Xem thêm 2 mục" in text
    assert text.count('id="f') == 12


def test_far_and_whole_places_do_not_shrink_the_map(drawing: dict[str, Layer], standard: Standard) -> None:
    far = Finding(
        "drawing-layer-off", Level.WARNING, "", "", {"what": "x", "count": 1}, shapely.to_wkb(shapely.Point(0, 0))
    )
    whole = Finding(
        "e012-outline-outside-province",
        Level.ERROR,
        "",
        "",
        {},
        shapely.to_wkb(shapely.box(430000, 2395000, 430200, 2395100)),
    )
    text = page(drawing, standard, (far, whole))
    plan = text.partition("</svg>")[0]
    assert 'viewBox="0 0 1400 740"' in plan
    assert "pin" not in plan.partition("<svg")[2]


@given(st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_text_of_the_data_leaves_the_page_whole(standard: Standard, text: str) -> None:
    where = shapely.to_wkb(shapely.Point(430000, 2395000))
    facts = table("plan", [("name_vi", text), ("crs", "EPSG:9215")])
    found = Finding("w003-lot-without-label", Level.WARNING, text, text, {}, where, text)
    written = page({"plan": facts}, standard, (found,))
    assert written.count("<script") == 0
    assert written.count("<main>") == written.count("</main>") == 1


def test_what_follows_from_a_question_says_so(standard: Standard) -> None:
    asked = Finding("frame-local", Level.ERROR, "", "", {"x": 1, "y": 2})
    text = page({}, standard, (asked, *validate({}, standard)))
    assert text.count("Trước hết trả lời câu hỏi về vị trí") == 2
    assert "VN-2000: X (Bắc)" not in text  # nothing has a place
    assert "Trước hết" not in page({}, standard)
