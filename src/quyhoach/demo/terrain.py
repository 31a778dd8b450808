"""The land around a town: fields, forests, brooks, in bands along the valley with natural edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

import numpy as np
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.arrange import Patch
from quyhoach.demo.frame import Array, Frame, Wave, wave

Curve: TypeAlias = Callable[[Array], Array]


@dataclass(frozen=True, slots=True)
class Land:
    """How the land lies beside a valley's axis, in metres. `foot`, `ridge`: |t| (right, left) where the hills and the
    protection forest begin; `rough`: how much these edges wander; `cuts`: how far apart brooks and spurs are."""

    reach: tuple[float, float]
    far: float
    foot: tuple[float, float]
    ridge: tuple[float, float]
    cuts: tuple[float, float]
    rough: float = 95.0
    wavelength: float = 1150.0
    brook: float = 9.0
    least: float = 1200.0
    pieces: int = 45  # metres between vertices
    axis: float = 0.0  # how much the border between the two sides wanders


def background(land: Land, frame: Frame, rng: Random) -> list[Patch]:
    """Fields in the valley, production forest on the slopes, protection forest above, cut by brooks and spurs.
    The last patch lies under all."""
    brooks: list[Patch] = []
    patches: list[Patch] = []
    axis = wave(rng, land.axis, land.wavelength * 0.6)
    for side, foot, ridge in ((-1, land.foot[0], land.ridge[0]), (1, land.foot[1], land.ridge[1])):
        at_foot = _edge(foot, wave(rng, land.rough, land.wavelength))
        at_ridge = _edge(ridge, wave(rng, land.rough * 1.26, land.wavelength * 1.3))
        halfway = _edge(foot * 0.58, wave(rng, land.rough * 0.63, land.wavelength * 0.78))
        cuts = [land.reach[0] - 900.0]
        while cuts[-1] < land.reach[1] + 900:
            cuts.append(cuts[-1] + rng.uniform(*land.cuts))
        wiggles = [wave(rng, land.rough * 0.4, land.wavelength * 0.45) for _ in cuts]
        for k in range(2, len(cuts) - 2, 2):
            brooks.append(_brook(land, frame, cuts[k], wiggles[k], side))
        for k in range(len(cuts) - 1):
            bounds = (cuts[k], wiggles[k], cuts[k + 1], wiggles[k + 1])
            bands: list[tuple[Curve, Curve, str]] = [
                (_middle(axis, side), halfway, "farm"),
                (halfway, at_foot, _valley_use(rng)),
                (at_foot, at_ridge, "production_forest"),
                (at_ridge, _edge(land.far, Wave()), "protection_forest"),
            ]
            patches += [
                Patch(_piece(land, frame, bounds, side, inner, outer), use, least=land.least)
                for inner, outer, use in bands
            ]
    whole = frame.quad(land.reach[0] - 1500, land.reach[1] + 1500, -land.far - 300, land.far + 300)
    return [*brooks, *patches, Patch(whole.buffer(0), "farm", least=land.least)]


def _edge(distance: float, bend: Wave) -> Curve:
    def at(s: Array) -> Array:
        return np.asarray(distance + bend(s), float)

    return at


def _middle(bend: Wave, side: int) -> Curve:
    """The border between both sides, measured from either."""

    def at(s: Array) -> Array:
        return side * bend(s)

    return at


def _valley_use(rng: Random) -> str:
    chance = rng.random()
    return "production_forest" if chance < 0.16 else "aquaculture" if chance < 0.2 else "farm"


def _piece(
    land: Land, frame: Frame, bounds: tuple[float, Wave, float, Wave], side: int, inner: Curve, outer: Curve
) -> BaseGeometry:
    """The piece of hillside between two wavy cuts and two curves."""
    s0, wiggle0, s1, wiggle1 = bounds
    s = np.linspace(s0, s1, max(6, int((s1 - s0) / land.pieces)))
    share = np.linspace(0, 1, 14)[1:-1]
    low, high = inner(s), outer(s)
    along = np.concatenate([s, np.full_like(share, s1), s[::-1], np.full_like(share, s0)])
    across = np.concatenate(
        [low, low[-1] + (high[-1] - low[-1]) * share, high[::-1], high[0] + (low[0] - high[0]) * share]
    )
    part = (along - s0) / (s1 - s0)
    moved = along + wiggle0(across) * (1 - part) + wiggle1(across) * part
    return Polygon(frame.at(moved, side * across)).buffer(0)


def _brook(land: Land, frame: Frame, s: float, wiggle: Wave, side: int) -> Patch:
    """A brook from the hills down to the river."""
    across = np.linspace(0, land.far, max(70, int(land.far / 40)))
    line = LineString(frame.at(s + wiggle(across), side * across))
    shape = line.buffer(land.brook / 2, cap_style="flat", join_style="round", quad_segs=2)
    return Patch(shape, "river", name="Suối", whole=True)
