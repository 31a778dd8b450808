"""What a scan says of itself: size and resolution of a picture, pages, text and resolution of a PDF.

Pillow and pypdfium2 are imported inside the functions: only commands and jobs need them.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")
_MOST_PAGES = 20  # of a PDF that are looked at
_MOST_OBJECTS = 500  # of a page
_ENOUGH_TEXT = 20  # letters: fewer are page numbers and stamps
_INCH = 72.0  # PDF points
_LARGE = 0.3  # share of the page from which a picture counts as its scan


def picture_facts(path: Path) -> dict[str, Any]:
    """{"width", "height", "dpi"} of a picture, from its header alone; dpi None where it doesn't say; {"error"} for
    one that can't be read."""
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large plan is no bomb: only the header is read
            Image.MAX_IMAGE_PIXELS = None
            with Image.open(path) as picture:
                return {"width": picture.width, "height": picture.height, "dpi": resolution(picture.info)}
    except Exception as error:  # noqa: BLE001 - a stranger's file
        return {"error": f"{type(error).__name__}: {error}"[:200]}


def resolution(info: Mapping[Any, Any]) -> float | None:
    """Dots per inch as a picture says it, the lower of the two directions; None where it says none or nonsense."""
    given = info.get("dpi")
    try:
        values = [float(value) for value in given] if given else []
    except (TypeError, ValueError):
        return None
    if not values or not all(math.isfinite(value) and 10 < value < 10_000 for value in values):
        return None
    return round(min(values), 1)


def pdf_facts(path: Path) -> dict[str, Any]:
    """{"pages", "letters", "dpi", "scanned"} of a PDF: the letters on the pages looked at, the lowest resolution of a
    picture that fills a page, how many such pages; {"error"} for one that can't be read."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        return {"error": str(error)[:200]}
    try:
        letters, scanned = 0, 0
        lowest: float | None = None
        count = len(document)
        for number in range(min(count, _MOST_PAGES)):
            page = document[number]
            text = page.get_textpage()
            letters += text.count_chars()
            text.close()
            dpi = _scan_resolution(page)
            if dpi is not None:
                scanned += 1
                lowest = dpi if lowest is None else min(lowest, dpi)
            page.close()
        return {
            "pages": count,
            "letters": letters,
            "has_text": letters >= _ENOUGH_TEXT,
            "dpi": lowest,
            "scanned": scanned,
        }
    except (pypdfium2.PdfiumError, ValueError) as error:
        return {"error": str(error)[:200]}
    finally:
        document.close()


def _scan_resolution(page: Any) -> float | None:
    """Dots per inch of the picture that fills most of the page; None for a page that is no scan."""
    from pypdfium2 import raw

    width, height = page.get_size()
    best: tuple[float, float] | None = None
    for number, item in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        if number >= _MOST_OBJECTS:
            break
        left, bottom, right, top = item.get_bounds()
        share = (right - left) * (top - bottom) / max(width * height, 1e-9)
        columns, rows = item.get_px_size()
        across, up = max(right - left, 1e-6) / _INCH, max(top - bottom, 1e-6) / _INCH
        if share >= _LARGE and (best is None or share > best[0]):
            best = (share, min(max(columns, rows) / max(across, up), min(columns, rows) / min(across, up)))
    return None if best is None else round(best[1], 1)
