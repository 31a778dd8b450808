"""Whatever a file of a dossier holds, checking ends with findings or one clear error, never with a crash."""

import random
from pathlib import Path

import pytest

from quyhoach import cli

FILES = (
    "HoSoScan/20QHC000000001.xlsx",
    "HoSoScan/VanBan/QuyetDinh1319QDUBND.pdf",
    "HoSoScan/BanVe/BanDoSuDungDatQuyHoach/BanDoSuDungDatQuyHoach.jpg",
    "HoSoScan/BanVe/BanDoSuDungDatQuyHoach/BanDoSuDungDatQuyHoach.jgw",
    "HoSoGIS/QuyHoach.gpkg",
)


def garbled(data: bytes, chance: random.Random) -> bytes:
    """Cut off somewhere, or strewn with noise."""
    if chance.random() < 0.3:
        return data[: chance.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(chance.choice((1, 20, 200))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("seed", range(6))
def test_garbled_files_are_findings_or_one_error(dossier: Path, seed: int, capsys: pytest.CaptureFixture[str]):
    chance = random.Random(seed)
    for name in FILES:
        path = dossier / name
        path.write_bytes(garbled(path.read_bytes(), chance))
    code = cli.run(["dossier", "check", str(dossier), "--crs", "EPSG:9215"])
    told = capsys.readouterr()
    assert code in (0, 1)
    assert "Traceback" not in told.err
    assert told.out or told.err


@pytest.mark.parametrize("seed", range(3))
def test_garbled_dossier_is_taken_or_refused(dossier: Path, full_root: Path, tmp_path: Path, seed: int):
    from quyhoach.release.workspace import load_workspace, write_province

    root = tmp_path / "other"
    root.mkdir()
    write_province(root, load_workspace(full_root).province)
    chance = random.Random(100 + seed)
    for name in FILES[seed % 2 :: 2]:
        path = dossier / name
        path.write_bytes(garbled(path.read_bytes(), chance))
    assert cli.run(["dossier", "read", str(dossier), "--workspace", str(root)]) in (0, 1)
    load_workspace(root)  # whatever came of it, the workspace is sound
