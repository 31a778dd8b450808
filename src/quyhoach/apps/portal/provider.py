"""Where the pages get their release from: set once by the ASGI mount, asked at every request.

The pages never open a release themselves; so they follow a switch at the same moment as the API beside them.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from quyhoach.domain.errors import ReleaseError
from quyhoach.standard import Standard, load_standard

if TYPE_CHECKING:
    from quyhoach.lookup import Lookup

# Asia/Ho_Chi_Minh has been UTC+7 without summer time since 1975.
_VIETNAM = timezone(timedelta(hours=7))


def _no_release() -> "Lookup":
    raise ReleaseError("page-no-release")


def _today() -> date:
    return datetime.now(UTC).astimezone(_VIETNAM).date()


_current: Callable[[], "Lookup"] = _no_release
_clock: Callable[[], date] = _today
_standard: Standard | None = None


def set_provider(
    current: Callable[[], "Lookup"],
    *,
    clock: Callable[[], date] = _today,
    standard: Standard | None = None,
) -> None:
    """Tell the pages how to get the look-up of the current release, today's date in Viet Nam, and the standard
    (with the workspace's overlay; by default the built-in one)."""
    global _current, _clock, _standard
    _current, _clock, _standard = current, clock, standard


def current() -> "Lookup":
    """The look-up of the current release. Raises ReleaseError while there is none."""
    return _current()


def today() -> date:
    """Today in Viet Nam."""
    return _clock()


def standard() -> Standard:
    """The standard whose names and colours the pages use."""
    return _standard if _standard is not None else load_standard()
