"""The texts of labels, and which of them make one label: attributes of a block, an MTEXT, a stack of lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.label import is_lot_code, join_row, leading_code
from quyhoach.standardise.drawn_frame import DrawnFrame
from quyhoach.standardise.sheet import is_placed
from quyhoach.standardise.work import Features, Geometries, Work

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

_PITCH = 5 / 3  # letter heights from line to line of an MTEXT
_LETTER = 0.8  # width of a letter in heights, where the middle of the text says nothing
_ROW = 0.6  # heights: base lines nearer than this are one row
_UNDER = 1.5  # heights between two lines of one label, at most
_BESIDE = 3.0  # … between two cells of one line
_TURN = 1.0  # degrees
_REGION = 25.0  # heights round one text within which the rest of its label is looked for
_MORE = re.compile(r"(.*\d)(?:[.,]\d{1,2}|[*'a-z])")
_MANY = 8  # loose texts in one lot beyond which they are looked at for several labels


@dataclass(frozen=True, eq=False)
class Texts:
    """Label texts. `box`: west, south, east, north in the drawn frame turned back by the text's own rotation;
    `middle`: of the letters, in the true frame; `group` and `row` say which feature each is."""

    text: tuple[str, ...]
    handle: tuple[str, ...]
    insert: tuple[str | None, ...]
    tag: tuple[str | None, ...]
    aci: tuple[int | None, ...]
    rgb: tuple[str | None, ...]
    height: Floats
    rotation: Floats
    box: Floats
    middle: Geometries
    group: Rows
    row: Rows

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def starts(self) -> tuple[list[float], list[float], list[float]]:
        """West end, first base line and letter height of each text, turned back by its rotation."""
        base = self.box[:, 3] - self.height
        return self.box[:, 0].tolist(), base.tolist(), self.height.tolist()


def gather_texts(work: Work, frame: DrawnFrame) -> tuple[list[Features], Texts]:
    """The features of role label, and their texts that are not part of legend, table or key."""
    groups = list(work.role("label"))
    columns: list[list[Any]] = [[] for _ in range(6)]
    starts, heights, turns, middles, places = [], [], [], [], []
    seen: set[tuple[str, int, int]] = set()  # texts drawn twice in one place are one
    for number, group in enumerate(groups):
        if "text" not in group.fields:
            continue
        texts = group.fields["text"]
        points = shapely.get_type_id(group.geometry) == 0
        fields = group.fields
        rows = []
        for row in np.flatnonzero(points).tolist():
            if texts[row] and group.handles[row] not in work.reading.taken and is_placed(fields, row):
                cell = 0.2 * float(fields["height"][row] or 0.0) or 1.0
                twin = (texts[row], round(fields["x"][row] / cell), round(fields["y"][row] / cell))
                if twin not in seen:
                    seen.add(twin)
                    rows.append(row)
        columns[0] += [texts[row] for row in rows]
        columns[1] += [group.handles[row] for row in rows]
        for column, key in zip(columns[2:], ("insert", "tag", "aci", "rgb"), strict=True):
            column += [fields[key][row] for row in rows]
        starts.append(np.array([(fields["x"][row], fields["y"][row]) for row in rows], float).reshape(-1, 2))
        heights.append(np.array([float(fields["height"][row] or 0.0) for row in rows]))
        turns.append(np.array([float(fields["rotation"][row] or 0.0) for row in rows]))
        middles.append(group.geometry[rows])
        places.append(np.array([(number, row) for row in rows], dtype=np.intp).reshape(-1, 2))
    if not starts:
        starts, heights, turns = [np.empty((0, 2))], [np.empty(0)], [np.empty(0)]
        middles, places = [np.empty(0, dtype=object)], [np.empty((0, 2), dtype=np.intp)]
    middle = np.concatenate(middles)
    rotation = np.round(np.concatenate(turns) % 360.0, 3)
    place = np.concatenate(places)
    height = np.maximum(np.concatenate(heights), 1e-6)
    box = _boxes(columns[0], np.concatenate(starts), height, rotation, middle, frame)
    text, handle, insert, tag, aci, rgb = (tuple(column) for column in columns)
    return groups, Texts(text, handle, insert, tag, aci, rgb, height, rotation, box, middle, place[:, 0], place[:, 1])


def turn_back(points: Floats, rotation: Floats) -> Floats:
    """Points (n, 2) turned clockwise by each one's rotation in degrees: along and across the line of text."""
    angle = np.radians(-rotation)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.column_stack([points[:, 0] * cos - points[:, 1] * sin, points[:, 0] * sin + points[:, 1] * cos])


