"""Rate limit: a token bucket per client address, in each worker's own memory."""

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from quyhoach.api.settings import Network, ServerSettings

MOST_BUCKETS = 50_000  # some 10 MB; beyond, buckets that are full again are forgotten


@dataclass(slots=True)
class Bucket:
    tokens: float
    stamp: float


class Limiter:
    """Lets a client take `burst` tokens at once and `rate` a second from then on.

    An IPv6 client is its /64, since one subscriber has at least that many addresses. `clock` is monotonic seconds.
    """

    def __init__(self, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self.rate = settings.rate
        self.burst = settings.burst
        self._exempt = settings.exempt
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._keys: dict[str, str] = {}  # address as written -> bucket's key; "" when exempt

    def take(self, address: str, cost: float = 1.0) -> float:
        """0.0 when the request may pass; else the seconds after which it may."""
        if not self.rate:
            return 0.0
        key = self._keys.get(address)
        if key is None:
            key = self._key(address)
        if not key:
            return 0.0
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._forget(now)
            bucket = self._buckets[key] = Bucket(self.burst, now)
        else:
            bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.stamp) * self.rate)
            bucket.stamp = now
        # A request dearer than a whole bucket may still pass when the bucket is full.
        needed = min(cost, self.burst)
        if bucket.tokens < needed:
            return (needed - bucket.tokens) / self.rate
        bucket.tokens -= needed
        return 0.0

    def _key(self, address: str) -> str:
        if len(self._keys) >= MOST_BUCKETS:
            self._keys.clear()
        key = _bucket_key(address, self._exempt)
        self._keys[address] = key
        return key

    def _forget(self, now: float) -> None:
        keep = {k: b for k, b in self._buckets.items() if b.tokens + (now - b.stamp) * self.rate < self.burst}
        # All of them busy: an attack from very many addresses. Starting afresh bounds the memory.
        self._buckets = keep if len(keep) < MOST_BUCKETS else {}


def client_address(peer: str, forwarded: str, trusted: Iterable[Network]) -> str:
    """The client's address: `peer`, or where peer is a trusted proxy, the last address it forwards that is no proxy.

    Read from the right, as what is left of a trusted proxy's own entry was written by whoever asked."""
    networks = tuple(trusted)
    if not forwarded or not _within(peer, networks):
        return peer
    for part in reversed(forwarded.split(",")):
        address = part.strip().strip('"').removeprefix("for=")
        if address.startswith("["):
            address = address[1:].partition("]")[0]
        if _parse(address) is None:
            return peer
        if not _within(address, networks):
            return address
    return peer


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def _within(address: str, networks: tuple[Network, ...]) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in networks)


def _bucket_key(address: str, exempt: tuple[Network, ...]) -> str:
    parsed = _parse(address)
    if parsed is None:
        return "?"  # no address (a socket file): one bucket for all of them
    if any(parsed in network for network in exempt):
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
