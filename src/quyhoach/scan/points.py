"""Control points of a scan: where a point lies in the picture and where it truly lies; read from TOML or CSV.

Columns count to the right and rows downwards from the picture's upper left corner, the middle of the first pixel at
(0.5, 0.5). True coordinates are north (X on Vietnamese papers) and east (Y), in metres.
"""

import csv
import io
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quyhoach.domain.coordinates import VIETNAM
from quyhoach.domain.errors import UsageError

MOST_POINTS = 500
MOST_BYTES = 1 << 20
_NAMES = {
    "name": ("name", "ten", "tên", "id", "stt", "diem", "điểm", "point"),
    "col": ("col", "column", "cot", "cột", "px", "pixelx", "pixel_x", "sourcex"),
    "row": ("row", "line", "hang", "hàng", "dong", "dòng", "py", "pixely", "pixel_y", "sourcey"),
    "north": ("north", "n", "bac", "bắc", "northing"),
    "east": ("east", "e", "dong_e", "đông", "easting"),
    "x": ("x", "mapx"),
    "y": ("y", "mapy"),
}


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One point: its place in the picture (pixels) and its true place (metres, E then N)."""

    name: str
    col: float
    row: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class PointFile:
    """Control points as a file gives them. `crs`: where the file says it. `outline`: corners clicked on the picture."""

    points: tuple[ControlPoint, ...]
    crs: str | None = None
    outline: tuple[tuple[float, float], ...] = ()


def read_points(path: Path) -> PointFile:
    """Read points.toml (tables `[[point]]` with col, row, north, east; also crs, outline) or a CSV with those columns.

    Columns may be called X and Y: which is the northing is told by where a place in Viet Nam can lie. Raises
    UsageError naming the point that can't be read."""
    if not path.is_file():
        raise UsageError("scan-points-missing", file=path.name)
    if path.stat().st_size > MOST_BYTES:
        raise UsageError("scan-points-unreadable", file=path.name, reason=f"> {MOST_BYTES >> 20} MB")
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if path.suffix.casefold() == ".toml":
            return _from_toml(path.name, tomllib.loads(text))
        return PointFile(_points(path.name, _csv_rows(text)))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, csv.Error) as error:
        raise UsageError("scan-points-unreadable", file=path.name, reason=str(error)[:200]) from error


def _from_toml(file: str, raw: Mapping[str, Any]) -> PointFile:
    unknown = sorted(set(raw) - {"crs", "point", "outline"})
    if unknown:
        raise UsageError("scan-points-unreadable", file=file, reason=unknown[0])
    rows = raw.get("point", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError("scan-points-unreadable", file=file, reason="point")
    crs = raw.get("crs")
    try:
        outline = tuple((float(col), float(row)) for col, row in raw.get("outline", ()))
    except (TypeError, ValueError):
        raise UsageError("scan-points-unreadable", file=file, reason="outline") from None
    if outline and len(outline) < 3:
        raise UsageError("scan-points-unreadable", file=file, reason="outline")
    return PointFile(_points(file, rows), str(crs) if crs else None, outline)


def _csv_rows(text: str) -> list[dict[str, Any]]:
    """Rows of a CSV parted by comma, semicolon or tab; lines beginning with # (QGIS's .points) are passed over."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    head = lines[0] if lines else ""
    delimiter = max(";\t,", key=head.count)
    rows = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    return [dict(row) for _, row in zip(range(MOST_POINTS + 1), rows, strict=False)]


def _points(file: str, rows: Iterable[Mapping[str, Any]]) -> tuple[ControlPoint, ...]:
    points = []
    for number, row in enumerate(rows, start=1):
        if number > MOST_POINTS:
            raise UsageError("scan-points-too-many", file=file, limit=MOST_POINTS)
        plain = {str(key).strip().casefold(): value for key, value in row.items() if key is not None}
        name = str(_find(plain, "name") or number)[:60]
        col, line = _number(file, name, plain, "col"), _number(file, name, plain, "row")
        if "sourcey" in plain:  # QGIS counts rows of a picture upwards, from zero down to minus the height
            line = -line
        east, north = _place(file, name, plain)
        points.append(ControlPoint(name, col, line, east, north))
    return tuple(points)


def _place(file: str, name: str, row: Mapping[str, Any]) -> tuple[float, float]:
    """E and N. Under the names X and Y the magnitudes decide: X is the northing on Vietnamese papers, the easting in
    software."""
    if _find(row, "north") is not None or _find(row, "east") is not None:
        return _number(file, name, row, "east"), _number(file, name, row, "north")
    x, y = _number(file, name, row, "x"), _number(file, name, row, "y")
    options = [(y, x), (x, y)]
    possible = [
        (east, north)
        for east, north in options
        if VIETNAM.east[0] <= east <= VIETNAM.east[1] and VIETNAM.north[0] <= north <= VIETNAM.north[1]
    ]
    if len(possible) != 1:
        raise UsageError("scan-point-axes", file=file, point=name)
    return possible[0]


def _find(row: Mapping[str, Any], key: str) -> Any:
    return next((row[name] for name in _NAMES[key] if row.get(name) not in (None, "")), None)


def _number(file: str, name: str, row: Mapping[str, Any], key: str) -> float:
    value = _find(row, key)
    if isinstance(value, str):
        value = value.strip().replace(" ", "")
        if value.count(",") == 1 and "." not in value:
            value = value.replace(",", ".")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise UsageError("scan-point-number", file=file, point=name, field=key) from None
    if not math.isfinite(number) or abs(number) > 1e8:
        raise UsageError("scan-point-number", file=file, point=name, field=key)
    return number
