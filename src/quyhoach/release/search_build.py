"""Writes `search.db`: names of plans and places, labels of lots, numbers of parcels; equal input, equal bytes.

Building is split as the compiler caches it: `search_rows` runs once per version and gives plain JSON values,
`write_search` joins the rows of all versions. What is asked of it is in release/search.py.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.coordinates import VIETNAM, Extents
from quyhoach.domain.plan import Province
from quyhoach.domain.zone import VersionContent
from quyhoach.release.label_points import label_points
from quyhoach.release.shapes import polygonal
from quyhoach.standard import Standard, Unit, fold

ToLonLat = Callable[[Any, Any], tuple[Any, Any]]
Rows = Mapping[str, Any]

SCHEMA = 1
_DECIMALS = 6  # of degrees: a decimetre
_STATUS_ORDER = {"in_force": 0, "pending": 1, "superseded": 2}
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE plans (place INTEGER PRIMARY KEY, facts TEXT);
CREATE TABLE places (place INTEGER PRIMARY KEY, facts TEXT);
CREATE TABLE lots (key TEXT, place INTEGER, plan INTEGER, label TEXT, zone TEXT, function TEXT, lon REAL, lat REAL,
  PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TABLE parcels (lot TEXT, sheet TEXT, place INTEGER, commune TEXT, number TEXT, map TEXT, area REAL, lon REAL,
  lat REAL, plan INTEGER, PRIMARY KEY (lot, sheet, place)) WITHOUT ROWID;
"""


def label_key(text: str) -> str:
    """What is compared of a label or number: letters and digits alone, "OM - 12" is "om12"."""
    return re.sub(r"[\W_]+", "", fold(text))


def number_key(text: str) -> str:
    """The same for sheets and parcels, without leading zeros."""
    return label_key(text).lstrip("0")


def search_rows(content: VersionContent, standard: Standard, to_wgs84: ToLonLat) -> dict[str, Any]:
    """What can be found of one version, as plain JSON values. `to_wgs84` turns arrays E, N into lon, lat."""
    version = content.version
    keyed = [(key, zone) for zone in content.zones if (key := label_key(zone.label))]
    lots = [zone for _, zone in keyed]
    zone_points = _lonlat(polygonal([zone.geometry for zone in lots]), to_wgs84)
    parcel_points = _lonlat(polygonal([parcel.geometry for parcel in content.parcels]), to_wgs84)
    return {
        "plan_id": content.plan.plan_id,
        "version": version.number,
        "status": version.status.value,
        "names": dict(sorted(content.plan.name.items())),
        "kind": content.plan.kind,
        "decision": version.decision.number if version.decision else "",
        **_where(content.outline, to_wgs84),
        "functions": _function_names({zone.function for zone in lots if zone.function}, standard),
        "lots": [
            [key, zone.label, zone.zone_id, zone.function, *point]
            for (key, zone), point in zip(keyed, zone_points, strict=True)
        ],
        "parcels": [
            [parcel.commune, parcel.sheet, parcel.lot, parcel.area_m2, *point]
            for parcel, point in zip(content.parcels, parcel_points, strict=True)
        ],
    }


