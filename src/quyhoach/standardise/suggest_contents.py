"""What the CAD layers of a drawing hold: closed areas, open lines, lot codes, and which layer's areas are the lots."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.label import code_prefix, leading_code
from quyhoach.domain.label_words import lot_code
from quyhoach.domain.mapping import fold_name
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.suggest_roles import RoleHint, role_by_name
from quyhoach.standardise.work import Geometries, Work

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]

TEXTS = ("TEXT", "MTEXT", "ATTRIB", "ATTDEF", "MULTILEADER")
SAME = 1.02  # an area up to this many times the smallest that holds a code is that lot, too (a fill, a second line)
_ROUND = 0.97  # 4πA/P² from which on a small area round a text is the ring about a code, not a lot
_RING = (
    14.0  # … when smaller than so many letter heights squared, and there are more of its size, or codes on its layer
)
_BOX = 25.0  # the same for areas of the block whose attributes are the label
MOST = 4  # codes in a lot: its own, and those of lots lying in it as islands
_GRID = re.compile(r"\s*[XYNE]\s*[=:]?\s*\d[\d.,\s]{4,}(?:m)?\s*", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class LayerContent:
    """One CAD layer: what of it is free, i.e. belongs to no legend, table or title. Rows are of `source`."""

    source: SourceLayer
    hint: RoleHint | None
    free: Flags
    areas: Geometries  # polygons of closed lines and fills, valid; fills of several areas in parts
    area_rows: Rows  # of each area
    lines: Geometries  # open
    line_rows: Rows
    texts: Rows
    codes: tuple[tuple[int, str], ...]  # (row, lot code)
    grid_texts: int

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def taken(self) -> int:
        """How many of its entities belong to what stands beside the map."""
        return int((~self.free).sum())

    @property
    def colours(self) -> Counter[tuple[int | None, str | None]]:
        """Colours (index, true colour) of its areas, else of its lines."""
        rows = self.area_rows if len(self.area_rows) else self.line_rows
        return self.colours_of(rows.tolist())

    def colours_of(self, rows: Sequence[int]) -> Counter[tuple[int | None, str | None]]:
        """Colours of some of its entities."""
        aci, rgb = self.source.fields["aci"], self.source.fields["rgb"]
        return Counter((aci[row], rgb[row]) for row in rows)


@dataclass(frozen=True, eq=False)
class Codes:
    """All lot codes of a drawing: where, what, on which layer (number) and entity (row there)."""

    points: Geometries
    code: tuple[str, ...]
    layer: tuple[int, ...]
    row: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.code)

    @property
    def prefix(self) -> tuple[str, ...]:
        """The letters that each begins with."""
        return tuple(code_prefix(code) for code in self.code)


@dataclass(frozen=True, eq=False)
class Contents:
    """The layers, the codes, and how areas and codes lie to each other.

    `holds`: per layer and area the number of codes inside; `owns`: per layer and area the codes (numbers) for which
    it is the smallest area that holds them, give or take a second line of the same lot, none where there are more
    than MOST inside."""

    layers: tuple[LayerContent, ...]
    codes: Codes
    holds: tuple[npt.NDArray[np.intp], ...]
    owns: tuple[tuple[tuple[int, ...], ...], ...]
    letter: float  # usual height of the codes' letters, in the units of the geometry
    spacing: float  # usual distance from a code to the next
    near: Geometries = field(default_factory=lambda: np.empty(0, dtype=object))  # lines from each code to the next


def survey(work: Work) -> Contents:
    """Look through all layers of a drawing; sizes are in metres when it is located, else in drawing units."""
    layers = tuple(_content(layer, work.reading.taken) for layer in _merged(work.layers))
    codes = _codes(layers)
    unit = 1.0 if work.frame is None else work.frame.unit
    heights = _heights(layers, codes) * unit
    letter = float(np.median(heights[heights > 0])) if (heights > 0).any() else 0.0
    layers = tuple(_without_rings(layer, codes, heights, letter) for layer in layers)
    holds, owns = _owners(layers, codes)
    near, spacing = _neighbours(codes)
    return Contents(layers, codes, holds, owns, letter, spacing, near)


def detail_shares(contents: Contents) -> list[float]:
    """Per layer the share of its areas that are details of others, of whichever layer: clearly smaller, inside,
    and holding every code that these hold. A house or a contour is one; a pond with a code of its own in a park is not.
    """
    layers = contents.layers
    areas = np.concatenate([np.empty(0, dtype=object), *(layer.areas for layer in layers)])
    if not len(areas):
        return [0.0] * len(layers)
    which = np.repeat(np.arange(len(layers)), [len(layer.areas) for layer in layers])
    holds = np.concatenate(contents.holds)
    around = np.flatnonzero((holds > 0) & (holds <= MOST))
    found = np.zeros(len(areas), dtype=bool)
    if len(around):
        size = shapely.area(areas)
        inner, outer = shapely.STRtree(areas[around]).query(shapely.point_on_surface(areas), predicate="within")
        outer = around[outer]
        smaller = size[inner] < 0.5 * size[outer]
        found[inner[smaller & (holds[outer] <= np.maximum(holds[inner], 1))]] = True
    count = np.bincount(which, minlength=len(layers))
    shares: list[float] = (np.bincount(which, weights=found, minlength=len(layers)) / np.maximum(count, 1)).tolist()
    return shares


def without_details(contents: Contents, dropped: Sequence[int]) -> Contents:
    """The contents as if some layers held no areas: codes belong to what lies around these."""
    if not dropped:
        return contents
    holds, owns = _owners(contents.layers, contents.codes, frozenset(dropped))
    return replace(contents, holds=holds, owns=owns)


def usable(hint: RoleHint | None) -> bool:
    """Whether a layer of that name may hold lots or their labels: not the grid, the title, what exists today."""
    return hint is None or not (hint.existing or (hint.role in ("ignore", "legend", "table") and hint.score >= 0.7))


def _merged(layers: Sequence[SourceLayer]) -> list[SourceLayer]:
    """Layers with entities, one per name."""
    found: dict[str, list[SourceLayer]] = {}
    for layer in layers:
        if len(layer) and "entity" in layer.fields:
            found.setdefault(fold_name(layer.name), []).append(layer)
    merged = []
    for group in found.values():
        first = group[0]
        if len(group) > 1:
            fields: dict[str, Sequence[Any]] = {
                key: [value for layer in group for value in layer.fields[key]] for key in first.fields
            }
            ids = tuple(identity for layer in group for identity in layer.ids)
            geometry = np.concatenate([layer.geometry for layer in group])
            first = SourceLayer(first.name, first.file, first.crs, geometry, ids, fields)
        merged.append(first)
    return merged


def _content(layer: SourceLayer, taken: frozenset[str]) -> LayerContent:
    free = np.fromiter((handle not in taken for handle in layer.ids), bool, len(layer))
    geometry = layer.geometry
    kind = np.where(shapely.is_missing(geometry), -1, shapely.get_type_id(geometry))
    entities = np.array(layer.fields["entity"], dtype=object)
    written = np.isin(entities, TEXTS)
    drawn = free & ~written
    closed = drawn & (kind == 1) & shapely.is_closed(geometry) & (shapely.get_num_coordinates(geometry) >= 4)
    filled = drawn & ((kind == 3) | (kind == 6))
    area_rows = np.flatnonzero(closed | filled)
    line_rows = np.flatnonzero(drawn & ((kind == 1) | (kind == 5)) & ~closed)
    texts = np.flatnonzero(free & written)
    codes, grid = _read_texts(layer, texts)
    areas, part_of = shapely.get_parts(_polygons(geometry[area_rows]), return_index=True)
    return LayerContent(
        layer,
        role_by_name(layer.name),
        free,
        areas,
        area_rows[part_of],
        geometry[line_rows],
        line_rows,
        texts,
        codes,
        grid,
    )


def _polygons(shapes: Geometries) -> Geometries:
    """Closed lines and areas as valid polygons."""
    made = shapes.copy()
    rings = np.flatnonzero(shapely.get_type_id(shapes) == 1)
    for row in rings.tolist():
        made[row] = shapely.Polygon(shapely.get_coordinates(shapes[row]))
    bad = ~shapely.is_valid(made)
    if bad.any():
        made[bad] = shapely.buffer(made[bad], 0)
    return made


def _read_texts(layer: SourceLayer, rows: Rows) -> tuple[tuple[tuple[int, str], ...], int]:
    codes = []
    grid = 0
    texts = layer.fields["text"]
    known: dict[str, str] = {}
    for row in rows.tolist():
        text = str(texts[row] or "")
        if text not in known:
            known[text] = "#" if _GRID.fullmatch(text) else code_in(text)
        if known[text] == "#":
            grid += 1
        elif known[text]:
            codes.append((row, known[text]))
    return tuple(codes), grid


def code_in(text: str) -> str:
    """The lot code that a text is or begins with; "" when there is none."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[:3]:
        whole = lot_code(line.split("|")[0].strip())
        if whole:
            return whole
        for piece in re.split(r"[/;,:]|\s[-–]\s|\s{2,}", line)[:3]:
            found = lot_code(piece.strip())
            if found:
                return found
        if len(lines) == 1 and any(map(str.isdigit, line)):
            first = line.split(" ")[0]
            if first != line and lot_code(first):
                return lot_code(first)
            return leading_code(line)
    return ""


