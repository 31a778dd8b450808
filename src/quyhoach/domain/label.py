"""What a lot's label on a Vietnamese planning drawing says: lot code, area, population, density, storeys, FAR."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from quyhoach.domain.label_numbers import Bare, area_m2, share_out
from quyhoach.domain.label_words import (
    BRIEF,
    KEY,
    KINDS,
    NEEDS_SIGN,
    NUMBER,
    OTHER,
    PREFIXES,
    UNIT,
    UNITS,
    cells_of,
    code_at,
    code_prefix,
    fold,
    is_lot_code,
    key_panel_rows,
    unit_of,
)

__all__ = [
    "Label",
    "LabelStyle",
    "code_prefix",
    "is_lot_code",
    "join_row",
    "read_key_panel",
    "read_label",
    "read_tagged",
]


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """How the labels of one drawing are laid out, where the drawing's own key says it (panel "KÝ HIỆU LÔ ĐẤT").

    `area_unit`: "m2", "ha" or "" (not said). `rows`: per line of a label, what stands there, of "code", "area",
    "density", "storeys", "far", "population"; empty: not said."""

    area_unit: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A label read. Indicators as written, without names and units ("40-60", "0,4-2,5"); "" where nothing stands.
    `area_m2`: the written area in m², None where none is written or readable. `unread`: pieces nobody understood."""

    code: str = ""
    area: str = ""  # as written, with its unit
    area_m2: float | None = None
    population: str = ""
    density: str = ""
    storeys: str = ""
    far: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """One thing said in a label. `kind`: of KINDS, "code", OTHER, "word", "blank" (a dash that keeps a place) or ""."""

    kind: str
    text: str  # value as written, without name and unit; a code or words as written
    row: int
    unit: str = ""
    written: str = ""  # the unit as written
    whole: str = ""  # all of the piece, with its name and unit
    brief: str = ""  # the kind it would have if its letters were a name ("TC 3"), of a code


_PLAIN_STYLE = LabelStyle()
_SEPARATORS = re.compile(r"[\s|/;,:·•()\[\]{}_*+\"']+")
_DASH = r"(?:-|÷|~|->|\.\.+|…|(?<=\s)(?:den|toi)(?=\s))"
_LIMIT = r"(?:<=|>=|=<|=>|[≤≥<>]|toi da|toi thieu|khong qua|max\.?|min\.?|tu(?=\s))"
_VALUE = re.compile(
    rf"(?:(?P<loose>tb|trung binh|khoang|binh quan)\.?\s*)?(?:(?P<limit>{_LIMIT})\s*:?\s*)?"
    rf"(?P<low>{NUMBER})\s*(?P<unit1>{UNIT})?"
    rf"(?:\s*(?P<dash>{_DASH})\s*(?P<high>{NUMBER})\s*(?P<unit2>{UNIT})?)?(?![^\W_])"
)
_SINGLE = re.compile(
    rf"(?:(?P<loose>tb|trung binh|khoang|binh quan)\.?\s*)?(?:(?P<limit>{_LIMIT})\s*:?\s*)?"
    rf"(?P<low>{NUMBER})\s*(?P<unit1>{UNIT})?(?P<dash>)(?P<high>)(?P<unit2>)(?![^\W_])"
)
_SPACED = re.compile(rf"\d{{1,3}}(?: \d{{3}})+(?=\s*{UNIT}|$)")
_CHAIN = re.compile(rf"(?<![\w.,-]){NUMBER}\s*(?:{UNIT})?(?:\s*[-÷~]\s*{NUMBER}\s*(?:{UNIT})?)+(?![^\W_])")
_LINK = re.compile(r"(\s*)[-÷~](\s*)")
_WORD = re.compile(r"[^\s|/;,:()\[\]]+")
_BLANK_CELL = re.compile(r"[-.x]{1,3}|-+")


