"""What standardising had found: the findings and repairs that a package carries."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from quyhoach.domain.finding import Finding, Level
from quyhoach.validate.catalogue import RULES
from quyhoach.validate.subject import Subject, place


def recorded_findings(subject: Subject) -> tuple[Finding, ...]:
    """The findings of layer `findings` that are of no rule (rules are run anew), in their order."""
    layer = subject.layers.get("findings")
    if layer is None:
        return ()
    rules = {rule.code for rule in RULES}
    levels = {str(level): level for level in Level}
    found = []
    for row in range(len(layer)):
        values = {key: column[row] for key, column in layer.fields.items()}
        code, level = str(values.get("code") or ""), levels.get(str(values.get("level")))
        if not code or code in rules or level is None:
            continue
        found.append(
            Finding(
                code,
                level,
                str(values.get("layer") or ""),
                str(values.get("feature") or ""),
                _params(values.get("params")),
                None if layer.geometry is None else place(layer.geometry[row]),
                str(values.get("source_handle") or ""),
            )
        )
    return tuple(found)


def repair_counts(subject: Subject) -> tuple[tuple[str, int, str], ...]:
    """Of layer `repairs`: code, how often, and the sentence of the first; the most frequent first."""
    layer = subject.layers.get("repairs")
    if layer is None:
        return ()
    codes = [str(code or "") for code in subject.column(layer, "code")]
    texts: dict[str, str] = {}
    for code, text in zip(codes, subject.column(layer, "message"), strict=True):
        texts.setdefault(code, str(text or ""))
    return tuple((code, count, texts[code]) for code, count in Counter(codes).most_common())


def _params(text: Any) -> Mapping[str, object]:
    try:
        value = json.loads(str(text or "{}"))
    except ValueError:
        return {}
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}
