"""What goes over the wire: header sets, entity tags, compression. ASGI messages, nothing else."""

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Header = tuple[bytes, bytes]
Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Reply = tuple[int, list[Header], bytes]

LEAST_TO_COMPRESS = 1024
# A 4 KiB window and little memory: with gzip's defaults a process may map and clear 256 KiB for each answer, which
# takes longer than packing 2.7 kB (30 µs); the bytes are the same but for 1 %.
_WINDOW, _MEMORY = 16 + 12, 5

ANYONE: Header = (b"access-control-allow-origin", b"*")
NO_SNIFFING: Header = (b"x-content-type-options", b"nosniff")
VARY: Header = (b"vary", b"accept-encoding")
GZIPPED: Header = (b"content-encoding", b"gzip")
JSON: Header = (b"content-type", b"application/json")

# The current release may be switched, and masked, at any time: a minute, then ask again.
FRESH: Header = (b"cache-control", b"public, max-age=60, must-revalidate")
# One release on one day never says anything else. A day, not a year: what is withheld later must leave shared caches.
FIXED: Header = (b"cache-control", b"public, max-age=86400, immutable")
FOREVER: Header = (b"cache-control", b"public, max-age=31536000, immutable")
NEVER: Header = (b"cache-control", b"no-store")
CHECK: Header = (b"cache-control", b"public, no-cache")


def compress(body: bytes) -> bytes:
    """A small body, gzipped fast; the same bytes each time."""
    packer = zlib.compressobj(1, zlib.DEFLATED, _WINDOW, _MEMORY)
    return packer.compress(body) + packer.flush()


def accepts_gzip(value: bytes) -> bool:
    """Whether an Accept-Encoding header lets a gzipped body through."""
    if b"gzip" not in value and b"*" not in value:
        return False
    weights = {}
    for part in value.decode("latin-1").lower().split(","):
        name, _, parameters = part.partition(";")
        quality = parameters.strip().removeprefix("q=")
        try:
            weights[name.strip()] = float(quality) if quality else 1.0
        except ValueError:
            weights[name.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Whether the client has this entity already: the weak comparison of RFC 9110 §8.8.3.2."""
    if if_none_match == etag:
        return True
    if if_none_match.strip() == b"*":
        return True
    bare = etag.removeprefix(b"W/")
    return any(part.strip().removeprefix(b"W/") == bare for part in if_none_match.split(b","))


async def send_reply(send: Send, reply: Reply) -> None:
    """One whole answer."""
    status, headers, body = reply
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def problem_reply(status: int, body: bytes, *extra: Header) -> Reply:
    """A problem document; never kept by caches."""
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        NEVER,
        ANYONE,
        NO_SNIFFING,
        *extra,
    ]
    return status, headers, body
