"""The access log: one line a request, without a coordinate in it."""

import logging
import time
from typing import Any

from quyhoach.api.reply import App, Receive, Scope, Send

log = logging.getLogger("quyhoach.access")


class AccessLog:
    """Logs method, path, status and milliseconds. Never the query; of a tile's path only that it is one, as its
    numbers are a place on the ground."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            took = (time.perf_counter() - start) * 1000
            log.info("%s %s %d %.1f ms", scope["method"], shown_path(scope["path"]), status, took)


def shown_path(path: str) -> str:
    """A path that may be logged."""
    if path.startswith("/tiles/"):
        return "/tiles/…"
    return "".join(character if character.isprintable() else "?" for character in path[:200])
