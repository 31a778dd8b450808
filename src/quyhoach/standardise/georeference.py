"""Phase: where a drawing lies. One decision for all its layers, from what is stated and shown; never a silent guess."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from pyproj.exceptions import ProjError

from quyhoach.domain.errors import IngestError
from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.frame import Frame
from quyhoach.domain.mapping import AUTO, ControlPoint
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.crs import parse_crs
from quyhoach.standardise.crs_note import read_crs_note
from quyhoach.standardise.drawn_texts import DrawnTexts, drawn_texts
from quyhoach.standardise.frame_choice import (
    VIETNAM,
    Evidence,
    Extent,
    control_frame,
    direct_frames,
    frame_candidates,
    grid_frame,
    lies_in,
    measure,
    province_area,
    true_place,
    unit_name,
)
from quyhoach.standardise.grid_crosses import fit_grid
from quyhoach.standardise.work import Geometries, Work, error, note, place, warning

_RESIDUAL = 0.5  # metres: control points or crosses that fit worse are worth a warning
_CONTRADICTION = 2.0  # metres: evidence that differs by more is no longer the same place
_MOST_TOLD = 8

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Decision:
    """The frame, or None with the finding that asks for it."""

    frame: Frame | None
    findings: tuple[Finding, ...] = ()
    guesses: tuple[str, ...] = field(default=())

    def telling(self, *findings: Finding, guesses: Sequence[str] = ()) -> "_Decision":
        """The same with more to say."""
        return replace(self, findings=self.findings + findings, guesses=self.guesses + tuple(guesses))


def locate_drawing(work: Work) -> Work:
    """Lay a drawing into the province's CRS (where none is known: into its own), by one frame for all its layers.

    What the mapping says wins: control points, `crs`, `axes`, `unit`. Else labelled grid crosses, the sheet's note on
    its system, and where the coordinates lie. Evidence that contradicts is an error finding naming both; where it does
    not suffice, an error finding asks with candidates and the layers are left out. Text fields `x, y` stay as drawn.
    Raises IngestError for a CRS nobody knows and for control points that are one point."""
    if work.drawing is None:
        return work
    measured = measure(work.layers)
    if measured is None:
        return work
    texts = drawn_texts(work.layers)
    evidence = Evidence(*measured, read_crs_note(texts, work.context.standard), fit_grid(work.layers, texts))
    decision = _decide(work, evidence)
    if decision.frame is None:
        return replace(work, layers=(), findings=work.findings + decision.findings)
    return _laid(work, decision.telling(*_labels_off(evidence, texts)), decision.frame)


# ── the decision ───────────────────────────────────────────────────────────────────────────────────────────


def _decide(work: Work, evidence: Evidence) -> _Decision:
    mapping, context = work.mapping, work.context
    if mapping.control_points:
        return _by_control_points(work, evidence)
    if mapping.crs != AUTO:
        crs = parse_crs(mapping.crs)
        if crs.datum is not None and "1972" in crs.datum.name:
            return _Decision(None, (error("frame-hn72", text=f"{mapping.crs} ({crs.name})"),))
        return _by_mapping(work, evidence)
    old = evidence.note.hn72 or ("18 …, 19 …" if evidence.grid is not None and evidence.grid.old_zone else "")
    if old:
        return _Decision(None, (error("frame-hn72", text=old),))
    codes = [code for code in evidence.note.codes if _known(code)]
    if codes:
        return _by_note(work, evidence, codes)
    if context.crs:
        decision = _in_system(work, evidence, context.crs, province_area(context))
        if decision.frame is not None:
            return decision.telling(
                note("frame-crs-assumed", crs=context.crs),
                guesses=[f"crs: {context.crs}, because it is the province's and the drawing lies inside"],
            )
        if decision.findings:
            return decision
    return _asking(work, evidence)


def _by_control_points(work: Work, evidence: Evidence) -> _Decision:
    points, context = work.mapping.control_points, work.context
    if len({point.drawn for point in points}) < 2 or len({point.true for point in points}) < 2:
        raise IngestError("mapping-control-points")
    codes = [code for code in evidence.note.codes if _known(code)]
    crs = context.crs or (work.mapping.crs if work.mapping.crs != AUTO else codes[0] if len(codes) == 1 else "")
    if not crs:
        return _asking(work, evidence)
    frame, residual = control_frame(points, crs, work.mapping.axes)
    worst = float(residual.max())
    decision = _Decision(frame, (note("frame-control-points", count=len(points), residual=round(worst, 3)),))
    if worst > _RESIDUAL:
        told = _residuals_told(points, residual)
        decision = decision.telling(warning("frame-control-points-residual", residual=round(worst, 2), points=told))
    if evidence.grid is not None and evidence.grid.exact:
        apart = abs(
            true_place(grid_frame(evidence.grid, crs, evidence.size), evidence.middle)
            - true_place(frame, evidence.middle)
        )
        if apart > max(_CONTRADICTION, 2 * worst):
            decision = decision.telling(error("frame-control-points-against-crosses", distance=round(apart, 1)))
    return decision


def _residuals_told(points: Sequence[ControlPoint], residual: Points) -> str:
    """The worst points first: "(1000, 2000): 1.25 m"."""
    order = np.argsort(-residual)[:_MOST_TOLD].tolist()
    return "; ".join(f"({points[i].drawn[0]:g}, {points[i].drawn[1]:g}): {residual[i]:.2f} m" for i in order)


def _by_mapping(work: Work, evidence: Evidence) -> _Decision:
    """The operator's system; axes, unit and origin are still to be found where the mapping does not say them."""
    crs, area = work.mapping.crs, province_area(work.context)
    decision = _in_system(work, evidence, crs, area)
    outside = decision.frame is None and not decision.findings and area != VIETNAM
    if outside:
        decision = _in_system(work, evidence, crs, VIETNAM)
        if decision.frame is not None:
            decision = decision.telling(warning("frame-outside-province", crs=crs))
    if decision.frame is None:
        return decision if decision.findings else _asking(work, evidence)
    if evidence.note.hn72:
        said = warning if evidence.note.vn2000 else error
        decision = decision.telling(said("frame-hn72-against-mapping", crs=crs, text=evidence.note.hn72))
    named = [parse_crs(code) for code in evidence.note.codes if _known(code)]
    stated = parse_crs(crs)
    if named and not any(stated.equals(other, ignore_axis_order=True) for other in named):
        said = error if outside else warning
        decision = decision.telling(said("frame-note-against-mapping", crs=crs, text=evidence.note.text))
    return decision


