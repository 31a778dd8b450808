"""Texts: escapes, codes, fonts, and where their letters stand."""

import json
import math
from pathlib import Path
from typing import Any

import ezdxf
import pytest
from ezdxf.document import Drawing as Document
from ezdxf.enums import MTextEntityAlignment, TextEntityAlignment
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.ingest.cad.lettering import clean, decode, read_line, read_paragraphs


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"5 t\U+1EA7ng", "5 tầng"),
        ("%%c100 %%d %%p %%%", "Ø100 ° ± %"),
        ("%%uĐất ở%%u %%oA%%O", "Đất ở A"),
        ("%%176C", "°C"),
        ("A^IB^JC^MD", "A B CD"),
        ("x^ 2", "x^2"),
        ("100%%", "100%%"),
        (r"D:\Đồ án", r"D:\Đồ án"),
        ("a\x00b\x1fc", "abc"),
        ("\udce9", "é"),
    ],
)
def test_line_is_plain_when_it_holds_codes(raw: str, text: str) -> None:
    assert read_line(raw, "utf-8") == text


def test_percent_code_is_a_letter_of_the_code_page() -> None:
    assert read_line("%%240", "cp1258") == "đ"
    assert read_line("%%240", "cp1252") == "ð"


@pytest.mark.parametrize(
    ("raw", "text", "runs"),
    [
        ("LK01-01\\P96,7 m2", "LK01-01\n96,7 m2", [("arial.ttf", "LK01-01\n96,7 m2")]),
        (
            "\\A1;{\\fArial|b0|i0|c163|p34;\\H1.2x;\\C1;\\LDL-01\\l}\\PDT: 5",
            "DL-01\nDT: 5",
            [("Arial", "DL-01\n"), ("arial.ttf", "DT: 5")],
        ),
        ("TC: 5 t\\U+1EA7ng", "TC: 5 tầng", [("arial.ttf", "TC: 5 tầng")]),
        ("{\\f.VnTimeH|b0;A}{\\FVNI-Times.ttf;B}", "AB", [(".VnTimeH", "A"), ("VNI-Times.ttf", "B")]),
        ("\\pxqc;\\S35^ 40; \\S1/2; \\S3#4;", "35/40 1/2 3/4", None),
        ("m\\S2^ ;", "m2", None),
        ("a\\~b\\\\c\\{d\\}", "a b\\c{d}", None),
        ("\\W0.8;\\T1.1;\\Q15;x\\H2.5;y", "xy", None),
        ("a^Ib%%dc\\Nd\\Xe", "a\tb°c\nd\ne", None),
        ("}{\\fArial;chưa đóng", "chưa đóng", None),
        ("\\H1e400;x", "x", None),
        ("tỷ lệ 50\\%", "tỷ lệ 50\\%", None),
    ],
)
def test_paragraphs_are_plain_when_they_hold_codes(raw: str, text: str, runs: list[tuple[str, str]] | None) -> None:
    letters = read_paragraphs(raw, "utf-8", "arial.ttf")
    assert letters.text == text
    assert "".join(part for _, part in letters.runs) == text
    if runs is not None:
        assert list(letters.runs) == runs


@given(st.text(), st.sampled_from(["utf-8", "cp1252", "cp1258"]))
def test_any_text_is_read_without_control_characters(raw: str, codepage: str) -> None:
    for text in (read_line(raw, codepage), read_paragraphs(raw, codepage, "f").text, clean(decode(raw, codepage))):
        text.encode("utf-8")
        assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in text)
    letters = read_paragraphs(raw, codepage, "f")
    assert "".join(part for _, part in letters.runs) == letters.text


@given(
    st.lists(st.sampled_from(["{", "}", "\\P", "\\S", "^", ";", "\\f", "|", "\\H", "1x", "/", "%%", "\\", "a", "ộ"]))
)
def test_any_mixture_of_codes_ends_in_text(parts: list[str]) -> None:
    letters = read_paragraphs("".join(parts), "utf-8", "f")
    assert json.loads(letters.as_json()) == [list(run) for run in letters.runs]