def _codes(layers: Sequence[LayerContent]) -> Codes:
    points: list[Any] = []
    codes: list[str] = []
    numbers: list[int] = []
    rows: list[int] = []
    for number, layer in enumerate(layers):
        if not usable(layer.hint):
            continue
        for row, code in layer.codes:
            point = layer.source.geometry[row]
            if point is not None and not point.is_empty:
                points.append(shapely.centroid(point))
                codes.append(code)
                numbers.append(number)
                rows.append(row)
    made = np.empty(len(points), dtype=object)
    made[:] = points
    return Codes(made, tuple(codes), tuple(numbers), tuple(rows))


def _heights(layers: Sequence[LayerContent], codes: Codes) -> npt.NDArray[np.float64]:
    """The height of each code's letters in drawing units, 0 where it is not known."""
    rows = zip(codes.layer, codes.row, strict=True)
    return np.array([float(layers[layer].source.fields["height"][row] or 0.0) for layer, row in rows], dtype=float)


def _without_rings(layer: LayerContent, codes: Codes, heights: npt.NDArray[np.float64], letter: float) -> LayerContent:
    """A layer without the circles and boxes about codes and other specks of the size of letters: of those of the code
    inside, since large lots often bear larger letters, and of the usual ones."""
    if not len(layer.areas) or letter <= 0:
        return layer
    size, edge = shapely.area(layer.areas), shapely.length(layer.areas)
    round_ = 4 * np.pi * size / np.maximum(edge, 1e-9) ** 2 > _ROUND
    largest = np.full(len(size), letter)
    if round_.any():
        inside, code = shapely.STRtree(codes.points).query(layer.areas[round_], predicate="contains")
        np.maximum.at(largest, np.flatnonzero(round_)[inside], heights[code])
    on_labels = layer.hint is not None and layer.hint.role == "label"
    _, alike, often = np.unique(np.round(np.log(np.maximum(size, 1e-9)), 2), return_inverse=True, return_counts=True)
    little = size < (_RING * largest) ** 2
    with_codes = len(layer.codes) >= 0.5 * np.count_nonzero(little & round_)
    ring = little & ((round_ & ((often[alike] >= 3) | with_codes)) | on_labels)
    fields = layer.source.fields
    labels = {fields["insert"][row] for row, _ in layer.codes if fields["entity"][row] == "ATTRIB"} - {None}
    boxed = np.fromiter((fields["insert"][row] in labels for row in layer.area_rows.tolist()), bool, len(size))
    if boxed.any() and float(np.median(size[boxed])) >= (_BOX * letter) ** 2:
        boxed[:] = False
    keep = ~ring & ~boxed & (size > letter**2)
    return replace(layer, areas=layer.areas[keep], area_rows=layer.area_rows[keep])


