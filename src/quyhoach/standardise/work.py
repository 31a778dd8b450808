"""What the phases hand on: the layers read, the features made of them, and what was found, repaired and guessed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding, Level, Repair
from quyhoach.domain.frame import Frame
from quyhoach.domain.label import LabelStyle
from quyhoach.domain.mapping import LayerRule, SourceMapping
from quyhoach.domain.plan import Plan
from quyhoach.domain.source import DRAWING_FIELDS, Drawing, SourceLayer
from quyhoach.standard import Standard

Geometries = npt.NDArray[np.object_]
ISLAND = "islandFunction"  # field of a lot: its function as an island, if its label tells no other
# Fields that a drawing's features need on the way, never attributes of the standard.
ON_THE_WAY = frozenset({"layer", ISLAND, *DRAWING_FIELDS})


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of a drawing's legend: a sample of colour (and layer) beside words, perhaps with the code's letters.

    `function`: the land-use function that the words name, None where none is recognised."""

    name: str
    function: str | None
    prefix: str = ""
    aci: int | None = None
    rgb: str | None = None
    layer: str = ""  # of the sample
    handle: str = ""  # of the sample


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One line of the drawing's own land-use balance table. `total`: the line of the sum. `function` as in a legend."""

    name: str
    function: str | None
    area_m2: float | None
    share_pct: float | None = None
    total: bool = False
    handle: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LotRow:
    """One line of the drawing's table of lots; indicators as written, "" where nothing stands."""

    code: str
    area_m2: float | None = None
    population: str = ""
    density: str = ""
    storeys: str = ""
    far: str = ""
    handle: str = ""


@dataclass(frozen=True, eq=False)
class SheetReading:
    """What stands beside the map on the sheet. `taken`: handles of the entities (samples, frames, texts) that belong to
    legend, tables, key and title block, so that none of them becomes a lot or a label."""

    legend: tuple[LegendEntry, ...] = ()
    balance: tuple[BalanceRow, ...] = ()
    lots: tuple[LotRow, ...] = ()
    style: LabelStyle = field(default_factory=LabelStyle)
    taken: frozenset[str] = frozenset()
    scale: int | None = None  # 5000 of "TỶ LỆ 1/5.000"
    title: str = ""


@dataclass(frozen=True, eq=False)
class Context:
    """What is known beforehand: the province's CRS, extent (lon/lat: west, south, east, north; None: not known), its
    list of land-use functions, the standard, and the plan, when the file is for one of the workspace's."""

    standard: Standard
    crs: str
    extent: tuple[float, float, float, float] | None = None
    land_use: str = "tt16"
    plan: Plan | None = None
    province: str = ""


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one role from one source layer, in the province's CRS. `fields` carry our names."""

    rule: LayerRule
    layer: str
    geometry: Geometries
    handles: tuple[str, ...]
    fields: dict[str, Sequence[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.geometry)

    def take(self, keep: npt.NDArray[np.bool_]) -> "Features":
        """The features where `keep` is true."""
        rows = np.flatnonzero(keep).tolist()
        return replace(
            self,
            geometry=self.geometry[keep],
            handles=tuple(self.handles[row] for row in rows),
            fields={name: [values[row] for row in rows] for name, values in self.fields.items()},
        )

    def name_of(self, row: int) -> str:
        """What a person would call the feature: its label, name or number in the file."""
        for key in ("kyHieuLoDat", "maDoiTuong", "tenDoiTuong"):
            value = self.fields[key][row] if key in self.fields else None
            if value:
                return str(value)
        return self.handles[row]


@dataclass(frozen=True, eq=False)
class Work:
    """The state between two phases; each phase returns a new one."""

    context: Context
    mapping: SourceMapping
    layers: tuple[SourceLayer, ...]
    drawing: Drawing | None = None  # of a CAD file
    frame: Frame | None = None  # of a drawing, once located
    reading: SheetReading = SheetReading()  # of a drawing: legend, tables, key
    features: tuple[Features, ...] = ()
    outline: Any = None  # shapely polygon, once drawn
    coverage: tuple[tuple[str, Any], ...] = ()  # (theme, shapely polygon)
    source_lots: tuple[Features, ...] = ()
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Repair, ...] = ()
    guesses: tuple[str, ...] = ()

    def role(self, role: str) -> tuple[Features, ...]:
        """The features of one role."""
        return tuple(features for features in self.features if features.rule.role == role)


def place(geometry: Any) -> bytes | None:
    """A geometry as the place of a finding or repair: WKB in two dimensions, None for none."""
    if geometry is None or geometry.is_empty:
        return None
    return bytes(shapely.to_wkb(geometry, byte_order=1, output_dimension=2))


def warning(code: str, **more: Any) -> Finding:
    """A finding that does not stop anything; `params` are the keywords that a finding has no place for."""
    return _finding(code, Level.WARNING, more)


def error(code: str, **more: Any) -> Finding:
    """A finding that must be put right before the data are used."""
    return _finding(code, Level.ERROR, more)


def note(code: str, **more: Any) -> Finding:
    """A finding worth knowing."""
    return _finding(code, Level.NOTE, more)


def _finding(code: str, level: Level, more: dict[str, Any]) -> Finding:
    own = {key: more.pop(key) for key in ("layer", "feature", "wkb", "source_handle") if key in more}
    return Finding(code=code, level=level, params=more, **own)
