"""Painted shapes become a coverage, whatever is painted."""

import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from quyhoach.demo.arrange import Patch, arrange

OUTLINE = shapely.box(0, 0, 1000, 1000)
boxes = st.lists(
    st.tuples(
        st.floats(-50, 1000), st.floats(-50, 1000), st.floats(15, 600), st.floats(15, 600), st.floats(0, 3.14),
        st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(boxes)
def test_lots_cover_the_outline_when_any_shapes_are_painted(shapes: list[tuple[float, ...]]) -> None:
    patches = [
        Patch(
            shapely.affinity.rotate(shapely.box(x, y, x + w, y + h), turn, use_radians=True), "any", whole=bool(whole)
        )
        for x, y, w, h, turn, whole in shapes
    ]
    lots = [lot.shape for lot in arrange([*patches, Patch(OUTLINE.buffer(10), "ground")], OUTLINE)]
    assert shapely.is_valid(lots).all()
    assert shapely.coverage_is_valid(lots)
    assert abs(shapely.area(lots).sum() - OUTLINE.area) < 0.1


def test_upper_patch_hides_the_lower_when_they_overlap() -> None:
    upper, lower = Patch(shapely.box(0, 0, 500, 1000), "a"), Patch(shapely.box(250, 0, 1000, 1000), "b")
    found = {lot.patch.use: lot.shape.area for lot in arrange([upper, lower], OUTLINE)}
    assert found == {"a": 500_000, "b": 500_000}


def test_sliver_goes_to_its_longest_neighbour_when_too_thin() -> None:
    left, right = Patch(shapely.box(0, 0, 499, 1000), "a"), Patch(shapely.box(500, 0, 1000, 1000), "b")
    ground = Patch(OUTLINE, "ground")
    lots = arrange([left, right, ground], OUTLINE)
    assert sorted(lot.patch.use for lot in lots) == ["a", "b"]
    assert sum(lot.shape.area for lot in lots) == 1_000_000


def test_parts_stay_one_lot_when_a_patch_is_whole() -> None:
    street = Patch(shapely.box(0, 400, 1000, 420), "road", whole=True)
    bridge = Patch(shapely.box(400, 0, 450, 1000), "road", whole=True)
    lots = arrange([bridge, street, Patch(OUTLINE, "ground")], OUTLINE)
    roads = [lot.shape for lot in lots if lot.patch.use == "road"]
    assert sorted(len(shapely.get_parts(shape)) for shape in roads) == [1, 2]
