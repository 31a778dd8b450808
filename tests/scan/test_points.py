"""Reading control points: TOML, CSV of any separator, QGIS's .points, X and Y told apart, nonsense refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.errors import UsageError
from quyhoach.scan.points import read_points

TOML = """
crs = "EPSG:9215"
outline = [[10, 10], [90, 12], [50, 80]]
[[point]]
name = "GK-01"
col = 120.5
row = 88
north = 2395843.3
east = 430286.1
"""


def write(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_toml_gives_points_crs_and_outline(tmp_path):
    found = read_points(write(tmp_path, "p.toml", TOML))
    assert found.crs == "EPSG:9215"
    assert found.outline == ((10.0, 10.0), (90.0, 12.0), (50.0, 80.0))
    (point,) = found.points
    assert (point.name, point.col, point.row, point.east, point.north) == ("GK-01", 120.5, 88, 430286.1, 2395843.3)


@pytest.mark.parametrize(
    "text",
    [
        "name,col,row,X,Y\nA,1,2,2395843.3,430286.1\n",  # Vietnamese: X is the northing
        "name,col,row,X,Y\nA,1,2,430286.1,2395843.3\n",  # software: X is the easting
        "Điểm;Cột;Hàng;Bắc;Đông\nA;1;2;2395843,3;430286,1\n",
        "name\tcol\trow\tnorth\teast\nA\t1\t2\t2395843.3\t430286.1\n",
        "#CRS: x\nmapX,mapY,sourceX,sourceY,enable\n430286.1,2395843.3,1,-2,1\n",  # QGIS Georeferencer
        "\ufeffname,col,row,north,east\nA,1,2,2395843.3,430286.1\n",
    ],
)
def test_csv_is_read_however_it_is_written(tmp_path, text):
    (point,) = read_points(write(tmp_path, "p.csv", text)).points
    assert (point.col, point.row, point.east, point.north) == (1, 2, 430286.1, 2395843.3)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("p.csv", "name,col,row,X,Y\nA,1,2,500000,500000\n", "scan-point-axes"),
        ("p.csv", "name,col,row,north,east\nA,1,,2395843.3,430286.1\n", "scan-point-number"),
        ("p.csv", "name,col,row,north,east\nA,1,nan,2395843.3,430286.1\n", "scan-point-number"),
        ("p.toml", "[[point]\n", "scan-points-unreadable"),
        ("p.toml", "pionts = 1\n", "scan-points-unreadable"),
        ("p.toml", "point = 3\n", "scan-points-unreadable"),
        ("p.toml", "outline = [[1, 2], [3, 4]]\n", "scan-points-unreadable"),
        ("p.csv", "name,col,row,north,east\n" + "A,1,2,2395843.3,430286.1\n" * 501, "scan-points-too-many"),
    ],
)
def test_unreadable_points_are_refused_with_the_point_named(tmp_path, name, text, code):
    with pytest.raises(UsageError) as told:
        read_points(write(tmp_path, name, text))
    assert told.value.code == code


def test_missing_file_is_told(tmp_path):
    with pytest.raises(UsageError):
        read_points(tmp_path / "none.csv")


@given(text=st.text(max_size=300), suffix=st.sampled_from([".csv", ".toml"]))
def test_any_text_is_read_or_refused(tmp_path_factory, text, suffix):
    path = tmp_path_factory.mktemp("p") / f"p{suffix}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        read_points(path)
    except UsageError:
        return
