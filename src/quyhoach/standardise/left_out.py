"""Phase: what of a drawing was not taken, said: hidden layers, paper space, missing references, odd entities."""

from dataclasses import replace

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.source import LeftOut
from quyhoach.standardise.drawn_frame import drawn_frame
from quyhoach.standardise.work import Work, place

_LEVELS = {
    "broken": Level.WARNING,
    "xref-missing": Level.WARNING,
    "ole": Level.WARNING,
    "limit": Level.ERROR,
}  # everything else is worth a note


def say_left_out(work: Work) -> Work:
    """A finding for each kind of thing in the drawing that was not read, with its place once the drawing is located."""
    if work.drawing is None:
        return work
    findings = [_finding(item, work) for item in work.drawing.left_out]
    if work.drawing.recovered:
        findings.insert(0, Finding("drawing-recovered", Level.NOTE))
    return replace(work, findings=work.findings + tuple(findings))


def _finding(item: LeftOut, work: Work) -> Finding:
    return Finding(
        f"drawing-{item.reason}",
        _LEVELS.get(item.reason, Level.NOTE),
        layer=item.what if item.reason.startswith("layer-") else "",
        params={"what": item.what, "count": item.count},
        wkb=_place(item, work),
        source_handle=item.handle,
    )


def _place(item: LeftOut, work: Work) -> bytes | None:
    """The bounds of what was left out as a box in the province's CRS; None where nothing tells."""
    if item.bounds is None or work.frame is None or item.reason == "paper-space":
        return None
    corners = drawn_frame(work).to_true(np.array(shapely.box(*item.bounds).exterior.coords))
    return place(shapely.Polygon(corners)) if np.isfinite(corners).all() else None
