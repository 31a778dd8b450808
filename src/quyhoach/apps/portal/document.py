"""The look-up's answer as a document of plain sentences, ready to be drawn as HTML.

`compose` is the one place that decides what a person reads, and in which order. `web/src/answer/document.ts` is
the same in TypeScript (it also serves answers made on the phone); `tests/portal/vectors/` binds the two.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quyhoach.apps.portal.facts import (
    Row,
    Words,
    ask_rows,
    function_name,
    indicator_rows,
    lower_first,
    place_rows,
    plan_links,
    plan_rows,
    quoted_zone,
    upper_first,
)

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """One lot, restriction or plan: `function` and `group` give the swatch, `tags` the short marks beside the title."""

    id: str
    title: str
    function: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    facts: tuple[Row, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # text, address


@dataclass(frozen=True, slots=True)
class Section:
    """A headed part of the answer."""

    id: str
    heading: str
    lead: str = ""
    cards: tuple[Card, ...] = ()
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The whole answer. `tone`: plan (something is planned), caution (look closer), none (no data)."""

    headline: str
    tone: str
    help: str
    place: str
    as_of: str
    illustrative: str
    alerts: tuple[str, ...]
    sections: tuple[Section, ...]


def compose(answer: Answer, words: Words) -> Document:
    """The document of one point's answer (docs/reference/schemas.md §4)."""
    headline, tone, help_text = _headline(answer, words)
    sections = (
        _zones(answer, words),
        _pending(answer, words),
        _restrictions(answer, words),
        _not_digitised(answer, words),
        _themes(answer, words),
        _ask(answer, words),
        Section("exact", words("answer-section-exact"), rows=place_rows(answer, words)),
    )
    return Document(
        headline=headline,
        tone=tone,
        help=help_text,
        place=_place(answer, words),
        as_of=_as_of(str(answer["on"]), words),
        illustrative=words("answer-illustrative") if _is_illustrative(answer) else "",
        alerts=_alerts(answer, words),
        sections=tuple(section for section in sections if section.cards or section.rows or section.notes),
    )


def _headline(answer: Answer, words: Words) -> tuple[str, str, str]:
    plans: dict[str, list[str]] = {}  # function -> the kinds of plan that say so
    for zone in _finest_first(answer["zones"]):
        kinds = plans.setdefault(lower_first(function_name(zone, words)), [])
        kind = lower_first(words.kind(zone["kind"]))
        if kind not in kinds:
            kinds.append(kind)
    if len(plans) == 1:
        return words("answer-planned", functions=next(iter(plans))), "plan", ""
    if plans:
        parts = [words("answer-planned-part", function=name, kind=", ".join(kinds)) for name, kinds in plans.items()]
        return words("answer-planned", functions="; ".join(parts)), "plan", ""
    if answer["not_digitised"]:
        return words("answer-not-digitised"), "caution", words("answer-not-digitised-help")
    if answer["pending"]:
        return words("answer-pending-only"), "caution", ""
    if answer["themes"].get("land_use") in ("applies", "not_affected"):
        return words("answer-not-affected"), "caution", words("answer-not-affected-help")
    if answer["restrictions"]:
        return words("answer-restriction-only"), "caution", words("answer-no-data-help")
    return words("answer-no-data"), "none", words("answer-no-data-help")


def _finest_first(zones: Sequence[Answer]) -> list[Answer]:
    """Lots of the largest scale first, as they say most of one place: an order of reading, not of legal force."""
    return sorted(zones, key=lambda zone: zone.get("scale") or math.inf)


def _place(answer: Answer, words: Words) -> str:
    unit = answer.get("unit")
    if not unit:
        return words("answer-unit-none")
    name = upper_first(unit["name"])
    if unit.get("former"):
        return words("answer-unit-former", name=name, former=", ".join(unit["former"]))
    return words("answer-unit", name=name)


def _as_of(on: str, words: Words) -> str:
    today = words.today.isoformat()
    if on == today:
        code = "answer-as-of"
    else:
        code = "answer-as-of-past" if on < today else "answer-as-of-future"
    return words(code, date=words.date(on))


def _is_illustrative(answer: Answer) -> bool:
    parts = ("zones", "restrictions", "pending", "not_digitised")
    return any(item.get("illustrative") for part in parts for item in answer[part])


