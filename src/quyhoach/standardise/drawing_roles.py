"""Phase part: what each entity of a drawing is, by the rules of its layer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.domain.mapping import LayerRule, matches
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.linework import stack
from quyhoach.standardise.work import Features, Geometries, Work, warning

TEXTS = frozenset({"TEXT", "MTEXT", "ATTRIB", "ATTDEF"})
_WANTED = {"overlay": 2, "coverage": 2, "parcel": 2, "line": 1, "point": 0}
_LABELLED = frozenset({"lot", "lot_edge", "label"})


def assign_drawing_roles(work: Work) -> Work:
    """Every entity gets the role of the first rule that fits its layer; what stands beside the map is left out.

    Texts on layers of lots and of lot edges are labels, too. Lots, lot edges, outline and roads keep their lines for
    the phase that makes areas of them. Layers without a rule are reported."""
    features: list[Features] = []
    findings: list[Finding] = list(work.findings)
    guesses = list(work.guesses)
    taken = work.reading.taken
    for layer in work.layers:
        rule = next((rule for rule in work.mapping.layers if matches(rule.match, layer.name)), None)
        if rule is None or (rule.role == "ignore" and "role" in rule.guessed and _is_asked(rule)):
            if len(layer):
                findings.append(warning("features-not-mapped", layer=layer.name, kind="CAD", count=len(layer)))
            continue
        guesses += [f"{layer.name}: {what}" for what in rule.guessed]
        if rule.role in ("ignore", "legend", "table"):
            continue
        free = np.array([handle not in taken for handle in layer.ids], dtype=bool)
        features += _split(layer, rule, free)
    guesses += [f"[colour] {rule.aci or rule.rgb}: {rule.function}" for rule in work.mapping.colours if rule.guessed]
    guesses += [f"[prefix] {rule.prefix}: {rule.function}" for rule in work.mapping.prefixes if rule.guessed]
    return replace(work, features=tuple(features), findings=tuple(findings), guesses=tuple(guesses))


def _is_asked(rule: LayerRule) -> bool:
    """Whether software left the layer aside because nothing spoke for any role."""
    return "asked" in rule.guessed


def _split(layer: SourceLayer, rule: LayerRule, free: npt.NDArray[np.bool_]) -> list[Features]:
    entities = np.array(layer.fields["entity"], dtype=object)
    texts = np.isin(entities, list(TEXTS)) & free
    shapes = ~np.isin(entities, list(TEXTS)) & free & ~shapely.is_missing(layer.geometry)
    made = []
    if rule.role in _LABELLED:
        labels = texts | shapes if rule.role == "label" else texts
        made.append(_features(layer, replace(rule, role="label"), labels, layer.geometry))
    if rule.role in ("lot", "lot_edge", "plan_boundary", "road"):
        made.append(_features(layer, rule, shapes, layer.geometry))
    elif rule.role in _WANTED:
        geometry = _as_dimension(layer.geometry, _WANTED[rule.role])
        made.append(_features(layer, rule, free & ~shapely.is_missing(geometry), geometry))
    return [features for features in made if len(features)]


def _features(layer: SourceLayer, rule: LayerRule, keep: npt.NDArray[np.bool_], geometry: Geometries) -> Features:
    rows = np.flatnonzero(keep).tolist()
    fields: dict[str, Sequence[Any]] = {name: [values[row] for row in rows] for name, values in layer.fields.items()}
    return Features(rule, layer.name, geometry[keep], tuple(layer.ids[row] for row in rows), fields)


def _as_dimension(geometry: Geometries, wanted: int) -> Geometries:
    """Shapes of one dimension, None in place of the others; closed lines count as areas where areas are wanted."""
    made: list[Any] = []
    for shape in geometry:
        if shape is None or shape.is_empty:
            made.append(None)
        elif wanted == 2 and shape.geom_type == "LineString" and shape.is_closed and len(shape.coords) > 3:
            made.append(shapely.Polygon(shape))
        else:
            made.append(shape if int(shapely.get_dimensions(shape)) == wanted else None)
    return stack(made)
