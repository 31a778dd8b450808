"""The commands as people run them: exit codes, sentences, files."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from quyhoach.cli import run
from quyhoach.package import package_crs, read_package

PROVINCE = """
schema = 1
code = "20"
name = { vi = "Lạng Sơn", en = "Lang Son" }
crs = "EPSG:9215"
extent = [106.0, 21.2, 107.5, 22.6]
[[office]]
id = "sxd"
name = { vi = "Sở Xây dựng", en = "Department of Construction" }
"""
PLAN = """
schema = 1
plan_id = "qhc-thu"
name = { vi = "Quy hoạch chung thử", en = "Trial general plan" }
kind = "general"
level = "urban"
scale = 5000
places = [{ code = "06463" }]
"""
MAPPING = """
[[layer]]
match = "lô đất"
role = "lot"
[layer.fields]
label = "ký hiệu"
function = "chức năng"
density = "mật độ"
area = "diện tích"
[[layer]]
match = "ranh giới"
role = "plan_boundary"
"""


def array(*geometries: object) -> np.ndarray:
    result = np.empty(len(geometries), dtype=object)
    result[:] = geometries
    return result


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A workspace's plan.toml."""
    folder = tmp_path / "ws" / "plans" / "qhc-thu"
    folder.mkdir(parents=True)
    (tmp_path / "ws" / "province.toml").write_text(PROVINCE, encoding="utf-8")
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    return folder / "plan.toml"


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    return write_drawing(tmp_path / "bản vẽ.gpkg")


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    return tmp_path / "m.toml"


def write_drawing(path: Path, *, overlap: float = 0.0) -> Path:
    from pyogrio import raw

    lots = array(shapely.box(430000, 2395000, 430100 + overlap, 2395100), shapely.box(430100, 2395000, 430200, 2395100))
    fields = {
        "ký hiệu": ["OM-1", "CQ-1"],
        "chức năng": ["Nhóm nhà ở", "DAT_Coquan"],
        "mật độ": ["40-60", "≤40"],
        "diện tích": ["1 ha", "1,0 ha"],
    }
    columns = [np.array(values, dtype=object) for values in fields.values()]
    common = {"driver": "GPKG", "geometry_type": "Polygon", "crs": "EPSG:9215"}
    raw.write(str(path), shapely.to_wkb(lots), columns, list(fields), layer="lô đất", **common)
    outline = array(shapely.box(430000, 2395000, 430200, 2395100))
    raw.write(str(path), shapely.to_wkb(outline), [], [], layer="ranh giới", **common)
    return path


def standardise(drawing: Path, mapping: Path, plan: Path, out: Path, *more: str) -> int:
    return run(["standardise", str(drawing), "--mapping", str(mapping), "--plan", str(plan), "--out", str(out), *more])


