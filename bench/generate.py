"""The bench's province: plans of about 1,000 lots that fill it without gaps, corridors, overlays, communes, questions.

Pure and deterministic: `make_world(200_000, communes)` is the same every time and everywhere. Invented data; nothing
here is a plan of anybody's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from bench import shapes
from bench.shapes import Points, Shapes
from quyhoach.domain.plan import (
    Attestation,
    Decision,
    Office,
    Place,
    Plan,
    PlanVersion,
    Province,
    Status,
    VersionKind,
)

GENERATOR = 1  # raise it when the world changes: what is kept on disk is made again
SEED = 20261122
CRS = "EPSG:9215"
BOX = (380_000.0, 2_365_000.0, 500_000.0, 2_485_000.0)  # E, N
LOTS_PER_PLAN = 1000
OVERLAYS_PER_PLAN = 400
QUERIES = 20_000
POLYGON_QUERIES = 5_000
TOWN_QUERIES = 0.7
PUBLISHED_LOTS = 300

TOWN_FUNCTIONS = (  # codes of standard/land_use; the first is what half of the lots are
    "DAT_O_Nhomnhao", "DAT_HTXH_Truonghoc", "DAT_HTXH_Yte", "DAT_HTXH_Vanhoa", "DAT_HTXH_Theducthethao",
    "DAT_HTXH_CayxanhCC", "DAT_Dichvu", "DAT_Dulich", "DAT_HTKT_Baidoxe",
)  # fmt: skip
RURAL_FUNCTIONS = (
    "DAT_NN_Nongnghiep", "DAT_NN_RUNGSANXUAT", "DAT_NN_RUNGPHONGHO", "DAT_NN_Thuysan", "DAT_KHAC_Chuasudung",
)  # fmt: skip
ROAD_RULE = "Không xây dựng công trình trong hành lang an toàn đường bộ, trừ công trình thiết yếu được phép."
OVERLAYS: Mapping[str, tuple[str, str, str]] = {
    "heritage": (
        "Vùng bảo vệ di tích", "protection_zone",
        "Giữ nguyên hiện trạng; sửa chữa phải được cơ quan văn hoá đồng ý.",
    ),
    "flood": ("Vùng ngập", "flood_10", "Cao độ nền không thấp hơn mức ngập 10 %; không san lấp làm hẹp dòng chảy."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator as written, with the bounds it says."""

    raw: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Lots:
    """Lots of one plan, index-aligned. Indicators are None where the plan writes none."""

    geometry: Shapes
    label: Sequence[str]
    function: Sequence[str]
    area_m2: Sequence[float]
    density: Sequence[Indicator | None]
    storeys: Sequence[Indicator | None]
    far: Sequence[Indicator | None]
    population: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Overlays:
    """Restrictions of one plan, index-aligned."""

    geometry: Shapes
    key: Sequence[str]
    theme: Sequence[str]
    name: Sequence[str]
    category: Sequence[str]
    rule: Sequence[str]


@dataclass(frozen=True, slots=True)
class PlanData:
    """One plan with one version and what its package holds. `coverage`: theme and where there are data."""

    plan: Plan
    outline: BaseGeometry
    lots: Lots | None
    overlays: Overlays | None
    coverage: tuple[tuple[str, BaseGeometry], ...]


@dataclass(frozen=True, slots=True)
class World:
    """All the bench asks about. `points` are lon, lat; `polygons` are in the province's CRS, as the points are not."""

    province: Province
    plans: tuple[PlanData, ...]
    extra: PlanData
    units: Sequence[tuple[str, str, BaseGeometry]]
    points: Points
    polygons: Shapes


