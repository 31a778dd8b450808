"""What a lot is for: its label's prefix, the function's code in the list of each scale, and how its indicators are
written on drawings. The figures are within QCVN 01:2021's limits, but invented ("dữ liệu minh hoạ")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Use:
    """One use. `zoning` is the code at 1/500 to 1/5.000 (TT 16/2025, zoning rows), `general` at 1/10.000 and
    smaller (general-plan rows). `indicators` are ways of writing (density, storeys, FAR); `people` is m² of lot
    per inhabitant, 0 where nobody lives."""

    prefix: str
    name: str
    zoning: str
    general: str
    indicators: tuple[tuple[str, str, str], ...] = ()
    people: float = 0.0


NONE: tuple[tuple[str, str, str], ...] = ()

USES: Mapping[str, Use] = {
    "housing": Use(
        "OM",
        "Nhóm nhà ở mới",
        "DAT_O_Nhomnhao",
        "DAT_DD_DONVIO",
        (("40-60", "1-5", "0,4-3,0"), ("40-60", "3-5", "1,2-3,0"), ("≤60", "2-5", "≤3,0"), ("60", "3-5", "1,8-3,0")),
        59.0,
    ),
    "old_housing": Use(
        "OHT",
        "Nhóm nhà ở hiện trạng cải tạo, chỉnh trang",
        "DAT_O_Nhomnhao",
        "DAT_DD_DONVIO",
        (("60-80", "2-5", "1,2-4,0"), ("60-80", "1-5", "0,6-4,0"), ("≤80", "2-5", "≤4,0"), ("70", "2-4", "1,4-2,8")),
        48.0,
    ),
    "row_house": Use(
        "LK",
        "Nhà ở liên kế",
        "DAT_O_Nhomnhao",
        "DAT_DD_DONVIO",
        (("80-90", "3-5", "2,4-4,5"), ("≤90", "2-5", "≤4,5"), ("85", "3-5", "2,55-4,25")),
        24.0,
    ),
    "villa": Use(
        "BT",
        "Nhà ở biệt thự, nhà vườn",
        "DAT_O_Nhomnhao",
        "DAT_DD_DONVIO",
        (("40-60", "2-3", "0,8-1,8"), ("≤60", "1-3", "≤1,8")),
        60.0,
    ),
    "mixed": Use(
        "HH",
        "Đất hỗn hợp nhà ở và dịch vụ",
        "DAT_O_Honhop_Nhomo",
        "DAT_DD_HONHOP",
        (("40-60", "3-7", "1,2-4,2"), ("≤60", "5-9", "≤5,4"), ("50-60", "3-7", "1,5-4,2")),
        85.0,
    ),
    "village": Use(
        "LX",
        "Làng xóm, điểm dân cư nông thôn",
        "DAT_O_Langxom",
        "DAT_NDD_DANCUNT",
        (("30-50", "1-3", "0,3-1,5"), ("≤40", "1-3", "≤1,2"), ("20-40", "1-3", "0,2-1,2")),
        160.0,
    ),
    "services": Use(
        "TM",
        "Đất thương mại, dịch vụ",
        "DAT_Dichvu",
        "DAT_DD_DVCCDOTHI",
        (("≤60", "3-7", "≤4,2"), ("40-60", "2-7", "0,8-4,2"), ("50", "3-5", "1,5-2,5")),
    ),
    "public": Use(
        "CC",
        "Công trình dịch vụ, công cộng",
        "DAT_DD_DVCCDOTHI",
        "DAT_DD_DVCCDOTHI",
        (("≤40", "1-5", "≤2,0"), ("30-40", "2-5", "0,6-2,0")),
    ),
    "office": Use(
        "CQ",
        "Cơ quan, trụ sở",
        "DAT_DD_COQUANDOTHI",
        "DAT_DD_COQUANDOTHI",
        (("≤40", "2-5", "≤2,0"), ("30-40", "3-5", "0,9-2,0"), ("40", "3-5", "1,2-2,0")),
    ),
    "school": Use(
        "TH",
        "Trường học",
        "DAT_HTXH_Truonghoc",
        "DAT_DD_DVCCDOTHI",
        (("30-40", "2-3", "0,6-1,2"), ("≤40", "1-3", "≤1,2"), ("35", "2-3", "0,7-1,05")),
    ),
    "upper_school": Use(
        "THPT", "Trường trung học phổ thông", "DAT_DD_TRUONGTHPT", "DAT_DD_TRUONGTHPT", (("30-40", "2-4", "0,6-1,6"),)
    ),
    "health": Use("YT", "Y tế", "DAT_NDD_YTE", "DAT_NDD_YTE", (("30-40", "2-5", "0,6-2,0"), ("≤40", "1-5", "≤2,0"))),
    "culture": Use(
        "VH",
        "Văn hóa, thể dục thể thao",
        "DAT_NDD_VANHOATHETHAO",
        "DAT_NDD_VANHOATHETHAO",
        (("≤40", "1-3", "≤1,2"), ("25-40", "1-3", "0,25-1,2")),
    ),
    "park": Use(
        "CX",
        "Cây xanh sử dụng công cộng",
        "DAT_DD_CAYXANHCCDOTHI",
        "DAT_DD_CAYXANHCCDOTHI",
        (("≤5", "1", "≤0,05"), ("5", "1", "0,05")),
    ),
    "limited_green": Use("CXHC", "Cây xanh sử dụng hạn chế", "DAT_NDD_CAYXANHSDHC", "DAT_NDD_CAYXANHSDHC"),
    "special_green": Use("CXCD", "Cây xanh chuyên dụng, cách ly", "DAT_NDD_CAYXANHCD", "DAT_NDD_CAYXANHCD"),
    "industry": Use(
        "CN",
        "Sản xuất công nghiệp, kho bãi",
        "DAT_NDD_CONGNGHIEP",
        "DAT_NDD_CONGNGHIEP",
        (("≤60", "1-3", "≤1,8"), ("50-70", "1-3", "0,5-2,1"), ("60", "1-3", "0,6-1,8")),
    ),
    "training": Use("DT", "Đào tạo, nghiên cứu", "DAT_NDD_DAOTAO", "DAT_NDD_DAOTAO", (("≤40", "2-5", "≤2,0"),)),
    "tourism": Use(
        "DL",
        "Dịch vụ, du lịch",
        "DAT_NDD_DULICH",
        "DAT_NDD_DULICH",
        (("≤25", "1-3", "≤0,75"), ("15-25", "1-3", "0,15-0,75")),
    ),
    "heritage": Use("DTTG", "Di tích, tôn giáo", "DAT_NDD_DITICH", "DAT_NDD_DITICH", (("≤30", "1-2", "≤0,6"),)),
    "security": Use("AN", "An ninh", "DAT_NDD_ANNINH", "DAT_NDD_ANNINH", (("≤40", "2-5", "≤2,0"),)),
    "defence": Use("QP", "Quốc phòng", "DAT_NDD_QUOCPHONG", "DAT_NDD_QUOCPHONG"),
    "road": Use("GT", "Đường giao thông", "DAT_HTKT_DuongGT", "DAT_DD_GIAOTHONGDOTHI"),
    "road_national": Use("GTDN", "Giao thông đối ngoại", "DAT_NDD_GIAOTHONGDN", "DAT_NDD_GIAOTHONGDN"),
    "rail": Use("DS", "Đường sắt", "DAT_NDD_GIAOTHONGDN", "DAT_NDD_GIAOTHONGDN"),
    "station": Use("BX", "Bến xe, ga", "DAT_NDD_GIAOTHONGDN", "DAT_NDD_GIAOTHONGDN", (("≤40", "1-3", "≤1,2"),)),
    "parking": Use("P", "Bãi đỗ xe", "DAT_HTKT_Baidoxe", "DAT_DD_GIAOTHONGDOTHI", (("≤20", "1", "≤0,2"),)),
    "utility": Use("HT", "Hạ tầng kỹ thuật", "DAT_DD_HTKHACDOTHI", "DAT_DD_HTKHACDOTHI", (("≤40", "1-2", "≤0,8"),)),
    "cemetery": Use("NT", "Nghĩa trang", "DAT_HTKT_Nghiatrang", "DAT_NDD_HTKHACDOINGOAI", (("≤5", "1", "≤0,05"),)),
    "farm": Use("NN", "Sản xuất nông nghiệp", "DAT_NNK_NONGNGHIEP", "DAT_NNK_NONGNGHIEP"),
    "production_forest": Use("RSX", "Rừng sản xuất", "DAT_NNK_RUNGSANXUAT", "DAT_NNK_RUNGSANXUAT"),
    "protection_forest": Use("RPH", "Rừng phòng hộ", "DAT_NNK_RUNGPHONGHO", "DAT_NNK_RUNGPHONGHO"),
    "special_forest": Use("RDD", "Rừng đặc dụng", "DAT_NNK_RUNGDACDUNG", "DAT_NNK_RUNGDACDUNG"),
    "aquaculture": Use("TS", "Nuôi trồng thủy sản", "DAT_NNK_THUYSAN", "DAT_NNK_THUYSAN"),
    "rock": Use("CSD", "Núi đá chưa sử dụng", "DAT_NNK_CHUASUDUNG", "DAT_NNK_CHUASUDUNG"),
    "lake": Use("MN", "Hồ, ao", "DAT_NNK_HONUOC", "DAT_NNK_HONUOC"),
    "river": Use("SS", "Sông, suối", "DAT_NNK_SONGSUOI", "DAT_NNK_SONGSUOI"),
}

# The same uses at 1/500: the rows of a detailed plan where they differ from a general plan's.
DETAILED: Mapping[str, str] = {
    "public": "DAT_HTXH_Vanhoa",
    "office": "DAT_Coquan",
    "upper_school": "DAT_HTXH_TruongTHPT",
    "health": "DAT_HTXH_Yte",
    "culture": "DAT_HTXH_Vanhoa",
    "park": "DAT_HTXH_CayxanhCC",
    "limited_green": "DAT_Cayxanhhanche",
    "special_green": "DAT_Cayxanhchuyendung",
    "security": "DAT_Anninh",
    "defence": "DAT_Quocphong",
    "road_national": "DAT_HTKT_DuongGT",
    "utility": "DAT_HTKT_Hatangkhac",
    "river": "DAT_KHAC_Songsuoi",
    "lake": "DAT_KHAC_Honuoc",
}


def function_of(use: str, scale: int) -> str:
    """The land-use function's code (TT 16/2025, without stage prefix) of a use in a plan of that scale."""
    if scale <= 500 and use in DETAILED:
        return DETAILED[use]
    return USES[use].general if scale >= 10000 else USES[use].zoning


def written_indicators(use: str, rng: Random) -> tuple[str, str, str]:
    """Density, storeys and FAR as a draughtsman would write them on such a lot; empty where none are set."""
    ways = USES[use].indicators
    return rng.choice(ways) if ways else ("", "", "")
