"""What an operator may set about the read side: environment variables, read once at start, refused loudly when wrong.

Documented in docs/reference/settings.md; a test holds the two together.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from quyhoach.domain.errors import UsageError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")

LOOPBACK = "127.0.0.0/8,::1"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Settings of one server process. Rates hold per worker: two workers let twice as much through."""

    workspace: Path
    read_only: bool = False
    rate: float = 100.0  # look-ups a second and client address, per worker; 0: no limit
    burst: float = 500.0  # what a client that was quiet may take at once
    exempt: tuple[Network, ...] = ()
    proxy_header: str = ""  # lower case; empty: no proxy in front
    trusted_proxies: tuple[Network, ...] = ()
    access_log: bool = False
    poll_seconds: float = 1.0  # how often `current` and `withheld.toml` are looked at
    rehash_hours: float = 6.0  # pause between two background verifications; 0: none
    rehash_mib: float = 16.0  # MiB a second that such a pass reads

    @property
    def releases(self) -> Path:
        return self.workspace / "releases"


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: how its text is read, its default as text, and what it is for."""

    name: str
    default: str
    read: Callable[[str], object] = field(repr=False)
    about: str


def read_settings(environ: Mapping[str, str]) -> ServerSettings:
    """The settings in `environ`. Raises UsageError `setting-invalid` naming the variable."""
    values = {}
    for field_name, setting in SETTINGS.items():
        text = environ.get(setting.name, "").strip() or setting.default
        try:
            values[field_name] = setting.read(text)
        except ValueError as error:
            raise UsageError("setting-invalid", name=setting.name, value=text[:80]) from error
    return ServerSettings(**values)  # type: ignore[arg-type]


def _flag(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise ValueError(text)
    return known[text.lower()]


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not least <= value <= most:  # also refuses NaN
            raise ValueError(text)
        return value

    return read


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def _header(text: str) -> str:
    name = text.strip().lower()
    if name and not all(character.isascii() and (character.isalnum() or character == "-") for character in name):
        raise ValueError(text)
    return name


SETTINGS: Mapping[str, Setting] = {
    "workspace": Setting("QUYHOACH_WORKSPACE", ".", Path, "the workspace; a public node needs only what is published"),
    "read_only": Setting("QUYHOACH_READ_ONLY", "0", _flag, "public node: the read side alone"),
    "rate": Setting("QUYHOACH_RATE", "100", _number(0, 1e6), "look-ups a second and client address, per worker"),
    "burst": Setting("QUYHOACH_RATE_BURST", "500", _number(1, 1e6), "look-ups a quiet client may make at once"),
    "exempt": Setting("QUYHOACH_RATE_EXEMPT", LOOPBACK, _networks, "addresses that are not limited"),
    "proxy_header": Setting("QUYHOACH_PROXY_HEADER", "", _header, "header in which a trusted proxy names the client"),
    "trusted_proxies": Setting("QUYHOACH_TRUSTED_PROXIES", LOOPBACK, _networks, "addresses of trusted proxies"),
    "access_log": Setting("QUYHOACH_ACCESS_LOG", "0", _flag, "one line a request: method, route, status, time"),
    "poll_seconds": Setting("QUYHOACH_POLL_SECONDS", "1", _number(0.05, 60), "how often `current` is looked at"),
    "rehash_hours": Setting("QUYHOACH_REHASH_HOURS", "6", _number(0, 8760), "pause between verifications; 0: none"),
    "rehash_mib": Setting("QUYHOACH_REHASH_MIB", "16", _number(0.1, 1e5), "MiB a second a verification reads"),
}
