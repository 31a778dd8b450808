"""Every format comes in with its geometry, text and CRS."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS as Crs

from quyhoach.domain.errors import IngestError
from quyhoach.ingest import FORMATS, read_source

Write = Callable[..., Path]
Pack = Callable[[Path, Mapping[str, bytes | Path]], Path]
FIELDS = {"kyhieu": ["ƠM-1", "CX-2"], "tang": ["3-5", "–"]}


def check(source_layer: object, expected: np.ndarray, epsg: int = 9215, tolerance: float = 1e-4) -> None:
    layer = source_layer
    rows = np.argsort(layer.fields["kyhieu"]).tolist()  # type: ignore[attr-defined]  # FlatGeobuf sorts by place
    rows.reverse()
    assert [layer.fields["kyhieu"][row] for row in rows] == FIELDS["kyhieu"]  # type: ignore[attr-defined]
    assert Crs.from_user_input(layer.crs).equals(Crs.from_epsg(epsg), ignore_axis_order=True)  # type: ignore[attr-defined]
    for found, wanted in zip(layer.geometry[rows], expected, strict=True):  # type: ignore[attr-defined]
        assert shapely.hausdorff_distance(found, wanted) < tolerance


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".gdb", ".fgb"])
def test_layer_comes_back_when_written_in_the_provinces_crs(
    tmp_path: Path, squares: np.ndarray, write: Write, suffix: str
) -> None:
    source = read_source(write(tmp_path / f"lo{suffix}", squares, FIELDS))
    (layer,) = source.layers
    assert layer.name == "lo"
    check(layer, squares)
    assert len(source.sha256) == 64
    assert source.reader.startswith("GDAL")


@pytest.mark.parametrize("suffix", [".tab", ".mif"])
def test_mapinfo_layer_comes_back_when_written(tmp_path: Path, squares: np.ndarray, write: Write, suffix: str) -> None:
    path = write(tmp_path / f"lo{suffix}", squares, {"kyhieu": ["OM-1", "CX-2"]}, crs="EPSG:32648")
    (layer,) = read_source(path).layers
    assert layer.fields["kyhieu"] == ["OM-1", "CX-2"]
    assert layer.crs is not None
    for found, wanted in zip(layer.geometry, squares, strict=True):
        assert shapely.hausdorff_distance(found, wanted) < 0.1  # MapInfo keeps coordinates on a grid


@pytest.mark.parametrize("suffix", [".geojson", ".kml", ".gml"])
def test_layer_comes_back_when_written_in_degrees(tmp_path: Path, write: Write, suffix: str) -> None:
    lots = np.array([shapely.box(106.5, 21.6, 106.51, 21.61), shapely.box(106.51, 21.6, 106.52, 21.61)])
    path = write(tmp_path / f"lo{suffix}", lots, FIELDS, crs="EPSG:4326")
    (layer,) = read_source(path).layers
    check(layer, lots, 4326, 1e-7)


def test_kmz_comes_in_when_it_holds_a_kml(tmp_path: Path, write: Write, pack: Pack) -> None:
    lots = np.array([shapely.box(106.5, 21.6, 106.51, 21.61)])
    kml = write(tmp_path / "doc.kml", lots, {"kyhieu": ["OM-1"]}, crs="EPSG:4326")
    (layer,) = read_source(pack(tmp_path / "lo.kmz", {"doc.kml": kml})).layers
    assert shapely.hausdorff_distance(layer.geometry[0], lots[0]) < 1e-7


def test_shapefiles_come_in_when_zipped_in_folders_beside_other_files(
    tmp_path: Path, squares: np.ndarray, write: Write, pack: Pack
) -> None:
    write(tmp_path / "a" / "lo.shp", squares, FIELDS)
    write(tmp_path / "b" / "Ranh giới.shp", squares[:1], {"ten": ["x"]})
    entries = {"HoSoGIS/đất": tmp_path / "a", "HoSoGIS/ranh": tmp_path / "b", "HoSoScan/ban ve.pdf": b"%PDF"}
    layers = read_source(pack(tmp_path / "ho so.zip", entries)).layers
    assert sorted(layer.name for layer in layers) == ["Ranh giới", "lo"]
    check(next(layer for layer in layers if layer.name == "lo"), squares)


def test_filegdb_comes_in_when_zipped(tmp_path: Path, squares: np.ndarray, write: Write, pack: Pack) -> None:
    write(tmp_path / "QuyHoach.gdb", squares, FIELDS, layer="ChucNangSuDungDat_A")
    (layer,) = read_source(pack(tmp_path / "gdb.zip", {"HoSoGIS/QuyHoach.gdb": tmp_path / "QuyHoach.gdb"})).layers
    assert layer.name == "ChucNangSuDungDat_A"
    check(layer, squares)


def test_shapefile_comes_in_when_its_suffixes_are_in_capitals(
    tmp_path: Path, squares: np.ndarray, write: Write
) -> None:
    write(tmp_path / "x" / "lo.shp", squares, FIELDS)
    for file in (tmp_path / "x").iterdir():
        file.rename(tmp_path / f"LO{file.suffix.upper()}")
    (layer,) = read_source(tmp_path / "LO.SHP").layers
    check(layer, squares)


def test_all_layers_come_in_when_a_file_has_several(tmp_path: Path, squares: np.ndarray, write: Write) -> None:
    path = write(tmp_path / "do-an.gpkg", squares, FIELDS, layer="lo")
    write(path, squares[:1], {"ten": ["x"]}, layer="ranh")
    assert [layer.name for layer in read_source(path).layers] == ["lo", "ranh"]


def test_source_folder_is_not_written_to_when_a_gml_is_read(tmp_path: Path, write: Write) -> None:
    lots = np.array([shapely.box(106.5, 21.6, 106.51, 21.61)])
    path = write(tmp_path / "lo.gml", lots, {"kyhieu": ["OM-1"]}, crs="EPSG:4326")
    before = sorted(entry.name for entry in tmp_path.iterdir())
    read_source(path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == before


def test_hash_is_the_same_when_a_shapefile_is_read_twice_and_differs_when_a_companion_does(
    tmp_path: Path, squares: np.ndarray, write: Write
) -> None:
    path = write(tmp_path / "lo.shp", squares, FIELDS)
    first = read_source(path).sha256
    assert read_source(path).sha256 == first
    write(path, squares, {"kyhieu": ["OM-1", "CX-3"]})
    assert read_source(path).sha256 != first


def test_progress_is_told_when_layers_are_read(tmp_path: Path, squares: np.ndarray, write: Write) -> None:
    steps: list[Mapping[str, object]] = []
    read_source(write(tmp_path / "lo.gpkg", squares, FIELDS), progress=steps.append)
    assert {"step": "layer", "layer": "lo", "features": 2} in steps


@pytest.mark.parametrize("name", ["a.docx", "a", "a.vrt", "a.csv"])
def test_error_names_what_is_accepted_when_a_format_is_not_known(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(IngestError, match="ingest-unknown-format"):
        read_source(tmp_path / name)


def test_error_when_the_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="ingest-missing"):
        read_source(tmp_path / "khong-co.gpkg")


@pytest.mark.parametrize("suffix", [row.suffix for row in FORMATS if row.reader == "gdal" and not row.folder])
@pytest.mark.parametrize("content", [b"", b"\x00" * 4096, b"not what the name says", b"{}", b"[[[["])
def test_error_when_a_file_holds_something_else(tmp_path: Path, suffix: str, content: bytes) -> None:
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(IngestError, match=r"ingest-(unreadable|no-geometry|reader-failed)"):
        read_source(tmp_path / f"a{suffix}")


def test_error_when_a_geopackage_is_cut_short(tmp_path: Path, squares: np.ndarray, write: Write) -> None:
    path = write(tmp_path / "lo.gpkg", squares, FIELDS)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 3])
    with pytest.raises(IngestError):
        read_source(path)
