"""Phase: the lots of a drawing, out of closed lines, hatches and linework."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.mapping import LayerRule
from quyhoach.standardise.areas import Areas, draw_areas
from quyhoach.standardise.drawn_twice import function_of, once
from quyhoach.standardise.linework import Faces, Fault, build_faces, stack
from quyhoach.standardise.plan_outline import draw_plan_outline
from quyhoach.standardise.work import ISLAND, Features, Geometries, Work, note, place, warning

LOT_RULE = LayerRule("*", "lot")
SMALLEST_M2 = 1.0  # smaller faces are slips of linework
_SMALL_SHARE = 0.01  # of the median lot: an unlabelled face must be larger
_INNER = 0.9  # share of a lot inside another from which on it is an island in it
_FILLS = 0.6  # intersection over union from which on a hatch fills a face
_FRAME = 0.9  # share of a lot covered by others from which on it is only their frame
_COMPACT = 0.2  # 4πA/P² of an unlabelled face from which on it can be a lot (roads are long)
_STREETS = 0.05  # … of a face with blocks inside it, labelled or not, from which on it can be one
_OUTSIDE = 0.05  # share inside the outline under which a lot lies outside
_MANY_OUTSIDE = 0.2  # share of all lots outside from which on rather the outline is wrong


def build_lots(work: Work) -> Work:
    """Lots as polygons with function (of layer or colour), colour and handle; the outline as a polygon.

    What is drawn twice counts once; islands are cut out of what surrounds them; lines of the roles lot_edge and lot
    are noded and made into faces, helped by outline and road edges. Lots outside the outline are left out. Roles that
    only a drawing has are gone afterwards."""
    if work.drawing is None:
        return work
    groups = work.role("lot")
    outline, aside, findings, repairs = draw_plan_outline(work)
    areas, loose, closed = draw_areas(groups)
    repairs += closed
    areas, doubled = once(areas, groups, work)
    findings += doubled
    areas, faces, faced = _faces(work, groups, areas, loose, outline)
    repairs += faced
    drawn = _columns(areas, groups, work)
    shapes = np.concatenate([areas.polygons, faces.polygons])
    columns: dict[str, Sequence[Any]] = {
        name: [*values, *_face_values(name, faces, work, groups, loose)] for name, values in drawn.items()
    }
    handles = [*(groups[g].handles[r] for g, r in zip(areas.groups, areas.rows, strict=True))]
    handles += [""] * len(faces.polygons)
    lots = Features(LOT_RULE, "", shapes, tuple(handles), columns)
    source = lots
    lots, framed = _cut_islands(lots)
    findings += framed
    lots, outside = _inside(lots, outline, aside)
    findings += outside
    others = tuple(
        group for group in work.features if group.rule.role not in ("lot", "lot_edge", "road", "plan_boundary")
    )
    boundary = () if outline is None else (_boundary(outline, work),)
    return replace(
        work,
        features=(*boundary, lots, *others),
        source_lots=(source,),
        findings=work.findings + tuple(findings),
        repairs=work.repairs + tuple(repairs),
    )


def _boundary(outline: Any, work: Work) -> Features:
    group = work.role("plan_boundary")[0]
    return Features(group.rule, group.layer, stack([outline]), (group.handles[0],), {})


# ── drawn areas ────────────────────────────────────────────────────────────────────────────────────────────


def _columns(areas: Areas, groups: Sequence[Features], work: Work) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"phanLoai": [], "aci": [], "rgb": [], "layer": []}
    known: dict[tuple[int, Any, Any], str | None] = {}
    for number, row in zip(areas.groups.tolist(), areas.rows.tolist(), strict=True):
        group = groups[number]
        aci, rgb = group.fields["aci"][row], group.fields["rgb"][row]
        key = (number, aci, rgb)
        if key not in known:
            known[key] = function_of(group.rule, aci, rgb, work)
        columns["phanLoai"].append(known[key])
        columns["aci"].append(aci)
        columns["rgb"].append(rgb)
        columns["layer"].append(group.layer)
    return columns


# ── faces of linework ──────────────────────────────────────────────────────────────────────────────────────


def _faces(
    work: Work, groups: Sequence[Features], areas: Areas, loose: Sequence[tuple[int, int]], outline: Any
) -> tuple[Areas, Faces, list[Repair]]:
    """Faces of linework that are lots, and the faults of the lines as repairs; fills take the shape of their face."""
    # Where lots are divided by lines, the edges along roads are often drawn on the roads' layer only.
    edges = (*work.role("lot_edge"), *work.role("road")) if work.role("lot_edge") else ()
    own = [group.geometry[shapely.get_dimensions(group.geometry) == 1] for group in edges]
    own += [stack([groups[number].geometry[row] for number, row in loose])]
    lines = np.concatenate(own) if own else stack([])
    if not len(lines):
        return areas, Faces(stack([])), []
    helpers = [] if edges else [_lines(group.geometry) for group in work.role("road")]
    helpers += [] if outline is None else [shapely.get_parts(shapely.boundary(stack([outline])))]
    helpers += [shapely.get_exterior_ring(areas.polygons)] if len(areas) and not edges else []
    faces = build_faces(np.concatenate([_simple(lines), *map(_simple, helpers)]), len(lines))
    handles = [
        handle
        for group in edges
        for handle, shape in zip(group.handles, group.geometry, strict=True)
        if shapely.get_dimensions(shape) == 1
    ]
    handles += [groups[number].handles[row] for number, row in loose]
    if edges:
        areas = _in_faces(areas, faces.polygons)
    kept = _lots_among(faces.polygons, work, areas, outline)
    return areas, Faces(kept, faces.faults), [_linework_repair(fault, handles) for fault in faces.faults]


def _in_faces(areas: Areas, faces: Geometries) -> Areas:
    """Fills in the exact shape of the face they fill: where lots are divided by lines, a hatch only colours them."""
    fills = np.flatnonzero(areas.filled)
    if not len(fills) or not len(faces):
        return areas
    inner = shapely.point_on_surface(areas.polygons[fills])
    fill, face = shapely.STRtree(faces).query(inner, predicate="within")
    alone = np.bincount(face, minlength=len(faces))[face] == 1
    fill, face = fills[fill[alone]], face[alone]
    shared = shapely.area(shapely.intersection(areas.polygons[fill], faces[face]))
    whole = shapely.area(areas.polygons[fill]) + shapely.area(faces[face]) - shared
    same = shared >= _FILLS * whole
    shapes = areas.polygons.copy()
    shapes[fill[same]] = faces[face[same]]
    return Areas(shapes, areas.groups, areas.rows, areas.filled)


def _lines(shapes: Geometries) -> Geometries:
    """Lines and the borders of areas."""
    areas = shapely.get_dimensions(shapes) == 2
    borders = shapely.boundary(shapes[areas])
    return np.concatenate([shapes[shapely.get_dimensions(shapes) == 1], shapely.get_parts(borders)])


def _simple(lines: Geometries) -> Geometries:
    return stack([shapely.LineString(line.coords) if line.geom_type == "LinearRing" else line for line in lines])


def _linework_repair(fault: Fault, handles: Sequence[str]) -> Repair:
    handle = handles[fault.row] if fault.row >= 0 else ""
    size = {"size": round(fault.size, 3)}
    code = {
        "duplicate": "line-drawn-twice",
        "zero-length": "line-without-length",
        "gap": "line-gap-closed",
        "overshoot": "line-overshoot-cut",
        "dangle": "line-dangle-dropped",
    }[fault.kind]
    return Repair(code, params=size, wkb=place(fault.place), source_handle=handle)


def _lots_among(faces: Geometries, work: Work, areas: Areas, outline: Any) -> Geometries:
    """Of all faces those that are lots: inside the outline, not yet drawn as areas, and labelled or compact."""
    faces = faces[shapely.area(faces) >= SMALLEST_M2]
    if not len(faces):
        return faces
    inner = shapely.point_on_surface(faces)
    keep = np.ones(len(faces), dtype=bool)
    if outline is not None:
        shapely.prepare(outline)
        keep &= shapely.contains(outline, inner)
    if len(areas):
        covered, _ = shapely.STRtree(areas.polygons).query(inner, predicate="within")
        keep[covered] = False
    labelled = np.zeros(len(faces), dtype=bool)
    points = _label_points(work)
    if len(points):
        _, found = shapely.STRtree(faces).query(points, predicate="within")
        labelled[found] = True
    perimeter = shapely.length(faces)
    compact = 4 * np.pi * shapely.area(faces) / perimeter**2
    holes = shapely.get_num_interior_rings(faces)
    large = shapely.area(faces) >= _SMALL_SHARE * float(np.median(shapely.area(faces)))
    streets = (holes > 1) & (compact < _STREETS)
    chosen: Geometries = faces[keep & ~streets & (labelled | (large & (compact >= _COMPACT) & (holes == 0)))]
    return chosen


def _label_points(work: Work) -> Geometries:
    groups = [group.geometry[shapely.get_type_id(group.geometry) == 0] for group in work.role("label")]
    return np.concatenate(groups) if groups else stack([])


def _face_values(
    name: str, faces: Faces, work: Work, groups: Sequence[Features], loose: Sequence[tuple[int, int]]
) -> list[Any]:
    """A column's values for faces: the function where the lines around a face agree on one."""
    if name != "phanLoai" or not loose or not len(faces.polygons):
        return [None] * len(faces.polygons)
    lines = stack([groups[number].geometry[row] for number, row in loose])
    told = [
        function_of(groups[number].rule, groups[number].fields["aci"][row], groups[number].fields["rgb"][row], work)
        for number, row in loose
    ]
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    face, line = shapely.STRtree(middles).query(faces.polygons, predicate="dwithin", distance=0.02)
    lengths = shapely.length(lines)
    weights: list[dict[str, float]] = [{} for _ in faces.polygons]
    for number, row in zip(face.tolist(), line.tolist(), strict=True):
        if told[row] is not None:
            weights[number][str(told[row])] = weights[number].get(str(told[row]), 0.0) + float(lengths[row])
    return [_majority(weight) for weight in weights]


