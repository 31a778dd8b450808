"""How the child hands what it read to its parent: plain arrays and JSON, nothing that could run code."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import shapely

from quyhoach.domain.source import CadLayer, Drawing, LeftOut, SourceLayer, TableGrid

_INDEX = "layers.json"
_DATA = "data.bin"
_SHORT = 16  # columns below this length are not worth packing


@dataclass(frozen=True, eq=False)
class Parcel:
    """All that goes from child to parent. `xrefs`: (name, SHA-256) of external drawings read with the drawing."""

    reader: str
    layers: list[SourceLayer]
    drawing: Drawing | None = None
    xrefs: tuple[tuple[str, str], ...] = field(default=())


def write_parcel(folder: Path, parcel: Parcel) -> None:
    """Write arrays one after the other into one file, and everything else with their places as JSON into another."""
    index: list[dict[str, Any]] = []
    with (folder / _DATA).open("xb") as data:
        for layer in parcel.layers:
            blobs = [b"" if blob is None else blob for blob in shapely.to_wkb(layer.geometry, byte_order=1)]
            index.append(
                {
                    "name": layer.name,
                    "file": layer.file,
                    "crs": layer.crs,
                    "wkb": _put(data, np.frombuffer(b"".join(blobs), dtype=np.uint8)),
                    "sizes": _put(data, np.array([len(blob) for blob in blobs], dtype=np.int64)),
                    "ids": layer.ids,
                    "fields": {name: _pack(data, values) for name, values in layer.fields.items()},
                    "warnings": layer.warnings,
                }
            )
    drawing = None if parcel.drawing is None else _plain_drawing(parcel.drawing)
    content = {"reader": parcel.reader, "layers": index, "drawing": drawing, "xrefs": parcel.xrefs}
    # Encoded at once: json.dump would go through its slow encoder, piece by piece.
    (folder / _INDEX).write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")


def _put(data: IO[bytes], values: Any) -> list[Any]:
    """Append an array; where it begins, how many values it has and of which type."""
    place = [data.tell(), len(values), values.dtype.str]
    data.write(values.tobytes())
    return place


def _pack(data: IO[bytes], values: Sequence[Any]) -> dict[str, Any]:
    """A column as it takes least: numbers as an array, repeated values as numbers of a short list, else as they are."""
    if len(values) < _SHORT:
        return {"as": list(values)}
    kinds = set(map(type, values))
    if kinds == {float}:
        return {"floats": _put(data, np.array(values, dtype=np.float64))}
    if kinds <= {str, int, bool, type(None)} and not (int in kinds and bool in kinds):
        codes: dict[Any, int] = {}
        numbers = [codes.setdefault(value, len(codes)) for value in values]
        if len(codes) <= len(values) // 4:
            return {"list": list(codes), "codes": _put(data, np.array(numbers, dtype=np.uint32))}
    elif kinds == {float, type(None)}:
        # NaN is no value that a reader hands on, so it can stand for None.
        floats = [float("nan") if value is None else value for value in values]
        return {"gaps": _put(data, np.array(floats, dtype=np.float64))}
    return {"as": list(values)}


def _plain_drawing(drawing: Drawing) -> dict[str, Any]:
    plain = {name: getattr(drawing, name) for name in drawing.__dataclass_fields__}
    plain["layers"] = [asdict(layer) for layer in drawing.layers.values()]
    plain["left_out"] = [asdict(row) for row in drawing.left_out]
    plain["tables"] = [asdict(table) for table in drawing.tables]
    plain["fonts"] = dict(drawing.fonts)
    return plain


def read_parcel(folder: Path) -> Parcel:
    """What `write_parcel` wrote."""
    content = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    data = (folder / _DATA).read_bytes()
    layers = []
    for row in content["layers"]:
        start, length, _ = row["wkb"]
        ends = (start + np.cumsum(_get(data, row["sizes"]))).tolist()
        starts = [start, *ends[:-1]]
        if ends and ends[-1] != start + length:
            raise ValueError("lengths of geometries don't fit")
        blobs = [data[first:last] or None for first, last in zip(starts, ends, strict=True)] if ends else []
        geometry = np.empty(len(blobs), dtype=object)
        geometry[:] = shapely.from_wkb(np.array(blobs, dtype=object)) if blobs else []
        layers.append(
            SourceLayer(
                name=row["name"],
                file=row["file"],
                crs=row["crs"],
                geometry=geometry,
                ids=tuple(row["ids"]),
                fields={name: _unpack(data, packed) for name, packed in row["fields"].items()},
                warnings=tuple(row["warnings"]),
            )
        )
    xrefs = tuple((str(name), str(digest)) for name, digest in content["xrefs"])
    drawing = None if content["drawing"] is None else _drawing(content["drawing"])
    return Parcel(str(content["reader"]), layers, drawing, xrefs)


def _get(data: bytes, place: Sequence[Any]) -> "np.ndarray[Any, np.dtype[Any]]":
    start, count, kind = place
    return np.frombuffer(data, dtype=np.dtype(kind), count=count, offset=start)


def _unpack(data: bytes, packed: dict[str, Any]) -> list[Any]:
    if "floats" in packed:
        return list(_get(data, packed["floats"]).tolist())
    if "gaps" in packed:
        return [None if value != value else value for value in _get(data, packed["gaps"]).tolist()]
    if "codes" in packed:
        values = packed["list"]
        return [values[code] for code in _get(data, packed["codes"]).tolist()]
    return list(packed["as"])


def _drawing(plain: dict[str, Any]) -> Drawing:
    return Drawing(
        version=plain["version"],
        codepage=plain["codepage"],
        unit=plain["unit"],
        recovered=plain["recovered"],
        layers={row["name"]: CadLayer(**row) for row in plain["layers"]},
        left_out=tuple(LeftOut(**{**row, "bounds": _bounds(row["bounds"])}) for row in plain["left_out"]),
        tables=tuple(
            TableGrid(**{**row, "cells": tuple(tuple(cells) for cells in row["cells"])}) for row in plain["tables"]
        ),
        fonts=plain["fonts"],
    )


def _bounds(given: Sequence[float] | None) -> tuple[float, float, float, float] | None:
    if given is None:
        return None
    west, south, east, north = given
    return west, south, east, north
