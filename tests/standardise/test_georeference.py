"""Where a drawing lies: one frame for all its layers, from evidence; a question instead of a silent guess."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from tests.standardise.drawn import DRAWING, MARKS, MIDDLE, NOTE, Sheet, drawn, grid, line, plan

from quyhoach.domain.errors import IngestError
from quyhoach.domain.finding import Level
from quyhoach.domain.frame import Frame
from quyhoach.domain.mapping import ControlPoint, SourceMapping
from quyhoach.ingest import load_mapping, read_source
from quyhoach.standard import load_standard
from quyhoach.standard.messages import message
from quyhoach.standardise import Context, Work, repair_text
from quyhoach.standardise.georeference import locate_drawing
from quyhoach.standardise.sheets import choose_sheet
from quyhoach.standardise.work import note

EXTENT = (106.0, 21.2, 107.5, 22.6)
DEV = Path(__file__).parents[2] / ".." / "shared" / "drawings" / "dev"


def turned(crs: str, *, degrees: float, origin: complex, swapped: bool = False, unit: float = 1.0) -> Frame:
    """A local frame: the drawn origin lies at `origin`, the drawing is turned by `degrees`."""
    turn = complex(np.exp(1j * np.radians(degrees)))
    return Frame(crs, swapped, unit, (turn.real, turn.imag), (origin.real, origin.imag))


FRAMES = {
    "as it is": Frame("EPSG:9215"),
    "swapped": Frame("EPSG:9215", True),
    "millimetres": Frame("EPSG:9215", False, 0.001),
    "centimetres": Frame("EPSG:9215", False, 0.01),
    "kilometres": Frame("EPSG:9215", False, 1000.0),
    "swapped millimetres": Frame("EPSG:9215", True, 0.001),
    "local": Frame("EPSG:9215", shift=(425000.0, 2387000.0)),
    "local millimetres": Frame("EPSG:9215", False, 0.001, shift=(425000.0, 2387000.0)),
    "turned": turned("EPSG:9215", degrees=17.3, origin=425000 + 2387000j),
    "turned a lot": turned("EPSG:9215", degrees=-123.4, origin=431000 + 2394000j),
    "turned, swapped, millimetres": turned(
        "EPSG:9215", degrees=41.0, origin=429000 + 2396000j, swapped=True, unit=0.001
    ),
}


def work_of(sheet: Sheet, context: Context | None = None, **mapped: Any) -> Work:
    known = context or Context(load_standard(), "EPSG:9215", EXTENT)
    return Work(known, SourceMapping(**mapped), sheet.layers(), drawing=DRAWING)


def codes(work: Work, *levels: Level) -> list[str]:
    """The findings' codes, once all of them and the repairs could be said in both languages."""
    for row in (*work.findings, *work.repairs):
        for lang in ("vi", "en"):
            assert "{" not in message(row.code, lang, **{"layer": row.layer, **row.params})
    return [finding.code for finding in work.findings if not levels or finding.level in levels]


def lots(work: Work) -> np.ndarray:
    (found,) = (layer.geometry for layer in work.layers if layer.name == "lo")
    return found


def error_of(work: Work, middle: tuple[float, float] = MIDDLE) -> float:
    """How far the lots lie from where they truly are, metres, at most."""
    true = plan(Frame("EPSG:9215"), middle).layers()[0].geometry
    return float(shapely.hausdorff_distance(lots(work), true).max())


# ── the grid ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("marks", MARKS)
@pytest.mark.parametrize("name", FRAMES)
def test_drawing_is_laid_exactly_when_its_grid_is_labelled(name: str, marks: str) -> None:
    frame = FRAMES[name]
    sheet = plan(frame)
    grid(sheet, frame, marks=marks)
    sheet.text(NOTE, drawn(frame, complex(*MIDDLE)), 1.0)
    done = locate_drawing(work_of(sheet))
    assert codes(done, Level.ERROR, Level.WARNING) == []
    assert "frame-crosses" in codes(done)
    assert error_of(done) < 0.001
    assert done.guesses == ()
    assert {layer.crs for layer in done.layers} == {"EPSG:9215"}
    assert done.frame is not None and done.frame.swapped == frame.swapped and done.frame.unit == frame.unit


