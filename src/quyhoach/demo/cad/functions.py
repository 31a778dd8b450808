"""Land uses as consultants draw them: names, letters of the lot codes, layer names in several habits, colours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """One land use. `function`: code of the standard; `letters`: of lot codes; `plain`: layer name without accents;
    `english`; `number`: of numeric layers; `aci`, `rgb`: by the habit of draughtsmen, not of TT 16."""

    key: str
    function: str
    name: str
    letters: str
    plain: str
    english: str
    number: int
    aci: int
    rgb: str
    built: bool  # has density, storeys, FAR


USES = (
    Use("OM", "DAT_O_Nhomnhao", "Đất nhóm nhà ở mới", "OM", "DAT O MOI", "RESIDENTIAL_NEW", 11, 51, "#ffe97f", True),
    Use("OHT", "DAT_O_Langxom", "Đất ở làng xóm hiện trạng", "LX", "DAT O HIEN TRANG", "VILLAGE_EXISTING", 12, 43,
        "#e8d38a", True),
    Use("HH", "DAT_O_Honhop_Nhomo", "Đất hỗn hợp nhà ở và dịch vụ", "HH", "DAT HON HOP", "MIXED_USE", 13, 30,
        "#f4a261", True),
    Use("YT", "DAT_HTXH_Yte", "Đất y tế", "YT", "DAT Y TE", "HEALTH", 21, 221, "#ff9ad5", True),
    Use("VH", "DAT_HTXH_Vanhoa", "Đất văn hóa", "VH", "DAT VAN HOA", "CULTURE", 22, 11, "#ff8080", True),
    Use("TT", "DAT_HTXH_Theducthethao", "Đất thể dục thể thao", "TT", "DAT THE THAO", "SPORT", 23, 112, "#7fd9a8",
        True),
    Use("TH", "DAT_HTXH_Truonghoc", "Đất trường mầm non, tiểu học, THCS", "TH", "DAT TRUONG HOC", "SCHOOL", 24, 21,
        "#e07b7b", True),
    Use("PT", "DAT_HTXH_TruongTHPT", "Đất trường trung học phổ thông", "PT", "DAT TRUONG THPT", "HIGH_SCHOOL", 25, 23,
        "#b55252", True),
    Use("CX", "DAT_HTXH_CayxanhCC", "Đất cây xanh công cộng", "CX", "DAT CAY XANH", "GREEN_PUBLIC", 31, 82, "#8fd14f",
        False),
    Use("CL", "DAT_Cayxanhchuyendung", "Đất cây xanh cách ly", "CL", "DAT CX CACH LY", "GREEN_BUFFER", 32, 104,
        "#4f9d69", False),
    Use("CN", "DAT_SX_Congnghiep", "Đất công nghiệp, kho tàng", "CN", "DAT CONG NGHIEP", "INDUSTRY", 41, 201,
        "#b07fd9", True),
    Use("CQ", "DAT_Coquan", "Đất cơ quan, trụ sở", "CQ", "DAT CO QUAN", "OFFICE", 51, 32, "#c98a4b", True),
    Use("DV", "DAT_Dichvu", "Đất dịch vụ, thương mại", "DV", "DAT DICH VU", "COMMERCE", 52, 14, "#d94f4f", True),
    Use("DL", "DAT_Dulich", "Đất du lịch", "DL", "DAT DU LICH", "TOURISM", 53, 211, "#e29ae2", True),
    Use("TG", "DAT_Ditich_tongiao", "Đất di tích, tôn giáo", "TG", "DAT TON GIAO", "RELIGION", 54, 18, "#8c5a4a", True),
    Use("BX", "DAT_HTKT_Baidoxe", "Đất bãi đỗ xe", "BX", "BAI DO XE", "PARKING", 61, 253, "#b9b9b9", False),
    Use("KT", "DAT_HTKT_Hatangkhac", "Đất hạ tầng kỹ thuật", "KT", "DAT HTKT", "INFRASTRUCTURE", 62, 195, "#8d86b8",
        True),
    Use("NT", "DAT_HTKT_Nghiatrang", "Đất nghĩa trang", "NT", "DAT NGHIA TRANG", "CEMETERY", 63, 8, "#8a8a84", False),
    Use("NN", "DAT_NN_Nongnghiep", "Đất sản xuất nông nghiệp", "NN", "DAT NONG NGHIEP", "AGRICULTURE", 71, 61,
        "#dff0b0", False),
    Use("RS", "DAT_NN_Rungsanxuat", "Đất rừng sản xuất", "RS", "DAT RUNG SX", "FOREST_PRODUCTION", 72, 96, "#5b8c5a",
        False),
    Use("HN", "DAT_KHAC_Honuoc", "Đất hồ, ao, đầm", "MN", "MAT NUOC", "POND", 81, 141, "#8fd3f4", False),
    Use("SS", "DAT_KHAC_Songsuoi", "Đất sông, suối", "SS", "SONG SUOI", "RIVER", 82, 150, "#5aa9e6", False),
)  # fmt: skip
BY_KEY = {use.key: use for use in USES}
