// Sentences, names, numbers and dates in one language. The same rules as standard/text.py and apps/portal/facts.py.

export type Lang = "vi" | "en";
export type Messages = Readonly<Record<string, string>>;

export interface Words {
  readonly lang: Lang;
  /** The day of reading, YYYY-MM-DD. */
  readonly today: string;
  /** The sentence of a code, filled with plain text. An unknown code shows itself. */
  (code: string, params?: Readonly<Record<string, string>>): string;
  readonly kind: (code: string) => string;
  readonly theme: (code: string) => string;
}

export function makeWords(
  lang: Lang,
  today: string,
  messages: Messages,
  kinds: Readonly<Record<string, string>>,
  themes: Readonly<Record<string, string>>,
): Words {
  const say = (code: string, params: Readonly<Record<string, string>> = {}): string =>
    (messages[code] ?? code).replace(/\{(\w+)\}/g, (hole, name: string) => params[name] ?? hole);
  return Object.assign(say, {
    lang,
    today,
    kind: (code: string) => kinds[code] ?? code,
    theme: (code: string) => themes[code] ?? code,
  });
}

/** At most `decimals` digits after the mark, halves away from zero, no trailing zeros unless `fixed`. */
export function formatNumber(value: number, lang: Lang, decimals: number, fixed = false): string {
  if (!Number.isFinite(value)) return "–";
  const [whole = "0", fraction = ""] = roundHalfUp(Math.abs(value), decimals).split(".");
  const kept = fixed ? fraction : fraction.replace(/0+$/, "");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, lang === "vi" ? "." : ",");
  const text = kept ? `${grouped}${lang === "vi" ? "," : "."}${kept}` : grouped;
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/** Rounds the shortest decimal writing of a number, as Decimal(str(value)) does: 2.675 -> "2.68". */
function roundHalfUp(value: number, decimals: number): string {
  const written = String(value);
  if (written.includes("e")) return value.toFixed(decimals);
  const [whole = "0", fraction = ""] = written.split(".");
  const digits = whole + fraction.slice(0, decimals).padEnd(decimals, "0");
  const up = (fraction[decimals] ?? "0") >= "5" ? 1n : 0n;
  const rounded = (BigInt(digits) + up).toString().padStart(decimals + 1, "0");
  return decimals === 0 ? rounded : `${rounded.slice(0, -decimals)}.${rounded.slice(-decimals)}`;
}

/** Metres: decimetres below 10 m, whole metres beyond. */
export function formatDistance(metres: number, lang: Lang): string {
  return formatNumber(metres, lang, metres < 10 ? 1 : 0);
}

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

/** An ISO date as people write it: 13/8/2022, 13 August 2022. */
export function formatDate(iso: string, lang: Lang): string {
  const [year = 0, month = 1, day = 1] = iso.split("-").map(Number);
  return lang === "vi" ? `${day}/${month}/${year}` : `${day} ${MONTHS[month - 1]} ${year}`;
}

/** The day before an ISO date. */
export function dayBefore(iso: string): string {
  return new Date(Date.parse(`${iso}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

/** For use inside a sentence; "HTKT khác" keeps its capitals. */
export function lowerFirst(text: string): string {
  const [first = "", second = ""] = text;
  if (second !== second.toLowerCase()) return text;
  return first.toLowerCase() + text.slice(first.length);
}

export function upperFirst(text: string): string {
  const [first = ""] = text;
  return first.toUpperCase() + text.slice(first.length);
}
