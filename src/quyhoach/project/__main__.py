"""Console script `quyhoach`: the commands of `cli`, and those that need a server."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    from quyhoach.cli import run

    return run(argv)


if __name__ == "__main__":
    sys.exit(main())
