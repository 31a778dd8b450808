"""E002: a plan of land use has no lots."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import LOTS, Subject

_WITHOUT_LOTS = frozenset({"restriction", "cadastre"})  # these kinds of plan draw something else


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A finding when there are no lots, unless the plan's kind has none or other content stands for it."""
    kind = subject.facts.get("kind")
    other = kind is None and ("restrictions" in subject.layers or "parcels" in subject.layers)
    if not len(subject.lots) and kind not in _WITHOUT_LOTS and not other:
        yield rule.finding(layer=LOTS)


RULE = Rule("E002", "no-lots", "TT 16/2025/TT-BXD, Phụ lục II: lớp ChucNangSuDungDat_A", check, TT16)
