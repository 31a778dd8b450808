"""The general and detailed plans of the towns, with their versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import shapely

from quyhoach.demo.arrange import Lot, Patch, arrange
from quyhoach.demo.catalogue import EXAMPLE, TownPlan
from quyhoach.demo.history import dong_mo_adjusted, loc_binh_2012, small_adjusted
from quyhoach.demo.sheet import PlanLot, Sheet, exchange_label, label_lots, relabel
from quyhoach.demo.small import SMALL_TOWN
from quyhoach.demo.studio import DEPARTMENT, Approval, Studio, codes_of, plan_record
from quyhoach.demo.town import Town, draw_town, to_grid
from quyhoach.domain.plan import Place, Plan, Status, VersionKind


def label_town(plan: TownPlan, town: Town, seed: int) -> list[PlanLot]:
    """The lots of a town's plan in force. In Đồng Mỏ the lot of the example answer is OM-12."""
    lots = label_lots(town.lots, f"{seed}/{town.spec.id}")
    if town.spec.id == "dong-mo":
        east, north = to_grid(*EXAMPLE)
        lots = exchange_label(lots, "OM-12", east, north, density="40-60", storeys="1-5", far="0,4-3,0", people=61)
    return lots


def keep_town(studio: Studio, plan: TownPlan, town: Town, lots: Sequence[PlanLot], seed: int) -> None:
    """Keep the general plan of a town with the versions it has in the demo."""
    record = _record(plan)
    if plan.spec.id == "dong-mo":
        _keep_dong_mo(studio, plan, record, town, lots, seed)
    elif plan.spec.id == "loc-binh":
        _keep_loc_binh(studio, plan, record, town, lots, seed)
    elif plan.spec.id == "that-khe":
        _keep_that_khe(studio, plan, record, town, lots)
    else:
        sheet = _sheet(record, plan.approval, town, lots)
        on = plan.approval.on
        version = studio.version(
            record,
            sheet,
            plan.approval,
            package=studio.package(sheet),
            valid_from=on,
            attested=plan.attested,
            place=plan.place,
        )
        studio.keep(record, version)


def _record(plan: TownPlan) -> Plan:
    number = 10 + int(plan.old) % 89
    return plan_record(
        plan.plan_id,
        (f"Quy hoạch chung thị trấn {plan.town} đến năm 2035", f"General plan of {plan.town_en} town to 2035"),
        "general",
        "urban",
        plan.spec.scale,
        [Place(plan.new), Place(plan.old, old=True)],
        horizon=2035,
        bodies={
            "client": (plan.client,),
            "consultants": (plan.consultant,),
            "appraiser": ("Sở Xây dựng tỉnh Lạng Sơn",),
            "approver": ("UBND tỉnh Lạng Sơn",),
        },
        codes=codes_of(number, plan.approval.on.year, level=1, kind=1),
    )


def _sheet(record: Plan, approval: Approval, town: Town, lots: Sequence[PlanLot]) -> Sheet:
    facts = {**record.codes, "soQDQH": approval.shown, "coQuanPheduyet": approval.authority}
    return Sheet(record.name["vi"], record.scale, town.outline, "land_use", lots, town.streets, facts)


def _keep_dong_mo(studio: Studio, plan: TownPlan, record: Plan, town: Town, lots: Sequence[PlanLot], seed: int) -> None:
    """Version 1 with faults of digitising, corrected by version 2; version 3, an overall adjustment, is on its way."""
    on, corrected = plan.approval.on, date(2023, 3, 15)
    faulty = _sheet(record, plan.approval, town, with_faults(lots))
    right = _sheet(record, plan.approval, town, lots)
    adjusted = dong_mo_adjusted(plan.spec) if plan.spec is not SMALL_TOWN else small_adjusted(plan.spec)
    later = draw_town(adjusted, seed)
    changed = [_renewed(lot, later) for lot in later.lots]
    future = Approval(
        "9206/TTr-SXD",
        date(2026, 10, 12),
        plan.approval.about.replace(
            "Phê duyệt đồ án Quy hoạch chung", "Đề nghị phê duyệt đồ án điều chỉnh tổng thể Quy hoạch chung"
        ),
        DEPARTMENT,
    )
    new_lots = relabel(label_lots(changed, f"{seed}/{plan.spec.id}"), lots)
    new_sheet = _sheet(record, future, later, new_lots)
    studio.keep(
        record,
        studio.version(
            record,
            faulty,
            plan.approval,
            package=studio.package(faulty),
            status=Status.SUPERSEDED,
            valid_from=on,
            valid_to=corrected,
            attested=plan.attested,
            place=plan.place,
        ),
        studio.version(
            record,
            right,
            plan.approval,
            package=studio.package(right),
            number=2,
            kind=VersionKind.CORRECTION,
            valid_from=on,
            corrects=1,
            attested=corrected,
            place=plan.place,
        ),
        studio.version(
            record,
            new_sheet,
            future,
            package=studio.package(new_sheet),
            number=3,
            kind=VersionKind.OVERALL,
            status=Status.PENDING,
            valid_from=date(2027, 1, 1),
            place=plan.place,
        ),
    )


