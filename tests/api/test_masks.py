"""What became secret later is in no tile, at no zoom."""

from pathlib import Path

from pyproj import Transformer
from tests.release.test_tiles import town

from quyhoach.api.masks import mask_tile
from quyhoach.release.mvt import decode_tile
from quyhoach.release.tile_archive import read_parts
from quyhoach.release.tiles import cut_version_tiles
from quyhoach.standard import Standard, load_standard


def test_masked_lot_is_gone_at_every_zoom_also_where_lots_are_drawn_as_one(tmp_path: Path) -> None:
    standard: Standard = load_standard()
    to_wgs84 = Transformer.from_crs("EPSG:9215", "EPSG:4326", always_xy=True)
    cut_version_tiles(town(), standard, to_wgs84, tmp_path / "tiles")
    target = "qhc-thu@1/OM-1"
    merged = shown = 0
    for _, name, part in read_parts(tmp_path / "tiles"):
        if name != "zones":
            continue
        before = [layer.attributes(feature) for layer in decode_tile(part) for feature in layer.features]
        masked = mask_tile(part, {target})
        after = [layer.attributes(feature) for layer in decode_tile(masked) for feature in layer.features]
        merged += sum("id" not in row for row in before)
        shown += len(after)
        assert all(row.get("id") not in (None, target) for row in after)
        assert len(after) == sum(row.get("id") not in (None, target) for row in before)
    assert merged
    assert shown
