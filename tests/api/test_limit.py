"""The rate limit: a bucket per client, refilled with time; who the client is behind a proxy."""

from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.api.conftest import NOON, POINT, Client, settings_for

from quyhoach.api.app import ReadSide
from quyhoach.api.limit import MOST_BUCKETS, Limiter, client_address
from quyhoach.api.settings import ServerSettings

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8"), ip_network("::1/128"))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def limiter(rate: float = 2, burst: float = 5, exempt: str = "127.0.0.0/8") -> tuple[Limiter, Clock]:
    clock = Clock()
    settings = ServerSettings(Path(), rate=rate, burst=burst, exempt=(ip_network(exempt),))
    return Limiter(settings, clock), clock


def test_client_waits_when_its_bucket_is_empty_and_not_longer_than_said() -> None:
    limit, clock = limiter()
    assert [limit.take("203.0.113.1") for _ in range(5)] == [0.0] * 5
    wait = limit.take("203.0.113.1")
    assert wait == pytest.approx(0.5)
    assert limit.take("203.0.113.2") == 0.0  # another client isn't held up
    clock.now += wait
    assert limit.take("203.0.113.1") == 0.0


def test_dear_request_passes_when_the_bucket_is_full() -> None:
    limit, clock = limiter()
    assert limit.take("203.0.113.1", 50) == 0.0
    assert limit.take("203.0.113.1", 50) > 0
    clock.now += 100
    assert limit.take("203.0.113.1", 50) == 0.0


def test_nobody_waits_when_the_limit_is_off_or_the_address_exempt() -> None:
    off, _ = limiter(rate=0)
    on, _ = limiter()
    assert all(off.take("203.0.113.1") == 0.0 for _ in range(100))
    assert all(on.take("127.0.0.1") == 0.0 for _ in range(100))
    assert all(on.take("::ffff:127.0.0.1") == 0.0 for _ in range(100))


def test_one_subscriber_is_one_client_when_he_has_many_addresses() -> None:
    limit, _ = limiter()
    waits = [limit.take(f"2001:db8:1:2::{n:x}") for n in range(8)]
    assert waits[-1] > 0
    assert limit.take("2001:db8:1:3::1") == 0.0


def test_memory_is_bounded_when_very_many_addresses_ask() -> None:
    limit, clock = limiter()
    for n in range(MOST_BUCKETS + 100):
        limit.take(f"198.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")
        clock.now += 0.001
    assert len(limit._buckets) <= MOST_BUCKETS
    assert len(limit._keys) <= MOST_BUCKETS


@given(st.lists(st.floats(0, 10), min_size=1, max_size=60))
def test_no_more_passes_than_burst_and_rate_allow_when_times_are_any(gaps: list[float]) -> None:
    limit, clock = limiter(rate=3, burst=4)
    start, passed = clock.now, 0
    for gap in gaps:
        clock.now += gap
        passed += limit.take("203.0.113.1") == 0.0
    assert passed <= 4 + 3 * (clock.now - start) + 1e-6


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # not a proxy of ours: what it claims counts for nothing
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # the left one was written by the client
        ("10.1.2.3", "198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.1.2.3", "10.4.4.4", "10.1.2.3"),
        ("127.0.0.1", "[2001:db8::7]", "2001:db8::7"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("", "198.51.100.1", ""),
    ],
)
def test_client_is_told_from_the_proxy_when_the_proxy_is_trusted(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


@given(st.text(max_size=40), st.text(max_size=80))
def test_address_is_some_text_when_headers_are_garbage(peer: str, forwarded: str) -> None:
    assert isinstance(client_address(peer, forwarded, PROXIES), str)


def test_problem_says_when_to_come_back_when_the_limit_is_reached(built: Path) -> None:
    clock = Clock()
    settings = settings_for(built, QUYHOACH_RATE="1", QUYHOACH_RATE_BURST="3")
    app = ReadSide(settings, clock=lambda: NOON, monotonic=clock)
    client = Client(app)
    assert [client.get(POINT).status_code for _ in range(3)] == [200] * 3
    reply = client.get(f"{POINT}&lang=en")
    assert (reply.status_code, reply.json()["code"]) == (429, "rate-limited")
    assert int(reply.headers["retry-after"]) == reply.json()["retry_after"] >= 1
    assert reply.headers["content-type"] == "application/problem+json"
    assert client.get("/healthz").status_code == 200  # a load balancer isn't held up
    assert Client(app, "203.0.113.99").get(POINT).status_code == 200
    clock.now += float(reply.headers["retry-after"])
    assert client.get(POINT).status_code == 200


def test_clients_behind_a_proxy_are_told_apart_when_its_header_is_set(built: Path) -> None:
    settings = settings_for(built, QUYHOACH_RATE="1", QUYHOACH_RATE_BURST="2", QUYHOACH_PROXY_HEADER="X-Forwarded-For")
    client = Client(ReadSide(settings, clock=lambda: NOON, monotonic=Clock()), "127.0.0.1")
    first = [client.get(POINT, headers={"x-forwarded-for": "198.51.100.1"}).status_code for _ in range(3)]
    second = client.get(POINT, headers={"x-forwarded-for": "198.51.100.2"}).status_code
    assert (first, second) == ([200, 200, 429], 200)
