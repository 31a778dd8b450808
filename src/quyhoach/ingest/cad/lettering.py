"""Text as a drawing keeps it: escapes of names and letters, codes of single-line and of multi-line text.

Letters stay as the file's code page gave them; which Vietnamese encoding they are in is told apart later, by font.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

_UNICODE = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_CARET = re.compile(r"\^(.)", re.DOTALL)
_PERCENT = re.compile(r"%%(?:(\d{3})|(.))", re.DOTALL)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SIGNS = {"d": "°", "c": "Ø", "p": "±", "%": "%"}
# One code of a multi-line text: escaped sign, break, stack, size, font or paragraph, toggle, brace.
_CODES = re.compile(
    r"\\(?P<escaped>[\\{}])"
    r"|\\(?P<break>[PX])"
    r"|\\(?P<blank>~)"
    r"|\\(?P<column>N)"
    r"|\\(?P<stack>S)(?P<stacked>(?:\\.|[^;\\])*);?"
    r"|\\(?P<number>[ACcHQTW])(?P<size>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[xX]?);?"
    r"|\\(?P<word>[fFp])(?P<argument>[^;\\{}]*);"
    r"|\\(?P<toggle>[LlOoKk])"
    r"|(?P<open>\{)|(?P<close>\})"
    r"|(?P<newline>\r?\n)",
)
_STACK = re.compile(r"(\\.|\^ ?|[/#])")


@dataclass(frozen=True, slots=True)
class Letters:
    """Plain text (lines parted by "\\n"), the same in runs of one font, and the height of its first letters as a
    factor of the entity's height, or as a height (`absolute`)."""

    text: str
    runs: tuple[tuple[str, str], ...]
    factor: float = 1.0
    absolute: float | None = None

    def as_json(self) -> str:
        """The runs as DRAWING_FIELDS wants them."""
        return json.dumps(self.runs, ensure_ascii=False, separators=(",", ":"))


def decode(raw: str, codepage: str) -> str:
    """Text with its `\\U+1EA7` escapes made letters, and bytes that the code page doesn't know as those of cp1252."""
    if "\\U+" in raw:
        raw = _UNICODE.sub(lambda found: _letter(int(found[1], 16)), raw)
    if not raw.isascii() and _SURROGATE.search(raw):
        raw = _SURROGATE.sub(lambda found: _stray(ord(found[0])), raw)
    return raw


def _letter(code: int) -> str:
    return "\ufffd" if 0xD800 <= code <= 0xDFFF or code == 0 else chr(code)


def _stray(code: int) -> str:
    """The letter of a byte that could not be decoded (kept by the reader as a lone surrogate)."""
    if not 0xDC80 <= code <= 0xDCFF:
        return "\ufffd"
    byte = bytes([code - 0xDC00])
    return byte.decode("cp1252", errors="ignore") or byte.decode("latin-1")


def clean(text: str) -> str:
    """A name or a line without control characters, blanks trimmed."""
    return _CONTROL.sub("", text).strip()


def read_line(raw: str, codepage: str) -> str:
    """The plain text of a TEXT, ATTRIB or ATTDEF: escapes, carets and %% codes gone."""
    text = decode(raw, codepage)
    if "^" in text:
        text = _CARET.sub(_caret, text)
    if "%%" in text:
        text = _PERCENT.sub(lambda found: _percent(found, codepage), text)
    return _CONTROL.sub("", text)


def _caret(found: "re.Match[str]") -> str:
    """`^I` and its like stand for control characters; what they mean in a line of text is a blank or nothing."""
    sign = found[1]
    if sign == " ":
        return "^"
    if sign in "IJ":
        return " "
    return "" if "@" <= sign.upper() <= "_" else found[0]


