"""Cutting a version's tiles, and merging many versions into one archive."""

import gzip
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader, all_tiles
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry
from tests.release.conftest import EAST, NORTH, content, lot, tile_polygons, zone

from quyhoach.domain.errors import ReleaseError
from quyhoach.domain.plan import Status
from quyhoach.domain.zone import Line, Parcel, Restriction, VersionContent
from quyhoach.release import tile_geometry as tg
from quyhoach.release.mvt import EXTENT, POLYGON, Feature, Layer, decode_tile, decode_varints
from quyhoach.release.tile_archive import LayerInfo, Part, merge_tiles, read_parts, write_archive
from quyhoach.release.tiles import Source, Unit, cut, cut_unit_tiles, cut_version_tiles
from quyhoach.standard import Standard

SQUARE = shapely.box(0, 0, EXTENT, EXTENT)
DRAWN = shapely.box(-tg.BUFFER, -tg.BUFFER, EXTENT + tg.BUFFER, EXTENT + tg.BUFFER)


def grid(columns: int = 6, rows: int = 6) -> list[BaseGeometry]:
    """Lots that share wavy borders."""
    random = np.random.default_rng(7)
    nodes = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1), indexing="ij"), -1) * 60.0
    nodes = nodes + random.uniform(-15, 15, nodes.shape) + [EAST, NORTH]
    corners = [nodes[:-1, :-1], nodes[1:, :-1], nodes[1:, 1:], nodes[:-1, 1:]]
    return list(shapely.polygons(np.round(np.stack(corners, 2).reshape(-1, 4, 2), 4)))


def town(plan_id: str = "qhc-thu", shift: float = 0.0, **more: object) -> VersionContent:
    lots = [shapely.transform(shape, lambda xy: xy + np.array([shift, 0])) for shape in grid()]
    names = ["DAT_O_Nhomnhao", "DAT_HTXH_CayxanhCC", "DAT_HTKT_Baidoxe"]
    zones = [zone(f"OM-{number}", shape, names[number % 3]) for number, shape in enumerate(lots)]
    return content(zones, plan_id=plan_id, **more)  # type: ignore[arg-type]


def tiles_of(archive: Path) -> dict[tuple[int, int, int], dict[str, Layer]]:
    """Layers of every tile of a PMTiles file, each name once."""
    found = {}
    with archive.open("rb") as file:
        for place, data in all_tiles(MmapSource(file)):
            layers = decode_tile(gzip.decompress(data))
            assert len({layer.name for layer in layers}) == len(layers)
            found[place] = {layer.name: layer for layer in layers}
    return found


def merged(archives: Sequence[Path], out: Path) -> dict[tuple[int, int, int], dict[str, Layer]]:
    merge_tiles(archives, out, name="plans")
    return tiles_of(out)


def ids(layer: Layer) -> list[object]:
    return [layer.attributes(feature).get("id") for feature in layer.features]


@pytest.fixture
def cut_one(tmp_path: Path, standard: Standard, to_wgs84: Transformer):  # type: ignore[no-untyped-def]
    def cut_it(version: VersionContent) -> Path:
        path = tmp_path / f"{version.version.version_id}.qht"
        cut_version_tiles(version, standard, to_wgs84, path)
        return path

    return cut_it


rings = st.lists(st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000)), min_size=3, max_size=9)


@st.composite
def shapes(draw: st.DrawFn) -> BaseGeometry:
    """Valid (multi)polygons with whole coordinates, some with holes, reaching over several tiles."""
    outer = shapely.make_valid(shapely.Polygon(draw(rings)))
    hole = shapely.make_valid(shapely.Polygon(draw(rings)))
    shape = shapely.set_precision(shapely.difference(outer, hole) if draw(st.booleans()) else outer, 1.0)
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area]
    return shapely.multipolygons(parts) if parts else shapely.MultiPolygon()


