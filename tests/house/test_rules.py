"""Rules: each file is in the catalogue, each rule is documented, told in both languages and tested."""

import inspect
import re
from pathlib import Path

import build
import pytest

from quyhoach.validate import rules
from quyhoach.validate.catalogue import RULES
from quyhoach.validate.rule import Rule

ROOT = Path(__file__).parents[2]


def module_of(rule: Rule) -> str:
    return Path(inspect.getfile(rule.check)).stem


def test_every_file_of_rules_is_in_the_catalogue():
    written = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}
    assert {module_of(rule) for rule in RULES} == written


def test_numbers_are_unique():
    numbers = [rule.number[1:] for rule in RULES]
    assert len(numbers) == len(set(numbers))
    assert all(re.fullmatch(r"[EWN][0-9]{3}", rule.number) for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_rule_is_documented_and_told_in_both_languages(rule):
    page = (build.REFERENCE / "rules.md").read_text(encoding="utf-8")
    assert f"## {rule.number} {rule.slug}\n" in page
    assert rule.basis.strip()
    for language in ("vi", "en"):
        assert build.catalogue(language).get(rule.code, "").strip(), f"{rule.code} has no sentence in {language}"


def test_every_rule_is_tested():
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "validate").glob("test_*.py"))
    untested = [
        rule.code for rule in RULES if not re.search(rf"{rule.code}|{rule.number}|\b{module_of(rule)}\b", tests)
    ]
    assert untested == []
