"""Which frames a drawing's coordinates allow: orders of axes, units and systems that lay it where it can be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from quyhoach.domain.frame import Frame
from quyhoach.domain.mapping import AUTO, ControlPoint, SourceMapping
from quyhoach.domain.source import SourceLayer
from quyhoach.standardise.candidates import inside
from quyhoach.standardise.crs_note import CrsNote
from quyhoach.standardise.grid_crosses import GridFit
from quyhoach.standardise.grid_similarity import UNITS, is_usual, nearest_unit
from quyhoach.standardise.work import Context

Extent = tuple[float, float, float, float]

VIETNAM: Extent = (102.0, 8.0, 110.5, 23.5)  # lon/lat
_SIZES = (5.0, 300_000.0)  # metres: what a plan's longer side can be
_UNIT_NAMES = {1.0: "m", 0.001: "mm", 0.01: "cm", 1000.0: "km"}
_MOST = 12  # candidates told


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a drawing shows of where it lies. `middle`: median of its entities' places, x + iy as drawn; `size`: the
    longer side of what nine tenths of them cover, drawn; both 0 for an empty drawing."""

    middle: complex
    size: float
    note: CrsNote
    grid: GridFit | None


def measure(layers: Sequence[SourceLayer]) -> tuple[complex, float] | None:
    """Middle and size of a drawing (see Evidence); None where nothing has a place."""
    boxes = [shapely.bounds(layer.geometry) for layer in layers if len(layer)]
    box = np.concatenate(boxes) if boxes else np.empty((0, 4))
    box = box[np.isfinite(box).all(axis=1)]
    if not len(box):
        return None
    x, y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    low, high = np.percentile(np.column_stack([x, y]), (5, 95), axis=0)
    size = float(max(high - low))
    if size == 0:
        size = float(max(box[:, 2].max() - box[:, 0].min(), box[:, 3].max() - box[:, 1].min()))
    return complex(np.median(x), np.median(y)), size


def lonlat(crs: str, at: complex) -> tuple[float, float] | None:
    """Longitude and latitude of E + iN in a system; None where it can't be told."""
    transformer = _to_lonlat(crs)
    if transformer is None:
        return None
    lon, lat = transformer.transform(at.real, at.imag)
    return (float(lon), float(lat)) if np.isfinite([lon, lat]).all() else None


@lru_cache(maxsize=128)
def _to_lonlat(crs: str) -> Transformer | None:
    try:
        return Transformer.from_crs(CRS.from_user_input(crs), CRS.from_epsg(4326), always_xy=True, allow_ballpark=False)
    except (CRSError, ProjError):
        return None


def lies_in(frame: Frame, drawn: complex, area: Extent) -> bool:
    """Whether a frame lays a drawn place into an area (lon/lat) or just beside it."""
    place = lonlat(frame.crs, true_place(frame, drawn))
    return place is not None and inside(*place, area)


def true_place(frame: Frame, drawn: complex) -> complex:
    """A drawn place as E + iN in the frame's system."""
    east, north = frame.to_true(np.array([[drawn.real, drawn.imag]]))[0]
    return complex(east, north)


def province_area(context: Context) -> Extent:
    """Where a plan of the province can lie, lon/lat: its extent, else its system's area of use, else Việt Nam."""
    if context.extent is not None:
        return context.extent
    if context.crs:
        use = CRS.from_user_input(context.crs).area_of_use
        if use is not None:
            return (use.west, use.south, use.east, use.north)
    return VIETNAM


def direct_frames(evidence: Evidence, crs: str, mapping: SourceMapping, area: Extent) -> list[Frame]:
    """The frames without moving or turning, in a system, that lay the drawing into an area at a plan's size."""
    geographic = CRS.from_user_input(crs).is_geographic
    found = []
    for unit in UNITS:
        if mapping.unit not in (AUTO, _UNIT_NAMES[unit]) or (geographic and unit != 1.0):
            continue
        if not geographic and not _SIZES[0] <= evidence.size * unit <= _SIZES[1]:
            continue
        for swapped in (False, True):
            frame = Frame(crs, swapped, unit)
            if mapping.axes in (AUTO, "ne" if swapped else "en") and lies_in(frame, evidence.middle, area):
                found.append(frame)
    return found


