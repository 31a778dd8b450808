// The answer as a document of plain sentences: the one place of the web that decides what a person reads.
// The same as apps/portal/document.py; tests/portal/vectors/ binds the two.

import { formatDate, formatDistance, formatNumber, lowerFirst, upperFirst, type Words } from "../words.ts";
import {
  askRows,
  functionName,
  indicatorRows,
  placeRows,
  planLinks,
  planRows,
  quotedZone,
  row,
} from "./facts.ts";
import type { Answer, AnswerDocument, Card, PlanItem, Section, Zone } from "./types.ts";

export function compose(answer: Answer, words: Words): AnswerDocument {
  const [headline, tone, help] = headlineOf(answer, words);
  const sections = [
    zonesSection(answer, words),
    pendingSection(answer, words),
    restrictionsSection(answer, words),
    notDigitisedSection(answer, words),
    themesSection(answer, words),
    askSection(answer, words),
    section("exact", words("answer-section-exact"), { rows: placeRows(answer, words) }),
  ];
  return {
    headline,
    tone,
    help,
    place: placeOf(answer, words),
    as_of: asOf(answer.on, words),
    illustrative: isIllustrative(answer) ? words("answer-illustrative") : "",
    alerts: alertsOf(answer, words),
    sections: sections.filter((part) => part.cards.length || part.rows.length || part.notes.length),
  };
}

function headlineOf(answer: Answer, words: Words): [headline: string, tone: string, help: string] {
  const plans = new Map<string, Set<string>>(); // function -> the kinds of plan that say so
  for (const zone of finestFirst(answer.zones)) {
    const name = lowerFirst(functionName(zone, words));
    plans.set(name, (plans.get(name) ?? new Set()).add(lowerFirst(words.kind(zone.kind))));
  }
  const [only] = plans.keys();
  if (only !== undefined) {
    const parts = [...plans].map(([name, kinds]) =>
      words("answer-planned-part", { function: name, kind: [...kinds].join(", ") }),
    );
    return [words("answer-planned", { functions: plans.size === 1 ? only : parts.join("; ") }), "plan", ""];
  }
  if (answer.not_digitised.length)
    return [words("answer-not-digitised"), "caution", words("answer-not-digitised-help")];
  if (answer.pending.length) return [words("answer-pending-only"), "caution", ""];
  if (["applies", "not_affected"].includes(answer.themes.land_use ?? ""))
    return [words("answer-not-affected"), "caution", words("answer-not-affected-help")];
  if (answer.restrictions.length)
    return [words("answer-restriction-only"), "caution", words("answer-no-data-help")];
  return [words("answer-no-data"), "none", words("answer-no-data-help")];
}

/** Lots of the largest scale first, as they say most of one place: an order of reading, not of legal force. */
function finestFirst(zones: readonly Zone[]): Zone[] {
  const scale = (zone: Zone) => zone.scale || Number.POSITIVE_INFINITY;
  return [...zones].sort((a, b) => (scale(a) === scale(b) ? 0 : scale(a) - scale(b)));
}

function placeOf(answer: Answer, words: Words): string {
  if (!answer.unit) return words("answer-unit-none");
  const name = upperFirst(answer.unit.name);
  if (!answer.unit.former?.length) return words("answer-unit", { name });
  return words("answer-unit-former", { name, former: answer.unit.former.join(", ") });
}

function asOf(on: string, words: Words): string {
  const { today } = words;
  const code = on === today ? "answer-as-of" : on < today ? "answer-as-of-past" : "answer-as-of-future";
  return words(code, { date: formatDate(on, words.lang) });
}

function isIllustrative(answer: Answer): boolean {
  const items: readonly PlanItem[] = [
    ...answer.zones,
    ...answer.restrictions,
    ...answer.pending,
    ...answer.not_digitised,
  ];
  return items.some((item) => item.illustrative);
}

