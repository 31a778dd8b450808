"""Read a file handed in, in a child process that can neither run away, fill the disk nor reach the network."""

import hashlib
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

from quyhoach.domain.errors import IngestError
from quyhoach.domain.source import Source
from quyhoach.ingest.child import FAILED
from quyhoach.ingest.exchange import Parcel, read_parcel
from quyhoach.ingest.formats import find_format
from quyhoach.ingest.limits import Limits, environment

_BUNDLES = frozenset({"ZIP", "KMZ"})
Progress = Callable[[Mapping[str, object]], None]


def read_source(
    path: Path, *, encoding: str = "auto", limits: Limits | None = None, progress: Progress | None = None
) -> Source:
    """Read all layers with geometry of a file, a FileGDB folder, a drawing, a folder of files or a ZIP of them.

    A drawing is read with the external drawings that it refers to and that lie beside it (in a ZIP or a folder:
    anywhere in it); its hash covers them.

    `encoding` overrides what the file says of its text. `progress` is called with {"step": …} for each step.
    Raises IngestError for what is missing, of an unknown format, hostile, damaged or too large.
    """
    limits = limits or Limits()
    if not path.exists():
        raise IngestError("ingest-missing", file=path.name)
    if not path.is_dir() or path.name.casefold().endswith(".gdb"):
        kind = find_format(path.name).name
    else:
        kind = "folder"
    digest = hash_source(path, limits)
    with tempfile.TemporaryDirectory(prefix="quyhoach-ingest-") as work:
        _run_child(path, Path(work), encoding, limits, progress)
        parcel = read_parcel(Path(work) / "out")
    if not parcel.layers:
        if parcel.drawing is not None:
            left = sum(row.count for row in parcel.drawing.left_out)
            raise IngestError("ingest-drawing-empty", file=path.name, left=left)
        raise IngestError("ingest-no-geometry", file=path.name)
    return Source(
        name=path.name,
        sha256=digest if path.is_dir() or kind in _BUNDLES else _with_xrefs(digest, parcel),
        format=kind,
        layers=tuple(parcel.layers),
        reader=parcel.reader,
        drawing=parcel.drawing,
    )


def _with_xrefs(digest: str, parcel: Parcel) -> str:
    """The hash of a drawing with the external drawings read beside it; alone, that of its own bytes."""
    if not parcel.xrefs:
        return digest
    whole = hashlib.sha256(f"{digest}\n".encode())
    for name, content in parcel.xrefs:
        whole.update(f"{name}\n{content}\n".encode())
    return whole.hexdigest()


def hash_source(path: Path, limits: Limits) -> str:
    """SHA-256 of a file with its companions, or of a folder: names and bytes, in order of name."""
    if path.is_dir():
        files = sorted(entry for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())
    else:
        companions = find_format(path.name).companions
        stem = path.stem.casefold()
        files = [path]
        if companions:
            beside = (entry for entry in path.parent.iterdir() if entry.stem.casefold() == stem and entry.is_file())
            files += sorted(entry for entry in beside if entry.suffix.casefold() in companions)
    if len(files) > limits.entries or sum(file.stat().st_size for file in files) > limits.input_bytes:
        raise IngestError("ingest-too-large", file=path.name)
    if files == [path]:
        with path.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as data:
            content = hashlib.file_digest(data, "sha256").hexdigest()
        whole.update(f"{file.relative_to(path.parent).as_posix()}\n{content}\n".encode())
    return whole.hexdigest()


def _run_child(path: Path, work: Path, encoding: str, limits: Limits, progress: Progress | None) -> None:
    job = {"path": str(path.resolve()), "work": str(work), "encoding": encoding, "limits": asdict(limits)}
    command = [sys.executable, "-I", "-X", "utf8", "-m", "quyhoach.ingest.child"]
    with (work / "stderr").open("wb") as errors:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment(str(work)),
            cwd=work,
            start_new_session=True,
            text=True,
            encoding="utf-8",
        )
    timer = threading.Timer(limits.wall_seconds, _kill, [child])
    timer.start()
    last: dict[str, Any] = {}
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        with child.stdin:
            child.stdin.write(json.dumps(job))
        with child.stdout:
            for line in child.stdout:
                last = json.loads(line)
                if progress and "step" in last:
                    progress(last)
        code = child.wait()
    except (json.JSONDecodeError, UnicodeDecodeError, BrokenPipeError):
        _kill(child)
        code = child.wait()
        code = code or -1
    finally:
        timer.cancel()
        _kill(child)
        child.wait()
        # A child that died before it took its job leaves a pipe that was never read.
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
    if code == FAILED and "error" in last:
        raise IngestError(str(last["error"]), **last["params"])
    if code in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGXFSZ):
        raise IngestError("ingest-too-large", file=path.name)
    if code != 0:
        raise IngestError("ingest-reader-failed", file=path.name, reason=_last_line(work / "stderr"))


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""


def _kill(child: "subprocess.Popen[str]") -> None:
    """End the child and whatever it started; nothing happens when it has ended by itself."""
    if child.poll() is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
