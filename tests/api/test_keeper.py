"""Which release is served: switched, refused, found damaged, masked; never a fault, never a wrong answer."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import NOON, POINT, Client, settings_for

from quyhoach.api.app import ReadSide
from quyhoach.domain.errors import DamagedReleaseError, NotFoundError, ReleaseError
from quyhoach.release.compile import build_release
from quyhoach.release.mvt import decode_tile
from quyhoach.release.switch import current_release, use_release

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def no_pause(seconds: float) -> bool:
    return False


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, maker_of: Callable[[Path], Any]) -> tuple[Path, str, str]:
    """A workspace with two releases; the first is current, the second has one more version of a detailed plan."""
    root = tmp_path_factory.mktemp("keeper") / "workspace"
    maker = maker_of(root)
    first = build_release(root, now=NOW, workers=1)
    maker.version("qhct-nho", package=maker.local_package("KHAC"))
    second = build_release(root, now=NOW, workers=1)
    use_release(root, first)
    return root, first, second


@pytest.fixture
def two(tmp_path: Path, made: tuple[Path, str, str]) -> tuple[Path, str, str]:
    """A copy of what a public node needs of it, that the test may spoil."""
    root = tmp_path / "node"
    shutil.copytree(made[0] / "releases", root / "releases")
    shutil.copy(made[0] / "current", root / "current")
    (root / "published").write_text(f"{made[1]}\n{made[2]}\n")
    return root, made[1], made[2]


def serve(root: Path) -> tuple[ReadSide, Client]:
    app = ReadSide(settings_for(root, QUYHOACH_RATE="0"), clock=lambda: NOON)
    return app, Client(app)


def point_at_current(root: Path, release: str) -> None:
    """Write `current` as an operator's copy job would, without verifying anything."""
    (root / "current.new").write_text(release + "\n")
    (root / "current.new").replace(root / "current")


def flip(path: Path, at: int) -> None:
    """Change one byte in place, keeping size and time: what a failing disk does."""
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 0xFF]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_release_is_followed_when_it_is_switched(two: tuple[Path, str, str]) -> None:
    root, first, second = two
    app, client = serve(root)
    assert client.get(POINT).json()["release"] == first
    assert not app.keeper.check()
    held = app.keeper.serving()
    use_release(root, second)
    assert app.keeper.check()
    assert client.get(POINT).json()["release"] == second
    # whoever still held the first one can go on with it
    assert json.loads(held.lookup.at(106.5762, 21.6499, on=20261122, lang="vi"))["release"] == first


def test_older_release_answers_when_it_is_named(two: tuple[Path, str, str]) -> None:
    root, _, second = two
    _, client = serve(root)
    answer = client.get(f"{POINT}&release={second}").json()
    assert answer["release"] == second
    assert client.get(f"/api/v1/plans?release={second}").json()["release"] == second


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: shutil.rmtree(folder),
        lambda folder: (folder / "manifest.json").write_text("{}"),
        lambda folder: (folder / "manifest.json").write_bytes(b"\xff"),
        lambda folder: (folder / "index.qh").write_bytes(b""),
        lambda folder: (folder / "index.crc").write_bytes(b"1234"),
        lambda folder: (folder / "plans.json").unlink(),
        lambda folder: flip(folder / "index.qh", 8),
        lambda folder: flip(folder / "plans.json", 20),
    ],
    ids=[
        "gone",
        "other manifest",
        "garbled manifest",
        "empty index",
        "short sums",
        "file gone",
        "byte of index",
        "byte",
    ],
)
def test_release_before_stays_when_the_new_one_is_not_sound(
    two: tuple[Path, str, str], spoil: Callable[[Path], None]
) -> None:
    root, first, second = two
    app, client = serve(root)
    spoil(root / "releases" / second)
    point_at_current(root, second)
    app.keeper.check()
    assert client.get(POINT).json()["release"] == first
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("text", ["", "\n", "../..", "0" * 32, "\xff\xfe"])
def test_release_before_stays_when_current_is_garbage(two: tuple[Path, str, str], text: str) -> None:
    root, first, second = two
    app, client = serve(root)
    (root / "current").write_bytes(text.encode("latin-1"))
    app.keeper.check()
    assert client.get(POINT).json()["release"] == first
    use_release(root, second)
    app.keeper.check()
    assert client.get(POINT).json()["release"] == second


def test_release_is_taken_up_later_when_its_files_arrive_after_current(two: tuple[Path, str, str]) -> None:
    root, first, second = two
    app, client = serve(root)
    folder, away = root / "releases" / second, root / "away"
    folder.rename(away)
    point_at_current(root, second)
    app.keeper.check()
    app.keeper.check()
    assert client.get(POINT).json()["release"] == first
    away.rename(folder)
    app.keeper.check()
    assert client.get(POINT).json()["release"] == second


