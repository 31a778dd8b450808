"""The manifest of a release: every file with its hash and size; verifying a release against it."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import DamagedReleaseError, ReleaseError
from quyhoach.release.index import IndexFile, block_checksums

SCHEMA = 1
MANIFEST = "manifest.json"


def write_json(path: Path, value: Any) -> None:
    """Write JSON with sorted keys, the same bytes everywhere."""
    path.write_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode())


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_files(folder: Path, known: Mapping[str, str] | None = None) -> dict[str, list[Any]]:
    """{path: [SHA-256, size]} of every file below a folder but the manifest; `known` hashes are not taken again."""
    root = f"{folder}{os.sep}"
    names = sorted(
        os.path.join(at, name).removeprefix(root).replace(os.sep, "/")  # noqa: PTH118 - thousands of files
        for at, _, files in os.walk(folder)
        for name in files
        if not (name == MANIFEST and at == str(folder))
    )
    hashes = known or {}
    return {
        name: [hashes[name] if name in hashes else hash_file(folder / name), os.stat(root + name).st_size]  # noqa: PTH116
        for name in names
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read and check a release's manifest. Raises ReleaseError, DamagedReleaseError."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise ReleaseError("release-not-found", release=folder.name) from None
    except (OSError, ValueError):
        raise DamagedReleaseError("release-damaged", file=MANIFEST) from None
    if not isinstance(manifest, dict) or manifest.get("schema") not in (SCHEMA, SCHEMA - 1):
        raise ReleaseError("release-unknown-schema", release=folder.name)
    if not isinstance(manifest.get("files"), dict) or not isinstance(manifest.get("province"), dict):
        raise DamagedReleaseError("release-damaged", file=MANIFEST)
    return manifest


def check_sizes(folder: Path, files: Mapping[str, Any]) -> None:
    """Every file of the manifest is there with its size: what opening a release checks."""
    for name, (_, size) in files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise DamagedReleaseError("release-damaged", file=name)


def verify_release(folder: Path) -> dict[str, Any]:
    """Check every hash and invariant of a release and return its manifest.

    Raises DamagedReleaseError naming the first file that is missing, changed or not listed."""
    manifest = read_manifest(folder)
    actual = hash_files(folder)
    listed = manifest["files"]
    for name in sorted({*listed, *actual}):
        if listed.get(name) != actual.get(name):
            raise DamagedReleaseError("release-damaged", file=name)
    sums = (folder / "index.crc").read_bytes()
    if sums != block_checksums(folder / "index.qh"):
        raise DamagedReleaseError("release-damaged", file="index.crc")
    segments = {segment.name for segment in IndexFile(folder / "index.qh", sums).segments}
    registry = json.loads((folder / "plans.json").read_bytes())
    for plan in registry["plans"]:
        for version in plan["versions"]:
            if version["status"] != "corrected" and version["version_id"] not in segments:
                raise DamagedReleaseError("release-damaged", file="index.qh")
    return manifest
