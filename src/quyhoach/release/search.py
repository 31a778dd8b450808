"""PLACEHOLDER by the lead, for the builder of search/chunks/diff: overwrite this file, keep these three names.

The compiler caches rows per version, so building is split: `search_rows` runs once per version (its result must be
plain JSON values; it is cached as JSON), `write_search` joins the rows of all versions (given in index order)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from quyhoach.domain.plan import Province
from quyhoach.domain.zone import VersionContent
from quyhoach.standard import Standard


def search_rows(content: VersionContent, standard: Standard, to_wgs84: Callable[[Any, Any], tuple[Any, Any]]) -> Any:
    return []


def write_search(path: Path, rows: Sequence[Any], province: Province, standard: Standard) -> None:
    path.write_bytes(b"placeholder")


class SearchIndex:
    """Results that belong to a plan carry its `plan_id`, so that withheld plans can be left out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def search(self, q: str, *, lang: str, limit: int = 20) -> list[dict[str, Any]]:
        return []
