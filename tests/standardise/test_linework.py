"""Linework as draughtsmen leave it becomes the faces that were meant, and each fault is told where it is."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.standardise.linework import GAP_M, OVERSHOOT_M, Faces, build_faces, stack

X, Y = 430_000.0, 2_395_000.0


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def grid(size: int, step: float = 20.0) -> list[shapely.LineString]:
    """Lines of a square of size × size lots, each drawn from crossing to crossing."""
    lines = []
    for i in range(size + 1):
        for j in range(size):
            lines.append(line((j * step, i * step), ((j + 1) * step, i * step)))
            lines.append(line((i * step, j * step), (i * step, (j + 1) * step)))
    return lines


def kinds(faces: Faces) -> list[str]:
    return sorted(fault.kind for fault in faces.faults)


def test_sound_lines_give_their_faces_and_no_fault():
    faces = build_faces(stack(grid(3)))
    assert len(faces.polygons) == 9
    assert faces.faults == ()


def test_line_is_dropped_and_told_when_drawn_twice():
    lines = grid(2)
    faces = build_faces(stack([*lines, shapely.reverse(lines[0])]))
    assert len(faces.polygons) == 4
    assert kinds(faces) == ["duplicate"]
    assert faces.faults[0].row == len(lines)


def test_line_without_length_is_told():
    faces = build_faces(stack([*grid(1), line((5, 0), (5, 0))]))
    assert len(faces.polygons) == 1
    assert kinds(faces) == ["zero-length"]


def test_gap_at_a_corner_is_closed():
    square = [line((0, 0), (20, 0)), line((20, 0), (20, 20)), line((20, 20), (0, 20)), line((0, 19.8), (0, 0))]
    faces = build_faces(stack(square))
    assert len(faces.polygons) == 1
    (gap,) = faces.faults
    assert gap.kind == "gap"
    assert gap.size == pytest.approx(0.2, abs=1e-3)
    assert gap.place.distance(shapely.Point(X, Y + 19.9)) < 0.2


def test_gap_at_a_wall_is_closed():
    lines = [line((0, 0), (40, 0), (40, 20), (0, 20), (0, 0)), line((20, 0.25), (20, 20))]
    faces = build_faces(stack(lines))
    assert len(faces.polygons) == 2
    assert kinds(faces) == ["gap"]


def test_gap_larger_than_stated_stays_open_and_is_a_dangle():
    lines = [line((0, 0), (40, 0), (40, 20), (0, 20), (0, 0)), line((20, GAP_M + 0.2), (20, 20))]
    faces = build_faces(stack(lines))
    assert len(faces.polygons) == 1
    assert kinds(faces) == ["dangle"]


def test_overshoot_is_cut_and_told_at_the_crossing():
    lines = [line((0, 0), (40, 0), (40, 20), (0, 20), (0, 0)), line((20, -0.5), (20, 20.5))]
    faces = build_faces(stack(lines))
    assert len(faces.polygons) == 2
    assert kinds(faces) == ["overshoot", "overshoot"]
    for fault in faces.faults:
        assert fault.size == pytest.approx(0.5, abs=2e-3)
        assert fault.place.distance(shapely.LineString([(X + 20, Y), (X + 20, Y + 20)])) < 0.01


def test_long_tail_is_a_dangle():
    lines = [line((0, 0), (40, 0), (40, 20), (0, 20), (0, 0)), line((20, 5), (20, 12))]
    assert kinds(build_faces(stack(lines))) == ["dangle"]


def test_faults_of_helping_lines_are_not_told():
    square = grid(1)
    faces = build_faces(stack([*square, line((-0.3, 0), (20, 0)), square[1]]), checked=len(square))
    assert len(faces.polygons) == 1
    assert faces.faults == ()


def test_nothing_comes_of_nothing():
    assert len(build_faces(stack([])).polygons) == 0


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_faces_are_found_again_when_ends_are_shifted_at_random(data):
    """Every end of a regular grid's lines moved along its line, short or long: the lots stay the lots."""
    step = 20.0
    moved = []
    for shape in grid(3, step):
        (x0, y0), (x1, y1) = shape.coords
        direction = np.array([x1 - x0, y1 - y0]) / step
        first, last = (data.draw(st.sampled_from([0.0, 0.0, 0.0, -0.3, 0.1, 0.15])) for _ in range(2))
        moved.append(
            shapely.LineString([np.array([x0, y0]) - direction * first, np.array([x1, y1]) + direction * last])
        )
    faces = build_faces(stack(moved))
    lots = [face for face in faces.polygons if face.area > 1]
    assert len(lots) == 9
    assert all(abs(lot.area - step * step) < step * 0.5 for lot in lots)
    assert max((fault.size for fault in faces.faults if fault.kind == "overshoot"), default=0) <= OVERSHOOT_M
