"""The words, units and codes of lot labels on Vietnamese planning drawings: with and without diacritics."""

import re
import unicodedata
from collections.abc import Iterator

KINDS = ("area", "density", "storeys", "far", "population")  # in the order in which labels write them
OTHER = "other"  # said of a lot, but no indicator of ours: floor area, density of people, ground level

_PLAIN = {
    chr(code): unicodedata.normalize("NFD", chr(code))[0].lower()
    for code in (*range(0xC0, 0x250), *range(0x1EA0, 0x1EFA))
    if unicodedata.normalize("NFD", chr(code))[0].isascii()
}
_FOLD = str.maketrans(
    {chr(code): chr(code).lower() for code in range(0x41, 0x5B)}
    | _PLAIN
    | {"Đ": "d", "đ": "d", "Ð": "d", "ð": "d", "²": "2"}
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("∼～", "~")
    | {"\u00a0": " ", "；": ";", "：": ":"}
)


def fold(text: str) -> str:
    """NFC text for comparing, as long as it was: lower case, no diacritics, plain dashes, "m²" as "m2"."""
    return text.translate(_FOLD)


# What stands before a value, on folded text. Longer names first; those that are not ours before those they resemble.
_KEYS = (
    (
        OTHER,
        r"(?:tong )?dien tich san(?: xay dung| xd)?|dien tich xay dung|dien tich xd|dtxd|dts(?:xd)?|mat do (?:dan so|"
        r"cu tru|dan cu)|chieu cao(?: toi da| xay dung)?|so (?:ho|can(?: ho)?|giuong|chau|hoc sinh|lo dat|luong)|"
        r"cot nen|cao do(?: nen| hoan thien| san nen)?|khoang lui|chi gioi|lo gioi|chi tieu|dt san|"
        r"tang ham|so tang ham|ty le",
    ),
    ("density", r"mat do(?: xay dung| xd)?|m\.?d\.?x\.?d\.?|md xd|md"),
    ("storeys", r"tang cao(?: xay dung| xd| cong trinh)?|so tang(?: cao)?|tcxd|tc"),
    ("far", r"he so(?: su dung dat| sdd| sd dat)?|hs(?: su dung dat| sdd| sd dat)|hssd[dt]?|hsdd|ksdd|hs|far|k"),
    ("population", r"(?:quy mo )?dan so(?: du kien)?|so (?:dan|nguoi|khau)|ds"),
    (
        "area",
        r"(?:tong )?dien tich(?: (?:lo|o|khu|thua)(?: dat)?| dat| su dung(?: dat)?)?|d\.?tich|dt(?: (?:lo|o|khu|"
        r"dat))?|area|s|f",
    ),
    (
        "code",
        r"ky hieu(?: (?:lo|o|khu|thua))?(?: dat)?|(?:ma|ten|so hieu|so) (?:lo|o|thua)(?: dat)?|(?:lo|o) (?:dat )?so|"
        r"(?:lo|o) dat|lo|kh|o",
    ),
)
_MEASURE = r"%|m ?\^?2|ha|hecta|tang|lan|nguoi|ng"
KEY = re.compile(
    "(?:" + "|".join(f"(?P<{kind}>{names})" for kind, names in _KEYS) + r")(?![a-z])"
    r"(?P<kind_of>\s*(?:tb|trung binh|binh quan|gop|thuan|chung|cho phep|quy hoach)\b\.?)?"
    rf"(?:\s*\(\s*(?P<unit>{_MEASURE})\s*\))?(?P<sign>\s*[:=]|\s*\.(?!\d))?\s*"
)
BRIEF = frozenset({"dt", "s", "md", "tc", "hs", "k", "ds", "kh", "o", "lo"})  # names that lot codes begin with, too
NEEDS_SIGN = frozenset({"s", "f", "k"})  # names of one letter: only before ":" or "="

