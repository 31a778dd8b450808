"""Mapbox Vector Tile 2.1, the parts a compiler needs: whole layers in bulk, and the merging of layers of one name.

A tile is a run of layer messages; a *part* here is one such message with its tag and length, so parts put one behind
the other are a tile. Values stay encoded (`bytes`), so no number changes its type on the way through.
https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quyhoach.domain.errors import ReleaseError

EXTENT = 4096
POINT, LINE, POLYGON = 1, 2, 3  # Feature.type

# Tags of the fields used: number << 3 | wire type.
_TILE_LAYER = 0x1A
_LAYER_NAME, _LAYER_FEATURE, _LAYER_KEY, _LAYER_VALUE, _LAYER_EXTENT, _LAYER_VERSION = (
    0x0A,
    0x12,
    0x1A,
    0x22,
    0x28,
    0x78,
)
_LAYER_RUNS = frozenset({_LAYER_NAME, _LAYER_FEATURE, _LAYER_KEY, _LAYER_VALUE})
_FEATURE_ID, _FEATURE_TAGS, _FEATURE_TYPE, _FEATURE_GEOMETRY = 0x08, 0x12, 0x18, 0x22

Value = str | int | float | bool
Bytes = NDArray[np.uint8]
Numbers = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Feature:
    """`tags` are pairs of positions in the layer's keys and values; `geometry` holds the command integers."""

    type: int
    tags: tuple[int, ...]
    geometry: tuple[int, ...]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a tile. `values` are encoded Value messages: `encode_value`, `decode_value`."""

    name: str
    keys: tuple[str, ...]
    values: tuple[bytes, ...]
    features: tuple[Feature, ...]
    extent: int = EXTENT
    version: int = 2

    def attributes(self, feature: Feature) -> dict[str, Value]:
        """The attributes of one of the layer's features."""
        pairs = zip(feature.tags[::2], feature.tags[1::2], strict=True)
        return {self.keys[key]: decode_value(self.values[value]) for key, value in pairs}


def varint(number: int) -> bytes:
    """One unsigned protobuf integer."""
    return _SHORT[number] if number < len(_SHORT) else _long_varint(number)


def _long_varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The integer at `at`, and the place behind it. ReleaseError where the data end or it is over 64 bits."""
    number = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number >> 64:
                break
            return number, at
        shift += 7
    raise ReleaseError("tile-unreadable")


_SHORT = tuple(map(_long_varint, range(1 << 14)))


def encode_varints(numbers: Numbers) -> tuple[Bytes, NDArray[np.int64]]:
    """All numbers as varints in one run of bytes, and the n + 1 places where each begins and the last one ends."""
    numbers = np.asarray(numbers, np.uint64)
    sizes = np.ones(len(numbers), np.int64)
    most = int(numbers.max()) if len(numbers) else 0
    width = max(1, -(-most.bit_length() // 7))
    for k in range(1, width):
        sizes += numbers >= np.uint64(1 << (7 * k))
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    out = np.empty(offsets[-1], np.uint8)
    for k in range(width):
        here = np.flatnonzero(sizes > k)
        byte = (numbers[here] >> np.uint64(7 * k)) & np.uint64(0x7F)
        out[offsets[here] + k] = byte | ((sizes[here] > k + 1).astype(np.uint64) << np.uint64(7))
    return out, offsets


def decode_varints(data: bytes | Bytes) -> Numbers:
    """The numbers of a run of varints. ReleaseError when it breaks off or one is longer than ten bytes."""
    octets = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else data
    if not len(octets):
        return np.empty(0, np.uint64)
    ends = np.flatnonzero(octets < 0x80)
    if not len(ends) or ends[-1] != len(octets) - 1:
        raise ReleaseError("tile-unreadable")
    starts = np.concatenate(([0], ends[:-1] + 1))
    sizes = ends - starts + 1
    if sizes.max() > 10:
        raise ReleaseError("tile-unreadable")
    numbers = np.zeros(len(ends), np.uint64)
    for k in range(int(sizes.max())):
        here = np.flatnonzero(sizes > k)
        numbers[here] |= (octets[starts[here] + k].astype(np.uint64) & np.uint64(0x7F)) << np.uint64(7 * k)
    return numbers


def zigzag(numbers: NDArray[np.int64]) -> Numbers:
    """Signed numbers as unsigned ones, small ones staying small: 0, -1, 1, -2 → 0, 1, 2, 3."""
    return ((numbers << 1) ^ (numbers >> 63)).astype(np.uint64)


def encode_value(value: Value) -> bytes:
    """One attribute value as a Value message."""
    if isinstance(value, bool):
        return b"\x38" + (b"\x01" if value else b"\x00")
    if isinstance(value, str):
        text = value.encode()
        return b"\x0a" + varint(len(text)) + text
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return b"\x28" + varint(value) if value >= 0 else b"\x30" + varint((-value << 1) - 1)


def decode_value(data: bytes) -> Value:
    """The attribute value of a Value message."""
    for tag, content in _fields(data):
        if tag == 0x0A and isinstance(content, bytes):
            return _decode_text(content)
        if tag == 0x15 and isinstance(content, bytes):
            return float(struct.unpack("<f", content)[0])
        if tag == 0x19 and isinstance(content, bytes):
            return float(struct.unpack("<d", content)[0])
        if isinstance(content, int):
            if tag == 0x20:
                return content - (1 << 64) if content >> 63 else content
            if tag == 0x28:
                return content
            if tag == 0x30:
                return (content >> 1) ^ -(content & 1)
            if tag == 0x38:
                return bool(content)
    raise ReleaseError("tile-unreadable")


def encode_feature(kind: int, tags: bytes, geometry: bytes) -> bytes:
    """A feature's field within its layer, from packed tags and geometry."""
    body = b"".join(
        (b"\x12", varint(len(tags)), tags, b"\x18", varint(kind), b"\x22", varint(len(geometry)), geometry)
        if tags
        else (b"\x18", varint(kind), b"\x22", varint(len(geometry)), geometry)
    )
    return b"\x12" + varint(len(body)) + body


