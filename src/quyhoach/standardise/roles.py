"""Phase: what each feature is. Source layers become features of roles, under our field names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.mapping import DRAWING_ROLES, LayerRule, matches
from quyhoach.domain.source import SourceLayer
from quyhoach.standard import Standard
from quyhoach.standardise.drawing_roles import assign_drawing_roles
from quyhoach.standardise.fields import field_sources
from quyhoach.standardise.work import Features, Geometries, Work, error, note, place, warning

_DIMENSION = {"polygon": 2, "line": 1, "point": 0}
_KIND = {number: kind for kind, number in _DIMENSION.items()}
_NATURAL = {"lot": 2, "plan_boundary": 2, "overlay": 2, "coverage": 2, "parcel": 2, "line": 1, "point": 0, "label": 0}


@dataclass(frozen=True, eq=False)
class _Parts:
    """The parts of one dimension of each feature of a layer: row -> geometry."""

    dimension: int
    rows: tuple[int, ...]
    geometry: Geometries


def assign_roles(work: Work) -> Work:
    """Give every feature the role of the first rule that fits its layer and kind of geometry.

    A collection of several kinds is taken apart. What no rule fits, what has no geometry and what only a drawing
    can mean is reported. Raises IngestError for a rule with an unknown theme, class or field."""
    for rule in work.mapping.layers:
        _check_rule(rule, work.context.standard)
    if work.drawing is not None:
        return assign_drawing_roles(work)
    features: list[Features] = []
    findings = list(work.findings)
    repairs = list(work.repairs)
    guesses = list(work.guesses)
    for layer in work.layers:
        rules = [rule for rule in work.mapping.layers if matches(rule.match, layer.name)]
        findings += _without_geometry(layer, rules)
        for parts in _split(layer):
            fitting = [rule for rule in rules if _fits(rule, parts.dimension)]
            if not fitting or (fitting[0].role == "ignore" and fitting[0].guessed):
                kind = _KIND[parts.dimension]
                findings.append(warning("features-not-mapped", layer=layer.name, kind=kind, count=len(parts.rows)))
                continue
            rule = fitting[0]
            if rule.role == "ignore":
                continue
            if rule.role in DRAWING_ROLES:
                findings.append(note("role-of-drawings", layer=layer.name, role=rule.role))
                continue
            if rule.role == "plan_boundary" and parts.dimension == 1:
                parts, repair = _close(parts, layer)
                repairs.append(repair)
            made, absent = _make(layer, parts, rule, work.context.standard)
            features.append(made)
            findings += [warning("mapping-field-absent", layer=layer.name, field=name) for name in absent]
            guesses += [f"{layer.name}: {what}" for what in rule.guessed]
    findings += [note("mapping-drawing-only", key=key) for key in work.mapping.drawing_only]
    return replace(
        work, features=tuple(features), findings=tuple(findings), repairs=tuple(repairs), guesses=tuple(guesses)
    )


def _check_rule(rule: LayerRule, standard: Standard) -> None:
    if rule.theme and rule.theme not in standard.themes:
        raise IngestError("mapping-unknown-theme", theme=rule.theme, themes=", ".join(sorted(standard.themes)))
    row = standard.feature_classes.get(rule.class_name) if rule.class_name else None
    if rule.class_name and row is None:
        raise IngestError("mapping-unknown-class", name=rule.class_name)
    if "/" in rule.class_name:  # "HienTrang/X": what is there today is no part of a plan
        raise IngestError("mapping-class-existing", name=rule.class_name)
    if rule.role in ("line", "point") and row is None:
        raise IngestError("mapping-needs-class", match=rule.match, role=rule.role)
    if rule.role == "overlay" and not (rule.theme or row or "theme" in rule.fields):
        raise IngestError("mapping-needs-theme", match=rule.match)
    expected = {"line": "MultiLineString", "point": "Point", "overlay": "MultiPolygon"}.get(rule.role)
    if row is not None and expected and row.geometry != expected:
        raise IngestError("mapping-class-geometry", name=rule.class_name, role=rule.role)


def _fits(rule: LayerRule, dimension: int) -> bool:
    if rule.geometry:
        return _DIMENSION[rule.geometry] == dimension
    if rule.role == "plan_boundary":
        return dimension in (1, 2)
    return rule.role not in _NATURAL or _NATURAL[rule.role] == dimension


def _without_geometry(layer: SourceLayer, rules: Sequence[LayerRule]) -> list[Finding]:
    empty = np.flatnonzero(shapely.is_missing(layer.geometry) | shapely.is_empty(layer.geometry)).tolist()
    if not empty or any(rule.role == "ignore" for rule in rules):
        return []
    numbers = ", ".join(layer.ids[row] for row in empty[:20])
    return [error("geometry-missing", layer=layer.name, count=len(empty), features=numbers)]


def _split(layer: SourceLayer) -> list[_Parts]:
    """The layer's features by dimension, polygons first; features of one kind keep their geometry as it is."""
    found = []
    dimensions = shapely.get_dimensions(layer.geometry)
    collections = shapely.get_type_id(layer.geometry) == 7
    for dimension in (2, 1, 0):
        rows: list[int] = []
        shapes: list[Any] = []
        for row in np.flatnonzero(collections | (dimensions == dimension)).tolist():
            shape = layer.geometry[row]
            if collections[row]:
                shape = _of_dimension(shape, dimension)
            if shape is not None and not shape.is_empty:
                rows.append(row)
                shapes.append(shape)
        if rows:
            geometry = np.empty(len(shapes), dtype=object)
            geometry[:] = shapes
            found.append(_Parts(dimension, tuple(rows), geometry))
    return found


def _of_dimension(shape: Any, dimension: int) -> Any:
    parts = [part for part in _flatten(shape) if shapely.get_dimensions(part) == dimension and not part.is_empty]
    if not parts:
        return None
    if len(parts) == 1:
        return parts[0]
    if dimension == 2:
        return shapely.multipolygons(parts)
    return shapely.multilinestrings(parts) if dimension == 1 else shapely.multipoints(parts)


def _flatten(shape: Any) -> list[Any]:
    """Simple parts, however deep collections are nested."""
    pending, simple = [shape], []
    while pending:
        item = pending.pop()
        if item.geom_type == "GeometryCollection" or item.geom_type.startswith("Multi"):
            pending += list(reversed(item.geoms))
        else:
            simple.append(item)
    return simple


def _close(parts: _Parts, layer: SourceLayer) -> tuple[_Parts, Repair]:
    """An outline drawn as lines, as the area the lines enclose."""
    lines = shapely.union_all(parts.geometry)
    enclosed: Any = shapely.polygonize(shapely.get_parts([lines]))
    polygons = list(enclosed.geoms)
    geometry = np.empty(1 if polygons else 0, dtype=object)
    if polygons:
        geometry[0] = shapely.union_all(polygons)
    repair = Repair("outline-from-lines", layer=layer.name, params={"count": len(parts.rows)}, wkb=place(lines))
    return _Parts(2, parts.rows[: len(geometry)], geometry), repair


def _make(layer: SourceLayer, parts: _Parts, rule: LayerRule, standard: Standard) -> tuple[Features, list[str]]:
    sources, absent = field_sources(rule, standard, list(layer.fields))
    fields: dict[str, Sequence[Any]] = {}
    for ours, theirs in sources.items():
        values = layer.fields[theirs]
        fields[ours] = [values[row] for row in parts.rows]
    handles = tuple(f"{layer.file}#{layer.ids[row]}" for row in parts.rows)
    return Features(rule, layer.name, parts.geometry, handles, fields), absent
