"""The plan's outline out of the lines of a drawing: closed where it nearly closes."""

from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Repair
from quyhoach.standardise.linework import build_faces, stack
from quyhoach.standardise.work import Work, error, place, warning

_SHARE = 0.1  # of its length: an outline this much open is still closed, and told

_TWIN = 0.01  # of its area: two outlines that differ by no more are one, drawn again


def draw_plan_outline(work: Work) -> tuple[Any, Any, list[Finding], list[Repair]]:
    """The outline as one (multi)polygon, None where none is drawn, and where it is drawn again for another map, if
    anywhere. What is drawn but encloses nothing is an error."""
    groups = work.role("plan_boundary")
    shapes = np.concatenate([group.geometry for group in groups]) if groups else stack([])
    if not len(shapes):
        return None, None, [], []
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
            return None, None, [code], []
        polygon, gaps = found
        polygons.append(polygon)
        for gap in gaps:
            size = {"gap": round(float(gap.length), 3)}
            repairs.append(Repair("outline-closed", layer=layer, params=size, wkb=place(gap), source_handle=handle))
    outline = shapely.union_all([shapely.make_valid(polygon) for polygon in polygons]) if polygons else None
    findings: list[Finding] = []
    aside = None
    if outline is not None:
        parts = [shapely.Polygon(part.exterior) for part in shapely.get_parts(outline) if part.geom_type == "Polygon"]
        kept, empty = _with_contents(_large(parts), work)
        outline = shapely.union_all(kept) if kept else None
        if empty:
            aside = shapely.union_all(empty)
            where, count = place(shapely.boundary(aside)), len(empty)
            findings.append(warning("outline-drawn-again", layer=layer, wkb=where, source_handle=handle, count=count))
    return outline, aside, findings, repairs


def _with_contents(parts: list[Any], work: Work) -> tuple[list[Any], list[Any]]:
    """The parts of an outline that are the plan's, and those that are the same outline drawn again, on the map of the
    situation or of the place in the region: with nothing of a lot inside, or just as the best part but with far less.
    """
    if len(parts) < 2:
        return parts, []
    groups = [group.geometry for role in ("label", "lot", "lot_edge") for group in work.role(role)]
    shapes = np.concatenate(groups) if groups else stack([])
    held, _ = shapely.STRtree(shapely.centroid(shapes)).query(stack(parts), predicate="contains")
    count = np.bincount(held, minlength=len(parts))
    if not count.any():
        return parts, []
    best = parts[int(count.argmax())]
    again = [bool(few) and _congruent(part, best) for part, few in zip(parts, count < 0.5 * count.max(), strict=True)]
    kept = [part for part, number, twin in zip(parts, count.tolist(), again, strict=True) if number and not twin]
    return kept, [part for part, number, twin in zip(parts, count.tolist(), again, strict=True) if not number or twin]


def _congruent(one: Any, other: Any) -> bool:
    """Whether two outlines are of one shape and size, one shifted from the other."""
    (west, south, *_), (west_, south_, *_) = one.bounds, other.bounds
    shifted = shapely.transform(one, lambda points: points + np.array((west_ - west, south_ - south)))
    return bool(shapely.area(shapely.symmetric_difference(shifted, other)) <= _TWIN * other.area)


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
