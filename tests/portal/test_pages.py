"""The pages over HTTP: what they say, what they refuse, what they never let through."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from quyhoach.apps.portal import provider
from quyhoach.domain.errors import ReleaseError

LOT = {"lon": "106.57617", "lat": "21.649565"}  # lot A1-0 of the small town


class Reader(HTMLParser):
    """Collects tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def page(response: Any) -> Reader:
    return Reader(response.content.decode())


def test_map_page_holds_what_the_map_starts_from_when_opened(portal: Client, lookup: Any) -> None:
    response = portal.get("/")
    assert response.status_code == 200
    data = json.loads(re.search(r'id="page-data"[^>]*>([^<]*)<', response.content.decode()).group(1))  # type: ignore[union-attr]
    assert data["release"] == lookup.release.id
    assert data["today"] == "2026-11-22"
    assert data["layers"]["zones"][1] >= data["layers"]["zones"][0]
    assert data["kinds"]["general"]["name"] == "Quy hoạch chung"
    html = page(response)
    assert html.of("html")[0]["lang"] == "vi"
    assert "Tra cứu quy hoạch tỉnh Lạng Sơn" in html.text
    assert "Dữ liệu minh hoạ" in html.text


def test_map_page_lists_plans_in_force_when_opened(portal: Client) -> None:
    bounds = [link["data-bounds"] for link in page(portal.get("/")).of("a") if "data-bounds" in link]
    assert len(bounds) == 3  # the town, its detailed plan, the one on paper; no corridor, no cadastre, nothing secret
    west, south, east, north = (float(value) for value in str(bounds[0]).split(","))
    assert 106 < west < east < 107.5 and 21 < south < north < 22


def test_shared_link_previews_its_answer_when_sent(portal: Client) -> None:
    html = page(portal.get("/", LOT))
    meta = {tag.get("property"): tag.get("content") for tag in html.of("meta")}
    assert str(meta["og:title"]).startswith("Quy hoạch dự kiến: cây xanh")
    assert "Xã Chi Lăng" in str(meta["og:description"])
    refresh = [tag for tag in html.of("meta") if tag.get("http-equiv") == "refresh"]
    assert refresh and "/tra-cuu?lon=106.57617" in str(refresh[0]["content"])


def test_map_page_opens_when_its_link_is_mangled(portal: Client) -> None:
    for query in ({"lon": "x", "lat": "y"}, {"lon": "10", "lat": "10"}, {**LOT, "on": "1800-01-01"}):
        assert portal.get("/", query).status_code == 200


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_text_page_tells_the_whole_answer_without_a_script(portal: Client, lang: str) -> None:
    response = portal.get("/tra-cuu", {**LOT, "lang": lang})
    assert response.status_code == 200
    html = page(response)
    assert not html.of("script")
    assert html.of("html")[0]["lang"] == lang
    expected = {
        "vi": [
            "Quy hoạch dự kiến: cây xanh",
            "40–60\u00a0%",
            "Quyết định số 1319/QĐ-UBND ngày 13/8/2022",
            "±3,5\u00a0m",
        ],
        "en": [
            "Planned use: urban public green",
            "40–60%",
            "Decision No. 1319/QĐ-UBND of 13 August 2022",
            "±3.5\u00a0m",
        ],
    }
    for text in expected[lang]:
        assert text in html.text
    assert any(str(link["href"]).startswith("/releases/") for link in html.of("a"))
    assert any(str(link["href"]) == "tel:0205" for link in html.of("a"))


def test_text_page_answers_for_a_past_day_when_asked(portal: Client) -> None:
    html = page(portal.get("/tra-cuu", {**LOT, "on": "2015-01-01"}))
    assert "Theo quy hoạch có hiệu lực ngày 1/1/2015" in html.text
    assert "Đã hết hiệu lực hôm nay" in html.text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"lon": "106.5"}, "Thiếu kinh độ hoặc vĩ độ"),
        ({"lon": "abc", "lat": "21"}, "“abc” không phải là một tọa độ"),
        ({"lon": "21.65", "lat": "106.57"}, "bị đổi chỗ"),
        ({**LOT, "on": "22-11-2026"}, "không phải là một ngày"),
        ({"lon": "2", "lat": "48"}, ""),
        ({**LOT, "on": "1900-01-01"}, ""),
    ],
)
def test_form_stays_and_tells_the_fault_when_the_question_is_wrong(
    portal: Client, query: dict[str, str], told: str
) -> None:
    response = portal.get("/tra-cuu", query)
    html = page(response)
    assert response.status_code == 400
    assert told in html.text
    assert [tag for tag in html.of("p") if tag.get("role") == "alert"]
    assert any(tag.get("value") == query["lon"] for tag in html.of("input"))
    assert "page-" not in html.text and "place-" not in html.text and "date-" not in html.text


