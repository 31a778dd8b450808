"""The land-use function that words or letters of a drawing mean: names in legends, tables, layers; lot code letters.

What means what is the table `function_words` of the standard, beside the names of `land_use` itself."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from quyhoach.standard import LandUse, Standard, fold

SURE = 0.6  # a guess below this is for a person to decide
TRUNCATED = 24  # R12 cuts layer names at 31 letters; a name shorter than this was not cut
_XREF = re.compile(r"^.*(?:\$\d+\$|\|)")  # "TONGTHE$0$DAT O", "TONGTHE|DAT O": bound and attached references
_CAMEL = re.compile(r"(?<=[^\W\d_A-ZĐ])(?=[A-ZĐ])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_STAGE = re.compile(r"^(?:(?:HT|QHDD|QHDH|QH|QHCT)[_ ])+(?=DAT[_ ])", re.IGNORECASE)  # TT 16/2025 PL I
_LEVEL = re.compile(r"_(?:CT|CV|QG|DVO|DT)$", re.IGNORECASE)
# Words that say nothing of a function, folded as tokens are. They don't count when asking how much was understood.
_FILLER_WORDS = """
    dat khu vuc cac cong trinh va co the qh qhsdd qhsd sdd sd qhdh qhdd qhct qui hoach su dung nhan ki hieu lo moi
    du kien trong ngoai cap do thi dang xai dung hatch fill to mau line text txt chu layer zone land use area for of
    and the poligon vung nen khac loai muc dich chuc nang ten lop phan area lots lot tong hien trang huu
"""
_FILLERS = frozenset(_FILLER_WORDS.split())


@dataclass(frozen=True, slots=True)
class FunctionGuess:
    """A function guessed: its code, how sure (0–1), and the words it was guessed from ("why")."""

    code: str
    score: float
    why: str
    rivals: tuple[str, ...] = ()  # other functions that the same words may mean


@dataclass(frozen=True, slots=True)
class _Token:
    letters: str  # folded
    marks: str  # the diacritics, sorted: where in the word the tone stands is a matter of taste
    start: int  # in the run of all letters


@dataclass(frozen=True, slots=True)
class _Pattern:
    letters: str
    marks: str
    open: bool  # takes in whatever follows
    code: str
    weight: float
    words: str


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int  # of the letters understood
    reach: int  # of the letters taken in
    pattern: _Pattern
    weight: float


def find_function_by_words(
    text: str, standard: Standard, listed: str = "tt16", *, prefer_kind: str = "zoning"
) -> FunctionGuess | None:
    """The function that a name means, as written in a legend, a table or a layer's name; None when no word is known.

    `listed`: the code list; `prefer_kind`: the plan kind whose codes are wanted where a list has several ("zoning",
    "general"). A TT 16/2025 name, with stage and level, is itself. Else the words known are looked for: those that
    are part of longer ones give way, of what remains the longest and foremost wins; rivals and words not understood
    lower the score. Below SURE let a person decide."""
    bare = _XREF.sub("", unicodedata.normalize("NFC", text).strip())
    exact = _by_code(bare, standard, listed)
    if exact is not None:
        return FunctionGuess(exact, 1.0, bare)
    letters, tokens = _tokens(bare)
    if not letters:
        return None
    hits = _maximal(_hits(letters, tokens, _patterns(standard, listed, prefer_kind)))
    if hits:
        return _weigh(hits, tokens)
    return _by_letters([token.letters for token in tokens], standard, listed, prefer_kind)


def _by_letters(words: Sequence[str], standard: Standard, listed: str, prefer_kind: str) -> FunctionGuess | None:
    """A name of nothing but letters of lot codes: "LK", "QH_CX", "O-LK"; together before each alone."""
    codes = [word for word in words if word not in _FILLERS and not word.isdigit()]
    if not codes or len(codes) > 2 or any(len(word) > 5 for word in codes):
        return None
    for wanted in dict.fromkeys(("".join(codes), *reversed(codes))):
        if len(wanted) == 1 and len(words) > 2:
            continue  # "chữ ký hiệu ô đất": the o is no letter of a code
        guess = prefix_function(wanted, standard, listed, prefer_kind=prefer_kind)
        if guess is not None:
            share = 0.8 * len(wanted) / sum(map(len, codes))
            return FunctionGuess(guess.code, round(guess.score * share, 3), guess.why, guess.rivals)
    return None


def prefix_function(
    prefix: str, standard: Standard, listed: str = "tt16", *, prefer_kind: str = "zoning"
) -> FunctionGuess | None:
    """The function that letters of lot codes usually mean ("LK", "CXCL"): weak evidence, habits differ by office.

    Of letters that mean several things ("MN") the likeliest is given with its rivals and a low score."""
    wanted = _squash(prefix)
    rows = _prefixes(standard, listed, prefer_kind).get(wanted, ())
    if not rows:
        return None
    best = rows[0]
    rivals = tuple(row.code for row in rows[1:] if row.code != best.code)
    score = best.weight * (0.7 if rivals else 1.0)
    return FunctionGuess(best.code, round(score, 3), best.words, rivals)


def function_names(code: str, standard: Standard) -> tuple[str, str]:
    """A function's names in Vietnamese and English; the code itself where the standard does not have it."""
    row: LandUse | None = standard.land_use.get(code.casefold())
    return (code, code) if row is None else (row.name["vi"], row.name["en"])


