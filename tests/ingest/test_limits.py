"""The child that reads can't run away, fill the disk, reach the network or follow a file elsewhere."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from quyhoach.domain.errors import IngestError
from quyhoach.ingest import Limits, read_source
from quyhoach.ingest.limits import environment

Write = Callable[..., Path]
IN_CHILD = "from quyhoach.ingest.limits import Limits, confine; confine(Limits(**{limits})); {code}"


def run_confined(code: str, limits: str = "{}") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", IN_CHILD.format(limits=limits, code=code)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment("/tmp"))


def test_child_dies_when_it_computes_too_long() -> None:
    done = run_confined("[0 for _ in iter(int, 1)]", "{'cpu_seconds': 1}")
    assert done.returncode < 0


def test_child_fails_when_it_takes_too_much_memory() -> None:
    done = run_confined("x = bytearray(2 << 30)", "{'memory_bytes': 1 << 30}")
    assert done.returncode == 1
    assert "MemoryError" in done.stderr


def test_child_fails_when_it_writes_too_large_a_file(tmp_path: Path) -> None:
    done = run_confined(f"open({str(tmp_path / 'x')!r}, 'wb').write(b'0' * 100000)", "{'file_bytes': 1000}")
    assert done.returncode != 0
    assert (tmp_path / "x").stat().st_size <= 1000


def test_error_when_a_file_needs_more_than_the_limits(tmp_path: Path, squares: np.ndarray, write: Write) -> None:
    path = write(tmp_path / "lo.gpkg", squares, {"a": ["1", "2"]})
    with pytest.raises(IngestError, match="ingest-too-large"):
        read_source(path, limits=replace(Limits(), features=1))
    with pytest.raises(IngestError, match="ingest-too-large"):
        read_source(path, limits=replace(Limits(), input_bytes=1000))
    with pytest.raises(IngestError, match=r"ingest-(too-large|reader-failed)"):
        read_source(path, limits=replace(Limits(), wall_seconds=0))


def test_no_pipe_is_left_open_when_the_child_dies_before_it_takes_its_job(
    tmp_path: Path, squares: np.ndarray, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    real = subprocess.Popen

    def popen(command: list[str], **how: Any) -> Any:
        started.append(real([sys.executable, "-c", "import sys; sys.exit(3)"], **how))
        started[-1].wait()  # it is dead before anything is written to it
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(IngestError, match="ingest-reader-failed"):
        read_source(write(tmp_path / "lo.gpkg", squares, {"a": ["1", "2"]}))
    assert [pipe.closed for child in started for pipe in (child.stdin, child.stdout)] == [True, True]


def test_nothing_is_left_behind_when_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "a.kml").write_text("<kml>")
    with pytest.raises(IngestError):
        read_source(tmp_path / "a.kml")
    assert list((tmp_path / "tmp").iterdir()) == []


VRT = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{path}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


@pytest.mark.parametrize("suffix", [".gml", ".kml", ".geojson", ".gpkg"])
def test_error_when_a_file_points_at_another(tmp_path: Path, squares: np.ndarray, write: Write, suffix: str) -> None:
    secret = write(tmp_path / "secret" / "x.gpkg", squares, {"a": ["secret", "secret"]})
    path = tmp_path / f"a{suffix}"
    path.write_text(VRT.format(path=secret))
    with pytest.raises(IngestError):
        read_source(path)


class Counting(BaseHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012 - shared by the requests of one server

    def do_GET(self) -> None:
        Counting.asked.append(self.path)
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        return


def test_no_request_is_made_when_a_file_names_an_address(tmp_path: Path) -> None:
    Counting.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    place = (
        "<gml:featureMember><x:a><x:g><gml:Point><gml:pos>106 21</gml:pos></gml:Point></x:g></x:a></gml:featureMember>"
    )
    files = {
        "a.gml": '<x:FC xmlns:x="urn:x" xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/'
        f'XMLSchema-instance" xsi:schemaLocation="urn:x {address}/schema.xsd">{place}</x:FC>',
        "b.kml": f'<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>{address}/b.kml</href></Link>'
        "</NetworkLink></kml>",
        "c.gml": VRT.format(path=f"/vsicurl/{address}/c.gpkg"),
        "d.json": json.dumps({"type": "FeatureCollection", "features": [], "links": [{"href": address}]}),
    }
    try:
        for name, content in files.items():
            (tmp_path / name).write_text(content)
            try:
                read_source(tmp_path / name)
            except IngestError:
                continue
    finally:
        server.shutdown()
        server.server_close()
    assert Counting.asked == []


def test_remote_handlers_of_gdal_are_closed_when_the_child_tries_them(tmp_path: Path) -> None:
    Counting.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    code = (
        "import pyogrio, sys\n"
        "try:\n    pyogrio.read_info(sys.argv[1])\nexcept Exception as error:\n    print(type(error).__name__)\n"
    )
    try:
        address = f"/vsicurl/http://127.0.0.1:{server.server_port}/a.gpkg"
        command = [sys.executable, "-I", "-c", code, address]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=environment(str(tmp_path)), timeout=60
        )
    finally:
        server.shutdown()
        server.server_close()
    assert done.stdout.strip() == "DataSourceError"
    assert Counting.asked == []


def test_billion_laughs_is_refused_when_in_a_kml(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY e0 "ha">{entities}]><kml><name>&e11;</name></kml>'
    (tmp_path / "a.kml").write_text(text)
    with pytest.raises(IngestError):
        read_source(tmp_path / "a.kml", limits=replace(Limits(), cpu_seconds=20))


def test_children_environment_holds_nothing_of_ours() -> None:
    os.environ["SECRET_OF_THE_OFFICE"] = "x"
    try:
        assert "SECRET_OF_THE_OFFICE" not in environment("/tmp")
    finally:
        del os.environ["SECRET_OF_THE_OFFICE"]


def test_many_vertices_come_in_when_within_the_limits(tmp_path: Path, write: Write) -> None:
    angles = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    ring = np.column_stack([430000 + 5000 * np.cos(angles), 2395000 + 5000 * np.sin(angles)])
    circle = np.array([shapely.Polygon(ring)])
    (layer,) = read_source(write(tmp_path / "tron.gpkg", circle, {"a": ["1"]})).layers
    assert len(shapely.get_coordinates(layer.geometry)) == 100_001
