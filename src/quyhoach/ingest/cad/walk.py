"""Walk a drawing's model space: every entity to its reader, block references and external drawings taken apart."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from quyhoach.domain.source import TableGrid
from quyhoach.ingest.cad.book import Book, look_at
from quyhoach.ingest.cad.curves import Points, TooManyPointsError
from quyhoach.ingest.cad.harms import harms
from quyhoach.ingest.cad.hatches import read_hatch
from quyhoach.ingest.cad.leaders import annotations, read_leader, read_multileader
from quyhoach.ingest.cad.lettering import clean, decode
from quyhoach.ingest.cad.place import Look, Spot
from quyhoach.ingest.cad.shapes import (
    read_arc,
    read_ellipse,
    read_face,
    read_line,
    read_lwpolyline,
    read_parts,
    read_point,
    read_polyline,
    read_spline,
)
from quyhoach.ingest.cad.sink import Sink
from quyhoach.ingest.cad.tables import grid_of_block, is_table_block, read_table
from quyhoach.ingest.cad.texts import read_mtext, read_text, tag_of

Reader = Callable[[Sink, Any, Look], None]
_READERS: dict[str, Reader] = {
    "LINE": read_line,
    "LWPOLYLINE": read_lwpolyline,
    "POLYLINE": read_polyline,
    "ARC": read_arc,
    "CIRCLE": read_arc,
    "ELLIPSE": read_ellipse,
    "SPLINE": read_spline,
    "POINT": read_point,
    "SOLID": read_face,
    "TRACE": read_face,
    "3DFACE": read_face,
    "MLINE": read_parts,
    "HATCH": read_hatch,
    "MPOLYGON": read_hatch,
    "TEXT": read_text,
    "MTEXT": read_mtext,
    "LEADER": read_leader,
    "MULTILEADER": read_multileader,
    "MLEADER": read_multileader,
}
_IMAGES = frozenset({"IMAGE", "PDFUNDERLAY", "DWFUNDERLAY", "DGNUNDERLAY", "UNDERLAY", "PDFREFERENCE", "WIPEOUT"})
_QUIET = frozenset({"VIEWPORT", "SEQEND", "ATTDEF"})
_STEP = 20_000

OpenXref = Callable[[str, Book], Book | None]


class Walker:
    """Takes a drawing apart into a sink. `open_xref` finds an external drawing by the path its block tells."""

    def __init__(self, sink: Sink, open_xref: OpenXref, progress: Callable[[int], None]) -> None:
        self.sink = sink
        self.tables: list[TableGrid] = []
        self._open_xref = open_xref
        self._progress = progress
        self._told = 0
        self._harms = harms()
        self._weights: dict[tuple[str, str], int] = {}

    def walk(self, entities: Iterable[Any], spot: Spot) -> None:
        """Read all entities of a container."""
        sink = self.sink
        members = list(entities)
        pointed = annotations(members)
        for entity in members:
            sink.visit()
            if sink.visited - self._told >= _STEP:
                self._told = sink.visited
                self._progress(sink.visited)
            kind = entity.dxftype()
            try:
                look = look_at(entity, kind, spot)
                if pointed and entity.dxf.handle in pointed:
                    look = replace(look, insert=spot.prefix + pointed[entity.dxf.handle])
                reader = _READERS.get(kind)
                if reader is not None:
                    reader(sink, entity, look)
                elif kind == "INSERT":
                    self._insert(entity, look)
                else:
                    self._other(entity, kind, look)
            except TooManyPointsError:
                sink.leave(("limit", kind), spot.prefix + str(entity.dxf.handle))
            except self._harms:
                sink.leave(("broken", kind), spot.prefix + str(entity.dxf.handle))

    def _other(self, entity: Any, kind: str, look: Look) -> None:
        if kind == "ATTDEF" and look.spot.block is not None and entity.dxf.get("flags", 0) & 2:
            read_text(self.sink, entity, look, tag=tag_of(entity, look.spot.book.codepage))
        elif kind == "ACAD_TABLE":
            self._table(read_table(entity, look, self.sink), look)
        elif kind in _IMAGES:
            if kind != "WIPEOUT":
                self.sink.leave(look.hidden or ("image", _image_name(entity, look)), look.id, _corners(entity, look))
        elif kind in ("OLE2FRAME", "OLEFRAME"):
            self.sink.leave(look.hidden or ("ole", _ole_name(entity, look)), look.id, _corners(entity, look))
        elif kind not in _QUIET or (kind == "ATTDEF" and look.spot.block is None):
            self.sink.leave(look.hidden or ("unsupported", kind), look.id)

    def _table(self, grid: TableGrid | None, look: Look) -> None:
        if look.hidden is not None:
            self.sink.leave(look.hidden, look.id)
        elif grid is None:
            self.sink.leave(("empty", "ACAD_TABLE"), look.id)
        else:
            self.tables.append(grid)

    def _insert(self, insert: Any, look: Look) -> None:
        spot, sink = look.spot, self.sink
        raw = str(insert.dxf.get("name", ""))
        name = clean(decode(raw, spot.book.codepage))
        self._attributes(insert, look, name)
        block = spot.book.doc.blocks.get(raw)
        if block is None:
            sink.leave(look.hidden or ("broken", f"INSERT {name}"), look.id)
            return
        if is_table_block(name):
            self._table(grid_of_block(block, look, sink), look)
            return
        key = (str(spot.book.path), name.casefold())
        if key in spot.chain:
            sink.leave(("broken", f"INSERT {name}"), look.id)
            return
        if len(spot.chain) >= sink.limits.nesting:
            sink.leave(("limit", f"INSERT {name}"), look.id)
            return
        rows, columns = _array(insert)
        if rows * columns > sink.limits.array_cells:
            sink.leave(look.hidden or ("limit", f"INSERT {name}"), look.id, count=rows * columns)
            return
        book, entities = self._content(insert, block, name, look)
        if book is None:
            return
        if spot.block is None:  # told at once, where walking to the limit would take a minute
            self.sink.foresee(rows * columns * self._weight(book, entities, 0))
        inner = replace(_inside(insert, look, name), book=book, chain=(*spot.chain, key))
        self._place(insert, entities, inner, spot, rows, columns)

    def _weight(self, book: Book, entities: list[Any], depth: int) -> int:
        """How many entities a block stands for, what it inserts counted as often as it is inserted."""
        total = len(entities)
        for entity in entities:
            if entity.dxftype() == "INSERT":
                raw = str(entity.dxf.get("name", ""))
                key = (str(book.path), raw)
                weight = self._weights.get(key)
                if weight is None:
                    self._weights[key] = 0  # of a block that is in itself
                    block = book.doc.blocks.get(raw) if depth < self.sink.limits.nesting else None
                    weight = 0 if block is None else self._weight(book, list(block), depth + 1)
                    self._weights[key] = weight
                rows, columns = _array(entity)
                if rows * columns <= self.sink.limits.array_cells:
                    total += rows * columns * weight
        return total

    def _place(self, insert: Any, entities: list[Any], inner: Spot, outer: Spot, rows: int, columns: int) -> None:
        """Walk a block's content once for each cell of its reference's array."""
        base = insert.matrix44()
        if rows * columns == 1:
            self.walk(entities, replace(inner, place=outer.place.within(base)))
            return
        from ezdxf.math import Matrix44, Vec3

        dxf, ocs = insert.dxf, insert.ocs()
        across, up = float(dxf.get("column_spacing", 0.0)), float(dxf.get("row_spacing", 0.0))
        for row in range(rows):
            for column in range(columns):
                self.sink.visit()
                shift = ocs.to_wcs(Vec3(column * across, row * up).rotate_deg(float(dxf.get("rotation", 0.0))))
                cell = base * Matrix44.translate(*shift.xyz)
                prefix = f"{inner.prefix[:-1]}[{row},{column}]/"
                placed = replace(inner, place=outer.place.within(cell), prefix=prefix, insert=prefix[:-1])
                self.walk(entities, placed)

    def _attributes(self, insert: Any, look: Look, block: str) -> None:
        """The ATTRIBs of a block reference: texts in its own space, invisible ones too, since they carry data."""
        if not insert.attribs:
            return
        mine = _inside(insert, look, block)
        for attribute in insert.attribs:
            self.sink.visit()
            try:
                seen = look_at(attribute, "ATTRIB", mine)
                if seen.hidden is not None and seen.hidden[0] == "invisible" and look.hidden is None:
                    seen = replace(seen, hidden=None)
                tag = tag_of(attribute, mine.book.codepage)
                if attribute.has_embedded_mtext_entity:
                    read_mtext(self.sink, attribute.virtual_mtext_entity(), seen, tag=tag)
                else:
                    read_text(self.sink, attribute, seen, tag=tag)
            except self._harms:
                self.sink.leave(("broken", "ATTRIB"), look.id)

    def _content(self, insert: Any, block: Any, name: str, look: Look) -> tuple[Book | None, list[Any]]:
        """The entities a block stands for: its own, or those of the drawing it refers to."""
        definition = block.block
        if definition is None or not definition.dxf.get("flags", 0) & 4:
            members = list(block)
            if not members and not look.spot.book.tells_xrefs and look.hidden is None:
                # A block that is an external drawing holds nothing and bears that drawing's name.
                other = self._open_xref(f"{name}.dwg", look.spot.book)
                if other is not None:
                    return other, list(other.doc.modelspace())
            return look.spot.book, members
        told = clean(decode(str(definition.dxf.get("xref_path", "")), look.spot.book.codepage))
        file = told.replace("\\", "/").rsplit("/", 1)[-1] or name
        if look.hidden is not None:
            self.sink.leave(look.hidden, look.id)
            return None, []
        book = self._open_xref(file, look.spot.book)
        if book is None:
            self.sink.leave(("xref-missing", file), look.id, _corners(insert, look))
            return None, []
        return book.seen_from(look.spot.book, name), list(book.doc.modelspace())


def _inside(insert: Any, look: Look, block: str) -> Spot:
    """The spot of what a block reference brings: its attributes, and, placed, the block's content."""
    spot = look.spot
    state = spot.book.state(str(insert.dxf.get("layer", "0")))
    if spot.layer is not None and state.name == "0":
        state = spot.layer
    return replace(
        spot,
        prefix=f"{look.id}/",
        block=block if spot.block is None else f"{spot.block}/{block}",
        insert=look.id,
        layer=state,
        aci=look.aci,
        rgb=look.rgb,
        linetype=look.linetype,
        # What a switched-off layer's INSERT holds on other layers is still seen; a frozen one hides it all.
        hidden=look.hidden if look.hidden and look.hidden[0] != "layer-off" else spot.hidden,
    )