@pytest.mark.parametrize(
    ("words", "per"),
    [
        (("X: {:.0f}", "Y: {:.0f}"), 1),
        (("x = {:,.2f} m", "y = {:,.2f} m"), 1),
        (("N={:.3f}", "E={:.3f}"), 1),
        (("Y={:.0f}", "X={:.0f}"), 1),  # of programs in which X is the easting
        (("{:.0f}", "{:.0f}"), 1),
        (("X={:.1f}", "Y={:.1f}"), 1000),
        (("X={:.1f}km", "Y={:.1f}km"), 1000),
        (("{:.1f}", "{:.1f}"), 1000),
    ],
)
def test_grid_is_read_when_its_labels_are_written_otherwise(words: tuple[str, str], per: float) -> None:
    frame = FRAMES["turned"]
    sheet = plan(frame)
    grid(sheet, frame, words=words, per=per)
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert codes(done, Level.ERROR, Level.WARNING) == []
    assert error_of(done) < 0.001


def test_grid_is_read_when_both_numbers_stand_in_one_text() -> None:
    frame = FRAMES["local"]
    sheet = plan(frame)
    for true in (429500 + 2395500j, 430500 + 2395500j, 430500 + 2396500j):
        at = drawn(frame, true)
        sheet.add("luoi", shapely.LineString([(at.real - 20, at.imag), (at.real + 20, at.imag)]), "LINE")
        sheet.add("luoi", shapely.LineString([(at.real, at.imag - 20), (at.real, at.imag + 20)]), "LINE")
        sheet.text(f"X={true.imag:,.0f}\nY={true.real:,.0f}".replace(",", " "), at + 6 + 4j, 8.0)
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert error_of(done) < 0.001


def test_grid_holds_when_a_coordinate_table_and_wrong_labels_stand_beside_it() -> None:
    frame = FRAMES["turned"]
    sheet = plan(frame)
    grid(sheet, frame)
    rng = np.random.default_rng(3)
    for row in range(30):
        corner = complex(*MIDDLE) + complex(*rng.uniform(-900, 900, 2))
        at = drawn(frame, complex(*MIDDLE)) + 3000 - 12j * row
        sheet.text(f"{corner.imag:.2f}", at, 5.0)
        sheet.text(f"{corner.real:.2f}", at + 100, 5.0)
        sheet.add("bang", shapely.LineString([(at.real, at.imag), (at.real + 200, at.imag)]), "LINE")
    wrong = drawn(frame, 430500 + 2395500j)
    sheet.text("X=2396000", wrong + 8 + 5j, 8.0)
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert codes(done, Level.ERROR, Level.WARNING) == []
    assert "frame-labels-off" in codes(done)
    assert error_of(done) < 0.001


@settings(max_examples=40, deadline=None)
@given(
    degrees=st.floats(-180, 180),
    east=st.floats(-3000, 3000),
    north=st.floats(-3000, 3000),
    swapped=st.booleans(),
    unit=st.sampled_from([1.0, 0.001]),
    marks=st.sampled_from(MARKS),
)
def test_any_local_frame_is_found_when_the_grid_is_labelled(
    degrees: float, east: float, north: float, swapped: bool, unit: float, marks: str
) -> None:
    origin = complex(*MIDDLE) + complex(east, north)
    frame = turned("EPSG:9215", degrees=degrees, origin=origin, swapped=swapped, unit=unit)
    sheet = plan(frame, lots=20)
    grid(sheet, frame, marks=marks)
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert codes(done, Level.ERROR, Level.WARNING) == []
    true = plan(Frame("EPSG:9215"), lots=20).layers()[0].geometry
    assert (
        float(shapely.hausdorff_distance(lots(done), true).max()) < 0.02
    )  # a turn smaller than the labels can tell is taken for none