def test_problem_says_so_when_there_is_no_release(tmp_path: Path) -> None:
    _, client = serve(tmp_path)
    for path in (POINT, "/api/v1/plans", "/api/v1/release", "/healthz", "/tiles/plans/1/1/1.mvt"):
        reply = client.get(path)
        assert (reply.status_code, reply.json()["code"]) == (503, "release-none"), path
        assert reply.headers["retry-after"]
    assert client.get("/api/v1/legend").status_code == 200


def test_damaged_byte_is_never_an_answer_when_it_is_met_by_a_request(two: tuple[Path, str, str]) -> None:
    """Each byte of the index in turn, in steps: the answer is the true one or a 503, and the server goes on."""
    root, first, _ = two
    truth = serve(root)[1].get(POINT).content
    index = root / "releases" / first / "index.qh"
    outcomes = set()
    for at in range(40, index.stat().st_size, max(1, index.stat().st_size // 60)):
        flip(index, at)
        app, client = serve(root)
        reply = client.get(POINT)
        outcomes.add(reply.status_code)
        if reply.status_code == 200:
            assert reply.content == truth
        else:
            assert (reply.status_code, reply.json()["code"]) == (503, "release-damaged")
        assert client.get("/api/v1/legend").status_code == 200
        flip(index, at)
        app.close()
    assert 503 in outcomes


def test_release_is_taken_out_of_use_when_the_background_pass_finds_a_changed_byte(two: tuple[Path, str, str]) -> None:
    root, first, second = two
    app, client = serve(root)
    assert app.keeper.rehash(bytes_per_second=1e9, pause=no_pause)
    flip(root / "releases" / first / "tiles" / "plans.pmtiles", 500)
    assert not app.keeper.rehash(bytes_per_second=1e9, pause=no_pause)
    for path in (POINT, "/api/v1/plans", "/healthz", f"/releases/{first}/plans.json", f"{POINT}&release={first}"):
        reply = client.get(path)
        assert (reply.status_code, reply.json()["code"]) == (503, "release-damaged"), path
    app.keeper.check()
    assert client.get(POINT).status_code == 503  # not taken up again by itself
    use_release(root, second)
    app.keeper.check()
    assert client.get(POINT).json()["release"] == second


def test_release_is_verified_soon_when_a_request_met_damage(two: tuple[Path, str, str]) -> None:
    root, first, _ = two
    app, client = serve(root)
    flip(root / "releases" / first / "tiles" / "plans.pmtiles", 20)
    assert client.get(f"/tiles/{first}/plans/12/3258/1800.mvt").status_code == 503
    app.keeper.check_suspects(bytes_per_second=1e9, pause=no_pause)
    assert app.keeper.current is None
    assert client.get(POINT).json()["code"] == "release-damaged"


def test_release_is_verified_soon_when_a_route_met_damage(two: tuple[Path, str, str]) -> None:
    root, first, _ = two
    app, client = serve(root)
    (root / "releases" / first / "search.db").write_bytes(b"x" * 100)
    assert client.get("/api/v1/search?q=chi").status_code == 503
    app.keeper.check_suspects(bytes_per_second=1e9, pause=no_pause)
    assert app.keeper.current is None


def test_background_pass_ends_early_when_told_to_stop(two: tuple[Path, str, str]) -> None:
    root, first, _ = two
    app, _client = serve(root)
    flip(root / "releases" / first / "tiles" / "plans.pmtiles", 500)
    assert app.keeper.rehash(bytes_per_second=1e9, pause=lambda seconds: True)
    assert app.keeper.current is not None


def test_older_release_is_refused_when_it_is_unknown_or_damaged(two: tuple[Path, str, str]) -> None:
    root, _, second = two
    app, _client = serve(root)
    for unknown in ("0" * 32, "..", "A" * 32):
        with pytest.raises(NotFoundError):
            app.keeper.serving(unknown)
    (root / "releases" / second / "index.qh").write_bytes(b"")
    with pytest.raises(DamagedReleaseError):
        app.keeper.serving(second)


# ── what became secret ─────────────────────────────────────────────────────────────────────────────────────────


def withhold(root: Path, *targets: str) -> None:
    rows = [
        f'[[withheld]]\n{"zone_id" if "@" in target else "plan_id"} = "{target}"\nsince = 2026-11-01\nreason = "mật"\n'
        for target in targets
    ]
    (root / "withheld.toml").write_text("\n".join(rows))


def test_plan_is_nowhere_when_it_is_withheld(two: tuple[Path, str, str]) -> None:
    root, first, second = two
    app, client = serve(root)
    tag = client.get(POINT).headers["etag"]
    withhold(root, "qhc-nho")
    assert app.keeper.check()
    for release in ("", f"&release={first}", f"&release={second}"):
        assert "qhc-nho" not in client.get(POINT + release).text
    assert client.get(POINT, headers={"if-none-match": tag}).status_code == 200, "a cached answer would still show it"
    assert "qhc-nho" not in client.get("/api/v1/plans").text
    assert client.get("/api/v1/plans/qhc-nho").json()["code"] == "plan-unknown"
    assert client.get("/api/v1/plans/qhc-nho/diff?from=2&to=3").status_code == 404
    assert "qhc-nho" not in client.get("/api/v1/search?q=qhc").text
    manifest = json.loads((root / "releases" / first / "manifest.json").read_bytes())
    for name in [*manifest["files"], "manifest.json"]:
        reply = client.get(f"/releases/{first}/{name}")
        if reply.status_code == 200:
            assert b"qhc-nho" not in reply.content, name
            assert "qhc-nho" not in name
    assert client.get(f"/releases/{first}/packages/hanh-lang@1.gpkg").status_code == 200
    seen = tiles_of(client, root, first)
    assert "hanh-lang" in seen
    assert not any("qhc-nho" in text for text in seen)


def test_only_the_zone_is_hidden_when_a_zone_is_withheld(two: tuple[Path, str, str]) -> None:
    root, first, _ = two
    app, client = serve(root)
    before = tiles_of(client, root, first)
    assert {"qhc-nho@2/A1-1", "qhc-nho@2/A2-1"} <= before
    withhold(root, "qhc-nho@2/A1-1")
    app.keeper.check()
    after = tiles_of(client, root, first)
    assert "qhc-nho@2/A1-1" not in after
    assert "qhc-nho@2/A2-1" in after
    assert "qhc-nho@2/A1-1" not in client.get(POINT).text
    assert client.get("/api/v1/plans/qhc-nho").status_code == 200
    assert client.get(f"/releases/{first}/packages/qhc-nho@2.gpkg").status_code == 404


def test_masks_stay_when_the_list_cannot_be_read_any_more(two: tuple[Path, str, str]) -> None:
    root, _, second = two
    app, client = serve(root)
    withhold(root, "qhc-nho")
    app.keeper.check()
    (root / "withheld.toml").write_text("[[withheld]\nplan_")
    app.keeper.check()
    use_release(root, second)
    app.keeper.check()
    assert client.get(POINT).json()["release"] == second
    assert "qhc-nho" not in client.get(POINT).text
    (root / "withheld.toml").unlink()
    app.keeper.check()
    assert "qhc-nho" in client.get(POINT).text


def test_nothing_is_served_when_the_list_cannot_be_read_at_start(two: tuple[Path, str, str]) -> None:
    root, first, _ = two
    (root / "withheld.toml").write_text("no toml")
    app, client = serve(root)
    for path in (POINT, f"{POINT}&release={first}", f"/releases/{first}/plans.json", f"/tiles/{first}/plans/9/1/1.mvt"):
        assert client.get(path).json()["code"] == "withheld-unreadable"
    (root / "withheld.toml").unlink()
    app.keeper.check()
    assert client.get(POINT).status_code == 200


def test_keeper_says_there_is_none_when_asked_before_the_first_release(tmp_path: Path) -> None:
    app, _ = serve(tmp_path)
    with pytest.raises(ReleaseError):
        app.keeper.serving()
    assert current_release(tmp_path) is None


def tiles_of(client: Client, root: Path, release: str) -> set[str]:
    """All text in all tiles as they are served."""
    from pmtiles.reader import MmapSource, all_tiles

    with (root / "releases" / release / "tiles" / "plans.pmtiles").open("rb") as file:
        places = [place for place, _ in all_tiles(MmapSource(file))]
    texts: set[str] = set()
    for z, x, y in places:
        reply = client.get(f"/tiles/{release}/plans/{z}/{x}/{y}.mvt")
        assert reply.status_code in (200, 204)
        for layer in decode_tile(reply.content) if reply.content else []:
            for value in layer.values:
                texts.add(value[2:].decode("utf-8", "replace") if value[:1] == b"\x0a" else "")
    return texts


def test_a_release_that_was_never_current_is_not_the_publics(small: Any) -> None:
    from datetime import UTC, datetime

    from quyhoach.api.keeper import Keeper
    from quyhoach.domain.errors import NotFoundError
    from quyhoach.release.compile import build_release

    now = datetime(2026, 11, 22, tzinfo=UTC)
    first = build_release(small.root, now=now, workers=1)
    use_release(small.root, first)
    small.plan("qhc-nho", name={"vi": "Bản nháp"})
    draft = build_release(small.root, now=now, workers=1)
    keeper = Keeper(small.root)
    keeper.check()
    assert keeper.serving(first).id == first
    with pytest.raises(NotFoundError, match="release-unknown"):
        keeper.serving(draft)
    use_release(small.root, draft)
    use_release(small.root, first)
    assert keeper.serving(draft).id == draft  # it was current for a while