def _array(insert: Any) -> tuple[int, int]:
    """Rows and columns of a block reference's array; one that is not an array has one of each."""
    rows, columns = int(insert.dxf.get("row_count", 1) or 1), int(insert.dxf.get("column_count", 1) or 1)
    return max(rows, 1), max(columns, 1)


def _image_name(entity: Any, look: Look) -> str:
    """The file an IMAGE or underlay shows, else its type."""
    kind = str(entity.dxftype())
    definition = getattr(entity, "image_def", None) or getattr(entity, "_underlay_def", None)
    file = str(definition.dxf.get("filename", "")) if definition is not None else ""
    file = clean(decode(file, look.spot.book.codepage)).replace("\\", "/").rsplit("/", 1)[-1]
    return file or kind


def _ole_name(entity: Any, look: Look) -> str:
    """What an embedded object says it is ("Microsoft Excel Worksheet"), else its type."""
    tags = getattr(entity, "acdb_ole2frame", None)
    told = tags.get_first_value(3, "") if tags is not None else ""
    return clean(decode(str(told), look.spot.book.codepage)) or str(entity.dxftype())


def _corners(entity: Any, look: Look) -> Points | None:
    """Where something lies that is left out: the corners of an image or an embedded object, else its insert point."""
    own, place = entity.dxf.__dict__, look.spot.place
    if hasattr(entity, "bbox"):
        box = entity.bbox()
        points = [box.extmin, box.extmax] if box.has_data else []
    elif "u_pixel" in own and "image_size" in own:
        across, up = own["u_pixel"] * own["image_size"].x, own["v_pixel"] * own["image_size"].y
        insert = own["insert"]
        points = [insert, insert + across, insert + up, insert + across + up]
    else:
        points = [own["insert"]] if own.get("insert") is not None else []
    if not points:
        return None
    return place.put(np.array([tuple(point) for point in points], dtype=float))


def paper_space(book: Book, sink: Sink) -> None:
    """Tell what the sheets (paper space) hold, by layout; none of it is the plan's."""
    for layout in book.doc.layouts:
        try:
            name = clean(decode(str(layout.name), book.codepage))
            if name.casefold() == "model" or layout.is_modelspace:
                continue
            count = sum(1 for entity in layout if entity.dxftype() != "VIEWPORT")
        except harms():
            sink.leave(("broken", "LAYOUT"))
            continue
        if count:
            sink.leave(("paper-space", name), count=count)
