"""What is written about a lot: code, area, population, density, storeys, FAR, in the consultant's way of writing."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from quyhoach.demo.cad.functions import BY_KEY, Use
from quyhoach.demo.cad.habit import Habit
from quyhoach.demo.cad.town import Lot, Town

Range = tuple[float, float]
_CODES = {
    "dash": "{letters}-{number:02d}",
    "joined": "{letters}{number}",
    "space": "{letters} {number:02d}",
    "dotted": "{letters}.{number:02d}",
    "roman": "{roman}.{letters}{number:02d}",
    "block": "{letters}{block}-{within:02d}",
}
WORDING = {
    "short": {"area": "S: ", "density": "MĐXD: ", "storeys": "TC: ", "far": "HSSDĐ: ", "population": "DS: "},
    "long": {"area": "Diện tích: ", "density": "Mật độ XD: ", "storeys": "Tầng cao: ", "far": "Hệ số SDĐ: ",
             "population": "Dân số: "},
    "signs": {"area": "DT=", "density": "MĐ=", "storeys": "TC=", "far": "HS=", "population": "DS="},
}  # fmt: skip
ORDERS = {
    "usual": ("code", "area", "density", "storeys", "far", "population"),
    "people_first": ("code", "population", "area", "density", "storeys", "far"),
    "storeys_first": ("code", "storeys", "density", "far", "area", "population"),
}
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")


@dataclass(eq=False)
class Sheet:
    """One lot with all that the drawing says of it. `written`: the area as written, in m²; None where it is not."""

    lot: Lot
    use: Use
    code: str
    area: float
    written: float | None = None
    area_text: str = ""
    density: Range | None = None
    storeys: Range | None = None
    far: Range | None = None
    population: int | None = None
    second_code: str = ""
    labelled: bool = True
    defects: list[str] = field(default_factory=list)


def describe(rng: random.Random, town: Town, habit: Habit) -> list[Sheet]:
    """A sheet per lot, in the order of the lots."""
    numbers: dict[tuple[str, int], int] = {}
    sheets = []
    for lot in town.lots:
        use = BY_KEY[lot.use]
        letters = "LK" if lot.kind == "house" and use.key == "OM" else use.letters
        key = (letters, lot.block if habit.codes == "block" else 0)
        numbers[key] = numbers.get(key, 0) + 1
        roman = _ROMAN[max(lot.block, 0) * len(_ROMAN) // (1 + max(other.block for other in town.lots[-3:]))]
        code = _CODES[habit.codes].format(
            letters=letters, number=numbers[key], within=numbers[key], block=max(lot.block, 0), roman=roman
        )
        sheet = Sheet(lot, use, code, lot.shape.area)
        write_area(sheet, habit, 1.0)
        if use.built:
            _indicators(rng, sheet)
        sheets.append(sheet)
    return sheets


def write_area(sheet: Sheet, habit: Habit, factor: float) -> None:
    """Set the area as written, `factor` times the drawn one."""
    area = sheet.area * factor
    if habit.unit == "ha":
        written = max(round(area / 1e4, 2), 0.01)
        sheet.written, sheet.area_text = round(written * 1e4, 1), number(written, 2, habit)
    else:
        digits = 1 if habit.detail or sheet.lot.number % 5 == 0 else 0
        written = round(area, digits)
        sheet.written, sheet.area_text = written, number(written, digits, habit)


def number(value: float, digits: int, habit: Habit) -> str:
    """A number with the consultant's marks: 3.609,6 or 3,609.6."""
    text = f"{value:,.{digits}f}"
    return text if habit.numbers == "en" else text.replace(",", "_").replace(".", ",").replace("_", ".")


def span(value: Range, digits: int, habit: Habit) -> str:
    """A range: 40-60, 0,4-3,0; one number where both ends are the same, perhaps as a limit."""
    parts = [number(end, digits, habit) for end in dict.fromkeys(value)]
    return ("≤" if habit.limits and len(parts) == 1 else "") + habit.dash.join(parts)


def plain_span(value: Range | None, digits: int) -> str | None:
    """A range as the ground truth holds it, with decimal commas."""
    if value is None:
        return None
    return "-".join(f"{end:.{digits}f}".replace(".", ",") for end in dict.fromkeys(value))


