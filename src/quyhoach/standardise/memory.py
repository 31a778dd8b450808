"""What people accepted for a consultant's drawings, kept in `<workspace>/mappings/<consultant>.toml`, and found again.

A rule is remembered with the drawings it was accepted for and the day of the last. Where one layer, colour or code
letter was told differently in two drawings, the newest counts and both are shown. Nothing is carried over from one
consultant to another."""

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from quyhoach.domain.errors import WorkspaceError
from quyhoach.domain.mapping import (
    ROLES,
    ColourRule,
    FunctionRule,
    LayerRule,
    PrefixRule,
    SourceMapping,
    escape_glob,
    fold_name,
    matches,
    toml_string,
)

FOLDER = "mappings"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_LAYER_KEYS = ("match", "role", "function", "class", "theme", "geometry", "area_unit")
_KEYS: Mapping[str, tuple[str, ...]] = {  # what a rule is about, per table
    "layer": ("match", "geometry"),
    "colour": ("aci", "rgb"),
    "prefix": ("match",),
    "function": ("match",),
}


@dataclass(frozen=True, slots=True)
class Remembered:
    """A rule once accepted. `values`: as in mapping.toml; `drawings`: fingerprints of those it was accepted for."""

    table: str  # layer | colour | prefix | function
    values: Mapping[str, Any]
    drawings: tuple[str, ...]
    last: str  # ISO time of the last acceptance

    @property
    def key(self) -> tuple[str, ...]:
        """What the rule is about, compared without case and composition."""
        return (self.table, *(fold_name(str(self.values.get(name, ""))) for name in _KEYS[self.table]))

    @property
    def count(self) -> int:
        """For how many drawings it was accepted."""
        return len(self.drawings)


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered of a consultant, the newest first among rules about the same thing."""

    consultant: str
    rules: tuple[Remembered, ...] = ()
    history: tuple[tuple[str, str, int], ...] = ()  # (time, drawing, rules accepted), oldest first
    skipped: int = field(default=0, compare=False)  # of the last `remember`: rules still marked as guesses

    def current(self, table: str) -> tuple[Remembered, ...]:
        """The rules that count: of several about the same thing the newest."""
        found: dict[tuple[str, ...], Remembered] = {}
        for rule in self.rules:
            if rule.table == table:
                found.setdefault(rule.key, rule)
        return tuple(found.values())

    def older(self, rule: Remembered) -> tuple[Remembered, ...]:
        """What was told otherwise about the same thing before."""
        return tuple(other for other in self.rules if other.key == rule.key and other is not rule)

    def for_layer(self, name: str) -> Remembered | None:
        """The rule that counts for a layer of that name: one that names it before one whose glob fits it."""
        fitting = [rule for rule in self.current("layer") if matches(str(rule.values["match"]), name)]
        exact = [rule for rule in fitting if fold_name(unescape_glob(str(rule.values["match"]))) == fold_name(name)]
        return next(iter([*exact, *fitting]), None)


def layer_rule(rule: Remembered, name: str) -> LayerRule:
    """A remembered rule for the layer `name`, marked as remembered."""
    values = rule.values
    return LayerRule(
        match=escape_glob(name),
        role=str(values["role"]),
        function=str(values.get("function", "")),
        class_name=str(values.get("class", "")),
        theme=str(values.get("theme", "")),
        geometry=str(values.get("geometry", "")),
        area_unit=str(values.get("area_unit", "m2")),
        guessed=("remembered",),
    )


def remember(
    root: Path, consultant: str, mapping: SourceMapping, drawing: str, now: datetime, *, guesses_too: bool = False
) -> Memory:
    """Keep what a mapping says for a consultant's next drawings; the file is replaced at once or not at all.

    `drawing`: its fingerprint (SHA-256): accepting the same drawing again counts once. Rules still marked as guessed
    were not checked by anyone and are passed over unless `guesses_too`. Raises WorkspaceError."""
    known = recall(root, consultant)
    told = _told(mapping)
    kept = [(table, values) for table, values, guessed in told if guesses_too or not guessed]
    time = now.isoformat(timespec="seconds")
    rules = list(known.rules)
    for table, values in kept:
        fresh = Remembered(table, values, (drawing,), time)
        for at, rule in enumerate(rules):
            if rule.table == table and _same(rule.values, values):
                drawings = (*(each for each in rule.drawings if each != drawing), drawing)
                rules[at] = replace(rule, drawings=drawings, last=time)
                break
        else:
            rules.append(fresh)
    history = (*(row for row in known.history if row[1] != drawing), (time, drawing, len(kept)))
    memory = Memory(consultant, _sorted(rules), history, skipped=len(told) - len(kept))
    _write(_path(root, consultant), memory)
    return memory


def recall(root: Path, consultant: str) -> Memory:
    """What is remembered of a consultant; empty when nothing is. Raises WorkspaceError for a bad name or file."""
    path = _path(root, consultant)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Memory(consultant)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WorkspaceError("memory-unreadable", path=path.name, reason=str(error)) from error
    try:
        rules = [_rule(table, row) for table in _KEYS for row in raw.get(table, [])]
        history = tuple((str(row["at"]), str(row["drawing"]), int(row["rules"])) for row in raw.get("accepted", []))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorkspaceError("memory-unreadable", path=path.name, reason=str(error)) from error
    return Memory(consultant, _sorted(rules), history)


def consultants(root: Path) -> tuple[str, ...]:
    """The consultants of whom anything is remembered."""
    return tuple(sorted(path.stem for path in (root / FOLDER).glob("*.toml") if _ID.fullmatch(path.stem)))


def unescape_glob(text: str) -> str:
    """The inverse of `escape_glob`."""
    return re.sub(r"\[([*?\[])\]", r"\1", text)


def _path(root: Path, consultant: str) -> Path:
    if not _ID.fullmatch(consultant):
        raise WorkspaceError("memory-consultant-bad", consultant=consultant)
    return root / FOLDER / f"{consultant}.toml"


def _told(mapping: SourceMapping) -> list[tuple[str, dict[str, Any], bool]]:
    """The rules of a mapping as (table, values, whether a guess); CRS, axes, unit and sheet are a drawing's own."""
    return [
        *(("layer", _layer_values(rule), bool(set(rule.guessed) - {"remembered"})) for rule in mapping.layers),
        *(("colour", _colour_values(rule), _is_guess(rule.guessed)) for rule in mapping.colours),
        *(("prefix", _prefix_values(rule), _is_guess(rule.guessed)) for rule in mapping.prefixes),
        *(("function", _function_values(rule), False) for rule in mapping.functions),
    ]


