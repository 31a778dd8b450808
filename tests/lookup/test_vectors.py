"""Test vectors that bind this engine and the phone's: tests/vectors/lookup.json holds a small release as a phone gets
it (chunks, registry) and the answers to questions about it. After a meant change: `pytest --write-vectors`."""

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from quyhoach.lookup import Lookup
from quyhoach.release.opened import open_release
from quyhoach.release.switch import current_release, release_path

VECTORS = Path(__file__).parents[1] / "vectors" / "lookup.json"
SCHEMA = Path(__file__).parents[2] / "src" / "quyhoach" / "lookup" / "answer.schema.json"
EAST, NORTH, SIDE = 430000.0, 2395000.0, 40.0
NO_RELEASE = "0" * 32


@pytest.fixture(scope="module")
def folder(built: Path) -> Path:
    return release_path(built, current_release(built) or "")


def questions() -> list[dict[str, Any]]:
    """Inside, on edges and corners, a hair beside them, outside, at several dates, in both languages."""
    places = [(c + 0.5, r + 0.5) for c in range(0, 10, 3) for r in range(0, 10, 3)]
    places += [(1, 0.5), (3, 3), (0, 0), (10, 10), (-0.00002, 5), (-0.00003, 5), (5, 4.8), (6.2, 3.5), (7.5, 7.5)]
    places += [(2.5, 3.5), (0.2, 0.5), (0.5, 0.5), (-3, -3), (9.5, 9.5), (8.5, 9.5)]
    rng = np.random.default_rng(5)
    places += [tuple(pair) for pair in rng.uniform(-0.5, 10.5, (20, 2)).round(4).tolist()]
    asked = []
    for number, (column, row) in enumerate(places):
        for on in (20261122, 20150601) if number % 4 == 0 else (20261122,):
            east, north = round(EAST + column * SIDE, 4), round(NORTH + row * SIDE, 4)
            asked.append({"east": east, "north": north, "on": on, "lang": "en" if number % 7 == 0 else "vi"})
    return asked


def make(folder: Path) -> dict[str, Any]:
    lookup = Lookup(open_release(folder))
    manifest = json.loads((folder / "manifest.json").read_bytes())

    def clean(text: bytes) -> Any:
        return json.loads(text.replace(lookup.release.id.encode(), NO_RELEASE.encode()))

    return {
        "about": "A small release and answers about it. Engines may differ by 0.01 m in distances, in nothing else.",
        "schema": 1,
        "release": {
            "id": NO_RELEASE,
            "province": manifest["province"],
            "themes": manifest["themes"],
            "plans": json.loads((folder / "plans.json").read_bytes())["plans"],
            "chunks": json.loads((folder / "chunks.json").read_bytes()),
            "documents": {
                path.name.removesuffix(".json.gz"): json.loads(gzip.decompress(path.read_bytes()))
                for path in sorted((folder / "chunks").iterdir())
            },
        },
        "cases": [
            question
            | {
                "answer": clean(
                    lookup.at_projected(
                        **{k: question[k] for k in ("east", "north")}, on=question["on"], lang=question["lang"]
                    )
                )
            }
            for question in questions()
        ],
    }


def test_answers_are_those_of_the_vectors(folder: Path, request: pytest.FixtureRequest) -> None:
    made = make(folder)
    if request.config.getoption("--write-vectors"):
        VECTORS.parent.mkdir(exist_ok=True)
        VECTORS.write_text(json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    known = json.loads(VECTORS.read_text("utf-8"))
    assert len(known["cases"]) > 50
    for case, expected in zip(made["cases"], known["cases"], strict=True):
        assert case == expected
    assert made["release"] == known["release"]


def test_vectors_reach_every_state_and_member() -> None:
    answers = [case["answer"] for case in json.loads(VECTORS.read_text("utf-8"))["cases"]]
    states = {state for answer in answers for state in answer["themes"].values()}
    assert states == {"applies", "not_affected", "not_digitised", "no_data"}
    for member in ("zones", "restrictions", "pending", "not_digitised", "parcels", "conflicts"):
        assert any(answer[member] for answer in answers), member
        assert any(not answer[member] for answer in answers), member
    assert any(len(answer["zones"]) > 2 for answer in answers)  # a corner of four lots


def test_answers_follow_the_schema(folder: Path) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_bytes()))
    for case in json.loads(VECTORS.read_text("utf-8"))["cases"]:
        validator.validate(case["answer"])
    import shapely

    site = shapely.box(EAST + 30, NORTH + 70, EAST + 130, NORTH + 130)
    validator.validate(json.loads(Lookup(open_release(folder)).within(site, on=20261122, lang="vi")))
