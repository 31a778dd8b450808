"""Words of the dossier's cells and what they stand for: kinds of plan and text, status, scale, places, both ways."""

import re
from collections.abc import Mapping
from datetime import date

from quyhoach.domain.plan import Place, Status, VersionKind
from quyhoach.dossier.columns import parse_date, parse_whole
from quyhoach.standard import Standard, Unit, fold, format_date

# In the order in which they are looked for: the longer wording first.
_VERSION_KINDS: tuple[tuple[VersionKind, str, str], ...] = (
    (VersionKind.LOCAL, "điều chỉnh cục bộ", r"dieu chinh cuc bo"),
    (VersionKind.OVERALL, "điều chỉnh tổng thể", r"dieu chinh"),
)
_STATUSES: tuple[tuple[Status, str, str], ...] = (
    (Status.SUPERSEDED, "Hết hiệu lực", r"het hieu luc|het han|bi thay the|duoc thay the"),
    (Status.WITHDRAWN, "Đã rút", r"da rut|huy bo|bai bo"),
    (Status.PENDING, "Chưa có hiệu lực", r"chua|dang (?:trinh|lap|tham dinh)"),
    (Status.IN_FORCE, "Đang có hiệu lực", r"hieu luc|da phe duyet|da duyet|con han"),
)
_TEXT_KINDS: tuple[tuple[str, str, str], ...] = (
    ("decision", "Quyết định", r"quyet dinh|nghi quyet"),
    ("regulations", "Quy định quản lý", r"quy dinh|quy che"),
    ("explanation", "Thuyết minh", r"thuyet minh|bao cao"),
    ("other", "Khác", r""),
)
# Words in a name or kind that speak for a level, the surest first.
_LEVEL_WORDS: tuple[tuple[str, str], ...] = (
    ("inter_district", r"lien huyen"),
    ("underground", r"khong gian ngam"),
    ("technical", r"ha tang ky thuat|cap nuoc|thoat nuoc"),
    ("functional", r"khu chuc nang|khu cong nghiep|cum cong nghiep|khu kinh te|khu du lich|cua khau|khu cong nghe"),
    ("urban", r"do thi|thi tran|thi xa|thanh pho|phuong"),
    ("rural", r"nong thon|\bxa\b|dac khu|diem dan cu"),
    ("district", r"vung huyen"),
)
_KIND_WORDS: tuple[tuple[str, str], ...] = (
    ("region", r"quy hoach (?:xay dung )?vung"),
    ("zoning", r"phan khu"),
    ("detailed", r"chi tiet|tong mat bang"),
    ("general", r"quy hoach chung|qhc\b"),
)


def say_kind(kind: str, level: str, version: VersionKind, standard: Standard) -> str:
    """ "Quy hoạch chung – Đô thị (điều chỉnh tổng thể)"."""
    change = next((words for one, words, _ in _VERSION_KINDS if one is version), "")
    names = f"{standard.plan_kinds[kind].name['vi']} – {standard.levels[level].name['vi']}"
    return f"{names} ({change})" if change else names


def read_kind(text: str, name: str, standard: Standard) -> tuple[str | None, str | None, VersionKind]:
    """Kind of plan, level and kind of version, from the cell and, where it doesn't say, the plan's name."""
    said, both = fold(text), f"{fold(text)} {fold(name)}"
    kind = next((code for code, row in standard.plan_kinds.items() if fold(row.name["vi"]) in said), None)
    kind = kind or _first(_KIND_WORDS, said) or _first(_KIND_WORDS, both)
    level = next((code for code, row in standard.levels.items() if fold(row.name["vi"]) in said), None)
    level = level or _first(_LEVEL_WORDS, said) or _first(_LEVEL_WORDS, both)
    change = next((one for one, _, pattern in _VERSION_KINDS if re.search(pattern, both)), VersionKind.NEW)
    return kind, level, change


