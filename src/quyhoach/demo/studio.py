"""Keeps what is drawn: packages, papers, plans and versions, into the workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from quyhoach.demo.papers import DecisionPaper, Press
from quyhoach.demo.sheet import Sheet, write_outline, write_sheet
from quyhoach.demo.town import CRS
from quyhoach.domain.plan import (
    Attestation,
    Decision,
    Document,
    Place,
    Plan,
    PlanVersion,
    Scan,
    Status,
    VersionKind,
)
from quyhoach.package import Layer, write_package
from quyhoach.release.workspace import store_document, store_package, write_plan, write_version

PROVINCE_COMMITTEE = "UBND tỉnh Lạng Sơn"
DEPARTMENT = "Sở Xây dựng tỉnh Lạng Sơn"
ATTESTED_BY = "Phòng Quy hoạch – Kiến trúc và Phát triển đô thị (minh hoạ)"
REAL_SOURCE = "nangluongsachvietnam.vn, bài 17530"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a version, when, and what the page of the decision says it is about."""

    number: str
    on: date
    about: str
    authority: str = PROVINCE_COMMITTEE
    real: bool = False

    @property
    def shown(self) -> str:
        """The number as shown: an invented one says so."""
        return self.number if self.real else f"{self.number} (số minh hoạ)"


@dataclass(frozen=True, slots=True)
class Studio:
    """Where the drawn things go. `folder` is a place for files being written."""

    root: Path
    folder: Path
    press: Press

    def package(self, sheet: Sheet) -> str:
        """Write and keep the package of a sheet; its SHA-256."""
        path = self.folder / "sheet.gpkg"
        write_sheet(path, sheet)
        return store_package(self.root, path)

    def layers(self, layers: Sequence[Layer]) -> str:
        """Write and keep a package of ready layers; its SHA-256."""
        path = self.folder / "layers.gpkg"
        write_package(path, layers, crs=CRS)
        return store_package(self.root, path)

    def outline(self, sheet: Sheet) -> str:
        """Write and keep the outline of a plan that is not digitised; its SHA-256."""
        path = self.folder / "outline.gpkg"
        write_outline(path, sheet)
        return store_package(self.root, path)

    def decision(
        self, approval: Approval, sheet: Sheet, place: str, valid_from: date | None
    ) -> tuple[Decision, Document]:
        """Print and keep the page of a decision."""
        paper = DecisionPaper(
            number=approval.shown,
            on=approval.on,
            authority=approval.authority.replace("UBND", "Ủy ban nhân dân"),
            about=approval.about,
            place=place,
            area_ha=sheet.outline.area / 1e4,
            scale=sheet.scale,
            valid_from=valid_from or approval.on,
            real=approval.real,
            source=REAL_SOURCE if approval.real else "",
        )
        sha = store_document(self.root, self.press.decision(paper))
        kind = "Tờ trình" if "/TTr-" in approval.number else "Quyết định"
        title = f"{kind} {approval.shown} (dữ liệu minh hoạ)"
        document = Document(sha, "decision" if kind == "Quyết định" else "other", title, "application/pdf")
        return Decision(approval.shown, approval.on, approval.authority, approval.about, sha), document

    def version(
        self,
        plan: Plan,
        sheet: Sheet,
        approval: Approval,
        *,
        package: str | None,
        number: int = 1,
        kind: VersionKind = VersionKind.NEW,
        status: Status = Status.IN_FORCE,
        valid_from: date | None = None,
        valid_to: date | None = None,
        outline: str | None = None,
        corrects: int | None = None,
        replaces: tuple[str, ...] = (),
        attested: date | None = None,
        place: str = "",
        scans: tuple[tuple[Scan, Document], ...] = (),
    ) -> PlanVersion:
        """A version with its decision printed."""
        decision, document = self.decision(approval, sheet, place or plan.name["vi"], valid_from)
        return PlanVersion(
            plan_id=plan.plan_id,
            number=number,
            kind=kind,
            status=status,
            valid_from=valid_from,
            valid_to=valid_to,
            decision=decision,
            package=package,
            outline=outline,
            corrects=corrects,
            replaces=replaces,
            attested=Attestation(ATTESTED_BY, attested) if attested else None,
            documents=(document, *(paper for _, paper in scans)),
            scans=tuple(scan for scan, _ in scans),
        )

    def keep(self, plan: Plan, *versions: PlanVersion) -> Plan:
        """Write a plan and its versions into the workspace."""
        write_plan(self.root, plan)
        for version in versions:
            write_version(self.root, version)
        return replace(plan, versions=tuple(versions))


def plan_record(
    plan_id: str,
    name: tuple[str, str],
    kind: str,
    level: str,
    scale: int,
    places: Sequence[Place],
    *,
    horizon: int | None = None,
    bodies: Mapping[str, tuple[str, ...]] | None = None,
    codes: Mapping[str, str] | None = None,
    secret: bool = False,
) -> Plan:
    """A plan of the demo: its names say that it is illustrative."""
    return Plan(
        plan_id=plan_id,
        name={"vi": f"{name[0]} (dữ liệu minh hoạ)", "en": f"{name[1]} (illustrative data)"},
        kind=kind,
        level=level,
        scale=scale,
        places=tuple(places),
        versions=(),
        horizon=horizon,
        bodies=bodies or {},
        codes=codes or {},
        secret=secret,
        ask="sxd",
        illustrative=True,
    )


def codes_of(number: int, year: int, *, level: int, kind: int, change: int = 0) -> dict[str, str]:
    """National codes in the form of NĐ 111/2024 and TT 16/2025, with invented serials."""
    family = {1: "QHC", 2: "QPK", 3: "QCT"}[level]
    return {
        "maThongTinQH": f"20{year % 100:02d}{level}{kind}{change}{90000 + number:05d}",
        "maHoSoQH": f"20{family}{change}00{9000 + number:04d}",
    }
