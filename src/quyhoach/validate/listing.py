"""The order in which faults are told, the same in every report: a number stands for one fault."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding, Level
from quyhoach.standard.messages import message

RANKS = {level: rank for rank, level in enumerate((Level.ERROR, Level.WARNING, Level.NOTE))}


@dataclass(frozen=True, eq=False)
class Fault:
    """A finding with its number (from 1)."""

    number: int
    finding: Finding

    @cached_property
    def where(self) -> Any:
        """The whole place, None for none."""
        if self.finding.wkb is None:
            return None
        shape = shapely.from_wkb(self.finding.wkb)
        return None if shape.is_empty else shape

    @cached_property
    def spot(self) -> Any:
        """The fault itself: of a place that also holds points in the lots concerned, what comes before these."""
        if self.where is None or self.where.geom_type != "GeometryCollection":
            return self.where
        parts = shapely.get_parts(self.where)
        shaped = parts[shapely.get_dimensions(parts) > 0]
        if len(shaped):
            return shaped[0] if len(shaped) == 1 else shapely.geometrycollections(shaped)
        return parts[0]

    @cached_property
    def points(self) -> "np.ndarray[Any, np.dtype[np.float64]]":
        """Where to point, shape (n, 2): one point, or several where the fault lies at several."""
        if self.spot is None:
            return np.empty((0, 2))
        if self.spot.geom_type == "MultiPoint":
            return np.asarray(shapely.get_coordinates(self.spot), dtype=float)
        largest = max(shapely.get_parts([self.spot]), key=lambda part: (part.area, part.length))
        inner = shapely.point_on_surface(largest)
        return np.asarray(shapely.get_coordinates(shapely.centroid(largest) if inner.is_empty else inner), dtype=float)

    def sentence(self, language: str) -> str:
        """What the finding says."""
        return message(self.finding.code, language, **params_of(self.finding))


def params_of(finding: Finding) -> Mapping[str, object]:
    """What the sentence of a finding is filled with."""
    return {"layer": finding.layer, "feature": finding.feature, **finding.params}


def list_faults(findings: Sequence[Finding]) -> tuple[Fault, ...]:
    """Findings numbered: errors first, then by kind (in the order in which kinds first come), then as they come."""
    first: dict[str, int] = {}
    for finding in findings:
        first.setdefault(finding.code, len(first))
    ranked = sorted(findings, key=lambda finding: (RANKS[finding.level], first[finding.code]))
    return tuple(Fault(number, finding) for number, finding in enumerate(ranked, start=1))


def short_code(code: str) -> str:
    """E006 of a rule's code, else the code itself."""
    head = code.partition("-")[0]
    return head.upper() if head[1:].isdigit() and head[0] in "ewn" else code
