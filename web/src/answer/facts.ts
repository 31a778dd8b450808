// The rows of an answer: indicators, where it comes from, how exact it is, whom to ask. As apps/portal/facts.py.

import { dayBefore, formatDate, formatDistance, formatNumber, lowerFirst, type Words } from "../words.ts";
import type { Answer, Decision, PlanItem, Row, Zone } from "./types.ts";

// Plain numbers and ranges as Vietnamese plans write them: only these get a unit behind them.
const PLAIN = /^[\s0-9.,≤≥<>~–-]+$/;

export function row(term: string, value: string, more: Partial<Row> = {}): Row {
  return { term, value, help: "", href: "", state: "", ...more };
}

export function functionName(zone: Zone, words: Words): string {
  return zone.function?.name ?? words(zone.withheld ? "answer-function-withheld" : "answer-function-unknown");
}

/** A zone named inside a sentence. */
export function quotedZone(zone: Zone | undefined, id: string, words: Words): string {
  if (!zone) return id;
  const params = { function: lowerFirst(functionName(zone, words)), plan: lowerFirst(zone.plan_name) };
  if (zone.label) return words("answer-conflict-zone-label", { ...params, label: zone.label });
  return words("answer-conflict-zone", params);
}

/** What the plan asks of the lot. Density of a general or zoning plan is over the block (QCVN 01:2021: gross). */
export function indicatorRows(zone: Zone, words: Words): Row[] {
  if (zone.withheld) return [row(words("answer-rule"), words("answer-withheld"))];
  const densityHelp = zone.kind === "detailed" ? "answer-density-help" : "answer-density-gross-help";
  const shapes: readonly (readonly [string, string, string])[] = [
    ["density", "answer-percent-value", densityHelp],
    ["storeys", "answer-storeys-value", "answer-storeys-help"],
    ["far", "answer-far-value", "answer-far-help"],
    ["population", "answer-population-value", "answer-population-help"],
  ];
  const rows: Row[] = [];
  for (const [name, template, help] of shapes) {
    const raw = (zone.indicators?.[name]?.raw ?? "").trim();
    if (raw) rows.push(row(words(`answer-${name}`), indicator(raw, template, words), { help: words(help) }));
  }
  if (zone.area_m2 != null) {
    const area = formatNumber(zone.area_m2, words.lang, 1);
    rows.push(row(words("answer-lot-area"), words("answer-area-value", { area })));
  }
  return rows;
}

function indicator(raw: string, template: string, words: Words): string {
  const bare = template === "answer-percent-value" ? raw.replace(/%$/, "").trimEnd() : raw;
  if (!PLAIN.test(bare)) return raw;
  if (template === "answer-population-value" && /^\d{1,15}$/.test(bare)) {
    return words(template, { value: formatNumber(Number(bare), words.lang, 0) });
  }
  return words(template, { value: bare.replace(/(?<=\d)\s*-\s*(?=\d)/g, "–") });
}

/** Where it comes from: plan, decision, since when, status, attested or not, how exact. */
export function planRows(item: PlanItem, words: Words): Row[] {
  const plan = item.scale
    ? words("answer-plan-value", {
        plan: item.plan_name,
        scale: formatNumber(item.scale, words.lang, 0),
      })
    : item.plan_name;
  const state = stateOf(item, words);
  const rows = [
    row(words("answer-plan"), plan),
    row(words("answer-decision"), decisionText(item.decision, words)),
    row(words("answer-since"), since(item, words)),
    row(words("answer-status"), words(`answer-status-${state.replaceAll("_", "-")}`), { state }),
    row(words("answer-attested"), words(item.attested ? "answer-attested-yes" : "answer-attested-no"), {
      state: item.attested ? "attested" : "unattested",
    }),
  ];
  const exact = exactness(item, words);
  if (exact) rows.push(row(words("answer-exactness"), exact));
  return rows;
}

