"""Places where a build or a switch may be killed or find the disk full, for the tests that prove nothing is half done.

Set QUYHOACH_FAILPOINT to `<name>:kill` or `<name>:full`. Without it a failpoint costs one dictionary look-up.
"""

import errno
import os

# In the order in which a build and a switch pass them.
FAILPOINTS = (
    "build-started",
    "version-compiled",
    "versions-compiled",
    "index-written",
    "search-written",
    "tiles-written",
    "chunks-written",
    "packages-written",
    "diffs-written",
    "manifest-written",
    "release-synced",
    "release-verified",
    "release-renamed",
    "switch-verified",
    "switch-written",
)


def failpoint(name: str) -> None:
    """Die here, or find the disk full, when the environment says so."""
    wanted = os.environ.get("QUYHOACH_FAILPOINT")
    if not wanted or not wanted.startswith(name + ":"):
        return
    if wanted.endswith(":kill"):
        os._exit(137)
    raise OSError(errno.ENOSPC, "No space left on device (failpoint)", name)
