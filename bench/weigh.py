"""Runs a command and says how long it took and how much memory it and its children held at once."""

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LOOK = 0.05  # seconds between two looks


@dataclass(frozen=True, slots=True)
class Weighed:
    """`code` −1: it ran out of time. `cpu`: seconds of processor, with the children it waited for. `mib`: the most that
    the process and its descendants held resident together, shared pages counted in each."""

    code: int
    seconds: float
    cpu: float
    mib: int
    output: str

    @property
    def tail(self) -> str:
        """The last lines of what it said."""
        return "\n".join(self.output.strip().splitlines()[-4:])


def weigh(command: Sequence[str], limit: float) -> Weighed:
    """Run the command with nothing on its input, for at most `limit` seconds."""
    with tempfile.TemporaryFile("w+b") as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        most, looked, late = 0, 0.0, False
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            now = time.perf_counter()
            if now - start > limit and not late:
                process.kill()
                late = True
            if now - looked > _LOOK:
                most, looked = max(most, sum(_held(pid) for pid in _family(process.pid))), now
            time.sleep(0.01)
        seconds = time.perf_counter() - start
        process.returncode = code = -1 if late else os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read().decode("utf-8", "replace")
    return Weighed(code, seconds, usage.ru_utime + usage.ru_stime, round(most / 1024), output)


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            found += _family(int(child))
    return found


def _held(pid: int) -> int:
    """KiB."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