def test_package_holds_the_plan_when_a_sound_file_is_standardised(
    drawing: Path, mapping: Path, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "p.gpkg"
    assert standardise(drawing, mapping, plan, out) == 0
    printed = capsys.readouterr().out
    assert hashlib.sha256(out.read_bytes()).hexdigest() in printed
    assert "0 lỗi, 0 cảnh báo" in printed
    assert "0 errors, 0 warnings" in printed
    layers = read_package(out)
    lots = layers["ChucNangSuDungDat_A"].fields
    assert lots["kyHieuLoDat"] == ["OM-1", "CQ-1"]
    assert lots["phanLoai"] == ["DAT_O_Nhomnhao", "DAT_Coquan"]
    assert lots["dienTich"] == [10000.0, 10000.0]
    assert lots["matDoXayDung"] == ["40-60", "≤40"]
    assert layers["RanhGioiQuyHoach_A"].fields["tyLe"] == ["1/5.000"]
    assert layers["coverage"].fields["theme"] == ["land_use"]
    assert set(layers["findings"].fields["level"]) == {"note"}
    assert layers["repairs"].fields["code"] == ["function-by-name"]
    assert package_crs(out) == "EPSG:9215"
    provenance = dict(zip(layers["provenance"].fields["key"], layers["provenance"].fields["value"], strict=True))
    assert provenance["source_sha256"] == hashlib.sha256(drawing.read_bytes()).hexdigest()
    assert provenance["mapping_sha256"] == hashlib.sha256(mapping.read_bytes()).hexdigest()
    assert "made_at" not in provenance


def test_bytes_are_the_same_when_run_again_elsewhere(drawing: Path, mapping: Path, plan: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "a.gpkg", tmp_path / "b" / "c.gpkg"
    assert standardise(drawing, mapping, plan, first) == 0
    code = "import sys; from quyhoach.cli import run; sys.exit(run(sys.argv[1:]))"
    command = ["standardise", str(drawing), "--mapping", str(mapping), "--plan", str(plan), "--out", str(second)]
    environment = {**os.environ, "TZ": "Pacific/Chatham", "PYTHONHASHSEED": "5"}
    subprocess.run([sys.executable, "-c", code, *command], check=True, env=environment, cwd="/", capture_output=True)
    assert first.read_bytes() == second.read_bytes()


def test_instant_is_recorded_when_given(drawing: Path, mapping: Path, plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.gpkg"
    assert standardise(drawing, mapping, plan, out, "--now", "2026-11-22T08:00:00+07:00") == 0
    assert "2026-11-22T08:00:00+07:00" in read_package(out)["provenance"].fields["value"]


def test_exit_is_1_with_places_when_lots_overlap(
    mapping: Path, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawing = write_drawing(tmp_path / "x.gpkg", overlap=10)
    out = tmp_path / "p.gpkg"
    assert standardise(drawing, mapping, plan, out, "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    overlap = next(row for row in answer["findings"] if row["code"] == "e006-lots-overlap")
    assert overlap["level"] == "error"
    assert overlap["message"]["vi"].startswith("Lô OM-1 và lô CQ-1 chồng lên nhau")
    assert overlap["place"].startswith("GEOMETRYCOLLECTION (POLYGON ((")
    findings = read_package(out)["findings"]
    assert "e006-lots-overlap" in findings.fields["code"]
    assert json.loads(findings.fields["params"][0])["other"] == "CQ-1"


def test_a_mapping_is_guessed_and_said_when_none_is_given(
    drawing: Path, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "p.gpkg"
    assert run(["standardise", str(drawing), "--plan", str(plan), "--out", str(out)]) == 0
    assert "Phỏng đoán cần kiểm tra" in capsys.readouterr().out
    layers = read_package(out)
    assert len(layers["ChucNangSuDungDat_A"]) == 2
    assert "lô đất: role" in layers["provenance"].fields["value"]


def test_crs_stands_in_when_there_is_no_workspace(drawing: Path, mapping: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.gpkg"
    command = ["standardise", str(drawing), "--mapping", str(mapping), "--crs", "EPSG:9215", "--out", str(out)]
    assert run(command) == 0
    assert len(read_package(out)["ChucNangSuDungDat_A"]) == 2


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--crs", "EPSG:123456"], "EPSG:123456"),
        (["--crs", "VN2000"], "VN2000"),
    ],
)
def test_exit_tells_what_is_missing_when_the_crs_is_not_known(
    drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], expected: str
) -> None:
    assert run(["standardise", str(drawing), "--out", str(tmp_path / "p.gpkg"), *more]) in (1, 2)
    told = capsys.readouterr().err
    assert expected in told
    assert len(told.strip().splitlines()) >= 2
    assert not (tmp_path / "p.gpkg").exists()


def test_package_is_in_the_datas_own_crs_when_no_province_is_known(drawing: Path, tmp_path: Path) -> None:
    run(["standardise", str(drawing), "--out", str(tmp_path / "p.gpkg")])
    assert package_crs(tmp_path / "p.gpkg") == "EPSG:9215"


def test_exit_is_2_when_no_province_is_known_and_the_data_say_no_crs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "lo.geojson"
    square = {"type": "Polygon", "coordinates": [[[106.5, 21.6], [106.6, 21.6], [106.6, 21.7], [106.5, 21.6]]]}
    feature = {"type": "Feature", "properties": {"lo": "A1"}, "geometry": square}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert run(["standardise", str(path), "--out", str(tmp_path / "p.gpkg")]) == 2  # degrees: no plane to measure in
    assert "--plan" in capsys.readouterr().err


def test_exit_is_2_when_crs_contradicts_the_province(drawing: Path, mapping: Path, plan: Path, tmp_path: Path) -> None:
    assert standardise(drawing, mapping, plan, tmp_path / "p.gpkg", "--crs", "EPSG:4326") == 2


@pytest.mark.parametrize("name", ["khong-co.gpkg", "ban-ve.dwg", "hong.gpkg"])
def test_exit_is_1_with_two_sentences_when_the_file_cannot_be_read(
    tmp_path: Path, plan: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    if not name.startswith("khong"):
        (tmp_path / name).write_bytes(b"x" * 1000)
    assert run(["standardise", str(tmp_path / name), "--plan", str(plan), "--out", str(tmp_path / "p.gpkg")]) == 1
    told = capsys.readouterr().err
    assert name in told
    assert "Traceback" not in told


def test_suggested_mapping_is_written_once_and_works(
    drawing: Path, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suggested = tmp_path / "goi-y.toml"
    assert run(["suggest-mapping", str(drawing), "--out", str(suggested)]) == 0
    text = suggested.read_text(encoding="utf-8")
    assert "guessed" in text
    assert 'role = "plan_boundary"' in text
    assert run(["suggest-mapping", str(drawing), "--out", str(suggested)]) == 2
    assert suggested.read_text(encoding="utf-8") == text
    assert standardise(drawing, suggested, plan, tmp_path / "p.gpkg") == 0


def test_validate_says_the_same_as_standardise_and_changes_nothing(
    mapping: Path, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "p.gpkg", tmp_path / "bao-cao" / "r.html"
    standardise(write_drawing(tmp_path / "x.gpkg", overlap=10), mapping, plan, out)
    before = out.read_bytes()
    capsys.readouterr()
    assert run(["validate", str(out), "--html", str(page), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert [row["code"] for row in answer["findings"]] == read_package(out)["findings"].fields["code"]
    assert out.read_bytes() == before
    assert "chồng lên nhau" in page.read_text(encoding="utf-8")


def test_validate_exits_0_when_a_package_is_sound(
    drawing: Path, mapping: Path, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "p.gpkg"
    standardise(drawing, mapping, plan, out)
    assert run(["validate", str(out)]) == 0
    assert "Đã kiểm tra 2 lô đất: 0 lỗi" in capsys.readouterr().out


def test_faults_are_written_as_dxf_when_asked_for(mapping: Path, plan: Path, tmp_path: Path) -> None:
    from ezdxf import recover

    out, faults = tmp_path / "p.gpkg", tmp_path / "loi" / "f.dxf"
    standardise(write_drawing(tmp_path / "x.gpkg", overlap=10), mapping, plan, out)
    assert run(["validate", str(out), "--dxf", str(faults)]) == 1
    texts = [entity.dxf.text for entity in recover.readfile(faults)[0].query('TEXT[layer=="QH_LOI"]')]
    assert any("chồng lên nhau" in text for text in texts)


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\x00" + b"\x01" * 500])
def test_exit_is_1_when_a_package_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "p.gpkg").write_bytes(content)
    assert run(["validate", str(tmp_path / "p.gpkg")]) == 1
    assert "p.gpkg" in capsys.readouterr().err
