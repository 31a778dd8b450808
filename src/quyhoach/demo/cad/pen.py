"""Puts curves, hatches and texts into a DXF layout, in the axes, unit and origin of the drawing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ezdxf.math import bulge_to_arc, global_bspline_interpolation, rational_bspline_from_arc

from quyhoach.demo.cad import letters
from quyhoach.demo.cad.curves import Curve, Ring
from quyhoach.demo.cad.habit import Habit
from quyhoach.demo.cad.names import Look
from quyhoach.demo.cad.placement import Placement

ALIGN = {"left": 0, "centre": 1, "right": 2}


@dataclass(frozen=True)
class Pen:
    """`space`: the layout or block drawn into. A block's own frame: drawn = insert + factor · local (conjugated
    before where `mirrored`). `texts`: "label" or "sheet", which of a mixed drawing's letters are used."""

    space: Any
    doc: Any
    habit: Habit
    placement: Placement
    insert: complex = 0j
    factor: complex = 1 + 0j
    mirrored: bool = False

    @property
    def r12(self) -> bool:
        """Whether the file is too old for LWPOLYLINE, HATCH and MTEXT."""
        return self.habit.version == "R12"

    @property
    def unit(self) -> float:
        """Drawn units in a metre."""
        return self.placement.unit

    @property
    def turned_over(self) -> bool:
        """Whether left and right are exchanged, so that bulges change their sign."""
        return self.placement.swapped != self.mirrored

    def into(self, space: Any, insert: complex = 0j, factor: complex = 1 + 0j, mirrored: bool = False) -> "Pen":
        """A pen for a block that is inserted at `insert` (drawn), scaled and turned by `factor`, perhaps mirrored."""
        return replace(self, space=space, insert=insert, factor=factor, mirrored=mirrored)

    def spot(self, place: complex) -> complex:
        """A true place in the frame drawn into."""
        return complex(self.spots([place])[0])

    def spots(self, places: Sequence[complex]) -> Any:
        """True places in the frame drawn into."""
        return self.local(self.placement.drawn(np.array(places, dtype=complex)))

    def local(self, drawn: Any) -> Any:
        """Drawn coordinates in the block's own frame."""
        if self.insert == 0 and self.factor == 1 and not self.mirrored:
            return drawn
        out = (drawn - self.insert) / self.factor
        return np.conj(out) if self.mirrored else out

    # ── lines ──────────────────────────────────────────────────────────────────────────────────────────────

    def vertices(self, pieces: Sequence[Curve]) -> list[tuple[float, float, float]]:
        """(x, y, bulge) of the starts of the pieces."""
        spots = self.spots([piece.start for piece in pieces])
        sign = -1.0 if self.turned_over else 1.0
        return [(z.real, z.imag, sign * piece.bulge) for z, piece in zip(spots.tolist(), pieces, strict=True)]

    def closed(self, ring: Ring, look: Look, **more: Any) -> Any:
        """A closed polyline."""
        return self.polyline(self.vertices(ring), True, look, **more)

    def open(self, pieces: Sequence[Curve], look: Look, **more: Any) -> Any:
        """An open polyline."""
        end = self.spot(pieces[-1].end)
        return self.polyline([*self.vertices(pieces), (end.real, end.imag, 0.0)], False, look, **more)

    def polyline(self, vertices: Sequence[Sequence[float]], closed: bool, look: Look, **more: Any) -> Any:
        """A polyline of local (x, y, bulge)."""
        attributes = look.attributes() | more
        if self.r12:
            line = self.space.add_polyline2d(vertices, format="xyb", dxfattribs=attributes)
            line.close(closed)
            return line
        return self.space.add_lwpolyline(vertices, format="xyb", close=closed, dxfattribs=attributes)

    def piece(self, curve: Curve, look: Look) -> Any:
        """One piece as LINE or ARC."""
        start, end = self.spots([curve.start, curve.end]).tolist()
        if not curve.bulge:
            return self.space.add_line((start.real, start.imag), (end.real, end.imag), dxfattribs=look.attributes())
        bulge = -curve.bulge if self.turned_over else curve.bulge
        centre, first, last, radius = bulge_to_arc((start.real, start.imag), (end.real, end.imag), bulge)
        return self.space.add_arc(centre, radius, math.degrees(first), math.degrees(last), dxfattribs=look.attributes())

    def round(self, ring: Ring, look: Look, *, rational: bool) -> Any:
        """A whole circle as SPLINE (rational), ELLIPSE, or CIRCLE in an R12 file."""
        start, centre = self.spots([ring[0].start, (ring[0].start + ring[0].end) / 2]).tolist()
        middle, radius = (centre.real, centre.imag), abs(start - centre)
        if self.r12:
            return self.space.add_circle(middle, radius, dxfattribs=look.attributes())
        if rational:
            curve = rational_bspline_from_arc(middle, radius)
            return self.space.add_spline(dxfattribs=look.attributes()).apply_construction_tool(curve)
        return self.space.add_ellipse(middle, (radius, 0, 0), 1.0, dxfattribs=look.attributes())

    def spline(self, places: Sequence[complex], look: Look) -> Any:
        """A SPLINE through true places."""
        fit = [(z.real, z.imag) for z in self.spots(places).tolist()]
        curve = global_bspline_interpolation(fit, degree=3)
        return self.space.add_spline(dxfattribs=look.attributes()).apply_construction_tool(curve)

    def solid3d(self, ring: Ring, look: Look, heights: Sequence[float]) -> Any:
        """A closed polyline in three dimensions, arcs as chords."""
        flat = [point for piece in ring for point in piece.flat()]
        spots = self.spots(flat).tolist()
        points = [(z.real, z.imag, heights[n % len(heights)] * self.unit) for n, z in enumerate(spots)]
        return self.space.add_polyline3d(points, close=True, dxfattribs=look.attributes())

    def path(self, points: Any, look: Look, closed: bool = False, **more: Any) -> Any:
        """A polyline through drawn points (already in the frame drawn into)."""
        return self.polyline([(z.real, z.imag, 0.0) for z in points], closed, look, **more)

    def box(self, corner: complex, width: float, height: float, look: Look) -> Any:
        """A closed box in drawn units."""
        return self.path([corner, corner + width, corner + complex(width, height), corner + 1j * height], look, True)

    def line(self, start: complex, end: complex, look: Look) -> Any:
        """A LINE between drawn points."""
        return self.space.add_line((start.real, start.imag), (end.real, end.imag), dxfattribs=look.attributes())

    # ── areas ──────────────────────────────────────────────────────────────────────────────────────────────

    def hatch(self, areas: Sequence[Sequence[Ring]], look: Look, pattern: str = "", edges: bool = False) -> Any:
        """One HATCH of several areas, each an outer ring and its holes; `edges`: line and arc edges, not polylines."""
        hatch = self.space.add_hatch(color=look.aci, dxfattribs=look.attributes())
        if pattern:
            hatch.set_pattern_fill(pattern, scale=self.unit * 2, color=hatch.dxf.color)
        for rings in areas:
            for number, ring in enumerate(rings):
                flags = 1 if number == 0 else 16
                if edges:
                    self._edges(hatch, ring, flags)
                else:
                    hatch.paths.add_polyline_path(self.vertices(ring), is_closed=True, flags=flags)
        if look.rgb:
            hatch.rgb = tuple(int(look.rgb[n : n + 2], 16) for n in (1, 3, 5))
        return hatch

    def _edges(self, hatch: Any, ring: Ring, flags: int) -> None:
        path = hatch.paths.add_edge_path(flags=flags)
        spots = self.spots([piece.start for piece in ring] + [ring[-1].end]).tolist()
        for piece, start, end in zip(ring, spots[:-1], spots[1:], strict=True):
            if not piece.bulge:
                path.add_line((start.real, start.imag), (end.real, end.imag))
                continue
            bulge = -piece.bulge if self.turned_over else piece.bulge
            centre, first, last, radius = bulge_to_arc((start.real, start.imag), (end.real, end.imag), bulge)
            path.add_arc(centre, radius, math.degrees(first), math.degrees(last), ccw=bulge > 0)

    def fill(self, corner: complex, width: float, height: float, look: Look, solid: bool) -> None:
        """A filled box in drawn units, as SOLID or HATCH."""
        corners = [corner, corner + width, corner + complex(width, height), corner + 1j * height]
        if solid or self.r12:
            order = [corners[0], corners[1], corners[3], corners[2]]
            self.space.add_solid([(z.real, z.imag) for z in order], dxfattribs=look.attributes())
            return
        hatch = self.space.add_hatch(color=look.aci, dxfattribs=look.attributes())
        hatch.paths.add_polyline_path([(z.real, z.imag) for z in corners], is_closed=True)
        if look.rgb:
            hatch.rgb = tuple(int(look.rgb[n : n + 2], 16) for n in (1, 3, 5))

    # ── texts ──────────────────────────────────────────────────────────────────────────────────────────────

    def style(self, text: str, label: bool) -> str:
        """The text style for a text: by the letters used and, with TCVN3, by capitals."""
        if self._tcvn3(label):
            return "VNH" if text.isupper() and any(letter.isalpha() for letter in letters.plain(text)) and text != (
                letters.plain(text)) else "VN"  # fmt: skip
        return "VNI" if self.habit.letters == "vni" else "UNI"

    def spell(self, text: str, label: bool = False) -> str:
        """The text in the letters of the drawing."""
        if self._tcvn3(label):
            return letters.tcvn3(text, self.style(text, label) == "VNH")
        known = {"vni": letters.vni, "nfd": letters.nfd, "cp1258": letters.cp1258, "plain": letters.plain}
        return known[self.habit.letters](text) if self.habit.letters in known else text

    def _tcvn3(self, label: bool) -> bool:
        return self.habit.letters == "tcvn3" or (self.habit.letters == "mixed" and label)

    def text(self, at: complex, text: str, height: float, look: Look, *, align: str = "left", turn: float = 0.0,
             label: bool = False) -> Any:  # fmt: skip
        """A TEXT whose base line begins, is centred or ends at a drawn point; `height` in drawn units."""
        entity = self.space.add_text(
            self.spell(text, label), height=height, rotation=turn,
            dxfattribs=look.attributes() | {"style": self.style(text, label)},
        )  # fmt: skip
        entity.dxf.insert = (at.real, at.imag)
        if align != "left":
            entity.dxf.halign = ALIGN[align]
            entity.dxf.align_point = (at.real, at.imag)
        return entity

    def mtext(self, at: complex, text: str, height: float, look: Look, *, turn: float = 0.0) -> Any:
        """An MTEXT centred on a drawn point; `text` with its formatting codes."""
        return self.space.add_mtext(
            text,
            dxfattribs=look.attributes()
            | {"char_height": height, "insert": (at.real, at.imag), "attachment_point": 5, "rotation": turn,
               "style": self.style(text, True)},
        )  # fmt: skip