def grid_frame(grid: GridFit, crs: str, size: float) -> Frame:
    """The frame that a grid tells, with unit, turn and shift made plain where the fit says no more than that."""
    fit = grid.similarity
    unit = _unit_of(fit.turn)
    turn = fit.turn / unit
    tolerance, span = max(0.01, min(grid.residual, 0.5)), max(size * unit, 1.0)
    if abs(turn - 1) * span <= tolerance:
        turn = 1 + 0j
    elif abs(abs(turn) - 1) * span <= tolerance:
        turn = turn / abs(turn)
    anchor = (grid.middle - fit.shift) / fit.turn  # the middle of the marks as drawn (axes put right)
    shift = grid.middle - turn * unit * anchor
    if turn == 1 and abs(shift) <= tolerance:
        shift = 0j
    elif abs(turn - 1) < 1e-12:
        shift = complex(round(shift.real, 4), round(shift.imag, 4))
    return Frame(crs, fit.swapped, unit, (turn.real, turn.imag), (shift.real, shift.imag))


def _unit_of(turn: complex) -> float:
    """The unit that a similarity's scale is nearly that of, else metres."""
    return nearest_unit(turn) if is_usual(turn) else 1.0


def control_frame(points: Sequence[ControlPoint], crs: str, axes: str) -> tuple[Frame, np.ndarray]:
    """The similarity that fits control points best, of both orders of axes where `axes` is "auto", and each point's
    residual in metres. Two points fit both ways: then the way that turns less. Needs two different points."""
    drawn = np.array([complex(*point.drawn) for point in points])
    true = np.array([complex(*point.true) for point in points])
    fits = []
    for swapped in (False, True):
        if axes not in (AUTO, "ne" if swapped else "en"):
            continue
        z = drawn.imag + 1j * drawn.real if swapped else drawn
        spread = z - z.mean()
        turn = complex((np.conj(spread) * (true - true.mean())).sum() / (np.abs(spread) ** 2).sum())
        residual = np.abs(turn * spread + true.mean() - true)
        shift = complex(true.mean() - turn * z.mean())
        fits.append((round(float(residual.max()), 3), abs(np.angle(turn)), swapped, turn, shift, residual))
    _, _, swapped, turn, shift, residual = min(fits, key=lambda fit: fit[:3])
    unit = _unit_of(turn)
    turn = turn / unit
    return Frame(crs, swapped, unit, (turn.real, turn.imag), (shift.real, shift.imag)), residual


def frame_candidates(
    evidence: Evidence, context: Context, mapping: SourceMapping, codes: Iterable[str] = ()
) -> list[str]:
    """Systems (with axes and unit) that would lay the drawing's middle into the province, for a person to choose from:
    "EPSG:9215 (VN-2000 / TM-3 107-15), axes = "ne" → 21.6570 N, 106.5783 E"."""
    area = province_area(context)
    names = {f"EPSG:{zone.epsg}": zone.name for zone in context.standard.crs_zones}
    names |= {"EPSG:32648": "WGS 84 / UTM 48N", "EPSG:32649": "WGS 84 / UTM 49N"}
    found = []
    for code in dict.fromkeys([*filter(None, (context.crs,)), *codes, *names]):
        if _to_lonlat(code) is None:
            continue
        if evidence.grid is not None and evidence.grid.exact:
            frame = grid_frame(evidence.grid, code, evidence.size)
            frames = [frame] if lies_in(frame, evidence.middle, area) else []
        else:
            frames = direct_frames(evidence, code, mapping, area)
        for frame in frames:
            described = _described(frame, evidence.middle, names.get(code, ""))
            found.append((code != context.crs, not _is_meant_for(frame, evidence.middle), described))
    return [described for _, _, described in sorted(found, key=lambda row: row[:2])][:_MOST]


def _is_meant_for(frame: Frame, drawn: complex) -> bool:
    """Whether the place lies where the frame's system is meant to be used."""
    use = CRS.from_user_input(frame.crs).area_of_use
    return use is not None and lies_in(frame, drawn, (use.west, use.south, use.east, use.north))


def _described(frame: Frame, drawn: complex, name: str) -> str:
    lon, lat = lonlat(frame.crs, true_place(frame, drawn)) or (float("nan"), float("nan"))
    ways = (f" ({name})" if name else "") + (', axes = "ne"' if frame.swapped else "")
    ways += f', unit = "{_UNIT_NAMES[frame.unit]}"' if frame.unit != 1.0 else ""
    return f"{frame.crs}{ways} → {lat:.4f} N, {lon:.4f} E"


def unit_name(unit: float) -> str:
    """ "mm" for 0.001."""
    return _UNIT_NAMES.get(unit, f"{unit:g} m")
