"""Which land-use function words and letters of a drawing mean."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.standard import fold, load_standard
from quyhoach.standardise.functions import SURE, bare_code, find_function_by_words, prefix_function

STANDARD = load_standard()
WORDS = st.sampled_from([row.words.rstrip("*") for row in STANDARD.function_words if row.use == "name"])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Đất nhóm nhà ở", "DAT_O_Nhomnhao"),
        ("ĐẤT Ở MỚI", "DAT_O_Nhomnhao"),
        ("QH_DAT O MOI", "DAT_O_Nhomnhao"),
        ("DATNHOMNHAOMOI", "DAT_O_Nhomnhao"),
        ("Đất ở liền kề", "DAT_O_Nhomnhao"),
        ("Đất ở biệt thự", "DAT_O_Nhomnhao"),
        ("tái định cư", "DAT_O_Nhomnhao"),
        ("LK", "DAT_O_Nhomnhao"),
        ("O-LK", "DAT_O_Nhomnhao"),
        ("XREF$0$DAT_O", "DAT_O_Nhomnhao"),
        ("Residential", "DAT_O_Nhomnhao"),
        ("Đất ở làng xóm hiện trạng", "DAT_O_Langxom"),
        ("SDD-Dat lang xom, dan cu hien tr", "DAT_O_Langxom"),
        ("Đất hỗn hợp thương mại dịch vụ", "DAT_O_Honhop_Nhomo"),
        ("SDD-Dat hon hop nhom nha o va di", "DAT_O_Honhop_Nhomo"),
        ("SDD-Dat truong trung hoc pho tho", "DAT_HTXH_TruongTHPT"),
        ("QH_TRUONG THPT", "DAT_HTXH_TruongTHPT"),
        ("SDD-Dat truong THCS, tieu hoc, m", "DAT_HTXH_Truonghoc"),
        ("trường mầm non", "DAT_HTXH_Truonghoc"),
        ("Đất giáo dục", "DAT_HTXH_Truonghoc"),
        ("School", "DAT_HTXH_Truonghoc"),
        ("QHDH_DAT_HTXH_Yte_DVO", "DAT_HTXH_Yte"),
        ("HT_DAT_HTXH_Yte", "DAT_HTXH_Yte"),
        ("Đất cây xanh, TDTT", "DAT_HTXH_CayxanhCC"),
        ("cây xanh cảnh quan", "DAT_HTXH_CayxanhCC"),
        ("NHAN-CAY_XANH_CACH_LY", "DAT_Cayxanhchuyendung"),
        ("Cây xanh cách li", "DAT_Cayxanhchuyendung"),
        ("thương mại dịch vụ", "DAT_Dichvu"),
        ("Dịch vụ - Thương mại", "DAT_Dichvu"),
        ("TMDV", "DAT_Dichvu"),
        ("Đất dịch vụ du lịch", "DAT_Dulich"),
        ("Đất tôn giáo, tín ngưỡng", "DAT_Ditich_tongiao"),
        ("trụ sở UBND", "DAT_Coquan"),
        ("mặt nước", "DAT_KHAC_HONUOC"),
        ("hạ tầng kỹ thuật", "DAT_HTKT_Hatangkhac"),
        ("hạ tầng kĩ thuật", "DAT_HTKT_Hatangkhac"),
        ("HTKT", "DAT_HTKT_Hatangkhac"),
        ("trạm xử lý nước thải", "DAT_HTKT_Hatangkhac"),
        ("bãi đỗ xe", "DAT_HTKT_Baidoxe"),
        ("P", "DAT_HTKT_Baidoxe"),
    ],
)
def test_function_is_found_when_a_name_says_it(written, code):
    guess = find_function_by_words(written, STANDARD)
    assert guess is not None
    assert guess.code == code
    assert guess.score >= SURE


@pytest.mark.parametrize(
    "written", ["", "  ", "Mép đường", "KHUNG_TEN", "Tổng cộng", "0", "907", "Hòa Bình", "Chữ ký hiệu ô đất"]
)
def test_nothing_is_found_when_words_say_nothing(written):
    assert find_function_by_words(written, STANDARD) is None


@pytest.mark.parametrize("written", ["Đất công cộng", "MN", "CC", "Đất rừng", "văn phòng"])
def test_score_is_low_when_words_mean_several_things(written):
    guess = find_function_by_words(written, STANDARD)
    assert guess is not None and guess.score < 0.7


def test_diacritics_count_when_they_are_written():
    assert find_function_by_words("chợ", STANDARD).score > find_function_by_words("chỗ", STANDARD).score
    assert find_function_by_words("thuỷ sản", STANDARD) == find_function_by_words("thủy sản", STANDARD)


def test_codes_of_a_general_plan_are_given_when_they_are_preferred():
    assert find_function_by_words("Đất y tế", STANDARD, prefer_kind="general").code == "DAT_NDD_YTE"
    assert prefix_function("LK", STANDARD, prefer_kind="general").code == "DAT_DD_DONVIO"


def test_nothing_is_found_when_the_list_is_another():
    assert find_function_by_words("Đất y tế", STANDARD, "cnig") is None
    assert prefix_function("LK", STANDARD, "cnig") is None


def test_every_function_of_the_list_is_found_when_named_as_in_the_standard():
    zoning = [row for row in STANDARD.land_use.values() if row.kind == "zoning"]
    missed = {row.name["vi"] for row in zoning if find_function_by_words(row.name["vi"], STANDARD).code != row.code}
    assert not missed


def test_letters_give_a_function_when_an_office_would_know_them():
    assert prefix_function("CXCL", STANDARD).code == "DAT_Cayxanhchuyendung"
    assert prefix_function("bđx", STANDARD).code == "DAT_HTKT_Baidoxe"
    assert prefix_function("XYZ", STANDARD) is None
    both = prefix_function("MN", STANDARD)
    assert {both.code, *both.rivals} == {"DAT_HTXH_Truonghoc", "DAT_KHAC_HONUOC"}
    assert both.score < SURE


def test_stage_and_level_are_taken_off_when_a_layer_has_them():
    assert bare_code("xref$0$QHDH_DAT_HTXH_Yte_DVO") == "DAT_HTXH_Yte"


def test_words_of_an_overlay_win_when_an_office_writes_its_own(tmp_path):
    (tmp_path / "function_words.csv").write_text(
        "use,words,function,general,weight,source\nprefix,ZZ,DAT_Anninh,,0.9,x\nname,đất lạ,DAT_Dulich,,1,x\n"
    )
    own = load_standard(tmp_path)
    assert prefix_function("ZZ", own).code == "DAT_Anninh"
    assert find_function_by_words("DAT LA", own).code == "DAT_Dulich"


@given(WORDS)
def test_guess_is_the_same_when_diacritics_case_and_form_differ(words):
    plain = find_function_by_words(fold(words).upper(), STANDARD)
    composed = find_function_by_words(unicodedata.normalize("NFC", words), STANDARD)
    assert composed == find_function_by_words(unicodedata.normalize("NFD", words), STANDARD)
    assert plain is not None and composed is not None
    assert 0 < composed.score <= 1


@given(st.text(max_size=60))
def test_guess_is_bounded_when_the_text_is_anything(text):
    guess = find_function_by_words(text, STANDARD)
    assert guess is None or (0 < guess.score <= 1 and guess.code.casefold() in STANDARD.land_use)
