"""A difference in sentences, for people: made from its codes, in the language asked."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from quyhoach.standard import format_date, format_number
from quyhoach.standard.messages import message

Facts = Mapping[str, Any]


def describe(diff: Facts, lang: str, *, most: int = 200) -> list[str]:
    """The difference as sentences: first what kind it is, then functions, then lots; at most `most` of lots.

    `diff` is what `diff_versions` made. A correction of data is never worded as a change of the plan."""
    if not diff["lots"] and not any(row["gained_m2"] or row["lost_m2"] for row in diff["functions"]):
        return [message("diff-nothing", lang, plan=diff["plan_id"], **_numbers(diff))]
    words = _Words(diff, lang)
    lines = [words.head()]
    lines += [words.function(row) for row in diff["functions"] if max(row["gained_m2"], row["lost_m2"]) >= 1]
    lines += [words.lot(entry) for entry in diff["lots"][:most]]
    if len(diff["lots"]) > most:
        lines.append(message("diff-more", lang, count=len(diff["lots"]) - most))
    return lines


class _Words:
    def __init__(self, diff: Facts, lang: str) -> None:
        self._diff = diff
        self._lang = lang
        # Codes end in -corrected where the sentence says that the data were wrong, not that the plan changed.
        self._ending = "-corrected" if diff["kind"] == "correction" else ""

    def head(self) -> str:
        start = self._diff["to"]["valid_from"]
        day = format_date(date.fromisoformat(start), self._lang) if start else ""
        code = "diff-correction" if self._ending else "diff-from-day" if day else "diff-when-in-force"
        return message(code, self._lang, day=day, **_numbers(self._diff))

    def function(self, row: Facts) -> str:
        gained, lost = row["gained_m2"], row["lost_m2"]
        code = (
            "diff-area-both" if gained >= 1 and lost >= 1 else "diff-area-gained" if gained >= 1 else "diff-area-lost"
        )
        return message(
            code + self._ending,
            self._lang,
            function=self._name(row["function"]),
            gained=self._area(gained),
            lost=self._area(lost),
            after=self._area(row["after_m2"]),
        )

    def lot(self, entry: Facts) -> str:
        code, params = str(entry["code"]), entry["params"]
        told: dict[str, object] = {"label": self._label(entry)}
        if code == "function_changed":
            told |= {"before": self._name(params["before"]), "after": self._name(params["after"])}
        elif code == "boundary_changed":
            told |= {"gained": self._area(params["gained_m2"]), "lost": self._area(params["lost_m2"])}
        elif code == "indicators_changed":
            told["changes"] = "; ".join(
                message(
                    f"diff-indicator{self._ending}",
                    self._lang,
                    name=message(f"diff-indicator-{name}", self._lang),
                    before=before or "–",
                    after=after or "–",
                )
                for name, (before, after) in params["indicators"].items()
            )
        elif code == "renamed":
            told |= {"before": params["before"] or "–", "after": params["after"] or "–"}
        elif code in ("added", "removed"):
            told |= {"function": self._name(params["function"]), "area": self._area(params["area_m2"])}
        else:
            told |= {side: ", ".join(self._piece(row) for row in params[side]) for side in ("before", "after")}
        return message(f"diff-lot-{code.replace('_', '-')}{self._ending}", self._lang, **told)

    def _piece(self, row: Facts) -> str:
        return f"{row['label'] or '–'} ({self._name(row['function'])}, {self._area(row['area_m2'])} m²)"

    def _label(self, entry: Facts) -> str:
        ids = [*entry["after"], *entry["before"]]
        return str(entry["label"] or ids[0].partition("/")[2])

    def _name(self, function: str | None) -> str:
        if function is None:
            return message("diff-function-unknown", self._lang)
        names = self._diff["names"].get(function, {})
        return str(names.get(self._lang) or names.get("vi") or function)

    def _area(self, area: float) -> str:
        return format_number(area, self._lang, decimals=0 if area >= 100 else 1)


def _numbers(diff: Facts) -> dict[str, object]:
    return {"first": diff["from"]["version"], "second": diff["to"]["version"]}
