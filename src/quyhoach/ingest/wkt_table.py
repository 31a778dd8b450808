"""JSON rows with a column of WKT or EWKT, as databases and the Swiss restriction cadastre give them."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.domain.source import SourceLayer

_KINDS = r"(?:POINT|LINESTRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION)"
_EWKT = re.compile(rf"\s*(?:SRID=(\d{{1,6}});)?\s*({_KINDS}\b.*)", re.IGNORECASE | re.DOTALL)


def is_table(path: Path) -> bool:
    """Whether a JSON file is a list of rows (a GeoJSON file is an object)."""
    with path.open("rb") as file:
        return file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def read_table(path: Path, name: str) -> list[SourceLayer]:
    """The rows as layers, one per SRID found (none: `crs` is None).

    The geometry column is the first whose text values are all WKT. Values that are objects or lists are kept as
    JSON text. Raises IngestError for JSON that can't be read, rows that are not objects, or no geometry column.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=lambda _: None)
    except (ValueError, RecursionError, UnicodeDecodeError) as error:
        raise IngestError("ingest-unreadable", file=path.name, reason=str(error)[:200]) from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise IngestError("ingest-no-geometry", file=path.name)
    column = _geometry_column(rows)
    if column is None:
        raise IngestError("ingest-no-geometry", file=path.name)
    names = sorted({key for row in rows for key in row} - {column})
    groups: dict[str | None, list[int]] = {}
    texts: list[str | None] = []
    for number, row in enumerate(rows):
        found = _EWKT.fullmatch(row[column]) if isinstance(row.get(column), str) else None
        texts.append(found[2] if found else None)
        crs = f"EPSG:{int(found[1])}" if found and found[1] else None
        groups.setdefault(crs, []).append(number)
    return [
        SourceLayer(
            name=name,
            file=path.name,
            crs=crs,
            geometry=_shapes([texts[number] for number in numbers]),
            ids=tuple(str(number + 1) for number in numbers),
            fields={key: [_plain(rows[number].get(key)) for number in numbers] for key in names},
            warnings=(),
        )
        for crs, numbers in sorted(groups.items(), key=lambda item: item[0] or "")
    ]


def _geometry_column(rows: list[dict[str, Any]]) -> str | None:
    for key in rows[0]:
        values = [row.get(key) for row in rows if row.get(key) is not None]
        if values and all(isinstance(value, str) and _EWKT.fullmatch(value) for value in values):
            return str(key)
    return None


def _shapes(texts: list[str | None]) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Shapes of the texts; one that GEOS can't read becomes None, which a later phase reports."""
    result = np.empty(len(texts), dtype=object)
    result[:] = shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore")
    return result


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value
