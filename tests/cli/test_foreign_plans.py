"""Legal plans that nobody here drew, end to end: file, package, release, answers; GDAL's own reading is the judge."""

import json
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from quyhoach.cli import run
from quyhoach.domain.plan import Decision, Office, Plan, PlanVersion, Province, Status, VersionKind
from quyhoach.lookup import Lookup
from quyhoach.release.compile import build_release
from quyhoach.release.opened import open_release
from quyhoach.release.workspace import store_package, write_plan, write_province, write_version

DATA = Path(__file__).parents[1] / "ingest" / "data"
TODAY = 20261122


def publish(root: Path, *, crs: str, extent: tuple[float, ...], kind: str, source: Path, mapping: str) -> Lookup:
    """A workspace with one plan made from `source` by the command line, its release opened."""
    from datetime import UTC, datetime

    office = Office("ville", {"vi": "Cơ quan quy hoạch", "en": "Planning office"})
    west, south, east, north = extent
    province = Province(
        "00", {"vi": "Thử nghiệm", "en": "Trial"}, crs, (west, south, east, north), (office,), land_use="cnig"
    )
    write_province(root, province)
    (root / "standard").mkdir()
    shutil.copyfile(DATA / "cnig_land_use.csv", root / "standard" / "land_use.csv")
    write_plan(root, Plan("plan", {"vi": "Đồ án"}, kind, "urban", 5000, (), ()))
    package = root / "package.gpkg"
    code = run(
        [
            "standardise",
            str(source),
            "--mapping",
            str(DATA / mapping),
            "--plan",
            str(root / "plans" / "plan" / "plan.toml"),
            "--out",
            str(package),
        ]
    )
    assert code in (0, 1)
    version = PlanVersion(
        "plan",
        1,
        VersionKind.NEW,
        Status.IN_FORCE,
        date(2014, 6, 3),
        None,
        Decision("1", date(2014, 6, 3), "Conseil"),
        store_package(root, package),
        None,
    )
    write_version(root, version)
    release = build_release(root, now=datetime(2026, 11, 22, tzinfo=UTC), workers=1)
    return Lookup(open_release(root / "releases" / release))


def read_polygons(path: Path) -> np.ndarray:
    _, _, wkb, _ = pyogrio.raw.read(path)
    return shapely.from_wkb(wkb)


def assert_same_answers(lookup: Lookup, member: str, truth: np.ndarray, seed: int) -> int:
    """10,000 random points: as many zones as GDAL's polygons hold the point, but within 1 mm of an edge."""
    rng = np.random.default_rng(seed)
    sound = shapely.make_valid(truth)
    west, south, east, north = shapely.total_bounds(sound)
    places = rng.uniform((west, south), (east, north), (10_000, 2))
    points = shapely.points(places)
    tree = shapely.STRtree(sound)
    inside = np.bincount(tree.query(points, predicate="intersects")[0], minlength=len(points))
    near = np.zeros(len(points), bool)
    near[shapely.STRtree(shapely.boundary(sound)).query(points, predicate="dwithin", distance=0.002)[0]] = True
    for (x, y), count, doubtful in zip(places.tolist(), inside.tolist(), near.tolist(), strict=True):
        answer = json.loads(lookup.at_projected(x, y, on=TODAY, lang="vi"))
        assert doubtful or len(answer[member]) == count, (x, y)
    assert near.sum() < 20
    return int((inside > 0).sum())


@pytest.mark.shared
def test_french_town_plan_answers_as_gdal_does(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "interop" / "plu_41175_fr" / "Donnees_geographiques"
    lookup = publish(
        tmp_path / "w",
        crs="EPSG:2154",
        extent=(-5.5, 41.0, 10.0, 51.5),
        kind="general",
        source=folder,
        mapping="cnig_mapping.toml",
    )
    zones = read_polygons(folder / "ZONE_URBA.shp")
    assert len(zones) == 118
    assert assert_same_answers(lookup, "zones", zones, seed=1) > 1_000
    assert assert_same_answers(lookup, "restrictions", read_polygons(folder / "PRESCRIPTION_SURF.shp"), seed=2) > 10
    inside = shapely.point_on_surface(zones[0])
    answer: dict[str, Any] = json.loads(lookup.at_projected(inside.x, inside.y, on=TODAY, lang="vi"))
    assert answer["zones"][0]["function"]["code"] in {"U", "AUc", "AUs", "A", "N"}  # the foreign list
    assert answer["zones"][0]["function"]["name"] != answer["zones"][0]["function"]["code"]


def ewkt_polygons(path: Path) -> Sequence[Any]:
    """The polygons of the Swiss file's EWKT, read by GDAL's WKT reader alone."""
    shapes = []
    for row in json.loads(path.read_text("utf-8")):
        text = next(value for value in row.values() if isinstance(value, str) and "SRID=" in value)
        geometry = shapely.from_wkt(text.partition(";")[2])
        shapes += [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return shapes


@pytest.mark.shared
def test_swiss_restrictions_answer_as_their_ewkt_says(shared: Path, tmp_path: Path) -> None:
    source = shared / "data" / "interop" / "oereb_ch" / "land_use_plans" / "geometry.json"
    lookup = publish(
        tmp_path / "w",
        crs="EPSG:2056",
        extent=(5.9, 45.8, 10.6, 47.9),
        kind="restriction",
        source=source,
        mapping="oereb_mapping.toml",
    )
    shapes = np.array(ewkt_polygons(source), object)
    assert len(shapes) > 0
    assert assert_same_answers(lookup, "restrictions", shapes, seed=3) > 100
    to_wgs84 = pyproj.Transformer.from_crs("EPSG:2056", "EPSG:4326", always_xy=True)
    inside = shapely.point_on_surface(shapes[0])
    lon, lat = to_wgs84.transform(inside.x, inside.y)
    assert json.loads(lookup.at(lon, lat, on=TODAY, lang="en"))["restrictions"]
