"""How much a first look-up carries over the network: budgets that a build must keep."""

from collections.abc import Callable
from typing import Any

Visits = Callable[..., Any]
LOT = "/?lon=106.57617&lat=21.649565&zoom=17"
WORDS_BUDGET = 60_000
WHOLE_BUDGET = 700_000


def transferred(page: Any, path: str, until: Callable[[], None]) -> dict[str, int]:
    """Bytes over the network by address, from a cold cache."""
    session = page.page.context.new_cdp_session(page.page)
    session.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.update({addresses.get(e["requestId"], e["requestId"]): int(e["encodedDataLength"])}),
    )
    page.open(path, map_drawn=False)
    until()
    return sizes


def test_text_answer_is_light_when_the_map_has_not_come(visit: Visits) -> None:
    page = visit("phone")
    # The map's own part is held back: what has come by the time of the answer is what the answer needs.
    page.page.route("**/api/v1/legend**", lambda route: route.abort())
    page.page.route("**/*maplibre*", lambda route: route.abort())
    sizes = transferred(page, LOT, lambda: page.headline("cây xanh"))
    needed = {url: size for url, size in sizes.items() if not is_of_the_map(url)}
    assert any("/api/v1/lookup" in url for url in needed)
    assert sum(needed.values()) <= WORDS_BUDGET, needed


def is_of_the_map(url: str) -> bool:
    return any(part in url for part in ("/tiles/", ".woff2", "maplibre", "/map-", "/fonts-")) and "main" not in url


def test_page_in_words_is_light(visit: Visits) -> None:
    page = visit("phone")
    sizes = transferred(page, "/tra-cuu?lon=106.57617&lat=21.649565", lambda: page.headline("cây xanh"))
    assert sum(sizes.values()) <= WORDS_BUDGET, sizes


def test_whole_first_look_up_is_within_its_budget(visit: Visits) -> None:
    page = visit("phone")
    sizes = transferred(page, LOT, lambda: page.page.wait_for_selector("#map[data-idle=true]", timeout=40_000))
    assert sum(sizes.values()) <= WHOLE_BUDGET, sizes