def encode_part(
    name: str, keys: Sequence[str], values: Sequence[bytes], features: Sequence[bytes], extent: int = EXTENT
) -> bytes:
    """A whole part from features made by `encode_feature` and values made by `encode_value`."""
    pieces = [b"\x78\x02", _text(_LAYER_NAME, name)]
    pieces += features
    pieces += [_text(_LAYER_KEY, key) for key in keys]
    pieces += [b"\x22" + varint(len(value)) + value for value in values]
    pieces.append(b"\x28" + varint(extent))
    body = b"".join(pieces)
    return b"\x1a" + varint(len(body)) + body


def encode_tile(layers: Sequence[Layer]) -> bytes:
    """A tile of layers held as values: for tests and small work; the cutter encodes in bulk."""
    return b"".join(_encode_layer(layer) for layer in layers)


def decode_tile(data: bytes) -> list[Layer]:
    """The layers of an uncompressed tile. ReleaseError("tile-unreadable") when it is not one."""
    return [_decode_layer(body) for body in _layer_bodies(data)]


def merge_parts(parts: Sequence[bytes]) -> bytes:
    """One part from parts of one layer name, features in the order given.

    The first part's keys, values and features stay as they are; in those behind it the tags are re-indexed, all at
    once. ReleaseError when names or extents differ.
    """
    first, *others = [_raw_layer(part) for part in parts]
    keys = {key: place for place, key in enumerate(first.keys)}
    values = {value: place for place, value in enumerate(first.values)}
    features = first.fields()
    for layer in others:
        if (layer.name, layer.extent, layer.version) != (first.name, first.extent, first.version):
            raise ReleaseError("tile-layers-differ", layer=first.name)
        new_keys = [keys.setdefault(key, len(keys)) for key in layer.keys]
        new_values = [values.setdefault(value, len(values)) for value in layer.values]
        features += _reindex(layer, new_keys, new_values)
    return encode_part(first.name, list(keys), list(values), features, first.extent)


@dataclass(frozen=True, slots=True)
class _RawLayer:
    name: str
    extent: int
    version: int
    keys: list[str]
    values: list[bytes]
    body: bytes  # the layer's message
    spans: list[tuple[int, int]]  # where each feature's message stands in it

    def fields(self) -> list[bytes]:
        """The features as they may stand in a layer, tag and length included."""
        return [b"\x12" + varint(end - begin) + self.body[begin:end] for begin, end in self.spans]


def _reindex(layer: _RawLayer, keys: Sequence[int], values: Sequence[int]) -> list[bytes]:
    """The features of a layer as fields, with new places of keys and values in their tags."""
    split = [_split_feature(layer.body, begin, end) for begin, end in layer.spans]
    if not split:
        return []
    runs = np.frombuffer(b"".join([tags for tags, _ in split]), np.uint8)
    sizes = np.array([len(tags) for tags, _ in split], np.int64)
    last = np.concatenate((runs < 0x80, [False])).astype(np.int64)
    counts = np.where(sizes > 0, np.add.reduceat(last, np.cumsum(sizes) - sizes), 0)
    numbers = decode_varints(runs)
    # Tags are pairs, so even places of the whole run are keys, if no feature has an odd number.
    if len(numbers) % 2 or (counts % 2).any():
        raise ReleaseError("tile-unreadable")
    if len(numbers):
        if int(numbers[::2].max()) >= len(keys) or int(numbers[1::2].max()) >= len(values):
            raise ReleaseError("tile-unreadable")
        numbers[::2] = np.array(keys, np.uint64)[numbers[::2].astype(np.int64)]
        numbers[1::2] = np.array(values, np.uint64)[numbers[1::2].astype(np.int64)]
    octets, offsets = encode_varints(numbers)
    blob, ends = octets.tobytes(), np.cumsum(counts)
    begins = offsets[ends - counts].tolist()
    out = []
    for (_, rest), begin, end in zip(split, begins, offsets[ends].tolist(), strict=True):
        body = b"\x12" + varint(end - begin) + blob[begin:end] + rest if end > begin else rest
        out.append(b"\x12" + varint(len(body)) + body)
    return out


