"""The plan's outline out of the lines of a drawing: closed where it nearly closes."""

from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Repair
from quyhoach.standardise.linework import build_faces, stack
from quyhoach.standardise.work import Work, error, place

_SHARE = 0.1  # of its length: an outline this much open is still closed, and told


def draw_plan_outline(work: Work) -> tuple[Any, list[Finding], list[Repair]]:
    """The outline as one (multi)polygon, None where none is drawn. What is drawn but encloses nothing is an error."""
    groups = work.role("plan_boundary")
    shapes = np.concatenate([group.geometry for group in groups]) if groups else stack([])
    if not len(shapes):
        return None, [], []
    layer, handle = groups[0].layer, groups[0].handles[0]
    dimensions = shapely.get_dimensions(shapes)
    polygons: list[Any] = list(shapely.get_parts(shapes[dimensions == 2]))
    lines = shapes[dimensions == 1]
    repairs: list[Repair] = []
    closed = [line for line in lines if line.is_closed and len(line.coords) > 3]
    polygons += [shapely.make_valid(shapely.Polygon(line)) for line in closed]
    open_lines = stack([line for line in lines if not line.is_closed])
    if len(open_lines) and not polygons:
        found = _enclosed(open_lines)
        if found is None:
            code = error(
                "outline-open", layer=layer, wkb=place(shapely.multilinestrings(open_lines)), source_handle=handle
            )
            return None, [code], []
        polygon, gaps = found
        polygons.append(polygon)
        for gap in gaps:
            size = {"gap": round(float(gap.length), 3)}
            repairs.append(Repair("outline-closed", layer=layer, params=size, wkb=place(gap), source_handle=handle))
    outline = shapely.union_all([shapely.make_valid(polygon) for polygon in polygons]) if polygons else None
    if outline is not None:
        parts = [shapely.Polygon(part.exterior) for part in shapely.get_parts(outline) if part.geom_type == "Polygon"]
        outline = shapely.union_all(_large(parts)) if parts else None
    return outline, [], repairs


def _large(parts: list[Any]) -> list[Any]:
    """Without the tiny rings (symbols, legend samples) beside the outline itself."""
    largest = max(float(part.area) for part in parts)
    return [part for part in parts if part.area >= 0.01 * largest]


def _enclosed(lines: Any) -> tuple[Any, list[Any]] | None:
    """What open lines enclose, and the gaps that had to be closed; None for nothing."""
    length = float(shapely.length(lines).sum())
    for gap in (0.5, 5.0, _SHARE * length):
        faces = build_faces(lines, gap=gap)
        if len(faces.polygons):
            gaps = [fault.place for fault in faces.faults if fault.kind == "gap"]
            return shapely.union_all(faces.polygons), gaps
    return None
