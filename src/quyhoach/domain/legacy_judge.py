"""Which encoding the text of a drawing is in: told by font and by content, over the whole drawing, font by font."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from quyhoach.domain.legacy_text import LETTERS, bytes_fit, compose, decode, read_again
from quyhoach.domain.syllables import plausibility

CANDIDATES = ("unicode", "tcvn3", "vni", "cp1258")
SURE = 0.9  # below, a person is asked

_FONT_WEIGHT = 3.0  # what a font's name counts for, in the currency of `plausibility`: one telling word outweighs it
_REST_WEIGHT = 1.5  # what the rest of the drawing counts for in a font without evidence
_GROUP_WEIGHT = 5.0  # what its font's other texts count for in one text, at most
_ENOUGH = 400  # distinct words per font looked at
_WORDS = re.compile(r"[\s\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]+")
_SPELT = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
_SIGNS = frozenset("°²³±–—“”‘’…•×÷≤≥Ø∅µ½¼¾·≈−€∼√")
_DIAMETER = ("Ø", "ø")  # of a pipe
_KNOWN = frozenset(LETTERS)
_UNICODE_FONTS = re.compile(
    r"arial|times|tahoma|verdana|calibri|cambria|segoe|roboto|consola|courier|georgia|palatino|unicode|open ?sans|"
    r"be ?vietnam|noto|(?:uvn|utm|svn)\b"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a font's text is in. `sure`: 0 to 1. `capitals`: the font shows small letters as capitals. `other`: the next
    best reading. `reason`: "plain" (nothing but ASCII), "font" (its name only), "content", "both" or "rest" (as the
    rest of the drawing). `telling`: how many distinct words spoke."""

    encoding: str
    sure: float
    reason: str
    capitals: bool = False
    other: str = ""
    telling: int = 0


def font_encoding(font: str) -> tuple[str | None, bool]:
    """(encoding that a font's name promises or None, whether it shows small letters as capitals), of a font's file or
    face: ".VnTime", "vnarialh.ttf", ".VNARIALH", "VNI-Times", "vntime.shx", "arial.ttf". Most Vietnamese .shx fonts
    are TCVN3; "txt.shx" and the like promise nothing."""
    name = PurePosixPath(font.replace("\\", "/")).name.strip().lstrip("@")
    stem = re.sub(r"\.(?:ttf|ttc|otf|shx|fon|pfb)$", "", name, flags=re.IGNORECASE)
    low = stem.lower()
    if "vni" in low or re.match(r"v(?:helv|times[nb]?$|timen)", low):
        return "vni", False
    if re.match(r"vh(?!elv)[a-z]{2,}", low):  # the ABC fonts' own file names of capitals fonts: VHTIME.TTF
        return "tcvn3", True
    if re.match(r"\.?vn[a-z_\-. ]*", low) or re.match(r"(?:abc|tcvn)", low):
        core = re.sub(r"(?:[ _-]?(?:bold|italic|regular)|bi|b|i)+$", "", low) or low
        shown = re.sub(r"(?i)(?:[ _-]?(?:bold|italic|regular))+$", "", stem)
        tall = shown.endswith("H") and not shown.isupper()
        return "tcvn3", tall or (
            len(core) > 4 and re.search(r"(?<!arc)(?<!tec)(?<!got)(?<!eng)(?<!fres)h$", core) is not None
        )
    if _UNICODE_FONTS.search(low):
        return "unicode", False
    return None, False


def judge(samples: Mapping[str, Iterable[str]], codepage: str = "cp1252") -> dict[str, Verdict]:
    """What each font's text is in. `samples`: font file or face ("" for names without a font) -> its texts, with the
    characters that `codepage` made of the file's bytes.

    Content beats font: a TCVN3 font with Unicode text (the draughtsman changed the font) is Unicode, and the other way
    round. Fonts whose own words say nothing go with their name, then with the rest of the drawing."""
    scores = {font: _weigh(texts, codepage) for font, texts in samples.items()}
    total = {encoding: sum(score[encoding] for score, _ in scores.values()) for encoding in CANDIDATES}
    return {font: _verdict(font, score, telling, total) for font, (score, telling) in scores.items()}


def text_encoding(text: str, group: Verdict, codepage: str = "cp1252") -> tuple[str, float]:
    """What one text of a font is in, and how sure: its font's encoding unless its own words say otherwise."""
    if text.isascii():
        return group.encoding, 1.0
    if codepage in _WESTERN and all(letter.isascii() or letter in _BEYOND for letter in text):
        return "unicode", 1.0  # no legacy encoding has such letters
    if _is_utf8(text, codepage):
        return "utf-8", 0.99
    score, telling = _weigh((text,), codepage)
    if not telling:
        return group.encoding, group.sure
    lean = min(_GROUP_WEIGHT, max(0.5, _margin(group.sure)))
    score[group.encoding] += lean
    ranked = sorted(CANDIDATES, key=lambda encoding: -score[encoding])
    return ranked[0], _certainty(score[ranked[0]] - score[ranked[1]])


def looks_broken(text: str) -> bool:
    """Whether decoded text still holds what no Vietnamese text has: control letters, replacement marks, a "?" inside a
    word, signs of a code page between letters."""
    if text.isascii() and "?" not in text:
        return any(letter < " " and letter not in "\n\t" for letter in text)
    return _BROKEN.search(text) is not None


_BROKEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd\ud800-\udfff]|[^\\W\\d_]\\?[^\\W\\d_]|(?:^|\\s)\\?[^\\W\\d_]{2,}"
    "|[^\\W\\d_][¡-©«¬®¯´-¹»-¿×÷]+[^\\W\\d_]|[^\\W\\d_][¡¤¦¨ª¯´¶¸¿]|(?:^|\\s)[¡¤¦¨ª®¯´¶¸¿][^\\W\\d_]"
)


def _weigh(texts: Iterable[str], codepage: str) -> tuple[dict[str, float], int]:
    """For each candidate the sum over distinct words with letters beyond ASCII; and the number of telling words."""
    words: dict[str, None] = {}
    for text in texts:
        if not text.isascii() and not _is_utf8(text, codepage):
            words |= dict.fromkeys(word for word in _WORDS.split(text) if not word.isascii())
        if len(words) > _ENOUGH:
            break
    score = dict.fromkeys(CANDIDATES, 0.0)
    telling = 0
    for word in words:
        weights = _weights(word, codepage)
        if weights is not None:
            telling += 1
            for encoding, weight in zip(CANDIDATES, weights, strict=True):
                score[encoding] += weight
    return score, telling


@lru_cache(maxsize=65_536)
def _weights(word: str, codepage: str) -> tuple[float, ...] | None:
    """How well a word reads in each candidate; None where all read the same."""
    shown = [decode(word, encoding, codepage=codepage) for encoding in CANDIDATES]
    if len(set(shown)) == 1:
        return None
    fits = bytes_fit(word, codepage)
    result = []
    for encoding, read in zip(CANDIDATES, shown, strict=True):
        weight = _reading(read)
        if encoding != "unicode" and not fits:
            weight = min(weight, 0.0) - 4.0
        if encoding == "cp1258":
            weight -= 2.0 if read != shown[0] else 0.0  # rare: a file that names the wrong code page
        result.append(weight)
    return tuple(result)


def _reading(text: str) -> float:
    """How plausible one reading of a word between blanks is."""
    text = unicodedata.normalize("NFC", text)
    weight = 0.0
    for found in _SPELT.finditer(text):
        if found[0] in _DIAMETER:
            weight += 0.5
            continue
        beside_digit = any(letter.isdigit() for letter in text[max(0, found.start() - 1) : found.end() + 1])
        weight += min(plausibility(found[0]), 0.0) if beside_digit else plausibility(found[0])
    odd = sum(not letter.isalnum() and not letter.isascii() and letter not in _SIGNS for letter in text)
    return weight - 3.0 * odd


def _verdict(font: str, score: dict[str, float], telling: int, total: Mapping[str, float]) -> Verdict:
    promised, tall = font_encoding(font)
    weighed = dict(score)
    if promised:
        weighed[promised] += _FONT_WEIGHT
    rest = {encoding: total[encoding] - score[encoding] for encoding in CANDIDATES}
    leader = max(CANDIDATES, key=lambda encoding: rest[encoding])
    others = max(rest[encoding] for encoding in CANDIDATES if encoding != leader)
    if rest[leader] - others > 2.0:
        weighed[leader] += _REST_WEIGHT
    weighed["unicode"] += 1.0  # what nothing speaks against stays as it is
    ranked = sorted(CANDIDATES, key=lambda encoding: -weighed[encoding])
    best, second = ranked[0], ranked[1]
    sure = _certainty(weighed[best] - weighed[second])
    if not telling:
        sure = 1.0
    own = max(CANDIDATES, key=lambda encoding: score[encoding])
    reason = "plain" if not telling else "both" if own == best == promised else "content" if own == best else "font"
    if telling and reason == "font" and best != promised:
        reason = "rest"
    return Verdict(best, sure, reason, tall and best == "tcvn3", second, telling)


def _certainty(margin: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(margin, 30.0)))


def _margin(sure: float) -> float:
    return 30.0 if sure >= 1.0 else math.log(sure / (1.0 - sure)) if sure > 0 else 0.0


def _letters_of(first: int, last: int) -> str:
    """What bytes look like in the code pages of drawings."""
    codecs = ("cp1250", "cp1252", "cp1258", "latin-1")
    return "".join(sorted({letter for codec in codecs for letter in bytes(range(first, last)).decode(codec, "ignore")}))


# A first byte of UTF-8 with a following one, both taken for letters.
_UTF8_PAIR = re.compile(f"[{re.escape(_letters_of(0xC2, 0xF5))}][{re.escape(_letters_of(0x80, 0xC0))}]")
_WESTERN = frozenset({"utf-8", "cp1252", "latin-1"})  # code pages whose files show legacy text in letters of cp1252
_BEYOND = frozenset(letter for letter in LETTERS if not letter.encode("cp1252", "ignore"))


@lru_cache(maxsize=65_536)
def _is_utf8(text: str, codepage: str) -> bool:
    """Whether a text's bytes are UTF-8 that a reader took for letters: nothing else is ever that regular by chance."""
    if _UTF8_PAIR.search(text) is None:
        return False
    read = read_again(text, "utf-8", codepage)
    return read is not None and any(letter in _KNOWN for letter in compose(read)) and not looks_broken(read)
