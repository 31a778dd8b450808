"""Faults as a drawing to attach over the one that was handed in: a circle and a text each, on layer QH_LOI."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.frame import Frame
from quyhoach.standard import format_number
from quyhoach.standard.messages import catalogue
from quyhoach.validate.drawn import DrawnPlaces, drawn_places
from quyhoach.validate.listing import Fault, list_faults, short_code
from quyhoach.validate.subject import Subject

LAYER, STYLE = "QH_LOI", "QH_LOI"
COLOURS = {Level.ERROR: 1, Level.WARNING: 30, Level.NOTE: 4}
MOST = 20_000  # faults; a drawing with more is not mended by hand
_MOST_POINTS = 200  # of one fault
_TEXT_MM, _NOTE_MM, _CIRCLE_MM = 2.5, 1.8, 3.0  # on paper
_LETTER = 0.8  # width of a letter by its height
_MOST_LINES = 40  # looked through for room
_LINE = 1.6  # from line to line, by the height
_LONGEST = 70  # letters of a text
_WHOLE = 0.4  # of the plan's size: a fault larger than that gets no circle, a note none at all
_SHEET_MM = 800.0  # where the scale is not known: the plan's longer side on paper
_INSUNITS = {1.0: 6, 0.001: 4, 0.01: 5, 1000.0: 7}


def write_faults_dxf(path: Path, subject: Subject, findings: Sequence[Finding], frame: Frame | None = None) -> int:
    """Write the faults that have a place as DXF R2000 in the drawing's axes, units and origin (`frame`, else the
    package's own); numbers are those of the HTML report. Returns how many were drawn. Raises OSError."""
    import ezdxf

    places = drawn_places(subject, frame)
    document: Any = ezdxf.new("R2000")  # type: ignore[attr-defined]
    document.header["$INSUNITS"] = _INSUNITS.get(places.frame.unit, 0)
    document.styles.add(STYLE, font="arial.ttf")
    document.layers.add(LAYER, color=COLOURS[Level.ERROR])
    space = document.modelspace()
    paper = _metres_per_mm(subject) * places.metre  # drawn units for a millimetre on paper
    largest = _WHOLE * _size(subject) * places.metre
    faults = [fault for fault in list_faults(findings) if fault.where is not None][:MOST]
    lines = Lines(_TEXT_MM * paper)
    drawn = sum(_draw(space, fault, places, paper, largest, lines) for fault in faults)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.saveas(path)
    return drawn


class Lines:
    """Where texts stand, so that no two stand over each other. `height`: of the letters, in drawn units."""

    def __init__(self, height: float) -> None:
        self._step = _LINE * height
        self._taken: dict[int, list[tuple[float, float]]] = {}

    def free(self, x: float, y: float, width: float) -> float:
        """The height at which a text from x on, `width` long, finds room: y, or the first line below that is free."""
        row = round(y / self._step)
        for lower in range(_MOST_LINES):
            mine = self._taken.setdefault(row - lower, [])
            if all(x + width < start or end < x for start, end in mine):
                mine.append((x, x + width))
                return (row - lower) * self._step if lower else y
        return y


def _draw(space: Any, fault: Fault, places: DrawnPlaces, paper: float, largest: float, lines: "Lines") -> bool:
    """Circle and text of one fault; False for a note about the whole plan."""
    looks = {"layer": LAYER, "color": COLOURS[fault.finding.level]}
    points = fault.points[:_MOST_POINTS]
    radius = _CIRCLE_MM * paper
    if len(points) == 1:
        west, south, east, north = shapely.bounds(fault.spot).tolist()
        points = np.array([[(west + east) / 2, (south + north) / 2]])
        radius = max(radius, float(np.hypot(east - west, north - south)) / 2 * places.metre * 1.05)
    if radius > largest and fault.finding.level is Level.NOTE:
        return False
    spots = places(points)
    for x, y in spots.tolist():
        if radius <= largest:
            space.add_circle((x, y), radius, dxfattribs=looks)
    aside = min(radius, largest) * 0.75
    height = (_NOTE_MM if fault.finding.level is Level.NOTE else _TEXT_MM) * paper
    words = _words(fault)
    x, y = (spots[0] + aside).tolist()
    at = (x, lines.free(x, y, len(words) * height * _LETTER))
    space.add_text(words, height=height, dxfattribs={**looks, "style": STYLE, "insert": at})
    return True


def _words(fault: Fault) -> str:
    """Number, code, lot and kind of fault, with its area; the report of the same number says more."""
    finding = fault.finding
    told = catalogue("vi").get(f"{finding.code}-title") or fault.sentence("vi")
    area = finding.params.get("area")
    size = f" ({format_number(float(area), 'vi')} m²)" if isinstance(area, int | float) else ""
    feature = f" {finding.feature}" if finding.feature else ""
    code = short_code(finding.code)
    words = f"{fault.number}. {code if code != finding.code else ''}{feature}: {told}"
    words = " ".join(words.replace(". :", ".").replace(".  ", ". ").split())
    words = words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"
    return words + size


def _metres_per_mm(subject: Subject) -> float:
    """Metres on the ground for a millimetre on paper: by the scale, else so that the plan fits a sheet."""
    if subject.scale is not None:
        return subject.scale / 1000
    return _size(subject) / _SHEET_MM


def _size(subject: Subject) -> float:
    """The plan's longer side in metres."""
    shapes = [subject.outline, *subject.lot_shapes]
    bounds = shapely.bounds(np.array([shape for shape in shapes if shape is not None], dtype=object)).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return _SHEET_MM
    return max(float((bounds[:, 2:].max(axis=0) - bounds[:, :2].min(axis=0)).max()), 1.0)
