"""Publishing killed at random moments, and on a disk that is really full: what is served never changes half way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quyhoach.domain.plan import Status
from quyhoach.release.compile import build_release
from quyhoach.release.manifest import verify_release
from quyhoach.release.switch import current_release, list_releases, release_path, use_release

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PUBLISH = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from quyhoach.release.compile import build_release
from quyhoach.release.switch import use_release
if __name__ == "__main__":
    root = Path(sys.argv[1])
    use_release(root, build_release(root, now=datetime(2026, 11, 22, tzinfo=UTC), workers=2))
"""


def revise(small: Any, number: int) -> None:
    """Another end for a version: a new release is due."""
    version = next(v for v in load(small).plans["qhct-nho"].versions)
    small.version(
        "qhct-nho",
        1,
        package=version.package,
        valid_from=date(2023, 1, 1),
        status=Status.SUPERSEDED,
        valid_to=date(2030 + number, 1, 1),
    )


def load(small: Any) -> Any:
    from quyhoach.release.workspace import load_workspace

    return load_workspace(small.root)


def check(small: Any, allowed: set[str | None]) -> None:
    assert current_release(small.root) in allowed
    for release_id in list_releases(small.root):
        verify_release(release_path(small.root, release_id))


@pytest.mark.deep
@pytest.mark.parametrize("seed", [1, 2])
def test_the_served_release_is_whole_when_publishing_is_killed_at_random_moments(
    small: Any, tmp_path: Path, seed: int
) -> None:
    use_release(small.root, build_release(small.root, now=NOW, workers=1))
    script = tmp_path / "publish.py"
    script.write_text(PUBLISH)
    rng = np.random.default_rng(seed)
    revise(small, 99)
    started = time.monotonic()
    subprocess.run([sys.executable, str(script), str(small.root)], check=True)
    whole = time.monotonic() - started
    killed = 0
    for number in range(20):
        before = current_release(small.root)
        revise(small, number)
        shutil.rmtree(small.root / "cache", ignore_errors=True)
        publishing = subprocess.Popen([sys.executable, str(script), str(small.root)], start_new_session=True)
        try:
            publishing.wait(timeout=float(rng.uniform(0.1, 1.1)) * whole)
        except subprocess.TimeoutExpired:
            os.killpg(publishing.pid, signal.SIGKILL)
            publishing.wait()
            killed += 1
        after = current_release(small.root)
        check(small, {before, after})
    assert killed >= 5
    last = build_release(small.root, now=NOW, workers=1)
    use_release(small.root, last)
    check(small, {last})


def test_the_served_release_stays_when_the_disk_is_really_full(maker_of: Any, tmp_path: Path) -> None:
    mount = tmp_path / "small-disk"
    mount.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(mount)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("mounting a small file system is not allowed here; the failpoints stand for it")
    try:
        small = maker_of(mount / "workspace")
        before = build_release(small.root, now=NOW, workers=1)
        use_release(small.root, before)
        revise(small, 1)
        (mount / "ballast").write_bytes(b"\0" * max(shutil.disk_usage(mount).free - 20_000, 0))
        with pytest.raises(Exception):  # noqa: B017 - whichever library meets the full disk first
            use_release(small.root, build_release(small.root, now=NOW, workers=1))
        check(small, {before})
        (mount / "ballast").unlink()
        after = build_release(small.root, now=NOW, workers=1)
        use_release(small.root, after)
        check(small, {after})
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=True)