@settings(max_examples=60, deadline=None)
@example(degrees=0.8881673890020612, swapped=False, count=2, missing=0.0, astray=0.0, lines=0, seed=0)
@example(degrees=0.0, swapped=False, count=2, missing=0.375, astray=0.0, lines=0, seed=244)
@given(
    degrees=st.floats(-180, 180),
    swapped=st.booleans(),
    count=st.integers(2, 4),
    missing=st.floats(0, 0.7),
    astray=st.floats(0, 2),
    lines=st.integers(0, 300),
    seed=st.integers(0, 1000),
)
def test_drawing_is_laid_exactly_or_asked_for_when_labels_are_missing_and_lines_run_everywhere(
    degrees: float, swapped: bool, count: int, missing: float, astray: float, lines: int, seed: int
) -> None:
    frame = turned("EPSG:9215", degrees=degrees, origin=complex(*MIDDLE) + 800 - 500j, swapped=swapped)
    sheet = plan(frame, lots=20)
    grid(sheet, frame, count=count, missing=missing, astray=astray, seed=seed)
    rng = np.random.default_rng(seed)
    for start in rng.uniform(-1000, 1000, (lines, 2)):
        place = drawn(frame, complex(*MIDDLE) + complex(*start))
        sheet.add("luoi", line(place, place + complex(*rng.uniform(-60, 60, 2))), "LINE")
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    if codes(done, Level.ERROR):
        assert codes(done) == ["frame-local"] and done.layers == ()
    else:
        true = plan(Frame("EPSG:9215"), lots=20).layers()[0].geometry
        assert float(shapely.hausdorff_distance(lots(done), true).max()) < 0.02


def test_two_crosses_lay_a_drawing_that_is_not_turned_and_are_too_few_when_it_is() -> None:
    for frame, told in ((FRAMES["local"], True), (FRAMES["as it is"], True), (FRAMES["turned"], False)):
        sheet = plan(frame)
        for true in (429500 + 2395500j, 430500 + 2396000j):  # a mirrored drawing would fit them as well
            at = drawn(frame, true)
            sheet.add("luoi", shapely.Point(at.real, at.imag), "POINT")
            sheet.text(f"X={true.imag:.0f}", at + 8 + 5j, 8.0, "luoi")
            sheet.text(f"Y={true.real:.0f}", at + 8 - 14j, 8.0, "luoi")
        done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
        assert codes(done, Level.ERROR) == ([] if told else ["frame-local"])
        assert not told or error_of(done) < 0.001


def test_grid_without_marks_confirms_but_does_not_move_a_drawing() -> None:
    sheet = plan(Frame("EPSG:9215"))
    grid(sheet, Frame("EPSG:9215"), marks="none")
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert codes(done, Level.ERROR) == [] and error_of(done) == 0
    sheet = plan(FRAMES["local"])
    grid(sheet, FRAMES["local"], marks="none")
    assert codes(locate_drawing(work_of(sheet, crs="EPSG:9215"))) == ["frame-local"]


def test_contradiction_is_an_error_when_the_grid_lies_elsewhere_than_the_coordinates() -> None:
    sheet = plan(Frame("EPSG:9215"))
    grid(sheet, Frame("EPSG:9215"), value_of=lambda true: true + 50)
    stated = locate_drawing(work_of(sheet, crs="EPSG:9215", axes="en", unit="m"))
    assert codes(stated, Level.ERROR) == ["frame-crosses-against-coordinates"]
    assert stated.findings[-1].params["distance"] == 50
    assert error_of(stated) == 0  # what the mapping states wins
    found = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert codes(found, Level.ERROR) == ["frame-crosses-against-coordinates"]
    assert error_of(found) == pytest.approx(50, abs=0.01)


def test_moved_map_follows_its_grid_with_a_warning_when_it_is_one_of_several() -> None:
    moved = Frame("EPSG:9215", shift=(-4000.0, 0.0))  # beside the map that lies at true coordinates
    sheet = plan(moved)
    chosen = note("sheet-chosen", frame=2, title="", left=0, others="")
    bare = locate_drawing(replace(work_of(sheet, crs="EPSG:9215"), findings=(chosen,)))
    assert codes(bare, Level.WARNING) == ["frame-sheet-unproved"]
    grid(sheet, moved)
    done = locate_drawing(replace(work_of(sheet, crs="EPSG:9215"), findings=(chosen,)))
    assert codes(done, Level.WARNING) == ["frame-crosses-against-coordinates"] and codes(done, Level.ERROR) == []
    assert error_of(done) < 0.001


@pytest.mark.parametrize(("off", "warned"), [(0.2, False), (0.7, True)])
def test_residual_is_told_when_crosses_were_drawn_by_hand(off: float, warned: bool) -> None:
    frame = FRAMES["local"]
    sheet = plan(frame)
    rng = np.random.default_rng(1)
    for true in (complex(429500 + 500 * i, 2395000 + 500 * j) for i in range(4) for j in range(4)):
        at = drawn(frame, true + complex(*rng.uniform(-off, off, 2)))
        sheet.add("luoi", line(at - 20, at + 20), "LINE")
        sheet.add("luoi", line(at - 20j, at + 20j), "LINE")
        sheet.text(f"X={true.imag:.0f}", at + 8 + 5j, 8.0, "luoi")
        sheet.text(f"Y={true.real:.0f}", at + 8 - 14j, 8.0, "luoi")
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert error_of(done) < off
    assert codes(done, Level.WARNING) == (["frame-crosses-residual"] if warned else [])


