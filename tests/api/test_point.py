"""`GET /api/v1/lookup`: places in every spelling, dates, releases, entity tags, caches, compression, errors."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import LAT, LON, POINT, Client, lonlat

from quyhoach.api.app import ReadSide
from quyhoach.api.question import Question, parse_question
from quyhoach.release.switch import current_release


def release_of(read_side: ReadSide) -> str:
    return read_side.keeper.serving().id


def test_answer_is_the_engines_when_asked_by_longitude_and_latitude(client: Client, read_side: ReadSide) -> None:
    reply = client.get(POINT)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.content == read_side.keeper.serving().lookup.at(LON, LAT, on=20261122, lang="vi")
    assert [zone["label"] for zone in reply.json()["zones"]] == ["A1-1"]
    assert reply.json()["on"] == "2026-11-22"


def test_answer_says_it_swapped_when_latitude_comes_first(client: Client) -> None:
    straight = client.get(POINT).json()
    swapped = client.get(f"/api/v1/lookup?lon={LAT}&lat={LON}&lang=vi").json()
    assert "vĩ độ" in swapped.pop("interpreted")
    assert swapped == straight
    assert "latitude" in client.get(f"/api/v1/lookup?lon={LAT}&lat={LON}&lang=en").json()["interpreted"]


@pytest.mark.parametrize("crs", ["9215", "EPSG:9215", "epsg:9215", "urn:ogc:def:crs:EPSG::9215"])
def test_answer_is_the_same_when_crs_is_spelt_otherwise(client: Client, crs: str) -> None:
    reply = client.get("/api/v1/lookup", params={"x": "430060", "y": "2395060", "crs": crs})
    answer = reply.json()
    assert [zone["label"] for zone in answer["zones"]] == ["A1-1"]
    assert answer["at"]["vn2000"] == {"epsg": 9215, "north": 2395060.0, "east": 430060.0}
    assert "interpreted" not in answer


def test_answer_is_the_same_when_north_comes_first(client: Client) -> None:
    one = client.get("/api/v1/lookup?x=430060&y=2395060&crs=9215").json()
    other = client.get("/api/v1/lookup?x=2395060&y=430060&crs=9215").json()
    assert "EPSG:9215" in other.pop("interpreted")
    assert one == other


@pytest.mark.parametrize("epsg", [3405, 3406, 5898, 9214, 9216])
def test_answer_is_the_same_when_asked_in_another_vn2000_zone(client: Client, epsg: int) -> None:
    from pyproj import Transformer

    x, y = Transformer.from_crs("EPSG:9215", f"EPSG:{epsg}", always_xy=True).transform(430060.0, 2395060.0)
    answer = client.get(f"/api/v1/lookup?x={x:.4f}&y={y:.4f}&crs={epsg}").json()
    assert [zone["label"] for zone in answer["zones"]] == ["A1-1"]
    assert answer["at"]["vn2000"]["east"] == pytest.approx(430060.0, abs=0.01)


def test_other_zones_are_suggested_when_the_zone_is_wrong(client: Client) -> None:
    reply = client.get("/api/v1/lookup?x=430060&y=2395060&crs=9205")
    assert reply.status_code == 400
    problem = reply.json()
    assert problem["code"] == "place-wrong-zone"
    assert problem["suggest"][0] == 9215


def test_what_was_in_force_answers_when_a_past_date_is_asked(client: Client) -> None:
    zones = client.get(f"{POINT}&on=2015-06-01").json()["zones"]
    assert [zone["plan_id"] for zone in zones] == ["qhc-cu"]


def test_cache_may_keep_it_when_release_and_date_are_named(client: Client, built: Path) -> None:
    release = current_release(built)
    assert "immutable" in client.get(f"{POINT}&release={release}&on=2026-11-22").headers["cache-control"]
    for question in (POINT, f"{POINT}&release={release}", f"{POINT}&on=2026-11-22"):
        assert "must-revalidate" in client.get(question).headers["cache-control"]


def test_nothing_is_sent_again_when_the_entity_tag_is_known(client: Client) -> None:
    first = client.get(POINT)
    again = client.get(POINT, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(POINT, headers={"if-none-match": '"other"'}).status_code == 200


def test_entity_tag_differs_when_question_date_or_language_differs(client: Client) -> None:
    lon, lat = lonlat(2.5, 1.5)
    questions = [POINT, f"{POINT}&lang=en", f"{POINT}&on=2026-11-21", f"/api/v1/lookup?lon={lon}&lat={lat}"]
    assert len({client.get(question).headers["etag"] for question in questions}) == len(questions)


def test_body_is_compressed_when_the_client_takes_gzip(client: Client) -> None:
    plain = client.get(POINT)
    packed = client.get(POINT, headers={"accept-encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) * 0.7
    assert packed.content == plain.content  # httpx unpacked it
    assert "content-encoding" not in client.get(POINT, headers={"accept-encoding": "gzip;q=0"}).headers
    assert plain.headers["vary"] == "accept-encoding"


def test_head_has_the_headers_of_get_when_asked(client: Client) -> None:
    get, head = client.get(POINT), client.ask("HEAD", POINT, headers={"accept-encoding": "identity"})
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)


def test_any_origin_may_read_when_a_browser_asks(client: Client) -> None:
    assert client.get(POINT).headers["access-control-allow-origin"] == "*"
    preflight = client.ask("OPTIONS", "/api/v1/lookup")
    assert preflight.status_code == 204
    assert "GET" in preflight.headers["access-control-allow-methods"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_method_is_refused_when_it_is_not_for_reading(client: Client, method: str) -> None:
    reply = client.ask(method, POINT)
    assert reply.status_code == 405
    assert "GET" in reply.headers["allow"]
    assert reply.json()["code"] == "method-not-allowed"


WRONG: list[tuple[str, int, str]] = [
    ("", 400, "parameter-missing"),
    ("lon=106.5", 400, "parameter-missing"),
    ("x=1&y=2", 400, "parameter-missing"),
    ("x=1&crs=9215", 400, "parameter-missing"),
    ("lon=nan&lat=21.6", 400, "place-not-a-number"),
    ("lon=inf&lat=21.6", 400, "place-not-a-number"),
    ("lon=-Infinity&lat=21.6", 400, "place-not-a-number"),
    ("lon=1_06.5&lat=21.6", 400, "place-not-a-number"),
    ("lon=%D9%A1&lat=21.6", 400, "place-not-a-number"),
    ("lon=106,5&lat=21.6", 400, "place-not-a-number"),
    ("lon=&lat=21.6", 400, "place-not-a-number"),
    ("lon=1e99&lat=21.6", 400, "coordinate-out-of-range"),
    ("lon=200&lat=21.6", 400, "coordinate-out-of-range"),
    ("lon=106.5&lat=120", 400, "coordinate-out-of-range"),
    ("lon=430060&lat=2395060", 400, "coordinate-in-metres"),
    ("lon=105.85&lat=21.03", 400, "place-outside-province"),
    ("lon=0&lat=0", 400, "place-outside-province"),
    ("x=1&y=1&crs=9215", 400, "place-outside-province"),
    ("x=1e15&y=1e15&crs=9215", 400, "place-outside-province"),
    ("x=430060&y=2395060&crs=9999", 400, "place-unknown-crs"),
    ("x=430060&y=2395060&crs=2154", 400, "place-unknown-crs"),
    ("x=430060&y=2395060&crs=%2Bproj%3Dutm", 400, "place-unknown-crs"),
    ("x=430060&y=2395060&crs=", 400, "place-unknown-crs"),
    ("lon=106.5&lat=21.6&crs=9215", 400, "parameter-conflict"),
    ("lon=106.5&lat=21.6&lon=106.6", 400, "parameter-twice"),
    ("lon=106.5&lat=21.6&onn=2020-01-01", 400, "parameter-unknown"),
    ("lon=106.5&lat=21.6&on=2020-02-30", 400, "date-not-a-date"),
    ("lon=106.5&lat=21.6&on=20200101", 400, "date-not-a-date"),
    ("lon=106.5&lat=21.6&on=", 400, "date-not-a-date"),
    ("lon=106.5&lat=21.6&on=0000-01-01", 400, "date-not-a-date"),
    ("lon=106.5&lat=21.6&on=1950-01-01", 400, "date-before-first-plan"),
    ("lon=106.5&lat=21.6&lang=fr", 400, "language-unknown"),
    ("lon=106.5&lat=21.6&release=../../etc", 404, "release-unknown"),
    ("lon=106.5&lat=21.6&release=" + "0" * 32, 404, "release-unknown"),
    ("lon=%FF&lat=21.6", 400, "query-not-utf8"),
    ("lon=106.5&lat=21.6&x" * 200, 400, "query-too-long"),
]


@pytest.mark.parametrize(("query", "status", "code"), WRONG, ids=[row[0][:50] or "empty" for row in WRONG])
def test_problem_document_answers_when_the_question_is_wrong(
    client: Client, query: str, status: int, code: str
) -> None:
    said: dict[str, Any] = {}
    for lang in ("vi", "en"):
        separator = "&" if query else ""
        asked = query if "lang=" in query else f"{query}{separator}lang={lang}"
        reply = client.get(f"/api/v1/lookup?{asked}")
        problem = reply.json()
        assert (reply.status_code, problem["status"], problem["code"]) == (status, status, code)
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.headers["cache-control"] == "no-store"
        assert problem["detail"] and "{" not in problem["detail"], "an unfilled sentence"
        assert problem["detail"] != code and problem["title"]
        assert problem["type"] == f"urn:quyhoach:problem:{code}"
        said[lang] = problem["detail"]
    if "lang=" not in query:
        assert said["vi"] != said["en"]


def test_question_is_parsed_the_same_when_it_takes_the_short_way() -> None:
    short = parse_question(b"lon=106.5&lat=21.6&on=2020-01-02&lang=en")
    assert short == Question(106.5, 21.6, "", 20200102, "", "en")
    assert parse_question(b"lang=en&on=2020-01-02&lat=21.6&lon=106.5") == short
    assert parse_question(b"lon=%31%306.5&lat=%2B21.6&&on=2020-01-02&lang=en") == short


def test_gzip_of_an_answer_is_deterministic_when_made_twice() -> None:
    from quyhoach.api.reply import compress

    body = json.dumps(list(range(2000))).encode()
    assert compress(body) == compress(body)
    assert gzip.decompress(compress(body)) == body
