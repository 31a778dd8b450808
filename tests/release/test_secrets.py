"""Nothing secret in any public byte of a release: index, tiles, search, chunks, packages; also unpacked."""

import gzip
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyogrio
import shapely

from quyhoach.package import Layer
from quyhoach.release.content import public_layers
from quyhoach.release.switch import current_release, release_path

SECRET_FUNCTIONS = ("dat_quocphong", "dat_ndd_quocphong", "dat_anninh", "dat_ndd_anninh")


def every_public_text(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every byte the public can get, also unpacked: gzip members, tiles, SQLite pages, GeoPackages."""
    from pmtiles.reader import MmapSource, Reader, all_tiles

    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield path.name, data
        if path.suffix == ".gz":
            yield path.name, gzip.decompress(data)
        if path.suffix == ".pmtiles":
            with path.open("rb") as file:
                source = MmapSource(file)
                yield path.name, json.dumps(Reader(source).metadata()).encode()
                for zxy, tile in all_tiles(source):
                    yield f"{path.name} {zxy}", gzip.decompress(tile)
        if path.suffix in (".db", ".gpkg"):
            connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
            tables = [row[0] for row in connection.execute("select name from sqlite_master where type='table'")]
            for table in tables:
                try:
                    rows = connection.execute(f'select * from "{table}"').fetchall()
                except sqlite3.OperationalError:  # a virtual table of an extension that is not loaded
                    continue
                yield f"{path.name} {table}", repr(rows).encode()
            connection.close()


def test_no_public_byte_holds_a_secret_label_or_name(built: Path) -> None:
    folder = release_path(built, current_release(built) or "")
    secrets = [
        word.encode()
        for word in ("DOANHTRAI-77", "CONGAN-88", "Doanh trại bí mật", "XYZZY", "tuyet-mat", "QUOCPHONG-77")
    ]
    seen = 0
    for name, data in every_public_text(folder):
        seen += 1
        for word in secrets:
            assert word not in data, f"{word!r} in {name}"
            assert word.decode().encode("unicode-escape") not in data, f"{word!r} in {name}"
    assert seen > 20
    assert any(b"A1-0" in data for name, data in every_public_text(folder) if "pmtiles" in name)  # the search can find


def test_withheld_functions_are_in_no_public_package(built: Path) -> None:
    folder = release_path(built, current_release(built) or "")
    for path in folder.rglob("*.gpkg"):
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        tables = {row[0] for row in connection.execute("select table_name from gpkg_contents")}
        assert not tables & {"findings", "repairs", "provenance", "labels", "source_lots", "withheld"}
        if "ChucNangSuDungDat_A" in tables:
            functions = {row[0] for row in connection.execute("select phanLoai from ChucNangSuDungDat_A")}
            assert not any("QUOCPHONG" in (code or "") or "ANNINH" in (code or "") for code in functions)
        connection.close()


def planted(workspace: Path) -> set[str]:
    """Labels and names of secret lots, as the packages of the workspace have them."""
    words = {"khu-kin", "QS-77", "bí mật"}
    for package in (workspace / "packages").glob("*.gpkg"):
        if "ChucNangSuDungDat_A" not in pyogrio.list_layers(package)[:, 0]:
            continue
        meta, _, _, columns = pyogrio.raw.read(package, layer="ChucNangSuDungDat_A", read_geometry=False)
        fields = dict(zip(meta["fields"], columns, strict=True))
        for row, function in enumerate(fields["phanLoai"]):
            if str(function).casefold() in SECRET_FUNCTIONS:
                words |= {str(fields[name][row]) for name in ("kyHieuLoDat", "tenDoiTuong") if fields[name][row]}
    return {word for word in words if len(word) >= 4}


def test_no_public_byte_of_the_demo_holds_a_secret(demo_workspace: Path) -> None:
    words = planted(demo_workspace)
    assert len(words) > 8
    folder = release_path(demo_workspace, current_release(demo_workspace) or "")
    forms = {
        form for word in words for form in (word.encode(), word.encode("unicode-escape"), json.dumps(word).encode())
    }
    for name, data in every_public_text(folder):
        if name.endswith((".pdf", ".png")):
            continue  # papers are published as handed in
        for form in forms:
            assert form.strip(b'"') not in data, f"{form!r} in {name}"


def test_balance_table_tells_nothing_of_withheld_lots_by_words_or_by_its_sum() -> None:
    lots = Layer(
        "ChucNangSuDungDat_A",
        "MultiPolygon",
        np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object),
        {"phanLoai": ["DAT_O_Nhomnhao", "DAT_Quocphong"], "kyHieuLoDat": ["OM-1", "QP-1"]},
    )
    table = Layer(
        "balance_table",
        None,
        None,
        {
            "name": ["Đất ở", "Khu vực đặc biệt", "Đất quốc phòng", "Tổng"],
            "function": ["DAT_O_Nhomnhao", None, "DAT_Quocphong", None],
            "area_m2": [100.0, 33.0, 100.0, 233.0],
        },
    )
    public = public_layers({"ChucNangSuDungDat_A": lots, "balance_table": table}, {"dat_quocphong": "withhold"})
    assert public["balance_table"].fields["name"] == ["Đất ở"]
    open_plan = public_layers({"balance_table": table}, {})
    assert open_plan["balance_table"].fields["name"] == ["Đất ở", "Khu vực đặc biệt", "Đất quốc phòng", "Tổng"]
