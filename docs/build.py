"""Writes the pages of docs/reference that follow from the code: commands, rules, errors, messages, modules.

`python docs/build.py` writes them; `--check` writes nothing and exits 1, naming what is stale.
"""

import argparse
import ast
import inspect
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import source_scan as scan

REFERENCE = scan.ROOT / "docs" / "reference"
MESSAGES = scan.PACKAGE / "standard" / "messages"
NOTICE = "<!-- Written by docs/build.py from the code. Do not edit: run `make docs`. -->\n"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is stale")
    arguments = parser.parse_args(argv)
    stale = [name for name, text in pages().items() if _read(REFERENCE / name) != text]
    for name in stale:
        if arguments.check:
            sys.stderr.write(f"docs/reference/{name} is stale: run make docs\n")
        else:
            (REFERENCE / name).write_text(pages()[name], encoding="utf-8")
            sys.stdout.write(f"docs/reference/{name}\n")
    return 1 if stale and arguments.check else 0


def pages() -> Mapping[str, str]:
    """Every generated page by its name in docs/reference."""
    writers: Mapping[str, Callable[[], Iterator[str]]] = {
        "commands.md": commands_page,
        "rules.md": rules_page,
        "errors.md": errors_page,
        "messages.md": messages_page,
        "modules.md": modules_page,
    }
    return {name: "\n".join([NOTICE, *writer()]).rstrip() + "\n" for name, writer in writers.items()}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


# ── commands ───────────────────────────────────────────────────────────────────────────────────────────────


def command_parsers() -> dict[str, argparse.ArgumentParser]:
    """`quyhoach release build` → its parser, for every command that does something, in the order of --help."""
    from quyhoach.cli import build_parser
    from quyhoach.project import __main__ as project

    found: dict[str, argparse.ArgumentParser] = {}

    def visit(name: str, parser: argparse.ArgumentParser) -> None:
        inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        if not inner:
            found[name] = parser
        for action in inner:
            for word, child in action.choices.items():
                visit(f"{name} {word}", child)

    visit("quyhoach", build_parser(project.extra_commands()))
    return found


def command_options(parser: argparse.ArgumentParser) -> list[tuple[str, str, str]]:
    """(how it is written, default, what it says) of every argument but --help."""
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        if action.choices:
            metavar = "|".join(map(str, action.choices))
        value = "" if action.nargs == 0 else f" {metavar}"
        if action.option_strings:
            written = ", ".join(f"`{option}{value}`" for option in action.option_strings)
        else:
            written = f"`{metavar}`" if action.nargs != "?" else f"`[{metavar}]`"
        shown = action.default not in (None, False, argparse.SUPPRESS) and bool(action.option_strings)
        default = f"`{action.default}`" if shown else ("required" if action.required else "")
        rows.append((written, default, _cell(action.help or "")))
    return rows


def commands_page() -> Iterator[str]:
    yield "# Commands\n"
    yield "`quyhoach COMMAND …`; `--help` says the same. Exit code 0: good; 1: error-level findings, or the data or a"
    yield "release cannot be used; 2: wrong use. Errors are told in Vietnamese, then in English.\n"
    for name, parser in command_parsers().items():
        yield f"## {name}\n"
        about = parser.description or _help_of(name)
        if about:
            yield f"{about}\n"
        usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
        yield f"```\n{usage}\n```\n"
        rows = command_options(parser)
        if rows:
            yield from _table(("argument", "default", "what it says"), rows)
            yield ""


def _help_of(name: str) -> str:
    """The line of help that the parent parser shows for a command."""
    from quyhoach.cli import build_parser
    from quyhoach.project import __main__ as project

    parser: argparse.ArgumentParser = build_parser(project.extra_commands())
    text = ""
    for word in name.split()[1:]:
        action = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
        text = next((str(choice.help or "") for choice in action._choices_actions if choice.dest == word), "")
        parser = action.choices[word]
    return text


# ── rules ──────────────────────────────────────────────────────────────────────────────────────────────────


def rules_page() -> Iterator[str]:
    from quyhoach.validate.catalogue import RULES

    yield "# Rules\n"
    yield "What `quyhoach validate` and `quyhoach standardise` hold a plan package against. E: an error (exit code 1);"
    yield "W: a warning; N: a note. A number is never given another meaning. `{…}` is filled in with the case at hand."
    yield ""
    for rule in RULES:
        module = inspect.getmodule(rule.check)
        about = (inspect.getdoc(module) or "").splitlines()[0] if module else ""
        yield f"## {rule.number} {rule.slug}\n"
        yield f"{about.split(': ', 1)[-1][:1].upper()}{about.split(': ', 1)[-1][1:]}\n"
        yield f"- Code: `{rule.code}`; level: {rule.level}"
        since = f" (in force since {rule.since:%Y-%m-%d})" if rule.since is not None else ""
        yield f"- Basis: {rule.basis}{since}"
        check = " ".join((inspect.getdoc(rule.check) or "").split())
        if check:
            yield f"- Check: {check}"
        yield f"- Vietnamese: {catalogue('vi').get(rule.code, '')}"
        yield f"- English: {catalogue('en').get(rule.code, '')}"
        fixes = (catalogue(language).get(f"{rule.code}-fix", "") for language in ("vi", "en"))
        yield f"- What to do: {' · '.join(fixes)}\n"


