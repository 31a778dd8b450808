"""W029: the package's coordinate system is no VN-2000 system."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import OUTLINE, Subject


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding when a plan by the national code list has a CRS that the table `crs_zones` doesn't have."""
    crs = subject.facts.get("crs", "")
    if not crs or subject.facts.get("land_use", "tt16") != "tt16":
        return
    if crs.upper() not in {f"EPSG:{zone.epsg}" for zone in subject.standard.crs_zones}:
        yield rule.finding(layer=OUTLINE, crs=crs)


RULE = Rule("W029", "crs-not-national", "QĐ 83/2000/QĐ-TTg; TT 16/2025/TT-BXD: hệ tọa độ VN-2000", check, TT16)
