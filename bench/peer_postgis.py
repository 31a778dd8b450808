"""The peer to beat: the look-up as a good engineer writes it: FastAPI + asyncpg + PostGIS, the same fields.

It stands alone: tables of bench/rows.py, nothing of quyhoach. One SQL round trip a question, prepared and with a
generic plan; what hardly changes (plans, names of functions, themes) is read once at start. Run by
`uvicorn --factory bench.peer_postgis:make_app`, settings in the environment (BENCH_DSN, BENCH_NOTE).
"""

import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import orjson
from fastapi import FastAPI, HTTPException, Request, Response
from pyproj import Transformer

EPSG = 9215
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ZONE, RESTRICTION, COVERAGE, UNIT, CONFLICT, TOTAL = range(6)

POINT_SQL = f"""
select {ZONE} kind, version, zone_id id, label, function, area_m2, indicators::text doc,
       st_distance(st_exteriorring(geom), st_setsrid(st_makepoint($1, $2), {EPSG})) measure, null::text rule
  from zone
 where st_dwithin(geom, st_setsrid(st_makepoint($1, $2), {EPSG}), 0.001) and valid_from <= $3 and valid_to > $3
union all
select {RESTRICTION}, version, restriction_id, name, category, null, theme,
       st_distance(st_exteriorring(geom), st_setsrid(st_makepoint($1, $2), {EPSG})), rule
  from restriction
 where st_dwithin(geom, st_setsrid(st_makepoint($1, $2), {EPSG}), 0.001) and valid_from <= $3 and valid_to > $3
union all
select {COVERAGE}, null, theme, null, null, null, null, null, null
  from coverage
 where st_intersects(geom, st_setsrid(st_makepoint($1, $2), {EPSG})) and valid_from <= $3 and valid_to > $3
union all
select {UNIT}, null, code, name, null, null, former::text, null, null
  from unit
 where st_intersects(geom, st_setsrid(st_makepoint($1, $2), {EPSG}))
"""
POLYGON_SQL = f"""
with asked as materialized (select st_geomfromwkb($1, {EPSG}) geom),
parts as materialized (
  select z.version, z.zone_id, z.label, z.function, z.area_m2, z.indicators,
         case when st_covers(a.geom, z.geom) then z.geom else st_intersection(z.geom, a.geom) end part
    from zone z, asked a
   where st_intersects(z.geom, a.geom) and z.valid_from <= $2 and z.valid_to > $2),
zones as materialized (select *, st_area(part) shared from parts)
select {ZONE} kind, version, zone_id id, label, function, area_m2, indicators::text doc, shared measure,
       null::text rule
  from zones
union all
select {RESTRICTION}, r.version, r.restriction_id, r.name, r.category, null, r.theme,
       st_area(st_intersection(r.geom, a.geom)), r.rule
  from restriction r, asked a
 where st_intersects(r.geom, a.geom) and r.valid_from <= $2 and r.valid_to > $2
union all
select {COVERAGE}, null, c.theme, null, null, null, null, null, null
  from coverage c, asked a
 where st_intersects(c.geom, a.geom) and c.valid_from <= $2 and c.valid_to > $2
 group by c.theme, a.geom
having bool_or(st_covers(c.geom, a.geom)) or st_area(st_union(st_intersection(c.geom, a.geom))) >= st_area(a.geom) - 1
union all
select {CONFLICT}, null, x.zone_id, y.zone_id, null, null, null, null, null
  from zones x join zones y on x.zone_id < y.zone_id and st_intersects(x.part, y.part)
 where st_area(st_intersection(x.part, y.part)) >= 1
union all
select {TOTAL}, null, null, null, null, st_area(a.geom), null, st_area(a.geom) - coalesce((
         select case when count(distinct version) = 1 then sum(shared) else st_area(st_union(part)) end
           from zones where shared >= 1), 0), null
  from asked a
"""


@dataclass(frozen=True, slots=True)
class Registry:
    """What hardly changes, kept in memory: versions by number, functions, themes, plan kinds, the office."""

    versions: dict[int, dict[str, Any]]
    order: dict[int, tuple[int, str]]
    functions: dict[str, dict[str, Any]]
    themes: tuple[str, ...]
    themes_of: dict[int, tuple[str, ...]]
    ask: dict[str, Any]
    note: str


async def read_registry(pool: asyncpg.Pool) -> Registry:
    """Read plans and terms once."""
    versions = {row["id"]: orjson.loads(row["doc"]) for row in await pool.fetch("select id, doc::text from registry")}
    terms: dict[str, dict[str, Any]] = {"function": {}, "theme": {}, "kind": {}, "ask": {}}
    for row in await pool.fetch("select kind, code, doc::text from term"):
        terms[row["kind"]][row["code"]] = orjson.loads(row["doc"])
    kinds = terms["kind"]
    return Registry(
        versions,
        {key: (kinds[v["kind"]]["rank"], v["plan_id"]) for key, v in versions.items()},
        terms["function"],
        tuple(sorted(terms["theme"], key=lambda code: terms["theme"][code]["order"])),
        {key: tuple(kinds[v["kind"]]["themes"]) for key, v in versions.items()},
        terms["ask"][""],
        os.environ.get("BENCH_NOTE", ""),
    )


async def _keep_session(connection: asyncpg.Connection) -> None:
    """No statement of ours changes the session, so returning a connection needs no round trip to reset it."""


