"""What a lot's label on a Vietnamese planning drawing says: lot code, area, population, density, storeys, FAR."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from quyhoach.domain.label_numbers import Bare, area_m2, only_area, share_out
from quyhoach.domain.label_scan import BLANK, CODE, WORD, Piece, pieces_of
from quyhoach.domain.label_words import (
    KINDS,
    NUMBER,
    OTHER,
    PREFIXES,
    cells_of,
    code_at,
    code_prefix,
    fold,
    is_lot_code,
    key_panel_rows,
    lot_code,
)

__all__ = [
    "Label",
    "LabelStyle",
    "code_prefix",
    "is_lot_code",
    "join_row",
    "leading_code",
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


_PLAIN_STYLE = LabelStyle()
_INDICATORS = frozenset({"density", "storeys", "far"})
_LOT_NUMBER = re.compile(r"\d{1,3}[A-Za-z]?")


def read_label(lines: Iterable[str], style: LabelStyle = _PLAIN_STYLE, *, drawn_area_m2: float | None = None) -> Label:
    """A label's rows, top to bottom, cells of one row parted by "|", a tab or three blanks, read into what they say.

    A value is known by its name ("MĐXD: 60"), by its unit ("60%"), by the drawing's own key (`style.rows`), or by what
    numbers of its size can only be, together with density × storeys = FAR. `drawn_area_m2`, the polygon's true area,
    settles whether "3.817" is thousands or decimals, m² or ha. What isn't written stays empty."""
    return _resolve(pieces_of(lines), style, drawn_area_m2)


def read_tagged(
    pairs: Mapping[str, str], style: LabelStyle = _PLAIN_STYLE, *, drawn_area_m2: float | None = None
) -> Label:
    """A label of block attributes: tag -> text. Known tags say what their text is (KH, DT, MD, TC, HS, DS, and longer
    forms); a text that cannot be that, and texts of other tags, are read by their content."""
    said: list[Piece] = []
    rest: list[str] = []
    unit = style.area_unit
    for tag, text in pairs.items():
        text = " ".join(cells_of(text))
        kind = _kind_of_tag(tag)
        if not text or re.fullmatch(r"[-.\s]+", fold(text)):
            continue
        piece = _of_kind(kind, text) if kind and all(kind != other.kind for other in said) else None
        if piece is None:
            rest.append(text)
            continue
        said.append(piece)
        if kind == "area" and re.search(r"(?<=.)(?:ha|m2)$", fold(tag)):
            unit = "ha" if fold(tag).endswith("ha") else "m2"
    taken = {piece.kind for piece in said}
    others = [replace(piece, row=piece.row + 1) for piece in pieces_of(rest)]
    said += [replace(piece, kind=WORD) if piece.kind in taken else piece for piece in others]
    return _resolve(said, replace(style, area_unit=unit), drawn_area_m2)


def read_key_panel(lines: Sequence[str]) -> LabelStyle:
    """The style that a drawing's own key panel states: "ký hiệu lô đất | diện tích (m2)" over "mật độ xây dựng (%) |
    tầng cao | hệ số sử dụng đất (lần)" over "dân số (người)", with or without diacritics. Rows that name nothing (and
    the panel's title, where the code is named again below) are left out."""
    found = list(key_panel_rows([part for line in lines for part in line.splitlines()]))
    while len(found) > 1 and found[0][0] == (CODE,) and any(CODE in kinds for kinds, _ in found[1:]):
        found = found[1:]
    unit = next((unit for _, unit in found if unit), "")
    rows = tuple(kinds for kinds, _ in found)
    return LabelStyle(unit, rows if len({kind for kinds in rows for kind in kinds} - {OTHER}) > 1 else ())


def leading_code(line: str) -> str:
    """The code that a label written in one line begins with: "OM 01" of "OM 01 (S=3.609m2; MĐXD=35%)"; "" where no
    code begins the line, or nothing follows that is said of a lot: an area, a density, two other indicators."""
    code = lot_code(line[: max(code_at(line, 0), 0)])
    rest = line[len(code) :]
    if not code or not any(map(str.isdigit, rest)):
        return ""
    label = read_label([rest])
    told = sum(1 for value in (label.storeys, label.far, label.population) if value)
    return code if label.area or label.density or told > 1 else ""


