"""Phase: of several maps in one model space (existing state, land use, traffic …) one is chosen, or asked for.

Runs before the drawing is located; all coordinates here are as drawn."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.source import SourceLayer
from quyhoach.standard.text import fold
from quyhoach.standardise.drawn_texts import drawn_texts
from quyhoach.standardise.sheet_clusters import clusters, join_nearest
from quyhoach.standardise.sheet_frames import outermost, rectangles
from quyhoach.standardise.sheet_titles import Title, find_titles
from quyhoach.standardise.work import Geometries, Work, error, note

_FRAME_SIDE = 0.03  # of the drawing's size: no smaller rectangle is a sheet's frame
_MAP_LINES = 8  # slanting or many-cornered lines that make a map of what is else a table or a legend
_MAP_SHARE = 0.1  # of the lines of the map with most
_MAP_LEAST = 0.02  # of all such lines: less is a lot or a block that happens to be a rectangle
_UNFRAMED_SHARE = 0.25  # the same, for a map without a frame
_HELD = 0.5  # of all lines that make maps: so much do sheets' frames hold together
_GAPS = (0.006, 0.015, 0.03)  # of the drawing's size: between groups of entities
_MOST_GROUPS = 500
_INNER = 0.85  # of a frame's area: a rectangle inside it that is larger is its inner line
_NEAR = 0.5  # of the sheet's longer side: what lies outside all sheets but so near stays with one
_LIKE = 0.5  # of the area of the smallest titled frame: also a sheet's frame
_SAME_SIZE = 0.02  # two maps of one plan are equally large

_LAND_USE = re.compile(r"su dung dat|\bsdd\b|\bsd dat\b")


@dataclass(frozen=True, eq=False)
class Sheet:
    """One map of a drawing. `number` from 1, as people read: rows from the top, each from the left. `title`: as
    written, "" where none is found. `bounds`: polygon, drawn coordinates. `entities`: how many lie in it."""

    number: int
    title: str
    bounds: shapely.Polygon
    entities: int


@dataclass(frozen=True, eq=False)
class _Content:
    """All entities with a place, in the order of layers and rows. `layer, row`: which; `middle`: x + iy; `box`: its
    bounds; `slanting`: it makes a map (see `_slanting`)."""

    layer: npt.NDArray[np.intp]
    row: npt.NDArray[np.intp]
    middle: npt.NDArray[np.complex128]
    box: npt.NDArray[np.float64]
    slanting: npt.NDArray[np.bool_]


def find_sheets(work: Work) -> tuple[Sheet, ...]:
    """The maps of a drawing, by their frames, and where there is none by what lies far apart under titles of its own.

    One or none: the drawing is one map with its legend and tables, however many rectangles these have."""
    content = _content(work.layers)
    if not len(content.middle):
        return ()
    low, high = np.percentile(content.box, (1, 99), axis=0)
    size = float(max(high[2] - low[0], high[3] - low[1]))
    if size <= 0:
        return ()
    titles = find_titles(drawn_texts(work.layers))
    frames = _sheet_frames(rectangles(work.layers, _FRAME_SIDE * size), content, titles)
    regions = [*frames, *_unframed(frames, content, titles)]
    if not regions:
        return ()
    shapes: Geometries = np.empty(len(regions), dtype=object)
    shapes[:] = regions
    shapes = shapes[_reading_order(shapes)]
    owner = _owner(shapes, content.middle)
    named = _titles_of(shapes, titles)
    return tuple(
        Sheet(number + 1, named[number], shape, int((owner == number).sum())) for number, shape in enumerate(shapes)
    )


def choose_sheet(work: Work) -> Work:
    """Keep one map of a drawing that holds several: the mapping's `[sheet] frame`, else the only one whose title says
    land-use planning (a guess, and a note); else an error finding asks and the layers are left out.

    What lies outside all sheets stays when the chosen one is the nearest and near. One map alone is untouched."""
    if work.drawing is None:
        return work
    sheets = find_sheets(work)
    wanted = work.mapping.frame
    if len(sheets) < 2:
        if wanted <= 1:
            return work
        told = error("sheet-number-unknown", frame=wanted, sheets=_told(sheets) or "–")
        return replace(work, layers=(), findings=(*work.findings, told))
    if wanted > len(sheets):
        told = error("sheet-number-unknown", frame=wanted, sheets=_told(sheets))
        return replace(work, layers=(), findings=(*work.findings, told))
    guesses = work.guesses
    chosen = sheets[wanted - 1] if wanted else _land_use_sheet(sheets)
    if chosen is None:
        told = error("sheet-asked", count=len(sheets), sheets=_told(sheets))
        return replace(work, layers=(), findings=(*work.findings, told))
    if not wanted:
        guesses = (*guesses, f"sheet: {chosen.number}, by its title “{chosen.title}”")
    layers, left = _kept(work.layers, sheets, chosen)
    others = _told([sheet for sheet in sheets if sheet is not chosen])
    told = note("sheet-chosen", frame=chosen.number, title=chosen.title or "–", left=left, others=others)
    return replace(work, layers=layers, findings=(*work.findings, told), guesses=guesses)


def _told(sheets: Sequence[Sheet]) -> str:
    """ "1. BẢN ĐỒ HIỆN TRẠNG (1520; x 0 … 841, y 0 … 594)"."""
    parts = []
    for sheet in sheets:
        west, south, east, north = (round(value, 1) for value in sheet.bounds.bounds)
        parts.append(f"{sheet.number}. {sheet.title or '–'} ({sheet.entities}; x {west} … {east}, y {south} … {north})")
    return "; ".join(parts)


def _land_use_sheet(sheets: Sequence[Sheet]) -> Sheet | None:
    """The only sheet whose title says land-use planning; None where there is none or several."""
    scores = []
    for sheet in sheets:
        title = fold(sheet.title)
        useful = bool(_LAND_USE.search(title)) and "hien trang" not in title and "danh gia" not in title
        scores.append((1 + ("quy hoach" in title or "qh" in title.split())) if useful else 0)
    best = max(scores)
    return sheets[scores.index(best)] if best and scores.count(best) == 1 else None


# ── content ─────────────────────────────────────────────────────────────────────────────────────


def _content(layers: Sequence[SourceLayer]) -> _Content:
    empty: Geometries = np.empty(0, dtype=object)
    geometry = np.concatenate([empty, *(layer.geometry for layer in layers)])
    layer = np.repeat(np.arange(len(layers)), [len(item) for item in layers])
    row = np.concatenate([np.empty(0, dtype=np.intp), *(np.arange(len(item)) for item in layers)])
    box = shapely.bounds(geometry)
    known = np.isfinite(box).all(axis=1)
    box, layer, row, geometry = box[known], layer[known], row[known], geometry[known]
    middle = (box[:, 0] + box[:, 2]) / 2 + 1j * (box[:, 1] + box[:, 3]) / 2
    return _Content(layer, row.astype(np.intp), middle, box, _slanting(geometry))


def _slanting(geometry: Geometries) -> npt.NDArray[np.bool_]:
    """Lines and areas of more corners than a rectangle's, or that run slantwise: what maps have and tables have not."""
    corners = shapely.get_num_coordinates(geometry)
    kind = shapely.get_type_id(geometry)
    found: npt.NDArray[np.bool_] = (corners >= 7) & (kind != 0)
    lines = np.flatnonzero((kind == 1) & (corners >= 2) & ~found)
    start, end = (shapely.get_coordinates(shapely.get_point(geometry[lines], at)) for at in (0, 1))
    run = np.abs(end - start)
    found[lines] = np.minimum(run[:, 0], run[:, 1]) > 0.05 * np.maximum(run[:, 0], run[:, 1])
    return found


