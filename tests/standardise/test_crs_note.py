"""The coordinate system that a sheet names, in all the ways of writing it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.standard import load_standard
from quyhoach.standardise.crs_note import CrsNote, read_crs_note
from quyhoach.standardise.drawn_texts import DrawnTexts


def read(*texts: str) -> CrsNote:
    """The note of texts that stand below each other."""
    count = len(texts)
    zero, number = np.zeros(count), np.arange(count)
    place = np.zeros(count, dtype=np.intp)
    names = tuple(f"h{row}" for row in number)
    table = DrawnTexts(texts, names, zero, -10.0 * number, zero, -10.0 * number, zero + 2.5, zero, place, place)
    return read_crs_note(table, load_standard())


@pytest.mark.parametrize(
    "text",
    [
        "Hệ tọa độ VN-2000, kinh tuyến trục 107°15', múi chiếu 3°",
        "He toa do VN-2000, kinh tuyen truc 107°15', mui chieu 3°",
        "HỆ TỌA ĐỘ VN2000 - KTT: 107%%d15' - MÚI 3%%d",
        "VN-2000, KTT 107d15', múi 3 độ",
        "Hệ toạ độ VN 2000; kinh tuyến trục: 107 độ 15 phút; múi chiếu 3 độ",
        "L0=107 15",
        "VN2000, L0 = 107°15'00\", k0 = 0,9999",
        "kinh tuyến trục 107º15′",
        "kinh tuyến trục 107,25 độ",
        "kinh tuyến trục 107.15'",
        "K.T.T 107-15",
        "Kinh tuyến trung ương 107°15', múi 3°",
        "HÖ täa ®é VN-2000, kinh tuyÕn trôc 107°15', mói chiÕu 3°",  # letters that were not decoded
        "kinh tuyen truc 107?15'",
        "VN-2000 (TM-3, 107-15)",
        "EPSG:9215",
    ],
)
def test_meridian_is_read_in_every_way_of_writing(text: str) -> None:
    assert read(text).codes == ("EPSG:9215",)


@pytest.mark.parametrize(
    ("texts", "codes"),
    [
        (("kinh tuyến trục 105°00', múi chiếu 6°",), ("EPSG:3405",)),
        (("kinh tuyến trục 105°00', múi chiếu 3°",), ("EPSG:5897",)),
        (("kinh tuyến trục 105°00'",), ("EPSG:5897", "EPSG:3405")),
        (("kinh tuyến trục 105°", "k0=0.9996"), ("EPSG:3405",)),
        (("VN-2000", "KTT 105°00'", "MÚI CHIẾU 6 ĐỘ"), ("EPSG:3405",)),
        (("VN-2000, lưới chiếu UTM, múi 48",), ("EPSG:3405",)),
        (("VN-2000 / UTM zone 49N",), ("EPSG:3406",)),
        (("kinh tuyến trục 111°00', múi chiếu 6°",), ("EPSG:3406",)),
        (("WGS84, UTM zone 48N",), ("EPSG:32648",)),
        (("WGS-84 / UTM", "kinh tuyến trục 105°, múi 6°"), ("EPSG:32648",)),
        (("Kinh tuyến trục 105°45', múi 3°", "Kinh tuyến trục 106°00', múi 3°"), ("EPSG:9210", "EPSG:9211")),
    ],
)
def test_zone_is_told_by_width_factor_and_neighbouring_lines(texts: tuple[str, ...], codes: tuple[str, ...]) -> None:
    assert read(*texts).codes == codes


@pytest.mark.parametrize(
    "text", ["Hệ tọa độ HN-72", "HN72", "Hà Nội 1972", "hệ Hà Nội - 72", "Gauss-Krüger", "Kraxopxki"]
)
def test_old_datum_is_told(text: str) -> None:
    note = read(text)
    assert note.hn72 == text and note.codes == ()


def test_old_datum_is_not_told_when_vn2000_stands_beside_it() -> None:
    note = read("VN-2000, kinh tuyến trục 107°15', múi chiếu 3°, tính chuyển từ HN-72")
    assert note.hn72 == "" and note.codes == ("EPSG:9215",)


@pytest.mark.parametrize(
    "text",
    [
        "Quy mô dân số 2000 người",
        "múi đất 3 ha, khu 72",
        "OM-107 1.500",
        "Đường kính 107,15",
        "Công ty Hà Nội",
        "72",
        "",
    ],
)
def test_nothing_is_read_when_nothing_is_said(text: str) -> None:
    assert read(text) == CrsNote()


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_text_is_borne(texts: list[str]) -> None:
    note = read(*texts)
    assert all(code.startswith("EPSG:") for code in note.codes)


@given(
    st.lists(
        st.sampled_from(["kinh tuyến", "trục", "107", "°", "15", "'", "múi", "3", "6", "UTM", "48", "VN-2000", " "])
    )
)
def test_any_order_of_its_words_is_borne(words: list[str]) -> None:
    assert len(read("".join(words)).codes) <= 4
