"""Draws lots as shared linework that nobody closed: lines, arcs and polylines, with the dirt of many hands."""

import random
from collections.abc import Sequence

from quyhoach.demo.cad.curves import Curve
from quyhoach.demo.cad.defects import Planted
from quyhoach.demo.cad.names import Look, Names
from quyhoach.demo.cad.pen import Pen
from quyhoach.demo.cad.town import Stroke, Town


def draw_linework(rng: random.Random, pen: Pen, names: Names, town: Town) -> list[Planted]:
    """Every stroke of the town once (or twice); what was planted, with places."""
    habit = pen.habit
    look = Look(names.layer("lot_edge"))
    planted: list[Planted] = []
    for stroke in town.strokes:
        if stroke.on_boundary and "edge_missing" in habit.extras:
            continue
        pieces = list(stroke.pieces)
        if stroke.kind == "cut":
            pieces = _ends(rng, pieces, habit.defects, planted)
        _draw(rng, pen, look, stroke, pieces)
        if "duplicate_line" in habit.defects and stroke.kind in ("cut", "mid") and rng.random() < 0.12:
            _draw(rng, pen, look, stroke, [pieces[0]] if rng.random() < 0.5 else [pieces[0].part(1, 0)])
            planted.append(_at("duplicate_line", pieces[0].at(0.5)))
        if "dangle" in habit.defects and stroke.kind == "mid" and rng.random() < 0.2:
            _dangle(rng, pen, look, pieces[0], planted)
        if "zero_length" in habit.defects and stroke.kind == "cut" and rng.random() < 0.05:
            spot = pieces[0].at(rng.uniform(0.2, 0.8))
            pen.piece(Curve(spot, spot), look)
            planted.append(_at("zero_length", spot))
    return planted


def _ends(rng: random.Random, pieces: list[Curve], defects: Sequence[str], planted: list[Planted]) -> list[Curve]:
    """A cut that stops short of the line it should meet, or goes beyond it."""
    piece = pieces[0]
    draw = rng.random()
    if "gap" in defects and draw < 0.14:
        by, kind = -rng.uniform(0.01, 0.22), "gap"
    elif "overshoot" in defects and 0.14 <= draw < 0.32:
        by, kind = rng.uniform(0.05, 0.6), "overshoot"
    else:
        return pieces
    planted.append(_at(kind, piece.end) | {"size_m": round(abs(by), 3)})
    unit = (piece.end - piece.start) / piece.length
    return [Curve(piece.start, piece.end + unit * by)]


def _dangle(rng: random.Random, pen: Pen, look: Look, piece: Curve, planted: list[Planted]) -> None:
    share = rng.uniform(0.2, 0.8)
    start = piece.at(share)
    unit = (piece.end - piece.start) / abs(piece.end - piece.start)
    end = start + unit * 1j * rng.choice((-1, 1)) * rng.uniform(1.5, 4) + unit
    pen.piece(Curve(start, end), look)
    planted.append(_at("dangle", (start + end) / 2))


def _draw(rng: random.Random, pen: Pen, look: Look, stroke: Stroke, pieces: Sequence[Curve]) -> None:
    habit = pen.habit
    if stroke.kind == "bank" and "spline" in habit.extras and not pen.r12:
        pen.spline([piece.start for piece in pieces[::4]] + [pieces[-1].end], look)
        return
    if stroke.kind == "pond":
        pen.round(tuple(pieces), look, rational="spline" in habit.extras)
        return
    single = habit.entity == "line" or (habit.entity == "mixed" and rng.random() < 0.5)
    if single and stroke.kind != "bank":
        for piece in pieces:
            pen.piece(piece, look)
    else:
        pen.open(pieces, look)


def _at(kind: str, place: complex) -> Planted:
    return {"defect": kind, "x": round(place.real, 2), "y": round(place.imag, 2)}
