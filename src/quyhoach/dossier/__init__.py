"""The national dossier of TT 16/2025/TT-BXD, Phụ lục II: write the folder `CSDL_<name>`, read one, check one."""

from quyhoach.dossier.checking import check_dossier
from quyhoach.dossier.files import find_root
from quyhoach.dossier.inspection import Inspection, inspect
from quyhoach.dossier.reading import Dossier, read_dossier
from quyhoach.dossier.registering import plan_of, version_of
from quyhoach.dossier.writing import Written, write_dossier

__all__ = [
    "Dossier",
    "Inspection",
    "Written",
    "check_dossier",
    "find_root",
    "inspect",
    "plan_of",
    "read_dossier",
    "version_of",
    "write_dossier",
]
