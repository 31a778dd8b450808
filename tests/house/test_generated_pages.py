"""The generated pages of docs/reference are what the code gives now."""

import build
import pytest


@pytest.mark.parametrize("name", ["commands.md", "rules.md", "errors.md", "messages.md", "modules.md"])
def test_generated_page_is_fresh(name):
    path = build.REFERENCE / name
    assert path.exists(), f"docs/reference/{name} is missing: run make docs"
    assert path.read_text(encoding="utf-8") == build.pages()[name], f"docs/reference/{name} is stale: run make docs"


def test_no_other_page_says_it_is_generated():
    said = {path.name for path in build.REFERENCE.glob("*.md") if build.NOTICE.strip() in path.read_text("utf-8")}
    assert said == set(build.pages())


def test_check_names_a_stale_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build, "REFERENCE", tmp_path)
    assert build.main(["--check"]) == 1
    assert "commands.md is stale" in capsys.readouterr().err
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
