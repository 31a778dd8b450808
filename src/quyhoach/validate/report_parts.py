"""Parts of the report that are not faults: what was read, repaired, guessed; the balance table beside the drawing."""

from collections.abc import Sequence
from html import escape

from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.frame import Frame
from quyhoach.standard import format_number
from quyhoach.standard.messages import message
from quyhoach.validate.balance import Compared, agree, compare, is_written, total_m2
from quyhoach.validate.listing import params_of
from quyhoach.validate.recorded import repair_counts
from quyhoach.validate.subject import Subject

_UNITS = {1.0: "m", 0.001: "mm", 0.01: "cm", 1000.0: "km"}
_MOST_GUESSES = 60
REST = (
    '<p class="basis">* Đường không vẽ thành lô: đo phần còn lại giữa các lô trong ranh giới. '
    '<span lang="en">Roads were not drawn as lots: what the lots leave inside the outline.</span></p>'
)


def both(vi: str, en: str) -> str:
    """A line in Vietnamese, then English, as markup."""
    return f'{escape(vi)}<span class="en" lang="en">{escape(en)}</span>'


def what_was_read(subject: Subject, findings: Sequence[Finding]) -> str:
    """Source, frame, layers; then repairs, guesses and questions, each folded away."""
    told = subject.provenance
    rows: list[tuple[str, str, str]] = []
    if "source_name" in told:
        source = " · ".join(value for key in ("source_name", "source_format", "reader") for value in told.get(key, ()))
        rows.append(("Tệp nguồn", "Source", source))
    if subject.frame is not None:
        rows.append(("Khung tọa độ của bản vẽ", "Frame of the drawing", _frame_words(subject.frame)))
    if subject.scale is not None:
        rows.append(("Tỷ lệ", "Scale", f"1/{format_number(float(subject.scale), 'vi')}"))
    rows.append(("Hệ tọa độ của dữ liệu", "Data's coordinate system", subject.facts.get("crs", "–")))
    rows.append(("Đã đọc được", "What was read", _layer_words(subject)))
    body = "".join(
        f'<tr><th scope="row">{both(vi, en)}</th><td>{escape(value)}</td></tr>' for vi, en, value in rows if value
    )
    return (
        '<h2>Đã đọc và đã xử lý <span class="en" lang="en">Read and settled</span></h2>'
        f'<div class="wide"><table>{body}</table></div>{_repairs(subject)}{_guesses(subject)}{_questions(findings)}'
    )


def _frame_words(frame: Frame) -> str:
    words = [frame.crs, "X là hướng Bắc (trục đổi chỗ)" if frame.swapped else "X là hướng Đông"]
    words.append(f"đơn vị {_UNITS.get(frame.unit, f'{frame.unit:g} m')}")
    if frame.turn != (1.0, 0.0) or frame.shift != (0.0, 0.0):
        words.append("gốc tọa độ riêng, đã nắn về tọa độ thật")
    return "; ".join(words)


def _layer_words(subject: Subject) -> str:
    names = (
        ("ChucNangSuDungDat_A", "lô đất"),
        ("labels", "nhãn"),
        ("balance_table", "dòng của bảng cân bằng"),
        ("restrictions", "vùng hạn chế"),
        ("parcels", "thửa đất"),
    )
    counts = ((len(subject.layers[name]), words) for name, words in names if name in subject.layers)
    return ", ".join(f"{format_number(float(count), 'vi')} {words}" for count, words in counts)


def _repairs(subject: Subject) -> str:
    rows = repair_counts(subject)
    if not rows:
        return ""
    total = sum(count for _, count, _ in rows)
    body = "".join(
        f'<tr><td class="num">{count}</td><td>{escape(text)}{" …" if count > 1 else ""}</td>'
        f"<td><code>{escape(code)}</code></td></tr>"
        for code, count, text in rows
    )
    return (
        f'<details class="kind"><summary>Máy đã tự sửa {total} chỗ <span class="en" lang="en">{total} repairs made'
        "</span></summary><div><p>Dữ liệu đã được sửa như dưới đây; bản vẽ gốc không bị thay đổi. Từng chỗ sửa nằm "
        "trong lớp <code>repairs</code> của gói đồ án.</p>"
        f'<div class="wide"><table><thead><tr><th class="num">Số chỗ</th><th>Ví dụ</th><th>Mã</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div></div></details>"
    )


