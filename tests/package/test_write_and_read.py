"""Plan packages: what goes in comes out, the same input gives the same bytes, damage is told."""

import datetime as dt
import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.errors import PackageError
from quyhoach.package import Layer, package_crs, read_package, round_geometries, write_package


def array(*geometries: object) -> np.ndarray:
    result = np.empty(len(geometries), dtype=object)
    result[:] = geometries
    return result


def sample_layers() -> list[Layer]:
    lots = array(shapely.box(430000.12344, 2395000, 430010, 2395010), shapely.box(430010, 2395000, 430020, 2395010))
    return [
        Layer("plan", None, None, {"key": ["kind", "scale"], "value": ["general", None]}),
        Layer(
            "ChucNangSuDungDat_A",
            "MultiPolygon",
            lots,
            {
                "kyHieuLoDat": ["ƠM-1", None],
                "dienTich": [100.5, None],
                "danSo": [61, None],
                "dung": [True, None],
                "ngay": [dt.date(2022, 8, 13), None],
                "trong": [None, None],
            },
        ),
        Layer("findings", "Unknown", array(shapely.Point(430001, 2395001), None), {"code": ["E001", "W001"]}),
        Layer("provenance", None, None, {"key": [], "value": []}),
    ]


SCRIPT = """
import sys, importlib.util, pathlib
spec = importlib.util.spec_from_file_location("sample", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.write_package(pathlib.Path(sys.argv[2]), module.sample_layers(), crs="EPSG:9215"))
"""


def test_values_come_back_when_written(tmp_path: Path) -> None:
    digest = write_package(tmp_path / "a.gpkg", sample_layers(), crs="EPSG:9215")
    assert digest == hashlib.sha256((tmp_path / "a.gpkg").read_bytes()).hexdigest()
    layers = read_package(tmp_path / "a.gpkg")
    assert list(layers) == ["ChucNangSuDungDat_A", "findings", "plan", "provenance"]
    lots = layers["ChucNangSuDungDat_A"]
    assert lots.geometry_type == "MultiPolygon"
    assert lots.fields == sample_layers()[1].fields
    assert isinstance(lots.fields["danSo"][0], int)
    assert lots.fields["dung"][0] is True
    assert lots.geometry is not None
    assert shapely.get_coordinates(lots.geometry).min(axis=0).tolist() == [430000.1234, 2395000.0]
    findings = layers["findings"]
    assert findings.geometry is not None
    assert findings.geometry[1] is None
    assert layers["plan"].geometry is None
    assert layers["plan"].fields == {"key": ["kind", "scale"], "value": ["general", None]}
    assert layers["provenance"].fields == {"key": [], "value": []}
    assert package_crs(tmp_path / "a.gpkg") == "EPSG:9215"


def test_only_named_layers_are_read_when_names_are_given(tmp_path: Path) -> None:
    write_package(tmp_path / "a.gpkg", sample_layers(), crs="EPSG:9215")
    assert list(read_package(tmp_path / "a.gpkg", ["plan", "parcels"])) == ["plan"]


@pytest.mark.parametrize(
    "environment",
    [{"TZ": "America/St_Johns", "PYTHONHASHSEED": "1"}, {"TZ": "Asia/Ho_Chi_Minh", "PYTHONHASHSEED": "77"}],
)
def test_bytes_are_the_same_when_zone_seed_and_folder_differ(tmp_path: Path, environment: dict[str, str]) -> None:
    here = write_package(tmp_path / "a.gpkg", list(reversed(sample_layers())), crs="EPSG:9215")
    there = tmp_path / "other folder" / "b.gpkg"
    command = [sys.executable, "-c", SCRIPT, __file__, str(there)]
    run = subprocess.run(
        command, env={**os.environ, **environment}, cwd="/", capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == here
    assert there.read_bytes() == (tmp_path / "a.gpkg").read_bytes()


def test_bytes_differ_when_a_value_differs(tmp_path: Path) -> None:
    layers = sample_layers()
    first = write_package(tmp_path / "a.gpkg", layers, crs="EPSG:9215")
    layers[0] = Layer("plan", None, None, {"key": ["kind", "scale"], "value": ["general", "500"]})
    assert write_package(tmp_path / "b.gpkg", layers, crs="EPSG:9215") != first


def test_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    write_package(tmp_path / "a.gpkg", sample_layers(), crs="EPSG:9215")
    before = (tmp_path / "a.gpkg").read_bytes()
    mixed = Layer("plan", None, None, {"key": ["a", 1]})
    with pytest.raises(PackageError) as caught:
        write_package(tmp_path / "a.gpkg", [*sample_layers()[1:], mixed], crs="EPSG:9215")
    assert caught.value.code == "package-field-mixed"
    assert (tmp_path / "a.gpkg").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.gpkg"]


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        (Layer("a", "Polygon", array(), {}), "package-geometry-type"),
        (Layer("a", None, array(), {}), "package-geometry-type"),
        (Layer("a", "Point", array(shapely.LineString([(0, 0), (1, 1)])), {}), "package-geometry-type"),
        (Layer("a", None, None, {"b": ["1"], "c": []}), "package-field-length"),
        (Layer("a", None, None, {"b": ["1"], "B": ["1"]}), "package-field-twice"),
        (Layer("a", None, None, {"fid": [1]}), "package-field-twice"),
        (Layer("a", None, None, {"b": [b"x"]}), "package-field-mixed"),
        (Layer("a", None, None, {"b": [2**80]}), "package-field-mixed"),
        (Layer("PLAN", None, None, {"b": ["1"]}), "package-layer-twice"),
    ],
)
def test_error_names_the_fault_when_a_layer_breaks_the_schema(tmp_path: Path, layer: Layer, code: str) -> None:
    with pytest.raises(PackageError) as caught:
        write_package(tmp_path / "a.gpkg", [layer, Layer("plan", None, None, {"key": []})], crs="EPSG:9215")
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_error_when_no_layer_is_given(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="package-empty"):
        write_package(tmp_path / "a.gpkg", [], crs="EPSG:9215")


