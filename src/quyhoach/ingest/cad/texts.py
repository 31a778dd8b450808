"""TEXT, ATTRIB and MTEXT: their plain text, the middle of their letters and the start of their first line."""

import math
from typing import Any

from quyhoach.ingest.cad.lettering import Letters, clean, decode, read_line, read_paragraphs
from quyhoach.ingest.cad.place import Look, Place
from quyhoach.ingest.cad.sink import Sink, Wording

_LINE_SPACING = 5.0 / 3.0  # of MTEXT, from base line to base line, in heights
_WIDE = dict.fromkeys("mwMWĐ@%Ø—…", 1.05)
_NARROW = dict.fromkeys(" ijl.,:;'|!I()[]/-·", 0.38)
_WIDTHS = {ord(sign): width for sign, width in (_WIDE | _NARROW).items()}


def width_of(text: str) -> float:
    """How wide a line runs in heights of its capitals, in a common sans-serif face (an estimate: fonts differ)."""
    total = 0.0
    for sign in text:
        code = ord(sign)
        width = _WIDTHS.get(code)
        if width is None:
            width = 0.0 if 0x300 <= code <= 0x36F else 0.93 if 65 <= code <= 90 else 0.76
        total += width
    return total


def read_text(sink: Sink, entity: Any, look: Look, *, tag: str | None = None) -> None:
    """TEXT, ATTRIB, or a constant ATTDEF."""
    book, dxf = look.spot.book, entity.dxf
    own = dxf.__dict__
    text = read_line(str(own.get("text", "")), book.codepage)
    if not text.strip():
        return  # nothing to tell of: an attribute that was not filled in, a text of blanks
    place = look.spot.place.plane(own.get("extrusion"))
    height = abs(float(own.get("height", 2.5))) or 2.5
    font = book.font(str(own.get("style", "Standard")))
    start, middle, angle, z = _anchor(own, text, height)
    _emit(sink, look, place, Letters(text, ((font, text),)), (*start, z), (*middle, z), angle, height, tag)


Point2 = tuple[float, float]


def _anchor(own: dict[str, Any], text: str, height: float) -> tuple[Point2, Point2, float, float]:
    """Start of the base line and middle of the letters in the entity's plane, its angle (radians) and its height."""
    insert = own.get("insert")
    align = own.get("align_point")
    halign, valign = int(own.get("halign", 0)), int(own.get("valign", 0))
    insert = insert if insert is not None else align
    if insert is None:
        raise ValueError("no insert")
    width = width_of(text) * height * abs(float(own.get("width", 1.0)) or 1.0)
    angle = math.radians(float(own.get("rotation", 0.0)))
    reference = insert
    if (halign or valign) and align is not None and (align.x or align.y or not (insert.x or insert.y)):
        reference = align
    along, up = {1: -width / 2, 2: -width, 4: -width / 2}.get(halign, 0.0), 0.0
    if halign in (3, 5) and align is not None and (align.x, align.y) != (insert.x, insert.y):
        reference, angle = insert, math.atan2(align.y - insert.y, align.x - insert.x)
        width = math.hypot(align.x - insert.x, align.y - insert.y)
    elif halign == 4:
        up = -height / 2
    else:
        up = {1: height / 3, 2: -height / 2, 3: -height}.get(valign, 0.0)
    cos, sin = math.cos(angle), math.sin(angle)
    start = (reference.x + along * cos - up * sin, reference.y + along * sin + up * cos)
    middle = (start[0] + width / 2 * cos - height / 2 * sin, start[1] + width / 2 * sin + height / 2 * cos)
    return start, middle, angle, float(reference.z)


