"""The plans a visitor may start from: name, kind and where on the map, without those that draw no lots."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pyproj

from quyhoach.standard import Standard

if TYPE_CHECKING:
    from quyhoach.lookup import Lookup

_NOT_LISTED = ("restriction", "cadastre")


@dataclass(frozen=True, slots=True)
class PlanLink:
    """`bounds` is west, south, east, north in WGS 84; `address` opens the map there."""

    name: str
    kind: str
    bounds: str
    address: str


def plan_links(lookup: "Lookup", standard: Standard, lang: str, *, on: int) -> tuple[PlanLink, ...]:
    """Plans in force on a day (YYYYMMDD), general ones first, then by name."""
    to_wgs84 = _to_wgs84(str(lookup.release.manifest["province"]["crs"]))
    found: dict[str, tuple[int, PlanLink]] = {}
    for source in lookup.sources:
        meta = source.segment.meta
        if source.pending or not source.start <= on < source.end or meta["kind"] in _NOT_LISTED:
            continue
        kind = standard.plan_kinds[meta["kind"]]
        left, bottom, right, top = source.bounds
        west, south, east, north = to_wgs84.transform_bounds(left, bottom, right, top)
        suffix = "&lang=en" if lang == "en" else ""
        centre = f"{(west + east) / 2:.5f},{(south + north) / 2:.5f}"
        link = PlanLink(
            name=str(meta["plan_name"].get(lang) or meta["plan_name"]["vi"]),
            kind=kind.name[lang],
            bounds=f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}",
            address=f"/?c={centre}&zoom={_zoom(east - west, north - south):.1f}{suffix}",
        )
        # Towns first: more people ask about them than about a region.
        found[source.plan_id] = (kind.rank if meta["kind"] != "region" else 1000, link)
    return tuple(link for _, link in sorted(found.values(), key=lambda pair: (pair[0], pair[1].name)))


def _zoom(width: float, height: float) -> float:
    """The zoom at which a box in degrees fills a phone's 360 pixels (a tile of 512 pixels is the world at zoom 0)."""
    return min(17.0, math.log2(360 / max(width, height, 1e-4) * 340 / 512))


@lru_cache(maxsize=4)
def _to_wgs84(crs: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