def painted(polygons: BaseGeometry) -> BaseGeometry:
    """What a map paints of rings that touch or cross themselves: faces inside an odd number of them."""
    rings = shapely.get_rings(shapely.get_parts(polygons))
    faces = shapely.get_parts(
        shapely.polygonize([shapely.union_all([shapely.linestrings(ring.coords) for ring in rings])])
    )
    inside = [face for face in faces if odd(rings, *face.point_on_surface().coords[0])]
    return shapely.union_all(inside)


def odd(rings: Sequence[BaseGeometry], x: float, y: float) -> bool:
    paths = [shapely.get_coordinates(ring) for ring in rings]
    edges = np.vstack([np.hstack((path[:-1], path[1:])) for path in paths])
    x0, y0, x1, y1 = edges[(edges[:, 1] > y) != (edges[:, 3] > y)].T
    return bool(np.sum(x < x0 + (y - y0) / (y1 - y0) * (x1 - x0)) % 2)


@settings(deadline=None)
@given(st.lists(shapes(), min_size=1, max_size=4))
def test_each_tile_holds_what_lies_in_it(polygons: list[BaseGeometry]) -> None:
    array = np.array([*polygons, None], object)[:-1]
    encoded = tg.tile_polygons(array, least_area=0.0)
    tiles: dict[tuple[int, int, int], BaseGeometry] = {}
    for i in range(len(encoded.features)):
        numbers = np.frombuffer(encoded.blob[encoded.begins[i] : encoded.ends[i]], np.uint8)
        feature = Feature(POLYGON, (), tuple(decode_varints(numbers).tolist()))
        place = (int(encoded.columns[i]), int(encoded.rows[i]), int(encoded.features[i]))
        assert place not in tiles
        tiles[place] = tile_polygons(feature)
    assert list(tiles) == sorted(tiles)
    for number, polygon in enumerate(polygons):
        for column in range(-3, 3):
            for row in range(-3, 3):
                moved = shapely.transform(polygon, lambda xy, o=(column, row): xy - np.array(o) * EXTENT)
                wanted = shapely.intersection(moved, SQUARE)
                shown = tiles.get((column, row, number))
                if shown is None:
                    assert wanted.area < wanted.length + 2
                    continue
                assert shapely.box(*shown.bounds).within(DRAWN)
                shown = shapely.intersection(painted(shown), SQUARE)
                # Cuts at the buffer's edge are rounded to the grid: at most a unit along the outline.
                assert shapely.symmetric_difference(shown, wanted).area <= wanted.length + 2


def test_neighbours_share_their_border_when_simplified(standard: Standard, to_wgs84: Transformer) -> None:
    lots = np.array(grid(), object)
    source = Source(
        "zones", POLYGON, tg.mercator(lots, lambda e, n: to_wgs84.transform(e, n)), [{"id": 1}] * 36, (13, 16), True
    )
    shown: dict[tuple[int, int, int], list[BaseGeometry]] = {}
    for part in cut(source):
        (layer,) = decode_tile(part.data)
        shown[part.zoom, part.column, part.row] = [tile_polygons(feature) for feature in layer.features]
    assert {zoom for zoom, _, _ in shown} == {13, 14, 15, 16}
    for polygons in shown.values():
        total = sum(polygon.area for polygon in polygons)
        union = shapely.union_all(shapely.make_valid(polygons))
        assert union.area == pytest.approx(total, abs=1e-6)  # no overlap
        assert all(len(part.interiors) == 0 for part in shapely.get_parts(union))  # no gap


