"""The two paths that most requests take, look-up by point and tiles, without a framework in between."""

import re
import zlib
from collections.abc import Sequence

from quyhoach.api.ask import answer_point
from quyhoach.api.clock import Today
from quyhoach.api.keeper import Keeper, Serving
from quyhoach.api.masks import mask_tile
from quyhoach.api.question import parse_question
from quyhoach.api.reply import (
    ANYONE,
    FIXED,
    FOREVER,
    FRESH,
    GZIPPED,
    JSON,
    LEAST_TO_COMPRESS,
    NEVER,
    NO_SNIFFING,
    VARY,
    Header,
    Reply,
    accepts_gzip,
    compress,
    matches,
)
from quyhoach.domain.errors import NotFoundError

Headers = Sequence[tuple[bytes, bytes]]

TILE = re.compile(
    r"/tiles/(?:([0-9a-f]{32})/)?([a-z0-9-]{1,40})/(\d{1,2})/(\d{1,9})/(\d{1,9})\.(?:mvt|pbf)", re.ASCII
).fullmatch
DEEPEST = 24
_POINT: list[Header] = [JSON, ANYONE, NO_SNIFFING, VARY]
_TILE: list[Header] = [(b"content-type", b"application/vnd.mapbox-vector-tile"), ANYONE, NO_SNIFFING, FOREVER]


def point_reply(keeper: Keeper, today: Today, zones: Sequence[int], query: bytes, headers: Headers) -> Reply:
    """`GET /api/v1/lookup`: the answer, or 304 where the client has it. Raises QuyHoachError."""
    question = parse_question(query)
    serving = keeper.serving(question.release)
    on = question.on or today()
    known = encoding = b""
    for name, value in headers:
        if name == b"accept-encoding":
            encoding = value
        elif name == b"if-none-match":
            known = value
    # Weak, as the same answer goes out with and without compression.
    etag = b'W/"%b-%d-%b-%08x"' % (serving.salt, on, question.lang.encode(), zlib.crc32(query))
    cache = FIXED if question.release and question.on else FRESH
    if known and matches(known, etag):
        return 304, [(b"etag", etag), cache, ANYONE, VARY], b""
    body = answer_point(serving.lookup, question, on, zones)
    if encoding and len(body) > LEAST_TO_COMPRESS and accepts_gzip(encoding):
        body = compress(body)
        extra = [GZIPPED, (b"etag", etag), cache, (b"content-length", b"%d" % len(body))]
    else:
        extra = [(b"etag", etag), cache, (b"content-length", b"%d" % len(body))]
    return 200, _POINT + extra, body


def tile_reply(keeper: Keeper, path: str, headers: Headers) -> Reply:
    """`GET /tiles/{release}/{name}/{z}/{x}/{y}.mvt`, immutable; without a release, a redirect to the current one's.

    204 where there is nothing to draw. Raises NotFoundError for any other path."""
    found = TILE(path)
    if not found:
        raise NotFoundError("path-unknown")
    release_id, name = found[1], found[2]
    z, x, y = int(found[3]), int(found[4]), int(found[5])
    if z > DEEPEST or x >> z or y >> z:
        raise NotFoundError("tile-unknown")
    if not release_id:
        current = keeper.serving()
        if current.archive(name) is None:
            raise NotFoundError("tile-unknown")
        target = f"/tiles/{current.id}/{name}/{z}/{x}/{y}.mvt".encode()
        return 307, [(b"location", target), NEVER, ANYONE, (b"content-length", b"0")], b""
    serving = keeper.serving(release_id)
    archive = serving.archive(name)
    if archive is None:
        raise NotFoundError("tile-unknown")
    if serving.masked_here:
        plain = archive.get_plain(z, x, y)
        body = mask_tile(plain, serving.masked_here) if plain else b""
        if not body:
            return 204, [ANYONE, FRESH], b""
        return 200, [*_TILE[:3], FRESH, (b"content-length", b"%d" % len(body))], body
    return _stored_tile(serving, archive.get(z, x, y), archive.gzipped, z, x, y, headers)


def _stored_tile(
    serving: Serving, stored: bytes | None, gzipped: bool, z: int, x: int, y: int, headers: Headers
) -> Reply:
    if stored is None:
        return 204, [ANYONE, FOREVER], b""
    etag = b'"%b-%d-%d-%d"' % (serving.salt, z, x, y)
    for name, value in headers:
        if name == b"if-none-match" and matches(value, etag):
            return 304, [(b"etag", etag), FOREVER, ANYONE], b""
    # Every client that draws vector tiles takes gzip; one that says it doesn't gets what is stored all the same.
    extra: list[Header] = [(b"etag", etag), (b"content-length", b"%d" % len(stored))]
    if gzipped:
        extra.append(GZIPPED)
    return 200, _TILE + extra, stored
