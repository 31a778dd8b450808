"""Towns as they were planned before, and as they may be planned next."""

from __future__ import annotations

from dataclasses import replace

from quyhoach.demo.specs import Facility, Lane, Quarter, TownSpec


def dong_mo_adjusted(spec: TownSpec) -> TownSpec:
    """The adjustment on its way: a southern ring road, a new quarter south of the river, a larger park."""
    new_quarter = Quarter(
        "nam-moi",
        (-820, 60),
        (-860, -752, -640),
        (13.5, 15.5, 0),
        names=("", "Đường khu đô thị nam", ""),
        spacing=(150, 235),
        lot=118,
        ragged=60,
    )
    ring = Lane(
        "Đường vành đai phía nam", ((-1620, 0), (-1480, -640), (-700, -930), (420, -900), (1450, -560), (1750, 0)), 24
    )
    return replace(
        spec,
        quarters=(*spec.quarters, new_quarter),
        lanes=(*spec.lanes, ring),
        facilities=(*spec.facilities, Facility("park", "Công viên nam sông Thương", -380, -700)),
    )


def small_adjusted(spec: TownSpec) -> TownSpec:
    """The same idea for the small town of the tests: one new road."""
    road = Lane("Đường vành đai", ((-520, 0), (-420, -300), (300, -320), (520, 0)), 24)
    return replace(spec, lanes=(*spec.lanes, road))


def loc_binh_2012(spec: TownSpec) -> TownSpec:
    """Lộc Bình as planned in 2012: smaller, no by-pass, no industry."""
    north, south = spec.quarters[0], spec.quarters[1]
    quarters = (
        replace(north, s=(-860, 820), rows=north.rows[:3], widths=north.widths[:3], names=north.names[:3], ragged=260),
        replace(south, s=(-820, 900), rows=south.rows[3:], widths=south.widths[3:], names=south.names[3:], ragged=260),
    )
    facilities = tuple(f for f in spec.facilities if abs(f.s) < 700 and -275 <= f.t <= 172 and f.use != "station")
    return replace(
        spec,
        reach=(-1750, 1750),
        flanks=(-820, 1000),
        quarters=quarters,
        facilities=facilities,
        sites=tuple(s for s in spec.sites if abs(s.s) < 1500 and s.use not in ("training", "tourism")),
        lanes=tuple(lane for lane in spec.lanes if lane.name in ("Cầu Lộc Bình", "Đường Bản Chu")),
    )
