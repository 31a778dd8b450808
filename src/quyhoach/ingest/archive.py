"""Unpack a ZIP that a stranger made, in the limited child; what is not a plain bundle of data files is refused."""

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from quyhoach.domain.errors import IngestError
from quyhoach.ingest.formats import ARCHIVES, belongs, is_known
from quyhoach.ingest.limits import Limits

_CHUNK = 1 << 20
_ENCRYPTED = 0x1


def unpack(path: Path, folder: Path, limits: Limits, *, everything: bool = False) -> None:
    """Unpack the data files of a ZIP into `folder`; other files (PDF, pictures) stay where they are, unless
    `everything` is wanted.

    Raises IngestError for: no ZIP, damage, encryption, absolute paths, `..`, symbolic links, archives inside, names
    that differ by case alone, too many entries, too many bytes (counted while unpacking: headers may lie), bombs.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(path, entries, limits)
            budget = limits.unpacked_bytes
            for entry in entries:
                if not entry.is_dir() and (everything or _wanted(entry.filename)):
                    budget -= _unpack_entry(archive, entry, folder, budget, path)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise IngestError("ingest-archive-damaged", file=path.name) from error


def _check_entries(path: Path, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise IngestError("ingest-archive-entries", file=path.name, entries=len(entries), limit=limits.entries)
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        parts = PurePosixPath(name).parts
        if name.startswith("/") or "\\" in name or ":" in name or ".." in parts or "\x00" in name or not parts:
            raise IngestError("ingest-archive-path", file=path.name, entry=name)
        if len(parts) > limits.depth or len(name) > 500:
            raise IngestError("ingest-archive-path", file=path.name, entry=name)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise IngestError("ingest-archive-link", file=path.name, entry=name)
        if PurePosixPath(name).suffix.casefold() in ARCHIVES:
            raise IngestError("ingest-archive-nested", file=path.name, entry=name)
        if entry.flag_bits & _ENCRYPTED:
            raise IngestError("ingest-archive-encrypted", file=path.name)
        if name.casefold() in seen:
            raise IngestError("ingest-archive-twice", file=path.name, entry=name)
        seen.add(name.casefold())
    total = sum(entry.file_size for entry in entries)
    packed = max(path.stat().st_size, 1)
    if total > limits.unpacked_bytes or (total > limits.bomb_bytes and total / packed > limits.bomb_ratio):
        raise IngestError("ingest-archive-bomb", file=path.name)


def _wanted(name: str) -> bool:
    return (
        belongs(name)
        or (is_known(name) and PurePosixPath(name).suffix.casefold() not in ARCHIVES)
        or any(part.casefold().endswith(".gdb") for part in PurePosixPath(name).parts[:-1])
    )


def _unpack_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, budget: int, path: Path) -> int:
    target = folder.joinpath(*PurePosixPath(entry.filename).parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(entry) as source, target.open("xb") as file:
        while block := source.read(_CHUNK):
            written += len(block)
            if written > budget:
                raise IngestError("ingest-archive-bomb", file=path.name)
            file.write(block)
    return written
