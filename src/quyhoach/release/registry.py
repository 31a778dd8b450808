"""The public face of the registry: plans.json, and the names of published documents."""

from collections.abc import Mapping, Sequence
from typing import Any

from quyhoach.domain.plan import Decision, Document, Plan, PlanVersion
from quyhoach.release.content import Job
from quyhoach.release.workspace import Workspace

EXTENSIONS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
    "text/plain": "txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


def public_documents(version: PlanVersion) -> list[Document]:
    """Documents and scans of a version; a scan is a document too."""
    scans = [Document(scan.sha256, "scan", scan.title, scan.media_type) for scan in version.scans]
    return [*version.documents, *scans]


def document_file(version: PlanVersion, sha256: str | None) -> str | None:
    """Name under which a release publishes a document of a version; None where the version doesn't list it."""
    for document in public_documents(version):
        if document.sha256 == sha256:
            return f"{sha256}.{EXTENSIONS.get(document.media_type, 'bin')}"
    return None


def decision_facts(version: PlanVersion) -> dict[str, Any] | None:
    """A decision as answers and lists show it; `document` is a file name in the release's documents/."""
    decision: Decision | None = version.decision
    if decision is None:
        return None
    return {
        "number": decision.number,
        "date": decision.date.isoformat() if decision.date else None,
        "authority": decision.authority,
        "title": decision.title,
        "document": document_file(version, decision.document),
    }


def public_registry(workspace: Workspace, jobs: Sequence[Job], diffs: Mapping[str, Any]) -> dict[str, Any]:
    """plans.json: every published plan with its versions, newest version last."""
    versions: dict[str, list[dict[str, Any]]] = {}
    plans: dict[str, Plan] = {}
    for job in jobs:
        plans[job.plan.plan_id] = job.plan
        versions.setdefault(job.plan.plan_id, []).append(_version(job))
    return {
        "plans": [
            {
                "plan_id": plan.plan_id,
                "name": dict(plan.name),
                "kind": plan.kind,
                "level": plan.level,
                "scale": plan.scale,
                "horizon": plan.horizon,
                "places": [_place(workspace, place.code, place.old) for place in plan.places],
                "bodies": {role: list(names) for role, names in plan.bodies.items()},
                "codes": dict(plan.codes),
                "illustrative": plan.illustrative or workspace.province.illustrative,
                "versions": versions[plan_id],
                "diffs": diffs.get(plan_id, []),
            }
            for plan_id, plan in sorted(plans.items())
        ]
    }


def _place(workspace: Workspace, code: str, old: bool) -> dict[str, Any]:
    unit = workspace.standard.units.get(f"old:{code}" if old else code)
    return {"code": code, "old": old, "name": unit.name if unit else code}


def _version(job: Job) -> dict[str, Any]:
    version = job.version
    return {
        "version": version.number,
        "version_id": version.version_id,
        "kind": str(version.kind),
        "status": "corrected" if job.corrected else str(version.status),
        "valid_from": version.valid_from.isoformat() if version.valid_from else None,
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "digitised": version.package is not None,
        "corrects": version.corrects,
        "replaces": list(version.replaces),
        "decision": decision_facts(version),
        "attested_on": version.attested.on.isoformat() if version.attested else None,
        "package": f"packages/{version.version_id}.gpkg",
        "documents": [
            {
                "file": document_file(version, document.sha256),
                "kind": document.kind,
                "title": document.title,
                "media_type": document.media_type,
            }
            for document in public_documents(version)
        ],
        "scans": [
            {
                "file": document_file(version, scan.sha256),
                "title": scan.title,
                "corners": [list(corner) for corner in scan.corners],
                "residual_m": scan.residual_m,
            }
            for scan in version.scans
        ],
    }
