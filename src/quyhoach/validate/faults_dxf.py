"""Faults as a drawing to attach over the one that was handed in: a circle and a text each, on layer QH_LOI."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.frame import Frame
from quyhoach.validate.drawn import DrawnPlaces, drawn_places
from quyhoach.validate.listing import Fault, list_faults, short_code
from quyhoach.validate.subject import Subject

LAYER, STYLE = "QH_LOI", "QH_LOI"
COLOURS = {Level.ERROR: 1, Level.WARNING: 30, Level.NOTE: 5}
MOST = 20_000  # faults; a drawing with more is not mended by hand
_MOST_POINTS = 200  # of one fault
_TEXT_MM, _CIRCLE_MM = 2.5, 3.0  # on paper
_LONGEST = 120  # letters of a text
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
    faults = [fault for fault in list_faults(findings) if fault.where is not None][:MOST]
    for fault in faults:
        _draw(space, fault, places, paper)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.saveas(path)
    return len(faults)


def _draw(space: Any, fault: Fault, places: DrawnPlaces, paper: float) -> None:
    looks = {"layer": LAYER, "color": COLOURS[fault.finding.level]}
    points = fault.points[:_MOST_POINTS]
    radius = _CIRCLE_MM * paper
    if len(points) == 1:
        west, south, east, north = shapely.bounds(fault.spot).tolist()
        points = np.array([[(west + east) / 2, (south + north) / 2]])
        radius = max(radius, float(np.hypot(east - west, north - south)) / 2 * places.metre * 1.05)
    drawn = places(points)
    for x, y in drawn.tolist():
        space.add_circle((x, y), radius, dxfattribs=looks)
    x, y = drawn[0].tolist()
    at = (x + radius * 0.75, y + radius * 0.75)
    height = _TEXT_MM * paper
    space.add_text(_words(fault), height=height, dxfattribs={**looks, "style": STYLE, "insert": at})


def _words(fault: Fault) -> str:
    words = f"{fault.number}. {short_code(fault.finding.code)}: {fault.sentence('vi')}"
    words = " ".join(words.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


def _metres_per_mm(subject: Subject) -> float:
    """Metres on the ground for a millimetre on paper: by the scale, else so that the plan fits a sheet."""
    if subject.scale is not None:
        return subject.scale / 1000
    shapes = [subject.outline, *subject.lot_shapes]
    bounds = shapely.bounds(np.array([shape for shape in shapes if shape is not None], dtype=object))
    bounds = bounds[np.isfinite(bounds).all(axis=1)] if len(bounds) else bounds
    if not len(bounds):
        return 1.0
    size = (bounds[:, 2:].max(axis=0) - bounds[:, :2].min(axis=0)).max()
    return max(float(size), 1.0) / _SHEET_MM
