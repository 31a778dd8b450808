"""Which layer of a drawing is what: the names and the contents of its layers weighed against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from quyhoach.domain.label import read_label
from quyhoach.standard import Standard
from quyhoach.standardise.functions import SURE, FunctionGuess, find_function_by_words
from quyhoach.standardise.suggest_contents import Contents, Flags, LayerContent, crossed, detail_shares, without_details
from quyhoach.standardise.work import Geometries

STRONG = 0.85  # a name that sure is believed against anything but plain contradiction
_ENOUGH = 0.6  # share of the codes that areas must hold for the lots to be drawn as areas
_ROADS = frozenset({"DAT_HTKT_DuongGT", "DAT_DD_GIAOTHONGDOTHI", "DAT_NDD_GIAOTHONGDN"})
_BESIDE = 0.05  # of the usual distance of codes: fills are often drawn a little inside of their lot's lines
_DETAILS = 0.5  # share of a layer's areas that are details from which on none of it is a lot
_SPECK = 0.03  # of the usual size of lots: smaller things on a layer named as a use are its trees or cars
_MANY = 5  # entities from which on a layer that nothing is known of is worth asking about


@dataclass(frozen=True, slots=True)
class Role:
    """What a layer is thought to be. `why`: for a person, as (message code, params) pairs."""

    role: str
    score: float
    why: tuple[tuple[str, Mapping[str, object]], ...] = ()
    asked: bool = False


@dataclass(frozen=True, eq=False)
class Roles:
    """The roles of all layers by number, with the functions that their names mean."""

    contents: Contents
    named: tuple[FunctionGuess | None, ...]
    role: dict[int, Role] = field(default_factory=dict)

    def numbers(self, role: str) -> list[int]:
        """The layers of a role."""
        return [number for number, known in sorted(self.role.items()) if known.role == role]


def find_roles(contents: Contents, standard: Standard, listed: str, prefer_kind: str = "zoning") -> Roles:
    """A role for every layer that has any entity."""
    named = tuple(_named(layer, standard, listed, prefer_kind) for layer in contents.layers)
    dropped = _details(contents, named)
    contents = without_details(contents, dropped)
    roles = Roles(contents, named)
    _lots(roles, frozenset(dropped))
    _boundary(roles)
    _labels(roles)
    _lines(roles)
    _rest(roles)
    return roles


def _named(layer: LayerContent, standard: Standard, listed: str, kind: str) -> FunctionGuess | None:
    hint = layer.hint
    if hint is not None and hint.score >= STRONG and hint.role not in ("label", "lot", "road"):
        return None
    guess = find_function_by_words(layer.name, standard, listed, prefer_kind=kind)
    return guess if guess is not None and guess.score >= 0.3 else None


def _is_function(guess: FunctionGuess | None) -> bool:
    return guess is not None and guess.score >= SURE and guess.code not in _ROADS


# ── lots ───────────────────────────────────────────────────────────────────────────────────────────────────


def _lots(roles: Roles, dropped: frozenset[int]) -> None:
    """Layers whose areas are lots: by a function's name, or because their areas hold one code each."""
    contents = roles.contents
    for number, layer in enumerate(contents.layers):
        count = len(layer.areas)
        if not count or number in dropped:
            continue
        holding = sum(1 for mine in contents.owns[number] if mine)
        found = _lot_by(layer, roles.named[number], count, holding, len(contents.codes))
        if found is not None:
            roles.role[number] = found
    if len(contents.codes) and not drawn_as_areas(roles):
        for number in roles.numbers("lot"):  # lots are faces of linework: closed lines nobody named are something else
            if not _is_function(roles.named[number]) and contents.layers[number].hint is None:
                del roles.role[number]
    _fill_holes(roles, dropped)


def _lot_by(layer: LayerContent, guess: FunctionGuess | None, count: int, holding: int, codes: int) -> Role | None:
    hint = layer.hint
    share = holding / count
    says = (("suggest-why-areas", {"count": count, "coded": holding}),)
    if _is_function(guess) and guess is not None:
        if hint is not None and hint.existing:
            return None
        return Role("lot", max(guess.score, share), (("suggest-why-name", {"words": guess.why}), *says))
    if hint is not None and (hint.existing or (hint.score >= 0.75 and hint.role not in ("lot", "lot_edge"))):
        return None
    if hint is not None and hint.role == "lot_edge" and hint.score >= 0.75 and holding < 0.5 * codes:
        return None  # a pond or two closed among the lines
    if hint is not None and hint.role == "lot" and (share >= 0.2 or not codes):
        return Role("lot", max(hint.score, share), (("suggest-why-name", {"words": hint.words}), *says))
    if (holding >= 3 and share >= 0.5) or (holding >= 1 and count <= 4 and share >= 0.5):
        return Role("lot", share, says)
    return None


