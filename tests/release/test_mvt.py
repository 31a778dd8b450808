"""Reading, writing and merging vector tiles."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.errors import ReleaseError
from quyhoach.release.mvt import (
    Feature,
    Layer,
    decode_tile,
    decode_value,
    decode_varints,
    encode_tile,
    encode_value,
    encode_varints,
    merge_parts,
    read_varint,
    varint,
    zigzag,
)

values = st.one_of(
    st.text(max_size=8),
    st.booleans(),
    st.integers(-(2**40), 2**63 - 1),
    st.floats(allow_nan=False),
)


@st.composite
def layers(draw: st.DrawFn, name: str = "zones") -> Layer:
    keys = tuple(draw(st.lists(st.text(max_size=4), max_size=4, unique=True)))
    known = tuple(dict.fromkeys(map(encode_value, draw(st.lists(values, max_size=200 if draw(st.booleans()) else 4)))))
    features = []
    for _ in range(draw(st.integers(0, 5))):
        tags: tuple[int, ...] = ()
        if keys and known:
            pair = st.tuples(st.integers(0, len(keys) - 1), st.integers(0, len(known) - 1))
            tags = tuple(n for both in draw(st.lists(pair, max_size=4)) for n in both)
        geometry = tuple(draw(st.lists(st.integers(0, 2**32 - 1), max_size=6)))
        features.append(Feature(draw(st.integers(1, 3)), tags, geometry, draw(st.none() | st.integers(0, 2**63))))
    return Layer(name, keys, known, tuple(features))


def described(layer: Layer) -> list[object]:
    """Features with their attributes, apart from how the layer numbers them."""
    return [
        (
            feature.type,
            feature.id,
            feature.geometry,
            [(layer.keys[k], layer.values[v]) for k, v in zip(feature.tags[::2], feature.tags[1::2], strict=True)],
        )
        for feature in layer.features
    ]


@given(st.lists(layers(), max_size=3))
def test_tile_is_the_same_when_written_and_read(tile: list[Layer]) -> None:
    assert decode_tile(encode_tile(tile)) == tile


@given(values)
def test_value_keeps_type_and_size_when_encoded(value: str | int | float | bool) -> None:
    back = decode_value(encode_value(value))
    assert (type(back), back) == (type(value), value)


@given(st.lists(layers(), min_size=1, max_size=4))
def test_merged_layer_describes_the_features_of_all_parts_in_order(parts: list[Layer]) -> None:
    (merged,) = decode_tile(merge_parts([encode_tile([part]) for part in parts]))
    assert described(merged) == [feature for part in parts for feature in described(part)]
    assert len(set(merged.keys)) == len(merged.keys)
    assert len(set(merged.values)) == len(merged.values)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40))
def test_bulk_varints_equal_single_ones(numbers: list[int]) -> None:
    octets, offsets = encode_varints(np.array(numbers, np.uint64))
    assert octets.tobytes() == b"".join(map(varint, numbers))
    assert [octets[a:b].tobytes() for a, b in pairwise(offsets.tolist())] == list(map(varint, numbers))
    assert decode_varints(octets.tobytes()).tolist() == numbers


@given(st.integers(0, 2**64 - 1))
def test_varint_reads_back(number: int) -> None:
    assert read_varint(varint(number), 0) == (number, len(varint(number)))


def test_zigzag_keeps_small_numbers_small() -> None:
    assert zigzag(np.array([0, -1, 1, -2, 2**31, -(2**40)])).tolist() == [0, 1, 2, 3, 2**32, 2**41 - 1]


def test_merging_refuses_layers_of_two_names_or_extents() -> None:
    one = Layer("zones", (), (), ())
    for other in (replace(one, name="lines"), replace(one, extent=8192)):
        with pytest.raises(ReleaseError) as error:
            merge_parts([encode_tile([one]), encode_tile([other])])
        assert error.value.code == "tile-layers-differ"


@given(st.binary(max_size=60), st.lists(layers(), min_size=1, max_size=1), st.data())
def test_reading_fails_cleanly_when_bytes_are_not_a_tile(noise: bytes, tile: list[Layer], data: st.DataObject) -> None:
    whole = encode_tile(tile)
    cut = data.draw(st.integers(0, len(whole)))
    for candidate in (noise, whole[:cut], whole[:cut] + noise):
        try:
            decode_tile(candidate)
        except ReleaseError as error:
            assert error.code == "tile-unreadable"  # noqa: PT017
