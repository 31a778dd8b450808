"""The folder of a dossier: its parts, names without accents, what is passed over, and a walk that follows no link."""

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from quyhoach.domain.errors import IngestError
from quyhoach.standard import fold

PREFIX = "CSDL_"
BASIC, SCAN, GIS = "HoSoBASIC", "HoSoScan", "HoSoGIS"
DRAWINGS, TEXTS = "BanVe", "VanBan"
FOLDERS = (*(f"{part}/{kind}" for part in (BASIC, SCAN) for kind in (DRAWINGS, TEXTS)), GIS)
DATABASES = ("HienTrang", "QuyHoach", "NenDiaHinh", "MocGioi")
OPTIONAL = ("MocGioi",)  # there when boundary marks were set out
GIS_FORMATS = (".gpkg", ".gdb")
PROJECTS = (".qgz", ".qgs", ".aprx", ".ppkx", ".mxd", ".mpk")

MOST_ENTRIES = 5_000
MOST_BYTES = 40 << 30
MOST_FILE = 2 << 30
LONGEST_NAME = 60

# What systems leave in folders by themselves, and companions of pictures and layers: never a fault.
_JUNK = re.compile(r"thumbs\.db|desktop\.ini|\.ds_store|\.gitkeep|\._.*|~\$.*|.*\.tmp|.*\.bak", re.IGNORECASE)
_JUNK_FOLDERS = frozenset({"__macosx", ".git", ".spotlight-v100", ".trashes", "$recycle.bin"})
_COMPANION = re.compile(r".*\.(?:[a-z]{1,2}gw|[a-z]{1,2}fw|wld|aux\.xml|ovr|prj|cpg|lock|qmd|qml)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or a folder that is a data set (.gdb). `name` is told from the dossier's folder, with "/"."""

    name: str
    path: Path
    size: int
    folder: bool = False
    link: bool = False

    @property
    def suffix(self) -> str:
        return self.path.suffix.casefold()

    def under(self, *parts: str) -> bool:
        """Whether it lies in that folder (compared without case)."""
        own = [part.casefold() for part in PurePosixPath(self.name).parts[:-1]]
        return own[: len(parts)] == [part.casefold() for part in parts]


def find_root(folder: Path) -> Path:
    """The dossier's folder: `folder` itself, or the one folder in it that looks like one (a ZIP often wraps it)."""
    current = folder
    for _ in range(3):
        inner = [entry for entry in sorted(current.iterdir()) if entry.is_dir() and not entry.is_symlink()]
        inner = [entry for entry in inner if entry.name.casefold() not in _JUNK_FOLDERS]
        if any(entry.name.casefold() in (SCAN.casefold(), GIS.casefold(), BASIC.casefold()) for entry in inner):
            return current
        named = [entry for entry in inner if entry.name.casefold().startswith(PREFIX.casefold())]
        if len(named) == 1:
            current = named[0]
        elif len(inner) == 1:
            current = inner[0]
        else:
            break
    return folder


def walk(root: Path) -> tuple[Entry, ...]:
    """Every file under `root` in order of name; junk of systems left out; a `.gdb` folder is one entry; links are
    listed and not followed. Raises IngestError for too many files or bytes."""
    entries: list[Entry] = []
    seen = 0
    size = 0
    stack = [root]
    while stack:
        folder = stack.pop()
        with os.scandir(folder) as found:
            for item in found:
                seen += 1
                if seen > MOST_ENTRIES:
                    raise IngestError("dossier-too-many-files", folder=root.name, limit=MOST_ENTRIES)
                path = Path(item.path)
                name = path.relative_to(root).as_posix()
                if item.is_symlink():
                    entries.append(Entry(name, path, 0, link=True))
                elif item.is_dir(follow_symlinks=False):
                    if item.name.casefold() in _JUNK_FOLDERS:
                        continue
                    if item.name.casefold().endswith(".gdb"):
                        entries.append(Entry(name, path, 0, folder=True))
                    else:
                        stack.append(path)
                elif item.is_file(follow_symlinks=False) and not _JUNK.fullmatch(item.name):
                    length = item.stat(follow_symlinks=False).st_size
                    if length > MOST_FILE:
                        raise IngestError("dossier-file-too-large", file=name, limit=MOST_FILE >> 30)
                    size += length
                    entries.append(Entry(name, path, length))
    if size > MOST_BYTES:
        raise IngestError("dossier-too-large", folder=root.name, limit=MOST_BYTES >> 30)
    return tuple(sorted(entries, key=lambda entry: entry.name))


def is_companion(name: str) -> bool:
    """World files, statistics, projections: they belong to a picture or layer beside them."""
    return _COMPANION.fullmatch(name) is not None


def ascii_words(text: str) -> list[str]:
    """The words of a text without accents, letters' case kept: "Bản đồ QH" -> ["Ban", "do", "QH"]."""
    words = []
    for word in re.split(r"\s+", text):
        plain = "".join(_fold_letter(letter) for letter in word)
        words += _WORD.findall(plain)
    return words


def _fold_letter(letter: str) -> str:
    folded = fold(letter)
    return folded.upper() if letter.isupper() else folded


def file_name(text: str, *, longest: int = LONGEST_NAME) -> str:
    """A name without accents and blanks made of a text: "Bản đồ sử dụng đất" -> "BanDoSuDungDat".

    Cut at a word's end, never empty. What stands in brackets is left out."""
    words = ascii_words(re.sub(r"\([^()]*\)", " ", text)) or ascii_words(text) or ["HoSo"]
    name = ""
    for word in words:
        capital = word[:1].upper() + word[1:]
        if name and len(name) + len(capital) > longest:
            break
        name += capital
    return name[:longest]


def is_plain_name(name: str) -> bool:
    """Whether a file or folder name has only letters without accents, digits, `_`, `-` and `.`."""
    return re.fullmatch(r"[A-Za-z0-9_.\-]+", name) is not None
