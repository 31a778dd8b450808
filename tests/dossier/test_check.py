"""Checking: a sound dossier has no error; each thing that is broken is found, told with its place, and nothing else."""

import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from openpyxl import load_workbook

from quyhoach import cli
from quyhoach.domain.errors import IngestError
from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.source import SourceLayer
from quyhoach.dossier import check_dossier, inspect
from quyhoach.ingest import Limits
from quyhoach.ingest.gdal import read_datasets
from quyhoach.package import Layer, read_package, write_package
from quyhoach.standard import load_standard
from quyhoach.standard.messages import catalogue, message, placeholders

from .conftest import CODES, pdf, picture  # type: ignore[import-not-found]

SCAN = "HoSoScan/BanVe/BanDoSuDungDatQuyHoach/BanDoSuDungDatQuyHoach.jpg"
DECISION = "HoSoScan/VanBan/QuyetDinh1319QDUBND.pdf"
BOOK = "HoSoScan/20QHC000000001.xlsx"


def read_here(path: Path) -> Sequence[SourceLayer]:
    """What the limited child does, in this process: a second per file is saved."""
    return read_datasets(path, path.parent, "auto", Limits())


def check(folder: Path, crs: str | None = "EPSG:9215") -> tuple[Finding, ...]:
    return check_dossier(inspect(folder), standard=load_standard(), crs=crs, read_layers=read_here)


def codes(findings: tuple[Finding, ...], *levels: Level) -> set[str]:
    return {finding.code for finding in findings if not levels or finding.level in levels}


@pytest.fixture(scope="module")
def sound(written: Path) -> tuple[Finding, ...]:
    return check(written)


def test_sound_dossier_has_no_error(sound):
    assert codes(sound, Level.ERROR) == set()
    assert codes(sound, Level.WARNING) <= {"dossier-database-empty"}  # no terrain was drawn


def test_junk_of_systems_is_passed_over(dossier, sound):
    for name in ("Thumbs.db", "HoSoScan/BanVe/Thumbs.db", "HoSoGIS/.DS_Store", f"HoSoScan/~${BOOK[9:]}", "desktop.ini"):
        (dossier / name).write_bytes(b"junk")
    (dossier / "__MACOSX").mkdir()
    (dossier / "__MACOSX" / "._a.pdf").write_bytes(b"junk")
    assert check(dossier) == sound


