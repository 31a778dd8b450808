"""The standard as one value: the built-in tables, corrected, overlaid by a workspace, checked against each other."""

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import fields
from datetime import date
from functools import cached_property, lru_cache
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from quyhoach.domain.errors import WorkspaceError
from quyhoach.standard import tables
from quyhoach.standard.reading import Row, Table, merge_rows
from quyhoach.standard.rows import (
    Accuracy,
    CrsZone,
    FeatureClass,
    FunctionWords,
    Group,
    LandUse,
    NormLimit,
    PlanKind,
    PlanLevel,
    Redaction,
    Regime,
    Scale,
    Source,
    Succession,
    Theme,
    Unit,
    UnitKind,
)

K = TypeVar("K")
T = TypeVar("T")
BUILT_IN = Path(__file__).parent / "tables"
CORRECTIONS = Path(__file__).parent / "corrections"  # rows that put right what a bulk source has wrong


class Standard:
    """Every table of the standard, read-only.

    The small tables are read on construction. `units` and `successions` hold the whole country, `function_words` is
    for reading drawings: they are read when first asked for, so that a process that serves look-ups does not pay for
    them. Made by `load_standard`.
    """

    def __init__(self, overlay: Path | None = None) -> None:
        self._overlay = overlay
        self._folders = [BUILT_IN, CORRECTIONS, *([overlay] if overlay else [])]
        self._rows: dict[str, list[Any]] = {}  # all rows read so far, for the digest
        self._lines: dict[str, list[Row]] = {}  # where they stand, until they are checked against each other
        self.sources: Mapping[str, Source] = self._index(tables.SOURCES, lambda row: row.code)
        self.groups: Mapping[str, Group] = self._index(tables.GROUPS, lambda row: row.code)
        self.themes: Mapping[str, Theme] = self._index(tables.THEMES, lambda row: row.code)
        self.plan_kinds: Mapping[str, PlanKind] = self._index(tables.PLAN_KINDS, lambda row: row.code)
        self.levels: Mapping[str, PlanLevel] = self._index(tables.LEVELS, lambda row: row.code)
        self.scales: Mapping[int, Scale] = self._index(tables.SCALES, lambda row: row.scale)
        self.regimes: Mapping[str, Regime] = self._index(tables.REGIMES, lambda row: f"{row.code}/{row.field}")
        self.accuracy: Mapping[str, Accuracy] = self._index(tables.ACCURACY, lambda row: row.key)
        self.unit_kinds: Mapping[str, UnitKind] = self._index(tables.UNIT_KINDS, lambda row: row.code)
        self.land_use: Mapping[str, LandUse] = self._index(tables.LAND_USE, lambda row: row.code.casefold())
        self.redaction: Mapping[str, Redaction] = self._index(tables.REDACTION, lambda row: row.function.casefold())
        self.norm_limits: Mapping[str, NormLimit] = self._index(tables.NORM_LIMITS, lambda row: row.code)
        self.feature_classes: Mapping[str, FeatureClass] = self._index(tables.FEATURE_CLASSES, _class_key)
        self.crs_zones: tuple[CrsZone, ...] = tuple(self._read(tables.CRS_ZONES))
        self._check_references()
        if overlay and (overlay / f"{tables.FUNCTION_WORDS.name}.csv").exists():
            _ = self.function_words
        if overlay and any((overlay / f"{table.name}.csv").exists() for table in (tables.UNITS, tables.SUCCESSIONS)):
            self._check_units()  # what an office wrote itself is checked at once, not when somebody happens to ask

    @cached_property
    def function_words(self) -> tuple[FunctionWords, ...]:
        """Words and letters that speak for land-use functions; each function is one of `land_use`."""
        merged = self._merge(tables.FUNCTION_WORDS)
        for line in merged:
            for column in ("function", "general"):
                if line.maybe(column) and line.maybe(column).casefold() not in self.land_use:
                    line.fail(column)
        return tuple(tables.FUNCTION_WORDS.build(line) for line in merged)

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Administrative units: "06463" is today's, "old:06463" one of before 1/7/2025."""
        return _freeze((f"old:{row.code}" if row.old else row.code, row) for row in self._read(tables.UNITS))

    @cached_property
    def successions(self) -> tuple[Succession, ...]:
        """Which old unit went into which new one."""
        return tuple(self._read(tables.SUCCESSIONS))

    @cached_property
    def _successors(self) -> Mapping[str, tuple[Succession, ...]]:
        found: dict[str, list[Succession]] = {}
        for row in self.successions:
            found.setdefault(f"old:{row.old_code}", []).append(row)
            found.setdefault(row.new_code, []).append(row)
        return {code: tuple(rows) for code, rows in found.items()}

    def former(self, code: str) -> tuple[tuple[Unit, Succession], ...]:
        """The old units that today's unit `code` was made of, whole ones first, then by code; () when unknown."""
        rows = sorted(self._successors.get(code, ()), key=lambda row: (row.coverage != "whole", row.old_code))
        return tuple((self.units[f"old:{row.old_code}"], row) for row in rows)

    def successors(self, old_code: str) -> tuple[tuple[Unit, Succession], ...]:
        """Today's units that the old unit `old_code` went into, the main one first; () when unknown."""
        rows = sorted(self._successors.get(f"old:{old_code}", ()), key=lambda row: (not row.main, row.new_code))
        return tuple((self.units[row.new_code], row) for row in rows)

    def regime_on(self, field: str, on: date) -> Regime | None:
        """The legal regime of `field` (planning, appraisal, database, norms) on a day, or None where none is known."""
        for row in self.regimes.values():
            starts = row.valid_from is None or row.valid_from <= on
            if row.field == field and starts and (row.valid_to is None or on < row.valid_to):
                return row
        return None

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all rows of all tables: the same on every platform and for every order of lines and columns,
        another one when any value differs."""
        hashed = hashlib.sha256()
        self._rows[tables.FUNCTION_WORDS.name] = list(self.function_words)
        self._rows[tables.UNITS.name] = list(self.units.values())
        self._rows[tables.SUCCESSIONS.name] = list(self.successions)
        for name, rows in sorted(self._rows.items()):
            columns = [field.name for field in fields(rows[0])] if rows else ["code"]
            values = attrgetter(*columns)
            texts = sorted(json.dumps(values(row), sort_keys=True, default=str) for row in rows)
            hashed.update(f"{name} {columns} {len(texts)}\n".encode())
            hashed.update("\n".join(texts).encode())
        return hashed.hexdigest()

    def _merge(self, table: Table[T]) -> list[Row]:
        paths = [folder / f"{table.name}.csv" for folder in self._folders]
        return list(merge_rows(table, [path for path in paths if path.exists()]).values())

    def _read(self, table: Table[T]) -> list[T]:
        lines = self._merge(table)
        rows = [table.build(line) for line in lines]
        if table not in tables.BULK:
            self._rows[table.name] = list(rows)
            self._lines[table.name] = lines
        return rows

    def _index(self, table: Table[T], key: Callable[[T], K]) -> Mapping[K, T]:
        return _freeze((key(row), row) for row in self._read(table))

    def __reduce__(self) -> tuple[Callable[[Path | None], "Standard"], tuple[Path | None]]:
        return load_standard, (self._overlay,)  # to another process goes where it was read from, not what

    def _check_references(self) -> None:
        """Refuse a row that names a row of another table that is not there."""
        references: tuple[tuple[Table[Any], str, Container[str]], ...] = (
            (tables.LAND_USE, "group", self.groups),
            (tables.LAND_USE, "kind", {"": None, **self.plan_kinds}),
            (tables.REDACTION, "function", self.land_use),
            (tables.PLAN_KINDS, "themes", self.themes),
            (tables.SCALES, "kinds", self.plan_kinds),
            (tables.NORM_LIMITS, "kinds", self.plan_kinds),
            (tables.NORM_LIMITS, "functions", self.land_use),
        )
        for table, column, known in references:
            for line in self._lines[table.name]:
                value = line.maybe(column)
                values = value.split() if column in ("themes", "kinds", "functions") else [value]
                if column in ("function", "functions"):
                    values = [each.casefold() for each in values]
                if any(each not in known for each in values):
                    line.fail(column)
        self._lines.clear()

    def _check_units(self) -> None:
        """Refuse units and successions that name units, kinds or sources that are not there."""
        for unit in self.units.values():
            prefix = "old:" if unit.old else ""
            parents = [f"{prefix}{code}" for code in (unit.parent, unit.province) if code]
            if unit.kind not in self.unit_kinds or any(parent not in self.units for parent in parents):
                raise WorkspaceError("table-unit-dangling", table="units", unit=f"{prefix}{unit.code}")
        for row in self.successions:
            if f"old:{row.old_code}" not in self.units or row.new_code not in self.units:
                raise WorkspaceError(
                    "table-unit-dangling", table="successions", unit=f"{row.old_code} → {row.new_code}"
                )


def load_standard(overlay: Path | None = None) -> Standard:
    """The standard, with the rows of `<overlay>/<table>.csv` replacing or joining the built-in ones.

    Kept between calls as long as no file of the overlay changes. Raises WorkspaceError (message code, file, line)
    where an overlay row, column or file name is wrong."""
    if overlay is None:
        return _load(None, ())
    overlay = Path(overlay).resolve()
    return _load(overlay, _signature(overlay))


@lru_cache(maxsize=8)
def _load(overlay: Path | None, signature: tuple[tuple[str, int, int], ...]) -> Standard:
    return Standard(overlay)


def _signature(overlay: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every table of an overlay; refuses a file no table is read from."""
    names = {f"{table.name}.csv" for table in tables.TABLES}
    if not overlay.is_dir():
        raise WorkspaceError("table-folder-missing", path=overlay.name)
    found = []
    for path in sorted(overlay.glob("*.csv")):
        if path.name not in names:
            raise WorkspaceError("table-unknown", path=path.name, known=", ".join(sorted(names)))
        status = path.stat()
        found.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(found)


def _freeze(pairs: Iterable[tuple[K, T]]) -> Mapping[K, T]:
    return MappingProxyType(dict(pairs))


def _class_key(row: FeatureClass) -> str:
    """The class name; classes of what exists today share names with planned ones and stand under HienTrang/."""
    return f"HienTrang/{row.name}" if row.database == "HienTrang" else row.name
