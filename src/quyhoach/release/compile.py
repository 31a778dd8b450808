"""Compiles a workspace into a release: immutable, content-addressed, verified whole before it can become current.

Each version is compiled by itself into `cache/<key>/`, where the key covers all that the result depends on; a
release joins those parts. So a full build is an incremental one with an empty cache, and both give the same bytes.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from fcntl import LOCK_EX, LOCK_UN, flock
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyproj

from quyhoach.domain.errors import WorkspaceError
from quyhoach.domain.zone import VersionContent
from quyhoach.package import Layer, read_package, write_package
from quyhoach.release.chunks import CELL_M, version_chunks
from quyhoach.release.chunks import SCHEMA as CHUNK_SCHEMA
from quyhoach.release.content import Job, content_of, load_layers, plan_jobs
from quyhoach.release.diff import diff_versions
from quyhoach.release.failpoints import failpoint
from quyhoach.release.index import block_checksums, encode, write_index
from quyhoach.release.manifest import SCHEMA, hash_files, verify_release, write_json
from quyhoach.release.registry import document_file, public_documents, public_registry
from quyhoach.release.search import search_rows, write_search
from quyhoach.release.segment import unit_segment, version_segment
from quyhoach.release.switch import release_path
from quyhoach.release.tile_archive import merge_tiles
from quyhoach.release.tiles import Unit, cut_unit_tiles, cut_version_tiles
from quyhoach.release.workspace import Workspace, fsync_folder, load_workspace

COMPILER = "11"  # raised whenever the same inputs would give other bytes
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Progress = Callable[[str, float], None]
Units = tuple[np.ndarray, list[dict[str, Any]]]  # polygons, and what an answer says of each


@dataclass(frozen=True, slots=True)
class Part:
    """A compiled version in the cache."""

    job: Job
    key: str
    folder: Path


def build_release(root: Path, *, now: datetime, progress: Progress | None = None, workers: int | None = None) -> str:
    """Compile the workspace at `root` and return the release's id; it is not made current.

    `now` (UTC) chooses the redaction rows in force and becomes `built_at`; it is no part of the bytes beyond that.
    Raises WorkspaceError, PackageError, ReleaseError; whatever happens, earlier releases stay as they were."""
    tell = progress or (lambda step, share: None)
    workspace = load_workspace(Path(root))
    with _only_builder(workspace.root):
        failpoint("build-started")
        jobs = plan_jobs(workspace, today=now.astimezone(HANOI).date())
        salt = f"{COMPILER}:{workspace.standard.digest}:{workspace.province.crs}:{workspace.province.illustrative}"
        parts = [Part(job, key := job.key(salt), workspace.root / "cache" / key) for job in jobs]
        release_id = _release_id(workspace, parts, salt)
        target = release_path(workspace.root, release_id)
        if target.is_dir():
            return release_id
        _compile_missing(workspace, parts, tell, workers or os.cpu_count() or 1)
        failpoint("versions-compiled")
        _assemble(workspace, parts, target, release_id, now, tell)
    return release_id


@contextmanager
def _only_builder(root: Path) -> Iterator[None]:
    """Builds of one workspace are serialised; what a killed one left behind is cleared first."""
    releases = root / "releases"
    releases.mkdir(parents=True, exist_ok=True)
    (root / "cache").mkdir(exist_ok=True)
    with (releases / ".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        try:
            for left in [*releases.glob(".building-*"), *(root / "cache").glob(".part-*")]:
                shutil.rmtree(left, ignore_errors=True)
            yield
        finally:
            flock(lock, LOCK_UN)


def _release_id(workspace: Workspace, parts: Sequence[Part], salt: str) -> str:
    province = workspace.province
    facts = [
        salt,
        SCHEMA,
        [part.key for part in parts],
        [part.job.corrected for part in parts],
        province.code,
        dict(province.name),
        list(province.extent),
        province.land_use,
        [[o.id, dict(o.name), o.phone, o.email, o.address] for o in province.offices],
        _unit_hash(workspace),
    ]
    return hashlib.sha256(encode(facts)).hexdigest()[:32]


def _unit_hash(workspace: Workspace) -> str:
    path = workspace.root / "basemap" / "units.gpkg"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


# ── one version ────────────────────────────────────────────────────────────────────────────────────────────


def _compile_missing(workspace: Workspace, parts: Sequence[Part], tell: Progress, workers: int) -> None:
    missing = [part for part in parts if not part.folder.is_dir()]
    total = max(len(missing), 1)
    if len(missing) <= 2 or workers == 1:
        for done, part in enumerate(missing):
            tell("compile", done / total)
            compile_version(workspace, part)
            failpoint("version-compiled")
        return
    # Spawned, not forked: GDAL and PROJ keep state that does not survive a fork.
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start, initargs=(workspace.root,)
    ) as pool:
        for done, _ in enumerate(pool.map(_compile_in_child, missing, chunksize=1)):
            tell("compile", (done + 1) / total)
            failpoint("version-compiled")


_child_workspace: Workspace | None = None


def _start(root: Path) -> None:
    global _child_workspace
    _child_workspace = load_workspace(root)


def _compile_in_child(part: Part) -> None:
    assert _child_workspace is not None
    compile_version(_child_workspace, part)


def compile_version(workspace: Workspace, part: Part) -> None:
    """Compile one version into its cache folder: segment, tiles, chunks, search rows, public package."""
    folder = part.folder.parent / f".part-{part.key}-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        layers = load_layers(workspace, part.job)
        content = content_of(layers, part.job, workspace.standard)
        if not part.job.corrected:  # of a corrected version only the difference and the package are published
            (folder / "segment").write_bytes(version_segment(content, part.job, workspace.province, workspace.standard))
            cut_version_tiles(content, workspace.standard, to_wgs84(workspace.province.crs), folder / "tiles")
            rows = search_rows(content, workspace.standard, to_wgs84(workspace.province.crs))
            (folder / "search.json").write_bytes(encode(rows))
            _write_chunks(content, folder)
        public = [_public_layer(layer) for name, layer in sorted(layers.items()) if name != "withheld"]
        write_package(folder / "package.gpkg", public, crs=workspace.province.crs)
        folder.replace(part.folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def to_wgs84(crs: str) -> Callable[[Any, Any], tuple[Any, Any]]:
    """A vectorised E, N → lon, lat for the province's CRS."""
    transformer = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return lambda east, north: transformer.transform(east, north)


