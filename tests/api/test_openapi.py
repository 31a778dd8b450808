"""The OpenAPI document: every route is in it, every real answer agrees with what it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from starlette.routing import Route
from tests.api.conftest import LAT, LON, Client, lonlat

from quyhoach.api.app import ReadSide
from quyhoach.api.openapi import openapi_document

DOCUMENT = openapi_document()
REGISTRY: Any = Registry().with_resource("urn:openapi", Resource(contents=DOCUMENT, specification=DRAFT202012))
RING = [list(lonlat(*corner)) for corner in ((1, 1), (7, 1), (7, 7), (1, 1))]


def schema_of(path: str, method: str, status: int) -> dict[str, Any]:
    responses = DOCUMENT["paths"][path][method]["responses"]
    content = responses.get(str(status), responses["default"])["content"]
    (media,) = content.values()
    schema: dict[str, Any] = media["schema"]
    return schema


def check(path: str, method: str, reply: Any) -> None:
    """The body agrees with the schema of its status, and says nothing that the schema leaves out at its top."""
    schema = json.loads(json.dumps(schema_of(path, method, reply.status_code)).replace('"#/', '"urn:openapi#/'))
    errors = list(Draft202012Validator(schema, registry=REGISTRY).iter_errors(reply.json()))
    assert errors == [], [error.message[:300] for error in errors]


# path of the document → addresses that ask it, and what status they answer
QUESTIONS: list[tuple[str, str, int]] = [
    ("/api/v1/lookup", f"/api/v1/lookup?lon={LON}&lat={LAT}", 200),
    ("/api/v1/lookup", f"/api/v1/lookup?lon={LAT}&lat={LON}&lang=en", 200),
    ("/api/v1/lookup", f"/api/v1/lookup?lon={LON}&lat={LAT}&on=2015-01-01", 200),
    ("/api/v1/lookup", "/api/v1/lookup?x=430280&y=2395280&crs=9215", 200),
    ("/api/v1/lookup", "/api/v1/lookup?x=430120&y=2395120&crs=9215", 200),
    ("/api/v1/lookup", "/api/v1/lookup?lon=106.1&lat=22.5", 200),
    ("/api/v1/lookup", "/api/v1/lookup?lon=x&lat=1", 400),
    ("/api/v1/lookup", "/api/v1/lookup?x=430060&y=2395060&crs=9205", 400),
    ("/api/v1/lookup", "/api/v1/lookup?lon=1&lat=1&release=0", 404),
    ("/api/v1/search", "/api/v1/search?q=chi%20lang", 200),
    ("/api/v1/search", "/api/v1/search?q=430060%202395060&limit=3", 200),
    ("/api/v1/search", "/api/v1/search", 400),
    ("/api/v1/search", "/api/v1/search?q=a&limit=0", 400),
    ("/api/v1/plans", "/api/v1/plans", 200),
    ("/api/v1/plans", "/api/v1/plans?kind=general&place=06463&status=pending", 200),
    ("/api/v1/plans", "/api/v1/plans?status=maybe", 400),
    ("/api/v1/plans/{plan}", "/api/v1/plans/qhc-nho", 200),
    ("/api/v1/plans/{plan}", "/api/v1/plans/qhct-giay", 200),
    ("/api/v1/plans/{plan}", "/api/v1/plans/none", 404),
    ("/api/v1/plans/{plan}", "/api/v1/plans/tuyet-mat", 404),
    ("/api/v1/plans/{plan}/diff", "/api/v1/plans/qhc-nho/diff?from=2&to=3", 200),
    ("/api/v1/plans/{plan}/diff", "/api/v1/plans/qhc-nho/diff?from=1&to=2&lang=en", 200),
    ("/api/v1/plans/{plan}/diff", "/api/v1/plans/qhc-nho/diff?from=3&to=9", 404),
    ("/api/v1/plans/{plan}/diff", "/api/v1/plans/qhc-nho/diff?from=..&to=2", 400),
    ("/api/v1/plans/{plan}/diff", "/api/v1/plans/qhc-nho/diff?from=2", 400),
    ("/api/v1/parcels/{commune}/{sheet}/{lot}", "/api/v1/parcels/06463/12/345", 200),
    ("/api/v1/parcels/{commune}/{sheet}/{lot}", "/api/v1/parcels/06463/12/345?on=2022-09-01&lang=en", 200),
    ("/api/v1/parcels/{commune}/{sheet}/{lot}", "/api/v1/parcels/06463/12/9", 404),
    ("/api/v1/legend", "/api/v1/legend", 200),
    ("/api/v1/legend", "/api/v1/legend?lang=en", 200),
    ("/api/v1/release", "/api/v1/release", 200),
    ("/api/v1/openapi.json", "/api/v1/openapi.json", 200),
    ("/healthz", "/healthz", 200),
]


@pytest.mark.parametrize(("path", "address", "status"), QUESTIONS, ids=[row[1][:60] for row in QUESTIONS])
def test_answer_agrees_with_the_document_when_asked(client: Client, path: str, address: str, status: int) -> None:
    reply = client.get(address)
    assert reply.status_code == status, reply.text
    check(path, "get", reply)


def test_polygon_answer_agrees_with_the_document_when_asked(client: Client) -> None:
    for ring, status in ((RING, 200), (RING[:-1], 400)):
        reply = client.ask("POST", "/api/v1/lookup", json={"type": "Polygon", "coordinates": [ring]})
        assert reply.status_code == status
        check("/api/v1/lookup", "post", reply)


def test_every_route_is_documented_when_the_routes_are_listed(read_side: ReadSide) -> None:
    listed = {
        (re.sub(r":path}", "}", route.path), method.lower())
        for route in read_side._routes.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    listed |= {("/api/v1/lookup", "get")}  # the hot paths stand in front of the routes
    listed |= {(f"/tiles{release}/{{name}}/{{z}}/{{x}}/{{y}}.mvt", "get") for release in ("", "/{release}")}
    documented = {(path, method) for path, item in DOCUMENT["paths"].items() for method in item}
    assert documented == listed


def test_every_json_path_is_asked_here_when_the_document_grows() -> None:
    with_json = {
        path
        for path, item in DOCUMENT["paths"].items()
        if "application/json" in item["get"]["responses"].get("200", {}).get("content", {})
    }
    assert with_json == {path for path, _, _ in QUESTIONS}


def test_parameters_are_the_ones_the_server_takes_when_each_is_asked(client: Client) -> None:
    """No documented parameter is unknown to the server, and none is taken that isn't documented."""
    for path, address, status in QUESTIONS:
        if status != 200 or path in ("/healthz", "/api/v1/openapi.json"):
            continue
        bare = address.partition("?")[0]
        documented = {row["name"] for row in DOCUMENT["paths"][path]["get"]["parameters"] if row["in"] == "query"}
        for name in documented | {"undocumented"}:
            code = client.get(f"{bare}?{name}=1").json().get("code")
            assert (code == "parameter-unknown") == (name == "undocumented"), (path, name)


def test_every_path_is_on_the_reference_page_when_the_document_lists_it(repository: Path) -> None:
    page = (repository / "docs" / "reference" / "api.md").read_text("utf-8")
    for path in DOCUMENT["paths"]:
        assert path in page, path


def test_references_resolve_when_the_document_is_read() -> None:
    text = json.dumps(DOCUMENT)
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert name in DOCUMENT["components"]["schemas"]
    assert "$defs" not in text
