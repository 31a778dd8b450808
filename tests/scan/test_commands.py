"""`quyhoach scan fit` and `scan add`: what is written, what is refused, and that a release answers from it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from quyhoach import cli
from quyhoach.domain.plan import Scan, ScanFit
from quyhoach.package import Layer, read_package, write_package
from quyhoach.release.workspace import load_workspace, write_version

from .conftest import points_toml  # type: ignore[import-not-found]


def run(*words: object) -> int:
    return cli.run([str(word) for word in words])


@pytest.fixture
def points(sheet, tmp_path) -> Path:
    path = tmp_path / "points.toml"
    corners = "outline = [[400.0, 350.0], [2000.0, 350.0], [2000.0, 1500.0], [400.0, 1500.0]]\n"
    path.write_text(points_toml(sheet.points, corners), encoding="utf-8")
    return path


def test_fit_states_the_residual_and_writes_tiles(sheet, points, tmp_path, capsys):
    out = tmp_path / "out"
    assert run("scan", "fit", sheet.path, "--points", points, "--crs", "EPSG:9215", "--scale", 5000, "--out", out) == 0
    told = capsys.readouterr().out
    assert "Sai số dự kiến" in told
    assert "trên giấy" in told
    kept = json.loads((out / "fit.json").read_text(encoding="utf-8"))
    assert kept["model"] == "affine"
    assert kept["expected_mm_on_paper"] < 0.05
    assert (out / "picture.pmtiles").read_bytes().startswith(b"PMTiles")


def test_wrong_point_is_told_and_left_out(sheet, tmp_path, capsys):
    wrong = list(sheet.points)
    wrong[3] = replace(wrong[3], north=wrong[3].north + 1000)
    (tmp_path / "p.toml").write_text(points_toml(tuple(wrong)), encoding="utf-8")
    assert run("scan", "fit", sheet.path, "--points", tmp_path / "p.toml", "--crs", "EPSG:9215") == 0
    assert "Điểm L4 trái với mọi điểm khác" in capsys.readouterr().out


def test_snapping_moves_rough_clicks_and_tells_of_points_without_a_cross(sheet, tmp_path, capsys):
    rough = [
        replace(p, col=p.col + 5 * (-1) ** n, row=p.row - 4 * (-1) ** (n // 2)) for n, p in enumerate(sheet.points)
    ]
    nowhere = replace(rough[0], name="TRONG", col=1200.0, row=60.0)
    east, north = 430_549.0, 2_396_114.0
    (tmp_path / "p.toml").write_text(points_toml((*rough, replace(nowhere, east=east, north=north))), encoding="utf-8")
    words = (
        "scan",
        "fit",
        sheet.path,
        "--points",
        tmp_path / "p.toml",
        "--crs",
        "EPSG:9215",
        "--scale",
        5000,
        "--json",
    )
    assert run(*words) == 0
    plain = json.loads(capsys.readouterr().out)
    assert run(*words, "--snap") == 0
    snapped = json.loads(capsys.readouterr().out)
    assert [row["code"] for row in snapped["findings"]].count("scan-point-no-cross") == 1
    better = [snapped["residuals_m"][f"L{n}"] < plain["residuals_m"][f"L{n}"] for n in range(1, 13)]
    assert sum(better) >= 11


def test_large_residual_is_refused_and_nothing_written(sheet, tmp_path, capsys):
    bad = [
        replace(p, col=p.col + 40 * (-1) ** n, row=p.row + 30 * (-1) ** (n // 2)) for n, p in enumerate(sheet.points)
    ]
    (tmp_path / "p.toml").write_text(points_toml(tuple(bad)), encoding="utf-8")
    out = tmp_path / "out"
    words = ("scan", "fit", sheet.path, "--points", tmp_path / "p.toml", "--crs", "EPSG:9215", "--scale", 5000)
    assert run(*words, "--out", out) == 1
    assert "vượt mức cho phép" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [((), 2), (("--crs", "EPSG:4326"), 2), (("--crs", "EPSG:9215", "--page", "0"), 0)],
)
def test_coordinate_system_must_be_said_and_flat(sheet, points, words, code):
    assert run("scan", "fit", sheet.path, "--points", points, *words) == code


def test_hostile_picture_is_one_clear_error(points, tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\xff" * 100)
    assert run("scan", "fit", tmp_path / "a.png", "--points", points, "--crs", "EPSG:9215") == 1
    assert "Không đọc được bản quét" in capsys.readouterr().err


def add(sheet, points, root: Path, *words: object, plan: str = "qhct-giay", version: int = 1) -> int:
    return run(
        "scan", "add", sheet.path, "--points", points, "--workspace", root, "--plan", plan, "--version", version, *words
    )


def test_scan_is_kept_with_its_fit_tiles_and_outline(small, sheet, points):
    before = load_workspace(small.root).plans["qhct-giay"].versions[0]
    assert add(sheet, points, small.root, "--title", "Bản đồ giấy", "--limit-mm", 20) == 0
    workspace = load_workspace(small.root)
    version = workspace.plans["qhct-giay"].versions[0]
    (scan,) = version.scans
    assert (scan.title, scan.media_type) == ("Bản đồ giấy", "image/png")
    assert workspace.document_path(scan.sha256).read_bytes() == sheet.path.read_bytes()
    assert scan.picture is not None
    assert workspace.document_path(scan.picture).read_bytes().startswith(b"PMTiles")
    assert scan.fit is not None
    assert (scan.fit.model, scan.fit.size, len(scan.fit.points)) == ("affine", sheet.size, 12)
    assert version.outline != before.outline
    outline = read_package(workspace.package_path(version.outline or ""))["RanhGioiQuyHoach_A"]
    # 1,600 × 1,150 pixels of 0.635 m, less what stretching and shear make of it
    assert outline.fields["dienTichQH"][0] == pytest.approx(1600 * 1150 * 0.635**2, rel=0.01)
    assert version.decision == before.decision


def test_same_scan_again_replaces_its_fit(small, sheet, points):
    for model in ("similarity", "affine"):
        assert add(sheet, points, small.root, "--limit-mm", 20, "--no-tiles", "--model", model) == 0
    (scan,) = load_workspace(small.root).plans["qhct-giay"].versions[0].scans
    assert scan.fit is not None
    assert scan.fit.model == "affine"
    assert scan.picture is None


def test_new_version_needs_its_decision(small, sheet, points, tmp_path, capsys):
    small.plan("qhct-moi", "detailed", scale=5000)
    assert add(sheet, points, small.root, plan="qhct-moi") == 2
    assert "--decision" in capsys.readouterr().err
    paper = tmp_path / "qd.pdf"
    paper.write_bytes(b"%PDF-1.4 quyet dinh")
    words = ("--decision", "77/QĐ-UBND", "--decision-date", "2014-08-22", "--authority", "UBND huyện Chi Lăng")
    assert add(sheet, points, small.root, *words, "--document", paper, "--no-tiles", plan="qhct-moi") == 0
    version = load_workspace(small.root).plans["qhct-moi"].versions[0]
    assert version.decision is not None
    assert version.decision.number == "77/QĐ-UBND"
    assert {document.kind for document in version.documents} == {"decision", "scan"}
    assert version.package is None
    assert version.outline is not None


def test_decision_of_a_version_that_is_there_is_not_touched(small, sheet, points):
    assert add(sheet, points, small.root, "--decision", "9/QĐ", "--limit-mm", 20) == 2


def test_outline_is_needed(small, sheet, tmp_path):
    small.plan("qhct-moi", "detailed", scale=5000)
    (tmp_path / "p.toml").write_text(points_toml(sheet.points), encoding="utf-8")
    words = ("--decision", "77/QĐ-UBND", "--decision-date", "2014-08-22", "--authority", "UBND huyện")
    assert add(sheet, tmp_path / "p.toml", small.root, *words, plan="qhct-moi") == 2
    assert not load_workspace(small.root).plans["qhct-moi"].versions


def square(east: float, north: float, side: float) -> shapely.Polygon:
    return shapely.box(east, north, east + side, north + side)


def outline_files(folder: Path) -> Sequence[Path]:
    shape = square(430_200, 2_395_200, 400)
    geometry = np.array([shape], object)
    write_package(folder / "o.gpkg", [Layer("r", "MultiPolygon", geometry, {"a": ["x"]})], crs="EPSG:9215")
    corners = shapely.get_coordinates(shape)[:-1]
    (folder / "o.txt").write_text("\n".join(f"{n + 1}  X={y:.3f} Y={x:.3f}" for n, (x, y) in enumerate(corners)))
    return folder / "o.gpkg", folder / "o.txt"


@pytest.mark.parametrize("number", [0, 1])
def test_outline_comes_from_a_gis_file_or_a_list_of_corners(small, sheet, points, tmp_path, number):
    path = outline_files(tmp_path)[number]
    assert add(sheet, points, small.root, "--limit-mm", 20, "--no-tiles", "--outline", path) == 0
    workspace = load_workspace(small.root)
    version = workspace.plans["qhct-giay"].versions[0]
    outline = read_package(workspace.package_path(version.outline or ""))["RanhGioiQuyHoach_A"]
    assert outline.geometry is not None
    assert shapely.area(outline.geometry[0]) == pytest.approx(160_000, abs=0.1)


def test_release_holds_the_scan_and_its_residual(small, sheet, points):
    from quyhoach.release.compile import build_release

    assert add(sheet, points, small.root, "--limit-mm", 20) == 0
    folder = small.root / "releases" / build_release(small.root, now=datetime(2026, 11, 22, tzinfo=UTC), workers=1)
    plans = json.loads((folder / "plans.json").read_text(encoding="utf-8"))
    text = json.dumps(plans)
    (scan,) = load_workspace(small.root).plans["qhct-giay"].versions[0].scans
    assert scan.sha256 in text
    assert f'"residual_m": {scan.residual_m}' in text


def test_workspace_keeps_every_member_of_a_scan(small):
    workspace = load_workspace(small.root)
    version = workspace.plans["qhct-giay"].versions[0]
    fit = ScanFit("affine", (20, 30), ((1.5, 2.0, 430000.25, 2395000.5),), ("GK-07", "x"), 0.31)
    scans = (
        Scan("a" * 64, "tờ 1", "image/png", ((0.0, 0.0),) * 4, 0.2, "b" * 64, fit),
        Scan("c" * 64, "tờ 2", "image/jpeg", ((0.0, 0.0),) * 4),
    )
    write_version(small.root, replace(version, scans=scans))
    assert load_workspace(small.root).plans["qhct-giay"].versions[0].scans == scans
