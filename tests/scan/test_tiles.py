"""The drawn sheet comes out where it belongs: residual, snapping, tiles, formats, hostile pictures."""

import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pmtiles.reader import MmapSource, Reader
from pyproj import Transformer

from quyhoach.domain.errors import IngestError
from quyhoach.scan.fitting import fit_points
from quyhoach.scan.picture import open_levels, picture_size
from quyhoach.scan.snap import snap_cross
from quyhoach.scan.tiles import Warper, write_tiles

CRS = "EPSG:9215"


def mercator_pixel(east: float, north: float, zoom: int) -> tuple[float, float]:
    """Column and row of a true place in pixels of the whole map at a zoom."""
    x, y = Transformer.from_crs(CRS, "EPSG:3857", always_xy=True).transform(east, north)
    world = 2 * np.pi * 6378137.0
    return (x + world / 2) / world * 256 * 2**zoom, (world / 2 - y) / world * 256 * 2**zoom


def test_residual_is_below_a_pixel(sheet):
    fit = fit_points(sheet.points, size=sheet.size)
    assert fit.transform.model == "affine"
    assert fit.expected_m < fit.ground_sample_m


def test_rough_clicks_are_snapped_to_their_crosses(sheet, tmp_path):
    picture = open_levels(sheet.path, tmp_path, halves=False)[0]
    shift = np.random.default_rng(3).uniform(-9, 9, (len(sheet.points), 2))
    for point, (dx, dy) in zip(sheet.points, shift, strict=True):
        found = snap_cross(picture, point.col + dx, point.row + dy, dpi=200)
        assert found.found
        assert np.hypot(found.col - point.col, found.row - point.row) < 0.6


def test_click_without_a_cross_stays_where_it_was(sheet, tmp_path):
    picture = open_levels(sheet.path, tmp_path, halves=False)[0]
    for col, row in ((1200.0, 60.0), (5.0, 5.0), (sheet.size[0] - 1.0, 3.0), (-4.0, 9.0)):
        found = snap_cross(picture, col, row)
        assert (found.found, found.col, found.row) == (False, col, row)


