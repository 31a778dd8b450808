"""The inter-district region along national road 4B: Lạng Sơn, Cao Lộc, Lộc Bình, Đình Lập in large zones (1/50.000)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.arrange import Lot, Patch, arrange
from quyhoach.demo.frame import GRID, blob, spine, wave
from quyhoach.demo.grid import Street
from quyhoach.demo.terrain import Land, background
from quyhoach.demo.town import smooth_line, to_grid

DISTRICTS = ("178", "183", "188", "189")  # TP Lạng Sơn, Cao Lộc, Lộc Bình, Đình Lập (codes of before 1/7/2025)

# (use, name, lon, lat, radius m, stretch)
PLACES: Sequence[tuple[str, str, float, float, float, float]] = (
    ("housing", "Đô thị trung tâm Lạng Sơn", 106.760, 21.850, 3300, 1.3),
    ("housing", "Đô thị Cao Lộc", 106.783, 21.877, 1700, 1.4),
    ("housing", "Đô thị cửa khẩu Đồng Đăng", 106.697, 21.944, 1900, 1.5),
    ("housing", "Đô thị Lộc Bình", 106.922, 21.760, 2000, 1.5),
    ("housing", "Đô thị Na Dương", 106.962, 21.697, 1700, 1.3),
    ("housing", "Đô thị Đình Lập", 107.096, 21.547, 1600, 1.5),
    ("industry", "Khu công nghiệp Na Dương", 106.985, 21.715, 1350, 1.3),
    ("industry", "Cụm công nghiệp Hợp Thành", 106.800, 21.868, 1000, 1.4),
    ("industry", "Khu kho bãi, hậu cần cửa khẩu", 106.712, 21.905, 1250, 1.5),
    ("industry", "Cụm công nghiệp chế biến gỗ Đình Lập", 107.072, 21.580, 950, 1.4),
    ("tourism", "Khu du lịch Mẫu Sơn", 106.962, 21.845, 3100, 1.5),
    ("special_forest", "Rừng đặc dụng Mẫu Sơn", 106.955, 21.850, 5200, 1.4),
    ("tourism", "Khu du lịch hồ Nà Cáy", 106.905, 21.742, 750, 1.3),
    ("mixed", "Trung tâm dịch vụ Gia Cát", 106.838, 21.818, 1100, 1.5),
    ("mixed", "Cửa khẩu Chi Ma", 107.030, 21.800, 1150, 1.2),
    ("defence", "Khu vực QP bí mật 09", 106.880, 21.700, 1200, 1.3),
    ("lake", "Hồ Bản Chành", 107.010, 21.745, 900, 1.8),
    ("lake", "Hồ Tà Keo", 106.930, 21.735, 620, 1.6),
)

RIVER: Sequence[tuple[float, float]] = (
    (107.1500, 21.5700),
    (107.0900, 21.6300),
    (107.0450, 21.6750),
    (107.0180, 21.7200),
    (106.9850, 21.7380),
    (106.9500, 21.7560),
    (106.9225, 21.7640),
    (106.8900, 21.7850),
    (106.8450, 21.8080),
    (106.8000, 21.8250),
    (106.7720, 21.8500),
    (106.7500, 21.8650),
    (106.7280, 21.8850),
    (106.6900, 21.8900),
    (106.6500, 21.9000),
)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The drawn region."""

    outline: BaseGeometry
    lots: list[Lot]
    streets: list[Street]


def draw_region(units: Mapping[str, BaseGeometry], codes: Sequence[str], road: LineString, seed: int) -> Region:
    """Draw the region over the given units (codes of today's communes), along `road`."""
    rng = Random(f"{seed}/region")
    outline = _outline([units[code] for code in codes])
    west, east = to_grid(106.72, 21.89), to_grid(107.16, 21.47)
    middle = ((west[0] + east[0]) / 2 - 1500, (west[1] + east[1]) / 2 - 1200)
    frame = spine([west, middle, east], origin=middle, reach=70000)
    river = _meandering(smooth_line([to_grid(lon, lat) for lon, lat in RIVER]), rng)
    angle = math.atan2(east[1] - west[1], east[0] - west[0])
    towns = [
        Patch(
            blob(rng, to_grid(lon, lat), radius, stretch=stretch**0.5, angle=angle, rough=0.26),
            use,
            name=name,
            least=2e4,
        )
        for use, name, lon, lat, radius, stretch in PLACES
    ]
    land = Land(
        reach=(-48000, 48000),
        far=42000,
        foot=(4300, 3600),
        ridge=(13500, 9000),
        cuts=(6500, 10500),
        rough=1000,
        wavelength=13000,
        brook=90,
        least=1.2e6,
        pieces=400,
        axis=1300,
    )
    patches = [
        Patch(river.buffer(85, quad_segs=4), "river", name="Sông Kỳ Cùng", whole=True),
        *towns[:10],
        *towns[12:],
        towns[10],
        towns[11],
        *_corridor(road, rng),
        *background(land, frame, rng),
    ]
    lots = arrange(patches, outline, thin=60)
    line = shapely.intersection(road, outline)
    return Region(outline, lots, [Street("Quốc lộ 4B", 27, line, "road_national", 0)])


def _outline(units: Sequence[BaseGeometry]) -> BaseGeometry:
    whole = shapely.union_all(list(units)).buffer(120).buffer(-420, quad_segs=4).buffer(180, quad_segs=4)
    largest = max(shapely.get_parts(whole), key=lambda part: part.area)
    return shapely.set_precision(shapely.Polygon(largest.exterior).simplify(25), GRID)


def _start(line: LineString) -> tuple[float, float]:
    east, north = shapely.get_coordinates(line)[0]
    return float(east), float(north)


def _meandering(line: LineString, rng: Random) -> LineString:
    """The line with the bends of a river in a wide valley."""
    axes = spine([(float(x), float(y)) for x, y in line.simplify(100).coords], origin=_start(line), reach=1000)
    s = np.arange(0, line.length, 60.0)
    return LineString(axes.at(s, wave(rng, 190, 3800)(s)))


def _corridor(road: LineString, rng: Random) -> list[Patch]:
    """Villages in a chain along the road, half a kilometre on either side, with fields between."""
    axes = spine([(float(x), float(y)) for x, y in road.simplify(60).coords], origin=_start(road), reach=500)
    patches, s = [], 0.0
    while s < road.length:
        length = rng.uniform(2600, 5200)
        if rng.random() < 0.75:
            depth = rng.uniform(420, 760)
            shape = axes.quad(s, s + length, -depth, depth * rng.uniform(0.7, 1.2)).buffer(0)
            patches.append(Patch(shape, "village", name="Hành lang dân cư dọc quốc lộ 4B", least=6e4))
        s += length + rng.uniform(0, 900)
    return patches