def _write_chunks(content: VersionContent, folder: Path) -> None:
    (folder / "chunks").mkdir()
    chunks = version_chunks(content)
    for name, data in chunks.blobs.items():
        (folder / "chunks" / f"{name}.json.gz").write_bytes(data)
    listing = {
        "sizes": {name: len(data) for name, data in chunks.blobs.items()},
        "cells": [[*cell, list(names)] for cell, names in sorted(chunks.cells.items())],
    }
    (folder / "chunks.json").write_bytes(encode(listing))


def _public_layer(layer: Layer) -> Layer:
    return replace(layer, fields={name: values for name, values in layer.fields.items() if name != "source_handle"})


# ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────


def _assemble(
    workspace: Workspace, parts: Sequence[Part], target: Path, release_id: str, now: datetime, tell: Progress
) -> None:
    building = target.parent / f".building-{release_id}"
    building.mkdir(parents=True)
    try:
        shown = [part for part in parts if not part.job.corrected]
        units = _read_units(workspace)
        tell("index", 0.0)
        _write_index(workspace, shown, units, building)
        failpoint("index-written")
        _write_search(workspace, shown, building)
        failpoint("search-written")
        tell("tiles", 0.0)
        _write_tiles(workspace, shown, units, building)
        failpoint("tiles-written")
        _gather_chunks(workspace, shown, building)
        failpoint("chunks-written")
        _gather_files(workspace, parts, building)
        failpoint("packages-written")
        diffs = _write_diffs(workspace, parts, building)
        failpoint("diffs-written")
        registry = public_registry(workspace, [part.job for part in parts], diffs)
        write_json(building / "plans.json", registry)
        _write_manifest(workspace, building, release_id, now, registry)
        failpoint("manifest-written")
        tell("verify", 0.0)
        os.sync()
        failpoint("release-synced")
        verify_release(building)
        failpoint("release-verified")
        building.rename(target)
        fsync_folder(target.parent)
        failpoint("release-renamed")
        tell("done", 1.0)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _rank(workspace: Workspace) -> Callable[[Part], tuple[int, str, int]]:
    kinds = workspace.standard.plan_kinds
    return lambda part: (kinds[part.job.plan.kind].rank, part.job.plan.plan_id, part.job.version.number)