def remove(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def write(name: str, data: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    return change


def edit(act: Callable[[object], object], sheet: str = "HoSo") -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        book = load_workbook(folder / BOOK)
        act(book[sheet])
        book.save(folder / BOOK)

    return change


def cell(at: str, value: object, sheet: str = "HoSo") -> Callable[[Path], None]:
    def act(page: object) -> None:
        page[at] = value  # type: ignore[index]

    return edit(act, sheet)


def regis(change: Callable[[dict[str, Layer]], object], crs: str = "EPSG:9215") -> Callable[[Path], None]:
    """Change the layers of QuyHoach.gpkg."""

    def act(folder: Path) -> None:
        path = folder / "HoSoGIS" / "QuyHoach.gpkg"
        layers = read_package(path)
        change(layers)
        path.unlink()
        write_package(path, list(layers.values()), crs=crs)

    return act


def field(name: str, value: object) -> Callable[[dict[str, Layer]], object]:
    def change(layers: dict[str, Layer]) -> None:
        lots = layers["ChucNangSuDungDat_A"]
        lots.fields[name] = [value, *list(lots.fields[name])[1:]]

    return change


def rename(old: str, new: str) -> Callable[[dict[str, Layer]], object]:
    def change(layers: dict[str, Layer]) -> None:
        layer = layers.pop(old)
        layers[new] = Layer(new, layer.geometry_type, layer.geometry, layer.fields)

    return change


def lines_as_lots(layers: dict[str, Layer]) -> None:
    lots = layers["ChucNangSuDungDat_A"]
    shapes = np.array([shapely.boundary(shape) for shape in lots.geometry], object)  # type: ignore[union-attr]
    layers["ChucNangSuDungDat_A"] = Layer(lots.name, "Unknown", shapes, lots.fields)


def move(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / old).rename(folder / new)

    return change


def replaced(name: str, old: str, new: str, data: bytes) -> Callable[[Path], None]:
    """A file taken out and one of another suffix put in its place."""

    def change(folder: Path) -> None:
        remove(name)(folder)
        write(name.replace(old, new), data)(folder)

    return change


BROKEN: list[tuple[str, Callable[[Path], None], set[str]]] = [
    ("folder", remove("HoSoBASIC/VanBan"), {"dossier-folder-missing", "dossier-file-not-there"}),
    ("database", remove("HoSoGIS/QuyHoach.gpkg"), {"dossier-gis-missing"}),
    ("marks", remove("HoSoGIS/MocGioi.gpkg"), set()),
    ("workbook", remove(BOOK), {"dossier-workbook-missing"}),
    ("workbook-name", move(BOOK, "HoSoScan/BangKe.xlsx"), {"dossier-workbook-name"}),
    ("workbook-damaged", write(BOOK, b"PK"), {"dossier-workbook-unreadable"}),
    ("scan", remove(SCAN), {"dossier-file-not-there"}),
    ("decision", remove(DECISION), {"dossier-file-not-there"}),
    ("extra", write("HoSoScan/VanBan/ThongBao.pdf", pdf()), {"dossier-file-not-listed"}),
    ("extra-drawing", write("HoSoScan/BanVe/Khac/Khac.jpg", picture()), {"dossier-file-not-listed"}),
    ("resolution", write(SCAN, picture(dpi=150)), {"dossier-resolution-low"}),
    ("unreadable", write(SCAN, b"not a picture"), {"dossier-file-unreadable"}),
    ("empty-pdf", write(DECISION, b""), {"dossier-file-unreadable"}),
    (
        "code",
        cell("A2", "20QHC000000002"),
        {"dossier-workbook-name", "dossier-code-differs", "dossier-gis-code-differs"},
    ),
    ("code-of-text", cell("A3", "20X", "VanBan"), {"dossier-code-differs"}),
    ("no-name", cell("C2", None), {"dossier-cell-empty"}),
    ("date", cell("I2", "tháng 8 năm 2022"), {"dossier-date-unreadable"}),
    ("scale", cell("E2", "một phần năm nghìn"), {"dossier-scale-unreadable"}),
    ("formula", cell("H2", "=A2"), {"dossier-cell-formula", "dossier-cell-empty"}),
    ("long-code", cell("B2", "1" * 16), {"dossier-code-long", "dossier-gis-code-differs"}),
    ("column", edit(lambda page: page.delete_cols(5)), {"dossier-column-missing"}),  # type: ignore[attr-defined]
    (
        "sheet",
        edit(lambda page: setattr(page, "title", "Trang1"), "VanBan"),
        {"dossier-sheet-missing", "dossier-file-not-listed"},
    ),
    ("rows", edit(lambda page: page.delete_rows(2), "HoSo"), {"dossier-sheet-empty"}),  # type: ignore[attr-defined]
    ("crs", regis(lambda layers: None, crs="EPSG:9214"), {"dossier-crs-differs"}),
    ("code-in-gis", regis(field("maHoSoQH", "20X")), {"dossier-gis-code-differs"}),
    ("no-code-in-gis", regis(field("maHoSoQH", None)), {"dossier-field-empty"}),
    ("no-field", regis(lambda layers: layers["ChucNangSuDungDat_A"].fields.pop("phanLoai")), {"dossier-field-missing"}),
    ("geometry", regis(lines_as_lots), {"dossier-geometry-type"}),
    ("no-outline", regis(lambda layers: layers.pop("RanhGioiQuyHoach_A")), {"dossier-outline-missing"}),
    ("shapefile", move("HoSoGIS/QuyHoach.gpkg", "HoSoGIS/QuyHoach.shp"), {"dossier-gis-format"}),
    ("damaged-gis", write("HoSoGIS/QuyHoach.gpkg", b"SQLite format 3\0" + b"\xff" * 500), {"ingest-unreadable"}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "wanted"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_each_error_is_found_and_no_other(dossier, change, wanted):
    change(dossier)
    assert codes(check(dossier), Level.ERROR) == wanted


DOUBTFUL: list[tuple[str, Callable[[Path], None], str]] = [
    ("project", lambda folder: next((folder / "HoSoGIS").glob("*.qgz")).unlink(), "dossier-project-missing"),
    ("name", move(DECISION, "HoSoScan/VanBan/Quyết định.pdf"), "dossier-file-name"),
    ("dpi", write(SCAN, picture(dpi=None)), "dossier-resolution-unknown"),
    ("png", replaced(SCAN, "jpg", "png", picture("PNG")), "dossier-drawing-format"),
    ("no-text", write(DECISION, pdf("#rect()")), "dossier-pdf-without-text"),
    ("docx", replaced(DECISION, "pdf", "docx", b"x"), "dossier-text-format"),
    ("two-books", write("HoSoScan/BangKe2.xlsx", b"PK"), "dossier-workbook-several"),
    ("number", cell("A2", 20000000000001), "dossier-code-number"),
    ("records", edit(lambda page: page.append(["20QHC000000001"])), "dossier-records-several"),  # type: ignore[attr-defined]
    ("folder-cell", cell("P2", "D:\\HoSo\\CSDL_Khac"), "dossier-folder-differs"),
    ("basic", cell("Q2", "không"), "dossier-part-differs"),
    ("pages", cell("I2", "mười", "VanBan"), "dossier-number-unreadable"),
    ("class", regis(rename("ChiGioiDuongDo_L", "DuongDo_L")), "dossier-class-unknown"),
    ("class-name", regis(rename("ChiGioiDuongDo_L", "duong_do")), "dossier-class-name"),
    ("class-place", regis(rename("ChiGioiDuongDo_L", "DiemDoCao_P")), "dossier-class-elsewhere"),
    ("id", regis(field("maDoiTuong", "OM-01")), "dossier-object-id-twice"),
    ("long", regis(field("ghiChu", "x" * 251)), "dossier-field-long"),
    ("stray", write("HoSoScan/Ghichu.pdf", pdf()), "dossier-file-strange"),
    ("wording", cell("D2", "Bản đồ quy hoạch sử dụng đất", "BanVe"), "dossier-wording"),
    ("order", edit(lambda page: page.move_range("H1:H9", cols=2), "BanVe"), ""),  # type: ignore[attr-defined]
    ("unknown-column", cell("K1", "Người kê", "VanBan"), "dossier-column-unknown"),
    ("no-papers", remove("HoSoBASIC/BanVe/BanVeGoc"), "dossier-folder-empty"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "wanted"), [row[1:] for row in DOUBTFUL], ids=[row[0] for row in DOUBTFUL])
def test_each_doubt_is_told(dossier, sound, change, wanted):
    change(dossier)
    found = codes(check(dossier)) - codes(sound)
    assert (wanted in found) if wanted else not found


def test_links_are_told_and_not_followed(dossier, tmp_path):
    (tmp_path / "secret.txt").write_text("mật")
    (dossier / "HoSoScan" / "VanBan" / "Link.pdf").symlink_to(tmp_path / "secret.txt")
    (dossier / "HoSoBASIC" / "VanBan" / "Ngoai").symlink_to(tmp_path)
    found = [finding for finding in check(dossier) if finding.code == "dossier-link"]
    assert {finding.params["file"] for finding in found} == {"HoSoScan/VanBan/Link.pdf", "HoSoBASIC/VanBan/Ngoai"}


def test_any_zone_is_taken_when_the_province_is_not_known(dossier):
    regis(lambda layers: None, crs="EPSG:9214")(dossier)
    assert codes(check(dossier, crs=None), Level.ERROR) == set()
    regis(lambda layers: None, crs="EPSG:32648")(dossier)
    assert codes(check(dossier, crs=None), Level.ERROR) == {"dossier-crs-differs"}


def test_file_geodatabase_is_read_too(dossier, sound):
    import pyogrio

    source = dossier / "HoSoGIS" / "QuyHoach.gpkg"
    target = dossier / "HoSoGIS" / "QuyHoach.gdb"
    for name, _ in pyogrio.list_layers(source):
        meta, _, wkb, columns = pyogrio.raw.read(source, layer=name)
        dates = [kind == "OFTDate" for kind in meta["ogr_types"]]  # FileGDB has no dates without times
        columns = [column for column, is_date in zip(columns, dates, strict=True) if not is_date]
        meta["fields"] = [field for field, is_date in zip(meta["fields"], dates, strict=True) if not is_date]
        pyogrio.raw.write(
            target, wkb, columns, meta["fields"], layer=name, driver="OpenFileGDB",
            geometry_type=meta["geometry_type"], crs=meta["crs"], append=target.exists(),
        )  # fmt: skip
    source.unlink()
    assert codes(check(dossier), Level.ERROR) == set()


def test_sentences_of_all_findings_are_whole(dossier):
    for _, change, _ in BROKEN[::3]:
        try:
            change(dossier)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile):
            continue
    for finding in check(dossier):
        for lang in ("vi", "en"):
            told = message(finding.code, lang, **finding.params)
            assert "{" not in told
            assert placeholders(catalogue(lang)[finding.code]) <= set(finding.params)


def test_command_says_and_counts(dossier, capsys):
    remove(DECISION)(dossier)
    assert cli.run(["dossier", "check", str(dossier), "--crs", "EPSG:9215"]) == 1
    told = capsys.readouterr().out
    assert "[LỖI]" in told
    assert "1 lỗi" in told
    assert cli.run(["dossier", "check", str(dossier.parent / "none")]) == 1
    assert cli.run(["dossier", "check", str(dossier), "--json"]) == 1


def test_zip_with_a_way_out_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.txt", "x")
    assert cli.run(["dossier", "check", str(path)]) == 1
    assert not (tmp_path.parent / "outside.txt").exists()


def test_folder_with_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("quyhoach.dossier.files.MOST_ENTRIES", 20)
    for number in range(30):
        (tmp_path / f"{number}.pdf").write_bytes(b"")
    with pytest.raises(IngestError) as told:
        inspect(tmp_path)
    assert told.value.code == "dossier-too-many-files"


def test_empty_folder_is_told_everything_that_is_missing(tmp_path):
    found = check(tmp_path)
    assert {"dossier-folder-missing", "dossier-gis-missing", "dossier-workbook-missing"} <= codes(found, Level.ERROR)


def test_codes_of_the_fixture_are_within_the_limits():
    assert all(len(code) <= 15 for code in CODES.values())
