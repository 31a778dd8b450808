"""Drawings with random damage, and drawings of random content: a result or an error of ours, never anything else."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import ezdxf
import numpy as np
import pytest
import shapely
from ezdxf.document import Drawing as Document

from quyhoach.domain.errors import IngestError
from quyhoach.domain.source import SourceLayer
from quyhoach.ingest import Limits, read_source
from quyhoach.ingest.cad import read_drawing

# Values that group codes of any kind may be replaced by.
_ODD = (
    b"",
    b"0",
    b"-1",
    b"nan",
    b"-inf",
    b"1e308",
    b"99999999999",
    b"*T1",
    b"A",
    b"FFFFFFFF",
    b"\\U+D800",
    b"\xff\xfe",
)


def sample(version: str, folder: Path) -> Path:
    """A drawing with one of nearly everything."""
    made: Document = ezdxf.new(version)
    space = made.modelspace()
    block = made.blocks.new("LO_DAT")
    block.add_lwpolyline([(0, 0, 0.5), (4, 0, 0), (4, 3, 0)], format="xyb", close=True)
    block.add_attdef("KYHIEU", (0, 0))
    outer = made.blocks.new("KHU")
    outer.add_blockref("LO_DAT", (5, 5), {"rotation": 30, "xscale": -2})
    for column in range(3):
        space.add_blockref("KHU", (column * 20, 0), {"row_count": 2, "row_spacing": 9}).add_attrib(
            "KYHIEU", "OM", (0, 0)
        )
    hatch = space.add_hatch()
    hatch.paths.add_polyline_path([(0, 0, 1), (9, 0), (9, 9)], is_closed=True)
    path = hatch.paths.add_edge_path()
    path.add_arc((30, 0), 5, 0, 180)
    path.add_line((25, 0), (35, 0))
    path.add_ellipse((50, 0), (3, 0), 0.5, 0, 360)
    path.add_spline(control_points=[(0, 0), (1, 5), (5, 5), (9, 0)], knot_values=[0, 0, 0, 0, 1, 1, 1, 1])
    space.add_spline([(0, 0), (3, 3), (9, 0), (12, 5)])
    space.add_ellipse((0, 0), (5, 0), 0.5)
    space.add_mtext("{\\fArial|b0;OM-01}\\P\\S1/2; %%d", {"char_height": 2})
    space.add_leader([(0, 0), (5, 5)])
    space.add_mline([(0, 0), (10, 0), (10, 10)])
    space.add_solid([(0, 0), (1, 0), (0, 1), (1, 1)])
    space.add_polyline3d([(0, 0, 1), (5, 5, 2)])
    space.add_text("Đất ở").set_placement((1, 1), (9, 9), align=ezdxf.enums.TextEntityAlignment.FIT)
    made.add_xref_def("nen.dwg", "NEN")
    space.add_blockref("NEN", (0, 0))
    target = folder / "a.dxf"
    made.saveas(target)
    return target


def damage(path: Path, random: np.random.Generator) -> None:
    """Change values of group codes, lines, or bytes; cut or double a part."""
    kind = int(random.integers(0, 5))
    data = bytearray(path.read_bytes())
    if kind == 0:
        for place in random.integers(0, len(data), int(random.integers(1, 40))):
            data[place] = int(random.integers(0, 256))
    elif kind == 1:
        del data[int(random.integers(0, len(data))) :]
    elif kind == 2:
        start, end = sorted(random.integers(0, len(data), 2).tolist())
        data[start:start] = data[start : min(end, start + 20_000)]
    else:
        lines = bytes(data).split(b"\n")
        begin = next((row for row, line in enumerate(lines) if line.strip() == b"BLOCKS"), 0)
        for row in random.integers(begin, len(lines), int(random.integers(1, 60))).tolist():
            if row % 2 != begin % 2 or kind == 4:
                lines[row] = _ODD[int(random.integers(0, len(_ODD)))]
        data = bytearray(b"\n".join(lines))
    path.write_bytes(data)


def check(layers: Sequence[SourceLayer]) -> None:
    for layer in layers:
        assert all(len(values) == len(layer) for values in layer.fields.values())
        assert not shapely.is_missing(layer.geometry).any()
        assert np.isfinite(shapely.get_coordinates(layer.geometry)).all()
        assert len(set(layer.ids)) == len(layer)


def damaged(folder: Path, seed: int) -> Path:
    random = np.random.default_rng(seed)
    path = sample(["R2000", "R2004", "R2010", "R2018"][seed % 4], folder)
    damage(path, random)
    return path


def read_here(path: Path) -> None:
    """Read in this process, where an exception that is not ours shows with its place."""
    small = replace(Limits(), entities=20_000, drawing_points=200_000)
    try:
        check(read_drawing(path, [], path.name, small, path.parent, lambda _: None).layers)
    except IngestError:
        return


@pytest.mark.parametrize("seed", range(25))
def test_damaged_drawing_ends_in_an_error_of_ours_or_layers(tmp_path: Path, seed: int) -> None:
    read_here(damaged(tmp_path, seed))


@pytest.mark.deep
@pytest.mark.parametrize("start", range(1000, 3000, 100))
def test_many_damaged_drawings_end_in_an_error_of_ours_or_layers(tmp_path: Path, start: int) -> None:
    for seed in range(start, start + 100):
        read_here(damaged(tmp_path, seed))


@pytest.mark.parametrize("seed", [3, 7])
def test_damaged_drawing_ends_in_an_error_of_ours_or_layers_when_the_child_reads(tmp_path: Path, seed: int) -> None:
    try:
        layers = read_source(damaged(tmp_path, seed)).layers
    except IngestError:
        return
    check(layers)
