"""The coordinate system that a sheet names in words: "Hệ tọa độ VN-2000, kinh tuyến trục 107°15', múi chiếu 3°"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quyhoach.standard import Standard
from quyhoach.standard.rows import CrsZone
from quyhoach.standard.text import fold
from quyhoach.standardise.drawn_texts import DrawnTexts

# Text is folded: no case, no diacritics. Letters that were not decoded may stand for one or two signs ("kinh tuyÕn").
_MERIDIAN = re.compile(
    r"(?:kinh ?tuy\S{1,4} ?(?:tr\S{1,3}c|trung \S{2,5}|goc|giua)?|k\.? ?t\.? ?t\.?\b|kt ?truc|\bl ?[0o]\b|lambda|"
    r"\bkttw|central meridian|meridian|\btm ?-? ?[36]\b)\D{0,24}?(?P<deg>10[2-9]|11[01])(?!\d{3})(?P<rest>.{0,14})"
)
_DECIMAL = re.compile(r"[.,](\d{1,4})(?![\d'′’])")
_MINUTES = re.compile(r"(?:%%d|\s|[^\d,;()]){0,6}?(\d{2})(?!\d)")
_WIDTH = re.compile(
    r"(?:m\S{1,2}i(?: ?chi\S{1,3}u)?|tm|zone width)[ :=-]{0,3}([36])(?: ?(?:°|d\b|do\b|deg|%%d|o\b|[^\w\s])|\b)"
)
_SCALE = re.compile(r"0[.,]999([69])\b")
_UTM = re.compile(r"\butm\b\D{0,12}(4[89])?|\bm\S{1,2}i\D{0,10}(4[89])\b|\bzone\D{0,6}(4[89])\b")
_VN2000 = re.compile(r"vn ?[-–_.]? ?2000|vn2k|vietnam ?2000|viet nam ?2000")
_WGS84 = re.compile(r"wgs ?[-–_]? ?(?:19)?84")
_HN72 = re.compile(
    r"\bhn ?[-–_.]? ?(?:19)?72\b|h\S{1,2} ?n\S{1,2}i ?[-–_,.]? ?(?:nam )?(?:19)?72\b|hanoi ?[-–_]? ?(?:19)?72\b"
    r"|gauss|gaus ?[-–]? ?kr|krasov|kraxop|krasop"
)
_EPSG = re.compile(r"\bepsg ?:? ?(\d{4,5})\b")
_HINT = re.compile(
    r"2000|meridian|kinh|ktt|k\.t\.t|utm|m\S{1,2}i|wgs|72|gau|kra|epsg|l ?[0o] ?=|zone|\btm ?-? ?[36]|lambda|0[.,]999"
)


@dataclass(frozen=True, slots=True)
class CrsNote:
    """What a sheet says of its coordinate system. `codes`: the systems that fit all of it ("EPSG:9215"; several when
    it says too little, none when it says nothing or what no system is). `text`: the words themselves. `vn2000`: that
    datum is named. `hn72`: the text that names Hà Nội 1972 or Gauss-Krüger and not VN-2000 beside it."""

    codes: tuple[str, ...] = ()
    text: str = ""
    vn2000: bool = False
    hn72: str = ""


@dataclass(slots=True)
class _Said:
    """What one text says."""

    text: str
    at: complex
    meridians: tuple[float, ...] = ()
    width: int | None = None  # degrees of the zone
    utm: bool = False
    zone: int | None = None  # 48, 49
    vn2000: bool = False
    wgs84: bool = False
    hn72: bool = False
    epsg: tuple[int, ...] = ()

    @property
    def names_system(self) -> bool:
        return bool(self.meridians or self.epsg or self.utm or self.zone)


def read_crs_note(texts: DrawnTexts, standard: Standard) -> CrsNote:
    """What the texts of a drawing say of its coordinate system; lines of one note may be separate texts."""
    meridians = sorted({zone.central_meridian for zone in standard.crs_zones})
    said = []
    for row, text in enumerate(texts.text):
        if len(text) < 600 and (found := _read(text, meridians)) is not None:
            found.at = complex(texts.x[row], texts.y[row])
            said.append(found)
    if not said:
        return CrsNote()
    hn72 = next((item.text for item in said if item.hn72 and not item.vn2000), "")
    naming = [item for item in said if item.names_system]
    codes: dict[str, str] = {}
    for item in naming:
        for code in _systems(item, said, standard.crs_zones):
            codes.setdefault(code, item.text)
    texts_said = tuple(dict.fromkeys(item.text for item in naming)) or tuple(i.text for i in said if i.vn2000)
    vn2000 = any(item.vn2000 for item in said)
    return CrsNote(tuple(codes), "; ".join(texts_said[:3]), vn2000, hn72)


def _read(text: str, meridians: Sequence[float]) -> _Said | None:
    """What one text says; None for nothing."""
    if not _HINT.search(text.lower()):  # before folding, which costs more
        return None
    plain = fold(text.replace("º", "°").replace("˚", "°"))
    found = _Said(" ".join(text.split()), 0j)
    found.meridians = tuple(dict.fromkeys(_meridians(plain, meridians)))
    widths = {int(match.group(1)) for match in _WIDTH.finditer(plain)}
    found.width = widths.pop() if len(widths) == 1 else None
    if factor := _SCALE.search(plain):
        found.width = 6 if factor.group(1) == "6" else 3
    if match := _UTM.search(plain):
        found.utm = "utm" in match.group()
        zone = next((group for group in match.groups() if group), None)
        found.zone = int(zone) if zone else None
    found.vn2000 = bool(_VN2000.search(plain))
    found.wgs84 = bool(_WGS84.search(plain))
    found.hn72 = bool(_HN72.search(plain))
    found.epsg = tuple(dict.fromkeys(int(code) for code in _EPSG.findall(plain)))
    spoken = found.names_system or found.width or found.vn2000 or found.wgs84 or found.hn72
    return found if spoken else None


def _meridians(plain: str, known: Sequence[float]) -> list[float]:
    """The central meridians of Viet Nam's zones that a text names, in degrees."""
    found = []
    for match in _MERIDIAN.finditer(plain):
        degrees, rest = int(match.group("deg")), match.group("rest")
        readings = []
        if decimal := _DECIMAL.match(rest):
            readings.append(degrees + float("0." + decimal.group(1)))
            readings.append(degrees + int(decimal.group(1)[:2]) / 60)  # 107.15 for 107°15'
        elif minutes := _MINUTES.match(rest):
            readings.append(degrees + int(minutes.group(1)) / 60)
        else:
            readings.append(float(degrees))
        found += [m for m in known if any(abs(m - reading) < 1e-6 for reading in readings)][:1]
    return found


