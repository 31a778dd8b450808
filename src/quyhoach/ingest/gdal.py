"""Read data sets with GDAL. Only the limited child calls this."""

import datetime as dt
import json
import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.domain.source import SourceLayer
from quyhoach.ingest.limits import Limits
from quyhoach.ingest.wkt_table import is_table, read_table

_DRIVERS = {
    ".gpkg": {"GPKG"},
    ".shp": {"ESRI Shapefile"},
    ".gdb": {"OpenFileGDB"},
    ".geojson": {"GeoJSON"},
    ".json": {"GeoJSON"},
    ".gml": {"GML"},
    ".kml": {"LIBKML", "KML"},
    ".tab": {"MapInfo File"},
    ".mif": {"MapInfo File"},
    ".fgb": {"FlatGeobuf"},
}
_MAX_WARNINGS = 50


def version() -> str:
    """Library and version that reads."""
    import pyogrio

    return f"GDAL {'.'.join(map(str, pyogrio.__gdal_version__))}, pyogrio {pyogrio.__version__}"


def read_datasets(path: Path, root: Path, encoding: str, limits: Limits) -> list[SourceLayer]:
    """All layers with geometry of one data set, in the file's order. `root` is what file names are told from.

    Raises IngestError when nothing can be read from it."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    name = str(path.relative_to(root))
    if path.suffix.casefold() in (".json", ".geojson") and is_table(path):
        return read_table(path, path.stem)
    if "!" in name:  # the reader would take what is behind it for a path inside an archive
        raise IngestError("ingest-unreadable", file=name, reason="!")
    # Rebuilt for files without index alone: GDAL would distrust a sound one too.
    restore = path.suffix.casefold() == ".shp" and not path.with_suffix(".shx").exists()
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES" if restore else "NO"})
    try:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            listed = [str(row[0]) for row in pyogrio.list_layers(str(path))]
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        raise IngestError("ingest-unreadable", file=name, reason=_reason(error, path)) from error
    if len(listed) > limits.layers:
        raise IngestError("ingest-too-large", file=name)
    layers = [_read_layer(path, name, layer, encoding, limits) for layer in listed]
    found = [layer for layer in layers if layer is not None]
    if restore:
        saying = f"{path.with_suffix('.shx').name} was missing and has been rebuilt from {path.name}"
        found = [replace(layer, warnings=(*layer.warnings, saying)) for layer in found]
    return found


def _read_layer(path: Path, file: str, name: str, encoding: str, limits: Limits) -> SourceLayer | None:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

    # Shapefiles alone may lie about their encoding; the other formats are UTF-8 or say it in a way that holds.
    options = {} if encoding == "auto" else {"encoding": encoding}
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            info = pyogrio.read_info(str(path), layer=name, **options)
            if info["driver"] not in _DRIVERS[path.suffix.casefold()]:
                raise IngestError("ingest-unreadable", file=file, reason=str(info["driver"]))
            if info["geometry_type"] is None or info["features"] > limits.features:
                if info["geometry_type"] is None:
                    return None
                raise IngestError("ingest-too-large", file=file)
            meta, ids, wkb, columns = pyogrio.raw.read(str(path), layer=name, return_fids=True, **options)
    except (DataSourceError, DataLayerError, FeatureError, GeometryError, UnicodeDecodeError, ValueError) as error:
        raise IngestError("ingest-unreadable", file=file, reason=_reason(error, path)) from error
    if wkb is None:
        return None
    geometry, lost = _shapes(wkb)
    sayings = list(dict.fromkeys(str(row.message).replace(str(path.parent), "") for row in told))
    if lost:
        sayings.append(f"{lost} geometries could not be read")
    if 0 <= info["features"] != len(wkb):
        sayings.append(f"the file announces {info['features']} features, {len(wkb)} were read")
    fields = {str(field): _values(column) for field, column in zip(meta["fields"], columns, strict=True)}
    return SourceLayer(
        name=name,
        file=file,
        crs=None if not meta["crs"] else str(meta["crs"]),
        geometry=geometry,
        ids=tuple(str(value) for value in ids.tolist()),
        fields={key: values for key, values in fields.items() if values is not None},
        warnings=tuple(sayings[:_MAX_WARNINGS]),
    )


def _reason(error: Exception, path: Path) -> str:
    """The reader's words, without this machine's folders."""
    return str(error).replace(str(path.parent) + "/", "").split("; It might help")[0][:300]


def _shapes(wkb: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], int]:
    """Shapes of the blobs, open rings closed; how many could not be read."""
    result = np.empty(len(wkb), dtype=object)
    result[:] = shapely.from_wkb(wkb, on_invalid="fix")
    lost = sum(1 for blob, shape in zip(wkb, result, strict=True) if blob is not None and shape is None)
    return result, lost


def _values(column: npt.NDArray[Any]) -> Sequence[Any] | None:
    """A column as plain values; None for binary columns, which no plan needs."""
    if column.dtype.kind == "M":
        return [
            None if np.isnat(value) else str(value.astype("datetime64[s]")).removesuffix("T00:00:00")
            for value in column
        ]
    plain = column.tolist()
    if any(isinstance(value, bytes) for value in plain):
        return None
    return [_plain(value) for value in plain]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return json.dumps(value, ensure_ascii=False, default=str)
