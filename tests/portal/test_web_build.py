"""The web side's files: a lock that names no host, messages that the page asks for."""

import json
import re
from pathlib import Path

from quyhoach.standard.messages import catalogue

WEB = Path(__file__).parents[2] / "web"
ASKED = re.compile(r"""words\(\s*(?:[^"'`)]*\?\s*)?["`]([a-z0-9-]+)["`]""")


def test_lock_names_no_host_when_written() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert all(entry.get("integrity", "").startswith("sha512-") for entry in packages.values())


def test_every_dependency_is_pinned_when_named() -> None:
    manifest = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    for group in ("dependencies", "devDependencies"):
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in manifest[group].values())


def test_every_sentence_the_page_asks_for_is_in_the_catalogue() -> None:
    texts = catalogue("vi")
    asked = {
        code
        for path in (WEB / "src").rglob("*.ts")
        for code in re.findall(r'"((?:ui|answer)-[a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(asked) > 60
    headline_id = {"answer-head", "answer-headline"}  # names of elements
    assert not {code for code in asked - headline_id if code not in texts}
