"""What is measured. Each section returns plain values for results.json; every server it starts is stopped again."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bench.agree import Agreement, compare
from bench.measure import Measurement, load_server, ratio, rounds
from bench.peers import CONSTANT, OURS, PEERS, Setting, ask, constant, ours, record_median_answer
from bench.prepare import Progress, Size
from bench.servers import Running, Server, running
from bench.tiles import write_tile_questions

COMPARED = 2000
COMPARED_POLYGONS = 500
COLD_STARTS = 3
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often."""

    pairs: int
    seconds: float
    connections: Sequence[int]
    out: Path
    progress: Progress

    @property
    def logs(self) -> Path:
        return self.out / "logs"


def point(plan: Plan, setting: Setting) -> Found:
    """Point look-up: ours, the constant answer of its median size and the peers, in adjacent pairs."""
    questions = setting.size.points
    found: Found = {"left_out": _missing("point", setting)}
    with ExitStack() as stack:
        cold = _cold_starts(plan, ours(setting.size))
        mine = stack.enter_context(running(ours(setting.size), plan.logs))
        found["median_answer_bytes"] = record_median_answer(mine, _lines(questions, COMPARED), plan.out)
        servers = [stack.enter_context(running(constant(plan.out), plan.logs)), mine]
        servers += _start_peers(stack, plan, setting, "point")
        found["agreement"] = _agreements(servers, _lines(questions, COMPARED))
        found |= _in_turn(plan, servers, {server.name: questions for server in servers})
        found["cold_s"] = {server.name: [server.cold_s] for server in servers} | {OURS: cold}
        found["worker_pss_mib"] = {server.name: server.pss_mib() for server in servers}
    return found


def polygon(plan: Plan, setting: Setting) -> Found:
    """Polygon look-up by POST: ours and the peers."""
    questions = setting.size.polygons
    found: Found = {"left_out": _missing("polygon", setting)}
    with ExitStack() as stack:
        servers = [stack.enter_context(running(ours(setting.size), plan.logs))]
        servers += _start_peers(stack, plan, setting, "polygon")
        found["agreement"] = _agreements(servers, _lines(questions, COMPARED_POLYGONS))
        found |= _in_turn(plan, servers, {server.name: questions for server in servers})
    return found


def tiles(plan: Plan, setting: Setting) -> Found:
    """Tiles around the questions: ours by address, nginx the same bytes by range."""
    size = setting.size
    archive = next(size.workspace.glob("releases/*/tiles/plans.pmtiles"))
    files = {OURS: size.folder / "tiles-ours.txt", "nginx": size.folder / "tiles-nginx.txt"}
    found: Found = {"left_out": _missing("tiles", setting)}
    places = np.array([_place(line) for line in _lines(size.points, None)])
    found |= write_tile_questions(archive, archive.parents[1].name, places, files[OURS], files["nginx"])
    with ExitStack() as stack:
        servers = [stack.enter_context(running(ours(size), plan.logs))]
        servers += _start_peers(stack, plan, setting, "tiles")
        found |= _in_turn(plan, servers, files)
    return found


def scale(plan: Plan, small: Size, large: Size) -> Found:
    """Ours on the large size over ours on the small one, in adjacent pairs."""
    with ExitStack() as stack:
        servers = []
        for size in (small, large):
            server = ours(size)
            named = Server(size.name, server.command, server.environment, server.first)
            servers.append(stack.enter_context(running(named, plan.logs)))
        questions = {small.name: small.points, large.name: large.points}
        measured = _measure(plan, servers, questions)
    return {"measurements": measured, "ratios": _ratios(measured, large.name, [small.name])}


# ── shared ─────────────────────────────────────────────────────────────────────────────────────────────────


def _in_turn(plan: Plan, servers: Sequence[Running], questions: dict[str, Path]) -> Found:
    measured = _measure(plan, servers, questions)
    others = [server.name for server in servers if server.name != OURS]
    return {"measurements": measured, "ratios": _ratios(measured, OURS, others)}


def _measure(plan: Plan, servers: Sequence[Running], questions: dict[str, Path]) -> list[dict[str, Any]]:
    by_name = {server.name: server for server in servers}
    for server in servers:  # a first second each, for caches and connections; not counted
        load_server(server.name, server.port, questions[server.name], connections=8, seconds=1)
    measured = []
    for connections in plan.connections:
        for name in rounds(list(by_name), plan.pairs):
            seen = load_server(name, by_name[name].port, questions[name], connections=connections, seconds=plan.seconds)
            measured.append(asdict(seen))
            plan.progress(_line(seen))
    return measured


def _line(seen: Measurement) -> str:
    failed = f", {seen.failed} FAILED" if seen.failed else ""
    times = f"p50 {seen.p50_ms:.2f} ms, p99 {seen.p99_ms:.1f} ms"
    return f"{seen.server} c{seen.connections}: {seen.rps:.0f}/s, {times}{failed}"


def _ratios(measured: Sequence[dict[str, Any]], mine: str, others: Sequence[str]) -> Found:
    """other -> connections -> the ratio of requests per second, pair by pair."""

    def rates(server: str, connections: int) -> list[float]:
        return [m["rps"] for m in measured if m["server"] == server and m["connections"] == connections]

    connections = sorted({m["connections"] for m in measured})
    return {other: {str(c): asdict(ratio(rates(mine, c), rates(other, c))) for c in connections} for other in others}


def _start_peers(stack: ExitStack, plan: Plan, setting: Setting, what: str) -> list[Running]:
    started = []
    for peer in PEERS:
        if what in peer.answers and not _reason(peer.name, peer.missing, setting):
            started.append(stack.enter_context(running(peer.server(setting), plan.logs)))
    return started


def _missing(what: str, setting: Setting) -> dict[str, str]:
    """Peers that should be here and can't, with the reason."""
    reasons = {peer.name: _reason(peer.name, peer.missing, setting) for peer in PEERS if what in peer.answers}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(name: str, missing: Callable[[], str], setting: Setting) -> str:
    if name == "postgis" and setting.cluster is None:
        return "no PostgreSQL server with PostGIS on this machine"
    return missing()


def _agreements(servers: Sequence[Running], questions: Sequence[str]) -> Found:
    """Ours against every server that really answers."""
    mine = next(server for server in servers if server.name == OURS)
    others = [server for server in servers if server.name not in (OURS, CONSTANT)]
    expected = [body for body, _ in ask(mine, questions)]
    found: Found = {}
    for server in others:
        seen: Agreement = compare(expected, [body for body, _ in ask(server, questions)])
        found[server.name] = asdict(seen) | {"good": seen.good}
    return found


def _cold_starts(plan: Plan, server: Server) -> list[float]:
    """Seconds from the start of the process to its first answer, files in the page cache."""
    times = []
    for _ in range(COLD_STARTS):
        with running(server, plan.logs) as started:
            times.append(started.cold_s)
        time.sleep(0.2)
    return times


def _lines(path: Path, most: int | None) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [line.rstrip("\n") for line in islice(file, most)]


def _place(line: str) -> tuple[float, float]:
    query = dict(part.split("=") for part in line.partition("?")[2].split("&"))
    return float(query["lon"]), float(query["lat"])
