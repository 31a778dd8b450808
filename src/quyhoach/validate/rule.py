"""What a rule is: a number that never changes its meaning, its gravity, what it rests on, and the check."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from quyhoach.domain.finding import Finding, Level
from quyhoach.validate.subject import Subject

_LEVELS = {"E": Level.ERROR, "W": Level.WARNING, "N": Level.NOTE}

# When the acts that rules rest on came into force.
TT16 = date(2025, 7, 1)  # TT 16/2025/TT-BXD
QCVN01 = date(2021, 7, 5)  # QCVN 01:2021/BXD, by TT 01/2021/TT-BXD


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `number` (E001, W003, N030) is cited by people and never reused: E error, W warning, N note.

    `slug` names it in English; number and slug together are the message code, and with "-fix" behind it the code of
    what to do. `basis` says what it rests on, in Vietnamese as officials cite it; `since`: the day that act came into
    force, None for a rule of the trade. `check` yields findings made by `Rule.finding`."""

    number: str
    slug: str
    basis: str
    check: "Callable[[Rule, Subject], Iterable[Finding]]"
    since: date | None = None

    @property
    def code(self) -> str:
        """The message code: `e001-no-outline`."""
        return f"{self.number.lower()}-{self.slug}"

    @property
    def level(self) -> Level:
        return _LEVELS[self.number[0]]

    def finding(
        self, *, layer: str, feature: str = "", wkb: bytes | None = None, source_handle: str = "", **params: Any
    ) -> Finding:
        """A finding of this rule."""
        return Finding(self.code, self.level, layer, feature, params, wkb, source_handle)
