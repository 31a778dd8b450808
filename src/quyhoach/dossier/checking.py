"""Check a dossier for completeness: folder, names, workbook, scans, GIS data; what is wrong is a list of findings."""

from collections.abc import Callable, Sequence
from pathlib import Path

from quyhoach.domain.finding import Finding
from quyhoach.domain.source import SourceLayer
from quyhoach.dossier.checking_files import check_files
from quyhoach.dossier.checking_gis import check_gis
from quyhoach.dossier.checking_sheets import check_sheets
from quyhoach.dossier.inspection import Inspection
from quyhoach.standard import Standard

ReadLayers = Callable[[Path], Sequence[SourceLayer]]


def check_dossier(
    inspection: Inspection, *, standard: Standard, crs: str | None, read_layers: ReadLayers
) -> tuple[Finding, ...]:
    """Everything that is amiss, in the order folder, workbook, documents, GIS.

    `crs`: the province's, or None when it isn't known (any VN-2000 zone is then taken). `read_layers` opens a
    GeoPackage or FileGDB of a stranger and may raise IngestError, which becomes a finding."""
    return (
        *check_files(inspection),
        *check_sheets(inspection),
        *check_gis(inspection, standard=standard, crs=crs, read_layers=read_layers),
    )
