"""Archives that a stranger made: nothing leaves the folder, nothing blows up."""

import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from quyhoach.domain.errors import IngestError
from quyhoach.ingest import Limits, read_source
from quyhoach.ingest.archive import unpack

Pack = Callable[[Path, Mapping[str, bytes | Path]], Path]
LIMITS = Limits()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    "name", ["../a.shp", "x/../../a.shp", "/etc/a.shp", "C:/a.shp", "x\\..\\a.shp", "/".join("x" * 20) + "/a.shp"]
)
def test_error_when_a_path_leads_out(tmp_path: Path, target: Path, pack: Pack, name: str) -> None:
    path = pack(tmp_path / "a.zip", {"b.shp": b"", name: b"evil"})
    with pytest.raises(IngestError, match="ingest-archive-path"):
        unpack(path, target, LIMITS)
    assert list(target.iterdir()) == []
    assert not (tmp_path / "a.shp").exists()


def test_error_when_an_entry_is_a_symbolic_link(tmp_path: Path, target: Path) -> None:
    entry = zipfile.ZipInfo("a.shp")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(IngestError, match="ingest-archive-link"):
        unpack(tmp_path / "a.zip", target, LIMITS)


@pytest.mark.parametrize("name", ["b.zip", "x/b.KMZ", "b.7z", "b.tar.gz"])
def test_error_when_an_archive_is_inside(tmp_path: Path, target: Path, pack: Pack, name: str) -> None:
    with pytest.raises(IngestError, match="ingest-archive-nested"):
        unpack(pack(tmp_path / "a.zip", {name: b""}), target, LIMITS)


def test_error_when_names_differ_by_case_alone(tmp_path: Path, target: Path, pack: Pack) -> None:
    with pytest.raises(IngestError, match="ingest-archive-twice"):
        unpack(pack(tmp_path / "a.zip", {"a.shp": b"", "A.SHP": b""}), target, LIMITS)


def test_error_when_there_are_too_many_entries(tmp_path: Path, target: Path, pack: Pack) -> None:
    path = pack(tmp_path / "a.zip", {f"{number}.shp": b"" for number in range(20)})
    with pytest.raises(IngestError, match="ingest-archive-entries"):
        unpack(path, target, replace(LIMITS, entries=10))


def test_error_when_the_archive_is_a_bomb(tmp_path: Path, target: Path, pack: Pack) -> None:
    path = pack(tmp_path / "a.zip", {"a.shp": b"\x00" * 3_000_000})
    with pytest.raises(IngestError, match="ingest-archive-bomb"):
        unpack(path, target, replace(LIMITS, bomb_bytes=1_000_000))


def test_error_when_the_header_lies_about_the_size(tmp_path: Path, target: Path, pack: Pack) -> None:
    path = pack(tmp_path / "a.zip", {"a.shp": b"\x00" * 3_000_000})
    data = path.read_bytes()
    size = (3_000_000).to_bytes(4, "little")
    assert data.count(size) >= 1
    path.write_bytes(data.replace(size, (1000).to_bytes(4, "little")))
    with pytest.raises(IngestError, match=r"ingest-archive-(bomb|damaged)"):
        unpack(path, target, replace(LIMITS, unpacked_bytes=500_000))
    assert sum(file.stat().st_size for file in target.rglob("*")) <= 1_500_000


@pytest.mark.parametrize("cut", [1, 10, 30, 60])
def test_error_when_the_archive_is_cut_short(tmp_path: Path, target: Path, pack: Pack, cut: int) -> None:
    path = pack(tmp_path / "a.zip", {"a.shp": bytes(range(256)) * 20})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * cut // 100])
    with pytest.raises(IngestError, match="ingest-archive-damaged"):
        unpack(path, target, LIMITS)


def test_error_when_a_byte_of_the_content_is_wrong(tmp_path: Path, target: Path, pack: Pack) -> None:
    path = pack(tmp_path / "a.zip", {"a.shp": bytes(range(256)) * 20})
    data = bytearray(path.read_bytes())
    data[80] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(IngestError, match="ingest-archive-damaged"):
        unpack(path, target, LIMITS)


def test_other_files_stay_packed_when_data_are_unpacked(tmp_path: Path, target: Path, pack: Pack) -> None:
    path = pack(
        tmp_path / "a.zip", {"x/a.shp": b"1", "x/a.pdf": b"2", "b.gdb/a00000001.gdbtable": b"3", "run.sh": b"4"}
    )
    unpack(path, target, LIMITS)
    assert sorted(str(file.relative_to(target)) for file in target.rglob("*") if file.is_file()) == [
        "b.gdb/a00000001.gdbtable",
        "x/a.shp",
    ]


def test_error_names_the_entry_when_the_whole_reader_meets_a_hostile_zip(tmp_path: Path, pack: Pack) -> None:
    path = pack(tmp_path / "a.zip", {"../a.shp": b""})
    with pytest.raises(IngestError) as caught:
        read_source(path)
    assert caught.value.params["entry"] == "../a.shp"


def test_error_when_a_folder_holds_a_symbolic_link(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.shp").symlink_to("/etc/passwd")
    with pytest.raises(IngestError, match="ingest-link"):
        read_source(folder)
