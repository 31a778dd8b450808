"""The repository as a whole: sizes, docstrings, no names of machines or registries, version, what the wheel holds."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {
    ".py",
    ".ts",
    ".css",
    ".html",
    ".md",
    ".toml",
    ".json",
    ".txt",
    ".in",
    ".csv",
    ".lua",
    ".sql",
    ".yml",
    ".cfg",
    "",
}
CODE = {".py", ".ts", ".css", ".html", ".sql", ".lua"}
MOST_LINES = 600

# A file over 600 lines, and why it is one file.
LONG_FILES = {
    "web/src/styles/map.css": "one page's sheet: its parts share the custom properties and the breakpoints",
}

# Written apart, so that this file names no host itself.
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("npmmirror", "com"),
        ("crates", "io"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
        ("conda", "anaconda", "org"),
    )
)
MACHINE_PATH = re.compile(r"(?<![\w./-])/(?:wo" r"rk|ro" r"ot|ho" r"me|Us" r"ers)/")


def texts(files: list[Path]) -> dict[str, str]:
    found = {}
    for path in files:
        if path.suffix in TEXT:
            try:
                found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
    return found


def test_long_files_are_listed_with_a_reason(files):
    long = {}
    for path in files:
        if path.suffix in CODE:
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MOST_LINES:
                long[path.relative_to(ROOT).as_posix()] = lines
    assert set(long) - set(LONG_FILES) == set(), long
    assert all(reason and (ROOT / name).exists() for name, reason in LONG_FILES.items())


def test_every_module_says_what_it_is(files):
    silent = []
    for path in files:
        if path.suffix == ".py" and path.read_text(encoding="utf-8").strip():
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if not ast.get_docstring(tree):
                silent.append(path.relative_to(ROOT).as_posix())
    assert silent == []


def test_every_file_of_the_front_end_says_what_it_is(files):
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.is_relative_to(ROOT / "web" / "src")
        and path.suffix == ".ts"
        and not path.name.endswith(".d.ts")
        and not path.read_text(encoding="utf-8").lstrip().startswith(("//", "/*"))
    ]
    assert silent == []


def test_no_file_names_a_package_registry(files):
    found = [(name, host) for name, text in texts(files).items() for host in REGISTRY_HOSTS if host in text]
    assert found == []


def test_no_file_names_a_path_of_a_machine(files):
    found = [
        (name, text[match.start() - 20 : match.end() + 20])
        for name, text in texts(files).items()
        for match in [MACHINE_PATH.search(text)]
        if match
    ]
    assert found == []


def test_lock_files_name_no_host(files):
    for name, text in texts(files).items():
        if Path(name).name == "requirements.txt":
            assert "://" not in text, name
            assert not re.search(r"^--?(i|index-url|extra-index-url|find-links|trusted-host)\b", text, re.MULTILINE), (
                name
            )
            unhashed = [
                line
                for line in re.sub(r"\\\n", " ", text).splitlines()
                if re.match(r"[A-Za-z0-9]", line) and "--hash=sha256:" not in line
            ]
            assert unhashed == [], name
        if Path(name).name == "package-lock.json":
            assert '"resolved"' not in text, name
            assert '"integrity"' in text, name


def test_version_is_the_first_of_the_changelog():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## ([0-9][0-9.a-z]*)", changelog, re.MULTILINE)
    assert first is not None
    assert importlib.metadata.version("quyhoach") == first.group(1), "run make setup"


def test_check_runs_the_layers_and_every_other_guard():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None
    for guard in ("ruff format --check", "ruff check", "mypy", "lint-imports", "web/build.py --check", "docs/build.py"):
        assert guard in recipe.group(1), guard
    assert re.search(r"^test: .*check", makefile, re.MULTILINE)


def test_layers_are_exhaustive_and_name_every_room():
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    assert "exhaustive = True" in text
    folder = ROOT / "src" / "quyhoach"
    rooms = {path.stem for path in folder.iterdir() if (path / "__init__.py").exists() or path.suffix == ".py"}
    layers = set(re.findall(r"[a-z_]+", text.split("layers =", 1)[1].split("exhaustive", 1)[0]))
    assert rooms - {"__init__"} <= layers


def test_every_marker_of_the_tests_is_declared():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert {marker.split(":")[0] for marker in options["markers"]} >= {"deep", "browser", "shared"}
    assert options["filterwarnings"] == ["error"]


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_holds_every_file_of_the_package(files, wheel_names):
    source = ROOT / "src"
    wanted = {path.relative_to(source).as_posix() for path in files if path.is_relative_to(source / "quyhoach")}
    assert {name for name in wanted if name.endswith((".csv", ".toml", ".json"))}
    assert wanted - wheel_names == set()


def test_wheel_holds_the_built_page(wheel_names):
    dist = ROOT / "src" / "quyhoach" / "web_dist"
    if not dist.is_dir():
        pytest.skip("the map page is not built here: make web")
    built = {path.relative_to(ROOT / "src").as_posix() for path in dist.rglob("*") if path.is_file()}
    assert {name for name in built if not Path(name).name.startswith(".")} - wheel_names == set()


def normalised(requirement: str) -> str:
    """The name of a requirement as package indexes compare it: `psycopg[binary]>=3` is `psycopg`."""
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement).group()).lower()


@pytest.mark.parametrize(("lock", "groups"), [("requirements.txt", ["dev", "web"])])
def test_lock_holds_every_dependency(lock, groups):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted += [row for group in groups for row in project["dependency-groups"][group]]
    pinned = set(re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
    missing = {normalised(row) for row in wanted} - {normalised(name) for name in pinned}
    assert missing == set(), "the lock is older than pyproject.toml: compile it again (CONTRIBUTING.md)"


def test_lock_of_the_bench_holds_every_dependency():
    wanted = (ROOT / "bench" / "requirements.in").read_text(encoding="utf-8").splitlines()
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "bench" / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    names = {normalised(row) for row in wanted if re.match(r"[A-Za-z0-9]", row)}
    assert names <= {normalised(name) for name in pinned}
