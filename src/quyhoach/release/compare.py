"""What changed between two releases: plans and versions that came, went or were compiled from other data."""

import json
from pathlib import Path
from typing import Any

from quyhoach.release.manifest import read_manifest
from quyhoach.standard.messages import message


def compare_releases(a: Path, b: Path) -> dict[str, Any]:
    """Compare two release folders by their registries and public packages.

    Returns {"from", "to", "added", "removed", "changed"}: version ids; `changed` ones carry what differs."""
    before, after = (_versions(folder) for folder in (a, b))
    changed = {
        version_id: sorted(name for name in before[version_id] if before[version_id][name] != after[version_id][name])
        for version_id in sorted(before.keys() & after.keys())
    }
    return {
        "from": read_manifest(a)["id"],
        "to": read_manifest(b)["id"],
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": {version_id: names for version_id, names in changed.items() if names},
    }


def _versions(folder: Path) -> dict[str, dict[str, Any]]:
    """Facts of each version, with the hash of its public package as `data`."""
    files = read_manifest(folder)["files"]
    registry = json.loads((folder / "plans.json").read_bytes())
    return {
        version["version_id"]: version | {"data": files.get(version["package"], [""])[0]}
        for plan in registry["plans"]
        for version in plan["versions"]
    }


def describe_comparison(comparison: dict[str, Any], lang: str) -> list[str]:
    """The comparison in sentences, one a version; one line where nothing changed."""
    lines = [message("compare-added", lang, version=version) for version in comparison["added"]]
    lines += [message("compare-removed", lang, version=version) for version in comparison["removed"]]
    lines += [
        message("compare-changed", lang, version=version, fields=", ".join(fields))
        for version, fields in comparison["changed"].items()
    ]
    return lines or [message("compare-nothing", lang)]
