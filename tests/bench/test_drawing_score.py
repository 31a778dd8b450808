"""The bench's own scorer of drawings gives the figures of the scorer that came with the development drawings."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from bench.defect_score import recall
from bench.drawing_score import LOTS, Score, function_code, number, score, span

from quyhoach.package import Layer, read_package, write_package

SHARED = Path(__file__).parents[2].parent / "shared" / "drawings"
WHAT = ("function", "label_code", "density", "storeys", "far", "population", "area_written", "area_geometry")

# What score.py printed for the packages that `spoil` makes of these drawings: matched, f1, false by kind, neutral,
# right, invented.
EXPECTED: dict[str, Any] = json.loads((Path(__file__).parent / "drawing_scores.json").read_text(encoding="utf-8"))


def spoil(truth: Path, out: Path) -> None:
    """A package as a middling reader would make it of a drawing, by rule and not by chance."""
    layers = read_package(truth)
    lots = layers["lots"]
    shapes = list(lots.geometry)
    rows = [row for row in range(len(shapes)) if row % 17]
    kept = [shapely.affinity.translate(shapes[row], 6.0 * (row % 13 == 0), 0) for row in rows]
    rows += rows[::29]
    kept += [shapes[row] for row in rows[len(kept) :]]
    for name in ("decoys", "roads", "lots_outside"):
        if name in layers:
            kept += list(layers[name].geometry)[:5]
    rows += [0] * (len(kept) - len(rows))
    text = {name: lots.fields[name] for name in lots.fields}

    def take(name: str, wrong: int, change: Any) -> list[Any]:
        return [None if text[name][row] is None else change(text[name][row]) if row % wrong == 0 else text[name][row]
                for row in rows]  # fmt: skip

    fields = {
        "kyHieuLoDat": take("kyHieuLoDat", 5, lambda value: f" {value.lower()} "),
        "phanLoai": take("phanLoai", 7, lambda value: f"QHDH_{value}_CT" if len(value) % 2 else "DAT_Coquan"),
        "dienTich": take("dienTich", 3, lambda value: value * 1.015),
        "danSo": [
            None if value is None else f"{value:.0f} người" for value in take("danSo", 11, lambda value: value + 1)
        ],
        "matDoXayDung": take("matDoXayDung", 4, lambda value: f"≤ {value} %"),
        "tangCaoXayDung": take("tangCaoXayDung", 6, lambda value: value.split("-")[0]),
        "heSoSuDungDat": take("heSoSuDungDat", 9, lambda value: value.replace(",", ".") + " lần"),
    }
    shapes_array = np.empty(len(kept), dtype=object)
    shapes_array[:] = kept
    write_package(out, [Layer(LOTS, "MultiPolygon", shapes_array, fields)], crs="EPSG:9215")


def told(found: Score) -> dict[str, Any]:
    return {
        "matched": found.matched, "f1": found.f1, "false": dict(found.false_by_kind), "neutral": dict(found.neutral),
        "right": found.right.shares(), "invented": found.invented.shares(),
    }  # fmt: skip


def peers(row: dict[str, Any]) -> dict[str, Any]:
    """score.py's answer in the same shape."""
    return {
        "matched": row["matched"], "f1": row["f1"], "false": row["false_by_kind"],
        "neutral": {key: value for key, value in row["neutral"].items() if value},
        "right": {key: value for key, value in row["right"].items() if value is not None},
        "invented": {k: value for k, value in row["invented_where_nothing_is_written"].items() if value is not None},
    }  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_figures_are_those_of_the_shared_scorer_when_a_package_is_middling(name: str, tmp_path: Path) -> None:
    truth = SHARED / "dev" / name / "truth.gpkg"
    if not truth.exists():
        pytest.skip("../shared/drawings is not here")
    spoil(truth, tmp_path / "out.gpkg")
    assert told(score(truth, tmp_path / "out.gpkg")) == EXPECTED[name]
    if importlib.util.find_spec("geopandas") is not None:  # of the bench's own packages
        command = [sys.executable, str(SHARED / "score.py"), str(truth), str(tmp_path / "out.gpkg")]
        assert peers(json.loads(subprocess.run(command, capture_output=True, check=True).stdout)) == EXPECTED[name]


def test_fault_is_named_when_a_finding_lies_within_five_metres(tmp_path: Path) -> None:
    facts = {"defects": [
        {"defect": "gap", "x": 100.0, "y": 0.0}, {"defect": "gap", "x": 200.0, "y": 0.0},
        {"defect": "overlap", "x": 300.0, "y": 0.0}, {"defect": "off_old", "layer": "QH 2015"},
        {"defect": "paper_space"},
    ]}  # fmt: skip
    (tmp_path / "truth.json").write_text(json.dumps(facts), encoding="utf-8")
    places = np.array([shapely.Point(104, 0), shapely.Point(206, 0), shapely.Point(301, 0), None], dtype=object)
    codes = ["line-gap-closed", "line-gap-closed", "w003-lot-without-label", "drawing-layer-off"]
    fields = {"code": codes, "level": ["error", "warning", "note", "note"], "layer": ["", "", "", "QH 2015"],
              "feature": [""] * 4, "message": [""] * 4, "params": ["{}"] * 4}  # fmt: skip
    lots = Layer(LOTS, "MultiPolygon", np.array([shapely.box(0, -50, 400, 50)], dtype=object), {"kyHieuLoDat": ["A"]})
    write_package(tmp_path / "p.gpkg", [lots, Layer("findings", "Unknown", places, fields)], crs="EPSG:9215")
    found = recall(tmp_path / "truth.json", tmp_path / "p.gpkg")
    assert dict(found.named) == {"gap": 1, "overlap": 1, "off_old": 1, "paper_space": 0}
    assert dict(found.named_by_kind) == {"gap": 1, "overlap": 0, "off_old": 1, "paper_space": 0}
    assert (found.share(), found.share(by_kind=True)) == (0.6, 0.4)
    assert dict(found.errors) == {"line-gap-closed": 1}


def test_numbers_are_read_as_the_shared_scorer_reads_them_when_written_in_many_ways() -> None:
    assert number("3.609,6 m2") == 3609.6 and number("0,36") == 0.36 and number("1.234") == 1234 and number("x") is None
    assert span("0,4-3,0 lần") == (0.4, 3.0) and span(5) == (5.0, 5.0) and span("") is None
    assert function_code("QHDH_DAT_O_Nhomnhao_CT") == function_code("dat_o_nhomnhao") == "DAT_O_NHOMNHAO"
