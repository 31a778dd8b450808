"""The same addresses without JavaScript."""

from collections.abc import Callable
from typing import Any

Visits = Callable[..., Any]


def test_shared_link_is_answered_when_scripts_are_off(visit: Visits) -> None:
    page = visit("phone", java_script_enabled=False)
    page.page.goto(page.site + "/?lon=106.57617&lat=21.649565&zoom=17")
    page.page.wait_for_url("**/tra-cuu?**")
    page.headline("Quy hoạch dự kiến: cây xanh")
    assert "Quyết định số 1319/QĐ-UBND" in page.page.locator("main").inner_text()
    page.page.get_by_role("link", name="Mở trên bản đồ").wait_for()


def test_form_answers_when_scripts_are_off(visit: Visits) -> None:
    page = visit("phone", java_script_enabled=False)
    page.page.goto(page.site + "/")
    page.page.locator(".intro").get_by_role("link", name="Tra cứu bằng chữ").click()
    page.page.get_by_label("Kinh độ", exact=True).fill("106,57617")
    page.page.get_by_label("Vĩ độ", exact=True).fill("21,649565")
    page.page.get_by_role("button", name="Tra cứu").click()
    page.headline("cây xanh")


def test_search_on_the_map_page_answers_when_scripts_are_off(visit: Visits) -> None:
    page = visit("phone", java_script_enabled=False)
    page.page.goto(page.site + "/")
    page.page.locator("#search-input").fill("zzz không có")
    page.page.locator("#search .go").click()
    page.page.wait_for_url("**/tra-cuu?q=**")
    page.page.get_by_role("heading", name="Không tìm thấy").wait_for()


def test_results_lead_to_answers_when_scripts_are_off(visit: Visits) -> None:
    page = visit("phone", java_script_enabled=False)
    page.page.goto(page.site + "/tra-cuu?q=A1-0")
    page.page.locator(".found a").first.click()
    page.headline("cây xanh")