@pytest.mark.parametrize("content", [b"", b"no package", b"SQLite format 3\x00" + b"\x00" * 200])
def test_error_when_the_file_is_no_package(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.gpkg").write_bytes(content)
    with pytest.raises(PackageError, match="package-unreadable"):
        read_package(tmp_path / "a.gpkg")


def test_error_when_the_file_is_missing_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match="package-missing"):
        read_package(tmp_path / "a.gpkg")
    with pytest.raises(PackageError, match="package-unreadable"):
        read_package(tmp_path)


@given(share=st.floats(0, 0.999))
@settings(max_examples=25, deadline=None)
def test_error_when_the_package_is_cut_short(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    folder = tmp_path_factory.mktemp("cut")
    write_package(folder / "a.gpkg", sample_layers(), crs="EPSG:9215")
    data = (folder / "a.gpkg").read_bytes()
    (folder / "a.gpkg").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(PackageError):
        read_package(folder / "a.gpkg")


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_package_with_random_damage_is_read_or_refused_when_opened(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    folder = tmp_path_factory.mktemp("damage")
    write_package(folder / "a.gpkg", sample_layers(), crs="EPSG:9215")
    data = bytearray((folder / "a.gpkg").read_bytes())
    random = np.random.default_rng(seed)
    for place in random.integers(0, len(data), 200):
        data[place] = int(random.integers(0, 256))
    (folder / "a.gpkg").write_bytes(data)
    try:
        layers = read_package(folder / "a.gpkg")
    except PackageError:
        return
    assert all(isinstance(layer, Layer) for layer in layers.values())


@given(st.lists(st.tuples(st.floats(400000, 400020), st.floats(2390000, 2390020)), min_size=3, max_size=9, unique=True))
@settings(max_examples=200, deadline=None)
def test_rounded_coordinates_are_whole_tenths_of_a_millimetre(points: list[tuple[float, float]]) -> None:
    polygon = shapely.convex_hull(shapely.multipoints(points))
    (rounded,) = round_geometries(array(polygon))
    for coordinate in shapely.get_coordinates(rounded).ravel().tolist():
        assert coordinate == round(coordinate, 4)
    assert abs(rounded.area - polygon.area) < 0.01
    if polygon.area > 0.01:
        assert shapely.is_valid(rounded)


@given(x=st.floats(-1e7, 1e7), y=st.floats(-1e7, 1e7))
def test_rounding_twice_changes_nothing_when_rounded_before(x: float, y: float) -> None:
    once = round_geometries(array(shapely.Point(x, y)))
    assert shapely.get_coordinates(round_geometries(once)).tolist() == shapely.get_coordinates(once).tolist()
    assert abs(once[0].x - x) <= 0.00005001


def test_rounding_keeps_a_polygon_valid_when_rounding_its_vertices_alone_would_cross_it() -> None:
    spike = shapely.Polygon([(0, 0), (10, 0), (10, 10), (5.00005001, 0.00004), (5.00004, 5), (0, 10)])
    assert shapely.is_valid(spike)
    alone = shapely.transform(spike, lambda coordinates: np.round(coordinates, 4))
    assert not shapely.is_valid(alone)
    (rounded,) = round_geometries(array(spike))
    assert shapely.is_valid(rounded)
    assert abs(rounded.area - spike.area) < 0.01


def test_a_feature_stays_when_it_is_thinner_than_the_grid() -> None:
    sliver = shapely.Polygon([(0, 0), (10, 0), (10, 0.00001)])
    (rounded,) = round_geometries(array(sliver))
    assert rounded is not None
    assert len(shapely.get_coordinates(rounded)) == 4


def test_column_without_values_has_the_type_that_is_set(tmp_path):
    kinds = {"a": "real", "b": "integer", "c": "date", "d": "text"}
    for count in (0, 2):
        path = tmp_path / f"{count}.gpkg"
        points = np.array([shapely.Point(1, 1)] * count, dtype=object)
        fields = {name: [None] * count for name in kinds} | {"e": [1] * count}
        write_package(path, [Layer("x", "Point", points, fields, {**kinds, "e": "real"})], crs="EPSG:9215")
        with closing(sqlite3.connect(path)) as connection:
            found = {name: kind for _, name, kind, *_ in connection.execute("PRAGMA table_info(x)")}
        assert found["a"] == found["e"] == "REAL"
        assert found["b"] == "INTEGER"
        assert found["c"] == "DATE"
        assert found["d"] == "TEXT"
        assert read_package(path)["x"].fields["a"] == [None] * count
