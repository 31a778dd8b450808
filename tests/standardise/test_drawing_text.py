"""A drawing's text into Unicode: mixed fonts, runs, names, tables; what is decided is told, what is unsure is asked."""

import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.finding import Level
from quyhoach.domain.legacy_text import encode
from quyhoach.domain.mapping import LayerRule, SourceMapping
from quyhoach.domain.source import CadLayer, Drawing, LeftOut, SourceLayer, TableGrid
from quyhoach.standard import load_standard
from quyhoach.standard.messages import message
from quyhoach.standardise import Context, Work
from quyhoach.standardise.drawing_text import decode_drawing, say_broken_text
from quyhoach.standardise.text import repair_text

SHARED = Path(__file__).parents[2] / ".." / "shared" / "drawings" / "dev"
TEXTS = ("Đất nhóm nhà ở", "Đất cây xanh", "Sông, suối, kênh, rạch", "Đất trường học", "Chú giải", "Tỷ lệ 1/5.000")


def layer(*texts, name="CHU", runs=None, **fields):
    """A CAD layer of texts: each (font, raw text), or runs."""
    points = np.array([shapely.Point(number, 0) for number in range(len(texts))], dtype=object)
    written = [
        None if text is None else "".join(piece for _, piece in text)
        for text in (one if runs else [one] for one in texts)
    ]
    return SourceLayer(
        name,
        "x.dxf",
        None,
        points,
        tuple(f"A{number}" for number in range(len(texts))),
        {
            "entity": ["TEXT"] * len(texts),
            "text": written,
            "runs": [json.dumps(one if runs else [one], ensure_ascii=False) for one in texts],
            **fields,
        },
    )


def work(*layers, codepage="cp1252", tables=(), left_out=(), **mapped):
    table = {one.name: CadLayer(one.name, 7, None, False, False) for one in layers}
    drawing = Drawing("AC1015", codepage, "m", False, table, left_out=left_out, tables=tables)
    return Work(Context(load_standard(), "EPSG:9215"), SourceMapping(**mapped), layers, drawing=drawing)


def texts(done):
    return [text for one in done.layers for text in one.fields["text"]]


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "unicode"])
@pytest.mark.parametrize("font", [".VnTime.ttf", "VNI-Times", "arial.ttf", "txt.shx", ""])
@pytest.mark.parametrize("codepage", ["cp1252", "utf-8"])
def test_text_is_decoded_whatever_its_font_is_called(encoding, font, codepage):
    done = decode_drawing(work(layer(*((font, encode(text, encoding)) for text in TEXTS)), codepage=codepage))
    assert texts(done) == list(TEXTS)
    assert "runs" not in done.layers[0].fields
    assert done.findings == ()
    assert [repair.code for repair in done.repairs] == ([] if encoding == "unicode" else ["drawing-text-decoded"])


def test_repair_tells_encoding_fonts_and_certainty():
    done = decode_drawing(work(layer(*((".VnTime.ttf", encode(text, "tcvn3")) for text in TEXTS))))
    params = done.repairs[0].params
    assert params == {"encoding": "TCVN3 (ABC)", "texts": 6, "fonts": ".VnTime.ttf", "sure": 99}
    assert "TCVN3 (ABC)" in message("drawing-text-decoded", "vi", **params)


def test_each_font_is_decoded_by_itself_when_drawing_is_mixed():
    old = [(".VnTime", encode(text, "tcvn3")) for text in TEXTS]
    new = [("Arial", text) for text in TEXTS]
    vni = [("VNI-Helve", encode(text, "vni")) for text in TEXTS]
    assert texts(decode_drawing(work(layer(*old), layer(*new, name="B"), layer(*vni, name="C")))) == list(TEXTS) * 3


def test_unicode_text_stays_when_its_font_is_of_tcvn3():
    """The draughtsman changed the font of some texts, or pasted them."""
    mixed = [(".VnTime", encode(text, "tcvn3")) for text in TEXTS] + [(".VnTime", text) for text in TEXTS[:2]]
    assert texts(decode_drawing(work(layer(*mixed)))) == [*TEXTS, *TEXTS[:2]]


