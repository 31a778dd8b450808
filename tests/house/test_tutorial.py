"""The tutorial works: its commands are run, in order, in one shell, in a folder of their own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "first-plan.md"
BLOCK = re.compile(r"(<!-- not run by the test -->\n)?^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("tutorial")
    shutil.copytree(ROOT / "docs" / "tutorial" / "data", folder / "docs" / "tutorial" / "data")
    blocks = [body for skipped, body in BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")) if not skipped]
    assert len(blocks) >= 8
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(f"echo '== {n}'\n{body}" for n, body in enumerate(blocks))],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )


def test_every_command_of_the_tutorial_works(done):
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


@pytest.mark.parametrize(
    "said",
    [
        "OM-02 dùng cho 2 lô đất",  # the faults the page tells of
        "400",
        "OM-01",
        "01/QĐ-MINHHOA",
        "02/QĐ-MINHHOA",
        "VH-01",
        "TH-02",
    ],
)
def test_tutorial_shows_what_it_tells(done, said):
    assert said in done.stdout


def test_lots_of_the_two_days_differ(done):
    first, second = done.stdout.rsplit("2026-01-05", 1)[1].split("2026-07-01", 1)
    assert "VH-01" in first
    assert "TH-02" not in first
    assert "TH-02" in second
