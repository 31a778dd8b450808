"""W018: a slit between lots that should meet."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.stars import others, some, stars
from quyhoach.validate.subject import DRAWN, Geometries, Pairs, Subject, place

LEAST_M2 = 0.05
WIDEST_M = 1.0  # a wider gap is a path or a ditch
WIDEST_MM = 0.5  # on paper, where the scale is known: what the eye takes for one line
NARROWEST_M = 0.002  # rounding


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per lot as drawn that is parted from its neighbours by a slit of more than LEAST_M2, narrower than
    WIDEST_M and than WIDEST_MM on paper. Space that leads on, such as roads, is no slit."""
    width = WIDEST_M if subject.scale is None else min(WIDEST_M, max(0.1, WIDEST_MM * subject.scale / 1000))
    rows = np.flatnonzero(subject.drawn_sound)
    shapes = subject.drawn_shapes[rows]
    pairs, slits = _slits(shapes, width)
    for lot, mine in stars(pairs):
        near = others(pairs, lot, mine)
        gap = shapely.union_all(slits[mine])
        yield rule.finding(
            layer=DRAWN,
            feature=subject.drawn_names[rows[lot]],
            wkb=place(gap, shapes[lot], *shapes[near]),
            source_handle=subject.drawn_handle(int(rows[lot])),
            other=some([subject.drawn_names[row] for row in rows[near].tolist()]),
            area=round(float(gap.area), 2),
            width=round(2 * float(gap.area / gap.length), 3),
        )


def _slits(shapes: Geometries, width: float) -> tuple[Pairs, Geometries]:
    """Pairs of lots with the slit between them."""
    none = np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=object)
    if len(shapes) < 2:
        return none
    edges = shapely.coverage_invalid_edges(shapes, gap_width=width)
    rows = np.flatnonzero(~shapely.is_empty(edges))
    if len(rows) < 2:
        return none
    chosen = edges[rows]
    first, second = shapely.STRtree(chosen).query(chosen, predicate="dwithin", distance=width)
    once = first < second
    pairs = np.column_stack([rows[first[once]], rows[second[once]]])
    gaps = _closed(shapes, edges, pairs, width)
    pairs, gaps = _large(pairs, gaps, width)
    gaps = _free(gaps, shapes)
    return _large(pairs, gaps, width)


def _closed(shapes: Geometries, edges: Geometries, pairs: Pairs, width: float) -> Geometries:
    """What two lots leave open between them: both swollen and shrunk again (mitred, so corners stay corners), less
    the lots. Only near their doubtful edges: a river may have thousands of vertices elsewhere."""
    bounds = shapely.bounds(edges)
    low = np.maximum(bounds[pairs[:, 0], :2], bounds[pairs[:, 1], :2]) - 3 * width
    high = np.minimum(bounds[pairs[:, 0], 2:], bounds[pairs[:, 1], 2:]) + 3 * width
    near = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    both = shapely.union(
        shapely.intersection(shapes[pairs[:, 0]], near), shapely.intersection(shapes[pairs[:, 1]], near)
    )
    style: dict[str, Any] = {"join_style": "mitre", "mitre_limit": 5.0}
    swollen = shapely.buffer(both, width / 2, **style)
    gaps = shapely.difference(shapely.buffer(swollen, -width / 2, **style), both)
    return np.asarray(shapely.buffer(gaps, 0), dtype=object)


def _large(pairs: Pairs, gaps: Geometries, width: float) -> tuple[Pairs, Geometries]:
    areas, lengths = shapely.area(gaps), shapely.length(gaps)
    mean = 2 * areas / np.where(lengths > 0, lengths, 1)
    keep = (areas > LEAST_M2) & (mean > NARROWEST_M) & (mean < width)
    return pairs[keep], gaps[keep]


def _free(gaps: Geometries, shapes: Geometries) -> Geometries:
    """The parts of the gaps where no other lot lies."""
    if not len(gaps):
        return gaps
    at, lots = shapely.STRtree(shapes).query(gaps, predicate="intersects")
    covering: dict[int, list[int]] = {}
    for gap, lot in zip(at.tolist(), lots.tolist(), strict=True):
        covering.setdefault(gap, []).append(lot)
    free = gaps.copy()
    for gap, mine in covering.items():
        free[gap] = shapely.difference(gaps[gap], shapely.union_all(shapes[mine]))
    return free


RULE = Rule("W018", "drawn-slit", "Các lô đất liền kề có chung ranh giới", check)
