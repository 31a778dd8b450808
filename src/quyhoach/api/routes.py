"""The routes beside the two hot paths, on Starlette: each a short function from a request to a response."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from shapely.geometry.base import BaseGeometry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quyhoach.api import registry
from quyhoach.api.clock import Today
from quyhoach.api.files import Assets, release_file
from quyhoach.api.keeper import Keeper, Serving
from quyhoach.api.openapi import openapi_document
from quyhoach.api.polygon import MOST_BYTES, read_polygon
from quyhoach.api.problems import problem
from quyhoach.api.question import LANGS, RELEASE_ID, language, parse_day, parse_query
from quyhoach.api.reply import (
    FIXED,
    FRESH,
    LEAST_TO_COMPRESS,
    NEVER,
    Header,
    Reply,
    Scope,
    accepts_gzip,
    compress,
    matches,
    problem_reply,
)
from quyhoach.domain.errors import NotFoundError, QuyHoachError, ReleaseError, UsageError
from quyhoach.lookup.area import within
from quyhoach.lookup.parcel import parcel_answer
from quyhoach.release.index import encode
from quyhoach.standard import Standard

PARCEL_BYTES = 4_096
PARCEL_M2 = 50_000.0

Endpoint = Callable[[Request], Awaitable[Response]]
T = TypeVar("T")


class Queue:
    """One thread and a short queue before it; ReleaseError `server-busy` when it is full."""

    def __init__(self, name: str, most: int) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._most = most
        self._waiting = 0

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, done in the thread."""
        if self._waiting >= self._most:
            raise ReleaseError("server-busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Wait for the work in hand, drop what waits."""
        self._pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True)
class Context:
    """What the routes work with."""

    keeper: Keeper
    today: Today
    zones: tuple[int, ...]
    standard: Standard
    assets: Assets
    # Polygons and searches take milliseconds to seconds: each in a thread of its own, so that look-ups don't wait.
    polygons: Queue
    searches: Queue


def build_routes(context: Context, on_error: Callable[[Scope, QuyHoachError], Reply]) -> Starlette:
    """The Starlette application of all routes; what none of them answers is a 404 problem. `on_error` makes the
    problem documents."""
    pairs: tuple[tuple[str, str, Endpoint], ...] = (
        ("/api/v1/lookup", "POST", _polygon(context)),
        ("/api/v1/parcels/{commune}/{sheet}/{lot}", "GET", _parcel(context)),
        ("/api/v1/search", "GET", _search(context)),
        ("/api/v1/plans", "GET", _json(context, _plans, {"kind", "place", "status", "release", "lang"})),
        ("/api/v1/plans/{plan}", "GET", _json(context, _plan, {"release", "lang"})),
        ("/api/v1/plans/{plan}/diff", "GET", _json(context, _diff, {"from", "to", "release", "lang"})),
        ("/api/v1/legend", "GET", _json(context, _legend, {"lang"}, needs_release=False)),
        ("/api/v1/release", "GET", _json(context, _release, {"lang"})),
        ("/api/v1/openapi.json", "GET", _openapi),
        ("/healthz", "GET", _health(context)),
        ("/releases/{release}/{file:path}", "GET", _release_file(context)),
        ("/static/{file:path}", "GET", _static(context)),
    )
    routes = [Route(path, endpoint, methods=[method]) for path, method, endpoint in pairs]

    async def on_ours(request: Request, error: QuyHoachError) -> Response:
        return _from_reply(on_error(request.scope, error))

    handlers: Any = {QuyHoachError: on_ours, HTTPException: _on_http}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app


# ── answers ────────────────────────────────────────────────────────────────────────────────────────────────────


def json_response(request: Request, value: Any, cache: Header, salt: bytes = b"") -> Response:
    """A JSON body with entity tag and, where accepted, gzip."""
    body = value if isinstance(value, bytes) else encode(value)
    etag = b'W/"%b-%08x-%x"' % (salt, zlib.crc32(body), len(body))
    headers = {
        "cache-control": cache[1].decode(),
        "etag": etag.decode(),
        "vary": "accept-encoding",
        "access-control-allow-origin": "*",
        "x-content-type-options": "nosniff",
    }
    known = request.headers.get("if-none-match", "")
    if known and matches(known.encode("latin-1"), etag):
        return Response(status_code=304, headers=headers)
    encoding = request.headers.get("accept-encoding", "").encode("latin-1")
    if len(body) > LEAST_TO_COMPRESS and accepts_gzip(encoding):
        body, headers["content-encoding"] = compress(body), "gzip"
    return Response(body, media_type="application/json", headers=headers)


def _on_http(request: Request, error: HTTPException) -> Response:
    """What Starlette itself refuses: no such path, wrong method."""
    if error.status_code == 405:
        fault = UsageError("method-not-allowed", method=request.method[:20])
    elif error.status_code in (400, 416):
        fault = UsageError("request-malformed")
    else:
        fault = NotFoundError("path-unknown")
    status, body = problem(fault, language(request.scope["query_string"]))
    allow = [(b"allow", value.encode()) for key, value in (error.headers or {}).items() if key.lower() == "allow"]
    return _from_reply(problem_reply(status, body, *allow))


def _from_reply(reply: tuple[int, list[Header], bytes]) -> Response:
    response = Response(reply[2], status_code=reply[0])
    response.raw_headers = list(reply[1])
    return response


# ── JSON routes ────────────────────────────────────────────────────────────────────────────────────────────────

