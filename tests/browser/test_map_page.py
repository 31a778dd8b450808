"""The map page in a real browser, on a phone and on a desk screen."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

LOT = "/?lon=106.57617&lat=21.649565&zoom=17"  # lot A1-0: cây xanh
GREEN = "Quy hoạch dự kiến: cây xanh sử dụng công cộng cấp đô thị"
BOTH = pytest.mark.parametrize("profile", ["phone", "desk"])
Visits = Callable[..., Any]


def query(visit: Any) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(visit.page.url).query).items()}


def centre_of_map(visit: Any) -> tuple[float, float]:
    box = visit.page.locator("#map").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@BOTH
def test_tap_is_answered_when_it_falls_on_a_lot(visit: Visits, profile: str) -> None:
    page = visit(profile).open("/?c=106.57617,21.649565&zoom=17")
    x, y = centre_of_map(page)
    page.page.touchscreen.tap(x, y) if profile == "phone" else page.page.mouse.click(x, y)
    assert page.headline("Quy hoạch dự kiến") == GREEN
    asked = query(page)
    assert abs(float(asked["lon"]) - 106.57617) < 2e-5 and abs(float(asked["lat"]) - 21.649565) < 2e-5
    text = page.page.locator("#sheet").inner_text()
    for part in (
        "40–60\u00a0%",
        "1319/QĐ-UBND",
        "Đang có hiệu lực",
        "±3,5\u00a0m",
        "Sở Xây dựng",
        "minh hoạ",
        "Chưa có dữ liệu",
    ):
        assert part in text
    assert "được xây" not in text.lower()
    assert page.complaints == []


@BOTH
def test_link_reopens_the_same_view_when_shared(visit: Visits, profile: str) -> None:
    first = visit(profile).open(LOT + "&c=106.577,21.6499&on=2024-01-01&opacity=45&pending=1&lang=en")
    first.headline("Planned use")
    before = query(first)
    again = visit(profile).open(urlsplit(first.page.url)._replace(scheme="", netloc="").geturl())
    again.headline("Planned use")
    after = query(again)
    assert before == after
    assert {name: after[name] for name in ("on", "opacity", "pending", "lang")} == {
        "on": "2024-01-01",
        "opacity": "45",
        "pending": "1",
        "lang": "en",
    }
    assert after["c"] == "106.577,21.6499"


def test_place_is_above_the_sheet_when_a_link_opens_on_a_phone(visit: Visits) -> None:
    page = visit("phone").open(LOT)
    page.headline("cây xanh")
    sheet = page.page.locator("#sheet").bounding_box()
    assert sheet["y"] < 740 * 0.6
    # The map lies behind the sheet; the place asked about is in the middle of what is left free.
    assert float(query(page)["c"].split(",")[1]) < 21.649565


@BOTH
def test_everything_is_reached_by_keyboard(visit: Visits, profile: str) -> None:
    page = visit(profile).open("/?c=106.57617,21.649565&zoom=17")
    reached = []
    for _ in range(40):
        page.page.keyboard.press("Tab")
        name = page.page.evaluate(
            """() => {
              const e = document.activeElement;
              const outlined = (element) => getComputedStyle(element).outlineStyle !== "none";
              const ring = e.closest(".search, .chip");
              return [e.id || e.className || e.tagName,
                outlined(e) || (ring !== null && outlined(ring)) || e.matches(".maplibregl-canvas")];
            }"""
        )
        if name[0] == "map-page":
            break  # once round
        assert name[1], f"no visible focus on {name[0]}"
        reached.append(name[0])
    for wanted in ("search-input", "legend-button", "on", "language", "maplibregl-canvas", "locate", "zoom-in"):
        assert wanted in reached
    page.page.locator(".maplibregl-canvas").focus()
    page.page.keyboard.press("Enter")
    assert page.headline("Quy hoạch dự kiến") == GREEN
    page.page.locator("#answer-headline:focus").wait_for()


def test_answer_is_read_out_when_it_comes(visit: Visits) -> None:
    page = visit("desk").open(LOT)
    page.headline("cây xanh")
    assert GREEN in page.page.locator("#live").inner_text()


@BOTH
def test_legend_lists_what_is_in_view_when_opened(visit: Visits, profile: str) -> None:
    page = visit(profile).open(LOT)
    page.page.click("#legend-button")
    rows = page.page.locator("#legend .legend-rows").first.locator("li").all_inner_texts()
    assert "Cây xanh sử dụng công cộng cấp đô thị" in rows and "Đơn vị ở" in rows
    assert not any("Quốc phòng" in row for row in rows)
    page.page.locator("#opacity").fill("30")
    assert query(page)["opacity"] == "30"
    page.page.keyboard.press("Escape")
    assert page.page.locator("#legend").is_hidden()
    page.page.locator("#legend-button:focus").wait_for()


def test_functions_differ_by_pattern_too_when_drawn(visit: Visits) -> None:
    page = visit("desk").open(LOT)
    page.page.click("#legend-button")
    patterned = page.page.evaluate(
        """() => [...document.querySelectorAll("#legend canvas.swatch")].map((canvas) => {
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          const colours = new Set();
          for (let at = 0; at < data.length; at += 4) colours.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
          return colours.size > 1;
        })"""
    )
    assert len(patterned) >= 4
    assert sum(patterned) >= 2


def test_past_day_is_answered_and_said_when_the_date_is_set(visit: Visits) -> None:
    page = visit("desk").open(LOT)
    page.headline("cây xanh")
    page.page.fill("#on", "2015-06-01")
    page.headline("đơn vị ở")
    assert "hiệu lực ngày 1/6/2015, không phải hôm nay" in page.page.locator(".as-of").inner_text()
    assert query(page)["on"] == "2015-06-01"
    page.page.click("#on-today")
    page.headline("cây xanh")
    assert "on" not in query(page)


@BOTH
def test_only_the_own_server_is_asked(visit: Visits, profile: str) -> None:
    page = visit(profile).open(LOT)
    page.headline("cây xanh")
    assert len(page.requests) > 10
    assert all(url.startswith((page.site + "/", "blob:" + page.site)) for url in page.requests)
    assert page.complaints == []


def test_page_fits_when_the_phone_is_narrow(visit: Visits) -> None:
    page = visit("phone", viewport={"width": 320, "height": 568})
    for path in (LOT, "/?lang=en", "/tra-cuu?lon=106.57617&lat=21.649565", "/khong-co"):
        page.open(path, map_drawn=path.startswith("/?"))
        assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_touch_targets_are_large_when_on_a_phone(visit: Visits) -> None:
    page = visit("phone").open(LOT)
    page.headline("cây xanh")
    small = page.page.evaluate(
        """() => [...document.querySelectorAll("button, .button, .chip, .links a, [role=option]")]
          .filter((e) => e.checkVisibility({visibilityProperty: true}) && e.id !== "sheet-handle")
          .map((e) => [e.id || e.textContent.trim(), e.getBoundingClientRect()])
          .filter(([, box]) => box.height < 43.5 || box.width < 43.5).map(([name]) => name)"""
    )
    assert small == []


def test_sheet_is_moved_by_hand_and_by_key(visit: Visits) -> None:
    page = visit("phone").open(LOT)
    page.headline("cây xanh")
    sheet, handle = page.page.locator("#sheet"), page.page.locator("#sheet-handle")
    half = sheet.bounding_box()["height"]
    handle.focus()
    page.page.keyboard.press("Enter")
    page.page.locator("#sheet[data-stop=full]").wait_for()
    assert sheet.bounding_box()["height"] > half + 100
    box = handle.bounding_box()
    page.page.mouse.move(box["x"] + 180, box["y"] + 10)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 180, box["y"] + 560, steps=5)
    page.page.mouse.up()
    page.page.locator("#sheet[data-stop=peek]").wait_for()


def test_phone_position_is_shown_with_its_accuracy_when_asked(visit: Visits) -> None:
    place = {"latitude": 21.649565, "longitude": 106.57617, "accuracy": 30}
    page = visit("phone", geolocation=place, permissions=["geolocation"]).open("/")
    page.page.click("#locate")
    page.headline("cây xanh")
    assert "±30\u00a0m" in page.page.locator(".position").inner_text()
    assert "lô bên cạnh" in page.page.locator(".position").inner_text()


def test_refusal_is_told_when_the_position_is_blocked(visit: Visits) -> None:
    page = visit("phone", permissions=[]).open("/")
    page.page.click("#locate")
    page.page.locator("#map-hint", has_text=re.compile("quyền vị trí|Chưa xác định")).wait_for()


def test_trouble_is_told_and_mended_when_the_network_fails(visit: Visits) -> None:
    page = visit("phone")
    page.page.route("**/api/v1/lookup**", lambda route: route.abort())
    page.open(LOT)
    page.page.get_by_text("Không kết nối được với máy chủ").first.wait_for()
    page.page.unroute("**/api/v1/lookup**")
    page.page.get_by_role("button", name="Thử lại").click()
    assert page.headline("cây xanh") == GREEN


def test_server_speaks_for_itself_when_it_refuses(visit: Visits) -> None:
    page = visit("desk").open("/?lon=106.0001&lat=21.2001&on=1900-01-01")
    page.page.locator(".failure").wait_for()
    text = page.page.locator(".failure h1").inner_text()
    assert len(text) > 20 and "{" not in text and "HTTP" not in text


def test_text_answer_stands_when_the_map_cannot_be_drawn(visit: Visits) -> None:
    page = visit("phone")
    page.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.open(LOT, map_drawn=False)
    assert page.headline("cây xanh") == GREEN
    page.page.locator("#map-note a").wait_for()
    page.page.get_by_text("Máy này không vẽ được bản đồ").wait_for()


def test_nothing_of_a_plan_is_run_as_code_when_it_holds_html(visit: Visits, site: str) -> None:
    page = visit("desk")

    def poison(route: Any) -> None:
        answer = route.fetch().json()
        evil = "<img src=x onerror=\"document.title='pwned'\"><b>Đồ án</b>"
        for zone in answer["zones"]:
            zone["plan_name"] = zone["label"] = zone["function"]["name"] = evil
            zone["decision"]["document"] = "javascript:document.title='pwned'"
        route.fulfill(body=json.dumps(answer), content_type="application/json")

    page.page.route("**/api/v1/lookup**", poison)
    page.open(LOT)
    page.headline("<b>Đồ án</b>")
    assert page.page.locator("#sheet img, #sheet b").count() == 0
    assert "pwned" not in page.page.evaluate("document.title.replace(/<[^>]*>/g, '')")
    assert page.page.locator("#sheet a[href^='javascript']").count() == 0


def test_link_is_copied_when_the_button_is_pressed(visit: Visits) -> None:
    page = visit("desk", permissions=["clipboard-read", "clipboard-write"]).open(LOT)
    page.headline("cây xanh")
    page.page.get_by_role("button", name="Chép liên kết").click()
    page.page.get_by_text("Đã chép liên kết").wait_for()
    copied = page.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(page.site + "/?lon=106.57617&lat=21.649565")


def test_map_goes_to_a_plan_when_it_is_chosen_from_the_list(visit: Visits) -> None:
    page = visit("desk").open("/")
    page.page.locator(".plan-list a").first.click()
    page.page.wait_for_url(lambda address: "zoom=1" in address)
    lon, lat = (float(value) for value in query(page)["c"].split(","))
    assert abs(lon - 106.5775) < 0.01 and abs(lat - 21.6512) < 0.01