def write_search(path: Path, rows: Sequence[Rows], province: Province, standard: Standard) -> None:
    """Write the index at `path` from the rows of all versions, given in the order of answers."""
    path.unlink(missing_ok=True)
    plans = _plans(rows)
    numbers = {plan["plan_id"]: number for number, plan in enumerate(plans)}
    communes = {row[0] for version in rows for row in version["parcels"]}
    functions: dict[str, Any] = {}
    for version in rows:
        functions.update(version["functions"])
    meta = {
        "schema": SCHEMA,
        "province": {"name": dict(province.name), "extent": province.extent},
        "functions": dict(sorted(functions.items())),
        "communes": {code: _names_of_commune(code, standard) for code in sorted(communes)},
        "grids": _grids(province, standard),
        "extents": asdict(_extents(province, standard)),
    }
    places = list(_places(province, standard))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # Fixed settings: the bytes must not depend on how this SQLite was built.
        db.executescript(
            "PRAGMA page_size=4096; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA encoding='UTF-8'"
        )
        db.executescript(_TABLES)
        db.execute("BEGIN")
        db.executemany("INSERT INTO meta VALUES (?, ?)", sorted((key, _json(value)) for key, value in meta.items()))
        db.executemany("INSERT INTO plans VALUES (?, ?)", [(n, _json(plan)) for n, plan in enumerate(plans)])
        db.executemany("INSERT INTO places VALUES (?, ?)", [(n, _json(place)) for n, place in enumerate(places)])
        db.executemany("INSERT INTO lots VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _lots(rows, numbers))
        db.executemany("INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _parcels(rows, numbers))
        db.execute("COMMIT")
        db.execute("VACUUM")


def _plans(rows: Sequence[Rows]) -> list[dict[str, Any]]:
    """One entry a plan: its best version says where it is; the decisions of all versions are searched."""
    plans: dict[str, dict[str, Any]] = {}
    for version in sorted(rows, key=lambda row: (_STATUS_ORDER.get(row["status"], 9), -row["version"])):
        entry = plans.setdefault(version["plan_id"], {**_plan_facts(version), "decisions": []})
        if version["decision"] and version["decision"] not in entry["decisions"]:
            entry["decisions"].append(version["decision"])
        if entry["lon"] is None:
            entry.update({key: version[key] for key in ("lon", "lat", "bbox")})
    order = {plan_id: place for place, plan_id in enumerate(dict.fromkeys(row["plan_id"] for row in rows))}
    return sorted(plans.values(), key=lambda plan: order[plan["plan_id"]])


def _plan_facts(version: Rows) -> dict[str, Any]:
    return {key: version[key] for key in ("plan_id", "names", "kind", "status", "lon", "lat", "bbox")}


def _lots(rows: Sequence[Rows], numbers: Mapping[str, int]) -> list[tuple[Any, ...]]:
    """Lots by key; a label that a better version of the plan has too is listed from that version alone."""
    order = sorted(range(len(rows)), key=lambda n: (_STATUS_ORDER.get(rows[n]["status"], 9), -rows[n]["version"]))
    owner: dict[tuple[str, str], int] = {}
    found = []
    for version in order:
        plan_id = rows[version]["plan_id"]
        number = numbers[plan_id]
        for key, label, zone, function, lon, lat in rows[version]["lots"]:
            if owner.setdefault((plan_id, key), version) == version:
                found.append((key, number, zone, label, function, lon, lat))
    found.sort(key=lambda lot: lot[:3])
    return [
        (key, place, number, label, zone, function, lon, lat)
        for place, (key, number, zone, label, function, lon, lat) in enumerate(found)
    ]


def _parcels(rows: Sequence[Rows], numbers: Mapping[str, int]) -> list[tuple[Any, ...]]:
    seen = set()
    found = []
    for version in sorted(rows, key=lambda row: (_STATUS_ORDER.get(row["status"], 9), -row["version"])):
        for commune, sheet, lot, area, lon, lat in version["parcels"]:
            if (commune, sheet, lot, lon, lat) not in seen:  # the same parcel of an earlier version
                seen.add((commune, sheet, lot, lon, lat))
                found.append(
                    (number_key(lot), number_key(sheet), commune, lot, sheet, area, lon, lat, version["plan_id"])
                )
    found.sort(key=lambda parcel: tuple("" if value is None else str(value) for value in parcel))
    return [
        (key, sheet_key, place, commune, lot, sheet, area, lon, lat, numbers[plan_id])
        for place, (key, sheet_key, commune, lot, sheet, area, lon, lat, plan_id) in enumerate(found)
    ]


def _places(province: Province, standard: Standard) -> Iterator[dict[str, Any]]:
    """Units of the province, today's first; old ones with what they are now, also where the province has merged."""
    units = [unit for unit in standard.units.values() if not unit.old and unit.province == province.code]
    today = {unit.code for unit in units}
    old = [
        unit
        for unit in standard.units.values()
        if unit.old
        and (unit.province == province.code or any(new.code in today for new, _ in standard.successors(unit.code)))
    ]
    for unit in sorted([*units, *old], key=lambda unit: (unit.old, unit.code)):
        now = [new for new, _ in standard.successors(unit.code)] if unit.old else []
        place = next((each for each in (unit, *now) if each.lon is not None), unit)
        parent = standard.units.get(f"old:{unit.parent}" if unit.old else unit.parent)
        yield {
            "code": unit.code,
            "old": unit.old,
            "name": unit.name,
            "bare": _bare(unit, standard),
            "now": [new.name for new in now],
            "split": len(now) > 1,
            "former": [] if unit.old else [former.name for former, _ in standard.former(unit.code)],
            "parent": parent.name if parent and parent.code != province.code else "",
            "lon": place.lon,
            "lat": place.lat,
        }


def _bare(unit: Unit, standard: Standard) -> str:
    """The name without its kind: "xã Chi Lăng" is "Chi Lăng"."""
    kind = standard.unit_kinds[unit.kind].name["vi"] if unit.kind in standard.unit_kinds else ""
    return unit.name.removeprefix(kind).strip() or unit.name


def _names_of_commune(code: str, standard: Standard) -> list[str]:
    """An old commune's name, and what it is now."""
    unit = standard.units.get(f"old:{code}") or standard.units.get(code)
    return [] if unit is None else [unit.name, *(new.name for new, _ in standard.successors(code))]


def _grids(province: Province, standard: Standard) -> list[list[Any]]:
    """[CRS, central meridian or null]: the province's own first, then those a paper here may be in."""
    own = int(province.crs.removeprefix("EPSG:"))
    zones = {zone.epsg: zone for zone in standard.crs_zones}
    # National zones (every 3°) are likelier than another province's own.
    near = sorted(zones.values(), key=lambda zone: (zone.central_meridian % 3 != 0, -zone.scale_factor, zone.epsg))
    others = [
        [f"EPSG:{zone.epsg}", zone.central_meridian, zone.scale_factor]
        for zone in near
        if own in zones and zone.epsg != own
    ]
    mine = zones.get(own)
    return [[province.crs, mine.central_meridian if mine else None, mine.scale_factor if mine else None], *others]


def _extents(province: Province, standard: Standard) -> Extents:
    """Where coordinates may lie: the country, or, elsewhere, the province and half its size around it."""
    if any(province.crs == f"EPSG:{zone.epsg}" for zone in standard.crs_zones):
        return VIETNAM
    west, south, east, north = province.extent
    edge = np.linspace(0.0, 1.0, 9)
    lon, lat = (grid.ravel() for grid in np.meshgrid(west + (east - west) * edge, south + (north - south) * edge))
    from pyproj import Transformer  # here, not above: a serving process has no use for it

    to_grid = Transformer.from_crs("EPSG:4326", province.crs, always_xy=True)
    x, y = to_grid.transform(lon, lat)
    return Extents(*(_padded(np.asarray(values)) for values in (lon, lat, x, y)))


def _padded(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    pad = (high - low) / 2
    return (low - pad, high + pad)


def _where(outline: BaseGeometry | None, to_wgs84: ToLonLat) -> dict[str, Any]:
    if outline is None or outline.is_empty:
        return {"lon": None, "lat": None, "bbox": None}
    ((lon, lat),) = _lonlat(polygonal([outline]), to_wgs84)
    west, south, east, north = outline.bounds
    x, y = to_wgs84(np.array([west, east, east, west]), np.array([south, south, north, north]))
    box = [float(min(x)), float(min(y)), float(max(x)), float(max(y))]
    return {"lon": lon, "lat": lat, "bbox": [round(value, _DECIMALS) for value in box]}


def _lonlat(shapes: NDArray[np.object_], to_wgs84: ToLonLat) -> list[tuple[float | None, float | None]]:
    """Label points in degrees; (None, None) for a shape that is empty."""
    points = label_points(shapes)
    known = np.asarray(np.isfinite(points).all(axis=1))
    lon, lat = np.full(len(points), np.nan), np.full(len(points), np.nan)
    if known.any():
        lon[known], lat[known] = to_wgs84(points[known, 0], points[known, 1])
    return [
        (x, y) if fine else (None, None)
        for x, y, fine in zip(
            np.round(lon, _DECIMALS).tolist(), np.round(lat, _DECIMALS).tolist(), known.tolist(), strict=True
        )
    ]


def _function_names(codes: set[str], standard: Standard) -> dict[str, dict[str, str]]:
    rows = {code: standard.land_use.get(code.casefold()) for code in sorted(codes)}
    return {code: dict(row.name) for code, row in rows.items() if row is not None}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