def join_row(texts: Iterable[str]) -> str:
    """Texts that stand side by side as one row of a label."""
    return " | ".join(" ".join(text.split()) for text in texts if text.strip())


def _resolve(pieces: list[Piece], style: LabelStyle, drawn: float | None) -> Label:
    """Put the pieces into the fields of a label."""
    code, pieces = _choose_code(pieces, drawn)
    values: dict[str, Piece] = {}
    bare: list[Piece] = []
    unread: list[str] = []
    for piece in pieces:
        if piece.kind in KINDS and piece.kind not in values:
            values[piece.kind] = piece
        elif piece.kind == "":
            bare.append(piece)
        elif piece.kind != BLANK and not (piece.kind == CODE and piece.text == code) and not _repeats(piece, values):
            unread.append(piece.whole)
    if bare:
        hoped = _by_style(pieces, style)
        if not code and hoped.get(id(bare[0]), ("", 0.0))[0] == CODE and _LOT_NUMBER.fullmatch(bare[0].text):
            code = bare.pop(0).text
        asked = tuple(Bare(piece.text, *hoped.get(id(piece), ("", 0.0))) for piece in bare)
        kinds = share_out(asked, tuple((kind, piece.text) for kind, piece in values.items()), style.area_unit, drawn)
        for kind, piece in zip(kinds, bare, strict=True):
            if kind:
                values[kind] = piece
            else:
                unread.append(piece.whole)
    area = values.get("area")
    return Label(
        code=code,
        area=f"{area.text} {area.written}".strip() if area else "",
        area_m2=area_m2(area.text, area.unit, style.area_unit, drawn) if area else None,
        unread=tuple(unread),
        **{kind: values[kind].text for kind in KINDS[1:] if kind in values},
    )


def _repeats(piece: Piece, values: Mapping[str, Piece]) -> bool:
    """Whether a piece says once more what was said, perhaps in the other unit ("0,35 ha (3.500 m2)")."""
    if piece.kind not in values:
        return False
    first = values[piece.kind]
    if first.text == piece.text:
        return True
    if piece.kind != "area":
        return False
    before, again = (area_m2(one.text, one.unit, "", None) for one in (first, piece))
    return before is not None and again is not None and abs(before - again) <= 0.01 * before


def _choose_code(pieces: list[Piece], drawn: float | None) -> tuple[str, list[Piece]]:
    """The label's code, and the pieces with those others that only looked like codes read as values ("TC 3")."""
    codes = [piece for piece in pieces if piece.kind == CODE]
    firm = [piece for piece in codes if not piece.brief]
    chosen = next(iter(firm or codes), None)
    if chosen is None:
        return _bare_code(pieces, drawn)
    if not firm and pieces[0] is not chosen and any(piece.kind in KINDS for piece in pieces):
        chosen = None  # "60% | TC 3": a value among values
    result = []
    for piece in pieces:
        if piece.kind == CODE and piece.brief and piece is not chosen:
            number = re.search(rf"(?<![\d.,]){NUMBER}$", fold(piece.text))
            if number:
                piece = replace(piece, kind=piece.brief, text=piece.text[number.start() :], brief="")
        result.append(piece)
    return (chosen.text if chosen else ""), result


def _bare_code(pieces: list[Piece], drawn: float | None) -> tuple[str, list[Piece]]:
    """The code of a label without a proper one: letters of a function in use ("CX"), or a lot's number alone above an
    area."""
    for place, piece in enumerate(pieces):
        if piece.kind == WORD and piece.text in PREFIXES:
            return piece.text, [*pieces[:place], replace(piece, kind=CODE), *pieces[place + 1 :]]
    if len(pieces) == 2 and pieces[0].kind in ("", WORD) and _LOT_NUMBER.fullmatch(pieces[0].text):
        first, second = pieces
        fits = second.kind == "area" or (second.kind == "" and only_area(second.text))
        if second.kind == "" and drawn:
            area = area_m2(second.text, "", "", drawn)
            fits = area is not None and abs(area - drawn) < 0.05 * drawn
        if fits and first.row != second.row:
            return first.text, [replace(first, kind=CODE), second]
    return "", pieces


