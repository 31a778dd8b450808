"""Compiling a release, publishing one plan of 300 lots into it, and the tile tool by itself on the same features."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from bench.generate import CRS, PUBLISHED_LOTS, PlanData, World
from bench.prepare import CACHED, Progress, Size, compiler_code, release_is_current
from bench.workspace import add_plan
from quyhoach.standard import Standard

TOOL_SETTINGS = (
    "-Z6",
    "-z16",
    "--no-feature-limit",
    "--no-tile-size-limit",
    "--no-simplification-of-shared-nodes",
    "-P",
)
QUYHOACH = str(Path(sys.executable).with_name("quyhoach"))


@dataclass(frozen=True, slots=True)
class Run:
    """A command that ended well: how long, processor time of all its processes, the most memory one of them held."""

    seconds: float
    cpu_s: float
    peak_mib: float
    output: str


def timed(command: Sequence[str], *, limit_s: float) -> Run:
    """Run a command; RuntimeError with its last words where it fails."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                if time.perf_counter() - start > limit_s:
                    raise RuntimeError(f"{command[0]} took more than {limit_s:.0f} s")
                time.sleep(0.02)
        except BaseException:
            os.killpg(process.pid, 9)
            os.waitpid(process.pid, 0)
            raise
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().decode(errors="replace")
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said[-1500:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def release_build(workspace: Path, limit_s: float) -> Run:
    """`quyhoach release build`, as a user runs it."""
    return timed([QUYHOACH, "release", "build", "--workspace", str(workspace)], limit_s=limit_s)


def ensure_release(size: Size, progress: Progress, *, limit_s: float = 7200) -> None:
    """A current release of the workspace, compiled now if there is none or if compiler or inputs changed."""
    if size.count > CACHED and release_is_current(size):
        return
    code, before = compiler_code(), _compiled(size)
    run = release_build(size.workspace, limit_s)
    if len(_compiled(size) - before) > len(before) / 2:  # another compiler: what the last one made is of no use
        for name in before:
            shutil.rmtree(size.workspace / "cache" / name, ignore_errors=True)
    ids = sorted(path.name for path in (size.workspace / "releases").iterdir() if not path.name.startswith("."))
    newest = max(ids, key=lambda name: (size.workspace / "releases" / name).stat().st_mtime)
    for name in ids:
        if name != newest and name not in run.output:
            shutil.rmtree(size.workspace / "releases" / name)
    if size.count > CACHED:
        for name in ("cache", "packages"):  # gigabytes, needed again for another build only
            shutil.rmtree(size.workspace / name, ignore_errors=True)
    timed([QUYHOACH, "release", "use", newest, "--workspace", str(size.workspace)], limit_s=600)
    (size.folder / "compiler").write_text(code)
    progress(f"release {newest} of {size.name} current after {run.seconds:.0f} s")


def build(size: Size, world: World, standard: Standard, progress: Progress, *, limit_s: float = 7200) -> dict[str, Any]:
    """Full build with an empty cache, then with one plan more; then the tile tool."""
    for name in ("cache", "releases"):
        shutil.rmtree(size.workspace / name, ignore_errors=True)
    (size.workspace / "current").unlink(missing_ok=True)
    full = release_build(size.workspace, limit_s)
    progress(f"full build: {full.seconds:.1f} s")
    before = set((size.workspace / "releases").iterdir())
    compiled = _compiled(size)
    extra = size.workspace / "plans" / world.extra.plan.plan_id
    try:
        add_plan(size.workspace, world.extra)
        publish = release_build(size.workspace, limit_s)
        fresh = _compiled(size) - compiled
    finally:
        shutil.rmtree(extra, ignore_errors=True)
        for made in set((size.workspace / "releases").iterdir()) - before:
            if made.is_dir():
                shutil.rmtree(made)
    progress(f"with one plan of {PUBLISHED_LOTS} lots more: {publish.seconds:.1f} s")
    tool = tile_tool(size.folder, world, standard, limit_s)
    progress(f"tippecanoe alone: {tool.seconds:.1f} s" if tool else "tippecanoe is not installed")
    found: dict[str, Any] = {
        "full_s": full.seconds,
        "full_cpu_s": full.cpu_s,
        "publish_s": publish.seconds,
        "publish_cpu_s": publish.cpu_s,
        "publish_compiled": len(fresh),
        "publish_share": publish.seconds / full.seconds,
        "peak_mib": full.peak_mib,
        "release_mib": _megabytes(size.workspace / "releases"),
        "cache_mib": _megabytes(size.workspace / "cache"),
    }
    if tool:
        found |= {
            "tool_s": tool.seconds,
            "tool_cpu_s": tool.cpu_s,
            "tool_settings": TOOL_SETTINGS,
            "of_tool": full.seconds / tool.seconds,
        }
    return found


def _compiled(size: Size) -> set[str]:
    cache = size.workspace / "cache"
    return {path.name for path in cache.iterdir()} if cache.is_dir() else set()


def tile_tool(folder: Path, world: World, standard: Standard, limit_s: float) -> Run | None:
    """tippecanoe on all features of the release at once, at the zooms of their layers; None where it is absent."""
    program = shutil.which("tippecanoe", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        source = Path(scratch) / "features.geojsonl"
        with source.open("w", encoding="utf-8") as file:
            for data in world.plans:
                file.writelines(f"{json.dumps(feature, ensure_ascii=False)}\n" for feature in features(data, standard))
        out = str(Path(scratch) / "tiles.pmtiles")
        return timed([program, "-q", "-o", out, *TOOL_SETTINGS, str(source)], limit_s=limit_s)


def features(data: PlanData, standard: Standard) -> Iterator[dict[str, Any]]:
    """The plan's features for the tile tool: the layers and attributes of schemas §3.1."""
    kind = standard.plan_kinds[data.plan.kind]
    version = data.plan.versions[0]
    assert version.valid_from is not None
    base = {"plan": data.plan.plan_id, "v": 1}
    state = {"vf": int(version.valid_from.strftime("%Y%m%d")), "vt": 99999999, "st": "in_force"}
    name = {"name": data.plan.name["vi"], "kind": data.plan.kind, "digitised": 1}
    yield _feature("outlines", data.outline, {**base, **name, **state}, 6, 16)
    if data.lots is not None:
        lots = data.lots
        for label, function, shape in zip(lots.label, lots.function, lots.geometry, strict=True):
            shared = {**base, "kind": data.plan.kind, "label": label, "fn": function, **state}
            group = standard.land_use[function.casefold()].group
            row = {"id": f"{version.version_id}/{label}", "grp": group, **shared}
            yield _feature("zones", shape, row, kind.zoom_min, kind.zoom_max)
            yield _feature("zone_labels", shape.representative_point(), shared, kind.zoom_max - 1, kind.zoom_max)
    if data.overlays is not None:
        o = data.overlays
        for key, theme, text, shape in zip(o.key, o.theme, o.name, o.geometry, strict=True):
            row = {"id": f"{version.version_id}/{key}", **base, "theme": theme, "name": text, **state}
            yield _feature("restrictions", shape, row, 10, 16)


_to_lonlat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def _feature(layer: str, shape: BaseGeometry, row: dict[str, Any], low: int, high: int) -> dict[str, Any]:
    place: BaseGeometry = shapely.transform(shape, _to_lonlat.transform, interleaved=False)  # type: ignore[arg-type]
    return {
        "type": "Feature",
        "tippecanoe": {"layer": layer, "minzoom": low, "maxzoom": high},
        "properties": row,
        "geometry": shapely.geometry.mapping(place),
    }


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
