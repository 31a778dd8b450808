"""A build: the same bytes everywhere, incremental or whole; nothing half done; nothing secret in any byte."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.errors import DamagedReleaseError, PackageError, ReleaseError, WorkspaceError
from quyhoach.domain.plan import Status, VersionKind
from quyhoach.release.compile import build_release
from quyhoach.release.failpoints import FAILPOINTS
from quyhoach.release.manifest import MANIFEST, verify_release
from quyhoach.release.opened import open_release
from quyhoach.release.switch import current_release, list_releases, release_path, use_release

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def build(root: Path) -> str:
    return build_release(root, now=NOW, workers=1)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a release but `built_at`."""
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(files.pop(MANIFEST))
    manifest.pop("built_at")
    return files | {MANIFEST: json.dumps(manifest, sort_keys=True).encode()}


def test_release_verifies_and_opens_when_built(built: Path) -> None:
    release_id = current_release(built)
    assert release_id is not None
    folder = release_path(built, release_id)
    assert verify_release(folder)["id"] == release_id
    release = open_release(folder)
    names = [segment.name for segment in release.segments]
    assert "qhc-nho@2" in names and "qhc-nho@1" not in names  # a corrected version answers nothing
    assert not any("tuyet-mat" in name for name in names)
    assert (folder / "tiles" / "plans.pmtiles").stat().st_size > 0


def test_second_build_is_the_first_when_nothing_changed(built: Path) -> None:
    before = tree(release_path(built, current_release(built) or ""))
    assert build(built) == current_release(built)
    assert tree(release_path(built, current_release(built) or "")) == before


BUILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from quyhoach.release.compile import build_release
if __name__ == "__main__":
    now = datetime.fromisoformat(sys.argv[2])
    print(build_release(Path(sys.argv[1]), now=now, workers=int(sys.argv[3])))
