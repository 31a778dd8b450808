"""Without a browser the run says which tests it left out; with CI=true it fails. The hooks are in tests/conftest.py."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """pytest over one browser test and one other, on a machine without any browser."""
    (folder / "test_page.py").write_text(
        "import pytest\n\n@pytest.mark.browser\ndef test_page():\n    raise AssertionError('must not run')\n\n"
        "def test_other():\n    pass\n"
    )
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = browser: drives a browser\n")
    inherited = {name: value for name, value in os.environ.items() if name not in ("CI", "PATH")}
    nowhere = str(folder / "nowhere")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", *options, str(folder)],
        cwd=ROOT,
        env={**inherited, "PATH": nowhere, "PLAYWRIGHT_BROWSERS_PATH": nowhere, **environment},
        capture_output=True,
        text=True,
    )


def test_browser_tests_are_named_when_left_out(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 browser tests were LEFT OUT" in done.stdout
    assert "test_page.py::test_page" in done.stdout


def test_run_fails_without_a_browser_when_in_ci(tmp_path):
    done = run(tmp_path, CI="true")
    assert done.returncode != 0
    assert "no Chromium: 1 browser tests cannot run" in done.stdout + done.stderr


def test_run_goes_on_in_ci_when_browser_tests_are_not_asked_for(tmp_path):
    done = run(tmp_path, "-m", "not browser", CI="true")
    assert done.returncode == 0, done.stdout + done.stderr
