"""Pages: every link and picture resolves, every path they name exists, every page can be found from docs/README.md."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
# `src/quyhoach/…`, `tests/…`: a path of the repository in backticks. `<room>`, `*`, `{a,b}`, `…` stand for several.
NAMED_PATH = re.compile(r"`((?:src|tests|docs|web|bench|\.ci)/[^`\s]*)`")


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    body = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in HEADING.findall(body):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number, unique = 0, slug
        while unique in found:
            number += 1
            unique = f"{slug}-{number}"
        found.add(unique)
    return found


def test_every_link_resolves(pages):
    broken = []
    for path, text in pages.items():
        for target in LINK.findall(without_code(text)):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (path.parent / name).resolve() if name else path
            if not file.exists() or (
                anchor and file.suffix == ".md" and anchor not in anchors(file.read_text("utf-8"))
            ):
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_path_that_a_page_names_exists(pages):
    missing = []
    for path, text in pages.items():
        for name in NAMED_PATH.findall(text):
            if not re.search(r"[<>*{}…]", name) and not is_there(name.split("#")[0].split("::")[0]):
                missing.append(f"{path.relative_to(ROOT)}: {name}")
    assert missing == []


def is_there(name: str) -> bool:
    """Whether the file exists, or is one that is made here and not kept (.gitignore)."""
    if (ROOT / name).exists():
        return True
    return subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT).returncode == 0


def test_every_page_can_be_found_from_the_index(pages):
    seen: set[Path] = set()
    queue = [DOCS / "README.md"]
    while queue:
        page = queue.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        for target in LINK.findall(without_code(page.read_text(encoding="utf-8"))):
            if not re.match(r"[a-z]+:", target) and target.split("#")[0]:
                queue.append((page.parent / target.split("#")[0]).resolve())
    lost = {path.relative_to(ROOT).as_posix() for path in pages if path.is_relative_to(DOCS)}
    assert lost - {path.relative_to(ROOT).as_posix() for path in seen if path.is_relative_to(ROOT)} == set()


def test_decisions_are_numbered_without_gaps_and_have_the_four_parts():
    found = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [path.name[:4] for path in found] == [f"{number:04}" for number in range(1, len(found) + 1)]
    for path in found:
        text = path.read_text(encoding="utf-8")
        for part in ("## Status", "## Context", "## Decision", "## Consequences"):
            assert part in text, f"{path.name}: {part}"


def test_readmes_of_both_languages_point_at_each_other():
    english, vietnamese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.vi.md"))
    assert "(README.vi.md)" in english
    assert "(README.md)" in vietnamese
    assert LINK.findall(english).count("docs/images/answer-1440.png") == LINK.findall(vietnamese).count(
        "docs/images/answer-1440.png"
    )