# Units behind a value, on folded text -> what the value is.
UNITS = {
    "%": "density",
    "m2": "area",
    "ha": "area",
    "tang": "storeys",
    "t": "storeys",
    "lan": "far",
    "nguoi": "population",
    "ng": "population",
    "khau": "population",
    "nhan khau": "population",
    "dan": "population",
}
UNIT = (
    r"(?:%|m ?\^?2\^?(?!\d)|ha\b|hecta\b|tang\b|t\b|lan\b|nguoi\b|ng\b\.?|nhan khau\b|khau\b|dan\b)"
    r"(?!\s*/\s*(?:ng|nguoi|ha|ho|m2|tang)\b)"
)
NUMBER = r"(?:\d{1,3}(?:\.\d{3})+(?:,\d+)?(?!\d)|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:[.,]\d+)?)"


def unit_of(written: str) -> str:
    """The unit's plain name, of folded text: "m2" for "m ^2", "ha" for "hecta"; "" for none."""
    plain = written.replace("^", "").replace("m 2", "m2").rstrip(".")
    return "ha" if plain == "hecta" else plain


# A lot's code: perhaps a number of its block, letters, then digits or letters: OM-12, LK01-01, LK-1.1, 5.OM-2, VI.HH34,
# 1-A-3, CC 2.
_BLOCK = r"[IVX]{1,5}[.\-_/]"
_LETTERS = r"[A-ZĐ][A-Za-zĐđ]{0,5}"
CODE = re.compile(
    rf"(?:\d{{1,3}}[.\-_ ]?|{_BLOCK}(?=[A-ZĐ]))?(?P<letters>{_LETTERS})"
    r"(?P<tail>(?:[-._]?\d{1,4}[A-Za-z]{0,2}\*?|[-._][A-ZĐ]{1,5}\d{0,3})*)"
    r"(?P<apart>(?<=[A-ZĐ])\s(?:-\s)?\d{1,3}[A-Za-z]?)?"
    r"(?![^\W_]|[.,]\d|[-]\d|\s*(?:=\s*\d|[%²]))"
)
LOWER_CODE = re.compile(r"[a-zđ]{1,4}\d{0,2}-\d{1,3}(?:[.\-]\d{1,3})?(?![^\W_])")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))

# Letters before digits that are no lot: units, sheet numbers, datums, roads, pipes, cables.
_NO_LOT_LETTERS = frozenset(
    ("m", "ha", "km", "kv", "kva", "vn", "utm", "wgs", "ql", "hl", "bv", "qh", "pe", "ppr", "pvc")
)
_NO_LOT_LETTERS |= {"upvc", "hdpe", "xlpe", "btct", "btxm"}
# Words before a number: no lot unless a hyphen makes a code of them ("HO-01").
_WORDS = frozenset(
    ("khu", "nhom", "to", "thon", "duong", "so", "nha", "xa", "tang", "hinh", "bang", "trang", "muc", "ngo")
)
_WORDS |= {"dieu", "ngach", "pho", "ban", "cau", "cong", "dat", "ho", "nam", "tu", "den", "ty", "le", "quoc", "tinh"}
_WORDS |= {"huyen", "phuong", "doan", "tuyen", "mat", "cat", "vi", "tri", "tram", "bien", "x", "y", "z", "tp", "tx"}
_NO_LOT = re.compile(
    r"TL\d+[A-Z]?|[ĐD]T\.?\d{3}[A-Z]?|ĐH[. ]\d{1,3}|[HZK]\d{2,4}[.,]\d+|[RLBI]\d+[.,]\d+|[DMØ]\d{3,4}|AC\d{2,3}|HN-?72"
)
# Functions' letters in use, for a lot that bears no number.
PREFIXES = frozenset(
    re.findall(
        r"\w+",
        "OM OMM OHT OCT OĐT ODT ONT ONM OLX LX LK BT NV NO CT HH HHC CX CXCC CXCL CXHC CXH CXD CXDT CXTT TH THCS THPT "
        "MN GD YT VH NVH TDTT TT CC CCDT CCĐT CQ TM DV TMDV DVTM DL DLDV TG TGTN DT DTN DTTG PX BDX BX HT HTKT KT NT "
        "NTR NTD QP AN CN KCN TTCN KHO NN RSX RPH RS RP RDD SX MN MNC SS HN CSD LXCT DCHT TDC TĐC ĐO DO DGT GT DD DDT",
    )
)


