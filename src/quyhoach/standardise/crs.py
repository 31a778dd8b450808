"""Phase: everything into the province's CRS. What the file does not say is asked for, never guessed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from quyhoach.domain.errors import IngestError, UsageError
from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.mapping import AUTO, SourceMapping
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.candidates import crs_candidates, inside
from quyhoach.standardise.work import Context, Geometries, Work, error, note, place

Points = npt.NDArray[np.float64]
_WAYS = (("en", "m"), ("ne", "m"), ("en", "mm"), ("ne", "mm"))


def to_province_crs(work: Work) -> Work:
    """Transform every layer to the province's CRS; leave out, with an error finding, those whose CRS is not known.

    The mapping's `crs`, `axes` and `unit` win over the file's. With `auto`, swapped axes and millimetres are put
    right only where the data then lie in the province and did not before; that is a repair and a guess. Control
    points (two or more) replace all of it by a similarity. Raises IngestError for a CRS nobody knows.
    """
    if work.drawing is not None:
        return work
    if not work.context.crs:
        work = replace(work, context=replace(work.context, crs=_own_crs(work)))
    target = parse_crs(work.context.crs)
    layers: list[SourceLayer] = []
    findings: list[Finding] = list(work.findings)
    repairs: list[Repair] = list(work.repairs)
    guesses: list[str] = list(work.guesses)
    drawn = _similarity(work.mapping) if work.mapping.control_points else None
    for layer in work.layers:
        if drawn is not None:
            move, residual = drawn
            layers.append(_moved(layer, move, work.context.crs))
            findings.append(note("control-points-used", layer=layer.name, residual=round(residual, 3)))
            continue
        source, fault = _source_crs(layer, work.mapping, work.context)
        if source is None:
            findings += [fault] if fault else []
            continue
        way = _way(layer, source, work.mapping, work.context)
        try:
            move = _mover(source, target, way)
        except ProjError:
            findings.append(_no_transformation(layer, source, work.context))
            continue
        moved = _moved(layer, move, work.context.crs)
        moved, lost = _finite(moved)
        if lost:
            findings.append(error("geometry-outside-crs", layer=layer.name, count=lost, crs=_name(source)))
        layers.append(moved)
        for code, used in (("axes-swapped", way[0] == "ne"), ("unit-millimetres", way[1] == "mm")):
            if used:
                where = place(shapely.box(*shapely.total_bounds(moved.geometry))) if len(moved) else None
                repairs.append(Repair(code, layer=layer.name, params={"count": len(layer)}, wkb=where))
                guesses.append(f"{code}: {layer.name}")
    return replace(work, layers=tuple(layers), findings=tuple(findings), repairs=tuple(repairs), guesses=tuple(guesses))


def _own_crs(work: Work) -> str:
    """The data's own CRS, where no province is known: the mapping's, else the one that all layers say, in metres.

    Raises UsageError when there is none."""
    told = [work.mapping.crs] if work.mapping.crs != AUTO else [layer.crs for layer in work.layers if layer.crs]
    systems = {_name(parse_crs(text)) for text in told}
    if len(systems) == 1:
        (name,) = systems
        if ":" in name and not parse_crs(name).is_geographic:
            return name
    raise UsageError("standardise-needs-crs")


def parse_crs(text: str) -> CRS:
    """The CRS of an authority code or WKT; IngestError for one that is not known."""
    try:
        return CRS.from_user_input(text)
    except CRSError as fault:
        raise IngestError("crs-not-known", crs=text[:80]) from fault


def _source_crs(layer: SourceLayer, mapping: SourceMapping, context: Context) -> tuple[CRS | None, Finding | None]:
    """The layer's CRS, or the finding that says why there is none (no finding for a layer without any place)."""
    if not len(layer) or not np.isfinite(shapely.total_bounds(layer.geometry)).all():
        return parse_crs(context.crs), None
    if mapping.crs != AUTO:
        return parse_crs(mapping.crs), None
    code, crs = "source-crs-unknown", None
    if layer.crs:
        try:
            crs = CRS.from_user_input(layer.crs)
        except CRSError:
            crs = None
        if crs is not None and crs.is_geographic and not _degrees(layer.geometry):
            code, crs = "source-crs-contradicts", None
    if crs is not None:
        return crs, None
    candidates = crs_candidates(layer.geometry, context)
    return None, error(code, layer=layer.name, file=layer.file, candidates="; ".join(candidates) or "–")


