"""Where the marks that grid labels stand beside can be: crossings of lines, points, small signs, ends of ticks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.grid_labels import GridLabels

SIGN, CROSSING, CORNER, END = 0, 1, 2, 3  # kinds of marks, most trustworthy first
_MOST_VERTICES = 12  # of a line that may be a grid line or a cross
_MOST_SEGMENTS = 24  # looked at per label
_SQUARE = 0.15  # how far from perpendicular two lines of a cross may be: |cos|
_WITHIN = 0.02  # a crossing this part of a line away from its end is one inside it
_CENTRAL = 0.03  # a crossing this near to the middle of both lines, in parts of them, makes a plus sign

Integers = npt.NDArray[np.intp]
Complex = npt.NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Marks:
    """Pairs (label, place of a mark near it). `kind`: SIGN (lines that cross in their middles, points, centres of small
    signs), CROSSING (other lines that cross), CORNER (lines that meet), END (of a line). `distance`: from the label to
    the mark, 0 … 1 of the reach."""

    label: Integers
    at: Complex
    kind: Integers
    distance: npt.NDArray[np.float64]

    def of_labels(self, kept: npt.NDArray[np.bool_]) -> "Marks":
        """The marks of the labels where `kept` is true, with the labels' numbers among those."""
        number = np.cumsum(kept) - 1
        keep = kept[self.label]
        return Marks(number[self.label[keep]], self.at[keep], self.kind[keep], self.distance[keep])

    def of_kind(self, most: int) -> "Marks":
        """The marks of the kinds up to `most`."""
        keep = self.kind <= most
        return Marks(self.label[keep], self.at[keep], self.kind[keep], self.distance[keep])


def find_marks(layers: Sequence[SourceLayer], labels: GridLabels, reach: float) -> Marks:
    """The marks within `reach` (drawn units) of each label."""
    lines, points = _simple_lines(layers), _points(layers, reach)
    boxes = shapely.box(labels.at.real - reach, labels.at.imag - reach, labels.at.real + reach, labels.at.imag + reach)
    found: list[tuple[Integers, Complex, int]] = []
    if len(points):
        which, hit = shapely.STRtree(np.asarray(shapely.points(points.real, points.imag), dtype=np.object_)).query(
            boxes
        )
        found.append((which, points[hit], SIGN))
    if len(lines):
        ends = np.stack([_pairs(lines[:, 0]), _pairs(lines[:, 1])], axis=1)
        segments = np.asarray(shapely.linestrings(ends), dtype=np.object_)
        which, hit = shapely.STRtree(segments).query(boxes, predicate="intersects")
        found += _of_lines(lines, which, hit, labels)
    if not found:
        none = np.empty(0, dtype=np.intp)
        return Marks(none, np.empty(0, dtype=np.complex128), none, np.empty(0))
    label = np.concatenate([which for which, _, _ in found])
    at = np.concatenate([place for _, place, _ in found])
    kind = np.concatenate([np.full(len(which), code, dtype=np.intp) for which, _, code in found])
    distance = np.abs(at - labels.at[label]) / reach
    near = distance <= 1
    return Marks(label[near], at[near], kind[near], distance[near])


def _pairs(places: Complex) -> npt.NDArray[np.float64]:
    return np.column_stack([places.real, places.imag])


def _simple_lines(layers: Sequence[SourceLayer]) -> Complex:
    """The segments (start, end) of all lines of few vertices."""
    found = []
    for layer in layers:
        shapes = layer.geometry[shapely.get_type_id(layer.geometry) == 1]
        shapes = shapes[shapely.get_num_coordinates(shapes) <= _MOST_VERTICES]
        if not len(shapes):
            continue
        xy, owner = shapely.get_coordinates(shapes, return_index=True)
        z = xy[:, 0] + 1j * xy[:, 1]
        inner = (owner[1:] == owner[:-1]) & np.isfinite(z[1:]) & np.isfinite(z[:-1]) & (z[1:] != z[:-1])
        found.append(np.column_stack([z[:-1][inner], z[1:][inner]]))
    return np.concatenate(found) if found else np.empty((0, 2), dtype=np.complex128)


def _points(layers: Sequence[SourceLayer], reach: float) -> Complex:
    """Points that are no text, and the centres of small closed signs."""
    found = []
    for layer in layers:
        texts = layer.fields.get("text")
        kind = shapely.get_type_id(layer.geometry)
        plain = kind == 0
        if texts is not None:
            plain &= np.array([not value for value in texts], dtype=bool)
        west, south, east, north = shapely.bounds(layer.geometry).T
        with np.errstate(invalid="ignore"):
            small = ((kind == 3) | ((kind == 1) & shapely.is_closed(layer.geometry))) & (
                np.maximum(east - west, north - south) < reach
            )
        z = ((west + east) / 2 + 1j * (south + north) / 2)[plain | small]
        found.append(z[np.isfinite(z)])
    return np.concatenate(found) if found else np.empty(0, dtype=np.complex128)


def _of_lines(
    lines: Complex, which: Integers, hit: Integers, labels: GridLabels
) -> list[tuple[Integers, Complex, int]]:
    """The crossings, corners and ends of the lines near each label."""
    order = np.lexsort((_distance(lines[hit], labels.at[which]), which))
    which, hit = which[order], hit[order]
    start = np.searchsorted(which, which)
    near = np.arange(len(which)) - start < _MOST_SEGMENTS
    which, hit = which[near], hit[near]
    firsts, seconds = [], []
    position = np.arange(len(which))
    for step in range(1, _MOST_SEGMENTS):  # every pair of lines of the same label
        pair = position[:-step][which[:-step] == which[step:]] if step < len(which) else position[:0]
        firsts.append(pair)
        seconds.append(pair + step)
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    label = which[first]
    a, b = lines[hit[first]], lines[hit[second]]
    along, across = a[:, 1] - a[:, 0], b[:, 1] - b[:, 0]
    square = np.abs((along * across.conj()).real) <= _SQUARE * np.abs(along) * np.abs(across)
    label, a, b, along, across = label[square], a[square], b[square], along[square], across[square]
    area = (along.conj() * across).imag
    offset = b[:, 0] - a[:, 0]
    s = (offset.conj() * across).imag / area
    t = (offset.conj() * along).imag / area
    place = a[:, 0] + s * along
    touch = (s > -_WITHIN) & (s < 1 + _WITHIN) & (t > -_WITHIN) & (t < 1 + _WITHIN)
    inside = (s > _WITHIN) & (s < 1 - _WITHIN) & (t > _WITHIN) & (t < 1 - _WITHIN)
    ends = np.concatenate([lines[hit][:, 0], lines[hit][:, 1]])
    central = (np.abs(s - 0.5) < _CENTRAL) & (np.abs(t - 0.5) < _CENTRAL)
    inside &= ~central
    corner = touch & ~inside & ~central
    return [
        (label[central], place[central], SIGN),
        (label[inside], place[inside], CROSSING),
        (label[corner], place[corner], CORNER),
        (np.concatenate([which, which]), ends, END),
    ]


def _distance(lines: Complex, at: Complex) -> npt.NDArray[np.float64]:
    """From each place to the segment beside it."""
    along = lines[:, 1] - lines[:, 0]
    t = np.clip(((at - lines[:, 0]) * along.conj()).real / np.abs(along) ** 2, 0, 1)
    away: npt.NDArray[np.float64] = np.abs(lines[:, 0] + t * along - at)
    return away
