"""The plans a visitor may start from: name, kind and where on the map, without those that draw no lots."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quyhoach.standard import Standard

if TYPE_CHECKING:
    from quyhoach.lookup import Lookup

MOST = 12  # a longer list is no longer a place to start from: then people search
_NOT_LISTED = ("restriction", "cadastre")


@dataclass(frozen=True, slots=True)
class PlanLink:
    """`bounds` is west, south, east, north in WGS 84; `address` opens the map there."""

    name: str
    kind: str
    bounds: str
    address: str


def plan_links(lookup: "Lookup", standard: Standard, lang: str, *, on: str) -> tuple[PlanLink, ...]:
    """At most MOST plans in force on a day (ISO), towns before details and regions, then by name.

    Where a plan lies is asked of the search, which leaves out what is withheld."""
    rows = [row for row in lookup.release.registry["plans"] if row["kind"] not in _NOT_LISTED and _in_force(row, on)]
    rows.sort(key=lambda row: (row["kind"] == "region", standard.plan_kinds[row["kind"]].rank, row["name"]["vi"]))
    links = []
    for row in rows[:MOST]:
        name = str(row["name"].get(lang) or row["name"]["vi"])
        found = next((hit for hit in lookup.search(name, lang=lang) if hit.get("plan_id") == row["plan_id"]), None)
        if found is not None and found.get("bbox"):
            links.append(_link(name, standard.plan_kinds[row["kind"]].name[lang], found["bbox"], lang))
    return tuple(links)


def _in_force(row: Mapping[str, Any], on: str) -> bool:
    return any(
        version["status"] != "pending" and (version["valid_from"] or "9999") <= on < (version["valid_to"] or "9999")
        for version in row["versions"]
    )


def _link(name: str, kind: str, bounds: tuple[float, float, float, float], lang: str) -> PlanLink:
    west, south, east, north = bounds
    centre = f"{(west + east) / 2:.5f},{(south + north) / 2:.5f}"
    suffix = "&lang=en" if lang == "en" else ""
    return PlanLink(
        name=name,
        kind=kind,
        bounds=f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}",
        address=f"/?c={centre}&zoom={_zoom(east - west, north - south):.1f}{suffix}",
    )


def _zoom(width: float, height: float) -> float:
    """The zoom at which a box in degrees fills a phone's 360 pixels (a tile of 512 pixels is the world at zoom 0)."""
    return min(17.0, math.log2(360 / max(width, height, 1e-4) * 340 / 512))
