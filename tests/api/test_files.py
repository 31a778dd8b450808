"""Public files of a release, with Range; the built web assets."""

import hashlib
import json
from pathlib import Path

import pytest
from tests.api.conftest import NOON, Client, settings_for

from quyhoach.api.app import ReadSide
from quyhoach.release.switch import current_release


@pytest.fixture(scope="module")
def folder(built: Path) -> Path:
    return built / "releases" / str(current_release(built))


def test_exactly_the_public_files_are_served_when_all_of_a_release_are_asked(client: Client, folder: Path) -> None:
    hidden = {"index.qh", "index.crc", "search.db"}
    served = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        reply = client.get(f"/releases/{folder.name}/{name}")
        if name in hidden:
            assert reply.status_code == 404
        else:
            assert reply.status_code == 200, name
            assert hashlib.sha256(reply.content).digest() == hashlib.sha256(path.read_bytes()).digest()
            assert "immutable" in reply.headers["cache-control"]
            assert reply.headers["x-content-type-options"] == "nosniff"
            served += 1
    assert served > 5


def test_part_of_a_file_is_sent_when_a_range_is_asked(client: Client, folder: Path) -> None:
    whole = (folder / "tiles/plans.pmtiles").read_bytes()
    url = f"/releases/{folder.name}/tiles/plans.pmtiles"
    part = client.get(url, headers={"range": "bytes=0-126"})
    assert (part.status_code, part.content) == (206, whole[:127])
    assert part.headers["content-range"] == f"bytes 0-126/{len(whole)}"
    assert client.get(url, headers={"range": "bytes=-10"}).content == whole[-10:]
    for wrong in (f"bytes={len(whole) + 5}-", "bytes=9-2", "lines=1-2", "bytes=x"):
        assert client.get(url, headers={"range": wrong}).status_code in (200, 400, 416)


def test_file_is_not_sent_again_when_its_tag_is_known(client: Client, folder: Path) -> None:
    url = f"/releases/{folder.name}/plans.json"
    tag = client.get(url).headers["etag"]
    assert client.get(url, headers={"if-none-match": tag}).status_code == 304


def test_documents_cannot_run_scripts_when_opened(client: Client, folder: Path) -> None:
    name = next((folder / "documents").iterdir()).name
    reply = client.get(f"/releases/{folder.name}/documents/{name}")
    assert "sandbox" in reply.headers["content-security-policy"]


def test_head_of_a_file_has_no_body_when_asked(client: Client, folder: Path) -> None:
    reply = client.ask("HEAD", f"/releases/{folder.name}/plans.json")
    assert (reply.status_code, reply.content) == (200, b"")
    assert int(reply.headers["content-length"]) == (folder / "plans.json").stat().st_size


@pytest.fixture
def web(tmp_path: Path, built: Path) -> Client:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / ".vite").mkdir()
    (dist / ".vite" / "manifest.json").write_text("{}")
    (dist / "assets" / "map-Bq3xY7_k.js").write_text("export const a = 1;\n" * 200)
    (dist / "assets" / "be-vietnam-Zx81kQ2p.woff2").write_bytes(bytes(3000))
    (dist / "sw.js").write_text("self.x = 1")
    (dist / "manifest.webmanifest").write_text(json.dumps({"name": "Quy Hoạch"}))
    app = ReadSide(settings_for(built), clock=lambda: NOON, web_dist=dist)
    return Client(app)


def test_asset_is_kept_forever_when_its_name_has_a_hash(web: Client) -> None:
    reply = web.get("/static/assets/map-Bq3xY7_k.js", headers={"accept-encoding": "gzip"})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in reply.headers["cache-control"]
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.text.startswith("export const")
    plain = web.get("/static/assets/map-Bq3xY7_k.js")
    assert "content-encoding" not in plain.headers
    assert plain.text == reply.text
    font = web.get("/static/assets/be-vietnam-Zx81kQ2p.woff2", headers={"accept-encoding": "gzip"})
    assert font.headers["content-type"] == "font/woff2"
    assert "content-encoding" not in font.headers


def test_asset_is_checked_each_time_when_its_name_has_no_hash(web: Client) -> None:
    for name in ("sw.js", "manifest.webmanifest"):
        reply = web.get(f"/static/{name}")
        assert "no-cache" in reply.headers["cache-control"]
        assert web.get(f"/static/{name}", headers={"if-none-match": reply.headers["etag"]}).status_code == 304
    assert web.get("/static/sw.js").headers["service-worker-allowed"] == "/"


@pytest.mark.parametrize(
    "name", [".vite/manifest.json", "", "assets", "assets/", "nothing.js", "ASSETS/map-Bq3xY7_k.js"]
)
def test_asset_is_not_found_when_it_is_not_listed(web: Client, name: str) -> None:
    assert web.get(f"/static/{name}").status_code == 404