function alertsOf(answer: Answer, words: Words): string[] {
  const zones = new Map([...answer.zones, ...answer.pending].map((zone) => [zone.zone_id, zone]));
  const alerts = answer.conflicts.map((conflict) => {
    const [first = "", second = ""] = conflict.zones.map((id) => quotedZone(zones.get(id), id, words));
    const code = conflict.code === "lots_overlap" ? "answer-conflict-overlap" : "answer-conflict-function";
    return words(code, { first, second });
  });
  const version = (zone: Zone) => `${zone.plan_id}@${zone.version}`;
  const count = (zone: Zone) => answer.zones.filter((other) => version(other) === version(zone)).length;
  const overlap = answer.conflicts.some((conflict) => conflict.code === "lots_overlap");
  if (!overlap && answer.zones.some((zone) => count(zone) > 1)) alerts.push(words("answer-on-edge"));
  for (const zone of answer.zones) {
    const { edge_distance_m: distance, accuracy_m: accuracy } = zone;
    if (distance == null || accuracy == null || distance >= accuracy) continue;
    if (count(zone) > 1) continue; // said above
    alerts.push(
      words(zone.label ? "answer-near-edge" : "answer-near-edge-unnamed", {
        label: zone.label ?? "",
        distance: formatDistance(distance, words.lang),
        accuracy: formatNumber(accuracy, words.lang, 1),
      }),
    );
  }
  if (answer.zones.length) {
    for (const item of answer.not_digitised)
      alerts.push(words("answer-also-not-digitised", { plan: lowerFirst(item.plan_name) }));
    for (const zone of answer.pending)
      if (zone.change === "function_changes")
        alerts.push(words("answer-also-pending", { change: lowerFirst(changeOf(zone, words)) }));
  }
  return alerts;
}

function section(id: string, heading: string, more: Partial<Section>): Section {
  return { id, heading, lead: "", cards: [], rows: [], notes: [], ...more };
}

function zoneCard(zone: Zone, words: Words, title: string): Card {
  const tags = [words.kind(zone.kind)];
  if (zone.label) tags.push(words("answer-lot", { label: zone.label }));
  return {
    id: zone.zone_id,
    title,
    function: zone.function?.code ?? "",
    group: zone.function?.group ?? "",
    tags,
    rows: indicatorRows(zone, words),
    facts: planRows(zone, words),
    links: planLinks(zone, words),
  };
}

function zonesSection(answer: Answer, words: Words): Section {
  const zones = finestFirst(answer.zones);
  const cards = zones.map((zone) => zoneCard(zone, words, upperFirst(functionName(zone, words))));
  const several = new Set(zones.map((zone) => zone.plan_id)).size > 1;
  const lead = several ? words("answer-section-zones-lead") : "";
  return section("zones", words("answer-section-zones"), { lead, cards });
}

const CHANGES: Readonly<Record<string, string>> = {
  same_function: "answer-pending-same",
  new_area: "answer-pending-new",
};

/** What a pending lot will change, and when. */
function changeOf(zone: Zone, words: Words): string {
  const code = CHANGES[zone.change ?? ""] ?? "answer-pending-changes";
  const text = words(code, { function: lowerFirst(functionName(zone, words)) });
  const when = zone.valid_from
    ? words("answer-pending-from", { date: formatDate(zone.valid_from, words.lang) })
    : words("answer-pending-undated");
  return `${text}, ${when}`;
}

function pendingSection(answer: Answer, words: Words): Section {
  const cards = answer.pending.map((zone) => zoneCard(zone, words, changeOf(zone, words)));
  return section("pending", words("answer-section-pending"), { lead: words("answer-pending-lead"), cards });
}

function restrictionsSection(answer: Answer, words: Words): Section {
  const cards = answer.restrictions.map((item): Card => {
    const rows = item.category ? [row(words("answer-category"), item.category)] : [];
    if (item.rule) rows.push(row(words("answer-rule"), item.rule));
    const theme = words.theme(item.theme);
    return {
      id: item.restriction_id,
      title: upperFirst(item.name || theme),
      function: "",
      group: "",
      tags: [theme],
      rows,
      facts: planRows(item, words),
      links: planLinks(item, words),
    };
  });
  return section("restrictions", words("answer-section-restrictions"), { cards });
}

function notDigitisedSection(answer: Answer, words: Words): Section {
  const cards = answer.not_digitised.map(
    (item): Card => ({
      id: `${item.plan_id}@${item.version}`,
      title: upperFirst(item.plan_name),
      function: "",
      group: "",
      tags: [words.kind(item.kind)],
      rows: [],
      facts: planRows(item, words),
      links: planLinks(item, words),
    }),
  );
  const lead = words("answer-section-not-digitised-lead");
  return section("not_digitised", words("answer-section-not-digitised"), { lead, cards });
}

function themesSection(answer: Answer, words: Words): Section {
  const rows = Object.entries(answer.themes).map(([code, state]) =>
    row(words.theme(code), words(`answer-theme-${state.replaceAll("_", "-")}`), { state }),
  );
  return section("themes", words("answer-section-themes"), { rows, notes: [words("answer-land-agency")] });
}

function askSection(answer: Answer, words: Words): Section {
  const notes = answer.note ? [answer.note] : [];
  return section("ask", words("answer-section-ask"), { rows: askRows(answer, words), notes });
}
