"""What the name of a CAD layer says of its role, with or without diacritics, in Vietnamese or English."""

import re
from dataclasses import dataclass

from quyhoach.standard import fold


@dataclass(frozen=True, slots=True)
class RoleHint:
    """A role that a name speaks for, how strongly (0–1), and the words that do. `existing`: of what is there today."""

    role: str
    score: float
    words: str
    existing: bool = False


# In order: the first that fits wins. Patterns are over folded names whose words are parted by single blanks.
_HINTS: tuple[tuple[str, str, float], ...] = (
    (r"\b(?:defpoints|ashade|viewport|vport|khung nhin)\b", "ignore", 1.0),
    (r"\b(?:chu giai|chu dan|chu thich|ghi chu|ghichu|chugiai|chudan|legend|ky hieu ban ve)\b", "legend", 0.9),
    (r"\b(?:bang|table|thong ke|can bang|bang tong hop|tong hop)\b", "table", 0.8),
    (r"\b(?:tim|timgt|truc|tim duong|centre ?line|center ?line|centre|center|cl)\b", "ignore", 0.9),
    (r"\b(?:ten|chu|text|txt)(?: ten)? (?:duong|pho|song|suoi|thon|xa)\b|\bstreet name", "ignore", 0.9),
    (r"\b(?:so nha|house no|house number)\b", "ignore", 0.9),
    (r"\b(?:luoi|luoitd|grid|toa do|toado|km luoi)\b", "ignore", 0.9),
    (r"\b(?:khung|khungbv|khungten|title|frame|sheet|border|bo cuc|layout)\b", "ignore", 0.9),
    (r"\b(?:dong muc|dongmuc|dhdm|contours?|dia hinh|diahinh|cao do|caodo|elevation|spot|taluy|mai dat)\b",
     "ignore", 0.9),
    (r"\bcay (?:xanh )?(?:duong|via he|bong mat|ven duong)\b", "ignore", 0.8),
    (r"\b(?:dim|dims|kich thuoc|kichthuoc|dimension)\b", "ignore", 0.9),
    (r"\b(?:mat cat|matcat|section|trac doc|trac ngang)\b", "ignore", 0.9),
    (r"\b(?:anh|image|raster|wipeout|xref|logo|huong bac|north|mui ten|hoa gio)\b", "ignore", 0.7),
    (r"\b(?:chieu sang|cap nuoc|thoat nuoc|cap dien|nuoc thai|ong|thong tin lien lac|ttll|cap quang|pccc|ho ga)\b|"
     r"\bdien$", "ignore", 0.6),
    (r"\b(?:ranh|ranh gioi|dia gioi|rg) (?:hanh chinh|xa|phuong|huyen|tinh|thon|hc|dia chinh|thua|giai thua)\b",
     "ignore", 0.85),
    (r"\b(?:thua dat|giai thua|dia chinh|cadast\w*|parcel\w*)\b", "ignore", 0.7),
    (r"\b(?:cgxd|chi gioi xay dung|chi gioi xd|khoang lui|building line|setback)\b", "ignore", 0.85),
    (r"\b(?:hanh lang|hlat|htat|corridor)\b", "ignore", 0.6),
    (r"\b(?:chia lo|chialo|phan lo|net chia lo|ranh lo|ranhlo|line lo|duong lo|net lo|vach lo|lot ?lines?|"
     r"lot bound\w*|plot bound\w*|"
     r"ranh o|ranh o dat|chia o|plot ?lines?|parcel ?lines?)\b", "lot_edge", 0.9),
    (r"\b(?:ranh (?:gioi )?(?:lap |khu |nghien cuu |thiet ke |do an )*(?:qh|quy ?hoach|du an|da|lap|tk|nc|thiet ke|"
     r"nghien cuu|do an)|rgqh|rqh|rg qh|rglqh|ranhqh|pham vi(?: \w+)*|study area)\b", "plan_boundary", 0.95),
    (r"\b(?:boundary|outline|property line|prop line|perimeter|ranh ?gioi|ranh|site)\b", "plan_boundary", 0.75),
    (r"\b(?:ky ?hieu|text|txt|chu|nhan|ten|label|anno|thong tin|so hieu|tt) ?(?:lo|o|o dat|lo dat|lots?|plots?|ky hieu)"
     r"(?: dat)?\b|\b(?:lot|plot|parcel) ?(?:text|label|no|name|code|id)s?\b|\bky ?hieu\b", "label", 0.9),
    (r"\b(?:txt|text|label|labels|chu|nhan|anno|annotation|mtext|chi tieu)\b", "label", 0.65),
    (r"\b(?:via he|viahe|mep duong|le duong|long duong|bo via|bovia|chi gioi|chigioi|cgdd|cgd|lo gioi|kerbs?|curbs?|"
     r"roads?|street|road edge|mep|via|mdg|giao thong|giaothong|duong do|duong gt|duong|gt|pavement|sidewalk)\b",
     "road", 0.8),
    (r"\b(?:nha|cong trinh|house|houses|building|buildings|ctxd|cay|tree|trees|cot dien|hang rao|tuong rao|furniture|"
     r"o to|xe)\b", "ignore", 0.55),
    (r"\b(?:qh ?sdd|sdd|qhsdd|su dung dat|sudungdat|land ?use|zoning|zones?|to mau|tomau|hatch|lo dat|lodat|lots?|"
     r"plots?|phan khu|o dat)\b", "lot", 0.7),
    (r"\b(?:lo|net|o)\b", "lot_edge", 0.45),
)  # fmt: skip
_EXISTING = re.compile(
    r"^(?:ht|hien trang|existing|old|cu)\b|\b(?:hien trang|existing|nen|ban do nen|nendh|"
    r"(?:19|20)\d\d)$|(?<!dinh )(?<!dan )(?<!chung )(?<!tho )\bcu$|\bold$|"
    r"\b(?:nha|duong|cong trinh|giao thong) ht$|^(?:nen|bdn|bd nen|dh|kt nen)\b"
)
# Land uses with "existing" in their name that a plan keeps: no layer of the survey.
_KEPT = re.compile(
    r"\b(?:nha o|dat o|o|dan cu|dc|lang xom|khu o|village|residential|housing)(?: \w+){0,2} "
    r"(?:hien trang|hien huu|existing|ht)\b"
)
_TT16_EXISTING = re.compile(r"^HT_DAT_", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[^\W\d_A-ZĐ])(?=[A-ZĐ])")


def plain_name(name: str) -> str:
    """A layer's name as folded words parted by blanks, without the external reference it came with."""
    bare = re.sub(r"^.*(?:\$\d+\$|\|)", "", name)
    return " ".join(re.findall(r"[^\W_]+", fold(_CAMEL.sub(" ", bare))))


def reference_name(name: str) -> str:
    """The folded name of the external reference that a layer came with; "" when it has none."""
    found = re.match(r"^(.*?)(?:\$\d+\$|\|)", name)
    return " ".join(re.findall(r"[^\W_]+", fold(found[1]))) if found else ""


def role_by_name(name: str) -> RoleHint | None:
    """The role that a layer's name speaks for; None when no word of it is known. Names of functions are not looked at:
    "QH_DAT O MOI" says nothing here."""
    words = plain_name(name)
    existing = bool(_EXISTING.search(_KEPT.sub("dat o", words)) or _TT16_EXISTING.match(name))
    for pattern, role, score in _HINTS:
        found = re.search(pattern, words)
        if found:
            return RoleHint(role, score, found[0], existing)
    if existing:
        return RoleHint("ignore", 0.7, words, True)
    return None