def _majority(weight: dict[str, float]) -> str | None:
    if not weight:
        return None
    best = max(sorted(weight), key=lambda code: weight[code])
    return best if weight[best] >= 0.6 * sum(weight.values()) else None


# ── islands, frames, outside ───────────────────────────────────────────────────────────────────────────────


def _cut_islands(lots: Features) -> tuple[Features, list[Finding]]:
    """Lots without the lots that lie inside them; a lot that others fill is their frame and goes."""
    shapes = lots.geometry
    if len(shapes) < 2:
        return lots, []
    size = shapely.area(shapes)
    inner = shapely.point_on_surface(shapes)
    points, outer = shapely.STRtree(shapes).query(inner, predicate="within")
    other = (points != outer) & (size[outer] > size[points])
    points, outer = points[other], outer[other]
    shared = shapely.area(shapely.intersection(shapes[points], shapes[outer]))
    inside = shared >= _INNER * size[points]
    points, outer, shared = points[inside], outer[inside], shared[inside]
    lots = _doubt_islands(lots, points, outer)
    geometry = shapes.copy()
    keep = np.ones(len(lots), dtype=bool)
    findings = []
    for number in np.unique(outer).tolist():
        mine = outer == number
        islands = shapely.union_all(shapes[points[mine]])
        if mine.sum() > 1 and islands.area >= _FRAME * size[number]:
            keep[number] = False
            findings.append(
                note(
                    "lot-is-frame",
                    layer=str(lots.fields["layer"][number] or ""),
                    wkb=place(shapely.boundary(shapes[number])),
                    source_handle=lots.handles[number],
                    count=int(mine.sum()),
                )
            )
            continue
        rest = shapely.difference(shapes[number], islands)
        parts = [part for part in shapely.get_parts([rest]) if part.geom_type == "Polygon" and part.area > 0.05]
        if not parts:
            keep[number] = False
            continue
        geometry[number] = parts[0] if len(parts) == 1 else _main(parts)
    return replace(lots, geometry=geometry).take(keep), findings


