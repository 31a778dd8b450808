"""Tiny plan versions made in the test, and a plain reader of tile geometry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.plan import Decision, Office, Plan, PlanVersion, Province, Status, VersionKind
from quyhoach.domain.zone import OPEN, Coverage, VersionContent, Zone
from quyhoach.release.mvt import POLYGON, Feature
from quyhoach.standard import Standard, load_standard

EAST, NORTH = 430_000.0, 2_395_000.0  # a place in Lạng Sơn, EPSG:9215


def zone(label: str, geometry: BaseGeometry, function: str | None = "DAT_O_Nhomnhao", **more: Any) -> Zone:
    return Zone(more.pop("zone_id", f"qhc-thu@1/{label}"), label, function, geometry.area, geometry, **more)


def lot(column: float, row: float, width: float = 100.0, height: float = 100.0) -> BaseGeometry:
    """A rectangle on a grid of 100 m, counted from EAST, NORTH."""
    east, north = EAST + 100 * column, NORTH + 100 * row
    return shapely.box(east, north, east + width, north + height)


def content(
    zones: Iterable[Zone] = (),
    *,
    plan_id: str = "qhc-thu",
    number: int = 1,
    kind: str = "general",
    version_kind: VersionKind = VersionKind.NEW,
    status: Status = Status.IN_FORCE,
    valid_from: int = 20220813,
    valid_to: int = OPEN,
    name: Mapping[str, str] | None = None,
    outline: BaseGeometry | None = None,
    **more: Any,
) -> VersionContent:
    """A version with these lots; ids get the version's own prefix, the outline is the hull of the lots."""
    version_id = f"{plan_id}@{number}"
    lots = tuple(replace(item, zone_id=f"{version_id}/{item.zone_id.partition('/')[2]}") for item in zones)
    if outline is None and lots:
        outline = shapely.convex_hull(shapely.union_all([item.geometry for item in lots]))
    start = date(valid_from // 10000, valid_from // 100 % 100, valid_from % 100) if valid_from else None
    version = PlanVersion(
        plan_id,
        number,
        version_kind,
        status,
        start,
        None,
        more.pop("decision", Decision("1319/QĐ-UBND", date(2022, 8, 13), "UBND tỉnh Lạng Sơn")),
        more.pop("package", "0" * 64),
        None,
    )
    names = name or {"vi": "Quy hoạch chung thị trấn Đồng Mỏ", "en": "General plan of Đồng Mỏ"}
    plan = Plan(plan_id, names, kind, "urban", 5000, (), (version,))
    coverage = more.pop("coverage", (Coverage("land_use", outline),) if outline is not None else ())
    return VersionContent(plan, version, valid_from, valid_to, outline, lots, coverage=coverage, **more)


def tile_polygons(feature: Feature) -> BaseGeometry:
    """A tile's polygon feature as a geometry, y still down; fails where it breaks the specification."""
    assert feature.type == POLYGON
    x = y = at = 0
    rings: list[list[tuple[int, int]]] = []
    commands = feature.geometry
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            assert count == 1
            continue
        for _ in range(count):
            dx, dy = ((n >> 1) ^ -(n & 1) for n in commands[at : at + 2])
            assert command == 1 or (dx, dy) != (0, 0), "a line to where it already is"
            x, y, at = x + dx, y + dy, at + 2
            if command == 1:
                rings.append([])
            rings[-1].append((x, y))
    return rings_to_polygons(rings)


def rings_to_polygons(rings: Sequence[Sequence[tuple[int, int]]]) -> BaseGeometry:
    polygons: list[tuple[Sequence[tuple[int, int]], list[Sequence[tuple[int, int]]]]] = []
    for ring in rings:
        assert len(ring) >= 3
        area = sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
        assert area != 0
        if area > 0:
            polygons.append((ring, []))
        else:
            polygons[-1][1].append(ring)
    return shapely.multipolygons([shapely.Polygon(outer, holes) for outer, holes in polygons])


@pytest.fixture(scope="session")
def standard() -> Standard:
    return load_standard()


@pytest.fixture(scope="session")
def to_wgs84() -> Transformer:
    return Transformer.from_crs("EPSG:9215", "EPSG:4326", always_xy=True)


@pytest.fixture(scope="session")
def province() -> Province:
    return Province(
        "20",
        {"vi": "Lạng Sơn", "en": "Lang Son"},
        "EPSG:9215",
        (106.0, 21.2, 107.5, 22.6),
        (Office("sxd", {"vi": "Sở Xây dựng"}),),
    )


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
