"""Start a server, wait for its first answer, weigh it, stop it and all it started, whatever happens."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """How to start one: `{port}` in the command and the settings is filled in."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    first: str = "/"  # path asked until it answers 2xx
    first_range: str = ""  # header Range of that question
    configure: Callable[[int], None] | None = None  # writes what the server reads, given its port


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    name: str
    port: int
    cold_s: float  # from the start of the process to the end of its first answer
    process: subprocess.Popen[bytes]

    def pss_mib(self) -> list[float]:
        """Proportional memory of each worker (every process but the first, where there are several), largest first."""
        first, *others = descendants(self.process.pid)
        return sorted(filter(None, map(pss, others or [first])), reverse=True)


@contextmanager
def running(server: Server, logs: Path) -> Iterator[Running]:
    """Start `server` on a free port in a session of its own; at the end its whole process group is gone."""
    port = free_port()
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{server.name}.log"
    command = [part.replace("{port}", str(port)) for part in server.command]
    environment = {key: value.replace("{port}", str(port)) for key, value in server.environment.items()}
    if server.configure is not None:
        server.configure(port)
    question = urllib.request.Request(f"http://127.0.0.1:{port}{server.first}")
    if server.first_range:
        question.add_header("Range", server.first_range)
    with log.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=out, stderr=out, start_new_session=True
        )
        try:
            _wait(question, process, log)
            yield Running(server.name, port, time.perf_counter() - start, process)
        finally:
            stop(process)


def _wait(question: urllib.request.Request, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended: {log.read_text(errors='replace')[-1500:]}")
        try:
            with urllib.request.urlopen(question, timeout=30) as answer:
                answer.read()
                return
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{question.full_url} answered {error.code}: {error.read()[:500]!r}") from None
        except OSError:
            time.sleep(0.005)
    raise RuntimeError(
        f"{question.full_url} did not answer in {PATIENCE_S} s: {log.read_text(errors='replace')[-1500:]}"
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the group to end; after five seconds, end it."""
    for sign, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        if not _group_alive(process.pid):
            return
    process.wait(5.0)


def _group_alive(group: int) -> bool:
    for _ in range(40):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(pid: int) -> list[int]:
    """`pid` and all processes below it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(folder.name))
    found, work = [], [pid]
    while work:
        found.append(work.pop(0))
        work += sorted(children.get(found[-1], []))
    return found


def pss(pid: int) -> float:
    """Proportional set size in MiB; 0 where the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
