"""Whatever stands in a query string, the answer is an answer or a 4xx problem, never a fault."""

import asyncio
from typing import Any
from urllib.parse import urlencode

from hypothesis import example, given, settings
from hypothesis import strategies as st

from quyhoach.api.app import ReadSide
from quyhoach.api.question import parse_any, parse_question
from quyhoach.domain.errors import UsageError

NAMES = ("lon", "lat", "x", "y", "crs", "on", "release", "lang", "q", "limit", "from", "to", "kind", "place", "status")
PATHS = (
    "/api/v1/lookup",
    "/api/v1/search",
    "/api/v1/plans",
    "/api/v1/plans/qhc-nho",
    "/api/v1/plans/qhc-nho/diff",
    "/api/v1/legend",
    "/api/v1/release",
)
VALUES = st.one_of(
    st.floats().map(repr),
    st.floats(106, 108).map(repr),
    st.floats(21, 23).map(repr),
    st.integers().map(str),
    st.text(max_size=30),
    st.dates().map(str),
    st.sampled_from(["9215", "EPSG:4326", "nan", "", "vi", "en", "0" * 32, "general", "%", "\x00"]),
    st.sampled_from(["'--", "1e400", '"*', "NEAR(", "a AND", "*", ":", "^", "-"]),
)


async def ask(app: ReadSide, path: str, query: bytes) -> tuple[int, bytes]:
    """Status and body; straight to the application, as no client library would let such a query through."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogateescape"),
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"test")],
        "client": ("203.0.113.9", 1),
        "server": ("test", 80),
    }
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(PATHS), pairs=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6))
@example("/api/v1/lookup", [("lon", "106.57"), ("lat", "21.65"), ("on", "9999-12-31")])
@example("/api/v1/search", [("q", '"')])
def test_no_fault_when_parameters_are_hostile(read_side: ReadSide, path: str, pairs: list[tuple[str, str]]) -> None:
    query = urlencode(pairs, errors="surrogatepass").encode()
    status, body = asyncio.run(ask(read_side, path, query))
    assert status < 500, body
    assert body


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(PATHS), query=st.binary(max_size=80))
def test_no_fault_when_the_query_is_any_bytes(read_side: ReadSide, path: str, query: bytes) -> None:
    status, body = asyncio.run(ask(read_side, path, query))
    assert status < 500, body


@settings(max_examples=80, deadline=None)
@given(path=st.text(max_size=40))
def test_no_fault_when_the_path_is_any_text(read_side: ReadSide, path: str) -> None:
    for prefix in ("/", "/tiles/", "/releases/", "/static/", "/api/v1/plans/"):
        status, body = asyncio.run(ask(read_side, prefix + path, b""))
        assert status < 500, body


@settings(max_examples=150, deadline=None)
@given(
    lon=st.from_regex(r"\A[0-9]{1,4}(\.[0-9]{0,17})?\Z"),
    lat=st.from_regex(r"\A[0-9]{1,3}(\.[0-9]{0,17})?\Z"),
    on=st.one_of(st.none(), st.dates().map(str), st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")),
    release=st.one_of(st.none(), st.from_regex(r"\A[0-9a-f]{31,33}\Z")),
    lang=st.sampled_from([None, "vi", "en", "fr"]),
)
def test_short_way_of_parsing_agrees_when_the_long_way_is_taken(
    lon: str, lat: str, on: str | None, release: str | None, lang: str | None
) -> None:
    parts = {"lon": lon, "lat": lat, "on": on, "release": release, "lang": lang}
    query = "&".join(f"{name}={value}" for name, value in parts.items() if value is not None).encode()

    def outcome(parse: Any) -> Any:
        try:
            return parse(query)
        except UsageError as error:
            return error.code

    assert outcome(parse_question) == outcome(parse_any)