def _boxes(
    texts: Sequence[str], start: Floats, height: Floats, rotation: Floats, middle: Geometries, frame: DrawnFrame
) -> Floats:
    if not len(texts):
        return np.empty((0, 4))
    drawn = frame.to_drawn(np.column_stack([shapely.get_x(middle), shapely.get_y(middle)]))
    along, centre = turn_back(start, rotation), turn_back(drawn, rotation)
    lines = np.array([text.count("\n") + 1 for text in texts], dtype=float)
    longest = np.array([max(map(len, text.split("\n"))) if "\n" in text else len(text) for text in texts], dtype=float)
    width = 2 * (centre[:, 0] - along[:, 0])
    usual = height * longest
    width = np.where((width >= 0.2 * usual) & (width <= 2.5 * usual), width, _LETTER * usual)
    east = along[:, 0] + width
    multi = lines > 1
    west = np.where(multi, np.minimum(along[:, 0], centre[:, 0] - 0.4 * usual), along[:, 0])
    east = np.where(multi, np.maximum(centre[:, 0] + 0.4 * usual, west + 0.5 * height), east)
    south = along[:, 1] - (lines - 1) * _PITCH * height
    return np.column_stack([west, south, east, along[:, 1] + height])


@lru_cache(maxsize=1 << 17)
def is_code(text: str) -> bool:
    """Whether one line of text is a lot code and nothing else, or a whole label that begins with one."""
    return (len(text) <= 24 and is_lot_code(text)) or bool(leading_code(text))


def envelopes(box: Floats, reach: Floats) -> Geometries:
    """Diagonals of boxes widened by `reach`: for a tree, which looks at envelopes alone, as good as boxes."""
    low, high = box[:, :2] - reach[:, None], box[:, 2:] + reach[:, None]
    return np.asarray(shapely.linestrings(np.stack([low, high], axis=1)), dtype=object)


def code_texts(texts: Texts, members: Sequence[int]) -> list[int]:
    """The texts among `members` that are lot codes: by themselves, or as another with more behind ("H78", "H78.2")."""
    sure = {texts.text[at] for at in members if is_code(texts.text[at])}
    if not sure:
        return []
    found = []
    for at in members:
        text = texts.text[at]
        longer = _MORE.fullmatch(text) if text not in sure else None
        if text in sure or (longer is not None and longer[1] in sure):
            found.append(at)
    return found


def make_stacks(texts: Texts, lot: Rows, done: frozenset[int] = frozenset()) -> list[list[int]]:
    """Rows of `texts` that make one label each. `lot`: of each text, -1 for none; `done`: rows to leave out.

    Attributes of one INSERT belong together, as do the lines of an MTEXT. Loose texts belong together by the lot they
    lie in; where that holds several codes or many texts, or none, by nearness and by the code they stand next to."""
    stacks: list[list[int]] = []
    blocks: dict[str, list[int]] = {}
    loose: dict[int, list[int]] = {}
    for at, (tag, insert, text) in enumerate(zip(texts.tag, texts.insert, texts.text, strict=True)):
        if at in done:
            continue
        if tag is not None and insert is not None:
            blocks.setdefault(insert, []).append(at)
        elif "\n" in text:
            stacks.append([at])
        else:
            loose.setdefault(int(lot[at]), []).append(at)
    stacks += blocks.values()
    unsure: list[int] = loose.pop(-1, [])
    for members in loose.values():
        if len(members) > 1 and (len(members) > _MANY or len(code_texts(texts, members)) > 1):
            unsure += members
        else:
            stacks.append(members)
    for cluster in _clusters(texts, np.array(sorted(unsure), dtype=np.intp), lot):
        stacks += _by_code(texts, cluster)
    stacks.sort(key=lambda stack: stack[0])
    return stacks


def label_around(texts: Texts, seed: int) -> tuple[int, ...]:
    """The label that one text is part of, wherever its other lines lie: of the same letters, linked by nearness."""
    insert = texts.insert[seed]
    if texts.tag[seed] is not None and insert is not None:
        return tuple(at for at, other in enumerate(texts.insert) if other == insert and texts.tag[at] is not None)
    if "\n" in texts.text[seed]:
        return (seed,)
    size = float(texts.height[seed])
    far = _REGION * size
    box = texts.box[seed]
    near = (np.abs(texts.height - size) <= 0.03 * size) & (texts.rotation == texts.rotation[seed])
    near &= (texts.box[:, 0] <= box[2] + far) & (texts.box[:, 2] >= box[0] - far)
    near &= (texts.box[:, 1] <= box[3] + far) & (texts.box[:, 3] >= box[1] - far)
    rows = np.flatnonzero(near)
    loose = np.array(
        [at for at in rows.tolist() if texts.tag[at] is None and "\n" not in texts.text[at]], dtype=np.intp
    )
    for cluster in _clusters(texts, loose, None):
        if seed in cluster:
            return tuple(next(stack for stack in _by_code(texts, cluster) if seed in stack))
    return (seed,)


