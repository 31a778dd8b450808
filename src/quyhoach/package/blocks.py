"""Polygons by blocks: those that touch, directly or through others. What concerns neighbours is done block by block,
since a polygon that reaches around the others (a river, a road) makes every search through the whole slow."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

Geometries: TypeAlias = npt.NDArray[np.object_]
Rows: TypeAlias = npt.NDArray[np.int64]


def near_pairs(shapes: Geometries, distance: float = 0.0) -> Rows:
    """Pairs (both ways) of shapes that meet, or lie within `distance` of each other: shape (2, n)."""
    tree = shapely.STRtree(shapes)
    found: Any = (
        tree.query(shapes, predicate="dwithin", distance=distance)
        if distance > 0
        else tree.query(shapes, predicate="intersects")
    )
    return np.asarray(found, dtype=np.int64)


def blocks_of(count: int, pairs: Rows) -> list[Rows]:
    """The rows 0 … count - 1 by blocks: connected through `pairs`, which hold both ways."""
    label = np.arange(count)
    first, second = pairs
    while True:
        least = label.copy()
        np.minimum.at(least, first, label[second])
        least = least[least]
        if (least == label).all():
            break
        label = least
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if count else []


def clean_by_blocks(shapes: Geometries, pairs: Rows, *, gap_width: float, snapping: float) -> Geometries:
    """`shapely.coverage_clean`, block by block; polygons without neighbours stay as they are."""
    cleaned = shapes.copy()
    for rows in blocks_of(len(shapes), pairs):
        if len(rows) > 1:
            cleaned[rows] = shapely.coverage_clean(  # type: ignore[attr-defined]
                shapes[rows], gap_width=gap_width, snapping_distance=snapping
            )
    return cleaned


def unmatched_edges(shapes: Geometries, gap_width: float = 0.0) -> Geometries:
    """`shapely.coverage_invalid_edges`, block by block: of each polygon the edges that don't meet its neighbours' as
    in a coverage; empty for one without neighbours."""
    edges = np.empty(len(shapes), dtype=object)
    edges[:] = shapely.LineString()
    for rows in blocks_of(len(shapes), near_pairs(shapes, gap_width)):
        if len(rows) > 1:
            edges[rows] = shapely.coverage_invalid_edges(shapes[rows], gap_width=gap_width)
    return edges
