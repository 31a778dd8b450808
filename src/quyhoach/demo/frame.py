"""Axes that follow a valley: `s` metres along its spine, `t` metres to the left of it.

A town drawn straight in (s, t) comes out bent along its river on the map, which is how mountain towns lie. All
coordinates are metres in the province's CRS (E, N); angles are counter-clockwise from east.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

Array = npt.NDArray[np.float64]
STEP = 40.0  # metres between the vertices of a long curve
GRID = 0.0001  # the package's rounding: 0.1 mm


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A smooth spine with its normals. `length` is the arc length at each point, zero at the origin."""

    length: Array  # (n,)
    points: Array  # (n, 2)
    normals: Array  # (n, 2)

    def at(self, s: npt.ArrayLike, t: npt.ArrayLike) -> Array:
        """(n, 2) points E, N of the places `s`, `t`; beyond the ends of the spine it goes straight on."""
        along, across = np.broadcast_arrays(np.asarray(s, float), np.asarray(t, float))
        base = np.column_stack([np.interp(along, self.length, self.points[:, axis]) for axis in (0, 1)])
        normal = np.column_stack([np.interp(along, self.length, self.normals[:, axis]) for axis in (0, 1)])
        normal /= np.hypot(normal[:, 0], normal[:, 1])[:, None]
        return np.asarray(base + normal * np.atleast_1d(across)[:, None], float)

    def line(self, s: Sequence[float] | Array, t: Sequence[float] | Array) -> LineString:
        """The line through the places `s`, `t`, with vertices no further apart than STEP in (s, t)."""
        along, across = np.asarray(s, float), np.asarray(t, float)
        along, across = np.broadcast_arrays(along, across)
        count = np.maximum(1, np.ceil(np.hypot(np.diff(along), np.diff(across)) / STEP)).astype(int)
        places = [
            np.linspace([along[i], across[i]], [along[i + 1], across[i + 1]], count[i], endpoint=False)
            for i in range(len(count))
        ]
        places.append(np.array([[along[-1], across[-1]]]))
        every = np.vstack(places)
        return LineString(self.at(every[:, 0], every[:, 1]))

    def area(self, s: Sequence[float] | Array, t: Sequence[float] | Array) -> Polygon:
        """The polygon whose ring runs through the places `s`, `t` (not closed)."""
        ring = self.line([*s, s[0]], [*t, t[0]])
        return Polygon(ring.coords)

    def quad(self, s0: float, s1: float, t0: float, t1: float) -> Polygon:
        """The curved rectangle between two stations and two offsets."""
        return self.area([s0, s1, s1, s0], [t0, t0, t1, t1])

    def locate(self, places: Array) -> Array:
        """(n, 2) of s, t for points E, N near the spine: the nearest point of the spine, linear between its points."""
        result = np.empty_like(places)
        for row, place in enumerate(places):
            nearest = int(np.argmin(((self.points - place) ** 2).sum(axis=1)))
            offset = place - self.points[nearest]
            normal = self.normals[nearest]
            result[row] = (
                self.length[nearest] + offset[0] * normal[1] - offset[1] * normal[0],
                offset[0] * normal[0] + offset[1] * normal[1],
            )
        return result


def spine(controls: Sequence[tuple[float, float]], *, origin: tuple[float, float], reach: float = 3000.0) -> Frame:
    """A frame through control points (Catmull-Rom), s = 0 where it passes nearest to `origin`, straight on for
    `reach` metres at both ends."""
    knots = np.asarray(controls, float)
    knots = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    pieces = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        u = np.linspace(0.0, 1.0, 60, endpoint=False)[:, None]
        pieces.append(0.5 * (2 * b + (c - a) * u + (2 * a - 5 * b + 4 * c - d) * u**2 + (3 * b - a - 3 * c + d) * u**3))
    pieces.append(knots[-2:-1])
    curve = np.vstack(pieces)
    first, last = curve[0] - curve[1], curve[-1] - curve[-2]
    curve = np.vstack(
        [curve[0] + first / np.hypot(*first) * reach, curve, curve[-1] + last / np.hypot(*last) * reach],
    )
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    even = np.arange(0.0, length[-1], 20.0)
    points = np.column_stack([np.interp(even, length, curve[:, axis]) for axis in (0, 1)])
    normals = _normals(points)
    zero = even[int(np.argmin(((points - np.asarray(origin)) ** 2).sum(axis=1)))]
    return Frame(even - zero, points, normals)


def _normals(points: Array) -> Array:
    """Unit normals to the left, smoothed over 300 m so that no two stations cross near the spine."""
    tangent = np.gradient(points, axis=0)
    kernel = np.hanning(17)[1:-1]
    kernel /= kernel.sum()
    padded = np.pad(tangent, ((7, 7), (0, 0)), mode="edge")
    smooth = np.column_stack([np.convolve(padded[:, axis], kernel, mode="valid") for axis in (0, 1)])
    smooth /= np.hypot(smooth[:, 0], smooth[:, 1])[:, None]
    return np.column_stack([-smooth[:, 1], smooth[:, 0]])


@dataclass(frozen=True, slots=True)
class Wave:
    """A smooth wobble: a sum of sines of (amplitude m, wavelength m, phase)."""

    terms: tuple[tuple[float, float, float], ...] = ()

    def __call__(self, s: npt.ArrayLike) -> Array:
        along = np.asarray(s, float)
        total = np.zeros_like(along)
        for amplitude, wavelength, phase in self.terms:
            total = total + amplitude * np.sin(2 * math.pi * along / wavelength + phase)
        return total


def wave(rng: Random, amplitude: float, wavelength: float, octaves: int = 3) -> Wave:
    """A random wobble of about that amplitude: each further octave is shorter and smaller."""
    return Wave(
        tuple(
            (amplitude * 0.6**i, wavelength * 0.53**i * rng.uniform(0.85, 1.15), rng.uniform(0, 2 * math.pi))
            for i in range(octaves)
        )
    )


def blob(
    rng: Random,
    centre: Sequence[float] | Array,
    radius: float,
    *,
    stretch: float = 1.0,
    angle: float = 0.0,
    rough: float = 0.16,
) -> Polygon:
    """A rounded natural shape (a hill, a pond, a village) about `centre`."""
    theta = np.linspace(0, 2 * math.pi, max(20, min(90, int(radius / 4))), endpoint=False)
    r = np.ones_like(theta)
    for harmonic in range(2, 6):
        r += rough / harmonic**0.7 * rng.uniform(0.4, 1.0) * np.sin(harmonic * theta + rng.uniform(0, 2 * math.pi))
    x, y = radius * stretch * r * np.cos(theta), radius / stretch * r * np.sin(theta)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return Polygon(np.asarray(centre, float) + np.column_stack([x, y]) @ turn.T)


def on_grid(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry with its coordinates rounded to the package's 0.1 mm, valid."""
    return shapely.set_precision(geometry, GRID)
