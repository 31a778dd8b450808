"""Draws the lots' labels: stacks of texts, paragraphs, attribute blocks, cells, circles, multileaders, leaders."""

import cmath
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from quyhoach.demo.cad.attributes import Line, Sheet, inline, lines
from quyhoach.demo.cad.names import Look, Names
from quyhoach.demo.cad.pen import Pen

TAGS: Mapping[str, Sequence[str]] = {
    "dash": ("KYHIEU", "DIENTICH", "MATDO", "TANGCAO", "HSSDD", "DANSO"),
    "space": ("TEN_LO", "DT", "MDXD", "TC", "HSSD", "DS"),
    "dotted": ("LO", "S", "MD", "T", "HS", "P"),
}
_WHAT = ("code", "area", "density", "storeys", "far", "population")


@dataclass(frozen=True)
class Spot:
    """Where a label stands, in drawn units: its middle, letter height, and turn in degrees."""

    at: complex
    height: float
    turn: float = 0.0


def draw_labels(rng: random.Random, pen: Pen, names: Names, sheets: Sequence[Sheet], streets: Any) -> None:
    """All labels. `streets`: the land between the lots (true places), where labels with leaders stand."""
    if pen.habit.labels == "attrib":
        _define_block(pen, names)
    core = streets.buffer(-3.0 if pen.habit.detail else -4.0)
    for sheet in sheets:
        if not sheet.labelled:
            continue
        shown = _text_lines(sheet, pen)
        spot = _spot(pen, sheet, shown)
        if "leader" in sheet.defects:
            spot = _led(rng, pen, names, sheet, spot, core, len(shown))
        if sheet.second_code:
            first, second = _beside(pen, sheet, spot)
            _label(pen, names, sheet, first, None)
            _label(pen, names, sheet, second, sheet.second_code)
        else:
            _label(pen, names, sheet, spot, None)


def _text_lines(sheet: Sheet, pen: Pen, code: str | None = None) -> list[str]:
    if pen.habit.template == "inline":
        return [inline(sheet, pen.habit, code)]
    return [line.text for line in lines(sheet, pen.habit, code)]


def _spot(pen: Pen, sheet: Sheet, shown: Sequence[str]) -> Spot:
    """The middle of the lot, with letters that fit in."""
    lot, habit = sheet.lot, pen.habit
    turn = 0.0
    if lot.kind == "house" and lot.hole is None:
        middle = lot.shape.centroid
        first = lot.ring[0]
        width, depth = abs(first.end - first.start) * 0.9, lot.shape.area / abs(first.end - first.start) * 0.7
        ends = pen.spots([first.start, first.end]).tolist()
        along = (ends[1] - ends[0]) / abs(ends[1] - ends[0])
        if habit.turned:
            turn = math.degrees(cmath.phase(along))
        elif abs(along.imag) > 0.9:  # the houses stand one above the other
            width, depth = depth, width
        elif abs(along.imag) > 0.4:
            width = depth = min(width, depth)
    else:
        circle = shapely.maximum_inscribed_circle(lot.shape, tolerance=0.5)
        middle = shapely.Point(circle.coords[0])
        width = depth = circle.length * 1.5
    longest = max(len(text.replace("%%178", "2")) for text in shown)
    rows = max(len(shown), 3 if habit.template in ("cells", "circle") else 1)
    if habit.template == "cells":
        longest *= 2
    elif habit.template == "circle":  # the indicators stand on its right
        longest += 7
    height = min(width / (0.85 * longest), depth / (1.7 * rows), 1.2 if habit.detail else 5.0)
    return Spot(pen.spot(complex(middle.x, middle.y)), max(height, 0.15) * pen.unit, turn)


