"""The pieces of a lot's label: codes, values with name and unit, bare numbers, words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from quyhoach.domain.label_words import (
    BRIEF,
    KEY,
    KINDS,
    NEEDS_SIGN,
    NUMBER,
    OTHER,
    UNIT,
    UNITS,
    cells_of,
    code_at,
    fold,
    unit_of,
)

WORD, CODE, BLANK = "word", "code", "blank"


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing said in a label. `kind`: of KINDS, CODE, OTHER, WORD, BLANK (a dash that keeps a place) or ""."""

    kind: str
    text: str  # value as written, without name and unit; a code or words as written
    unit: str = ""
    written: str = ""  # the unit as written
    whole: str = ""  # all of the piece, with its name and unit
    brief: str = ""  # of a code, the kind it would have if its letters were a name ("TC 3")
    row: int = 0


_SEPARATORS = re.compile(r"[\s|/;,:·•()\[\]{}_*+\"']+")
_DASHES = "-÷~"
_DASH = r"(?:->|-|÷|~|\.\.+|…|(?<=\s)(?:den|toi)(?=\s))"
_LIMIT = r"(?:<=|>=|=<|=>|[≤≥<>]|toi da|toi thieu|khong qua|max\.?|min\.?|tu(?=\s))"
_FIRST = (
    rf"(?:(?:tb|trung binh|khoang|binh quan)\.?\s*)?(?:(?P<limit>{_LIMIT})\s*:?\s*)?"
    rf"(?P<low>{NUMBER})\s*(?:(?P<unit1>{UNIT})|\(\s*(?P<unit3>{UNIT})\s*\))?"
)
_RANGE = re.compile(
    rf"{_FIRST}\s*(?P<dash>{_DASH})\s*(?P<high>{NUMBER})\s*(?:(?P<unit2>{UNIT})|\(\s*(?P<unit4>{UNIT})\s*\))?(?![^\W_])"
)
_UNITS = ("unit2", "unit4", "unit1", "unit3")
_SINGLE = re.compile(rf"{_FIRST}(?![^\W_])")
_SPACED = re.compile(rf"(?:^|[:=]|\bdt|\btich)\s*\d{{1,3}}(?: \d{{3}})+(?:[.,]\d+)?(?=\s*{UNIT}|\s*$)")
_CHAIN = re.compile(rf"(?<![\w.,-]){NUMBER}\s*(?:{UNIT})?(?:\s*[-÷~]\s*{NUMBER}\s*(?:{UNIT})?)+(?![^\W_])")
_LINK = re.compile(r"(\s*)[-÷~](\s*)")
_WORDS = re.compile(r"[^\s|/;,:()\[\]]+")
_REST = re.compile(r"(?:[^|;/]|/(?=ha|ng|m2|ho\b|tang|\d))*")
_PLACE_KEEPER = re.compile(r"[-.x]{1,3}|-+")
_NUMBERED = re.compile(r"\d{1,4}[A-Za-z]?(?![\w.,])|[A-ZĐ]{1,5}(?![^\W_])")
_CODE_NAMES = frozenset({"ô", "o", "lô", "lo", "kh"})
_PER = re.compile(r"/?\s*(?:nguoi|ng|ho|ha|m|kv|mm|cm)\b")
_UNKNOWN_UNIT = re.compile(r"\s*[^\W\d_]+")


def pieces_of(rows: Iterable[str]) -> list[Piece]:
    """The pieces of a label's rows, top to bottom."""
    scanner = _Scanner()
    for number, line in enumerate(line for row in rows for line in row.splitlines()):
        for cell in cells_of(line):
            known = None if scanner.waiting else _alone(cell)
            if known is None:
                scanner.scan(cell, number)
            else:
                scanner.pieces += [replace(piece, row=number) for piece in known]
    return scanner.pieces


@lru_cache(maxsize=16_384)
def _alone(cell: str) -> tuple[Piece, ...] | None:
    """The pieces of a cell read by itself, without their row; None where it leaves names waiting for other cells.
    Cells repeat all over a drawing: "MĐXD: 60%"."""
    scanner = _Scanner()
    scanner.scan(cell, 0)
    if scanner.waiting:
        return None
    return tuple(scanner.pieces)