def _no_transformation(layer: SourceLayer, source: CRS, context: Context) -> Finding:
    candidates = "; ".join(crs_candidates(layer.geometry, context)) or "–"
    return error(
        "crs-no-transformation", layer=layer.name, crs=_name(source), target=context.crs, candidates=candidates
    )


def _degrees(geometry: Geometries) -> bool:
    west, south, east, north = shapely.total_bounds(geometry)
    return bool(max(abs(west), abs(east)) <= 360 and max(abs(south), abs(north)) <= 360)


def _way(layer: SourceLayer, source: CRS, mapping: SourceMapping, context: Context) -> tuple[str, str]:
    """Which axis comes first and in which unit the coordinates are."""
    allowed = [(axes, unit) for axes, unit in _WAYS if mapping.axes in (AUTO, axes) and mapping.unit in (AUTO, unit)]
    if source.is_geographic:
        allowed = [way for way in allowed if way[1] == "m"] or allowed
    if context.extent is None or not len(layer) or len(allowed) == 1:
        return allowed[0]
    west, south, east, north = shapely.total_bounds(layer.geometry)
    if not np.isfinite([west, south, east, north]).all():
        return allowed[0]
    centre = np.array([[(west + east) / 2, (south + north) / 2]])
    for way in allowed:
        try:
            lon, lat = _mover(source, CRS.from_epsg(4326), way)(centre)[0]
        except ProjError:
            continue
        if inside(float(lon), float(lat), context.extent):
            return way
    return allowed[0]


def _mover(source: CRS, target: CRS, way: tuple[str, str]) -> Callable[[Points], Points]:
    """A function from drawn coordinates to the target's E, N. ProjError when the datums can only be confused."""
    same = source.equals(target, ignore_axis_order=True)
    transformer = None if same else Transformer.from_crs(source, target, always_xy=True, allow_ballpark=False)

    def move(points: Points) -> Points:
        x, y = (points[:, 1], points[:, 0]) if way[0] == "ne" else (points[:, 0], points[:, 1])
        if way[1] == "mm":
            x, y = x / 1000, y / 1000
        if transformer is not None:
            x, y = transformer.transform(x, y)
        return np.column_stack([x, y])

    return move


def _similarity(mapping: SourceMapping) -> tuple[Callable[[Points], Points], float]:
    """The similarity that fits the control points best, and its largest residual in metres. IngestError for under
    two different points."""
    drawn = np.array([complex(*point.drawn) for point in mapping.control_points])
    true = np.array([complex(*point.true) for point in mapping.control_points])
    spread = drawn - drawn.mean()
    weight = float((abs(spread) ** 2).sum())
    if len(drawn) < 2 or weight == 0:
        raise IngestError("mapping-control-points")
    turn = complex((np.conj(spread) * (true - true.mean())).sum() / weight)
    shift = complex(true.mean() - turn * drawn.mean())
    residual = float(abs(turn * drawn + shift - true).max())

    def move(points: Points) -> Points:
        result = (points[:, 0] + 1j * points[:, 1]) * turn + shift
        return np.column_stack([result.real, result.imag])

    return move, residual


def _moved(layer: SourceLayer, move: Callable[[Points], Points], crs: str) -> SourceLayer:
    flat = shapely.force_2d(layer.geometry)
    return replace(layer, crs=crs, geometry=shapely.transform(flat, move))


def _finite(layer: SourceLayer) -> tuple[SourceLayer, int]:
    """The layer with None in place of geometries that the projection can't hold, and their number."""
    bounds = shapely.bounds(layer.geometry)
    filled = ~shapely.is_missing(layer.geometry) & ~shapely.is_empty(layer.geometry)
    broken = filled & ~np.isfinite(bounds).all(axis=1)
    if not broken.any():
        return layer, 0
    geometry = layer.geometry.copy()
    geometry[broken] = None
    return replace(layer, geometry=geometry), int(broken.sum())


def _name(crs: Any) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)
