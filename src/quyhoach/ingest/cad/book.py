"""The tables of one opened drawing: layers, text styles, code page; names decoded, colours resolved."""

from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from quyhoach.domain.source import CadLayer
from quyhoach.ingest.cad.lettering import clean, decode
from quyhoach.ingest.cad.place import Look, Spot

_UNITS = {1: "in", 2: "ft", 4: "mm", 5: "cm", 6: "m", 7: "km"}
BYBLOCK, BYLAYER = 0, 256


@dataclass(frozen=True, slots=True)
class LayerState:
    """A layer as entities see it. `hidden`: why and under which name its entities are left out."""

    name: str
    aci: int
    rgb: str | None
    linetype: str
    off: bool = False
    frozen: bool = False

    @property
    def hidden(self) -> tuple[str, str] | None:
        """The reason its entities are left out for, with its name."""
        if self.frozen:
            return "layer-frozen", self.name
        return ("layer-off", self.name) if self.off else None


class Book:
    """One document's tables; names are looked up without regard to case, as CAD does. `tolerance`: how far chords may
    be off curves, in drawing units. `tells_xrefs`: whether blocks say which external drawing they stand for."""

    def __init__(self, doc: Any, codepage: str, path: Path, tolerance: float, *, tells_xrefs: bool = True) -> None:
        self.doc = doc
        self.codepage = codepage
        self.path = path
        self.tolerance = tolerance
        self.tells_xrefs = tells_xrefs
        self.states: dict[str, LayerState] = {}
        self._by_raw: dict[str, LayerState] = {}
        self.fonts: dict[str, str] = {}
        self._raw_fonts: dict[str, str] = {}
        for layer in doc.layers:
            self._add_layer(layer)
        for style in doc.styles:
            self._add_style(style)

    def _add_layer(self, layer: Any) -> None:
        raw = str(layer.dxf.get("name", ""))
        name = clean(decode(raw, self.codepage))
        colour = int(layer.dxf.get("color", 7))
        state = LayerState(
            name,
            min(abs(colour), 255) or 7,
            rgb_of(layer.dxf.get("true_color")),
            clean(decode(str(layer.dxf.get("linetype", "Continuous")), self.codepage)).upper(),
            off=colour < 0,
            frozen=bool(int(layer.dxf.get("flags", 0)) & 1),
        )
        self.states.setdefault(name.casefold(), state)

    def _add_style(self, style: Any) -> None:
        raw = str(style.dxf.get("name", ""))
        font = str(style.dxf.get("font", "") or "")
        try:
            family = style.get_extended_font_data()[0]
        except (LookupError, TypeError, ValueError, AttributeError):
            family = ""
        font = clean(decode(font or family or "", self.codepage)).replace("\\", "/").rsplit("/", 1)[-1]
        self._raw_fonts[raw.casefold()] = font
        name = clean(decode(raw, self.codepage))
        if name:
            self.fonts.setdefault(name, font)

    def font(self, style: str) -> str:
        """The font file (or face) of a text style; empty when the style is not in the table."""
        return self._raw_fonts.get(style.casefold(), "")

    def state(self, raw: str) -> LayerState:
        """The layer of a name as an entity has it; one that the table doesn't list is made, as CAD does."""
        found = self._by_raw.get(raw)
        if found is None:
            name = clean(decode(raw, self.codepage)) or "0"
            found = self.states.setdefault(name.casefold(), LayerState(name, 7, None, "CONTINUOUS"))
            self._by_raw[raw] = found
        return found

    def seen_from(self, host: "Book", block: str) -> "Book":
        """These tables as a drawing shows them that inserts this one as `block`: its own table has a layer
        `block|name` for each of ours, and what that says of colour and visibility holds."""
        mark = f"{block}|".casefold()
        theirs = {key[len(mark) :]: state for key, state in host.states.items() if key.startswith(mark)}
        if not theirs:
            return self
        seen = copy(self)
        seen.states = {
            key: replace(theirs[key], name=state.name) if key in theirs else state for key, state in self.states.items()
        }
        seen._by_raw = {}
        return seen

    @property
    def unit(self) -> str:
        """Of $INSUNITS; empty when not said."""
        try:
            return _UNITS.get(int(self.doc.header.get("$INSUNITS", 0)), "")
        except (TypeError, ValueError):
            return ""

    def cad_layers(self) -> dict[str, CadLayer]:
        """The layer table as the drawing's users see it."""
        return {
            state.name: CadLayer(state.name, state.aci, state.rgb, state.off, state.frozen)
            for state in self.states.values()
        }


def rgb_of(value: Any) -> str | None:
    """A true colour of the file (an integer 0xRRGGBB) as "#rrggbb"."""
    if not isinstance(value, int):
        return None
    return f"#{value & 0xFFFFFF:06x}"


def look_at(entity: Any, kind: str, spot: Spot) -> Look:
    """An entity's layer, colour and line type, BYLAYER and BYBLOCK resolved, and why it is left out if it is."""
    dxf = entity.dxf.__dict__
    if "layer" not in dxf and hasattr(entity, "graphic_properties"):  # a type that ezdxf keeps as plain tags
        properties = entity.graphic_properties()
        dxf = {**properties, **dxf} if isinstance(properties, dict) else dxf
    own = spot.book.state(dxf.get("layer", "0"))
    state = spot.layer if spot.layer is not None and own.name == "0" else own
    aci, rgb = dxf.get("color", BYLAYER), None
    if "true_color" in dxf:
        rgb = rgb_of(dxf["true_color"])
    elif aci == BYBLOCK:
        rgb = spot.rgb
    elif aci == BYLAYER:
        rgb = state.rgb
    if aci == BYBLOCK:
        aci = spot.aci
    elif aci == BYLAYER or not 0 < abs(aci) < BYLAYER:
        aci = state.aci
    linetype = dxf.get("linetype", "BYLAYER").upper()
    if linetype == "BYLAYER":
        linetype = state.linetype
    elif linetype == "BYBLOCK":
        linetype = spot.linetype
    elif "\\" in linetype:
        linetype = clean(decode(dxf["linetype"], spot.book.codepage)).upper()
    hidden = spot.hidden or state.hidden
    if hidden is None and dxf.get("invisible", 0):
        hidden = "invisible", kind
    handle = spot.prefix + str(dxf.get("handle") or "")
    return Look(handle, kind, state.name, abs(aci), rgb, linetype, hidden, spot, spot.insert)
