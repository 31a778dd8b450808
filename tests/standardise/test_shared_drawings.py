"""Sheets and labels of the drawings with known truth, as far as they are there."""

import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from quyhoach.ingest import load_mapping, read_source
from quyhoach.standard import load_standard
from quyhoach.standardise import Context, Work
from quyhoach.standardise.drawing_roles import assign_drawing_roles
from quyhoach.standardise.georeference import locate_drawing
from quyhoach.standardise.labels import join_labels
from quyhoach.standardise.lots import build_lots
from quyhoach.standardise.sheet_reading import read_sheet
from quyhoach.standardise.text import repair_text

DEV = Path(__file__).parents[2] / ".." / "shared" / "drawings" / "dev"
NAMES = sorted(path.name for path in DEV.iterdir()) if DEV.is_dir() else ["d01"]
EXTENT = (106.0, 21.2, 107.5, 22.6)

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module", params=NAMES)
def drawn(request: pytest.FixtureRequest) -> tuple[dict[str, Any], list[tuple[Any, dict[str, Any]]], Work]:
    """A drawing's truth, its true lots, and the work after labels are joined."""
    folder = DEV / request.param
    if not (folder / "drawing.dxf").exists():
        pytest.skip("../shared/drawings is not there: the drawings with known truth are not compared")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    source = read_source(folder / "drawing.dxf")
    mapping = load_mapping(folder / "mapping.toml")
    work = Work(Context(load_standard(), "EPSG:9215", EXTENT), mapping, source.layers, source.drawing)
    for phase in (repair_text, locate_drawing, read_sheet, assign_drawing_roles, build_lots, join_labels):
        work = phase(work)
    return truth, _lots(folder / "truth.gpkg"), work


def _lots(path: Path) -> list[tuple[Any, dict[str, Any]]]:
    """Lots of a GeoPackage: geometry and row."""
    with sqlite3.connect(path) as base:
        base.row_factory = sqlite3.Row
        column = base.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = 'lots'").fetchone()[0]
        rows = base.execute("SELECT * FROM lots").fetchall()
    envelope = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
    return [(shapely.from_wkb(row[column][8 + envelope[(row[column][3] >> 1) & 7] :]), dict(row)) for row in rows]


def test_balance_table_is_the_written_one(drawn: Any):
    truth, _, work = drawn
    rows = [row for row in work.reading.balance if not row.total]
    wanted = Counter((row["function"].casefold(), round(row["ha_written"], 2)) for row in truth["balance"])
    assert Counter(((row.function or "").casefold(), round((row.area_m2 or 0) / 10_000, 2)) for row in rows) == wanted
    assert sum(row.total for row in work.reading.balance) == 1
    assert not [finding for finding in work.findings if finding.code.startswith("balance")]


def test_legend_names_every_land_use_of_the_table_but_roads(drawn: Any):
    truth, _, work = drawn
    wanted = {row["function"].casefold() for row in truth["balance"]} - {"dat_htkt_duonggt"}
    assert {(entry.function or "").casefold() for entry in work.reading.legend} == wanted
    assert all(entry.prefix and entry.name and entry.handle for entry in work.reading.legend)


def test_scale_key_and_title_are_read(drawn: Any):
    truth, _, work = drawn
    assert work.reading.scale == truth["scale"]
    assert work.reading.style.rows == (("code", "area"), ("density", "storeys", "far"), ("population",))
    assert work.reading.style.area_unit == truth["options"]["unit"]
    assert "quy hoach" in work.reading.title.casefold() or "quy hoạch" in work.reading.title.casefold()


def test_every_lot_has_the_code_of_its_label(drawn: Any):
    _, lots, work = drawn
    group = work.role("lot")[0]
    shapes = np.array([shape for shape, _ in lots], dtype=object)
    row, true = shapely.STRtree(shapes).query(shapely.point_on_surface(group.geometry), predicate="intersects")
    found = dict(zip(true.tolist(), row.tolist(), strict=True))
    wrong, invented = [], []
    for number, (_, lot) in enumerate(lots):
        written = lot["kyHieuLoDat"]
        read = group.fields["kyHieuLoDat"][found[number]] if number in found else None
        if written and read not in (written, lot.get("kyHieuLoDat_alt") or written):
            wrong.append((written, read))
        elif not written and read and number in found:
            invented.append(read)
    assert len(wrong) <= 0.005 * len(lots), wrong
    assert len(invented) <= 0.005 * len(lots), invented


def test_two_labels_are_told_where_two_are_planted_and_nowhere_else(drawn: Any):
    truth, _, work = drawn
    told = [shapely.from_wkb(finding.wkb) for finding in work.findings if finding.code == "labels-two-in-lot"]
    planted = [shapely.Point(one["x"], one["y"]) for one in truth["defects"] if one["defect"] == "two_labels"]
    assert len(told) == len(planted)
    assert all(min(shape.distance(point) for shape in told) < 5 for point in planted)
