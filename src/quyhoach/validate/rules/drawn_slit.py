"""W018: a slit between lots that should meet."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.stars import others, some, stars
from quyhoach.validate.subject import CURVES_M, DRAWN, Geometries, Pairs, Subject, place

LEAST_M2 = 0.05
MANY = 60  # vertices


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot as drawn that is parted from its neighbours by a slit of more than LEAST_M2, narrower than
    `Subject.slit_width`. Space that leads on, such as roads, is no slit."""
    rows = np.flatnonzero(subject.drawn_sound)
    shapes = subject.drawn_shapes[rows]
    pairs, slits = _slits(shapes, subject.drawn_edges, subject.slit_width)
    for lot, mine in stars(pairs):
        near = others(pairs, lot, mine)
        gap = slits[mine[0]] if len(mine) == 1 else shapely.union_all(slits[mine])
        yield rule.finding(
            layer=DRAWN,
            feature=subject.drawn_names[rows[lot]],
            wkb=place(gap, shapes[lot], *shapes[near]),
            source_handle=subject.drawn_handle(int(rows[lot])),
            other=some([subject.drawn_names[row] for row in rows[near].tolist()]),
            area=round(float(gap.area), 2),
            width=round(2 * float(gap.area / gap.length), 3),
        )


def _slits(shapes: Geometries, edges: Geometries, width: float) -> tuple[Pairs, Geometries]:
    """Pairs of lots with the slit between them."""
    pairs = _facing(shapes, edges, width)
    if not len(pairs):
        return pairs, np.empty(0, dtype=object)
    pairs, gaps = _large(pairs, _closed(shapes, edges, pairs, width), width)
    return _large(pairs, _free(gaps, shapes), width)


def _facing(shapes: Geometries, edges: Geometries, width: float) -> Pairs:
    """Pairs of lots of which one has the middle of a doubtful edge within `width` of a doubtful edge of the other, and
    not on it: edges that only lack a common vertex meet."""
    rows = np.flatnonzero(~shapely.is_empty(edges))
    lines, owners = shapely.get_parts(edges[rows], return_index=True)
    points, line = shapely.get_coordinates(lines, return_index=True)
    inner = line[1:] == line[:-1]
    if not inner.any():
        return np.empty((0, 2), dtype=np.int64)
    middles = shapely.points((points[1:] + points[:-1])[inner] / 2)
    owner = owners[line[1:][inner]]
    at, near = shapely.STRtree(edges[rows]).query(middles, predicate="dwithin", distance=width)
    apart = shapely.distance(middles[at], shapes[rows[near]]) > CURVES_M / 2
    pairs = np.column_stack([owner[at], near])[apart]
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return rows[np.unique(pairs, axis=0)] if len(pairs) else pairs.reshape(-1, 2)


def _closed(shapes: Geometries, edges: Geometries, pairs: Pairs, width: float) -> Geometries:
    """What two lots leave open between them: both swollen and shrunk again (mitred, so corners stay corners), less
    the lots. Of lots with many vertices only what is near the doubtful edges."""
    both = shapes[pairs]
    bounds = shapely.bounds(edges)
    large = np.flatnonzero((shapely.get_num_coordinates(both) > MANY).any(axis=1))
    low = np.maximum(bounds[pairs[large, 0], :2], bounds[pairs[large, 1], :2]) - 3 * width
    high = np.minimum(bounds[pairs[large, 0], 2:], bounds[pairs[large, 1], 2:]) + 3 * width
    near = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    both[large] = shapely.intersection(both[large], near[:, None])
    joined = shapely.union(both[:, 0], both[:, 1])
    style: dict[str, Any] = {"join_style": "mitre", "mitre_limit": 5.0}
    swollen = shapely.buffer(joined, width / 2, **style)
    return np.asarray(shapely.difference(shapely.buffer(swollen, -width / 2, **style), joined), dtype=object)


def _large(pairs: Pairs, gaps: Geometries, width: float) -> tuple[Pairs, Geometries]:
    areas, lengths = shapely.area(gaps), shapely.length(gaps)
    mean = 2 * areas / np.where(lengths > 0, lengths, 1)
    keep = (areas > LEAST_M2) & (mean > CURVES_M) & (mean < width)
    return pairs[keep], gaps[keep]


def _free(gaps: Geometries, shapes: Geometries) -> Geometries:
    """The parts of the gaps where no other lot lies."""
    if not len(gaps):
        return gaps
    at, lots = shapely.STRtree(shapes).query(gaps, predicate="intersects")
    inside = shapely.area(shapely.intersection(gaps[at], shapes[lots])) > LEAST_M2 / 10
    at, lots = at[inside], lots[inside]  # not those that only touch
    covering: dict[int, list[int]] = {}
    for gap, lot in zip(at.tolist(), lots.tolist(), strict=True):
        covering.setdefault(gap, []).append(lot)
    free = gaps.copy()
    for gap, mine in covering.items():
        free[gap] = shapely.difference(gaps[gap], shapely.union_all(shapes[mine]))
    return free


RULE = Rule("W018", "drawn-slit", "Các lô đất liền kề có chung ranh giới", check)