def is_lot_code(text: str, *, bare: bool = False) -> bool:
    """Whether a text is a lot's code and nothing else: "OM-12", "Lô LK01-01", "5.OM-2". `bare`: letters of a function
    in use ("CX") count, too. Not so: roads (QL1A), coordinates, levels, pipes, units, words, plain numbers, and names
    of values with a blank before the value ("TC 3")."""
    return bool(lot_code(text, bare=bare))


def lot_code(text: str, *, bare: bool = False) -> str:
    """The code of a text that is a lot's code and nothing else, without "Lô", "Ký hiệu" and brackets; "" otherwise."""
    text = " ".join(unicodedata.normalize("NFC", text).split()).strip("()[]<> ")
    if not 1 < len(text) <= 40:
        return ""
    folded = fold(text)
    key = KEY.match(folded)
    if key and key.lastgroup and key["code"] and key.end() < len(text) and not text[len(key["code"])].isalnum():
        text = text[key.end() :].strip("()[]<> ")
    if code_at(text, 0) == len(text):
        return "" if _VALUE_NAME.match(folded) else text
    return text if bare and text in PREFIXES else ""


_VALUE_NAME = re.compile(r"(?:dt|md|tc|hs|ds) (?!0)")


def code_at(text: str, start: int) -> int:
    """Where the lot code beginning at `start` ends; -1 where none begins there."""
    plain = text.translate(_DASHES)
    match = CODE.match(plain, start)
    if match is None:
        match = LOWER_CODE.match(plain, start)
        return match.end() if match and fold(match[0]).split("-")[0] not in _NO_LOT_LETTERS else -1
    code = match[0]
    if not (match["tail"] or match["apart"]) or not any(
        letter.isdigit() for letter in code[match.start("letters") - start :]
    ):
        return -1
    letters = fold(match["letters"])
    if len(code) > 16 or letters in _NO_LOT_LETTERS or _NO_LOT.fullmatch(code):
        return -1
    if letters in _WORDS and "-" not in code:
        return -1
    if match["apart"] and re.match(r"\s*(?:[-÷~]\s*\d|" + UNIT + ")", fold(plain[match.end() :])):
        return match.start("apart") if match["tail"] else -1
    return match.end()


_PREFIX = re.compile(
    r"\W*(?:(?:[IVX]+|[A-Z]?\d+)/|[IVX]+[.\-_ ]+(?=(?:\d+[.\-_ ]+)*[A-ZĐ]))?(?:\d+[A-Za-z]?[.\-_ ]+)*\d*([A-Za-zĐđ]+)"
)


def code_prefix(code: str) -> str:
    """The letters that say what a lot is for, without a number of its block before: "OM-12" -> "OM", "LK01-01" ->
    "LK"; "5.OM-2", "I.OM01" and "III/OM-2" -> "OM", "I-3" -> "I"; "" without any."""
    found = _PREFIX.match(unicodedata.normalize("NFC", code))
    return found[1].upper() if found else ""


def cells_of(line: str) -> list[str]:
    """The cells of a label's row, blanks composed: parted by "|", tabs or three blanks and more."""
    line = unicodedata.normalize("NFC", line)
    cells = (" ".join(cell.split()) for cell in re.split(r"\||\t|[ \u00a0]{3,}", line))
    return [cell for cell in cells if cell]


def key_panel_rows(lines: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The rows of a key panel that name what stands where, each with the area's unit if said."""
    for line in lines:
        kinds: list[str] = []
        unit = ""
        for cell in cells_of(line):
            folded = fold(cell)
            for part in re.split(
                r"[/;,]|(?<=\s)-(?=\s)", re.sub(r"\([^)]*\)", lambda m: m[0].replace("/", " "), folded)
            ):
                key = KEY.match(part.strip())
                if key is None:
                    continue
                kind = next(
                    name for name, value in key.groupdict().items() if value and name in (*KINDS, "code", OTHER)
                )
                kinds.append(kind)
                if kind == "area":
                    measure = re.search(r"\b(m ?\^?2|ha|hecta)\b", folded)
                    unit = unit_of(measure[0]) if measure else unit
        if kinds:
            yield tuple(kinds), unit
