"""The segments of a release as the look-up sees them: when they count, and the answer members they share."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from quyhoach.release.index import NONE, Segment, SpatialTable, encode

OPEN = 99999999


def iso_day(value: int) -> str | None:
    """YYYYMMDD as an ISO date; None for an open end or an unknown start."""
    return None if value in (0, OPEN) else f"{value // 10000:04}-{value // 100 % 100:02}-{value % 100:02}"


# start and end (YYYYMMDD; a pending version never starts), lots, restrictions, coverage, outline, parcels
Tables = tuple[
    int,
    int,
    SpatialTable | None,
    SpatialTable | None,
    SpatialTable | None,
    SpatialTable | None,
    SpatialTable | None,
]


class Source:
    """One version of a plan in the index, with its answer members encoded once per language."""

    def __init__(self, segment: Segment, release_id: str, masked: frozenset[str], bits: Mapping[str, int]) -> None:
        meta = segment.meta
        self.segment = segment
        self.plan_id: str = meta["plan_id"]
        self.version: int = meta["version"]
        self.version_id = f"{self.plan_id}@{self.version}"
        self.start: int = meta["from"]
        self.end: int = meta["to"]
        self.pending: bool = meta["status"] == "pending"
        self.themes_of_kind: tuple[str, ...] = tuple(meta["themes_of_kind"])
        self.land_use = "land_use" in self.themes_of_kind
        self.themes: Sequence[str] = meta["themes"]
        # themes as bits, as `bits` of the look-up numbers them: of the plan's kind, of the segment's theme codes
        self.kind_bits = sum(bits.get(theme, 0) for theme in self.themes_of_kind)
        self.theme_bits = [bits.get(theme, 0) for theme in self.themes]
        self.covers = sum(self.theme_bits)
        self.tables: Tables | None = None
        self.ask: str = meta["ask"]
        self.functions: Sequence[tuple[str, Mapping[str, str], str]] = meta["functions"]
        self.masked = masked  # zone ids withheld since the release was made
        self._release_id = release_id
        self._members: dict[str, bytes] = {}
        self._function_members: dict[str, list[bytes]] = {}

    def zone_id(self, row: int) -> str:
        """Id of a zone, read from its fragment."""
        assert self.segment.zones is not None
        return str(json.loads(b"{" + self.segment.zones.fragment(row) + b"}")["zone_id"])

    def open(self) -> "Tables":
        """Start, end and the tables of this version; opened with its first question, then kept in `tables`."""
        segment = self.segment
        start, end = (OPEN, 0) if self.pending else (self.start, self.end)
        self.tables = (
            start,
            end,
            segment.zones,
            segment.restrictions,
            segment.coverage,
            segment.outline,
            segment.parcels,
        )
        return self.tables

    def hides(self, table: SpatialTable, row: int) -> bool:
        """Whether a zone or a restriction became secret after the release was made."""
        if not self.masked:
            return False
        members = json.loads(b"{" + table.fragment(row) + b"}")
        return (members.get("zone_id") or members.get("restriction_id")) in self.masked

    def group(self, code: int) -> str:
        """Group of a function; empty where there is none."""
        return "" if code == NONE else self.functions[code][2]

    def members(self, lang: str) -> bytes:
        """What every zone of this version says of its plan, without braces."""
        ready = self._members.get(lang)
        if ready is None:
            ready = self._members[lang] = encode(self.plan_members(lang))[1:-1]
        return ready

    def plan_members(self, lang: str) -> dict[str, Any]:
        meta = self.segment.meta
        decision = meta["decision"]
        if decision is not None:
            decision = {name: decision[name] for name in ("number", "date", "authority")} | {
                "document": self.document_url(decision["document"])
            }
        return {
            "plan_id": self.plan_id,
            "plan_name": meta["plan_name"].get(lang) or meta["plan_name"]["vi"],
            "version": self.version,
            "kind": meta["kind"],
            "scale": meta["scale"],
            "decision": decision,
            "status": meta["status"],
            "valid_from": iso_day(self.start),
            "valid_to": iso_day(self.end),
            "attested": meta["attested"],
            "illustrative": meta["illustrative"],
            "accuracy_m": meta["accuracy_m"],
        }

    def document_url(self, file: str | None) -> str | None:
        return f"/releases/{self._release_id}/documents/{file}" if file else None

    def not_digitised(self, lang: str) -> bytes:
        """The entry for a plan in force that is known by outline, decision and scan only."""
        members = self.plan_members(lang)
        del members["accuracy_m"]
        members["scans"] = [
            {"url": self.document_url(file), "title": title} for file, title in self.segment.meta["scans"]
        ]
        return encode(members)

    def function_member(self, code: int, lang: str) -> bytes:
        """The member `function` of a zone."""
        ready = self._function_members.get(lang)
        if ready is None:
            ready = self._function_members[lang] = [
                b'"function":' + encode({"code": code, "name": names.get(lang) or names["vi"], "group": group or None})
                for code, names, group in self.functions
            ]
        return b'"function":null' if code == NONE else ready[code]


def by_cell(sources: Sequence[Source]) -> dict[tuple[int, int], tuple[Source, ...]]:
    """Sources by cell of CELL_M metres in the province's CRS, in the order given; equal lists are one tuple."""
    cells: dict[tuple[int, int], list[Source]] = {}
    for source in sources:
        for row, first, last in source.segment.meta["cells"]:
            for column in range(first, last + 1):
                cells.setdefault((column, row), []).append(source)
    same: dict[tuple[int, ...], tuple[Source, ...]] = {}
    return {cell: same.setdefault(tuple(map(id, found)), tuple(found)) for cell, found in cells.items()}
