"""The detailed plans of the towns, one of them known only from paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from random import Random

from quyhoach.demo.detailed import Detailed, DetailedSpec, draw_detailed
from quyhoach.demo.papers import ScanFrame, scan_facts
from quyhoach.demo.sheet import Sheet, label_lots
from quyhoach.demo.small import SMALL_TOWN
from quyhoach.demo.specs import TownSpec
from quyhoach.demo.studio import Approval, Studio, codes_of, plan_record
from quyhoach.demo.town import Town
from quyhoach.domain.plan import Document, Place, Plan, Scan
from quyhoach.release.workspace import store_document

HOA_BINH = DetailedSpec("hoa-binh", "bac", (2, 4), (720, 1000), {"park": "services"}, plot=(6.0, 8.0), villas=0.25)
TRUNG_TAM = DetailedSpec("trung-tam", "bac", (2, 4), (-130, 190), plot=(5.5, 8.0))
KHU_5 = DetailedSpec("khu-5", "nam", (1, 3), (560, 860), plot=(6.5, 8.5), villas=0.35)
KHU_KIN = DetailedSpec(
    "khu-kin", "dong", (0, 2), (-900, -500), {"park": "defence", "services": "defence"}, plot=(24.0, 36.0)
)


def keep_detailed(studio: Studio, towns: Mapping[str, Town], seed: int) -> None:
    """Keep the detailed plans of the towns that are there; one of them is known only by outline, decision and scan."""
    if "dong-mo" in towns:
        _keep_hoa_binh(studio, towns["dong-mo"], seed)
        _keep_not_digitised(studio, towns["dong-mo"], seed)
    if "loc-binh" in towns:
        _keep_plain(
            studio,
            towns["loc-binh"],
            KHU_5,
            "qhct-khu-5-loc-binh",
            "06529",
            "06529",
            ("Quy hoạch chi tiết khu dân cư Khu 5, thị trấn Lộc Bình", "Detailed plan of quarter 5, Loc Binh"),
            Approval(
                "9371/QĐ-UBND",
                date(2024, 4, 2),
                "Phê duyệt Quy hoạch chi tiết khu dân cư Khu 5, thị trấn Lộc Bình, tỷ lệ 1/500",
                "UBND huyện Lộc Bình",
            ),
            seed,
        )
    if "dong-dang" in towns:
        _keep_plain(
            studio,
            towns["dong-dang"],
            KHU_KIN,
            "qhct-khu-kin",
            "06184",
            "06184",
            ("Quy hoạch chi tiết khu bí mật QS-77", "Detailed plan of secret area QS-77"),
            Approval("9377/QĐ-UBND", date(2024, 9, 9), "Phê duyệt Quy hoạch chi tiết khu bí mật QS-77"),
            seed,
            secret=True,
        )


def _keep_plain(
    studio: Studio,
    town: Town,
    spec: DetailedSpec,
    plan_id: str,
    new: str,
    old: str,
    name: tuple[str, str],
    approval: Approval,
    seed: int,
    *,
    secret: bool = False,
) -> Plan:
    drawn = draw_detailed(spec, town, seed)
    record = plan_record(
        plan_id,
        name,
        "detailed",
        "urban",
        500,
        [Place(new), Place(old, old=True)],
        bodies={"approver": (approval.authority,)},
        codes=codes_of(len(plan_id), approval.on.year, level=3, kind=1),
        secret=secret,
    )
    sheet = _detailed_sheet(record, approval, drawn, seed)
    version = studio.version(
        record,
        sheet,
        approval,
        package=studio.package(sheet),
        valid_from=approval.on,
        attested=date(approval.on.year, 12, 1),
    )
    return studio.keep(record, version)


def _detailed_sheet(record: Plan, approval: Approval, drawn: Detailed, seed: int) -> Sheet:
    lots = label_lots(drawn.lots, f"{seed}/{record.plan_id}", band=42.0)
    facts = {**record.codes, "soQDQH": approval.shown, "coQuanPheduyet": approval.authority}
    return Sheet(record.name["vi"], 500, drawn.outline, "detailed_plan", lots, drawn.streets, facts, setback=3.0)


def _keep_hoa_binh(studio: Studio, town: Town, seed: int) -> None:
    """Disagrees with the general plan: what that keeps as a park is for services here."""
    approval = Approval(
        "9318/QĐ-UBND",
        date(2023, 5, 25),
        "Phê duyệt Quy hoạch chi tiết khu dân cư Hòa Bình, thị trấn Đồng Mỏ, tỷ lệ 1/500",
        "UBND huyện Chi Lăng",
    )
    _keep_plain(
        studio,
        town,
        _fitted(HOA_BINH, town.spec),
        "qhct-hoa-binh-dong-mo",
        "06463",
        "06463",
        ("Quy hoạch chi tiết khu dân cư Hòa Bình, thị trấn Đồng Mỏ", "Detailed plan of Hoa Binh, Dong Mo"),
        approval,
        seed,
    )


def _fitted(spec: DetailedSpec, town: TownSpec) -> DetailedSpec:
    return replace(spec, s=(250, 480)) if town is SMALL_TOWN and spec is HOA_BINH else spec


def _keep_not_digitised(studio: Studio, town: Town, seed: int) -> None:
    """In force since 2014, on paper only: the outline, the decision and a scan of the sheet."""
    approval = Approval(
        "9140/QĐ-UBND",
        date(2014, 8, 22),
        "Phê duyệt Quy hoạch chi tiết chỉnh trang khu trung tâm thị trấn Đồng Mỏ, tỷ lệ 1/500",
        "UBND huyện Chi Lăng",
    )
    title = "Quy hoạch chi tiết chỉnh trang khu trung tâm thị trấn Đồng Mỏ"
    record = plan_record(
        "qhct-trung-tam-dong-mo",
        (title, "Detailed plan of the centre of Dong Mo"),
        "detailed",
        "urban",
        500,
        [Place("06463"), Place("06463", old=True)],
        bodies={"approver": (approval.authority,)},
        codes={},
    )
    drawn = draw_detailed(TRUNG_TAM, town, seed)
    sheet = replace(_detailed_sheet(record, approval, drawn, seed), lots=(), streets=(), setback=0.0)
    lots = label_lots(drawn.lots, f"{seed}/{record.plan_id}", band=42.0)
    west, south, east, north = drawn.outline.bounds
    frame = ScanFrame(
        ((west + east) / 2, (south + north) / 2 + 6), max((east - west) / 340, (north - south) / 232), 0.7
    )
    texts = {
        "title": title.upper(),
        "number": approval.shown,
        "date": approval.on.strftime("%d/%m/%Y"),
        "authority": approval.authority.upper(),
    }
    facts = scan_facts(lots, drawn.outline, frame, texts, Random(f"{seed}/scan"))
    sha = store_document(studio.root, studio.press.sheet(facts))
    name = "Bản đồ tổng mặt bằng sử dụng đất (bản quét, dữ liệu minh hoạ)"
    scan = Scan(sha, name, "image/png", frame.corners(), residual_m=2.4)
    paper = Document(sha, "scan", name, "image/png")
    version = studio.version(
        record,
        sheet,
        approval,
        package=None,
        outline=studio.outline(sheet),
        valid_from=approval.on,
        scans=((scan, paper),),
    )
    studio.keep(record, version)
