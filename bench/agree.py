"""Do two servers give the same answers? Without this, comparing their speed would say nothing."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MILLIMETRE = 0.001
ROUNDING = {2: 0.005, 3: 0.0005}  # what writing so many decimals may change
AREA_M2 = 0.11  # areas are written with one decimal
OTHER_MEMBERS = ("release", "note")  # ours names its release


@dataclass(slots=True)
class Agreement:
    """What was compared and what differed."""

    questions: int = 0
    zones: int = 0
    different_ids: int = 0
    different_edges: int = 0
    different_members: int = 0
    largest_edge_m: float = 0.0
    examples: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.different_ids or self.different_edges or self.different_members)


def compare(ours: Iterable[bytes], other: Iterable[bytes]) -> Agreement:
    """Answer by answer: the same zones and restrictions, edges within 1 mm (and rounding), every other member equal."""
    seen = Agreement()
    for mine, its in zip(ours, other, strict=True):
        seen.questions += 1
        compare_answers(json.loads(mine), json.loads(its), seen)
    return seen


def compare_answers(mine: Mapping[str, Any], its: Mapping[str, Any], seen: Agreement) -> None:
    """Count in `seen` what differs between two answers."""
    for member, key in (("zones", "zone_id"), ("restrictions", "restriction_id")):
        left = {row[key]: row for row in mine[member]}
        right = {row[key]: row for row in its[member]}
        seen.zones += len(left)
        if left.keys() != right.keys():
            seen.different_ids += 1
            _example(seen, f"{member}: {sorted(left)} / {sorted(right)} at {mine.get('at')}")
            continue
        for name, row in left.items():
            _compare_row(row, right[name], seen)
    for member in mine.keys() | its.keys():
        if member in ("zones", "restrictions", *OTHER_MEMBERS):
            continue
        if not _alike(mine.get(member), its.get(member)):
            seen.different_members += 1
            _example(seen, f"{member}: {mine.get(member)} / {its.get(member)}")


def _compare_row(mine: Mapping[str, Any], its: Mapping[str, Any], seen: Agreement) -> None:
    for member in mine.keys() | its.keys():
        left, right = mine.get(member), its.get(member)
        if member == "edge_distance_m" and left is not None and right is not None:
            apart = abs(left - right)
            seen.largest_edge_m = max(seen.largest_edge_m, apart)
            if apart > MILLIMETRE + ROUNDING[2] + ROUNDING[3]:
                seen.different_edges += 1
                _example(seen, f"edge: {left} / {right} of {mine.get('zone_id') or mine.get('restriction_id')}")
        elif not _alike(left, right):
            seen.different_members += 1
            _example(seen, f"{member}: {left} / {right}")


def _alike(left: Any, right: Any) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right) <= AREA_M2
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_alike(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_alike, left, right))
    return bool(left == right)


def _example(seen: Agreement, text: str) -> None:
    if len(seen.examples) < 5:
        seen.examples.append(text[:400])