def _owners(
    layers: Sequence[LayerContent], codes: Codes, dropped: frozenset[int] = frozenset()
) -> tuple[tuple[npt.NDArray[np.intp], ...], tuple[tuple[tuple[int, ...], ...], ...]]:
    holds = tuple(np.zeros(len(layer.areas), dtype=np.intp) for layer in layers)
    owns: list[list[list[int]]] = [[[] for _ in layer.areas] for layer in layers]
    candidates = [
        number
        for number, layer in enumerate(layers)
        if usable(layer.hint) and len(layer.areas) and number not in dropped
    ]
    if candidates and len(codes):
        areas = np.concatenate([layers[number].areas for number in candidates])
        which = np.concatenate([np.full(len(layers[number].areas), number) for number in candidates])
        at = np.concatenate([np.arange(len(layers[number].areas)) for number in candidates])
        size = shapely.area(areas)
        point, area = shapely.STRtree(areas).query(codes.points, predicate="within")
        count = np.bincount(area, minlength=len(areas))
        smallest = np.full(len(codes), np.inf)
        np.minimum.at(smallest, point, size[area])
        own = (size[area] <= SAME * smallest[point]) & (count[area] <= MOST)
        for number in candidates:
            holds[number][at[which == number]] = count[which == number]
        for p, a in zip(point[own].tolist(), area[own].tolist(), strict=True):
            owns[which[a]][at[a]].append(p)
    return holds, tuple(tuple(tuple(mine) for mine in layer) for layer in owns)


def _neighbours(codes: Codes) -> tuple[Geometries, float]:
    """The line from each code to its nearest other, and their usual length."""
    if len(codes) < 2:
        return np.empty(0, dtype=object), 0.0
    tree = shapely.STRtree(codes.points)
    (one, two), distance = tree.query_nearest(codes.points, exclusive=True, return_distance=True, all_matches=False)
    apart = distance > 0
    start = shapely.get_coordinates(codes.points[one[apart]])
    end = shapely.get_coordinates(codes.points[two[apart]])
    lines = np.empty(len(start), dtype=object)
    lines[:] = shapely.linestrings(np.stack([start, end], axis=1))
    return lines, float(np.median(distance[apart])) if apart.any() else 0.0


def crossed(lines: Geometries, near: Geometries) -> Flags:
    """Which of the lines `near` are crossed by any of `lines`."""
    found = np.zeros(len(near), dtype=bool)
    if len(lines) and len(near):
        hit, _ = shapely.STRtree(lines).query(near, predicate="intersects")
        found[hit] = True
    return found
