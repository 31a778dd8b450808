"""Checks of HoSoGIS: classes, geometry, statutory fields, codes, coordinate system, geometry inside the province's."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from quyhoach.domain.errors import IngestError
from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.source import SourceLayer
from quyhoach.dossier.columns import RECORD
from quyhoach.dossier.files import OPTIONAL
from quyhoach.dossier.inspection import Inspection
from quyhoach.dossier.reading import databases_of, rows_of
from quyhoach.standard import FeatureClass, Standard
from quyhoach.standard.rows import STATUTORY_FIELDS

# TT 16/2025/TT-BXD, PL II: fields of every class and their lengths; the first two may not be empty.
LENGTHS = {
    "maThongTinQH": 15,
    "maHoSoQH": 15,
    "maDoiTuong": 100,
    "tenDoiTuong": 100,
    "phanLoai": 250,
    "ghiChu": 250,
}
REQUIRED = ("maThongTinQH", "maHoSoQH")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*_[APL]")
_DIMENSION = {"MultiPolygon": 2, "MultiLineString": 1, "Point": 0}
_MOST = 50  # findings of one kind


def check_gis(
    inspection: Inspection,
    *,
    standard: Standard,
    crs: str | None,
    read_layers: Callable[[Path], Sequence[SourceLayer]],
) -> Iterator[Finding]:
    """Findings on the databases that are there."""
    records = rows_of(inspection, RECORD)
    codes = {
        "maHoSoQH": str(records[0]["code"] or "") if records else "",
        "maThongTinQH": str(records[0]["info_code"] or "") if records else "",
    }
    filled = 0
    for database, path in databases_of(inspection).items():
        try:
            layers = read_layers(path)
        except IngestError as error:
            yield Finding(error.code, Level.ERROR, layer=database, params=error.params)
            continue
        filled += sum(len(layer) for layer in layers) if database == "QuyHoach" else 0
        if not any(len(layer) for layer in layers):
            level = Level.NOTE if database in OPTIONAL else Level.WARNING
            yield Finding("dossier-database-empty", level, layer=database, params={"database": database})
        for layer in layers:
            yield from _layer(database, layer, standard, crs, codes)
        if database == "QuyHoach" and not any(layer.name == "RanhGioiQuyHoach_A" and len(layer) for layer in layers):
            yield Finding("dossier-outline-missing", Level.ERROR, layer=database)


def _layer(
    database: str, layer: SourceLayer, standard: Standard, crs: str | None, codes: dict[str, str]
) -> Iterator[Finding]:
    named: dict[str, Any] = {"database": database, "class": layer.name}
    if not _CLASS.fullmatch(layer.name):
        yield Finding("dossier-class-name", Level.WARNING, layer=layer.name, params=named)
    row = _class(database, layer.name, standard)
    if row is None:
        others = sorted(
            {one.database for one in standard.feature_classes.values() if one.name.casefold() == layer.name.casefold()}
        )
        if others:
            params = {**named, "where": ", ".join(others)}
            yield Finding("dossier-class-elsewhere", Level.WARNING, layer=layer.name, params=params)
        else:
            yield Finding("dossier-class-unknown", Level.WARNING, layer=layer.name, params=named)
    yield from _fields(layer, named, codes)
    if len(layer):
        yield from _crs(layer, crs, standard, named)
        if row is not None:
            yield from _geometry(layer, row, named)


def _class(database: str, name: str, standard: Standard) -> FeatureClass | None:
    return next(
        (
            row
            for row in standard.feature_classes.values()
            if row.database == database and row.name.casefold() == name.casefold()
        ),
        None,
    )


def _fields(layer: SourceLayer, named: dict[str, Any], codes: dict[str, str]) -> Iterator[Finding]:
    present = {name.casefold(): values for name, values in layer.fields.items()}
    missing = [name for name in STATUTORY_FIELDS if name.casefold() not in present]
    if missing:
        params = {**named, "fields": ", ".join(missing)}
        yield Finding("dossier-field-missing", Level.ERROR, layer=layer.name, params=params)
    for name, limit in LENGTHS.items():
        values = present.get(name.casefold())
        if values is None or not len(layer):
            continue
        texts = ["" if value is None else str(value).strip() for value in values]
        empty = sum(1 for text in texts if not text)
        if name in REQUIRED and empty:
            params = {**named, "field": name, "count": empty, "of": len(texts)}
            yield Finding("dossier-field-empty", Level.ERROR, layer=layer.name, params=params)
        long = sum(1 for text in texts if len(text) > limit)
        if long:
            params = {**named, "field": name, "count": long, "limit": limit}
            yield Finding("dossier-field-long", Level.WARNING, layer=layer.name, params=params)
        wanted = codes.get(name)
        others = sorted({text for text in texts if text and wanted and text != wanted})
        if others:
            params = {**named, "field": name, "text": ", ".join(others[:3]), "code": wanted}
            yield Finding("dossier-gis-code-differs", Level.ERROR, layer=layer.name, params=params)
    ids = [str(value) for value in present.get("madoituong", ()) if value not in (None, "")]
    if len(set(ids)) < len(ids):
        params = {**named, "count": len(ids) - len(set(ids))}
        yield Finding("dossier-object-id-twice", Level.WARNING, layer=layer.name, params=params)


def _crs(layer: SourceLayer, crs: str | None, standard: Standard, named: dict[str, Any]) -> Iterator[Finding]:
    found = _parse(layer.crs)
    if found is None:
        yield Finding("dossier-crs-missing", Level.ERROR, layer=layer.name, params=named)
        return
    wanted = [crs] if crs else [f"EPSG:{zone.epsg}" for zone in standard.crs_zones]
    if not any(found.equals(CRS.from_user_input(one), ignore_axis_order=True) for one in wanted):
        params = {**named, "crs": _short(found), "wanted": crs or "VN-2000"}
        yield Finding("dossier-crs-differs", Level.ERROR, layer=layer.name, params=params)


def _parse(text: str | None) -> CRS | None:
    if not text:
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError:
        return None


def _short(crs: CRS) -> str:
    authority = crs.to_authority()
    return f"{authority[0]}:{authority[1]}" if authority else str(crs.name)


def _geometry(layer: SourceLayer, row: FeatureClass, named: dict[str, Any]) -> Iterator[Finding]:
    shapes: Any = layer.geometry
    nothing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if nothing.any():
        params = {**named, "count": int(nothing.sum())}
        yield Finding("dossier-geometry-missing", Level.ERROR, layer=layer.name, params=params)
    rest = shapes[~nothing]
    wrong = shapely.get_dimensions(rest) != _DIMENSION[row.geometry]
    if wrong.any():
        params = {**named, "count": int(wrong.sum()), "type": row.geometry}
        place = shapely.to_wkb(shapely.point_on_surface(rest[wrong][0]))
        yield Finding("dossier-geometry-type", Level.ERROR, layer=layer.name, params=params, wkb=place)
    invalid = np.flatnonzero(~shapely.is_valid(rest))
    if len(invalid):
        params = {**named, "count": len(invalid)}
        yield Finding("dossier-geometry-invalid", Level.WARNING, layer=layer.name, params=params)
