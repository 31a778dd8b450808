"""Real files that nobody here drew (../shared/data): town plans of other countries, broken files of other projects."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.package import read_package
from quyhoach.pipeline import Outcome, plan_context, standardise
from quyhoach.standard.messages import catalogue

ROOT = Path(__file__).parents[2]
SHARED = ROOT / ".." / "shared" / "data"
HERE = Path(__file__).parent / "data"
HOSTILE = sorted(
    path
    for path in (SHARED / "hostile").glob("*/*")
    if path.parent.name != "dxf" and not path.name.startswith("LICENSE")
)
PROVINCE = """
schema = 1
code = "41"
name = {{ vi = "Loir-et-Cher", en = "Loir-et-Cher" }}
crs = "{crs}"
extent = {extent}
land_use = "cnig"
[[office]]
id = "ddt"
name = {{ vi = "DDT", en = "DDT" }}
"""
PLAN = """
schema = 1
plan_id = "{plan_id}"
name = {{ vi = "{plan_id}", en = "{plan_id}" }}
kind = "{kind}"
level = "rural"
scale = 5000
places = []
"""

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not here: real foreign files are not tested"),
]


def workspace(folder: Path, plan_id: str, kind: str, crs: str, extent: list[float]) -> Path:
    """A workspace for another country, with its own list of functions; its plan.toml."""
    plan = folder / "plans" / plan_id
    plan.mkdir(parents=True)
    (folder / "standard").mkdir()
    rows = (HERE / "cnig_land_use.csv").read_text(encoding="utf-8")
    (folder / "standard" / "land_use.csv").write_text(rows, encoding="utf-8")
    (folder / "province.toml").write_text(PROVINCE.format(crs=crs, extent=extent), encoding="utf-8")
    (plan / "plan.toml").write_text(PLAN.format(plan_id=plan_id, kind=kind), encoding="utf-8")
    return plan / "plan.toml"


@pytest.fixture(scope="module")
def french(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    folder = tmp_path_factory.mktemp("fr")
    plan = workspace(folder, "pezou", "general", "EPSG:2154", [0.5, 47.1, 2.3, 48.2])
    source = SHARED / "interop" / "plu_41175_fr"
    out = folder / "pezou.gpkg"
    return out, standardise(source, out, plan_context(plan, None), mapping_path=HERE / "cnig_mapping.toml")


def gdal(name: str) -> tuple[np.ndarray, dict[str, list[object]]]:
    """What GDAL itself reads from one of the French shapefiles."""
    from pyogrio import raw

    path = SHARED / "interop" / "plu_41175_fr" / "Donnees_geographiques" / f"{name}.shp"
    meta, _, wkb, columns = raw.read(str(path), encoding="UTF-8")
    fields = {field: column.tolist() for field, column in zip(meta["fields"], columns, strict=True)}
    return shapely.from_wkb(wkb), fields


@pytest.mark.parametrize(
    ("layer", "source", "count"),
    [
        ("ChucNangSuDungDat_A", "ZONE_URBA", 118),
        ("restrictions", "PRESCRIPTION_SURF", 23),
        ("KhongGianKTCQ_L", "PRESCRIPTION_LIN", 10),
        ("CayXanh_P", "PRESCRIPTION_PCT", 26),
    ],
)
def test_geometry_is_gdals_within_a_tenth_of_a_millimetre_when_a_french_plan_is_read(
    french: tuple[Path, Outcome], layer: str, source: str, count: int
) -> None:
    found = read_package(french[0])[layer].geometry
    wanted, _ = gdal(source)
    assert found is not None
    assert len(found) == len(wanted) == count
    for mine, theirs in zip(found, wanted, strict=True):
        assert shapely.get_num_coordinates(mine) == shapely.get_num_coordinates(theirs)
        apart = np.abs(shapely.get_coordinates(mine) - shapely.get_coordinates(theirs))
        assert apart.max() <= 0.0001


def test_every_zone_has_its_label_and_function_when_a_french_plan_is_read(french: tuple[Path, Outcome]) -> None:
    fields = read_package(french[0])["ChucNangSuDungDat_A"].fields
    _, wanted = gdal("ZONE_URBA")
    assert fields["kyHieuLoDat"] == wanted["LIBELLE"]
    assert fields["tenDoiTuong"] == wanted["LIBELONG"]
    codes = {"Nh": "N", "U": "U", "A": "A", "N": "N", "AUc": "AUc", "AUs": "AUs"}
    assert fields["phanLoai"] == [codes[str(value)] for value in wanted["TYPEZONE"]]


def test_repairs_and_guesses_are_told_when_a_french_plan_is_read(french: tuple[Path, Outcome]) -> None:
    _, outcome = french
    assert {repair.code for repair in outcome.repairs} == {"text-encoding"}
    assert outcome.guesses == ("outline: union of lot",)
    codes = {finding.code for finding in outcome.findings}
    expected = {"outline-guessed", "w004-label-twice", "e006-lots-overlap"}
    expected |= {"w018-drawn-slit", "w022-lot-too-small", "n028-field-missing"}
    assert codes == expected


def test_overlaps_are_those_of_the_source_when_a_french_plan_is_checked(french: tuple[Path, Outcome]) -> None:
    shapes, _ = gdal("ZONE_URBA")
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    areas = shapely.area(shapely.intersection(shapes[first[pairs]], shapes[second[pairs]]))
    found = sorted(f.params["area"] for f in french[1].findings if f.code == "e006-lots-overlap")
    assert found == pytest.approx(sorted(areas[areas > 1.0].tolist()), abs=0.2)


def test_restrictions_come_in_when_swiss_rows_hold_ewkt(tmp_path: Path) -> None:
    plan = workspace(tmp_path, "oereb", "restriction", "EPSG:2056", [5.9, 45.8, 10.5, 47.9])
    source = SHARED / "interop" / "oereb_ch" / "land_use_plans" / "geometry.json"
    out = tmp_path / "oereb.gpkg"
    outcome = standardise(source, out, plan_context(plan, None), mapping_path=HERE / "oereb_mapping.toml")
    assert not outcome.has_errors
    layers = read_package(out)
    areas = layers["restrictions"]
    assert areas.geometry is not None
    assert areas.fields["maDoiTuong"] == ["1292", "1293"]
    assert areas.fields["theme"] == ["land_use", "land_use"]
    first = shapely.from_wkt(
        "MULTIPOLYGON(((2608842.05 1261934.03, 2608823.89 1261849.60, 2608807.19 1261770.55, 2608852.40 1261758.34, "
        "2608886.92 1261924.21, 2608865.22 1261929.49, 2608842.05 1261934.03)))"
    )
    assert areas.geometry[0].equals_exact(first, 0.0001)
    assert (len(layers["KhongGianKTCQ_L"]), len(layers["CayXanh_P"])) == (2, 3)


@pytest.mark.parametrize("path", HOSTILE, ids=[path.name for path in HOSTILE])
def test_hostile_file_ends_in_a_clear_error_or_a_finding_when_standardised(path: Path, tmp_path: Path) -> None:
    plan = workspace(tmp_path, "thu", "general", "EPSG:2154", [0.5, 47.1, 2.3, 48.2])
    out = tmp_path / "out.gpkg"
    try:
        outcome = standardise(path, out, plan_context(plan, None))
    except IngestError as error:
        codes = {error.code}
        refused = True
    else:
        refused = False
        # Nothing of these files lies in the province or says where it is: none may pass as a plan.
        assert outcome.has_errors
        assert set(read_package(out)) >= {"findings", "repairs", "plan", "provenance"}
        codes = {finding.code for finding in outcome.findings}
    assert out.exists() != refused
    for language in ("vi", "en"):
        assert codes <= set(catalogue(language))


@pytest.mark.parametrize(
    ("name", "layer", "count"),
    [
        ("shp/data_corruption_error.shp", "data_corruption_error", 8),
        ("shp/max_callstack_error.shp", "max_callstack_error", 138),
        ("shp/corrupt_too_long.shp", "corrupt_too_long", 10),
        ("gpkg/mixed_crs.gpkg", "oregon_2269", 1),
        ("json/openring.json", "openring", 1),
        ("gml/INFO_PCT-invalid.gml", "INFO_PCT", 1),
    ],
)
def test_readable_part_is_whole_when_a_hostile_file_has_one(name: str, layer: str, count: int) -> None:
    from quyhoach.ingest import read_source

    layers = {row.name: row for row in read_source(SHARED / "hostile" / name).layers}
    assert len(layers[layer]) == count
    assert not shapely.is_missing(layers[layer].geometry).any()


def test_sources_are_untouched_when_hostile_files_were_read() -> None:
    assert [path.name for path in (SHARED / "hostile").glob("*/*.gfs")] == []