def bare_code(text: str) -> str:
    """A TT 16/2025 layer name without the reference it came from, the stage before and the level behind."""
    return _LEVEL.sub("", _STAGE.sub("", _XREF.sub("", text.strip())))


def _by_code(text: str, standard: Standard, listed: str) -> str | None:
    for candidate in (text, _STAGE.sub("", text), bare_code(text)):
        row = standard.land_use.get("_".join(candidate.split()).casefold())
        if row is not None and row.list == listed:
            return row.code
    return None


def _tokens(text: str) -> tuple[str, list[_Token]]:
    """The letters of a text folded into one run, and the words in it; marks, blanks and changes of case part words."""
    run = ""
    tokens = []
    for word in re.findall(r"[^\W_]+", _CAMEL.sub(" ", text)):
        letters = _squash(word)
        if letters:
            tokens.append(_Token(letters, _marks(word), len(run)))
            run += letters
    return run, tokens


def _squash(text: str) -> str:
    """Folded letters and digits alone; i and y are one, as spelling reforms differ: kĩ thuật, kỹ thuật."""
    return "".join(letter for letter in fold(text) if letter.isalnum()).replace("y", "i")


def _marks(text: str) -> str:
    lowered = text.casefold()
    marks = [mark for mark in unicodedata.normalize("NFD", lowered) if unicodedata.combining(mark)]
    return "".join(sorted(marks + [letter for letter in lowered if letter == "đ"]))


def _hits(letters: str, tokens: Sequence[_Token], patterns: Mapping[str, Sequence[_Pattern]]) -> list[_Hit]:
    starts = {token.start: number for number, token in enumerate(tokens)}
    ends = {token.start + len(token.letters): number for number, token in enumerate(tokens)}
    marked = any(token.marks for token in tokens)
    total = len(letters)
    found = []
    for start in range(total):
        for pattern in patterns.get(letters[start : start + 2], patterns.get(letters[start], ())):
            hit = _hit(letters, tokens, pattern, start, starts, ends, marked)
            if hit is not None:
                found.append(hit)
    return found


def _hit(
    letters: str,
    tokens: Sequence[_Token],
    pattern: _Pattern,
    start: int,
    starts: Mapping[int, int],
    ends: Mapping[int, int],
    marked: bool,
) -> _Hit | None:
    total, wanted = len(letters), pattern.letters
    weight, end = pattern.weight, start + len(wanted)
    if not letters.startswith(wanted, start):
        cut = total >= TRUNCATED and start in starts and 5 <= total - start < len(wanted)
        if not (cut and wanted.startswith(letters[start:])):
            return None
        end, weight = total, weight * (total - start) / len(wanted)
    elif start not in starts or end not in ends:
        if len(wanted) < 6 or (start not in starts and end not in ends and len(wanted) < 8):
            return None  # within a longer word: only what can hardly be chance
        weight *= 0.85
    elif marked and end in ends:
        written = "".join(sorted("".join(token.marks for token in tokens[starts[start] : ends[end] + 1])))
        if written != pattern.marks:
            weight *= 0.5
    return _Hit(start, end, total if pattern.open else end, pattern, weight)


