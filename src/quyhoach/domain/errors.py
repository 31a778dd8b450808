"""Errors a person can act on. Bad *data* is a `Finding`, never one of these.

QuyHoachError
├── UsageError            the question or the command is wrong (exit 2, HTTP 4xx)
│   ├── PlaceError        coordinates out of range, not finite, unknown CRS, a bad polygon
│   ├── DateError         not a date, or before the first plan
│   └── NotFoundError     no such plan, version, release or parcel
├── WorkspaceError        a workspace file is missing, incomplete or contradicts another
├── PackageError          a plan package cannot be read or breaks its schema
├── IngestError           a file handed in cannot be read, is hostile or too large
└── ReleaseError          a release cannot be built, opened or trusted
    └── DamagedReleaseError   a byte of a release is not what its manifest says

Every error carries a message code and its parameters; the sentence is made at the edge from
`standard/messages`, in Vietnamese and English.
"""

from collections.abc import Mapping


class QuyHoachError(Exception):
    """Base of all errors: `code` names a message in the catalogue, `params` fill it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Mapping[str, object] = params

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.code}({details})"


class UsageError(QuyHoachError):
    """The question or the command is wrong."""


class PlaceError(UsageError):
    """Coordinates are out of range, not finite, in an unknown CRS, or the polygon is unusable."""


class DateError(UsageError):
    """Not a date, or before the first plan."""


class NotFoundError(UsageError):
    """There is no such plan, version, release or parcel."""


class WorkspaceError(QuyHoachError):
    """A workspace file is missing, incomplete or contradicts another."""


class PackageError(QuyHoachError):
    """A plan package cannot be read or breaks its schema."""


class IngestError(QuyHoachError):
    """A file handed in cannot be read, is hostile or too large."""


class ReleaseError(QuyHoachError):
    """A release cannot be built, opened or trusted."""


class DamagedReleaseError(ReleaseError):
    """A byte of a release is not what its manifest says."""
