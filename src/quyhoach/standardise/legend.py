"""The legend: boxes of colour with words beside them, in one or more columns, with or without a heading."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.label import code_prefix, is_lot_code
from quyhoach.standard import fold
from quyhoach.standardise.balance import Namer
from quyhoach.standardise.sheet import Floats, Marks, Sheet, Words
from quyhoach.standardise.work import LegendEntry

HEADING = re.compile(
    r"(?:bang )?(?:chu giai|chu thich|chu dan|ghi chu|ky hieu(?: (?:quy uoc|ban do|ban ve|su dung dat|loai dat|mau))?"
    r"|legend)(?:(?: (?:ban do|ban ve|su dung dat|ky hieu))?(?: \(?legend\)?)?)?\s*[:.]?"
)
_CODE = re.compile(r"[A-ZĐ]{1,6}\d?")
_LED = re.compile(r"([A-ZĐ]{1,6})\s*[:=–-]\s*(?=\w)(.+)", re.DOTALL)
_FOLLOWED = re.compile(r"(.+?)\s*\(([A-ZĐ]{1,6})\)", re.DOTALL)
_FILLED = ("HATCH", "SOLID", "MPOLYGON", "TRACE")


@dataclass(frozen=True, eq=False)
class Legend:
    """The entries read, and what belongs to the legend: `words` by row of Sheet.words, `marks` of Sheet.marks."""

    entries: tuple[LegendEntry, ...]
    words: frozenset[int]
    marks: frozenset[int]
    regions: tuple[Floats, ...] = ()


@dataclass(frozen=True, eq=False)
class _Line:
    """A box of colour and the texts beside it, from the left; `marks`: everything drawn in that box."""

    box: Floats
    marks: tuple[int, ...]
    letters: tuple[int, ...]  # texts within the box
    texts: tuple[int, ...]  # … at its right


def read_legend(sheet: Sheet, namer: Namer, skip: frozenset[int] = frozenset()) -> Legend:
    """The legend of a sheet; empty when there is none. `skip`: words that belong to tables."""
    words = sheet.words
    lines = _lines(sheet, skip)
    headings = [at for at in words.telling if at not in skip and HEADING.fullmatch(words.folded[at])]
    entries: list[LegendEntry] = []
    taken_words: set[int] = set()
    taken_marks: set[int] = set()
    regions = []
    columns = _columns(lines)
    made = [[_entry(line, sheet, namer) for line in column] for column in columns]
    sure = [_is_legend(column, entry, headings, words) for column, entry in zip(columns, made, strict=True)]
    for at, column in enumerate(columns):
        beside = any(sure[other] and _beside(column, columns[other]) for other in range(len(columns)))
        if not sure[at] and not beside:
            continue
        entries += [entry for entry in made[at] if entry is not None]
        region, members = _region(column, words, headings, skip)
        taken_words |= members
        taken_marks |= _marks_of(sheet.marks, column, region)
        regions.append(region)
    return Legend(_distinct(entries), frozenset(taken_words), frozenset(taken_marks), tuple(regions))


def _lines(sheet: Sheet, skip: frozenset[int]) -> list[_Line]:
    """Every text that has a box of colour of its own size at its left, with that box."""
    words, marks = sheet.words, sheet.marks
    candidates = [at for at in words.telling if at not in skip and _is_words(words.text[at])]
    if not candidates or not marks.area.any():
        return []
    size = marks.box[:, 2:] - marks.box[:, :2]
    heights = words.height[candidates]
    fits = marks.area & (size[:, 1] >= 0.5 * heights.min()) & (size[:, 1] <= 8 * heights.max())
    rows = np.flatnonzero(fits & (size[:, 0] <= 20 * heights.max()) & (size[:, 0] >= 0.5 * heights.min()))
    if not len(rows):
        return []
    box = marks.box[rows]
    tree = shapely.STRtree(shapely.box(box[:, 0], box[:, 1], box[:, 2], box[:, 3]))
    text_box = words.box[candidates]
    middle = (text_box[:, 1] + text_box[:, 3]) / 2
    reach = shapely.box(text_box[:, 0] - 9 * heights, middle, text_box[:, 0] - 0.05 * heights, middle)
    texts, boxes = tree.query(reach)
    found: dict[tuple[int, ...], list[int]] = {}
    best: dict[int, int] = {}
    for text, at in zip(texts.tolist(), boxes.tolist(), strict=True):
        height = heights[text]
        width, tall = size[rows[at]]
        gap = text_box[text, 0] - box[at, 2]
        if not (-0.3 * height <= gap <= max(6 * height, 1.5 * width)) or not 0.5 * height <= tall <= 8 * height:
            continue
        if text not in best or box[at, 2] > box[best[text], 2] + 0.01 * width:
            best[text] = at
    step = float(np.median(heights)) * 0.2
    for text, at in best.items():
        key = tuple(int(value) for value in np.round(box[at] / step).tolist())
        found.setdefault(key, []).append(text)
    return [_line(sheet, rows, box, best, [candidates[text] for text in group], group) for group in found.values()]


def _line(
    sheet: Sheet,
    rows: npt.NDArray[np.intp],
    box: Floats,
    best: dict[int, int],
    texts: list[int],
    group: list[int],
) -> _Line:
    words = sheet.words
    mine = box[best[group[0]]]
    near = 0.1 * float(min(mine[2] - mine[0], mine[3] - mine[1]))
    same = np.flatnonzero((np.abs(box - mine) <= near).all(axis=1))
    middle = words.middle
    height = float(words.height[texts[0]])
    within = np.flatnonzero(
        (middle[:, 0] > mine[0]) & (middle[:, 0] < mine[2]) & (middle[:, 1] > mine[1]) & (middle[:, 1] < mine[3])
    )
    level = (middle[:, 1] > mine[1] - 0.3 * height) & (middle[:, 1] < mine[3] + 0.3 * height)
    west = words.box[:, 0]
    code = np.flatnonzero(level & (west >= mine[2] - 0.3 * height) & (west < min(words.box[text, 0] for text in texts)))
    codes = [at for at in code.tolist() if _CODE.fullmatch(words.text[at])]
    ordered = sorted(texts, key=lambda at: (-round(float(middle[at, 1] / height)), words.box[at, 0]))
    return _Line(mine, tuple(rows[same].tolist()), tuple(within.tolist()), (*codes, *ordered))


@lru_cache(maxsize=1 << 16)
def _is_words(text: str) -> bool:
    """Whether a text can be a land use's name: a word of letters, no lot code, no figure."""
    plain = text.strip()
    if len(plain) < 4 or not re.search(r"[^\W\d_]{2}", plain) or sum(map(str.isdigit, plain)) * 3 > len(plain):
        return False
    return not is_lot_code(plain)


