"""Errors: the tree drawn at the top of domain/errors.py is the tree of the classes, and each is documented."""

import ast
import re

import build
import source_scan

from quyhoach.domain import errors


def drawn_parents() -> dict[str, str]:
    """Class → parent, as the tree in the docstring draws it."""
    text = ast.get_docstring(source_scan.tree_of(source_scan.PACKAGE / "domain" / "errors.py")) or ""
    parents: dict[str, str] = {}
    stack: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = re.match(r"^([│├└─ ]*)([A-Z][A-Za-z]+Error)\b", line)
        if match:
            depth = len(match.group(1))
            while stack and stack[-1][0] >= depth:
                stack.pop()
            parents[match.group(2)] = stack[-1][1] if stack else "Exception"
            stack.append((depth, match.group(2)))
    return parents


def test_drawn_tree_is_the_tree_of_the_classes():
    real = {name: getattr(errors, name).__mro__[1].__name__ for name in source_scan.error_classes()}
    assert drawn_parents() == real


def test_every_class_and_code_is_documented():
    page = (build.REFERENCE / "errors.md").read_text(encoding="utf-8")
    for name, about in source_scan.error_classes().items():
        assert f"## {name}\n" in page
        assert about
    undocumented = [use.code for use in source_scan.uses() if use.kind != "message" and f"`{use.code}`" not in page]
    assert undocumented == []
