"""LEADER and MULTILEADER: the line from the arrow's tip, tied to its text by `insert`."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from quyhoach.ingest.cad.lettering import read_line, read_paragraphs
from quyhoach.ingest.cad.place import Look
from quyhoach.ingest.cad.sink import Sink
from quyhoach.ingest.cad.texts import put_paragraphs, tag_of


def annotations(entities: Iterable[Any]) -> dict[str, str]:
    """Handles of texts that a LEADER of the same container points with, and the leader's handle."""
    found = {}
    for entity in entities:
        if entity.dxftype() == "LEADER":
            text = entity.dxf.get("annotation_handle")
            if text and text != "0":
                found[str(text)] = str(entity.dxf.get("handle"))
    return found


def read_leader(sink: Sink, entity: Any, look: Look) -> None:
    """LEADER: its line; its text is an entity of its own, which gets the leader's handle as `insert`."""
    points = np.array([tuple(point) for point in entity.vertices], dtype=float).reshape(-1, 3)
    if entity.dxf.get("annotation_handle") and entity.dxf.get("annotation_handle") != "0":
        look = replace(look, insert=look.id)
    sink.line(look, look.spot.place.put(points))


def read_multileader(sink: Sink, entity: Any, look: Look) -> None:
    """MULTILEADER: a line for each arrow and its text (or the attributes of its block), all with its handle."""
    context, place = entity.context, look.spot.place
    look = replace(look, insert=look.id, kind="MULTILEADER")
    number = 0
    for leader in context.leaders:
        for line in leader.lines:
            sink.visit()
            points = [tuple(point) for point in line.vertices]
            if leader.has_last_leader_line or not points or len(points) < 2:
                points.append(tuple(leader.last_leader_point))
            mine = look if number == 0 else replace(look, id=f"{look.id}.{number}")
            number += 1
            sink.line(mine, place.put(np.array(points, dtype=float).reshape(-1, 3)))
    book = look.spot.book
    if context.mtext is not None:
        data = context.mtext
        put_paragraphs(
            sink,
            replace(look, id=f"{look.id}.text", kind="MTEXT"),
            read_paragraphs(str(data.default_content), book.codepage, _font(look, data.style_handle)),
            tuple(data.insert),
            height=float(context.char_height or 2.5),
            attachment={1: 1, 2: 2, 3: 3}.get(int(data.alignment), 1),
            angle=float(data.rotation or 0.0),
            direction=data.text_direction,
            width=float(data.width or 0.0),
            spacing=float(data.line_spacing_factor or 1.0),
        )
    elif context.block is not None:
        _read_attributes(sink, entity, look)


def _read_attributes(sink: Sink, entity: Any, look: Look) -> None:
    """The texts of the block that a MULTILEADER carries in place of a text, at that block's place."""
    book, block = look.spot.book, entity.context.block
    for number, attribute in enumerate(entity.block_attribs):
        definition = book.doc.entitydb.get(attribute.handle)
        text = read_line(str(attribute.text), book.codepage)
        letters = read_paragraphs(text.replace("\\", "\\\\"), book.codepage, "")
        put_paragraphs(
            sink,
            replace(look, id=f"{look.id}.tag{number}", kind="ATTRIB"),
            letters,
            tuple(block.insert),
            height=float(definition.dxf.get("height", 2.5)) * abs(block.scale.y) if definition is not None else 2.5,
            attachment=5,
            angle=math.remainder(float(block.rotation), 2 * math.pi),
            tag=tag_of(definition, book.codepage) if definition is not None else None,
        )


def _font(look: Look, style_handle: Any) -> str:
    style = look.spot.book.doc.entitydb.get(style_handle) if style_handle else None
    return look.spot.book.font(str(style.dxf.get("name", ""))) if style is not None else ""
