"""Draws the lots as closed lines, hatches, linework or blocks, with the faults planted on them."""

import cmath
import itertools
import math
import random
from collections.abc import Sequence

from quyhoach.demo.cad.attributes import Sheet
from quyhoach.demo.cad.curves import Curve, Ring
from quyhoach.demo.cad.names import Look, Names
from quyhoach.demo.cad.pen import Pen
from quyhoach.demo.cad.town import Array


def draw_lots(rng: random.Random, pen: Pen, names: Names, sheets: Sequence[Sheet]) -> None:
    """All lots in the style of the habit; linework is drawn apart (`linework.py`)."""
    style = pen.habit.lots
    if style == "blocks":
        _blocks(rng, pen, names, sheets)
    elif style == "hatch_multi":
        _many(pen, names, sheets)
        _holes(pen, names, sheets)
    else:
        for sheet in sheets:
            _lot(rng, pen, names, sheet, style)


def _lot(rng: random.Random, pen: Pen, names: Names, sheet: Sheet, style: str) -> None:
    look = names.lot(sheet.use)
    ring = sheet.lot.ring
    rings = [ring, sheet.lot.hole] if sheet.lot.hole else [ring]
    own = {"unclosed", "self_intersect", "poly3d"} & set(sheet.defects)
    if style == "linework_hatch":
        pen.hatch([rings], look, "ANSI31" if "ansi" in pen.habit.extras else "")
        return
    if style in ("hatch", "hatch_edge") or (style == "mixed" and not own and rng.random() < 0.35):
        pen.hatch([[moved(rng, ring, sheet), *rings[1:]]], look, edges=style != "hatch" and sheet.lot.kind != "river")
        return
    _line(rng, pen, sheet, look)
    if sheet.lot.hole and rng.random() < 0.5:
        pen.closed(sheet.lot.hole, look)
    if style == "fill" and not pen.r12:
        over = Look("TO MAU", look.aci, look.rgb) if "hatch_layer" in pen.habit.extras else look
        if over.layer == "TO MAU" and over.rgb is None:
            over = Look("TO MAU", sheet.use.aci)
        pen.hatch([rings], over, "ANSI31" if "ansi" in pen.habit.extras else "")


def _line(rng: random.Random, pen: Pen, sheet: Sheet, look: Look) -> None:
    ring = moved(rng, sheet.lot.ring, sheet)
    if "unclosed" in sheet.defects:
        end = ring[0].start + cmath.rect(rng.uniform(0.02, 0.3), rng.uniform(0, math.tau))
        pen.open([*ring[:-1], Curve(ring[-1].start, end)], look)
    elif "self_intersect" in sheet.defects:
        pen.closed(_crossed(ring), look)
    elif "poly3d" in sheet.defects:
        pen.solid3d(ring, look, [round(rng.uniform(251, 259), 2) for _ in range(7)])
    elif sheet.lot.kind == "inner" and "spline" in pen.habit.extras:
        pen.round(ring, look, rational=rng.random() < 0.5)
    else:
        pen.closed(ring, look)
    if "duplicate" in sheet.defects:
        pen.closed(ring if rng.random() < 0.6 else (*ring[1:], ring[0]), look)


def moved(rng: random.Random, ring: Ring, sheet: Sheet) -> Ring:
    """The ring with its longest straight side pushed out (overlap) or drawn in (tiny_gap) by some centimetres."""
    if not {"overlap", "tiny_gap"} & set(sheet.defects):
        return ring
    sides = [n for n, piece in enumerate(ring) if not piece.bulge]
    side = max(sides, key=lambda n: ring[n].length)
    along = ring[side].end - ring[side].start
    out = -1j * along / abs(along)  # anticlockwise: outside is on the right
    most = max(0.06, 0.02 * sheet.area / abs(along))  # of a thin lot less, or nobody can tell whose the land is
    by = out * (
        rng.uniform(0.05, min(0.35, most)) if "overlap" in sheet.defects else -rng.uniform(0.02, min(0.2, most))
    )
    places = [piece.start for piece in ring]
    places[side] += by
    places[(side + 1) % len(ring)] += by
    return tuple(Curve(places[n], places[(n + 1) % len(ring)], piece.bulge) for n, piece in enumerate(ring))


def _crossed(ring: Ring) -> Ring:
    """The ring with a small loop that crosses itself on its longest side."""
    side = max((n for n, piece in enumerate(ring) if not piece.bulge), key=lambda n: ring[n].length)
    piece = ring[side]
    unit = (piece.end - piece.start) / piece.length
    size = min(0.5, piece.length / 12)
    middle = piece.at(0.5)
    spots = [piece.start, middle + unit * size, middle + 1j * unit * size, middle - 1j * unit * size * 0.4,
             middle - unit * size, piece.end]  # fmt: skip
    loop = [Curve(a, b) for a, b in itertools.pairwise(spots)]
    return (*ring[:side], *loop, *ring[side + 1 :])


