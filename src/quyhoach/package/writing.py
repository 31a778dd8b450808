"""Write a plan package: the same layers give the same bytes, and a reader never sees half a file."""

import datetime as dt
import hashlib
import os
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.errors import PackageError
from quyhoach.package.layers import Geometries, Layer, round_geometries, to_multi

# GDAL stamps tables with this instead of the clock, so that bytes depend on content alone.
_CURRENT_DATE = "2025-07-01T00:00:00.000Z"
_SETTINGS = {"OGR_CURRENT_DATE": _CURRENT_DATE, "OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_SQLITE_JOURNAL": "MEMORY"}
_GEOPACKAGE_VERSION = "1.3"
_GEOMETRY_TYPES = ("MultiPolygon", "MultiLineString", "Point", "MultiPoint", "Unknown")
_TYPES: Mapping[str, type] = {"text": str, "real": float, "integer": int, "date": dt.date}
_lock = threading.Lock()  # GDAL's settings are the process's


def write_package(path: Path, layers: Sequence[Layer], *, crs: str) -> str:
    """Write the layers, sorted by name, to a GeoPackage at `path` and return its SHA-256.

    `crs` is the province's ("EPSG:9215"). Polygons become MultiPolygon, lines MultiLineString; coordinates are
    rounded to 0.1 mm. Rows keep their order. The file appears whole or not at all (temporary file, fsync, replace).
    Raises PackageError for layers that break the schema (lengths, names, types) or when the disk refuses.
    """
    ordered = sorted(layers, key=lambda layer: layer.name)
    _check(ordered)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".package-") as folder:
            temporary = Path(folder) / "package.gpkg"
            with _lock, _gdal_settings():
                for layer in ordered:
                    _write_layer(temporary, layer, crs)
            digest = _sync(temporary)
            temporary.replace(path)
            _sync_folder(path.parent)
    except OSError as error:
        raise PackageError("package-unwritable", path=path.name, reason=str(error.strerror or error)) from error
    return digest


def _check(layers: Sequence[Layer]) -> None:
    names = [layer.name.casefold() for layer in layers]
    if not names:
        raise PackageError("package-empty")
    for name in names:
        if names.count(name) > 1:
            raise PackageError("package-layer-twice", layer=name)
    for layer in layers:
        if layer.geometry_type is not None and layer.geometry_type not in _GEOMETRY_TYPES:
            raise PackageError("package-geometry-type", layer=layer.name, type=layer.geometry_type)
        if (layer.geometry is None) != (layer.geometry_type is None):
            raise PackageError("package-geometry-type", layer=layer.name, type=str(layer.geometry_type))
        keys = [key.casefold() for key in layer.fields]
        for key, values in layer.fields.items():
            if keys.count(key.casefold()) > 1 or key.casefold() in ("fid", "geom"):
                raise PackageError("package-field-twice", layer=layer.name, field=key)
            if len(values) != len(layer):
                raise PackageError("package-field-length", layer=layer.name, field=key)


@contextmanager
def _gdal_settings() -> Iterator[None]:
    import pyogrio

    before = {key: pyogrio.get_gdal_config_option(key) for key in _SETTINGS}
    pyogrio.set_gdal_config_options(_SETTINGS)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _write_layer(path: Path, layer: Layer, crs: str) -> None:
    from pyogrio import raw
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    columns, masks = _columns(layer)
    geometry = None
    if layer.geometry is not None:
        geometry = shapely.to_wkb(_conform(layer), byte_order=1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            raw.write(
                str(path),
                geometry,
                list(columns.values()),
                list(columns),
                field_mask=list(masks.values()),
                layer=layer.name,
                driver="GPKG",
                geometry_type=layer.geometry_type,
                crs=crs if geometry is not None else None,
                dataset_options={"VERSION": _GEOPACKAGE_VERSION},
                layer_options={"GEOMETRY_NAME": "geom", "FID": "fid"} if geometry is not None else {"FID": "fid"},
            )
    except (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, ValueError) as error:
        raise PackageError("package-unwritable", path=layer.name, reason=str(error)) from error


def _conform(layer: Layer) -> Geometries:
    """The layer's geometry rounded and in its declared type. PackageError when a geometry is of another kind."""
    assert layer.geometry is not None
    geometry = to_multi(round_geometries(layer.geometry))
    if layer.geometry_type != "Unknown":
        kinds = {item.geom_type for item in geometry if item is not None}
        if kinds - {layer.geometry_type}:
            raise PackageError("package-geometry-type", layer=layer.name, type=", ".join(sorted(kinds)))
    return geometry


def _columns(layer: Layer) -> tuple[dict[str, npt.NDArray[Any]], dict[str, npt.NDArray[np.bool_] | None]]:
    columns: dict[str, npt.NDArray[Any]] = {}
    masks: dict[str, npt.NDArray[np.bool_] | None] = {}
    for name, values in layer.fields.items():
        columns[name], masks[name] = _column(layer.name, name, values, _TYPES.get(layer.types.get(name, "")))
    return columns, masks


def _column(
    layer: str, name: str, values: Sequence[Any], declared: type | None = None
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_] | None]:
    """One field as an array of one type with a mask of its nulls (None, or NaN in numbers)."""
    plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
    missing = np.array([value is None or value != value for value in plain], dtype=bool)
    kinds = {_kind(value) for value, gone in zip(plain, missing, strict=True) if not gone}
    if kinds == {int, float} or (kinds == {int} and declared is float):
        kinds = {float}
    kinds = kinds or {declared or str}
    if len(kinds) > 1 or None in kinds:
        raise PackageError("package-field-mixed", layer=layer, field=name)
    kind = kinds.pop()
    if kind is str:
        text = np.empty(len(plain), dtype=object)
        text[:] = [None if gone else value for value, gone in zip(plain, missing, strict=True)]
        return text, None
    filler: Any = {int: 0, float: 0.0, bool: False, dt.date: dt.date(1970, 1, 1)}[kind]  # type: ignore[index]
    dtype = {int: "int64", float: "float64", bool: "bool", dt.date: "datetime64[D]"}[kind]  # type: ignore[index]
    filled = [filler if gone else value for value, gone in zip(plain, missing, strict=True)]
    try:
        return np.array(filled, dtype=dtype), missing if missing.any() else None
    except OverflowError as error:
        raise PackageError("package-field-mixed", layer=layer, field=name) from error


def _kind(value: object) -> type | None:
    if isinstance(value, bool | np.bool_):
        return bool
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.date
    return None


def _sync(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
