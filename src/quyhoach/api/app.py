"""The read side as one ASGI application: the hot paths first, then the routes, then what is mounted behind (pages)."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from quyhoach.api.clock import Today
from quyhoach.api.files import Assets
from quyhoach.api.hot import point_reply, tile_reply
from quyhoach.api.keeper import Keeper, Watch
from quyhoach.api.limit import Limiter, client_address
from quyhoach.api.problems import problem
from quyhoach.api.question import language
from quyhoach.api.reply import ANYONE, App, Header, Receive, Reply, Scope, Send, problem_reply, send_reply
from quyhoach.api.routes import Context, Queue, build_routes
from quyhoach.api.settings import ServerSettings
from quyhoach.domain.errors import NotFoundError, QuyHoachError, ReleaseError, UsageError
from quyhoach.standard import load_standard

log = logging.getLogger("quyhoach.api")

POINT = "/api/v1/lookup"
OURS = ("/api/", "/tiles/", "/releases/", "/static/", "/healthz")
# What a request takes out of a client's bucket, in look-ups by point.
COSTS = (("/tiles/", 0.2), ("/static/", 0.2), ("/healthz", 0.0), ("/api/v1/search", 2.0))
POLYGON_COST = 10.0
MOST_WAITING = 16

PREFLIGHT: list[Header] = [
    ANYONE,
    (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
    (b"access-control-allow-headers", b"content-type, if-none-match, range"),
    (b"access-control-max-age", b"86400"),
    (b"allow", b"GET, HEAD, POST, OPTIONS"),
    (b"content-length", b"0"),
]


class ReadSide:
    """ASGI application. `pages` answers what isn't ours (the portal); without it such paths are 404 problems.

    `clock` is seconds since the epoch (UTC), `monotonic` seconds that only grow."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        pages: App | None = None,
        web_dist: Path | None = None,
    ) -> None:
        self.settings = settings
        self.keeper = Keeper(settings.workspace)
        self.keeper.check()
        self.today = Today(clock)
        self.limiter = Limiter(settings, monotonic)
        self.pages = pages
        overlay = settings.workspace / "standard"
        self.standard = load_standard(overlay if overlay.is_dir() else None)
        self.zones = tuple(zone.epsg for zone in self.standard.crs_zones)
        self._queues = (Queue("quyhoach-polygon", MOST_WAITING), Queue("quyhoach-search", 8 * MOST_WAITING))
        assets = Assets(web_dist or Path(__file__).parents[1] / "web_dist")
        context = Context(self.keeper, self.today, self.zones, self.standard, assets, *self._queues)
        self._routes = build_routes(context, self._problem)
        self._proxy = settings.proxy_header.encode()
        self._watch = Watch(
            self.keeper,
            poll_seconds=settings.poll_seconds,
            rehash_hours=settings.rehash_hours,
            rehash_mib=settings.rehash_mib,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        if self.limiter.rate:
            wait = self.limiter.take(self._client(scope), _cost(path, method))
            if wait:
                await send_reply(send, self._too_many(scope, wait))
                return
        if method == "GET" and path == POINT:
            status, headers, body = self._hot(scope, self._point)
        elif method == "GET" and path.startswith("/tiles/"):
            status, headers, body = self._hot(scope, self._tile)
        else:
            await self._cold(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    # ── the hot paths ──────────────────────────────────────────────────────────────────────────────────────────

    def _point(self, scope: Scope) -> Reply:
        return point_reply(self.keeper, self.today, self.zones, scope["query_string"], scope["headers"])

    def _tile(self, scope: Scope) -> Reply:
        return tile_reply(self.keeper, scope["path"], scope["headers"])

    def _hot(self, scope: Scope, answer: Callable[[Scope], Reply]) -> Reply:
        try:
            return answer(scope)
        except QuyHoachError as error:
            return self._problem(scope, error)
        except Exception:  # the server goes on, whatever a request brought to light
            log.exception("fault in %s", answer.__name__)
            return self._problem(scope, QuyHoachError("server-fault"))

    def _problem(self, scope: Scope, error: QuyHoachError) -> Reply:
        if isinstance(error, ReleaseError) and error.code != "server-busy" and self.keeper.current is not None:
            self.keeper.suspect(self.keeper.current.id)
        status, body = problem(error, language(scope["query_string"]))
        extra: list[Header] = [(b"retry-after", b"30")] if status == 503 else []
        return problem_reply(status, body, *extra)

    # ── everything else ────────────────────────────────────────────────────────────────────────────────────────

    async def _cold(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if _is_hostile(scope):
            await send_reply(send, self._problem(scope, NotFoundError("path-unknown")))
        elif not path.startswith(OURS):
            await self._page(scope, receive, send)
        elif method == "OPTIONS":
            await send_reply(send, (204, PREFLIGHT, b""))
        elif method == "HEAD" and path == POINT:
            await send_reply(send, _without_body(self._hot(scope, self._point)))
        elif method == "HEAD" and path.startswith("/tiles/"):
            await send_reply(send, _without_body(self._hot(scope, self._tile)))
        elif path.startswith("/tiles/") or (path == POINT and method not in ("POST", "GET")):
            allow = b"GET, HEAD, POST, OPTIONS" if path == POINT else b"GET, HEAD, OPTIONS"
            error = UsageError("method-not-allowed", method=method[:20])
            status, body = problem(error, language(scope["query_string"]))
            await send_reply(send, problem_reply(status, body, (b"allow", allow)))
        else:
            await self._guarded(self._routes, scope, receive, _bodiless(send) if method == "HEAD" else send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.pages is None:
            await send_reply(send, self._problem(scope, NotFoundError("path-unknown")))
        else:
            await self._guarded(self.pages, scope, receive, send)

    async def _guarded(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """Run an application; a fault in it before its answer began becomes a problem document."""
        begun = False

        async def sending(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, sending)
        except Exception as error:
            if begun:
                raise
            if isinstance(error, QuyHoachError):
                await send_reply(send, self._problem(scope, error))
                return
            log.exception("fault in a route")
            await send_reply(send, self._problem(scope, QuyHoachError("server-fault")))

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lifespan; web sockets are refused."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._watch.start()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def close(self) -> None:
        """Stop the background threads."""
        self._watch.stop()
        for queue in self._queues:
            queue.close()

    # ── who asks, how often ────────────────────────────────────────────────────────────────────────────────────

    def _client(self, scope: Scope) -> str:
        client = scope.get("client")
        peer = str(client[0]) if client else ""
        if self._proxy:
            for name, value in scope["headers"]:
                if name == self._proxy:
                    return client_address(peer, value.decode("latin-1"), self.settings.trusted_proxies)
        return peer

    def _too_many(self, scope: Scope, wait: float) -> Reply:
        seconds = max(1, round(wait + 0.5))
        error = UsageError("rate-limited", seconds=seconds, retry_after=seconds)
        status, body = problem(error, language(scope["query_string"]))
        return problem_reply(status, body, (b"retry-after", b"%d" % seconds))


def _cost(path: str, method: str) -> float:
    if path == POINT:
        return POLYGON_COST if method == "POST" else 1.0
    return next((cost for prefix, cost in COSTS if path.startswith(prefix)), 1.0)


def _is_hostile(scope: Scope) -> bool:
    """Paths with `..`, a backslash, NUL, or an encoded slash: none of ours has them."""
    path: str = scope["path"]
    raw: bytes = scope.get("raw_path") or b""
    return (
        "/../" in f"{path}/"
        or "\\" in path
        or "\0" in path
        or "//" in path
        or b"%2f" in raw.lower()
        or b"%5c" in raw.lower()
        or b"%00" in raw
    )


def _without_body(reply: Reply) -> Reply:
    return reply[0], reply[1], b""


def _bodiless(send: Send) -> Send:
    """HEAD: the headers of GET and no body."""

    async def sending(message: Any) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending
