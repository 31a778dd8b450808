"""DWG: by a converter where the machine has one, else by ezdwg, whose entities are put into the shapes of ezdxf.

What ezdwg skips is said: types it doesn't know as "unsupported", entities it could not decode as "broken".
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import IngestError
from quyhoach.ingest.cad.dwg_entities import MAKERS
from quyhoach.ingest.cad.harms import harms, reason_of
from quyhoach.ingest.cad.opening import Opened, open_dxf
from quyhoach.ingest.limits import Limits

VERSIONS = frozenset({"AC1012", "AC1014", "AC1015", "AC1018", "AC1021", "AC1024", "AC1027", "AC1032"})
# Code page numbers of a DWG's head, to Python's codecs.
_CODEPAGES = {
    28: "cp1250",
    29: "cp1251",
    30: "cp1252",
    32: "cp1253",
    33: "cp1254",
    34: "cp1255",
    35: "cp1256",
    36: "cp1257",
    37: "cp874",
    38: "cp932",
    39: "gbk",
    40: "cp949",
    41: "big5",
    44: "cp1258",
}
_CODEPAGE_AT = 0x13
_KNOWN = ("cp932", "gbk", "cp949", "big5")  # of several bytes a letter: left to the reader itself


def open_dwg(path: Path, name: str, limits: Limits, work: Path) -> Opened:
    """A DWG of R13 to R2018. IngestError for other versions and for what cannot be read."""
    with path.open("rb") as file:
        version = file.read(6).decode("ascii", errors="replace")
    if not version.startswith("AC"):
        raise IngestError("ingest-unreadable", file=name, reason="")
    for convert, tool in ((_dwg2dxf, "dwg2dxf"), (_oda, "ODAFileConverter")):
        program = shutil.which(tool)
        if program is not None:
            made = convert(program, path, work, limits)
            if made is not None:
                opened = open_dxf(made, name)
                return replace(opened, version=version, reader=f"{tool}, {opened.reader}")
    if version not in VERSIONS:
        raise IngestError("ingest-dwg-version", file=name, version=version)
    return _with_ezdwg(path, name, version, work)


def block_names(path: Path) -> set[str]:
    """The names of a DWG's blocks; none where they can't be read."""
    from ezdwg import raw

    try:
        return {str(name) for _, name in raw.decode_block_header_names(str(path))}
    except harms():
        return set()
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return set()


def _dwg2dxf(program: str, path: Path, work: Path, limits: Limits) -> Path | None:
    out = work / f"{path.stem}.converted.dxf"
    return _convert([program, "-y", "-o", str(out), str(path)], out, limits)


def _oda(program: str, path: Path, work: Path, limits: Limits) -> Path | None:
    folder, target = work / f"{path.stem}.oda-in", work / f"{path.stem}.oda-out"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(path, folder / "a.dwg")
    command = [program, str(folder), str(target), "ACAD2018", "DXF", "0", "1", "a.dwg"]
    return _convert(command, target / "a.dxf", limits)


def _convert(command: list[str], out: Path, limits: Limits) -> Path | None:
    """Run a converter, which inherits this process's limits; None when it makes nothing."""
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.wall_seconds / 2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return out if out.is_file() and out.stat().st_size else None


@dataclass
class _Block:
    """A block's entities and what its BLOCK entity says."""

    block: Any
    entities: list[Any] = field(default_factory=list)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.entities)


class _Blocks(dict[str, _Block]):
    """Blocks by name without regard to case, as `doc.blocks` of ezdxf has them."""

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.casefold(), default)


@dataclass
class _Shelf:
    """What the walker needs of an ezdxf document."""

    layers: list[Any]
    styles: list[Any]
    header: dict[str, Any]
    space: list[Any] = field(default_factory=list)
    blocks: _Blocks = field(default_factory=_Blocks)
    layouts: tuple[Any, ...] = ()
    entitydb: dict[str, Any] = field(default_factory=dict)

    def modelspace(self) -> list[Any]:
        """The entities of model space."""
        return self.space


