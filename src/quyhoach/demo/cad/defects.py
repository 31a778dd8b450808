"""Which faults a consultant makes, and where: chosen before anything is drawn, each kind on lots of its own."""

import random
from collections.abc import Sequence
from typing import Any

from quyhoach.demo.cad.attributes import Sheet, write_area
from quyhoach.demo.cad.habit import Habit

ON_LOTS = (
    "no_label", "two_labels", "leader", "overlap", "tiny_gap", "unclosed", "self_intersect", "duplicate", "poly3d",
    "area_disagree", "wrong_density",
)  # fmt: skip
Planted = dict[str, Any]


def plant(rng: random.Random, sheets: Sequence[Sheet], habit: Habit) -> list[Planted]:
    """Mark lots with the faults of the habit; what was planted, with places in the province's CRS."""
    usual = [sheet for sheet in sheets if sheet.lot.kind in ("", "house") and sheet.lot.array is None]
    rng.shuffle(usual)
    each = max(5, round(0.016 * len(sheets)))
    found: list[Planted] = []
    for kind in (kind for kind in ON_LOTS if kind in habit.defects and _can(kind, habit)):
        fit = [sheet for sheet in usual if _fits(kind, sheet)]
        for sheet in fit[:each]:
            usual.remove(sheet)
            sheet.defects.append(kind)
            _write(rng, kind, sheet, habit)
            place = sheet.lot.shape.point_on_surface()
            found.append({"defect": kind, "lot": sheet.lot.number, "code": sheet.code,
                          "x": round(place.x, 2), "y": round(place.y, 2)})  # fmt: skip
    return found


def _can(kind: str, habit: Habit) -> bool:
    """Whether lots drawn in the manner of the habit can have the fault, and a reader could see it."""
    if kind in ("overlap", "tiny_gap"):
        return not habit.lots.startswith("linework")
    if kind in ("unclosed", "self_intersect", "duplicate", "poly3d"):
        return not habit.lots.startswith(("linework", "hatch"))
    return kind != "wrong_density" or habit.template != "circle"  # a number without name or unit


def _fits(kind: str, sheet: Sheet) -> bool:
    if kind == "wrong_density":
        return sheet.density is not None
    if kind in ("leader", "overlap", "tiny_gap", "self_intersect"):
        return sheet.lot.kind == "house" or sheet.area < 12_000
    return True


def _write(rng: random.Random, kind: str, sheet: Sheet, habit: Habit) -> None:
    if kind == "no_label":
        sheet.labelled = False
        sheet.written = sheet.density = sheet.storeys = sheet.far = sheet.population = None
    elif kind == "two_labels":
        sheet.second_code = sheet.code + rng.choice(("A", "B"))
    elif kind == "area_disagree":
        write_area(sheet, habit, rng.choice((0.72, 0.8, 1.22, 1.35)))
    elif kind == "wrong_density" and sheet.density:
        sheet.density = (sheet.density[0], 120.0) if sheet.density[0] != sheet.density[1] else (120.0, 120.0)
