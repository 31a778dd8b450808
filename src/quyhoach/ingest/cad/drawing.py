"""One drawing with what it refers to, read whole."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from quyhoach.domain.errors import IngestError
from quyhoach.domain.source import Drawing, SourceLayer
from quyhoach.ingest.cad.book import Book
from quyhoach.ingest.cad.dwg import block_names, open_dwg
from quyhoach.ingest.cad.harms import harms, reason_of
from quyhoach.ingest.cad.lettering import clean, decode
from quyhoach.ingest.cad.opening import Opened, guess_tolerance, open_dxf
from quyhoach.ingest.cad.place import Spot
from quyhoach.ingest.cad.sink import Sink
from quyhoach.ingest.cad.walk import Walker, paper_space
from quyhoach.ingest.limits import Limits


@dataclass(frozen=True, eq=False)
class Reading:
    """What `read_drawing` gives. `xrefs`: (name, SHA-256) of the external drawings that were read with it."""

    layers: list[SourceLayer]
    drawing: Drawing
    reader: str
    xrefs: tuple[tuple[str, str], ...]


def read_drawing(
    path: Path, beside: Sequence[Path], name: str, limits: Limits, work: Path, progress: Callable[[int], None]
) -> Reading:
    """Read a DXF or DWG. `beside`: where its external references are looked for, by base name. `name`: what it is
    called in messages. `work`: a folder for intermediate files. `progress` is told how many entities were seen.

    Raises IngestError for what cannot be read or is beyond the limits."""
    opened = _open(path, name, limits, work)
    xrefs = _Xrefs(beside, path, limits, work)
    try:
        return _read(opened, path, xrefs, Sink(name, limits), progress)
    except harms() as error:  # of tables and layouts; what a broken entity does is caught one by one
        raise IngestError("ingest-unreadable", file=name, reason=reason_of(error)) from error


def _read(opened: Opened, path: Path, xrefs: "_Xrefs", sink: Sink, progress: Callable[[int], None]) -> Reading:
    space = opened.doc.modelspace()
    book = _book(opened, path, guess_tolerance(space))
    walker = Walker(sink, xrefs.open, progress)
    walker.walk(space, Spot(book))
    paper_space(book, sink)
    for reason, what, count in opened.left:
        sink.leave((reason, what), count=count)
    layers = sink.layers()  # first: it tells of broken entities
    drawing = Drawing(
        version=opened.version,
        codepage=opened.codepage,
        unit=book.unit,
        recovered=opened.recovered,
        layers=book.cad_layers(),
        left_out=sink.left_out(),
        tables=tuple(walker.tables),
        fonts=dict(book.fonts),
    )
    return Reading(layers, drawing, opened.reader, tuple(sorted(xrefs.used.items())))


def _book(opened: Opened, path: Path, tolerance: float) -> Book:
    return Book(opened.doc, opened.codepage, path, tolerance, tells_xrefs=opened.tells_xrefs)


def _open(path: Path, name: str, limits: Limits, work: Path) -> Opened:
    """A drawing by what it is, not by what its suffix says: each is sometimes named as the other."""
    return open_dwg(path, name, limits, work) if _is_dwg(path) else open_dxf(path, name)


def _is_dwg(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"AC10"


class _Xrefs:
    """External drawings, opened once each, from what lies beside the drawing that names them."""

    def __init__(self, beside: Sequence[Path], host: Path, limits: Limits, work: Path) -> None:
        self.used: dict[str, str] = {}
        self._beside = beside
        self._limits = limits
        self._work = work
        self._books: dict[Path, Book | None] = {}
        self._budget = limits.input_bytes - host.stat().st_size

    def open(self, file: str, asking: Book) -> Book | None:
        """The tables of the external drawing, None where there is none beside the drawing."""
        path = find_beside(self._beside, file)
        if path is None:
            return None
        if path.is_symlink() or not path.is_file():
            raise IngestError("ingest-link", file=path.name)
        if path not in self._books:
            self._books[path] = self._read(path, asking)
        return self._books[path]

    def _read(self, path: Path, asking: Book) -> Book:
        self._budget -= path.stat().st_size
        if self._budget < 0:
            raise IngestError("ingest-too-large", file=path.name)
        opened = _open(path, path.name, self._limits, self._work)
        with path.open("rb") as data:
            self.used[path.name] = hashlib.file_digest(data, "sha256").hexdigest()
        return _book(opened, path, asking.tolerance)


def find_beside(beside: Sequence[Path], name: str) -> Path | None:
    """The drawing of this name, whatever the case; a DXF for a DWG of the same name and the reverse."""
    stem, suffix = Path(name).stem.casefold(), Path(name).suffix.casefold()
    found: dict[str, Path] = {}
    for entry in beside:
        if entry.stem.casefold() == stem:
            found.setdefault(entry.suffix.casefold(), entry)
    return found.get(suffix) or found.get(".dxf") or found.get(".dwg")


def choose_drawing(drawings: Sequence[Path], folder: Path, bundle: str, limits: Limits) -> Path:
    """The drawing of a bundle that no other one refers to. IngestError naming them where several could be meant.

    Of one drawing as DXF and as DWG the DXF is taken."""
    if len(drawings) > limits.drawings:
        raise IngestError("ingest-archive-entries", file=bundle, entries=len(drawings), limit=limits.drawings)
    stems = {path.with_suffix("").as_posix().casefold() for path in drawings if path.suffix.casefold() == ".dxf"}
    once = [
        path
        for path in drawings
        if path.suffix.casefold() == ".dxf" or path.with_suffix("").as_posix().casefold() not in stems
    ]
    if len(once) > 1:
        referred = {
            target
            for path in once
            for name in referred_names(path)
            if (target := find_beside(once, name)) is not None and target != path
        }
        once = [path for path in once if path not in referred] or once
    if len(once) > 1:
        names = ", ".join(str(path.relative_to(folder)) for path in once[:10])
        raise IngestError("ingest-drawing-ambiguous", file=bundle, drawings=names)
    return once[0]


_SUFFIX = re.compile(rb"\.(?:dwg|dxf)(?=[\r\n\x00])", re.IGNORECASE)
_PARTED = re.compile(rb"[\r\n\x00/\\\\:]")


def referred_names(path: Path) -> set[str]:
    """Base names of drawings that a drawing may refer to: those its bytes speak of; of a DWG, which is packed, the
    names of its blocks, since the block of an external drawing bears its name."""
    if _is_dwg(path):
        return {f"{name}.dwg" for name in block_names(path)}
    found = set()
    data = path.read_bytes()
    for match in _SUFFIX.finditer(data):
        start = _PARTED.split(data[max(0, match.start() - 200) : match.start()])[-1]
        for codec in ("utf-8", "cp1258"):
            text = (start + match[0]).decode(codec, errors="replace").strip()
            found.add(clean(decode(text, codec)))
    return found
