"""Groups of entities that lie apart from each other on a drawing."""

import numpy as np
import numpy.typing as npt

_CELLS = 400  # along the longer side
_WIDER = 1.2  # than gaps inside a map are gaps between two
_WHOLE = 0.6  # of the extent in both directions: an entity so large groups nothing

Integers = npt.NDArray[np.intp]


def clusters(box: npt.NDArray[np.float64], gap: float) -> list[Integers]:
    """Rows of `box` (west, south, east, north) in groups that are farther apart than `gap` of the longer side of the
    whole, the largest first. Boxes that cover most of the whole belong to no group."""
    if not len(box):
        return []
    west, south, east, north = box.T
    low = np.array([np.percentile(west, 1), np.percentile(south, 1)])
    high = np.array([np.percentile(east, 99), np.percentile(north, 99)])
    cell = float(max(high - low)) / _CELLS
    if cell <= 0:
        return [np.arange(len(box))]
    whole = (east - west > _WHOLE * (high[0] - low[0])) & (north - south > _WHOLE * (high[1] - low[1]))
    reach = gap / 2 * _CELLS
    shape = np.maximum(np.ceil((high - low) / cell), 1).astype(np.intp) + 1
    first, last = np.column_stack([west, south]) - low, np.column_stack([east, north]) - low
    first = np.clip(np.round(first / cell - reach), 0, shape - 1).astype(np.intp)
    last = np.clip(np.round(last / cell + reach), 0, shape - 1).astype(np.intp)
    label = _components(_painted(first[~whole], last[~whole], shape))
    middle = np.clip(((np.column_stack([west + east, south + north]) / 2 - low) / cell).astype(np.intp), 0, shape - 1)
    group = np.where(whole, -1, label[middle[:, 0], middle[:, 1]])
    found = [np.flatnonzero(group == number) for number in range(label.max() + 1)]
    return sorted((rows for rows in found if len(rows)), key=len, reverse=True)


def _painted(first: Integers, last: Integers, shape: Integers) -> npt.NDArray[np.bool_]:
    """Cells that any of the rectangles of cells covers, by a sum over their corners."""
    edge = np.zeros((shape[0] + 1, shape[1] + 1), dtype=np.int64)
    for x, y, sign in (
        (first[:, 0], first[:, 1], 1),
        (last[:, 0] + 1, first[:, 1], -1),
        (first[:, 0], last[:, 1] + 1, -1),
        (last[:, 0] + 1, last[:, 1] + 1, 1),
    ):
        np.add.at(edge, (x, y), sign)
    covered: npt.NDArray[np.bool_] = edge.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0
    return covered


def _components(filled: npt.NDArray[np.bool_]) -> Integers:
    """The number of the connected component (by sides) of each filled cell, −1 elsewhere.

    Works on runs of filled cells: two runs side by side that overlap belong together."""
    edge = np.diff(np.pad(filled.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    column, first = np.nonzero(edge == 1)
    _, after = np.nonzero(edge == -1)
    parent = list(range(len(column)))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    starts = np.searchsorted(column, np.arange(filled.shape[0] + 1))
    low, high = first.tolist(), after.tolist()
    for number in range(1, filled.shape[0]):
        run, other = int(starts[number]), int(starts[number - 1])
        while run < starts[number + 1] and other < starts[number]:
            if low[run] < high[other] and low[other] < high[run]:
                parent[root(run)] = root(other)
            if high[run] < high[other]:
                run += 1
            else:
                other += 1
    _, component = np.unique([root(run) for run in range(len(column))], return_inverse=True)
    label = np.full(filled.shape, -1, dtype=np.intp)
    label[filled] = np.repeat(component, after - first)
    return label


def join_nearest(
    box: npt.NDArray[np.float64], lines: npt.NDArray[np.int64], titled: npt.NDArray[np.bool_], least: float
) -> Integers:
    """The number of the group that each box ends in, when boxes are joined nearest first, save maps that both have a
    title; a map is a group of `least` lines or more.

    All in one where titled maps lie no farther apart than parts of one map do: streets between blocks, not sheets."""
    first, second = np.triu_indices(len(box), 1)
    apart = np.maximum(box[first][:, :2] - box[second][:, 2:], box[second][:, :2] - box[first][:, 2:])
    away = np.hypot(*np.maximum(apart, 0).T)
    group = np.arange(len(box))
    lines, titled = lines.copy(), titled.copy()
    within, between = 0.0, np.inf  # the widest gap inside a map, the narrowest between two
    for edge in np.argsort(away, kind="stable").tolist():
        one, other = int(group[first[edge]]), int(group[second[edge]])
        if one == other:
            continue
        maps = lines[one] >= least and lines[other] >= least
        if maps and titled[one] and titled[other]:
            between = min(between, float(away[edge]))
            continue
        within = max(within, float(away[edge])) if maps else within
        group[group == other] = one
        lines[one] += lines[other]
        titled[one] |= titled[other]
    return group if between > _WIDER * within else np.zeros_like(group)
