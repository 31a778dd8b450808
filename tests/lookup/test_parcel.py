"""The look-up by parcel: its zones, and no guess where the numbers stand for several."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quyhoach.domain.errors import NotFoundError, UsageError
from quyhoach.lookup import Lookup
from quyhoach.lookup.parcel import parcel_answer
from quyhoach.package import Layer
from quyhoach.release.opened import open_release
from quyhoach.release.switch import current_release, release_path

TODAY = 20261122


@pytest.fixture(scope="module")
def lookup(built: Path) -> Lookup:
    return Lookup(open_release(release_path(built, current_release(built) or "")))


def test_parcel_has_its_zones_when_the_numbers_are_known(lookup: Lookup) -> None:
    answer = json.loads(parcel_answer(lookup, "06463", "012", "0345", on=TODAY, lang="vi"))
    assert answer["parcel"] == {"commune": "06463", "sheet": "12", "lot": "345", "area_m2": 800.0}
    assert [(zone["zone_id"], zone["share_pct"]) for zone in answer["zones"]] == [("qhc-nho@2/A0-0", 100.0)]


@pytest.mark.parametrize("numbers", [("06463", "12", "999"), ("99999", "12", "345"), ("", "", ""), ("'", '"', "%")])
def test_parcel_is_unknown_when_no_data_have_it(lookup: Lookup, numbers: tuple[str, str, str]) -> None:
    with pytest.raises(NotFoundError, match="parcel-unknown"):
        parcel_answer(lookup, *numbers, on=TODAY, lang="vi")


def test_parcel_is_asked_about_when_two_have_its_numbers(small: Any) -> None:
    from datetime import UTC, datetime

    from shapely import box

    from quyhoach.release.compile import build_release

    shapes = [box(430000, 2395000, 430020, 2395040), box(430100, 2395000, 430120, 2395040)]
    fields = {name: [value] * 2 for name, value in (("commune", "06463"), ("sheet", "1"), ("lot", "7"), ("use", "ODT"))}
    layer = Layer("parcels", "MultiPolygon", np.array(shapes, object), fields | {"area": [800.0] * 2})
    small.version("thua-dat", package=small.package(layer))
    release = build_release(small.root, now=datetime(2026, 11, 22, tzinfo=UTC), workers=1)
    lookup = Lookup(open_release(release_path(small.root, release)))
    with pytest.raises(UsageError, match="parcel-ambiguous") as caught:
        parcel_answer(lookup, "06463", "1", "7", on=TODAY, lang="vi")
    assert len(caught.value.params["places"]) == 2
