"""Pictures of the report: the plan with its faults, and each kind's first faults from near by, as SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Level
from quyhoach.standard import format_number
from quyhoach.validate.listing import Fault
from quyhoach.validate.subject import Subject

_SIZE = 1400  # of the map's longer side, in whole units of the picture
_INSET = 260
_BESIDE = 0.15  # of the plan's size: faults farther away are not on the map
_WHOLE = 0.7  # of the map's size: what is larger concerns the plan as a whole
_NUMBERED = 60  # faults up to which every one has its number on the map
_NO_FUNCTION = "#e6eaf0"
_MOST_NEAR = 120  # lots in an inset
_MOST_NAMES = 14
_MOST_FAULT_VERTICES = 4000  # of one fault's picture


@dataclass(frozen=True, slots=True)
class Window:
    """From E, N in metres to the picture, north up."""

    west: float
    north: float
    scale: float
    width: float
    height: float

    def flat(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Points of shape (n, 2) in the picture."""
        return np.column_stack([(points[:, 0] - self.west) * self.scale, (self.north - points[:, 1]) * self.scale])


def plan_map(subject: Subject, faults: Sequence[Fault], shown: set[int]) -> str:
    """The whole plan: lots in the standard's colours, each fault a dot, with number where there is room (and for the
    faults `shown` that have an inset). Empty when nothing has a place."""
    window = _plan_window(subject, faults)
    if window is None:
        return ""
    parts = [_lots(subject, window), _others(subject, window)]
    if subject.outline is not None:
        parts.append(f'<path class="outline" d="{path_data(window, [subject.outline])}"/>')
    placed = [fault for fault in reversed(faults) if _is_local(fault, window)]  # the gravest on top
    parts += _dots(window, placed)
    grave = [fault for fault in placed if fault.finding.level is not Level.NOTE]  # notes are dots only
    numbered = [fault for fault in grave if len(grave) <= _NUMBERED or fault.number in shown]
    if len(placed) <= _NUMBERED:
        parts += [_fault(window, fault) for fault in placed]
    taken: set[tuple[int, int]] = set()
    parts += [_pin(window, fault, taken) for fault in reversed(numbered)][::-1]
    label = "Bản đồ các vị trí có lỗi · map of the faults"
    return (
        f'<figure class="map"><svg viewBox="0 0 {window.width:.0f} {window.height:.0f}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>{_legend(subject)}</figure>'
    )


def inset(subject: Subject, fault: Fault, tree: Any) -> str:
    """A fault from near by: the lots around with their labels, the lines as drawn dashed, the fault in its colour.
    `tree` is an STRtree of the lots. Empty without a place."""
    if not len(fault.points):
        return ""
    window, box = _near(subject, fault)
    near = tree.query(box)[:_MOST_NEAR]
    if not len(near) and shapely.get_dimensions(fault.spot) == 0:
        return ""  # a point with nothing around shows nothing
    parts = _coloured(subject, window, near, box)
    drawn = subject.drawn_tree.query(box)[:_MOST_NEAR]
    if len(drawn):
        shapes = shapely.clip_by_rect(shapely.boundary(subject.drawn_shapes[drawn]), *box.bounds)
        parts.append(f'<path class="drawn" d="{path_data(window, shapes, closed=False)}"/>')
    if subject.outline is not None:
        line = shapely.clip_by_rect(shapely.boundary(subject.outline), *box.bounds)
        parts.append(f'<path class="outline" d="{path_data(window, [line], closed=False)}"/>')
    parts.append(_fault(window, fault))
    bounds = shapely.bounds(fault.spot)
    if max(bounds[2] - bounds[0], bounds[3] - bounds[1]) * window.scale < 24:
        x, y = window.flat(fault.points[:1])[0]
        parts.append(f'<circle class="ring {fault.finding.level}" cx="{x:.0f}" cy="{y:.0f}" r="22"/>')
    parts.append(_names(subject, window, near, box))
    parts.append(_bar(window))
    return (
        f'<figure><svg viewBox="0 0 {_INSET} {_INSET}" role="img" aria-label="{escape(fault.sentence("vi"))}">'
        f'{"".join(parts)}</svg><figcaption><a href="#f{fault.number}">{fault.number}</a> '
        f"{escape(fault.finding.feature or fault.finding.layer)}</figcaption></figure>"
    )


