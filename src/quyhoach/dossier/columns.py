"""The three sheets of `<MaHoSo>.xlsx` and their columns, as TT 16/2025/TT-BXD, Phụ lục II names them.

The circular says that sheet HoSo has 19 columns and lists 20; the list is taken. Two wordings of some titles are in
use: a title is found by any of its wordings, without case, accents and marks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quyhoach.standard import fold

Value = str | int | date | None
Row = Mapping[str, Value]  # column key -> value; a column that is empty is None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `kind`: text, date, whole or yesno. `required`: an empty cell is a fault."""

    key: str
    title: str
    kind: str = "text"
    required: bool = False
    others: tuple[str, ...] = ()  # other wordings of the title


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the workbook."""

    name: str
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


RECORD = Sheet(
    "HoSo",
    (
        Column("code", "Mã hồ sơ", required=True),
        Column("info_code", "Mã thông tin quy hoạch", required=True),
        Column("name", "Tên đồ án", required=True),
        Column("kind", "Loại quy hoạch", required=True),
        Column("scale", "Tỷ lệ", required=True),
        Column("task_number", "Số QĐ phê duyệt nhiệm vụ", others=("Số quyết định phê duyệt nhiệm vụ quy hoạch",)),
        Column("task_date", "Ngày QĐ nhiệm vụ", "date", others=("Ngày quyết định phê duyệt nhiệm vụ quy hoạch",)),
        Column(
            "decision_number",
            "Số QĐ phê duyệt quy hoạch",
            required=True,
            others=("Số quyết định phê duyệt quy hoạch", "Số QĐ phê duyệt đồ án"),
        ),
        Column(
            "decision_date",
            "Ngày QĐ quy hoạch",
            "date",
            required=True,
            others=("Ngày ra quyết định phê duyệt quy hoạch", "Ngày quyết định phê duyệt quy hoạch"),
        ),
        Column("consultant", "Đơn vị tư vấn lập", others=("Đơn vị tư vấn lập quy hoạch", "Đơn vị tư vấn")),
        Column(
            "authority",
            "Đơn vị ra QĐ phê duyệt",
            required=True,
            others=("Đơn vị ra quyết định phê duyệt quy hoạch", "Cơ quan phê duyệt"),
        ),
        Column("status", "Tình trạng", required=True),
        Column("crs", "Hệ tọa độ", required=True),
        Column("places", "Địa điểm", required=True),
        Column("client", "Chủ đầu tư"),
        Column("folder", "Thư mục", required=True),
        Column("has_basic", "Có HoSoBASIC", "yesno"),
        Column("has_gis", "Có HoSoGIS", "yesno"),
        Column("keywords", "Từ khóa"),
        Column("note", "Ghi chú"),
    ),
)
DRAWINGS = Sheet(
    "BanVe",
    (
        Column("code", "Mã hồ sơ", required=True),
        Column("number", "Số hiệu bản vẽ", required=True),
        Column("short", "Tên rút gọn", required=True),
        Column("name", "Tên bản vẽ", required=True),
        Column("sheets", "Số tờ", "whole"),
        Column("folder", "Tên thư mục", required=True),
        Column("scale", "Tỷ lệ"),
        Column("note", "Ghi chú"),
    ),
)
TEXTS = Sheet(
    "VanBan",
    (
        Column("code", "Mã hồ sơ", required=True),
        Column("file", "Mã văn bản/Tên file", required=True, others=("Mã văn bản", "Tên file", "Tên tệp")),
        Column("name", "Tên văn bản", required=True),
        Column("kind", "Loại", required=True, others=("Loại văn bản",)),
        Column("number", "Số hiệu", others=("Số hiệu văn bản", "Số văn bản")),
        Column("abstract", "Trích yếu", others=("Trích yếu nội dung",)),
        Column("signed", "Ngày ký", "date", others=("Ngày ban hành",)),
        Column("authority", "Đơn vị ban hành", others=("Cơ quan ban hành",)),
        Column("pages", "Số trang", "whole"),
        Column("note", "Ghi chú"),
    ),
)
SHEETS: tuple[Sheet, ...] = (RECORD, DRAWINGS, TEXTS)

YES, NO = "Có", "Không"


def compact(text: str) -> str:
    """A title or name without case, accents, blanks and marks: "Mã hồ sơ" -> "mahoso"."""
    return "".join(letter for letter in fold(text) if letter.isalnum())


def find_columns(sheet: Sheet, titles: Sequence[str | None]) -> dict[str, int]:
    """Column key -> place of its title in a row of titles; the first of two equal titles counts."""
    places: dict[str, int] = {}
    for number, title in enumerate(titles):
        if title:
            places.setdefault(compact(title), number)
    found = {}
    for column in sheet.columns:
        for wording in (column.title, *column.others):
            if (at := places.get(compact(wording))) is not None:
                found[column.key] = at
                break
    return found


# ── cells ──────────────────────────────────────────────────────────────────────────────────────────────────

_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-–]\s*(\d{1,2})\s*[/.\-–]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_WORDS = re.compile(r"(?:ngay\s*)?(\d{1,2})\s*thang\s*(\d{1,2})\s*nam\s*(\d{4})")
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def parse_date(text: str) -> date | None:
    """A date as people write it: 13/8/2022, 13.08.2022, 2022-08-13, "ngày 13 tháng 8 năm 2022"; else None.

    Day before month, as in Viet Nam. An Excel serial number (44786) is a date too."""
    plain = text.strip()
    parts: tuple[str, ...] | None = None
    if match := _YEAR_FIRST.fullmatch(plain):
        parts = match.groups()
    elif match := (_DAY_FIRST.fullmatch(plain) or _WORDS.fullmatch(fold(plain))):
        parts = match.groups()[::-1]
    elif re.fullmatch(r"\d{5}(?:\.0+)?", plain):  # days since 30/12/1899, as Excel counts from March 1900 on
        return date.fromordinal(date(1899, 12, 30).toordinal() + int(float(plain)))
    if parts is None:
        return None
    try:
        day = date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None
    return day if _FIRST_DAY <= day <= _LAST_DAY else None


def parse_whole(text: str) -> int | None:
    """A whole number as people write it ("12", "1.200"), else None."""
    plain = re.sub(r"(?<=\d)[. ](?=\d{3}\b)", "", text.strip()).removesuffix(".0")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None


def parse_cell(column: Column, text: str | None) -> Value:
    """The text of a cell as its column's value. Text that is no date or number stays text: the check tells of it."""
    plain = (text or "").strip()
    if not plain:
        return None
    if column.kind == "date":
        return parse_date(plain) or plain
    if column.kind == "whole":
        whole = parse_whole(plain)
        return plain if whole is None else whole
    return plain