def _alerts(answer: Answer, words: Words) -> tuple[str, ...]:
    zones = {zone["zone_id"]: zone for zone in (*answer["zones"], *answer["pending"])}
    alerts = []
    for conflict in answer["conflicts"]:
        first, second = (quoted_zone(zones.get(zone_id), zone_id, words) for zone_id in conflict["zones"][:2])
        code = "answer-conflict-overlap" if conflict["code"] == "lots_overlap" else "answer-conflict-function"
        alerts.append(words(code, first=first, second=second))
    versions = [(zone["plan_id"], zone["version"]) for zone in answer["zones"]]
    overlap = any(conflict["code"] == "lots_overlap" for conflict in answer["conflicts"])
    if len(set(versions)) < len(versions) and not overlap:
        alerts.append(words("answer-on-edge"))
    for zone in answer["zones"]:
        distance, accuracy = zone.get("edge_distance_m"), zone.get("accuracy_m")
        if distance is None or accuracy is None or distance >= accuracy:
            continue
        if versions.count((zone["plan_id"], zone["version"])) > 1:
            continue  # said above
        alerts.append(
            words(
                "answer-near-edge" if zone.get("label") else "answer-near-edge-unnamed",
                label=zone.get("label") or "",
                distance=words.distance(distance),
                accuracy=words.number(accuracy, 1),
            )
        )
    if answer["zones"]:
        for item in answer["not_digitised"]:
            alerts.append(words("answer-also-not-digitised", plan=lower_first(item["plan_name"])))
        for zone in answer["pending"]:
            if zone.get("change") == "function_changes":
                alerts.append(words("answer-also-pending", change=lower_first(_change(zone, words))))
    return tuple(alerts)


def _tags(item: Answer, words: Words) -> tuple[str, ...]:
    tags = [words.kind(item["kind"])]
    if item.get("label"):
        tags.append(words("answer-lot", label=item["label"]))
    return tuple(tags)


def _zone_card(zone: Answer, words: Words, *, title: str) -> Card:
    function = zone.get("function") or {}
    return Card(
        id=zone["zone_id"],
        title=title,
        function=function.get("code", ""),
        group=function.get("group", ""),
        tags=_tags(zone, words),
        rows=indicator_rows(zone, words),
        facts=plan_rows(zone, words),
        links=plan_links(zone, words),
    )


def _zones(answer: Answer, words: Words) -> Section:
    zones = _finest_first(answer["zones"])
    cards = [_zone_card(zone, words, title=upper_first(function_name(zone, words))) for zone in zones]
    several = len({zone["plan_id"] for zone in zones}) > 1
    lead = words("answer-section-zones-lead") if several else ""
    return Section("zones", words("answer-section-zones"), lead, cards=tuple(cards))


def _change(zone: Answer, words: Words) -> str:
    """What a pending lot will change, and when."""
    codes = {"same_function": "answer-pending-same", "new_area": "answer-pending-new"}
    code = codes.get(zone.get("change") or "", "answer-pending-changes")
    text = words(code, function=lower_first(function_name(zone, words)))
    since = zone.get("valid_from")
    when = words("answer-pending-from", date=words.date(since)) if since else words("answer-pending-undated")
    return f"{text}, {when}"


def _pending(answer: Answer, words: Words) -> Section:
    cards = [_zone_card(zone, words, title=_change(zone, words)) for zone in answer["pending"]]
    return Section("pending", words("answer-section-pending"), words("answer-pending-lead"), cards=tuple(cards))


def _restrictions(answer: Answer, words: Words) -> Section:
    cards = []
    for item in answer["restrictions"]:
        rows = [Row(words("answer-rule"), item["rule"])] if item.get("rule") else []
        if item.get("category"):
            rows.insert(0, Row(words("answer-category"), item["category"]))
        theme = words.theme(item["theme"])
        cards.append(
            Card(
                id=item["restriction_id"],
                title=upper_first(item.get("name") or theme),
                tags=(theme,),
                rows=tuple(rows),
                facts=plan_rows(item, words),
                links=plan_links(item, words),
            )
        )
    return Section("restrictions", words("answer-section-restrictions"), cards=tuple(cards))


def _not_digitised(answer: Answer, words: Words) -> Section:
    cards = [
        Card(
            id=f"{item['plan_id']}@{item['version']}",
            title=upper_first(item["plan_name"]),
            tags=(words.kind(item["kind"]),),
            facts=plan_rows(item, words),
            links=plan_links(item, words),
        )
        for item in answer["not_digitised"]
    ]
    lead = words("answer-section-not-digitised-lead")
    return Section("not_digitised", words("answer-section-not-digitised"), lead, cards=tuple(cards))


def _themes(answer: Answer, words: Words) -> Section:
    rows = [
        Row(words.theme(code), words(f"answer-theme-{state.replace('_', '-')}"), state=state)
        for code, state in answer["themes"].items()
    ]
    return Section("themes", words("answer-section-themes"), rows=tuple(rows), notes=(words("answer-land-agency"),))


def _ask(answer: Answer, words: Words) -> Section:
    notes = (answer["note"],) if answer.get("note") else ()
    return Section("ask", words("answer-section-ask"), rows=ask_rows(answer, words), notes=notes)