def read_label(lines: Iterable[str], style: LabelStyle = _PLAIN_STYLE, *, drawn_area_m2: float | None = None) -> Label:
    """A label's rows, top to bottom, cells of one row parted by "|", a tab or three blanks, read into what they say.

    A value is known by its name ("MĐXD: 60"), by its unit ("60%"), by the drawing's own key (`style.rows`), or by what
    numbers of its size can only be, together with density × storeys = FAR. `drawn_area_m2`, the polygon's true area,
    settles whether "3.817" is thousands or decimals, m² or ha. What isn't written stays empty."""
    rows = [cells for line in lines for part in line.splitlines() if (cells := cells_of(part))]
    pieces: list[_Piece] = []
    waiting: list[tuple[str, str]] = []  # names whose values follow in later cells, with their units
    for number, cells in enumerate(rows):
        for cell in cells:
            _scan(cell, number, pieces, waiting)
    return _resolve(pieces, style, drawn_area_m2)


def read_tagged(
    pairs: Mapping[str, str], style: LabelStyle = _PLAIN_STYLE, *, drawn_area_m2: float | None = None
) -> Label:
    """A label of block attributes: tag -> text. Known tags say what their text is (KH, DT, MD, TC, HS, DS, and longer
    forms); a text that cannot be that, and texts of other tags, are read by their content."""
    said: dict[str, str] = {}
    rest: list[str] = []
    unit = style.area_unit
    for tag, text in pairs.items():
        text = " ".join(cells_of(text))
        kind = _kind_of_tag(tag)
        if not text or _BLANK_CELL.fullmatch(fold(text)):
            continue
        if kind and kind not in said:
            said[kind] = text
            if kind == "area" and re.search(r"ha$", fold(tag)) and len(tag) > 3:
                unit = "ha"
        else:
            rest.append(text)
    label = _read_said(said, rest, replace(style, area_unit=unit), drawn_area_m2)
    return label


def read_key_panel(lines: Sequence[str]) -> LabelStyle:
    """The style that a drawing's own key panel states: "ký hiệu lô đất | diện tích (m2)" over "mật độ xây dựng (%) |
    tầng cao | hệ số sử dụng đất (lần)" over "dân số (người)", with or without diacritics. Rows that name nothing (and
    the panel's title, where the code is named again below) are left out."""
    found = list(key_panel_rows([part for line in lines for part in line.splitlines()]))
    while len(found) > 1 and found[0][0] == ("code",) and any("code" in kinds for kinds, _ in found[1:]):
        found = found[1:]
    unit = next((unit for _, unit in found if unit), "")
    rows = tuple(kinds for kinds, _ in found)
    return LabelStyle(unit, rows if len({kind for kinds in rows for kind in kinds} - {OTHER}) > 1 else ())


def join_row(texts: Iterable[str]) -> str:
    """Texts that stand side by side as one row of a label."""
    return " | ".join(" ".join(text.split()) for text in texts if text.strip())


def _scan(cell: str, row: int, pieces: list[_Piece], waiting: list[tuple[str, str]]) -> None:
    """Add what one cell says to `pieces`; names without a value wait for the next."""
    folded = fold(cell)
    if _BLANK_CELL.fullmatch(folded):
        kind, _ = waiting.pop(0) if waiting else ("", "")
        pieces.append(_Piece("blank", kind, row, whole=cell))
        return
    if (spaced := _SPACED.fullmatch(folded.rstrip(" m2ha"))) or (spaced := _SPACED.search(folded)):
        closed = spaced[0].replace(" ", "")
        if len(closed) == 4 or spaced.end() == len(folded) or "m" in folded[spaced.end() :]:
            cell, folded = (text[: spaced.start()] + _dotted(closed) + text[spaced.end() :] for text in (cell, folded))
    folded = _part_chains(folded)
    place, words = 0, 0
    while place < len(folded):
        if gap := _SEPARATORS.match(folded, place):
            place = gap.end()
            continue
        if folded[place] in "-÷~" and not folded[place + 1 : place + 2].isdigit():
            place += 1
            continue
        end, piece = _next(cell, folded, place, row, waiting)
        if piece is not None:
            if piece.kind == "word" and pieces and pieces[-1].kind == "word" and words and pieces[-1].row == row:
                pieces[-1] = replace(
                    pieces[-1], text=cell[words - 1 : end].strip(), whole=cell[words - 1 : end].strip()
                )
            else:
                pieces.append(piece)
                words = place + 1 if piece.kind == "word" else 0
        place = max(end, place + 1)