# ── control points ─────────────────────────────────────────────────────────────────────────────────────────


def control_points(frame: Frame, *offsets: complex, off: complex = 0j) -> tuple[ControlPoint, ...]:
    points = []
    for number, offset in enumerate(offsets):
        true = complex(*MIDDLE) + offset
        at = drawn(frame, true)
        true += off if number == 0 else 0
        points.append(ControlPoint((at.real, at.imag), (true.real, true.imag)))
    return tuple(points)


@pytest.mark.parametrize("name", FRAMES)
def test_control_points_lay_the_drawing_when_there_are_three(name: str) -> None:
    points = control_points(FRAMES[name], 0j, 900 + 30j, -200 + 800j)
    done = locate_drawing(work_of(plan(FRAMES[name]), control_points=points))
    assert codes(done) == ["frame-control-points"]
    assert error_of(done) < 0.001


@pytest.mark.parametrize("name", ["swapped", "local", "millimetres"])
def test_two_control_points_take_the_way_that_turns_less(name: str) -> None:
    points = control_points(FRAMES[name], 0j, 900 + 30j)
    assert error_of(locate_drawing(work_of(plan(FRAMES[name]), control_points=points))) < 0.001


def test_residuals_are_told_when_control_points_disagree() -> None:
    points = control_points(FRAMES["local"], 0j, 900 + 30j, -200 + 800j, 500 - 700j, off=6 + 0j)
    done = locate_drawing(work_of(plan(FRAMES["local"]), control_points=points))
    assert codes(done, Level.WARNING) == ["frame-control-points-residual"]
    assert str(done.findings[-1].params["points"]).count(" m") == 4


def test_control_points_against_the_grid_are_an_error_when_they_differ() -> None:
    sheet = plan(FRAMES["local"])
    grid(sheet, FRAMES["local"])
    wrong = Frame("EPSG:9215", shift=(425300.0, 2387000.0))
    done = locate_drawing(work_of(sheet, control_points=control_points(wrong, 0j, 900 + 30j)))
    assert codes(done, Level.ERROR) == ["frame-control-points-against-crosses"]


def test_one_control_point_twice_is_refused() -> None:
    (point,) = control_points(FRAMES["local"], 0j)
    with pytest.raises(IngestError, match="mapping-control-points"):
        locate_drawing(work_of(plan(FRAMES["local"]), control_points=(point, point)))


# ── systems ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("crs", "text"),
    [
        ("EPSG:9210", "He toa do VN-2000, kinh tuyen truc 105°45', mui chieu 3°"),
        ("EPSG:9214", "VN2000 KTT 107%%d00' múi 3%%d"),
        ("EPSG:3405", "Hệ tọa độ VN-2000, kinh tuyến trục 105°00', múi chiếu 6°"),
        ("EPSG:5897", "VN-2000, L0=105d00', k0=0.9999"),
        ("EPSG:3406", "VN-2000 UTM múi 49"),
        ("EPSG:32648", "WGS84 / UTM zone 48N"),
    ],
)
def test_system_is_found_when_the_sheet_names_it(crs: str, text: str) -> None:
    middle = Transformer.from_crs(9215, crs, always_xy=True).transform(*MIDDLE)
    sheet = plan(Frame(crs), middle)
    sheet.text(text, complex(*middle), 5.0)
    done = locate_drawing(work_of(sheet))
    assert codes(done) == ["frame-crs-noted"] and done.findings[0].params["crs"] == crs
    centre = shapely.centroid(shapely.multipoints(shapely.centroid(lots(done))))
    true = shapely.centroid(shapely.multipoints(shapely.centroid(plan(Frame("EPSG:9215")).layers()[0].geometry)))
    assert centre.distance(true) < 2
    stated = locate_drawing(work_of(plan(Frame(crs), middle), crs=crs))
    assert stated.findings == () and shapely.equals_exact(lots(stated), lots(done), 1e-6).all()


