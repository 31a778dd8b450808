"""The demo province: what others rely on in it, and that it is drawn soundly."""

import hashlib
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from quyhoach.demo import draw_demo, draw_small
from quyhoach.domain.indicators import parse_range
from quyhoach.domain.plan import Status, VersionKind
from quyhoach.package import read_package
from quyhoach.release.workspace import Workspace, load_workspace
from quyhoach.standard import load_standard

EXAMPLE = (106.5783, 21.6570)


def tree_hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("demo")
    heard: list[tuple[str, float]] = []
    draw_demo(root, seed=2022, progress=lambda code, share: heard.append((code, share)))
    assert heard[-1] == ("demo-done", 1.0)
    assert [share for _, share in heard] == sorted(share for _, share in heard)
    return load_workspace(root)


def packages(workspace: Workspace):
    """(plan, version, package) of every digitised version."""
    for plan in workspace.plans.values():
        for version in plan.versions:
            if version.package:
                yield plan, version, read_package(workspace.package_path(version.package))


def lots_of(workspace: Workspace, plan_id: str, number: int) -> dict[str, dict[str, object]]:
    version = next(v for v in workspace.plans[plan_id].versions if v.number == number)
    layer = read_package(workspace.package_path(version.package))["ChucNangSuDungDat_A"]
    return {
        label: {"shape": layer.geometry[i], **{key: values[i] for key, values in layer.fields.items()}}
        for i, label in enumerate(layer.fields["kyHieuLoDat"])
    }


def test_same_bytes_when_drawn_again_under_another_hash_seed_and_time_zone(tmp_path: Path) -> None:
    draw_small(tmp_path / "here", 7)
    code = (
        "import sys; from pathlib import Path; from quyhoach.demo import draw_small; draw_small(Path(sys.argv[1]), 7)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242", "TZ": "Pacific/Auckland"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "there")], check=True, env=environment, cwd=tmp_path)
    assert tree_hashes(tmp_path / "here") == tree_hashes(tmp_path / "there")


