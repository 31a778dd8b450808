"""The one message catalogue: a sentence per code and language, used by command line, API, pages and the web.

The sentences are flat TOML files, one per room and language: `messages/<lang>/<room>.toml`. Low rooms return a
code with parameters; the sentence is made here, at the edge, and making it never raises.
"""

import string
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from quyhoach.standard.text import LANGUAGES, format_date, format_number, language

FOLDER = Path(__file__).parent


def message(code: str, lang: str, /, **params: object) -> str:
    """The sentence of `code` in `lang` ("vi" or "en"), filled with `params`.

    Floats and dates are written in the way of the language (`{area}` -> 1.234,5); whole numbers and text are
    taken as they are, since a year or an EPSG code is not a quantity. A template may give a format
    (`{area:.1f}`). Never raises: an unknown code gives the code and its parameters, a missing parameter stays
    as `{name}`.
    """
    lang = language(lang)
    template = catalogue(lang).get(code)
    if template is None:
        return _bare(code, params)
    try:
        return _Filler(lang).vformat(template, (), params)
    except Exception:  # noqa: BLE001 - a value whose own __str__ fails must not hide the error being told
        return _bare(code, params)


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """All templates of one language by code, sorted. With two files giving one code the first file's wins (a test
    refuses that)."""
    folder = FOLDER / language(lang)
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        for code, template in read_messages(path).items():
            found.setdefault(code, template)
    return MappingProxyType(dict(sorted(found.items())))


def read_messages(path: Path) -> dict[str, str]:
    """The templates of one file; what is not text is left out."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    return {code: template for code, template in rows.items() if isinstance(template, str)}


def placeholders(template: str) -> frozenset[str]:
    """The parameter names a template uses."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


class _Filler(string.Formatter):
    """str.format that localises and, in place of failing on a parameter that is missing, leaves it visible."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self.lang = lang

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        # Plain names only: no attribute or item access, whatever a template says.
        return kwargs.get(field_name, _Missing(field_name)), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, _Missing):
            return f"{{{value.name}}}"
        if isinstance(value, float):
            if format_spec.endswith("f") and format_spec[:1] == "." and format_spec[1:-1].isdigit():
                return format_number(value, self.lang, decimals=int(format_spec[1:-1]))
            return format_number(value, self.lang)
        if isinstance(value, date) and not isinstance(value, datetime):
            return format_date(value, self.lang)
        if isinstance(value, (list, tuple, set, frozenset)):
            items = sorted(map(str, value)) if isinstance(value, (set, frozenset)) else map(str, value)
            return ", ".join(items)
        return str(value)


class _Missing:
    def __init__(self, name: str) -> None:
        self.name = name


def _bare(code: str, params: Mapping[str, object]) -> str:
    """What is left to say without a sentence: the code and its parameters."""
    details = []
    for key, value in params.items():
        try:
            details.append(f"{key}={value}")
        except Exception:  # noqa: BLE001 - see message()
            details.append(f"{key}=?")
    return f"{code} ({', '.join(details)})" if details else code


__all__ = ["LANGUAGES", "catalogue", "message", "placeholders", "read_messages"]