def _split_feature(data: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    """The packed tags of the feature at `data[at:end]`, and the rest of its message."""
    if end - at > 2 and data[at] == _FEATURE_TAGS and data[at + 1] < 0x80:  # as `encode_feature` writes: tags first
        begin = at + 2
        close = begin + data[at + 1]
        if close > end:
            raise ReleaseError("tile-unreadable")
        return data[begin:close], data[close:end]
    tags, rest = b"", []
    for tag, content, raw in _raw_fields(data[at:end]):
        if tag == _FEATURE_TAGS and isinstance(content, bytes):
            tags += content
        else:
            rest.append(raw)
    return tags, b"".join(rest)


def _raw_layer(part: bytes) -> _RawLayer:
    (body,) = _layer_bodies(part)
    name, extent, version = "", EXTENT, 1
    keys: list[str] = []
    values: list[bytes] = []
    spans: list[tuple[int, int]] = []
    at, end = 0, len(body)
    while at < end:
        tag = body[at]
        if tag in _LAYER_RUNS and at + 1 < end:  # many and short: read here, without a call for each
            size = body[at + 1]
            begin = at + 2
            if size >= 0x80:
                size, begin = read_varint(body, at + 1)
            at = begin + size
            if at > end:
                raise ReleaseError("tile-unreadable")
            if tag == _LAYER_FEATURE:
                spans.append((begin, at))
            elif tag == _LAYER_VALUE:
                values.append(body[begin:at])
            elif tag == _LAYER_KEY:
                keys.append(_decode_text(body[begin:at]))
            else:
                name = _decode_text(body[begin:at])
            continue
        tag, content, at = _read_field(body, at)
        if tag == _LAYER_EXTENT and isinstance(content, int):
            extent = content
        elif tag == _LAYER_VERSION and isinstance(content, int):
            version = content
    return _RawLayer(name, extent, version, keys, values, body, spans)


def _encode_layer(layer: Layer) -> bytes:
    features = []
    for feature in layer.features:
        head = b"" if feature.id is None else b"\x08" + varint(feature.id)
        tags = b"".join(map(varint, feature.tags))
        geometry = b"".join(map(varint, feature.geometry))
        body = head + (b"\x12" + varint(len(tags)) + tags if tags else b"") + b"\x18" + varint(feature.type)
        body += b"\x22" + varint(len(geometry)) + geometry
        features.append(b"\x12" + varint(len(body)) + body)
    return encode_part(layer.name, layer.keys, layer.values, features, layer.extent)


def _decode_layer(body: bytes) -> Layer:
    raw = _raw_layer(b"\x1a" + varint(len(body)) + body)
    features = []
    for begin, end in raw.spans:
        number, kind = None, 0
        tags: tuple[int, ...] = ()
        geometry: tuple[int, ...] = ()
        for tag, content in _fields(body[begin:end]):
            if tag == _FEATURE_ID and isinstance(content, int):
                number = content
            elif tag == _FEATURE_TYPE and isinstance(content, int):
                kind = content
            elif tag == _FEATURE_TAGS and isinstance(content, bytes):
                tags += tuple(decode_varints(content).tolist())
            elif tag == _FEATURE_GEOMETRY and isinstance(content, bytes):
                geometry += tuple(decode_varints(content).tolist())
        if len(tags) % 2 or any(k >= len(raw.keys) for k in tags[::2]) or any(v >= len(raw.values) for v in tags[1::2]):
            raise ReleaseError("tile-unreadable")
        features.append(Feature(kind, tags, geometry, number))
    return Layer(raw.name, tuple(raw.keys), tuple(raw.values), tuple(features), raw.extent, raw.version)


def _layer_bodies(data: bytes) -> list[bytes]:
    return [content for tag, content in _fields(data) if tag == _TILE_LAYER and isinstance(content, bytes)]


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    return ((tag, content) for tag, content, _ in _raw_fields(data))


def _raw_fields(data: bytes) -> Iterator[tuple[int, bytes | int, bytes]]:
    """Tag, content and whole bytes of every field of a message."""
    at = 0
    while at < len(data):
        begin = at
        tag, content, at = _read_field(data, at)
        yield tag, content, data[begin:at]


def _read_field(data: bytes, at: int) -> tuple[int, bytes | int, int]:
    """The field at `at`: its tag, its content, and the place behind it."""
    tag, at = read_varint(data, at)
    wire = tag & 7
    if wire == 0:
        number, at = read_varint(data, at)
        return tag, number, at
    if wire == 2:
        size, at = read_varint(data, at)
    elif wire in (1, 5):
        size = 8 if wire == 1 else 4
    else:
        raise ReleaseError("tile-unreadable")
    if at + size > len(data):
        raise ReleaseError("tile-unreadable")
    return tag, data[at : at + size], at + size


def _text(tag: int, text: str) -> bytes:
    data = text.encode()
    return bytes((tag,)) + varint(len(data)) + data


def _decode_text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ReleaseError("tile-unreadable") from None