def _details(contents: Contents, named: Sequence[FunctionGuess | None]) -> list[int]:
    """Layers most of whose areas are details in lots: houses, contours; of layers named as a use ("CAY XANH") only
    those of many small things: trees."""
    if not len(contents.codes):
        return []
    found = []
    for number, share in enumerate(detail_shares(contents)):
        layer, guess = contents.layers[number], named[number]
        if share <= _DETAILS or len(layer.areas) < 2:
            continue
        if _is_function(guess) or (layer.hint is not None and layer.hint.role == "lot"):
            holding = any(contents.owns[number])
            if holding or len(layer.areas) < _MANY or not _is_small(contents, number):
                continue
        found.append(number)
    return found


def _is_small(contents: Contents, number: int) -> bool:
    coded = [
        float(shapely.area(layer.areas[at]))
        for layer, owns in zip(contents.layers, contents.owns, strict=True)
        for at, mine in enumerate(owns)
        if mine
    ]
    usual = float(np.median(shapely.area(contents.layers[number].areas)))
    return bool(coded) and usual < _SPECK * float(np.median(coded))


def _lot_areas(roles: Roles) -> Geometries:
    contents = roles.contents
    parts = [contents.layers[number].areas for number in roles.numbers("lot")]
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)


def _fill_holes(roles: Roles, dropped: frozenset[int]) -> None:
    """Small layers nobody named whose areas hold no code, but lie where no other lot is."""
    contents = roles.contents
    lots = _lot_areas(roles)
    if len(lots) < _MANY or not len(contents.codes):
        return
    tree = shapely.STRtree(lots)
    hull = shapely.convex_hull(shapely.multipoints(contents.codes.points))
    smallest, largest = np.quantile(shapely.area(lots), (0.05, 0.99)) * (0.2, 3.0)
    for number, layer in enumerate(contents.layers):
        if number in roles.role or number in dropped or layer.hint is not None or not 0 < len(layer.areas) <= 40:
            continue
        inner = shapely.point_on_surface(layer.areas)
        covered, _ = tree.query(inner, predicate="within")
        free = len(set(covered.tolist())) <= 0.2 * len(inner)
        size = shapely.area(layer.areas)
        like = size.min() > smallest and size.max() < largest and not layer.codes
        if free and like and bool(shapely.intersects(hull, inner).all()):
            roles.role[number] = Role("lot", 0.5, (("suggest-why-holes", {"count": len(inner)}),))


def drawn_as_areas(roles: Roles) -> bool:
    """Whether the lots are areas (closed lines, fills) rather than faces of linework."""
    contents = roles.contents
    if not len(contents.codes):
        return bool(roles.numbers("lot"))
    held = {code for number in roles.numbers("lot") for mine in contents.owns[number] for code in mine}
    return len(held) >= _ENOUGH * len(contents.codes)


# ── outline ────────────────────────────────────────────────────────────────────────────────────────────────


def _boundary(roles: Roles) -> None:
    """The ring round the codes: by name where one has it, else the smallest that is no frame of the sheet."""
    contents = roles.contents
    scored: list[tuple[float, int, Role]] = []
    for number, layer in enumerate(contents.layers):
        hint = layer.hint
        if number in roles.role or (hint is not None and (hint.existing or hint.role in ("legend", "table"))):
            continue
        by_name = hint if hint is not None and hint.role == "plan_boundary" else None
        if not by_name and hint is not None and hint.score >= 0.7:
            continue
        if not (len(layer.areas) or len(layer.lines)):
            continue
        share, spare = _around(layer, contents, closing=by_name is not None)
        if by_name:
            score = by_name.score + (0.5 if share >= 0.6 else 0.0)
            why: tuple[tuple[str, Mapping[str, object]], ...] = (("suggest-why-name", {"words": by_name.words}),)
            scored.append((score, number, Role("plan_boundary", min(score, 1.0), why)))
        elif share >= 0.9 and spare < 4.0 and len(layer.areas) + len(layer.lines) <= _MANY:
            why = (("suggest-why-around", {"share": round(100 * share)}),)
            scored.append((0.7 - 0.1 * spare, number, Role("plan_boundary", 0.7, why)))
    if not scored:
        return
    best = max(score for score, _, _ in scored)
    for score, number, role in scored:
        if score >= best - 0.05 or (score >= 1.2 and role.score >= 0.95):
            roles.role[number] = role


