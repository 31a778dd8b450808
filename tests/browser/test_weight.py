"""How much a first look-up carries over the network: budgets that a build must keep."""

import urllib.request
from collections.abc import Callable
from typing import Any

Visits = Callable[..., Any]
LOT = "/?lon=106.57617&lat=21.649565&zoom=17"
WORDS_BUDGET = 60_000
WHOLE_BUDGET = 700_000


def transferred(page: Any, path: str, until: Callable[[], None]) -> dict[str, int]:
    """Bytes over the network by address, from a cold cache, those of the map's worker too."""
    finished: list[Any] = []
    page.page.context.on("requestfinished", lambda request: finished.append(request))
    page.open(path, map_drawn=False)
    until()
    sizes: dict[str, int] = {}
    for request in list(finished):
        known = request.sizes()
        size = known["responseBodySize"] + known["responseHeadersSize"]
        if "worker" in request.url:  # the browser does not measure the worker's own script
            size = over_the_network(request.url)
        sizes[request.url] = sizes.get(request.url, 0) + size
    return sizes


def over_the_network(url: str) -> int:
    with urllib.request.urlopen(urllib.request.Request(url, headers={"accept-encoding": "gzip"})) as response:
        return len(response.read())


def test_text_answer_is_light_when_the_map_has_not_come(visit: Visits) -> None:
    page = visit("phone")
    # The map's own parts are kept out: what comes then is what the answer needs.
    for part in ("**/static/assets/map-*", "**/static/assets/maplibre*", "**/*.woff2", "**/tiles/**"):
        page.page.route(part, lambda route: route.abort())
    sizes = transferred(page, LOT, lambda: page.headline("cây xanh"))
    assert any("/api/v1/lookup" in url for url in sizes)
    assert sum(sizes.values()) <= WORDS_BUDGET, sizes


def test_page_in_words_is_light(visit: Visits) -> None:
    page = visit("phone")
    sizes = transferred(page, "/tra-cuu?lon=106.57617&lat=21.649565", lambda: page.headline("cây xanh"))
    assert sum(sizes.values()) <= WORDS_BUDGET, sizes


def test_whole_first_look_up_is_within_its_budget(visit: Visits) -> None:
    page = visit("phone")
    sizes = transferred(page, LOT, lambda: page.page.wait_for_selector("#map[data-idle=true]", timeout=40_000))
    assert any("/tiles/" in url for url in sizes) and any("worker" in url for url in sizes)
    assert sum(sizes.values()) <= WHOLE_BUDGET, sizes