def _next(cell: str, folded: str, place: int, row: int, waiting: list[tuple[str, str]]) -> tuple[int, _Piece | None]:
    """The piece that begins at `place` and where it ends."""
    code_end = code_at(cell, place)
    key = KEY.match(folded, place)
    if key is not None:
        kind = next(name for name, value in key.groupdict().items() if value and name in (*KINDS, "code", OTHER))
        name = key[kind].replace(".", "")
        signed = bool(key["sign"]) or bool(key["unit"])
        doubtful = name in BRIEF and not signed and code_end > 0
        if kind == "code":
            return _named_code(cell, folded, place, key, row)
        if not (name in NEEDS_SIGN and not signed) and not doubtful:
            value = _value(cell, folded, key.end(), row, kind, place)
            if value is not None:
                if key["unit"] and not value[1].unit:
                    value = value[0], replace(value[1], unit=unit_of(key["unit"]), written=key["unit"])
                return value
            if key.end() >= len(folded) or folded[key.end()] in "|/;,":
                if kind != OTHER or signed:
                    waiting.append((kind, unit_of(key["unit"] or "")))
                return key.end(), None
        elif doubtful and kind in KINDS:
            return code_end, _Piece("code", cell[place:code_end], row, whole=cell[place:code_end], brief=kind)
    if code_end > 0:
        return code_end, _Piece("code", cell[place:code_end], row, whole=cell[place:code_end])
    value = _value(cell, folded, place, row, "", place)
    if value is not None:
        end, piece = value
        if waiting and (not piece.kind or piece.kind == waiting[0][0]):
            kind, unit = waiting.pop(0)
            piece = replace(piece, kind=kind, unit=piece.unit or unit)
        return end, piece
    word = _WORD.match(cell, place)
    end = word.end() if word else place + 1
    return end, _Piece("word", cell[place:end], row, whole=cell[place:end])


def _named_code(cell: str, folded: str, place: int, key: re.Match[str], row: int) -> tuple[int, _Piece]:
    """ "Lô 12", "Ký hiệu: OM-12": the code behind its name; without one the name is a word."""
    code_end = code_at(cell, key.end())
    if code_end < 0 and (plain := re.compile(r"\d{1,4}[a-z]?(?![\w.,])|[A-ZĐ]{1,5}(?![^\W_])").match(cell, key.end())):
        code_end = plain.end()
    if code_end > 0 and (key.end() > place + len(key["code"]) or key["sign"]):
        return code_end, _Piece("code", cell[key.end() : code_end], row, whole=cell[place:code_end])
    own = code_at(cell, place)
    if own > 0:
        return own, _Piece("code", cell[place:own], row, whole=cell[place:own])
    word = _WORD.match(cell, place)
    end = max(word.end() if word else 0, place + len(key["code"]))
    return end, _Piece("word", cell[place:end], row, whole=cell[place:end])


def _value(cell: str, folded: str, place: int, row: int, kind: str, start: int) -> tuple[int, _Piece] | None:
    """The number or range at `place`, with its unit. `start`: where its name began."""
    found = _VALUE.match(folded, place)
    if found is not None and found["high"] and not _one_range(found):
        found = _SINGLE.match(folded, place)
    if found is None:
        found = _SINGLE.match(folded, place)
    if found is None:
        return None
    unit_place = "unit2" if found["unit2"] else "unit1"
    unit = unit_of(found[unit_place] or "")
    text = cell[found.start("low") : found.end("low")]
    if found["high"]:
        dash = cell[found.start("dash") : found.end("dash")]
        text += (f" {dash} " if dash.isalpha() else dash) + cell[found.start("high") : found.end("high")]
    if found["limit"]:
        limit = cell[found.start("limit") : found.end("limit")]
        text = limit + (" " if limit[-1].isalpha() or limit[-1] == "." else "") + text
    by_unit = UNITS.get(unit, "")
    whole = cell[start : found.end()].strip()
    written = cell[found.start(unit_place) : found.end(unit_place)] if unit else ""
    if kind and by_unit and kind not in (by_unit, OTHER) and not (kind == "far" and unit == "t"):
        kind = by_unit if by_unit in ("area", "population") else kind
    follows = folded[found.end() :].lstrip()
    if follows.startswith(("/", "m/", "m ", "kv", "mm", "cm")) and re.match(
        r"/?\s*(?:nguoi|ng|ho|ha|m|kv|mm|cm)\b", follows
    ):
        kind, by_unit = OTHER, ""
    return found.end(), _Piece(kind or by_unit, text, row, unit, written, whole)


