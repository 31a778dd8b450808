"""Tiles: the stored bytes, immutable; a redirect without a release; nothing for what isn't there."""

import gzip
from pathlib import Path

import pytest
from pmtiles.reader import MmapSource, all_tiles
from tests.api.conftest import Client

from quyhoach.api.app import ReadSide
from quyhoach.api.archive import TileArchive
from quyhoach.domain.errors import DamagedReleaseError
from quyhoach.release.switch import current_release


@pytest.fixture(scope="module")
def archive_path(built: Path) -> Path:
    return built / "releases" / str(current_release(built)) / "tiles" / "plans.pmtiles"


def test_every_stored_tile_is_found_when_asked(archive_path: Path) -> None:
    archive = TileArchive(archive_path)
    with archive_path.open("rb") as file:
        stored = list(all_tiles(MmapSource(file)))
    assert len(stored) > 10
    for (z, x, y), data in stored:
        assert archive.get(z, x, y) == data
    assert archive.get(0, 0, 0) is None
    assert archive.get(16, 0, 0) is None


def test_tile_is_immutable_and_gzipped_when_the_release_is_named(client: Client, archive_path: Path) -> None:
    with archive_path.open("rb") as file:
        (z, x, y), data = next(iter(all_tiles(MmapSource(file))))
    release = archive_path.parents[1].name
    reply = client.get(f"/tiles/{release}/plans/{z}/{x}/{y}.mvt")
    assert reply.status_code == 200
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.content == gzip.decompress(data)
    assert "immutable" in reply.headers["cache-control"]
    assert reply.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert reply.headers["access-control-allow-origin"] == "*"
    again = client.get(f"/tiles/{release}/plans/{z}/{x}/{y}.mvt", headers={"if-none-match": reply.headers["etag"]})
    assert again.status_code == 304
    head = client.ask("HEAD", f"/tiles/{release}/plans/{z}/{x}/{y}.mvt")
    assert (head.status_code, head.content) == (200, b"")


def test_tile_is_redirected_when_no_release_is_named(client: Client, read_side: ReadSide) -> None:
    reply = client.get("/tiles/plans/10/815/449.mvt")
    assert reply.status_code == 307
    assert reply.headers["location"] == f"/tiles/{read_side.keeper.serving().id}/plans/10/815/449.mvt"
    assert "immutable" not in reply.headers["cache-control"]


def test_tile_is_empty_when_nothing_is_drawn_there(client: Client, read_side: ReadSide) -> None:
    reply = client.get(f"/tiles/{read_side.keeper.serving().id}/plans/10/0/0.mvt")
    assert (reply.status_code, reply.content) == (204, b"")


@pytest.mark.parametrize(
    "path", ["nothing/10/0/0.mvt", "plans/10/1024/0.mvt", "plans/30/0/0.mvt", "plans/1/0/0.png", "plans"]
)
def test_tile_is_not_found_when_there_is_no_such_one(client: Client, read_side: ReadSide, path: str) -> None:
    for prefix in ("/tiles/", f"/tiles/{read_side.keeper.serving().id}/"):
        assert client.get(prefix + path).status_code == 404
    assert client.get(f"/tiles/{'0' * 32}/plans/1/0/0.mvt").json()["code"] == "release-unknown"


def test_archive_is_refused_when_it_is_not_sound(tmp_path: Path, archive_path: Path) -> None:
    whole = archive_path.read_bytes()
    for number, broken in enumerate(
        (
            b"",
            b"PMTiles",
            whole[:127],
            whole[:300],
            whole[:127] + bytes(len(whole) - 127),
            b"X" + whole[1:],
            whole[:7] + b"\x09" + whole[8:],
            whole[:8] + b"\xff" * 16 + whole[24:],
        )
    ):
        path = tmp_path / f"{number}.pmtiles"
        path.write_bytes(broken)
        with pytest.raises(DamagedReleaseError):
            TileArchive(path)
