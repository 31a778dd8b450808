"""Words people see: spelt one way, and never one that promises what a plan does not give."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Two spellings of one word are both in use in Vietnam; the glossary settles which one is written here.
SPELT_OTHERWISE = {
    "toạ độ": "tọa độ",
    "hoá": "hóa",
    "xoá": "xóa",
    "khoá": "khóa",
    "uỷ": "ủy",
    "huỷ": "hủy",
    "minh họa": "minh hoạ",
    "thoả": "thỏa",
}
PROMISES = ("được xây", "được phép xây")


@pytest.fixture(scope="module")
def shown(files) -> dict[str, str]:
    """The files whose Vietnamese people see."""
    folders = [ROOT / "src" / "quyhoach", ROOT / "web" / "src"]
    kinds = {".toml", ".html", ".py", ".ts"}
    read = [path for path in files if path.suffix in kinds and any(path.is_relative_to(folder) for folder in folders)]
    read.append(ROOT / "README.vi.md")
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in read}


@pytest.mark.parametrize("word", SPELT_OTHERWISE)
def test_word_is_spelt_as_in_the_glossary(shown, word):
    found = [name for name, text in shown.items() if re.search(rf"\b{word}\b", text, re.IGNORECASE)]
    assert found == [], f"write “{SPELT_OTHERWISE[word]}”"


@pytest.mark.parametrize("word", PROMISES)
def test_no_sentence_promises_that_one_may_build(shown, word):
    sentences = {name: text for name, text in shown.items() if name.endswith((".toml", ".html"))}
    assert [name for name, text in sentences.items() if word in text.lower()] == []
