"""Many faults between pairs of lots told as few: each lot with all the neighbours that it is at fault with."""

import heapq

import numpy as np

from quyhoach.validate.subject import Pairs


def stars(pairs: Pairs) -> list[tuple[int, list[int]]]:
    """Cover pairs (shape (n, 2)) by stars: (lot in the middle, rows of `pairs`). The lot with most pairs left is taken
    first, the smaller number where two are equal; every pair is in one star. One lot drawn too large overlaps five
    neighbours: that is one fault, not five."""
    rows: dict[int, set[int]] = {}
    for index, (first, second) in enumerate(pairs.tolist()):
        rows.setdefault(first, set()).add(index)
        rows.setdefault(second, set()).add(index)
    heap = [(-len(mine), lot) for lot, mine in rows.items()]
    heapq.heapify(heap)
    found: list[tuple[int, list[int]]] = []
    while heap:
        count, lot = heapq.heappop(heap)
        mine = rows[lot]
        if not mine:
            continue
        if len(mine) != -count:  # some were taken by another star since
            heapq.heappush(heap, (-len(mine), lot))
            continue
        found.append((lot, sorted(mine)))
        for index in tuple(mine):
            for end in pairs[index].tolist():
                rows[end].discard(index)
    return sorted(found)


def others(pairs: Pairs, lot: int, mine: list[int]) -> list[int]:
    """The lots at the other ends of a star's pairs, in order, each once."""
    return sorted(set(np.unique(pairs[mine]).tolist()) - {lot})


def some(names: list[str], most: int = 4) -> str:
    """The first names, and how many more there are: "A, B, C, D (+3)"."""
    more = f" (+{len(names) - most})" if len(names) > most else ""
    return ", ".join(names[:most]) + more