def _led(rng: random.Random, pen: Pen, names: Names, sheet: Sheet, spot: Spot, core: Any, rows: int) -> Spot:
    """A place in the nearest street, with a leader from there into the lot."""
    inner = sheet.lot.shape.point_on_surface()
    near = shapely.shortest_line(core, inner).coords[0]
    at = pen.spot(complex(*near))
    target = pen.spot(complex(inner.x, inner.y))
    height = min(spot.height, (4.5 if pen.habit.detail else 7.0) * pen.unit / (1.7 * rows))
    side = 1 if target.real >= at.real else -1
    begin = at + side * height * 2.5
    look = names.label(sheet.use)
    if rng.random() < 0.5 and not pen.r12:
        pen.space.add_leader([(target.real, target.imag), (begin.real, begin.imag)],
                             dxfattribs=look.attributes())  # fmt: skip
    else:
        pen.line(begin, target, look)
    return Spot(at, height)


def _beside(pen: Pen, sheet: Sheet, spot: Spot) -> tuple[Spot, Spot]:
    """Two places in one lot, one above the other or side by side."""
    rows = 1 if pen.habit.template == "inline" else len(lines(sheet, pen.habit))
    height = spot.height / 2.2
    by = 1j * cmath.rect(height * (0.9 * rows + 0.6), math.radians(spot.turn))
    return Spot(spot.at + by, height, spot.turn), Spot(spot.at - by, height, spot.turn)


def _label(pen: Pen, names: Names, sheet: Sheet, spot: Spot, code: str | None) -> None:
    habit, look = pen.habit, names.label(sheet.use)
    if habit.template == "inline":
        _write(pen, spot, [inline(sheet, habit, code)], look)
        return
    found = lines(sheet, habit, code)
    if habit.template == "cells" and len(found) > 2:
        _cells(pen, spot, found, look)
    elif habit.template == "circle":
        _circle(pen, spot, found, look)
    elif habit.labels == "attrib":
        _attributes(pen, spot, found, look)
    elif habit.labels == "mtext" and not pen.r12:
        _paragraph(pen, spot, found, look)
    elif habit.labels == "multileader":
        _multileader(pen, spot, found, look)
    else:
        _write(pen, spot, [line.text for line in found], look, small=habit.square == "small")


def _write(pen: Pen, spot: Spot, shown: Sequence[str], look: Look, small: bool = False) -> None:
    """A stack of TEXTs, centred; `small`: the 2 of m² is a text of its own."""
    turn = cmath.rect(1, math.radians(spot.turn))
    for number, text in enumerate(shown):
        down = (number - (len(shown) - 1) / 2) * 1.55 * spot.height + spot.height / 2
        at = spot.at - 1j * turn * down
        pen.text(at, text, spot.height, look, align="centre", turn=spot.turn, label=True)
        if small and text.endswith(" m"):
            end = at + turn * complex(len(text) * 0.36 * spot.height, 0.5 * spot.height)
            pen.text(end, "2", spot.height * 0.5, look, turn=spot.turn, label=True)


def _paragraph(pen: Pen, spot: Spot, found: Sequence[Line], look: Look) -> None:
    """One MTEXT, its first line bold and larger, the square stacked or as %%178."""
    face = {"VNI": "VNI-Helve", "VN": ".VnArial"}.get(pen.style("OM", True), "Arial")
    rows = []
    for number, line in enumerate(found):
        text = pen.spell(line.text, True).replace(" m2", " m\\S2^ ;" if pen.habit.square == "m2" else " m2")
        if number == 0:
            text = f"{{\\f{face}|b1|i0|c163|p34;\\H1.15x;{text}}}"
        elif number == len(found) - 1 and number > 1:
            text = f"{{\\H0.9x;\\C7;{text}}}"
        rows.append(text)
    pen.mtext(spot.at, "\\P".join(rows), spot.height, look, turn=spot.turn)