def _maximal(hits: Sequence[_Hit]) -> list[_Hit]:
    """The hits that no longer one overlaps; of two with the same span and function the weightier."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda each: (each.start, -each.reach, -each.end, -each.weight)):
        inside = any(
            other.start <= hit.start
            and hit.reach <= other.reach
            and (other.end - other.start > hit.end - hit.start or other.reach > hit.reach or other.pattern.open)
            and other.weight >= 0.7 * hit.weight
            and other is not hit
            for other in kept
        )
        twin = any(
            (other.start, other.end, other.pattern.code) == (hit.start, hit.end, hit.pattern.code) for other in kept
        )
        if not inside and not twin:
            kept.append(hit)
    return [
        hit
        for hit in kept
        if not any(
            max(other.start, hit.start) < min(other.end, hit.end) and other.end - other.start > hit.end - hit.start
            for other in kept
            if other.weight >= 0.7 * hit.weight
        )
    ]


def _weigh(hits: Sequence[_Hit], tokens: Sequence[_Token]) -> FunctionGuess:
    """The function with most letters to its name, weighed; the foremost word is the head of a Vietnamese name."""
    first = min(hit.start for hit in hits)
    weights: dict[str, float] = {}
    for hit in hits:
        size = (hit.end - hit.start) + 0.3 * (hit.reach - hit.end)
        head = 1.5 if hit.start == first else 1.0
        weights[hit.pattern.code] = weights.get(hit.pattern.code, 0.0) + hit.weight * size * head
    ranked = sorted(weights, key=lambda code: (-weights[code], code))
    best = ranked[0]
    own = [hit for hit in hits if hit.pattern.code == best]
    share = _understood(hits, tokens)
    rival = weights[ranked[1]] / weights[best] if len(ranked) > 1 else 0.0
    score = max(hit.weight for hit in own) * (0.5 + 0.5 * share) * (1 - 0.35 * rival)
    why = ", ".join(dict.fromkeys(hit.pattern.words for hit in own))
    return FunctionGuess(best, round(score, 3), why, tuple(ranked[1:]))


def _understood(hits: Sequence[_Hit], tokens: Sequence[_Token]) -> float:
    """The share of letters that hits take in; numbers and words that say nothing are not asked."""
    known, unknown = 0, 0
    for token in tokens:
        inside = [any(hit.start <= token.start + at < hit.reach for hit in hits) for at in range(len(token.letters))]
        known += sum(inside)
        rest = "".join(" " if taken else letter for letter, taken in zip(token.letters, inside, strict=True))
        unknown += sum(len(piece) for piece in rest.split() if piece not in _FILLERS and not piece.isdigit())
    return known / (known + unknown)


@lru_cache(maxsize=16)
def _patterns(standard: Standard, listed: str, kind: str) -> Mapping[str, Sequence[_Pattern]]:
    """Patterns by their first two letters (one, when they have one)."""
    rows = [
        (row.words, code, row.weight)
        for row in standard.function_words
        if row.use == "name"
        for code in [_code(standard, listed, kind, row.function, row.general)]
        if code
    ]
    known = {(_squash(words), code) for words, code, _ in rows}
    for use in standard.land_use.values():
        if use.list == listed and use.kind in ("", kind, *(["zoning", "general"] if not _has(standard, kind) else [])):
            for name in use.name.values():
                plain = re.sub(r"\([^)]*\)", "", name)
                if (_squash(plain), use.code) not in known:
                    rows.append((plain, use.code, 1.0))
    found: dict[str, list[_Pattern]] = {}
    for words, code, weight in rows:
        letters = _squash(words)
        if len(letters) > 1:
            pattern = _Pattern(letters, _marks(words), words.endswith("*"), code, weight, words.rstrip("*"))
            found.setdefault(letters[:2], []).append(pattern)
    return found


@lru_cache(maxsize=16)
def _prefixes(standard: Standard, listed: str, kind: str) -> Mapping[str, Sequence[_Pattern]]:
    found: dict[str, list[_Pattern]] = {}
    for row in standard.function_words:
        code = _code(standard, listed, kind, row.function, row.general)
        if row.use == "prefix" and code:
            letters = _squash(row.words)
            found.setdefault(letters, []).append(
                _Pattern(letters, _marks(row.words), False, code, row.weight, row.words)
            )
    return {key: sorted(rows, key=lambda row: -row.weight) for key, rows in found.items()}


def _code(standard: Standard, listed: str, kind: str, function: str, general: str) -> str | None:
    for code in [general, function] if kind == "general" and general else [function]:
        row = standard.land_use[code.casefold()]
        if row.list == listed:
            return row.code
    return None


def _has(standard: Standard, kind: str) -> bool:
    return any(row.kind == kind for row in standard.land_use.values())