def _by_note(work: Work, evidence: Evidence, codes: Sequence[str]) -> _Decision:
    """The system that the sheet names; where its words fit several, the province's own if it is among them."""
    context, area = work.context, province_area(work.context)
    own = [code for code in codes if context.crs and parse_crs(code).equals(parse_crs(context.crs), True)]
    found = [(code, _in_system(work, evidence, code, area)) for code in own or codes]
    fitting = [(code, decision) for code, decision in found if decision.frame is not None]
    if len(fitting) == 1:
        code, decision = fitting[0]
        told = note("frame-crs-noted", crs=code, text=evidence.note.text)
        if len(codes) == 1:
            return decision.telling(told)
        reason = "the province's own" if own else "the only one that lays it into the province"
        return decision.telling(told, guesses=[f"crs: {code}, of {', '.join(codes)} named on the sheet {reason}"])
    if not fitting:
        troubled = [decision for _, decision in found if decision.findings]
        if troubled:
            return troubled[0]
        candidates = _candidates(work, evidence)
        if evidence.grid is None or not evidence.grid.exact:
            elsewhere = any(direct_frames(evidence, code, work.mapping, VIETNAM) for code in codes)
            if not elsewhere and not direct_frames(evidence, context.crs or codes[0], work.mapping, area):
                return _asking(work, evidence)
        return _Decision(None, (error("frame-note-outside", text=evidence.note.text, candidates=candidates),))
    return _Decision(None, (error("frame-several", candidates=_candidates(work, evidence, codes)),))


