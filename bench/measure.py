"""One measurement with wrk, and the arithmetic of adjacent pairs."""

import json
import os
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Measurement:
    """What wrk saw of one server for a few seconds."""

    server: str
    connections: int
    rps: float
    p50_ms: float
    p99_ms: float
    requests: int
    bytes: int
    failed: int  # broken connections and refusals; not counted in `rps`

    @classmethod
    def read(cls, server: str, connections: int, output: str) -> "Measurement":
        """From wrk's output; ValueError where it printed no result."""
        line = next((line for line in output.splitlines() if line.startswith("WRK ")), None)
        if line is None:
            raise ValueError(f"wrk said nothing of {server}: {output[-300:]}")
        seen = json.loads(line[4:])
        failed = seen["errors"] + seen["not_2xx"]
        return cls(
            server,
            connections,
            max(seen["requests"] - failed, 0) / (seen["duration_us"] / 1e6),
            seen["p50_us"] / 1000,
            seen["p99_us"] / 1000,
            seen["requests"],
            seen["bytes"],
            failed,
        )


@dataclass(frozen=True, slots=True)
class Ratio:
    """Ours over the other's, over adjacent pairs: the median and the extremes."""

    median: float
    low: float
    high: float
    pairs: int


def load_server(server: str, port: int, questions: Path, *, connections: int, seconds: float) -> Measurement:
    """Ask `server` the questions in turn for `seconds`, with one thread of wrk."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "20s"]
    done = subprocess.run(
        [*command, "-s", str(SCRIPT), f"http://127.0.0.1:{port}/"],
        env={**os.environ, "QUESTIONS": str(questions)},
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    return Measurement.read(server, connections, done.stdout + done.stderr)


def rounds(names: Sequence[str], pairs: int) -> Iterable[str]:
    """The servers in turn, `pairs` times; every other round backwards, so that a drift of the machine cancels out."""
    for number in range(pairs):
        yield from names if number % 2 == 0 else reversed(names)


def ratio(ours: Sequence[float], other: Sequence[float]) -> Ratio:
    """Pair by pair: the n-th of ours with the n-th of the other, which ran next to it."""
    if not ours or len(ours) != len(other):
        raise ValueError("pairs need as many of the one as of the other")
    values = [mine / max(its, 1e-9) for mine, its in zip(ours, other, strict=True)]
    return Ratio(statistics.median(values), min(values), max(values), len(values))