def test_zones_carry_the_attributes_of_the_schema(cut_one, out: Path) -> None:  # type: ignore[no-untyped-def]
    lots = [zone("OM-1", lot(0, 0), valid_to=20260101), zone("", lot(1, 0), None, zone_id="x/7")]
    tiles = merged([cut_one(content(lots, valid_to=20270101))], out)
    deepest = [layers for (zoom, _, _), layers in tiles.items() if zoom == 15]
    found = {a["id"]: a for t in deepest for f in t["zones"].features for a in [t["zones"].attributes(f)]}
    base = {"plan": "qhc-thu", "v": 1, "kind": "general", "vf": 20220813, "st": "in_force"}
    one = {"id": "qhc-thu@1/OM-1", "label": "OM-1", "fn": "DAT_O_Nhomnhao", "grp": "residential", "vt": 20260101}
    assert found == {
        "qhc-thu@1/OM-1": {**base, **one},
        "qhc-thu@1/7": {**base, "id": "qhc-thu@1/7", "vt": 20270101},
    }
    labels = [t["zone_labels"].attributes(f) for t in deepest if "zone_labels" in t for f in t["zone_labels"].features]
    assert labels == [{**base, "label": "OM-1", "fn": "DAT_O_Nhomnhao", "vt": 20260101}]


def test_layers_stand_at_the_zooms_of_the_schema(cut_one, out: Path) -> None:  # type: ignore[no-untyped-def]
    version = town(
        restrictions=(Restriction("r1", "heritage", "Di tích", "", "", lot(0, 0)),),
        lines=(Line("ChiGioiDuongDo_L", "QL.1", shapely.LineString([(EAST, NORTH), (EAST + 900, NORTH + 500)])),),
        parcels=(Parcel("06460", "12", "345", 1.0, "ONT", lot(0, 0)),),
    )
    zooms: dict[str, set[int]] = {}
    for (zoom, _, _), layers in merged([cut_one(version)], out).items():
        for name in layers:
            zooms.setdefault(name, set()).add(zoom)
    assert {name: (min(found), max(found), len(found)) for name, found in zooms.items()} == {
        "outlines": (6, 15, 10),
        "zones": (10, 15, 6),
        "zone_labels": (14, 15, 2),
        "restrictions": (10, 15, 6),
        "lines": (12, 15, 4),
        "parcels": (14, 15, 2),
    }


def test_lots_of_one_function_are_one_where_they_are_too_small_to_see(cut_one, out: Path) -> None:  # type: ignore[no-untyped-def]
    for (zoom, _, _), layers in merged([cut_one(town())], out).items():
        if "zones" in layers:
            functions = [layers["zones"].attributes(feature).get("fn") for feature in layers["zones"].features]
            if zoom == 10:
                assert sorted(functions) == sorted(set(functions))
                assert ids(layers["zones"]) == [None] * len(functions)
            if zoom >= 13:
                assert None not in ids(layers["zones"])


def test_a_version_without_data_is_drawn_by_its_outline(cut_one, out: Path) -> None:  # type: ignore[no-untyped-def]
    version = content(outline=lot(0, 0), package=None, status=Status.PENDING, valid_from=0)
    tiles = merged([cut_one(version)], out)
    (layer,) = {
        layers["outlines"].attributes(f)["digitised"] for layers in tiles.values() for f in layers["outlines"].features
    }
    assert layer == 0
    (seen,) = {tuple(sorted(layers)) for layers in tiles.values()}
    assert seen == ("outlines",)


