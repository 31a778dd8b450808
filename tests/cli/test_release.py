"""The release and lookup commands: exit codes, what they print, and no traceback for anything a person does wrong."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from quyhoach.cli import run
from quyhoach.release.switch import current_release, list_releases


def folder(built: Path) -> Path:
    return built / "releases" / (current_release(built) or "")


def test_build_use_and_verify_when_all_is_well(small: Any, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(small.root)
    assert run(["release", "build", "--workspace", root, "--now", "2026-11-22T00:00:00", "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert current_release(small.root) is None  # building doesn't switch
    assert run(["release", "use", built["release"], "--workspace", root]) == 0
    assert current_release(small.root) == built["release"]
    assert run(["release", "verify", built["folder"]]) == 0
    assert "nguyên vẹn" in capsys.readouterr().out
    assert run(["release", "list", "--workspace", root]) == 0
    assert f"{built['release']} *" in capsys.readouterr().out


def test_verify_fails_and_names_the_file_when_a_byte_changed(small: Any, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(small.root)
    run(["release", "build", "--workspace", root, "--now", "2026-11-22"])
    release = small.root / "releases" / list_releases(small.root)[0]
    data = bytearray((release / "plans.json").read_bytes())
    data[5] ^= 1
    (release / "plans.json").write_bytes(bytes(data))
    assert run(["release", "verify", str(release)]) == 1
    error = capsys.readouterr().err
    assert "plans.json" in error and "hỏng" in error and "damaged" in error
    assert run(["release", "use", release.name, "--workspace", root]) == 1
    assert current_release(small.root) is None


def test_diff_tells_what_came_and_went(small: Any, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(small.root)
    run(["release", "build", "--workspace", root, "--now", "2026-11-22"])
    small.plan("qhc-nho", name={"vi": "Tên mới"})
    small.version("qhct-nho", 1, status="withdrawn", package=None, outline="0" * 64)
    before = list_releases(small.root)
    run(["release", "build", "--workspace", root, "--now", "2026-11-22"])
    (after,) = set(list_releases(small.root)) - set(before)
    capsys.readouterr()
    paths = [str(small.root / "releases" / name) for name in (before[0], after)]
    assert run(["release", "diff", *paths, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == ["qhct-nho@1"]
    assert run(["release", "diff", paths[0], paths[0]]) == 0
    assert "Không có gì thay đổi" in capsys.readouterr().out


def test_lookup_answers_in_words_and_as_json(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["430060", "2395020", "--crs", "9215"]
    assert run(["lookup", *at, "--release", str(folder(built)), "--on", "2026-11-22"]) == 0
    said = capsys.readouterr().out
    assert "Quy hoạch dự kiến: Cây xanh" in said
    for part in ("đã đối chiếu", "±3,5 m", "Dữ liệu minh hoạ", "Sắp thay đổi", "Hỏi: Sở Xây dựng"):
        assert part in said
    swapped = ["2395020", "430060", "--crs", "EPSG:9215", "--json", "--lang", "en"]
    assert run(["lookup", *swapped, "--release", str(folder(built)), "--on", "2026-11-22"]) == 0
    assert json.loads(capsys.readouterr().out)["zones"][0]["zone_id"] == "qhc-nho@2/A1-0"


def test_table_gives_one_row_per_place_and_zone(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("ten,x,y\nmot,430060,2395020\nhai,430100,2395140\nxa,1,1\nhong,abc,2\n", "utf-8-sig")
    arguments = ["--table", str(source), "--out", str(target), "--x", "x", "--y", "y", "--crs", "9215"]
    assert run(["lookup", *arguments, "--release", str(folder(built)), "--on", "2026-11-22"]) == 1
    rows = list(csv.DictReader(target.read_text("utf-8").splitlines()))
    assert [row["ten"] for row in rows] == ["mot", "hai", "hai", "xa", "hong"]
    assert [row["zone_id"] for row in rows][:3] == ["qhc-nho@2/A1-0", "qhc-nho@2/A2-3", "qhct-nho@1/CT-1"]
    assert "ngoài phạm vi" in rows[3]["state"] and "không phải là tọa độ" in rows[4]["state"]
    assert "2 dòng" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["lookup", "0", "0"],
        ["lookup", "nan", "21"],
        ["lookup", "106.57", "21.65", "--on", "hôm nay"],
        ["lookup", "106.57", "21.65", "--on", "1990-01-01"],
        ["lookup", "106.57", "21.65", "--crs", "EPSG:1"],
        ["lookup"],
        ["lookup", "--table", "khong-co.csv"],
    ],
)
def test_wrong_use_exits_with_two_and_says_why_twice(
    built: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, "--release", str(folder(built))]) == 2
    vietnamese, english = capsys.readouterr().err.strip().splitlines()
    assert vietnamese != english


def test_missing_folders_are_told_when_they_are_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["release", "build", "--workspace", str(tmp_path / "no")]) == 1
    assert "province.toml" in capsys.readouterr().err
    assert run(["release", "verify", str(tmp_path)]) == 1
    assert run(["lookup", "1", "1", "--release", str(tmp_path)]) == 1
    assert run(["lookup", "--table", str(tmp_path / "no.csv"), "--out", "x", "--release", str(tmp_path)]) == 1
