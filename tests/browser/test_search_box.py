"""The search box by keyboard and by hand."""

import json
from collections.abc import Callable
from typing import Any

Visits = Callable[..., Any]

FOUND = [
    {
        "kind": "place",
        "title": "xã Chi Lăng",
        "detail": "trước đây: thị trấn Đồng Mỏ",
        "lon": 106.57617,
        "lat": 21.649565,
    },
    {
        "kind": "plan",
        "title": "Đồ án qhc-nho",
        "lon": 106.5775,
        "lat": 21.6511,
        "bbox": [106.575, 21.649, 106.58, 21.653],
    },
    {"kind": "zone", "title": "A1-0", "lon": 106.57617, "lat": 21.649565},
]


def with_results(page: Any, results: list[dict[str, Any]]) -> list[str]:
    """The page with a search that finds these; returns the texts asked for. What the server finds is tested there."""
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(body=json.dumps({"results": results}), content_type="application/json")

    page.page.route("**/api/v1/search**", answer)
    return asked


def test_result_is_chosen_by_keyboard(visit: Visits) -> None:
    page = visit("desk")
    asked = with_results(page, FOUND)
    page.open("/")
    box = page.page.locator("#search-input")
    box.press_sequentially("chi lang", delay=10)
    page.page.locator("[role=option]").nth(2).wait_for()
    assert len(asked) <= 2  # not a question for each letter
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "found-1"
    assert page.page.locator("#found-1").get_attribute("aria-selected") == "true"
    box.press("ArrowUp")
    box.press("Enter")
    page.headline("cây xanh")
    assert box.input_value() == "xã Chi Lăng"
    assert page.page.locator("#search-results").is_hidden()


def test_commune_is_found_without_diacritics(visit: Visits) -> None:
    page = visit("phone").open("/")
    page.page.locator("#search-input").fill("chi lang")
    page.page.locator("[role=option]", has_text="xã Chi Lăng").first.wait_for()


def test_coordinates_are_found_when_pasted(visit: Visits) -> None:
    page = visit("phone").open("/")
    page.page.locator("#search-input").fill("21.649565, 106.57617")
    page.page.locator("[role=option]").first.wait_for()
    page.page.locator("#search-input").press("Enter")
    page.headline("cây xanh")


def test_list_closes_when_escape_is_pressed(visit: Visits) -> None:
    page = visit("phone")
    with_results(page, FOUND)
    page.open("/")
    box = page.page.locator("#search-input")
    box.fill("chi lang")
    page.page.locator("[role=option]").first.wait_for()
    box.press("Escape")
    assert page.page.locator("#search-results").is_hidden()
    assert box.get_attribute("aria-expanded") == "false"


def test_result_is_chosen_by_hand(visit: Visits) -> None:
    page = visit("phone")
    with_results(page, FOUND)
    page.open("/")
    page.page.locator("#search-input").fill("A1-0")
    page.page.locator("[role=option]", has_text="A1-0").tap()
    page.headline("cây xanh")


def test_absence_is_said_when_nothing_is_found(visit: Visits) -> None:
    page = visit("phone").open("/")
    page.page.locator("#search-input").fill("không có đâu zzz")
    page.page.get_by_text("Không tìm thấy “không có đâu zzz”").wait_for()
    page.page.locator("#search-clear").click()
    assert page.page.locator("#search-status").is_hidden()


def test_trouble_is_said_when_the_search_fails(visit: Visits) -> None:
    page = visit("phone")
    page.page.route("**/api/v1/search**", lambda route: route.abort())
    page.open("/")
    page.page.locator("#search-input").fill("chi lang")
    page.page.get_by_text("Không tìm được lúc này").wait_for()


def test_old_answer_is_thrown_away_when_a_newer_question_was_asked(visit: Visits) -> None:
    page = visit("desk")
    held: list[Any] = []

    def answer(route: Any) -> None:
        if "q=chi&" in route.request.url + "&":
            held.append(route)
        else:
            route.fulfill(body=json.dumps({"results": FOUND[:1]}), content_type="application/json")

    page.page.route("**/api/v1/search**", answer)
    page.open("/")
    box = page.page.locator("#search-input")
    box.fill("chi")
    page.page.wait_for_timeout(600)
    box.fill("chi lang")
    page.page.locator("[role=option]").first.wait_for()
    assert page.page.locator("[role=option]").count() == 1
