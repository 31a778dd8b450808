"""Which release a worker answers from: opened, watched, switched without dropping a request, verified meanwhile.

A thread looks at `current` and `withheld.toml`; requests only read an attribute. A release that cannot be opened is
refused and the one before stays in use. One found damaged while in use is taken out of use and answered with
`release-damaged` (503) until `current` is written again: going back by ourselves to an older release could deny a
plan published since.
"""

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from quyhoach.api.archive import TileArchive
from quyhoach.api.masks import targets_in
from quyhoach.domain.errors import DamagedReleaseError, NotFoundError, QuyHoachError, ReleaseError
from quyhoach.lookup import Lookup
from quyhoach.release.manifest import MANIFEST
from quyhoach.release.opened import Release, open_release
from quyhoach.release.switch import RELEASE_ID, current_release, published_releases, release_path
from quyhoach.release.workspace import read_withheld

log = logging.getLogger("quyhoach.api")
SOFTWARE = version("quyhoach")

UNSEEN = object()
OLD_KEPT = 4  # older releases kept open for questions with release=
CHUNK = 1 << 20
WITHHELD = "withheld.toml"


class Pause(Protocol):
    """Waits so many seconds; True when it is time to stop."""

    def __call__(self, seconds: float, /) -> bool: ...


@dataclass
class Serving:
    """One release as a worker serves it. Whoever answers from it holds it; its maps go with the last holder."""

    release: Release
    lookup: Lookup
    salt: bytes  # of ETags: release, mask and software, short
    masked_here: frozenset[str]  # what of the mask this release holds
    archives: dict[str, TileArchive] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.release.id

    def archive(self, name: str) -> TileArchive | None:
        """The tiles `tiles/<name>.pmtiles` of the release, opened on first use."""
        found = self.archives.get(name)
        if found is None:
            if f"tiles/{name}.pmtiles" not in self.release.manifest["files"]:
                return None
            found = self.archives[name] = TileArchive(self.release.folder / "tiles" / f"{name}.pmtiles")
        return found


