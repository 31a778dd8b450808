"""Straight pieces and arcs of the plan, as complex numbers E + iN in metres; exact where they are cut."""

import cmath
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely

SAG = 0.001  # metres between an arc and its chords in the ground truth


@dataclass(frozen=True, slots=True)
class Curve:
    """From `start` to `end`, straight or an arc of DXF's bulge (tan of a quarter of the angle, left turn positive)."""

    start: complex
    end: complex
    bulge: float = 0.0

    @property
    def centre(self) -> complex:
        """Of the arc. ZeroDivisionError for a straight piece."""
        chord = self.end - self.start
        return (self.start + self.end) / 2 + 1j * chord * (1 - self.bulge**2) / (4 * self.bulge)

    @property
    def length(self) -> float:
        """Along the piece."""
        chord = abs(self.end - self.start)
        if not self.bulge:
            return chord
        angle = 4 * math.atan(abs(self.bulge))
        return chord / (2 * math.sin(angle / 2)) * angle

    def at(self, share: float) -> complex:
        """The point at that share of the length."""
        if share == 0:
            return self.start
        if share == 1:
            return self.end
        if not self.bulge:
            return self.start + (self.end - self.start) * share
        centre = self.centre
        return centre + (self.start - centre) * cmath.exp(4j * math.atan(self.bulge) * share)

    def part(self, first: float, last: float) -> "Curve":
        """The piece between two shares; backwards where last < first."""
        bulge = math.tan(math.atan(self.bulge) * (last - first)) if self.bulge else 0.0
        return Curve(self.at(first), self.at(last), bulge)

    def flat(self) -> list[complex]:
        """Its points but the last one, as chords within SAG of the arc."""
        if not self.bulge:
            return [self.start]
        angle = 4 * math.atan(abs(self.bulge))
        radius = abs(self.start - self.centre)
        step = 2 * math.acos(max(0.0, 1 - SAG / radius)) if radius > SAG else math.pi / 4
        count = max(2, math.ceil(angle / step))
        return [self.at(number / count) for number in range(count)]


Ring = tuple[Curve, ...]


def through(start: complex, middle: complex, end: complex) -> Curve:
    """The arc through three points."""
    chord = end - start
    height = ((middle - start) / chord).imag  # of the chord, left positive
    along = ((middle - start) / chord).real
    if abs(height) < 1e-6:
        return Curve(start, end)
    turn = math.pi - abs(cmath.phase((start - middle) / (end - middle)))  # half the arc's angle
    del along
    return Curve(start, end, -math.copysign(math.tan(turn / 2), height))


def chain(points: Iterable[complex]) -> Ring:
    """A closed ring of straight pieces through the points."""
    corners = list(points)
    return tuple(Curve(a, b) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True))


def circle(centre: complex, radius: float) -> Ring:
    """A circle of two half arcs."""
    return Curve(centre - radius, centre + radius, 1.0), Curve(centre + radius, centre - radius, 1.0)


def points(ring: Sequence[Curve]) -> list[tuple[float, float]]:
    """The ring's corners and chords, the first not repeated."""
    return [(point.real, point.imag) for curve in ring for point in curve.flat()]


def polygon(ring: Sequence[Curve], holes: Sequence[Sequence[Curve]] = ()) -> shapely.Polygon:
    """The polygon of a ring with its holes."""
    return shapely.Polygon(points(ring), [points(hole) for hole in holes])
