"""Vietnamese text of before Unicode, as fonts of Vietnamese draughtsmen have it, into Unicode (NFC) and back.

TCVN3: TCVN 5712:1993, the "ABC" fonts (.VnTime, most Vietnamese .shx). One byte per letter; capitals with a tone mark
are the lower-case letters shown by a capitals font (.VnTimeH). VNI-Windows (VNI-Times): a letter, then a second byte
that is its mark. Both stand in a file as letters of the file's code page: "§Êt", "Ñaát" for "Đất".
"""

import re
import unicodedata
from typing import Literal, TypeAlias

Encoding: TypeAlias = Literal["unicode", "tcvn3", "vni", "utf-8", "cp1258"]

GRAVE, ACUTE, TILDE, HOOK, DOT = "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"
CIRCUMFLEX, BREVE, HORN = "\u0302", "\u0306", "\u031b"
TONES = frozenset((GRAVE, ACUTE, TILDE, HOOK, DOT))
QUALITIES = frozenset((CIRCUMFLEX, BREVE, HORN))


def _lower_letters() -> tuple[str, ...]:
    vowels = "aăâeêioôơuưy"
    tones = ("", *sorted(TONES))
    return ("đ", *(unicodedata.normalize("NFC", vowel + tone) for vowel in vowels for tone in tones))


LETTERS = tuple(letter for letter in _lower_letters() if not letter.isascii())
LETTERS += tuple(letter.upper() for letter in LETTERS)  # the 134 letters that ASCII lacks

# TCVN 5712:1993, bytes A1 to FE. Where the ABC fonts leave a place empty, the standard's capitals VN2 stand; the five
# combining marks B0 to B4 do not occur in drawings, the cp1252 signs there ("°", "²") do, and are kept.
_TCVN3 = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđẰ",
    0xB5: "àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò",
    0xE0: "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ",
}
_FROM_TCVN3 = {start + place: letter for start, row in _TCVN3.items() for place, letter in enumerate(row)}
_TO_TCVN3 = {letter: code for code, letter in _FROM_TCVN3.items() if letter.islower() or letter in "ĂÂÊÔƠƯĐ"}

# VNI-Windows: the second byte of a letter, as cp1252 shows it, and the marks it stands for; capitals likewise.
_VNI_MARKS = {
    "ù": ACUTE,
    "ø": GRAVE,
    "û": HOOK,
    "õ": TILDE,
    "ï": DOT,
    "â": CIRCUMFLEX,
    "á": CIRCUMFLEX + ACUTE,
    "à": CIRCUMFLEX + GRAVE,
    "å": CIRCUMFLEX + HOOK,
    "ã": CIRCUMFLEX + TILDE,
    "ä": CIRCUMFLEX + DOT,
    "ê": BREVE,
    "é": BREVE + ACUTE,
    "è": BREVE + GRAVE,
    "ú": BREVE + HOOK,
    "ü": BREVE + TILDE,
    "ë": BREVE + DOT,
}
_VNI_SINGLE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni_pairs() -> dict[str, str]:
    """Every letter of VNI-Windows in one or two characters -> the letter."""
    pairs: dict[str, str] = {}
    for single, letter in _VNI_SINGLE.items():
        pairs[single], pairs[single.upper()] = letter, letter.upper()
    for base in "aeiouyôö":
        plain = _VNI_SINGLE.get(base, base)
        for mark, marks in _VNI_MARKS.items():
            letter = unicodedata.normalize("NFC", plain + marks)
            if letter in LETTERS:
                for first in (base, base.upper()):
                    for second in (mark, mark.upper()):
                        pairs[first + second] = letter if first == base else letter.upper()
    return pairs


_FROM_VNI = _vni_pairs()
_VNI = re.compile("|".join(sorted(map(re.escape, _FROM_VNI), key=len, reverse=True)))
_TO_VNI: dict[str, str] = {}
for _pair, _letter in _FROM_VNI.items():
    if _pair.islower() if _letter.islower() else _pair.isupper():
        # one character where the fonts have one ("í", not "iù")
        _TO_VNI[_letter] = min(_pair, _TO_VNI.get(_letter, _pair), key=len)

_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "\u00a0": " ", "\u0340": GRAVE, "\u0341": ACUTE})
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_MARKED = re.compile("[\u0300-\u0341\u0323\u031b]")
_RUN_OF_MARKS = re.compile("([a-zA-Z])([\u0300-\u036f]+)")


# "3÷7" typed in a font of TCVN3: the sign has the code of a letter, which never stands between figures.
_SIGNS = {"ữ": "÷", "ì": "×"}
_SIGN = re.compile(r"(?<=\d)[ữì](?=\d)|(?<=\d\s)[ữì](?=\s\d)")


def decode(text: str, encoding: str, *, capitals: bool = False, codepage: str = "cp1252") -> str:
    """Text in an encoding as Unicode, NFC. `codepage`: the Python codec that made characters of the file's bytes.
    `capitals`: the font shows lower-case codes as capitals (.VnTimeH).

    What the encoding has no letter for stays as it is. Raises ValueError for an unknown encoding."""
    if encoding == "unicode":
        result = compose(text)
    elif encoding == "tcvn3":
        result = compose("".join(_tcvn3_letter(letter, byte) for letter, byte in _bytes_of(text, codepage)))
        result = _SIGN.sub(lambda found: _SIGNS[found[0]], result)
    elif encoding == "vni":
        shown = "".join(
            letter if byte is None else bytes((byte,)).decode("cp1252", "replace") if byte > 0x9F else letter
            for letter, byte in _bytes_of(text, codepage)
        )
        result = compose(_VNI.sub(lambda found: _FROM_VNI[found[0]], shown))
    elif encoding in ("utf-8", "cp1258"):
        again = read_again(text, encoding, codepage)
        result = compose(text if again is None else again)
    else:
        raise ValueError(f"unknown encoding {encoding!r}")
    return result.upper() if capitals else result


