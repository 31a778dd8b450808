"""Text of before Unicode: every letter there and back, content against font, and nothing spoilt that is right."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.legacy_judge import SURE, font_encoding, judge, looks_broken, text_encoding
from quyhoach.domain.legacy_text import LETTERS, bytes_fit, compose, decode, encode, read_again
from quyhoach.domain.syllables import is_syllable, plausibility

TEXTS = (
    "Đất nhóm nhà ở",
    "Đất cây xanh sử dụng công cộng",
    "Đất trường THCS, tiểu học, mầm non",
    "Quy hoạch chung thị trấn Đồng Đăng",
    "mật độ xây dựng (%) | tầng cao | hệ số sử dụng đất (lần)",
    "Tổng diện tích: 4.132 m²",
)
WORDS = st.lists(
    st.text(
        st.sampled_from([letter for letter in LETTERS if letter.islower()] + list("abcdeghiklmn 0-9.")), max_size=12
    )
)


def test_there_are_134_letters():
    assert len(LETTERS) == len(set(LETTERS)) == 134
    assert all(unicodedata.is_normalized("NFC", letter) for letter in LETTERS)


@pytest.mark.parametrize("letter", LETTERS)
def test_each_letter_comes_back_when_encoded_as_vni(letter):
    assert decode(encode(letter, "vni"), "vni") == letter


@pytest.mark.parametrize("letter", LETTERS)
def test_each_letter_comes_back_when_encoded_as_tcvn3(letter):
    assert decode(encode(letter, "tcvn3"), "tcvn3", capitals=letter.isupper()) == letter


def test_codes_differ_for_each_letter():
    assert len({encode(letter, "vni") for letter in LETTERS}) == 134
    assert len({encode(letter, "tcvn3") for letter in LETTERS if letter.islower() or letter in "ĂÂÊÔƠƯĐ"}) == 67 + 7


@given(WORDS)
def test_text_comes_back_when_encoded(words):
    text = compose(" ".join(words))
    assert decode(encode(text, "vni"), "vni") == text
    assert decode(encode(text, "tcvn3"), "tcvn3") == text


@pytest.mark.parametrize(
    ("raw", "encoding", "read"),
    [
        ("§Êt nhãm nhµ ë", "tcvn3", "Đất nhóm nhà ở"),
        ("§Êt tr\xadêng THCS", "tcvn3", "Đất trường THCS"),
        ("tû lÖ 1/5.000, 25 m²", "tcvn3", "tỷ lệ 1/5.000, 25 m²"),
        ("kinh tuyÕn trôc 107°15'", "tcvn3", "kinh tuyến trục 107°15'"),
        ("Ñaát ôû, ñöôøng", "vni", "Đất ở, đường"),
        ("QUY HOAÏCH CHI TIEÁT", "vni", "QUY HOẠCH CHI TIẾT"),
        ("lòch söû, tyû leä, nghóa trang, kyù hieäu", "vni", "lịch sử, tỷ lệ, nghĩa trang, ký hiệu"),
        ("Ðâìt nhoìm nhaÌ ơÒ", "cp1258", "Đất nhóm nhà ở"),
        ("Ä\x90áº¥t á»Ÿ", "utf-8", "Đất ở"),
        ("Ðất ở", "unicode", "Đất ở"),
    ],
)
def test_text_is_read_when_its_encoding_is_known(raw, encoding, read):
    assert decode(raw, encoding) == read


def test_small_codes_become_capitals_when_font_shows_them_so():
    assert decode("quy ho¹ch chung thÞ trÊn ®ång ®¨ng", "tcvn3", capitals=True) == "QUY HOẠCH CHUNG THỊ TRẤN ĐỒNG ĐĂNG"


@pytest.mark.parametrize("codepage", ["cp1252", "cp1258", "cp1250", "latin-1", "utf-8", "gbk"])
@pytest.mark.parametrize("text", TEXTS)
def test_tcvn3_is_read_when_file_names_another_code_page(text, codepage):
    data = encode(text, "tcvn3").encode("cp1252")
    shown = data.decode("cp1252" if codepage == "utf-8" else codepage, errors="surrogateescape")
    assert decode(shown, "tcvn3", codepage=codepage) == text


def test_tcvn3_is_read_when_reader_composed_letters_of_cp1258():
    text = "Đất dịch vụ, nền"
    shown = unicodedata.normalize("NFC", encode(text, "tcvn3").encode("cp1252").decode("cp1258"))
    assert decode(shown, "tcvn3", codepage="cp1258") == text


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_unicode_is_composed_when_in_another_form(form):
    assert compose(unicodedata.normalize(form, "Đất ở, đường")) == "Đất ở, đường"


@pytest.mark.parametrize(
    "raw", ["a\u0301\u0302", "a\u0302\u0301", "\u00e1\u0302", "\u00e2\u0301", "a\u0302\u0341", "a\u0302\u0302\u0301"]
)
def test_marks_are_put_in_order_when_typed_in_another(raw):
    assert compose(raw) == "ấ"


@given(st.text(max_size=40), st.sampled_from(["unicode", "tcvn3", "vni", "utf-8", "cp1258"]), st.booleans())
def test_anything_is_decoded_to_nfc_without_error(text, encoding, capitals):
    read = decode(text, encoding, capitals=capitals, codepage="cp1258")
    assert capitals or unicodedata.is_normalized("NFC", read)
    looks_broken(read)


@given(st.text(st.characters(codec="ascii"), max_size=40), st.sampled_from(["unicode", "tcvn3", "vni", "cp1258"]))
def test_ascii_stays_when_decoded(text, encoding):
    assert decode(text, encoding) == text


def test_unknown_encoding_is_refused():
    with pytest.raises(ValueError, match="viscii"):
        decode("a", "viscii")


@pytest.mark.parametrize(
    ("font", "promised"),
    [
        (".VnTime", ("tcvn3", False)),
        (".VnTimeH", ("tcvn3", True)),
        (".VNARIALH", ("tcvn3", True)),
        ("vnarial.ttf", ("tcvn3", False)),
        ("vnarialb.ttf", ("tcvn3", False)),
        ("vnarialh.ttf", ("tcvn3", True)),
        (".VnTimeH.ttf", ("tcvn3", True)),
        (".VnArial NarrowH", ("tcvn3", True)),
        ("VHTIME.TTF", ("tcvn3", True)),
        ("vntime.shx", ("tcvn3", False)),
        ("vnsimple.shx", ("tcvn3", False)),
        ("vnarchi.shx", ("tcvn3", False)),
        ("VnArch.shx", ("tcvn3", False)),
        (r"C:\acad\fonts\vntimeh.shx", ("tcvn3", True)),
        ("VNI-Times", ("vni", False)),
        ("vni-helve-condense.ttf", ("vni", False)),
        ("vnvni.shx", ("vni", False)),
        ("arial.ttf", ("unicode", False)),
        ("Times New Roman", ("unicode", False)),
        ("Tahoma", ("unicode", False)),
        ("txt.shx", (None, False)),
        ("romans", (None, False)),
        ("", (None, False)),
    ],
)
def test_font_promises_encoding(font, promised):
    assert font_encoding(font) == promised


@pytest.mark.parametrize("font", [".VnTime", "VNI-Times", "arial.ttf", "txt.shx", ""])
@pytest.mark.parametrize("encoding", ["unicode", "tcvn3", "vni"])
@pytest.mark.parametrize("codepage", ["cp1252", "utf-8"])
def test_content_decides_when_font_says_otherwise(font, encoding, codepage):
    verdict = judge({font: [encode(text, encoding) for text in TEXTS]}, codepage)[font]
    assert verdict.encoding == encoding
    assert verdict.sure > 0.99


def test_each_font_gets_its_own_verdict_when_drawing_is_mixed():
    verdicts = judge({".VnTime": [encode(text, "tcvn3") for text in TEXTS], "arial.ttf": TEXTS})
    assert {font: verdict.encoding for font, verdict in verdicts.items()} == {
        ".VnTime": "tcvn3",
        "arial.ttf": "unicode",
    }


def test_one_text_is_read_by_its_own_words_when_its_font_is_mixed():
    group = judge({".VnTime": [encode(text, "tcvn3") for text in TEXTS]})[".VnTime"]
    assert text_encoding("Đất ở", group)[0] == "unicode"
    assert text_encoding(encode("Đất ở", "tcvn3"), group)[0] == "tcvn3"
    assert text_encoding("OM-12", group) == ("tcvn3", 1.0)
    assert text_encoding("Ä\x90áº¥t á»Ÿ", group)[0] == "utf-8"


def test_font_decides_when_words_read_both_ways():
    assert judge({"VNI-Times": ["hoà"], "x": [encode(text, "vni") for text in TEXTS]})["VNI-Times"].encoding == "vni"
    assert judge({"arial.ttf": ["hoà"]})["arial.ttf"].encoding == "unicode"


def test_verdict_is_unsure_when_font_and_word_disagree():
    assert judge({".VnTime": ["xã"]})[".VnTime"].sure < SURE


@pytest.mark.parametrize("text", ["Résidence des fleurs", "façade à l'été", "café", "Ø600", "25 m²", "OM-12 ±0.00"])
@pytest.mark.parametrize("font", ["arial.ttf", ""])
def test_western_text_stays_when_no_vietnamese_is_near(text, font):
    verdict = judge({font: [text]})[font]
    assert decode(text, text_encoding(text, verdict)[0]) == text


@given(
    st.sampled_from(TEXTS), st.sampled_from(["unicode", "tcvn3", "vni"]), st.sampled_from([".VnTime", "VNI-Times", "x"])
)
def test_single_text_is_told_by_content_alone(text, encoding, font):
    raw = encode(text, encoding)
    assert decode(raw, judge({font: [raw]})[font].encoding) == text


@pytest.mark.parametrize("text", ["Tru?ng h?c", "Đ?t", "a\ufffdb", "\x07Đất", "v¸n", "®Êt", "ho\x80ch", "?ất ở"])
def test_text_looks_broken_when_letters_are_lost(text):
    assert looks_broken(text)


@pytest.mark.parametrize(
    "text", [*TEXTS, "Có gì?", "12?", "?", "105°45'00\"", "±0,00", "25 m²", "Ø600", "A–B", "50 × 60", "≤60%"]
)
def test_text_does_not_look_broken_when_sound(text):
    assert not looks_broken(text)


@pytest.mark.parametrize(
    "word", ["đất", "quy", "hoạch", "giếng", "gì", "quốc", "nghiêng", "khuỷu", "ở", "yên", "ngoằn", "quýt", "thuở"]
)
def test_syllable_is_known_when_spelt_as_vietnamese(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["đàt", "bỡnh", "ngi", "qất", "cĩêng", "ấấ", "ssố", "kà", "gêm", "sõc"])
def test_syllable_is_refused_when_vietnamese_cannot_spell_it(word):
    assert not is_syllable(word)


def test_words_of_planning_count_most():
    assert plausibility("đất") > plausibility("sấn") > plausibility("café") > plausibility("bỡnh") > plausibility("nhØ")


def test_bytes_fit_when_every_letter_was_one_byte():
    assert bytes_fit("§Êt", "cp1252")
    assert not bytes_fit("Đất", "cp1252")
    assert read_again("Đất", "utf-8") is None


def test_signs_between_figures_stay_signs_in_tcvn3():
    assert decode("TC: 3÷7 tÇng, 20 × 30", "tcvn3") == "TC: 3÷7 tầng, 20 × 30"
    assert decode("nh÷ng", "tcvn3") == "những"
