"""A part of Đồng Mỏ, small enough to be drawn in a test: the example's place lies in it as in the whole town."""

from dataclasses import replace

from quyhoach.demo.dong_mo import DONG_MO
from quyhoach.demo.specs import Facility, Quarter, Site

SMALL_TOWN = replace(
    DONG_MO,
    reach=(-620, 640),
    flanks=(-480, 560),
    quarters=(
        Quarter(
            "bac",
            (-420, 480),
            (0, 92, 182, 280, 372),
            (0, 15.5, 13.5, 20.5, 13.5),
            names=("", "Đường Đại Huề", "", "Đường Hoàng Đình Kinh", ""),
            spacing=(150, 235),
            lot=112,
            pins=(-50, 50),
            core=160,
            heart=-300,
            ragged=0,
            loose=0.0,
        ),
    ),
    facilities=(
        Facility("housing", "", 7, 207, whole=False),
        Facility("park", "Công viên Hòa Bình", 320, 230),
        Facility("office", "Trung tâm hành chính", -220, 230),
        Facility("services", "Chợ Đồng Mỏ", -250, 46),
        Facility("school", "Trường Tiểu học", 150, 326),
        Facility("security", "Trụ sở AN bí mật 01", -200, 326, whole=False),
    ),
    sites=(Site("defence", "Doanh trại QP bí mật 01", 420, 470, 60, 1.3),),
    lanes=(),
    cuts=(300, 420),
)
