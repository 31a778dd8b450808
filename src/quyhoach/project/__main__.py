"""Console script `quyhoach`: the commands of `cli`, and those that need a server."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    from quyhoach.cli import run
    from quyhoach.project import serve

    return run(argv, extra=[serve.register])


if __name__ == "__main__":
    sys.exit(main())
