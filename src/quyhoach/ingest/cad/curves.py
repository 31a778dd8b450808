"""Curves as points: even steps, at most `tolerance` off the curve, never more points than a limit.

The same arc drawn from the other end gives the same points, so that neighbours who share it fit.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]  # (n, 2) or (n, 3)

MAX_CURVE = 500  # points of one ellipse or arc
MAX_SPLINE = 20_000
MAX_DEGREE = 15
_MAX_STEP = math.pi / 6  # of small circles, whose every chord is within the tolerance


class TooManyPointsError(Exception):
    """A line or a curve would have more points than allowed."""


def steps(radius: float, sweep: float, tolerance: float) -> int:
    """How many chords an arc of `sweep` radians needs to stay within `tolerance`."""
    radius, sweep = abs(radius), abs(sweep)
    if radius <= 0 or sweep <= 0:
        return 1
    ratio = min(tolerance / radius, 1.0)
    step = min(2.0 * math.acos(1.0 - ratio), _MAX_STEP) if ratio > 1e-15 else 1e-7
    # A hair is taken off so that rounding does not give two neighbours different numbers.
    return max(1, min(MAX_CURVE, math.ceil(sweep / step - 1e-6)))


def arc_points(center: tuple[float, float], radius: float, start: float, sweep: float, tolerance: float) -> Points:
    """Points of an arc from the angle `start` over `sweep` radians (negative: clockwise), both ends included."""
    count = steps(radius, sweep, tolerance)
    angles = start + sweep * (np.arange(count + 1) / count)
    return np.column_stack((center[0] + radius * np.cos(angles), center[1] + radius * np.sin(angles)))


def sweep_of(start: float, end: float) -> float:
    """The counter-clockwise sweep in radians from one angle in degrees to another; equal angles: a whole circle."""
    sweep = math.radians((end - start) % 360.0)
    return 2.0 * math.pi if sweep < 1e-12 else sweep


def bulged(
    points: Points, bulges: npt.NDArray[np.float64], closed: bool, tolerance: float, limit: int = 1_000_000
) -> Points:
    """Vertices of a polyline with the arcs of its bulges (tangent of a quarter of the arc's angle) put in.

    A closed polyline's first vertex is repeated at its end, unless it is drawn there already. TooManyPointsError
    beyond `limit` points.
    """
    if len(points) > limit:
        raise TooManyPointsError
    if closed and len(points) > 1 and (points[0] != points[-1]).any():
        points = np.concatenate((points, points[:1]))
    if not np.any(bulges[: len(points) - 1]):
        return points
    parts = []
    total = len(points)
    for number in range(len(points) - 1):
        bulge = float(bulges[number])
        parts.append(points[number : number + 1])
        if abs(bulge) > 1e-9:
            parts.append(_bulge(points[number], points[number + 1], bulge, tolerance))
            total += len(parts[-1])
            if total > limit:
                raise TooManyPointsError
    parts.append(points[-1:])
    return np.concatenate(parts)


def _bulge(start: Points, end: Points, bulge: float, tolerance: float) -> Points:
    """The points between the ends of one bulged segment."""
    # Worked from the end that is smaller, so that a neighbour drawing it backwards meets the same roundings.
    if (end[0], end[1]) < (start[0], start[1]):
        return _bulge(end, start, -bulge, tolerance)[::-1]
    dx, dy = float(end[0] - start[0]), float(end[1] - start[1])
    chord = math.hypot(dx, dy)
    if chord == 0.0 or not math.isfinite(chord):
        return np.empty((0, 2))
    radius = chord * (1.0 + bulge * bulge) / (4.0 * abs(bulge))
    sweep = 4.0 * math.atan(bulge)
    offset = (1.0 - bulge * bulge) / (4.0 * bulge)
    cx = (float(start[0]) + float(end[0])) / 2.0 - dy * offset
    cy = (float(start[1]) + float(end[1])) / 2.0 + dx * offset
    first = math.atan2(float(start[1]) - cy, float(start[0]) - cx)
    return arc_points((cx, cy), radius, first, sweep, tolerance)[1:-1]


def ellipse_points(center: Any, major: Any, minor: Any, start: float, end: float, tolerance: float) -> Points:
    """Points of an ellipse from one parameter to another (radians), counter-clockwise, in the space of its axes."""
    sweep = (end - start) % (2.0 * math.pi)
    if sweep < 1e-9:
        sweep = 2.0 * math.pi
    center, major, minor = (np.asarray(tuple(part), dtype=float) for part in (center, major, minor))
    count = max(4, steps(float(np.linalg.norm(major)), sweep, tolerance))
    angles = (start + sweep * (np.arange(count + 1) / count))[:, None]
    return np.asarray(center + np.cos(angles) * major + np.sin(angles) * minor, dtype=float)


def spline_points(entity: Any, tolerance: float, limit: int) -> Points:
    """Points of a spline entity or hatch edge of ezdxf, evenly spread over each of its knot spans.

    TooManyPointsError where it is given by more than `limit` points or is of a degree that no drawing needs."""
    if max(len(entity.control_points), len(entity.fit_points)) > limit or _degree(entity) > MAX_DEGREE:
        raise TooManyPointsError
    return _curve_points(entity.construction_tool(), tolerance)


def _degree(entity: Any) -> int:
    degree = getattr(entity, "degree", None)
    return int(entity.dxf.degree if degree is None else degree)


def _curve_points(curve: Any, tolerance: float) -> Points:
    knots = np.unique(np.asarray(curve.knots(), dtype=float))
    order = int(curve.order)
    all_knots = curve.knots()
    low, high = all_knots[order - 1], all_knots[-order]
    knots = knots[(knots >= low) & (knots <= high)]
    spans = len(knots) - 1
    if spans < 1:
        return np.empty((0, 3))
    limit = min(max(MAX_CURVE, 2 * spans), MAX_SPLINE)
    if spans > limit:
        knots = knots[np.linspace(0, spans, limit).astype(int)]
        spans = len(knots) - 1
    pieces = 2 if order > 2 else 1
    while True:
        params = _spread(knots, pieces)
        found = np.asarray([tuple(point) for point in curve.points(params.tolist())], dtype=float)
        if order <= 2 or 2 * pieces * spans > limit or _sagitta(found) <= tolerance:
            return found
        pieces *= 2


def _spread(knots: npt.NDArray[np.float64], pieces: int) -> npt.NDArray[np.float64]:
    parts = np.arange(pieces) / pieces
    inner = (knots[:-1, None] + parts[None, :] * np.diff(knots)[:, None]).ravel()
    return np.concatenate((inner, knots[-1:]))


def _sagitta(points: Points) -> float:
    """How far a chord may be off: a quarter of the distance of each point from the middle of its neighbours."""
    if len(points) < 3:
        return 0.0
    off = points[1:-1] - (points[:-2] + points[2:]) / 2.0
    return float(np.sqrt((off * off).sum(axis=1)).max()) / 4.0