def _write_index(workspace: Workspace, shown: Sequence[Part], units: Units | None, building: Path) -> None:
    ordered = sorted(shown, key=_rank(workspace))
    segments = [(part.job.version.version_id, part.folder / "segment") for part in ordered]
    if units is not None:
        (building / "units.segment").write_bytes(unit_segment(*units))
        segments.append(("units", building / "units.segment"))
    write_index(building / "index.qh", segments)
    (building / "units.segment").unlink(missing_ok=True)
    (building / "index.crc").write_bytes(block_checksums(building / "index.qh"))


def _read_units(workspace: Workspace) -> Units | None:
    """Today's communes of basemap/units.gpkg with their names and the units they were made of."""
    path = workspace.root / "basemap" / "units.gpkg"
    if not path.exists():
        return None
    layer = read_package(path).get("units")
    if layer is None or layer.geometry is None or not {"code", "name"} <= set(layer.fields):
        raise WorkspaceError("workspace-missing-field", file="basemap/units.gpkg", field="units")
    rows = [
        {
            "code": str(code),
            "name": str(name),
            "former": [unit.name for unit, _ in workspace.standard.former(str(code))],
        }
        for code, name in zip(layer.fields["code"], layer.fields["name"], strict=True)
    ]
    return np.asarray(layer.geometry, object), rows


def _write_search(workspace: Workspace, shown: Sequence[Part], building: Path) -> None:
    rows = [json.loads((part.folder / "search.json").read_bytes()) for part in sorted(shown, key=_rank(workspace))]
    write_search(building / "search.db", rows, workspace.province, workspace.standard)


def _write_tiles(workspace: Workspace, shown: Sequence[Part], units: Units | None, building: Path) -> None:
    (building / "tiles").mkdir()
    archives = [part.folder / "tiles" for part in sorted(shown, key=_rank(workspace))]
    if units is not None:
        kept = workspace.root / "cache" / f"units-{COMPILER}-{_unit_hash(workspace)}"
        if not kept.exists():
            fresh = kept.with_name(f".part-units-{os.getpid()}")
            drawn = [Unit(row["code"], row["name"], shape) for shape, row in zip(*units, strict=True)]
            cut_unit_tiles(drawn, to_wgs84(workspace.province.crs), fresh)
            fresh.replace(kept)
        archives.append(kept)
    merge_tiles(
        archives,
        building / "tiles" / "plans.pmtiles",
        name=workspace.province.name["vi"],
        bounds=workspace.province.extent,
        cache=workspace.root / "cache" / "joined-tiles",
    )


def _gather_chunks(workspace: Workspace, shown: Sequence[Part], building: Path) -> None:
    """chunks/ and chunks.json; a cell lists the chunks of its versions in the order of answers."""
    (building / "chunks").mkdir()
    sizes: dict[str, int] = {}
    cells: dict[tuple[int, int], list[str]] = {}
    for part in sorted(shown, key=_rank(workspace)):
        listing = json.loads((part.folder / "chunks.json").read_bytes())
        for name in listing["sizes"].keys() - sizes.keys():
            _link(part.folder / "chunks" / f"{name}.json.gz", building / "chunks" / f"{name}.json.gz")
        sizes.update(listing["sizes"])
        for column, row, names in listing["cells"]:
            cells.setdefault((column, row), []).extend(names)
    table = {
        "schema": CHUNK_SCHEMA,
        "crs": workspace.province.crs,
        "cell_m": CELL_M,
        "sizes": sizes,
        "cells": {f"{column},{row}": names for (column, row), names in cells.items()},
    }
    write_json(building / "chunks.json", table)


