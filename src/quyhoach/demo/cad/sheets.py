"""Several maps side by side in one model space: the existing state and the traffic map beside the true one."""

import random
from collections.abc import Sequence
from typing import Any

import shapely

from quyhoach.demo.cad.attributes import Sheet
from quyhoach.demo.cad.curves import Curve
from quyhoach.demo.cad.functions import BY_KEY
from quyhoach.demo.cad.names import Look, Names
from quyhoach.demo.cad.pen import Pen
from quyhoach.demo.cad.town import Town

Decoys = list[tuple[str, str, Any]]


def draw_frame(pen: Pen, names: Names, corner: complex, far: complex, title: str, mm: float) -> None:
    """A sheet's frame of two boxes with its title above."""
    look = Look(names.layer("title"))
    size = far - corner
    pen.box(corner, size.real, size.imag, look)
    pen.box(corner - complex(8, 8) * mm, size.real + 16 * mm, size.imag + 40 * mm, look)
    pen.text(complex((corner.real + far.real) / 2, far.imag + 14 * mm), title, 8 * mm, look, align="centre")


def draw_other_sheets(rng: random.Random, pen: Pen, names: Names, town: Town, sheets: Sequence[Sheet], away: float,
                      mm: float) -> Decoys:  # fmt: skip
    """The existing state to the west, the streets to the east, `away` drawn units from the map; on the same layers."""
    decoys: Decoys = []
    west, south, east, north = town.boundary().bounds
    corners = pen.spots([complex(x, y) for x in (west, east) for y in (south, north)])
    margin = 40 * mm
    for side, title in ((-1, "BẢN ĐỒ HIỆN TRẠNG SỬ DỤNG ĐẤT"), (1, "BẢN ĐỒ QUY HOẠCH GIAO THÔNG")):
        there = pen.placement.true([complex(corners[0]), complex(corners[0]) + side * away])
        shift = complex(there[1] - there[0])
        low = complex(corners.real.min() + side * away - margin, corners.imag.min() - margin)
        high = complex(corners.real.max() + side * away + margin, corners.imag.max() + margin)
        draw_frame(pen, names, low, high, title, mm)
        pen.closed(tuple(_moved(piece, shift) for piece in town.outline), Look(names.layer("plan_boundary")))
        if side < 0:
            decoys += _existing(rng, pen, names, sheets, shift)
        else:
            for street, half in town.streets:
                pen.open((_moved(street, shift),), Look(names.layer("centre")))
                at = pen.spot(street.at(0.5) + shift)
                pen.text(at, f"{half * 2:.1f}m".replace(".", ","), 2 * mm, Look(names.layer("note")))
    return decoys


def _existing(rng: random.Random, pen: Pen, names: Names, sheets: Sequence[Sheet], shift: complex) -> Decoys:
    """Whole blocks of another use, with codes."""
    decoys: Decoys = []
    blocks: dict[int, list[Sheet]] = {}
    for sheet in sheets:
        blocks.setdefault(sheet.lot.block, []).append(sheet)
    for number, members in enumerate(blocks.values()):
        use = BY_KEY[rng.choice(("NN", "OHT", "RS", "NN"))]
        union: Any = shapely.union_all([sheet.lot.shape.buffer(0.01) for sheet in members])
        if union.geom_type != "Polygon":
            continue
        outer = [complex(x, y) for x, y in union.simplify(0.5).exterior.coords[:-1]]
        if shapely.Polygon(union.exterior).exterior.is_ccw is False:
            outer.reverse()
        ring = tuple(Curve(a + shift, b + shift) for a, b in zip(outer, [*outer[1:], outer[0]], strict=True))
        pen.closed(ring, names.lot(use))
        inner = union.point_on_surface()
        pen.text(pen.spot(complex(inner.x, inner.y) + shift), f"HT{use.letters}-{number + 1:02d}", 4 * pen.unit,
                 names.label(use), align="centre", label=True)  # fmt: skip
        moved = shapely.Polygon([(piece.start.real, piece.start.imag) for piece in ring])
        decoys.append(("other_sheet", "", moved))
    return decoys


def _moved(piece: Curve, shift: complex) -> Curve:
    return Curve(piece.start + shift, piece.end + shift, piece.bulge)