def make_world(count: int, communes: Sequence[tuple[str, str]]) -> World:
    """A province of `count` lots. `communes`: code and name of today's communes, one polygon each."""
    rng = np.random.default_rng([SEED, count])
    ground = shapes.tessellate(rng, count, BOX)
    block = shapes.split(ground.seeds, max(2, round(count / LOTS_PER_PLAN)))
    units = _units(rng, communes)
    spacing = np.sqrt(shapely.area(ground.polygons))
    plans = [
        _land_plan(rng, number, ground, np.flatnonzero(block == number), spacing, units)
        for number in range(int(block.max()) + 1)
    ]
    plans += _overlay_plans(rng, ground, spacing, max(2, round(count / 50 / OVERLAYS_PER_PLAN)), count // 50)
    points = _query_points(rng, ground)
    return World(
        province=_province(),
        plans=tuple(plans),
        extra=_extra_plan(rng, ground, units),
        units=units,
        points=_to_lonlat(points),
        polygons=_query_polygons(rng, points[:POLYGON_QUERIES]),
    )


def _province() -> Province:
    office = Office(
        id="sxd",
        name={"vi": "Sở Xây dựng (số liệu đo tốc độ)", "en": "Department of Construction (bench data)"},
        phone="0205 000 000",
        email="hoi-dap@example.vn",
        address="Số 1 đường Thử Nghiệm",
    )
    names = {"vi": "Tỉnh đo tốc độ", "en": "Bench province"}
    return Province("20", names, CRS, (106.0, 21.2, 107.5, 22.6), (office,), illustrative=True)


def _version(plan_id: str, number: int) -> PlanVersion:
    day = date(2015 + number % 10, 1 + number % 12, 1 + number % 28)
    decision = Decision(f"{100 + number}/QĐ-UBND", day, "UBND tỉnh", f"Phê duyệt đồ án số {number}")
    return PlanVersion(
        plan_id,
        1,
        VersionKind.NEW,
        Status.IN_FORCE,
        day,
        None,
        decision,
        None,
        None,
        attested=Attestation("Phòng Quy hoạch", day) if number % 2 else None,
    )


def _plan(plan_id: str, number: int, name: tuple[str, str], kind: str, scale: int, place: str) -> Plan:
    return Plan(
        plan_id,
        {"vi": name[0], "en": name[1]},
        kind,
        "urban",
        scale,
        (Place(place),),
        (_version(plan_id, number),),
        ask="sxd",
        illustrative=True,
    )


def _land_plan(
    rng: np.random.Generator,
    number: int,
    ground: shapes.Ground,
    members: npt.NDArray[np.int64],
    spacing: npt.NDArray[np.float64],
    units: Sequence[tuple[str, str, BaseGeometry]],
) -> PlanData:
    """A plan of the zones `members` with its corridors. Blocks of small lots are detailed plans, others general."""
    polygons = ground.polygons[members]
    outline = _union(polygons)
    detailed = bool(ground.in_town[members].mean() > 0.7) and number % 4 == 0
    plan = _plan(
        f"{'qhct' if detailed else 'qhc'}-khu-{number:04d}",
        number,
        (f"Quy hoạch {'chi tiết' if detailed else 'chung'} khu {number}", f"Plan of area {number}"),
        "detailed" if detailed else "general",
        500 if detailed else 5000,
        _unit_at(units, outline.representative_point()),
    )
    centres = rng.choice(members, size=max(1, len(members) // 10), replace=False)
    strips = shapes.roads(rng, ground.seeds[centres], spacing[centres])
    corridors = Overlays(
        geometry=strips,
        key=[f"HL-{i}" for i in range(1, len(strips) + 1)],
        theme=["road_corridor"] * len(strips),
        name=[f"Đường số {i}" for i in range(1, len(strips) + 1)],
        category=["local_road"] * len(strips),
        rule=[ROAD_RULE] * len(strips),
    )
    coverage = (("land_use", outline), ("road_corridor", outline))
    return PlanData(plan, outline, _lots(rng, polygons, ground.in_town[members]), corridors, coverage)


def _lots(rng: np.random.Generator, polygons: Shapes, in_town: npt.NDArray[np.bool_]) -> Lots:
    count = len(polygons)
    town = rng.choice(len(TOWN_FUNCTIONS), count, p=[0.5, 0.1, 0.04, 0.04, 0.05, 0.1, 0.1, 0.04, 0.03])
    rural = rng.integers(0, len(RURAL_FUNCTIONS), count)
    function = [
        TOWN_FUNCTIONS[t] if urban else RURAL_FUNCTIONS[r] for t, r, urban in zip(town, rural, in_town, strict=True)
    ]
    low = rng.integers(2, 9, count) * 5
    high = low + rng.integers(0, 7, count) * 5
    floors = rng.integers(1, 16, count)
    density = [
        _range(a, b) if urban else None for a, b, urban in zip(low.tolist(), high.tolist(), in_town, strict=True)
    ]
    storeys = [_range(1, top) if urban else None for top, urban in zip(floors.tolist(), in_town, strict=True)]
    far = [
        _range(round(a / 100, 1), round(b / 100 * top, 1)) if urban else None
        for a, b, top, urban in zip(low.tolist(), high.tolist(), floors.tolist(), in_town, strict=True)
    ]
    people = rng.integers(4, 400, count)
    return Lots(
        geometry=polygons,
        label=[f"{'OM' if urban else 'NN'}-{i}" for i, urban in enumerate(in_town, 1)],
        function=function,
        area_m2=np.round(shapely.area(polygons), 1).tolist(),
        density=density,
        storeys=storeys,
        far=far,
        population=[p if f == TOWN_FUNCTIONS[0] else None for p, f in zip(people.tolist(), function, strict=True)],
    )


def _range(low: float, high: float) -> Indicator:
    """Bounds as Vietnamese plans write them: "40-60", "0,4-3,0", a single number where they are one."""
    high = max(low, high)
    texts = [f"{value:g}".replace(".", ",") for value in (low, high)]
    return Indicator(texts[0] if low == high else "-".join(texts), low, high)


def _overlay_plans(
    rng: np.random.Generator, ground: shapes.Ground, spacing: npt.NDArray[np.float64], plans: int, count: int
) -> list[PlanData]:
    """Plans of overlays over vertical strips of the province; heritage is known for its western half only."""
    west, south, east, north = BOX
    edges = np.linspace(west, east, plans + 1)
    centres = rng.choice(len(ground.seeds), size=count, replace=False)
    areas = shapes.blobs(rng, ground.seeds[centres], spacing[centres])
    strip = np.clip(np.searchsorted(edges, ground.seeds[centres, 0], side="right") - 1, 0, plans - 1)
    made = []
    for number in range(plans):
        themes = ("flood", "heritage") if edges[number] < (west + east) / 2 else ("flood",)
        mine = areas[strip == number]
        theme = [themes[i] for i in rng.integers(0, len(themes), len(mine))]
        ground_box = shapely.box(edges[number], south, edges[number + 1], north)
        overlays = Overlays(
            geometry=mine,
            key=[f"{t[:1].upper()}-{i}" for i, t in enumerate(theme, 1)],
            theme=theme,
            name=[f"{OVERLAYS[t][0]} {i}" for i, t in enumerate(theme, 1)],
            category=[OVERLAYS[t][1] for t in theme],
            rule=[OVERLAYS[t][2] for t in theme],
        )
        name = (f"Vùng hạn chế, dải {number}", f"Restrictions, strip {number}")
        plan = _plan(f"han-che-{number:03d}", 5000 + number, name, "restriction", 10000, "")
        made.append(PlanData(plan, ground_box, None, overlays, tuple((t, ground_box) for t in themes)))
    return made


def _extra_plan(
    rng: np.random.Generator, ground: shapes.Ground, units: Sequence[tuple[str, str, BaseGeometry]]
) -> PlanData:
    """A detailed plan of 300 lots in the middle of a town, to be published into the release."""
    x, y = np.round(ground.seeds[0])
    box = (x - 400.0, y - 400.0, x + 400.0, y + 400.0)
    xs, ys = np.meshgrid(np.linspace(x - 378, x + 378, 20), np.linspace(y - 370, y + 370, 15))
    seeds = np.stack([xs, ys], axis=-1).reshape(-1, 2) + rng.uniform(-6, 6, (PUBLISHED_LOTS, 2))
    polygons = shapes.roughen(shapes.cells(seeds, box), box)
    outline = shapely.box(*box)
    names = ("Quy hoạch chi tiết khu dân cư mới", "Detailed plan of a new quarter")
    plan = _plan("qhct-khu-moi", 9001, names, "detailed", 500, _unit_at(units, outline.centroid))
    lots = _lots(rng, polygons, np.ones(len(polygons), dtype=bool))
    return PlanData(plan, outline, lots, None, (("land_use", outline),))


def _units(rng: np.random.Generator, communes: Sequence[tuple[str, str]]) -> list[tuple[str, str, BaseGeometry]]:
    west, south, east, north = BOX
    seeds = rng.uniform([west + 2000, south + 2000], [east - 2000, north - 2000], (len(communes), 2))
    polygons = shapes.roughen(shapes.cells(seeds, BOX), BOX)
    return [(code, name, polygon) for (code, name), polygon in zip(communes, polygons, strict=True)]


def _unit_at(units: Iterable[tuple[str, str, BaseGeometry]], point: shapely.Point) -> str:
    return next((code for code, _, polygon in units if polygon.intersects(point)), "")


def _union(polygons: Shapes) -> BaseGeometry:
    union = shapely.coverage_union_all(polygons)
    return union if shapely.is_valid(union) else shapely.union_all(polygons)


def _query_points(rng: np.random.Generator, ground: shapes.Ground) -> Points:
    """E, N of the questions: mostly near town lots, the rest anywhere."""
    west, south, east, north = BOX
    town = int(QUERIES * TOWN_QUERIES)
    lots = np.flatnonzero(ground.in_town)
    near = ground.seeds[rng.choice(lots, town)] + rng.normal(0, 40, (town, 2))
    anywhere = rng.uniform([west, south], [east, north], (QUERIES - town, 2))
    points = np.concatenate([near, anywhere])
    points = np.clip(points, [west + 1, south + 1], [east - 1, north - 1])
    return np.asarray(points[rng.permutation(QUERIES)], dtype=np.float64)


def _query_polygons(rng: np.random.Generator, centres: Points) -> Shapes:
    """Parcels to ask about: turned rectangles of some hundred to some thousand square metres."""
    count = len(centres)
    half = np.clip(rng.lognormal(3.0, 0.5, (count, 2)), 4, 150) / 2
    angle = rng.uniform(0, np.pi, count)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half[:, None, :]
    x = corners[..., 0] * np.cos(angle)[:, None] - corners[..., 1] * np.sin(angle)[:, None]
    y = corners[..., 0] * np.sin(angle)[:, None] + corners[..., 1] * np.cos(angle)[:, None]
    return np.asarray(shapely.polygons(np.stack([x, y], axis=-1) + centres[:, None, :]), dtype=object)


def _to_lonlat(points: Points) -> Points:
    from pyproj import Transformer

    transformer = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    lon, lat = transformer.transform(points[:, 0], points[:, 1])
    return np.round(np.stack([lon, lat], axis=1), 7)
