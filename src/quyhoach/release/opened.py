"""A release opened for reading: what the look-up and the API work on. Nothing here is heavier than shapely."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import DamagedReleaseError
from quyhoach.release.index import IndexFile, Segment
from quyhoach.release.manifest import check_sizes, hash_file, read_manifest
from quyhoach.release.search import SearchIndex

# Small files are read whole at opening, so their hashes are checked then; the index is checked as it is touched.
SMALL = ("index.crc", "plans.json")


class Release:
    """An opened release. Let go of it and its memory maps go after the last answer that uses them."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.manifest = read_manifest(self.folder)
        self.id: str = self.manifest["id"]
        check_sizes(self.folder, self.manifest["files"])
        for name in SMALL:
            if hash_file(self.folder / name) != self.manifest["files"].get(name, [""])[0]:
                raise DamagedReleaseError("release-damaged", file=name)
        self.index = IndexFile(self.folder / "index.qh", (self.folder / "index.crc").read_bytes())
        self.segments: list[Segment] = [s for s in self.index.segments if s.meta["kind"] != "units"]
        self.units: Segment | None = next((s for s in self.index.segments if s.meta["kind"] == "units"), None)

    @cached_property
    def registry(self) -> dict[str, Any]:
        """plans.json."""
        registry: dict[str, Any] = json.loads((self.folder / "plans.json").read_bytes())
        return registry

    @cached_property
    def search(self) -> SearchIndex:
        """The search index, opened on first use."""
        return SearchIndex(self.folder / "search.db")


def open_release(folder: Path) -> Release:
    """Open a release: manifest, sizes, small files; the rest is checked as it is touched.

    Raises ReleaseError, DamagedReleaseError."""
    return Release(folder)
