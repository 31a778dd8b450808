"""A page that shows the faults of a package to who drew it: Vietnamese and English, in one file without scripts."""

from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Level
from quyhoach.standard import format_number
from quyhoach.standard.messages import catalogue
from quyhoach.validate.catalogue import RULES
from quyhoach.validate.drawn import DrawnPlaces, drawn_places
from quyhoach.validate.listing import Fault, list_faults, short_code
from quyhoach.validate.report_map import inset, plan_map
from quyhoach.validate.report_parts import balance_table, both, what_was_read
from quyhoach.validate.report_style import STYLE
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import OUTLINE, Subject

_MOST_ROWS = 60  # of one kind; the package's layer `findings` has them all
_ROWS_SEEN = 10  # the others of these are folded away
_MOST_KINDS_OPEN = 12
_INSETS = 4  # of one kind
_PLACING = ("frame-", "sheet-", "source-crs-", "crs-")  # codes of what keeps a drawing out of the package …
_EMPTY = ("e001-no-outline", "e002-no-lots")  # … and of what follows from that
_LEVELS = {
    Level.ERROR: ("Lỗi", "errors"),
    Level.WARNING: ("Cảnh báo", "warnings"),
    Level.NOTE: ("Ghi chú", "notes"),
}


def html_report(subject: Subject, findings: Sequence[Finding], *, title: str) -> str:
    """The report as one HTML document. `title` names the package. Of each kind of fault all are counted, the first
    listed, some of these with a small map; numbers are those of `write_faults_dxf`."""
    faults = list_faults(findings)
    kinds = [(code, list(rows)) for code, rows in groupby(faults, key=lambda fault: fault.finding.code)]
    shown = {fault.number for _, rows in kinds for fault in [row for row in rows if len(row.points)][:_INSETS]}
    name = subject.facts.get("name_vi", "") or _written_name(subject)
    english = subject.facts.get("name_en", "")
    picture = plan_map(subject, faults, shown)
    heading = '<h2>Vị trí trên bản đồ <span class="en" lang="en">Places on the map</span></h2>'
    parts = [
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(name or title)} – kiểm tra dữ liệu</title><style>{STYLE}</style></head><body><main>",
        "<h1>Kết quả kiểm tra bản vẽ, dữ liệu quy hoạch</h1>",
        '<span class="en" lang="en">Check of a planning drawing and its data</span>',
        f"<p><strong>{escape(name or title)}</strong>",
        f'<span class="en" lang="en">{escape(english)}</span>' if english else "",
        f'<span class="en">{escape(title)} · {escape(subject.facts.get("crs", ""))}</span></p>',
        _summary(faults, len(subject.lots)),
        heading + picture if picture else "",
        _kinds(subject, kinds, shown),
        balance_table(subject),
        what_was_read(subject, findings),
        "</main></body></html>\n",
    ]
    return "".join(parts)


def _written_name(subject: Subject) -> str:
    """The plan's name on its outline, else the name of the file that was handed in."""
    outline = subject.layers.get(OUTLINE)
    names = [] if outline is None else [str(value) for value in subject.column(outline, "tenDoAn") if value]
    return (names or list(subject.provenance.get("source_name", ())) or [""])[0]


def _summary(faults: Sequence[Fault], lots: int) -> str:
    counts = {level: sum(fault.finding.level is level for fault in faults) for level in _LEVELS}
    items = "".join(
        f'<li class="{level}"><b>{counts[level]}</b>{vi} <span class="en" lang="en">{en}</span></li>'
        for level, (vi, en) in _LEVELS.items()
    )
    if counts[Level.ERROR]:
        verdict, vi = "error", f"Còn {counts[Level.ERROR]} lỗi phải sửa trước khi dữ liệu được dùng."
        en = f"{counts[Level.ERROR]} errors must be mended before the data can be used."
    elif counts[Level.WARNING]:
        verdict, vi = "warning", "Không có lỗi. Hãy xem các cảnh báo: máy đã xử lý hoặc cần người xác nhận."
        en = "No errors. Look through the warnings: settled by the software, or to be confirmed."
    else:
        verdict, vi = "note", "Dữ liệu đạt mọi quy tắc kiểm tra."
        en = "The data keep every rule."
    return (
        f'<ul class="sum">{items}<li><b>{lots}</b>lô đất <span class="en" lang="en">lots</span></li></ul>'
        f'<p class="verdict {verdict}">{both(vi, en)}</p>'
    )


def _kinds(subject: Subject, kinds: Sequence[tuple[str, list[Fault]]], shown: set[int]) -> str:
    if not kinds:
        return (
            "<h2>Không phát hiện lỗi</h2>"
            '<p>Dữ liệu đạt mọi quy tắc kiểm tra. <span class="en" lang="en">No rule found a fault.</span></p>'
        )
    places = drawn_places(subject) if subject.frame is not None else None
    tree = shapely.STRtree(subject.lot_shapes)
    rules = {rule.code: rule for rule in RULES}
    unplaced = any(code.startswith(_PLACING) and rows[0].finding.level is Level.ERROR for code, rows in kinds)
    sections = "".join(
        _kind(
            subject,
            code,
            rows,
            rules.get(code),
            places,
            tree,
            shown,
            opened=number < _MOST_KINDS_OPEN,
            waits=unplaced and code in _EMPTY,
        )
        for number, (code, rows) in enumerate(kinds)
    )
    title = '<h2>Từng loại lỗi và cách sửa <span class="en" lang="en">Kind by kind, with what to do</span></h2>'
    return f"{title}{_how(places)}{sections}"