def _in_system(work: Work, evidence: Evidence, crs: str, area: Extent) -> _Decision:
    """The frame in one system; None without findings where the drawing can't be there, with one where it asks."""
    mapping, grid = work.mapping, evidence.grid
    direct = direct_frames(evidence, crs, mapping, area)
    if grid is not None and grid.exact:
        frame = grid_frame(grid, crs, evidence.size)
        if lies_in(frame, evidence.middle, area):
            return _by_grid(work, evidence, frame, direct)
    if not direct:
        return _Decision(None)
    if len(direct) > 1 and grid is not None and grid.similarity.swapped in {frame.swapped for frame in direct}:
        direct = [frame for frame in direct if frame.swapped == grid.similarity.swapped]
    if len(direct) > 1:
        return _Decision(None, (error("frame-several", candidates=_candidates(work, evidence, (crs,))),))
    frame = direct[0]
    if grid is not None:
        apart = _apart(frame, grid_frame(grid, crs, evidence.size), evidence)
        if apart > max(grid.reach, _CONTRADICTION):
            told = error("frame-crosses-against-coordinates", count=grid.count, distance=round(apart, 1), crs=crs)
            return _Decision(frame, (told,), _guessed(work, frame))
        return _Decision(frame)
    unproved = (warning("frame-sheet-unproved", crs=crs),) if _one_of_several(work) else ()
    return _Decision(frame, unproved, _guessed(work, frame))


def _by_grid(work: Work, evidence: Evidence, frame: Frame, direct: Sequence[Frame]) -> _Decision:
    """The frame that the grid tells, against the frames that the coordinates allow."""
    grid, mapping = evidence.grid, work.mapping
    assert grid is not None
    told = [note("frame-crosses", count=grid.count, residual=round(grid.residual, 3), crs=frame.crs)]
    if grid.residual > _RESIDUAL:
        told.append(warning("frame-crosses-residual", residual=round(grid.residual, 2)))
    near = [other for other in direct if _apart(other, frame, evidence) <= _CONTRADICTION]
    if near:
        return _Decision(near[0], tuple(told))
    if direct:
        apart = round(_apart(direct[0], frame, evidence), 1)
        said = warning if _one_of_several(work) else error  # of several maps only one lies at true coordinates
        told.append(said("frame-crosses-against-coordinates", count=grid.count, distance=apart, crs=frame.crs))
        stated = mapping.crs != AUTO and mapping.axes != AUTO and mapping.unit != AUTO
        return _Decision(direct[0] if stated else frame, tuple(told))
    for given, found in (
        (mapping.axes, "ne" if frame.swapped else "en"),
        (mapping.unit, unit_name(frame.unit)),
    ):
        if given not in (AUTO, found):
            told.append(error("frame-crosses-against-mapping", given=given, found=found))
    return _Decision(frame, tuple(told))


def _one_of_several(work: Work) -> bool:
    """Whether the drawing held several maps, of which this is the one chosen."""
    return any(finding.code == "sheet-chosen" for finding in work.findings)


def _apart(one: Frame, other: Frame, evidence: Evidence) -> float:
    """Metres between where two frames of one system lay a drawing, at its middle and beside it."""
    half = evidence.size / 2
    spots = evidence.middle + np.array([0, half, -half, 1j * half, -1j * half])
    drawn = np.column_stack([spots.real, spots.imag])
    return float(np.hypot(*(one.to_true(drawn) - other.to_true(drawn)).T).max())


def _guessed(work: Work, frame: Frame) -> tuple[str, ...]:
    """What of a frame rests on nothing but where the coordinates then lie."""
    found = []
    if frame.swapped and work.mapping.axes == AUTO:
        found.append('axes: "ne", because the drawing then lies inside')
    if frame.unit != 1.0 and work.mapping.unit == AUTO:
        found.append(f'unit: "{unit_name(frame.unit)}", because the drawing then lies inside')
    return tuple(found)


def _asking(work: Work, evidence: Evidence) -> _Decision:
    """The finding that asks where the drawing lies."""
    free = replace(work.mapping, axes=AUTO, unit=AUTO)  # what is stated may be what is wrong
    mapping = work.mapping
    candidates = frame_candidates(evidence, work.context, mapping, evidence.note.codes) or frame_candidates(
        evidence, work.context, free, evidence.note.codes
    )
    x, y = f"{evidence.middle.real:.1f}", f"{evidence.middle.imag:.1f}"
    if candidates:
        return _Decision(None, (error("frame-crs-asked", x=x, y=y, candidates="; ".join(candidates)),))
    return _Decision(None, (error("frame-local", x=x, y=y),))


def _candidates(work: Work, evidence: Evidence, codes: Sequence[str] = ()) -> str:
    return "; ".join(frame_candidates(evidence, work.context, work.mapping, codes)) or "–"


def _known(code: str) -> bool:
    try:
        parse_crs(code)
    except IngestError:
        return False
    return True