def _around(layer: LayerContent, contents: Contents, *, closing: bool) -> tuple[float, float]:
    """The share of codes that the layer's best ring surrounds, and its area against that of the codes' hull.

    Rectangles drawn level with the sheet, once two or more of them lie in each other, are frames: not counted."""
    rings = list(layer.areas)
    for line in layer.lines if closing or len(layer.lines) <= _MANY else ():
        coords = shapely.get_coordinates(line)
        gap = float(np.hypot(*(coords[0] - coords[-1])))
        if len(coords) >= 4 and gap < 0.05 * float(shapely.length(line)):
            rings.append(shapely.buffer(shapely.Polygon(coords), 0))
    if not rings or len(contents.codes) < 3:
        return 0.0, 0.0
    shapes = np.empty(len(rings), dtype=object)
    shapes[:] = rings
    hull = float(shapely.area(shapely.convex_hull(shapely.multipoints(contents.codes.points))))
    inside = np.bincount(
        shapely.STRtree(shapes).query(contents.codes.points, predicate="within")[1], minlength=len(shapes)
    )
    shares = inside / len(contents.codes)
    spare = shapely.area(shapes) / max(hull, 1e-9)
    best = max(range(len(shapes)), key=lambda at: (shares[at] >= 0.9, -spare[at] if shares[at] >= 0.9 else shares[at]))
    if not closing and _is_rectangle(shapes[best]) and spare[best] > 1.6:
        return 0.0, 0.0
    return float(shares[best]), float(spare[best])


def _is_rectangle(shape: shapely.Geometry) -> bool:
    box: shapely.Geometry = shapely.minimum_rotated_rectangle(shape)
    return bool(shapely.area(shape) >= 0.995 * shapely.area(box))


# ── labels ─────────────────────────────────────────────────────────────────────────────────────────────────


def _labels(roles: Roles) -> None:
    """Layers of texts with lot codes, or with areas and indicators beside them."""
    contents = roles.contents
    every = len(contents.codes)
    counts = np.bincount(contents.codes.layer, minlength=len(contents.layers)) if every else None
    for number, layer in enumerate(contents.layers):
        hint = layer.hint
        if number in roles.role or not len(layer.texts) or (counts is None and hint is None):
            continue
        if hint is not None and (hint.existing or (hint.role not in ("label", "lot") and hint.score >= 0.7)):
            continue
        own = int(counts[number]) if counts is not None else 0
        share = own / len(layer.texts)
        says = (("suggest-why-codes", {"count": own}),)
        by_name = hint is not None and hint.role == "label"
        if (own >= 3 and own >= 0.02 * every and share >= 0.08) or (own and own == len(layer.texts)):
            roles.role[number] = Role("label", 0.6 + 0.4 * min(share * 4, 1), says)
        elif by_name and hint is not None and hint.score >= STRONG and (own or not every):
            roles.role[number] = Role("label", hint.score, (("suggest-why-name", {"words": hint.words}),))
        elif _is_function(roles.named[number]) and own:
            roles.role[number] = Role("label", 0.7, says)
        elif every and _figures(layer) >= 0.6 and len(layer.texts) >= 0.3 * every:
            roles.role[number] = Role("label", 0.6, (("suggest-why-figures", {"count": len(layer.texts)}),))


