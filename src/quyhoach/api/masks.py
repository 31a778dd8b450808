"""What became secret after its release was made (`withheld.toml`) is kept out of its tiles and files too."""

import gzip
import json
import zlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import DamagedReleaseError
from quyhoach.release.mvt import Layer, decode_tile, encode_tile
from quyhoach.release.opened import Release


def targets_in(registry: Mapping[str, Any], targets: Collection[str]) -> frozenset[str]:
    """Those plan and zone ids of `targets` whose plan the release has; empty: nothing in it needs masking."""
    plans = {plan["plan_id"] for plan in registry["plans"]}
    return frozenset(target for target in targets if plan_of(target) in plans)


def plan_of(target: str) -> str:
    """The plan of a plan or zone id."""
    return target.partition("@")[0]


def mask_tile(tile: bytes, targets: Collection[str]) -> bytes:
    """An uncompressed tile without the features of the plans and zones in `targets`; empty when none is left.

    Lot labels carry no id, nor do lots drawn as one at the small zooms, so where one zone is masked all these of its
    plan go."""
    plans = {target for target in targets if "@" not in target}
    labels = {plan_of(target) for target in targets}
    layers = []
    for layer in decode_tile(tile):
        kept = []
        for feature in layer.features:
            attributes = layer.attributes(feature)
            nameless = layer.name in ("zone_labels", "lines") or (layer.name == "zones" and "id" not in attributes)
            hidden = labels if nameless else plans
            if attributes.get("plan") not in hidden and attributes.get("id") not in targets:
                kept.append(feature)
        if kept:
            # Values that no feature uses any more must not stay in the layer's table: they are the secret.
            layers.append(_repacked(replace(layer, features=tuple(kept))))
    return encode_tile(layers)


def _repacked(layer: Layer) -> Layer:
    """The layer with only the keys and values that its features use."""
    keys: dict[int, int] = {}
    values: dict[int, int] = {}
    features = []
    for feature in layer.features:
        tags = []
        for key, value in zip(feature.tags[::2], feature.tags[1::2], strict=True):
            tags += [keys.setdefault(key, len(keys)), values.setdefault(value, len(values))]
        features.append(replace(feature, tags=tuple(tags)))
    return replace(
        layer,
        keys=tuple(layer.keys[at] for at in keys),
        values=tuple(layer.values[at] for at in values),
        features=tuple(features),
    )


def is_masked_file(name: str, release: Release, targets: Collection[str]) -> bool:
    """Whether a public file of a release (its path in the manifest) holds something of `targets`.

    Whole files are kept back: a package, a difference, a document or a chunk of a plan that is masked in part."""
    if not targets:
        return False
    plans = {plan_of(target) for target in targets}
    folder, _, rest = name.partition("/")
    if folder == "packages":
        return plan_of(rest) in plans
    if folder == "diff":
        return rest.partition("/")[0] in plans
    if folder == "documents":
        return rest in _documents(release, plans)
    if folder == "chunks":
        return plan_of(_version_of_chunk(release.folder / name)) in plans
    # tiles, manifest.json, plans.json: of many plans at once; tiles are served one by one, without what is masked
    return name != "chunks.json"


def _documents(release: Release, plans: Collection[str]) -> set[str]:
    return {
        entry["file"]
        for plan in release.registry["plans"]
        if plan["plan_id"] in plans
        for version in plan["versions"]
        for entry in [*version["documents"], *version["scans"]]
    }


def _version_of_chunk(path: Path) -> str:
    """The version a chunk is of; DamagedReleaseError where it can't be read."""
    try:
        return str(json.loads(gzip.decompress(path.read_bytes()))["version"])
    except (OSError, EOFError, ValueError, LookupError, zlib.error) as error:
        raise DamagedReleaseError("release-damaged", file=f"chunks/{path.name}") from error