def _labels_off(evidence: Evidence, texts: DrawnTexts) -> list[Finding]:
    """Grid labels that say another number than the rest of the grid gives their mark."""
    grid = evidence.grid
    if grid is None or not grid.exact or not grid.off:
        return []
    rows = [(row, away) for row, away in grid.off if away > _RESIDUAL]
    if not rows:
        return []
    told = "; ".join(f"“{' '.join(texts.text[row].split())}”" for row, _ in rows[:_MOST_TOLD])
    return [note("frame-labels-off", count=len(rows), labels=told, source_handle=texts.handle[rows[0][0]])]


# ── the transformation ─────────────────────────────────────────────────────────────────────────────────────


def _laid(work: Work, decision: _Decision, frame: Frame) -> Work:
    """The work with every layer in the province's CRS and what was done recorded."""
    target = work.context.crs or frame.crs
    try:
        moved = _transformed(work.layers, frame, target)
    except ProjError:
        told = error("frame-no-transformation", crs=frame.crs, target=target)
        return replace(work, layers=(), findings=(*work.findings, *decision.findings, told))
    layers, lost = moved
    findings = [error("geometry-outside-crs", layer=name, count=count, crs=frame.crs) for name, count in lost]
    return replace(
        work,
        context=replace(work.context, crs=target),
        layers=layers,
        frame=frame,
        findings=(*work.findings, *decision.findings, *findings),
        repairs=work.repairs + _repairs(frame, layers),
        guesses=work.guesses + decision.guesses,
    )


def _transformed(
    layers: Sequence[SourceLayer], frame: Frame, target: str
) -> tuple[tuple[SourceLayer, ...], list[tuple[str, int]]]:
    """The layers moved, all coordinates at once, and (layer, number) of geometries that the projection can't hold.
    ProjError when the datums can only be confused."""
    source, goal = parse_crs(frame.crs), parse_crs(target)
    same = source.equals(goal, ignore_axis_order=True)
    transformer = None if same else Transformer.from_crs(source, goal, always_xy=True, allow_ballpark=False)
    plain = frame == Frame(frame.crs)

    def move(points: Points) -> Points:
        true = points if plain else frame.to_true(points)
        if transformer is not None:
            true = np.column_stack(transformer.transform(true[:, 0], true[:, 1]))
        return true

    empty: Geometries = np.empty(0, dtype=object)
    drawn = shapely.force_2d(np.concatenate([empty, *(layer.geometry for layer in layers)]))
    sound = _finite(drawn)
    true = drawn.copy()
    if not (plain and transformer is None):
        true[sound] = shapely.transform(drawn[sound], move)
    kept = _finite(true)
    true[~kept] = None
    result, lost, start = [], [], 0
    for layer in layers:
        rows = slice(start, start + len(layer))
        start = rows.stop
        result.append(replace(layer, crs=target, geometry=true[rows]))
        count = int((sound[rows] & ~kept[rows]).sum())
        if count:
            lost.append((layer.name, count))
    return tuple(result), lost


def _finite(geometry: Geometries) -> npt.NDArray[np.bool_]:
    """Which geometries hold nothing but finite coordinates; missing and empty ones pass."""
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    sound = np.ones(len(geometry), dtype=bool)
    sound[owner[~np.isfinite(xy).all(axis=1)]] = False
    return sound


def _repairs(frame: Frame, layers: Sequence[SourceLayer]) -> tuple[Repair, ...]:
    """What was done to all coordinates of the drawing, each with the drawing's extent as its place."""
    count = sum(len(layer) for layer in layers)
    bounds = shapely.total_bounds(np.concatenate([layer.geometry for layer in layers]))
    where = place(shapely.box(*bounds)) if np.isfinite(bounds).all() else None
    found = []
    if frame.swapped:
        found.append(Repair("drawing-axes-swapped", params={"count": count}, wkb=where))
    if frame.unit != 1.0:
        found.append(Repair("drawing-unit", params={"unit": unit_name(frame.unit), "count": count}, wkb=where))
    turn = complex(*frame.turn)
    if frame.turn != (1.0, 0.0) or frame.shift != (0.0, 0.0):
        params = {
            "east": round(frame.shift[0], 3),
            "north": round(frame.shift[1], 3),
            "rotation": round(float(np.degrees(np.angle(turn))), 6),
            "scale": round(abs(turn), 8),
        }
        found.append(Repair("drawing-moved", params=params, wkb=where))
    return tuple(found)
