"""`/api/v1/openapi.json`: every route, its parameters and answers. Tests hold it to the routes and to real answers."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import quyhoach.lookup

Schema = dict[str, Any]
ANSWER_SCHEMA = Path(quyhoach.lookup.__file__).parent / "answer.schema.json"

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_DAY_OR_NULL: Schema = {"type": ["string", "null"], "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_NAMES: Schema = {"type": "object", "required": ["vi"], "additionalProperties": _TEXT}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """An object with exactly these members, all of them there but the optional ones."""
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
        "properties": properties,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_DOCUMENT = _object({"file": _TEXT_OR_NULL, "kind": _TEXT, "title": _TEXT, "media_type": _TEXT, "url": _TEXT_OR_NULL})
_SCAN = _object(
    {
        "file": _TEXT_OR_NULL,
        "title": _TEXT,
        "corners": _list(_list({"type": "number"})),
        "residual_m": {"type": ["number", "null"]},
        "url": _TEXT_OR_NULL,
    }
)
_LEGAL_ACT: Schema = {
    "type": ["object", "null"],
    "required": ["number", "date", "authority", "document", "url"],
    "properties": {
        "number": _TEXT,
        "date": _DAY_OR_NULL,
        "authority": _TEXT,
        "title": _TEXT,
        "document": _TEXT_OR_NULL,
        "file": _TEXT_OR_NULL,
        "url": _TEXT_OR_NULL,
    },
}
_VERSION = _object(
    {
        "version": _WHOLE,
        "version_id": _TEXT,
        "kind": {"enum": ["new", "overall", "local", "correction"]},
        "status": {"enum": ["pending", "in_force", "superseded", "withdrawn", "corrected"]},
        "valid_from": _DAY_OR_NULL,
        "valid_to": _DAY_OR_NULL,
        "digitised": {"type": "boolean"},
        "corrects": {"type": ["integer", "null"]},
        "replaces": _list(_TEXT),
        "decision": _LEGAL_ACT,
        "attested_on": _DAY_OR_NULL,
        "package": _TEXT_OR_NULL,
        "documents": _list(_DOCUMENT),
        "scans": _list(_SCAN),
    }
)
_PLAN = _object(
    {
        "release": _TEXT,
        "plan_id": _TEXT,
        "name": _NAMES,
        "kind": _TEXT,
        "level": _TEXT,
        "scale": _WHOLE,
        "horizon": {"type": ["integer", "null"]},
        "places": _list(_object({"code": _TEXT, "old": {"type": "boolean"}, "name": _TEXT})),
        "bodies": {"type": "object", "additionalProperties": _list(_TEXT)},
        "codes": {"type": "object", "additionalProperties": _TEXT},
        "illustrative": {"type": "boolean"},
        "versions": _list(_VERSION),
        "diffs": _list(_object({"from": _WHOLE, "to": _WHOLE, "url": _TEXT})),
    },
    optional=("release",),
)
_NAMED: dict[str, Schema] = {"code": _TEXT, "name": _TEXT}
_LOOK: dict[str, Schema] = {"colour": {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}, "pattern": _TEXT}
_LEGEND = _object(
    {
        "lang": {"enum": ["vi", "en"]},
        "groups": _list(_object({**_NAMED, **_LOOK, "functions": _list(_object({**_NAMED, **_LOOK, "list": _TEXT}))})),
        "kinds": _list(_object({**_NAMED, "rank": _WHOLE, "zooms": _list(_WHOLE)})),
        "themes": _list(_object(_NAMED)),
    }
)
_RELEASE = _object(
    {
        "release": _TEXT,
        "schema": _WHOLE,
        "built_at": _TEXT,
        "first_day": _DAY_OR_NULL,
        "today": _DAY_OR_NULL,
        "plans": _WHOLE,
        "province": _object(
            {"code": _TEXT, "name": _NAMES, "crs": _TEXT, "extent": {**_list({"type": "number"}), "minItems": 4}}
        ),
        "tiles": {"type": "object", "additionalProperties": _TEXT},
    }
)
_PROBLEM = _object(
    {
        "type": _TEXT,
        "title": _TEXT,
        "status": _WHOLE,
        "detail": _TEXT,
        "code": _TEXT,
        "name": {"type": "string", "description": "the parameter that is wrong"},
        "suggest": {**_list(_WHOLE), "description": "EPSG codes in which the place would lie in the province"},
        "retry_after": _WHOLE,
    },
    optional=("name", "suggest", "retry_after"),
)
_SQUARE_METRES: Schema = {"type": "number", "minimum": 0}
_SIDE = _object(
    {
        "version_id": _TEXT,
        "version": _WHOLE,
        "kind": _TEXT,
        "status": _TEXT,
        "valid_from": _DAY_OR_NULL,
        "decision": _TEXT_OR_NULL,
    }
)
_LOT_CHANGE = _object(
    {
        "code": {
            "enum": [
                *("function_changed", "indicators_changed", "boundary_changed", "renamed"),
                *("added", "removed", "split", "merged", "rearranged"),
            ]
        },
        "label": _TEXT,
        "before": _list(_TEXT),
        "after": _list(_TEXT),
        "params": {"type": "object"},
    }
)
_AREAS = ("before_m2", "after_m2", "gained_m2", "lost_m2")
_DIFF = _object(
    {
        "release": _TEXT,
        "schema": _WHOLE,
        "plan_id": _TEXT,
        "kind": {"enum": ["change", "correction"]},
        "from": _SIDE,
        "to": _SIDE,
        "partial": {"type": "boolean"},
        "area_m2": _object({"before": _SQUARE_METRES, "after": _SQUARE_METRES}),
        "functions": _list(_object({"function": _TEXT_OR_NULL, **dict.fromkeys(_AREAS, _SQUARE_METRES)})),
        "lots": _list(_LOT_CHANGE),
        "unchanged": _WHOLE,
        "names": {"type": "object", "additionalProperties": _NAMES},
        "sentences": _list(_TEXT),
    }
)
_SEARCH = _object({"release": _TEXT, "q": _TEXT, "count": _WHOLE, "results": _list({"type": "object"})})
_PLANS = _object({"release": _TEXT, "kinds": _list(_TEXT), "count": _WHOLE, "plans": _list(_ref("plan"))})
_HEALTH = _object({"status": {"const": "ok"}, "release": _TEXT})
_POLYGON: Schema = {
    "description": "Polygon or MultiPolygon, or one Feature with it; at most 1 MB, 20 000 vertices, 100 km²",
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"enum": ["Polygon", "MultiPolygon", "Feature", "FeatureCollection"]}},
}


def _parameter(name: str, about: str, schema: Schema = _TEXT, place: str = "query") -> Schema:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "description": about, "schema": schema, **required}


_LANG = _parameter("lang", "language of names and sentences", {"enum": ["vi", "en"], "default": "vi"})
_RELEASE_ID = _parameter("release", "id of a published release; without it, the current one")
_ON = _parameter(
    "on", "date asked (what was in force); without it, today in Viet Nam", {"type": "string", "format": "date"}
)
_CRS = _parameter("crs", "9215 or EPSG:9215: the province's own, WGS 84 (4326), or any VN-2000 zone")
_POINT = [
    _parameter("lon", "longitude, WGS 84", {"type": "number"}),
    _parameter("lat", "latitude, WGS 84", {"type": "number"}),
    _parameter("x", "first coordinate in `crs`; either order", {"type": "number"}),
    _parameter("y", "second coordinate in `crs`", {"type": "number"}),
]
_PLAN_ID = _parameter("plan", "plan_id", place="path")


def _json(schema: Schema, about: str = "the answer") -> Schema:
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def _file(media: str, about: str) -> Schema:
    return {"description": about, "content": {media: {"schema": {"type": "string", "format": "binary"}}}}


def _bare(about: str) -> Schema:
    return {"description": about}


def _get(about: str, parameters: list[Schema], answers: dict[str, Schema], **more: Any) -> Schema:
    wrong = {"description": "a problem document", "content": {"application/problem+json": {"schema": _ref("problem")}}}
    return {"summary": about, "parameters": parameters, "responses": {**answers, "default": wrong}, **more}


def _paths() -> dict[str, Any]:
    unchanged = {"304": _bare("the client has it already (If-None-Match)")}
    named = [_RELEASE_ID, _LANG]
    zxy = [_parameter(name, f"tile {name}", _WHOLE, "path") for name in "zxy"]
    name = _parameter("name", "name of the tile set: `plans`", place="path")
    release = _parameter("release", "release id", place="path")
    tile = {
        "200": _file("application/vnd.mapbox-vector-tile", "the tile, gzipped"),
        "204": _bare("nothing to draw"),
        **unchanged,
    }
    body = {"required": True, "content": {"application/geo+json": {"schema": _ref("polygon")}}}
    return {
        "/api/v1/lookup": {
            "get": _get(
                "What is planned at a point",
                [*_POINT, _CRS, _ON, *named],
                {"200": _json(_ref("pointAnswer")), **unchanged},
            ),
            "post": _get(
                "What is planned in a polygon",
                [_CRS, _ON, *named],
                {"200": _json(_ref("areaAnswer"))},
                requestBody=body,
            ),
        },
        "/api/v1/parcels/{commune}/{sheet}/{lot}": {
            "get": _get(
                "What is planned in a cadastral parcel: m² and % per zone",
                [
                    _parameter("commune", "code of the commune before 1 July 2025", place="path"),
                    _parameter("sheet", "number of the map sheet", place="path"),
                    _parameter("lot", "number of the parcel", place="path"),
                    _ON,
                    *named,
                ],
                {"200": _json(_ref("areaAnswer")), **unchanged},
            )
        },
        "/api/v1/search": {
            "get": _get(
                "Plans, places, lots, parcels, coordinates by text; with or without diacritics",
                [_parameter("q", "the text"), _parameter("limit", "at most so many (1–50)", _WHOLE), *named],
                {"200": _json(_ref("search")), **unchanged},
            )
        },
        "/api/v1/plans": {
            "get": _get(
                "The published plans and their versions",
                [
                    _parameter("kind", "region, general, zoning, detailed, restriction, cadastre"),
                    _parameter("place", "code or part of the name of an administrative unit, old or new"),
                    _parameter(
                        "status",
                        "status of any version",
                        {"enum": ["pending", "in_force", "superseded", "withdrawn", "corrected"]},
                    ),
                    *named,
                ],
                {"200": _json(_ref("plans")), **unchanged},
            )
        },
        "/api/v1/plans/{plan}": {
            "get": _get("One plan", [_PLAN_ID, *named], {"200": _json(_ref("plan")), **unchanged})
        },
        "/api/v1/plans/{plan}/diff": {
            "get": _get(
                "What changed between two versions of a plan",
                [
                    _PLAN_ID,
                    _parameter("from", "version number", _WHOLE),
                    _parameter("to", "version number", _WHOLE),
                    *named,
                ],
                {"200": _json(_ref("diff")), **unchanged},
            )
        },
        "/api/v1/legend": {
            "get": _get(
                "Functions, kinds and themes with names and colours",
                [_LANG],
                {"200": _json(_ref("legend")), **unchanged},
            )
        },
        "/api/v1/release": {
            "get": _get("The release being served", [_LANG], {"200": _json(_ref("release")), **unchanged})
        },
        "/api/v1/openapi.json": {"get": _get("This document", [], {"200": _json({"type": "object"}), **unchanged})},
        "/healthz": {"get": _get("Whether look-ups are answered; 503 when not", [], {"200": _json(_ref("health"))})},
        "/tiles/{name}/{z}/{x}/{y}.mvt": {
            "get": _get(
                "Redirect to the tile of the current release", [name, *zxy], {"307": _bare("the tile's address")}
            )
        },
        "/tiles/{release}/{name}/{z}/{x}/{y}.mvt": {"get": _get("A vector tile", [release, name, *zxy], tile)},
        "/releases/{release}/{file}": {
            "get": _get(
                "A public file of a release, with Range",
                [release, _parameter("file", "path as in manifest.json", place="path")],
                {"200": _file("application/octet-stream", "the file"), "206": _bare("a part of it"), **unchanged},
            )
        },
        "/static/{file}": {
            "get": _get(
                "A file of the web pages",
                [_parameter("file", "path", place="path")],
                {"200": _file("application/octet-stream", "the file"), **unchanged},
            )
        },
    }


@cache
def openapi_document() -> Schema:
    """The OpenAPI 3.1 document. Schemas of look-up answers are those of lookup/answer.schema.json."""
    definitions = json.loads(ANSWER_SCHEMA.read_text("utf-8").replace("#/$defs/", "#/components/schemas/"))["$defs"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Quy Hoạch",
            "version": "1",
            "description": "Tra cứu quy hoạch: what is planned at a place, since which decision. "
            "Reading only, no account. Errors are RFC 9457 problem documents with a stable `code`.",
        },
        "paths": _paths(),
        "components": {
            "schemas": {
                **definitions,
                "plan": _PLAN,
                "plans": _PLANS,
                "search": _SEARCH,
                "legend": _LEGEND,
                "release": _RELEASE,
                "diff": _DIFF,
                "health": _HEALTH,
                "problem": _PROBLEM,
                "polygon": _POLYGON,
            }
        },
    }