def _with_ezdwg(path: Path, name: str, version: str, work: Path) -> Opened:
    codepage = _CODEPAGES.get(_head_codepage(path), "cp1252")
    letters: Callable[[str], str] = str
    if version >= "AC1021":
        codepage = "utf-8"
    elif codepage not in ("cp1252", *_KNOWN):
        # ezdwg decodes few code pages and loses the letters of others: read as cp1252, which keeps every byte.
        path = _as_cp1252(path, work)
        letters = _again(codepage)
    try:
        shelf, left = _Reader(str(path), letters).read()
    except harms() as error:
        raise IngestError("ingest-unreadable", file=name, reason=reason_of(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of the Rust inside, which is no Exception
            raise
        raise IngestError("ingest-unreadable", file=name, reason="") from error
    return Opened(shelf, version, codepage, False, f"ezdwg {version_of('ezdwg')}", left, tells_xrefs=False)


def _head_codepage(path: Path) -> int:
    with path.open("rb") as file:
        return int.from_bytes(file.read(_CODEPAGE_AT + 2)[_CODEPAGE_AT:], "little")


def _as_cp1252(path: Path, work: Path) -> Path:
    data = bytearray(path.read_bytes())
    data[_CODEPAGE_AT : _CODEPAGE_AT + 2] = (30).to_bytes(2, "little")
    copy = work / f"{path.stem}.cp1252.dwg"
    copy.write_bytes(data)
    return copy


def _again(codepage: str) -> Callable[[str], str]:
    """Text decoded as cp1252 decoded in the code page it is in; what is no byte of it stays."""

    def letters(text: str) -> str:
        if text.isascii():
            return text
        parts = []
        for sign in text:
            byte = sign.encode("cp1252", errors="ignore") or sign.encode("latin-1", errors="ignore")
            parts.append(byte.decode(codepage, errors="ignore") or sign)
        return "".join(parts)

    return letters


class _Reader:
    """Takes a DWG apart into a shelf."""

    def __init__(self, path: str, letters: Callable[[str], str]) -> None:
        import ezdwg
        from ezdwg import raw

        self._doc = ezdwg.read(path)
        self._path = path
        self._raw = raw
        self._letters = letters
        self._layers = {layer.handle: letters(layer.name) for layer in self._doc.layers}
        self._styles: dict[int, str] = {}
        self._left: Counter[tuple[str, str]] = Counter()

    def read(self) -> tuple[_Shelf, tuple[tuple[str, str, int], ...]]:
        """The shelf, and (reason, name, count) of what was skipped."""
        shelf = _Shelf(self._read_layers(), self._read_styles(), {"$INSUNITS": self._doc.insunits or 0})
        names = self._read_blocks(shelf)
        placed: dict[int, Any] = {}
        waiting: list[tuple[int, Any]] = []
        seen: set[int] = set()
        for entity in self._doc.entities().query(None):
            seen.add(entity.handle)
            made = self._make(entity, shelf)
            if made is None:
                continue
            placed[entity.handle] = made
            if entity.dxftype == "ATTRIB":
                waiting.append((int(entity.dxf.get("owner_handle") or 0), made))
            else:
                self._shelve(entity.handle, made, shelf, names)
        for owner, attribute in waiting:
            insert = placed.get(owner)
            if insert is not None and insert.dxftype() == "INSERT":
                insert.attribs.append(attribute)
            else:
                self._left["broken", "ATTRIB"] += 1
        self._count_skipped(seen)
        self._shelve_tables(shelf)
        return shelf, tuple((reason, what, count) for (reason, what), count in sorted(self._left.items()))

    def _read_layers(self) -> list[Any]:
        from ezdxf.entities import factory

        layers = []
        for layer in self._doc.layers:
            attributes = {
                "name": self._letters(layer.name),
                "color": layer.color if layer.on else -layer.color,
                "flags": 1 if layer.frozen else 0,
                "linetype": self._letters(layer.linetype or "CONTINUOUS"),
            }
            if layer.true_color is not None:
                attributes["true_color"] = layer.true_color
            layers.append(factory.new("LAYER", attributes))
        return layers

    def _read_styles(self) -> list[Any]:
        from ezdxf.entities import factory

        styles = []
        for row in self._raw.decode_write_tables(self._path):
            if row.get("kind") == "STYLE":
                name = self._letters(str(row.get("name", "")))
                self._styles[int(row["handle"])] = name
                styles.append(factory.new("STYLE", {"name": name, "font": self._letters(str(row.get("font", "")))}))
        return styles

    def _read_blocks(self, shelf: _Shelf) -> dict[int, str]:
        """Make the blocks empty; their names by handle. "" is model space, "*P" paper space."""
        from ezdxf.entities import factory

        bases = {int(row["handle"]): row["base_point"] for row in self._raw.decode_write_blocks(self._path)}
        names: dict[int, str] = {}
        for handle, told in self._raw.decode_block_header_names(self._path):
            name = self._letters(told)
            upper = name.upper()
            if upper.startswith("*MODEL_SPACE"):
                names[handle] = ""
            elif upper.startswith("*PAPER_SPACE"):
                names[handle] = "*P"
            elif handle in bases:
                if name.casefold() in shelf.blocks:  # anonymous blocks may all be called "*U"
                    name = f"{name}#{handle:X}"
                names[handle] = name
                attributes = {"name": name, "base_point": bases[handle], "flags": 0}
                shelf.blocks[name.casefold()] = _Block(factory.new("BLOCK", attributes))
        self._inserted = {
            handle: names[block]
            for handle, _, block, *_ in self._raw.decode_insert_write_properties(self._path)
            if block in names and names[block] not in ("", "*P")
        }
        return names

    def _shelve(self, handle: int, made: Any, shelf: _Shelf, names: Mapping[int, str]) -> None:
        mode, owner = self._doc.entity_placement(handle) or (2, None)
        name = "" if mode == 2 else "*P" if mode == 1 else names.get(owner or -1)
        if name is None:
            self._left["broken", made.dxftype()] += 1
        elif name == "":
            shelf.space.append(made)
        elif name == "*P":
            self._left["paper-space", "Layout"] += 1
        else:
            shelf.blocks[name.casefold()].entities.append(made)

    def _count_skipped(self, seen: set[int]) -> None:
        """Count the entities of the file that were not handed over, by type."""
        parts = ("BLOCK", "ENDBLK", "SEQEND", "VIEWPORT")
        known = {row[4] for row in self._raw.list_object_headers_with_type(self._path) if row[0] in seen}
        for handle, _, _, _, kind, group in self._raw.list_object_headers_with_type(self._path):
            if group != "E" or handle in seen or kind in parts or kind.startswith("VERTEX"):
                continue
            reason = "broken" if kind in known or kind in MAKERS else "unsupported"
            self._left[reason, "DIMENSION" if kind.startswith("DIM_") else kind] += 1

    def _shelve_tables(self, shelf: _Shelf) -> None:
        """Insert the pictures of tables that no entity we can read refers to: what they say is still to be read."""
        from ezdxf.entities import factory

        used = {name.casefold() for name in self._inserted.values()}
        for key, block in shelf.blocks.items():
            if key.startswith("*t") and key not in used and block.entities:
                insert: Any = factory.new(
                    "INSERT", {"name": block.block.dxf.name, "handle": f"T{key[2:]}", "layer": "0"}
                )
                insert.doc = shelf
                shelf.space.append(insert)

    def _make(self, entity: Any, shelf: _Shelf) -> Any:
        """One entity in the shape of ezdxf; None (and counted) where that can't be."""
        maker = MAKERS.get(entity.dxftype)
        if maker is None:
            if entity.dxftype not in ("VIEWPORT", "BLOCK", "ENDBLK", "SEQEND"):
                reason = {"IMAGE": "image", "OLE2FRAME": "ole", "OLEFRAME": "ole"}.get(entity.dxftype, "unsupported")
                self._left[reason, entity.dxftype] += 1
            return None
        given = entity.dxf
        try:
            made = maker(self._common(entity), given, self)
        except harms():
            made = None
        if made is None:
            self._left["broken", entity.dxftype] += 1
            return None
        made.doc = shelf
        return made

    def _common(self, entity: Any) -> dict[str, Any]:
        given = entity.dxf
        color = given.get("color_index")
        common: dict[str, Any] = {
            "handle": f"{entity.handle:X}",
            "layer": self._layers.get(given.get("layer_handle"), "0"),
            "color": 256 if color is None else int(color),
            "linetype": self._letters(str(given.get("linetype") or "BYLAYER")),
        }
        if given.get("true_color") is not None:
            common["true_color"] = int(given["true_color"]) & 0xFFFFFF
        if given.get("invisible"):
            common["invisible"] = 1
        if given.get("extrusion") not in (None, (0.0, 0.0, 1.0)):
            common["extrusion"] = given["extrusion"]
        return common

    def text(self, given: Any) -> str:
        """Text as the file has it."""
        return self._letters(str(given or ""))

    def style(self, given: Mapping[str, Any]) -> str:
        """The name of an entity's text style."""
        return self._styles.get(int(given.get("style_handle") or 0), "Standard")

    def block_of(self, handle: str, given: Mapping[str, Any]) -> str:
        """The name of the block a reference inserts."""
        return self._inserted.get(int(handle, 16)) or self.text(given.get("name"))