def _cells(pen: Pen, spot: Spot, found: Sequence[Line], look: Look) -> None:
    """Code above, then two columns: area and density, storeys and FAR, with lines between."""
    values = {line.what: line.text for line in found}
    half = max(len(text) for text in values.values()) * 0.45 * spot.height
    step = 1.8 * spot.height
    pen.text(spot.at + 1j * (step * 0.5 + 0.3 * spot.height), values["code"], spot.height, look, align="centre",
             label=True)  # fmt: skip
    rows = [("area", "density"), ("storeys", "far")]
    for number, (left, right) in enumerate(rows):
        base = spot.at - 1j * (step * (number + 0.5) - 0.3 * spot.height)
        for what, side in ((left, -1), (right, 1)):
            if what in values:
                pen.text(base + side * half * 0.5 * 2, values[what], spot.height, look, align="centre", label=True)
        top = spot.at - 1j * step * (number - 0.0) + 1j * step * 0.35
        pen.line(top - 2 * half, top + 2 * half, look)
    pen.line(spot.at + 1j * step * 0.35, spot.at - 1j * step * 1.7, look)


def _circle(pen: Pen, spot: Spot, found: Sequence[Line], look: Look) -> None:
    """Code and area in a circle with a line across; density and storeys on its right."""
    values = {line.what: line.text for line in found}
    radius = max(len(values["code"]), len(values["area"])) * 0.42 * spot.height
    centre = spot.at - (2.6 * spot.height if "density" in values else 0)
    pen.space.add_circle((centre.real, centre.imag), radius, dxfattribs=look.attributes())
    pen.line(centre - radius, centre + radius, look)
    pen.text(centre + 0.4j * spot.height, values["code"], spot.height, look, align="centre", label=True)
    pen.text(centre - 1.4j * spot.height, values["area"], spot.height, look, align="centre", label=True)
    side = centre + radius * 1.15
    if "density" in values:
        pen.text(side + 0.4j * spot.height, values["density"], spot.height, look, label=True)
        pen.text(side - 1.4j * spot.height, values["storeys"], spot.height, look, label=True)


def _define_block(pen: Pen, names: Names) -> None:
    block = pen.doc.blocks.new("NHAN_LO")
    for number, tag in enumerate(TAGS.get(pen.habit.codes, TAGS["dash"])):
        block.add_attdef(tag, (0, -1.55 * number), dxfattribs={"height": 1.0, "layer": "0"})


def _attributes(pen: Pen, spot: Spot, found: Sequence[Line], look: Look) -> None:
    """An INSERT with one ATTRIB per line; values without names, an empty attribute where nothing is said."""
    tags = dict(zip(_WHAT, TAGS.get(pen.habit.codes, TAGS["dash"]), strict=True))
    insert = pen.space.add_blockref(
        "NHAN_LO", (spot.at.real, spot.at.imag),
        dxfattribs=look.attributes() | {"xscale": spot.height, "yscale": spot.height},
    )  # fmt: skip
    values = {line.what: line.value for line in found}
    shown = [what for what in _WHAT if what in values]
    for what in _WHAT:
        number = shown.index(what) if what in shown else len(shown)
        at = spot.at - 1j * ((number - (len(shown) - 1) / 2) * 1.55 + 0.5) * spot.height
        text = values.get(what, "")
        attribute = insert.add_attrib(
            tags[what], pen.spell(text, True),
            dxfattribs=look.attributes() | {"height": spot.height, "style": pen.style(text, True)},
        )  # fmt: skip
        attribute.dxf.insert = (at.real - len(text) * 0.38 * spot.height, at.imag)


def _multileader(pen: Pen, spot: Spot, found: Sequence[Line], look: Look) -> None:
    """A MULTILEADER whose text stands in the lot; its short leader points beside the code."""
    from ezdxf.math import Vec2
    from ezdxf.render.mleader import ConnectionSide

    builder = pen.space.add_multileader_mtext("Standard", dxfattribs=look.attributes())
    text = "\\P".join(pen.spell(line.text, True) for line in found)
    builder.set_content(text, char_height=spot.height, style="UNI")
    at = spot.at + complex(-len(found[0].text) * 0.4, 0.75 * len(found)) * spot.height
    target = spot.at + complex(-len(found[0].text) * 0.3, 0.75 * len(found) + 0.7) * spot.height
    builder.add_leader_line(ConnectionSide.left, [Vec2(target.real, target.imag)])
    builder.build(insert=Vec2(at.real, at.imag))
