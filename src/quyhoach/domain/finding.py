"""What is wrong with data, and what was repaired: values with a stable code; the sentence is made at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How grave a finding is. Only `error` makes a command exit 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in the data. `wkb` is the place, a WKB geometry in the province's CRS, or None."""

    code: str
    level: Level
    layer: str = ""
    feature: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    wkb: bytes | None = None
    source_handle: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """One change made to the data on the way in. `wkb` is where, in the province's CRS, or None."""

    code: str
    layer: str = ""
    feature: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    wkb: bytes | None = None
    source_handle: str = ""