# ── sheets ─────────────────────────────────────────────────────────────────────────────────────────────────


def _sheet_frames(frames: Geometries, content: _Content, titles: Sequence[Title]) -> list[shapely.Polygon]:
    """The frames that hold a map each: the outermost, unless one holds several titled maps with frames of their own.
    Rectangles that together hold little of what is drawn are no sheets' frames."""
    if not len(frames):
        return []
    slanting = content.middle[content.slanting]
    tree = shapely.STRtree(_points(slanting))
    lines = np.bincount(tree.query(frames, predicate="intersects")[0], minlength=len(frames))
    frames = frames[lines >= max(_MAP_LINES, _MAP_SHARE * lines.max(initial=0), _MAP_LEAST * len(slanting))]
    found: list[shapely.Polygon] = []
    for frame in outermost(frames):
        found += _split(frame, frames, titles)
    found = _of_sheets(found, titles)
    held = [shapely.intersects_xy(frame, slanting.real, slanting.imag) for frame in found]
    return found if found and np.any(held, axis=0).sum() >= _HELD * len(slanting) else []


def _of_sheets(frames: Sequence[shapely.Polygon], titles: Sequence[Title]) -> list[shapely.Polygon]:
    """The frames that hold a title and, beside two such or more, those of their size: what else is a rectangle is a
    block of the town."""
    named = [frame for frame in frames if any(_holds(frame, title.at) for title in titles)]
    if len(named) < 2:
        return named
    least = _LIKE * min(frame.area for frame in named)
    return [frame for frame in frames if frame.area >= least]


