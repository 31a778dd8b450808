"""Small files of every format, made here."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import shapely

CRS = "EPSG:9215"  # VN-2000 / Lạng Sơn


def array(*geometries: object) -> np.ndarray:
    result = np.empty(len(geometries), dtype=object)
    result[:] = geometries
    return result


@pytest.fixture
def squares() -> np.ndarray:
    """Two lots side by side near Đồng Mỏ."""
    return array(shapely.box(430000, 2395000, 430100, 2395100), shapely.box(430100, 2395000, 430200, 2395100))


Write = Callable[..., Path]


@pytest.fixture
def write() -> Write:
    """Write geometries with text fields to a file in the format its suffix names."""
    drivers = {
        ".gpkg": "GPKG",
        ".shp": "ESRI Shapefile",
        ".gdb": "OpenFileGDB",
        ".geojson": "GeoJSON",
        ".gml": "GML",
        ".kml": "LIBKML",
        ".tab": "MapInfo File",
        ".mif": "MapInfo File",
        ".fgb": "FlatGeobuf",
    }

    def make(
        path: Path,
        geometry: np.ndarray,
        fields: Mapping[str, list[object]],
        *,
        crs: str | None = CRS,
        kind: str = "Polygon",
        layer: str | None = None,
        append: bool = False,
    ) -> Path:
        from pyogrio import raw

        path.parent.mkdir(parents=True, exist_ok=True)
        options = {"dataset_options": {"FORMAT": "MIF"}} if path.suffix == ".mif" else {}
        raw.write(
            str(path),
            shapely.to_wkb(geometry),
            [np.array(values, dtype=object if isinstance(values[0], str) else None) for values in fields.values()],
            list(fields),
            driver=drivers[path.suffix],
            geometry_type=kind,
            crs=crs,
            layer=layer or path.stem,
            encoding="UTF-8" if path.suffix == ".shp" else None,
            append=append,
            **options,
        )
        return path

    return make


@pytest.fixture
def pack() -> Callable[[Path, Mapping[str, bytes | Path]], Path]:
    """A ZIP with the given entries: bytes, or a file's or a folder's content."""

    def make(path: Path, entries: Mapping[str, bytes | Path]) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                if isinstance(content, Path) and content.is_dir():
                    for file in sorted(content.rglob("*")):
                        if file.is_file():
                            archive.write(file, f"{name}/{file.relative_to(content)}")
                elif isinstance(content, Path):
                    archive.write(content, name)
                else:
                    archive.writestr(name, content)
        return path

    return make
