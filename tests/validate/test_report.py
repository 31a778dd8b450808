"""The page of faults: complete, safe, in one file."""

import re
from html.parser import HTMLParser

import shapely

from quyhoach.domain.finding import Finding, Level
from quyhoach.package import Layer
from quyhoach.standard import Standard
from quyhoach.validate import Subject, html_report, validate

VOID = {"meta", "br", "circle", "path"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed and wasn't open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def page(layers: dict[str, Layer], standard: Standard, findings: tuple[Finding, ...] | None = None) -> str:
    found = validate(layers, standard) if findings is None else findings
    text = html_report(Subject(layers, standard), found, title="goi.gpkg")
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    return text


def test_page_says_so_when_nothing_is_wrong(layers: dict[str, Layer], standard: Standard) -> None:
    text = page(layers, standard)
    assert "Không phát hiện lỗi" in text
    assert "No rule found a fault" in text


def test_page_shows_sentence_place_and_map_when_something_is_wrong(
    layers: dict[str, Layer], standard: Standard
) -> None:
    layers.pop("RanhGioiQuyHoach_A")
    where = shapely.to_wkb(shapely.box(430000, 2395000, 430010, 2395010))
    overlap = Finding("e006-lots-overlap", Level.ERROR, "lo", "OM-1", {"other": "CX-2", "area": 1234.5}, where)
    text = page(layers, standard, (overlap,))
    assert "Lô OM-1 và lô CX-2 chồng lên nhau 1.234,5 m²." in text
    assert "The lots OM-1 and CX-2 overlap by 1,234.5 m²." in text
    assert "E006" in text
    assert "2.395.005,0<br> 430.005,0" in text
    assert '<path class="f error"' in text
    assert 'href="#f1"' in text
    assert 'id="f1"' in text


def test_errors_come_first_when_levels_mix(layers: dict[str, Layer], standard: Standard) -> None:
    rows = (
        Finding("source-remark", Level.NOTE, "lo", params={"text": "ghi"}),
        Finding("w003-lot-without-label", Level.WARNING, "lo", "#1"),
        Finding("e001-no-outline", Level.ERROR, "lo"),
    )
    text = page(layers, standard, rows)
    assert text.index("E001") < text.index("W003") < text.index("source-remark")


def test_nothing_of_the_data_becomes_markup(layers: dict[str, Layer], standard: Standard) -> None:
    evil = "<script>alert(1)</script>\"'&"
    rows = (Finding("w003-lot-without-label", Level.WARNING, evil, evil),)
    text = page(layers, standard, rows)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_page_asks_nothing_of_the_network(layers: dict[str, Layer], standard: Standard) -> None:
    layers.pop("coverage")
    text = page(layers, standard)
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)", text)
    assert "http" not in text
    assert "@import" not in text


def test_page_stays_small_when_findings_are_many(layers: dict[str, Layer], standard: Standard) -> None:
    rows = tuple(Finding("w003-lot-without-label", Level.WARNING, "lo", f"#{n}") for n in range(3000))
    text = page(layers, standard, rows)
    assert "Còn 2940 mục nữa" in text
    assert len(text) < 1_000_000


def test_page_is_made_when_a_package_is_empty(standard: Standard) -> None:
    assert "<svg" not in page({}, standard)
