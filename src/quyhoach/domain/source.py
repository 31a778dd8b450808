"""What a file handed in holds, before anything is understood of it: layers with their own names, fields and CRS."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class SourceLayer:
    """One layer as its file has it. `geometry`: shapely geometries or None, x then y, in `crs` (WKT or
    "AUTHORITY:CODE"; None where the file doesn't say). `ids` are the features' numbers in the file. `fields`: name ->
    one value per feature (str, int, float, bool or None). `warnings`: what the reader had to say, in its own words."""

    name: str
    file: str
    crs: str | None
    geometry: npt.NDArray[np.object_]
    ids: tuple[str, ...]
    fields: dict[str, Sequence[Any]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.geometry)


@dataclass(frozen=True, eq=False)
class Source:
    """A file handed in, read whole. `sha256` is over its bytes (of a folder: over names and bytes of its files)."""

    name: str
    sha256: str
    format: str
    layers: tuple[SourceLayer, ...]
    reader: str = ""  # library and version that read it