def _doubt_islands(lots: Features, inner: npt.NDArray[np.int64], outer: npt.NDArray[np.int64]) -> Features:
    """Islands drawn on the layer of what surrounds them, its function kept aside: a hole's ring is often drawn there
    only, and the island's own label knows better."""
    functions, layers = list(lots.fields["phanLoai"]), lots.fields["layer"]
    aside: list[str | None] = [None] * len(lots)
    for island, around in zip(inner.tolist(), outer.tolist(), strict=True):
        if (
            functions[island] is not None
            and layers[island] == layers[around]
            and functions[island] == functions[around]
        ):
            aside[island], functions[island] = functions[island], None
    return replace(lots, fields={**lots.fields, "phanLoai": functions, ISLAND: aside})


def _main(parts: Sequence[Any]) -> Any:
    """The parts of a lot that count: without slips along an island's edge."""
    largest = max(float(part.area) for part in parts)
    kept = [part for part in parts if part.area >= 0.02 * largest]
    return kept[0] if len(kept) == 1 else shapely.multipolygons(kept)


def _inside(lots: Features, outline: Any, aside: Any) -> tuple[Features, list[Finding]]:
    """Without the lots outside the outline; where those are many, the outline is doubted instead, and all stay but
    those in `aside`, where the outline is drawn again for another map."""
    if outline is None or not len(lots):
        return lots, []
    shapely.prepare(outline)
    whole = shapely.contains_properly(outline, lots.geometry)
    share = np.ones(len(lots))
    rows = np.flatnonzero(~whole)
    share[rows] = shapely.area(shapely.intersection(lots.geometry[rows], outline)) / shapely.area(lots.geometry[rows])
    outside = share < _OUTSIDE
    if not outside.any():
        return lots, []
    other = np.zeros(len(lots), dtype=bool)
    if aside is not None:
        other = outside & shapely.contains(aside, shapely.point_on_surface(lots.geometry))
    if outside[~other].any() and outside[~other].mean() > _MANY_OUTSIDE:
        if other.any():
            kept, told = _inside(lots.take(~other), outline, None)
            return kept, told + _left_out(lots, other)
        where = shapely.multipoints(shapely.point_on_surface(lots.geometry[outside]))
        return lots, [warning("lots-mostly-outside", wkb=place(where), count=int(outside.sum()), of=len(lots))]
    return lots.take(~outside), _left_out(lots, outside)