def _is_guess(guessed: Sequence[str]) -> bool:
    return bool(set(guessed) - {"remembered"})


def _layer_values(rule: LayerRule) -> dict[str, Any]:
    texts = (rule.match, rule.role, rule.function, rule.class_name, rule.theme, rule.geometry, rule.area_unit)
    values = dict(zip(_LAYER_KEYS, texts, strict=True))
    return {key: value for key, value in values.items() if value and (key, value) != ("area_unit", "m2")}


def _colour_values(rule: ColourRule) -> dict[str, Any]:
    where: dict[str, Any] = {"aci": rule.aci} if rule.aci is not None else {"rgb": rule.rgb}
    return {**where, "function": rule.function}


def _prefix_values(rule: PrefixRule) -> dict[str, Any]:
    return {"match": rule.prefix, "function": rule.function}


def _function_values(rule: FunctionRule) -> dict[str, Any]:
    return {"match": rule.match, "code": rule.code}


def _same(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    return {key: fold_name(str(value)) for key, value in one.items()} == {
        key: fold_name(str(value)) for key, value in two.items()
    }


def _sorted(rules: Sequence[Remembered]) -> tuple[Remembered, ...]:
    """By what they are about, the newest first, then the one accepted more often."""
    newest = sorted(rules, key=lambda rule: (rule.last, rule.count, str(sorted(rule.values.items()))), reverse=True)
    return tuple(sorted(newest, key=lambda rule: rule.key))


def _rule(table: str, row: Mapping[str, Any]) -> Remembered:
    values = {key: value for key, value in row.items() if key not in ("drawings", "last")}
    drawings = row["drawings"]
    if not isinstance(drawings, list) or not drawings or not any(values.get(key) for key in _KEYS[table]):
        raise ValueError(f"[[{table}]]")
    if table == "layer" and values["role"] not in ROLES:
        raise ValueError(str(values["role"]))
    needed = {"layer": "role", "function": "code"}.get(table, "function")
    if not isinstance(values[needed], str):
        raise ValueError(needed)
    datetime.fromisoformat(str(row["last"]))
    return Remembered(table, values, tuple(str(each) for each in drawings), str(row["last"]))


def _write(path: Path, memory: Memory) -> None:
    lines = [
        "# Những gì đã được chấp nhận cho bản vẽ của đơn vị tư vấn này; dùng để gợi ý cho bản vẽ sau.",
        "# What was accepted for this consultant's drawings; proposed for the next.",
        f"consultant = {toml_string(memory.consultant)}",
    ]
    for rule in memory.rules:
        lines += ["", f"[[{rule.table}]]"]
        lines += [f"{key} = {_value(value)}" for key, value in rule.values.items()]
        lines += [
            f"drawings = [{', '.join(toml_string(each) for each in rule.drawings)}]",
            f"last = {toml_string(rule.last)}",
        ]
    for at, drawing, count in memory.history:
        lines += [
            "",
            "[[accepted]]",
            f"at = {toml_string(at)}",
            f"drawing = {toml_string(drawing)}",
            f"rules = {count}",
        ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".", delete=False) as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except OSError as error:
        raise WorkspaceError("memory-unwritable", path=path.name, reason=str(error.strerror)) from error


def _value(value: Any) -> str:
    return str(value) if isinstance(value, int) else toml_string(str(value))
