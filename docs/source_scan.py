"""What the source says of itself, read from its syntax trees: message codes and how they are used, settings, modules.

Used by `docs/build.py` for the generated pages and by `tests/house` to hold code, catalogue and docs together.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "quyhoach"
WEB = ROOT / "web" / "src"
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SETTING = re.compile(r"\bQUYHOACH_[A-Z][A-Z0-9_]*\b")
HOLE = "\0"  # stands for what an f-string or a template literal fills in
TELLERS = {"message": "message", "Finding": "finding", "Repair": "repair"}


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a message code is used. `kind` is the class of the error, or message, finding, repair.
    `params` are the names given by keyword; None where they are not plain keywords."""

    code: str
    kind: str
    file: str
    line: int
    params: frozenset[str] | None


def python_files() -> list[Path]:
    """Every Python file of the package, sorted."""
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_name(path: Path) -> str:
    """`quyhoach.release.compile` for the file of that module."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def error_classes() -> dict[str, str]:
    """The classes of domain/errors.py in their order, each with the sentence that explains it."""
    body = tree_of(PACKAGE / "domain" / "errors.py").body
    return {node.name: ast.get_docstring(node) or "" for node in body if isinstance(node, ast.ClassDef)}


def uses() -> list[Use]:
    """Every literal code given to an error class, `message`, `Finding` or `Repair`."""
    kinds = {name: name for name in error_classes()} | TELLERS
    found = []
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and (kind := kinds.get(_called(node))) is not None:
                code = _code_of(node)
                if code is not None:
                    names = [keyword.arg for keyword in node.keywords]
                    plain = kind != "finding" and kind != "repair" and None not in names
                    params = frozenset(name for name in names if name) if plain else None
                    found.append(Use(code, kind, path.relative_to(ROOT).as_posix(), node.lineno, params))
    return found


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _code_of(node: ast.Call) -> str | None:
    """The literal code of a call: its first argument, or the keyword `code`."""
    given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "code")]
    for argument in given:
        text = _text(argument)
        if text is not None and HOLE not in text:
            return text
    return None


def _text(node: ast.expr) -> str | None:
    """A string constant, or an f-string with its holes marked; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return None


def written_texts() -> set[str]:
    """Every string of the Python code, the web's code, the templates and the tables: where a code may be named.
    What an f-string or a template literal fills in is `HOLE`."""
    found: set[str] = set()
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant | ast.JoinedStr) and (text := _text(node)):
                found.add(text)
    for path in sorted([*WEB.rglob("*.ts"), *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.js")]):
        if "generated" in path.parts or "web_dist" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":  # {{ t.page_form_lon }}
            found.update(name.replace("_", "-") for name in re.findall(r"\bt\.([a-z0-9_]+)", text))
        else:
            found.update(_quoted(text))
    for path in sorted((PACKAGE / "standard" / "tables").glob("*.csv")):
        if path.stat().st_size < 200_000:  # units and successions hold names, no codes
            found.update(re.split(r"[,;\s\"]+", path.read_text(encoding="utf-8")))
    return found


def _quoted(text: str) -> Iterator[str]:
    """The string and template literals of TypeScript, also those inside `${…}`."""
    for match in re.finditer(r"`([^`]*)`|\"([^\"\n]*)\"|'([^'\n]*)'", text):
        yield re.sub(r"\$\{[^}]*\}", HOLE, next(group for group in match.groups() if group is not None))
    yield from (match.group(1) for match in re.finditer(r"[\"']([a-z0-9]+(?:-[a-z0-9]+)+)[\"']", text))


def is_named(code: str, texts: set[str]) -> bool:
    """Whether one of `texts` is the code, two of them are its head and its "-tail", or one is a pattern with letters of
    its own that gives it."""
    joints = [match.start() for match in re.finditer("-", code)]
    if code in texts or any(code[:at] in texts and code[at:] in texts for at in joints):
        return True
    return any(pattern.fullmatch(code) for pattern in _patterns(frozenset(text for text in texts if HOLE in text)))


@cache
def _patterns(texts: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    patterns = set()
    for text in texts:
        if HOLE in text:
            parts = text.split(HOLE)
            if all(re.fullmatch(r"[a-z0-9-]*", part) for part in parts) and any(len(part) > 2 for part in parts):
                patterns.add("[a-z0-9-]+".join(re.escape(part) for part in parts))
    return tuple(re.compile(pattern) for pattern in sorted(patterns))


def settings() -> set[str]:
    """Every environment variable of ours that the code names."""
    return {name for path in python_files() for name in SETTING.findall(path.read_text(encoding="utf-8"))}
