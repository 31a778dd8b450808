"""Layer names and colours of a habit, and what the operator's mapping says about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quyhoach.demo.cad import letters
from quyhoach.demo.cad.functions import USES, Use
from quyhoach.demo.cad.habit import Habit

# role -> name by naming habit: accents, plain, number, english, xref, one
_NAMES: Mapping[str, tuple[str, ...]] = {
    "plan_boundary": ("Ranh giới lập quy hoạch", "RANH LAP QH", "90", "BOUNDARY", "QHSDD$0$RANH", "ranhqh"),
    "label": ("Chữ ký hiệu ô đất", "TEN LO", "91", "LOT_TEXT", "QHSDD$0$KY HIEU", "chu"),
    "lot_edge": ("Nét chia lô", "NET CHIA LO", "92", "LOT_LINE", "QHSDD$0$CHIA LO", "net"),
    "road": ("Chỉ giới đường đỏ", "CHI GIOI DUONG", "93", "ROAD_EDGE", "GT$0$MEP DUONG", "gt"),
    "centre": ("Tim tuyến đường", "TIM DUONG", "94", "ROAD_CENTRE", "GT$0$TIM", "timgt"),
    "grid": ("Lưới tọa độ", "LUOI TOA DO", "95", "GRID", "NEN$0$LUOI", "luoitd"),
    "title": ("Khung bản vẽ", "KHUNG BV", "96", "TITLE", "KHUNG$0$KHUNG", "khungbv"),
    "legend": ("Ghi chú, chú dẫn", "CHU DAN", "97", "LEGEND", "KHUNG$0$CHU DAN", "chudan"),
    "terrain": ("Đường đồng mức", "DONG MUC", "98", "CONTOUR", "NEN$0$DONG MUC", "dhdm"),
    "house": ("Nhà hiện trạng", "NHA HT", "99", "BUILDING", "NEN$0$NHA", "nha"),
    "note": ("Chữ khác", "TEXT", "89", "NOTE", "GT$0$TEXT", "text"),
}
_HABITS = ("accents", "plain", "number", "english", "xref", "one")


@dataclass(frozen=True)
class Look:
    """Layer and colour of an entity; `aci` 256: by layer. `rgb` wins where set."""

    layer: str
    aci: int = 256
    rgb: str | None = None

    def attributes(self) -> dict[str, object]:
        """As ezdxf takes them."""
        found: dict[str, object] = {"layer": self.layer}
        if self.rgb:
            found["true_color"] = int(self.rgb[1:], 16)
        elif self.aci != 256:
            found["color"] = self.aci
        return found


@dataclass(frozen=True)
class Names:
    """The names of one habit."""

    habit: Habit

    def layer(self, role: str) -> str:
        """The layer of a role."""
        return self._spell(_NAMES[role][_HABITS.index(self.habit.naming)])

    def use_layer(self, use: Use) -> str:
        """The layer of lots of a use."""
        habit = self.habit
        if habit.by in ("colour", "rgb") and habit.naming == "one":
            return "SDD"
        name = {
            "accents": use.name.replace(",", ""),
            "plain": use.plain,
            "number": str(use.number),
            "english": f"LU_{use.english}",
            "xref": f"QHSDD$0${use.plain}",
            "one": "SDD",
        }[habit.naming]
        return self._spell(name)

    def lot(self, use: Use) -> Look:
        """How a lot of that use is drawn."""
        if self.habit.by == "rgb":
            return Look(self.use_layer(use), rgb=use.rgb)
        if self.habit.by == "colour":
            return Look(self.use_layer(use), use.aci)
        return Look(self.use_layer(use))

    def label(self, use: Use) -> Look:
        """How the label of a lot of that use is drawn."""
        if self.habit.by == "label_colour":
            return Look(self.layer("label"), use.aci)
        if self.habit.by == "label_layer":
            return Look(self.label_layer(use))
        return Look(self.layer("label"))

    def label_layer(self, use: Use) -> str:
        """The layer of the labels of a use, where each has its own."""
        return self._spell(f"{_NAMES['label'][_HABITS.index(self.habit.naming)]}-{use.plain}")

    def colours(self, uses: Sequence[Use]) -> dict[str, int]:
        """Layer -> colour of the layer table."""
        found = {self.layer(role): aci for role, aci in zip(_NAMES, (1, 7, 7, 8, 1, 9, 7, 7, 8, 9, 7), strict=True)}
        for use in uses:
            found.setdefault(self.use_layer(use), 7 if self.habit.naming == "one" else use.aci)
            if self.habit.by == "label_layer":
                found.setdefault(self.label_layer(use), use.aci)
        return found

    def _spell(self, name: str) -> str:
        return letters.nfd(name) if self.habit.letters == "nfd" else name


def mapping(names: Names, uses: Sequence[Use], more_roles: Mapping[str, str]) -> str:
    """The operator's mapping.toml for a drawing in which `uses` occur. `more_roles`: layer -> role."""
    habit = names.habit
    out = [f'crs = "{habit.map_crs}"']
    linework = habit.lots.startswith("linework")
    roles = dict.fromkeys(("plan_boundary", "label", "road", "legend")) | dict.fromkeys(
        ("centre", "grid", "title", "terrain", "house", "note"), "ignore"
    )
    if linework:
        roles["lot_edge"] = "lot_edge"
    for role, told in roles.items():
        out += _layer(names.layer(role), told or role)
    if habit.by == "label_layer":
        for use in uses:
            out += _layer(names.label_layer(use), "label", use.function)
    for layer, told in more_roles.items():
        out += _layer(layer, told)
    if habit.lots != "linework":
        functions = {names.use_layer(use): use.function for use in uses}
        many = len(functions) > 1 and habit.by not in ("colour", "rgb")
        for layer, function in functions.items():
            out += _layer(layer, "lot", function if many else "")
    if habit.by in ("colour", "label_colour"):
        for use in uses:
            out += ["[[colour]]", f"aci = {use.aci}", f'function = "{use.function}"']
    if habit.by == "rgb":
        for use in uses:
            out += ["[[colour]]", f'rgb = "{use.rgb}"', f'function = "{use.function}"']
    if habit.by == "prefix":
        shown = {use.letters: use.function for use in uses}
        if habit.detail:
            shown["LK"] = "DAT_O_Nhomnhao"
        for match, function in shown.items():
            out += ["[[prefix]]", f'match = "{match}"', f'function = "{function}"']
    return "\n".join(out) + "\n"


def _layer(name: str, role: str, function: str = "") -> list[str]:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    found = ["[[layer]]", f'match = "{escaped}"', f'role = "{role}"']
    return [*found, f'function = "{function}"'] if function else found


def used(keys: set[str]) -> list[Use]:
    """The uses that occur, in the order of the table."""
    return [use for use in USES if use.key in keys]
