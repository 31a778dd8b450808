"""`quyhoach serve` and `quyhoach demo`: start the server, and say its address when a real look-up answers."""

import argparse
import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import UsageError
from quyhoach.standard.messages import message

TARGET = "quyhoach.project.asgi:create"
DEMO_PLACE = (106.5783, 21.6570)  # the town of Đồng Mỏ, in the middle of the demo's plans
DEMO_STAMP = "demo.json"
PATIENCE_S = 120.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `serve` and `demo` to the command line."""
    parser = subparsers.add_parser("serve", help="mở máy chủ tra cứu · serve look-up, tiles and pages")
    parser.add_argument("--workspace", type=Path, default=None, help="default: QUYHOACH_WORKSPACE, else this folder")
    _add_listening(parser)
    parser.add_argument("--read-only", action="store_true", help="public node: the read side alone, no office database")
    parser.set_defaults(run=_serve)

    demo = subparsers.add_parser("demo", help="vẽ tỉnh minh hoạ và mở máy chủ · draw the demo province, serve it")
    demo.add_argument("--workspace", type=Path, default=Path("var/demo"), help="where the demo is drawn")
    demo.add_argument("--serve", action="store_true", help="serve it when it is ready")
    _add_listening(demo)
    demo.set_defaults(run=_demo)


def _add_listening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on; 0: any free one")
    parser.add_argument("--workers", type=_workers, default=1, help="processes; one per core on a busy public node")


def _port(text: str) -> int:
    if not (text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"not a port: {text}")
    return int(text)


def _workers(text: str) -> int:
    if not (text.isdigit() and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError(f"not a number of workers (1–64): {text}")
    return int(text)


# ── serve ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _serve(arguments: argparse.Namespace) -> int:
    workspace = arguments.workspace or Path(os.environ.get("QUYHOACH_WORKSPACE") or ".")
    return serve(
        workspace,
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        read_only=arguments.read_only,
        place=None,
    )


def serve(
    workspace: Path,
    *,
    host: str,
    port: int,
    workers: int,
    read_only: bool,
    place: tuple[float, float] | None,
) -> int:
    """Serve until a signal ends it. Raises UsageError before anything listens: settings, workspace, port.

    `place` (lon, lat) is looked up before the address is printed; None: the middle of the province."""
    if not workspace.is_dir():
        raise UsageError("serve-no-workspace", path=workspace)
    port = _free(host, port)
    os.environ["QUYHOACH_WORKSPACE"] = str(workspace.resolve())
    if read_only:
        os.environ["QUYHOACH_READ_ONLY"] = "1"
    # numpy is used for arrays only here; a thread pool in each worker would cost memory for nothing.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from quyhoach.api.settings import read_settings

    read_settings(os.environ)
    address = f"http://{_reachable(host)}:{port}"
    _say("serve-waiting", url=f"{address}/")
    announcer = multiprocessing.Process(target=announce, args=(address, place), daemon=True)
    announcer.start()
    _run(host, port, workers)
    return 0


# ── demo ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _demo(arguments: argparse.Namespace) -> int:
    prepare_demo(arguments.workspace, now=datetime.now(UTC))
    if not arguments.serve:
        return 0
    return serve(
        arguments.workspace,
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        read_only=False,
        place=DEMO_PLACE,
    )


def prepare_demo(root: Path, *, now: datetime, draw: Callable[[Path], None] | None = None) -> str:
    """Draw the demo province into a workspace of its own, if what it is drawn from changed; build its release, if that
    isn't there; put it to use. Says each step. Returns the release id.

    `draw` draws another one than the whole demo. Raises UsageError `demo-not-ours` where the workspace has content
    that wasn't drawn here."""
    from quyhoach.release.compile import build_release
    from quyhoach.release.switch import current_release, use_release

    stamp = root / "cache" / DEMO_STAMP
    inputs = demo_inputs()
    if _read_stamp(stamp) == inputs:
        _say("demo-drawn")
    else:
        _say("demo-draw")
        _clear_demo(root, stamp)
        (draw or _draw)(root)
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(json.dumps({"inputs": inputs}))
    _say("demo-build")
    release_id = build_release(root, now=now, progress=_Steps("build-"))
    if current_release(root) != release_id:
        _say("demo-use", release=release_id)
        use_release(root, release_id)
    return release_id