def _split(frame: shapely.Polygon, frames: Geometries, titles: Sequence[Title]) -> list[shapely.Polygon]:
    """A frame, or the titled frames of like size inside it."""
    shared = shapely.area(shapely.intersection(frames, frame))
    area = shapely.area(frames)
    inside = frames[(shared > 0.99 * area) & (area < _INNER * frame.area)]
    parts = outermost(inside) if len(inside) else inside
    if len(parts) < 2:
        return [frame]
    parts = parts[shapely.area(parts) > 0.25 * shapely.area(parts).max()]
    named = [{fold(title.text) for title in titles if _holds(part, title.at)} for part in parts]
    if len(parts) >= 2 and all(named) and len({name for names in named for name in names}) >= 2:
        return list(parts)
    return [frame]


def _holds(shape: shapely.Polygon, at: complex) -> bool:
    return bool(shapely.intersects_xy(shape, at.real, at.imag))


def _unframed(frames: Sequence[shapely.Polygon], content: _Content, titles: Sequence[Title]) -> list[shapely.Polygon]:
    """Maps without a frame: what lies apart from all else and has as many lines as a map, when titles of its own or
    its size tell it from a part of one map."""
    x, y = content.middle.real, content.middle.imag
    inside = [shapely.intersects_xy(frame, x, y) for frame in frames]
    rest = np.flatnonzero(~np.any(inside, axis=0)) if frames else np.arange(len(x))
    most = max((int((content.slanting & mask).sum()) for mask in inside), default=0)
    if content.slanting[rest].sum() < max(2 * _MAP_LINES, _UNFRAMED_SHARE * most):
        return []
    free = [title for title in titles if not any(_holds(frame, title.at) for frame in frames)]
    if len({fold(title.text) for title in free}) + len(frames) >= 2 and free:
        return _by_titles(frames, content, rest, free, most)
    if frames or free:
        return []
    groups = [rest[group] for group in clusters(content.box[rest], _GAPS[-1])]
    counts = np.array([content.slanting[group].sum() for group in groups])
    large = [_hull(content.box[groups[k]]) for k in np.flatnonzero(counts >= _UNFRAMED_SHARE * counts.max()).tolist()]
    return large if _alike(large) else []


def _by_titles(
    frames: Sequence[shapely.Polygon],
    content: _Content,
    rest: npt.NDArray[np.intp],
    titles: Sequence[Title],
    most: int,
) -> list[shapely.Polygon]:
    """Maps without a frame, each under a title: groups of entities joined nearest first, but never two titled maps."""
    groups: list[npt.NDArray[np.intp]] = []
    for gap in _GAPS:
        groups = [rest[group] for group in clusters(content.box[rest], gap)]
        if len(groups) <= _MOST_GROUPS:
            break
    groups = groups[:_MOST_GROUPS]
    hulls = [_hull(content.box[group]) for group in groups] + list(frames)
    shapes: Geometries = np.empty(len(hulls), dtype=object)
    shapes[:] = hulls
    lines = np.array([content.slanting[group].sum() for group in groups] + [most] * len(frames), dtype=np.int64)
    titled = np.arange(len(hulls)) >= len(groups)
    for title in titles:
        titled[int(np.argmin(shapely.distance(shapes, shapely.Point(title.at.real, title.at.imag))))] = True
    least = max(2 * _MAP_LINES, _UNFRAMED_SHARE * max(int(lines.max()), most))
    joined = join_nearest(shapely.bounds(shapes), lines, titled, least)
    found = []
    for number in np.unique(joined).tolist():
        members = np.flatnonzero(joined == number)
        if members.max() < len(groups) and titled[members].any() and lines[members].sum() >= least:
            found.append(_hull(np.concatenate([content.box[groups[member]] for member in members])))
    return found if len(found) + len(frames) >= 2 else []


def _hull(box: npt.NDArray[np.float64]) -> shapely.Polygon:
    hull: shapely.Polygon = shapely.box(box[:, 0].min(), box[:, 1].min(), box[:, 2].max(), box[:, 3].max())
    return hull


