"""The national roads between the demo's towns: they run through the towns where the towns' plans have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from shapely.geometry import LineString

from quyhoach.demo.town import Town, smooth_line, to_grid

ROAD_4B: Sequence[tuple[float, float]] = (
    (106.7625, 21.8520),
    (106.7920, 21.8330),
    (106.8350, 21.8170),
    (106.8700, 21.7950),
    (106.8960, 21.7760),
    (106.9225, 21.7600),
    (106.9480, 21.7430),
    (106.9600, 21.7050),
    (106.9950, 21.6700),
    (107.0300, 21.6350),
    (107.0520, 21.6000),
    (107.0960, 21.5480),
    (107.1200, 21.5000),
    (107.1330, 21.4600),
    (107.1750, 21.4250),
)


def town_axis(town: Town) -> list[tuple[float, float]]:
    """The national road's centre line through a town, from s low to s high."""
    s = np.arange(town.spec.reach[0] - 200, town.spec.reach[1] + 200, 40.0)
    return [(float(x), float(y)) for x, y in town.frame.at(s, 0 * s)]


def road_routes(towns: Mapping[str, Town]) -> dict[str, tuple[LineString, float, float]]:
    """Name of a national road -> its centre line, red-line width and corridor width beyond it (metres)."""

    def through(*ids: str | tuple[float, float]) -> LineString:
        places: list[tuple[float, float]] = []
        for part in ids:
            if isinstance(part, str):
                places += town_axis(towns[part]) if part in towns else []
            else:
                places.append(to_grid(*part))
        return smooth_line(_bent(places))

    routes = {}
    if {"dong-mo", "chi-lang", "dong-dang"} <= set(towns):
        routes["Quốc lộ 1A"] = (
            through(
                (106.3500, 21.4700),
                (106.4200, 21.5150),
                (106.4700, 21.5400),
                "chi-lang",
                "dong-mo",
                (106.6150, 21.7050),
                (106.6550, 21.7600),
                (106.7150, 21.7980),
                (106.7450, 21.8350),
                (106.7480, 21.8750),
                (106.7200, 21.9050),
                "dong-dang",
            ),
            27.0,
            20.0,
        )
    elif "dong-mo" in towns:
        routes["Quốc lộ 1A"] = (through("dong-mo"), 27.0, 20.0)
    if "loc-binh" in towns:
        before = [place for place in ROAD_4B if place[0] < 106.89]
        after = [place for place in ROAD_4B if place[0] > 106.955]
        routes["Quốc lộ 4B"] = (through(*before, "loc-binh", *after), 27.0, 15.0)
    return routes


def _bent(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The places with a smooth bend (cubic Hermite) wherever two are more than 400 m apart."""
    points = np.array(places)
    ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None]
    steps = np.hypot(*np.diff(points, axis=0).T)
    for i, step in enumerate(steps):  # where a town's road ends, it keeps its direction
        if step > 400 and i > 0 and steps[i - 1] < 400:
            ahead[i] = (points[i] - points[i - 1]) / steps[i - 1]
        if step > 400 and i + 1 < len(steps) and steps[i + 1] < 400:
            ahead[i + 1] = (points[i + 2] - points[i + 1]) / steps[i + 1]
    result = [places[0]]
    for i, step in enumerate(steps):
        count = max(1, int(step / 120)) if step > 400 else 1
        for u in np.arange(1, count + 1) / count:
            a, b = points[i], points[i + 1]
            bend = step * 0.9
            place = (
                (2 * u**3 - 3 * u**2 + 1) * a
                + (u**3 - 2 * u**2 + u) * bend * ahead[i]
                + (3 * u**2 - 2 * u**3) * b
                + (u**3 - u**2) * bend * ahead[i + 1]
            )
            result.append((float(place[0]), float(place[1])))
    return result