def _draw(root: Path) -> None:
    from quyhoach.demo import draw_demo

    draw_demo(root, progress=_Steps())


def demo_inputs() -> str:
    """SHA-256 of what the demo is drawn from: its code and the tables of the standard."""
    import quyhoach.demo

    digest = hashlib.sha256()
    here = Path(quyhoach.demo.__file__).parent
    for folder in (here, here.parent / "standard" / "tables", here.parent / "package"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in (".py", ".csv", ".toml", ".json"):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


class _Steps:
    """Progress in words: a line when a step begins."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._said: set[str] = set()

    def __call__(self, step: str, share: float) -> None:
        if step not in self._said:
            self._said.add(step)
            code = self._prefix + step
            _print(f"  {message(code, 'vi')} · {message(code, 'en')}")


def _read_stamp(stamp: Path) -> str:
    try:
        return str(json.loads(stamp.read_text())["inputs"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _clear_demo(root: Path, stamp: Path) -> None:
    """Remove what was drawn before; releases and what was compiled stay."""
    if (root / "province.toml").exists() and not stamp.exists():
        raise UsageError("demo-not-ours", path=root)
    for folder in ("plans", "packages", "documents", "basemap"):
        shutil.rmtree(root / folder, ignore_errors=True)
    (root / "province.toml").unlink(missing_ok=True)


def _run(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    import quyhoach.api.app  # noqa: F401 - loaded before the workers are forked, so that they share its pages

    Granian(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        websockets=False,
        factory=True,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    ).serve()


def _free(host: str, port: int) -> int:
    """The port, or with 0 a free one; UsageError when it is taken or isn't ours to take."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise UsageError("serve-port-taken", host=host, port=port) from None
        return int(probe.getsockname()[1])


def _reachable(host: str) -> str:
    """A host to reach a server by that listens on `host`."""
    if host in ("0.0.0.0", ""):
        return "127.0.0.1"
    if ":" in host:
        return "[::1]" if host == "::" else f"[{host}]"
    return host


# ── the address, when it is true ───────────────────────────────────────────────────────────────────────────────


def announce(address: str, place: tuple[float, float] | None) -> None:
    """Wait until a look-up answers over HTTP, then print the address. Runs in a process of its own, which is forked
    before the server's workers: a thread could hold a lock while they are."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends in silence with the server
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = os.getppid()
    said = ""
    end = time.monotonic() + PATIENCE_S
    while os.getppid() == parent and time.monotonic() < end:
        try:
            _try(address, place)
        except urllib.error.HTTPError as error:
            reason = _detail(error)
            if reason != said:
                for language in ("vi", "en"):
                    _print(message("serve-not-ready", language, reason=_health(address, language) or reason))
                said = reason
            time.sleep(0.5)
        except (OSError, ValueError):
            time.sleep(0.02)
        else:
            _say("serve-ready", url=f"{address}/")
            return


def _try(address: str, place: tuple[float, float] | None) -> None:
    if place is None:
        west, south, east, north = _get(f"{address}/api/v1/release")["province"]["extent"]
        place = ((west + east) / 2, (south + north) / 2)
    answer = _get(f"{address}/api/v1/lookup?lon={place[0]}&lat={place[1]}")
    if place == DEMO_PLACE:
        plan = answer["zones"][0]["plan_name"] if answer["zones"] else "–"
        _say("demo-try", lon=str(place[0]), lat=str(place[1]), zones=len(answer["zones"]), plan=plan)


def _get(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=5) as reply:
        found: dict[str, Any] = json.load(reply)
        return found


def _health(address: str, language: str) -> str:
    """Why look-ups aren't answered, in one language; empty where it can't be told."""
    try:
        _get(f"{address}/healthz?lang={language}")
    except urllib.error.HTTPError as error:
        return _detail(error)
    except (OSError, ValueError):
        pass
    return ""


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {error.code}"


def _say(code: str, **params: object) -> None:
    for language in ("vi", "en"):
        _print(message(code, language, **params))


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