def _points(at: npt.NDArray[np.complex128]) -> Geometries:
    points: Geometries = np.empty(len(at), dtype=object)
    points[:] = shapely.points(_parts(at))
    return points


def _parts(at: npt.NDArray[np.complex128]) -> npt.NDArray[np.float64]:
    return np.column_stack([at.real, at.imag])


def _alike(shapes: Sequence[shapely.Polygon]) -> bool:
    """Whether all are equally wide and high."""
    box = np.array([shape.bounds for shape in shapes])
    sides = box[:, 2:] - box[:, :2]
    return len(shapes) >= 2 and bool((np.ptp(sides, axis=0) <= _SAME_SIZE * sides.max(axis=0)).all())


def _reading_order(shapes: Geometries) -> list[int]:
    """Numbers of the shapes, rows from the top and each row from the left, as the first one's frame is turned."""
    start, end = shapely.get_coordinates(shapes[0])[:2]
    angle = np.angle(complex(*(end - start)))
    level = np.exp(-1j * (np.mod(angle + np.pi / 4, np.pi / 2) - np.pi / 4))
    box = shapely.bounds(shapely.transform(shapes, lambda xy: _parts((xy[:, 0] + 1j * xy[:, 1]) * level)))
    rows: list[list[int]] = []
    for number in np.argsort(-(box[:, 1] + box[:, 3]), kind="stable").tolist():
        height = box[number, 3] - box[number, 1]
        for row in rows:
            shared = min(box[number, 3], box[row[0], 3]) - max(box[number, 1], box[row[0], 1])
            if shared > 0.5 * min(height, box[row[0], 3] - box[row[0], 1]):
                row.append(number)
                break
        else:
            rows.append([number])
    return [number for row in rows for number in sorted(row, key=lambda item: box[item, 0])]


def _titles_of(shapes: Geometries, titles: Sequence[Title]) -> list[str]:
    """The title of each sheet: the tallest inside it, else the tallest outside that is nearest to it."""
    best = [Title("", 0j, -1.0)] * len(shapes)
    outer = list(best)
    points = _points(np.array([title.at for title in titles], dtype=np.complex128))
    for title, point in zip(titles, points, strict=True):
        away = shapely.distance(shapes, point)
        number = int(np.argmin(away))
        into = best if away[number] == 0 else outer
        if title.height > into[number].height:
            into[number] = title
    return [inner.text or other.text for inner, other in zip(best, outer, strict=True)]


def _owner(shapes: Geometries, middle: npt.NDArray[np.complex128]) -> npt.NDArray[np.intp]:
    """Which sheet each entity lies in, −1 for none; of sheets that overlap the smaller one."""
    owner = np.full(len(middle), -1, dtype=np.intp)
    for number in np.argsort(-shapely.area(shapes), kind="stable").tolist():
        owner[shapely.intersects_xy(shapes[number], middle.real, middle.imag)] = number
    return owner


def _kept(layers: Sequence[SourceLayer], sheets: Sequence[Sheet], chosen: Sheet) -> tuple[tuple[SourceLayer, ...], int]:
    """The layers with what belongs to the chosen sheet, and how many entities were left out."""
    content = _content(layers)
    shapes: Geometries = np.empty(len(sheets), dtype=object)
    shapes[:] = [sheet.bounds for sheet in sheets]
    owner = _owner(shapes, content.middle)
    loose = np.flatnonzero(owner < 0)
    points = _points(content.middle[loose])
    away = np.stack([shapely.distance(shape, points) for shape in shapes])
    number = sheets.index(chosen)
    west, south, east, north = chosen.bounds.bounds
    near = away[number] <= _NEAR * max(east - west, north - south)
    owner[loose[(away.argmin(axis=0) == number) & near]] = number
    dropped = np.flatnonzero(owner != number)
    kept = []
    for index, layer in enumerate(layers):
        mask = np.ones(len(layer), dtype=bool)
        mask[content.row[dropped[content.layer[dropped] == index]]] = False
        kept.append(_take(layer, mask))
    return tuple(layer for layer in kept if len(layer)), len(dropped)


def _take(layer: SourceLayer, mask: npt.NDArray[np.bool_]) -> SourceLayer:
    if mask.all():
        return layer
    rows = np.flatnonzero(mask).tolist()
    return replace(
        layer,
        geometry=layer.geometry[mask],
        ids=tuple(layer.ids[row] for row in rows),
        fields={name: [values[row] for row in rows] for name, values in layer.fields.items()},
    )