# ── errors, messages ───────────────────────────────────────────────────────────────────────────────────────


def catalogue(language: str) -> dict[str, str]:
    return {code: text for rows in rooms(language).values() for code, text in rows.items()}


def rooms(language: str) -> dict[str, dict[str, str]]:
    """Room → code → sentence, as the files stand."""
    return {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((MESSAGES / language).glob("*.toml"))
    }


def errors_page() -> Iterator[str]:
    tree = ast.get_docstring(scan.tree_of(scan.PACKAGE / "domain" / "errors.py")) or ""
    vietnamese, english = catalogue("vi"), catalogue("en")
    used: dict[str, set[str]] = {}
    for use in scan.uses():
        used.setdefault(use.kind, set()).add(use.code)
    yield "# Errors\n"
    yield "Bad *data* is a finding, never one of these. Every error has a code and parameters; the sentence is made at"
    yield "the edge. Command line: exit code 2 for `UsageError` and what is under it, else 1. HTTP: a problem document"
    yield "(RFC 9457) whose `code` is the code below.\n"
    yield "```\n" + "\n".join(line for line in tree.splitlines() if line[:1] in "Q├│└ " and line.strip()) + "\n```\n"
    for name, about in scan.error_classes().items():
        yield f"## {name}\n"
        yield f"{about}\n"
        yield from _table(
            ("code", "Vietnamese", "English"),
            [
                (f"`{code}`", _cell(vietnamese.get(code, "")), _cell(english.get(code, "")))
                for code in sorted(used.get(name, ()))
            ],
        )
        yield ""
    yield "## Findings and repairs of the way in\n"
    yield "Beside the [rules](rules.md): what was met or mended while a file was read and standardised.\n"
    codes = sorted(used.get("finding", set()) | used.get("repair", set()))
    yield from _table(
        ("code", "Vietnamese", "English"),
        [(f"`{code}`", _cell(vietnamese.get(code, "")), _cell(english.get(code, ""))) for code in codes],
    )


def messages_page() -> Iterator[str]:
    yield "# Messages\n"
    yield "Every sentence people see, by code: `standard/messages/{vi,en}/<room>.toml`. `{…}` is filled in."
    english = rooms("en")
    for room, rows in rooms("vi").items():
        yield f"\n## {room}\n"
        yield from _table(
            ("code", "Vietnamese", "English"),
            [(f"`{code}`", _cell(text), _cell(english[room].get(code, ""))) for code, text in rows.items()],
        )


# ── modules ────────────────────────────────────────────────────────────────────────────────────────────────


def modules_page() -> Iterator[str]:
    yield "# Modules\n"
    yield "The rooms from the bottom up, and the first sentence of each module. A room imports only rooms above it here"
    yield "(`.importlinter`)."
    files = scan.python_files()
    order = _room_order()
    known = {_room(path) for path in files} - {""}
    for room in [*(name for name in order if name in known), *sorted(known - set(order))]:
        yield f"\n## {room}\n"
        rows = [
            (f"`{path.relative_to(scan.PACKAGE).as_posix()}`", _cell(_first_sentence(path)))
            for path in files
            if _room(path) == room
        ]
        yield from _table(("file", "what"), rows)


def _room_order() -> list[str]:
    """Rooms from the bottom up, as .importlinter lists them from the top down."""
    lines = (scan.ROOT / ".importlinter").read_text(encoding="utf-8").split("layers =", 1)[1].splitlines()[1:]
    layers = []
    for line in lines:
        if not line.startswith(" "):
            break
        layers.append([name.strip(" ()") for name in line.split("|")])
    return [name for layer in reversed(layers) for name in layer]


def _room(path: Path) -> str:
    parts = path.relative_to(scan.PACKAGE).parts
    return parts[0].removesuffix(".py") if parts != ("__init__.py",) else ""


def _first_sentence(path: Path) -> str:
    text = " ".join((ast.get_docstring(scan.tree_of(path)) or "").split("\n\n")[0].split())
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]


# ── Markdown ───────────────────────────────────────────────────────────────────────────────────────────────


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _cell(text: str) -> str:
    """One line that does not break a table or turn into markup."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    sys.exit(main())
