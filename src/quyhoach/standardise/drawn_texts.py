"""The texts of a drawing in one table, in drawn coordinates: what sheets, notes and grid labels are found by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.source import SourceLayer

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DrawnTexts:
    """One row per text with a place. `x, y`: where it starts; `middle_x, middle_y`: the middle of its letters; all in
    drawing units. `layer` and `row` say which entity it is."""

    text: tuple[str, ...]
    handle: tuple[str, ...]
    x: Numbers
    y: Numbers
    middle_x: Numbers
    middle_y: Numbers
    height: Numbers
    rotation: Numbers
    layer: npt.NDArray[np.intp]
    row: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.text)


def drawn_texts(layers: Sequence[SourceLayer]) -> DrawnTexts:
    """Every text of the layers that has a finite place; heights that are not said are 0.

    To be called before `locate_drawing`, while `geometry` is in the drawn frame."""
    words: list[str] = []
    handles: list[str] = []
    columns: list[Numbers] = []
    places: list[npt.NDArray[np.intp]] = []
    for number, layer in enumerate(layers):
        texts = layer.fields.get("text")
        if texts is None:
            continue
        rows = np.array([row for row, value in enumerate(texts) if isinstance(value, str) and value], dtype=np.intp)
        if not len(rows):
            continue
        bounds = shapely.bounds(layer.geometry[rows])
        middle_x, middle_y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
        x, y = _column(layer, "x", rows, np.nan), _column(layer, "y", rows, np.nan)
        told = np.isfinite(x) & np.isfinite(y)
        x, y = np.where(told, x, middle_x), np.where(told, y, middle_y)
        known = np.isfinite(x) & np.isfinite(y)
        middle_x, middle_y = (np.where(np.isfinite(m), m, s) for m, s in ((middle_x, x), (middle_y, y)))
        height, rotation = _column(layer, "height", rows, 0.0), _column(layer, "rotation", rows, 0.0)
        columns.append(np.column_stack([x, y, middle_x, middle_y, height, rotation])[known])
        kept = rows[known]
        places.append(np.column_stack([np.full(len(kept), number, dtype=np.intp), kept]))
        words += [texts[row] for row in kept.tolist()]
        handles += [layer.ids[row] for row in kept.tolist()]
    table = np.concatenate(columns) if columns else np.empty((0, 6))
    place = np.concatenate(places) if places else np.empty((0, 2), dtype=np.intp)
    return DrawnTexts(tuple(words), tuple(handles), *table.T, *place.T)


def _column(layer: SourceLayer, name: str, rows: npt.NDArray[np.intp], missing: float) -> Numbers:
    values: Sequence[Any] | None = layer.fields.get(name)
    if values is None:
        return np.full(len(rows), missing)
    found = np.array([_number(values[row], missing) for row in rows.tolist()], dtype=np.float64)
    return np.where(np.isfinite(found), found, missing)


def _number(value: Any, missing: float) -> float:
    return float(value) if isinstance(value, (int, float)) else missing