class _Scanner:
    """Reads cell after cell. `waiting`: names whose values follow in later cells, with their units."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.waiting: list[tuple[str, str]] = []

    def scan(self, cell: str, row: int) -> None:
        """Add what one cell says."""
        folded = fold(cell)
        if _PLACE_KEEPER.fullmatch(folded):
            if self.waiting:
                self.waiting.pop(0)
            self.pieces.append(Piece(BLANK, "", whole=cell, row=row))
            return
        if spaced := _SPACED.search(folded):
            cell, folded = (_closed(text, spaced.start(), spaced.end()) for text in (cell, folded))
        folded = _part_chains(folded)
        place, since = 0, -1  # since: where the words that are going on began
        while place < len(folded):
            if gap := _SEPARATORS.match(folded, place):
                place = gap.end()
            elif folded[place] in _DASHES:
                place += 1
            else:
                end, piece = self._next(cell, folded, place, row)
                if piece is None:
                    since = -1
                elif piece.kind == WORD and since >= 0:
                    said = cell[since:end].strip()
                    self.pieces[-1] = replace(piece, text=said, whole=said)
                else:
                    self.pieces.append(piece)
                    since = place if piece.kind == WORD else -1
                place = max(end, place + 1)

    def _next(self, cell: str, folded: str, place: int, row: int) -> tuple[int, Piece | None]:
        """The piece that begins at `place` and where it ends; None for a name whose value follows later."""
        code_end = code_at(cell, place)
        if key := KEY.match(folded, place):
            found = self._named(cell, folded, row, key, code_end)
            if found is not None:
                return found
        if code_end > 0:
            return code_end, _piece(CODE, cell, place, code_end, row)
        if value := _value(cell, folded, place, row, "", place):
            end, piece = value
            if self.waiting and piece.kind in ("", self.waiting[0][0]):
                kind, unit = self.waiting.pop(0)
                piece = replace(piece, kind=kind, unit=piece.unit or unit)
            elif not piece.kind and (word := _UNKNOWN_UNIT.match(folded, end)) and not self._starts(cell, folded, word):
                return word.end(), _piece(OTHER, cell, place, word.end(), row)
            return end, piece
        word = _WORDS.match(cell, place)
        end = word.end() if word else place + 1
        return end, _piece(WORD, cell, place, end, row)

    def _named(
        self, cell: str, folded: str, row: int, key: re.Match[str], code_end: int
    ) -> tuple[int, Piece | None] | None:
        """What a name introduces; None where it is no name after all."""
        kind = kind_of(key)
        if kind == CODE:
            return _named_code(cell, row, key, code_end)
        name = key[kind].replace(".", "")
        signed = bool(key["sign"] or key["unit"])
        if name in NEEDS_SIGN and not signed:
            return None
        if name in BRIEF and not signed and code_end > 0:
            return code_end, replace(_piece(CODE, cell, key.start(), code_end, row), brief=kind)
        if kind == OTHER:
            rest = _REST.match(folded, key.end())
            end = rest.end() if rest else key.end()
            return end, _piece(OTHER, cell, key.start(), end, row)
        if value := _value(cell, folded, key.end(), row, kind, key.start()):
            end, piece = value
            if key["unit"] and not piece.unit:
                piece = replace(piece, unit=unit_of(key["unit"]), written=key["unit"])
            return end, piece
        if key.end() >= len(folded) or folded[key.end()] in "|/;,":
            self.waiting.append((kind, unit_of(key["unit"] or "")))
            return key.end(), None
        return None

    def _starts(self, cell: str, folded: str, word: re.Match[str]) -> bool:
        """Whether the word behind a number begins something of its own: a name or a code."""
        start = word.end() - len(word[0].strip())
        return KEY.match(folded, start) is not None or code_at(cell, start) > 0


def kind_of(key: re.Match[str]) -> str:
    """Which kind a matched name is of."""
    return next(kind for kind in (*KINDS, CODE, OTHER) if key[kind])


def _piece(kind: str, cell: str, start: int, end: int, row: int) -> Piece:
    said = cell[start:end].strip()
    return Piece(kind, said, whole=said, row=row)


def _named_code(cell: str, row: int, key: re.Match[str], own_end: int) -> tuple[int, Piece | None] | None:
    """ "Lô 12", "Ký hiệu: OM-12": the code behind its name; None where the name is none ("Đơn vị ở 1")."""
    name = cell[key.start() : key.start() + len(key[CODE])]
    if (name.lower() not in _CODE_NAMES and len(name) < 3) or (len(name) < 3 and key.start() and not key["sign"]):
        return None
    if own_end > 0 and not key["sign"] and key.end() == key.start() + len(key[CODE]):
        return own_end, _piece(CODE, cell, key.start(), own_end, row)
    end = code_at(cell, key.end())
    if end < 0 and (plain := _NUMBERED.match(cell, key.end())):
        end = plain.end()
    if end < 0 or end == key.end():
        return (len(cell), None) if len(name) > 3 and key.end() >= len(cell) else None
    return end, Piece(CODE, cell[key.end() : end], whole=cell[key.start() : end], row=row)


def _value(cell: str, folded: str, place: int, row: int, kind: str, start: int) -> tuple[int, Piece] | None:
    """The number or range at `place`, with its unit. `start`: where its name began."""
    found = _RANGE.match(folded, place)
    if found is not None and not _one_range(found):
        found = None
    ranged = found is not None
    found = found or _SINGLE.match(folded, place)
    if found is None:
        return None
    at_end = next((name for name in (_UNITS if ranged else _UNITS[2:]) if found[name]), "unit1")
    unit = unit_of(found[at_end] or "")
    text = cell[found.start("low") : found.end("low")]
    if ranged:
        dash = cell[found.start("dash") : found.end("dash")]
        text += (f" {dash} " if dash.isalpha() else dash) + cell[found.start("high") : found.end("high")]
    if found["limit"]:
        limit = cell[found.start("limit") : found.end("limit")]
        text = limit + (" " if limit[-1].isalpha() or limit[-1] == "." else "") + text
    by_unit = UNITS.get(unit, "")
    if kind in KINDS and by_unit in ("area", "population"):
        kind = by_unit  # "DT: 169 người": the unit knows better
    kind = kind or by_unit
    if not unit and _PER.match(folded[found.end() :].lstrip()):
        kind = OTHER
    written = cell[found.start(at_end) : found.end(at_end)] if unit else ""
    return found.end(), Piece(kind, text, unit, written, cell[start : found.end()].strip(), row=row)


def _one_range(found: re.Match[str]) -> bool:
    """Whether two numbers with a dash between are one range: units agree, and it runs upwards."""
    first = unit_of(found["unit1"] or found["unit3"] or "")
    second = unit_of(found["unit2"] or found["unit4"] or "")
    return (not first or first == second) and _plain_number(found["low"]) <= _plain_number(found["high"])


def _plain_number(text: str) -> float:
    if "." in text and "," in text:
        text = text.replace("." if text.rfind(".") < text.rfind(",") else ",", "")
    return float(text.replace(",", ".")) if text.count(",") + text.count(".") <= 1 else float(re.sub("[.,]", "", text))


def _closed(text: str, start: int, end: int) -> str:
    """A text with the blanks between its thousands gone."""
    number = text[start:end]
    return text[:start] + re.sub(r"(?<=\d) (?=\d)", "", number) + text[end:]


def _part_chains(folded: str) -> str:
    """The dashes between numbers that part values ("40-60 - 2-5 - 0,8-3,0", "60-5-3,0") turned into "|"."""
    if not any(dash in folded for dash in _DASHES):
        return folded
    return _CHAIN.sub(lambda chain: _parted(chain[0]), folded)


def _parted(chain: str) -> str:
    links = list(_LINK.finditer(chain))
    if len(links) < 2:
        return chain
    spaced = [bool(link[1]) and bool(link[2]) for link in links]
    result = list(chain)
    for link, wide in zip(links, spaced, strict=True):
        if wide or not any(spaced):
            result[link.start() + len(link[1])] = "|"
    return "".join(result)
