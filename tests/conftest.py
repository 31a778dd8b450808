"""Fixtures that several rooms share: a small workspace made here, compiled once a session."""

import os
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import settings
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.plan import (
    Attestation,
    Decision,
    Document,
    Office,
    Place,
    Plan,
    PlanVersion,
    Province,
    Status,
    VersionKind,
)
from quyhoach.package import Layer, write_package
from quyhoach.release.workspace import store_document, store_package, write_plan, write_province, write_version

# The same examples every time: a run fails because of the change, not because of the day. To look for new ones:
# pytest --hypothesis-profile explore
settings.register_profile("fixed", derandomize=True, database=None)
settings.register_profile("explore", derandomize=False)
settings.load_profile("fixed")

ORIGIN = (430000.0, 2395000.0)  # E, N of the little town, EPSG:9215
SIDE = 40.0  # metres of a lot's side


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared(repository: Path) -> Path:
    """The folder ../shared of development data; tests that need it skip without it."""
    folder = repository.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared is not here: this test reads real files that are no part of the repository")
    return folder


def square(column: float, row: float, width: float = 1, height: float = 1) -> BaseGeometry:
    """A box in units of lots from the little town's corner."""
    x, y = ORIGIN[0] + column * SIDE, ORIGIN[1] + row * SIDE
    return shapely.box(x, y, x + width * SIDE, y + height * SIDE)


def lots(
    shapes: Sequence[BaseGeometry], labels: Sequence[str], functions: Sequence[str], **fields: Sequence[Any]
) -> Layer:
    """A layer of lots."""
    columns: dict[str, Sequence[Any]] = {
        "maDoiTuong": [None] * len(labels),
        "kyHieuLoDat": list(labels),
        "phanLoai": list(functions),
        "dienTich": [shape.area for shape in shapes],
        "danSo": ["61"] * len(labels),
        "matDoXayDung": ["40-60"] * len(labels),
        "tangCaoXayDung": ["1-5"] * len(labels),
        "heSoSuDungDat": ["0,4-3,0"] * len(labels),
        "tenDoiTuong": [""] * len(labels),
        "ghiChu": [""] * len(labels),
    }
    return Layer("ChucNangSuDungDat_A", "MultiPolygon", np.array(shapes, object), columns | fields)


def outline(shape: BaseGeometry) -> Layer:
    fields = {"tenDoAn": ["Đồ án"], "tyLe": ["1/5.000"], "dienTichQH": [shape.area]}
    return Layer("RanhGioiQuyHoach_A", "MultiPolygon", np.array([shape], object), fields)


def restrictions(rows: Sequence[tuple[BaseGeometry, str, str]]) -> Layer:
    fields = {
        "maDoiTuong": [f"HL-{number}" for number, _ in enumerate(rows)],
        "theme": [theme for _, theme, _ in rows],
        "tenDoiTuong": [name for _, _, name in rows],
        "phanLoai": ["hành lang"] * len(rows),
        "quyDinh": ["Không xây dựng công trình"] * len(rows),
        "ghiChu": [""] * len(rows),
    }
    return Layer("restrictions", "MultiPolygon", np.array([shape for shape, _, _ in rows], object), fields)


def coverage(rows: Sequence[tuple[BaseGeometry, str]]) -> Layer:
    return Layer(
        "coverage",
        "MultiPolygon",
        np.array([shape for shape, _ in rows], object),
        {"theme": [theme for _, theme in rows]},
    )


GRID = [(column, row) for row in range(10) for column in range(10)]
FUNCTIONS = ["DAT_DD_DONVIO", "DAT_DD_CAYXANHCCDOTHI", "DAT_DD_DVCCDOTHI", "DAT_DD_GIAOTHONGDOTHI"]
SECRET = "DOANHTRAI-77"


