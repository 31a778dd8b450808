"""Chunks: whole, exact, and the same when nothing changed."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from tests.release.conftest import content, lot, zone

from quyhoach.domain.zone import Coverage, Parcel, Restriction
from quyhoach.release.chunks import CELL_M, VersionChunks, encode_geometries, version_chunks
from quyhoach.release.switch import current_release, release_path


def shape(polygons: Any) -> BaseGeometry:
    """A geometry of a chunk as a reader rebuilds it: running sums of whole numbers, divided by 10000."""
    out = []
    for rings in polygons:
        points = [np.cumsum(np.array(ring).reshape(-1, 2), axis=0) / 10000 for ring in rings]
        out.append(shapely.Polygon(points[0], points[1:]))
    return shapely.multipolygons(out)


def documents(chunks: VersionChunks, cell: tuple[int, int]) -> list[Any]:
    return [json.loads(gzip.decompress(chunks.blobs[name])) for name in chunks.cells.get(cell, ())]


def features(chunks: VersionChunks, cell: tuple[int, int], kind: str) -> dict[str, Any]:
    return {
        item.get("id", item.get("theme", "")): item for doc in documents(chunks, cell) for item in doc.get(kind, ())
    }


coordinate = st.integers(-(10**6), 10**6).map(lambda n: (430_000 * 10_000 + n) / 10_000)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=12))
def test_coordinates_come_back_as_the_same_doubles(points: list[tuple[float, float]]) -> None:
    ring = shapely.Polygon(points)
    (back,) = encode_geometries(np.array([ring, None], object)[:1])
    assert shapely.get_coordinates(shape(back)).tolist() == shapely.get_coordinates(ring).tolist()


def test_holes_and_parts_come_back() -> None:
    holed = shapely.Polygon(
        lot(0, 0, 500, 500).exterior, [lot(1, 1).exterior.coords, lot(3, 3, 50, 50).exterior.coords]
    )
    both = shapely.multipolygons([holed, lot(9, 9)])
    (back,) = encode_geometries(np.array([both, None], object)[:1])
    assert shapely.equals_exact(shape(back), both)


def test_each_zone_is_whole_in_every_cell_it_touches() -> None:
    zones = [zone("A", lot(0, 0)), zone("B", lot(19, 19, 200, 200)), zone("LONG", lot(0, 5, 20_000, 10))]
    version = content(zones)
    chunks = version_chunks(version)
    for cell in chunks.cells:
        box = shapely.box(cell[0] * CELL_M, cell[1] * CELL_M, (cell[0] + 1) * CELL_M, (cell[1] + 1) * CELL_M)
        near = {item.zone_id for item in version.zones if item.geometry.distance(box) <= 0.001}
        found = features(chunks, cell, "zones")
        assert near <= set(found)
        for item in version.zones:
            if item.zone_id in found:
                assert shapely.equals_exact(shape(found[item.zone_id]["geom"]), shapely.multipolygons([item.geometry]))
    assert sum("qhc-thu@1/LONG" in features(chunks, cell, "zones") for cell in chunks.cells) == 12
    holding = [name for name, blob in chunks.blobs.items() if b"LONG" in gzip.decompress(blob)]
    assert len(holding) == 1  # stored once, listed in each cell


def test_zone_at_a_cell_border_is_in_both_cells() -> None:
    chunks = version_chunks(content([zone("A", lot(0, 0))]))  # 430000 = 215 * 2000: its west side is the border
    assert {cell for cell in chunks.cells if features(chunks, cell, "zones")} == {(214, 1197), (215, 1197)}


def test_a_cell_says_how_it_lies_to_outline_and_coverage() -> None:
    outline = lot(0, 0, 20_000, 20_000)
    chunks = version_chunks(content([], outline=outline, coverage=[Coverage("land_use", outline)]))
    inner, border = features(chunks, (217, 1199), "coverage"), features(chunks, (215, 1199), "coverage")
    assert inner == {"land_use": {"theme": "land_use", "geom": True}}
    assert shapely.equals(shape(border["land_use"]["geom"]), outline)
    assert features(chunks, (217, 1199), "outline") == {"": {"geom": True}}
    assert (300, 1197) not in chunks.cells
    assert len(chunks.blobs) < len(chunks.cells)  # cells with the same to say share a chunk


def test_everything_public_is_in_the_chunk() -> None:
    lots = [
        zone("A", lot(1, 1), indicators={"storeys": "1-5", "density": "40-60"}, name="Khu ở", valid_to=20260101),
        zone("", lot(2, 2), None, zone_id="x/7", withheld=True),
    ]
    overlay = Restriction("qhc-thu@1/r1", "heritage", "Chùa Tiên", "vùng I", "Không xây dựng", lot(1, 1))
    parcel = Parcel("06460", "12", "345", 104.5, "ONT", lot(1, 1))
    chunks = version_chunks(content(lots, restrictions=(overlay,), parcels=(parcel,), valid_from=20220813))
    (doc,) = documents(chunks, (215, 1197))
    assert (doc["schema"], doc["version"]) == (1, "qhc-thu@1")
    seven, one = doc["zones"]
    seven.pop("geom"), one.pop("geom")
    assert one == {
        "id": "qhc-thu@1/A",
        "label": "A",
        "fn": "DAT_O_Nhomnhao",
        "area": 10_000.0,
        "ind": {"density": "40-60", "storeys": "1-5"},
        "name": "Khu ở",
        "vt": 20260101,
    }
    assert seven == {"id": "qhc-thu@1/7", "area": 10_000.0, "withheld": True}
    assert doc["restrictions"][0]["rule"] == "Không xây dựng"
    assert doc["parcels"][0]["sheet"] == "12"


def test_chunks_do_not_depend_on_the_order_of_features() -> None:
    lots = [zone(f"L{n}", lot(n, n)) for n in range(30)]
    assert version_chunks(content(lots)) == version_chunks(content(lots[::-1]))


def test_a_changed_lot_changes_its_own_cells_only() -> None:
    lots = [zone(f"L{n}", lot(15 * n, 1)) for n in range(10)]
    before = version_chunks(content(lots, outline=lot(0, 0, 20_000, 300)))
    lots[0] = zone("L0", lot(0, 1), "DAT_HTXH_CayxanhCC")
    after = version_chunks(content(lots, outline=lot(0, 0, 20_000, 300)))
    changed = {cell for cell in after.cells if after.cells[cell] != before.cells[cell]}
    assert changed == {(214, 1197), (215, 1197)}


def test_written_chunks_are_what_the_table_names(built: Path) -> None:
    folder = release_path(built, current_release(built) or "")
    table = json.loads((folder / "chunks.json").read_bytes())
    named = {name for names in table["cells"].values() for name in names}
    assert (
        named == set(table["sizes"]) == {path.name.removesuffix(".json.gz") for path in (folder / "chunks").iterdir()}
    )
    for name, size in table["sizes"].items():
        data = (folder / "chunks" / f"{name}.json.gz").read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (size, name)
    versions = [
        [json.loads(gzip.decompress((folder / "chunks" / f"{name}.json.gz").read_bytes()))["version"] for name in names]
        for names in table["cells"].values()
    ]
    general = [row for row in versions if "qhc-nho@2" in row and "qhct-nho@1" in row]
    assert general and all(row.index("qhc-nho@2") < row.index("qhct-nho@1") for row in general)  # the order of answers


def test_empty_geometry_is_in_no_cell() -> None:
    chunks = version_chunks(content([zone("A", shapely.Polygon())], outline=lot(0, 0)))
    assert all(not features(chunks, cell, "zones") for cell in chunks.cells)


def test_shapes_left_by_cutting_keep_their_polygons() -> None:
    left = shapely.GeometryCollection([lot(3, 3), shapely.LineString([(0, 0), (9, 9)])])
    chunks = version_chunks(content([zone("A", left)], outline=lot(0, 0)))
    found = features(chunks, (215, 1197), "zones")["qhc-thu@1/A"]
    assert shapely.equals(shape(found["geom"]), lot(3, 3))