def _columns(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Lines whose boxes are alike and stand one under the other, top down."""
    columns: list[list[_Line]] = []
    for line in sorted(lines, key=lambda one: (one.box[0], -one.box[3])):
        width, tall = line.box[2] - line.box[0], line.box[3] - line.box[1]
        for column in columns:
            first = column[0].box
            near = 0.08 * min(width, tall) + 0.02 * width
            level = abs(first[0] - line.box[0]) <= near and abs(first[2] - line.box[2]) <= near
            if level and abs((first[3] - first[1]) - tall) <= 0.15 * tall:
                column.append(line)
                break
        else:
            columns.append([line])
    for column in columns:
        column.sort(key=lambda one: -one.box[3])
    return [part for column in columns for part in _runs(column)]


def _runs(column: list[_Line]) -> list[list[_Line]]:
    """A column cut where the step to the next box is far larger than usual."""
    if len(column) < 3:
        return [column]
    tops = np.array([line.box[3] for line in column])
    steps = tops[:-1] - tops[1:]
    usual = float(np.median(steps))
    cuts = np.flatnonzero(steps > 3.5 * usual)
    parts, start = [], 0
    for cut in [*cuts.tolist(), len(column) - 1]:
        parts.append(column[start : cut + 1])
        start = cut + 1
    return [part for part in parts if part]


def _is_legend(
    column: Sequence[_Line], entries: Sequence[LegendEntry | None], headings: Sequence[int], words: Words
) -> bool:
    """Three boxes or more whose words name land uses (half of them), or two under a heading that announces a legend."""
    named = sum(entry is not None and entry.function is not None for entry in entries)
    if len(column) >= 3 and named * 2 >= len(column):
        return True
    if len(column) < 2 and not named:
        return False
    box = np.array([line.box for line in column])
    top, west, east = float(box[:, 3].max()), float(box[:, 0].min()), float(box[:, 2].max())
    pitch = (top - float(box[:, 1].min())) / len(column)
    for at in headings:
        heading = words.box[at]
        below = -0.5 * words.height[at] <= heading[1] - top <= 5 * pitch + 8 * words.height[at]
        if below and heading[2] >= west - 12 * (east - west) and heading[0] <= east + 12 * (east - west):
            return True
    return False


def _beside(column: Sequence[_Line], other: Sequence[_Line]) -> bool:
    """Whether a column stands next to a legend's and is of the same make."""
    one, two = column[0].box, other[0].box
    width, tall = two[2] - two[0], two[3] - two[1]
    alike = abs((one[2] - one[0]) - width) <= 0.1 * width and abs((one[3] - one[1]) - tall) <= 0.15 * tall
    level = any(abs(line.box[1] - peer.box[1]) <= 0.2 * tall for line in column for peer in other)
    return bool(alike and level and abs(one[0] - two[0]) <= 20 * width)


def _entry(line: _Line, sheet: Sheet, namer: Namer) -> LegendEntry | None:
    """What a line of the legend says; None when it says nothing."""
    words = sheet.words
    inside = [words.text[at] for at in line.letters]
    texts = [words.text[at] for at in line.texts if at not in line.letters]
    codes = [text for text in inside if _CODE.fullmatch(text) or is_lot_code(text)]
    codes += [text for text in texts if _CODE.fullmatch(text)]
    name = " ".join(text for text in texts if not _CODE.fullmatch(text)).strip()
    prefix = _letters(codes[0]) if codes else ""
    led, followed = _LED.fullmatch(name), _FOLLOWED.fullmatch(name)
    if led and not prefix:
        prefix, name = led[1], led[2].strip()
    elif followed and not prefix:
        prefix, name = followed[2], followed[1].strip()
    if not name:
        return None
    sample = _sample(sheet.marks, line.marks)
    return LegendEntry(
        name=name,
        function=namer(name),
        prefix=prefix,
        aci=sheet.marks.aci[sample],
        rgb=sheet.marks.rgb[sample],
        layer=sheet.marks.layer[sample],
        handle=sheet.marks.handle[sample],
    )


def _letters(code: str) -> str:
    return code if code.isalpha() else code_prefix(code)


def _sample(marks: Marks, rows: Sequence[int]) -> int:
    """Of what is drawn in one box, what shows its colour: a solid fill, then any fill, then the line round it."""

    def rank(row: int) -> tuple[int, int]:
        filled = marks.entity[row] in _FILLED
        solid = marks.entity[row] != "HATCH" or (marks.pattern[row] or "SOLID").upper() == "SOLID"
        return (0 if filled and solid else 1 if filled else 2, row)

    return min(rows, key=rank)


def _region(
    column: Sequence[_Line], words: Words, headings: Sequence[int], skip: frozenset[int]
) -> tuple[Floats, set[int]]:
    """The box round a column of the legend with its words, those that carry on below (line samples) and its heading."""
    members = {at for line in column for at in (*line.letters, *line.texts)}
    boxes = [line.box for line in column] + [words.box[at] for at in members]
    west, south = np.min(boxes, axis=0)[:2]
    east, north = np.max(boxes, axis=0)[2:]
    tops = [line.box[3] for line in column]
    pitch = (
        (max(tops) - min(tops)) / (len(tops) - 1) if len(tops) > 1 else 3.0 * float(column[0].box[3] - column[0].box[1])
    )
    texts = [at for line in column for at in line.texts]
    start, size = float(np.median(words.box[texts, 0])), float(np.median(words.height[texts]))
    aligned = np.flatnonzero((np.abs(words.box[:, 0] - start) <= size) & (np.abs(words.height - size) <= 0.3 * size))
    aligned = aligned[np.argsort(-words.box[aligned, 1], kind="stable")]
    for direction in (1, -1):
        edge = south if direction == 1 else north
        for at in aligned.tolist() if direction == 1 else aligned[::-1].tolist():
            y = float(words.middle[at, 1])
            beyond = (edge - y) if direction == 1 else (y - edge)
            if at in skip or at in members or beyond < -0.5 * size:
                continue
            if beyond > 1.6 * pitch:
                break
            members.add(at)
            edge = y
            south, north = min(south, float(words.box[at, 1])), max(north, float(words.box[at, 3]))
            east = max(east, float(words.box[at, 2]))
    over = [at for at in headings if 0 <= words.box[at, 1] - north + size <= 5 * pitch and words.box[at, 0] <= east]
    over = [at for at in over if words.box[at, 2] >= west - 4 * size]
    members.update(over)
    return np.array([west, south, east, north]), members


def _marks_of(marks: Marks, column: Sequence[_Line], region: Floats) -> set[int]:
    """The marks of a legend: in its boxes; lines and small shapes in the column of samples; the frame round it all."""
    taken = {at for line in column for at in line.marks}
    sample = column[0].box
    width, tall = float(sample[2] - sample[0]), float(sample[3] - sample[1])
    inside = marks.inside(region, 0.3 * tall)
    box = marks.box[inside]
    in_column = (box[:, 0] >= sample[0] - 0.5 * width) & (box[:, 2] <= sample[2] + 0.5 * width)
    small = (box[:, 3] - box[:, 1] <= 1.6 * tall) & in_column
    rule = ~marks.area[inside] & ((box[:, 3] - box[:, 1] <= 0.05 * tall) | (box[:, 2] - box[:, 0] <= 0.05 * tall))
    taken.update(inside[small | rule].tolist())
    around = np.flatnonzero(
        marks.area
        & (marks.box[:, 0] <= region[0])
        & (marks.box[:, 1] <= region[1])
        & (marks.box[:, 2] >= region[2])
        & (marks.box[:, 3] >= region[3])
    )
    wide, high = float(region[2] - region[0]), float(region[3] - region[1])
    size = marks.box[around, 2:] - marks.box[around, :2]
    tight = (size[:, 0] <= 1.6 * wide + 2 * width) & (size[:, 1] <= 1.4 * high + 6 * tall)
    taken.update(around[tight].tolist())
    return taken


def _distinct(entries: Sequence[LegendEntry]) -> tuple[LegendEntry, ...]:
    """Entries without repetition: the first of those that say the same."""
    seen: dict[tuple[Any, ...], LegendEntry] = {}
    for entry in entries:
        seen.setdefault((fold(entry.name), entry.prefix, entry.aci, entry.rgb, entry.layer), entry)
    return tuple(seen.values())
