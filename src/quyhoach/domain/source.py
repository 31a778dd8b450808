"""What a file handed in holds, before anything is understood of it: layers with their own names, fields and CRS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class SourceLayer:
    """One layer as its file has it. `geometry`: shapely geometries or None, x then y, in `crs` (WKT or
    "AUTHORITY:CODE"; None where the file doesn't say). `ids` are the features' numbers in the file. `fields`: name ->
    one value per feature (str, int, float, bool or None). `warnings`: what the reader had to say, in its own words."""

    name: str
    file: str
    crs: str | None
    geometry: npt.NDArray[np.object_]
    ids: tuple[str, ...]
    fields: dict[str, Sequence[Any]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.geometry)


# Fields that every layer of a drawing has, one value per entity. Lengths and positions are in drawing units, as drawn.
DRAWING_FIELDS = (
    "entity",  # DXF type: LWPOLYLINE, LINE, ARC, HATCH, TEXT, MTEXT, ATTRIB, INSERT, LEADER …
    "closed",  # bool: a line that its entity says is closed (its last vertex repeats the first)
    "aci",  # int 1–255: colour as seen, BYLAYER and BYBLOCK resolved
    "rgb",  # "#rrggbb" where a true colour is set, else None
    "linetype",  # name of the line type as seen, upper case
    "block",  # names of the blocks the entity came out of, outermost first, joined by "/"; None: drawn directly
    # id of the innermost INSERT that the entity came out of (an ATTRIB: that it belongs to; a LEADER and its text: of
    # the leader), or None. Like `ids` a chain of handles, "2A/1F": a block inserted twice gives two of them.
    "insert",
    "elevation",  # bool: a 3D polyline whose heights differ (flattened)
    "pattern",  # of a HATCH: name of the pattern ("SOLID", "ANSI31" …), else None
    "text",  # plain text, lines parted by "\n", formatting codes gone, letters as the file's code page gave them
    "runs",  # JSON [[font file or face, text], …] of the same text; None without text
    "height",  # of the letters
    "rotation",  # degrees, counter-clockwise from the drawing's x axis
    "x",  # where the text starts (left end of its first base line)
    "y",
    "tag",  # of an ATTRIB
)


@dataclass(frozen=True, slots=True)
class CadLayer:
    """A layer of a drawing's layer table; off and frozen layers are not read."""

    name: str
    aci: int
    rgb: str | None
    off: bool
    frozen: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was in a drawing and was not taken. `reason`: layer-off, layer-frozen, invisible, paper-space,
    xref-missing, image, ole, unsupported, broken, empty, limit. `what`: the layer's, file's, layout's or entity
    type's name. `bounds`: west, south, east, north as drawn, or None."""

    reason: str
    what: str
    count: int
    handle: str = ""
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, eq=False)
class TableGrid:
    """A table entity (ACAD_TABLE): its cells' plain text, row by row, with the fonts of the whole table."""

    handle: str
    layer: str
    cells: tuple[tuple[str, ...], ...]
    font: str = ""


@dataclass(frozen=True, eq=False)
class Drawing:
    """What a CAD file says beside its entities. `version`: "AC1015". `codepage`: the Python codec its text was decoded
    with. `unit`: of $INSUNITS ("m", "mm", "cm", "km", "in", "ft" or "" when not said). `recovered`: only a reader that
    mends broken files could read it. `fonts`: text style -> font file."""

    version: str
    codepage: str
    unit: str
    recovered: bool
    layers: Mapping[str, CadLayer]
    left_out: tuple[LeftOut, ...] = ()
    tables: tuple[TableGrid, ...] = ()
    fonts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Source:
    """A file handed in, read whole. `sha256` is over its bytes (of a folder: over names and bytes of its files).

    Of a drawing (`drawing` is not None) each layer is a CAD layer that holds something, with DRAWING_FIELDS; its ids
    are entity handles, those out of blocks behind the handles of the INSERTs passed: "2A/1F", in an array
    "2A[0,3]/1F". Geometry: lines and closed lines as LineString (closed: first vertex = last; lines without length are
    kept), hatches and solids as Polygon or MultiPolygon (as drawn: they may cross themselves or touch), texts as the
    Point in the middle of their letters, leaders as LineString from the arrow's tip."""

    name: str
    sha256: str
    format: str
    layers: tuple[SourceLayer, ...]
    reader: str = ""  # library and version that read it
    drawing: Drawing | None = None
