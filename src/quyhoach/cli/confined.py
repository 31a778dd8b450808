"""Run what opens strangers' files in a limited child process: no network, bounded time, memory and file size.

`python -m quyhoach.cli.confined` is the child: its job comes as JSON on standard input, its answer leaves as the last
line of JSON on standard output, lines with "step" before it are progress. Nothing that could run code is exchanged.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import IngestError, QuyHoachError, UsageError
from quyhoach.ingest.limits import Limits, confine, environment

FAILED = 3
Progress = Callable[[Mapping[str, Any]], None]
# A workbook, headers of pictures, pages of PDFs; a whole sheet of a plan: A0 at 600 dpi stays within.
INSPECTION = Limits(cpu_seconds=300, wall_seconds=600, memory_bytes=3 << 30, file_bytes=64 << 20)
PICTURE = Limits(cpu_seconds=1_800, wall_seconds=3_600, memory_bytes=6 << 30, file_bytes=4 << 30)


def run_confined(
    job: str, arguments: Mapping[str, Any], *, file: str, limits: Limits, progress: Progress | None = None
) -> Any:
    """The answer of a job ("dossier-inspect", "scan-size", "scan-tiles", "scan-snap") done in a limited child.

    `file` is the name that errors tell. Raises what the job raised (QuyHoachError), and IngestError where the child
    was stopped or failed."""
    with tempfile.TemporaryDirectory(prefix="quyhoach-confined-") as work:
        request = json.dumps({"job": job, "arguments": arguments, "work": work, "limits": asdict(limits)}, default=str)
        with (Path(work) / "stderr").open("wb") as errors:
            child = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", "-m", "quyhoach.cli.confined"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment(work),
                cwd=work,
                start_new_session=True,
                text=True,
                encoding="utf-8",
            )
        timer = threading.Timer(limits.wall_seconds, _kill, [child])
        timer.start()
        last: dict[str, Any] = {}
        try:
            last = _converse(child, request, progress)
            code = child.wait()
        finally:
            timer.cancel()
            _kill(child)
            child.wait()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()
        if code == FAILED and "error" in last:
            kind = UsageError if last.get("usage") else IngestError
            raise kind(str(last["error"]), **last["params"])
        if code in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGXFSZ):
            raise IngestError("ingest-too-large", file=file)
        if code != 0 or "answer" not in last:
            lines = (Path(work) / "stderr").read_text("utf-8", "replace").strip().splitlines()
            raise IngestError("ingest-reader-failed", file=file, reason=lines[-1][:200] if lines else "")
        return last["answer"]


def _converse(child: "subprocess.Popen[str]", request: str, progress: Progress | None) -> dict[str, Any]:
    """Hand the job over and read lines until the child has said all; the last line."""
    assert child.stdin is not None
    assert child.stdout is not None
    last: dict[str, Any] = {}
    with suppress(BrokenPipeError):
        child.stdin.write(request)
        child.stdin.close()
    for line in child.stdout:
        try:
            last = json.loads(line)
        except json.JSONDecodeError:
            continue
        if progress and "step" in last:
            progress(last)
    return last


def _kill(child: "subprocess.Popen[str]") -> None:
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


# ── the child ──────────────────────────────────────────────────────────────────────────────────────────────


def _inspect_dossier(arguments: Mapping[str, Any], work: Path) -> Any:
    from quyhoach.dossier.inspection import inspect, to_json

    return to_json(inspect(Path(arguments["folder"])))


def _measure_scan(arguments: Mapping[str, Any], work: Path) -> Any:
    from quyhoach.scan.picture import picture_size

    return asdict(picture_size(Path(arguments["path"]), dpi=arguments["dpi"], page=arguments["page"]))


def _snap_points(arguments: Mapping[str, Any], work: Path) -> Any:
    from quyhoach.scan.picture import open_levels
    from quyhoach.scan.snap import snap_cross

    path = Path(arguments["path"])
    picture = open_levels(path, work, dpi=round(arguments["dpi"]), page=arguments["page"], halves=False)[0]
    found = [snap_cross(picture, col, row, dpi=arguments["dpi"]) for col, row in arguments["places"]]
    return [[one.col, one.row, one.found] for one in found]


def _cut_tiles(arguments: Mapping[str, Any], work: Path) -> Any:
    from quyhoach.scan.picture import open_levels
    from quyhoach.scan.tiles import Warper, write_tiles
    from quyhoach.scan.transform import transform_from_json

    levels = open_levels(Path(arguments["path"]), work, dpi=arguments["dpi"], page=arguments["page"])
    warper = Warper(levels, transform_from_json(arguments["transform"]), arguments["crs"])
    made = write_tiles(
        Path(arguments["out"]),
        warper,
        title=arguments["title"],
        progress=lambda share: _say({"step": "tiles", "share": share}),
    )
    return asdict(made)


_JOBS: Mapping[str, Callable[[Mapping[str, Any], Path], Any]] = {
    "dossier-inspect": _inspect_dossier,
    "scan-size": _measure_scan,
    "scan-snap": _snap_points,
    "scan-tiles": _cut_tiles,
}


def main() -> int:
    """Do the job given on standard input."""
    raw = json.load(sys.stdin)
    confine(Limits(**raw["limits"]))
    try:
        answer = _JOBS[raw["job"]](raw["arguments"], Path(raw["work"]))
    except QuyHoachError as error:
        params = {key: value if isinstance(value, int | float) else str(value) for key, value in error.params.items()}
        _say({"error": error.code, "params": params, "usage": isinstance(error, UsageError)})
        return FAILED
    except MemoryError:
        _say({"error": "ingest-too-large", "params": {"file": str(raw["arguments"].get("name", ""))}})
        return FAILED
    _say({"answer": answer})
    return 0


def _say(line: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
