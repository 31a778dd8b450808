"""Areas drawn twice counted once: fill and outline, island and the hole around it; and the function that each tells."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from quyhoach.domain.finding import Finding
from quyhoach.domain.mapping import LayerRule, SourceMapping
from quyhoach.standardise.areas import Areas, same_areas
from quyhoach.standardise.attributes import find_function
from quyhoach.standardise.work import Features, Work, place, warning


def once(areas: Areas, groups: Sequence[Features], work: Work) -> tuple[Areas, list[Finding]]:
    """Each area once. A fill over its own outline is normal; the same outline twice is told, and the layer that is
    not its surroundings' wins, since islands are often drawn on both."""
    gone: dict[int, int] = {}
    findings = []
    surrounding = _surroundings(areas)
    for first, second in same_areas(areas):
        if first in gone or second in gone:
            continue
        hole = _hole_of(first, second, areas, groups, surrounding, work)
        better, worse = _better(first, second, areas, groups, work) if hole < 0 else (first + second - hole, hole)
        gone[worse] = better
        again = areas.filled[first] == areas.filled[second] and _layer(first, areas, groups) == _layer(
            second, areas, groups
        )
        if again and hole < 0:
            group = groups[int(areas.groups[worse])]
            findings.append(
                warning(
                    "lot-drawn-twice",
                    layer=group.layer,
                    wkb=place(areas.polygons[worse]),
                    source_handle=group.handles[int(areas.rows[worse])],
                    same_as=groups[int(areas.groups[better])].handles[int(areas.rows[better])],
                    area=round(float(areas.polygons[worse].area), 2),
                )
            )
    keep = np.ones(len(areas), dtype=bool)
    keep[list(gone)] = False
    return areas.take(keep), findings


def _hole_of(
    first: int, second: int, areas: Areas, groups: Sequence[Features], surrounding: dict[int, int], work: Work
) -> int:
    """Which of two equal areas is the hole that the area around has for an island, since it is drawn as that: on its
    layer, or on one layer with its function or its colour; -1 where neither is, or both are."""
    outer = surrounding.get(first, surrounding.get(second, -1))
    if outer < 0:
        return -1
    looks = [_look(number, areas, groups, work) for number in (first, second, outer)]
    if areas.filled[first] != areas.filled[second]:
        looks = [look[:2] for look in looks]  # the outline of a fill often has a colour of its own
    for one, other, around in zip(*looks, strict=True):
        if one != other:
            hole = first if one == around else second if other == around else -1
            return -1 if None in (one, other) else hole
    return -1


def _look(number: int, areas: Areas, groups: Sequence[Features], work: Work) -> tuple[Any, ...]:
    """What tells a hole's ring from the island's own, the surest first: layer, function, colour."""
    group, row = groups[int(areas.groups[number])], int(areas.rows[number])
    colour = (group.fields["aci"][row], group.fields["rgb"][row])
    return group.layer, _function(areas, number, groups, work), colour


def _better(first: int, second: int, areas: Areas, groups: Sequence[Features], work: Work) -> tuple[int, int]:
    """Which of two equal areas stays: the one whose function is known, else the outline before the fill."""
    known = [_function(areas, number, groups, work) is not None for number in (first, second)]
    if known[0] != known[1]:
        return (first, second) if known[0] else (second, first)
    return (second, first) if areas.filled[first] and not areas.filled[second] else (first, second)


def _layer(number: int, areas: Areas, groups: Sequence[Features]) -> str:
    return groups[int(areas.groups[number])].layer


def _surroundings(areas: Areas) -> dict[int, int]:
    """For areas inside a clearly larger one the smallest such."""
    if not len(areas):
        return {}
    inner = shapely.point_on_surface(areas.polygons)
    size = shapely.area(areas.polygons)
    points, outer = shapely.STRtree(areas.polygons).query(inner, predicate="within")
    larger = size[outer] > 1.2 * size[points]
    found: dict[int, int] = {}
    for number, around in zip(points[larger].tolist(), outer[larger].tolist(), strict=True):
        if number not in found or size[around] < size[found[number]]:
            found[number] = around
    return found


def _function(areas: Areas, number: int, groups: Sequence[Features], work: Work) -> str | None:
    group, row = groups[int(areas.groups[number])], int(areas.rows[number])
    return function_of(group.rule, group.fields["aci"][row], group.fields["rgb"][row], work)


def function_of(rule: LayerRule, aci: int | None, rgb: str | None, work: Work) -> str | None:
    """The function that a layer's rule or, without one there, the colour tells."""
    written = rule.function or colour_function(work.mapping, aci, rgb)
    return find_function(written, work)[0] if written else None


def colour_function(mapping: SourceMapping, aci: int | None, rgb: str | None) -> str:
    """What the mapping says of a colour: the true colour before the index; empty where it says nothing."""
    for rule in mapping.colours:
        if rule.rgb is not None and rule.rgb == rgb:
            return rule.function
    if rgb is not None and any(rule.rgb for rule in mapping.colours):
        return ""
    return next((rule.function for rule in mapping.colours if rule.aci is not None and rule.aci == aci), "")
