"""How many of the faults planted in a drawing the package names, where they are: in its findings and its repairs.

A fault with a place counts as named where a finding or a repair lies within 5 m of it; stricter, where one of a kind
that speaks of that fault does. What spans more than a quarter of the plan each way says nothing about a place and is
not counted. A fault without a place (an old layer, a wrong line of the balance table) counts by its code."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from quyhoach.package import read_package

NEAR = 5.0  # metres
LARGE = 0.25  # of the plan's extent, each way

# fault -> pieces of the codes that speak of it
KINDS: Mapping[str, Sequence[str]] = {
    "no_label": ("without-label",),
    "two_labels": ("two-in-lot",),
    "leader": ("by-leader",),
    "overlap": ("overlap", "edges-joined", "claim-one-place"),
    "tiny_gap": ("slit", "edges-joined", "gap"),
    "unclosed": ("closed", "open"),
    "self_intersect": ("crosse", "made-valid", "crossing"),
    "duplicate": ("twice", "duplicate"),
    "poly3d": ("flattened",),
    "area_disagree": ("area-differs",),
    "wrong_density": ("density-over-100",),
    "lot_outside_boundary": ("outside",),
    "gap": ("gap",),
    "overshoot": ("overshoot", "dangle"),
    "dangle": ("dangle", "overshoot"),
    "duplicate_line": ("twice",),
    "zero_length": ("without-length",),
    "boundary_unclosed": ("outline-closed", "outline-open"),
    "off_old": ("layer-off",),
    "frozen_old": ("layer-frozen",),
    "paper_space": ("paper-space",),
    "balance_disagrees": ("balance-function-differs",),
}


@dataclass
class Recall:
    """Planted, named (anything near) and named by kind, per fault."""

    planted: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    named_by_kind: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)  # code -> error-level findings
    warnings: int = 0

    def share(self, by_kind: bool = False) -> float | None:
        """Of all planted; None where nothing was."""
        named = self.named_by_kind if by_kind else self.named
        total = sum(self.planted.values())
        return round(sum(named.values()) / total, 4) if total else None


@dataclass(frozen=True)
class _Told:
    """Findings and repairs together."""

    codes: tuple[str, ...]
    texts: tuple[str, ...]  # layer, feature, message and params, for faults without a place
    shapes: Any


def recall(truth: Path, package: Path) -> Recall:
    """Compare `truth.json` with the package's findings and repairs."""
    planted = json.loads(truth.read_text(encoding="utf-8"))["defects"]
    layers = read_package(package)
    told = _told(layers)
    found = Recall(Counter(row["defect"] for row in planted))
    findings = layers.get("findings")
    if findings is not None:
        pairs = list(zip(findings.fields["level"], findings.fields["code"], strict=True))
        found.errors.update(str(code) for level, code in pairs if level == "error")
        found.warnings = sum(level == "warning" for level, _ in pairs)
    near = _near([row for row in planted if "x" in row], told, layers)
    for row, codes in near:
        kinds = KINDS.get(row["defect"], ())
        found.named[row["defect"]] += bool(codes)
        found.named_by_kind[row["defect"]] += any(kind in code for code in codes for kind in kinds)
    for row in planted:
        if "x" not in row:
            named = _without_place(row, told)
            found.named[row["defect"]] += named
            found.named_by_kind[row["defect"]] += named
    return found


def _told(layers: Mapping[str, Any]) -> _Told:
    codes: list[str] = []
    texts: list[str] = []
    shapes: list[Any] = []
    for name in ("findings", "repairs"):
        layer = layers.get(name)
        if layer is None:
            continue
        for row in range(len(layer)):
            codes.append(str(layer.fields["code"][row]))
            texts.append("|".join(str(layer.fields[key][row]) for key in ("layer", "feature", "message", "params")))
            shapes.append(layer.geometry[row])
    return _Told(tuple(codes), tuple(texts), np.array(shapes, dtype=object))


def _near(planted: Sequence[Mapping[str, Any]], told: _Told, layers: Mapping[str, Any]) -> list[tuple[Any, set[str]]]:
    """Each planted fault with the codes of what lies near it."""
    if not planted:
        return []
    points = shapely.points([[row["x"], row["y"]] for row in planted])
    usable = np.array([shape is not None and not shape.is_empty for shape in told.shapes], dtype=bool)
    if usable.any():
        west, south, east, north = shapely.total_bounds(told.shapes[usable])
        lots = layers.get("ChucNangSuDungDat_A")
        if lots is not None and len(lots):
            west, south, east, north = shapely.total_bounds(lots.geometry)
        bounds = shapely.bounds(told.shapes)
        wide = (bounds[:, 2] - bounds[:, 0] > LARGE * (east - west)) & (
            bounds[:, 3] - bounds[:, 1] > LARGE * (north - south)
        )
        usable &= ~wide
    rows = np.flatnonzero(usable)
    codes: list[set[str]] = [set() for _ in planted]
    if len(rows):
        left, right = shapely.STRtree(told.shapes[rows]).query(points, predicate="dwithin", distance=NEAR)
        for one, other in zip(left.tolist(), right.tolist(), strict=True):
            codes[one].add(told.codes[rows[other]])
    return list(zip(planted, codes, strict=True))


def _without_place(row: Mapping[str, Any], told: _Told) -> bool:
    kinds = KINDS.get(row["defect"], ())
    for code, text in zip(told.codes, told.texts, strict=True):
        if any(kind in code for kind in kinds) and str(row.get("layer", "")).casefold() in text.casefold():
            return True
    return False
