"""Write a dossier, read it back: the same plan, version, documents and layers; what may not leave stays inside."""

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely

from quyhoach import cli
from quyhoach.domain.errors import UsageError, WorkspaceError
from quyhoach.dossier import inspect, read_dossier, write_dossier
from quyhoach.dossier.inspection import from_json, to_json
from quyhoach.package import package_crs, read_package
from quyhoach.release.workspace import load_workspace, write_province
from quyhoach.standard import load_standard

from .conftest import CODES, CORNERS, PLAN, TODAY  # type: ignore[import-not-found]


def run(*words: object) -> int:
    return cli.run([str(word) for word in words])


@pytest.fixture
def empty_root(full_root: Path, tmp_path: Path) -> Path:
    root = tmp_path / "other"
    root.mkdir()
    write_province(root, load_workspace(full_root).province)
    return root


def test_folder_is_the_one_of_the_circular(written):
    files = {path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file()}
    assert written.name == "CSDL_QuyHoachChungThiTranDongMoDenNam2035"
    assert files == {
        "HoSoScan/20QHC000000001.xlsx",
        "HoSoScan/VanBan/QuyetDinh1319QDUBND.pdf",
        "HoSoScan/VanBan/ThuyetMinhTongHop.pdf",
        "HoSoScan/BanVe/BanDoSuDungDatQuyHoach/BanDoSuDungDatQuyHoach.jpg",
        "HoSoScan/BanVe/BanDoSuDungDatQuyHoach/BanDoSuDungDatQuyHoach.jgw",
        "HoSoBASIC/VanBan/ThuyetMinh.docx",
        "HoSoBASIC/BanVe/BanVeGoc/BanVeGoc.dwg",
        "HoSoGIS/HienTrang.gpkg",
        "HoSoGIS/QuyHoach.gpkg",
        "HoSoGIS/NenDiaHinh.gpkg",
        "HoSoGIS/MocGioi.gpkg",
        "HoSoGIS/QuyHoachChungThiTranDongMoDenNam2035.qgz",
    }


def test_classes_have_their_fields_in_order_and_type(written):
    standard = load_standard()
    names = {"text": "TEXT", "real": "REAL", "integer": "INTEGER", "date": "DATE"}
    for database in ("QuyHoach", "HienTrang", "NenDiaHinh", "MocGioi"):
        path = written / "HoSoGIS" / f"{database}.gpkg"
        assert package_crs(path) == "EPSG:9215"
        rows = {row.name: row for row in standard.feature_classes.values() if row.database == database}
        with closing(sqlite3.connect(path)) as connection:
            tables = [row[0] for row in connection.execute("SELECT table_name FROM gpkg_contents")]
            for table in tables:
                columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
                found = [(name, kind) for _, name, kind, *_ in columns if name not in ("fid", "geom")]
                wanted = [(name, names[kind]) for name, kind in rows[table].fields]
                assert [name for name, _ in found] == [name for name, _ in wanted]
                assert all(kind.startswith(other) for (_, kind), (_, other) in zip(found, wanted, strict=True)), found
    with closing(sqlite3.connect(written / "HoSoGIS" / "NenDiaHinh.gpkg")) as connection:
        assert connection.execute("SELECT count(*) FROM gpkg_contents").fetchone() == (4,)


def test_statutory_codes_are_filled_on_every_feature(written):
    for database in ("QuyHoach", "HienTrang", "MocGioi"):
        for layer in read_package(written / "HoSoGIS" / f"{database}.gpkg").values():
            assert set(layer.fields["maHoSoQH"]) == {CODES["maHoSoQH"]}
            assert set(layer.fields["maThongTinQH"]) == {CODES["maThongTinQH"]}
            ids = layer.fields["maDoiTuong"]
            assert all(ids)
            assert len(set(ids)) == len(ids)


def test_project_opens_its_layers_by_relative_paths(written):
    (path,) = (written / "HoSoGIS").glob("*.qgz")
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        root = ET.fromstring(archive.read(name))
    sources = [node.text or "" for node in root.iter("datasource")]
    assert sources
    for source in sources:
        file, _, layer = source.partition("|layername=")
        assert file.startswith("./")
        assert layer in read_package(path.parent / file)
    ids = {node.text for node in root.iterfind("projectlayers/maplayer/id")}
    assert ids == {node.get("id") for node in root.iter("layer-tree-layer")}
    groups = {node.get("name") for node in root.iter("layer-tree-group")}
    assert "Sử dụng đất quy hoạch" in groups  # TT 43/2025


