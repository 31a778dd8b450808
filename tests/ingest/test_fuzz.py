"""Files with random damage: an error of ours or a result, never anything else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.ingest import read_source
from quyhoach.pipeline import plan_context, standardise

Write = Callable[..., Path]
SUFFIXES = (".gpkg", ".shp", ".geojson", ".gml", ".kml", ".tab", ".mif", ".fgb")


def damage(path: Path, random: np.random.Generator) -> None:
    """Change a few bytes, or cut, or double a part of the file."""
    data = bytearray(path.read_bytes())
    kind = int(random.integers(0, 3))
    if kind == 0:
        for place in random.integers(0, len(data), int(random.integers(1, 40))):
            data[place] = int(random.integers(0, 256))
    elif kind == 1:
        del data[int(random.integers(0, len(data))) :]
    else:
        start, end = sorted(random.integers(0, len(data), 2).tolist())
        data[start:start] = data[start:end]
    path.write_bytes(data)


def try_one(folder: Path, squares: np.ndarray, write: Write, suffix: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    fields = {"kyhieu": ["OM-1", "CX-2"]}
    if suffix == ".kml":
        degrees = np.array([shapely.box(106.5, 21.6, 106.51, 21.61), shapely.box(106.51, 21.6, 106.52, 21.61)])
        write(folder / "lo.kml", degrees, fields, crs="EPSG:4326")
    else:
        write(folder / f"lo{suffix}", squares, fields, crs="EPSG:32648")
    files = sorted(folder.iterdir())
    damage(files[int(random.integers(0, len(files)))], random)
    try:
        outcome = standardise(folder / f"lo{suffix}", folder / "out.gpkg", plan_context(None, "EPSG:9215"))
    except IngestError:
        return
    assert (folder / "out.gpkg").exists()
    assert len(outcome.sha256) == 64


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_file_ends_in_an_error_of_ours_or_a_package(
    tmp_path: Path, squares: np.ndarray, write: Write, suffix: str
) -> None:
    try_one(tmp_path, squares, write, suffix, 1)


@pytest.mark.deep
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("seed", range(2, 22))
def test_many_damaged_files_end_in_an_error_of_ours_or_a_package(
    tmp_path: Path, squares: np.ndarray, write: Write, suffix: str, seed: int
) -> None:
    try_one(tmp_path, squares, write, suffix, seed)


def test_zip_with_random_damage_ends_in_an_error_of_ours_or_layers(
    tmp_path: Path, squares: np.ndarray, write: Write, pack: Callable[..., Path]
) -> None:
    write(tmp_path / "a" / "lo.shp", squares, {"kyhieu": ["OM-1", "CX-2"]})
    for seed in range(10):
        path = pack(tmp_path / f"{seed}.zip", {"x": tmp_path / "a"})
        damage(path, np.random.default_rng(seed))
        try:
            layers = read_source(path).layers
        except IngestError:
            continue
        assert layers
