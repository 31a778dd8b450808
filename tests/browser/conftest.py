"""A real server over the small release, and a real Chromium. Without one, tests here are left out, and say so."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

playwright_api = pytest.importorskip("playwright.sync_api")

ARGUMENTS = ["--no-sandbox", "--lang=vi-VN", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1440, "height": 900}}
PROFILES = {"phone": PHONE, "desk": DESK}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _missing(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, else the one Playwright brought."""
    with playwright_api.sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser") or playwright.chromium.executable_path
        if not Path(path).exists():
            _missing(
                "no Chromium: the browser tests are left out (apt install chromium, or playwright install chromium)"
            )
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(built: Path, repository: Path) -> Iterator[str]:
    """Address of a server of the small release."""
    if not (repository / "src/quyhoach/web_dist/manifest.json").is_file():
        _missing("the web side is not built: the browser tests are left out (python web/build.py)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "quyhoach.project", "serve", "--workspace", str(built), "--port", str(port)]
    environment = os.environ | {"QUYHOACH_RATE_PER_SECOND": "0", "QUYHOACH_RATE": "0"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address + "/healthz", server)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail("the server ended before it answered")
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not answer within a minute")


class Visit:
    """One page with all it asked for and complained of."""

    def __init__(self, page: Any, site: str) -> None:
        self.page = page
        self.site = site
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type == "error" or "Content Security Policy" in message.text
                else None
            ),
        )

    def open(self, path: str, *, map_drawn: bool = True) -> "Visit":
        self.page.goto(self.site + path)
        if map_drawn:
            self.page.wait_for_selector("#map[data-idle=true]", timeout=40_000)
        return self

    def headline(self, text: str) -> str:
        """The answer's first sentence, awaited until it holds a text."""
        found = self.page.locator(".headline", has_text=text)
        found.wait_for(timeout=15_000)
        return str(found.inner_text())


@pytest.fixture
def visit(chromium: Any, site: str) -> Iterator[Callable[..., Visit]]:
    """Makes a visit: `visit("phone")`, with more options of a browser context."""
    contexts = []

    def make(profile: str = "phone", **options: Any) -> Visit:
        context = chromium.new_context(
            **(PROFILES[profile] | {"locale": "vi-VN", "reduced_motion": "reduce"} | options)
        )
        contexts.append(context)
        return Visit(context.new_page(), site)

    yield make
    for context in contexts:
        context.close()