def _figures(layer: LayerContent) -> float:
    """The share of texts that state an area or an indicator with its name or unit."""
    texts = [str(layer.source.fields["text"][row] or "") for row in layer.texts[:: max(1, len(layer.texts) // 200)]]
    read = [read_label(text.split("\n")) for text in texts if any(map(str.isdigit, text))]
    told = sum(1 for label in read if label.area or label.density or label.storeys or label.far or label.population)
    return told / len(texts) if texts else 0.0


# ── lines ──────────────────────────────────────────────────────────────────────────────────────────────────


def _lines(roles: Roles) -> None:
    """Lines that part lots, and edges of roads: by name; of others by what they part and what they close."""
    contents = roles.contents
    areas = drawn_as_areas(roles)
    parted = np.zeros(len(contents.near), dtype=bool)
    nameless: list[int] = []
    for number, layer in enumerate(contents.layers):
        hint = layer.hint
        if number in roles.role or not (len(layer.lines) or len(layer.areas)):
            continue
        guess = roles.named[number]
        if hint is not None and hint.role in ("lot_edge", "road") and not hint.existing and hint.score >= 0.75:
            roles.role[number] = Role(hint.role, hint.score, (("suggest-why-name", {"words": hint.words}),))
            parted |= crossed(_all_lines(layer), contents.near)
        elif guess is not None and guess.code in _ROADS and guess.score >= SURE:
            roles.role[number] = Role("road", guess.score, (("suggest-why-name", {"words": guess.why}),))
        elif hint is None or (hint.score < 0.7 and not hint.existing):
            nameless.append(number)
    if areas:
        _along_lots(roles, nameless)
    else:
        _part_lots(roles, nameless, parted)


def _all_lines(layer: LayerContent) -> Geometries:
    return np.concatenate([layer.lines, shapely.boundary(layer.areas)])


def _part_lots(roles: Roles, nameless: Sequence[int], parted: Flags) -> None:
    """Of lines nobody named those that part neighbouring codes, the best first, until most are parted."""
    contents = roles.contents
    if not len(contents.near):
        return
    hits = {number: crossed(_all_lines(contents.layers[number]), contents.near) for number in nameless}
    while hits and parted.mean() < 0.97:
        best = max(hits, key=lambda number: (float((hits[number] & ~parted).mean()), -number))
        gain = float((hits[best] & ~parted).mean())
        if gain < 0.08 or gain < 0.25 * float((~parted).mean()):
            break
        share = float(hits[best].mean())
        part = not roles.numbers("lot_edge") or share >= 0.3
        why = (("suggest-why-parts", {"share": round(100 * share)}),)
        roles.role[best] = Role("lot_edge" if part else "road", min(1.0, 0.4 + share / 2), why)
        parted = parted | hits.pop(best)
    for number in _closing(roles, list(hits)):
        roles.role[number] = Role("road", 0.5, (("suggest-why-closes", {}),))


def _closing(roles: Roles, candidates: Sequence[int]) -> list[int]:
    """Lines on which ends of lot lines rest that meet no other lot line."""
    contents = roles.contents
    edges = [contents.layers[number].lines for number in roles.numbers("lot_edge")]
    if not edges or not candidates or contents.spacing <= 0:
        return []
    lines = np.concatenate(edges)
    lines = lines[shapely.get_type_id(lines) == 1]
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    near = 0.01 * contents.spacing
    end, _ = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=near)
    loose = ends[np.bincount(end, minlength=len(ends)) <= 1]
    if len(loose) < 10:
        return []
    found = []
    for number in candidates:
        met, _ = shapely.STRtree(_all_lines(contents.layers[number])).query(loose, predicate="dwithin", distance=near)
        if len(set(met.tolist())) >= 0.2 * len(loose):
            found.append(number)
    return found


def _along_lots(roles: Roles, nameless: Sequence[int]) -> None:
    """Where lots are areas: lines nobody named that run along their borders are lot lines or road edges."""
    contents = roles.contents
    lots = _lot_areas(roles)
    if not len(lots) or contents.spacing <= 0:
        return
    tree = shapely.STRtree(shapely.boundary(lots))
    for number in nameless:
        lines = contents.layers[number].lines
        if not len(lines):
            continue
        spots = np.concatenate([shapely.line_interpolate_point(lines, at, normalized=True) for at in (0.3, 0.5, 0.8)])
        met, _ = tree.query(spots, predicate="dwithin", distance=_BESIDE * contents.spacing)
        share = len(set(met.tolist())) / len(spots)
        if share >= 0.6 and len(lines) >= _MANY:
            parts = float(crossed(lines, contents.near).mean()) if len(contents.near) else 0.0
            role = "lot_edge" if parts >= 0.3 else "road"
            roles.role[number] = Role(role, share, (("suggest-why-along", {"share": round(100 * share)}),))


# ── what remains ───────────────────────────────────────────────────────────────────────────────────────────


def _rest(roles: Roles) -> None:
    """Everything else is left out: because its name says so, because it is the legend, or with a question."""
    for number, layer in enumerate(roles.contents.layers):
        if number in roles.role:
            continue
        hint, free = layer.hint, int(layer.free.sum())
        if layer.taken and layer.taken >= 4 * free:
            roles.role[number] = Role("legend", 0.8, (("suggest-why-taken", {"count": layer.taken}),))
        elif hint is not None and hint.role in ("ignore", "legend", "table"):
            why = (("suggest-why-name", {"words": hint.words}),)
            roles.role[number] = Role(hint.role, hint.score, why)
        elif hint is not None and hint.existing:
            roles.role[number] = Role("ignore", 0.7, (("suggest-why-existing", {"words": hint.words}),))
        elif layer.grid_texts >= 4 and layer.grid_texts >= 0.8 * len(layer.texts):
            roles.role[number] = Role("ignore", 0.8, (("suggest-why-grid", {"count": layer.grid_texts}),))
        else:
            drawn = len(layer.areas) + len(layer.lines)
            roles.role[number] = replace(Role("ignore", 0.2), asked=drawn >= _MANY)
