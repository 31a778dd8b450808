"""Painted shapes, the upper hiding the lower, made into a coverage: no gap, no overlap, every edge shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.frame import GRID

SCRAP = 25.0  # m²: what is smaller is nobody's lot, not even a street's


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """One painted shape. `use` says what for; `whole` keeps its parts as one lot (a street cut by others);
    `least` is the area in m² under which a part is given to a neighbour."""

    shape: BaseGeometry
    use: str
    name: str = ""
    whole: bool = False
    least: float = 250.0
    tag: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """One piece of the coverage and the patch it shows."""

    shape: BaseGeometry
    patch: Patch


def arrange(patches: Sequence[Patch], outline: BaseGeometry, *, thin: float = 3.0) -> list[Lot]:
    """The coverage seen from above: `patches` in order of priority, the first on top, clipped to `outline`.

    Every shape's edges are noded together on the 0.1 mm grid and polygonised, so that neighbours share their
    vertices exactly. What is smaller than the patch's `least`, or thinner than `thin` metres, goes to the neighbour
    with the longest common edge. Places that no patch covers belong to nobody: the last patch should cover all.
    """
    edges = [outline.boundary, *(patch.shape.boundary for patch in patches)]
    noded = shapely.union_all(np.array(edges, dtype=object), grid_size=GRID)
    faces = np.array(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    inside = shapely.point_on_surface(faces)
    owner = _owners(inside, patches, outline)
    faces, owner = faces[owner >= 0], owner[owner >= 0]
    groups = _groups(faces, owner, patches)
    shapes: list[BaseGeometry | None] = [_join(faces[group]) for group in groups]
    owners = [int(owner[group[0]]) for group in groups]
    _absorb(shapes, owners, patches, thin)
    lots = [Lot(shape, patches[number]) for shape, number in zip(shapes, owners, strict=True) if shape is not None]
    return sorted(lots, key=_place)


def _place(lot: Lot) -> tuple[float, float, float]:
    """A stable order: north to south, then west to east."""
    west, south, _, north = lot.shape.bounds
    return (-north, west, south)


def _owners(points: np.ndarray, patches: Sequence[Patch], outline: BaseGeometry) -> np.ndarray:
    """For each point the first patch it lies in, or -1."""
    tree = shapely.STRtree([patch.shape for patch in patches])
    which, patch = tree.query(points, predicate="within")
    owner = np.full(len(points), len(patches))
    np.minimum.at(owner, which, patch)
    shapely.prepare(outline)
    owner[(owner == len(patches)) | ~shapely.contains(outline, points)] = -1
    return owner


def _groups(faces: np.ndarray, owner: np.ndarray, patches: Sequence[Patch]) -> list[np.ndarray]:
    """Indices of the faces that make each lot: the connected parts of a patch, or all of it where `whole`."""
    parent = list(range(len(faces)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    tree = shapely.STRtree(faces)
    left, right = tree.query(faces, predicate="intersects")
    near = (left < right) & (owner[left] == owner[right])
    left, right = left[near], right[near]
    shared = shapely.relate_pattern(faces[left], faces[right], "****1****")
    for i, j in zip(left[shared].tolist(), right[shared].tolist(), strict=True):
        parent[max(root(i), root(j))] = min(root(i), root(j))
    first: dict[int, int] = {}
    for i, number in enumerate(owner.tolist()):
        if patches[number].whole:
            parent[root(i)] = root(first.setdefault(number, i))
    members: dict[int, list[int]] = {}
    for i in range(len(faces)):
        members.setdefault(root(i), []).append(i)
    return [np.array(group) for group in members.values()]


def _join(faces: np.ndarray) -> BaseGeometry:
    return faces[0] if len(faces) == 1 else shapely.coverage_union_all(faces)


def _is_scrap(shape: BaseGeometry, patch: Patch, thin: float) -> bool:
    if patch.whole:
        return bool(shape.area < SCRAP)
    return bool(shape.area < patch.least or 2 * shape.area / shape.length < thin)


def _absorb(shapes: list[BaseGeometry | None], owners: list[int], patches: Sequence[Patch], thin: float) -> None:
    """Give slivers to their best neighbour, smallest first; a street's scraps go to a street, others' not."""
    for _ in range(4):
        small = [
            i for i, shape in enumerate(shapes) if shape is not None and _is_scrap(shape, patches[owners[i]], thin)
        ]
        if not small:
            return
        small.sort(key=lambda i: (shapes[i].area, i))  # type: ignore[union-attr]
        tree = shapely.STRtree([shape if shape is not None else Polygon() for shape in shapes])
        changed = False
        for i in small:
            shape = shapes[i]
            if shape is None:
                continue
            best, longest = -1, 0.0
            for j in sorted(tree.query(shape, predicate="intersects").tolist()):
                other = shapes[j]
                if j == i or other is None:
                    continue
                common = float(shapely.length(shapely.intersection(shape.boundary, other.boundary)))
                same_kind = patches[owners[j]].whole == patches[owners[i]].use.startswith("road")
                common *= 1.0 if same_kind else 0.05
                if common > longest:
                    best, longest = j, common
            if best >= 0:
                shapes[best] = shapely.coverage_union_all([shapes[best], shape])
                shapes[i] = None
                changed = True
        if not changed:
            return