def read_mtext(sink: Sink, entity: Any, look: Look, *, tag: str | None = None) -> None:
    """MTEXT, all its columns."""
    book, dxf = look.spot.book, entity.dxf
    own = dxf.__dict__
    raw = entity.all_columns_raw_content() if entity.has_columns else entity.text
    letters = read_paragraphs(str(raw), book.codepage, book.font(str(own.get("style", "Standard"))))
    insert = own.get("insert")
    if insert is None:
        raise ValueError("no insert")
    put_paragraphs(
        sink,
        look,
        letters,
        (insert.x, insert.y, insert.z),
        height=float(own.get("char_height", 2.5)),
        attachment=int(own.get("attachment_point", 1)),
        angle=math.radians(float(own.get("rotation", 0.0))),
        direction=own.get("text_direction"),
        extrusion=own.get("extrusion"),
        width=float(own.get("width", 0.0) or 0.0),
        spacing=float(own.get("line_spacing_factor", 1.0) or 1.0),
        tag=tag,
    )


def put_paragraphs(
    sink: Sink,
    look: Look,
    letters: Letters,
    insert: tuple[float, float, float],
    *,
    height: float,
    attachment: int = 1,
    angle: float = 0.0,
    direction: Any = None,
    extrusion: Any = None,
    width: float = 0.0,
    spacing: float = 1.0,
    tag: str | None = None,
) -> None:
    """Hand a multi-line text on, its place estimated from its attachment point and the size of its lines."""
    text = letters.text
    if not text.strip():
        return
    height = (letters.absolute or abs(height) or 2.5) * letters.factor
    if direction is not None and (direction.x or direction.y):
        angle = math.atan2(direction.y, direction.x)
    elif extrusion is not None and extrusion.z < 0:
        angle = math.pi - angle
    mirrored = -1.0 if extrusion is not None and extrusion.z < 0 else 1.0
    widths, rows = _measure(text, height, width)
    across = max(widths)
    tall = height + (rows - 1) * height * _LINE_SPACING * spacing
    column, row = (attachment - 1) % 3, (attachment - 1) // 3 % 3
    left, top = -across * column / 2, tall * row / 2
    first = left + (across - widths[0]) * column / 2
    cos, sin = math.cos(angle), math.sin(angle)

    def at(along: float, up: float) -> tuple[float, float, float]:
        up *= mirrored
        return insert[0] + along * cos - up * sin, insert[1] + along * sin + up * cos, insert[2]

    start, middle = at(first, top - height), at(left + across / 2, top - tall / 2)
    _emit(sink, look, look.spot.place, letters, start, middle, angle, height, tag)


def _measure(text: str, height: float, width: float) -> tuple[list[float], int]:
    """The width of each line and how many lines there are once those wider than the text's frame are wrapped."""
    widths, rows = [], 0
    for line in text.rstrip("\n").split("\n"):
        run = width_of(line) * height
        turns = math.ceil(run / width) if 0 < width < run and " " in line.strip() else 1
        rows += turns
        widths.append(min(run, width) if turns > 1 else run)
    return widths, rows


def _emit(
    sink: Sink,
    look: Look,
    place: Place,
    letters: Letters,
    start: tuple[float, float, float],
    middle: tuple[float, float, float],
    angle: float,
    height: float,
    tag: str | None,
) -> None:
    if place.matrix is not None:
        across = place.turn(math.cos(angle), math.sin(angle))
        up = place.turn(-math.sin(angle), math.cos(angle))
        height *= math.hypot(*up)
        angle = math.atan2(across[1], across[0])
    x, y = place.point(*start)
    rotation = round(math.degrees(angle) % 360.0, 9) % 360.0
    if not all(map(math.isfinite, (x, y, height, rotation))):
        sink.leave(look.hidden or ("broken", look.kind), look.id)
        return
    wording: Wording = (letters.text, letters.as_json(), height, rotation, x, y, tag)
    sink.spot(look, place.point(*middle), wording)


def tag_of(entity: Any, codepage: str) -> str:
    """The tag of an ATTRIB or ATTDEF."""
    return clean(decode(str(entity.dxf.get("tag", "")), codepage))