def test_text_page_offers_forms_when_nothing_was_asked(portal: Client) -> None:
    names = {tag.get("name") for tag in page(portal.get("/tra-cuu")).of("input")}
    assert {"q", "lon", "lat", "on"} <= names


def test_search_says_so_when_nothing_is_found(portal: Client) -> None:
    html = page(portal.get("/tra-cuu", {"q": "không có đâu"}))
    assert "Không tìm thấy “không có đâu”" in html.text


@pytest.mark.parametrize("name", ["q", "lon", "lat", "on", "lang"])
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "javascript:alert(1)",
        "x" * 10_000,
        "🏠" * 300,
        "\u202eمرحبا",
        "' OR 1=1 --",
        "%00\x00\x1b[31m",
        "{{ settings.SECRET_KEY }}",
    ],
)
def test_nothing_hostile_is_executed_or_leaked_when_put_in_a_query(portal: Client, name: str, text: str) -> None:
    for path in ("/", "/tra-cuu"):
        response = portal.get(path, {name: text})
        assert response.status_code in (200, 400)
        html = response.content.decode()
        assert "<img" not in html.replace('<img src="/static/icon.svg"', "")
        scripts = [tag for tag in Reader(html).of("script") if tag.get("type") != "application/json"]
        assert all("src" in tag for tag in scripts)
        assert "Traceback" not in html and "SECRET" not in html.replace("settings.SECRET_KEY", "")
        assert len(html) < 60_000


def test_nothing_inline_and_no_other_host_when_any_page_is_served(portal: Client) -> None:
    for path in ("/", "/?lon=106.57617&lat=21.649565", "/tra-cuu", "/tra-cuu?lon=106.57617&lat=21.649565", "/khong-co"):
        response = portal.get(path)
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy and "http" not in policy and "default-src 'none'" in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        for tag, attributes in page(response).tags:
            assert "style" not in attributes, tag
            assert not [name for name in attributes if name.startswith("on")], tag
            for name in ("src", "href", "action"):
                address = attributes.get(name) or "/"
                assert address.startswith(("/", "#", "tel:", "mailto:")) and not address.startswith("//"), address


def test_page_that_helps_when_there_is_none(portal: Client) -> None:
    response = portal.get("/khong-co?lang=vi")
    html = page(response)
    assert response.status_code == 404
    assert "Không có trang này" in html.text
    assert any(tag.get("name") == "q" for tag in html.of("input"))
    assert "There is no such page" in page(portal.get("/khong-co?lang=en")).text


def test_page_asks_for_patience_when_there_is_no_release(portal: Client) -> None:
    provider.set_provider(provider._no_release)
    for path in ("/", "/tra-cuu?q=a"):
        response = portal.get(path)
        assert response.status_code == 503
        assert response["Retry-After"]
        assert "Dữ liệu chưa sẵn sàng" in page(response).text


def test_page_says_little_when_the_server_is_at_fault(portal: Client, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> Any:
        raise RuntimeError("mật khẩu ở /etc/passwd")

    provider.set_provider(broken)
    response = portal.get("/")
    assert response.status_code == 500
    assert "Hệ thống đang có trục trặc" in page(response).text
    assert "passwd" not in response.content.decode()


def test_release_error_keeps_its_code_when_nobody_set_a_provider() -> None:
    provider.set_provider(provider._no_release)
    with pytest.raises(ReleaseError) as error:
        provider.current()
    assert error.value.code == "page-no-release"


def test_no_database_is_there_when_pages_are_served(portal: Client) -> None:
    portal.get("/", LOT)
    assert connections.settings["default"]["ENGINE"] == "django.db.backends.dummy"


def test_page_is_not_sent_again_when_unchanged(portal: Client) -> None:
    first = portal.get("/tra-cuu", LOT)
    again = portal.get("/tra-cuu", LOT, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304


def test_language_link_keeps_the_question_when_followed(portal: Client) -> None:
    html = page(portal.get("/tra-cuu", LOT))
    (link,) = [tag for tag in html.of("a") if tag.get("hreflang") == "en"]
    assert "lon=106.57617" in str(link["href"]) and "lang=en" in str(link["href"])
    html = page(portal.get(str(link["href"])))
    (back,) = [tag for tag in html.of("a") if tag.get("hreflang") == "vi"]
    assert "lang" not in str(back["href"])
