"""The ASGI application of a server process: the read side in front, the Django pages behind it.

`create` is what granian is given; settings come from the environment (docs/reference/settings.md).
"""

import asyncio
import logging
import os
from collections.abc import Callable
from threading import Lock
from typing import Any

from quyhoach.api.access import AccessLog
from quyhoach.api.app import ReadSide
from quyhoach.api.clock import as_date
from quyhoach.api.reply import App, Receive, Scope, Send
from quyhoach.api.settings import read_settings


def create() -> App:
    """The application of this process. Raises UsageError for a setting that can't be used."""
    # Ours from INFO on; of libraries warnings, as some of them log addresses with the place asked about.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("quyhoach").setLevel(logging.INFO)
    settings = read_settings(os.environ)
    pages = Pages(load_portal)
    app = ReadSide(settings, pages=pages)
    pages.read_side = app
    return AccessLog(app) if settings.access_log else app


class Pages:
    """The Django pages, loaded with the first request for one: a worker that only answers look-ups stays small, and
    the first look-up doesn't wait for Django."""

    def __init__(self, load: "Callable[[ReadSide], App]") -> None:
        self._load = load
        self._app: App | None = None
        self._lock = Lock()
        self.read_side: ReadSide | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app if self._app is not None else await asyncio.to_thread(self._loaded)
        await app(scope, receive, send)

    def _loaded(self) -> App:
        with self._lock:
            if self._app is None:
                assert self.read_side is not None
                self._app = self._load(self.read_side)
            return self._app


def load_portal(read_side: ReadSide) -> App:
    """Django's ASGI application with the portal reading through `read_side`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quyhoach.project.settings")
    from django.core.asgi import get_asgi_application

    application: Any = get_asgi_application()
    from quyhoach.apps.portal.provider import set_provider

    set_provider(
        lambda: read_side.keeper.serving().lookup,
        clock=lambda: as_date(read_side.today()),
        standard=read_side.standard,
    )
    return application  # type: ignore[no-any-return]
