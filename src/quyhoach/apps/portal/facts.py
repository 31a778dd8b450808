"""The rows of an answer: indicators with what each means, where it comes from, how exact it is, whom to ask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from quyhoach.standard.messages import message
from quyhoach.standard.text import format_date, format_number, round_half_up

Item = Mapping[str, Any]

# Plain numbers and ranges as Vietnamese plans write them: only these get a unit behind them.
_PLAIN = re.compile(r"^[\s0-9.,≤≥<>~–-]+$")
_DETAILED_KINDS = ("detailed",)


@dataclass(frozen=True, slots=True)
class Row:
    """A term and its value; `help` says what the term means, `href` makes the value a link."""

    term: str
    value: str
    help: str = ""
    href: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences, names and numbers in one language, as read on one day."""

    lang: str
    today: date
    kinds: Mapping[str, str]  # plan kind -> name
    themes: Mapping[str, str]  # theme -> name

    def __call__(self, code: str, **params: str) -> str:
        return message(code, self.lang, **params)

    def kind(self, code: str) -> str:
        return self.kinds.get(code, code)

    def theme(self, code: str) -> str:
        return self.themes.get(code, code)

    def date(self, iso: str) -> str:
        return format_date(date.fromisoformat(iso), self.lang)

    def number(self, value: float, decimals: int) -> str:
        """At most `decimals` digits after the mark, no trailing zeros."""
        return format_number(round_half_up(Decimal(str(value)), decimals), self.lang)

    def distance(self, metres: float) -> str:
        """Metres: decimetres below 10 m, whole metres beyond."""
        return self.number(metres, 1 if metres < 10 else 0)


def lower_first(text: str) -> str:
    """For use inside a sentence; "HTKT khác" keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def function_name(zone: Item, words: Words) -> str:
    function = zone.get("function")
    if function:
        return str(function["name"])
    return words("answer-function-withheld" if zone.get("withheld") else "answer-function-unknown")


def quoted_zone(zone: Item | None, zone_id: str, words: Words) -> str:
    """A zone named inside a sentence."""
    if zone is None:
        return zone_id
    name, plan = lower_first(function_name(zone, words)), lower_first(zone["plan_name"])
    if zone.get("label"):
        return words("answer-conflict-zone-label", function=name, label=zone["label"], plan=plan)
    return words("answer-conflict-zone", function=name, plan=plan)


def indicator_rows(zone: Item, words: Words) -> tuple[Row, ...]:
    """What the plan asks of the lot. Density of a general or zoning plan is over the block (QCVN 01:2021: gross)."""
    if zone.get("withheld"):
        return (Row(words("answer-rule"), words("answer-withheld")),)
    detailed = zone["kind"] in _DETAILED_KINDS
    shapes = {
        "density": ("answer-percent-value", "answer-density-help" if detailed else "answer-density-gross-help"),
        "storeys": ("answer-storeys-value", "answer-storeys-help"),
        "far": ("answer-far-value", "answer-far-help"),
        "population": ("answer-population-value", "answer-population-help"),
    }
    rows = []
    for name, (template, help_code) in shapes.items():
        raw = str(((zone.get("indicators") or {}).get(name) or {}).get("raw") or "").strip()
        if raw:
            rows.append(Row(words(f"answer-{name}"), _indicator(raw, template, words), words(help_code)))
    if zone.get("area_m2") is not None:
        rows.append(Row(words("answer-lot-area"), words("answer-area-value", area=words.number(zone["area_m2"], 1))))
    return tuple(rows)


def _indicator(raw: str, template: str, words: Words) -> str:
    bare = raw.removesuffix("%").rstrip() if template == "answer-percent-value" else raw
    if not _PLAIN.match(bare):
        return raw
    if template == "answer-population-value" and bare.isascii() and bare.isdigit():
        bare = format_number(Decimal(bare), words.lang)
    return words(template, value=re.sub(r"(?<=\d)\s*-\s*(?=\d)", "–", bare))


def plan_rows(item: Item, words: Words) -> tuple[Row, ...]:
    """Where it comes from: plan, decision, since when, status, attested or not, how exact."""
    plan = item["plan_name"]
    if item.get("scale"):
        plan = words("answer-plan-value", plan=plan, scale=words.number(item["scale"], 0))
    state = _state(item, words)
    attested = "answer-attested-yes" if item.get("attested") else "answer-attested-no"
    rows = [
        Row(words("answer-plan"), plan),
        Row(words("answer-decision"), _decision(item.get("decision"), words)),
        Row(words("answer-since"), _since(item, words)),
        Row(words("answer-status"), words(f"answer-status-{state.replace('_', '-')}"), state=state),
        Row(words("answer-attested"), words(attested), state="attested" if item.get("attested") else "unattested"),
    ]
    exactness = _exactness(item, words)
    if exactness:
        rows.append(Row(words("answer-exactness"), exactness))
    return tuple(rows)


def _state(item: Item, words: Words) -> str:
    """The status as of today: the answer's own is as of the day asked about."""
    if item["status"] == "in_force":
        if item.get("valid_to") and item["valid_to"] <= words.today.isoformat():
            return "superseded"
        if item.get("valid_from") and item["valid_from"] > words.today.isoformat():
            return "later"
    return str(item["status"])