Answer = Callable[[Context, Serving | None, dict[str, str], dict[str, Any]], Any]


def _json(context: Context, answer: Answer, names: set[str], *, needs_release: bool = True) -> Endpoint:
    """A GET route that answers JSON from a release: `names` are its parameters."""
    known = frozenset(names)

    async def endpoint(request: Request) -> Response:
        values = _values(request, known)
        release = values.get("release", "")
        serving = context.keeper.serving(release) if needs_release else None
        value = answer(context, serving, values, request.path_params)
        return json_response(request, value, FIXED if release else FRESH, serving.salt if serving else b"")

    return endpoint


def _values(request: Request, known: frozenset[str]) -> dict[str, str]:
    values = parse_query(request.scope["query_string"], known)
    lang = values.setdefault("lang", "vi") or "vi"
    if lang not in LANGS:
        raise UsageError("language-unknown", value=lang, name="lang")
    release = values.get("release", "")
    if release and not RELEASE_ID(release):
        raise NotFoundError("release-unknown", release=release)
    return values


def _plans(context: Context, serving: Serving | None, values: dict[str, str], path: dict[str, Any]) -> Any:
    assert serving is not None
    filters = {key: values.get(key, "") for key in ("kind", "place", "status")}
    return registry.plans(serving, **filters)


def _plan(context: Context, serving: Serving | None, values: dict[str, str], path: dict[str, Any]) -> Any:
    assert serving is not None
    return registry.plan(serving, path["plan"])


def _diff(context: Context, serving: Serving | None, values: dict[str, str], path: dict[str, Any]) -> Any:
    assert serving is not None
    for name in ("from", "to"):
        if not values.get(name):
            raise UsageError("parameter-missing", name=name)
    return registry.diff(serving, path["plan"], values["from"], values["to"], values["lang"])


def _legend(context: Context, serving: Serving | None, values: dict[str, str], path: dict[str, Any]) -> Any:
    return registry.legend(context.standard, values["lang"])


def _release(context: Context, serving: Serving | None, values: dict[str, str], path: dict[str, Any]) -> Any:
    assert serving is not None
    return registry.release_facts(serving, context.today())


async def _openapi(request: Request) -> Response:
    return json_response(request, openapi_document(), FRESH)


# ── routes with work of their own ──────────────────────────────────────────────────────────────────────────────


def _polygon(context: Context) -> Endpoint:
    names = frozenset({"crs", "on", "release", "lang"})

    async def endpoint(request: Request) -> Response:
        values = _values(request, names)
        serving = context.keeper.serving(values.get("release", ""))
        on = parse_day(values["on"]) if values.get("on") else context.today()
        body = await read_body(request, MOST_BYTES)

        def read() -> BaseGeometry:
            return read_polygon(body, values.get("crs", ""), serving.lookup, context.zones)

        def ask(polygon: BaseGeometry) -> bytes:
            return within(serving.lookup, polygon, on=on, lang=values["lang"])

        # A parcel takes a fraction of a millisecond: less than handing it to a thread. A large site may take seconds.
        polygon = read() if len(body) <= PARCEL_BYTES else None
        if polygon is not None and polygon.area <= PARCEL_M2:
            found = ask(polygon)
        else:
            found = await context.polygons.run(lambda: ask(polygon if polygon is not None else read()))
        return json_response(request, found, NEVER, serving.salt)

    return endpoint


def _parcel(context: Context) -> Endpoint:
    names = frozenset({"on", "release", "lang"})

    async def endpoint(request: Request) -> Response:
        values = _values(request, names)
        serving = context.keeper.serving(values.get("release", ""))
        on = parse_day(values["on"]) if values.get("on") else context.today()
        asked = [str(request.path_params[name])[:40] for name in ("commune", "sheet", "lot")]

        def work() -> bytes:
            return parcel_answer(serving.lookup, *asked, on=on, lang=values["lang"])

        found = await context.searches.run(work)
        return json_response(
            request, found, FIXED if values.get("release") and values.get("on") else FRESH, serving.salt
        )

    return endpoint


def _search(context: Context) -> Endpoint:
    names = frozenset({"q", "limit", "release", "lang"})

    async def endpoint(request: Request) -> Response:
        values = _values(request, names)
        serving = context.keeper.serving(values.get("release", ""))

        def work() -> dict[str, Any]:
            return registry.search(serving, values.get("q", ""), limit=values.get("limit", ""), lang=values["lang"])

        found = await context.searches.run(work)
        return json_response(request, found, FIXED if values.get("release") else FRESH, serving.salt)

    return endpoint


def _health(context: Context) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        serving = context.keeper.serving()  # raises what there is instead: a 503 problem
        return json_response(request, {"status": "ok", "release": serving.id}, NEVER)

    return endpoint


def _release_file(context: Context) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return release_file(context.keeper, request)

    return endpoint


def _static(context: Context) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        headers = request.headers
        reply = await context.assets.reply(
            request.path_params["file"],
            encoding=headers.get("accept-encoding", "").encode("latin-1"),
            known=headers.get("if-none-match", "").encode("latin-1"),
        )
        return _from_reply(reply)

    return endpoint


async def read_body(request: Request, most: int) -> bytes:
    """The body, refused as soon as it is known to be larger than `most` bytes."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise UsageError("body-too-large", most=most)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UsageError("media-type-unsupported")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise UsageError("body-too-large", most=most)
        chunks.append(chunk)
    return b"".join(chunks)