def _gather_files(workspace: Workspace, parts: Sequence[Part], building: Path) -> None:
    (building / "packages").mkdir()
    (building / "documents").mkdir()
    for part in parts:
        _link(part.folder / "package.gpkg", building / "packages" / f"{part.job.version.version_id}.gpkg")
        for document in public_documents(part.job.version):
            target = building / "documents" / str(document_file(part.job.version, document.sha256))
            source = workspace.document_path(document.sha256)
            if not source.exists():
                raise WorkspaceError("workspace-missing-file", file=f"documents/{document.sha256}")
            if not target.exists():
                _link(source, target)


def _link(source: Path, target: Path) -> None:
    """A second name for an immutable file; a copy where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write_diffs(workspace: Workspace, parts: Sequence[Part], building: Path) -> dict[str, list[list[int]]]:
    """diff/<plan_id>/<a>-<b>.json for every two digitised versions of a plan; cached by their keys."""
    (building / "diff").mkdir()
    by_plan: dict[str, list[Part]] = {}
    for part in parts:
        if part.job.version.package is not None:
            by_plan.setdefault(part.job.plan.plan_id, []).append(part)
    listing: dict[str, list[list[int]]] = {}
    for plan_id, versions in by_plan.items():
        for i, first in enumerate(versions):
            for second in versions[i + 1 :]:
                cached = workspace.root / "cache" / f"diff-{first.key[:32]}-{second.key[:32]}.json"
                if not cached.exists():
                    before, after = (_content(workspace, part) for part in (first, second))
                    fresh = cached.with_name(f".part-diff-{os.getpid()}")
                    write_json(fresh, diff_versions(before, after, workspace.standard))
                    fresh.replace(cached)
                numbers = [first.job.version.number, second.job.version.number]
                (building / "diff" / plan_id).mkdir(exist_ok=True)
                shutil.copyfile(cached, building / "diff" / plan_id / f"{numbers[0]}-{numbers[1]}.json")
                listing.setdefault(plan_id, []).append(numbers)
    return listing


def _content(workspace: Workspace, part: Part) -> VersionContent:
    return content_of(load_layers(workspace, part.job), part.job, workspace.standard)


def _write_manifest(
    workspace: Workspace, building: Path, release_id: str, now: datetime, registry: Mapping[str, Any]
) -> None:
    province = workspace.province
    starts = [
        version["valid_from"]
        for plan in registry["plans"]
        for version in plan["versions"]
        if version["valid_from"] and version["status"] != "pending"
    ]
    write_json(
        building / "manifest.json",
        {
            "schema": SCHEMA,
            "id": release_id,
            "built_at": now.astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds"),
            "compiler": COMPILER,
            "province": {
                "code": province.code,
                "name": dict(province.name),
                "crs": province.crs,
                "epsg": int(province.crs.removeprefix("EPSG:")),
                "extent": list(province.extent),
                "land_use": province.land_use,
                "illustrative": province.illustrative,
                "offices": [
                    {"id": o.id, "name": dict(o.name), "phone": o.phone, "email": o.email, "address": o.address}
                    for o in province.offices
                ],
            },
            "first_day": min(starts, default=None),
            "versions": [
                [plan["plan_id"], version["version"], version["valid_from"], version["valid_to"], version["status"]]
                for plan in registry["plans"]
                for version in plan["versions"]
            ],
            "themes": [[theme.code, dict(theme.name)] for theme in workspace.standard.themes.values()],
            # a chunk's name is its hash; verifying reads every file all the same
            "files": hash_files(
                building, {f"chunks/{file.name}": file.name[:64] for file in (building / "chunks").iterdir()}
            ),
        },
    )
