"""What is decided about labels and lots while they are joined, and how one label is read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from quyhoach.domain.finding import Finding, Repair
from quyhoach.domain.label import Label, LabelStyle, read_label, read_tagged
from quyhoach.standardise.label_texts import Texts, stack_lines
from quyhoach.standardise.work import Features, Geometries, Work

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Lots:
    """All lots of the work in one list, those of one feature group after those of another."""

    groups: tuple[Features, ...]
    geometry: Geometries
    area: npt.NDArray[np.float64]
    tree: Any

    def at(self, points: Geometries) -> Rows:
        """The smallest lot that holds each point, -1 for none."""
        found = np.full(len(points), -1, dtype=np.intp)
        if len(self.geometry) and len(points):
            point, lot = self.tree.query(points, predicate="intersects")
            order = np.argsort(-self.area[lot], kind="stable")
            found[point[order]] = lot[order]
        return found


@dataclass(slots=True)
class Joining:
    """What has been decided so far: the lot of each stack, what each says, and what must be told."""

    texts: Texts
    stacks: list[list[int]]
    lots: Lots
    style: LabelStyle
    lot: list[int]
    labels: dict[int, Label] = field(default_factory=dict)
    chosen: dict[int, list[int]] = field(default_factory=dict)  # lot -> stacks
    lines: dict[tuple[int, ...], list[str]] = field(default_factory=dict)  # of texts, as read
    variants: dict[int, str] = field(default_factory=dict)  # stack -> its code, where only its neighbour's tells it
    disputed: dict[int, dict[int, str]] = field(default_factory=dict)  # lot -> stacks with different codes
    findings: list[Finding] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)


def gather_lots(work: Work) -> Lots:
    """The lots of all features of that role, numbered through."""
    groups = work.role("lot")
    empty: Geometries = np.empty(0, dtype=object)
    geometry = np.concatenate([empty, *(group.geometry for group in groups)])
    return Lots(groups, geometry, shapely.area(geometry), shapely.STRtree(geometry))


def label_of(joining: Joining, stack: int, lot: int = -1) -> Label:
    """What one stack says, read with the area of its lot."""
    if stack not in joining.labels:
        where = lot if lot >= 0 else joining.lot[stack]
        joining.labels[stack] = read_stacks(joining, [stack], where)
    return joining.labels[stack]


def read_stacks(joining: Joining, stacks: Sequence[int], lot: int) -> Label:
    """Several stacks read as one label, with the area of a lot (-1: none)."""
    return read_texts(joining, [at for stack in stacks for at in joining.stacks[stack]], lot)


def read_texts(joining: Joining, members: Sequence[int], lot: int) -> Label:
    """Texts read as one label: by their tags, when all are attributes with a tag of their own, else line by line."""
    texts = joining.texts
    area = float(joining.lots.area[lot]) if lot >= 0 else None
    tagged = all(texts.tag[at] is not None for at in members)
    if tagged and len({texts.tag[at] for at in members}) == len(members):
        pairs = {str(texts.tag[at]): texts.text[at] for at in members}
        return read_tagged(pairs, joining.style, drawn_area_m2=area)
    return read_label(_lines(joining, members), joining.style, drawn_area_m2=area)


def _lines(joining: Joining, members: Sequence[int]) -> list[str]:
    key = tuple(members)
    if key not in joining.lines:
        joining.lines[key] = stack_lines(joining.texts, members)
    return joining.lines[key]


def code_of(joining: Joining, stack: int) -> str:
    """The lot code that a stack says, perhaps only beside another ("H78.2"); "" for none."""
    return label_of(joining, stack).code or joining.variants.get(stack, "")


def raw_text(joining: Joining, stacks: Sequence[int]) -> str:
    """What stands in the drawing, lines joined by " / "."""
    members = [at for stack in stacks for at in joining.stacks[stack]]
    return " / ".join(line for line in _lines(joining, members) if line.strip())


def code_key(code: str) -> str:
    """A code for comparing: without blanks and case."""
    return "".join(code.split()).upper()


def said(label: Label) -> int:
    """How many figures a label gives."""
    values = (label.area, label.population, label.density, label.storeys, label.far)
    return sum(bool(value) for value in values)


def off_by(written: float | None, area: float) -> float:
    """By which share of an area a written one differs; infinite without one."""
    return abs(written - area) / area if written and area else float("inf")


def is_label(label: Label) -> bool:
    """Whether texts say what a lot's label says, and are no street's or place's name."""
    return bool(label.code or label.area or label.density or label.far)


def middle_of(joining: Joining, stack: int) -> Any:
    """The middle of a stack's texts, in the true frame."""
    points = joining.texts.middle[joining.stacks[stack]]
    return points[0] if len(points) == 1 else shapely.centroid(shapely.multipoints(points))
