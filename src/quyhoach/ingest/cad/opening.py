"""Open a DXF file: strictly first, else with the reader that mends broken files."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version as version_of
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from quyhoach.domain.errors import IngestError
from quyhoach.ingest.cad.harms import harms, reason_of

_MM_BEYOND = 1e7  # no VN-2000 coordinate in metres is this large
_SAGITTA = 0.005  # metres
_BINARY = b"AutoCAD Binary DXF"


@dataclass(frozen=True)
class Opened:
    """A document and how it came to be read. `left`: (reason, name, count) of what its reader skipped. `tells_xrefs`:
    whether its blocks say which external drawing they stand for."""

    doc: Any
    version: str
    codepage: str
    recovered: bool
    reader: str
    left: tuple[tuple[str, str, int], ...] = ()
    tells_xrefs: bool = True


def open_dxf(path: Path, name: str) -> Opened:
    """A DXF of any version, ASCII or binary. IngestError `ingest-unreadable` where neither reader can make sense."""
    import ezdxf
    from ezdxf import recover

    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(b"AC10"):
        raise IngestError("ingest-unreadable", file=name, reason="DWG")
    recovered = False
    try:
        doc: Any = ezdxf.readfile(path)  # type: ignore[attr-defined]
        _touch(doc)
    except harms() as first:
        if head.startswith(_BINARY):
            raise IngestError("ingest-unreadable", file=name, reason=reason_of(first)) from first
        try:
            doc, _ = recover.readfile(path)
            _touch(doc)
        except harms() as second:
            raise IngestError("ingest-unreadable", file=name, reason=reason_of(second)) from second
        recovered = True
    if doc.dxfversion < "AC1009" and not len(doc.modelspace()):
        raise IngestError("ingest-unreadable", file=name, reason=str(doc.dxfversion))
    version = str(getattr(doc, "_loaded_dxfversion", None) or doc.dxfversion)
    codepage = "utf-8" if version >= "AC1021" else str(doc.encoding)
    return Opened(doc, version, codepage, recovered, f"ezdxf {version_of('ezdxf')}")


def _touch(doc: Any) -> None:
    """Fail early where the document has no tables or no model space."""
    for _ in (doc.layers, doc.styles, doc.blocks):
        pass
    iter(doc.modelspace())


def guess_tolerance(entities: Iterable[Any]) -> float:
    """How far a chord may be off its curve in drawing units: 5 mm, the unit guessed from how large coordinates are."""
    sizes = []
    for entity in islice(entities, 2_000):
        own = entity.dxf.__dict__
        point = own.get("insert") or own.get("start") or own.get("center")
        if point is None and hasattr(entity, "lwpoints") and len(entity.lwpoints):
            x, y = entity.lwpoints.values.reshape(-1, 5)[0, :2].tolist()
            sizes.append(max(abs(x), abs(y)))
        elif point is not None:
            sizes.append(max(abs(point.x), abs(point.y)))
    return _SAGITTA * 1000 if sizes and median(sizes) > _MM_BEYOND else _SAGITTA
