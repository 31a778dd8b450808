"""Today, as people in Viet Nam count it, from an injected clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

# Asia/Ho_Chi_Minh has been UTC+7 without summer time since 1975; a fixed offset needs no zone database.
VIETNAM = timezone(timedelta(hours=7))
DAY = 86400.0


class Today:
    """The date in Viet Nam as YYYYMMDD; worked out once a day. `clock` gives seconds since the epoch (UTC)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._from = self._until = 0.0
        self._day = 0

    def __call__(self) -> int:
        now = self._clock()
        if not self._from <= now < self._until:
            local = datetime.fromtimestamp(now, UTC).astimezone(VIETNAM)
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            self._from = midnight.timestamp()
            self._until = self._from + DAY
            self._day = local.year * 10000 + local.month * 100 + local.day
        return self._day


def as_date(day: int) -> date:
    """YYYYMMDD as a date."""
    return date(day // 10000, day // 100 % 100, day % 100)
