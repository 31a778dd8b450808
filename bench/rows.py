"""The same rows in PostGIS: what the hand-written peer reads, from the world that also made the workspace."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from bench.generate import CRS, GENERATOR, Indicator, Lots, PlanData, World
from bench.postgres import Cluster
from quyhoach.standard import Standard

SRID = int(CRS.removeprefix("EPSG:"))
OPEN = 99999999
PIECE = 64  # vertices: large polygons are stored in pieces, so that a look-up reads little (what ST_Subdivide is for)
SCHEMA = """
create table registry (id int primary key, doc jsonb not null);
create table term (kind text not null, code text not null, doc jsonb not null, primary key (kind, code));
create table zone (id int generated always as identity primary key, zone_id text not null unique, version int not null,
    valid_from int not null, valid_to int not null, label text not null, function text,
    area_m2 double precision not null, indicators jsonb not null, geom geometry(Polygon, {srid}) not null);
create table restriction (id int generated always as identity primary key, restriction_id text not null unique,
    version int not null, valid_from int not null, valid_to int not null, theme text not null, name text not null,
    category text not null, rule text not null, geom geometry(Polygon, {srid}) not null);
create table coverage (theme text not null, valid_from int not null, valid_to int not null,
    geom geometry(Polygon, {srid}) not null);
create table unit (code text not null, name text not null, former jsonb not null,
    geom geometry(Polygon, {srid}) not null);
"""
INDEXES = """
create index on zone using gist (geom);
create index on restriction using gist (geom);
create index on coverage using gist (geom);
create index on unit using gist (geom);
vacuum analyze;
checkpoint;
"""


def is_loaded(cluster: Cluster, database: str, standard: Standard) -> bool:
    """Whether `database` is there, whole, of today's generator and standard."""
    return asyncio.run(_is_loaded(cluster, database, standard))


def load(cluster: Cluster, database: str, world: World, standard: Standard, progress: Callable[[str], None]) -> None:
    """Load the world into `database`, made anew."""
    asyncio.run(_load(cluster, database, world, standard, progress))


async def _is_loaded(cluster: Cluster, database: str, standard: Standard) -> bool:
    import asyncpg

    connection = await asyncpg.connect(cluster.dsn("postgres"))
    try:
        question = "select shobj_description(oid, 'pg_database') from pg_database where datname = $1"
        return bool(await connection.fetchval(question, database) == _stamp(standard))
    finally:
        await connection.close()


async def _load(
    cluster: Cluster, database: str, world: World, standard: Standard, progress: Callable[[str], None]
) -> None:
    import asyncpg

    connection = await asyncpg.connect(cluster.dsn("postgres"))
    await connection.execute(f"drop database if exists {database}")
    await connection.execute(f"create database {database}")
    await connection.close()
    connection = await asyncpg.connect(cluster.dsn(database))
    try:
        await connection.execute("create extension postgis")
        await connection.execute(SCHEMA.format(srid=SRID))
        await connection.set_type_codec("geometry", schema="public", encoder=_ewkb, decoder=bytes, format="binary")
        await _copy(connection, "term", "kind code doc", _terms(world, standard))
        for number, data in enumerate(world.plans, 1):
            await _copy_plan(connection, number, data, standard)
            if number % 100 == 0 or number == len(world.plans):
                progress(f"PostGIS: {number} of {len(world.plans)} plans")
        await _copy(connection, "unit", "code name former geom", _units(world, standard))
        for statement in filter(str.strip, INDEXES.split(";")):
            await connection.execute(statement)
        await connection.execute(f"comment on database {database} is '{_stamp(standard)}'")
    finally:
        await connection.close()


def _stamp(standard: Standard) -> str:
    return f"generator {GENERATOR}, standard {standard.digest}"


async def _copy(connection: Any, table: str, columns: str, records: list[tuple[object, ...]]) -> None:
    await connection.copy_records_to_table(table, records=records, columns=columns.split())


async def _copy_plan(connection: Any, number: int, data: PlanData, standard: Standard) -> None:
    version = data.plan.versions[0]
    start = _day(version.valid_from)
    await _copy(connection, "registry", "id doc", [(number, _text(plan_members(data, standard)))])
    if data.lots is not None:
        lots = data.lots
        zones: list[tuple[object, ...]] = [
            (
                f"{version.version_id}/{label}",
                number,
                start,
                OPEN,
                label,
                function,
                area,
                _text(indicators(lots, i)),
                shape,
            )
            for i, (label, function, area, shape) in enumerate(
                zip(lots.label, lots.function, lots.area_m2, lots.geometry, strict=True)
            )
        ]
        columns = "zone_id version valid_from valid_to label function area_m2 indicators geom"
        await _copy(connection, "zone", columns, zones)
    if data.overlays is not None:
        o = data.overlays
        rows: list[tuple[object, ...]] = [
            (f"{version.version_id}/{key}", number, start, OPEN, theme, name, category, rule, shape)
            for key, theme, name, category, rule, shape in zip(
                o.key, o.theme, o.name, o.category, o.rule, o.geometry, strict=True
            )
        ]
        columns = "restriction_id version valid_from valid_to theme name category rule geom"
        await _copy(connection, "restriction", columns, rows)
    pieces: list[tuple[object, ...]] = [
        (theme, start, OPEN, piece) for theme, area in data.coverage for piece in subdivide(area)
    ]
    await _copy(connection, "coverage", "theme valid_from valid_to geom", pieces)


