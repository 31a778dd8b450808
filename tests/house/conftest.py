"""The house tests read the repository itself: code, catalogue, docs. `docs/source_scan.py` and `docs/build.py` help."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))


@pytest.fixture(scope="session")
def files() -> list[Path]:
    """Every file of the repository that is tracked or about to be; what .gitignore names is left out."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: the house tests of files need one")
    paths = [ROOT / name for name in sorted(set(done.stdout.split("\0"))) if name]
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="session")
def pages(files: list[Path]) -> dict[Path, str]:
    """Every Markdown page with its text."""
    return {path: path.read_text(encoding="utf-8") for path in files if path.suffix == ".md"}


@pytest.fixture(scope="session")
def shell_lines(pages: dict[Path, str]) -> list[tuple[Path, str]]:
    """Every line of the pages' shell blocks (```sh, ```bash, ```console), continued lines joined, prompts left out."""
    found = []
    for path, text in pages.items():
        for block in re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            joined = block.replace("\\\n", " ")
            found += [(path, line.removeprefix("$ ").strip()) for line in joined.splitlines() if line.strip()]
    return found
