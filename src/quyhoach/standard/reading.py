"""Reads one CSV table into checked cells. What is wrong in a table is a WorkspaceError that says file and line."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from quyhoach.domain.errors import WorkspaceError

T = TypeVar("T")
DROP = "drop"  # overlay column: "1" takes the row with this key out
MAX_BYTES = 8_000_000  # no table of ours comes near; a stray file must not fill the memory

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_WHOLE = re.compile(r"-?[0-9]{1,12}")
_REAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,15})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """How a CSV becomes rows: its columns in order, those that make the key, the rest optional in an overlay."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    build: Callable[["Row"], T]

    def key_of(self, cells: Mapping[str, str]) -> tuple[str, ...]:
        """What makes a row the same as one of the built-in table; compared without case."""
        return tuple(cells.get(column, "").casefold() for column in self.key)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line, with typed access. `path` and `line` say where it stands."""

    cells: Mapping[str, str]
    path: Path
    line: int

    def fail(self, column: str) -> NoReturn:
        """Refuse the row for the value in `column`."""
        value = self.cells.get(column, "")
        raise WorkspaceError("table-cell-bad", path=self.path.name, line=self.line, column=column, value=value[:80])

    def text(self, column: str) -> str:
        """The cell, which must not be empty."""
        return self.cells.get(column, "") or self.fail(column)

    def maybe(self, column: str) -> str:
        """The cell, or "" when empty."""
        return self.cells.get(column, "")

    def names(self, column: str = "name") -> dict[str, str]:
        """`<column>_vi` and `<column>_en` by language; English may be empty: then the Vietnamese stands in."""
        vietnamese = self.text(f"{column}_vi")
        return {"vi": vietnamese, "en": self.maybe(f"{column}_en") or vietnamese}

    def whole(self, column: str) -> int:
        """A whole number."""
        value = self.maybe_whole(column)
        return self.fail(column) if value is None else value

    def maybe_whole(self, column: str) -> int | None:
        """A whole number or nothing."""
        text = self.maybe(column)
        if not text:
            return None
        return int(text) if _WHOLE.fullmatch(text) else self.fail(column)

    def real(self, column: str) -> float:
        """A number written plainly, with a point: -12.5."""
        value = self.maybe_real(column)
        return self.fail(column) if value is None else value

    def maybe_real(self, column: str) -> float | None:
        """A number or nothing."""
        text = self.maybe(column)
        if not text:
            return None
        return float(text) if _REAL.fullmatch(text) else self.fail(column)

    def day(self, column: str) -> date | None:
        """A date YYYY-MM-DD or nothing."""
        text = self.maybe(column)
        if not text:
            return None
        if not _DAY.fullmatch(text):
            self.fail(column)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fail(column)

    def period(self) -> tuple[date | None, date | None]:
        """`valid_from` and `valid_to`; the second is the first day no longer in force."""
        start, end = self.day("valid_from"), self.day("valid_to")
        if start and end and end <= start:
            self.fail("valid_to")
        return start, end

    def verified(self) -> tuple[str, date | None]:
        """Who compared the row with its source, and when: both or neither."""
        by, on = self.maybe("verified_by"), self.day("verified_on")
        if bool(by) != bool(on):
            self.fail("verified_on" if by else "verified_by")
        return by, on

    def colour(self, column: str) -> str:
        """A colour #rrggbb."""
        value = self.maybe_colour(column)
        return self.fail(column) if value is None else value

    def maybe_colour(self, column: str) -> str | None:
        """A colour #rrggbb or nothing."""
        text = self.maybe(column).lower()
        if not text:
            return None
        return text if _COLOUR.fullmatch(text) else self.fail(column)

    def choice(self, column: str, allowed: tuple[str, ...]) -> str:
        """One of a closed list."""
        value = self.maybe(column)
        return value if value in allowed else self.fail(column)

    def words(self, column: str) -> tuple[str, ...]:
        """Words parted by blanks."""
        return tuple(self.maybe(column).split())


def read_rows(path: Path, table: Table[T]) -> Iterator[Row]:
    """The rows of a CSV file (UTF-8, with or without BOM; comma; header). Columns may stand in any order; an unknown
    or doubled column, a line of another length, a missing key column raise WorkspaceError. Text is NFC, trimmed."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise WorkspaceError("table-too-large", path=path.name, limit=MAX_BYTES)
        text = path.read_bytes().decode("utf-8-sig")
    except OSError:
        raise WorkspaceError("table-unreadable", path=path.name) from None
    except UnicodeDecodeError:
        raise WorkspaceError("table-not-utf8", path=path.name) from None
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        _check_header(path, table, header)
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(header):
                raise WorkspaceError(
                    "table-row-length", path=path.name, line=reader.line_num, expected=len(header), found=len(values)
                )
            yield Row(
                {column: value.strip() for column, value in zip(header, values, strict=True)}, path, reader.line_num
            )
    except csv.Error:
        raise WorkspaceError("table-not-csv", path=path.name, line=reader.line_num) from None


def _check_header(path: Path, table: Table[T], header: list[str]) -> None:
    for column in header:
        if column not in table.columns and column != DROP:
            raise WorkspaceError("table-column-unknown", path=path.name, column=column, known=", ".join(table.columns))
        if header.count(column) > 1:
            raise WorkspaceError("table-column-twice", path=path.name, column=column)
    for column in table.key:
        if column not in header:
            raise WorkspaceError("table-column-missing", path=path.name, column=column)


def merge_rows(table: Table[T], paths: list[Path]) -> dict[tuple[str, ...], Row]:
    """The rows of the first file, then those of each further one replacing by key, adding, or (`drop` = 1) taking out.

    A column that an overlay leaves out keeps the value of the row it replaces. A key that stands twice in one file,
    a row to drop that is not there, an empty key raise WorkspaceError.
    """
    merged: dict[tuple[str, ...], Row] = {}
    for path in paths:
        seen: set[tuple[str, ...]] = set()
        for row in read_rows(path, table):
            key = table.key_of(row.cells)
            if not all(key):
                row.fail(table.key[key.index("")])
            if key in seen:
                raise WorkspaceError("table-key-twice", path=path.name, line=row.line, key=" ".join(key))
            seen.add(key)
            if row.maybe(DROP) not in ("", "0", "1"):
                row.fail(DROP)
            if row.maybe(DROP) == "1":
                if merged.pop(key, None) is None:
                    raise WorkspaceError("table-drop-unknown", path=path.name, line=row.line, key=" ".join(key))
                continue
            below = merged.get(key)
            merged[key] = Row({**below.cells, **row.cells}, row.path, row.line) if below else row
    return merged
