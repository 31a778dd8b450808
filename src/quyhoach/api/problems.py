"""Errors over HTTP: RFC 9457 problem documents in the language asked. The one table from error class to status."""

import json
from collections.abc import Mapping

from quyhoach.domain.errors import (
    DamagedReleaseError,
    NotFoundError,
    QuyHoachError,
    ReleaseError,
    UsageError,
)
from quyhoach.standard.messages import message

MEDIA_TYPE = b"application/problem+json"
ECHO = 80  # characters of the client's own text that an answer repeats

# The first class that matches decides.
STATUS: tuple[tuple[type[QuyHoachError], int], ...] = (
    (NotFoundError, 404),
    (UsageError, 400),
    (DamagedReleaseError, 503),
    (ReleaseError, 503),
)

# Codes that say more than their class does.
STATUS_BY_CODE: Mapping[str, int] = {
    "method-not-allowed": 405,
    "parcel-ambiguous": 409,
    "body-too-large": 413,
    "media-type-unsupported": 415,
    "rate-limited": 429,
    "server-fault": 500,
}

TITLES: Mapping[int, str] = {
    400: "problem-title-bad-question",
    404: "problem-title-not-found",
    405: "problem-title-method",
    413: "problem-title-too-large",
    415: "problem-title-media-type",
    429: "problem-title-rate",
    500: "problem-title-fault",
    503: "problem-title-unavailable",
}


def status_of(error: QuyHoachError) -> int:
    """The HTTP status of an error; what no class claims is a fault of ours (500)."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def problem(error: QuyHoachError, lang: str) -> tuple[int, bytes]:
    """Status and body of the problem document of `error` in `lang` ("vi" or "en")."""
    status = status_of(error)
    params = {key: _shown(value) for key, value in error.params.items()}
    document: dict[str, object] = {
        "type": f"urn:quyhoach:problem:{error.code}",
        "title": message(TITLES[status], lang),
        "status": status,
        "detail": message(error.code, lang, **params),
        "code": error.code,
    }
    # Members beside the standard ones: what a program can use (which parameter, which other zone would fit).
    for key in ("name", "suggest", "retry_after"):
        if key in error.params:
            document[key] = error.params[key]
    return status, json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _shown(value: object) -> object:
    """Text of the client's, shortened and without control characters, to be repeated in a sentence."""
    if isinstance(value, str):
        text = "".join(character if character.isprintable() else "\ufffd" for character in value)
        return text if len(text) <= ECHO else text[: ECHO - 1] + "…"
    return value
