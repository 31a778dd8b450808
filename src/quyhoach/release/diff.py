"""What changed between two versions of a plan: square metres by function gained and lost, and lot by lot.

Facts only: codes, parameters, zone ids. `describe` makes the sentences, at the edge. A correction of data is told apart
from a change of the plan (DESIGN decision 8). Areas are rounded once, to 0.01 m², before they are added and subtracted,
so that gained − lost = after − before holds to the last digit.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.plan import VersionKind
from quyhoach.domain.zone import VersionContent, Zone
from quyhoach.release.diff_lots import LEAST_M2, Overlay, compare_lots, lay_over, shapes_of
from quyhoach.standard import Standard

SCHEMA = 1


def diff_versions(a: VersionContent, b: VersionContent, standard: Standard) -> dict[str, Any]:
    """The change from `a` to `b`, two versions of one plan, as plain JSON values.

    A local adjustment holds only the lots it replaces, so it is compared with those alone (`partial` is true).
    Members: docs/reference/diff.md."""
    before, after = _comparable(a, b)
    overlay = lay_over(before, after)
    functions = _function_areas(overlay)
    lots, unchanged = compare_lots(overlay)
    codes = {row[key] for row in functions for key in ("function",) if row["function"]}
    return {
        "schema": SCHEMA,
        "plan_id": b.plan.plan_id,
        "kind": "correction" if _is_correction(a, b) else "change",
        "from": _version(a),
        "to": _version(b),
        "partial": len(before) < len(a.zones) or len(after) < len(b.zones) or VersionKind.LOCAL in _kinds(a, b),
        "area_m2": {
            "before": _total(row["before_m2"] for row in functions),
            "after": _total(row["after_m2"] for row in functions),
        },
        "functions": functions,
        "lots": lots,
        "unchanged": unchanged,
        "names": _names(sorted(codes), standard),
    }


def _comparable(a: VersionContent, b: VersionContent) -> tuple[list[Zone], list[Zone]]:
    """The lots of both that can be compared."""
    before, after = list(a.zones), list(b.zones)
    if b.version.kind is VersionKind.LOCAL and a.version.kind is not VersionKind.LOCAL:
        before = [zone for zone in before if zone.label in b.version.replaces]
    elif a.version.kind is VersionKind.LOCAL and b.version.kind is not VersionKind.LOCAL:
        near = shapely.STRtree(shapes_of(after)).query(shapes_of(before), predicate="intersects")
        shared = shapely.area(shapely.intersection(shapes_of(before)[near[0]], shapes_of(after)[near[1]]))
        met = set(near[1][np.asarray(shared) >= LEAST_M2].tolist())
        after = [zone for place, zone in enumerate(after) if place in met]
    return before, after


def _function_areas(overlay: Overlay) -> list[dict[str, Any]]:
    """By function: m² before and after, of them kept, gained and lost. Function None: unknown or withheld."""
    sums: defaultdict[str | None, dict[str, float]] = defaultdict(lambda: {"before": 0.0, "after": 0.0, "kept": 0.0})
    for side, zones in (("before", overlay.before), ("after", overlay.after)):
        for zone, area in zip(zones, shapely.area(shapes_of(zones)).tolist(), strict=True):
            sums[zone.function][side] += area
    for left, right, area in zip(*(column.tolist() for column in overlay.pairs), strict=True):
        if overlay.before[left].function == overlay.after[right].function:
            sums[overlay.before[left].function]["kept"] += area
    rows = []
    for function in sorted(sums, key=lambda code: (code is None, code or "")):
        # Lots that overlap within a version would count a kept square metre twice.
        before, after = _cents(sums[function]["before"]), _cents(sums[function]["after"])
        kept = min(_cents(sums[function]["kept"]), before, after)
        rows.append(
            {
                "function": function,
                "before_m2": before / 100,
                "after_m2": after / 100,
                "gained_m2": (after - kept) / 100,
                "lost_m2": (before - kept) / 100,
            }
        )
    return rows


def _is_correction(a: VersionContent, b: VersionContent) -> bool:
    return b.version.kind is VersionKind.CORRECTION and b.version.corrects in (None, a.version.number)


def _kinds(a: VersionContent, b: VersionContent) -> set[VersionKind]:
    return {a.version.kind, b.version.kind}


def _version(content: VersionContent) -> dict[str, Any]:
    version = content.version
    return {
        "version_id": version.version_id,
        "version": version.number,
        "kind": version.kind.value,
        "status": version.status.value,
        "valid_from": version.valid_from.isoformat() if version.valid_from else None,
        "decision": version.decision.number if version.decision else None,
    }


def _names(codes: Sequence[str], standard: Standard) -> dict[str, dict[str, str]]:
    rows = {code: standard.land_use.get(code.casefold()) for code in codes}
    return {code: dict(row.name) for code, row in rows.items() if row is not None}


def _cents(area: float) -> int:
    return round(area * 100)


def _total(areas: Iterable[float]) -> float:
    return sum(_cents(area) for area in areas) / 100
