"""What software can't guess about a file handed in: `mapping.toml` (DESIGN §5.3) as values."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

ROLES = (
    "lot",
    "lot_edge",
    "plan_boundary",
    "label",
    "table",
    "road",
    "overlay",
    "line",
    "point",
    "parcel",
    "coverage",
    "legend",
    "ignore",
)
DRAWING_ROLES = frozenset({"lot_edge", "table", "road", "legend"})  # mean something in a drawing only
GEOMETRIES = ("polygon", "line", "point")
AUTO = "auto"

# A function that the code list does not know is kept in the lot's `ghiChu` behind these words.
SOURCE_FUNCTION = "Chức năng ghi trong dữ liệu nguồn: "


@dataclass(frozen=True, slots=True)
class LayerRule:
    """What the features of the layers matching `match` are. The first rule that fits a feature's kind of geometry wins.

    `fields`: our field -> their field. `guessed`: what of this rule was guessed by software, for a person to check."""

    match: str
    role: str
    function: str = ""
    class_name: str = ""
    theme: str = ""
    geometry: str = ""  # "polygon", "line", "point"; empty: any
    area_unit: str = "m2"  # of the written area: "m2" or "ha"
    fields: Mapping[str, str] = field(default_factory=dict)
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionRule:
    """A value of the source (a glob) and the code of the land-use function it means."""

    match: str
    code: str


@dataclass(frozen=True, slots=True)
class ColourRule:
    """A colour of a drawing and the function it means: a colour index (`aci`) or a true colour (`rgb`, "#rrggbb")."""

    function: str
    aci: int | None = None
    rgb: str | None = None
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrefixRule:
    """Letters that lot codes begin with and the function they mean: "OM" -> DAT_O_Nhomnhao."""

    prefix: str
    function: str
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """A point as drawn (x, y) and where it truly is (E, N in the province's CRS)."""

    drawn: tuple[float, float]
    true: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A whole mapping.toml."""

    crs: str = AUTO
    axes: str = AUTO  # auto | en | ne
    unit: str = AUTO  # auto | m | mm
    encoding: str = AUTO
    control_points: tuple[ControlPoint, ...] = ()
    layers: tuple[LayerRule, ...] = ()
    functions: tuple[FunctionRule, ...] = ()
    sha256: str = ""  # of the file; empty: made by software
    colours: tuple[ColourRule, ...] = ()  # of drawings
    prefixes: tuple[PrefixRule, ...] = ()  # of drawings
    frame: int = 0  # of drawings: which of several maps, from 1; 0: not said
    guessed: tuple[str, ...] = ()  # what of crs, axes, unit, sheet was guessed by software

    @property
    def drawing_only(self) -> tuple[str, ...]:
        """The parts given that mean something in a drawing only."""
        parts = {"colour": self.colours, "prefix": self.prefixes, "sheet": self.frame}
        return tuple(name for name, given in parts.items() if given)


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a glob, without regard to case and to the way Unicode composes letters."""
    return fnmatchcase(fold_name(name), fold_name(pattern))


def fold_name(text: str) -> str:
    """A name for comparing: one Unicode form, no case, blanks trimmed. Diacritics stay: "đất" is not "dat"."""
    return unicodedata.normalize("NFC", " ".join(text.split())).casefold()


def escape_glob(text: str) -> str:
    """A name as a glob that fits nothing else."""
    return re.sub(r"([*?\[])", r"[\1]", text)


def toml_string(text: str) -> str:
    """A text as a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
