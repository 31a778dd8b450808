"""The region, the overlays and the parcels as plans of the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.demo.cadastre import draw_parcels, parcels_layer, parcels_outline
from quyhoach.demo.overlays import OverlaySheet, draw_corridors, draw_floods, draw_heritage
from quyhoach.demo.region import DISTRICTS, draw_region
from quyhoach.demo.roads import road_routes
from quyhoach.demo.sheet import PlanLot, Sheet, label_lots, outline_layer, record_layers
from quyhoach.demo.studio import Approval, Studio, plan_record
from quyhoach.demo.town import Town
from quyhoach.domain.plan import Place, Plan


def keep_region(
    studio: Studio, towns: Mapping[str, Town], units: Mapping[str, BaseGeometry], codes: Sequence[str], seed: int
) -> None:
    """Keep the inter-district region along national road 4B."""
    region = draw_region(units, codes, road_routes(towns)["Quốc lộ 4B"][0], seed)
    record = plan_record(
        "qhv-quoc-lo-4b",
        (
            "Quy hoạch xây dựng vùng liên huyện dọc quốc lộ 4B (TP Lạng Sơn, Cao Lộc, Lộc Bình, Đình Lập)",
            "Inter-district region plan along national road 4B",
        ),
        "region",
        "inter_district",
        50000,
        [*(Place(code) for code in codes), *(Place(code, old=True) for code in DISTRICTS)],
        horizon=2040,
        bodies={"client": ("Sở Xây dựng tỉnh Lạng Sơn",), "approver": ("UBND tỉnh Lạng Sơn",)},
    )
    approval = Approval(
        "9220/QĐ-UBND",
        date(2023, 10, 5),
        "Phê duyệt đồ án Quy hoạch xây dựng vùng liên huyện dọc quốc lộ 4B, tỉnh Lạng Sơn đến năm 2040",
    )
    lots = label_lots(region.lots, f"{seed}/region", band=6000.0)
    facts = {"soQDQH": approval.shown, "coQuanPheduyet": approval.authority}
    sheet = Sheet(record.name["vi"], 50000, region.outline, "region", lots, region.streets, facts)
    version = studio.version(
        record, sheet, approval, package=studio.package(sheet), valid_from=approval.on, attested=date(2023, 11, 20)
    )
    studio.keep(record, version)


def keep_overlays(studio: Studio, towns: Mapping[str, Town], units: Mapping[str, BaseGeometry], seed: int) -> None:
    """Keep the road corridors, the heritage zones (data in two towns) and the floods (data in some towns)."""
    within = shapely.union_all(list(units.values())).buffer(-200)
    corridors = draw_corridors(towns, within)
    _keep(
        studio,
        corridors,
        "hanh-lang-duong-bo",
        ("Hành lang an toàn đường bộ quốc lộ 1A, 4B", "Road safety corridors of national roads 1A and 4B"),
        "technical",
        Approval(
            "9401/QĐ-UBND",
            date(2021, 7, 1),
            "Công bố hành lang an toàn đường bộ các quốc lộ 1A, 4B trên địa bàn tỉnh Lạng Sơn",
        ),
        [Place("20")],
    )
    covered = [towns[name].outline for name in ("chi-lang", "dong-mo") if name in towns]
    heritage = draw_heritage(towns.get("chi-lang") or towns["dong-mo"], covered, seed)
    _keep(
        studio,
        heritage,
        "di-tich-ai-chi-lang",
        ("Khu vực bảo vệ di tích Ải Chi Lăng", "Protection zones of Ai Chi Lang"),
        "functional",
        Approval("9402/QĐ-UBND", date(2020, 4, 28), "Khoanh vùng bảo vệ di tích Ải Chi Lăng"),
        [Place("06463")],
    )
    wet = [towns[name] for name in ("chi-lang", "that-khe", "loc-binh") if name in towns]
    if wet:
        floods = draw_floods(wet, seed)
        _keep(
            studio,
            floods,
            "nguy-co-ngap-lut",
            ("Vùng nguy cơ ngập lụt ven sông", "River flood areas"),
            "technical",
            Approval(
                "9403/QĐ-UBND",
                date(2021, 9, 15),
                "Công bố vùng nguy cơ ngập lụt ven sông Thương, sông Bắc Khê, sông Kỳ Cùng",
            ),
            [Place("06463"), Place("06040"), Place("06529")],
        )


def _keep(
    studio: Studio,
    overlays: OverlaySheet,
    plan_id: str,
    name: tuple[str, str],
    level: str,
    approval: Approval,
    places: Sequence[Place],
) -> Plan:
    record = plan_record(plan_id, name, "restriction", level, 10000, places, bodies={"approver": (approval.authority,)})
    outline = shapely.union_all(list(overlays.coverage))
    facts = {"soQDQH": approval.shown, "coQuanPheduyet": approval.authority}
    sheet = Sheet(record.name["vi"], 10000, outline, overlays.theme, facts=facts)
    package = studio.layers([outline_layer(sheet), *overlays.layers(), *record_layers(sheet.title, facts)])
    version = studio.version(
        record, sheet, approval, package=package, valid_from=approval.on, attested=date(approval.on.year, 12, 15)
    )
    return studio.keep(record, version)


def keep_parcels(studio: Studio, town: Town, lots: Sequence[PlanLot], commune: str, count: int, seed: int) -> None:
    """Keep the cadastral map of a town's centre; `commune` is the code of before 1/7/2025."""
    parcels = draw_parcels(town, lots, count, seed)
    record = plan_record(
        f"dia-chinh-{town.spec.id}",
        ("Bản đồ địa chính khu trung tâm thị trấn", "Cadastral map of the town's centre"),
        "cadastre",
        "urban",
        1000,
        [Place(commune), Place(commune, old=True)],
    )
    approval = Approval(
        "9501/QĐ-STNMT",
        date(2019, 12, 20),
        "Nghiệm thu bản đồ địa chính khu trung tâm thị trấn",
        "Sở Tài nguyên và Môi trường tỉnh Lạng Sơn",
    )
    sheet = Sheet(record.name["vi"], 1000, parcels_outline(parcels), "land_use")
    package = studio.layers([outline_layer(sheet), parcels_layer(parcels, commune), *record_layers(sheet.title, {})])
    version = studio.version(
        record, sheet, approval, package=package, valid_from=approval.on, attested=date(2020, 2, 10)
    )
    studio.keep(record, version)
