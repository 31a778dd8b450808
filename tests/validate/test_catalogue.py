"""The catalogue as a whole: numbers, sentences, a clean package."""

import re
from pathlib import Path

import pytest

from quyhoach.package import Layer
from quyhoach.standard import Standard
from quyhoach.standard.messages import catalogue
from quyhoach.validate import RULES, validate
from quyhoach.validate import rules as rules_room


def test_nothing_is_found_when_a_package_is_clean(layers: dict[str, Layer], standard: Standard) -> None:
    assert validate(layers, standard) == ()


def test_findings_are_the_same_when_run_twice(layers: dict[str, Layer], standard: Standard) -> None:
    layers.pop("RanhGioiQuyHoach_A")
    assert validate(layers, standard) == validate(layers, standard) != ()


def test_numbers_are_unique_and_say_their_level() -> None:
    numbers = [rule.number for rule in RULES]
    assert len({number[1:] for number in numbers}) == len(numbers)
    for rule in RULES:
        assert re.fullmatch(r"[EWN]\d{3}", rule.number)
        assert str(rule.level) == {"E": "error", "W": "warning", "N": "note"}[rule.number[0]]
        assert rule.basis


def test_every_rule_has_a_sentence_in_both_languages() -> None:
    for language in ("vi", "en"):
        assert {rule.code for rule in RULES} <= set(catalogue(language))


@pytest.mark.parametrize("part", ["title", "fix"])
def test_every_rule_has_a_heading_and_says_what_to_do_in_both_languages(part: str) -> None:
    for language in ("vi", "en"):
        assert {f"{rule.code}-{part}" for rule in RULES} <= set(catalogue(language))


def test_every_rule_file_is_in_the_catalogue() -> None:
    (folder,) = rules_room.__path__
    files = {path.stem for path in Path(folder).glob("*.py")} - {"__init__"}
    assert {rule.check.__module__.rpartition(".")[2] for rule in RULES} == files


def test_nothing_breaks_when_a_package_is_empty(standard: Standard) -> None:
    assert {finding.code for finding in validate({}, standard)} == {"e001-no-outline", "e002-no-lots"}


def test_nothing_breaks_when_lots_have_no_fields(layers: dict[str, Layer], standard: Standard) -> None:
    lots = layers["ChucNangSuDungDat_A"]
    layers["ChucNangSuDungDat_A"] = Layer(lots.name, lots.geometry_type, lots.geometry)
    codes = {finding.code for finding in validate(layers, standard)}
    assert codes == {"w003-lot-without-label", "w005-function-unknown"}
