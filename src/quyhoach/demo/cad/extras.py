"""All else that lies about on a consultant's drawing: roads, terrain, old layers, other maps, paper, clutter."""

import cmath
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from quyhoach.demo.cad.attributes import Sheet
from quyhoach.demo.cad.curves import Curve, chain
from quyhoach.demo.cad.defects import Planted
from quyhoach.demo.cad.names import Look, Names
from quyhoach.demo.cad.pen import Pen
from quyhoach.demo.cad.town import Town

Decoys = list[tuple[str, str, Any]]
STREETS = (
    "Đường Trần Hưng Đạo",
    "Đường Bắc Sơn",
    "Đường Hùng Vương",
    "Đường N1",
    "Đường D2",
    "Đường QL 1A",
    "Đường 19-5",
)


@dataclass
class Extras:
    """Draws the extras of a habit; gathers what was planted and what must not become a lot."""

    rng: random.Random
    pen: Pen
    names: Names
    town: Town
    sheets: Sequence[Sheet]
    mm: float  # a millimetre of paper in drawn units

    def __post_init__(self) -> None:
        self.decoys: Decoys = []
        self.planted: list[Planted] = []
        self.roles: dict[str, str] = {}  # layers that only this drawing has
        self.outside: list[tuple[str, str, Any]] = []

    def draw(self) -> None:
        """Everything that the habit names."""
        extras, defects = self.pen.habit.extras, self.pen.habit.defects
        self._roads("kerbs" in extras, "mline" in extras)
        drawers = {
            "terrain": self._terrain, "street_names": self._street_names, "sections": self._sections,
            "house_numbers": self._house_numbers, "dims": self._dims, "wipeout": self._wipeout,
            "missing_xref": self._missing_xref, "paper_space": self._paper,
        }  # fmt: skip
        for name, drawer in drawers.items():
            if name in extras:
                drawer()
        for kind in ("off_old", "frozen_old"):
            if kind in extras:
                self._old(kind)
        if "lot_outside_boundary" in defects:
            self._outside()

    # ── streets ────────────────────────────────────────────────────────────────────────────────────────────

    def _roads(self, kerbs: bool, mline: bool) -> None:
        centre, edge = Look(self.names.layer("centre")), Look(self.names.layer("road"))
        for street, half in self.town.streets:
            if mline and not street.bulge and not self.pen.r12:
                ends = self.pen.spots([street.start, street.end]).tolist()
                width: dict[str, object] = {"scale_factor": half * self.pen.unit}
                self.pen.space.add_mline([(z.real, z.imag) for z in ends], dxfattribs=edge.attributes() | width)
                continue
            self.pen.open((street,), centre)
            if kerbs:
                for side in (-1, 1):
                    self.pen.open((_beside(street, side * max(half - 3.0, half * 0.55)),), edge)

    def _street_names(self) -> None:
        look = Look(self.names.layer("note"))
        for street, half in self.town.streets[::2]:
            start, end = self.pen.spots([street.start, street.end]).tolist()
            turn = math.degrees(cmath.phase(end - start))
            turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
            at = self.pen.spot(street.at(0.5))
            self.pen.text(at, self.rng.choice(STREETS), min(3 * self.mm, half * 0.5 * self.pen.unit), look,
                          align="centre", turn=turn)  # fmt: skip

    def _sections(self) -> None:
        """Section marks 1-1 and the width of the street: "13,5m"."""
        look = Look(self.names.layer("note"))
        for number, (street, half) in enumerate(self.town.streets[1::5], 1):
            at = self.pen.spot(street.at(0.3))
            size = min(2.5 * self.mm, half * 0.4 * self.pen.unit)
            self.pen.text(at, f"{1 + number % 4}-{1 + number % 4}", size, look)
            width = f"{half * 2:.1f}".replace(".", ",")
            self.pen.text(self.pen.spot(street.at(0.6)), f"{width}m", size, look)

    def _house_numbers(self) -> None:
        """Small numbers of existing houses, inside the lots, on a layer of their own."""
        layer = self._extra_layer("SO NHA", "ignore")
        for number, sheet in enumerate(self.sheets[::3]):
            if sheet.lot.kind in ("", "house"):
                west, south, _east, _north = sheet.lot.shape.bounds
                inner = sheet.lot.shape.centroid
                place = complex((inner.x * 2 + west) / 3, (inner.y * 2 + south) / 3)
                if sheet.lot.shape.contains(shapely.Point(place.real, place.imag)):
                    height = (0.35 if self.town.detail else 1.2) * self.pen.unit
                    self.pen.text(self.pen.spot(place), str(1 + number * 2), height, Look(layer))

    def _dims(self) -> None:
        for sheet in [sheet for sheet in self.sheets if sheet.lot.kind == "house"][::9]:
            side = sheet.lot.ring[0]
            start, end = self.pen.spots([side.start, side.end]).tolist()
            along = (end - start) / abs(end - start)
            base = start - 1j * along * 1.2 * self.pen.unit
            dimension = self.pen.space.add_aligned_dim(
                p1=(start.real, start.imag), p2=(end.real, end.imag), distance=-1.2 * self.pen.unit,
                override={"dimtxt": 0.5 * self.pen.unit, "dimasz": 0.3 * self.pen.unit},
                dxfattribs={"layer": self.names.layer("note")},
            )  # fmt: skip
            dimension.render()
            del base

    # ── under the map ──────────────────────────────────────────────────────────────────────────────────────

    def _terrain(self) -> None:
        west, south, east, north = self.town.boundary().bounds
        contour = Look(self.names.layer("terrain"))
        for level in range(24):
            y = south - 40 + (north - south + 80) * level / 23
            points = [complex(west + (east - west) * n / 24, y + 28 * math.sin(n / 3 + level) + 9 * math.sin(n * 1.7))
                      for n in range(25)]  # fmt: skip
            line = self.pen.path(self.pen.spots(points).tolist(), contour)
            if not self.pen.r12:
                line.dxf.elevation = (255 + 5 * level) * self.pen.unit
        for _ in range(60):
            spot = self.pen.spot(complex(self.rng.uniform(west, east), self.rng.uniform(south, north)))
            self.pen.space.add_point((spot.real, spot.imag), dxfattribs=contour.attributes())
            self.pen.text(spot + self.mm, f"{self.rng.uniform(250, 380):.2f}", 1.5 * self.mm, contour)
        house = Look(self.names.layer("house"))
        for _ in range(45):
            size = self.rng.uniform(6, 14)
            corner = complex(self.rng.uniform(west, east), self.rng.uniform(south, north))
            turn = cmath.rect(1, self.rng.uniform(0, 1))
            ring = chain([corner, corner + turn * size, corner + turn * size * (1 + 0.7j), corner + turn * size * 0.7j])
            self.pen.closed(ring, house)
            self.decoys.append(("building", "", shapely.Polygon([(p.start.real, p.start.imag) for p in ring])))

    def _wipeout(self) -> None:
        for sheet in self.sheets[::17]:
            place = self.pen.spot(complex(*sheet.lot.shape.point_on_surface().coords[0]))
            size = 3 * self.mm
            self.pen.space.add_wipeout([(place.real - size, place.imag - size), (place.real + size, place.imag + size)],
                                       dxfattribs={"layer": self.names.layer("note")})  # fmt: skip

    def _missing_xref(self) -> None:
        block = self.pen.doc.add_xref_def(filename="..\\NEN\\NEN DIA HINH 2021.dwg", name="NEN DIA HINH 2021")
        del block
        self.pen.space.add_blockref("NEN DIA HINH 2021", (0, 0), dxfattribs={"layer": "0"})

    # ── what is not in force ───────────────────────────────────────────────────────────────────────────────

    def _old(self, kind: str) -> None:
        """Lots of an earlier plan on a layer that is off or frozen."""
        name = self._extra_layer("SDD CU 2015" if kind == "off_old" else "QH 2012", "")
        layer = self.pen.doc.layers.get(name)
        if kind == "off_old":
            layer.off()
        else:
            layer.freeze()
        moved = 19 + 13j if kind == "off_old" else -16 + 21j
        for sheet in self.rng.sample(list(self.sheets), max(8, len(self.sheets) // 9)):
            ring = tuple(Curve(piece.start + moved, piece.end + moved, piece.bulge) for piece in sheet.lot.ring)
            self.pen.closed(ring, Look(name))
            inner = sheet.lot.shape.point_on_surface()
            at = self.pen.spot(complex(inner.x, inner.y) + moved)
            self.pen.text(at, sheet.code + "c", 1.5 * self.mm, Look(name), label=True)
            self.decoys.append((kind, "", shapely.affinity.translate(sheet.lot.shape, moved.real, moved.imag)))
        self.planted.append({"defect": kind, "layer": name})

    def _paper(self) -> None:
        """Closed lines and texts in a layout, as a plot template has them."""
        layout = self.pen.doc.layouts.get("Layout1") if "Layout1" in self.pen.doc.layouts.names() else (
            self.pen.doc.layouts.new("Layout1"))  # fmt: skip
        pen = self.pen.into(layout)
        for number, sheet in enumerate(self.sheets[:6]):
            look = self.names.lot(sheet.use)
            pen.box(complex(20 + 60 * number, 40), 50, 30, look)
            pen.text(complex(30 + 60 * number, 52), sheet.code, 4, Look(self.names.layer("label")), label=True)
            corners = self.pen.placement.true(
                [complex(20 + 60 * number + x, 40 + y) for x, y in ((0, 0), (50, 0), (50, 30), (0, 30))]
            )
            self.decoys.append(("paper", "", shapely.Polygon([(z.real, z.imag) for z in corners])))
        self.planted.append({"defect": "paper_space"})

    def _outside(self) -> None:
        """Lots drawn beyond the plan's boundary, with labels."""
        boundary = self.town.boundary()
        west, south, east, north = boundary.bounds
        size = 10.0 if self.town.detail else 55.0
        for number in range(6):
            left = west + (east - west) * (0.2 + 0.12 * number)
            edge = boundary.intersection(shapely.box(left, south, left + size, north)).bounds[1]
            corner = complex(left, edge - size * 0.8 - (4 if self.town.detail else 12))
            ring = chain([corner, corner + size, corner + size * (1 + 0.8j), corner + 0.8j * size])
            use = self.sheets[number * 7 % len(self.sheets)].use
            self.pen.closed(ring, self.names.lot(use))
            shape = shapely.Polygon([(piece.start.real, piece.start.imag) for piece in ring])
            code = f"NG-{number + 1}"
            inner = shape.point_on_surface()
            self.pen.text(self.pen.spot(complex(inner.x, inner.y)), code, size / 9 * self.pen.unit,
                          self.names.label(use), align="centre", label=True)  # fmt: skip
            self.outside.append((code, use.function, shape))
            self.planted.append({"defect": "lot_outside_boundary", "x": round(inner.x, 2), "y": round(inner.y, 2)})

    def _extra_layer(self, name: str, role: str) -> str:
        self.pen.doc.layers.add(name, color=8)
        if role:
            self.roles[name] = role
        return name


def _beside(curve: Curve, by: float) -> Curve:
    """A curve to the left (right: negative) of another, ends square to it."""
    if not curve.bulge:
        out = 1j * (curve.end - curve.start) / abs(curve.end - curve.start) * by
        return Curve(curve.start + out, curve.end + out)
    centre = curve.centre
    radius = abs(curve.start - centre)
    grown = (radius - math.copysign(by, curve.bulge * by)) / radius if by * curve.bulge > 0 else (
        radius + abs(by)) / radius  # fmt: skip
    return Curve(centre + (curve.start - centre) * grown, centre + (curve.end - centre) * grown, curve.bulge)
