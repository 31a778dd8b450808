"""The habits of a consultant: how he draws, writes, names and places things, and what he gets wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habit:
    """One consultant's way of drawing; docs of the values stand beside the fields."""

    name: str
    level: str  # clean | medium | hard
    town: str  # name on the title block
    detail: bool = False  # a plan 1/500 with row houses, else 1/5.000
    curved: bool = True
    version: str = "R2010"  # R12 R2000 R2004 R2007 R2010 R2013 R2018
    binary: bool = False
    letters: str = "nfc"  # nfc nfd cp1258 vni tcvn3 mixed (labels TCVN3, sheet Unicode) plain
    frame: str = "9215"  # or epsg:N; swap mm mm_swap cm local rotated
    marks: str = "cross"  # cross (two lines) | block | point | plus (a block without attributes) | none
    mark_style: str = "XY"  # "XY": X=… / Y=…;  "NE": N … / E …
    map_crs: str = "auto"  # crs in the operator's mapping
    lots: str = (
        "closed"  # closed | fill | hatch | hatch_edge | hatch_multi | linework | linework_hatch | blocks | mixed
    )
    entity: str = "mixed"  # of linework: line (LINE and ARC) | pline | mixed
    naming: str = "plain"  # accents | plain | number | english | xref | one
    by: str = "layer"  # what tells the function: layer | colour | rgb | prefix | label_layer | label_colour
    labels: str = "text"  # text | mtext | attrib | multileader
    template: str = "rows"  # rows | keyed | cells | circle | code | inline
    turned: bool = False  # labels turned with their lots
    numbers: str = "vn"  # vn | en
    unit: str = "m2"  # m2 | ha
    square: str = "m2"  # how the unit is written: m2 | m² | m%%178 | small (a 2 of its own) | none
    wording: str = "short"  # of keyed labels: short (MĐXD:) | long (Mật độ XD:) | signs (MĐ=)
    dash: str = "-"  # between the ends of a range: - | " - " | ÷ | –
    limits: bool = False  # one number is written as a limit: ≤60
    order: str = "usual"  # of the lines: usual | people_first | storeys_first
    bare: bool = False  # rows without units and signs
    codes: str = "dash"  # dash OM-12 | joined OM12 | block OM-3.12 | dotted OM.12 | roman III.OM12 | space OM 12
    defects: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()


