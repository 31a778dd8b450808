"""The demo's plans in words: names, places, decisions. Numbers are invented unless `real` (NORMS §2.2: one is)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quyhoach.demo.chi_lang import CHI_LANG
from quyhoach.demo.dong_dang import DONG_DANG
from quyhoach.demo.dong_mo import DONG_MO
from quyhoach.demo.loc_binh import LOC_BINH
from quyhoach.demo.specs import TownSpec
from quyhoach.demo.studio import Approval
from quyhoach.demo.that_khe import THAT_KHE

EXAMPLE = (106.5783, 21.6570)  # the place of the example answer: lon, lat


@dataclass(frozen=True, slots=True)
class TownPlan:
    """The general plan of a town of before 1/7/2025."""

    spec: TownSpec
    town: str
    town_en: str
    district: str
    old: str  # code of the town of before 1/7/2025
    new: str  # code of today's commune
    today: str
    approval: Approval
    client: str
    consultant: str
    attested: date | None

    @property
    def plan_id(self) -> str:
        return f"qhc-{self.spec.id}"

    @property
    def place(self) -> str:
        return f"thị trấn {self.town}, huyện {self.district} (nay thuộc {self.today})"


def _about(town: str, district: str) -> str:
    return f"Phê duyệt đồ án Quy hoạch chung thị trấn {town}, huyện {district}, tỉnh Lạng Sơn đến năm 2035"


def _town(
    spec: TownSpec,
    town: str,
    town_en: str,
    district: str,
    codes: tuple[str, str],
    today: str,
    number: str,
    on: date,
    consultant: str,
    *,
    real: bool = False,
    attested: date | None = None,
) -> TownPlan:
    approval = Approval(number, on, _about(town, district), real=real)
    client = f"UBND huyện {district}"
    return TownPlan(spec, town, town_en, district, codes[0], codes[1], today, approval, client, consultant, attested)


TOWNS: tuple[TownPlan, ...] = (
    _town(
        DONG_MO,
        "Đồng Mỏ",
        "Dong Mo",
        "Chi Lăng",
        ("06463", "06463"),
        "xã Chi Lăng",
        "1319/QĐ-UBND",
        date(2022, 8, 13),
        "Công ty tư vấn A (minh hoạ)",
        real=True,
        attested=date(2022, 9, 1),
    ),
    _town(
        CHI_LANG,
        "Chi Lăng",
        "Chi Lang",
        "Chi Lăng",
        ("06466", "06463"),
        "xã Chi Lăng",
        "9102/QĐ-UBND",
        date(2022, 10, 20),
        "Công ty tư vấn B (minh hoạ)",
        attested=date(2022, 11, 15),
    ),
    _town(
        THAT_KHE,
        "Thất Khê",
        "That Khe",
        "Tràng Định",
        ("06040", "06040"),
        "xã Thất Khê",
        "9103/QĐ-UBND",
        date(2022, 11, 8),
        "Liên danh tư vấn C – D (minh hoạ)",
        attested=date(2022, 12, 5),
    ),
    _town(
        LOC_BINH,
        "Lộc Bình",
        "Loc Binh",
        "Lộc Bình",
        ("06529", "06529"),
        "xã Lộc Bình",
        "9104/QĐ-UBND",
        date(2022, 9, 20),
        "Công ty tư vấn E (minh hoạ)",
    ),
    _town(
        DONG_DANG,
        "Đồng Đăng",
        "Dong Dang",
        "Cao Lộc",
        ("06184", "06184"),
        "xã Đồng Đăng",
        "9105/QĐ-UBND",
        date(2023, 2, 15),
        "Công ty tư vấn F (minh hoạ)",
        attested=date(2023, 3, 20),
    ),
)
