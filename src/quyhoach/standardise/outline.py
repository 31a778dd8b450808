"""Phase: the plan's outline, and for which themes the plan has data where."""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.package import round_geometries
from quyhoach.standardise.work import Features, Work, warning

_FALLBACKS = ("lot", "coverage", "overlay", "parcel")
_DEFAULT_THEMES = ("land_use",)


def draw_outline(work: Work) -> Work:
    """The outline is what the boundary layer says; without one, the union of the lots (else coverage, overlays,
    parcels), noted as a guess. Coverage is what the mapping gives; for the other themes of the plan's kind, the
    outline."""
    guesses = list(work.guesses)
    findings = list(work.findings)
    outline = _union(work.role("plan_boundary"))
    if outline is None:
        for role in _FALLBACKS:
            outline = _union(work.role(role))
            if outline is not None:
                guesses.append(f"outline: union of {role}")
                findings.append(warning("outline-guessed", role=role))
                break
    coverage = _written_coverage(work, findings)
    if outline is not None:
        for theme in _themes(work):
            coverage.setdefault(theme, outline)
    return replace(
        work,
        outline=outline,
        coverage=tuple(sorted(coverage.items())),
        guesses=tuple(guesses),
        findings=tuple(findings),
    )


def _themes(work: Work) -> tuple[str, ...]:
    """Themes the plan has something to say about. A plan of several themes speaks of those it draws."""
    plan = work.context.plan
    drawn = _drawn_themes(work)
    if plan is None:
        return _DEFAULT_THEMES if work.role("lot") else tuple(sorted(drawn))
    themes = work.context.standard.plan_kinds[plan.kind].themes
    if len(themes) > 1 and drawn & set(themes):
        return tuple(theme for theme in themes if theme in drawn)
    return themes


def _drawn_themes(work: Work) -> set[str]:
    known = work.context.standard.themes
    found = {group.rule.theme for group in work.role("overlay") if group.rule.theme}
    for group in work.role("overlay"):
        found |= {str(value) for value in group.fields.get("theme", ()) if value}
    return found & set(known)


def _written_coverage(work: Work, findings: list[Finding]) -> dict[str, Any]:
    by_theme: dict[str, list[Any]] = {}
    for group in work.role("coverage"):
        written = group.fields.get("theme", [None] * len(group))
        for shape, value in zip(group.geometry, written, strict=True):
            theme = value or group.rule.theme or _DEFAULT_THEMES[0]
            if theme in work.context.standard.themes:
                by_theme.setdefault(theme, []).append(shape)
            else:
                findings.append(warning("theme-unknown", layer=group.layer, theme=theme))
    return {theme: _rounded(shapely.union_all(shapes)) for theme, shapes in by_theme.items()}


def _union(groups: tuple[Features, ...]) -> Any:
    shapes = [shape for group in groups for shape in group.geometry if shape is not None and not shape.is_empty]
    if not shapes:
        return None
    return _rounded(shapely.union_all(shapes))


def _rounded(shape: Any) -> Any:
    parts = [part for part in shapely.get_parts([shape]) if part.geom_type == "Polygon"]
    holder = np.empty(1, dtype=object)
    holder[0] = shapely.multipolygons(parts)
    return round_geometries(holder)[0]
