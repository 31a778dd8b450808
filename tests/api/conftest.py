"""The read side in this process, and a real server process, both on the small release that the tests share."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyproj import Transformer

from quyhoach.api.app import ReadSide
from quyhoach.api.settings import ServerSettings, read_settings

NOON = datetime(2026, 11, 22, 5, tzinfo=UTC).timestamp()  # 12:00 in Viet Nam
ORIGIN = (430000.0, 2395000.0)  # E, N of the little town of tests/conftest.py
SIDE = 40.0
TO_WGS84 = Transformer.from_crs("EPSG:9215", "EPSG:4326", always_xy=True)


def lonlat(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a place in units of lots from the town's corner."""
    lon, lat = TO_WGS84.transform(ORIGIN[0] + column * SIDE, ORIGIN[1] + row * SIDE)
    return round(lon, 8), round(lat, 8)


LON, LAT = lonlat(1.5, 1.5)  # the middle of lot A1-1
POINT = f"/api/v1/lookup?lon={LON}&lat={LAT}"


def settings_for(root: Path, **changes: str) -> ServerSettings:
    return read_settings({"QUYHOACH_WORKSPACE": str(root), **changes})


class Client:
    """Asks an ASGI application in this process."""

    def __init__(self, app: Any, address: str = "203.0.113.7") -> None:
        self.app = app
        self.address = address

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, client=(self.address, 5000))
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **more)

        return asyncio.run(once())

    def get(self, path: str, **more: Any) -> httpx.Response:
        more.setdefault("headers", {"accept-encoding": "identity"})
        return self.ask("GET", path, **more)


@pytest.fixture(scope="session")
def read_side(built: Path) -> Iterator[ReadSide]:
    app = ReadSide(settings_for(built, QUYHOACH_RATE="0"), clock=lambda: NOON)
    yield app
    app.close()


@pytest.fixture
def client(read_side: ReadSide) -> Client:
    return Client(read_side)


@contextmanager
def running(
    root: Path,
    *arguments: str,
    environment: dict[str, str] | None = None,
    on_line: Callable[[str], None] = lambda line: None,
) -> Iterator[tuple[str, list[str]]]:
    """`quyhoach serve` on a free port: its address, taken from what it prints, and the lines it writes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "quyhoach.project", "serve", "--workspace", str(root), "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "QUYHOACH_POLL_SECONDS": "0.1", **(environment or {})},
    )
    assert process.stdout is not None
    lines: list[str] = []
    ready = threading.Event()

    def read() -> None:
        for line in process.stdout or ():
            on_line(line)
            lines.append(line.rstrip("\n"))
            if "Ready for look-up at" in line:
                ready.set()
        ready.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert ready.wait(60), lines
        found = [line.split(" at ")[1].rstrip("/") for line in lines if "Ready for look-up at" in line]
        assert found, lines
        yield found[0], lines
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        reader.join(10)
        process.stdout.close()


@pytest.fixture(scope="session")
def server(built: Path) -> Iterator[str]:
    """The address of a real server with two workers."""
    with running(built, "--workers", "2", "--read-only") as (address, _):
        yield address