class Keeper:
    """The releases of one workspace, in one worker."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self.current: Serving | None = None
        self.fault: QuyHoachError = ReleaseError("release-none")
        self._stamp: object = UNSEEN
        self._mask_stamp: object = UNSEEN
        self._retry = False
        self._mask: frozenset[str] | None = None  # None: not known, so nothing may be served
        self._old: OrderedDict[str, Serving] = OrderedDict()
        self._damaged: dict[str, QuyHoachError] = {}
        self._lock = threading.Lock()  # of what is kept: never held while a release is opened
        self._watching = threading.Lock()  # one look at a time
        self._suspects: set[str] = set()

    # ── asked by requests ──────────────────────────────────────────────────────────────────────────────────

    def serving(self, release_id: str = "") -> Serving:
        """The current release, or the one named. ReleaseError without any, NotFoundError for an unknown id."""
        current = self.current
        if not release_id:
            if current is None:
                raise self.fault
            return current
        if current is not None and release_id == current.id:
            return current
        return self._older(release_id)

    def _older(self, release_id: str) -> Serving:
        if not RELEASE_ID.fullmatch(release_id):
            raise NotFoundError("release-unknown", release=release_id)
        if self._mask is None:
            raise ReleaseError("withheld-unreadable")
        with self._lock:
            if release_id in self._damaged:
                raise self._damaged[release_id]
            found = self._old.get(release_id)
            if found is not None:
                self._old.move_to_end(release_id)
                return found
        folder = release_path(self.root, release_id)
        if release_id not in published_releases(self.root) or not (folder / MANIFEST).is_file():
            raise NotFoundError("release-unknown", release=release_id)
        mask = self._mask
        opened = self._open(release_id)
        with self._lock:
            if mask is self._mask:  # else it would show what was masked meanwhile
                self._old[release_id] = opened
                while len(self._old) > OLD_KEPT:
                    self._old.popitem(last=False)
        return opened

    def suspect(self, release_id: str) -> None:
        """A request met a damaged byte: the background pass looks at that release next."""
        self._suspects.add(release_id)

    # ── the watch ──────────────────────────────────────────────────────────────────────────────────────────

    def check(self) -> bool:
        """Look at `current` and `withheld.toml` and follow them; True when one of them changed. Never raises."""
        with self._watching:
            stamp, mask_stamp = _stamp(self.root / "current"), _stamp(self.root / WITHHELD)
            switched = stamp != self._stamp
            masked = mask_stamp != self._mask_stamp and self._read_mask()
            self._stamp, self._mask_stamp = stamp, mask_stamp
            if masked:
                with self._lock:
                    self._old.clear()
                if self.current is not None:
                    self.current = self._serve(self.current.release)
            if switched or self._retry:
                self._switch(tell=switched)
            return switched or masked

    def _switch(self, *, tell: bool) -> None:
        """Open what `current` names. When that fails the release before stays, and each look tries again: files may
        have been copied after `current`."""
        try:
            release_id = current_release(self.root)
            if release_id is None:
                raise ReleaseError("release-none")
            if self._mask is None:
                raise ReleaseError("withheld-unreadable")
            self.current = self._open(release_id)
        except QuyHoachError as error:
            fault = error
        except Exception as error:
            if tell:
                log.error("opening failed", exc_info=error)
            fault = DamagedReleaseError("release-damaged", file=MANIFEST)
        else:
            self._retry = False
            with self._lock:
                self._damaged.pop(release_id, None)
                self._old.pop(release_id, None)
            log.info("release %s in use", release_id)
            return
        self._retry = True
        if tell:
            log.error("release refused: %s", fault)
        if self.current is None:
            self.fault = fault

    def _open(self, release_id: str) -> Serving:
        return self._serve(open_release(release_path(self.root, release_id)))

    def _serve(self, release: Release) -> Serving:
        mask = self._mask or frozenset()
        listing = " ".join([release.id, SOFTWARE, *sorted(mask)])
        salt = hashlib.sha256(listing.encode()).hexdigest()[:16].encode()
        here = targets_in(release.registry, mask) if mask else frozenset()
        return Serving(release, Lookup(release, mask), salt, here)

    def _read_mask(self) -> bool:
        """Read `withheld.toml`. One that can't be read changes nothing: to unmask by mistake would be worse. At start
        there is nothing to keep to, so nothing is served until it can be read."""
        try:
            self._mask = frozenset(row.target for row in read_withheld(self.root))
        except (QuyHoachError, OSError, ValueError) as error:
            log.error("%s cannot be read: %s", WITHHELD, error)
            return False
        return True

    # ── verification in the background ─────────────────────────────────────────────────────────────────────

    def rehash(self, *, bytes_per_second: float, pause: Pause, release: Release | None = None) -> bool:
        """Hash every file of the current release slowly; take it out of use when one isn't what its manifest says.

        False when it was damaged. `pause` spreads the work, and ends it early by returning True."""
        current = self.current
        if release is None:
            if current is None:
                return True
            release = current.release
        for name, (digest, size) in sorted(release.manifest["files"].items()):
            found = _slow_hash(release.folder / name, bytes_per_second, pause)
            if found is None:
                return True
            if found != (digest, size):
                self._condemn(release.id, DamagedReleaseError("release-damaged", file=name))
                return False
        return True

    def check_suspects(self, *, bytes_per_second: float, pause: Pause) -> None:
        """Verify the releases in which a request met damage."""
        while self._suspects:
            release_id = self._suspects.pop()
            try:
                release = self.serving(release_id).release
            except QuyHoachError:
                continue
            self.rehash(bytes_per_second=bytes_per_second, pause=pause, release=release)

    def _condemn(self, release_id: str, fault: QuyHoachError) -> None:
        log.error("release %s taken out of use: %s", release_id, fault)
        with self._lock:
            self._damaged[release_id] = fault
            self._old.pop(release_id, None)
            if self.current is not None and self.current.id == release_id:
                self.current, self.fault = None, fault


class Watch:
    """The two background threads of a worker: one follows `current`, one verifies."""

    def __init__(self, keeper: Keeper, *, poll_seconds: float, rehash_hours: float, rehash_mib: float) -> None:
        self._keeper = keeper
        self._poll = poll_seconds
        self._rest = rehash_hours * 3600
        self._speed = rehash_mib * CHUNK
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._follow, name="quyhoach-follow", daemon=True),
            threading.Thread(target=self._verify, name="quyhoach-verify", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(5)

    def _follow(self) -> None:
        while not self._stop.wait(self._poll):
            self._keeper.check()

    def _verify(self) -> None:
        due = time.monotonic() + self._rest
        while not self._stop.wait(1.0):
            self._keeper.check_suspects(bytes_per_second=self._speed * 8, pause=self._stop.wait)
            if self._rest and time.monotonic() >= due:
                self._keeper.rehash(bytes_per_second=self._speed, pause=self._stop.wait)
                due = time.monotonic() + self._rest


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes whenever a file is replaced or written."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _slow_hash(path: Path, bytes_per_second: float, pause: Pause) -> tuple[str, int] | None:
    """SHA-256 and size of a file read at so many bytes a second; None when told to stop. A missing file: ("", 0)."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                if pause(len(chunk) / bytes_per_second):
                    return None
    except OSError:
        return "", 0
    return digest.hexdigest(), size