def make_app() -> FastAPI:
    """The application; reads BENCH_DSN."""
    to_projected = Transformer.from_crs("EPSG:4326", f"EPSG:{EPSG}", always_xy=True).transform

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            os.environ["BENCH_DSN"], min_size=4, max_size=8, reset=_keep_session
        ) as app.state.pool:
            app.state.registry = await read_registry(app.state.pool)
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/api/v1/lookup")
    async def by_point(lon: float, lat: float, request: Request, on: str = "") -> Response:
        east, north = to_projected(lon, lat)
        day = _day(on)
        rows = await request.app.state.pool.fetch(POINT_SQL, east, north, int(day.replace("-", "")))
        registry = request.app.state.registry
        answer = {
            "at": {
                "lon": lon,
                "lat": lat,
                "vn2000": {"epsg": EPSG, "north": round(north, 3), "east": round(east, 3)},
            },
            "on": day,
            "release": "bench",
            "unit": next((_unit(row) for row in rows if row["kind"] == UNIT), None),
            **_findings(registry, rows, _edge),
            "parcels": [],
        }
        return Response(orjson.dumps(answer), media_type="application/json")

    @app.post("/api/v1/lookup")
    async def by_polygon(request: Request, on: str = "") -> Response:
        from shapely import to_wkb, transform
        from shapely.geometry import shape

        body = orjson.loads(await request.body())
        try:
            asked = transform(shape(body.get("geometry", body)), to_projected, interleaved=False)  # type: ignore[arg-type]
        except (AttributeError, KeyError, TypeError, ValueError):
            raise HTTPException(422, "not a GeoJSON polygon") from None
        if asked.geom_type not in ("Polygon", "MultiPolygon") or not asked.is_valid:
            raise HTTPException(422, "not a valid polygon")
        day = _day(on)
        rows = await request.app.state.pool.fetch(POLYGON_SQL, to_wkb(asked), int(day.replace("-", "")))
        total = next(row for row in rows if row["kind"] == TOTAL)
        parts = [row for row in rows if row["kind"] not in (ZONE, RESTRICTION) or row["measure"] >= 1]
        slivers = [row["measure"] for row in rows if row["kind"] == ZONE and 0 < row["measure"] < 1]
        answer = {
            "area_m2": round(total["area_m2"], 1),
            "on": day,
            "release": "bench",
            **_findings(request.app.state.registry, parts, _share(total["area_m2"])),
            "uncovered_m2": round(max(total["measure"], 0), 1),
            "slivers_left_out": {"count": len(slivers), "area_m2": round(sum(slivers), 3)},
        }
        return Response(orjson.dumps(answer), media_type="application/json")

    return app


def _day(on: str) -> str:
    try:
        return (datetime.fromisoformat(on) if on else datetime.now(HANOI)).date().isoformat()
    except ValueError:
        raise HTTPException(422, "not a date") from None


def _unit(row: Any) -> dict[str, Any]:
    return {"code": row["id"], "name": row["label"], "former": orjson.Fragment(row["doc"])}


def _edge(row: Any) -> dict[str, Any]:
    return {"edge_distance_m": round(row["measure"], 3)}


def _share(area: float) -> Any:
    def measure(row: Any) -> dict[str, Any]:
        return {"shared_m2": round(row["measure"], 1), "share_pct": round(100 * row["measure"] / area, 2)}

    return measure


def _findings(registry: Registry, rows: Sequence[Any], measure: Any) -> dict[str, Any]:
    """The members that point and polygon share."""
    zones = sorted(
        (row for row in rows if row["kind"] == ZONE), key=lambda row: (registry.order[row["version"]], row["id"])
    )
    restrictions = sorted((row for row in rows if row["kind"] == RESTRICTION), key=lambda row: row["id"])
    applies = {theme for row in zones for theme in registry.themes_of[row["version"]]}
    applies.update(row["doc"] for row in restrictions)
    covered = {row["id"] for row in rows if row["kind"] == COVERAGE}
    return {
        "zones": [
            {
                "zone_id": row["id"],
                **registry.versions[row["version"]],
                "label": row["label"],
                "function": registry.functions.get(row["function"]),
                "indicators": orjson.Fragment(row["doc"]),
                "area_m2": row["area_m2"],
                **measure(row),
            }
            for row in zones
        ],
        "restrictions": [
            {
                "restriction_id": row["id"],
                **registry.versions[row["version"]],
                "theme": row["doc"],
                "name": row["label"],
                "category": row["function"],
                "rule": row["rule"],
                **measure(row),
            }
            for row in restrictions
        ],
        "themes": {
            theme: "applies" if theme in applies else "not_affected" if theme in covered else "no_data"
            for theme in registry.themes
        },
        "pending": [],  # the bench's data have none of these; ours looks for them all the same
        "not_digitised": [],
        "conflicts": list(_conflicts(registry, rows, zones, measure is _edge)) if len(zones) > 1 else [],
        "ask": registry.ask,
        "note": registry.note,
    }


def _conflicts(
    registry: Registry, rows: Sequence[Any], zones: Sequence[Any], at_point: bool
) -> Iterable[dict[str, Any]]:
    """Zones that lie on each other and disagree: of one plan, or of two land-use plans and of different groups."""
    if at_point:  # neighbours that share an edge there do not lie on each other
        pairs = list(combinations([row for row in zones if row["measure"] > 0.001], 2))
    else:
        by_id = {row["id"]: row for row in zones}
        pairs = [(by_id[row["id"]], by_id[row["label"]]) for row in rows if row["kind"] == CONFLICT]
    for first, second in pairs:
        ids = [first["id"], second["id"]]
        if first["version"] == second["version"]:
            yield {"code": "lots_overlap", "zones": ids}
        elif all("land_use" in registry.themes_of[row["version"]] for row in (first, second)):
            groups = {(registry.functions.get(row["function"]) or {}).get("group") for row in (first, second)}
            if len(groups) == 2 and None not in groups:
                yield {"code": "function_differs", "zones": ids}
