"""Drawings of many habits: sound ground truth, the same bytes again, and a file that says what the truth says."""

import json
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.demo.cad import HABITS, Truth, draw_consultant_drawing, letters
from quyhoach.demo.cad.curves import Curve, through
from quyhoach.demo.cad.names import Names
from quyhoach.demo.cad.placement import Placement
from quyhoach.ingest import load_mapping
from quyhoach.package import read_package

NAMES = [habit.name for habit in HABITS]
coordinates = st.floats(-1e3, 1e3)
places = st.builds(complex, coordinates, coordinates)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Truth]:
    root = tmp_path_factory.mktemp("drawn")
    return {habit.name: draw_consultant_drawing(root / habit.name, habit, seed=3, lots=90) for habit in HABITS}


def test_habits_are_of_every_level_when_listed() -> None:
    levels = [habit.level for habit in HABITS]
    assert len(set(NAMES)) == len(NAMES) == 16
    assert (levels.count("clean"), levels.count("medium"), levels.count("hard")) == (3, 6, 7)


@pytest.mark.parametrize("name", NAMES)
def test_lots_are_a_coverage_inside_the_boundary_when_drawn(name: str, drawn: dict[str, Truth]) -> None:
    layers = read_package(drawn[name].folder / "truth.gpkg")
    lots, outline = layers["lots"].geometry, layers["plan_boundary"].geometry
    assert lots is not None and outline is not None
    assert len(lots) == drawn[name].lots and shapely.is_valid(lots).all() and shapely.is_valid(outline).all()
    assert shapely.area(shapely.difference(lots, outline[0])).max() < 0.05
    one, other = shapely.STRtree(lots).query(lots, predicate="intersects")
    apart = one < other
    assert shapely.area(shapely.intersection(lots[one[apart]], lots[other[apart]])).max() < 0.1
    assert layers["lots"].fields["dienTich"] == pytest.approx(shapely.area(lots), abs=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_operators_mapping_is_readable_and_names_every_function_when_drawn(name: str, drawn: dict[str, Truth]) -> None:
    mapping = load_mapping(drawn[name].mapping)
    told = {rule.function for rule in (*mapping.layers, *mapping.colours, *mapping.prefixes)}
    written = set(read_package(drawn[name].folder / "truth.gpkg")["lots"].fields["phanLoai"])
    assert written - {None} <= told and len(written) > 1


@pytest.mark.parametrize("name", NAMES)
def test_drawing_lies_where_the_truth_says_when_read_back(name: str, drawn: dict[str, Truth]) -> None:
    truth = drawn[name]
    habit = next(habit for habit in HABITS if habit.name == name)
    frame = json.loads((truth.folder / "truth.json").read_text(encoding="utf-8"))["frame"]
    offset = complex(*frame.get("offset", (0, 0)))
    placement = Placement(int(frame["crs"][5:]), frame["swapped"], {"m": 1.0, "cm": 100.0, "mm": 1000.0}[frame["unit"]],
                          offset, frame.get("rotation_deg", 0.0))  # fmt: skip
    document: Any = ezdxf.readfile(truth.drawing)  # type: ignore[attr-defined]
    outline = read_package(truth.folder / "truth.gpkg")["plan_boundary"].geometry
    assert outline is not None
    lines = [line for line in document.modelspace().query("LWPOLYLINE POLYLINE")
             if line.dxf.layer == Names(habit).layer("plan_boundary")]  # fmt: skip
    assert lines
    found = [shapely.Polygon([(z.real, z.imag) for z in placement.true(_corners(line))]) for line in lines]
    assert min(shapely.hausdorff_distance(shape, outline[0]) for shape in found) < 0.01


def _corners(line: Any) -> Any:
    vertices = line.vertices() if line.dxftype() == "LWPOLYLINE" else line.points()
    return np.array([complex(vertex[0], vertex[1]) for vertex in vertices])


@pytest.mark.parametrize("name", NAMES)
def test_planted_faults_have_places_on_the_plan_when_they_have_one(name: str, drawn: dict[str, Truth]) -> None:
    habit = next(habit for habit in HABITS if habit.name == name)
    truth = drawn[name]
    outline = read_package(truth.folder / "truth.gpkg")["plan_boundary"].geometry
    assert outline is not None
    kinds = {row["defect"] for row in truth.defects}
    assert kinds >= set(habit.defects) - {"zero_length", "dangle"}  # rare on a small plan
    placed = [(row["x"], row["y"]) for row in truth.defects if "x" in row]
    if placed:
        assert shapely.distance(shapely.points(placed), outline[0]).max() < 200


def test_drawing_is_the_same_when_drawn_again(tmp_path: Path) -> None:
    habit = HABITS[3]
    for folder in ("a", "b"):
        draw_consultant_drawing(tmp_path / folder, habit, seed=5, lots=60)
    for name in ("mapping.toml", "truth.json", "truth.gpkg"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    one, other = (list(_texts(tmp_path / folder / "drawing.dxf")) for folder in ("a", "b"))
    assert one == other and len(one) > 200


def _texts(path: Path) -> Iterator[tuple[str, Any]]:
    document: Any = ezdxf.readfile(path)  # type: ignore[attr-defined]
    for entity in document.modelspace().query("TEXT"):
        yield entity.dxf.text, tuple(entity.dxf.insert)


def test_label_of_every_lot_stands_in_it_when_texts_are_centred(drawn: dict[str, Truth]) -> None:
    truth = drawn["cm_attributes"]
    layers = read_package(truth.folder / "truth.gpkg")
    offset = complex(*json.loads((truth.folder / "truth.json").read_text(encoding="utf-8"))["frame"]["offset"])
    document: Any = ezdxf.readfile(truth.drawing)  # type: ignore[attr-defined]
    placed = {}
    for insert in document.modelspace().query("INSERT"):
        values = {attribute.dxf.tag: attribute.dxf.text for attribute in insert.attribs}
        if values.get("TEN_LO"):
            at = complex(insert.dxf.insert.x, insert.dxf.insert.y) / 100 + offset
            placed[values["TEN_LO"]] = shapely.Point(at.real, at.imag)
    codes, defects = layers["lots"].fields["kyHieuLoDat"], layers["lots"].fields["defects"]
    assert layers["lots"].geometry is not None
    for code, faults, shape in zip(codes, defects, layers["lots"].geometry, strict=True):
        if code is None:
            assert "no_label" in faults
        elif "leader" in faults:
            assert not shape.contains(placed[code])
        else:
            assert shape.contains(placed[code])


# ── letters ────────────────────────────────────────────────────────────────────────────────────────────────


def test_old_letters_are_those_of_the_charts_when_spelt() -> None:
    assert letters.tcvn3("Đất nhóm nhà ở") == "§Êt nhãm nhµ ë"
    assert letters.tcvn3("CHÚ GIẢI", capitals=True) == "chó gi¶i"
    assert letters.vni("Đất ở làng xóm hiện trạng, đường") == "Ñaát ôû laøng xoùm hieän traïng, ñöôøng"
    assert letters.vni("ƯỚC LƯỢNG") == "ÖÔÙC LÖÔÏNG"
    assert letters.cp1258("mật độ").encode("cp1258").decode("cp1258") == letters.cp1258("mật độ")
    assert letters.plain("Đất trường học") == "Dat truong hoc"


@given(
    st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ ,.-019")
)
def test_letters_are_kept_apart_when_spelt_in_old_ways(text: str) -> None:
    assert unicodedata.normalize("NFC", letters.nfd(text)) == text
    assert unicodedata.normalize("NFC", letters.cp1258(text)) == text
    letters.cp1258(text).encode("cp1258")
    assert len(letters.tcvn3(text)) == len(text)
    letters.vni(text).encode("latin-1")


# ── curves ─────────────────────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=150)
@given(places, places, st.floats(-0.9, 0.9), st.floats(0.05, 0.95))
def test_parts_of_an_arc_lie_on_it_when_cut(start: complex, end: complex, bulge: float, share: float) -> None:
    if abs(start - end) < 1 or abs(bulge) < 1e-3:
        return
    arc = Curve(start, end, bulge)
    first, last = arc.part(0, share), arc.part(share, 1)
    assert first.end == last.start and abs(first.length + last.length - arc.length) < 1e-6 * (1 + arc.length)
    middle = arc.at(0.5)
    again = through(start, middle, end)
    assert again.bulge == pytest.approx(bulge, abs=1e-6)
    assert arc.part(1, 0).bulge == pytest.approx(-bulge)


def test_habit_is_part_of_the_truth_when_written(drawn: dict[str, Truth]) -> None:
    facts = json.loads((drawn["rotated_one_layer"].folder / "truth.json").read_text(encoding="utf-8"))
    assert facts["frame"]["kind"] == "rotated" and facts["frame"]["rotation_deg"] != 0
    assert facts["options"]["frame"] == "rotated" and facts["level"] == "hard"
    assert tomllib.loads(drawn["rotated_one_layer"].mapping.read_text(encoding="utf-8"))["crs"] == "auto"