def path_data(window: Window, shapes: Iterable[Any], *, closed: bool = True, digits: int = 0) -> str:
    """Lines and rings as the data of one SVG path, in whole units of the picture, relative: short for many lots."""
    data: list[str] = []
    parts = shapely.get_parts(shapely.get_parts(list(shapes)))
    areas = parts[shapely.get_dimensions(parts) == 2]
    lines = [*shapely.get_rings(areas), *parts[shapely.get_dimensions(parts) == 1]]
    unit = 10**digits
    coordinates, rows = shapely.get_coordinates(np.array(lines, dtype=object), return_index=True)
    if not len(coordinates):
        return ""
    flat = np.rint(window.flat(coordinates) * unit).astype(np.int64)
    starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
    moved = np.diff(flat, axis=0, prepend=flat[:1])
    first = np.zeros(len(flat), dtype=bool)
    first[starts] = True
    keep = first | (np.abs(moved).sum(axis=1) > 0)
    for piece in np.split(np.arange(len(flat)), starts[1:]):
        kept = flat[piece[keep[piece]]]
        steps = np.diff(kept, axis=0)
        if closed and len(steps) > 1 and (kept[-1] == kept[0]).all():
            steps = steps[:-1]
        x, y = kept[0] / unit
        pairs = " ".join(f"{a / unit:g} {b / unit:g}" for a, b in steps.tolist()) or "1 0"
        data.append(f"M{x:g} {y:g}l{pairs}{'z' if closed else ''}")
    return "".join(data)


def _plan_window(subject: Subject, faults: Sequence[Fault]) -> Window | None:
    """The plan with what lies up to _BESIDE of its size away; without a plan, all faults."""
    plan = [subject.outline, *subject.lot_shapes, *(shape for _, shape in _other_shapes(subject))]
    spots = [fault.spot for fault in faults if fault.spot is not None]
    own = _around(plan, _SIZE)
    if own is None:
        return _around(spots, _SIZE)
    width, height = own.width / own.scale, own.height / own.scale
    near = shapely.box(own.west, own.north - height, own.west + width, own.north).buffer(_BESIDE * max(width, height))
    return _around([*plan, *(spot for spot in spots if near.covers(spot))], _SIZE)


def _is_local(fault: Fault, window: Window) -> bool:
    """Whether a fault is at a place on the map, rather than about the whole plan."""
    if not len(fault.points):
        return False
    flat = window.flat(fault.points[:1])[0]
    if not (0 <= flat[0] <= window.width and 0 <= flat[1] <= window.height):
        return False
    west, south, east, north = shapely.bounds(fault.spot).tolist()
    return bool(fault.spot.geom_type == "MultiPoint" or max(east - west, north - south) * window.scale < _WHOLE * _SIZE)


def _other_shapes(subject: Subject) -> list[tuple[str, Any]]:
    found = []
    for name in ("restrictions", "parcels"):
        layer = subject.layers.get(name)
        if layer is not None and layer.geometry is not None:
            found += [(name, shape) for shape in layer.geometry]
    return found


def _around(shapes: Sequence[Any], size: float) -> Window | None:
    known = [shape for shape in shapes if shape is not None]
    bounds = shapely.bounds(np.array(known, dtype=object)).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    west, south = bounds[:, :2].min(axis=0).tolist()
    east, north = bounds[:, 2:].max(axis=0).tolist()
    margin = max(east - west, north - south, 1.0) * 0.03
    width, height = east - west + 2 * margin, north - south + 2 * margin
    scale = size / max(width, height)
    return Window(west - margin, north + margin, scale, width * scale, height * scale)


def _near(subject: Subject, fault: Fault) -> tuple[Window, Any]:
    """A square around a fault: three times its size, but at least 15 mm of the drawing (30 m without scale)."""
    shape = fault.spot
    if shape.geom_type == "MultiPoint":
        shape = shapely.get_parts([shape])[0]
    west, south, east, north = shapely.bounds(shape).tolist()
    least = 30.0 if subject.scale is None else 0.015 * subject.scale
    half = max(1.5 * max(east - west, north - south), least, 2.0) / 2
    x, y = (west + east) / 2, (south + north) / 2
    return Window(x - half, y + half, _INSET / (2 * half), _INSET, _INSET), shapely.box(
        x - half, y - half, x + half, y + half
    )


def colour(subject: Subject, row: int) -> str:
    """A lot's colour on maps, grey where its function is not known."""
    function = subject.functions[row]
    return _NO_FUNCTION if function is None else function.map_colour


