"""Vietnamese as old drawings hold it: TCVN3 (ABC), VNI-Windows, decomposed, cp1258's half-decomposed, without accents.

The tables were set down by us from the public code charts TCVN 5712:1993 and VNI-Windows."""

import unicodedata

_TCVN3_LOWER = {
    "à": 0xB5, "ả": 0xB6, "ã": 0xB7, "á": 0xB8, "ạ": 0xB9, "ă": 0xA8, "ằ": 0xBB, "ẳ": 0xBC, "ẵ": 0xBD, "ắ": 0xBE,
    "ặ": 0xC6, "â": 0xA9, "ầ": 0xC7, "ẩ": 0xC8, "ẫ": 0xC9, "ấ": 0xCA, "ậ": 0xCB, "đ": 0xAE, "è": 0xCC, "ẻ": 0xCE,
    "ẽ": 0xCF, "é": 0xD0, "ẹ": 0xD1, "ê": 0xAA, "ề": 0xD2, "ể": 0xD3, "ễ": 0xD4, "ế": 0xD5, "ệ": 0xD6, "ì": 0xD7,
    "ỉ": 0xD8, "ĩ": 0xDC, "í": 0xDD, "ị": 0xDE, "ò": 0xDF, "ỏ": 0xE1, "õ": 0xE2, "ó": 0xE3, "ọ": 0xE4, "ô": 0xAB,
    "ồ": 0xE5, "ổ": 0xE6, "ỗ": 0xE7, "ố": 0xE8, "ộ": 0xE9, "ơ": 0xAC, "ờ": 0xEA, "ở": 0xEB, "ỡ": 0xEC, "ớ": 0xED,
    "ợ": 0xEE, "ù": 0xEF, "ủ": 0xF1, "ũ": 0xF2, "ú": 0xF3, "ụ": 0xF4, "ư": 0xAD, "ừ": 0xF5, "ử": 0xF6, "ữ": 0xF7,
    "ứ": 0xF8, "ự": 0xF9, "ỳ": 0xFA, "ỷ": 0xFB, "ỹ": 0xFC, "ý": 0xFD, "ỵ": 0xFE,
}  # fmt: skip
_TCVN3_UPPER = {"Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7}
_TONES = {"̀": "ø", "́": "ù", "̉": "û", "̃": "õ", "̣": "ï"}
_CIRCUMFLEX = {"̀": "à", "́": "á", "̉": "å", "̃": "ã", "̣": "ä", "": "â"}
_BREVE = {"̀": "è", "́": "é", "̉": "ú", "̃": "ü", "̣": "ë", "": "ê"}
_VNI_WHOLE = {"đ": "ñ", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"}
_TONE_MARKS = frozenset(_TONES)


def tcvn3(text: str, capitals: bool = False) -> str:
    """In the letters of .Vn fonts. `capitals`: for an "…H" font, whose small letters look like capitals."""
    if capitals:
        text = text.lower()
    out = []
    for letter in unicodedata.normalize("NFC", text):
        code = _TCVN3_LOWER.get(letter) or _TCVN3_UPPER.get(letter) or _TCVN3_LOWER.get(letter.lower())
        out.append(chr(code) if code else letter)
    return "".join(out)


def vni(text: str) -> str:
    """In the letters of VNI fonts."""
    return "".join(_vni_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _vni_letter(letter: str) -> str:
    small = letter.lower()
    if small in _VNI_WHOLE:
        whole = _VNI_WHOLE[small]
        return whole if letter == small else whole.upper()
    parts = unicodedata.normalize("NFD", small)
    if len(parts) == 1:
        return letter
    marks = set(parts[1:])
    tone = "".join(marks & _TONE_MARKS)
    base = parts[0]
    if "̂" in marks:
        out = base + _CIRCUMFLEX[tone]
    elif "̆" in marks:
        out = base + _BREVE[tone]
    elif "̛" in marks:
        out = {"o": "ô", "u": "ö"}[base] + (_TONES[tone] if tone else "")
    elif tone:
        out = base + _TONES[tone]
    else:  # a letter that VNI does not have
        return letter
    return out if letter == small else out.upper()


def nfd(text: str) -> str:
    """Decomposed, as files from a Mac have it."""
    return unicodedata.normalize("NFD", text)


def cp1258(text: str) -> str:
    """As Windows' Vietnamese code page can hold it: tone marks apart, all else composed."""
    out: list[str] = []
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in _TONE_MARKS)
        rest = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONE_MARKS))
        out.append(rest + tone)
    return "".join(out)


def plain(text: str) -> str:
    """Without accents."""
    marked = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in marked if not unicodedata.combining(letter))