"""


def build_elsewhere(
    script: Path, root: Path, *, workers: int = 1, **environment: str
) -> subprocess.CompletedProcess[str]:
    script.write_text(BUILD)
    return subprocess.run(
        [sys.executable, str(script), str(root), NOW.isoformat(), str(workers)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_bytes_are_the_same_under_another_zone_path_core_count_and_hash_seed(small: Any, tmp_path: Path) -> None:
    other = tmp_path / "ở một nơi khác" / "w"
    shutil.copytree(small.root, other)
    here = build(small.root)
    ran = build_elsewhere(tmp_path / "build.py", other, workers=2, TZ="America/Lima", PYTHONHASHSEED="77", LC_ALL="C")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == here
    assert tree(release_path(other, here)) == tree(release_path(small.root, here))


def change_one_version(small: Any) -> None:
    small.version(
        "qhct-nho",
        1,
        package=json_package(small, "qhct-nho"),
        valid_from=date(2023, 1, 1),
        status=Status.SUPERSEDED,
        valid_to=date(2026, 1, 1),
    )


def json_package(small: Any, plan_id: str, number: int = 1) -> str:
    import tomllib

    table = tomllib.loads((small.root / "plans" / plan_id / "versions" / f"{number}.toml").read_text("utf-8"))
    return str(table["package"])


def test_incremental_build_equals_a_full_one_when_a_version_changed(small: Any, tmp_path: Path) -> None:
    build(small.root)
    change_one_version(small)
    clean = tmp_path / "clean"
    shutil.copytree(small.root, clean, ignore=shutil.ignore_patterns("cache", "releases", "current"))
    incremental, full = build(small.root), build(clean)
    assert incremental == full
    assert tree(release_path(small.root, incremental)) == tree(release_path(clean, full))
    assert len(list_releases(small.root)) == 2


@pytest.mark.parametrize("name", FAILPOINTS)
@pytest.mark.parametrize("how", ["kill", "full"])
def test_the_served_release_stays_when_killed_or_the_disk_is_full(
    small: Any, tmp_path: Path, name: str, how: str
) -> None:
    before = build(small.root)
    use_release(small.root, before)
    bytes_before = tree(release_path(small.root, before))
    change_one_version(small)
    script = tmp_path / "publish.py"
    script.write_text(
        BUILD.replace("    print(", "    from quyhoach.release.switch import use_release\n    done = (")
        + "    use_release(Path(sys.argv[1]), done)\n"
    )
    ran = subprocess.run(
        [sys.executable, str(script), str(small.root), NOW.isoformat(), "1"],
        env=os.environ | {"QUYHOACH_FAILPOINT": f"{name}:{how}"},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == (137 if how == "kill" else 1), ran.stderr.decode()
    current = current_release(small.root)
    if name != "switch-written":
        assert current == before
    for release_id in list_releases(small.root):  # nothing half written has a release's name
        verify_release(release_path(small.root, release_id))
    assert tree(release_path(small.root, before)) == bytes_before
    after = build(small.root)  # and the next build goes through
    use_release(small.root, after)
    assert current_release(small.root) == after != before
    assert not list((small.root / "releases").glob(".building-*"))


@pytest.mark.parametrize(
    "file", ["index.qh", "search.db", "plans.json", "tiles/plans.pmtiles", "index.crc", "manifest.json"]
)
def test_one_changed_byte_is_found_when_verifying(small: Any, file: str) -> None:
    folder = release_path(small.root, build(small.root))
    path = folder / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    path.write_bytes(bytes(data))
    with pytest.raises(ReleaseError):
        verify_release(folder)


def test_a_changed_byte_of_the_index_never_becomes_an_answer(small: Any) -> None:
    from quyhoach.lookup import Lookup

    folder = release_path(small.root, build(small.root))
    path = folder / "index.qh"
    original = path.read_bytes()
    sound = Lookup(open_release(folder)).at_projected(430060, 2395020, on=20261122, lang="vi")
    for at in range(0, len(original), max(len(original) // 150, 1)):
        data = bytearray(original)
        data[at] ^= 0x40
        path.write_bytes(bytes(data))
        try:
            answer = Lookup(open_release(folder)).at_projected(430060, 2395020, on=20261122, lang="vi")
        except DamagedReleaseError:
            continue
        assert answer == sound
    path.write_bytes(original[:-1])
    with pytest.raises(DamagedReleaseError):
        open_release(folder)


def test_release_is_refused_when_its_name_is_no_id(tmp_path: Path) -> None:
    for name in ("..", "../../etc", "", "a" * 31, "A" * 32):
        with pytest.raises(ReleaseError):
            use_release(tmp_path, name)


def test_build_is_refused_when_a_package_is_missing_or_damaged(small: Any) -> None:
    sha = json_package(small, "qhct-nho")
    path = small.root / "packages" / f"{sha}.gpkg"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(PackageError):
        build(small.root)
    path.unlink()
    with pytest.raises(WorkspaceError, match="workspace-missing-file"):
        build(small.root)
    path.write_bytes(data)
    build(small.root)


def test_local_adjustment_ends_the_lots_it_replaces_and_no_others(small: Any) -> None:
    from quyhoach.lookup import Lookup

    small.version(
        "qhc-nho",
        4,
        kind=VersionKind.LOCAL,
        replaces=("A5-5",),
        valid_from=date(2024, 5, 1),
        package=small.local_package("B-1"),
    )
    lookup = Lookup(open_release(release_path(small.root, build(small.root))))

    def zone_ids(east: float, north: float, on: int) -> list[str]:
        answer = json.loads(lookup.at_projected(east, north, on=on, lang="vi"))
        return [zone["zone_id"] for zone in answer["zones"]]

    inside, beside = (430220, 2395220), (430260, 2395220)
    assert zone_ids(*inside, 20240430) == ["qhc-nho@2/A5-5"]
    assert zone_ids(*inside, 20240501) == ["qhc-nho@4/B-1"]
    assert zone_ids(*beside, 20240501) == ["qhc-nho@2/A6-5"]
    before = json.loads(lookup.at_projected(*inside, on=20240430, lang="vi"))["zones"][0]
    assert before["valid_to"] == "2024-05-01"


@pytest.mark.parametrize("correct_the", ["base", "adjustment"])
def test_replaced_lots_stay_replaced_when_a_version_is_corrected(small: Any, correct_the: str) -> None:
    from quyhoach.lookup import Lookup

    local = {"kind": VersionKind.LOCAL, "replaces": ("A5-5",), "valid_from": date(2024, 5, 1)}
    small.version("qhc-nho", 4, **local, package=small.local_package("B-1"))
    if correct_the == "base":
        package = json_package(small, "qhc-nho", 2)
        small.version("qhc-nho", 5, kind=VersionKind.CORRECTION, corrects=2, package=package)
    else:
        correction = {"kind": VersionKind.CORRECTION, "corrects": 4, "valid_from": date(2024, 5, 1)}
        small.version("qhc-nho", 5, **correction, package=small.local_package("B-2"))
    lookup = Lookup(open_release(release_path(small.root, build(small.root))))

    def zone_ids(on: int) -> list[str]:
        answer = json.loads(lookup.at_projected(430220, 2395220, on=on, lang="vi"))
        assert answer["conflicts"] == []
        return [zone["zone_id"] for zone in answer["zones"]]

    if correct_the == "base":
        assert (zone_ids(20240430), zone_ids(20240501)) == (["qhc-nho@5/A5-5"], ["qhc-nho@4/B-1"])
    else:
        assert (zone_ids(20240430), zone_ids(20240501)) == (["qhc-nho@2/A5-5"], ["qhc-nho@5/B-2"])


@given(st.integers(3, 400), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_pieces_cover_what_was_cut_and_no_more(vertices: int, seed: int) -> None:
    import numpy as np
    import shapely

    from quyhoach.release.segment import PIECE, subdivide

    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, vertices))
    radius = rng.uniform(200, 900, vertices)
    star = shapely.make_valid(shapely.Polygon(np.c_[radius * np.cos(angle), radius * np.sin(angle)] + 430000.0))
    polygons = [part for part in shapely.get_parts(star) if part.geom_type == "Polygon" and part.area > 1]
    pieces, owner = subdivide(polygons)
    assert all(shapely.get_num_coordinates(piece) <= PIECE for piece in pieces)
    for row, polygon in enumerate(polygons):
        mine = [piece for piece, of in zip(pieces, owner, strict=True) if of == row]
        assert shapely.union_all(mine).symmetric_difference(polygon).area < 1e-3
