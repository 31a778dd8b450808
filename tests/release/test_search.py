"""Finding plans, places, lots, parcels and coordinates by what people type."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from tests.release.conftest import content, lot, zone

from quyhoach.domain.errors import ReleaseError
from quyhoach.domain.plan import Province, Status
from quyhoach.domain.zone import Parcel, VersionContent
from quyhoach.release.search import SearchIndex, search_rows, write_search
from quyhoach.standard import Standard

DONG_MO = {"vi": "Quy hoạch chung thị trấn Đồng Mỏ", "en": "General plan of Đồng Mỏ"}
CHI_LANG = {"vi": "Quy hoạch chung thị trấn Chi Lăng", "en": "General plan of Chi Lăng"}


def contents() -> list[VersionContent]:
    towns = [zone("OM-12", lot(0, 0)), zone("OM-1", lot(1, 0)), zone("CX 3", lot(2, 0), "DAT_HTXH_CayxanhCC")]
    parcels = (
        Parcel("06463", "12", "345", 104.5, "ONT", lot(0, 0)),
        Parcel("06460", "12", "345", 90.0, "ONT", lot(5, 5)),
        Parcel("06463", "7", "012", 50.0, "ONT", lot(1, 1)),
    )
    return [
        content(towns, plan_id="qhc-dong-mo", name=DONG_MO),
        content([zone("OM-12", lot(40, 40)), zone("K1", lot(9, 9))], plan_id="qhc-chi-lang", name=CHI_LANG),
        content(
            plan_id="dia-chinh", name={"vi": "Bản đồ địa chính"}, kind="cadastre", parcels=parcels, outline=lot(0, 0)
        ),
    ]


def write(path: Path, versions: Sequence[VersionContent], province: Province, standard: Standard) -> None:
    transform = Transformer.from_crs("EPSG:9215", "EPSG:4326", always_xy=True).transform
    write_search(path, [search_rows(version, standard, transform) for version in versions], province, standard)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, province: Province, standard: Standard) -> Iterator[SearchIndex]:
    path = tmp_path_factory.mktemp("search") / "chỉ mục ?#%20.db"  # a path that must be quoted in a URI
    write(path, contents(), province, standard)
    opened = SearchIndex(path)
    yield opened
    opened.close()


def found(index: SearchIndex, text: str, lang: str = "vi", limit: int = 20) -> list[dict[str, Any]]:
    return index.search(text, lang=lang, limit=limit)


def ids(index: SearchIndex, text: str) -> list[Any]:
    return [row.get("id") for row in found(index, text)]


# ── plans and places ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["đồng mỏ", "dong mo", "ĐỒNG MỎ", "Do\u0302\u0300ng mo\u0309", "qhc-dong-mo", "đồng"])
def test_plan_is_found_when_written_with_or_without_marks(index: SearchIndex, text: str) -> None:
    assert "qhc-dong-mo" in ids(index, text)


def test_plan_carries_where_it_is_and_its_decision(index: SearchIndex) -> None:
    plan = next(row for row in found(index, "quy hoạch chung thị trấn đồng mỏ") if row["kind"] == "plan")
    assert plan["title"] == DONG_MO["vi"]
    assert plan["plan_id"] == plan["id"] == "qhc-dong-mo"
    assert "1319/QĐ-UBND" in plan["detail"]
    assert (plan["lon"], plan["lat"]) == pytest.approx((106.57, 21.65), abs=0.02)
    west, south, east, north = plan["bbox"]
    assert west < plan["lon"] < east
    assert south < plan["lat"] < north
    assert found(index, "dong mo", "en")[0]["title"] != ""


def test_plan_is_found_by_decision_number(index: SearchIndex) -> None:
    assert ids(index, "1319/QĐ-UBND")[:3] == ["qhc-dong-mo", "qhc-chi-lang", "dia-chinh"]


def test_old_unit_says_what_it_is_now(index: SearchIndex) -> None:
    rows = [row for row in found(index, "thị trấn Đồng Mỏ") if row["kind"] == "place"]
    assert rows[0]["id"] == "old:06463"
    assert "nay là xã Chi Lăng" in rows[0]["detail"]
    assert "now xã Chi Lăng" in found(index, "thị trấn Đồng Mỏ", "en")[0]["detail"]
    assert (rows[0]["lon"], rows[0]["lat"]) == pytest.approx((106.57, 21.66), abs=0.05)


def test_unit_of_today_says_what_it_was_made_of_and_comes_before_old_ones(index: SearchIndex) -> None:
    rows = [row for row in found(index, "Chi Lăng") if row["kind"] == "place"]
    assert rows[0]["id"] == "06463"
    assert "thị trấn Đồng Mỏ" in rows[0]["detail"]
    assert any(row["id"].startswith("old:") for row in rows)


def test_units_of_other_provinces_are_left_out(index: SearchIndex) -> None:
    assert not [row for row in found(index, "Hoàn Kiếm") if row["kind"] == "place"]


def test_names_rank_exact_before_prefix_before_word_before_inside(
    province: Province, standard: Standard, tmp_path: Path
) -> None:
    names = ["Xa lộ", "Lộ Bình Gia", "Lộ", "Khu tái định cư Lộ", "Pháolộc"]
    versions = [content(plan_id=f"p-{n}", name={"vi": name}, outline=lot(0, 0)) for n, name in enumerate(names)]
    write(tmp_path / "s", versions, province, standard)
    titles = [row["title"] for row in found(SearchIndex(tmp_path / "s"), "lo", limit=100) if row["kind"] == "plan"]
    assert titles == ["Lộ", "Lộ Bình Gia", "Xa lộ", "Khu tái định cư Lộ", "Pháolộc"]


# ── lots ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["OM-12", "om12", "OM 12", "om - 12", "lô OM-12", "Lô đất OM 12"])
def test_lot_is_found_by_label_however_it_is_written(index: SearchIndex, text: str) -> None:
    assert ids(index, text)[:2] == ["qhc-dong-mo@1/OM-12", "qhc-chi-lang@1/OM-12"]


@pytest.mark.parametrize("text", ["OM-12 Chi Lăng", "chi lang om12", "lô OM-12 thị trấn Chi Lăng", "OM 12 chi-lang"])
def test_words_beside_the_label_choose_the_plan(index: SearchIndex, text: str) -> None:
    zones = [row["id"] for row in found(index, text) if row["kind"] == "zone"]
    assert zones == ["qhc-chi-lang@1/OM-12"]


def test_exact_label_comes_before_labels_that_begin_with_it(index: SearchIndex) -> None:
    rows = [row for row in found(index, "om-1") if row["kind"] == "zone"]
    assert [row["title"] for row in rows] == ["Lô OM-1", "Lô OM-12", "Lô OM-12"]
    assert rows[0]["detail"].endswith(DONG_MO["vi"])
    assert rows[0]["plan_id"] == "qhc-dong-mo"
    assert rows[0]["lon"] is not None


def test_lot_of_several_versions_is_listed_from_the_one_in_force(
    province: Province, standard: Standard, tmp_path: Path
) -> None:
    lots = [zone("A-1", lot(0, 0)), zone("A-2", lot(1, 0))]
    versions = [
        content(lots, number=1, status=Status.SUPERSEDED),
        content(lots[:1], number=2),
        content([*lots, zone("A-3", lot(2, 0))], number=3, status=Status.PENDING),
    ]
    write(tmp_path / "s", versions, province, standard)
    rows = [row["id"] for row in found(SearchIndex(tmp_path / "s"), "A") if row["kind"] == "zone"]
    assert rows == ["qhc-thu@2/A-1", "qhc-thu@3/A-2", "qhc-thu@3/A-3"]


def test_lot_that_starts_with_a_word_of_questions_is_found(
    province: Province, standard: Standard, tmp_path: Path
) -> None:
    write(tmp_path / "s", [content([zone("LO-7", lot(0, 0))])], province, standard)
    assert found(SearchIndex(tmp_path / "s"), "LO 7")[0]["id"] == "qhc-thu@1/LO-7"


# ── parcels ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "tờ 12 thửa 345",
        "thửa 345 tờ 12",
        "thửa đất số 345, tờ bản đồ số 12",
        "12/345",
        "to 012 thua 0345",
        "sheet 12 parcel 345",
    ],
)
def test_parcel_is_found_by_its_numbers_in_every_commune(index: SearchIndex, text: str) -> None:
    rows = [row["id"] for row in found(index, text) if row["kind"] == "parcel"]
    assert rows == ["06460/12/345", "06463/12/345"]


@pytest.mark.parametrize("text", ["tờ 12 thửa 345 Đồng Mỏ", "12/345 đồng mỏ", "Đồng Mỏ, thửa 345, tờ 12"])
def test_commune_chooses_the_parcel(index: SearchIndex, text: str) -> None:
    (row,) = [row for row in found(index, text) if row["kind"] == "parcel"]
    assert row["id"] == "06463/12/345"
    assert row["title"] == "Thửa đất số 345, tờ bản đồ số 12"
    assert row["detail"] == "thị trấn Đồng Mỏ · nay là xã Chi Lăng · 104,5 m²"
    assert row["plan_id"] == "dia-chinh"


def test_parcel_is_found_without_its_sheet(index: SearchIndex) -> None:
    assert [row["id"] for row in found(index, "thửa 12") if row["kind"] == "parcel"] == ["06463/7/012"]


# ── coordinates ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["21.657, 106.5783", "21°39'25.2\"N 106°34'41.88\"E", "X=2395843.30 Y=430288.60", "430.288,6; 2.395.843,3"]
)
def test_coordinates_come_first_and_lead_to_the_place(index: SearchIndex, text: str) -> None:
    row = found(index, text)[0]
    assert row["kind"] == "coordinate"
    assert (row["lon"], row["lat"]) == pytest.approx((106.5783, 21.657), abs=1e-4)
    assert "X = 2.395.8" in row["detail"]
    assert "kinh tuyến trục 107°15′" in row["detail"]


def test_grid_coordinates_of_another_zone_are_told_with_their_meridian(index: SearchIndex) -> None:
    # The same place in the zone of 105°: far outside the province when read in the province's own zone.
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:5897", always_xy=True).transform(106.5783, 21.657)
    rows = found(index, f"{north:.2f} {east:.2f}")
    assert any(
        (row["lon"], row["lat"]) == pytest.approx((106.5783, 21.657), abs=1e-6)
        and "múi 3°, kinh tuyến trục 105°00′" in row["detail"]
        for row in rows
    )


def test_place_outside_the_province_says_so(index: SearchIndex) -> None:
    (row,) = found(index, "21.0285, 105.8542")
    assert row["detail"].endswith("ngoài địa bàn Lạng Sơn")
    assert found(index, "21.0285, 105.8542", "en")[0]["detail"].endswith("outside Lang Son")


def test_pasted_corners_are_a_polygon_with_its_area(index: SearchIndex) -> None:
    corners = [(2395800, 430200), (2395900, 430200), (2395900, 430300), (2395800, 430300), (2395800, 430200)]
    text = "\n".join(f"{n}\t{x}.00\t{y}.00" for n, (x, y) in enumerate(corners * 1, 1)) + "\n" + " " * 300
    (row,) = [row for row in found(index, text) if row["kind"] == "coordinate"]
    assert row["title"] == "Khu đất 4 góc, 10.000,0 m²"
    assert len(row["polygon"]) == 4
    assert row["bbox"][0] < row["lon"] < row["bbox"][2]


# ── whatever is typed ──────────────────────────────────────────────────────────────────────────────────────

HOSTILE = [
    "",
    " ",
    "\0",
    "OM-12\0",
    "'",
    '"',
    "a' OR 1=1 --",
    'x" NEAR/2 y* AND NOT (',
    "%_%",
    "*",
    "🏠🏠",
    "\u202eOM-12",
    "\ud800",
    "ﷺ" * 200,
    "a" * 10_000,
    "12/" * 4_000,
    "OM-12 " * 2_000,
    "tờ thửa " * 1_000,
    "tờ 1 " * 2_000 + "thửa",
    "1 " * 5_000,
    "²/³",
    "1e309, 1e309",
    "thửa 99999999999999999999",
    "\U0010ffff",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_gives_results_or_none(index: SearchIndex, text: str) -> None:
    for lang in ("vi", "en", "xx"):
        assert len(found(index, text, lang)) <= 20


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(), max_size=250) | st.text("OM-12 tờthửa/'\"*.,°", max_size=60))
def test_no_text_makes_it_fail(index: SearchIndex, text: str) -> None:
    for row in found(index, text):
        assert row["kind"] in ("plan", "place", "zone", "parcel", "coordinate")
        assert row["title"]


def test_limit_is_kept(index: SearchIndex) -> None:
    assert len(found(index, "a", limit=3)) == 3
    assert found(index, "OM-12", limit=0) == []
    assert len(found(index, "a", limit=10**9)) <= 100


def test_several_threads_may_ask_at_once(index: SearchIndex) -> None:
    texts = ["OM-12", "đồng mỏ", "tờ 12 thửa 345", "21.657, 106.5783"] * 25
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda text: ids(index, text), texts))
    assert together == [ids(index, text) for text in texts]


# ── the file ───────────────────────────────────────────────────────────────────────────────────────────────


def test_file_is_the_same_bytes_in_another_place_time_zone_and_hash_seed(
    tmp_path: Path, province: Province, standard: Standard
) -> None:
    write(tmp_path / "here.db", contents(), province, standard)
    write(tmp_path / "again.db", contents(), province, standard)
    script = (
        "from pathlib import Path; from quyhoach.standard import load_standard\n"
        "from quyhoach.domain.plan import Province\n"
        "from tests.release.test_search import contents, write\n"
        "p = Province('20', {'vi': 'Lạng Sơn', 'en': 'Lang Son'}, 'EPSG:9215', (106.0, 21.2, 107.5, 22.6), ())\n"
        "write(Path('there.db'), contents(), p, load_standard())\n"
    )
    env = {**os.environ, "TZ": "America/Caracas", "PYTHONHASHSEED": "99", "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path, env=env)
    digests = {hashlib.sha256((tmp_path / f"{name}.db").read_bytes()).digest() for name in ("here", "again", "there")}
    assert len(digests) == 1


def test_writing_again_replaces_what_was_there(tmp_path: Path, province: Province, standard: Standard) -> None:
    write(tmp_path / "s.db", contents(), province, standard)
    write(tmp_path / "s.db", contents()[:1], province, standard)
    assert not [row for row in found(SearchIndex(tmp_path / "s.db"), "12/345") if row["kind"] == "parcel"]


def test_opening_fails_clearly_when_it_is_no_index(tmp_path: Path, province: Province, standard: Standard) -> None:
    good = tmp_path / "good.db"
    write(good, contents(), province, standard)
    for data in (b"", b"placeholder", good.read_bytes()[:3000], b"SQLite format 3\0" + b"\xff" * 5000):
        (tmp_path / "bad.db").write_bytes(data)
        with pytest.raises(ReleaseError) as error:
            SearchIndex(tmp_path / "bad.db")
        assert error.value.code == "search-index-unreadable"
    with pytest.raises(ReleaseError):
        SearchIndex(tmp_path / "missing.db")


def test_version_without_shape_or_labels_is_found_by_name(
    tmp_path: Path, province: Province, standard: Standard
) -> None:
    bare = content([replace(zone("x", lot(0, 0)), label="")], plan_id="khong-so-hoa", name={"vi": "Đồ án giấy"})
    bare = replace(bare, outline=None)
    write(tmp_path / "s.db", [bare], province, standard)
    (row,) = found(SearchIndex(tmp_path / "s.db"), "đồ án giấy")
    assert row["id"] == "khong-so-hoa"
    assert "lon" not in row
