"""Faults as a drawing: they lie where the draughtsman's own lines lie, and say what is wrong."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from ezdxf import recover
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.frame import Frame
from quyhoach.package import Layer
from quyhoach.standard import Standard
from quyhoach.validate import Subject, write_faults_dxf
from quyhoach.validate.drawn import drawn_places
from quyhoach.validate.subject import place

E, N = 430000.0, 2395000.0


def read(path: Path) -> Any:
    """The file as AutoCAD reads it: ezdxf decodes \\U+XXXX in R2000 only in this way."""
    document, auditor = recover.readfile(path)
    assert not auditor.errors
    return document


def overlap(west: float = 10, level: Level = Level.ERROR) -> Finding:
    shape = shapely.box(E + west, N, E + west + 8, N + 6)
    wkb = place(shape, shapely.box(E, N, E + 100, N + 100), shapely.box(E, N, E + 200, N + 200))
    return Finding("e006-lots-overlap", level, "lo", "ƠM-1 “Đất ở”", {"other": "CX-2", "area": 48.0}, wkb)


def subject(layers: dict[str, Layer], standard: Standard, frame: Frame | None = None, scale: str = "500") -> Subject:
    rows = {"frame": frame.to_json()} if frame is not None else {}
    table = Layer("provenance", None, None, {"key": [*rows, "scale"], "value": [*rows.values(), scale]})
    return Subject({**layers, "provenance": table}, standard)


def test_circle_lies_around_the_fault_when_the_drawing_has_true_coordinates(
    layers: dict[str, Layer], standard: Standard, tmp_path: Path
) -> None:
    path = tmp_path / "a" / "loi.dxf"
    assert write_faults_dxf(path, subject(layers, standard, Frame("EPSG:9215")), [overlap()]) == 1
    document = read(path)
    assert document.dxfversion == "AC1015"
    assert document.header["$INSUNITS"] == 6
    (circle,) = document.query("CIRCLE")
    assert circle.dxf.layer == "QH_LOI"
    assert circle.dxf.center.isclose((E + 14, N + 3))
    assert circle.dxf.radius == pytest.approx(5.25)  # around the overlap, not around the lots
    (text,) = document.query("TEXT")
    assert text.dxf.text == "1. E006 ƠM-1 “Đất ở”: Lô chồng lên nhau (48 m²)"
    assert text.dxf.height == pytest.approx(1.25)  # 2.5 mm at 1/500
    assert document.styles.get(text.dxf.style).dxf.font == "arial.ttf"


def test_letters_are_escapes_when_written_since_r2000_has_no_unicode(
    layers: dict[str, Layer], standard: Standard, tmp_path: Path
) -> None:
    path = tmp_path / "loi.dxf"
    write_faults_dxf(path, subject(layers, standard), [overlap()])
    data = path.read_bytes()
    assert "ô" in data.decode("cp1252")  # the code page that the header names
    assert b"\\U+1ed3" in data.replace(b"\\U+1ED3", b"\\U+1ed3")


@pytest.mark.parametrize(
    ("frame", "centre", "metre"),
    [
        (Frame("EPSG:9215", swapped=True), (N + 3, E + 14), 1.0),
        (Frame("EPSG:9215", unit=0.001), ((E + 14) * 1000, (N + 3) * 1000), 1000.0),
        (Frame("EPSG:9215", shift=(425000.0, 2387000.0)), (5014.0, 8003.0), 1.0),
        (Frame("EPSG:9215", turn=(0.0, 1.0), shift=(E, N)), (3.0, -14.0), 1.0),
    ],
)
def test_faults_lie_in_the_drawings_own_frame(
    layers: dict[str, Layer],
    standard: Standard,
    tmp_path: Path,
    frame: Frame,
    centre: tuple[float, float],
    metre: float,
) -> None:
    path = tmp_path / "loi.dxf"
    write_faults_dxf(path, subject(layers, standard, frame), [overlap()])
    document = read(path)
    (circle,) = document.query("CIRCLE")
    assert circle.dxf.center.isclose((*centre, 0), abs_tol=1e-4)
    assert circle.dxf.radius == pytest.approx(5.25 * metre)
    (text,) = document.query("TEXT")
    assert text.dxf.height == pytest.approx(1.25 * metre)


def test_faults_lie_in_the_drawings_system_when_it_is_another(
    layers: dict[str, Layer], standard: Standard, tmp_path: Path
) -> None:
    path = tmp_path / "loi.dxf"
    write_faults_dxf(path, subject(layers, standard, Frame("EPSG:3405")), [overlap()])
    (circle,) = read(path).query("CIRCLE")
    back = drawn_places(subject(layers, standard, Frame("EPSG:3405"))).transformer.transform(
        circle.dxf.center.x, circle.dxf.center.y, direction="INVERSE"
    )
    assert math.dist(back, (E + 14, N + 3)) < 0.01


@given(
    swapped=st.booleans(),
    unit=st.sampled_from([1.0, 0.001, 0.01]),
    angle=st.floats(-math.pi, math.pi),
    shift=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
)
@settings(max_examples=50, deadline=None)
def test_places_go_back_and_forth(
    standard: Standard, swapped: bool, unit: float, angle: float, shift: tuple[float, float]
) -> None:
    frame = Frame("EPSG:9215", swapped, unit, (math.cos(angle), math.sin(angle)), shift)
    facts = Layer("plan", None, None, {"key": ["crs"], "value": ["EPSG:9215"]})
    places = drawn_places(Subject({"plan": facts}, standard), frame)
    true = np.array([[E, N], [E + 100, N - 50]])
    assert np.allclose(frame.to_true(places(true)), true, atol=1e-5)


def test_every_place_has_a_circle_when_a_fault_lies_at_several(
    layers: dict[str, Layer], standard: Standard, tmp_path: Path
) -> None:
    where = shapely.multipoints([[E, N], [E + 50, N], [E + 90, N]])
    faults = [
        Finding("w023-balance-function-differs", Level.WARNING, wkb=place(where)),
        Finding("w003-lot-without-label", Level.WARNING, "lo", "#1"),  # without place
        overlap(level=Level.ERROR),
        Finding("n030-zone-too-wide", Level.NOTE, wkb=place(shapely.Point(E, N))),
    ]
    path = tmp_path / "loi.dxf"
    assert write_faults_dxf(path, subject(layers, standard), faults) == 3
    document = read(path)
    assert sorted(circle.dxf.color for circle in document.query("CIRCLE")) == [1, 4, 30, 30, 30]
    assert {entity.dxf.layer for entity in document.modelspace()} == {"QH_LOI"}
    assert [text.dxf.text.partition(".")[0] for text in document.query("TEXT")] == ["1", "2", "4"]


def test_long_sentences_are_cut_and_size_follows_the_plan_when_the_scale_is_not_known(
    layers: dict[str, Layer], standard: Standard, tmp_path: Path
) -> None:
    long = Finding("source-remark", Level.NOTE, params={"text": "chữ\n" * 100}, wkb=place(shapely.Point(E, N)))
    path = tmp_path / "loi.dxf"
    write_faults_dxf(path, subject(layers, standard, scale=""), [long])
    (text,) = read(path).query("TEXT")
    assert len(text.dxf.text) <= 70
    assert text.dxf.text.endswith("…")
    assert text.dxf.height == pytest.approx(1.8 * 200 / 800)  # notes are smaller


def test_notes_on_the_whole_plan_are_left_out_and_texts_do_not_cover_each_other(
    layers: dict[str, Layer], standard: Standard, tmp_path: Path
) -> None:
    whole = Finding("n030-zone-too-wide", Level.NOTE, wkb=place(shapely.box(E, N, E + 200, N + 100)))
    path = tmp_path / "loi.dxf"
    assert write_faults_dxf(path, subject(layers, standard), [overlap(), overlap(), overlap(500), whole]) == 3
    texts = read(path).query("TEXT")
    first, second, third = (text.dxf.insert for text in texts)
    assert first.x == second.x
    assert first.y - second.y > 1
    assert third.y == first.y


def test_a_fault_of_the_whole_plan_has_a_text_but_no_circle(
    layers: dict[str, Layer], standard: Standard, tmp_path: Path
) -> None:
    whole = Finding("e012-outline-outside-province", Level.ERROR, wkb=place(shapely.box(E, N, E + 200, N + 100)))
    path = tmp_path / "loi.dxf"
    assert write_faults_dxf(path, subject(layers, standard), [whole]) == 1
    assert [entity.dxftype() for entity in read(path).modelspace()] == ["TEXT"]


def test_no_drawing_is_needed_when_a_package_is_empty(standard: Standard, tmp_path: Path) -> None:
    path = tmp_path / "loi.dxf"
    assert write_faults_dxf(path, Subject({}, standard), [overlap()]) == 1
    assert len(read(path).query("CIRCLE")) == 1