def _percent(found: "re.Match[str]", codepage: str) -> str:
    if found[1]:
        code = int(found[1])
        if 32 <= code < 256:
            table = "cp1252" if codepage == "utf-8" else codepage
            return bytes([code]).decode(table, errors="ignore") or chr(code)
        return ""
    sign = found[2].lower()
    if sign in _SIGNS:
        return _SIGNS[sign]
    return "" if sign in "uok" else found[0]


def read_paragraphs(raw: str, codepage: str, font: str) -> Letters:
    """The plain text of an MTEXT, its codes gone. `font`: of its text style."""
    text = decode(raw, codepage)
    if "^" in text:
        text = text.replace("^I", "\t").replace("^J", "\n").replace("^M", "").replace("^ ", "^")
    if "\\" not in text and "{" not in text and "\n" not in text and "}" not in text:
        return _single(text, codepage, font)
    return _parse(text, codepage, font)


def _single(text: str, codepage: str, font: str) -> Letters:
    text = _finish(text, codepage)
    return Letters(text, ((font, text),) if text else ())


def _finish(text: str, codepage: str) -> str:
    if "%%" in text:
        text = _PERCENT.sub(lambda found: _percent(found, codepage), text)
    if "\u00a0" in text:
        text = text.replace("\u00a0", " ")
    return _CONTROL.sub("", text)


@dataclass(frozen=True, slots=True)
class _Style:
    font: str
    factor: float = 1.0
    absolute: float | None = None


def _parse(text: str, codepage: str, font: str) -> Letters:
    style = _Style(font)
    stack: list[_Style] = []
    pieces: list[tuple[_Style, str]] = []
    place = 0
    for found in _CODES.finditer(text):
        if found.start() > place:
            pieces.append((style, text[place : found.start()]))
        place = found.end()
        kind = found.lastgroup
        if kind == "escaped":
            pieces.append((style, found["escaped"]))
        elif kind in ("break", "newline", "column"):
            pieces.append((style, "\n"))
        elif kind == "blank":
            pieces.append((style, " "))
        elif kind == "stacked":
            pieces.append((style, _unstack(found["stacked"])))
        elif kind == "size":
            style = _resize(style, found["size"]) if found["number"] == "H" else style
        elif kind == "argument":
            face = found["argument"].split("|", 1)[0].strip() if found["word"] != "p" else ""
            style = _Style(face, style.factor, style.absolute) if face else style
        elif kind == "open":
            stack.append(style)
        elif kind == "close" and stack:
            style = stack.pop()
    if place < len(text):
        pieces.append((style, text[place:]))
    return _join(pieces, codepage)


def _resize(style: _Style, size: str) -> _Style:
    value = float(size.rstrip("xX"))
    if not 0 < value < 1e12:
        return style
    if size[-1] in "xX":
        return _Style(style.font, style.factor * value, style.absolute)
    return _Style(style.font, 1.0, value)


def _unstack(content: str) -> str:
    """`35^ 40`, `1/2` or `1#2` as `35/40`, `1/2`, `1/2`; only one above or below the line as itself."""
    parts = [""]
    for piece in _STACK.split(content):
        if piece.startswith("\\") and len(piece) == 2:
            parts[-1] += piece[1]
        elif piece and piece[0] in "^/#" and len(parts) == 1:
            parts.append("")
        else:
            parts[-1] += piece
    whole = [part.strip() for part in parts if part.strip()]
    return "/".join(whole)


def _join(pieces: Sequence[tuple[_Style, str]], codepage: str) -> Letters:
    runs: list[tuple[str, str]] = []
    first: _Style | None = None
    for style, piece in pieces:
        finished = _finish(piece, codepage)
        if first is None and finished.strip():
            first = style
        if not finished:
            continue
        if runs and (runs[-1][0] == style.font or not finished.strip()):
            runs[-1] = (runs[-1][0], runs[-1][1] + finished)
        else:
            runs.append((style.font, finished))
    text = "".join(part for _, part in runs)
    first = first or _Style("")
    return Letters(text, tuple(runs), first.factor, first.absolute)
