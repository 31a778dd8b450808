"""`quyhoach demo`: draws, builds, switches; quick when nothing changed; never overwrites what it didn't draw."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.api.conftest import running
from tests.api.test_server import fetch

from quyhoach.demo import draw_small
from quyhoach.domain.errors import UsageError
from quyhoach.project import serve
from quyhoach.release.switch import current_release

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "workspace"
    serve.prepare_demo(root, now=NOW, draw=draw_small)
    return root


def test_demo_answers_at_the_place_of_the_readme_when_it_is_served(demo: Path) -> None:
    with running(demo) as (address, lines):
        status, _, body = fetch(f"{address}/api/v1/lookup?lon=106.5783&lat=21.6570")
        answer = json.loads(body)
        assert status == 200
        assert answer["release"] == current_release(demo)
        assert any(zone["plan_id"] == "qhc-dong-mo" for zone in answer["zones"])
        assert all(zone["illustrative"] for zone in answer["zones"])
        status, _, page = fetch(f"{address}/")
        assert status == 200
        assert b"<html" in page
        assert lines


def test_demo_is_not_drawn_again_when_nothing_changed(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted((demo / "packages").iterdir())}
    release = serve.prepare_demo(demo, now=NOW, draw=draw_small)
    said = capsys.readouterr().out
    assert "nothing to draw" in said
    assert release == current_release(demo)
    assert {path: path.stat().st_mtime_ns for path in sorted((demo / "packages").iterdir())} == before


def test_demo_is_drawn_again_when_what_it_is_drawn_from_changed(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release = current_release(demo)
    (demo / "cache" / serve.DEMO_STAMP).write_text('{"inputs": "other"}')
    stray = demo / "plans" / "left-behind"
    stray.mkdir()
    assert serve.prepare_demo(demo, now=NOW, draw=draw_small) == release  # the same drawing, so the same release
    assert "Drawing the demo province" in capsys.readouterr().out
    assert not stray.exists()


def test_demo_stops_when_the_workspace_is_somebodys(built: Path) -> None:
    with pytest.raises(UsageError) as caught:
        serve.prepare_demo(built, now=NOW)
    assert caught.value.code == "demo-not-ours"


def test_serve_stops_at_once_when_it_cannot_serve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from quyhoach.project.__main__ import main

    assert main(["serve", "--workspace", str(tmp_path / "none")]) == 2
    said = capsys.readouterr().err
    assert "Không có không gian làm việc" in said
    assert "There is no workspace" in said


def test_serve_stops_at_once_when_the_port_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    from quyhoach.project.__main__ import main

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--workspace", str(tmp_path), "--port", port]) == 2
    assert f"Port {port}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--port", "x"], ["--workers", "0"]])
def test_serve_is_wrong_use_when_arguments_are_garbage(arguments: list[str]) -> None:
    from quyhoach.project.__main__ import main

    with pytest.raises(SystemExit) as caught:
        main(["serve", *arguments])
    assert caught.value.code == 2


def test_reachable_host_is_one_a_browser_can_open_when_all_are_listened_to() -> None:
    assert serve._reachable("0.0.0.0") == "127.0.0.1"
    assert serve._reachable("::") == "[::1]"
    assert serve._reachable("::1") == "[::1]"
    assert serve._reachable("127.0.0.1") == "127.0.0.1"
