"""What restricts building beside the plans: road corridors, heritage zones, floods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from quyhoach.demo.frame import GRID, blob, wave
from quyhoach.demo.roads import road_routes
from quyhoach.demo.sheet import NOTE, array, coverage_layer
from quyhoach.demo.town import Town
from quyhoach.package import Layer


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """One overlay polygon as its plan states it."""

    id: str
    theme: str
    name: str
    category: str
    rule: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True, eq=False)
class OverlaySheet:
    """The overlays of one plan, with where it has data."""

    theme: str
    overlays: Sequence[Overlay]
    coverage: Sequence[BaseGeometry]

    def layers(self) -> list[Layer]:
        """The package layers `restrictions` and `coverage`."""
        rows = self.overlays
        fields: dict[str, Sequence[str]] = {
            "maDoiTuong": [row.id for row in rows],
            "theme": [row.theme for row in rows],
            "tenDoiTuong": [row.name for row in rows],
            "phanLoai": [row.category for row in rows],
            "quyDinh": [row.rule for row in rows],
            "ghiChu": [NOTE] * len(rows),
        }
        return [
            Layer("restrictions", "MultiPolygon", array([row.shape for row in rows]), fields),
            coverage_layer({self.theme: self.coverage}),
        ]


def draw_corridors(towns: Mapping[str, Town], within: BaseGeometry) -> OverlaySheet:
    """Strips beyond the red line of the national roads, cut every five kilometres."""
    overlays: list[Overlay] = []
    coverage = []
    for name, (line, width, beyond) in road_routes(towns).items():
        inside = shapely.get_parts(shapely.line_merge(shapely.intersection(line, within)))
        line = max(inside, key=lambda part: part.length)
        code = "".join(word[0] for word in name.split()[:2]).upper() + name.split()[-1]
        count = max(1, round(line.length / 5000))
        for k in range(count):
            part = substring(line, line.length * k / count, line.length * (k + 1) / count)
            outer = part.buffer(width / 2 + beyond, cap_style="flat", join_style="mitre", mitre_limit=1.5)
            strip = outer.difference(line.buffer(width / 2, join_style="mitre", mitre_limit=1.5))
            overlays.append(
                Overlay(
                    f"HL-{code}-{k + 1:02d}",
                    "road_corridor",
                    f"Hành lang an toàn đường bộ {name}, đoạn {k + 1}",
                    f"Hành lang {beyond:g} m",
                    f"Trong {beyond:g} m tính từ chỉ giới đường đỏ không xây dựng công trình, trừ công trình thiết yếu "
                    "được cơ quan quản lý đường bộ chấp thuận (số minh hoạ).",
                    shapely.set_precision(strip, GRID),
                )
            )
        coverage.append(line.buffer(2500, quad_segs=6).simplify(20).intersection(within))
    area = shapely.set_precision(shapely.union_all(coverage), GRID)
    return OverlaySheet("road_corridor", overlays, [area])


def draw_heritage(town: Town, coverage: Sequence[BaseGeometry], seed: int) -> OverlaySheet:
    """Protection zones I and II around the relics of Ải Chi Lăng, north of Chi Lăng town."""
    rng = Random(f"{seed}/heritage")
    places = (
        ("Thành và cửa ải Chi Lăng", 1900, 330, 175),
        ("Núi Mã Yên", 2060, -520, 150),
        ("Đấu Đong Quân", 1250, 560, 95),
        ("Lũy Ải Chi Lăng", -1700, 420, 80),
    )
    overlays = []
    for number, (name, s, t, radius) in enumerate(places, 1):
        centre = town.frame.at(s, t)[0]
        inner = blob(rng, centre, radius, stretch=1.25, rough=0.14)
        outer = inner.buffer(130, quad_segs=6).difference(inner)
        for zone, shape, rule in (
            ("I", inner, "Khu vực bảo vệ I: giữ nguyên trạng, không xây dựng công trình mới."),
            (
                "II",
                outer,
                "Khu vực bảo vệ II: chỉ xây dựng công trình phục vụ bảo vệ, phát huy giá trị di tích; "
                "phải có ý kiến bằng văn bản của cơ quan quản lý di sản văn hóa.",
            ),
        ):
            overlays.append(
                Overlay(
                    f"DT-{number:02d}-{zone}",
                    "heritage",
                    f"Di tích Ải Chi Lăng: {name}, khu vực bảo vệ {zone}",
                    f"Khu vực bảo vệ {zone}",
                    rule + " (Ranh giới minh hoạ.)",
                    shapely.set_precision(shape, GRID),
                )
            )
    return OverlaySheet("heritage", overlays, coverage)


def draw_floods(towns: Sequence[Town], seed: int) -> OverlaySheet:
    """Land beside the rivers flooded often, and flooded by a 5 % flood; within the outlines of these towns only."""
    overlays = []
    for town in towns:
        rng = Random(f"{seed}/flood/{town.spec.id}")
        strip = town.spec.river
        s = np.arange(town.spec.reach[0] - 400, town.spec.reach[1] + 400, 40.0)
        assert town.river is not None
        often, rare = wave(rng, 26, 700), wave(rng, 75, 1200)
        near = _belt(town, s, strip.t, strip.width / 2 + strip.amplitude * 0.9 + 25 + often(s))
        far = _belt(town, s, strip.t, strip.width / 2 + strip.amplitude * 0.9 + 85 + rare(s))
        wet = shapely.intersection(shapely.difference(near, town.river), town.outline)
        rest = shapely.difference(shapely.intersection(far, town.outline), shapely.union(near, town.river))
        for number, (category, shape, rule) in enumerate(
            (
                ("Ngập thường xuyên", wet, "Không bố trí nhà ở mới; nền công trình cao hơn mực nước lũ thiết kế."),
                (
                    "Ngập với lũ tần suất 5%",
                    rest,
                    "Cốt nền xây dựng không thấp hơn mực nước lũ tần suất 5% cộng 0,3 m.",
                ),
            ),
            1,
        ):
            overlays.append(
                Overlay(
                    f"NL-{town.spec.id.upper()}-{number:02d}",
                    "flood",
                    f"Vùng ngập ven {strip.name}",
                    category,
                    rule + " (Số minh hoạ.)",
                    shapely.set_precision(shape, GRID),
                )
            )
    return OverlaySheet("flood", overlays, [town.outline for town in towns])


def _belt(town: Town, s: np.ndarray, t: float, half: np.ndarray) -> BaseGeometry:
    ring = np.vstack([town.frame.at(s, t + half), town.frame.at(s[::-1], t - half[::-1])])
    return shapely.Polygon(ring).buffer(0)