def _clusters(texts: Texts, members: Rows, lot: Rows | None) -> list[list[int]]:
    """Texts linked by nearness: same lot (or none), same rotation, next line or next cell of a line."""
    if not len(members):
        return []
    box, height, rotation = texts.box[members], texts.height[members], texts.rotation[members]
    reach = _BESIDE / 2 * height
    wide = envelopes(box, reach)
    one, two = shapely.STRtree(wide).query(wide)
    pairs = one < two
    if lot is not None:
        pairs &= lot[members[one]] == lot[members[two]]
    one, two = one[pairs], two[pairs]
    low = np.minimum(height[one], height[two])
    turn = np.abs((rotation[one] - rotation[two] + 180.0) % 360.0 - 180.0)
    above = np.maximum(box[one, 1], box[two, 1]) - np.minimum(box[one, 3], box[two, 3])
    beside = np.maximum(box[one, 0], box[two, 0]) - np.minimum(box[one, 2], box[two, 2])
    same_row = np.abs(box[one, 1] - box[two, 1]) <= _ROW * low
    linked = np.where(same_row, beside <= _BESIDE * low, (above <= _UNDER * low) & (beside <= 0.5 * low))
    linked &= (turn <= _TURN) & (np.maximum(height[one], height[two]) <= 2.5 * low)
    groups = components(len(members), one[linked].tolist(), two[linked].tolist())
    return [members[group].tolist() for group in groups]


def components(count: int, one: Sequence[int], two: Sequence[int]) -> list[list[int]]:
    """The connected parts of a graph of `count` nodes."""
    parent = list(range(count))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for first, second in zip(one, two, strict=True):
        parent[root(second)] = root(first)
    found: dict[int, list[int]] = {}
    for at in range(count):
        found.setdefault(root(at), []).append(at)
    return list(found.values())


def _by_code(texts: Texts, cluster: list[int]) -> list[list[int]]:
    """A cluster with several codes as one stack per code: other texts go to the nearest code, best one above them."""
    codes = code_texts(texts, cluster)
    if len(codes) < 2:
        return [cluster]
    stacks = {at: [at] for at in codes}
    box = texts.box
    for at in cluster:
        if at in stacks:
            continue

        def far(code: int, at: int = at) -> float:
            down = box[code, 1] - box[at, 1]
            size = float(texts.height[code])
            aside = abs((box[code, 0] + box[code, 2]) / 2 - (box[at, 0] + box[at, 2]) / 2)
            aside = min(aside, abs(box[code, 0] - box[at, 0]))
            other = 0.0 if 0.67 <= texts.height[at] / size <= 1.5 else 2.0 * size
            return float((down if down >= -_ROW * size else -3.0 * down) + 0.5 * aside + other)

        stacks[min(codes, key=far)].append(at)
    return [sorted(stack) for stack in stacks.values()]


def stack_lines(texts: Texts, stack: Sequence[int]) -> list[str]:
    """The lines of a stack from the top, cells of one line joined from the left."""
    if len(stack) == 1:
        return texts.text[stack[0]].split("\n")
    west, base, size = texts.starts
    rows: list[list[int]] = []
    for at in sorted(stack, key=lambda one: (-base[one], west[one])):
        last = rows[-1][0] if rows else at
        near = rows and base[last] - base[at] <= _ROW * min(size[at], size[last])
        if near and "\n" not in texts.text[at] and "\n" not in texts.text[last]:
            rows[-1].append(at)
        else:
            rows.append([at])
    lines: list[str] = []
    for row in _with_exponents(texts, rows):
        if len(row) == 1:
            lines += texts.text[row[0]].split("\n")
        else:
            cells: list[str] = []
            for at in sorted(row, key=west.__getitem__):
                raised = cells and texts.text[at] in ("2", "3") and size[at] < 0.75 * max(size[one] for one in row)
                if raised and cells[-1].endswith("m"):
                    cells[-1] += texts.text[at]
                else:
                    cells.append(texts.text[at])
            lines.append(join_row(cells))
    return lines


def _with_exponents(texts: Texts, rows: list[list[int]]) -> list[list[int]]:
    """Rows with a small "2" of "m²", a text of its own, put to the row it is raised over."""
    _, base, size = texts.starts
    small = [row[0] for row in rows if len(row) == 1 and texts.text[row[0]] in ("2", "3")]
    for at in small:
        for row in rows:
            hosts = [one for one in row if size[at] < 0.75 * size[one] and texts.text[one].endswith("m")]
            if any(0 <= base[at] - base[one] <= size[one] for one in hosts):
                rows = [other for other in rows if other != [at]]
                row.append(at)
                break
    return rows


def stack_box(texts: Texts, stack: Sequence[int]) -> Any:
    """The stack's box as a polygon in the drawn frame."""
    box = texts.box[list(stack)]
    (west, south), (east, north) = box[:, :2].min(axis=0), box[:, 2:].max(axis=0)
    corners = np.array([(west, south), (east, south), (east, north), (west, north)])
    return shapely.Polygon(turn_back(corners, np.full(4, -texts.rotation[stack[0]])))
