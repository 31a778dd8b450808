"""Coordinates as people write and paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.coordinates import LONGEST, VIETNAM, Coordinates, Extents, parse_coordinates

LON, LAT = 106.5783, 21.657
EAST, NORTH = 430286.1, 2395843.3


@pytest.mark.parametrize(
    "text",
    [
        "21.657, 106.5783",
        "106.5783 21.657",
        "21,657 106,5783",
        "21,657; 106,5783",
        "21,657, 106,5783",
        "21,657,106,5783",
        "21.657,106.5783",
        "(21.657; 106.5783)",
        "21.657° 106.5783°",
        "21.657°N, 106.5783°E",
        "21,657° B; 106,5783° Đ",
        "N21.657 E106.5783",
        "21.657N 106.5783E",
        "lat=21.657&lon=106.5783",
        "Vĩ độ: 21.657, kinh độ: 106.5783",
        "https://www.google.com/maps/@21.657,106.5783,15z",
        "geo:21.657,106.5783",
        "Vị trí 21.657, 106.5783 thuộc xã Chi Lăng",
        "  21.657\n106.5783 ",
    ],
)
def test_decimal_degrees_are_read_when_written_in_any_order_and_mark(text: str) -> None:
    assert parse_coordinates(text) == Coordinates(True, ((LON, LAT),))


@pytest.mark.parametrize(
    "text",
    [
        "21°39'25\"N 106°34'42\"E",
        "21°39'25\" B, 106°34'42\" Đ",
        "106°34'42\"E 21°39'25\"N",
        "106°34'42\"Đ; 21°39'25\"B",
        "N 21°39'25\" E 106°34'42\"",
        "21° 39′ 25″ N, 106° 34′ 42″ E",
        "21º39’25”N 106º34’42”E",
        "21°39'25''B 106°34'42''Đ",
        "21°39'25\" 106°34'42\"",
        "21 39 25 N 106 34 42 E",
        "21-39-25N 106-34-42E",
        "21:39:25, 106:34:42",
        "21d39m25s, 106d34m42s",
        "21 độ 39 phút 25 giây Bắc, 106 độ 34 phút 42 giây Đông",
        "21°39'25,0\"N 106°34'42,0\"E",
    ],
)
def test_degrees_minutes_seconds_are_read_when_marked_in_any_way(text: str) -> None:
    found = parse_coordinates(text)
    assert found is not None
    assert found.geographic
    ((lon, lat),) = found.points
    assert (lon, lat) == pytest.approx((106 + 34 / 60 + 42 / 3600, 21 + 39 / 60 + 25 / 3600), abs=1e-12)


@pytest.mark.parametrize("text", ["21°39.42'N 106°34.7'E", "21° 39,42' B 106° 34,7' Đ"])
def test_minutes_with_decimals_are_read(text: str) -> None:
    found = parse_coordinates(text)
    assert found is not None
    assert found.points[0] == pytest.approx((106 + 34.7 / 60, 21 + 39.42 / 60), abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "X=2395843.3 Y=430286.1",
        "X = 2.395.843,3; Y = 430.286,1",
        "Y=430286.1; X=2395843.3",
        "x: 430286.1, y: 2395843.3",
        "2395843.3 430286.1",
        "430286,1 2395843,3",
        "2395843,3; 430286,1",
        "2395843,3,430286,1",
        "2,395,843.3 430,286.1",
        "2 395 843,3; 430 286,1",
        "X(m): 2395843,300000 Y(m): 430286,100000",
        "N=2395843.3m E=430286.1m",
        "Điểm 1: 2395843.3 - 430286.1",
    ],
)
def test_grid_coordinates_are_read_when_written_in_any_order_and_mark(text: str) -> None:
    assert parse_coordinates(text) == Coordinates(False, ((EAST, NORTH),))


def test_whole_metres_are_read_with_and_without_thousands() -> None:
    for text in ("2395843 430286", "2395843,430286", "2.395.843 430.286", "2,395,843 430,286", "430286;2395843"):
        assert parse_coordinates(text) == Coordinates(False, ((430286.0, 2395843.0),))


@pytest.mark.parametrize(
    "text",
    [
        "1 2395800.5 430200.25\n2 2395900.5 430200.25\n3 2395900.5 430300.25\n1 2395800.5 430200.25",
        "STT\tX(m)\tY(m)\tCạnh\n1\t2395800,5\t430200,25\t100,0\n2\t2395900,5\t430200,25\t100,0\n3\t2395900,5\t430300,25\t141,4",
        "430200.25,2395800.5; 430200.25,2395900.5; 430300.25,2395900.5",
        "M1 2.395.800,5 430.200,25 M2 2.395.900,5 430.200,25 M3 2.395.900,5 430.300,25",
    ],
)
def test_pasted_corners_make_a_polygon(text: str) -> None:
    found = parse_coordinates(text)
    assert found == Coordinates(False, ((430200.25, 2395800.5), (430200.25, 2395900.5), (430300.25, 2395900.5)))
    assert found.is_polygon


def test_pasted_degrees_make_a_polygon() -> None:
    found = parse_coordinates("21.65,106.57\n21.66,106.57\n21.66,106.58\n21.65,106.57")
    assert found == Coordinates(True, ((106.57, 21.65), (106.57, 21.66), (106.58, 21.66)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Chi Lăng",
        "tờ 12 thửa 345",
        "12/345",
        "21/106",
        "21 106",
        "1319/QĐ-UBND ngày 13/8/2022",
        "13.8.2022",
        "OM-12",
        "0.0 0.0",
        "95.5, 200.1",
        "21.657",
        "2395843.3",
        "21°75'00\"N 106°34'42\"E",
        "٢١.٦٥٧ ١٠٦.٥٧٨٣",
        "²¹.5 106.5",
    ],
)
def test_other_text_is_not_taken_for_coordinates(text: str) -> None:
    assert parse_coordinates(text) is None


lons = st.integers(1020000, 1179999).map(lambda n: n / 10000)
lats = st.integers(60000, 239999).map(lambda n: n / 10000)
easts = st.integers(1000000, 8999999).map(lambda n: n / 10)
norths = st.integers(9000010, 26999999).map(lambda n: n / 10)


def vietnamese(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


@given(lons, lats, st.booleans(), st.sampled_from(["{:.4f}", "{:.6f}"]), st.sampled_from([", ", " ", "; ", "\t"]))
def test_every_place_of_the_country_is_read_in_degrees(
    lon: float, lat: float, turn: bool, form: str, mark: str
) -> None:
    pair = [form.format(lat), form.format(lon)]
    text = mark.join(pair[::-1] if turn else pair)
    assert parse_coordinates(text) == Coordinates(True, ((lon, lat),))
    assert parse_coordinates(mark.join(text.split(mark)).replace(".", ",")) == Coordinates(True, ((lon, lat),))


@given(easts, norths, st.booleans(), st.sampled_from(["{}; {}", "{} {}", "X={} Y={}", "{}m / {}m"]))
def test_every_place_of_the_grid_is_read_in_metres(east: float, north: float, turn: bool, form: str) -> None:
    for written in (f"{north:.1f}", f"{east:.1f}"), (vietnamese(north, 1), vietnamese(east, 1)):
        text = form.format(*(written[::-1] if turn else written))
        assert parse_coordinates(text) == Coordinates(False, ((east, north),))


@given(lons, lats)
def test_degrees_minutes_seconds_come_back(lon: float, lat: float) -> None:
    def written(value: float, letter: str) -> str:
        thousandths = round(value * 3600000)
        return f"{thousandths // 3600000}°{thousandths // 60000 % 60}'{thousandths % 60000 / 1000:.3f}\"{letter}"

    for east, north in (("E", "N"), ("Đ", "B")):
        found = parse_coordinates(f"{written(lat, north)} {written(lon, east)}")
        assert found is not None
        assert found.points[0] == pytest.approx((lon, lat), abs=1e-6)


@given(st.text(max_size=300) | st.text("0123456789.,;°'\"NSEWBĐ -XY=\n", max_size=300))
def test_no_text_makes_it_fail(text: str) -> None:
    found = parse_coordinates(text)
    if found is not None:
        first, second = (VIETNAM.lon, VIETNAM.lat) if found.geographic else (VIETNAM.east, VIETNAM.north)
        assert all(first[0] <= x <= first[1] and second[0] <= y <= second[1] for x, y in found.points)


@pytest.mark.parametrize("piece", ["1", "1 ", "1.", "1,", "21 39 ", "21°", "21°39'", "n ", "1.111.", " ", "-", "1:1:"])
def test_long_text_is_read_in_a_moment(piece: str) -> None:
    parse_coordinates(piece * LONGEST)  # a pattern that went back and forth would run into the test's time limit


def test_extents_tell_the_order_elsewhere() -> None:
    lambert = Extents(lon=(-6.0, 10.0), lat=(41.0, 52.0), east=(90_000.0, 1_300_000.0), north=(6.0e6, 7.2e6))
    assert parse_coordinates("6712345.5 571234.5", lambert) == Coordinates(False, ((571234.5, 6712345.5),))
    assert parse_coordinates("47.6, -1.33", lambert) == Coordinates(True, ((-1.33, 47.6),))
