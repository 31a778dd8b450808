"""What a town is made of before it is drawn: metres, in the town's own axes (s along, t to the left)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quarter:
    """A grid of streets along the valley: `rows` are the offsets of the long streets, `widths` their red-line widths
    (0: no street there, a border only), `names` what they are called ("": numbered)."""

    id: str
    s: tuple[float, float]
    rows: tuple[float, ...]
    widths: tuple[float, ...]
    names: tuple[str, ...] = ()
    use: str = "housing"
    spacing: tuple[float, float] = (120.0, 190.0)
    cross: float = 13.5
    skew: float = 0.06
    ragged: float = 350.0  # how much shorter the outer rows may be
    lot: float = 62.0  # wished length of a lot along the street
    core: float = 0.0  # within this distance of `heart` the quarter is old, dense town
    heart: float = 0.0
    loose: float = 0.16  # share of cross streets left out between two rows
    pins: tuple[float, ...] = ()  # stations where cross streets are for certain, with none between the first and last


@dataclass(frozen=True, slots=True)
class Facility:
    """A public building or place: takes the cell (a whole block) or the lot nearest to (s, t). With the use "housing"
    it says that the lot at (s, t) is for houses for certain."""

    use: str
    name: str
    s: float
    t: float
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Site:
    """A place outside the grid: a rounded shape of `radius` about (s, t), stretched along the valley."""

    use: str
    name: str
    s: float
    t: float
    radius: float
    stretch: float = 1.2
    below: bool = False  # under the streets' grid (a hill that the town grew around) or over it (a barracks)


@dataclass(frozen=True, slots=True)
class Lane:
    """A road outside the grid, through places (s, t); `hamlets` are the stations along it (m from its start) where
    houses stand."""

    name: str
    places: tuple[tuple[float, float], ...]
    width: float = 11.5
    use: str = "road"
    hamlets: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Strip:
    """A long strip beside the valley's axis: river, railway, highway. `amplitude` and `wavelength` make it wander."""

    name: str
    t: float
    width: float
    amplitude: float = 0.0
    wavelength: float = 2000.0


@dataclass(frozen=True, slots=True)
class TownSpec:
    """A town to be drawn. `controls` are the spine's points relative to the town's centre (E, N)."""

    id: str
    centre: tuple[float, float]  # longitude, latitude
    controls: tuple[tuple[float, float], ...]
    scale: int
    reach: tuple[float, float]  # the plan's outline: s from, to
    flanks: tuple[float, float]  # t from, to
    river: Strip
    highways: tuple[Strip, ...]
    railway: Strip | None
    quarters: tuple[Quarter, ...]
    facilities: tuple[Facility, ...]
    sites: tuple[Site, ...]
    lanes: tuple[Lane, ...]
    foot: tuple[float, float]  # where the hills begin: |t| right, left
    ridge: tuple[float, float]  # where protection forest begins
    cuts: tuple[float, float] = (420.0, 720.0)
    streets: tuple[str, ...] = ()  # names for the first cross streets
    bank: float = 22.0
    bends: int = 0  # seed's salt