def _by_style(pieces: list[Piece], style: LabelStyle) -> dict[int, tuple[str, float]]:
    """What the drawing's key says that each bare number is, and how much that counts: by rows as long as the key's,
    in their order; less where rows of the key were passed over."""
    if not style.rows:
        return {}
    rows: dict[int, list[Piece]] = {}
    for piece in pieces:
        if piece.kind not in (WORD, OTHER):
            rows.setdefault(piece.row, []).append(piece)
    flat = [kind for kinds in style.rows for kind in kinds]
    everything = [piece for row in rows.values() for piece in row]
    if len(everything) == len(flat) and _agrees(everything, flat):
        return {id(piece): (kind, 3.0) for piece, kind in zip(everything, flat, strict=True)}
    hoped: dict[int, tuple[str, float]] = {}
    ordered, start, at = list(rows.values()), 0, 0
    while at < len(ordered):
        number, taken = _match(ordered[at:], style.rows, start)
        joined = [piece for row in ordered[at : at + taken] for piece in row]
        for kind, piece in zip(style.rows[number] if taken else (), joined, strict=True):
            hoped[id(piece)] = (kind, 3.0 if number == start else 1.5)
        start = number + 1 if taken else start
        at += max(taken, 1)
    return hoped


def _match(rows: Sequence[list[Piece]], key: tuple[tuple[str, ...], ...], start: int) -> tuple[int, int]:
    """The first row of the key, from `start`, that the next rows of a label (one, or several with fewer cells) make up,
    and how many they are; 0 where none does."""
    for number in range(start, len(key)):
        joined: list[Piece] = []
        for taken, row in enumerate(rows, 1):
            joined = joined + row
            if len(joined) >= len(key[number]):
                if len(joined) == len(key[number]) and _agrees(joined, key[number]):
                    return number, taken
                break
    return start, 0


def _agrees(row: Sequence[Piece], kinds: Sequence[str]) -> bool:
    return all(piece.kind in ("", BLANK, kind) for piece, kind in zip(row, kinds, strict=True))


_TAGS = (
    ("area", r"dientich\w*|dt(?:lo|dat|m|ha)?|s|area"),
    ("density", r"matdo\w*|mdx?d?|mdxdtd|density"),
    ("storeys", r"tangcao\w*|tcx?d?|sotang|tang|storeys?"),
    ("far", r"heso\w*|hs(?:sd[dt]?|dd)?|far|k"),
    ("population", r"danso\w*|ds|sodan|songuoi|population"),
    (
        CODE,
        r"kyhieu\w*|kh(?:lo|dat)?|tenlo(?:dat)?|malo(?:dat)?|lo(?:dat)?|solo|sohieu(?:lo)?|ma|code|label|odat|tenodat",
    ),
)
_TAG = re.compile("|".join(f"(?P<{kind}>{names})" for kind, names in _TAGS))


def _kind_of_tag(tag: str) -> str:
    found = _TAG.fullmatch(re.sub(r"[^a-z0-9]", "", fold(tag)).rstrip("0123456789") or "-")
    return found.lastgroup or "" if found else ""


def _of_kind(kind: str, text: str) -> Piece | None:
    """An attribute's text as the piece that its tag says; None where it cannot be."""
    if kind == CODE:
        fits = len(text) <= 20 and (is_lot_code(text, bare=True) or any(letter.isdigit() for letter in text))
        return Piece(CODE, text, whole=text) if fits else None
    found = pieces_of([text])
    if len(found) == 1 and found[0].kind in ("", kind):
        return replace(found[0], kind=kind)
    return None
