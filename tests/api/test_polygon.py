"""`POST /api/v1/lookup`: shares of a polygon, and every way a body can be wrong."""

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.api.conftest import NOON, POINT, Client, lonlat, settings_for

from quyhoach.api.app import MOST_WAITING, ReadSide

BOX = [list(lonlat(*corner)) for corner in ((1, 1), (3, 1), (3, 2), (1, 2), (1, 1))]


LARGE = [lonlat(*corner) for corner in ((0, 0), (9, 0), (9, 9), (0, 9), (0, 0))]  # 13 ha: more than a parcel


def polygon(ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def nested(depth: int) -> dict[str, Any]:
    return {"type": "Feature", "geometry": nested(depth - 1) if depth else {}}


def post(client: Client, document: Any, query: str = "") -> Any:
    body = document if isinstance(document, (bytes, str)) else json.dumps(document)
    return client.ask("POST", f"/api/v1/lookup{query}", content=body, headers={"accept-encoding": "identity"})


@pytest.mark.parametrize(
    "document",
    [
        polygon(BOX),
        {"type": "MultiPolygon", "coordinates": [[BOX]]},
        {"type": "Feature", "properties": None, "geometry": polygon(BOX)},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": polygon(BOX)}]},
        polygon([[lon, lat, 12.5] for lon, lat in BOX]),
        polygon([[lat, lon] for lon, lat in BOX]),
        polygon(BOX[::-1]),
    ],
    ids=["polygon", "multi", "feature", "collection", "heights", "latitude first", "clockwise"],
)
def test_shares_are_in_square_metres_when_a_polygon_is_asked(client: Client, document: Any) -> None:
    reply = post(client, document)
    answer = reply.json()
    assert reply.status_code == 200, answer
    assert answer["area_m2"] == pytest.approx(3200, abs=1)
    assert {zone["label"]: round(zone["shared_m2"]) for zone in answer["zones"]} == {"A1-1": 1600, "A2-1": 1600}
    assert reply.headers["cache-control"] == "no-store"


def test_shares_are_the_same_when_coordinates_are_vn2000(client: Client) -> None:
    ring = [[430040, 2395040], [430120, 2395040], [430120, 2395080], [430040, 2395080], [430040, 2395040]]
    straight = post(client, polygon(ring), "?crs=9215").json()
    swapped = post(client, polygon([[y, x] for x, y in ring]), "?crs=EPSG:9215").json()
    assert straight["area_m2"] == 3200.0
    assert straight["zones"] == swapped["zones"]


FAR = [[500000.0 + x, 4000000.0 + y] for x, y in ((0, 0), (9, 0), (9, 9), (0, 0))]
WRONG: list[tuple[str, Any, int, str]] = [
    ("empty body", b"", 400, "body-not-json"),
    ("not json", b"{", 400, "body-not-json"),
    ("not utf8", b"\xff\xfe{}", 400, "body-not-json"),
    ("deep", b"[" * 100_000, 400, "body-not-json"),
    ("number of a million digits", b'{"type":' + b"9" * 900_000 + b"}", 400, "body-not-json"),
    ("list", [], 400, "body-not-geojson"),
    ("null", None, 400, "body-not-geojson"),
    ("no type", {}, 400, "polygon-wrong-type"),
    ("type of another type", {"type": ["Polygon"]}, 400, "polygon-wrong-type"),
    ("point", {"type": "Point", "coordinates": [106.5, 21.6]}, 400, "polygon-wrong-type"),
    ("no geometry", {"type": "Feature", "geometry": None}, 400, "body-not-geojson"),
    ("two features", {"type": "FeatureCollection", "features": [{}, {}]}, 400, "body-one-feature"),
    ("feature in feature in feature", nested(3), 400, "body-not-geojson"),
    ("no rings", {"type": "Polygon", "coordinates": []}, 400, "polygon-empty"),
    ("empty ring", {"type": "Polygon", "coordinates": [[]]}, 400, "polygon-empty"),
    ("null coordinates", {"type": "Polygon", "coordinates": None}, 400, "body-not-geojson"),
    ("flat coordinates", {"type": "Polygon", "coordinates": [1, 2]}, 400, "body-not-geojson"),
    ("text", polygon([["1", "2"], *BOX]), 400, "body-not-geojson"),
    ("truth", polygon([[True, False], *BOX]), 400, "body-not-geojson"),
    ("one number", polygon([[1], *BOX]), 400, "body-not-geojson"),
    ("open", polygon(BOX[:-1]), 400, "polygon-not-closed"),
    ("two corners", polygon([BOX[0], BOX[1], BOX[0]]), 400, "polygon-too-few-vertices"),
    ("not finite", b'{"type":"Polygon","coordinates":[[[NaN,1],[2,2],[3,1],[NaN,1]]]}', 400, "place-not-finite"),
    ("infinite", b'{"type":"Polygon","coordinates":[[[1e999,1],[2,2],[3,1],[1e999,1]]]}', 400, "place-not-finite"),
    ("integer too large for a float", polygon([[10**400, 1], [2, 2], [3, 1], [10**400, 1]]), 400, "place-not-finite"),
    ("crossing", polygon([BOX[0], BOX[2], BOX[1], BOX[3], BOX[0]]), 400, "polygon-crosses-itself"),
    ("elsewhere", polygon([[0, 0], [1, 0], [1, 1], [0, 0]]), 400, "place-outside-province"),
    ("metres", polygon(FAR), 400, "place-outside-province"),
    ("huge", polygon([[106.1, 21.3], [107.4, 21.3], [107.4, 22.5], [106.1, 21.3]]), 400, "polygon-too-large"),
    ("round the world", polygon([[-179, -60], [179, -60], [179, 89], [34.5, 89], [-179, -60]]), 400, ""),
    ("many vertices", polygon([[106.5, 21.6]] * 20_001), 400, "polygon-too-many-vertices"),
    ("many rings", {"type": "Polygon", "coordinates": [[[0, 0]]] * 3000}, 400, "polygon-too-many-vertices"),
    ("over a megabyte", b" " * 1_000_001, 413, "body-too-large"),
    ("a million vertices", polygon([[106.5, 21.6]] * 1_000_000), 413, "body-too-large"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "status", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_problem_document_answers_when_the_body_is_wrong(client: Client, document: Any, status: int, code: str) -> None:
    for lang in ("vi", "en"):
        reply = post(client, document, f"?lang={lang}")
        problem = reply.json()
        assert reply.status_code == status, problem
        assert problem["code"] == code or not code
        assert "{" not in problem["detail"]


def test_body_is_refused_when_it_is_too_large_but_does_not_say_so(read_side: ReadSide) -> None:
    def drip() -> Any:
        async def chunks() -> Any:
            for _ in range(30):
                yield b" " * 50_000

        return chunks()

    reply = Client(read_side).ask("POST", "/api/v1/lookup", content=drip())
    assert (reply.status_code, reply.json()["code"]) == (413, "body-too-large")


def test_body_is_refused_when_it_is_compressed(client: Client) -> None:
    reply = client.ask("POST", "/api/v1/lookup", content=b"x", headers={"content-encoding": "gzip"})
    assert (reply.status_code, reply.json()["code"]) == (415, "media-type-unsupported")


MEMBERS = st.sampled_from(["type", "coordinates", "geometry"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(MEMBERS, inner),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(coordinates=JSON, kind=st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection", "Point"]))
def test_answer_is_never_a_fault_of_ours_when_the_body_is_hostile(
    read_side: ReadSide, coordinates: Any, kind: str
) -> None:
    document = {"type": kind, "coordinates": coordinates, "geometry": coordinates, "features": coordinates}
    reply = post(Client(read_side), document)
    assert 200 <= reply.status_code < 500, reply.text


def test_polygon_is_told_to_come_back_when_too_many_wait(built: Path) -> None:
    app = ReadSide(settings_for(built, QUYHOACH_RATE="0"), clock=lambda: NOON)
    held = threading.Event()

    async def crowd() -> list[int]:
        queue = app._queues[0]
        waiting = [asyncio.ensure_future(queue.run(held.wait)) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            refused = await client.post("/api/v1/lookup", json=polygon(LARGE))
            parcel = await client.post("/api/v1/lookup", json=polygon(BOX))
            point = await client.get(POINT)
            search = await client.get("/api/v1/search?q=chi")
            held.set()
            await asyncio.gather(*waiting)
            taken = await client.post("/api/v1/lookup", json=polygon(LARGE))
        assert refused.json()["code"] == "server-busy"
        assert refused.headers["retry-after"]
        return [reply.status_code for reply in (refused, parcel, point, search, taken)]

    assert asyncio.run(crowd()) == [503, 200, 200, 200, 200]
    app.close()
