"""Habits put together by chance: what nobody thought of when the named ones were written down."""

import random
from typing import Any

from quyhoach.demo.cad.habit import Habit

_FRAMES = ("9215", "9215", "swap", "mm", "mm_swap", "cm", "local", "rotated", "epsg:9210", "epsg:3405", "epsg:9211")
_LOT_FAULTS = ("no_label", "two_labels", "leader", "overlap", "tiny_gap", "unclosed", "self_intersect", "duplicate",
               "poly3d", "area_disagree", "wrong_density", "lot_outside_boundary", "balance_disagrees")  # fmt: skip
_LINE_FAULTS = ("gap", "overshoot", "dangle", "duplicate_line", "zero_length", "no_label", "two_labels", "leader",
                "area_disagree", "balance_disagrees")  # fmt: skip
_EXTRAS = (
    "kerbs", "terrain", "street_names", "sections", "house_numbers", "legend_layers", "solid_legend", "off_old",
    "frozen_old", "paper_space", "spline", "wipeout", "missing_xref", "table_block", "ansi", "sheets",
)  # fmt: skip
_NOT_R12 = ("spline", "wipeout", "missing_xref", "table_block", "ansi", "paper_space", "mline")


def chance_habit(seed: int) -> Habit:
    """A habit by chance, possible in itself; the same for the same seed."""
    rng = random.Random(f"chance/{seed}")
    old = rng.random() < 0.12
    version = "R12" if old else rng.choice(("R2000", "R2004", "R2007", "R2010", "R2013", "R2018"))
    lots, by, naming = _lots(rng, version)
    frame = rng.choice(_FRAMES)
    marks = rng.choice(("cross", "cross", "block", "point", "plus"))
    extras = {extra for extra in _EXTRAS if rng.random() < 0.3} | {"balance", "roads"}
    if old:
        extras -= set(_NOT_R12)
    if frame in ("9215", "swap", "mm") and rng.random() < 0.2:
        marks = "none"
        extras.add("crs_note")
    linework = lots.startswith("linework")
    faults = _LINE_FAULTS if linework else _LOT_FAULTS
    if linework and rng.random() < 0.4:
        extras.add("edge_missing")
    more = _writing(rng, version) | _labels(rng, version)
    detail = rng.random() < 0.35
    if detail:
        more["unit"] = "m2"
    if by == "prefix" and more["codes"] == "roman":  # the letters must lead
        more["codes"] = "dash"
    return Habit(
        name=f"chance_{seed:03d}", level="medium" if rng.random() < 0.5 else "hard", town="Bản Mới",
        detail=detail, version=version, binary=not old and rng.random() < 0.12, frame=frame, marks=marks,
        mark_style=rng.choice(("XY", "XY", "NE")), lots=lots, entity=rng.choice(("line", "pline", "mixed")),
        naming=naming, by=by, defects=tuple(fault for fault in faults if rng.random() < 0.35),
        extras=tuple(sorted(extras)), **more,
    )  # fmt: skip


def _lots(rng: random.Random, version: str) -> tuple[str, str, str]:
    """How lots are drawn, what tells their function, how layers are named."""
    if version == "R12":
        lots = rng.choice(("closed", "linework"))
    else:
        lots = rng.choice(("closed", "closed", "fill", "hatch", "hatch_edge", "hatch_multi", "linework", "linework",
                           "linework_hatch", "mixed", "blocks"))  # fmt: skip
    naming = rng.choice(("accents" if version > "R2004" else "plain", "plain", "number", "english", "xref"))
    if lots == "linework":
        return lots, rng.choice(("prefix", "label_colour", "label_layer")), naming
    by = rng.choice(("layer", "layer", "layer", "colour", "rgb"))
    if by == "rgb" and version in ("R12", "R2000"):
        by = "colour"
    return lots, by, "one" if by != "layer" else naming


def _writing(rng: random.Random, version: str) -> dict[str, Any]:
    if version == "R12":
        letters = rng.choice(("plain", "tcvn3", "vni"))
    elif version in ("R2000", "R2004"):
        letters = rng.choice(("tcvn3", "vni", "cp1258", "nfc", "plain"))
    else:
        letters = rng.choice(("nfc", "nfc", "nfd", "tcvn3", "vni", "mixed"))
    return {
        "letters": letters, "numbers": rng.choice(("vn", "vn", "en")), "unit": rng.choice(("m2", "m2", "ha")),
        "square": rng.choice(("m2", "m²" if letters in ("nfc", "nfd") else "m2", "m%%178", "none")),
        "codes": rng.choice(("dash", "joined", "block", "dotted", "roman", "space")),
        "wording": rng.choice(("short", "long", "signs")), "dash": rng.choice(("-", "-", "-", " - ", "÷", "–")),
        "limits": rng.random() < 0.2, "order": rng.choice(("usual", "usual", "people_first", "storeys_first")),
    }  # fmt: skip


def _labels(rng: random.Random, version: str) -> dict[str, Any]:
    kinds = ("text",) if version == "R12" else ("text", "text", "mtext", "attrib", "multileader")
    template = rng.choice(("rows", "rows", "keyed", "keyed", "cells", "circle", "inline"))
    return {"labels": rng.choice(kinds), "template": template, "turned": rng.random() < 0.2,
            "bare": rng.random() < 0.3}  # fmt: skip
