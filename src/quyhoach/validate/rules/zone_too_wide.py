"""N030: a large-scale plan was drawn in a 6° zone."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import OUTLINE, Subject

_WIDE = 0.9996  # scale factor on the middle meridian of 6° zones


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A note when the drawing lay in a 6° zone and plans of its scale (not known: any) are drawn in 3° zones. The
    package itself is in the province's zone."""
    scale = subject.standard.scales.get(subject.scale) if subject.scale is not None else None
    if subject.frame is None or (scale is not None and scale.zone_degrees == 6):
        return
    for zone in subject.standard.crs_zones:
        if f"EPSG:{zone.epsg}" == subject.frame.crs.upper() and abs(zone.scale_factor - _WIDE) < 1e-6:
            yield rule.finding(layer=OUTLINE, crs=subject.frame.crs, zone=zone.name)


RULE = Rule("N030", "zone-too-wide", "TT 973/2001/TT-TCĐC: bản đồ tỷ lệ 1/10.000 và lớn hơn dùng múi chiếu 3°", check)
