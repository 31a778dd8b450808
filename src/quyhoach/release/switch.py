"""Which release is current: one small file, replaced whole; workers notice within a second."""

import re
from pathlib import Path

from quyhoach.domain.errors import ReleaseError
from quyhoach.release.failpoints import failpoint
from quyhoach.release.manifest import verify_release
from quyhoach.release.workspace import write_atomically

RELEASE_ID = re.compile(r"[0-9a-f]{32}")


def release_path(root: Path, release_id: str) -> Path:
    """Folder of a release; ReleaseError where the id has not the form of one (so no `..` gets through)."""
    if not RELEASE_ID.fullmatch(release_id):
        raise ReleaseError("release-not-found", release=release_id)
    return Path(root) / "releases" / release_id


def use_release(root: Path, release_id: str) -> None:
    """Make a release current, after verifying it whole. Readers see the old one or the new one, never neither."""
    path = release_path(root, release_id)
    verify_release(path)
    failpoint("switch-verified")
    published = published_releases(root)
    if release_id not in published:  # before the switch: what is current was always published
        write_atomically(Path(root) / "published", "".join(f"{one}\n" for one in (*published, release_id)).encode())
    write_atomically(Path(root) / "current", f"{release_id}\n".encode())
    failpoint("switch-written")


def current_release(root: Path) -> str | None:
    """Id of the current release, or None before the first."""
    try:
        return (Path(root) / "current").read_text("ascii").strip() or None
    except FileNotFoundError:
        return None


def published_releases(root: Path) -> tuple[str, ...]:
    """Ids of the releases that are or were current, in the order of publication: those the public may ask for."""
    try:
        return tuple((Path(root) / "published").read_text("ascii").split())
    except FileNotFoundError:
        return ()


def list_releases(root: Path) -> list[str]:
    """Ids of the releases in the workspace."""
    folder = Path(root) / "releases"
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and RELEASE_ID.fullmatch(path.name))