def _many(pen: Pen, names: Names, sheets: Sequence[Sheet]) -> None:
    """Hatches of several lots of one use each, of different blocks."""
    groups: dict[str, list[list[Sheet]]] = {}
    rng = random.Random(len(sheets))
    for sheet in sheets:
        sheets_of_use = groups.setdefault(sheet.use.key, [])
        for group in sheets_of_use:
            if len(group) < 4 and all(abs(other.lot.block - sheet.lot.block) > 1 for other in group):
                group.append(sheet)
                break
        else:
            sheets_of_use.append([sheet])
    for use_groups in groups.values():
        for group in use_groups:
            areas = [
                [moved(rng, sheet.lot.ring, sheet), sheet.lot.hole] if sheet.lot.hole
                else [moved(rng, sheet.lot.ring, sheet)] for sheet in group
            ]  # fmt: skip
            pen.hatch(areas, names.lot(group[0].use))


def _holes(pen: Pen, names: Names, sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        if sheet.lot.kind == "inner":
            pen.closed(sheet.lot.ring, names.lot(sheet.use))


# ── blocks ─────────────────────────────────────────────────────────────────────────────────────────────────


def _blocks(rng: random.Random, pen: Pen, names: Names, sheets: Sequence[Sheet]) -> None:
    """Street blocks as DXF blocks, each scaled, turned or mirrored; every other house of them in a block inside."""
    groups: dict[int, list[Sheet]] = {}
    arrays: dict[Array, Sheet] = {}
    for sheet in sheets:
        if sheet.lot.array is not None:
            arrays.setdefault(sheet.lot.array, sheet)
        else:
            groups.setdefault(sheet.lot.block, []).append(sheet)
    for number, (array, sheet) in enumerate(arrays.items()):
        _array(pen, names, number, array, sheet)
    for block, members in groups.items():
        if block < 0 or len(members) < 3:
            for sheet in members:
                _lot(rng, pen, names, sheet, "closed")
            continue
        _block(rng, pen, names, block, members)


def _block(rng: random.Random, pen: Pen, names: Names, block: int, members: Sequence[Sheet]) -> None:
    scale = rng.choice((1.0, 1.0, 1000.0, 0.001))
    factor = cmath.rect(scale, math.radians(rng.choice((0, 30, 90, -45, 12.5))))
    mirrored = rng.random() < 0.35
    insert = pen.spot(members[0].lot.ring[0].start)
    outer = pen.doc.blocks.new(f"KHU_{block}")
    inner = pen.doc.blocks.new(f"DAY_{block}")
    inner_factor = cmath.rect(1.0, math.radians(rng.choice((0, 180, 15))))
    within = 3 + 4j
    outer_pen = pen.into(outer, insert, factor, mirrored)
    turned = within if not mirrored else within.conjugate()
    inner_pen = pen.into(
        inner, insert + factor * turned, factor * (inner_factor if not mirrored else inner_factor.conjugate()), mirrored
    )
    for number, sheet in enumerate(members):
        _lot(rng, outer_pen if number % 2 else inner_pen, names, sheet, "closed")
    outer.add_blockref(inner.name, (within.real, within.imag),
                       dxfattribs={"layer": "0", "rotation": math.degrees(cmath.phase(inner_factor))})  # fmt: skip
    pen.space.add_blockref(
        outer.name, (insert.real, insert.imag),
        dxfattribs={"layer": "0", "xscale": scale, "yscale": -scale if mirrored else scale, "zscale": scale,
                    "rotation": math.degrees(cmath.phase(factor))},
    )  # fmt: skip


def _array(pen: Pen, names: Names, number: int, array: Array, sheet: Sheet) -> None:
    """A row of houses of one size: one block, inserted many times at once; its line lies on layer 0."""
    unit = pen.doc.blocks.new(f"NHA_{number}")
    size = (array.width * pen.unit, array.depth * pen.unit)
    unit.add_lwpolyline([(0, 0), (size[0], 0), size, (0, size[1])], close=True, dxfattribs={"layer": "0"})
    at = pen.spot(array.corner)
    along = pen.spot(array.corner + array.turn) - at
    pen.space.add_blockref(
        unit.name, (at.real, at.imag),
        dxfattribs=names.lot(sheet.use).attributes()
        | {"rotation": math.degrees(cmath.phase(along)), "column_count": array.columns, "row_count": array.rows,
           "column_spacing": size[0], "row_spacing": size[1]},
    )  # fmt: skip