def plan_members(data: PlanData, standard: Standard) -> dict[str, object]:
    """The members that every zone of the plan's version shares (schemas §4), with what the peer needs to sort them."""
    plan, version = data.plan, data.plan.versions[0]
    drawing_m = standard.accuracy["drawing_mm"].value * plan.scale / 1000
    assert version.decision is not None
    assert version.decision.date is not None
    assert version.valid_from is not None
    return {
        "plan_id": plan.plan_id,
        "plan_name": plan.name["vi"],
        "version": version.number,
        "kind": plan.kind,
        "scale": plan.scale,
        "decision": {
            "number": version.decision.number,
            "date": version.decision.date.isoformat(),
            "authority": version.decision.authority,
            "document": None,
        },
        "status": str(version.status),
        "valid_from": version.valid_from.isoformat(),
        "valid_to": None,
        "attested": version.attested is not None,
        "illustrative": plan.illustrative,
        "accuracy_m": round(drawing_m + standard.accuracy["transformation_m"].value, 2),
    }


def indicators(lots: Lots, i: int) -> dict[str, object]:
    """The indicators of lot `i` as the answer shows them."""
    shown: dict[str, object] = {}
    for name, entry, unit in (
        ("density", lots.density[i], "%"),
        ("storeys", lots.storeys[i], ""),
        ("far", lots.far[i], ""),
    ):
        if entry is not None:
            shown[name] = _indicator(entry, unit)
    people = lots.population[i]
    if people is not None:
        shown["population"] = {"raw": str(people), "min": people, "max": people}
    return shown


def _indicator(entry: Indicator, unit: str) -> dict[str, object]:
    shown: dict[str, object] = {"raw": entry.raw, "min": entry.low, "max": entry.high}
    return {**shown, "unit": unit} if unit else shown


def _terms(world: World, standard: Standard) -> list[tuple[object, ...]]:
    """Names of functions, the themes and plan kinds in their order, the office to ask."""
    rows: list[tuple[object, ...]] = []
    for function in standard.land_use.values():
        doc = {"code": function.code, "name": function.name["vi"], "group": function.group}
        rows.append(("function", function.code, _text(doc)))
    for theme in standard.themes.values():
        rows.append(("theme", theme.code, _text({"order": theme.order})))
    for kind in standard.plan_kinds.values():
        rows.append(("kind", kind.code, _text({"rank": kind.rank, "themes": list(kind.themes)})))
    office = world.province.offices[0]
    ask = {"office": office.name["vi"], "phone": office.phone, "email": office.email, "address": office.address}
    return [*rows, ("ask", "", _text(ask))]


def _units(world: World, standard: Standard) -> list[tuple[object, ...]]:
    return [
        (code, name, _text(former_names(code, standard)), piece)
        for code, name, shape in world.units
        for piece in subdivide(shape)
    ]


def former_names(code: str, standard: Standard) -> list[str]:
    """Names of the units that today's unit `code` was made of."""
    return [unit.name for unit, _ in standard.former(code)]


def subdivide(area: BaseGeometry) -> list[BaseGeometry]:
    """The polygons of `area`, halved along their longer side until none has more than PIECE vertices."""
    work, done = list(shapely.get_parts(area)), []
    while work:
        part = work.pop()
        if shapely.get_num_coordinates(part) <= PIECE:
            done.append(part)
            continue
        west, south, east, north = part.bounds
        if east - west > north - south:
            middle = (west + east) / 2
            halves = ((west, south, middle, north), (middle, south, east, north))
        else:
            middle = (south + north) / 2
            halves = ((west, south, east, middle), (west, middle, east, north))
        for half in halves:
            parts = shapely.get_parts(shapely.intersection(part, shapely.box(*half)))
            work += [piece for piece in parts if piece.geom_type == "Polygon"]
    return done


def _day(day: Any) -> int:
    return int(day.strftime("%Y%m%d"))


def _ewkb(shape: BaseGeometry) -> bytes:
    return bytes(shapely.to_wkb(shapely.set_srid(shape, SRID), include_srid=True))


def _text(document: Mapping[str, object] | list[str]) -> str:
    return json.dumps(document, ensure_ascii=False)
