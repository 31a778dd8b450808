"""axe finds no violation, on every page and in every state of the map page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Visits = Callable[..., Any]
AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
LOT = "lon=106.57617&lat=21.649565"
WITH_MAP = ["/", f"/?{LOT}&zoom=17", f"/?{LOT}&zoom=17&lang=en", f"/?{LOT}&on=2015-01-01", "/?lon=106.8&lat=21.9"]
WITHOUT = [
    "/tra-cuu",
    f"/tra-cuu?{LOT}",
    f"/tra-cuu?{LOT}&lang=en",
    "/tra-cuu?q=zzz",
    "/tra-cuu?lon=x&lat=y",
    "/khong-co",
]


def violations(page: Any) -> list[str]:
    # Evaluated by the debugger, not put into the page: the page's policy lets no foreign script in.
    page.page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found = page.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


@pytest.mark.parametrize("profile", ["phone", "desk"])
@pytest.mark.parametrize("path", WITH_MAP)
def test_map_page_has_no_barrier(visit: Visits, profile: str, path: str) -> None:
    page = visit(profile).open(path)
    if "lon=" in path:
        page.page.locator(".answer, .failure").first.wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("path", WITHOUT)
def test_page_in_words_has_no_barrier(visit: Visits, path: str) -> None:
    assert violations(visit("phone").open(path, map_drawn=False)) == []


@pytest.mark.parametrize("profile", ["phone", "desk"])
def test_legend_has_no_barrier_when_open(visit: Visits, profile: str) -> None:
    page = visit(profile).open(f"/?{LOT}&zoom=17")
    page.page.locator(".answer").wait_for()
    page.page.click("#legend-button")
    assert violations(page) == []