def test_merged_tiles_hold_every_version_once(cut_one, out: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    versions = [town(), town("qhc-hai", 100.0), town("qhc-xa", 30_000.0), town(number=2, version_kind="overall")]
    archives = [cut_one(version) for version in versions]
    together = merged(archives, out)
    apart = [merged([archive], tmp_path / "one") for archive in archives]
    order = sorted(range(4), key=lambda at: versions[at].version.version_id)
    for place, layers in together.items():
        for name, layer in layers.items():
            alone = [apart[at][place][name] for at in order if name in apart[at].get(place, {})]
            wanted = [(one.attributes(f), f.geometry) for one in alone for f in one.features]
            assert [(layer.attributes(f), f.geometry) for f in layer.features] == wanted
    assert set(together) == {place for one in apart for place in one}


def test_merge_gives_the_same_bytes_when_cached_or_reordered(cut_one, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    archives = [cut_one(town()), cut_one(town("qhc-hai", 100.0)), cut_one(town("qhc-ba", 200.0))]
    cache, results = tmp_path / "cache", []
    merge_tiles(archives[:2], tmp_path / "before", name="plans", cache=cache)  # an older release filled the cache
    for number, (order, use) in enumerate([(archives, None), (archives[::-1], cache), (archives, cache)]):
        merge_tiles(order, tmp_path / str(number), name="plans", cache=use)
        results.append((tmp_path / str(number)).read_bytes())
    damaged = bytearray(cache.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    for content_of_cache in (bytes(damaged), b"", b"QHJOINS1", cache.read_bytes()[:-9]):
        cache.write_bytes(content_of_cache)
        merge_tiles(archives, tmp_path / "again", name="plans", cache=cache)
        results.append((tmp_path / "again").read_bytes())
    assert len(set(results)) == 1


def test_archives_are_the_same_bytes_in_another_time_zone_place_and_hash_seed(
    cut_one,
    tmp_path: Path,  # type: ignore[no-untyped-def]
) -> None:
    here = cut_one(town())
    merge_tiles([here], tmp_path / "here.pmtiles", name="plans")
    script = (
        "import sys; from pathlib import Path; from pyproj import Transformer\n"
        "from quyhoach.release.tiles import cut_version_tiles; from quyhoach.release.tile_archive import merge_tiles\n"
        "from quyhoach.standard import load_standard; from tests.release.test_tiles import town\n"
        "t = Transformer.from_crs('EPSG:9215', 'EPSG:4326', always_xy=True)\n"
        "cut_version_tiles(town(), load_standard(), t, Path('there.qht'))\n"
        "merge_tiles([Path('there.qht')], Path('there.pmtiles'), name='plans')\n"
    )
    env = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4711", "LC_ALL": "C"}
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path, env=env)
    assert (tmp_path / "there.qht").read_bytes() == here.read_bytes()
    assert (tmp_path / "there.pmtiles").read_bytes() == (tmp_path / "here.pmtiles").read_bytes()


def test_archive_says_where_it_lies_and_what_it_holds(cut_one, out: Path) -> None:  # type: ignore[no-untyped-def]
    merge_tiles([cut_one(town())], out, name="plans")
    with out.open("rb") as file:
        reader = Reader(MmapSource(file))
        header, metadata = reader.header(), reader.metadata()
    assert header["min_lon_e7"] / 1e7 == pytest.approx(106.575, abs=0.01)
    assert header["max_lat_e7"] / 1e7 == pytest.approx(21.655, abs=0.01)
    assert (header["min_zoom"], header["max_zoom"]) == (6, 15)
    layers = {layer["id"]: layer for layer in metadata["vector_layers"]}
    assert layers["zones"]["fields"]["vf"] == "Number"
    assert (layers["zones"]["minzoom"], layers["zones"]["maxzoom"]) == (10, 15)


def test_units_are_cut_into_an_archive_of_their_own(tmp_path: Path, to_wgs84: Transformer) -> None:
    units = [Unit("06463", "xã Chi Lăng", lot(0, 0)), Unit("06460", "xã Quan Sơn", lot(1, 0))]
    cut_unit_tiles(units, to_wgs84, tmp_path / "units.qht")
    cut_unit_tiles(units[::-1], to_wgs84, tmp_path / "again.qht")
    assert (tmp_path / "units.qht").read_bytes() == (tmp_path / "again.qht").read_bytes()
    tiles = merged([tmp_path / "units.qht"], tmp_path / "out")
    deepest = next(layers["units"] for (zoom, _, _), layers in tiles.items() if zoom == 15)
    names = [deepest.attributes(feature) for feature in deepest.features]
    assert names == [{"code": "06460", "name": "xã Quan Sơn"}, {"code": "06463", "name": "xã Chi Lăng"}]
    assert {zoom for zoom, _, _ in tiles} <= set(range(6, 16)) >= {13, 15}


def test_merging_fails_when_there_is_nothing_or_no_archive(cut_one, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    good = cut_one(town())
    empty, bad = tmp_path / "empty.qht", tmp_path / "bad.qht"
    write_archive(empty, name="empty", layers={}, bounds=None, parts=[])
    for data, paths, code in (
        (None, [], "tiles-empty"),
        (None, [empty], "tiles-empty"),
        (None, [good, good], "tile-archives-repeat"),
        (b"", [good, bad], "tile-archive-unreadable"),
        (b"not an archive of tiles at all", [bad], "tile-archive-unreadable"),
        (good.read_bytes()[:-1], [bad], "tile-archive-unreadable"),
    ):
        if data is not None:
            bad.write_bytes(data)
        with pytest.raises(ReleaseError) as error:
            merge_tiles(paths, tmp_path / "out", name="plans")
        assert error.value.code == code


def test_parts_read_back_as_written_when_they_do_and_do_not_shrink(tmp_path: Path) -> None:
    random = np.random.default_rng(1).bytes(70_000)
    parts = [
        Part(3, 1, 1, "zones", b""),
        Part(3, 1, 2, "zones", b"short"),
        Part(3, 1, 3, "zones", b"long " * 900),
        Part(3, 1, 4, "zones", random),
        Part(3, 1, 4, "lines", random[:60_000]),
    ]
    write_archive(tmp_path / "a", name="a", layers={"zones": LayerInfo({}, 3, 3)}, bounds=None, parts=parts)
    assert sorted(data for _, _, data in read_parts(tmp_path / "a")) == sorted(part.data for part in parts)


def test_empty_and_far_geometries_are_left_out(cut_one, out: Path) -> None:  # type: ignore[no-untyped-def]
    version = town()
    odd = replace(version.zones[0], geometry=shapely.Polygon(), label="EMPTY", zone_id="qhc-thu@1/EMPTY")
    tiles = merged([cut_one(replace(version, zones=(*version.zones, odd)))], out)
    assert all("qhc-thu@1/EMPTY" not in ids(layers["zones"]) for layers in tiles.values() if "zones" in layers)


def test_shapes_left_by_cutting_do_no_harm(cut_one, out: Path) -> None:  # type: ignore[no-untyped-def]
    left = shapely.GeometryCollection([lot(9, 9), shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])])
    bow_tie = shapely.Polygon([(EAST, NORTH), (EAST + 50, NORTH + 50), (EAST + 50, NORTH), (EAST, NORTH + 50)])
    with np.errstate(invalid="ignore"):
        nan = shapely.Polygon([(EAST, NORTH), (np.nan, NORTH), (EAST, NORTH + 9)])
    zones = [
        zone("LEFT", left),
        zone("BOW", bow_tie),
        zone("OVER", lot(0.5, 0)),
        zone("POINT", shapely.Point(EAST, NORTH)),
        zone("NAN", nan),
    ]
    overlays = (Restriction("r1", "flood", "", "", "", left), Restriction("r2", "flood", "", "", "", shapely.Polygon()))
    lines = (
        Line("DuongDo_L", "", shapely.GeometryCollection([shapely.LineString([(EAST, NORTH), (EAST + 99, NORTH)])])),
    )
    version = content(zones, outline=lot(0, 0), restrictions=overlays, lines=lines)
    deepest = [layers for (zoom, _, _), layers in merged([cut_one(version)], out).items() if zoom == 15]
    found = {name for layers in deepest if "zones" in layers for name in ids(layers["zones"])}
    assert found == {"qhc-thu@1/LEFT", "qhc-thu@1/BOW", "qhc-thu@1/OVER"}
    assert any("restrictions" in layers for layers in deepest)
    assert any("lines" in layers for layers in deepest)


def test_version_without_any_shape_is_an_empty_archive(cut_one, out: Path) -> None:  # type: ignore[no-untyped-def]
    assert read_parts(cut_one(content(outline=None))) == []
    assert read_parts(cut_one(content([zone("A", shapely.Polygon())], outline=shapely.Polygon()))) == []
