"""Phase: sound geometry. Each repair is recorded with its place and its size; lots are kept as they came, too."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding, Repair
from quyhoach.package import round_geometries
from quyhoach.standardise.work import Features, Geometries, Work, error, place

# Smaller than a hand: left over by drawing and cutting, never meant. Parts of that size are dropped, and recorded.
SLIVER_M2 = 0.01
_POLYGONS = frozenset({"lot", "plan_boundary", "overlay", "coverage", "parcel"})


def repair_geometry(work: Work) -> Work:
    """Make polygons valid, drop slivers and exact duplicates, round to 0.1 mm."""
    features: list[Features] = []
    findings: list[Finding] = list(work.findings)
    repairs: list[Repair] = list(work.repairs)
    for group in work.features:
        if group.rule.role in _POLYGONS:
            drawn = group.geometry
            group = _make_valid(group, repairs)
            group = _drop_slivers(group, drawn, repairs, findings)
        group = replace(group, geometry=round_geometries(group.geometry))
        if group.rule.role == "point":
            group = _single_points(group)
        features.append(_drop_duplicates(group, repairs))
    return replace(
        work,
        source_lots=work.source_lots or work.role("lot"),  # those of a drawing are kept before they are cleaned
        features=tuple(features),
        findings=tuple(findings),
        repairs=tuple(repairs),
    )


def _make_valid(group: Features, repairs: list[Repair]) -> Features:
    broken = np.flatnonzero(~shapely.is_valid(group.geometry))
    if not len(broken):
        return group
    geometry = group.geometry.copy()
    for row in broken.tolist():
        before = geometry[row]
        after = polygons_of(shapely.make_valid(before, method="structure", keep_collapsed=False))
        geometry[row] = after
        params = {
            "reason": shapely.is_valid_reason(before).split("[")[0].strip(),
            "area_before": round(abs(float(before.area)), 2),
            "area_after": round(float(after.area), 2),
        }
        repairs.append(_repair("geometry-made-valid", group, row, params, _fault_place(before)))
    return replace(group, geometry=geometry)


def _fault_place(shape: Any) -> bytes | None:
    """Where GEOS sees the fault: the point its reason ends with, else the whole shape."""
    reason = shapely.is_valid_reason(shape)
    _, bracket, tail = reason.partition("[")
    numbers = tail.rstrip("]").split()
    if bracket and len(numbers) >= 2:
        try:
            return place(shapely.Point(float(numbers[0]), float(numbers[1])))
        except ValueError:
            return place(shape)
    return place(shape)


def polygons_of(shape: Any) -> Any:
    """The polygons of a shape; an empty polygon where there are none."""
    parts = [part for part in shapely.get_parts(shapely.get_parts([shape])) if part.geom_type == "Polygon"]
    parts = [part for part in parts if not part.is_empty]
    if not parts:
        return shapely.Polygon()
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _drop_slivers(group: Features, drawn: Geometries, repairs: list[Repair], findings: list[Finding]) -> Features:
    """Drop parts under SLIVER_M2. A feature that is nothing but slivers goes too, with an error finding: it is lost."""
    parts, owners = shapely.get_parts(group.geometry, return_index=True)
    small = (shapely.area(parts) < SLIVER_M2) & ~shapely.is_empty(parts)
    gone = shapely.is_empty(group.geometry)
    if not small.any() and not gone.any():
        return group
    geometry = group.geometry.copy()
    for row in np.unique(owners[small]).tolist():
        mine = owners == row
        rest, dropped = parts[mine & ~small], parts[mine & small]
        where = place(shapely.multipolygons(dropped))
        size = {"count": len(dropped), "area": round(float(shapely.area(dropped).sum()), 6)}
        if not len(rest):
            gone[row] = True
            continue
        geometry[row] = rest[0] if len(rest) == 1 else shapely.multipolygons(rest)
        repairs.append(_repair("slivers-dropped", group, row, size, where))
    findings += [_lost(group, row, place(drawn[row])) for row in np.flatnonzero(gone).tolist()]
    return replace(group, geometry=geometry).take(~gone)


def _lost(group: Features, row: int, where: bytes | None) -> Finding:
    return error(
        "geometry-without-area",
        layer=group.layer,
        feature=group.name_of(row),
        wkb=where,
        source_handle=group.handles[row],
    )


def _single_points(group: Features) -> Features:
    """Multi-points of one point as points; of several, one feature each."""
    parts, owners = shapely.get_parts(group.geometry, return_index=True)
    rows = owners.tolist()
    return replace(
        group,
        geometry=np.asarray(parts, dtype=object),
        handles=tuple(group.handles[row] for row in rows),
        fields={name: [values[row] for row in rows] for name, values in group.fields.items()},
    )


def _drop_duplicates(group: Features, repairs: list[Repair]) -> Features:
    """Drop features whose shape and values are those of an earlier one."""
    if group.rule.role == "label":
        return group
    shapes = shapely.to_wkb(shapely.normalize(group.geometry))
    seen: dict[tuple[Any, ...], int] = {}
    keep: npt.NDArray[np.bool_] = np.ones(len(group), dtype=bool)
    for row, shape in enumerate(shapes):
        key = (shape, *(values[row] for values in group.fields.values()))
        if key in seen:
            keep[row] = False
            params = {"same_as": group.handles[seen[key]], "area": round(float(group.geometry[row].area), 2)}
            repairs.append(_repair("duplicate-dropped", group, row, params, place(group.geometry[row])))
        else:
            seen[key] = row
    return group if keep.all() else group.take(keep)


def _repair(code: str, group: Features, row: int, params: dict[str, Any], where: bytes | None) -> Repair:
    return Repair(
        code,
        layer=group.layer,
        feature=group.name_of(row),
        params=params,
        wkb=where,
        source_handle=group.handles[row],
    )