def _how(places: DrawnPlaces | None) -> str:
    if places is None:
        return ""
    return (
        '<details class="kind"><summary>Cách tìm một lỗi trong AutoCAD '
        '<span class="en" lang="en">How to find a fault in AutoCAD</span></summary><div><ol class="how">'
        "<li>Theo tọa độ: lệnh <code>ZOOM</code>, chọn <code>C</code>, dán cặp số ở cột “Trong bản vẽ”, nhập chiều cao "
        "cửa sổ.</li>"
        "<li>Theo mã đối tượng (handle), ví dụ 1F: gõ "
        '<code>(command "_.ZOOM" "_O" (handent "1F") "")</code>.</li>'
        "<li>Mã có dấu gạch chéo, ví dụ 58/5D/271: đối tượng nằm trong block; mã đầu (58) là block trên bản vẽ, sửa "
        "bằng <code>BEDIT</code>.</li>"
        "<li>Mở bản vẽ lỗi kèm theo (tệp DXF của lệnh <code>validate --dxf</code>) bằng <code>XATTACH</code>, điểm "
        "chèn 0,0, tỷ lệ 1: mỗi vòng tròn trên lớp QH_LOI mang số của lỗi trong trang này.</li></ol></div></details>"
    )


def _kind(
    subject: Subject,
    code: str,
    rows: list[Fault],
    rule: Rule | None,
    places: DrawnPlaces | None,
    tree: Any,
    shown: set[int],
    *,
    opened: bool,
    waits: bool,
) -> str:
    level = rows[0].finding.level
    titles = [catalogue(language).get(f"{code}-title") or rows[0].sentence(language) for language in ("vi", "en")]
    insets = "".join(inset(subject, fault, tree) for fault in rows if fault.number in shown)
    pictures = f'<div class="insets">{insets}</div>' if insets else ""
    listed = rows[:_MOST_ROWS]
    more = len(rows) - len(listed)
    left = f"Còn {more} mục nữa không liệt kê ở đây; xem đủ ở lớp findings của gói đồ án hoặc tệp DXF."
    rest = f"<p>{both(left, f'{more} more are not listed here; the layer findings has them all.')}</p>" if more else ""
    tag = escape(short_code(code) if rule is not None else _LEVELS[level][0])
    is_open = " open" if opened and level is not Level.NOTE else ""
    return (
        f'<details class="kind"{is_open}><summary><span class="tag {level}">{tag}</span>'
        f'{escape(titles[0])} <span class="count">({len(rows)})</span> '
        f'<span class="en" lang="en">{escape(titles[1])}</span></summary><div>'
        f"{_advice('not-placed' if waits else code)}{_basis(code, rule)}"
        f"{pictures}{_tables(listed, places)}{rest}</div></details>"
    )


def _advice(code: str) -> str:
    vi, en = (catalogue(language).get(f"{code}-fix", "") for language in ("vi", "en"))
    return f'<p class="fix"><b>Cách sửa:</b> {both(vi, en)}</p>' if vi else ""


def _basis(code: str, rule: Rule | None) -> str:
    if rule is None:
        return f'<p class="basis">Mã: <code>{escape(code)}</code></p>'
    since = f" (hiệu lực từ {rule.since.day}/{rule.since.month}/{rule.since.year})" if rule.since else ""
    return f'<p class="basis">Căn cứ: {escape(rule.basis)}{since}</p>'


def _tables(faults: Sequence[Fault], places: DrawnPlaces | None) -> str:
    """The first faults of a kind, the others folded away."""
    first, others = faults[:_ROWS_SEEN], faults[_ROWS_SEEN:]
    if not others:
        return _table(first, places)
    words = both(f"Xem thêm {len(others)} mục", f"{len(others)} more")
    return f"{_table(first, places)}<details><summary>{words}</summary>{_table(others, places)}</details>"


def _table(faults: Sequence[Fault], places: DrawnPlaces | None) -> str:
    cells = [("Số", "No."), ("Nội dung", "What is wrong")]
    if places is not None:
        cells.append(("Trong bản vẽ", "In the drawing"))
    placed = any(len(fault.points) for fault in faults)
    cells = [*cells, ("VN-2000: X (Bắc), Y (Đông)", "North, east (m)")] if placed else cells[:2]
    cells.append(("Đối tượng", "Entity"))
    if not any(fault.finding.source_handle for fault in faults):
        cells.pop()
    head = "".join(f'<th>{vi}<br><span class="en" lang="en">{en}</span></th>' for vi, en in cells)
    handles = cells[-1][1] == "Entity"
    rows = "".join(_row(fault, places if placed else None, placed=placed, handles=handles) for fault in faults)
    return f'<div class="wide"><table class="list"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _row(fault: Fault, places: DrawnPlaces | None, *, placed: bool, handles: bool) -> str:
    finding = fault.finding
    vi, en = fault.sentence("vi"), fault.sentence("en")
    drawn = true = ""
    if len(fault.points):
        east, north = fault.points[0].tolist()
        true = f"{format_number(north, 'vi', decimals=1)};<br> {format_number(east, 'vi', decimals=1)}"
        if places is not None:
            x, y = places(np.array([[east, north]]))[0].tolist()
            digits = 0 if places.frame.unit < 0.1 else 2
            drawn = f"<code>{x:.{digits}f},{y:.{digits}f}</code>"
    cells = [f'<td class="no">{fault.number}</td><td class="what">{both(vi, en)}</td>']
    if places is not None:
        cells.append(f'<td class="at drawn-at">{drawn}</td>')
    if placed:
        cells.append(f'<td class="at true-at">{true}</td>')
    if handles:
        handle = escape(finding.source_handle)
        cells.append(f'<td class="at handle">{f"<code>{handle}</code>" if handle else ""}</td>')
    return f'<tr id="f{fault.number}">{"".join(cells)}</tr>'
