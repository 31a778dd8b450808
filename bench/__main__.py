"""`python -m bench`: prepares what is missing, measures, writes bench/out and the pages of docs/reference."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

HERE = Path(__file__).parent
DATA, OUT = HERE / "data", HERE / "out"
PAGE = HERE.parent / "docs" / "reference" / "performance.md"
SERVED = ("build", "point", "polygon", "tiles", "scale")  # these need wrk and, for the peers, PostgreSQL
SECTIONS = (*SERVED, "drawings")
RESULTS = 2  # raised when the shape of results.json changes
SMALL, LARGE, TINY = 200_000, 1_000_000, 10_000


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _arguments(argv)
    signal.signal(signal.SIGTERM, _interrupt)  # so that every server is stopped, also when the bench is
    drawn = _drawings(arguments) if "drawings" in arguments.only else True
    if not set(arguments.only) & set(SERVED):
        return 0 if drawn else 1
    if shutil.which("wrk") is None:
        print("bench: wrk is not installed (apt-get install wrk); nothing can be measured", file=sys.stderr)
        return 2
    _install()
    results = _run(arguments)
    if arguments.quick:
        print("bench: a quick run proves that the bench works; its figures are not written to the docs")
        return 0 if _good(results, arguments.only) else 1
    from bench.report import write_page

    write_page(PAGE, results)
    print(f"bench: wrote {PAGE}")
    return 0 if _good(results, arguments.only) and drawn else 1


def _drawings(arguments: argparse.Namespace) -> bool:
    """Drawings to packages: a page of their own. False where a drawing could not be read at all."""
    from bench.drawings import failed, measure

    return not failed(measure(_tell, quick=arguments.quick))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 zones, one pair of one second: does it all work?")
    parser.add_argument("--sizes", type=_sizes, default=None, help=f"zones, default {SMALL},{LARGE}")
    parser.add_argument("--only", "--section", default=",".join(SECTIONS), help="some of " + ",".join(SECTIONS))
    parser.add_argument("--pairs", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=_sizes, default=[1, 8, 32])
    arguments = parser.parse_args(argv)
    arguments.only = arguments.only.split(",")
    if set(arguments.only) - set(SECTIONS):
        parser.error(f"--only takes some of {', '.join(SECTIONS)}")
    if arguments.quick:
        arguments.pairs, arguments.seconds, arguments.sizes = 1, 1, arguments.sizes or [TINY]
    arguments.sizes = arguments.sizes or [SMALL, LARGE]
    return arguments


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _install() -> None:
    """The peer's packages, from the bench's own lock, once."""
    try:
        import asyncpg  # noqa: F401
        import fastapi  # noqa: F401
        import orjson  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        print("bench: installing what the peer needs (once) …", flush=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*command, "-r", str(HERE / "requirements.txt")], check=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _tell(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def _run(arguments: argparse.Namespace) -> dict[str, Any]:
    from bench import facts, prepare, sections
    from bench.peers import Setting
    from quyhoach.standard.messages import message

    out = OUT / "quick" if arguments.quick else OUT
    out.mkdir(parents=True, exist_ok=True)
    plan = sections.Plan(arguments.pairs, arguments.seconds, arguments.connections, out, _tell)
    sizes = {count: prepare.Size(count, DATA / prepare.Size(count, DATA).name) for count in arguments.sizes}
    worlds = prepare.Worlds(_tell)
    results = _earlier(out)
    with _database() as cluster:
        results |= {"machine": facts.machine(), "versions": facts.versions(cluster.version if cluster else "")}
        for count, size in sizes.items():
            _prepare(size, worlds, cluster)
            setting = Setting(size, cluster, out, message("answer-note", "vi"))
            if "build" in arguments.only and count <= SMALL:
                from bench.building import build

                _keep(out, results, "build", size.name, build(size, worlds[count], worlds.standard, _tell))
            if set(arguments.only) - {"build"}:
                from bench.building import ensure_release

                ensure_release(size, _tell)
            for name in ("point", "polygon", "tiles"):
                if name in arguments.only:
                    _keep(out, results, name, size.name, getattr(sections, name)(plan, setting))
        if "scale" in arguments.only and len(sizes) > 1:
            first, *_, last = sizes.values()
            _keep(out, results, "scale", f"{first.name} → {last.name}", sections.scale(plan, first, last))
    return results


def _prepare(size: Any, worlds: Any, cluster: Any) -> None:
    from bench import prepare, rows

    prepare.prepare_workspace(size, worlds, _tell)
    if cluster is not None and not rows.is_loaded(cluster, size.database, worlds.standard):
        rows.load(cluster, size.database, worlds[size.count], worlds.standard, _tell)


@contextmanager
def _database() -> Iterator[Any]:
    from bench.postgres import cluster, find_binaries

    binaries = find_binaries()
    if binaries is None:
        _tell("no PostgreSQL server with PostGIS on this machine: that peer is left out")
        yield None
        return
    with cluster(binaries, DATA / "pg") as started:
        yield started


def _earlier(out: Path) -> dict[str, Any]:
    """Results of earlier runs: a section not asked for keeps its figures, with their date."""
    path = out / "results.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found if found.get("schema") == RESULTS else {"schema": RESULTS}


def _keep(out: Path, results: dict[str, Any], section: str, size: str, found: dict[str, Any]) -> None:
    found["at"] = datetime.now(UTC).isoformat(timespec="seconds")
    found["load"] = round(os.getloadavg()[0], 2)
    results.setdefault(section, {})[size] = found
    (out / "results.json").write_text(json.dumps(results, ensure_ascii=False, indent=1))


def _good(results: dict[str, Any], measured: Sequence[str]) -> bool:
    """Whether everybody gave the same answers in what was measured; speed is never judged here."""
    good = True
    for section in {"point", "polygon"} & set(measured):
        for size, found in results.get(section, {}).items():
            for name, seen in found["agreement"].items():
                if not seen["good"]:
                    print(f"bench: {section} {size}: ours and {name} differ: {seen['examples']}", file=sys.stderr)
                    good = False
    return good


if __name__ == "__main__":
    sys.exit(main())
