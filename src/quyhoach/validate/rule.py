"""What a rule is: a number that never changes its meaning, its gravity, what it rests on, and the check."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from quyhoach.domain.finding import Finding, Level
from quyhoach.validate.subject import Subject


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `number` (E001, W003) is cited by people and never reused; E stands for error, W for warning.

    `slug` names it in English; number and slug together are the message code. `basis` says what it rests on, in
    Vietnamese as officials cite it. `check` yields findings made by `Rule.finding`."""

    number: str
    slug: str
    basis: str
    check: "Callable[[Rule, Subject], Iterable[Finding]]"

    @property
    def code(self) -> str:
        """The message code: `e001-no-outline`."""
        return f"{self.number.lower()}-{self.slug}"

    @property
    def level(self) -> Level:
        return Level.ERROR if self.number.startswith("E") else Level.WARNING

    def finding(self, *, layer: str, feature: str = "", wkb: bytes | None = None, **params: Any) -> Finding:
        """A finding of this rule."""
        return Finding(self.code, self.level, layer=layer, feature=feature, params=params, wkb=wkb)
