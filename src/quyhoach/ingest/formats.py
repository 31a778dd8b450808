"""The formats that can be handed in. To add one: a row here, and what `readers` needs to read it."""

from dataclasses import dataclass
from pathlib import PurePath

from quyhoach.domain.errors import IngestError


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `reader`: "gdal", "table" (JSON rows with WKT), "archive", "cad", or "none" for one that is known
    and not read. `companions`: suffixes of the files beside it that belong to it."""

    suffix: str
    name: str
    reader: str
    companions: tuple[str, ...] = ()
    folder: bool = False


FORMATS = (
    Format(".gpkg", "GeoPackage", "gdal"),
    Format(".shp", "Shapefile", "gdal", (".shx", ".dbf", ".prj", ".cpg", ".qpj")),
    Format(".gdb", "FileGDB", "gdal", folder=True),
    Format(".geojson", "GeoJSON", "gdal"),
    Format(".json", "GeoJSON", "gdal"),  # or rows with WKT: told apart by content
    Format(".gml", "GML", "gdal"),
    Format(".kml", "KML", "gdal"),
    Format(".tab", "MapInfo TAB", "gdal", (".dat", ".map", ".id", ".ind")),
    Format(".mif", "MapInfo MIF", "gdal", (".mid",)),
    Format(".fgb", "FlatGeobuf", "gdal"),
    Format(".zip", "ZIP", "archive"),
    Format(".kmz", "KMZ", "archive"),
    Format(".dxf", "DXF", "cad"),
    Format(".dwg", "DWG", "cad"),
    Format(".dgn", "DGN", "none"),
)
_BY_SUFFIX = {row.suffix: row for row in FORMATS}
# What may not hide inside an archive.
ARCHIVES = frozenset({".zip", ".kmz", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".zst"})


def find_format(name: str) -> Format:
    """The format of a file or folder by its suffix. IngestError for one that is not known, or not read (DGN)."""
    row = _BY_SUFFIX.get(PurePath(name).suffix.casefold())
    if row is None:
        known = ", ".join(row.suffix for row in FORMATS if row.reader != "none")
        raise IngestError("ingest-unknown-format", file=PurePath(name).name, known=known)
    if row.reader == "none":
        raise IngestError("ingest-dgn-unsupported", file=PurePath(name).name)
    return row


def is_dataset(name: str) -> bool:
    """Whether a file or folder of this name can be read as a data set by itself."""
    row = _BY_SUFFIX.get(PurePath(name).suffix.casefold())
    return row is not None and row.reader == "gdal"


def is_cad(name: str) -> bool:
    """Whether the name is that of a drawing that can be read."""
    row = _BY_SUFFIX.get(PurePath(name).suffix.casefold())
    return row is not None and row.reader == "cad"


def is_known(name: str) -> bool:
    """Whether the name is that of a format with a row here, read or not."""
    return PurePath(name).suffix.casefold() in _BY_SUFFIX


def belongs(name: str) -> bool:
    """Whether a file of this name is a data set or a companion of one."""
    suffix = PurePath(name).suffix.casefold()
    return is_dataset(name) or any(suffix in row.companions for row in FORMATS)
