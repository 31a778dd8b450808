"""How the child hands what it read to its parent: plain arrays and JSON, nothing that could run code."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.source import SourceLayer

_INDEX = "layers.json"


def write_layers(folder: Path, layers: list[SourceLayer], reader: str) -> None:
    """Write layers as `<n>.wkb.npy`, `<n>.ends.npy` and one JSON file with everything else."""
    index: list[dict[str, Any]] = []
    for number, layer in enumerate(layers):
        blobs = [b"" if blob is None else blob for blob in shapely.to_wkb(layer.geometry, byte_order=1)]
        np.save(folder / f"{number}.wkb.npy", np.frombuffer(b"".join(blobs), dtype=np.uint8))
        np.save(folder / f"{number}.ends.npy", np.cumsum([len(blob) for blob in blobs], dtype=np.int64))
        index.append(
            {
                "name": layer.name,
                "file": layer.file,
                "crs": layer.crs,
                "ids": layer.ids,
                "fields": layer.fields,
                "warnings": layer.warnings,
            }
        )
    content = json.dumps({"reader": reader, "layers": index}, ensure_ascii=False, allow_nan=False)
    (folder / _INDEX).write_text(content, encoding="utf-8")


def read_layers(folder: Path) -> tuple[str, list[SourceLayer]]:
    """What `write_layers` wrote: the reader's name and the layers."""
    content = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    layers = []
    for number, row in enumerate(content["layers"]):
        data = np.load(folder / f"{number}.wkb.npy", allow_pickle=False).tobytes()
        ends = np.load(folder / f"{number}.ends.npy", allow_pickle=False).tolist()
        starts = [0, *ends[:-1]]
        blobs = [data[start:end] or None for start, end in zip(starts, ends, strict=True)] if ends else []
        geometry = np.empty(len(blobs), dtype=object)
        geometry[:] = shapely.from_wkb(np.array(blobs, dtype=object)) if blobs else []
        layers.append(
            SourceLayer(
                name=row["name"],
                file=row["file"],
                crs=row["crs"],
                geometry=geometry,
                ids=tuple(row["ids"]),
                fields=row["fields"],
                warnings=tuple(row["warnings"]),
            )
        )
    return str(content["reader"]), layers
