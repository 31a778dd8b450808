"""What a person reads: bound to the TypeScript of the map page by shared vectors."""

import json
import re
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.apps.portal.document import compose
from quyhoach.apps.portal.facts import Words, lower_first, plan_links
from quyhoach.standard.messages import catalogue

VECTORS = sorted((Path(__file__).parent / "vectors").glob("*.json"))


def read(path: Path) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return vector


def composed(vector: dict[str, Any]) -> Any:
    words = Words(vector["lang"], date.fromisoformat(vector["today"]), vector["kinds"], vector["themes"])
    document = compose(vector["answer"], words)
    return json.loads(json.dumps(asdict(document)))


def one_lot() -> dict[str, Any]:
    return read(next(path for path in VECTORS if path.stem == "one-lot"))


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_document_is_the_vectors_when_composed(path: Path) -> None:
    vector = read(path)
    assert composed(vector) == vector["document"]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_no_sentence_promises_a_building_or_shows_a_code(path: Path) -> None:
    text = json.dumps(composed(read(path)), ensure_ascii=False)
    assert "được xây" not in text.lower()
    assert not re.search(r"answer-[a-z]+|\{[a-z_]+\}", text)


def test_first_sentence_names_what_is_planned_when_one_lot_answers() -> None:
    document = composed(one_lot())
    assert document["headline"] == "Quy hoạch dự kiến: nhóm nhà ở"
    assert document["place"].startswith("Xã Chi Lăng (trước 1/7/2025: thị trấn Đồng Mỏ")
    assert document["illustrative"]


def test_no_plan_is_ranked_when_plans_disagree() -> None:
    vector = read(next(path for path in VECTORS if path.stem == "plans-disagree"))
    document = composed(vector)
    assert "không xếp bên nào hơn" in document["alerts"][0]
    assert "quy hoạch chung" in document["headline"] and "quy hoạch chi tiết" in document["headline"]


def test_all_four_states_are_told_apart_in_words() -> None:
    themes = next(part for part in composed(one_lot())["sections"] if part["id"] == "themes")
    assert len({row["value"] for row in themes["rows"]}) == 4


@given(st.text(max_size=40), st.text(max_size=40))
def test_document_is_made_whatever_texts_a_plan_holds(name: str, raw: str) -> None:
    vector = one_lot()
    zone = vector["answer"]["zones"][0]
    zone["plan_name"] = zone["label"] = zone["function"]["name"] = name
    zone["indicators"] = {"density": {"raw": raw}, "storeys": {"raw": raw}, "far": None}
    document = composed(vector)
    assert document["headline"] == "Quy hoạch dự kiến: " + lower_first(name)


@pytest.mark.parametrize(
    "address", ["//evil.example/a.pdf", "https://evil.example/a.pdf", "javascript:alert(1)", "", None]
)
def test_link_is_left_out_when_it_leaves_the_server(address: str | None) -> None:
    words = Words("vi", date(2026, 11, 22), {}, {})
    assert plan_links({"decision": {"document": address}, "scans": [address or ""]}, words) == ()


def test_every_sentence_is_there_in_both_languages() -> None:
    assert set(catalogue("vi")) == set(catalogue("en"))