def test_note_of_several_lines_is_read_together() -> None:
    sheet = plan(Frame("EPSG:3405"), Transformer.from_crs(9215, 3405, always_xy=True).transform(*MIDDLE))
    at = complex(700000, 2400000)
    for row, text in enumerate(("HỆ TỌA ĐỘ VN-2000", "KINH TUYẾN TRỤC: 105°00'00\"", "MÚI CHIẾU 6°")):
        sheet.text(text, at - 10j * row, 5.0)
    assert locate_drawing(work_of(sheet)).findings[0].params["crs"] == "EPSG:3405"


def test_provinces_own_system_is_taken_as_a_guess_when_the_drawing_says_nothing() -> None:
    done = locate_drawing(work_of(plan(Frame("EPSG:9215", True, 0.001))))
    assert codes(done) == ["frame-crs-assumed"] and error_of(done) < 0.001
    assert any("EPSG:9215" in guess for guess in done.guesses) and any("axes" in guess for guess in done.guesses)
    assert [repair.code for repair in done.repairs] == ["drawing-axes-swapped", "drawing-unit"]


def test_extent_of_the_system_serves_when_the_provinces_is_not_known() -> None:
    context = Context(load_standard(), "EPSG:9215")
    assert error_of(locate_drawing(work_of(plan(Frame("EPSG:9215", True)), context))) < 0.001


def test_drawing_is_asked_for_when_its_system_is_not_known() -> None:
    done = locate_drawing(work_of(plan(Frame("EPSG:9215")), Context(load_standard(), "")))
    (finding,) = done.findings
    assert done.layers == () and done.frame is None and done.guesses == ()
    assert (finding.code, finding.level) == ("frame-crs-asked", Level.ERROR)
    assert "EPSG:9215 (VN-2000 / TM-3 107-15) → 21.6" in locate_candidates(done)


def locate_candidates(work: Work) -> str:
    return " ".join(str(finding.params.get("candidates", "")) for finding in work.findings)


def test_drawings_own_system_is_taken_when_the_province_is_not_known() -> None:
    sheet = plan(Frame("EPSG:9215", True))
    sheet.text(NOTE, 2395000 + 430000j, 5.0)
    done = locate_drawing(work_of(sheet, Context(load_standard(), "")))
    assert done.context.crs == "EPSG:9215" and error_of(done) < 0.001


def test_local_coordinates_are_asked_for_when_there_is_no_grid() -> None:
    done = locate_drawing(work_of(plan(FRAMES["local"]), crs="EPSG:9215"))
    assert codes(done, Level.ERROR) == ["frame-local"] and done.layers == ()


def test_meridian_of_two_zones_is_asked_for_when_no_width_is_said() -> None:
    sheet = plan(Frame("EPSG:3405"), Transformer.from_crs(9215, 3405, always_xy=True).transform(*MIDDLE))
    sheet.text("Kinh tuyến trục 105°00'", 700000 + 2400000j, 5.0)
    done = locate_drawing(work_of(sheet))
    assert codes(done) == ["frame-several"] and done.layers == ()
    assert "EPSG:5897" in locate_candidates(done) and "EPSG:3405" in locate_candidates(done)


def test_note_that_leads_out_of_the_province_is_asked_about() -> None:
    sheet = plan(Frame("EPSG:9215"))
    sheet.text("VN-2000, kinh tuyến trục 105°00', múi chiếu 3°", complex(*MIDDLE), 5.0)
    done = locate_drawing(work_of(sheet))
    assert codes(done) == ["frame-note-outside"] and "EPSG:9215" in locate_candidates(done)


def test_mapping_wins_with_a_warning_when_the_note_says_another_system() -> None:
    sheet = plan(Frame("EPSG:9215"))
    sheet.text("VN-2000, kinh tuyến trục 105°00', múi chiếu 3°", complex(*MIDDLE), 5.0)
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert codes(done, Level.WARNING) == ["frame-note-against-mapping"] and error_of(done) == 0


