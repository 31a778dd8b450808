"""Read a plan package: whole layers at once, and a clear error for anything that is not a sound GeoPackage."""

import sqlite3
import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.errors import PackageError
from quyhoach.package.layers import Layer

_SQLITE = b"SQLite format 3\x00"
_APPLICATION = (b"GPKG", b"GP10", b"GP11")  # bytes 68-71 of a GeoPackage
_MAX_FEATURES = 5_000_000


def read_package(path: Path, names: Sequence[str] | None = None) -> dict[str, Layer]:
    """Layers of the package by name, in order of name; those of `names` alone when given (missing ones are absent).

    Nulls come as None, dates as `datetime.date`, geometry as shapely in the package's CRS. Raises PackageError when
    the file is missing, is not a GeoPackage, is truncated or damaged.
    """
    counts = _tables(path)
    wanted = sorted(counts if names is None else set(names) & set(counts))
    return {name: _read_layer(path, name, counts[name]) for name in wanted}


def package_crs(path: Path) -> str | None:
    """The CRS of the package's geometry as "AUTHORITY:CODE", None for a package of tables.

    Raises PackageError when it is unreadable or its layers are in more than one CRS.
    """
    _check_header(path)
    question = (
        "SELECT DISTINCT upper(s.organization) || ':' || s.organization_coordsys_id FROM gpkg_geometry_columns g "
        "JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id ORDER BY 1"
    )
    try:
        with closing(_connect(path)) as connection:
            found = [str(row[0]) for row in connection.execute(question)]
    except sqlite3.Error as error:
        raise PackageError("package-unreadable", path=path.name) from error
    if len(found) > 1:
        raise PackageError("package-crs-mixed", path=path.name, crs=", ".join(found))
    return found[0] if found else None


def _check_header(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(100)
            size = file.seek(0, 2)
    except FileNotFoundError as error:
        raise PackageError("package-missing", path=path.name) from error
    except OSError as error:
        raise PackageError("package-unreadable", path=path.name) from error
    if len(head) < 100 or not head.startswith(_SQLITE) or head[68:72] not in _APPLICATION:
        raise PackageError("package-unreadable", path=path.name)
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    if size < page * int.from_bytes(head[28:32], "big"):
        raise PackageError("package-truncated", path=path.name)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _tables(path: Path) -> dict[str, int]:
    """Layers and tables that the package lists, with their number of rows, after a check of the file's structure."""
    _check_header(path)
    try:
        with closing(_connect(path)) as connection:
            if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                raise PackageError("package-damaged", path=path.name)
            listed = connection.execute(
                "SELECT c.table_name, m.type FROM gpkg_contents c JOIN sqlite_master m ON m.name = c.table_name "
                "WHERE c.data_type IN ('features', 'attributes') ORDER BY 1"
            ).fetchall()
            counts = {}
            for name, kind in listed:
                if kind != "table":  # a view would run the file's own SQL
                    raise PackageError("package-unreadable", path=path.name)
                quoted = str(name).replace('"', '""')
                counts[str(name)] = int(connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise PackageError("package-damaged", path=path.name) from error
    if not counts or max(counts.values()) > _MAX_FEATURES:
        raise PackageError("package-unreadable", path=path.name)
    return counts


def _read_layer(path: Path, name: str, count: int) -> Layer:
    from pyogrio import raw
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            meta, _, wkb, columns = raw.read(str(path.resolve()), layer=name)
        geometry = None if wkb is None else shapely.from_wkb(wkb)
    except (
        DataSourceError,
        DataLayerError,
        FeatureError,
        FieldError,
        GeometryError,
        shapely.errors.ShapelyError,
        UnicodeDecodeError,
        ValueError,
    ) as error:
        raise PackageError("package-damaged", path=path.name) from error
    length = len(geometry) if geometry is not None else max((len(column) for column in columns), default=0)
    if length != count and (geometry is not None or columns):
        raise PackageError("package-damaged", path=path.name)
    fields: dict[str, Sequence[Any]] = {
        str(field): _values(column, str(kind), str(subkind))
        for field, column, kind, subkind in zip(
            meta["fields"], columns, meta["ogr_types"], meta["ogr_subtypes"], strict=True
        )
    }
    return Layer(name, str(meta["geometry_type"]) if geometry is not None else None, geometry, fields)


def _values(column: npt.NDArray[Any], kind: str, subkind: str) -> list[Any]:
    """A column as plain values. GDAL gives integers and booleans with nulls as floats; they become themselves again."""
    if column.dtype.kind == "M":
        return [None if np.isnat(value) else value.astype("datetime64[D]").item() for value in column]
    plain = column.tolist()
    if column.dtype.kind != "f":
        return [bool(value) for value in plain] if subkind == "OFSTBoolean" else plain
    restore = bool if subkind == "OFSTBoolean" else (int if kind.startswith("OFTInteger") else float)
    return [None if value != value else restore(value) for value in plain]
