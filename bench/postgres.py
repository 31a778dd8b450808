"""A PostgreSQL + PostGIS cluster of the bench's own, in bench/data: started, and stopped whatever happens."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = "bench"
SETTINGS = {  # what an engineer sets for a look-up database of this size on 2 cores
    "listen_addresses": "''",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "32MB",
    "maintenance_work_mem": "512MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "random_page_cost": "1.1",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "min_wal_size": "64MB",
    "autovacuum": "off",
    "plan_cache_mode": "force_generic_plan",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: reached over the Unix socket in `socket`."""

    socket: Path
    version: str

    def dsn(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={self.socket}"


def find_binaries() -> Path | None:
    """The folder of the newest PostgreSQL server on this machine that has PostGIS; None without one."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name)):
        extension = Path("/usr/share/postgresql") / folder.parent.name / "extension" / "postgis.control"
        if (folder / "initdb").exists() and extension.exists():
            return folder
    return None


@contextmanager
def cluster(binaries: Path, folder: Path) -> Iterator[Cluster]:
    """Start the cluster in `folder` (made when absent) and stop it whatever happens. PostgreSQL refuses to run as
    root, so root hands it to the account `postgres`."""
    as_user = _drop_rights()
    socket = Path(tempfile.mkdtemp(prefix="qh-bench-"))  # short: a socket's path may have 107 characters
    if not (folder / "PG_VERSION").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _own(folder)
        places = ["-D", str(folder), "-U", USER, "-E", "UTF8", "--locale=C.UTF-8"]
        _run([*as_user, str(binaries / "initdb"), *places, "--auth=trust", "--no-sync"])
    _own(socket)
    lines = [f"{key} = {value}" for key, value in SETTINGS.items()]
    (folder / "postgresql.auto.conf").write_text("\n".join([*lines, f"unix_socket_directories = '{socket}'", ""]))
    control = [*as_user, str(binaries / "pg_ctl"), "-D", str(folder), "-w"]
    subprocess.run([*control, "-m", "immediate", "stop"], capture_output=True, check=False, cwd="/")  # a killed run's
    try:
        _run([*control, "-l", str(folder / "server.log"), "start"])
        version = subprocess.run(
            [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[2]
        yield Cluster(socket, version)
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], capture_output=True, check=False, cwd="/")
        shutil.rmtree(socket, ignore_errors=True)


def _drop_rights() -> list[str]:
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _own(path: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(path, account.pw_uid, account.pw_gid)
    path.chmod(0o700)


def _run(command: list[str]) -> None:
    # The server keeps pipes open for its whole life, so its words go nowhere; server.log has them.
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