def _one_range(found: re.Match[str]) -> bool:
    """Whether two numbers with a dash between are one range: units agree, and it runs upwards."""
    first, second = unit_of(found["unit1"] or ""), unit_of(found["unit2"] or "")
    return (not first or first == second) and _plain_number(found["low"]) <= _plain_number(found["high"])


def _plain_number(text: str) -> float:
    if "." in text and "," in text:
        text = text.replace("." if text.rfind(".") < text.rfind(",") else ",", "")
    return float(text.replace(",", ".")) if text.count(",") + text.count(".") <= 1 else float(re.sub("[.,]", "", text))


def _part_chains(folded: str) -> str:
    """The dashes between numbers that part values ("40-60 - 2-5 - 0,8-3,0", "60-5-3,0") turned into "|"."""
    if "-" not in folded and "÷" not in folded and "~" not in folded:
        return folded
    return _CHAIN.sub(lambda chain: _part(chain[0]), folded)


def _part(chain: str) -> str:
    links = [link for link in _LINK.finditer(chain) if chain[link.start() - 1 : link.start()] != ""]
    if len(links) < 2:
        return chain
    spaced = [bool(link[1]) and bool(link[2]) for link in links]
    result = list(chain)
    for link, wide in zip(links, spaced, strict=True):
        if wide or not any(spaced):
            result[link.start() + len(link[1])] = "|"
    return "".join(result)


def _dotted(digits: str) -> str:
    return f"{int(digits):,}".replace(",", ".")


def _resolve(pieces: list[_Piece], style: LabelStyle, drawn: float | None) -> Label:
    """Put the pieces into the fields of a label."""
    code, pieces = _choose_code(pieces)
    values: dict[str, _Piece] = {}
    unread: list[str] = []
    bare: list[_Piece] = []
    for piece in pieces:
        if piece.kind in KINDS and piece.kind not in values:
            values[piece.kind] = piece
        elif piece.kind == "":
            bare.append(piece)
        elif piece.kind not in ("blank", "code") or (piece.kind == "code" and piece.text != code):
            unread.append(piece.whole)
    shared, left = _share_bare(pieces, bare, values, style, drawn, code)
    values |= shared
    if not code and left and "area" in values and not values.keys() & {"density", "storeys", "far"}:
        first = left[0]
        if re.fullmatch(r"\d{1,3}[a-z]?", first.text) and pieces[0] is first:
            code, left = first.text, left[1:]
    area = values.get("area")
    written = f"{area.text} {area.written}".strip() if area else ""
    return Label(
        code=code,
        area=written,
        area_m2=area_m2(area.text, area.unit, style.area_unit, drawn) if area else None,
        unread=tuple(unread + [piece.whole for piece in left]),
        **{kind: values[kind].text for kind in KINDS[1:] if kind in values},
    )


def _choose_code(pieces: list[_Piece]) -> tuple[str, list[_Piece]]:
    """The label's code, and the pieces with those others that only looked like codes read as values ("TC 3")."""
    codes = [piece for piece in pieces if piece.kind == "code"]
    firm = [piece for piece in codes if not piece.brief]
    chosen = next(iter(firm or codes), None)
    if chosen is None:
        for place, piece in enumerate(pieces):
            if piece.kind == "word" and piece.text in PREFIXES:
                return piece.text, [*pieces[:place], replace(piece, kind="code"), *pieces[place + 1 :]]
        return "", pieces
    if not firm and _said_twice(pieces, chosen):
        chosen = None
    result = []
    for piece in pieces:
        if piece.kind == "code" and piece.brief and piece is not chosen:
            number = re.search(rf"{NUMBER}$", fold(piece.text))
            if number and re.search(r"[A-ZĐa-zđ][\s-]?\d+$", piece.text):
                piece = replace(piece, kind=piece.brief, text=piece.text[number.start() :], brief="")
        result.append(piece)
    return (chosen.text if chosen else ""), result