def test_tile_at_a_control_point_shows_its_cross(sheet, tmp_path):
    fit = fit_points(sheet.points, size=sheet.size)
    warper = Warper(open_levels(sheet.path, tmp_path), fit.transform, CRS)
    out = tmp_path / "picture.pmtiles"
    made = write_tiles(out, warper, title="Tờ bản đồ")
    assert made.zoom_max == warper.full_zoom()
    with out.open("rb") as file:
        source = MmapSource(file)
        reader = Reader(source)
        for point in sheet.points:
            x, y = mercator_pixel(point.east, point.north, made.zoom_max)
            data = reader.get(made.zoom_max, int(x // 256), int(y // 256))
            assert data is not None
            with Image.open(io.BytesIO(data)) as opened:
                gray = np.asarray(opened.convert("L"), dtype=float)
            at_x, at_y = x % 256, y % 256
            if not (12 < at_x < 244 and 12 < at_y < 244):
                continue
            window = 255 - gray[int(at_y) - 10 : int(at_y) + 11, int(at_x) - 10 : int(at_x) + 11]
            dark = np.clip(window - 80, 0, None)
            # The cross is dark along its two lines: their places are the columns and rows that are dark throughout.
            middle_x = np.average(np.arange(21), weights=dark.sum(axis=0) ** 4) + int(at_x) - 10 + 0.5
            middle_y = np.average(np.arange(21), weights=dark.sum(axis=1) ** 4) + int(at_y) - 10 + 0.5
            assert abs(middle_x - at_x) < 1.0
            assert abs(middle_y - at_y) < 1.0


def test_tiles_cover_the_picture_and_nothing_else(sheet, tmp_path):
    fit = fit_points(sheet.points, size=sheet.size)
    warper = Warper(open_levels(sheet.path, tmp_path), fit.transform, CRS)
    zoom = warper.full_zoom() - 1
    covered = 0.0
    for column, row in warper.addresses(zoom):
        tile = warper.tile(zoom, column, row)
        covered += 0 if tile is None else float((tile[..., 3] == 255).sum())
    import shapely

    world = 2 * np.pi * 6378137.0
    wanted = shapely.Polygon(warper.edge).area / (world / 2**zoom / 256) ** 2
    assert covered == pytest.approx(wanted, rel=0.002)
    assert warper.tile(zoom, 0, 0) is None


def test_low_zooms_agree_with_high_ones(sheet, tmp_path):
    """The straight lines between a tile's nodes are straight enough: a place keeps its colour at every zoom."""
    fit = fit_points(sheet.points, size=sheet.size)
    warper = Warper(open_levels(sheet.path, tmp_path), fit.transform, CRS)
    east, north = 430_080.0 + 240 + 100, 2_395_920.0 - 120  # in the lower half of lot OM-02: #e76f51
    for zoom in range(warper.full_zoom() - 3, warper.full_zoom() + 1):
        x, y = mercator_pixel(east, north, zoom)
        tile = warper.tile(zoom, int(x // 256), int(y // 256))
        assert tile is not None
        assert np.abs(tile[int(y % 256), int(x % 256), :3].astype(int) - [0xE7, 0x6F, 0x51]).max() <= 6


def test_same_picture_gives_the_same_bytes(sheet, tmp_path):
    fit = fit_points(sheet.points, size=sheet.size)
    made = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_tiles(folder / "p.pmtiles", Warper(open_levels(sheet.path, folder), fit.transform, CRS))
        made.append((folder / "p.pmtiles").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.pdf", "a.webp", "gray.png", "clear.png", "deep.tif", "one.tif"])
def test_every_format_gives_the_same_picture(sheet, tmp_path, name):
    path = tmp_path / name
    with Image.open(sheet.path) as picture:
        small = picture.convert("RGB").resize((600, 450))
    wanted = np.asarray(small.convert("L") if name in ("gray.png", "deep.tif", "one.tif") else small, dtype=int)
    if name == "clear.png":
        small.putalpha(255)
    elif name in ("gray.png", "one.tif"):
        small = small.convert("1" if name == "one.tif" else "L")
    elif name == "deep.tif":
        small = Image.fromarray(np.asarray(small.convert("L")).astype(np.uint16) * 257)
    small.save(path, **({"resolution": 150} if name == "a.pdf" else {"dpi": (150, 150)}))
    size = picture_size(path, dpi=150)
    assert (size.width, size.height) == (600, 450)
    found = np.asarray(open_levels(path, tmp_path, dpi=150, halves=False)[0], dtype=int)
    if wanted.ndim == 2:
        wanted = np.repeat(wanted[:, :, None], 3, axis=2)
    if name == "one.tif":
        assert set(np.unique(found)) == {0, 255}
    else:
        assert np.abs(found - wanted).mean() < 3


def test_picture_that_viewers_turn_is_turned(tmp_path):
    picture = Image.new("RGB", (40, 20), "white")
    picture.putpixel((0, 0), (255, 0, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned clockwise by a quarter when shown
    picture.save(tmp_path / "a.png", exif=exif)
    size = picture_size(tmp_path / "a.png")
    assert (size.width, size.height) == (20, 40)
    found = open_levels(tmp_path / "a.png", tmp_path, halves=False)[0]
    assert tuple(found[0, 19]) == (255, 0, 0)


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 10)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("bomb.png", png_header(200_000, 200_000), "scan-too-large"),
        ("long.png", png_header(100_000, 10), "scan-too-large"),
        ("a.jpg", b"not a picture", "scan-unreadable"),
        ("a.pdf", b"%PDF-1.4 broken", "scan-unreadable"),
        ("a.tif", b"II*\0\xff\xff\xff\xff", "scan-unreadable"),
        ("a.bmp", b"BM", "scan-format"),
        ("a.jpg", b"", "scan-unreadable"),
    ],
)
def test_hostile_pictures_are_refused(tmp_path, name, data, code):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(IngestError) as told:
        picture_size(path)
    assert told.value.code == code


def test_truncated_picture_is_refused_whole(sheet, tmp_path):
    path = tmp_path / "cut.png"
    path.write_bytes(sheet.path.read_bytes()[:-20_000])
    with pytest.raises(IngestError) as told:
        open_levels(path, tmp_path)
    assert told.value.code == "scan-unreadable"


def test_wrong_point_is_named_on_the_drawn_sheet(sheet):
    points = list(sheet.points)
    points[6] = replace(points[6], north=points[6].north + 100)
    assert [point.name for point, _ in fit_points(points, size=sheet.size).left_out] == ["L7"]


def test_fixture_is_where_the_code_looks(sheet):
    assert isinstance(sheet.path, Path)
    assert picture_size(sheet.path).dpi == pytest.approx(200, abs=0.1)