def encode(text: str, encoding: str) -> str:
    """The inverse of `decode` for "tcvn3" and "vni", in characters of cp1252. TCVN3 has no capitals with tone marks:
    their lower-case codes stand, for a capitals font to show. Raises ValueError for an unknown encoding."""
    text = compose(text)
    if encoding == "unicode":
        return text
    if encoding == "vni":
        return "".join(_TO_VNI.get(letter, letter) for letter in text)
    if encoding == "tcvn3":
        codes = (_TO_TCVN3.get(letter) or _TO_TCVN3.get(letter.lower()) for letter in text)
        return "".join(
            letter if code is None else bytes((code,)).decode("cp1252")
            for letter, code in zip(text, codes, strict=True)
        )
    raise ValueError(f"unknown encoding {encoding!r}")


def compose(text: str) -> str:
    """Unicode text in NFC with Vietnamese order of marks (those of the vowel before the tone's), "Đ" for the look-alike
    "Ð" of Icelandic, plain blanks for hard ones, and no unseen characters."""
    if text.isascii():
        return text
    text = _UNSEEN.sub("", text.translate(_LOOK_ALIKES))
    if not _MARKED.search(text):
        return unicodedata.normalize("NFC", text)
    plain = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _RUN_OF_MARKS.sub(lambda run: run[1] + _in_order(run[2]), plain))


def _in_order(marks: str) -> str:
    """The marks of one letter: of the vowel first, then the tone, each once."""
    return "".join(dict.fromkeys(sorted(marks, key=lambda mark: (mark not in QUALITIES, mark in TONES))))


def bytes_fit(text: str, codepage: str) -> bool:
    """Whether every character of the text can have been one byte of an 8-bit code page: legacy text always can."""
    return all(byte is not None for letter, byte in _bytes_of(text, codepage) if not letter.isascii())


def _tcvn3_letter(letter: str, byte: int | None) -> str:
    if byte is None or byte < 0xA0:
        return letter
    return _FROM_TCVN3.get(byte) or _show(byte)


def _bytes_of(text: str, codepage: str) -> list[tuple[str, int | None]]:
    """Each character with the byte it was read from; None where it cannot have been one byte."""
    if not text.isascii() and codepage.lower().replace("-", "").startswith(("cp93", "cp94", "cp95", "gb", "big5")):
        text = _single_bytes(text, codepage)
        codepage = "cp1252"
    result: list[tuple[str, int | None]] = []
    for letter in text:
        if letter.isascii():
            result.append((letter, ord(letter)))
        elif (byte := _byte_of(letter, codepage)) is not None:
            result.append((letter, byte))
        else:  # letters that a reader composed after a code page of combining marks gave them apart
            parts = unicodedata.normalize("NFD", letter)
            apart = [(part, ord(part) if part.isascii() else _byte_of(part, codepage)) for part in parts]
            if len(parts) > 1 and all(byte is not None for _, byte in apart):
                result += apart
            else:
                result.append((letter, None))
    return result


def _single_bytes(text: str, codepage: str) -> str:
    """Text of an East Asian code page (two bytes a character) as the cp1252 characters that were meant."""
    shown = []
    for letter in text:
        try:
            shown.append("".join(map(_show, letter.encode(codepage, "surrogateescape"))))
        except (UnicodeError, LookupError):
            shown.append(letter)
    return "".join(shown)


def _show(byte: int) -> str:
    try:
        return bytes((byte,)).decode("cp1252")
    except UnicodeError:
        return chr(byte)


_BYTES: dict[tuple[str, str], int | None] = {}


def _byte_of(letter: str, codepage: str) -> int | None:
    key = (letter, codepage)
    if key not in _BYTES:
        _BYTES[key] = _find_byte(letter, codepage)
    return _BYTES[key]


def _find_byte(letter: str, codepage: str) -> int | None:
    """The byte of a character: in the file's own code page, else as a Windows of the West or of Viet Nam would have it
    (files of AutoCAD 2007 and later are in UTF-8, their letters typed on either), else an undecoded byte."""
    own = () if codepage.lower().replace("-", "").replace("_", "") == "utf8" else (codepage,)
    for codec in (*own, "cp1252", "latin-1", "cp1258"):
        try:
            data = letter.encode(codec)
        except (UnicodeError, LookupError):
            continue
        if len(data) == 1:
            return data[0]
    return ord(letter) - 0xDC00 if 0xDC80 <= ord(letter) <= 0xDCFF else None


def read_again(text: str, encoding: str, codepage: str = "cp1252") -> str | None:
    """Text whose bytes a wrong codec made letters of, read by the right one; None where its bytes don't allow it."""
    found = _bytes_of(text, "cp1252" if encoding == "utf-8" and codepage == "utf-8" else codepage)
    data = [byte for _, byte in found if byte is not None]
    if len(data) < len(found):
        return None
    try:
        return bytes(data).decode(encoding)
    except UnicodeError:
        return None
