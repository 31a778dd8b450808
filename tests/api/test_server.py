"""A real server process: `quyhoach serve` with two workers, asked over sockets, switched while it answers."""

import json
import re
import shutil
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.api.conftest import LAT, LON, POINT, running

from quyhoach.release.compile import build_release
from quyhoach.release.switch import current_release, use_release

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def fetch(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, dict(reply.headers), reply.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def raw(address: str, request: bytes) -> bytes:
    """Bytes of the answer to bytes, as no well-behaved client would send them."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            if b"\r\n\r\n" in answer:
                break
        return answer


def test_lookup_answers_when_the_printed_address_is_asked(server: str) -> None:
    status, headers, body = fetch(server + POINT)
    assert status == 200
    assert [zone["label"] for zone in json.loads(body)["zones"]] == ["A1-1"]
    assert (
        headers[
            "Access-Control-Allow-Origin" if "Access-Control-Allow-Origin" in headers else "access-control-allow-origin"
        ]
        == "*"
    )


@pytest.mark.parametrize(
    "target",
    [
        "/releases/../province.toml",
        "/releases/{id}/../../province.toml",
        "/releases/{id}/%2e%2e/%2e%2e/province.toml",
        "/releases/{id}/packages/..%2f..%2f..%2fprovince.toml",
        "/releases/{id}/index.qh",
        "/releases/{id}/search.db",
        "/releases/{id}/packages/",
        "/releases/{id}/packages/none.gpkg",
        "/releases/{id}/packages%00",
        "/releases/{id}//etc/passwd",
        "/static/../settings.py",
        "/static/..%5c..%5csettings.py",
        "/static/.vite/manifest.json",
        "/tiles/{id}/../plans/1/1/1.mvt",
        "/tiles/{id}/plans/1/1/1.mvt/..",
        "/tiles/{id}/plans/-1/1/1.mvt",
        "/tiles/{id}/plans/25/1/1.mvt",
        "/tiles/{id}/plans/2/4/1.mvt",
        "/tiles/{id}/plans/2/9999999999/1.mvt",
        "/api/v1/nothing",
        "/api/v1/plans/..%2f..%2fetc",
    ],
)
def test_path_is_not_found_when_it_leaves_what_is_published(server: str, built: Path, target: str) -> None:
    path = target.replace("{id}", str(current_release(built)))
    answer = raw(server, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), answer[:200]
    assert b"schema = 1" not in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /api/v1/lookup?lon=\x00&lat=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /api/v1/lookup?lon=%00&lat=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /api/v1/lookup?lon=%ZZ&lat=%E2%82 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST /api/v1/lookup HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n",
        b"GET " + b"/" * 9000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_server_goes_on_when_a_request_is_garbage(server: str, request_bytes: bytes) -> None:
    answer = raw(server, request_bytes)
    assert re.match(rb"HTTP/1\.[01] 4\d\d", answer), answer[:100]
    assert fetch(server + POINT)[0] == 200


def test_every_answer_is_whole_when_the_release_is_switched_under_load(
    tmp_path: Path, maker_of: Callable[[Path], object]
) -> None:
    """Two releases that differ in one lot's label; while they are switched again and again, every answer is a 200 and
    says what its own release says."""
    root = tmp_path / "workspace"
    maker = maker_of(root)
    first = build_release(root, now=NOW, workers=1)
    maker.version("qhct-nho", package=maker.local_package("KHAC"))  # type: ignore[attr-defined]
    second = build_release(root, now=NOW, workers=1)
    assert first != second
    use_release(root, first)
    with running(root, "--workers", "2") as (address, _):
        labels: dict[str, set[str]] = {}
        faults: list[object] = []
        stop = threading.Event()

        def hammer() -> None:
            while not stop.is_set():
                status, _, body = fetch(f"{address}/api/v1/lookup?x=430100&y=2395100&crs=9215")
                if status != 200:
                    faults.append((status, body))
                    continue
                answer = json.loads(body)
                found = ",".join(sorted(zone["zone_id"] for zone in answer["zones"]))
                labels.setdefault(answer["release"], set()).add(found)

        threads = [threading.Thread(target=hammer) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(12):
            use_release(root, (second, first)[number % 2])
            stop.wait(0.25)
        use_release(root, second)
        deadline = threading.Event()
        seen: set[str] = set()
        for _ in range(100):  # both workers follow
            seen = {json.loads(fetch(address + POINT)[2])["release"] for _ in range(8)}
            if seen == {second}:
                break
            deadline.wait(0.05)
        stop.set()
        for thread in threads:
            thread.join()
        assert faults == []
        assert seen == {second}
        assert set(labels) == {first, second}
        assert all(len(answers) == 1 for answers in labels.values()), labels
        assert labels[first] != labels[second]


def test_log_holds_no_coordinate_when_requests_are_logged(built: Path) -> None:
    with running(built, "--workers", "1", environment={"QUYHOACH_ACCESS_LOG": "1"}) as (address, lines):
        release = current_release(built)
        fetch(address + POINT)
        fetch(f"{address}/api/v1/lookup?lon=200.12345&lat=1")
        fetch(f"{address}/tiles/{release}/plans/16/52168/28752.mvt")
        fetch(f"{address}/api/v1/plans")
    logged = "\n".join(line for line in lines if "quyhoach.access" in line)
    assert "GET /api/v1/lookup 200" in logged
    assert "GET /api/v1/lookup 400" in logged
    assert "GET /tiles/… " in logged
    everything = "\n".join(lines)
    for secret in (str(LON), str(LAT), "52168", "28752", "200.12345"):
        assert secret not in everything


def test_server_waits_and_says_why_when_there_is_no_release_yet(tmp_path: Path, built: Path) -> None:
    root = tmp_path / "node"
    root.mkdir()
    release = str(current_release(built))

    def publish(line: str) -> None:
        if "No release has been put to use yet" in line:
            shutil.copytree(built / "releases" / release, root / "releases" / release)
            use_release(root, release)

    with running(root, "--read-only", on_line=publish) as (address, lines):
        assert any("Chưa có bản phát hành" in line for line in lines)
        assert fetch(address + POINT)[0] == 200