def _systems(item: _Said, said: Sequence[_Said], zones: Sequence[CrsZone]) -> list[str]:
    """The systems that what an item names can be, with what nearby texts say of zone width and datum."""
    if item.epsg:
        return [f"EPSG:{code}" for code in item.epsg]
    if item.hn72 and not item.vn2000:
        return []
    width = item.width or _nearest_width(item, said)
    if (item.utm or item.zone) and item.width != 3:
        width = 6
    wgs84 = item.wgs84 or (not any(other.vn2000 for other in said) and any(other.wgs84 for other in said))
    if not item.meridians:
        if item.zone is None or (item.width == 3):
            return []
        return [f"EPSG:326{item.zone}"] if wgs84 and not item.vn2000 else [f"EPSG:{3357 + item.zone}"]
    found = []
    for zone in zones:
        if any(abs(zone.central_meridian - meridian) < 1e-6 for meridian in item.meridians):
            six = zone.scale_factor < 0.9998
            if width is None or six == (width == 6):
                found.append(_wgs84_code(zone) if six and wgs84 and not item.vn2000 else f"EPSG:{zone.epsg}")
    return found


def _wgs84_code(zone: CrsZone) -> str:
    """The WGS 84 / UTM zone of a 6° zone's meridian."""
    return f"EPSG:{32600 + round((zone.central_meridian + 183) / 6)}"


def _nearest_width(item: _Said, said: Sequence[_Said]) -> int | None:
    """The zone width that the text nearest to an item says, for notes of several lines."""
    others = [other for other in said if other.width is not None]
    if not others:
        return None
    distance = [abs(other.at - item.at) for other in others]
    return others[int(np.argmin(distance))].width