def test_same_bytes_when_the_whole_demo_is_drawn_again(demo: Workspace, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from quyhoach.demo import draw_demo; draw_demo(Path(sys.argv[1]))"
    environment = {**os.environ, "PYTHONHASHSEED": "99"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment)
    assert tree_hashes(tmp_path) == tree_hashes(demo.root)


def test_other_places_when_the_seed_is_another(tmp_path: Path) -> None:
    draw_small(tmp_path / "a", 1)
    draw_small(tmp_path / "b", 2)
    assert tree_hashes(tmp_path / "a") != tree_hashes(tmp_path / "b")


def test_lots_cover_the_outline_without_gap_or_overlap_when_drawn(demo: Workspace) -> None:
    for plan, version, package in packages(demo):
        if "ChucNangSuDungDat_A" not in package:
            continue
        lots, outline = package["ChucNangSuDungDat_A"].geometry, package["RanhGioiQuyHoach_A"].geometry[0]
        name = version.version_id
        assert shapely.is_valid(lots).all(), name
        assert shapely.coverage_is_valid(lots), name
        assert abs(shapely.area(lots).sum() - outline.area) < 1e-7 * outline.area + 0.1, name
        assert shapely.symmetric_difference(shapely.coverage_union_all(lots), outline).area < 1.0, name
        assert shapely.area(lots).min() > 20, name
        assert plan.illustrative


def test_about_three_thousand_lots_when_those_in_force_are_counted(demo: Workspace) -> None:
    count = 0
    for plan, version, package in packages(demo):
        hidden = {v.corrects for v in plan.versions}
        if version.status is Status.IN_FORCE and version.number not in hidden and "ChucNangSuDungDat_A" in package:
            count += len(package["ChucNangSuDungDat_A"])
    assert 2800 <= count <= 3500


def test_the_example_answer_when_asked_at_its_place(demo: Workspace) -> None:
    point = shapely.Point(Transformer.from_crs("EPSG:4326", "EPSG:9215", always_xy=True).transform(*EXAMPLE))
    here = [lot for lot in lots_of(demo, "qhc-dong-mo", 2).values() if lot["shape"].contains(point)]
    assert len(here) == 1
    lot = here[0]
    assert (lot["kyHieuLoDat"], lot["phanLoai"]) == ("OM-12", "DAT_O_Nhomnhao")
    assert (lot["matDoXayDung"], lot["tangCaoXayDung"], lot["heSoSuDungDat"]) == ("40-60", "1-5", "0,4-3,0")
    assert lot["danSo"] == 61
    assert lot["shape"].boundary.distance(point) > 2
    paper = demo.plans["qhct-trung-tam-dong-mo"].versions[0]
    outline = read_package(demo.package_path(paper.outline))["RanhGioiQuyHoach_A"].geometry[0]
    assert paper.package is None
    assert outline.contains(point)


def test_the_example_lot_is_there_when_the_small_demo_is_drawn(tmp_path: Path) -> None:
    draw_small(tmp_path)
    workspace = load_workspace(tmp_path)
    point = shapely.Point(Transformer.from_crs("EPSG:4326", "EPSG:9215", always_xy=True).transform(*EXAMPLE))
    lot = lots_of(workspace, "qhc-dong-mo", 2)["OM-12"]
    assert lot["shape"].contains(point)
    assert {version.number for version in workspace.plans["qhc-dong-mo"].versions} == {1, 2, 3}
    assert any(plan.kind == "detailed" and plan.versions[0].package for plan in workspace.plans.values())


def test_codes_are_of_the_standard_and_labels_unique_when_drawn(demo: Workspace) -> None:
    standard = load_standard()
    for _, version, package in packages(demo):
        if "ChucNangSuDungDat_A" not in package:
            continue
        fields = package["ChucNangSuDungDat_A"].fields
        for code in set(fields["phanLoai"]):
            assert standard.land_use[code.casefold()].code == code
        assert len(set(fields["kyHieuLoDat"])) == len(fields["kyHieuLoDat"]), version.version_id
        assert list(fields["maDoiTuong"]) == list(fields["kyHieuLoDat"])
        assert all(re.fullmatch(r"[A-Z]+-\d{2,3}", label) for label in fields["kyHieuLoDat"])


def test_indicators_can_be_read_when_written_as_plans_write_them(demo: Workspace) -> None:
    seen = set()
    for _, _, package in packages(demo):
        if "ChucNangSuDungDat_A" not in package:
            continue
        fields = package["ChucNangSuDungDat_A"].fields
        for name in ("matDoXayDung", "tangCaoXayDung", "heSoSuDungDat"):
            seen |= {text for text in fields[name] if text}
    assert {"40-60", "3-5", "≤60", "0,4-3,0", "1-5"} <= seen
    assert all(parse_range(text) for text in seen)


def test_areas_are_those_of_the_shapes_when_written(demo: Workspace) -> None:
    for _, _, package in packages(demo):
        if "ChucNangSuDungDat_A" not in package:
            continue
        layer = package["ChucNangSuDungDat_A"]
        assert np.allclose(np.asarray(layer.fields["dienTich"], float), shapely.area(layer.geometry), atol=0.06)
        table = package["balance_table"].fields
        assert abs(sum(table["share_pct"]) - 100) < 0.5
        assert abs(sum(table["area_m2"]) - shapely.area(layer.geometry).sum()) < 5


def test_secret_lots_are_planted_when_drawn(demo: Workspace) -> None:
    secret = {"withhold": set(), "generalise": set()}
    standard = load_standard()
    for plan, _, package in packages(demo):
        if "ChucNangSuDungDat_A" not in package or plan.secret:
            continue
        fields = package["ChucNangSuDungDat_A"].fields
        for code, name, label in zip(fields["phanLoai"], fields["tenDoiTuong"], fields["kyHieuLoDat"], strict=True):
            row = standard.redaction.get(code.casefold())
            if row:
                secret[row.action].add(name)
                assert "bí mật" in name
                assert label.startswith(("QP-", "AN-"))
            else:
                assert "bí mật" not in name
    assert {f"Doanh trại QP bí mật 0{n}" for n in (1, 3, 4, 5, 7)} <= secret["withhold"]
    assert {f"Trụ sở AN bí mật 0{n}" for n in (1, 2, 3, 4, 5)} <= secret["generalise"]
    assert [plan.plan_id for plan in demo.plans.values() if plan.secret] == ["qhct-khu-kin"]


def test_versions_of_dong_mo_when_loaded(demo: Workspace) -> None:
    first, second, third = demo.plans["qhc-dong-mo"].versions
    assert (second.kind, second.corrects, second.valid_from) == (VersionKind.CORRECTION, 1, first.valid_from)
    assert second.decision and second.decision.number == "1319/QĐ-UBND"
    assert second.decision.date == date(2022, 8, 13)
    assert (third.kind, third.status) == (VersionKind.OVERALL, Status.PENDING)
    wrong, right, later = (lots_of(demo, "qhc-dong-mo", n) for n in (1, 2, 3))
    assert wrong["OM-12"]["danSo"] != right["OM-12"]["danSo"]
    assert set(wrong) == set(right)
    assert (
        3
        <= sum(wrong[k]["phanLoai"] != right[k]["phanLoai"] or wrong[k]["shape"] != right[k]["shape"] for k in right)
        < 9
    )
    same = [k for k in right if k in later and right[k]["shape"].equals(later[k]["shape"])]
    assert len(same) > 0.8 * len(right)
    assert sum(k not in right for k in later) > 30


def test_three_dates_differ_when_asked_in_loc_binh(demo: Workspace) -> None:
    first, second = demo.plans["qhc-loc-binh"].versions
    assert (first.status, first.valid_to) == (Status.SUPERSEDED, second.valid_from)
    assert set(lots_of(demo, "qhc-loc-binh", 1)) != set(lots_of(demo, "qhc-loc-binh", 2))


def test_local_adjustment_fills_the_lots_it_replaces_when_drawn(demo: Workspace) -> None:
    _base, local = demo.plans["qhc-that-khe"].versions
    old, new = lots_of(demo, "qhc-that-khe", 1), lots_of(demo, "qhc-that-khe", 2)
    assert local.kind is VersionKind.LOCAL
    assert len(local.replaces) == 2
    assert not set(new) & set(old)
    replaced = shapely.union_all([old[label]["shape"] for label in local.replaces])
    assert shapely.symmetric_difference(replaced, shapely.union_all([lot["shape"] for lot in new.values()])).area < 0.1


def test_a_detailed_plan_disagrees_with_its_general_plan_when_compared(demo: Workspace) -> None:
    standard = load_standard()
    general, detailed = lots_of(demo, "qhc-dong-mo", 2), lots_of(demo, "qhct-hoa-binh-dong-mo", 1)
    parks = [lot["shape"] for lot in general.values() if standard.land_use[lot["phanLoai"].casefold()].group == "green"]
    against = [
        lot
        for lot in detailed.values()
        if lot["phanLoai"] == "DAT_Dichvu" and shapely.intersection(lot["shape"], shapely.union_all(parks)).area > 500
    ]
    assert against


def test_themes_at_the_example_when_coverage_is_read(demo: Workspace) -> None:
    point = shapely.Point(Transformer.from_crs("EPSG:4326", "EPSG:9215", always_xy=True).transform(*EXAMPLE))
    covered = set()
    for _, version, package in packages(demo):
        if version.status is Status.IN_FORCE and "coverage" in package:
            layer = package["coverage"]
            covered |= {t for t, g in zip(layer.fields["theme"], layer.geometry, strict=True) if g.contains(point)}
    assert covered == {"land_use", "heritage", "road_corridor"}


def test_overlays_have_rules_and_coverage_when_drawn(demo: Workspace) -> None:
    themes = {}
    for plan, _, package in packages(demo):
        if plan.kind == "restriction":
            layer, coverage = package["restrictions"], shapely.union_all(package["coverage"].geometry)
            assert shapely.is_valid(layer.geometry).all()
            assert all(layer.fields["quyDinh"])
            assert len(set(layer.fields["maDoiTuong"])) == len(layer)
            themes[layer.fields["theme"][0]] = len(package["coverage"])
            assert shapely.intersects(coverage, layer.geometry).all()
    assert themes == {"road_corridor": 1, "heritage": 2, "flood": 3}


def test_parcels_are_about_six_hundred_some_ambiguous_when_drawn(demo: Workspace) -> None:
    version = demo.plans["dia-chinh-loc-binh"].versions[0]
    layer = read_package(demo.package_path(version.package))["parcels"]
    keys = list(zip(layer.fields["commune"], layer.fields["sheet"], layer.fields["lot"], strict=True))
    assert 550 <= len(keys) <= 680
    assert 1 <= len(keys) - len(set(keys)) <= 3
    assert set(layer.fields["commune"]) == {"06529"}
    tree = shapely.STRtree(layer.geometry)
    overlapping = [(i, j) for i, j in tree.query(layer.geometry, predicate="overlaps").T]
    assert not overlapping


def test_papers_are_there_when_versions_name_them(demo: Workspace) -> None:
    for plan in demo.plans.values():
        for version in plan.versions:
            assert version.decision is not None
            pdf = demo.document_path(version.decision.document).read_bytes()
            assert pdf.startswith(b"%PDF-")
            if version.decision.number != "1319/QĐ-UBND":
                assert "số minh hoạ" in version.decision.number
            for scan in version.scans:
                assert demo.document_path(scan.sha256).read_bytes().startswith(b"\x89PNG")
            assert "minh hoạ" in plan.name["vi"]


def test_scan_lies_on_its_outline_when_its_corners_are_used(demo: Workspace) -> None:
    version = demo.plans["qhct-trung-tam-dong-mo"].versions[0]
    outline = read_package(demo.package_path(version.outline))["RanhGioiQuyHoach_A"].geometry[0]
    sheet = shapely.Polygon(version.scans[0].corners)
    assert sheet.contains(outline)
    assert outline.area > 0.1 * sheet.area
    width, height = (
        np.hypot(*np.subtract(version.scans[0].corners[i], version.scans[0].corners[j])) for i, j in ((0, 1), (1, 2))
    )
    assert width / height == pytest.approx(420 / 297, rel=1e-4)


def test_today_s_communes_cover_the_plans_when_drawn(demo: Workspace) -> None:
    layer = read_package(demo.root / "basemap" / "units.gpkg")["units"]
    shapes = dict(zip(layer.fields["code"], layer.geometry, strict=True))
    assert len(shapes) == 65
    assert shapely.coverage_is_valid(layer.geometry)
    assert "xã Chi Lăng" in layer.fields["name"]
    for plan_id, code in (("qhc-dong-mo", "06463"), ("qhc-chi-lang", "06463"), ("qhc-that-khe", "06040")):
        version = demo.plans[plan_id].versions[0]
        outline = read_package(demo.package_path(version.package))["RanhGioiQuyHoach_A"].geometry[0]
        assert shapely.difference(outline, shapes[code]).area < 1.0


@pytest.mark.shared
def test_towns_lie_in_their_real_communes_when_compared(demo: Workspace) -> None:
    """Most of each town's plan is in the real commune (a reference map, simplified to 10 m)."""
    import json

    path = (
        Path(__file__).parents[2] / ".." / "shared" / "data" / "admin" / "langson_communes_2025_simplified10m.geojson"
    )
    if not path.exists():
        pytest.skip("../shared is not here: real communes are not compared")
    transform = Transformer.from_crs("EPSG:4326", "EPSG:9215", always_xy=True)
    real = {}
    for feature in json.loads(path.read_text())["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        real[feature["properties"]["code"]] = shapely.transform(
            shape, lambda xy: np.column_stack(transform.transform(xy[:, 0], xy[:, 1]))
        )
    province = shapely.union_all(list(real.values())).buffer(50)
    for town, code in (("dong-mo", "06463"), ("chi-lang", "06463"), ("that-khe", "06040"), ("loc-binh", "06529"),
                       ("dong-dang", "06184")):  # fmt: skip
        plan = demo.plans[f"qhc-{town}"]
        package = read_package(demo.package_path(plan.versions[-1].package))
        if plan.versions[-1].kind is VersionKind.LOCAL:
            package = read_package(demo.package_path(plan.versions[0].package))
        outline = package["RanhGioiQuyHoach_A"].geometry[0]
        assert shapely.intersection(outline, real[code]).area > 0.8 * outline.area, town
        assert shapely.difference(outline, province).area < 0.01 * outline.area, town
