"""What the map needs to know of a release's tiles: the zooms at which each layer is in them."""

from functools import lru_cache
from pathlib import Path

from pmtiles.reader import MmapSource, Reader


@lru_cache(maxsize=4)
def layer_zooms(archive: Path) -> dict[str, tuple[int, int]]:
    """Layer → first and last zoom, from the archive's own metadata. A release never changes, so it is read once."""
    with archive.open("rb") as file:
        metadata = Reader(MmapSource(file)).metadata()  # type: ignore[no-untyped-call]
    return {row["id"]: (int(row["minzoom"]), int(row["maxzoom"])) for row in metadata.get("vector_layers", [])}