def _guesses(subject: Subject) -> str:
    rows = subject.provenance.get("guess", ())
    if not rows:
        return ""
    items = "".join(f"<li>{escape(row)}</li>" for row in rows[:_MOST_GUESSES])
    more = f"<li>… và {len(rows) - _MOST_GUESSES} điều nữa</li>" if len(rows) > _MOST_GUESSES else ""
    return (
        f'<details class="kind"><summary>Máy đã đoán {len(rows)} điều, cần người kiểm tra '
        f'<span class="en" lang="en">{len(rows)} guesses to be checked</span></summary>'
        f"<div><ul>{items}{more}</ul></div></details>"
    )


def _questions(findings: Sequence[Finding]) -> str:
    asked = [row for row in findings if row.params.get("candidates") and row.level is not Level.NOTE]
    if not asked:
        return ""
    items = "".join(
        f"<li>{both(*(message(row.code, language, **params_of(row)) for language in ('vi', 'en')))}</li>"
        for row in asked[:_MOST_GUESSES]
    )
    return (
        f'<details class="kind" open><summary class="warning">Cần trả lời {len(asked)} câu hỏi '
        f'<span class="en" lang="en">{len(asked)} questions to answer</span></summary>'
        f"<div><ul>{items}</ul></div></details>"
    )


def balance_table(subject: Subject) -> str:
    """The table as written beside the areas drawn, function by function, and the totals."""
    if not is_written(subject):
        return ""
    rows = compare(subject)
    undrawn = [row for row in rows if _is_undrawn(subject, row)]
    rest = _between(subject) if len(undrawn) == 1 else None
    body = "".join(_balance_row(subject, row, rest) for row in rows)
    measured = float(subject.outline.area) if subject.outline is not None else sum(row.drawn for row in rows)
    written = total_m2(subject, measured)
    off = "" if written is None or agree(written, measured) else ' class="off"'
    foot = (
        f"<tr{off}><th>Tổng của bảng; diện tích trong ranh giới"
        f'</th><td class="num">{_hectares(written)}</td><td class="num">{_hectares(measured)}</td>'
        f"{_difference(written, measured)}</tr>"
    )
    return (
        '<h2>Bảng cân bằng sử dụng đất <span class="en" lang="en">Land-use balance</span></h2>'
        "<p>Số ghi trong bảng của bản vẽ, so với diện tích đo từ các lô (ha). Dòng tô màu: lệch quá 1 %."
        '<span class="en" lang="en">As written in the drawing\'s table, beside what its lots measure (ha). Coloured: '
        "off by more than 1 %.</span></p>"
        '<div class="wide"><table class="balance"><thead><tr><th>Chức năng</th><th class="num">Bảng ghi</th>'
        '<th class="num">Bản vẽ</th><th class="num">Chênh</th><th class="num">%</th></tr></thead>'
        f"<tbody>{body}</tbody><tfoot>{foot}</tfoot></table></div>"
        f"{REST if rest is not None else ''}"
    )


def _is_undrawn(subject: Subject, row: Compared) -> bool:
    """Whether a line of the table is of roads, which were drawn as the space between the lots."""
    known = subject.standard.land_use.get(row.function.casefold())
    return known is not None and known.group == "transport" and not row.lots


def _between(subject: Subject) -> float | None:
    """The m² inside the outline that are no lot's."""
    if subject.outline is None:
        return None
    return float(subject.outline.area) - float((subject.lot_areas - subject.beyond).sum())


def _balance_row(subject: Subject, row: Compared, rest: float | None) -> str:
    known = subject.standard.land_use.get(row.function.casefold())
    chip = f'<i class="chip" style="background:{known.map_colour}"></i>' if known is not None else ""
    undrawn = _is_undrawn(subject, row)
    off = "" if row.agrees or undrawn else ' class="off"'
    drawn = _hectares(row.drawn)
    difference = _difference(row.written, row.drawn)
    if undrawn:
        drawn = "–" if rest is None else f"{_hectares(rest)} *"
        difference = _difference(None if rest is None else row.written, rest or 0.0)
    return (
        f"<tr{off}><td>{chip}{escape(row.name)}</td>"
        f'<td class="num">{_hectares(row.written)}</td><td class="num">{drawn}</td>{difference}</tr>'
    )


def _hectares(area: float | None) -> str:
    return "–" if area is None else format_number(area / 1e4, "vi", decimals=2)


def _difference(written: float | None, drawn: float) -> str:
    if written is None:
        return '<td class="num">–</td><td class="num">–</td>'
    share = "–" if not drawn else format_number((written - drawn) / drawn * 100, "vi", decimals=1)
    return f'<td class="num">{_hectares(written - drawn)}</td><td class="num">{share}</td>'
