"""N032: the plan has no national codes yet."""

from collections.abc import Iterator

from quyhoach.domain.finding import Finding
from quyhoach.validate.rule import TT16, Rule
from quyhoach.validate.subject import OUTLINE, Subject

CODES = ("maThongTinQH", "maHoSoQH")


def check(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """A note for a plan of a workspace that uses the national code list when a code of it is missing: the dossier for
    the national database needs both. One code stands on every feature, so it is told once."""
    if not subject.facts.get("plan_id") or subject.facts.get("land_use", "tt16") != "tt16":
        return
    lacking = [code for code in CODES if not subject.facts.get(code)]
    if lacking:
        yield rule.finding(layer=OUTLINE, fields=", ".join(lacking))


RULE = Rule("N032", "national-codes-missing", "TT 16/2025/TT-BXD, Phụ lục II: maThongTinQH, maHoSoQH", check, TT16)