/** The status as of today: the answer's own is as of the day asked about. */
function stateOf(item: PlanItem, words: Words): string {
  if (item.status === "in_force") {
    if (item.valid_to && item.valid_to <= words.today) return "superseded";
    if (item.valid_from && item.valid_from > words.today) return "later";
  }
  return item.status;
}

function decisionText(decision: Decision | null | undefined, words: Words): string {
  if (!decision?.number) return words("answer-decision-none");
  const params = { number: decision.number, authority: decision.authority || "–" };
  if (!decision.date) return words("answer-decision-undated", params);
  return words("answer-decision-value", { ...params, date: formatDate(decision.date, words.lang) });
}

function since(item: PlanItem, words: Words): string {
  if (!item.valid_from) return words("answer-since-unknown");
  const from = formatDate(item.valid_from, words.lang);
  const open = item.status === "pending" ? "answer-since-expected" : "answer-since-open";
  if (!item.valid_to) return words(open, { from });
  // valid_to is the first day no longer in force; people name the last day.
  const until = formatDate(dayBefore(item.valid_to), words.lang);
  return words("answer-since-until", { from, until });
}

function exactness(item: PlanItem, words: Words): string {
  if (item.accuracy_m == null) return "";
  const accuracy = formatNumber(item.accuracy_m, words.lang, 1);
  if (item.edge_distance_m == null) return words("answer-exactness-only", { accuracy });
  const distance = formatDistance(item.edge_distance_m, words.lang);
  return words("answer-exactness-value", { accuracy, distance });
}

/** Links to the decision, other documents and scans; only addresses of our own server. */
export function planLinks(item: PlanItem, words: Words): [string, string][] {
  const links: [string, string][] = [];
  if (item.decision?.document) links.push([words("answer-decision-link"), item.decision.document]);
  if (item.document) links.push([words("answer-document-link"), item.document]);
  for (const scan of item.scans ?? []) {
    const address = typeof scan === "string" ? scan : scan.url || scan.document || "";
    const title = typeof scan === "string" ? "" : (scan.title ?? "");
    links.push([title ? words("answer-scan-link", { title }) : words("answer-scan-link-bare"), address]);
  }
  const seen = new Map<string, string>();
  for (const [text, address] of links) {
    if (address.startsWith("/") && !address.startsWith("//") && !seen.has(address)) seen.set(address, text);
  }
  return [...seen].map(([address, text]) => [text, address]);
}

export function askRows(answer: Answer, words: Words): Row[] {
  const { office, phone, email, address } = answer.ask ?? {};
  const rows: Row[] = [];
  if (office) rows.push(row(words("answer-office"), office));
  if (phone) rows.push(row(words("answer-phone"), phone, { href: `tel:${phone.replace(/[^0-9+]/g, "")}` }));
  if (email) rows.push(row(words("answer-email"), email, { href: `mailto:${email}` }));
  if (address) rows.push(row(words("answer-address"), address));
  return rows;
}

/** Parcels, coordinates in both systems, and the release that answered. */
export function placeRows(answer: Answer, words: Words): Row[] {
  const rows = (answer.parcels ?? []).map((parcel) =>
    row(
      words("answer-parcel", { sheet: String(parcel.sheet), lot: String(parcel.lot) }),
      words("answer-area-value", { area: formatNumber(parcel.area_m2, words.lang, 1) }),
    ),
  );
  const { lon, lat, vn2000 } = answer.at;
  // Plain decimals with a point in both languages: they are made to be copied.
  rows.push(row(words("answer-lonlat"), `${lon.toFixed(6)}, ${lat.toFixed(6)}`));
  if (vn2000) {
    const north = formatNumber(vn2000.north, words.lang, 1, true);
    const east = formatNumber(vn2000.east, words.lang, 1, true);
    const term = words("answer-vn2000", { epsg: String(vn2000.epsg) });
    rows.push(row(term, words("answer-vn2000-value", { north, east })));
  }
  rows.push(row(words("answer-release"), answer.release.slice(0, 12)));
  return rows;
}