def test_runs_of_several_fonts_in_one_text_are_decoded_each_its_own_way():
    runs = [(".VnTime", encode("Đất ở ", "tcvn3")), ("Arial", "mới\n"), (".VnTimeH", encode("quy hoạch", "tcvn3"))]
    others = [[(".VnTime", encode(text, "tcvn3"))] for text in TEXTS]
    done = decode_drawing(work(layer(runs, *others, runs=True)))
    assert texts(done)[0] == "Đất ở mới\nQUY HOẠCH"


def test_capitals_are_made_when_the_font_shows_them():
    done = decode_drawing(work(layer((".VnTimeH", encode("bản đồ quy hoạch", "tcvn3")), (".VnTimeH", "om-12"))))
    assert texts(done) == ["BẢN ĐỒ QUY HOẠCH", "OM-12"]


def test_capitals_font_with_unicode_text_leaves_it():
    done = decode_drawing(work(layer(*((".VnTimeH", text) for text in TEXTS))))
    assert texts(done) == list(TEXTS)


def test_decomposed_text_is_composed_and_told():
    done = decode_drawing(work(layer(*(("arial.ttf", unicodedata.normalize("NFD", text)) for text in TEXTS))))
    assert texts(done) == list(TEXTS)
    assert [(repair.code, repair.params["texts"]) for repair in done.repairs] == [("drawing-text-composed", 6)]


def test_plain_text_and_missing_text_stay():
    one = layer(("txt.shx", "OM-12"), ("txt.shx", "  "))
    one = replace(one, fields={**one.fields, "text": ["OM-12", None], "runs": [one.fields["runs"][0], None]})
    done = decode_drawing(work(one))
    assert texts(done) == ["OM-12", None]
    assert done.repairs == () and done.findings == ()


def test_names_are_decoded_and_the_mapping_finds_them_by_either_name():
    raw = encode("Đất nhóm nhà ở", "tcvn3")
    one = layer(*((".VnTime", encode(text, "tcvn3")) for text in TEXTS), name=raw, tag=[encode("Ký hiệu", "tcvn3")] * 6)
    rules = (LayerRule(raw, "lot"), LayerRule("Đất*", "label"))
    done = decode_drawing(work(one, layers=rules, left_out=(LeftOut("layer-off", encode("Đất cũ", "tcvn3"), 1),)))
    assert done.layers[0].name == "Đất nhóm nhà ở"
    assert set(done.layers[0].fields["tag"]) == {"Ký hiệu"}
    assert list(done.drawing.layers) == ["Đất nhóm nhà ở"]
    assert done.drawing.left_out[0].what == "Đất cũ"
    assert [(rule.match, rule.role) for rule in done.mapping.layers] == [
        (raw, "lot"),
        ("Đất nhóm nhà ở", "lot"),
        ("Đất*", "label"),
    ]


def test_mapping_stays_when_no_layer_is_renamed():
    start = work(layer(("arial.ttf", "Đất ở")), layers=(LayerRule("CHU", "label"),))
    assert decode_drawing(start).mapping is start.mapping


def test_cells_of_tables_are_decoded():
    table = TableGrid("T1", "BANG", ((encode("Loại đất", "tcvn3"), ""), (encode("Đất ở", "tcvn3"), "12,5")), ".VnTime")
    done = decode_drawing(work(tables=(table,)))
    assert done.drawing.tables[0].cells == (("Loại đất", ""), ("Đất ở", "12,5"))


@pytest.mark.parametrize(("given_name", "encoding"), [("tcvn3", "tcvn3"), ("ABC", "tcvn3"), ("VNI-Windows", "vni")])
def test_mapping_wins_when_it_names_the_encoding(given_name, encoding):
    raw = encode("hoà xã", encoding)
    done = decode_drawing(work(layer(("arial.ttf", raw), ("arial.ttf", "Đất ở")), encoding=given_name))
    assert texts(done) == ["hoà xã", "Đất ở"]
    assert done.findings == ()


def test_mapping_wins_when_it_says_that_the_text_is_unicode():
    done = decode_drawing(work(layer(("VNI-Times", "hoà")), encoding="unicode"))
    assert texts(done) == ["hoà"] and done.repairs == ()