def _decision(decision: Item | None, words: Words) -> str:
    if not decision or not decision.get("number"):
        return words("answer-decision-none")
    params = {"number": decision["number"], "authority": decision.get("authority") or "–"}
    if decision.get("date"):
        return words("answer-decision-value", date=words.date(decision["date"]), **params)
    return words("answer-decision-undated", **params)


def _since(item: Item, words: Words) -> str:
    if not item.get("valid_from"):
        return words("answer-since-unknown")
    since = words.date(item["valid_from"])
    if not item.get("valid_to"):
        code = "answer-since-expected" if item["status"] == "pending" else "answer-since-open"
        return words(code, **{"from": since})
    # valid_to is the first day no longer in force; people name the last day.
    last = date.fromisoformat(item["valid_to"]) - timedelta(days=1)
    return words("answer-since-until", **{"from": since, "until": format_date(last, words.lang)})


def _exactness(item: Item, words: Words) -> str:
    accuracy, distance = item.get("accuracy_m"), item.get("edge_distance_m")
    if accuracy is None:
        return ""
    text = words.number(accuracy, 1)
    if distance is None:
        return words("answer-exactness-only", accuracy=text)
    return words("answer-exactness-value", accuracy=text, distance=words.distance(distance))


def plan_links(item: Item, words: Words) -> tuple[tuple[str, str], ...]:
    """Links to the decision, other documents and scans; only addresses of our own server."""
    links: list[tuple[str, str]] = []
    decision = item.get("decision") or {}
    if decision.get("document"):
        links.append((words("answer-decision-link"), str(decision["document"])))
    if item.get("document"):
        links.append((words("answer-document-link"), str(item["document"])))
    for scan in item.get("scans") or ():
        address = scan if isinstance(scan, str) else str(scan.get("url") or scan.get("document") or "")
        title = "" if isinstance(scan, str) else str(scan.get("title") or "")
        text = words("answer-scan-link", title=title) if title else words("answer-scan-link-bare")
        links.append((text, address))
    seen: dict[str, str] = {}
    for text, address in links:
        if address.startswith("/") and not address.startswith("//"):
            seen.setdefault(address, text)
    return tuple((text, address) for address, text in seen.items())


def ask_rows(answer: Item, words: Words) -> tuple[Row, ...]:
    ask = answer.get("ask") or {}
    rows = []
    if ask.get("office"):
        rows.append(Row(words("answer-office"), ask["office"]))
    if ask.get("phone"):
        rows.append(Row(words("answer-phone"), ask["phone"], href="tel:" + re.sub(r"[^0-9+]", "", ask["phone"])))
    if ask.get("email"):
        rows.append(Row(words("answer-email"), ask["email"], href="mailto:" + ask["email"]))
    if ask.get("address"):
        rows.append(Row(words("answer-address"), ask["address"]))
    return tuple(rows)


def place_rows(answer: Item, words: Words) -> tuple[Row, ...]:
    """Parcels, coordinates in both systems, and the release that answered."""
    at = answer["at"]
    rows = [
        Row(
            words("answer-parcel", sheet=str(parcel["sheet"]), lot=str(parcel["lot"])),
            words("answer-area-value", area=words.number(parcel["area_m2"], 1)),
        )
        for parcel in answer.get("parcels") or ()
    ]
    # Plain decimals with a point in both languages: they are made to be copied.
    rows.append(Row(words("answer-lonlat"), f"{at['lon']:.6f}, {at['lat']:.6f}"))
    vn2000 = at.get("vn2000")
    if vn2000:
        value = words(
            "answer-vn2000-value",
            north=format_number(round_half_up(Decimal(str(vn2000["north"])), 1), words.lang, decimals=1),
            east=format_number(round_half_up(Decimal(str(vn2000["east"])), 1), words.lang, decimals=1),
        )
        rows.append(Row(words("answer-vn2000", epsg=str(vn2000["epsg"])), value))
    rows.append(Row(words("answer-release"), answer["release"][:12]))
    return tuple(rows)
