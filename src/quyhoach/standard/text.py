"""How text, numbers and dates are folded for search and written for people; no locale of the machine is used."""

import math
import unicodedata
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

LANGUAGES = ("vi", "en")  # Vietnamese first: it is also what an unknown language falls back to

# fmt: off
_MONTHS_EN = ("January", "February", "March", "April", "May", "June",
              "July", "August", "September", "October", "November", "December")
# fmt: on
_LETTERS = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ø": "o", "ł": "l", "ı": "i"})


def fold(text: str) -> str:
    """Text for comparing without case, diacritics or surplus blanks: "Xã  ĐỒNG MỎ" -> "xa dong mo".

    The same for composed (NFC) and decomposed (NFD) input, and idempotent. `đ` becomes `d`: it has no Unicode
    decomposition, so it is mapped by hand; `Ð` (eth) stands in for `Đ` in many converted files. All marks that
    combine are dropped, all runs of white space become one blank.
    """
    text = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text).casefold()  # some letters decompose further once lowered
    return " ".join("".join(letter for letter in text if not unicodedata.combining(letter)).split())


def format_number(value: float | Decimal, lang: str, *, decimals: int | None = None) -> str:
    """A number as people write it: 1.234,5 in Vietnamese, 1,234.5 in English.

    `decimals` fixes the digits after the mark; without it as many as the number has, at most 6. Halves are
    rounded away from zero, as in Vietnamese administrative practice. NaN and infinities give "–".
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "–"
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        return "–"
    rounded = round_half_up(exact, 6 if decimals is None else decimals)
    text = f"{rounded:,f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.strip("-0.,") == "":
        text = text.removeprefix("-")  # no "-0"
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def round_half_up(value: Decimal, decimals: int) -> Decimal:
    """`value` with `decimals` digits after the mark (0 to 12), halves away from zero."""
    digits = max(0, min(decimals, 12))
    if value.adjusted() > 15:  # beyond what a float knows exactly: nothing after the mark is left to round
        return value.to_integral_value(ROUND_HALF_UP)
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def format_date(value: date, lang: str) -> str:
    """A date as people write it: 13/8/2022 in Vietnamese, 13 August 2022 in English."""
    if lang == "en":
        return f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}"
    return f"{value.day}/{value.month}/{value.year}"


def language(lang: str | None) -> str:
    """`lang` ("vi", "en-GB", "EN") as one of LANGUAGES; anything else is Vietnamese."""
    short = (lang or "").strip().lower().replace("_", "-").partition("-")[0]
    return short if short in LANGUAGES else LANGUAGES[0]
