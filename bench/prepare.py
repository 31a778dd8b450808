"""What a size needs on disk before it can be measured: a workspace and questions. Kept between runs."""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.generate import GENERATOR, World, make_world
from bench.workspace import write_workspace
from quyhoach.standard import Standard, load_standard

Progress = Callable[[str], None]
CACHED = 200_000  # zones: above, neither packages nor the cache of compiled versions are kept beside the release


@dataclass(frozen=True, slots=True)
class Size:
    """One size of the bench and where its files are."""

    count: int
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.count // 1_000_000}m" if self.count >= 1_000_000 else f"{self.count // 1000}k"

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def database(self) -> str:
        return f"bench_{self.name}"

    @property
    def points(self) -> Path:
        return self.folder / "points.txt"

    @property
    def polygons(self) -> Path:
        return self.folder / "polygons.txt"


class Worlds:
    """Worlds by size, made when first needed: everything on disk may be there already."""

    def __init__(self, progress: Progress) -> None:
        self._made: dict[int, World] = {}
        self._progress = progress
        self.standard: Standard = load_standard()

    def __getitem__(self, count: int) -> World:
        if count not in self._made:
            self._progress(f"generating {count:,} zones")
            self._made.clear()  # one at a time: a million zones weigh 2 GB
            self._made[count] = make_world(count, communes(self.standard))
        return self._made[count]


def communes(standard: Standard, province: str = "20") -> list[tuple[str, str]]:
    """Code and name of the province's communes of today, by code."""
    units = (unit for unit in standard.units.values() if not unit.old and unit.province == province)
    return sorted((unit.code, unit.name) for unit in units if unit.code != province)


def prepare_workspace(size: Size, worlds: Worlds, progress: Progress) -> None:
    """Write the workspace and the questions of `size`, unless today's generator did."""
    stamp = size.folder / "generator"
    made = stamp.exists() and stamp.read_text() == str(GENERATOR)
    if made and ((size.workspace / "packages").is_dir() or release_is_current(size)):
        return
    shutil.rmtree(size.folder, ignore_errors=True)
    size.folder.mkdir(parents=True)
    world = worlds[size.count]
    start = time.perf_counter()
    write_workspace(size.workspace, world, progress)
    progress(f"workspace of {size.name} written in {time.perf_counter() - start:.0f} s")
    write_questions(size, world)
    stamp.write_text(str(GENERATOR))


def release_is_current(size: Size) -> bool:
    """Whether the large size's release is of the code there is now; without a cache, asking would compile it all."""
    ids = [path.name for path in size.workspace.glob("releases/*") if (path / "manifest.json").exists()]
    stamp = size.folder / "compiler"
    return (
        bool(ids) and (size.workspace / "current").exists() and stamp.exists() and stamp.read_text() == compiler_code()
    )


def compiler_code() -> str:
    """Fingerprint of the code that compiles releases."""
    import quyhoach

    digest = hashlib.sha256()
    for room in ("release", "package", "standard", "domain"):
        for path in sorted(Path(quyhoach.__file__).parent.joinpath(room).rglob("*")):
            if path.suffix in (".py", ".csv"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def write_questions(size: Size, world: World) -> None:
    """One question a line, as bench/wrk.lua reads them."""
    from pyproj import Transformer
    from shapely import get_coordinates

    lines = [f"GET /api/v1/lookup?lon={lon:.7f}&lat={lat:.7f}" for lon, lat in world.points.tolist()]
    size.points.write_text("\n".join(lines) + "\n")
    transformer = Transformer.from_crs(world.province.crs, "EPSG:4326", always_xy=True)
    bodies = []
    for polygon in world.polygons:
        lon, lat = transformer.transform(*get_coordinates(polygon).T)
        ring = [[round(x, 8), round(y, 8)] for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
        body = json.dumps({"type": "Polygon", "coordinates": [ring]}, separators=(",", ":"))
        bodies.append(f"POST /api/v1/lookup {body}")
    size.polygons.write_text("\n".join(bodies) + "\n")
