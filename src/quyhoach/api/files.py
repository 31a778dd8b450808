"""Files over HTTP: the public files of a release (a whitelist: its manifest), and the built web assets (/static/)."""

import asyncio
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from quyhoach.api.keeper import Keeper, Serving
from quyhoach.api.masks import is_masked_file
from quyhoach.api.reply import (
    ANYONE,
    CHECK,
    FOREVER,
    GZIPPED,
    LEAST_TO_COMPRESS,
    NO_SNIFFING,
    VARY,
    Header,
    accepts_gzip,
    matches,
)
from quyhoach.domain.errors import NotFoundError

PUBLIC = ("packages/", "documents/", "chunks/", "diff/", "tiles/")
PUBLIC_FILES = frozenset({"manifest.json", "plans.json", "chunks.json"})
# What the address has no hash of a build in may change with the next one.
HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$").search
COMPRESSIBLE = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/manifest+json")
MEDIA_TYPES = {
    ".gpkg": "application/geopackage+sqlite3",
    ".pmtiles": "application/vnd.pmtiles",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".json": "application/json",
    ".gz": "application/gzip",
}
# Documents were uploaded by an office: shown in the browser, never run.
SANDBOX: Header = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox")


def release_file(keeper: Keeper, request: Request) -> Response:
    """`GET /releases/{id}/{file}`: with Range, immutable. NotFoundError for what isn't published."""
    name = request.path_params["file"]
    serving = keeper.serving(request.path_params["release"])
    digest = public_digest(serving, name)
    if digest is None:
        raise NotFoundError("file-unknown")
    headers = {
        "etag": f'"{digest[:32]}"',
        "cache-control": FOREVER[1].decode(),
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Content-Range, ETag",
        "x-content-type-options": "nosniff",
    }
    if name.startswith("documents/"):
        headers["content-security-policy"] = SANDBOX[1].decode()
    if name.startswith("packages/"):
        headers["content-disposition"] = f'attachment; filename="{name.rpartition("/")[2]}"'
    known = request.headers.get("if-none-match")
    if known and matches(known.encode("latin-1"), headers["etag"].encode()):
        return Response(status_code=304, headers=headers)
    return FileResponse(serving.release.folder / name, headers=headers, media_type=media_type(name))


def public_digest(serving: Serving, name: str) -> str | None:
    """SHA-256 of a public file of a release; None for any other path, and for what is withheld."""
    if not (name in PUBLIC_FILES or name.startswith(PUBLIC)):
        return None
    if name == "manifest.json":
        digest = serving.id  # its own hash isn't in it; all it says follows from the id and the time of building
    else:
        entry = serving.release.manifest["files"].get(name)
        if entry is None:
            return None
        digest = entry[0]
    if serving.masked_here and is_masked_file(name, serving.release, serving.masked_here):
        return None
    return str(digest)


@dataclass(frozen=True, slots=True)
class Asset:
    """One built file of the web side."""

    path: Path
    media_type: str
    etag: bytes
    forever: bool


class Assets:
    """The files below a folder, listed once: an address is looked up in that list, so no path can leave the folder."""

    def __init__(self, folder: Path) -> None:
        self._assets: dict[str, Asset] = {}
        self._packed: dict[str, tuple[bytes, bool]] = {}
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()[:24]
                forever = HASHED(name) is not None
                self._assets[name] = Asset(path, media_type(name), f'W/"{digest}"'.encode(), forever)

    def __len__(self) -> int:
        return len(self._assets)

    async def reply(self, name: str, *, encoding: bytes, known: bytes) -> tuple[int, list[Header], bytes]:
        """The file, gzipped where that helps and is wanted (once per worker, kept). NotFoundError for others."""
        asset = self._assets.get(name)
        if asset is None:
            raise NotFoundError("file-unknown")
        headers: list[Header] = [
            (b"content-type", asset.media_type.encode()),
            (b"etag", asset.etag),
            FOREVER if asset.forever else CHECK,
            NO_SNIFFING,
            ANYONE,
            VARY,
        ]
        if name == "sw.js":
            headers.append((b"service-worker-allowed", b"/"))
        if known and matches(known, asset.etag):
            return 304, headers[1:], b""
        if accepts_gzip(encoding) and asset.media_type.startswith(COMPRESSIBLE):
            if name not in self._packed:
                self._packed[name] = await asyncio.to_thread(_pack, asset.path)
            body, packed = self._packed[name]
            if packed:
                headers.append(GZIPPED)
        else:
            body = await asyncio.to_thread(asset.path.read_bytes)
        return 200, [*headers, (b"content-length", b"%d" % len(body))], body


def media_type(name: str) -> str:
    """Media type by the file's ending; text is UTF-8."""
    suffix = Path(name).suffix.lower()
    found = MEDIA_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def _pack(path: Path) -> tuple[bytes, bool]:
    body = path.read_bytes()
    if len(body) < LEAST_TO_COMPRESS:
        return body, False
    return gzip.compress(body, 9, mtime=0), True
