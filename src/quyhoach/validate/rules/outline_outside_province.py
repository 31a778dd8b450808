"""E012: the plan lies outside the province."""

from collections.abc import Iterator

import numpy as np
import shapely
from pyproj import Transformer
from pyproj.exceptions import CRSError, ProjError

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import OUTLINE, Subject, place

MARGIN = 0.05  # degrees: a plan may reach over the border a little


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding when the outline (else the lots) does not lie within the extent that the package's `plan` gives."""
    extent, crs = _numbers(subject.facts.get("extent", "")), subject.facts.get("crs")
    shape = subject.outline if subject.outline is not None else subject.lot_union
    if len(extent) != 4 or not crs or shape is None or shape.is_empty:
        return
    try:
        transformer = Transformer.from_crs(crs, 4326, always_xy=True)
        west, south, east, north = transformer.transform_bounds(*shape.bounds)
    except (CRSError, ProjError):
        return
    inside = (
        west >= extent[0] - MARGIN
        and south >= extent[1] - MARGIN
        and east <= extent[2] + MARGIN
        and north <= extent[3] + MARGIN
    )
    if not inside:
        lon, lat = transformer.transform(*np.asarray(shapely.centroid(shape).coords[0]))
        yield rule.finding(layer=OUTLINE, wkb=place(shapely.envelope(shape)), lon=round(lon, 4), lat=round(lat, 4))


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split()]
    except ValueError:
        return []


RULE = Rule(
    "E012", "outline-outside-province", "TT 16/2025/TT-BXD: VN-2000, múi chiếu 3°, kinh tuyến trục tỉnh", check, TT16
)
