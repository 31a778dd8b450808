"""A sheet of paper drawn here, as a scanner sees it: turned by 1.3°, sheared, at 200 dpi."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from quyhoach.scan.points import ControlPoint

DPI = 200
SCALE = 5000
PER_METRE = DPI / 0.0254 / SCALE  # pixels of the ideal paper per metre on the ground
WEST, NORTH = 429_800.0, 2_396_200.0  # of the ideal paper's upper left corner
PAPER = (2400, 1800)  # pixels
TURN, SHEAR, STRETCH = np.radians(1.3), 0.004, 1.003
CROSSES = [(430_000.0 + 400 * column, 2_396_000.0 - 400 * row) for row in range(3) for column in range(4)]


def lay(places: np.ndarray) -> np.ndarray:
    """Where the scanner puts a place of the ideal paper (pixels to pixels)."""
    matrix = np.array(
        [
            [np.cos(TURN) * STRETCH, -np.sin(TURN) + SHEAR],
            [np.sin(TURN) * STRETCH, np.cos(TURN)],
        ]
    )
    middle = np.array(PAPER) / 2
    return (places - middle) @ matrix.T + middle


def paper_place(east: float, north: float) -> np.ndarray:
    return np.array([(east - WEST) * PER_METRE, (NORTH - north) * PER_METRE])


def scanned(east: float, north: float) -> tuple[float, float]:
    """Column and row of a true place in the scan."""
    col, row = lay(paper_place(east, north)[None, :])[0]
    return float(col), float(row)


@dataclass(frozen=True)
class Sheet:
    path: Path
    points: tuple[ControlPoint, ...]
    size: tuple[int, int]


def draw_sheet(path: Path, *, fine: int = 3) -> None:
    """Draw crosses, lots and words straight into the scanner's frame, three times as fine, then reduce."""
    picture = Image.new("RGB", (PAPER[0] * fine, PAPER[1] * fine), "#f3ead0")
    draw = ImageDraw.Draw(picture)

    def at(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
        found = lay(np.array([paper_place(*place) for place in places])) * fine
        # A pixel of Pillow has its middle at a whole number, one of ours at a half.
        return [(float(x) - 0.5, float(y) - 0.5) for x, y in found]

    colours = ["#e9c46a", "#e76f51", "#2a9d8f", "#b5c99a", "#cdb4db"]
    for number in range(20):
        west, north = 430_080.0 + 240 * (number % 5), 2_395_920.0 - 170 * (number // 5)
        box = [(west, north), (west + 200, north), (west + 200, north - 140), (west, north - 140)]
        draw.polygon(at(box), fill=colours[number % 5], outline="#333333")
        draw.text(
            at([(west + 60, north - 50)])[0], f"OM-{number + 1:02d}", fill="black", font=ImageFont.load_default(40)
        )
    for east, north in CROSSES:
        arm = 10 / PER_METRE
        draw.line(at([(east - arm, north), (east + arm, north)]), fill="black", width=fine * 2)
        draw.line(at([(east, north - arm), (east, north + arm)]), fill="black", width=fine * 2)
    picture.resize(PAPER, Image.Resampling.BOX).save(path, dpi=(DPI, DPI))


def exact_points() -> tuple[ControlPoint, ...]:
    return tuple(
        ControlPoint(f"L{number + 1}", *scanned(east, north), east, north)
        for number, (east, north) in enumerate(CROSSES)
    )


@pytest.fixture(scope="session")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    path = tmp_path_factory.mktemp("scan") / "to-ban-do.png"
    draw_sheet(path)
    return Sheet(path, exact_points(), PAPER)


def points_toml(points: tuple[ControlPoint, ...], extra: str = "") -> str:
    rows = [
        f'[[point]]\nname = "{p.name}"\ncol = {p.col}\nrow = {p.row}\nnorth = {p.north}\neast = {p.east}\n'
        for p in points
    ]
    return extra + "\n".join(rows)