class Maker:
    """Writes a small workspace step by step; a test may change any of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.number = 0

    def province(self, **changes: Any) -> None:
        facts: dict[str, Any] = {
            "code": "20",
            "name": {"vi": "Lạng Sơn", "en": "Lang Son"},
            "crs": "EPSG:9215",
            "extent": (106.0, 21.2, 107.5, 22.6),
            "offices": (
                Office("sxd", {"vi": "Sở Xây dựng", "en": "Department of Construction"}, phone="0205"),
                Office("xa", {"vi": "UBND xã Chi Lăng", "en": "Chi Lang commune"}),
            ),
            "illustrative": True,
        }
        write_province(self.root, Province(**(facts | changes)))

    def package(self, *layers: Layer) -> str:
        self.number += 1
        path = self.root / f"package-{self.number}.gpkg"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_package(path, layers, crs="EPSG:9215")
        sha256 = store_package(self.root, path)
        path.unlink()
        return sha256

    def local_package(self, label: str) -> str:
        """A package with one lot at column 5, row 5, as a local adjustment brings it."""
        return self.package(lots([square(5, 5)], [label], [FUNCTIONS[0]]), outline(square(5, 5)))

    def plan(self, plan_id: str, kind: str = "general", **changes: Any) -> None:
        facts: dict[str, Any] = {
            "plan_id": plan_id,
            "name": {"vi": f"Đồ án {plan_id}", "en": f"Plan {plan_id}"},
            "kind": kind,
            "level": "urban",
            "scale": 500 if kind == "detailed" else 5000,
            "places": (Place("06463"), Place("06463", old=True)),
            "versions": (),
        }
        write_plan(self.root, Plan(**(facts | changes)))

    def version(self, plan_id: str, number: int = 1, **changes: Any) -> None:
        document = store_document(self.root, b"%PDF-1.4 minh hoa " + plan_id.encode())
        facts: dict[str, Any] = {
            "plan_id": plan_id,
            "number": number,
            "kind": VersionKind.NEW,
            "status": Status.IN_FORCE,
            "valid_from": date(2022, 8, 13),
            "valid_to": None,
            "decision": Decision("1319/QĐ-UBND", date(2022, 8, 13), "UBND tỉnh Lạng Sơn", document=document),
            "package": None,
            "outline": None,
            "attested": Attestation("Nguyễn Văn A", date(2022, 9, 1)),
            "documents": (Document(document, "decision", "Quyết định", "application/pdf"),),
        }
        write_version(self.root, PlanVersion(**(facts | changes)))


def make_small(root: Path) -> Maker:
    """One town with a correction and a pending version, a detailed plan that differs, overlays, a plan on paper,
    parcels, secret lots."""
    maker = Maker(root)
    maker.province()
    town = square(0, 0, 10, 10)
    shapes = [square(column, row) for column, row in GRID]
    labels = [f"A{column}-{row}" for column, row in GRID]
    functions = [FUNCTIONS[(column + row) % 4] for column, row in GRID]
    functions[99], labels[99] = "DAT_NDD_QUOCPHONG", SECRET
    functions[98], labels[98] = "DAT_NDD_ANNINH", "CONGAN-88"
    names = ["Doanh trại bí mật" if label == SECRET else "" for label in labels]
    wrong = list(functions)
    wrong[0] = "DAT_NNK_NONGNGHIEP"
    changed = list(functions)
    changed[1], changed[2] = FUNCTIONS[3], FUNCTIONS[3]
    red_line = Layer(
        "ChiGioiDuongDo_L",
        "MultiLineString",
        np.array(
            [shapely.LineString([shapely.Point(ORIGIN), shapely.Point(ORIGIN[0] + 400, ORIGIN[1] + 400)])], object
        ),
        {"tenDoiTuong": [f"Đường vào {SECRET}"]},
    )
    maker.plan("qhc-nho")
    maker.version("qhc-nho", 1, package=maker.package(lots(shapes, labels, wrong, tenDoiTuong=names), outline(town)))
    maker.version(
        "qhc-nho",
        2,
        kind=VersionKind.CORRECTION,
        corrects=1,
        package=maker.package(lots(shapes, labels, functions, tenDoiTuong=names), outline(town), red_line),
    )
    maker.version(
        "qhc-nho",
        3,
        kind=VersionKind.OVERALL,
        status=Status.PENDING,
        valid_from=None,
        decision=None,
        package=maker.package(lots(shapes, labels, changed, tenDoiTuong=names), outline(town)),
    )
    old = [square(0, 0, 5, 10), square(5, 0, 5, 10)]
    maker.plan("qhc-cu")
    maker.version(
        "qhc-cu",
        1,
        status=Status.SUPERSEDED,
        valid_from=date(2010, 1, 1),
        valid_to=date(2022, 8, 13),
        package=maker.package(lots(old, ["X-1", "X-2"], FUNCTIONS[:2]), outline(town)),
    )
    inner = square(2, 2, 2, 2)
    maker.plan("qhct-nho", "detailed")
    maker.version(
        "qhct-nho",
        package=maker.package(lots([inner], ["CT-1"], ["DAT_HTXH_Truonghoc"]), outline(inner)),
        valid_from=date(2023, 1, 1),
    )
    maker.plan("hanh-lang", "restriction")
    maker.version(
        "hanh-lang",
        package=maker.package(
            restrictions(
                [
                    (square(0, 4.8, 10, 0.4), "road_corridor", "Hành lang QL 1A"),
                    (square(8, 0, 2, 1), "flood", "Vùng ngập"),
                ]
            ),
            coverage([(town, "road_corridor"), (square(5, 0, 5, 10), "flood")]),
        ),
    )
    maker.plan("qhct-giay", "detailed")
    maker.version("qhct-giay", package=None, outline=maker.package(outline(square(6, 6, 3, 3))))
    maker.plan("thua-dat", "cadastre", scale=1000)
    halves = [square(0, 0, 0.5, 1), square(0.5, 0, 0.5, 1)]
    parcel_fields = {
        "commune": ["06463"] * 2,
        "sheet": ["12", "12"],
        "lot": ["345", "346"],
        "area": [800.0, 800.0],
        "use": ["ODT"] * 2,
    }
    maker.version(
        "thua-dat", package=maker.package(Layer("parcels", "MultiPolygon", np.array(halves, object), parcel_fields))
    )
    maker.plan("tuyet-mat", secret=True, name={"vi": "Đồ án tuyệt mật XYZZY"})
    maker.version("tuyet-mat", package=maker.package(lots([inner], ["XYZZY-1"], FUNCTIONS[:1]), outline(inner)))
    units = [square(-50, -50, 55, 200), square(5, -50, 100, 200)]
    names_of_units = {"code": ["06463", "06184"], "name": ["xã Chi Lăng", "xã Đồng Đăng"]}
    (root / "basemap").mkdir()
    write_package(
        root / "basemap" / "units.gpkg",
        [Layer("units", "MultiPolygon", np.array(units, object), names_of_units)],
        crs="EPSG:9215",
    )
    return maker


@pytest.fixture
def small(tmp_path: Path) -> Maker:
    """A fresh small workspace that the test may change."""
    return make_small(tmp_path / "workspace")


@pytest.fixture(scope="session")
def maker_of() -> Callable[[Path], Maker]:
    return make_small


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace with its release built and current; not to be changed."""
    from datetime import UTC, datetime

    from quyhoach.release.compile import build_release
    from quyhoach.release.switch import use_release

    root = tmp_path_factory.mktemp("built") / "workspace"
    make_small(root)
    use_release(root, build_release(root, now=datetime(2026, 11, 22, tzinfo=UTC), workers=1))
    return root


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole demo province, drawn, built and current; not to be changed."""
    from datetime import UTC, datetime

    from quyhoach.demo import draw_demo
    from quyhoach.release.compile import build_release
    from quyhoach.release.switch import use_release

    root = tmp_path_factory.mktemp("demo") / "workspace"
    draw_demo(root, seed=2022, progress=lambda step, share: None)
    use_release(root, build_release(root, now=datetime(2026, 11, 22, tzinfo=UTC)))
    return root


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-vectors", action="store_true", help="write tests/vectors/lookup.json anew")


# ── the browser ────────────────────────────────────────────────────────────────────────────────────────────


@cache
def find_chromium() -> str | None:
    """Path of the system's Chromium or, without one, of Playwright's own; None where there is neither."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            own = Path(playwright.chromium.executable_path)
        return str(own) if own.exists() else None
    except Exception:  # noqa: BLE001 - whatever is wrong with it, there is no browser to drive
        return None


@pytest.hookimpl(trylast=True)  # after -m has deselected
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are left out and said so; with CI=true that is an error."""
    left_out = [item for item in items if item.get_closest_marker("browser")]
    if not left_out or find_chromium():
        return
    if os.environ.get("CI", "").lower() in ("1", "true"):
        raise pytest.UsageError(
            f"CI=true and no Chromium: {len(left_out)} browser tests cannot run (.ci/run installs it)"
        )
    for item in left_out:
        item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))
    config.stash[LEFT_OUT] = [item.nodeid for item in left_out]


LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    names = config.stash.get(LEFT_OUT, [])
    if names:
        terminalreporter.section(f"{len(names)} browser tests were LEFT OUT: no Chromium here", yellow=True)
        for name in names:
            terminalreporter.write_line(f"  {name}")