HABITS = (
    # ── clean ──────────────────────────────────────────────────────────────────────────────────────────────
    Habit("accents_mtext", "clean", "Bình Liên", version="R2013", naming="accents", labels="mtext", template="keyed",
          map_crs="EPSG:9215", square="m²", extras=("balance", "roads", "kerbs")),
    Habit("english_rgb_circles", "clean", "Na Sầm Mới", version="R2018", lots="fill", naming="english", by="rgb",
          template="circle", numbers="en", square="m2", codes="joined", marks="block", map_crs="EPSG:9215",
          extras=("balance", "roads", "kerbs", "hatch_layer")),
    Habit("detail_lot_table", "clean", "Khu dân cư Cầu Ngầm", detail=True, version="R2007", naming="accents",
          template="code", codes="block", map_crs="EPSG:9215", extras=("lot_table", "balance", "roads", "dims")),
    # ── medium ─────────────────────────────────────────────────────────────────────────────────────────────
    Habit("vni_linework_mmswap", "medium", "Bản Thín", version="R2000", letters="vni", frame="mm_swap",
          lots="linework", entity="mixed", by="prefix", template="rows", codes="dash", map_crs="EPSG:9215",
          defects=("gap", "duplicate_line", "zero_length", "no_label"), extras=("balance", "roads", "terrain")),
    Habit("xref_names_utm48", "medium", "Lộc Yên", version="R2004", letters="tcvn3", frame="epsg:3405", naming="xref",
          template="keyed", map_crs="EPSG:3405", square="m%%178",
          defects=("unclosed", "overlap", "tiny_gap", "no_label", "area_disagree"),
          extras=("balance", "roads", "kerbs", "missing_xref", "frozen_old")),
    Habit("cm_attributes", "medium", "Tân Thanh", version="R2007", letters="nfc", frame="cm", marks="block",
          labels="attrib", template="rows", numbers="en", naming="plain", codes="space",
          defects=("duplicate", "leader", "no_label", "wrong_density"),
          extras=("balance", "roads", "street_names", "wipeout", "legend_layers")),
    Habit("mixed_letters_leaders", "medium", "Khu tái định cư Nà Nưa", detail=True, version="R2007", letters="mixed",
          naming="plain", template="rows", turned=True, unit="m2", square="small", codes="block", frame="9215",
          defects=("leader", "self_intersect", "unclosed", "duplicate", "no_label"),
          extras=("balance", "roads", "terrain", "dims", "sections")),
    Habit("hatch_islands_mm", "medium", "Hữu Kiên", version="R2010", frame="mm", lots="hatch_edge", naming="plain",
          template="cells", unit="ha", codes="dotted", defects=("no_label", "two_labels", "balance_disagrees"),
          extras=("balance", "roads", "kerbs", "legend_layers", "off_old", "solid_legend", "spline")),
    Habit("cp1258_stack", "medium", "Vạn Linh", version="R2000", letters="cp1258", frame="swap", lots="fill",
          naming="plain", template="keyed", numbers="en", unit="ha", codes="roman", mark_style="NE",
          defects=("overlap", "area_disagree", "lot_outside_boundary", "balance_disagrees"),
          extras=("balance", "roads", "kerbs", "terrain", "ansi", "spline", "house_numbers")),
    # ── hard ───────────────────────────────────────────────────────────────────────────────────────────────
    Habit("rotated_one_layer", "hard", "Yên Trạch", version="R2013", letters="nfd", frame="rotated", marks="point",
          mark_style="NE", lots="hatch_multi", naming="one", by="colour", labels="mtext", template="keyed", unit="ha",
          defects=("no_label", "two_labels", "overlap", "area_disagree", "balance_disagrees"),
          extras=("balance", "roads", "kerbs", "off_old", "paper_space", "legend_layers", "terrain")),
    Habit("numeric_dirty_tcvn3", "hard", "Hoàng Văn Thụ", version="R2004", letters="tcvn3", frame="swap",
          lots="linework", entity="line", naming="number", by="label_colour", template="cells", square="none",
          codes="joined", defects=("gap", "overshoot", "dangle", "duplicate_line", "zero_length", "no_label",
                                   "two_labels", "leader"),
          extras=("balance", "roads", "terrain", "frozen_old", "legend_layers", "edge_missing")),
    Habit("blocks_minsert", "hard", "Khu nhà ở Đông Kinh", detail=True, version="R2010", frame="local", marks="plus",
          lots="blocks", naming="plain", labels="mtext", template="rows", codes="block",
          defects=("poly3d", "unclosed", "duplicate", "lot_outside_boundary", "no_label", "area_disagree"),
          extras=("balance", "roads", "dims", "table_block", "arrays", "house_numbers", "mline", "paper_space")),
    Habit("three_sheets", "hard", "Mai Pha", version="R2010", letters="nfc", frame="9215", naming="plain",
          template="rows", labels="mtext", map_crs="EPSG:9215",
          defects=("no_label", "unclosed", "wrong_density", "off_old", "frozen_old"),
          extras=("balance", "roads", "kerbs", "sheets", "off_old", "frozen_old", "missing_xref", "paper_space",
                  "sections", "street_names")),
    Habit("r12_note_only", "hard", "Đồng Bục", detail=False, version="R12", letters="plain", frame="epsg:9210",
          marks="none", lots="closed", naming="number", template="inline", labels="text", numbers="en", codes="dash",
          defects=("unclosed", "self_intersect", "duplicate", "leader", "two_labels", "tiny_gap"),
          extras=("balance", "roads", "kerbs", "terrain", "crs_note", "house_numbers")),
    Habit("binary_multileader", "hard", "Chiến Thắng", version="R2018", binary=True, letters="nfd",
          frame="epsg:3406", lots="mixed", naming="one", by="rgb", labels="multileader", template="rows",
          map_crs="EPSG:3406", codes="dash",
          defects=("poly3d", "overlap", "duplicate", "unclosed", "no_label", "lot_outside_boundary"),
          extras=("balance", "roads", "kerbs", "off_old", "legend_layers", "spline", "wipeout", "crs_note")),
    Habit("linework_hatch_vni", "hard", "Hòa Lạc", version="R2000", letters="vni", frame="mm", lots="linework_hatch",
          entity="pline", naming="number", labels="attrib", template="rows", unit="ha", codes="dotted",
          defects=("gap", "overshoot", "duplicate_line", "dangle", "two_labels", "no_label", "balance_disagrees"),
          extras=("balance", "roads", "terrain", "off_old", "ansi", "edge_missing", "paper_space")),
)  # fmt: skip