def _first(words: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((code for code, pattern in words if re.search(pattern, text)), None)


def say_status(status: Status, until: date | None) -> str:
    """ "Hết hiệu lực từ ngày 1/1/2027"."""
    words = next(words for one, words, _ in _STATUSES if one is status)
    return f"{words} từ ngày {format_date(until, 'vi')}" if until and status is Status.SUPERSEDED else words


def read_status(text: str) -> tuple[Status | None, date | None]:
    """The status a cell says and the day it gives; None where it says none that is known."""
    plain = fold(text)
    status = next((one for one, _, pattern in _STATUSES if re.search(pattern, plain)), None)
    return status, find_date(text)


def find_date(text: str) -> date | None:
    """The first date in a text."""
    found = re.search(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}|\d{4}-\d{1,2}-\d{1,2}", text)
    return parse_date(found[0]) if found else None


def say_text_kind(kind: str) -> str:
    return next((words for code, words, _ in _TEXT_KINDS if code == kind), "Khác")


def read_text_kind(text: str) -> str:
    """decision, regulations, explanation or other."""
    plain = fold(text)
    return next(code for code, _, pattern in _TEXT_KINDS if re.search(pattern, plain))


def say_scale(scale: int) -> str:
    """5000 -> "1/5.000"."""
    return f"1/{scale:,}".replace(",", ".")


def read_scale(text: str) -> int | None:
    """The denominator of "1/5.000", "1:5000", "5000"; None for anything else."""
    found = re.search(r"(?:1\s*[/:]\s*)?(\d[\d. ]*)\s*$", text.strip())
    scale = parse_whole(found[1].strip(" .")) if found else None
    return scale if scale is not None and 100 <= scale <= 5_000_000 else None


# ── places ─────────────────────────────────────────────────────────────────────────────────────────────────

_CODED = re.compile(r"\((?P<old>mã cũ|ma cu)?\s*(?:mã|ma)?\s*(?P<code>\d{2,5})\)", re.IGNORECASE)


def say_places(places: tuple[Place, ...], standard: Standard) -> str:
    """ "xã Chi Lăng (06463); thị trấn Đồng Mỏ (mã cũ 06463)"."""
    parts = []
    for place in places:
        unit = standard.units.get(f"old:{place.code}" if place.old else place.code)
        name = unit.name if unit else "?"
        parts.append(f"{name} ({'mã cũ ' if place.old else ''}{place.code})")
    return "; ".join(parts)


def read_places(text: str, province: str, standard: Standard) -> tuple[tuple[Place, ...], tuple[str, ...]]:
    """The places a cell names: by code where it gives one, else by a name that fits one unit of the province alone:
    one in a district that the cell names too ("xã Chi Lăng, huyện Chi Lăng"), else today's before old ones.

    District and province beside a commune only say where it is. What is ambiguous or unknown comes back as text."""
    parts = [part.strip(" .") for part in re.split(r"[;\n]|,(?!\d)", text)]
    names = _names(province, standard)
    matches = [(part, _coded(part, standard) or names.get(fold(_CODED.sub("", part)), [])) for part in parts if part]
    within = {place.code for _, found in matches for place in found if place.old and _tier(place, standard) == 2}
    places: list[Place] = []
    unknown: list[str] = []
    for part, found in matches:
        inside = [place for place in found if place.old and _unit(place, standard).parent in within]
        today = [place for place in found if not place.old]
        chosen = next((some for some in (inside, today, found) if len(some) == 1), [])
        if chosen:
            places += chosen
        elif not _is_province(part, province, standard):
            unknown.append(part)
    finest = max((_tier(place, standard) for place in places), default=0)
    return tuple(dict.fromkeys(place for place in places if _tier(place, standard) == finest)), tuple(unknown)


def _coded(part: str, standard: Standard) -> list[Place]:
    found = _CODED.search(part)
    if not found:
        return []
    place = Place(found["code"], bool(found["old"]))
    return [place] if _key(place) in standard.units else []


def _key(place: Place) -> str:
    return f"old:{place.code}" if place.old else place.code


def _unit(place: Place, standard: Standard) -> Unit:
    return standard.units[_key(place)]


def _tier(place: Place, standard: Standard) -> int:
    """1 province, 2 district, 3 commune."""
    return standard.unit_kinds[_unit(place, standard).kind].tier


def _names(province: str, standard: Standard) -> Mapping[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for unit in standard.units.values():
        if unit.province == province:
            found.setdefault(fold(unit.name), []).append(Place(unit.code, unit.old))
    return found


def _is_province(text: str, province: str, standard: Standard) -> bool:
    unit = standard.units.get(province)
    plain = re.sub(r"^tinh ", "", fold(text))
    return unit is not None and plain == re.sub(r"^tinh ", "", fold(unit.name))