@pytest.mark.parametrize(
    "text", ["Hệ tọa độ HN-72", "HE TOA DO HA NOI 72", "Lưới chiếu Gauss-Krüger, elipxoit Krasovski"]
)
def test_old_datum_is_refused_when_the_sheet_names_it(text: str) -> None:
    sheet = plan(Frame("EPSG:9215"))
    sheet.text(text, complex(*MIDDLE), 5.0)
    done = locate_drawing(work_of(sheet))
    assert codes(done, Level.ERROR) == ["frame-hn72"] and done.layers == ()
    stated = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert codes(stated, Level.ERROR) == ["frame-hn72-against-mapping"]
    points = control_points(Frame("EPSG:9215"), 0j, 500j, 700 + 3j)
    assert codes(locate_drawing(work_of(sheet, control_points=points)), Level.ERROR) == []


def test_old_datum_is_no_fault_when_the_note_says_it_was_left() -> None:
    sheet = plan(Frame("EPSG:9215"))
    sheet.text(f"{NOTE} (chuyển từ HN-72)", complex(*MIDDLE), 5.0)
    assert codes(locate_drawing(work_of(sheet)), Level.ERROR) == []


def test_old_datum_is_refused_when_the_mapping_or_an_easting_names_it() -> None:
    assert codes(locate_drawing(work_of(plan(Frame("EPSG:9215")), crs="EPSG:2044"))) == ["frame-hn72"]
    sheet = plan(Frame("EPSG:9215"))
    grid(sheet, Frame("EPSG:9215"), words=("X={:.0f}", "Y=18{:.0f}"))
    assert codes(locate_drawing(work_of(sheet))) == ["frame-hn72"]


def test_place_outside_the_province_is_a_warning_when_the_mapping_states_the_system() -> None:
    middle = (500000.0, 1200000.0)
    done = locate_drawing(work_of(plan(Frame("EPSG:9215"), middle), crs="EPSG:9215"))
    assert codes(done) == ["frame-outside-province"] and error_of(done, middle) == 0


# ── the transformation ─────────────────────────────────────────────────────────────────────────────────────


def test_broken_and_missing_geometry_is_let_through_as_missing() -> None:
    sheet = plan(Frame("EPSG:9215", False, 0.001))
    with np.errstate(invalid="ignore"):
        sheet.add("lo", shapely.LineString([(430286100, 2395843300), (np.nan, 5)]))
    sheet.add("lo", None)
    done = locate_drawing(work_of(sheet, crs="EPSG:9215"))
    assert codes(done) == [] and list(lots(done)[-2:]) == [None, None]


def test_texts_stay_where_they_were_drawn_when_geometry_moves() -> None:
    frame = FRAMES["swapped millimetres"]
    sheet = plan(frame)
    sheet.text(NOTE, drawn(frame, complex(*MIDDLE)), 5000.0)
    done = locate_drawing(work_of(sheet))
    (layer,) = (item for item in done.layers if item.name == "chu")
    assert layer.fields["x"][0] == pytest.approx(MIDDLE[1] * 1000) and layer.geometry[0].x < 500_000


def test_what_is_no_drawing_passes_untouched() -> None:
    work = replace(work_of(plan(Frame("EPSG:9215"))), drawing=None)
    assert locate_drawing(work) is work
    empty = replace(work, layers=(), drawing=DRAWING)
    assert locate_drawing(empty) is empty


@pytest.mark.shared
@pytest.mark.parametrize("name", [f"d{number:02d}" for number in range(1, 12)])
def test_outline_of_a_dev_drawing_lies_where_it_truly_is(name: str) -> None:
    folders = sorted(DEV.glob(f"{name}_*"))
    if not folders:
        pytest.skip("../shared/drawings/dev is not here")
    import pyogrio

    mapping = load_mapping(folders[0] / "mapping.toml")
    source = read_source(folders[0] / "drawing.dxf")
    wkb = pyogrio.raw.read(folders[0] / "truth.gpkg", layer="plan_boundary")[2]
    truth = shapely.union_all(shapely.boundary(shapely.from_wkb(wkb)))
    (pattern,) = (rule.match for rule in mapping.layers if rule.role == "plan_boundary")
    for stated in (mapping, replace(mapping, crs="auto")):
        work = Work(Context(load_standard(), "EPSG:9215"), stated, source.layers, drawing=source.drawing)
        done = locate_drawing(choose_sheet(repair_text(work)))
        assert codes(done, Level.ERROR, Level.WARNING) == []
        (outline,) = (layer for layer in done.layers if layer.name == pattern)
        away = shapely.distance(shapely.points(shapely.get_coordinates(outline.geometry)), truth)
        assert np.median(away) < 0.001 and (away < 0.05).mean() > 0.9  # an outline left open ends off by a little