def test_question_is_asked_when_font_and_content_disagree():
    done = decode_drawing(work(layer((".VnTime", "xã"), (".VnTime", "OM-1"))))
    assert [finding.code for finding in done.findings] == ["drawing-text-unsure"]
    finding = done.findings[0]
    assert finding.level is Level.WARNING and finding.source_handle == "A0"
    assert {finding.params["first"], finding.params["other"]} == {"xã", "xó"}
    assert "«xã»" in message(finding.code, "vi", **finding.params)


def test_misread_utf8_is_read_again():
    raw = [("arial.ttf", text.encode().decode("cp1252", "replace")) for text in ("Tổng hợp", "Quy hoạch")]
    raw = [(font, text) for font, text in raw if "\ufffd" not in text]
    assert raw
    done = decode_drawing(work(layer(*raw)))
    assert set(texts(done)) <= {"Tổng hợp", "Quy hoạch"}
    assert done.repairs[0].params["encoding"] == "UTF-8"


def test_lost_letters_are_told_with_their_place():
    start = work(layer(("arial.ttf", "Tru?ng h?c"), ("arial.ttf", "Trường học"), ("arial.ttf", "Đ\ufffdt")))
    done = say_broken_text(decode_drawing(start))
    assert [(finding.code, finding.source_handle) for finding in done.findings] == [
        ("drawing-text-undecodable", "A0"),
        ("drawing-text-undecodable", "A2"),
    ]
    assert shapely.from_wkb(done.findings[1].wkb) == shapely.Point(2, 0)


def test_phases_do_nothing_when_there_is_no_drawing():
    start = replace(work(layer(("arial.ttf", "Đất ở"))), drawing=None)
    assert decode_drawing(start) is start and say_broken_text(start) is start


def test_text_phase_decodes_a_drawing_and_passes_on_what_the_reader_said():
    one = replace(layer(*((".VnTime", encode(text, "tcvn3")) for text in TEXTS)), warnings=("odd",))
    done = repair_text(work(one))
    assert texts(done) == list(TEXTS)
    assert [finding.code for finding in done.findings] == ["source-remark"]


def test_runs_that_do_not_make_up_the_text_are_not_trusted():
    one = layer((".VnTime", encode("Đất ở", "tcvn3")))
    one = replace(one, fields={**one.fields, "runs": [json.dumps([["a", "x"], ["b", "yz"]])]})
    assert len(texts(decode_drawing(work(one)))) == 1


@given(
    st.lists(st.tuples(st.sampled_from([".VnTime", "VNI-Times", "arial.ttf", ""]), st.text(max_size=12)), max_size=8),
    st.sampled_from(["auto", "tcvn3", "vni", "utf-8", "cp1258", "nonsense"]),
    st.sampled_from(["cp1252", "cp1258", "utf-8", "gbk"]),
)
def test_any_text_is_taken_without_error(pieces, encoding, codepage):
    done = say_broken_text(decode_drawing(work(layer(*pieces), codepage=codepage, encoding=encoding)))
    for text in texts(done):
        assert text is None or text == text.strip()
    for finding in done.findings:
        assert message(finding.code, "vi", layer=finding.layer, **finding.params)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["d05_med_attrib_tcvn3", "d08_hard_lines_all"])
def test_drawings_in_tcvn3_are_read_as_their_draughtsman_wrote_them(name):
    if not SHARED.is_dir():
        pytest.skip("../shared/drawings is absent")
    from quyhoach.ingest import read_source

    source = read_source(SHARED / name / "drawing.dxf")
    start = Work(Context(load_standard(), "EPSG:9215"), SourceMapping(), source.layers, drawing=source.drawing)
    done = say_broken_text(repair_text(start))
    found = {text for one in done.layers for text in one.fields["text"] if text}
    assert {"CHÚ GIẢI", "KÝ HIỆU LÔ ĐẤT", "Đất nhóm nhà ở", "Đất trường THCS, tiểu học, mầm non", "Loại đất"} <= found
    assert [repair.params["encoding"] for repair in done.repairs] == ["TCVN3 (ABC)"]
    assert done.findings == ()
