"""Messages: every code the code uses has its sentences, every sentence is used, every parameter is given.

That both languages have the same codes and parameters is tested beside the catalogue (tests/standard).
"""

from pathlib import Path

import build
import pytest
import source_scan

from quyhoach.standard.messages import placeholders
from quyhoach.validate.catalogue import RULES

USES = source_scan.uses()
TEXTS = source_scan.written_texts()
VIETNAMESE, ENGLISH = build.catalogue("vi"), build.catalogue("en")


def test_uses_are_found():
    assert len({use.code for use in USES}) > 50  # the scan itself works


def test_every_code_in_use_has_a_sentence_in_both_languages():
    missing = {f"{use.code} ({use.file}:{use.line})" for use in USES if use.code not in VIETNAMESE}
    missing |= {f"{use.code} (en)" for use in USES if use.code in VIETNAMESE and use.code not in ENGLISH}
    assert sorted(missing) == []


def test_every_parameter_of_a_sentence_is_given():
    wrong = []
    for use in USES:
        if use.params is not None and use.code in VIETNAMESE:
            lacking = placeholders(VIETNAMESE[use.code]) - use.params
            if lacking:
                wrong.append(f"{use.file}:{use.line} {use.code}: {', '.join(sorted(lacking))}")
    assert wrong == []


@pytest.mark.parametrize("room", build.rooms("vi"))
def test_no_sentence_is_an_orphan(room):
    rules = {rule.code for rule in RULES}
    orphans = [code for code in build.rooms("vi")[room] if code not in rules and not source_scan.is_named(code, TEXTS)]
    assert orphans == [], f"nothing uses these codes of messages/*/{room}.toml"


def test_files_of_messages_bear_the_name_of_a_room_or_module():
    names = {path.stem for path in source_scan.python_files()} | {
        path.parent.name for path in source_scan.python_files()
    }
    assert set(build.rooms("vi")) - names <= {"web"}  # the front end is TypeScript


@pytest.mark.parametrize(
    ("code", "text", "named"),
    [
        ("build-index", f"build-{source_scan.HOLE}", True),
        ("build-index", "build-index", True),
        ("build-index", source_scan.HOLE, False),
        ("build-index", f"{source_scan.HOLE}-{source_scan.HOLE}", False),
        ("rebuild-index", f"build-{source_scan.HOLE}", False),
    ],
)
def test_code_is_named_by_itself_or_by_a_pattern_with_letters(code, text, named):
    assert source_scan.is_named(code, {text}) is named


def test_code_is_named_when_head_and_tail_are():
    assert source_scan.is_named("diff-area-corrected", {"diff-area", "-corrected"})
    assert not source_scan.is_named("diff-area-corrected", {"diff-area", "corrected"})


def test_literals_of_typescript_are_found_also_inside_others():
    text = "h(`${name} – ${words(\"ui-brand\")}`, {}, words('ui-copy'), `ui-${x}`)"
    found = set(source_scan._quoted(text))
    assert {"ui-brand", "ui-copy", f"ui-{source_scan.HOLE}"} <= found


def test_scan_reads_calls_of_errors_and_messages(tmp_path, monkeypatch):
    (tmp_path / "src" / "domain").mkdir(parents=True)
    (tmp_path / "src" / "domain" / "errors.py").write_text('class UsageError(Exception):\n    """Wrong."""\n')
    (tmp_path / "src" / "a.py").write_text(
        'raise UsageError("one-code", x=1)\nmessage(f"two-{y}", "vi")\nFinding(code="three-code", level=2)\n'
        'message(\n    "four-code", "vi", **more)\n'
    )
    monkeypatch.setattr(source_scan, "ROOT", tmp_path)
    monkeypatch.setattr(source_scan, "PACKAGE", tmp_path / "src")
    found = {use.code: (use.kind, use.params) for use in source_scan.uses()}
    assert found == {
        "one-code": ("UsageError", frozenset({"x"})),
        "three-code": ("finding", None),
        "four-code": ("message", None),
    }


def test_package_folder_is_the_one_imported():
    import quyhoach

    assert Path(quyhoach.__file__).parent.resolve() == source_scan.PACKAGE
