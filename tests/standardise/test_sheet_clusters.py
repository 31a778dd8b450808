"""Entities that lie apart from each other fall into groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from quyhoach.standardise.sheet_clusters import _components, clusters


def flooded(filled: np.ndarray) -> np.ndarray:
    """The same by flooding, cell by cell."""
    label = np.full(filled.shape, -1)
    for number, start in enumerate(zip(*np.nonzero(filled), strict=True)):
        pending = [start]
        while pending:
            x, y = pending.pop()
            if 0 <= x < filled.shape[0] and 0 <= y < filled.shape[1] and filled[x, y] and label[x, y] < 0:
                label[x, y] = number
                pending += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return label


@given(arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))))
def test_components_are_those_that_flooding_finds(filled: np.ndarray) -> None:
    ours, theirs = _components(filled), flooded(filled)
    pairs = set(zip(ours.ravel().tolist(), theirs.ravel().tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert (ours[~filled] == -1).all()


@pytest.mark.parametrize(("gap", "groups"), [(0.03, 2), (0.2, 1)])
def test_boxes_group_by_the_gap_between_them(gap: float, groups: int) -> None:
    near = np.stack(np.meshgrid(np.arange(0, 100, 5.0), np.arange(0, 100, 5.0)), axis=-1).reshape(-1, 2)
    corner = np.concatenate([near[:150] + np.array([120, 0]), near])
    box = np.concatenate([corner, corner + 3], axis=1)
    found = clusters(box, gap)
    assert len(found) == groups
    assert sorted(np.concatenate(found).tolist()) == list(range(550))
    if groups == 2:
        assert found[1].tolist() == list(range(150))


def test_frame_round_everything_joins_nothing() -> None:
    box = np.array([[0, 0, 1000, 500], [10, 10, 200, 200], [15, 15, 190, 210], [700, 10, 900, 200]], dtype=float)
    assert [group.tolist() for group in clusters(box, 0.03)] == [[1, 2], [3]]


def test_nothing_is_no_group_and_one_place_is_one() -> None:
    assert clusters(np.empty((0, 4)), 0.03) == []
    assert [group.tolist() for group in clusters(np.zeros((3, 4)), 0.03)] == [[0, 1, 2]]
