"""The limit: our server software giving one recorded answer, headers and all. Setting: BENCH_ANSWER (a JSON file)."""

import json
import os
from pathlib import Path
from typing import Any

RECORD: dict[str, Any] = json.loads(Path(os.environ["BENCH_ANSWER"]).read_text())
BODY: bytes = RECORD["body"].encode()
HEADERS: list[tuple[str, str]] = [(name, value) for name, value in RECORD["headers"]]
RAW_HEADERS = [(name.encode(), value.encode("latin-1")) for name, value in HEADERS]


async def rsgi(scope: Any, protocol: Any) -> None:
    """The RSGI interface of granian."""
    if scope.proto == "http":
        protocol.response_bytes(200, HEADERS, BODY)


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI interface."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": RAW_HEADERS})
        await send({"type": "http.response.body", "body": BODY})
