"""Settings: every environment variable the code reads is documented, and the pages name none that it does not."""

from pathlib import Path

import source_scan

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "settings.md"


def test_settings_page_lists_exactly_what_the_code_reads():
    documented = set(source_scan.SETTING.findall(PAGE.read_text(encoding="utf-8")))
    assert source_scan.settings()
    assert documented == source_scan.settings()


def test_other_pages_name_only_settings_that_exist(pages):
    named = {(path.name, name) for path, text in pages.items() for name in source_scan.SETTING.findall(text)}
    assert {(page, name) for page, name in named if name not in source_scan.settings()} == set()
