"""Phase: lots of a drawing as a clean coverage: no overlaps, no slits, neighbours share their edges exactly."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding, Repair
from quyhoach.package import clean_by_blocks, near_pairs, round_geometries
from quyhoach.standardise.geometry import polygons_of
from quyhoach.standardise.linework import stack
from quyhoach.standardise.work import Features, Geometries, Work, place, warning

Pairs = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64]

SLIT_M = 0.3  # slits between lots up to this width are closed
_SNAP_M = 0.005
_TOLD_M2 = 0.05  # smaller changes of a lot's area are not told one by one
_LEAST_SLIT_M2 = 0.05  # smaller ones are corners that come near each other
_LOST = 0.5  # share of its drawn area that a lot may lose before the cleaning is not believed


def clean_coverage(work: Work) -> Work:
    """Resolve overlaps and slits between lots by `shapely.coverage_clean`; each lot that changed is recorded.

    Overlaps go to the lot with the longer border, slits up to SLIT_M wide to a neighbour. A lot that would lose half
    of itself is left as drawn, and told: two lots claim one place."""
    lots = work.role("lot")
    if work.drawing is None or not lots or sum(map(len, lots)) < 2:
        return work
    (group,) = lots
    before = group.geometry
    near = near_pairs(before, SLIT_M)
    filled, slits = _fill_slits(before, near[:, near[0] < near[1]])
    after = clean_by_blocks(filled, near, gap_width=SLIT_M, snapping=_SNAP_M)
    changed = np.flatnonzero(shapely.to_wkb(before) != shapely.to_wkb(after))
    bad = changed[shapely.area(after[changed]) < (1 - _LOST) * shapely.area(before[changed])]
    after[bad] = before[bad]
    findings = [_conflict(group, row) for row in bad.tolist()]
    after = round_geometries(after)
    repairs = [_slit(group, *slit) for slit in slits] + _told(group, np.setdiff1d(changed, bad), after)
    cleaned = replace(group, geometry=after)
    features = tuple(cleaned if item is group else item for item in work.features)
    return replace(
        work, features=features, findings=work.findings + tuple(findings), repairs=work.repairs + tuple(repairs)
    )


def _fill_slits(shapes: Geometries, near: Pairs) -> tuple[Geometries, list[tuple[int, int, Any]]]:
    """The lots with the slits between them added to one of their sides, and each slit with its two lots.

    A slit is where both lots, grown by half of SLIT_M, meet; `coverage_clean` itself closes only those that open to
    no street."""
    first, second = near
    apart = shapely.distance(shapes[first], shapes[second]) > 1e-4
    first, second = first[apart], second[apart]
    if not len(first):
        return shapes, []
    half = SLIT_M / 2
    grown = [shapely.buffer(shapes[side], half, join_style="mitre") for side in (first, second)]
    meeting = shapely.intersection(*grown)
    long = shapely.area(meeting) > _LEAST_SLIT_M2  # not just corner to corner
    first, second, meeting = first[long], second[long], meeting[long]
    slits = shapely.difference(shapely.difference(meeting, shapes[first]), shapes[second])
    beside = shapely.union(shapely.intersection(meeting, shapes[first]), shapely.intersection(meeting, shapes[second]))
    slits = shapely.intersection(slits, shapely.convex_hull(beside))  # not beyond the lots' corners
    slits = stack([polygons_of(slit) for slit in slits])
    filled = shapes.copy()
    told = []
    for one, other, slit in zip(first.tolist(), second.tolist(), slits, strict=True):
        if slit.area < _LEAST_SLIT_M2:
            continue
        whole = shapely.union(filled[one], slit)
        if whole.geom_type == "Polygon" and whole.is_valid:
            filled[one] = whole
            told.append((one, other, slit))
    return filled, told


def _slit(group: Features, one: int, other: int, slit: Any) -> Repair:
    inner = shapely.point_on_surface(group.geometry[[one, other]])
    return Repair(
        "slit-closed",
        feature=group.name_of(one),
        params={"other": group.name_of(other), "area": round(float(slit.area), 3)},
        wkb=place(shapely.geometrycollections([slit, *inner])),
        source_handle=group.handles[one],
    )


def _told(group: Features, changed: Rows, after: Geometries) -> list[Repair]:
    """A repair for each lot that lost or gained more than a trifle."""
    # Most lots only get vertices where their neighbours have them: no need to compare those as areas.
    drawn, cleaned = group.geometry[changed], after[changed]
    moved = np.abs(shapely.area(drawn) - shapely.area(cleaned)) > _TOLD_M2 / 10
    moved |= np.abs(shapely.length(drawn) - shapely.length(cleaned)) > _SNAP_M
    changed, drawn, cleaned = changed[moved], drawn[moved], cleaned[moved]
    loss = shapely.area(shapely.difference(drawn, cleaned))
    gain = shapely.area(cleaned) - shapely.area(drawn) + loss
    worth = (loss > _TOLD_M2) | (gain > _TOLD_M2)
    return [
        Repair(
            "lot-edges-joined",
            layer=str(group.fields["layer"][row] or ""),
            feature=group.name_of(row),
            params={"lost": round(float(lost), 2), "gained": round(float(gained), 2)},
            wkb=place(group.geometry[row]),
            source_handle=group.handles[row],
        )
        for row, lost, gained in zip(changed[worth].tolist(), loss[worth].tolist(), gain[worth].tolist(), strict=True)
    ]


def _conflict(group: Features, row: int) -> Finding:
    shape: Any = group.geometry[row]
    return warning(
        "lots-claim-one-place",
        layer=str(group.fields["layer"][row] or ""),
        feature=group.name_of(row),
        wkb=place(shape),
        source_handle=group.handles[row],
        area=round(float(shape.area), 2),
    )