def test_dossier_read_says_what_was_written(written):
    dossier = read_dossier(inspect(written))
    assert dossier.text("code") == CODES["maHoSoQH"]
    assert dossier.text("kind") == "Quy hoạch chung – Đô thị"
    assert dossier.text("scale") == "1/5.000"
    assert dossier.text("crs") == "VN-2000, kinh tuyến trục 107°15', múi chiếu 3° (EPSG:9215)"
    assert dossier.text("consultant") == "Công ty A; Công ty B"
    assert {paper.title: paper.kind for paper in dossier.papers} == {
        "Quyết định 1319/QĐ-UBND": "decision",
        "Thuyết minh tổng hợp": "explanation",
        "Thuyết minh (bản gốc)": "explanation",
        "Bản đồ sử dụng đất quy hoạch": "scan",
        "Bản vẽ gốc": "drawing",
    }
    (scan,) = [paper for paper in dossier.papers if paper.corners]
    assert np.allclose(scan.corners, CORNERS, atol=0.002)
    assert scan.residual_m == 1.25


def test_inspection_survives_its_way_through_json(written):
    inspection = inspect(written)
    assert from_json(json.loads(json.dumps(to_json(inspection)))) == inspection


def test_workspace_to_dossier_to_workspace_is_the_same(full_root, written, empty_root):
    assert run("dossier", "read", written, "--workspace", empty_root, "--plan", PLAN) == 0
    before, after = load_workspace(full_root), load_workspace(empty_root)
    plan, again = before.plans[PLAN], after.plans[PLAN]
    # The English name, the office to ask and the rest that the circular has no column for are not in a dossier.
    assert replace(again, versions=()) == replace(
        plan, versions=(), bodies={**plan.bodies, "approver": ("UBND tỉnh Lạng Sơn",)}
    )
    version, read = plan.versions[0], again.versions[0]
    assert read.attested is None  # the receiving office compares for itself
    assert {document.sha256: document for document in read.documents} == {d.sha256: d for d in version.documents}
    (scan,), (other,) = version.scans, read.scans
    assert np.allclose(scan.corners, other.corners, atol=0.002)
    assert replace(other, corners=scan.corners) == scan
    same = replace(
        read, attested=version.attested, documents=version.documents, scans=version.scans, package=version.package
    )
    assert same == version
    assert_same_layers(before.package_path(version.package or ""), after.package_path(read.package or ""))


def assert_same_layers(one: Path, other: Path) -> None:
    first, second = read_package(one), read_package(other)
    names = {name for name in first if name[-2:] in ("_A", "_L", "_P")}
    assert names <= set(second)
    for name in names:
        a, b = first[name], second[name]
        assert a.geometry is not None
        assert b.geometry is not None
        assert len(a) == len(b)
        assert all(shapely.equals_exact(a.geometry, b.geometry, 1e-4, normalize=True)), name
        for field, values in a.fields.items():
            if any(value not in (None, "") for value in values) and field != "maDoiTuong":
                found = [None if value in (None, "") else str(value) for value in b.fields[field]]
                assert found == [None if value in (None, "") else str(value) for value in values], (name, field)


def test_read_takes_a_zip_of_it(written, empty_root, tmp_path):
    path = tmp_path / "CSDL.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(written.rglob("*")):
            archive.write(file, f"{written.name}/{file.relative_to(written).as_posix()}")
    assert run("dossier", "check", path, "--crs", "EPSG:9215") == 0
    assert run("dossier", "read", path, "--workspace", empty_root, "--plan", PLAN) == 0
    assert load_workspace(empty_root).plans[PLAN].versions[0].package is not None


