"""Commands and options: each is documented, and the pages name none that does not exist."""

import argparse
import re
import shlex
from pathlib import Path

import build
import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = build.command_parsers()


@pytest.mark.parametrize("name", COMMANDS)
def test_command_and_its_options_are_documented(name):
    page = (build.REFERENCE / "commands.md").read_text(encoding="utf-8")
    assert f"## {name}\n" in page
    section = page.split(f"## {name}\n", 1)[1].split("\n## ", 1)[0]
    for action in COMMANDS[name]._actions:
        for option in set(action.option_strings) - {"-h", "--help"}:
            assert f"`{option}" in section, f"{name} {option}"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_says_what_it_is(name):
    silent = [row[0] for row in build.command_options(COMMANDS[name]) if not row[2]]
    assert silent == [], f"{name}: no help text"


def test_every_command_module_is_listed():
    from quyhoach import cli

    folder = Path(cli.__file__).parent
    having = {path.stem for path in folder.glob("*.py") if "def register(" in path.read_text(encoding="utf-8")}
    assert having == set(cli.COMMANDS)


def known_command(words: list[str]) -> tuple[str, argparse.ArgumentParser] | None:
    for length in (3, 2, 1):
        name = " ".join(words[:length])
        if name in COMMANDS:
            return name, COMMANDS[name]
    return None


def test_pages_name_only_commands_and_options_that_exist(shell_lines):
    wrong = []
    for path, line in shell_lines:
        for part in re.split(r"&&|\||;", line.split(" #")[0]):
            words = shlex.split(part)
            while words and ("=" in words[0] or words[0] in ("sudo", "time", "$")):
                words = words[1:]
            if not words or Path(words[0]).name != "quyhoach" or "--help" in words:
                continue
            found = known_command(["quyhoach", *words[1:]])
            if found is None:
                wrong.append(f"{path.relative_to(ROOT)}: {line}")
                continue
            options = {option for action in found[1]._actions for option in action.option_strings}
            used = {word.split("=")[0] for word in words if word.startswith("--")}
            wrong += [f"{path.relative_to(ROOT)}: {found[0]} {option}" for option in sorted(used - options)]
    assert wrong == []


def test_pages_name_only_targets_that_exist(shell_lines, pages):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {
        (path.relative_to(ROOT).as_posix(), target)
        for path, line in shell_lines
        for target in re.findall(r"^make ([a-z][a-z-]*)", line)
    }
    for path, text in pages.items():
        named |= {(path.relative_to(ROOT).as_posix(), found) for found in re.findall(r"`make ([a-z][a-z-]*)", text)}
    assert named
    assert {(path, target) for path, target in named if target not in targets} == set()


def test_help_of_make_lists_every_target():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE).group(1).split()) - {"help", "web"}
    listed = set(re.findall(r'@echo "make ([a-z-]+)', makefile))
    assert listed == phony
