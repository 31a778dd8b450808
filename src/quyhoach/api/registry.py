"""Plans, their versions and differences, search, legend, the release: the JSON routes beside look-up."""

import json
from collections.abc import Mapping
from typing import Any

from quyhoach.api.clock import as_date
from quyhoach.api.keeper import Serving
from quyhoach.domain.errors import NotFoundError, UsageError
from quyhoach.release.diff_words import describe
from quyhoach.standard import Standard
from quyhoach.standard.text import fold

STATUSES = ("pending", "in_force", "superseded", "withdrawn", "corrected")
MOST_RESULTS = 50
LONGEST_TEXT = 200


def plans(serving: Serving, *, kind: str = "", place: str = "", status: str = "") -> dict[str, Any]:
    """The public registry, filtered: by plan kind, by place (code, or part of a name in any spelling), and by the
    status of any version."""
    if status and status not in STATUSES:
        raise UsageError("status-unknown", value=status, names=", ".join(STATUSES), name="status")
    kinds = {plan["kind"] for plan in serving.release.registry["plans"]}
    wanted = fold(place)
    found = [
        public_plan(serving, plan)
        for plan in _shown(serving)
        if (not kind or plan["kind"] == kind)
        and (not place or any(wanted in fold(entry["name"]) or place == entry["code"] for entry in plan["places"]))
        and (not status or any(version["status"] == status for version in plan["versions"]))
    ]
    return {"release": serving.id, "kinds": sorted(kinds), "count": len(found), "plans": found}


def plan(serving: Serving, plan_id: str) -> dict[str, Any]:
    """One plan. NotFoundError for an unknown or withheld one."""
    found = next((entry for entry in _shown(serving) if entry["plan_id"] == plan_id), None)
    if found is None:
        raise NotFoundError("plan-unknown", plan=plan_id)
    return {"release": serving.id} | public_plan(serving, found)


def public_plan(serving: Serving, entry: Mapping[str, Any]) -> dict[str, Any]:
    """A plan of plans.json with addresses in place of file names."""
    base = f"/releases/{serving.id}"

    def document(row: Mapping[str, Any]) -> dict[str, Any]:
        return {**row, "url": f"{base}/documents/{row['file']}" if row.get("file") else None}

    def version(row: Mapping[str, Any]) -> dict[str, Any]:
        decision = row["decision"]
        return {
            **row,
            "decision": document({**decision, "file": decision["document"]}) if decision else None,
            "package": f"{base}/{row['package']}" if row.get("package") else None,
            "documents": [document(entry) for entry in row["documents"]],
            "scans": [document(entry) for entry in row["scans"]],
        }

    diffs = [
        {"from": a, "to": b, "url": f"/api/v1/plans/{entry['plan_id']}/diff?from={a}&to={b}"}
        for a, b in (pair[:2] for pair in entry["diffs"])
    ]
    return {**entry, "versions": [version(row) for row in entry["versions"]], "diffs": diffs}


def _shown(serving: Serving) -> list[dict[str, Any]]:
    """Plans of the release without those withheld since, nor what is theirs alone."""
    rows: list[dict[str, Any]] = serving.release.registry["plans"]
    return [row for row in rows if row["plan_id"] not in serving.masked_here] if serving.masked_here else rows


def search(serving: Serving, q: str, *, limit: str, lang: str) -> dict[str, Any]:
    """Results for a text of at most 200 characters."""
    text = " ".join(q.split())
    if not text:
        raise UsageError("parameter-missing", name="q")
    if len(text) > LONGEST_TEXT:
        raise UsageError("search-too-long", most=LONGEST_TEXT, name="q")
    most = whole_number(limit, "limit", 1, MOST_RESULTS) if limit else 20
    results = serving.lookup.search(text, lang=lang, limit=most)
    return {"release": serving.id, "q": text, "count": len(results), "results": results}


def whole_number(text: str, name: str, least: int, most: int) -> int:
    """A whole number within bounds; UsageError naming the parameter."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise UsageError("number-out-of-bounds", name=name, value=text, least=least, most=most)
    return int(text)


def release_facts(serving: Serving, today: int) -> dict[str, Any]:
    """What is being served."""
    manifest = serving.release.manifest
    province = manifest["province"]
    return {
        "release": serving.id,
        "schema": manifest["schema"],
        "built_at": manifest["built_at"],
        "first_day": manifest["first_day"],
        "today": as_date(today).isoformat(),
        "plans": len(_shown(serving)),
        "province": {key: province[key] for key in ("code", "name", "crs", "extent")},
        "tiles": {
            name.removeprefix("tiles/").removesuffix(".pmtiles"): f"/tiles/{serving.id}/"
            f"{name.removeprefix('tiles/').removesuffix('.pmtiles')}/{{z}}/{{x}}/{{y}}.mvt"
            for name in manifest["files"]
            if name.startswith("tiles/") and name.endswith(".pmtiles")
        },
    }


def legend(standard: Standard, lang: str) -> dict[str, Any]:
    """Colours, patterns and names for a map in one language: land-use functions by group, plan kinds, themes."""

    def name(row: Any) -> str:
        return str(row.name.get(lang) or row.name["vi"])

    functions: dict[str, list[dict[str, Any]]] = {}
    for use in sorted(standard.land_use.values(), key=lambda row: row.order):
        functions.setdefault(use.group, []).append(
            {"code": use.code, "name": name(use), "colour": use.map_colour, "pattern": use.pattern, "list": use.list}
        )
    return {
        "lang": lang,
        "groups": [
            {
                "code": group.code,
                "name": name(group),
                "colour": group.map_colour,
                "pattern": group.pattern,
                "functions": functions.get(group.code, []),
            }
            for group in sorted(standard.groups.values(), key=lambda row: row.order)
        ],
        "kinds": [
            {"code": kind.code, "name": name(kind), "rank": kind.rank, "zooms": [kind.zoom_min, kind.zoom_max]}
            for kind in sorted(standard.plan_kinds.values(), key=lambda row: row.rank)
        ],
        "themes": [
            {"code": theme.code, "name": name(theme)}
            for theme in sorted(standard.themes.values(), key=lambda row: row.order)
        ],
    }


def diff(serving: Serving, plan_id: str, first: str, second: str, lang: str) -> dict[str, Any]:
    """What changed between two versions of a plan: the release's file, with a sentence for each entry."""
    plan(serving, plan_id)  # unknown or withheld
    a, b = whole_number(first, "from", 1, 9999), whole_number(second, "to", 1, 9999)
    name = f"diff/{plan_id}/{a}-{b}.json"
    withheld = any(target.partition("@")[0] == plan_id for target in serving.masked_here)
    if name not in serving.release.manifest["files"] or withheld:
        raise NotFoundError("diff-unknown", plan=plan_id, first=a, second=b)
    facts: dict[str, Any] = json.loads((serving.release.folder / name).read_bytes())
    return {"release": serving.id} | facts | {"sentences": describe(facts, lang)}
