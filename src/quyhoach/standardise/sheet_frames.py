"""The rectangles that may be frames of sheets: closed lines, or four lines, however turned."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.work import Geometries

_SQUARE = 0.02  # |cos| of a corner
_MOST_LINES = 400  # long lines that frames are put together from
_MOST_FRAMES = 300
_OVERLAP = 0.9  # of a rectangle inside another one: nested

Numbers = npt.NDArray[np.float64]


def rectangles(layers: Sequence[SourceLayer], least: float) -> Geometries:
    """Rectangles with a longer side of `least` (drawn units) or more, the largest first, each once."""
    found = [*_closed(layers, least), *_of_lines(layers, least)]
    shapes: Geometries = np.empty(len(found), dtype=object)
    shapes[:] = found
    order = np.argsort(-shapely.area(shapes), kind="stable")[:_MOST_FRAMES]
    kept: list[shapely.Polygon] = []
    for shape in shapes[order]:
        double = any(abs(shape.area - other.area) < 1e-6 * other.area and shape.equals_exact(other) for other in kept)
        if not double:
            kept.append(shape)
    result: Geometries = np.empty(len(kept), dtype=object)
    result[:] = kept
    return result


def outermost(frames: Geometries) -> Geometries:
    """The frames that lie in no other one; `frames` from the largest to the smallest."""
    kept: list[int] = []
    for number, frame in enumerate(frames):
        shared = shapely.area(shapely.intersection(frames[kept], frame)) if kept else np.empty(0)
        if not (shared > _OVERLAP * frame.area).any():
            kept.append(number)
    return frames[kept]


def _closed(layers: Sequence[SourceLayer], least: float) -> list[shapely.Polygon]:
    found = []
    for layer in layers:
        lines = layer.geometry[shapely.get_type_id(layer.geometry) == 1]
        count = shapely.get_num_coordinates(lines)
        lines = lines[(count >= 5) & (count <= 12)]
        box = shapely.bounds(lines)
        with np.errstate(invalid="ignore"):
            large = np.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]) >= 0.7 * least
        for line in lines[large]:
            ring = _corners(shapely.get_coordinates(line), 1e-3 * least)
            if ring is not None and _is_rectangle(ring) and _longer(ring) >= least:
                found.append(shapely.Polygon(ring))
    return found


def _corners(xy: Numbers, slack: float) -> Numbers | None:
    """The corners of a closed line without vertices on straight runs; None when it is open or has others than four."""
    if not np.isfinite(xy).all() or np.hypot(*(xy[0] - xy[-1])) > slack:
        return None
    ring = xy[:-1]
    ring = ring[np.hypot(*(ring - np.roll(ring, 1, axis=0)).T) > slack]
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    ring = ring[np.abs(cross) > 0.01 * np.hypot(*before.T) * np.hypot(*after.T)]
    return ring if len(ring) == 4 else None


def _is_rectangle(ring: Numbers) -> bool:
    side = np.roll(ring, -1, axis=0) - ring
    length = np.hypot(*side.T)
    dot = np.abs((side * np.roll(side, -1, axis=0)).sum(axis=1))
    return bool((dot <= _SQUARE * length * np.roll(length, -1)).all())


def _longer(ring: Numbers) -> float:
    return float(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).max())


def _of_lines(layers: Sequence[SourceLayer], least: float) -> list[shapely.Polygon]:
    """Rectangles that long lines close: the outside of what they enclose together."""
    segments = _long_segments(layers, 0.5 * least)
    if len(segments) < 4:
        return []
    reach = 0.002 * (segments[:, 1] - segments[:, 0])  # corners that don't quite meet
    ends = np.stack([segments[:, 0] - reach, segments[:, 1] + reach], axis=1)
    lines = shapely.linestrings(np.stack([ends.real, ends.imag], axis=-1))
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    if not len(faces):
        return []
    found = []
    for shape in [*shapely.get_parts(shapely.union_all(faces)), *faces]:
        around = shapely.minimum_rotated_rectangle(shapely.Polygon(shape.exterior))
        if isinstance(around, shapely.Polygon) and shapely.Polygon(shape.exterior).area > 0.97 * around.area:
            ring = shapely.get_coordinates(around)[:-1]
            if _longer(ring) >= least:
                found.append(around)
    return found


def _long_segments(layers: Sequence[SourceLayer], least: float) -> npt.NDArray[np.complex128]:
    """The longest segments of lines of few vertices."""
    found = []
    for layer in layers:
        lines = layer.geometry[shapely.get_type_id(layer.geometry) == 1]
        lines = lines[shapely.get_num_coordinates(lines) <= 4]
        if not len(lines):
            continue
        xy, owner = shapely.get_coordinates(lines, return_index=True)
        z = xy[:, 0] + 1j * xy[:, 1]
        inner = (owner[1:] == owner[:-1]) & np.isfinite(z[1:]) & np.isfinite(z[:-1])
        pair = np.column_stack([z[:-1][inner], z[1:][inner]])
        found.append(pair[np.abs(pair[:, 1] - pair[:, 0]) >= least])
    segments = np.concatenate(found) if found else np.empty((0, 2), dtype=np.complex128)
    order = np.argsort(-np.abs(segments[:, 1] - segments[:, 0]), kind="stable")[:_MOST_LINES]
    return segments[order]
