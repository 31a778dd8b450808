"""A scan opened with bounded memory: TIFF, JPEG, PNG or a page of a PDF, as files of plain pixels at halving sizes.

Runs in a limited child process. Pillow and pypdfium2 are imported inside the functions: only commands and jobs need
them.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quyhoach.domain.errors import IngestError

PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")
# A0 at 400 dpi is 13,200 × 18,700. Decoded whole by Pillow (4 bytes a pixel): 1.3 GB; the halves lie on disk.
MOST_PIXELS = 320_000_000
LONGEST_SIDE = 60_000
MOST_BYTES = 2 << 30
PDF_DPI = 300  # of a page of a PDF, unless asked otherwise
_STRIP = 512  # rows at a time
_SMALLEST = 128  # side at which halving ends

Pixels = npt.NDArray[np.uint8]  # (rows, columns, 3)


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels across and down, and dots per inch where the file says it (of a PDF: as asked)."""

    width: int
    height: int
    dpi: float | None


def picture_size(path: Path, *, dpi: int = PDF_DPI, page: int = 1) -> Size:
    """Size of a scan as it will be opened. Raises IngestError for other files, bombs and what can't be read."""
    suffix = path.suffix.casefold()
    if path.stat().st_size > MOST_BYTES:
        raise IngestError("scan-too-large", file=path.name, width=0, height=0)
    if suffix == ".pdf":
        document, sheet = _open_pdf(path, page)
        try:
            across, up = sheet.get_size()
            size = Size(round(across / 72 * dpi), round(up / 72 * dpi), float(dpi))
        finally:
            document.close()
    elif suffix in PICTURES:
        with _opened(path) as picture:
            width, height = picture.size
            if _turned(picture) in (5, 6, 7, 8):
                width, height = height, width
            size = Size(width, height, _resolution(picture.info))
    else:
        raise IngestError("scan-format", file=path.name, known=", ".join((*PICTURES, ".pdf")))
    if min(size.width, size.height) < 1:
        raise IngestError("scan-unreadable", file=path.name, reason="0 × 0")
    if size.width * size.height > MOST_PIXELS or max(size.width, size.height) > LONGEST_SIDE:
        raise IngestError("scan-too-large", file=path.name, width=size.width, height=size.height)
    return size


def open_levels(path: Path, work: Path, *, dpi: int = PDF_DPI, page: int = 1, halves: bool = True) -> list[Pixels]:
    """The picture as arrays on disk in `work`: in full, then (`halves`) each half the size of the one before.

    Raises IngestError."""
    size = picture_size(path, dpi=dpi, page=page)
    full = _array(work / "level-0.raw", size.height, size.width)
    try:
        strips = _pdf_strips(path, size, dpi, page) if path.suffix.casefold() == ".pdf" else _strips(path)
        for top, strip in strips:
            full[top : top + len(strip)] = strip
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise IngestError("scan-unreadable", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    levels = [full]
    while halves and min(levels[-1].shape[:2]) > _SMALLEST:
        levels.append(_halve(levels[-1], work / f"level-{len(levels)}.raw"))
    return levels


def _array(path: Path, height: int, width: int) -> Pixels:
    return np.memmap(path, dtype=np.uint8, mode="w+", shape=(height, width, 3))


def _halve(pixels: Pixels, path: Path) -> Pixels:
    """The means of 2 × 2 pixels; an odd last row or column counts twice."""
    height, width = pixels.shape[:2]
    half = _array(path, (height + 1) // 2, (width + 1) // 2)
    for top in range(0, height, 2 * _STRIP):
        strip = np.asarray(pixels[top : top + 2 * _STRIP])
        strip = np.pad(strip, ((0, len(strip) % 2), (0, width % 2), (0, 0)), mode="edge").astype(np.uint16)
        total = strip[0::2, 0::2] + strip[0::2, 1::2] + strip[1::2, 0::2] + strip[1::2, 1::2]
        half[top // 2 : top // 2 + len(total)] = (total + 2) // 4
    return half


# ── pictures ───────────────────────────────────────────────────────────────────────────────────────────────


def _opened(path: Path) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a large picture: the limit is checked here
            return Image.open(path, formats=("JPEG", "PNG", "TIFF", "WEBP"))
    except Image.DecompressionBombError as error:
        raise IngestError("scan-too-large", file=path.name, width=0, height=0) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise IngestError("scan-unreadable", file=path.name, reason=f"{type(error).__name__}"[:200]) from error


def _turned(picture: Any) -> int:
    """The EXIF orientation: viewers turn the picture by it, and people click in viewers."""
    try:
        return int(picture.getexif().get(0x0112, 1))
    except (TypeError, ValueError, OSError, SyntaxError):
        return 1


def _strips(path: Path) -> Iterator[tuple[int, Pixels]]:
    from PIL import Image, ImageOps

    with _opened(path) as opened:
        picture = ImageOps.exif_transpose(opened) if _turned(opened) != 1 else opened
        picture.load()
        for top in range(0, picture.height, _STRIP):
            strip = picture.crop((0, top, picture.width, min(top + _STRIP, picture.height)))
            yield top, np.asarray(_plain(strip, Image), dtype=np.uint8)


def _plain(strip: Any, image: Any) -> Any:
    """Red, green and blue; what is transparent becomes paper white, 16 bits become 8."""
    if strip.mode.startswith("I") or strip.mode == "F":
        values = np.asarray(strip, dtype=np.float64)
        return image.fromarray(np.clip(values / 257, 0, 255).astype(np.uint8)).convert("RGB")
    if strip.mode in ("RGBA", "LA", "PA") or "transparency" in strip.info:
        strip = strip.convert("RGBA")
        paper = image.new("RGBA", strip.size, (255, 255, 255, 255))
        paper.alpha_composite(strip)
        strip = paper
    return strip.convert("RGB")


def _resolution(info: Any) -> float | None:
    try:
        values = [float(value) for value in info.get("dpi") or ()]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return round(min(values), 1) if values and all(10 < value < 10_000 for value in values) else None


# ── PDF ────────────────────────────────────────────────────────────────────────────────────────────────────


def _open_pdf(path: Path, page: int) -> tuple[Any, Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
        if not 1 <= page <= len(document):
            raise IngestError("scan-page", file=path.name, page=page, pages=len(document))
        return document, document[page - 1]
    except pypdfium2.PdfiumError as error:
        raise IngestError("scan-unreadable", file=path.name, reason=str(error)[:200]) from error


def _pdf_strips(path: Path, size: Size, dpi: int, page: int) -> Iterator[tuple[int, Pixels]]:
    """Strips of a page drawn at `dpi`: never the whole page at once."""
    document, sheet = _open_pdf(path, page)
    try:
        scale = dpi / 72
        _, up = sheet.get_size()
        for top in range(0, size.height, _STRIP):
            rows = min(_STRIP, size.height - top)
            below = max(0.0, up - (top + rows) / scale)
            bitmap = sheet.render(scale=scale, crop=(0, below, 0, top / scale), rev_byteorder=True)
            strip = (
                bitmap.to_numpy()[:, :, :3] if bitmap.format != 1 else np.repeat(bitmap.to_numpy()[:, :, None], 3, 2)
            )
            fitted = np.full((rows, size.width, 3), 255, dtype=np.uint8)
            high, wide = min(rows, strip.shape[0]), min(size.width, strip.shape[1])
            fitted[:high, :wide] = strip[:high, :wide]
            bitmap.close()
            yield top, fitted
    finally:
        document.close()
