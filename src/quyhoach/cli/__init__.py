"""The commands that need no server. One module per command group; exit 0 good, 1 error-level findings, 2 wrong use."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

Register = Callable[["argparse._SubParsersAction[argparse.ArgumentParser]"], None]

# Modules of this package, in the order of --help; each has `register(subparsers)`, setting `run` as default.
COMMANDS = ("release", "lookup", "standardise", "dossier", "scan")


def build_parser(extra: Sequence[Register] = ()) -> argparse.ArgumentParser:
    """The parser of `quyhoach`; `extra` registers the commands of higher rooms (serve, demo)."""
    parser = argparse.ArgumentParser(prog="quyhoach", description="Tra cứu quy hoạch · planning look-up")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"quyhoach.cli.{name}").register(subparsers)
    for register in extra:
        register(subparsers)
    return parser


def run(argv: Sequence[str] | None = None, extra: Sequence[Register] = ()) -> int:
    """Run one command and return its exit code; errors are told in Vietnamese, then English."""
    from quyhoach.domain.errors import QuyHoachError, UsageError
    from quyhoach.standard.messages import message

    arguments = build_parser(extra).parse_args(argv)
    try:
        return int(arguments.run(arguments) or 0)
    except QuyHoachError as error:
        for language in ("vi", "en"):
            print(message(error.code, language, **error.params), file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except OSError as error:  # a full disk, a missing folder, a right that is lacking
        for language in ("vi", "en"):
            reason = error.strerror or str(error)
            print(message("file-system-refused", language, reason=reason, file=error.filename or ""), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
