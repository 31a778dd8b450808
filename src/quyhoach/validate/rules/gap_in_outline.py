"""W007: part of the outline belongs to no lot."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import OUTLINE, Geometries, Subject, place

TOLERANCE_M2 = 1.0
MOST = 200  # a plan that draws no roads has one gap per street network, not per lot
ROAD = 0.25  # 4πA/P² of a gap under which it is long or branched, as roads are; of a square 0.79
SMALL = 0.25  # of the usual lot: under that a gap along the outline is what a road leaves there
NARROW_M = 1.0  # mean width under which a gap is a slit, whatever its form


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding per gap over TOLERANCE_M2 between lots and outline, the largest first, at most MOST. In a drawing roads
    are the space that the lots leave: gaps with the form of roads are none there, nor corners and strips of them that
    the outline cuts off."""
    if subject.outline is None or subject.lot_union is None:
        return
    gaps = shapely.get_parts([shapely.difference(subject.outline, subject.lot_union)])
    areas = shapely.area(gaps)
    told = areas > TOLERANCE_M2
    if subject.frame is not None:
        told &= ~_roads(gaps) & ~_left_over(gaps, subject)
    large = np.flatnonzero(told)
    for row in large[np.argsort(-areas[large], kind="stable")][:MOST].tolist():
        yield rule.finding(layer=OUTLINE, wkb=place(gaps[row]), area=round(float(areas[row]), 2))


def _roads(gaps: Geometries) -> npt.NDArray[np.bool_]:
    """Which gaps have the form of roads: long or with blocks inside, and not as narrow as a slit."""
    areas, lengths = shapely.area(gaps), np.maximum(shapely.length(gaps), 1e-9)
    long = 4 * np.pi * areas / lengths**2 < ROAD
    return np.asarray((long | (shapely.get_num_interior_rings(gaps) > 0)) & (2 * areas / lengths >= NARROW_M))


def _left_over(gaps: Geometries, subject: Subject) -> npt.NDArray[np.bool_]:
    """Which gaps lie along the outline and are far smaller than a lot."""
    edge = shapely.boundary(subject.outline)
    shapely.prepare(edge)
    usual = float(np.median(subject.lot_areas[subject.sound]))
    return np.asarray((shapely.area(gaps) < SMALL * usual) & shapely.dwithin(gaps, edge, 0.01))


RULE = Rule("W007", "gap-in-outline", "Bảng cân bằng sử dụng đất: tổng diện tích các lô bằng diện tích đồ án", check)
