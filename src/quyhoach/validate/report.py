"""A page that shows the faults of a package: a map and a list, Vietnamese and English, in one file without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Level
from quyhoach.standard import format_number
from quyhoach.standard.messages import message
from quyhoach.validate.catalogue import RULES
from quyhoach.validate.subject import Subject

_MOST_ROWS = 1000
_CROWD = 40  # faults from which on the map's numbers are drawn smaller
_SIZE = 1000.0  # of the map's longer side, in the picture's units
_LEVELS = {
    Level.ERROR: ("Lỗi", "Error"),
    Level.WARNING: ("Cảnh báo", "Warning"),
    Level.NOTE: ("Ghi chú", "Note"),
}
_STYLE = """
:root{--e:#b3261e;--w:#8a5a00;--n:#3d5a80;--ink:#1d2430;--soft:#5b6572;--line:#d9dee5}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);background:#fff}
main{max-width:1100px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 4px}
h2{font-size:1.15rem;margin:32px 0 8px}
.en{color:var(--soft);font-size:.9em;display:block}
.sum{display:flex;flex-wrap:wrap;gap:8px 24px;margin:16px 0;padding:0;list-style:none}
.sum b{font-size:1.4rem;margin-right:6px}
.error{color:var(--e)}
.warning{color:var(--w)}
.note{color:var(--n)}
figure{margin:0;border:1px solid var(--line);border-radius:6px;overflow:hidden;background:#f7f8fa}
svg{display:block;width:100%;height:auto;max-height:80vh}
.outline{fill:#fff;stroke:#1d2430;stroke-width:2;vector-effect:non-scaling-stroke}
.lot{fill:#e6eaf0;stroke:#8b95a3;stroke-width:.7;vector-effect:non-scaling-stroke}
.other{fill:#eef3e6;stroke:#9aa88a;stroke-width:.7;vector-effect:non-scaling-stroke}
.f{stroke-width:2;vector-effect:non-scaling-stroke;fill-opacity:.35;stroke-linejoin:round}
.f.error{fill:var(--e);stroke:var(--e)}
.f.warning{fill:#e0a100;stroke:var(--w)}
.f.note{fill:#8fb3e0;stroke:var(--n)}
.pin text{font:600 13px system-ui,sans-serif;fill:#fff;text-anchor:middle;dominant-baseline:central}
.pin.error circle{fill:var(--e)}
.pin.warning circle{fill:var(--w)}
.pin.note circle{fill:var(--n)}
.pin circle{stroke:#fff;stroke-width:1.5}
td.level{white-space:nowrap}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:8px 10px;border-bottom:1px solid var(--line)}
th{font-size:.85rem;color:var(--soft);font-weight:600}
td.no{font-variant-numeric:tabular-nums;white-space:nowrap}
td.at{font-variant-numeric:tabular-nums;white-space:nowrap;font-size:.85rem;color:var(--soft)}
tr:target{background:#fff6d6}
.basis{color:var(--soft);font-size:.85rem;display:block;margin-top:2px}
.wide{overflow-x:auto}
@media (max-width:600px){.dot{transform:scale(1.8)}
thead,td.feature{display:none}
tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}
td{display:inline-block;border:0;padding:2px 12px 2px 0}
td.what{display:block}
td br{display:none}
td.at span{margin-left:8px}
}
@media print{main{max-width:none}
tr{break-inside:avoid}
}
"""


@dataclass(frozen=True, slots=True)
class _Frame:
    """From E, N in metres to the picture, north up."""

    west: float
    north: float
    scale: float
    width: float
    height: float

    def points(self, coordinates: Any) -> str:
        x = (coordinates[:, 0] - self.west) * self.scale
        y = (self.north - coordinates[:, 1]) * self.scale
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))


def html_report(subject: Subject, findings: Sequence[Finding], *, title: str) -> str:
    """The report as one HTML document. `title` names the package. The first 1000 findings are listed, errors first."""
    order = {level: rank for rank, level in enumerate(_LEVELS)}
    ranked = sorted(findings, key=lambda finding: order[finding.level])  # stable: rules keep their order
    listed = ranked[:_MOST_ROWS]
    counts = {level: sum(finding.level is level for finding in findings) for level in _LEVELS}
    name = subject.facts.get("name_vi", "")
    english = subject.facts.get("name_en", "")
    parts = [
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(name or title)} – kiểm tra dữ liệu</title><style>{_STYLE}</style></head><body><main>",
        "<h1>Kết quả kiểm tra gói đồ án</h1>",
        '<span class="en" lang="en">Check of the plan package</span>',
        f"<p><strong>{escape(name or title)}</strong>",
        f'<span class="en" lang="en">{escape(english)}</span>' if english else "",
        f'<span class="en">{escape(title)} · {escape(subject.facts.get("crs", ""))}</span></p>',
        _summary(counts, len(subject.lots)),
        _map(subject, listed),
        _table(listed),
        _more(len(findings) - len(listed)),
        "</main></body></html>\n",
    ]
    return "".join(parts)


def _summary(counts: dict[Level, int], lots: int) -> str:
    items = "".join(
        f'<li class="{level}"><b>{counts[level]}</b>{vi} <span class="en" lang="en">{en}</span></li>'
        for level, (vi, en) in _LEVELS.items()
    )
    return f'<ul class="sum">{items}<li><b>{lots}</b>lô đất <span class="en" lang="en">lots</span></li></ul>'


def _more(left: int) -> str:
    if left <= 0:
        return ""
    return f'<p>Còn {left} mục nữa không liệt kê. <span class="en" lang="en">{left} more are not listed.</span></p>'


def _map(subject: Subject, findings: Sequence[Finding]) -> str:
    places = [None if finding.wkb is None else shapely.from_wkb(finding.wkb) for finding in findings]
    frame = _frame(subject, places)
    if frame is None:
        return ""
    shapes: list[str] = []
    if subject.outline is not None:
        shapes.append(_path(frame, subject.outline, "outline"))
    for name, style in (("restrictions", "other"), ("parcels", "other")):
        layer = subject.layers.get(name)
        if layer is not None and layer.geometry is not None:
            shapes += [_path(frame, shape, style) for shape in layer.geometry]
    shapes += [_path(frame, shape, "lot") for shape in subject.lot_shapes]
    faults: list[str] = []
    pins: list[str] = []
    taken: set[tuple[int, int]] = set()
    for number, (finding, where) in enumerate(zip(findings, places, strict=True), start=1):
        if where is None or where.is_empty:
            continue
        faults.append(_path(frame, where, f"f {finding.level}"))
        pins.append(_pin(frame, where, number, finding.level, taken, small=len(findings) > _CROWD))
    label = "Bản đồ các vị trí có lỗi · map of the faults"
    faults.reverse()  # the gravest on top
    pins.reverse()
    return (
        '<h2>Vị trí trên bản đồ <span class="en" lang="en">Places on the map</span></h2><figure>'
        f'<svg viewBox="0 0 {frame.width:.0f} {frame.height:.0f}" role="img" aria-label="{label}">'
        f"{''.join(shapes)}{''.join(faults)}{''.join(pins)}</svg></figure>"
    )


def _frame(subject: Subject, places: Sequence[Any]) -> _Frame | None:
    everything = [subject.outline, *subject.lot_shapes, *places]
    for name in ("restrictions", "parcels"):
        layer = subject.layers.get(name)
        everything += [] if layer is None or layer.geometry is None else list(layer.geometry)
    bounds = shapely.bounds(np.array([shape for shape in everything if shape is not None], dtype=object))
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    west, south = bounds[:, :2].min(axis=0).tolist()
    east, north = bounds[:, 2:].max(axis=0).tolist()
    margin = max(east - west, north - south, 1.0) * 0.03
    width, height = east - west + 2 * margin, north - south + 2 * margin
    scale = _SIZE / max(width, height)
    return _Frame(west - margin, north + margin, scale, width * scale, height * scale)


def _path(frame: _Frame, shape: Any, style: str) -> str:
    """A shape as an SVG path; points as small circles."""
    if shape is None or shape.is_empty:
        return ""
    commands: list[str] = []
    circles: list[str] = []
    for part in shapely.get_parts(shapely.get_parts([shape])):
        if part.geom_type == "Point":
            x, _, y = frame.points(shapely.get_coordinates(part)).partition(",")
            circles.append(f'<circle class="{style}" cx="{x}" cy="{y}" r="3"/>')
            continue
        thin = shapely.simplify(part, 0.5 / frame.scale)
        rings = [part] if thin.is_empty else [thin]
        if rings[0].geom_type == "Polygon":
            rings = [rings[0].exterior, *rings[0].interiors]
        for ring in rings:
            closed = "Z" if part.geom_type == "Polygon" else ""
            commands.append(f"M{frame.points(shapely.get_coordinates(ring))}{closed}")
    fill = "" if shapely.get_dimensions(shape) == 2 else ' fill="none"'
    path = f'<path class="{style}" fill-rule="evenodd"{fill} d="{"".join(commands)}"/>' if commands else ""
    return path + "".join(circles)


def _pin(frame: _Frame, where: Any, number: int, level: Level, taken: set[tuple[int, int]], *, small: bool) -> str:
    """The fault's number at its place, beside it where another number already stands."""
    spot = shapely.point_on_surface(where)
    spot = shapely.centroid(where) if spot.is_empty else spot
    x, y = (float(value) for value in frame.points(shapely.get_coordinates(spot)).split(","))
    size = 0.6 if small else 1.0
    step = 26 * size
    while (round(x / step), round(y / step)) in taken:
        x += step
    taken.add((round(x / step), round(y / step)))
    return (
        f'<a href="#f{number}"><g class="pin {level}" transform="translate({x:.1f} {y:.1f}) scale({size})">'
        f'<g class="dot"><circle r="{11 if number < 100 else 14}"/><text>{number}</text></g></g></a>'
    )


def _table(findings: Sequence[Finding]) -> str:
    if not findings:
        return (
            "<h2>Không phát hiện lỗi</h2>"
            '<p>Dữ liệu đạt mọi quy tắc kiểm tra. <span class="en" lang="en">No rule found a fault.</span></p>'
        )
    bases = {rule.code: rule.basis for rule in RULES}
    rows = "".join(_row(number, finding, bases.get(finding.code, "")) for number, finding in enumerate(findings, 1))
    titles = (("Số", "No."), ("Mức, mã", "Level, code"), ("Đối tượng", "Feature"), ("Nội dung", "What is wrong"))
    cells = (*titles, ("X (Bắc), Y (Đông)", "North, east (m)"))
    head = "".join(f'<th>{vi}<span class="en" lang="en">{en}</span></th>' for vi, en in cells)
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return f'<h2>Danh sách <span class="en" lang="en">List</span></h2>{table}'


def _row(number: int, finding: Finding, basis: str) -> str:
    params = {"layer": finding.layer, "feature": finding.feature, **finding.params}
    vi, en = message(finding.code, "vi", **params), message(finding.code, "en", **params)
    level_vi, _ = _LEVELS[finding.level]
    head = finding.code.partition("-")[0]
    code = head.upper() if head[1:].isdigit() else finding.code
    at = ""
    if finding.wkb is not None:
        spot = shapely.centroid(shapely.from_wkb(finding.wkb))
        if not spot.is_empty:
            at = f"{format_number(spot.y, 'vi', decimals=1)}<br> {format_number(spot.x, 'vi', decimals=1)}"
    note = f'<span class="basis">Căn cứ: {escape(basis)}</span>' if basis else ""
    return (
        f'<tr id="f{number}"><td class="no">{number}</td>'
        f'<td class="level {finding.level}">{level_vi}<br> {escape(code)}</td>'
        f'<td class="feature">{escape(finding.feature or finding.layer)}</td>'
        f'<td class="what">{escape(vi)}<span class="en" lang="en">{escape(en)}</span>{note}</td>'
        f'<td class="at">{at}</td></tr>'
    )