def test_second_dossier_becomes_the_next_version_and_may_not_contradict(written, full_root, empty_root, capsys):
    assert run("dossier", "read", written, "--workspace", empty_root, "--plan", PLAN) == 0
    assert run("dossier", "read", written, "--workspace", empty_root, "--plan", PLAN) == 1  # two in force on a day
    assert "cùng có hiệu lực" in capsys.readouterr().err
    assert run("dossier", "read", written, "--workspace", empty_root, "--plan", PLAN, "--version", 1) == 2
    assert len(load_workspace(empty_root).plans[PLAN].versions) == 1


def test_plan_on_paper_goes_there_and_back_by_its_outline(full_root, tmp_path, empty_root):
    from quyhoach.release.workspace import write_plan

    workspace = load_workspace(full_root)
    plan = replace(workspace.plans["qhct-giay"], codes={**CODES, "maHoSoQH": "20QCT0001"})
    out = write_dossier(tmp_path, workspace, plan, plan.versions[0], today=TODAY).folder
    assert run("dossier", "read", out, "--workspace", empty_root, "--plan", "giay") == 0
    version = load_workspace(empty_root).plans["giay"].versions[0]
    assert version.package is None
    assert version.outline is not None
    assert set(read_package(empty_root / "packages" / f"{version.outline}.gpkg")) == {"RanhGioiQuyHoach_A"}
    assert write_plan is not None


def test_secret_lots_and_plans_stay_inside(full_root, tmp_path):
    workspace = load_workspace(full_root)
    plan = replace(workspace.plans["qhc-nho"], codes=CODES)
    version = plan.versions[1]
    made = write_dossier(tmp_path / "a", workspace, plan, version, today=TODAY)
    assert made.redacted == 2
    for path in made.folder.rglob("*.gpkg"):
        assert b"DOANHTRAI" not in path.read_bytes()
    lots = read_package(made.folder / "HoSoGIS" / "QuyHoach.gpkg")["ChucNangSuDungDat_A"]
    (general,) = [row for row, note in enumerate(lots.fields["ghiChu"]) if note == "Không công bố chức năng"]
    assert lots.fields["phanLoai"][general] is None
    assert lots.fields["kyHieuLoDat"][general] is None
    whole = write_dossier(tmp_path / "b", workspace, plan, version, today=TODAY, whole=True)
    assert b"DOANHTRAI" in (whole.folder / "HoSoGIS" / "QuyHoach.gpkg").read_bytes()
    secret = replace(workspace.plans["tuyet-mat"], codes=CODES)
    with pytest.raises(WorkspaceError) as told:
        write_dossier(tmp_path / "c", workspace, secret, secret.versions[0], today=TODAY)
    assert told.value.code == "dossier-plan-secret"
    assert not list((tmp_path / "c").glob("*")) if (tmp_path / "c").exists() else True


def test_dossier_is_not_written_over_or_by_halves(full_root, tmp_path):
    workspace = load_workspace(full_root)
    plan = workspace.plans[PLAN]
    write_dossier(tmp_path, workspace, plan, plan.versions[0], today=TODAY)
    with pytest.raises(UsageError):
        write_dossier(tmp_path, workspace, plan, plan.versions[0], today=TODAY)
    version = plan.versions[0]
    gone = replace(version, documents=(replace(version.documents[0], sha256="f" * 64),))
    with pytest.raises(WorkspaceError):
        write_dossier(tmp_path / "other", workspace, plan, gone, today=TODAY)
    assert list((tmp_path / "other").iterdir()) == []


def test_codes_are_needed(full_root, tmp_path):
    workspace = load_workspace(full_root)
    for codes in ({}, {"maHoSoQH": "20QHC1"}, {**CODES, "maHoSoQH": "../x"}):
        plan = replace(workspace.plans[PLAN], codes=codes)
        with pytest.raises(WorkspaceError) as told:
            write_dossier(tmp_path, workspace, plan, plan.versions[0], today=TODAY)
        assert told.value.code == "dossier-needs-codes"


def test_same_version_gives_the_same_bytes(full_root, written, tmp_path):
    workspace = load_workspace(full_root)
    plan = workspace.plans[PLAN]
    again = write_dossier(tmp_path, workspace, plan, plan.versions[0], today=TODAY).folder
    for path in sorted(written.rglob("*")):
        if path.is_file():
            assert (again / path.relative_to(written)).read_bytes() == path.read_bytes(), path.name
