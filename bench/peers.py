"""The servers that are measured, and how each is started. A peer added here is measured wherever it `answers`."""

import json
import os
import shutil
import statistics
import sys
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.postgres import Cluster
from bench.prepare import Size
from bench.servers import Running, Server

WORKERS = 2
LISTEN = ("--host", "127.0.0.1", "--port", "{port}", "--workers", str(WORKERS))
OURS, CONSTANT, POSTGIS, NGINX = "ours", "constant", "postgis", "nginx"
GRANIAN_INTERFACE = "asgi"  # the interface that `quyhoach serve` uses; the constant answer must use the same
HEADERS_LEFT_OUT = {"date", "server", "connection", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a peer may need to be started."""

    size: Size
    cluster: Cluster | None
    out: Path
    note: str


@dataclass(frozen=True, slots=True)
class Peer:
    """One server beside ours. `missing` says why it can't run here, or nothing; `server` says how to start it."""

    name: str
    about: str
    answers: tuple[str, ...]  # point, polygon, tiles
    missing: Callable[[], str]
    server: Callable[[Setting], Server]


def first_question(path: Path) -> str:
    """Path and query of the first question of a file."""
    with path.open(encoding="utf-8") as file:
        return file.readline().split(" ")[1].strip()


def ours(size: Size) -> Server:
    """The public read side, as a province would start it."""
    command = [
        str(Path(sys.executable).with_name("quyhoach")),
        "serve",
        "--read-only",
        "--workspace",
        str(size.workspace),
    ]
    return Server(
        OURS,
        [*command, "--workers", str(WORKERS), "--port", "{port}"],
        {"QUYHOACH_REHASH_HOURS": "0"},  # no background verification amid a measurement of seconds
        first_question(size.points),
    )


def constant(out: Path) -> Server:
    """The same server software answering the answer recorded in `out`."""
    command = [str(Path(sys.executable).with_name("granian")), "--interface", GRANIAN_INTERFACE]
    return Server(
        CONSTANT,
        [*command, f"bench.constant:{GRANIAN_INTERFACE}", *LISTEN, "--no-ws", "--log-level", "error"],
        {"BENCH_ANSWER": str(out / "answer.json")},
    )


def _postgis(setting: Setting) -> Server:
    assert setting.cluster is not None
    command = [str(Path(sys.executable).with_name("uvicorn")), "--factory", "bench.peer_postgis:make_app"]
    return Server(
        POSTGIS,
        [*command, *LISTEN, "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"],
        {"BENCH_DSN": setting.cluster.dsn(setting.size.database), "BENCH_NOTE": setting.note},
        first_question(setting.size.points),
    )


def _nginx(setting: Setting) -> Server:
    archive = next(setting.size.workspace.glob("releases/*/tiles/plans.pmtiles"))
    folder = setting.out / "nginx"

    def configure(port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        kept = (f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        lines = [
            "user root;" if os.geteuid() == 0 else "",
            f"daemon off; worker_processes {WORKERS}; pid {folder}/nginx.pid; error_log {folder}/error.log error;",
            "events { worker_connections 1024; }",
            "http { access_log off; sendfile on; tcp_nodelay on; keepalive_requests 1000000000;",
            *kept,
            f"server {{ listen 127.0.0.1:{port}; root {archive.parent}; }} }}",
        ]
        (folder / "nginx.conf").write_text("\n".join(lines) + "\n")

    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    return Server(NGINX, command, {}, "/plans.pmtiles", "bytes=0-126", configure)


PEERS: tuple[Peer, ...] = (
    Peer(
        POSTGIS,
        "hand-written FastAPI + asyncpg + PostGIS (bench/peer_postgis.py), uvicorn with 2 workers, the same fields",
        ("point", "polygon"),
        lambda: "",
        _postgis,
    ),
    Peer(
        NGINX,
        "nginx with 2 workers, serving the same bytes of the same PMTiles file by range",
        ("tiles",),
        lambda: "" if shutil.which("nginx") else "nginx is not installed",
        _nginx,
    ),
    # More peers (pygeoapi, tipg, MapServer, GeoDjango, martin …) come here.
)


# ── the answer that the constant server gives ──────────────────────────────────────────────────────────────


def record_median_answer(server: Running, questions: Sequence[str], out: Path) -> int:
    """Ask `server`, keep the answer of median size with its headers for bench/constant.py; its size in bytes."""
    answers = [(body, headers) for body, headers in ask(server, questions)]
    median = statistics.median_low([len(body) for body, _ in answers])
    body, headers = next(answer for answer in answers if len(answer[0]) == median)
    kept = [[name, value] for name, value in headers if name.lower() not in HEADERS_LEFT_OUT]
    out.mkdir(parents=True, exist_ok=True)
    (out / "answer.json").write_text(json.dumps({"body": body.decode(), "headers": kept}))
    return median


def ask(server: Running, questions: Iterable[str]) -> Iterable[tuple[bytes, list[tuple[str, str]]]]:
    """Body and headers for each question (a line as bench/wrk.lua reads them)."""
    for line in questions:
        method, path, *body = line.split(" ", 2)
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}{path}",
            data=body[0].encode() if body else None,
            headers={"Content-Type": "application/json"} if body else {},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            yield answer.read(), [(name.lower(), value) for name, value in answer.headers.items()]