def _by_colour(subject: Subject, rows: Iterable[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(colour(subject, row), []).append(row)
    return found


def _lots(subject: Subject, window: Window) -> str:
    parts = []
    known = ~shapely.is_missing(subject.lot_shapes)
    thin = subject.lot_shapes.copy()
    thin[known] = shapely.simplify(thin[known], 0.4 / window.scale)
    thin = np.where(shapely.is_empty(thin), subject.lot_shapes, thin)
    for fill, rows in _by_colour(subject, np.flatnonzero(known).tolist()).items():
        parts.append(f'<path class="lot" fill-rule="evenodd" fill="{fill}" d="{path_data(window, thin[rows])}"/>')
    return "".join(parts)


def _others(subject: Subject, window: Window) -> str:
    shapes = [shape for _, shape in _other_shapes(subject)]
    shapes = [shapely.simplify(shape, 0.5 / window.scale) for shape in shapes if shape is not None]
    return f'<path class="other" d="{path_data(window, shapes)}"/>' if shapes else ""


def _coloured(subject: Subject, window: Window, rows: Any, box: Any) -> list[str]:
    parts = []
    for fill, mine in _by_colour(subject, sorted(rows.tolist())).items():
        shapes = [shapely.clip_by_rect(shape, *box.bounds) for shape in subject.lot_shapes[mine]]
        data = path_data(window, shapes, digits=1)
        parts.append(f'<path class="lot" fill-rule="evenodd" fill="{fill}" d="{data}"/>')
    return parts


def _names(subject: Subject, window: Window, rows: Any, box: Any) -> str:
    labels = subject.column(subject.lots, "kyHieuLoDat")
    found = []
    for row in sorted(rows.tolist()):
        if not labels[row]:
            continue
        seen = shapely.clip_by_rect(subject.lot_shapes[row], *box.bounds)
        if seen.is_empty or seen.area * window.scale**2 < 500:
            continue
        x, y = window.flat(shapely.get_coordinates(shapely.point_on_surface(seen)))[0]
        half = 3.2 * min(len(str(labels[row])), 14)
        if not half < x < window.width - half or not 8 < y < window.height - 30:
            continue  # it would be cut, or stand on the scale bar
        found.append((-seen.area, f'<text class="name" x="{x:.0f}" y="{y:.0f}">{escape(str(labels[row])[:14])}</text>'))
    return "".join(text for _, text in sorted(found)[:_MOST_NAMES])


def _fault(window: Window, fault: Fault) -> str:
    """The fault's shape; points as small circles."""
    shape, level = fault.spot, fault.finding.level
    parts = shapely.get_parts(shapely.get_parts([shape]))
    shaped = parts[shapely.get_dimensions(parts) > 0]
    found = ""
    if len(shaped):
        thin = shapely.simplify(shaped, 0.3 / window.scale)
        thin = np.where(shapely.is_empty(thin), shaped, thin)
        if shapely.get_num_coordinates(thin).sum() > _MOST_FAULT_VERTICES:
            thin = shapely.envelope(thin)
        closed = bool((shapely.get_dimensions(thin) == 2).all())
        fill = "" if closed else ' fill="none"'
        data = path_data(window, thin, closed=closed, digits=1)
        found = f'<path class="f {level}" fill-rule="evenodd"{fill} d="{data}"/>'
    dots = window.flat(shapely.get_coordinates(parts[shapely.get_dimensions(parts) == 0])[:200])
    return found + "".join(f'<circle class="f {level}" cx="{x:.0f}" cy="{y:.0f}" r="4"/>' for x, y in dots.tolist())


def _dots(window: Window, faults: Sequence[Fault]) -> list[str]:
    """One path per level: a line without length is a dot."""
    data: dict[str, list[str]] = {}
    for fault in faults:
        flat = np.rint(window.flat(fault.points[:200])).astype(int)
        data.setdefault(str(fault.finding.level), []).append("".join(f"M{x} {y}h0" for x, y in flat.tolist()))
    return [f'<path class="dots {level}" d="{"".join(mine)}"/>' for level, mine in data.items()]


def _pin(window: Window, fault: Fault, taken: set[tuple[int, int]]) -> str:
    """The fault's number at its place, beside it where another number already stands."""
    x, y = window.flat(fault.points[:1])[0].tolist()
    step = 26
    while (round(x / step), round(y / step)) in taken:
        x += step
    taken.add((round(x / step), round(y / step)))
    radius = 11 if fault.number < 100 else 14
    return (
        f'<a href="#f{fault.number}"><g class="pin {fault.finding.level}" transform="translate({x:.0f} {y:.0f})">'
        f'<g class="dot"><circle r="{radius}"/><text>{fault.number}</text></g></g></a>'
    )


def _bar(window: Window) -> str:
    """A scale bar of a round length."""
    width = window.width / window.scale / 4
    length = 10.0 ** np.floor(np.log10(width))
    length = next((step * length for step in (5, 2) if step * length <= width), length)
    end = 10 + length * window.scale
    text = f"{format_number(float(length), 'vi')} m"
    y = window.height - 10
    return (
        f'<path class="bar" d="M10 {y - 4:.0f}v4H{end:.0f}v-4"/>'
        f'<text class="name" x="{(10 + end) / 2:.0f}" y="{y - 10:.0f}">{text}</text>'
    )


def _legend(subject: Subject) -> str:
    """The functions that the map shows, in the standard's order."""
    shown = {function.code: function for function in subject.functions if function is not None}
    rows = [
        f'<span><i class="chip" style="background:{row.map_colour}"></i>{escape(row.name["vi"])}</span>'
        for row in sorted(shown.values(), key=lambda row: row.order)
    ]
    if any(function is None for function in subject.functions):
        rows.append(f'<span><i class="chip" style="background:{_NO_FUNCTION}"></i>chưa rõ chức năng</span>')
    return f'<div class="legend">{"".join(rows)}</div>' if rows else ""