def _indicators(rng: random.Random, sheet: Sheet) -> None:
    house = sheet.lot.kind == "house"
    low = rng.choice((70, 80, 85)) if house else rng.choice((30, 35, 40, 50))
    high = low if rng.random() < 0.4 else low + rng.choice((10, 20) if not house else (5, 10))
    sheet.density = (float(low), float(high))
    first = rng.choice((2, 3) if house else (1, 2, 3))
    last = first if rng.random() < 0.2 else first + rng.choice((1, 2, 4))
    sheet.storeys = (float(first), float(last))
    least, most = round(low * first / 100, 1), round(high * last / 100, 1)
    sheet.far = (least, max(least, most))
    if sheet.use.key in ("OM", "OHT", "HH"):
        sheet.population = max(2, round(sheet.area / (25 if house else 55)))


@dataclass(frozen=True)
class Line:
    """One line of a label. `what`: code area density storeys far population; `text` with its name and unit."""

    what: str
    text: str
    value: str


def lines(sheet: Sheet, habit: Habit, code: str | None = None) -> list[Line]:
    """The label's lines from the top, for the templates that have lines."""
    keyed = habit.template == "keyed"
    found = [Line("code", code or sheet.code, code or sheet.code)]
    if habit.template == "code":
        return found
    if habit.bare and not keyed:
        unit = ""
    else:
        unit = " ha" if habit.unit == "ha" else {"m2": " m2", "m²": " m²", "m%%178": " m%%178", "small": " m"}.get(
        habit.square, "")  # fmt: skip
    names = WORDING[habit.wording]
    found.append(Line("area", (names["area"] if keyed else "") + sheet.area_text + unit, sheet.area_text))
    if habit.template == "circle":
        if sheet.density and sheet.storeys:
            found.append(Line("density", span(sheet.density, 0, habit), span(sheet.density, 0, habit)))
            found.append(Line("storeys", span(sheet.storeys, 0, habit), span(sheet.storeys, 0, habit)))
        return found
    for what, value, digits, after in _parts(sheet):
        text = span(value, digits, habit)
        if not keyed and (what == "far" or habit.bare):
            after = ""
        shown = (names[what] + text + after) if keyed else text + after
        found.append(Line(what, shown, text))
    if sheet.population is not None:
        people = str(sheet.population) if habit.bare and not keyed else f"{sheet.population} người"
        people = (names["population"] if keyed else "") + people
        found.append(Line("population", people, str(sheet.population)))
    return sorted(found, key=lambda line: ORDERS[habit.order].index(line.what))


def _parts(sheet: Sheet) -> Sequence[tuple[str, Range, int, str]]:
    parts = (
        ("density", sheet.density, 0, "%"), ("storeys", sheet.storeys, 0, " tầng"), ("far", sheet.far, 1, " lần"),
    )  # fmt: skip
    return [(what, value, digits, after) for what, value, digits, after in parts if value is not None]


def inline(sheet: Sheet, habit: Habit, code: str | None = None) -> str:
    """The whole label in one line: OM-12 (S=3.609m2; MĐXD=40-60%; TC=1-5; HSSDĐ=0,4-3,0; DS=61)."""
    unit = "ha" if habit.unit == "ha" else "m2"
    parts = [f"S={sheet.area_text}{unit}"]
    names = {"density": ("MĐXD", "%"), "storeys": ("TC", ""), "far": ("HSSDĐ", "")}
    parts += [f"{names[what][0]}={span(value, digits, habit)}{names[what][1]}"
              for what, value, digits, _ in _parts(sheet)]  # fmt: skip
    if sheet.population is not None:
        parts.append(f"DS={sheet.population}")
    return f"{code or sheet.code} ({'; '.join(parts)})"


def silence(sheets: Sequence[Sheet], habit: Habit) -> None:
    """Take away what the template never writes, so that the truth holds only what stands on the drawing."""
    for sheet in sheets:
        if habit.template in ("code", "circle"):
            sheet.far = None
        if habit.template in ("code", "circle", "cells"):
            sheet.population = None
        if habit.template == "code" and "lot_table" not in habit.extras:
            sheet.density = sheet.storeys = sheet.written = None
