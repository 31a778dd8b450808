"""The grid labels of a drawing: "X=2395500", "Y: 428 500", "2395,5" (km), "N=…/E=…" as numbers on an axis."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quyhoach.standardise.drawn_texts import DrawnTexts

EAST, NORTH = 0, 1
_NORTHINGS = (880_000.0, 2_700_000.0)  # of Viet Nam, metres
_EASTINGS = (100_000.0, 900_000.0)
_FAR_WEST = 10_000.0  # of the border's far side in the next 6° zone; only of numbers with a letter
_OLD_ZONES = (18, 19)  # Gauss-Krüger, as a prefix of the easting: HN-72
_ZONES = (48, 49)  # UTM, the same
_HAS_DIGITS = re.compile(r"\d[\d ., ']*\d")
_LABELLED = re.compile(  # without = or : only before a whole coordinate: "N 2396500", but not "D 2"
    r"(?<![^\W\d_])([XYNEBĐD])(?:\s*[=:]\s*|\s+(?=\d[\d .,']{5}))(\d[\d ., ']*\d)\s*(km)?(?![\d])", re.IGNORECASE
)
_ALONE = re.compile(r"^\s*(\d[\d ., ']*\d)\s*(?:m|km|[NEBĐ])?\s*$", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class GridLabels:
    """One row per number that may be a coordinate. `axis`: EAST or NORTH, by the number's size (X is the northing by
    law and the easting in other programs). `value`: metres. `at`: x + iy of the text as drawn. `text_row`: its row."""

    axis: npt.NDArray[np.intp]
    value: npt.NDArray[np.float64]
    at: npt.NDArray[np.complex128]
    height: npt.NDArray[np.float64]
    text_row: npt.NDArray[np.intp]
    old_zone: bool = False  # an easting begins with a Gauss-Krüger zone's number

    def __len__(self) -> int:
        return len(self.value)

    def take(self, keep: npt.NDArray[np.bool_]) -> "GridLabels":
        """The labels where `keep` is true."""
        columns = (self.axis, self.value, self.at, self.height, self.text_row)
        axis, value, at, height, row = (column[keep] for column in columns)
        return GridLabels(axis, value, at, height, row, self.old_zone)  # type: ignore[arg-type]


def read_grid_labels(texts: DrawnTexts) -> tuple[GridLabels, ...]:
    """The sets of labels worth trying, most trustworthy first: with letters; numbers alone in metres; numbers alone in
    kilometres. Sets that can't fix both axes are left out. Of a set with round numbers, the round ones only: the rest
    are corners of lots."""
    lettered: list[tuple[int, int, float]] = []
    metres: list[tuple[int, int, float]] = []
    kilometres: list[tuple[int, int, float]] = []
    old_zone = False
    for row, text in enumerate(texts.text):
        if len(text) > 200 or not _HAS_DIGITS.search(text):
            continue
        found = _LABELLED.findall(text)
        for _, digits, _ in found:
            read = coordinate(digits, _FAR_WEST)
            if read is not None:
                lettered.append((row, *read[:2]))
                old_zone |= read[2]
        if not found and len(text) < 40:
            for line in re.split(r"[\n/;]", text):
                match = _ALONE.match(line)
                read = coordinate(match.group(1)) if match else None
                if read is not None:
                    small = _plain_number(match.group(1)) < 10_000 if match else False
                    (kilometres if small else metres).append((row, *read[:2]))
    sets = (_labels(rows, texts, old_zone) for rows in (lettered, metres, kilometres))
    return tuple(labels for labels in sets if enough(labels))


def enough(labels: GridLabels) -> bool:
    """Whether labels can fix a drawing's place: two numbers or more on each axis."""
    return all(len(np.unique(labels.value[labels.axis == axis])) >= 2 for axis in (EAST, NORTH))


def coordinate(digits: str, least: float = _EASTINGS[0]) -> tuple[int, float, bool] | None:
    """(axis, metres, easting with a Gauss-Krüger zone) of a number as written; None where it is no coordinate in
    Viet Nam. Kilometres are told by their size. `least`: of an easting written in metres."""
    value = _plain_number(digits)
    if not np.isfinite(value):
        return None
    if least <= value < _EASTINGS[0] and value >= 10_000:
        return EAST, value, False
    if value < 10_000:
        value = round(value * 1000, 6)
    if _NORTHINGS[0] <= value <= _NORTHINGS[1] and value > _EASTINGS[1]:
        return NORTH, value, False
    if _EASTINGS[0] <= value <= _EASTINGS[1]:
        return EAST, value, False
    zone, easting = divmod(value, 1_000_000)
    if int(zone) in _OLD_ZONES + _ZONES and _EASTINGS[0] <= easting <= _EASTINGS[1]:
        return EAST, easting, int(zone) in _OLD_ZONES
    return None


def _plain_number(digits: str) -> float:
    """A number with blanks, dots or commas between thousands and before decimals; NaN for what is none."""
    text = re.sub(r"[\s']", "", digits)
    parts = re.split(r"[.,]", text)
    if len(parts) > 2 or (len(parts) == 2 and len(parts[1]) == 3 and len(parts[0]) <= 3):
        tail = parts.pop() if len(parts) > 2 and len(parts[-1]) != 3 else ""  # 2.395.500,25
        if not all(len(part) == 3 for part in parts[1:]):
            return float("nan")
        text = "".join(parts) + (f".{tail}" if tail else "")
    else:
        text = ".".join(parts)
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _labels(rows: Sequence[tuple[int, int, float]], texts: DrawnTexts, old_zone: bool) -> GridLabels:
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    row = table[:, 0].astype(np.intp)
    labels = GridLabels(
        table[:, 1].astype(np.intp), table[:, 2], texts.x[row] + 1j * texts.y[row], texts.height[row], row, old_zone
    )
    for step in (50.0, 10.0):
        round_ones = labels.take(np.abs(labels.value / step - np.round(labels.value / step)) < 1e-6)
        if enough(round_ones):
            return round_ones
    return labels
