"""Whether a word can be Vietnamese: onset × rime × tone, and how common it is on planning drawings."""

import re
import unicodedata
from functools import lru_cache

from quyhoach.domain.legacy_text import LETTERS, TONES, compose


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ONSETS = (*"bcdđghklmnpqrstvx", "ch", "gh", "gi", "kh", "ng", "ngh", "nh", "ph", "qu", "th", "tr", "")
_RIMES = _words(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê
    êch êm ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang
    oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi
    ơm ơn ơp ơt u ua uân uâng uât uây uê uêch uênh uêu uơ uc ui um un ung uôc uôi uôm uôn uông uôt up ut uy uya uych
    uyên uyêt uynh uyt uyn uyp uyu ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt
    yêu
    """
)
_AFTER_QU = _words(
    """
    a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây e en eo et ê ên êt êch ênh y ych ynh yt yên
    yêt ôc i it in ơ ơn
    """
)
_AFTER_GI = frozenset(("", "n", "m", "p", "êng", "êt"))
_STOPS = ("c", "ch", "p", "t")
_STOP_TONES = frozenset(("\u0301", "\u0323"))

# Words of planning drawings, title blocks, road and place names. Tones make them telling.
_LISTED = _words(
    """
    đất ở quy hoạch chung phân khu chi tiết xây dựng sử dụng giao thông bản đồ bảng cân bằng tổng hợp hiện trạng
    định hướng phát triển không gian kiến trúc cảnh quan hạ tầng kỹ thuật xã hội nhóm nhà đơn vị lô ký hiệu diện
    tích mật độ cao hệ số lần dân người trường mầm non tiểu học trung cơ phổ y tế văn hóa hòa thể dục thao công cộng
    viên cây xanh chuyên hạn chế cách ly mặt nước hồ ao đầm sông suối kênh rạch mương nông nghiệp lâm rừng sản xuất
    phòng hộ đặc nghĩa trang địa tín ngưỡng tôn giáo di lịch quốc an ninh trụ sở thương mại dịch vụ du hỗn chợ bãi
    đỗ xe bến cấp điện thoát thải rác năng lượng trạm bơm xử lý đường phố ngõ tỉnh lộ huyện thị trấn thành phường
    thôn tổ cư làng xóm mới cũ dự cải tạo chỉnh mở rộng chưa lập ranh giới chỉ đỏ tim tuyến mép vỉa hè cầu cống tỷ
    tỉ lệ chú giải ghi tên chủ trì thiết kế kiểm tra kts ks giám đốc thẩm phê duyệt ủy ban nhân bộ ngày tháng năm
    quyết nghị hà nội việt nam lạng sơn hải quảng bắc đồng đăng mỏ lộc bình thất khê lăng hữu lũng lãng tràng đình
    vốn đầu tư minh dữ liệu họa có giá trị pháp tọa kinh trục múi chiếu lưới khung tờ loại chức đào nghiên cứu nghỉ
    dưỡng sinh thái vui chơi biệt thự liền kề tái phục thấp máy kho tàng cụm và của các theo tại từ đến trong ngoài
    với là được hành chính một hai ba bốn sáu bảy tám chín mười phía đông tây nguyễn trần lê phạm hoàng vũ bùi phan
    võ thụ hưng đạo lợi nguồn gốc nền cốt san lấp bờ kè đê lang bảo vệ tồn núi đồi dốc ruộng lúa vườn mẫu tĩnh điểm
    tượng đài nhớ liệt sĩ sỹ bưu hỏa cháy chữa ga sắt thủy ống hố mưa sạch nguy hiểm ngập cấm sân câu lạc hình khóa
    xóa hủy thỏa
    """
)
_TONE_AHEAD = re.compile("(?<=o)([\u0300\u0301\u0303\u0309\u0323])([ae])$|(?<=u)([\u0300\u0301\u0303\u0309\u0323])(y)$")


def _tone_behind(word: str) -> str:
    """The other usual spelling of "oa", "oe", "uy" that end a word: the tone on the second letter."""
    moved = _TONE_AHEAD.sub(r"\2\1\4\3", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", moved)


_COMMON = _LISTED | {_tone_behind(word) for word in _LISTED if not word.startswith("qu")}
_LETTER = frozenset(LETTERS) | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WESTERN = re.compile("[a-zàáâãäçèéêëìíîïòóôõöùúûüñ]{4,}")  # "café", "résidence": also what Vietnamese misread is not
_ABBREVIATION = re.compile("[A-ZĐ]{2,7}")


@lru_cache(maxsize=32_768)
def plausibility(word: str) -> float:
    """How much a word of letters, in Unicode, speaks for being read rightly: 3 a word of planning drawings, 1.5 a
    possible Vietnamese syllable, 0.5 an abbreviation or plain letters, -0.5 what may be a word of French, -2 an
    impossible word, -3 one with letters that Vietnamese does not have or with capitals in the middle."""
    word = compose(word)
    if word.isascii() or _ABBREVIATION.fullmatch(word):
        return 0.5
    even = word.islower() or word.isupper() or word[1:].islower()
    if any(letter not in _LETTER for letter in word):
        return -0.5 if even and _WESTERN.fullmatch(word.lower()) else -3.0
    low = word.lower()
    if low in _COMMON:
        return 3.0 if even else 0.0
    if is_syllable(low):
        return 1.5 if even else -1.5
    if even and _WESTERN.fullmatch(low):
        return -0.5
    return -2.0 if even else -3.0


def is_syllable(word: str) -> bool:
    """Whether a lower-case word, NFC, is spelt as a Vietnamese syllable can be."""
    plain = unicodedata.normalize("NFD", word)
    tones = [mark for mark in plain if mark in TONES]
    if len(tones) > 1:
        return False
    base = unicodedata.normalize("NFC", "".join(mark for mark in plain if mark not in TONES))
    if tones and tones[0] not in _STOP_TONES and base.endswith(_STOPS):
        return False
    return any(base.startswith(onset) and _fits(onset, base[len(onset) :]) for onset in _ONSETS)


def _fits(onset: str, rime: str) -> bool:
    if onset == "qu":
        return rime in _AFTER_QU
    if onset == "q":
        return False
    if onset == "gi" and rime in _AFTER_GI:
        return True
    if rime not in _RIMES:
        return False
    front = rime[0] in "eêiy"
    if onset in ("ngh", "gh", "k"):
        return front
    if onset in ("c", "ng", "g"):
        return not front or (onset == "g" and rime[0] == "i")
    return True