def with_faults(lots: Sequence[PlanLot]) -> list[PlanLot]:
    """The lots as first digitised: a digit lost, labels exchanged, a park taken for houses, people mistyped."""
    houses = [lot for lot in lots if lot.use == "housing" and lot.label != "OM-12"]
    parks = [lot for lot in lots if lot.use == "park"]
    labels = {houses[3].label: houses[4].label, houses[4].label: houses[3].label}
    result = []
    for lot in lots:
        if lot.label == "OM-12":
            lot = replace(lot, people=16, storeys="1-3")
        elif lot.label in labels:
            lot = replace(lot, label=labels[lot.label])
        elif lot is parks[len(parks) // 2]:
            lot = replace(lot, function="DAT_O_Nhomnhao")
        elif lot is houses[9]:
            lot = replace(lot, density="4-60")
        result.append(lot)
    return result


def _renewed(lot: Lot, town: Town) -> Lot:
    """Uses that the adjustment changes: mixed houses along a street, services by the bus station."""
    s, t = town.frame.locate(shapely.get_coordinates(lot.shape.centroid))[0]
    use = lot.patch.use
    if use == "housing" and 100 < s < 640 and 92 < t < 182:
        use = "mixed"
    elif use in ("housing", "parking") and 640 < s < 1200 and 0 < t < 92:
        use = "services"
    elif use == "mixed" and s > 300 and t > 182:
        use = "park"
    return lot if use == lot.patch.use else Lot(lot.shape, replace(lot.patch, use=use, name=""))


def _keep_loc_binh(
    studio: Studio, plan: TownPlan, record: Plan, town: Town, lots: Sequence[PlanLot], seed: int
) -> None:
    """The plan of 2012 and the one that replaced it in 2022."""
    old_town = draw_town(loc_binh_2012(plan.spec), seed)
    about = f"Phê duyệt Quy hoạch chung thị trấn {plan.town}, huyện {plan.district} đến năm 2020"
    first = Approval("9012/QĐ-UBND", date(2012, 5, 10), about)
    old_lots = label_lots(old_town.lots, f"{seed}/{plan.spec.id}/2012")
    before, now = _sheet(record, first, old_town, old_lots), _sheet(record, plan.approval, town, lots)
    on = plan.approval.on
    studio.keep(
        record,
        studio.version(
            record,
            before,
            first,
            package=studio.package(before),
            status=Status.SUPERSEDED,
            valid_from=first.on,
            valid_to=on,
            attested=date(2021, 11, 30),
            place=plan.place,
        ),
        studio.version(
            record,
            now,
            plan.approval,
            package=studio.package(now),
            number=2,
            kind=VersionKind.OVERALL,
            valid_from=on,
            attested=plan.attested,
            place=plan.place,
        ),
    )


def _keep_that_khe(studio: Studio, plan: TownPlan, record: Plan, town: Town, lots: Sequence[PlanLot]) -> None:
    """The plan and a local adjustment: two lots of houses become a market street and a small park."""
    sheet = _sheet(record, plan.approval, town, lots)
    first, second = _two_neighbours(lots, town, (620.0, 120.0))
    new_lots = adjusted_lots(town, lots, first, second)
    approval = Approval(
        "9117/QĐ-UBND",
        date(2024, 6, 18),
        f"Phê duyệt điều chỉnh cục bộ lô {first.label} và {second.label} "
        f"Quy hoạch chung thị trấn {plan.town}, huyện {plan.district}",
    )
    outline = shapely.coverage_union_all([lot.shape for lot in new_lots])
    local = replace(
        sheet, outline=outline, lots=new_lots, streets=(), facts={**(sheet.facts or {}), "soQDQH": approval.shown}
    )
    on = plan.approval.on
    studio.keep(
        record,
        studio.version(
            record,
            sheet,
            plan.approval,
            package=studio.package(sheet),
            valid_from=on,
            attested=plan.attested,
            place=plan.place,
        ),
        studio.version(
            record,
            local,
            approval,
            package=studio.package(local),
            number=2,
            kind=VersionKind.LOCAL,
            valid_from=approval.on,
            replaces=(first.label, second.label),
            attested=date(2024, 7, 10),
            place=plan.place,
        ),
    )


def _two_neighbours(lots: Sequence[PlanLot], town: Town, near: tuple[float, float]) -> tuple[PlanLot, PlanLot]:
    """The housing lot nearest to (s, t) and the housing lot beside it along the street."""
    place = shapely.Point(town.frame.at(*near)[0])
    houses = sorted(
        (lot for lot in lots if lot.use in ("housing", "old_housing")), key=lambda x: x.shape.distance(place)
    )
    first = houses[0]
    edge = {lot.label: first.shape.intersection(lot.shape).length for lot in houses[1:12]}
    second = max(houses[1:12], key=lambda lot: edge[lot.label])
    return first, second


def adjusted_lots(town: Town, lots: Sequence[PlanLot], first: PlanLot, second: PlanLot) -> list[PlanLot]:
    """The two lots' ground divided anew: services on two thirds, a park on the rest; numbers go on."""
    ground = shapely.coverage_union_all([first.shape, second.shape])
    places = town.frame.locate(shapely.get_coordinates(ground))
    (s0, t0), (s1, t1) = places.min(axis=0), places.max(axis=0)
    cut = s0 + (s1 - s0) * 0.66
    patches = [
        Patch(town.frame.quad(s0 - 40, cut, t0 - 40, t1 + 40), "services", name="Phố thương mại, dịch vụ", least=100),
        Patch(town.frame.quad(cut, s1 + 40, t0 - 40, t1 + 40), "park", name="Vườn hoa khu phố", least=100),
    ]
    return relabel(label_lots(arrange(patches, ground), "local"), lots)
