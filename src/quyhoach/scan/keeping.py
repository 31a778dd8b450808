"""Keep a scan with a plan version of a workspace: the original and its tiles by hash, georeference, outline."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from quyhoach.domain.errors import UsageError
from quyhoach.domain.plan import Document, Plan, PlanVersion, Scan, ScanFit
from quyhoach.package import Layer, write_package
from quyhoach.release.workspace import (
    Workspace,
    check_versions,
    store_document,
    store_package,
    write_version,
)
from quyhoach.scan.fitting import Fit

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
}
LEAST_AREA = 1.0  # m² of an outline


def scan_fit(fit: Fit, size: tuple[int, int]) -> ScanFit:
    """The fit as the workspace keeps it: from it the same transform can be computed again."""
    return ScanFit(
        model=fit.transform.model,
        size=size,
        points=tuple((point.col, point.row, point.east, point.north) for point in fit.used),
        left_out=tuple(point.name for point, _ in fit.left_out),
        largest_m=round(fit.worst[1], 4),
    )


def clicked_outline(corners: Sequence[tuple[float, float]], fit: Fit) -> BaseGeometry:
    """An outline clicked on the picture (pixels), in true coordinates. Straight pieces stay straight on paper, so
    each is given places every few pixels before it is taken over."""
    ring = shapely.segmentize(shapely.LinearRing(corners), 50.0)
    return shapely.Polygon(fit.transform.to_true(shapely.get_coordinates(ring)))


def sound_outline(shape: BaseGeometry) -> BaseGeometry:
    """The outline as valid polygons. Raises UsageError for none, or one that crosses itself beyond repair."""
    fixed = shape if shapely.is_valid(shape) else shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(shapely.get_parts(fixed)) if part.geom_type == "Polygon"]
    union = shapely.union_all(np.array(parts, dtype=object)) if parts else shapely.Polygon()
    if float(shapely.area(union)) < LEAST_AREA:
        raise UsageError("scan-outline-empty")
    return union


def keep_scan(
    workspace: Workspace,
    plan: Plan,
    version: PlanVersion,
    *,
    image: Path,
    tiles: Path | None,
    title: str,
    fit: Fit,
    size: tuple[int, int],
    outline: BaseGeometry | None,
) -> PlanVersion:
    """Store image and tiles in documents/, add the scan to the version and write it.

    The same image again replaces its former fit. A version without package or outline gets `outline`; one that has a
    package keeps it. Raises UsageError where an outline is missing, WorkspaceError where the registry would
    contradict itself."""
    root = workspace.root
    sha256 = store_document(root, image.read_bytes())
    picture = store_document(root, tiles.read_bytes()) if tiles is not None else None
    media_type = MEDIA_TYPES[image.suffix.casefold()]
    scan = Scan(
        sha256=sha256,
        title=title,
        media_type=media_type,
        corners=fit.corners(*size),
        residual_m=round(fit.expected_m, 3),
        picture=picture,
        fit=scan_fit(fit, size),
    )
    document = Document(sha256, "scan", title, media_type)
    kept = replace(
        version,
        outline=_store_outline(workspace, plan, version, outline),
        documents=(*(one for one in version.documents if one.sha256 != sha256), document),
        scans=(*(one for one in version.scans if one.sha256 != sha256), scan),
    )
    others = tuple(one for one in plan.versions if one.number != version.number)
    check_versions(replace(plan, versions=tuple(sorted((*others, kept), key=lambda one: one.number))))
    write_version(root, kept)
    return kept


def _store_outline(workspace: Workspace, plan: Plan, version: PlanVersion, outline: BaseGeometry | None) -> str | None:
    if version.package is not None:
        return None
    if outline is None:
        if version.outline is None:
            raise UsageError("scan-needs-outline")
        return version.outline
    shape = sound_outline(outline)
    geometry = np.empty(1, dtype=object)
    geometry[0] = shape
    decision = version.decision
    fields: dict[str, list[Any]] = {
        "maThongTinQH": [plan.codes.get("maThongTinQH")],
        "maHoSoQH": [plan.codes.get("maHoSoQH")],
        "tenDoAn": [plan.name["vi"]],
        "tyLe": [f"1/{plan.scale:,}".replace(",", ".")],
        "dienTichQH": [round(float(shapely.area(shape)), 2)],
        "soQDQH": [decision.number if decision else None],
        "coQuanPheduyet": [decision.authority if decision else None],
    }
    with tempfile.TemporaryDirectory(prefix="quyhoach-scan-") as folder:
        path = Path(folder) / "outline.gpkg"
        layer = Layer("RanhGioiQuyHoach_A", "MultiPolygon", geometry, {k: v for k, v in fields.items() if v != [None]})
        write_package(path, [layer], crs=workspace.province.crs)
        return store_package(workspace.root, path)
