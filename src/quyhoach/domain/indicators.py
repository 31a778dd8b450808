"""Planning indicators as people write them on Vietnamese plans, read into bounds. What was written is always kept."""

import re
import unicodedata
from functools import lru_cache
from typing import TypeAlias

Bounds: TypeAlias = tuple[float | None, float | None]

_LONGEST = 60  # characters: longer text is a remark, not an indicator
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−~÷∼～", "-"))
_NUMBER = r"(?:\d{1,3}(?:[. ]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?)"
_UNIT = (
    r"(?:%|tầng|tang|người|nguoi|lần|lan|storeys?|floors?|persons?|people|times|"
    r"(?:m2|m²|ha|m)(?:\s*/\s*(?:người|ng))?)"
)
_VALUE = rf"({_NUMBER})\s*{_UNIT}?"
_AT_MOST = r"(?:≤|<=|=<|<|tối đa|không quá|không vượt quá|không lớn hơn|dưới|max\.?|up to)"
_AT_LEAST = r"(?:≥|>=|=>|>|tối thiểu|không dưới|không nhỏ hơn|ít nhất|trên|từ|min\.?|at least)"
_RANGE = re.compile(rf"(?:từ\s+|from\s+)?{_VALUE}\s*(?:-|đến|tới|to\b|\.\.\.?|…)\s*{_VALUE}")
_UPPER = re.compile(rf"{_AT_MOST}\s*:?\s*{_VALUE}")
_LOWER = re.compile(rf"{_AT_LEAST}\s*:?\s*{_VALUE}")
_SINGLE = re.compile(rf"(?:khoảng\s+|=\s*)?{_VALUE}")
_BLANK = re.compile(r"[-./xX\s]*|không|khong|none|null|n/?a|nan", re.IGNORECASE)


@lru_cache(maxsize=1 << 16)  # a plan writes few different values many times
def parse_range(text: str) -> Bounds | None:
    """The smallest and largest value that an indicator allows; None where nothing can be read from the text.

    A bound that the text does not give is None: "≤60" and "tối đa 60" are (None, 60), "3" is (3, 3), "40-60",
    "40÷60" and "40 – 60%" are (40, 60). A comma is the decimal mark; a dot is one too ("0.4"), but before groups of
    three digits it divides thousands ("1.200 người" is 1200), as Vietnamese practice has it. A unit may follow.
    A range that runs backwards, a negative number and any other word give None: better unread than misread.
    """
    if len(text) > _LONGEST:
        return None
    plain = " ".join(unicodedata.normalize("NFC", text).translate(_DASHES).lower().split())
    if found := _RANGE.fullmatch(plain):
        low, high = _number(found[1]), _number(found[2])
        return (low, high) if low <= high else None
    if found := _UPPER.fullmatch(plain):
        return None, _number(found[1])
    if found := _LOWER.fullmatch(plain):
        return _number(found[1]), None
    if found := _SINGLE.fullmatch(plain):
        value = _number(found[1])
        return value, value
    return None


def is_blank(text: str) -> bool:
    """Whether the text says that there is no value: nothing, a dash, "không"."""
    return _BLANK.fullmatch(text.translate(_DASHES).strip()) is not None


def _number(text: str) -> float:
    """A number written the Vietnamese way; `0.400` has no thousands, since no group starts with a lone zero."""
    text = text.replace(" ", ".")
    whole, comma, decimals = text.partition(",")
    if comma:
        return float(whole.replace(".", "") + "." + decimals)
    if "." in whole and not whole.startswith("0") and all(len(part) == 3 for part in whole.split(".")[1:]):
        return float(whole.replace(".", ""))
    return float(whole) if whole.count(".") <= 1 else float(whole.replace(".", ""))