def _left_out(lots: Features, outside: npt.NDArray[np.bool_]) -> list[Finding]:
    return [
        warning(
            "lot-outside-plan",
            layer=str(lots.fields["layer"][row] or ""),
            wkb=place(lots.geometry[row]),
            source_handle=lots.handles[row],
            area=round(float(lots.geometry[row].area), 2),
        )
        for row in np.flatnonzero(outside).tolist()
    ]


def name_lots(work: Work) -> Work:
    """Lots of a drawing get their label as id where it is unique, else label and number from north-west; islands whose
    label told no function get that of their layer."""
    if work.drawing is None:
        return work
    made = []
    for group in work.features:
        if group.rule.role == "lot" and len(group):
            aside = group.fields.get(ISLAND, [None] * len(group))
            functions = [own or kept for own, kept in zip(group.fields["phanLoai"], aside, strict=True)]
            group = replace(group, fields={**group.fields, "phanLoai": functions, "maDoiTuong": _ids(group)})
        made.append(group)
    return replace(work, features=tuple(made))


def _ids(group: Features) -> list[str]:
    labels = [str(value) if value else "" for value in group.fields.get("kyHieuLoDat", [""] * len(group))]
    middles: npt.NDArray[np.float64] = shapely.get_coordinates(shapely.point_on_surface(group.geometry))
    order = np.lexsort((middles[:, 0], -np.round(middles[:, 1], 0)))
    count = Counter(labels)
    seen: dict[str, int] = {}
    ids = [""] * len(labels)
    for row in order.tolist():
        label = labels[row] or "L"
        seen[label] = seen.get(label, 0) + 1
        ids[row] = label if labels[row] and count[label] == 1 else f"{label}~{seen[label]}"
    return ids
