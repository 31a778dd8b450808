// Questions to the server. Every failure is one of two errors that a person can be told.

import type { Answer } from "./answer/types.ts";
import type { Point } from "./view.ts";
import type { Lang } from "./words.ts";

/** The server said no, in words for people (RFC 9457). */
export class ProblemError extends Error {}

/** The server could not be reached, or answered with something that is not an answer. */
export class ConnectionError extends Error {}

export interface Found {
  readonly kind: string;
  readonly title: string;
  readonly detail: string;
  readonly point: Point | null;
  readonly bounds: readonly [number, number, number, number] | null;
}

export function lookupUrl(point: Point, on: string, lang: Lang): string {
  const query = new URLSearchParams({ lon: String(point[0]), lat: String(point[1]), on, lang });
  return `/api/v1/lookup?${query}`;
}

export async function askLookup(point: Point, on: string, lang: Lang, signal: AbortSignal): Promise<Answer> {
  return (await getJson(lookupUrl(point, on, lang), signal)) as Answer;
}

export async function askSearch(text: string, lang: Lang, signal: AbortSignal): Promise<Found[]> {
  const query = new URLSearchParams({ q: text, lang });
  return readResults(await getJson(`/api/v1/search?${query}`, signal));
}

async function getJson(url: string, signal: AbortSignal): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { signal, headers: { accept: "application/json" } });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ConnectionError(String(error));
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const problem = (body ?? {}) as { detail?: unknown; title?: unknown };
  const told = [problem.detail, problem.title].find((text) => typeof text === "string" && text !== "");
  if (response.status < 500 && told) throw new ProblemError(String(told));
  throw new ConnectionError(`HTTP ${response.status}`);
}

/** Search results as the page shows them; what has no place is kept, so that people see it exists. */
export function readResults(body: unknown): Found[] {
  const rows = Array.isArray(body) ? body : ((body as { results?: unknown[] } | null)?.results ?? []);
  return (rows as Record<string, unknown>[]).map((row) => ({
    kind: text(row.kind),
    title: text(row.title) || text(row.name) || text(row.label),
    detail: text(row.detail) || text(row.context),
    point: pointOf(row),
    bounds: boundsOf(row.bbox ?? row.bounds),
  }));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function pointOf(row: Record<string, unknown>): Point | null {
  const [lon, lat] = [row.lon, row.lat];
  return typeof lon === "number" && typeof lat === "number" ? [lon, lat] : null;
}

function boundsOf(value: unknown): Found["bounds"] {
  if (!Array.isArray(value) || value.length !== 4 || !value.every((part) => typeof part === "number")) {
    return null;
  }
  return value as unknown as [number, number, number, number];
}
