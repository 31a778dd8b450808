"""JSON rows with WKT: a table as a layer."""

import json
from pathlib import Path

import pytest

from quyhoach.domain.errors import IngestError
from quyhoach.ingest import read_source


def table(path: Path, rows: object) -> Path:
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_rows_become_layers_by_srid_when_they_hold_ewkt(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "geom": "SRID=2056;POINT(2600000 1200000)", "name": {"de": "A"}},
        {"id": 2, "geom": "SRID=9215;POLYGON((0 0, 1 0, 1 1, 0 0))", "name": None},
        {"id": 3, "geom": None},
    ]
    layers = read_source(table(tmp_path / "rows.json", rows)).layers
    assert [(layer.name, layer.crs, layer.ids) for layer in layers] == [
        ("rows", None, ("3",)),
        ("rows", "EPSG:2056", ("1",)),
        ("rows", "EPSG:9215", ("2",)),
    ]
    assert layers[1].fields["name"] == ['{"de": "A"}']
    assert layers[0].geometry[0] is None


def test_crs_is_unknown_when_rows_hold_plain_wkt(tmp_path: Path) -> None:
    (layer,) = read_source(table(tmp_path / "rows.json", [{"wkt": "POINT(1 2)"}])).layers
    assert layer.crs is None


def test_geometry_is_missing_when_wkt_is_broken(tmp_path: Path) -> None:
    rows = [{"g": "POINT(1 2)"}, {"g": "POLYGON((0 0, 1"}]
    (layer,) = read_source(table(tmp_path / "rows.json", rows)).layers
    assert layer.geometry[0] is not None
    assert layer.geometry[1] is None


@pytest.mark.parametrize("rows", [[], [1, 2], [{"a": 1}], [{"a": "text"}], [{"a": "POINT"}, {"a": "hello"}]])
def test_error_when_no_column_holds_geometry(tmp_path: Path, rows: object) -> None:
    with pytest.raises(IngestError, match="ingest-no-geometry"):
        read_source(table(tmp_path / "rows.json", rows))


@pytest.mark.parametrize("text", ["[", "[" * 100_000, '[{"a": "POINT(1 2)"}'])
def test_error_when_json_is_broken(tmp_path: Path, text: str) -> None:
    (tmp_path / "rows.json").write_text(text)
    with pytest.raises(IngestError, match="ingest-unreadable"):
        read_source(tmp_path / "rows.json")