@pytest.mark.parametrize(
    ("align", "start", "middle"),
    [
        (TextEntityAlignment.LEFT, (0, 0), (1, 1)),
        (TextEntityAlignment.RIGHT, (-1, 0), (-1, 1)),
        (TextEntityAlignment.CENTER, (-0.5, 0), (0, 1)),
        (TextEntityAlignment.MIDDLE_CENTER, (-0.5, -1), (0, 0)),
        (TextEntityAlignment.TOP_LEFT, (0, -2), (1, -1)),
        (TextEntityAlignment.MIDDLE, (-0.5, -1), (0, 0)),
    ],
)
def test_letters_stand_where_the_alignment_puts_them(
    doc: Document, read_doc: Any, align: TextEntityAlignment, start: tuple[float, float], middle: tuple[float, float]
) -> None:
    """Figures: multiples of the text's width (start) and of half its width and height (middle)."""
    text = doc.modelspace().add_text("ĐẤT Ở", height=2)
    text.set_placement((100, 50), align=align)
    found = read_doc(doc).only()
    where = found["geometry"]
    half = where.x - found["x"]
    assert 3 < 2 * half < 12
    assert found["x"] == pytest.approx(100 + start[0] * 2 * half)
    assert found["y"] == pytest.approx(50 + start[1])
    assert where.x == pytest.approx(100 + middle[0] * half)
    assert where.y == pytest.approx(50 + middle[1])


def test_text_is_stretched_between_its_points_when_fitted(doc: Document, read_doc: Any) -> None:
    text = doc.modelspace().add_text("LÔ", height=2)
    text.set_placement((0, 0), (0, 40), align=TextEntityAlignment.FIT)
    found = read_doc(doc).only()
    assert found["rotation"] == pytest.approx(90)
    assert found["geometry"].x == pytest.approx(-1) and found["geometry"].y == pytest.approx(20)


def test_height_and_rotation_are_those_of_the_drawing_when_a_text_is_in_a_block(doc: Document, read_doc: Any) -> None:
    doc.blocks.new("NHAN").add_text("A", height=2, rotation=10, dxfattribs={"insert": (1, 0)})
    doc.modelspace().add_blockref("NHAN", (100, 0), {"xscale": 3, "yscale": 3, "rotation": 30})
    found = read_doc(doc).only()
    assert found["height"] == pytest.approx(6)
    assert found["rotation"] == pytest.approx(40)
    assert (found["x"], found["y"]) == (
        pytest.approx(100 + 3 * math.cos(math.radians(30))),
        pytest.approx(3 * math.sin(math.radians(30))),
    )


@pytest.mark.parametrize("align", list(MTextEntityAlignment))
def test_paragraphs_stand_where_the_attachment_puts_them(
    doc: Document, read_doc: Any, align: MTextEntityAlignment
) -> None:
    text = doc.modelspace().add_mtext("OM-01\\P1250 m2", {"char_height": 3, "insert": (100, 50), "rotation": 90})
    text.dxf.attachment_point = align.value
    found = read_doc(doc).only()
    column, row = (align.value - 1) % 3, (align.value - 1) // 3
    tall = 3 + 5
    # Turned by 90°: what is right of the point is above it, what is below it is right of it.
    across = found["geometry"].y - 50
    assert across == pytest.approx(0) if column == 1 else (across > 3 if column == 0 else across < -3)
    assert found["geometry"].x - 100 == pytest.approx({0: tall / 2, 1: 0, 2: -tall / 2}[row])
    assert found["x"] - 100 == pytest.approx({0: 3, 1: 3 - tall / 2, 2: 3 - tall}[row])
    assert found["rotation"] == pytest.approx(90)


def test_lines_are_wrapped_when_a_frame_is_narrow(doc: Document, read_doc: Any) -> None:
    words = "đất nhóm nhà ở xây dựng mới"
    doc.modelspace().add_mtext(words, {"char_height": 1, "insert": (0, 0), "width": 5})
    doc.modelspace().add_mtext(words, {"char_height": 1, "insert": (0, 0)})
    wrapped, straight = read_doc(doc).entities
    assert wrapped["geometry"].x <= 2.5 < straight["geometry"].x
    assert wrapped["geometry"].y < -2 < straight["geometry"].y


