"""A dossier read, as plan and version of a workspace: what its cells say in words becomes the registry's nouns.

What the circular has no column for is not in a dossier: the English name, the office to ask, the attestation (the
receiving office must compare with the stamped sheets itself), which lots a local adjustment replaces.
"""

import re
from collections.abc import Sequence
from datetime import date

from quyhoach.domain.errors import IngestError
from quyhoach.domain.finding import Finding, Level
from quyhoach.domain.plan import Decision, Document, Plan, PlanVersion, Province, Scan, Status, VersionKind
from quyhoach.dossier.reading import Dossier, Paper
from quyhoach.dossier.words import find_date, read_kind, read_places, read_scale, read_status
from quyhoach.standard import Standard, fold


def slug(text: str) -> str:
    """A plan id made of a name: "Quy hoạch chung thị trấn Đồng Mỏ" -> "quy-hoach-chung-thi-tran-dong-mo"."""
    words = re.findall(r"[a-z0-9]+", fold(re.sub(r"\([^()]*\)", " ", text)))
    name = ""
    for word in words or ["do", "an"]:
        if name and len(name) + 1 + len(word) > 60:
            break
        name = f"{name}-{word}" if name else word[:60]
    return name


def plan_of(
    dossier: Dossier,
    *,
    province: Province,
    standard: Standard,
    plan_id: str | None = None,
    kind: str | None = None,
    level: str | None = None,
) -> tuple[Plan, tuple[Finding, ...]]:
    """The plan, without versions, and what could not be read of it. `plan_id`, `kind` and `level` win over the
    dossier. Raises IngestError where kind, level or scale can't be told."""
    findings: list[Finding] = []
    name = dossier.text("name")
    read, found_level, _ = read_kind(dossier.text("kind"), name, standard)
    kind, level = kind or read, level or found_level
    if kind is None or level is None:
        raise IngestError("dossier-kind-unclear", text=dossier.text("kind"), name=name)
    scale = read_scale(dossier.text("scale"))
    if scale is None:
        raise IngestError("dossier-scale-unclear", text=dossier.text("scale"))
    places, unknown = read_places(dossier.text("places"), province.code, standard)
    findings += [Finding("dossier-place-unknown", Level.WARNING, params={"place": text}) for text in unknown]
    note = dossier.text("note")
    horizon = re.search(r"năm (20\d\d|21\d\d)", f"{note} {name}")
    bodies = {
        "client": _several(dossier.text("client")),
        "consultants": _several(dossier.text("consultant")),
        "approver": _several(dossier.text("authority")),
    }
    codes = {"maThongTinQH": dossier.text("info_code"), "maHoSoQH": dossier.text("code")}
    plan = Plan(
        plan_id=plan_id or slug(name),
        name={"vi": name},
        kind=kind,
        level=level,
        scale=scale,
        places=places,
        versions=(),
        horizon=int(horizon[1]) if horizon else None,
        bodies={key: value for key, value in bodies.items() if value},
        codes={key: value for key, value in codes.items() if value},
        illustrative="minh hoạ" in note.casefold() or "minh hoạ" in name.casefold(),
    )
    return plan, tuple(findings)


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[;\n]", text) if part.strip())


def version_of(
    dossier: Dossier,
    plan: Plan,
    number: int,
    *,
    standard: Standard,
    documents: Sequence[tuple[Paper, str]],
    package: str | None,
    outline: str | None,
) -> tuple[PlanVersion, tuple[Finding, ...]]:
    """The version and what could not be read of it. `documents`: each paper with the SHA-256 it is kept under.

    Without a known status or day it is pending: nothing becomes law by being unreadable."""
    findings: list[Finding] = []
    decision = _decision(dossier, documents)
    said, until = read_status(dossier.text("status"))
    note = dossier.text("note")
    since = find_date(note) if "hiệu lực từ" in note.casefold() else None
    since = since or (decision.date if decision else None)
    status = said or Status.PENDING
    if said is None:
        findings.append(Finding("dossier-status-unclear", Level.WARNING, params={"text": dossier.text("status")}))
    if status in (Status.IN_FORCE, Status.SUPERSEDED) and (since is None or decision is None):
        findings.append(Finding("dossier-not-in-force", Level.WARNING))
        status = Status.PENDING
    if status is Status.SUPERSEDED and until is None:
        findings.append(Finding("dossier-end-unknown", Level.WARNING))
        status = Status.WITHDRAWN
    _, _, change = read_kind(dossier.text("kind"), dossier.text("name"), standard)
    if change is VersionKind.LOCAL:
        findings.append(Finding("dossier-local-adjustment", Level.WARNING))
        change = VersionKind.OVERALL
    scans = tuple(
        Scan(sha256, paper.title, paper.media_type, paper.corners, paper.residual_m)
        for paper, sha256 in documents
        if paper.corners
    )
    version = PlanVersion(
        plan_id=plan.plan_id,
        number=number,
        kind=change,
        status=status,
        valid_from=since,
        valid_to=until if status is Status.SUPERSEDED else None,
        decision=decision,
        package=package,
        outline=outline if package is None else None,
        documents=tuple(Document(sha256, paper.kind, paper.title, paper.media_type) for paper, sha256 in documents),
        scans=scans,
    )
    return version, tuple(findings)


def _decision(dossier: Dossier, documents: Sequence[tuple[Paper, str]]) -> Decision | None:
    """The decision of the record; its document is the one whose row bears the number, else the only decision."""
    number, authority = dossier.text("decision_number"), dossier.text("authority")
    if not number:
        return None
    on = dossier.record.get("decision_date")
    title = ""
    paper = None
    for row in dossier.texts:
        if fold(str(row["number"] or "")) == fold(number):
            title = str(row["abstract"] or "")
            paper = next((sha for one, sha in documents if one.name.endswith(f"/{row['file']}")), None)
            break
    decisions = [sha256 for one, sha256 in documents if one.kind == "decision"]
    if paper is None and len(decisions) == 1:
        paper = decisions[0]
    return Decision(number, on if isinstance(on, date) else None, authority, title, paper)
