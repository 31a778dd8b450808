"""A small workspace with a plan that has everything a dossier holds, and its dossier written once."""

import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from PIL import Image

from quyhoach.domain.plan import Decision, Document, Scan
from quyhoach.dossier import inspect, write_dossier
from quyhoach.dossier.inspection import Inspection
from quyhoach.package import Layer
from quyhoach.release.workspace import load_workspace, store_document

PLAN = "qhc-day-du"
NAME = "Quy hoạch chung thị trấn Đồng Mỏ đến năm 2035 (dữ liệu minh hoạ)"
CODES = {"maThongTinQH": "202211000000001", "maHoSoQH": "20QHC000000001"}
TODAY = date(2026, 11, 22)
CORNERS = ((430000.0, 2395400.0), (430400.0, 2395410.0), (430410.0, 2395010.0), (430010.0, 2395000.0))


def pdf(words: str = "Quyết định phê duyệt đồ án quy hoạch chung") -> bytes:
    """A page with words on it, made by the typesetter that the project uses."""
    import typst

    made = typst.Compiler(f'#set text(font: "Libertinus Serif")\n{words}'.encode(), ignore_system_fonts=True).compile()
    assert isinstance(made, bytes)
    return made


def picture(kind: str = "JPEG", dpi: int | None = 300, size: tuple[int, int] = (400, 400)) -> bytes:
    data = io.BytesIO()
    options = {} if dpi is None else {"dpi": (dpi, dpi)}
    Image.new("RGB", size, "#eeddcc").save(data, kind, **options)
    return data.getvalue()


@pytest.fixture(scope="session")
def full_root(tmp_path_factory: pytest.TempPathFactory, maker_of: Callable[[Path], object]) -> Path:
    """A workspace whose plan qhc-day-du has lots, lines, marks, a decision, an explanation, a scan and a drawing."""
    from ..conftest import FUNCTIONS, lots, outline, square  # type: ignore[import-not-found]

    root = tmp_path_factory.mktemp("full") / "workspace"
    maker = maker_of(root)
    shapes = [square(column, row) for column in range(4) for row in range(4)]
    labels = [f"OM-{number:02d}" for number in range(15)] + [None]
    line = shapely.LineString([(430000, 2395000), (430160, 2395160)])
    marks = np.array([shapely.Point(430000, 2395000), shapely.Point(430160, 2395160)], object)
    border = outline(square(0, 0, 4, 4))
    package = maker.package(  # type: ignore[attr-defined]
        lots(shapes, labels, [FUNCTIONS[number % 4] for number in range(16)], maDoiTuong=[None] * 16),
        replace(border, fields=border.fields | {"tenDoAn": [NAME]}),
        Layer("ChiGioiDuongDo_L", "MultiLineString", np.array([line], object), {"tenDoiTuong": ["Đường vào"]}),
        Layer("MocGioiQuyHoach_P", "Point", marks, {"maDoiTuong": ["M1", "M2"], "toaDoX": [2395000.5, 2395160.5]}),
    )
    decision = store_document(root, pdf())
    words = store_document(root, pdf("Thuyết minh tổng hợp của đồ án quy hoạch chung"))
    editable = store_document(root, b"PK\x03\x04 thuyet minh")
    scan = store_document(root, picture())
    drawing = store_document(root, b"AC1021 drawing")
    maker.plan(  # type: ignore[attr-defined]
        PLAN,
        name={"vi": NAME},
        codes=CODES,
        horizon=2035,
        bodies={"client": ("UBND huyện Chi Lăng",), "consultants": ("Công ty A", "Công ty B")},
        illustrative=True,
    )
    maker.version(  # type: ignore[attr-defined]
        PLAN,
        package=package,
        valid_from=date(2022, 9, 1),
        decision=Decision("1319/QĐ-UBND", date(2022, 8, 13), "UBND tỉnh Lạng Sơn", "Phê duyệt đồ án", decision),
        documents=(
            Document(decision, "decision", "Quyết định 1319/QĐ-UBND", "application/pdf"),
            Document(words, "explanation", "Thuyết minh tổng hợp", "application/pdf"),
            Document(
                editable,
                "explanation",
                "Thuyết minh (bản gốc)",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            Document(scan, "scan", "Bản đồ sử dụng đất quy hoạch", "image/jpeg"),
            Document(drawing, "drawing", "Bản vẽ gốc", "image/vnd.dwg"),
        ),
        scans=(Scan(scan, "Bản đồ sử dụng đất quy hoạch", "image/jpeg", CORNERS, 1.25),),
    )
    return root


@pytest.fixture(scope="session")
def written(full_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan's dossier; not to be changed."""
    workspace = load_workspace(full_root)
    plan = workspace.plans[PLAN]
    out = tmp_path_factory.mktemp("out")
    return write_dossier(out, workspace, plan, plan.versions[0], today=TODAY).folder


@pytest.fixture
def dossier(written: Path, tmp_path: Path) -> Path:
    """A copy of the dossier that the test may break."""
    copy = tmp_path / written.name
    shutil.copytree(written, copy)
    return copy


@pytest.fixture
def opened(dossier: Path) -> Inspection:
    return inspect(dossier)
