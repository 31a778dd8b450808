"""The catalogue: both languages say the same, and telling an error never makes another."""

import re
from collections import Counter
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.standard.messages import FOLDER, catalogue, message, placeholders, read_messages
from quyhoach.standard.text import LANGUAGES

FILES = sorted(path.name for path in (FOLDER / "vi").glob("*.toml"))


def test_every_room_has_its_file_in_both_languages():
    assert FILES
    assert sorted(path.name for path in (FOLDER / "en").glob("*.toml")) == FILES


@pytest.mark.parametrize("name", FILES)
def test_both_languages_have_the_same_codes_and_parameters(name):
    vietnamese, english = (read_messages(FOLDER / lang / name) for lang in LANGUAGES)
    assert list(vietnamese) == list(english)
    for code, template in vietnamese.items():
        assert placeholders(template) == placeholders(english[code]), code
        assert vietnamese[code].strip()
        assert english[code].strip()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_codes_are_kebab_case_and_stand_in_one_file_only(lang):
    codes = Counter(code for path in (FOLDER / lang).glob("*.toml") for code in read_messages(path))
    assert [code for code, count in codes.items() if count > 1] == []
    assert [code for code in codes if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []
    assert set(codes) == set(catalogue(lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_files_hold_sentences_only(lang):
    import tomllib

    for path in (FOLDER / lang).glob("*.toml"):
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
        assert [key for key, value in rows.items() if not isinstance(value, str)] == [], path.name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_templates_use_plain_names(lang):
    for code, template in catalogue(lang).items():
        assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in placeholders(template)), code


def test_sentence_is_filled_in_the_language_asked():
    params = {"path": "groups.csv", "line": 1234, "column": "order", "value": 0.5}
    assert message("table-cell-bad", "vi", **params) == (
        "Bảng groups.csv, dòng 1234, cột order: giá trị “0,5” không hợp lệ."
    )
    assert message("table-cell-bad", "en", **params) == (
        "Table groups.csv, line 1234, column order: value “0.5” is not valid."
    )


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (1234.5, "1.234,5", "1,234.5"),
        (9215, "9215", "9215"),
        (date(2022, 8, 13), "13/8/2022", "13 August 2022"),
        (datetime(2022, 8, 13, 7, 30), "2022-08-13 07:30:00", "2022-08-13 07:30:00"),  # noqa: DTZ001
        (["a", "b"], "a, b", "a, b"),
        ({"b", "a"}, "a, b", "a, b"),
        (None, "None", "None"),
        ("{path}", "{path}", "{path}"),
    ],
)
def test_parameter_is_written_in_the_way_of_the_language(value, vietnamese, english):
    assert message("table-unreadable", "vi", path=value) == f"Không đọc được bảng {vietnamese}."
    assert message("table-unreadable", "en", path=value) == f"Table {english} cannot be read."


def test_parameter_shows_by_name_when_missing():
    assert message("table-unreadable", "vi") == "Không đọc được bảng {path}."


def test_code_and_parameters_are_told_when_there_is_no_sentence():
    assert message("no-such-code", "vi", code="x", lang="y", area=1.5) == "no-such-code (code=x, lang=y, area=1.5)"
    assert message("no-such-code", "en") == "no-such-code"


def test_error_is_still_told_when_a_value_cannot_be_written():
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    assert message("table-unreadable", "vi", path=Broken()) == "table-unreadable (path=?)"


@given(
    st.sampled_from(sorted(catalogue("vi"))),
    st.text(max_size=5),
    st.dictionaries(
        st.from_regex("[a-z]+", fullmatch=True), st.text() | st.floats() | st.none() | st.integers() | st.dates()
    ),
)
def test_telling_never_fails(code, lang, params):
    assert isinstance(message(code, lang, **params), str)
