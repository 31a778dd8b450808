"""`quyhoach release build | use | verify | diff | list`."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from quyhoach.domain.errors import NotFoundError
from quyhoach.standard.messages import message


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "release", help="biên dịch, kiểm tra, chuyển bản phát hành · compile, verify, switch"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    build = actions.add_parser("build", help="compile the workspace (does not switch)")
    build.add_argument("--workspace", type=Path, required=True, help="folder of the workspace")
    build.add_argument("--now", type=instant, default=None, help="instant to build at, ISO 8601 (default: the clock)")
    build.add_argument("--workers", type=int, default=None, help="processes (default: one per core)")
    build.add_argument("--json", action="store_true", help="id and folder as JSON")
    build.set_defaults(run=_build)

    use = actions.add_parser("use", help="make a release current")
    use.add_argument("id", help="id of a release of that workspace")
    use.add_argument("--workspace", type=Path, required=True, help="folder of the workspace")
    use.set_defaults(run=_use)

    verify = actions.add_parser("verify", help="check every hash and invariant")
    verify.add_argument("folder", type=Path, help="folder of a release")
    verify.set_defaults(run=_verify)

    diff = actions.add_parser("diff", help="what changed between two releases")
    diff.add_argument("a", type=Path, help="folder of the earlier release")
    diff.add_argument("b", type=Path, help="folder of the later release")
    diff.add_argument("--json", action="store_true", help="the comparison as JSON")
    diff.set_defaults(run=_diff)

    listing = actions.add_parser("list", help="the releases of a workspace")
    listing.add_argument("--workspace", type=Path, required=True, help="folder of the workspace")
    listing.set_defaults(run=_list)


def instant(text: str) -> datetime:
    """An instant in ISO 8601; without an offset it is UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 instant: {text}") from None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _build(arguments: argparse.Namespace) -> int:
    from quyhoach.release.compile import build_release

    release_id = build_release(
        arguments.workspace,
        now=arguments.now or datetime.now(UTC),
        progress=tell_progress,
        workers=arguments.workers,
    )
    if arguments.json:
        print(json.dumps({"release": release_id, "folder": str(arguments.workspace / "releases" / release_id)}))
    else:
        print(release_id)
    return 0


def tell_progress(step: str, share: float) -> None:
    """One line per step on standard error; a bar on a terminal."""
    text = message(f"build-{step}", "vi")
    end = "\r" if sys.stderr.isatty() and share < 1 else "\n"
    print(f"  {text} {share:4.0%}" if 0 < share < 1 else f"  {text}", file=sys.stderr, end=end, flush=True)


def _use(arguments: argparse.Namespace) -> int:
    from quyhoach.release.switch import use_release

    use_release(arguments.workspace, arguments.id)
    print(message("release-in-use", "vi", release=arguments.id))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from quyhoach.release.manifest import verify_release

    manifest = verify_release(arguments.folder)
    print(message("release-verified", "vi", release=manifest["id"], files=len(manifest["files"])))
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    from quyhoach.release.compare import compare_releases, describe_comparison

    comparison = compare_releases(arguments.a, arguments.b)
    if arguments.json:
        print(json.dumps(comparison, ensure_ascii=False, indent=1))
    else:
        for line in describe_comparison(comparison, "vi"):
            print(line)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from quyhoach.release.switch import current_release, list_releases

    if not arguments.workspace.is_dir():
        raise NotFoundError("workspace-missing-file", file=str(arguments.workspace))
    current = current_release(arguments.workspace)
    for release_id in list_releases(arguments.workspace):
        print(release_id, "*" if release_id == current else "")
    return 0
