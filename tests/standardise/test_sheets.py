"""Several maps in one model space: found by frames and titles, one chosen, or asked for; one map is left alone."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from tests.standardise.drawn import DRAWING, Sheet, line

from quyhoach.domain.finding import Level
from quyhoach.domain.mapping import SourceMapping
from quyhoach.domain.source import SourceLayer
from quyhoach.ingest import read_source
from quyhoach.standard import load_standard
from quyhoach.standard.messages import message
from quyhoach.standardise import Context, Work, repair_text
from quyhoach.standardise import sheets as found_sheets
from quyhoach.standardise.sheets import _take, choose_sheet, find_sheets

DEV = Path(__file__).parents[2] / ".." / "shared" / "drawings" / "dev"
EXISTING = "BẢN ĐỒ HIỆN TRẠNG SỬ DỤNG ĐẤT"
LAND_USE = "BẢN ĐỒ QUY HOẠCH SỬ DỤNG ĐẤT"
TRAFFIC = "BẢN ĐỒ QUY HOẠCH GIAO THÔNG"
WIDE, HIGH = 1600.0, 1100.0
FRAMES = ("closed", "double", "lines", "turned", "none")


def work_of(sheet: Sheet, frame: int = 0) -> Work:
    return Work(Context(load_standard(), "EPSG:9215"), SourceMapping(frame=frame), sheet.layers(), drawing=DRAWING)


def draw_map(
    sheet: Sheet, corner: complex, title: str, *, name: str, frame: str = "closed", turn: float = 0.0, lots: int = 40
) -> None:
    """A map with lots on layer `name`, legend and table inside its frame, whose lower left corner is given."""
    along = complex(np.exp(1j * np.radians(turn)))

    def at(x: float, y: float) -> complex:
        return corner + along * complex(x, y)

    def box(x: float, y: float, wide: float, high: float) -> list[complex]:
        return [at(x, y), at(x + wide, y), at(x + wide, y + high), at(x, y + high), at(x, y)]

    rng = np.random.default_rng(5)
    for _ in range(lots):
        x, y = rng.uniform(60, 900), rng.uniform(60, 950)
        ring = [at(x, y), at(x + 40, y + 3), at(x + 55, y + 30), at(x + 38, y + 61), at(x - 4, y + 55), at(x, y)]
        sheet.add(name, line(*ring), closed=True)
        sheet.text(f"OM-{len(sheet.rows[name])}", at(x + 10, y + 25), 5.0, f"{name}-chu", turn)
    for row in range(12):
        sheet.add("chu giai", line(*box(1100, 900 - 30 * row, 50, 20)), closed=True)
        sheet.text("Đất nhóm nhà ở", at(1170, 905 - 30 * row), 10.0, "chu giai", turn)
        sheet.add("bang", line(at(1100, 450 - 25 * row), at(1550, 450 - 25 * row)), "LINE")
        sheet.text("12,34", at(1120, 452 - 25 * row), 10.0, "bang", turn)
    sheet.add("bang", line(*box(1090, 150, 470, 330)), closed=True)
    sheet.text(title, at(500, 1040), 25.0, "khung", turn)
    if frame in ("closed", "double", "turned"):
        sheet.add("khung", line(*box(0, 0, WIDE, HIGH)), closed=True)
    if frame == "double":
        sheet.add("khung", line(*box(20, 20, WIDE - 40, HIGH - 40)), closed=True)
    if frame == "lines":
        corners = box(0, 0, WIDE, HIGH)
        for start, end in pairwise(corners):
            sheet.add("khung", line(start, end), "LINE")


def three(frame: str = "closed", titles: tuple[str, str, str] = (EXISTING, LAND_USE, TRAFFIC)) -> Sheet:
    """Three maps in a row, each with its lots on a layer of its own: a, b, c."""
    sheet = Sheet()
    turn = 12.0 if frame == "turned" else 0.0
    step = (WIDE + 300) * complex(np.exp(1j * np.radians(turn)))
    for number, (title, name) in enumerate(zip(titles, "abc", strict=True)):
        draw_map(sheet, 1000 + 500j + number * step, title, name=name, frame=frame, turn=turn)
    return sheet


def kept(work: Work) -> set[str]:
    assert all("{" not in message(row.code, lang, **row.params) for row in work.findings for lang in ("vi", "en"))
    return {layer.name for layer in work.layers} & {"a", "b", "c"}


@pytest.mark.parametrize("frame", FRAMES)
def test_sheets_are_found_and_the_land_use_plan_taken_when_its_title_says_so(frame: str) -> None:
    work = work_of(three(frame))
    sheets = find_sheets(work)
    assert [sheet.title for sheet in sheets] == [EXISTING, LAND_USE, TRAFFIC]
    assert [sheet.number for sheet in sheets] == [1, 2, 3]
    done = choose_sheet(work)
    assert kept(done) == {"b"}
    assert [(finding.code, finding.level) for finding in done.findings] == [("sheet-chosen", Level.NOTE)]
    assert len(done.guesses) == 1 and LAND_USE in done.guesses[0]
    (legend,) = (layer for layer in done.layers if layer.name == "chu giai")
    assert len(legend) == 24  # boxes and words of one map
    total = sum(len(layer) for layer in work.layers)
    assert done.findings[0].params["left"] == total - sum(len(layer) for layer in done.layers)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(("number", "name"), [(1, "a"), (2, "b"), (3, "c")])
def test_mapping_chooses_when_it_names_a_sheet(frame: str, number: int, name: str) -> None:
    done = choose_sheet(work_of(three(frame), number))
    assert kept(done) == {name} and done.guesses == ()


@pytest.mark.parametrize(
    "titles",
    [(EXISTING, TRAFFIC, "BẢN ĐỒ QUY HOẠCH CẤP NƯỚC"), (LAND_USE, TRAFFIC, LAND_USE)],
    ids=["none", "two"],
)
def test_sheet_is_asked_for_when_no_title_or_several_say_land_use(titles: tuple[str, str, str]) -> None:
    done = choose_sheet(work_of(three("closed", titles)))
    (finding,) = done.findings
    assert (finding.code, finding.level, finding.params["count"]) == ("sheet-asked", Level.ERROR, 3)
    assert done.layers == () and all(title in str(finding.params["sheets"]) for title in titles)


@pytest.mark.parametrize(
    "title", ["BAN DO QUY HOACH SU DUNG DAT", "SƠ ĐỒ QUY HOẠCH SỬ DỤNG ĐẤT ĐẾN NĂM 2030", "2. Quy hoạch SDĐ giao thông"]
)
def test_title_is_known_when_it_is_written_otherwise(title: str) -> None:
    done = choose_sheet(work_of(three("closed", ("BAN DO HIEN TRANG", title, "BAN DO CAP DIEN"))))
    assert kept(done) == {"b"}


def test_title_is_joined_when_it_stands_in_two_lines() -> None:
    sheet = three("closed", (EXISTING, "BẢN ĐỒ", TRAFFIC))
    sheet.text("QUY HOẠCH SỬ DỤNG ĐẤT", 1000 + 500j + WIDE + 300 + 450 + 1000j, 25.0, "khung")
    done = choose_sheet(work_of(sheet))
    assert kept(done) == {"b"} and LAND_USE in done.guesses[0]


def test_sheets_are_numbered_by_rows_from_the_top() -> None:
    sheet = Sheet()
    places = {"1": 0 + 1500j, "2": 2000 + 1520j, "3": 30 + 0j, "4": 2010 + 0j}
    for name, corner in sorted(places.items(), reverse=True):
        draw_map(sheet, corner, f"BẢN ĐỒ SỐ {name}", name=name)
    assert [found.title for found in find_sheets(work_of(sheet))] == [f"BẢN ĐỒ SỐ {name}" for name in "1234"]


@pytest.mark.parametrize("frame", FRAMES)
def test_nothing_is_removed_when_there_is_one_map(frame: str) -> None:
    sheet = Sheet()
    draw_map(sheet, 1000 + 500j, LAND_USE, name="a", frame=frame, turn=9.0 if frame == "turned" else 0.0)
    work = work_of(sheet)
    assert choose_sheet(work) is work


def test_nothing_is_removed_when_legend_and_tables_lie_beside_the_map_in_boxes_of_their_own() -> None:
    sheet = Sheet()
    rng = np.random.default_rng(5)
    for _ in range(60):
        x, y = rng.uniform(0, 1000, 2)
        sheet.add("a", line(complex(x, y), complex(x + 40, y + 9), complex(x + 30, y + 50), complex(x, y)), closed=True)
    for corner, words in ((1500, "CHÚ GIẢI"), (2600, "BẢNG CÂN BẰNG SỬ DỤNG ĐẤT")):
        ring = [complex(corner, 0), complex(corner + 800, 0), complex(corner + 800, 900), complex(corner, 900)]
        sheet.add("khung", line(*ring, ring[0]), closed=True)
        for row in range(40):
            sheet.text(words, complex(corner + 50, 20 * row), 10.0, "khung")
            sheet.add("khung", line(complex(corner, 20 * row), complex(corner + 800, 20 * row)), "LINE")
    work = work_of(sheet)
    assert choose_sheet(work) is work


def test_nothing_is_removed_when_one_plan_has_two_areas_far_apart() -> None:
    sheet = Sheet()
    rng = np.random.default_rng(5)
    for start, side in ((0, 1000), (4000, 700)):
        for _ in range(60):
            x, y = start + rng.uniform(0, side), rng.uniform(0, side)
            ring = [complex(x, y), complex(x + 40, y + 9), complex(x + 30, y + 50), complex(x, y)]
            sheet.add("a", line(*ring), closed=True)
    sheet.text(LAND_USE, 1500 + 1300j, 25.0)
    work = work_of(sheet)
    assert choose_sheet(work) is work


def test_nothing_is_removed_when_the_lots_themselves_are_rectangles() -> None:
    sheet = Sheet()
    for column in range(12):
        for row in range(8):
            x, y = 60.0 * column, 90.0 * row
            ring = [complex(x, y), complex(x + 50, y), complex(x + 50, y + 80), complex(x, y + 80), complex(x, y)]
            sheet.add("a", line(*ring), closed=True)
            sheet.text("LK-01", complex(x + 10, y + 40), 3.0)
    work = work_of(sheet)
    assert choose_sheet(work) is work


def test_a_large_frame_round_all_maps_is_not_one_sheet() -> None:
    sheet = three("closed")
    ring = [900 + 400j, 900 + 400j + 3 * (WIDE + 300), 0j, 900 + 400j + 1j * (HIGH + 200)]
    ring[2] = ring[1] + 1j * (HIGH + 200)
    sheet.add("khung", line(*ring, ring[0]), closed=True)
    assert kept(choose_sheet(work_of(sheet))) == {"b"}


def test_what_lies_near_the_chosen_sheet_stays_and_what_lies_far_goes() -> None:
    sheet = three()
    corner = 1000 + 500j + WIDE + 300
    sheet.text("ghi chú", corner + 500 - 60j, 10.0, "near")
    sheet.text("nháp", corner + 500 - 5000j, 10.0, "far")
    names = {layer.name for layer in choose_sheet(work_of(sheet)).layers}
    assert "near" in names and "far" not in names


@pytest.mark.parametrize("frame", [2, 9])
def test_number_is_refused_when_there_is_no_such_sheet(frame: int) -> None:
    sheet = Sheet()
    draw_map(sheet, 1000 + 500j, LAND_USE, name="a")
    for drawn in (sheet, three()):
        work = work_of(drawn, frame if drawn is sheet else 9)
        done = choose_sheet(work)
        assert [finding.code for finding in done.findings] == ["sheet-number-unknown"] and done.layers == ()


def test_broken_geometry_is_no_hindrance() -> None:
    sheet = three()
    with np.errstate(invalid="ignore"):
        broken: Any = shapely.LineString([(np.nan, 0), (1, np.nan)])
    sheet.add("b", broken)
    sheet.add("b", None)
    assert kept(choose_sheet(work_of(sheet))) == {"b"} | set()


def test_blocks_of_a_town_are_no_sheets_when_they_are_rectangles_full_of_lots() -> None:
    sheet = Sheet()
    for corner in (0j, 900 + 0j, 1800 + 0j, 900 + 1000j):
        ring = [corner, corner + 800, corner + 800 + 900j, corner + 900j, corner]
        sheet.add("khu", line(*ring), closed=True)
        for number in range(30):
            at = corner + complex(20 + 110 * (number % 7), 20 + 150 * (number // 7))
            sheet.add("a", line(at, at + 80 + 7j, at + 90 + 110j, at + 5 + 100j, at), closed=True)
    sheet.text(LAND_USE, 700 - 300j, 40.0)
    sheet.text("SƠ ĐỒ CHIA LÔ", 100 + 100j, 20.0)
    work = work_of(sheet)
    assert choose_sheet(work) is work


@pytest.mark.shared
@pytest.mark.parametrize("name", [f"d{number:02d}" for number in range(1, 12)])
def test_dev_drawing_of_one_sheet_is_left_alone(name: str) -> None:
    folders = sorted(DEV.glob(f"{name}_*"))
    if not folders:
        pytest.skip("../shared/drawings/dev is not here")
    source = read_source(folders[0] / "drawing.dxf")
    work = repair_text(
        Work(Context(load_standard(), "EPSG:9215"), SourceMapping(), source.layers, drawing=source.drawing)
    )
    assert choose_sheet(work) is work
    (sheet,) = find_sheets(work)
    assert "SU DUNG DAT" in sheet.title or "SỬ DỤNG ĐẤT" in sheet.title
    bare = replace(work, layers=without_frame(work.layers, sheet))
    assert choose_sheet(bare) is bare


def without_frame(layers: tuple[SourceLayer, ...], sheet: found_sheets.Sheet) -> tuple[SourceLayer, ...]:
    """The layers without what covers most of a sheet: its frame."""
    least = 0.9 * sheet.bounds.envelope.area
    return tuple(_take(layer, ~(shapely.area(shapely.envelope(layer.geometry)) > least)) for layer in layers)


def beside(layer: SourceLayer, distance: float, title: str) -> SourceLayer:
    """A copy of a layer, moved to the right, the map's title replaced."""
    fields = dict(layer.fields)
    fields["x"] = [None if x is None else x + distance for x in layer.fields["x"]]
    fields["text"] = [title if text == LAND_USE else text for text in layer.fields["text"]]
    moved = shapely.transform(layer.geometry, lambda xy: xy + np.array([distance, 0.0]))
    return replace(layer, name=f"{title}|{layer.name}", geometry=moved, fields=fields)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["d01", "d03", "d07", "d09"])
@pytest.mark.parametrize("framed", [True, False])
def test_dev_drawing_is_whole_when_maps_like_it_lie_beside_it(name: str, framed: bool) -> None:
    folders = sorted(DEV.glob(f"{name}_*"))
    if not folders:
        pytest.skip("../shared/drawings/dev is not here")
    source = read_source(folders[0] / "drawing.dxf")
    context = Context(load_standard(), "EPSG:9215")
    one = repair_text(Work(context, SourceMapping(), source.layers, drawing=source.drawing))
    (sheet,) = find_sheets(one)
    wide = sheet.bounds.bounds[2] - sheet.bounds.bounds[0]
    layers = one.layers if framed else without_frame(one.layers, sheet)
    copies = [
        beside(layer, distance * 1.6 * wide, title)
        for distance, title in ((-1, EXISTING), (0, LAND_USE), (1, TRAFFIC))
        for layer in layers
    ]
    done = choose_sheet(replace(one, layers=tuple(copies)))
    assert [finding.code for finding in done.findings if finding not in one.findings] == ["sheet-chosen"]
    assert {layer.name.partition("|")[0] for layer in done.layers} == {LAND_USE}
    assert sum(len(layer) for layer in done.layers) == sum(len(layer) for layer in layers)