def test_runs_name_the_font_of_the_style_or_of_the_code(doc: Document, read_doc: Any) -> None:
    doc.styles.add("VN", font="fonts\\.VnTime.ttf")
    doc.styles.add("FACE", font="").set_extended_font_data("VNI-Times")
    space = doc.modelspace()
    space.add_text("§Êt ë", dxfattribs={"style": "VN"})
    space.add_mtext("{\\f.VnTimeH|b0;§ÊT}", {"style": "vn"})
    space.add_text("A", dxfattribs={"style": "FACE"})
    found = read_doc(doc)
    runs = [json.loads(entity["runs"]) for entity in found.entities]
    assert runs == [[[".VnTime.ttf", "§Êt ë"]], [[".VnTimeH", "§ÊT"]], [["VNI-Times", "A"]]]
    assert found.drawing.fonts["VN"] == ".VnTime.ttf"


def test_blank_text_is_passed_over_in_silence(doc: Document, read_doc: Any) -> None:
    doc.modelspace().add_text("   ")
    doc.modelspace().add_mtext("\\P ")
    doc.modelspace().add_point((0, 0))
    found = read_doc(doc)
    assert found.only()["entity"] == "POINT" and found.drawing.left_out == ()


@pytest.mark.parametrize("recover", [False, True])
def test_names_and_texts_are_decoded_whichever_reader_ran(read_file: Any, tmp_path: Path, recover: bool) -> None:
    made = ezdxf.new("R2000")
    made.layers.add("Đất ở", color=42)
    made.blocks.new("Lô đất").add_text("tầng", dxfattribs={"layer": "Đất ở"})
    made.modelspace().add_blockref("Lô đất", (0, 0))
    path = tmp_path / "a.dxf"
    made.saveas(path)
    data = path.read_bytes()
    assert b"\\u+1ea7" in data.lower()
    if recover:  # cut short, which the strict reader does not forgive
        path.write_bytes(data[:-10])
    found = read_file(path)
    assert found.drawing.recovered == recover
    assert "Đất ở" in found.drawing.layers
    entity = found.only()
    assert (entity["layer"], entity["text"], entity["block"], entity["aci"]) == ("Đất ở", "tầng", "Lô đất", 42)


def test_letters_stay_those_of_the_code_page_when_text_is_legacy(read_file: Any, tmp_path: Path) -> None:
    made = ezdxf.new("R2000")
    made.encoding = "cp1252"
    made.modelspace().add_text("X-TEXT")
    path = tmp_path / "a.dxf"
    made.saveas(path)
    path.write_bytes(path.read_bytes().replace(b"X-TEXT", "§Êt ë\x81".encode("latin-1")))
    assert read_file(path).only()["text"] == "§Êt ë\x81"


def test_leader_and_its_text_are_tied_by_insert(doc: Document, read_doc: Any) -> None:
    space = doc.modelspace()
    text = space.add_mtext("OM-01", {"insert": (20, 5)})
    leader = space.add_leader([(0, 0), (10, 5), (18, 5)])
    leader.dxf.annotation_handle = text.dxf.handle
    space.add_leader([(5, 5), (6, 6)])
    found = read_doc(doc)
    tied, free = found.of("LEADER")
    assert tied["geometry"].coords[0] == (0, 0)
    assert found.of("MTEXT")[0]["insert"] == tied["insert"] == leader.dxf.handle
    assert free["insert"] is None


def test_multileader_is_a_line_from_its_tip_and_a_text(doc: Document, read_doc: Any) -> None:
    from ezdxf.math import Vec2
    from ezdxf.render.mleader import ConnectionSide

    builder = doc.modelspace().add_multileader_mtext("Standard")
    builder.set_content("CX-05\\P120 m2", char_height=2)
    builder.add_leader_line(ConnectionSide.left, [Vec2(0, 0)])
    builder.build(insert=Vec2(30, 10))
    found = read_doc(doc)
    line, text = found.of("MULTILEADER")[0], found.of("MTEXT")[0]
    assert line["geometry"].coords[0] == (0, 0) and len(line["geometry"].coords) >= 2
    assert text["text"] == "CX-05\n120 m2"
    assert text["insert"] == line["insert"] == line["id"]
    assert text["geometry"].x > 25
