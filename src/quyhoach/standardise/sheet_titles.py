"""The texts that name a map: "BẢN ĐỒ QUY HOẠCH SỬ DỤNG ĐẤT", with and without diacritics, also in two lines."""

import re
from dataclasses import dataclass

import numpy as np

from quyhoach.standard.text import fold
from quyhoach.standardise.drawn_texts import DrawnTexts

_TITLE_HEIGHT = 0.3  # of the tallest: lower ones are entries of a list of drawings
_TITLE = re.compile(
    r"^(?:\W|\d)*(?:ban do|so do|ban ve|mat bang|tong mat bang|binh do)\b.*\w"
    r"|^(?:\W|\d)*(?:quy hoach|hien trang|dinh huong|danh gia)\b.*"
    r"(?:su dung dat|giao thong|(?:cap|thoat) nuoc|cap dien|san nen|chuan bi ky thuat|khong gian|kien truc|canh quan"
    r"|ha tang|thong tin|moi truong|chi gioi|cay xanh|hien trang)"
)
_FIRST_LETTERS = frozenset("BbSsMmTtQqHhDdĐđÐð")  # of the words that titles begin with
_BEGINNING = re.compile(r"^(?:\W|\d)*(?:ban do|so do|ban ve|mat bang|binh do)(?: quy hoach| hien trang)?\W*$")


@dataclass(frozen=True, slots=True)
class Title:
    """A map's title as written, the middle of its letters (x + iy as drawn) and their height."""

    text: str
    at: complex
    height: float


def find_titles(texts: DrawnTexts) -> list[Title]:
    """The texts that name a map; "BẢN ĐỒ" alone is joined with the line below it."""
    found = []
    for row, text in enumerate(texts.text):
        first = next((letter for letter in text[:12] if letter.isalpha()), "")
        if len(text) > 200 or first not in _FIRST_LETTERS:  # before folding, which costs more
            continue
        words = " ".join(text.split())
        plain = fold(words)
        if _BEGINNING.match(plain):
            below = _below(texts, row)
            words = f"{words} {' '.join(texts.text[below].split())}" if below is not None else words
            plain = fold(words)
        if _TITLE.match(plain):
            found.append(Title(words, complex(texts.middle_x[row], texts.middle_y[row]), float(texts.height[row])))
    tallest = max((title.height for title in found), default=0.0)
    return [title for title in found if title.height >= _TITLE_HEIGHT * tallest]


def _below(texts: DrawnTexts, row: int) -> int | None:
    """The text on the next line below one, of about its height."""
    height = texts.height[row] or 1.0
    turn = np.exp(-1j * np.radians(texts.rotation[row]))
    away = (texts.middle_x - texts.middle_x[row] + 1j * (texts.middle_y - texts.middle_y[row])) * turn
    fits = (away.imag < -0.5 * height) & (away.imag > -3.5 * height) & (np.abs(away.real) < 15 * height)
    fits &= (texts.height > 0.6 * height) & (texts.height < 1.6 * height)
    return int(np.flatnonzero(fits)[np.argmin(np.abs(away[fits]))]) if fits.any() else None
