"""Console script `quyhoach`: the commands of `cli`, and those that need a server."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quyhoach.cli import Register


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    from quyhoach.cli import run

    return run(argv, extra=extra_commands())


def extra_commands() -> "Sequence[Register]":
    """What registers the commands that need a server; docs/build.py lists them from here too."""
    from quyhoach.project import serve

    return (serve.register,)


if __name__ == "__main__":
    sys.exit(main())