def _said_twice(pieces: list[_Piece], chosen: _Piece) -> bool:
    """Whether a code that could be a named value stands among other named values and not first."""
    return pieces[0] is not chosen and any(piece.kind in KINDS for piece in pieces)


def _share_bare(
    pieces: list[_Piece],
    bare: list[_Piece],
    values: Mapping[str, _Piece],
    style: LabelStyle,
    drawn: float | None,
    code: str,
) -> tuple[dict[str, _Piece], list[_Piece]]:
    """The bare numbers by what they are, and those that stay unread."""
    if not bare:
        return {}, []
    hoped = _by_style(pieces, style, code)
    asked = tuple(
        Bare(piece.text, hoped.get(id(piece), ""), any(letter in piece.text for letter in "-÷~<>≤≥ ")) for piece in bare
    )
    known = tuple((kind, piece.text) for kind, piece in values.items())
    kinds = share_out(asked, known, style.area_unit, drawn)
    shared = {kind: piece for kind, piece in zip(kinds, bare, strict=True) if kind}
    return shared, [piece for kind, piece in zip(kinds, bare, strict=True) if not kind]


def _by_style(pieces: list[_Piece], style: LabelStyle, code: str) -> dict[int, str]:
    """What the drawing's key says that each bare number is: by rows as long as the key's, in their order."""
    if not style.rows:
        return {}
    rows: dict[int, list[_Piece]] = {}
    for piece in pieces:
        if piece.kind != "word":
            rows.setdefault(piece.row, []).append(piece)
    hoped: dict[int, str] = {}
    flat = [kind for kinds in style.rows for kind in kinds]
    everything = [piece for row in rows.values() for piece in row]
    if len(everything) == len(flat) and _agrees(everything, flat):
        return {id(piece): kind for piece, kind in zip(everything, flat, strict=True)}
    start = 0
    for row in rows.values():
        for number in range(start, len(style.rows)):
            kinds = style.rows[number]
            if len(kinds) == len(row) and _agrees(row, kinds):
                hoped |= {id(piece): kind for piece, kind in zip(row, kinds, strict=True)}
                start = number + 1
                break
    return hoped


def _agrees(row: Sequence[_Piece], kinds: Sequence[str]) -> bool:
    return all(piece.kind in ("", "blank", kind) for piece, kind in zip(row, kinds, strict=True))


_TAGS = (
    ("area", r"dientich\w*|dt|s|dtlo|dtdat|area|dtm2|dtha"),
    ("density", r"matdo\w*|mdxd?|md\w?|mdxdtd|density"),
    ("storeys", r"tangcao\w*|tc(?:xd)?|sotang|tang|storeys?"),
    ("far", r"heso\w*|hs(?:sd[dt]?|dd)?|far|k"),
    ("population", r"danso\w*|ds|sodan|songuoi|population"),
    ("code", r"kyhieu\w*|kh(?:lo|dat)?|tenlo\w*|malo\w*|lo|solo|sohieu\w*|ten_?lo|ma|code|label|lodat|odat"),
)
_TAG = re.compile("|".join(f"(?P<{kind}>{names})" for kind, names in _TAGS))


def _kind_of_tag(tag: str) -> str:
    found = _TAG.fullmatch(re.sub(r"[^a-z0-9]", "", fold(tag)).rstrip("0123456789") or "-")
    return found.lastgroup or "" if found else ""


def _read_said(said: Mapping[str, str], rest: list[str], style: LabelStyle, drawn: float | None) -> Label:
    """A label of texts whose kinds are said; what contradicts itself is read by content with the rest."""
    pieces: list[_Piece] = []
    for kind, text in said.items():
        if kind == "code":
            pieces.append(_Piece("code", text, 0, whole=text))
            continue
        found: list[_Piece] = []
        _scan(text, 0, found, [])
        only = found[0] if len(found) == 1 else None
        if only and only.kind in ("", kind):
            pieces.append(replace(only, kind=kind))
        else:
            rest = [*rest, text]
    waiting: list[tuple[str, str]] = []
    others: list[_Piece] = []
    for number, text in enumerate(rest, 1):
        _scan(text, number, others, waiting)
    taken = {piece.kind for piece in pieces}
    pieces += [replace(piece, kind="word") if piece.kind in taken else piece for piece in others]
    return _resolve(pieces, style, drawn)
