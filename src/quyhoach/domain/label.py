"""What a lot's label on a Vietnamese planning drawing says: lot code, area, population, density, storeys, FAR."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """How the labels of one drawing are laid out, where the drawing's own key says it (panel "KÝ HIỆU LÔ ĐẤT").

    `area_unit`: "m2", "ha" or "" (not said). `rows`: per line of a label, what stands there, of "code", "area",
    "density", "storeys", "far", "population"; empty: not said."""

    area_unit: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A label read. Indicators as written, without names and units ("40-60", "0,4-2,5"); "" where nothing stands.
    `area_m2`: the written area in m², None where none is written or readable. `unread`: pieces nobody understood."""

    code: str = ""
    area: str = ""  # as written, with its unit
    area_m2: float | None = None
    population: str = ""
    density: str = ""
    storeys: str = ""
    far: str = ""
    unread: tuple[str, ...] = ()
