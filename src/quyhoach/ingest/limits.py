"""What a file handed in may cost."""

import ctypes
import os
import resource
from dataclasses import dataclass

_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000
_PR_SET_NO_NEW_PRIVS = 38


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of the child that reads a file, of archives and of drawings. Bytes and seconds.

    Of drawings: `entities` looked at once blocks are taken apart (a block counts as often as it is inserted),
    `nesting` of blocks in blocks, `array_cells` of one array of blocks, `entity_points` of one line or hatch as drawn
    out, `spline_points` that one spline may be given by, `drawing_points` of everything, `drawing_layers` that hold
    something, `drawings` in one bundle."""

    cpu_seconds: int = 300
    wall_seconds: int = 600
    memory_bytes: int = 6 << 30  # address space: GDAL maps much more than it uses
    file_bytes: int = 2 << 30  # the largest file it may write
    input_bytes: int = 2 << 30
    features: int = 2_000_000
    layers: int = 500
    entries: int = 5_000
    depth: int = 12
    unpacked_bytes: int = 2 << 30
    bomb_bytes: int = 50 << 20  # below this size no ratio is suspicious
    bomb_ratio: int = 200
    entities: int = 2_000_000
    nesting: int = 64
    array_cells: int = 100_000
    entity_points: int = 1_000_000
    spline_points: int = 20_000
    drawing_points: int = 50_000_000
    drawing_layers: int = 20_000
    drawings: int = 50


def confine(limits: Limits) -> None:
    """Limit this process and what it starts: CPU time, address space, file size, no core, no new rights, no network.

    The network is taken away where the kernel lets an ordinary process make its own empty network; elsewhere the
    settings that close GDAL's remote handlers stand alone.
    """
    for what, value in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (ceiling, ceiling))
    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "unshare"):
        library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    if hasattr(library, "prctl"):
        library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


# Drivers that open what we do not take: remote services, files that point at other files, CAD, office documents.
_SKIPPED_DRIVERS = (
    "ADBC AIVector AVCBin AVCE00 AmigoCloud CSV CSW Carto DGN DXF CAD EDIGEO EEDA ESRIJSON Elasticsearch GDALG "
    "GPSBabel GPX GTFS GeoJSONSeq GeoRSS HTTP Idrisi JML JSONFG LVBAG MBTiles MVT MapML MiraMonVector "
    "MiraMonRaster NGW OAPIF ODS OGCAPI OGR_GMT OGR_PDS OGR_VRT OSM PCIDSK PDF PDS4 PGDUMP PLSCENES PMTiles "
    "S57 SQLite SXF Selafin TopoJSON VDV VFK VICAR VRT WAsP WFS XLS XLSX PostgreSQL MySQL MSSQLSpatial ODBC "
    "PGeo Parquet Arrow netCDF HDF5 XODR STACIT STACTA"
)


def environment(work: str) -> dict[str, str]:
    """The child's whole environment: nothing is taken over but the search path."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": work,
        "TMPDIR": work,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "CPL_TMPDIR": work,
        "CPL_VSIL_CURL_ALLOWED_FILENAME": "/none",
        "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
        "GDAL_HTTP_PROXY": "127.0.0.1:9",
        "GDAL_HTTP_TIMEOUT": "1",
        "GDAL_NUM_THREADS": "1",
        "GDAL_SKIP": _SKIPPED_DRIVERS,
        "GML_DOWNLOAD_SCHEMA": "NO",
        "GML_SKIP_RESOLVE_ELEMS": "ALL",
        "PROJ_NETWORK": "OFF",
    }
