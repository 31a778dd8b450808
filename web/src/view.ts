// The view as the address of the page: what a shared link reopens.

import type { Lang } from "./words.ts";

export type Point = readonly [lon: number, lat: number];

export interface View {
  /** The place asked about. */
  readonly point: Point | null;
  /** The middle of the map, where it is not the place asked about. */
  readonly centre: Point | null;
  readonly zoom: number | null;
  /** The date asked about; null: today, whichever day the link is opened. */
  readonly on: string | null;
  readonly lang: Lang;
  /** Strength of the plan layer in percent. */
  readonly opacity: number;
  readonly pending: boolean;
}

export const DEFAULT_OPACITY = 80;
const DIGITS = 6; // about 0.1 m

export function parseView(search: string, lang: Lang): View {
  const query = new URLSearchParams(search);
  const opacity = number(query.get("opacity"), 0, 100);
  return {
    point: point(query.get("lon"), query.get("lat")),
    centre: point(...split(query.get("c"))),
    zoom: number(query.get("zoom"), 0, 22),
    on: isDate(query.get("on")) ? query.get("on") : null,
    lang,
    opacity: opacity === null ? DEFAULT_OPACITY : Math.round(opacity),
    pending: query.get("pending") === "1",
  };
}

/** The query string of a view, without "?"; what is at its default is left out. */
export function formatView(view: View): string {
  const query = new URLSearchParams();
  if (view.point) {
    query.set("lon", trim(view.point[0], DIGITS));
    query.set("lat", trim(view.point[1], DIGITS));
  }
  if (view.centre && !near(view.centre, view.point)) {
    query.set("c", view.centre.map((value) => trim(value, 5)).join(","));
  }
  if (view.zoom !== null) query.set("zoom", trim(view.zoom, 2));
  if (view.on) query.set("on", view.on);
  if (view.opacity !== DEFAULT_OPACITY) query.set("opacity", String(view.opacity));
  if (view.pending) query.set("pending", "1");
  if (view.lang !== "vi") query.set("lang", view.lang);
  return query.toString().replaceAll("%2C", ",");
}

/** A real calendar date written YYYY-MM-DD. */
export function isDate(text: string | null): boolean {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}

/** YYYY-MM-DD as the number YYYYMMDD of the tiles. */
export function dateNumber(iso: string): number {
  return Number(iso.replaceAll("-", ""));
}

function near(a: Point, b: Point | null): boolean {
  return b !== null && Math.abs(a[0] - b[0]) < 1e-5 && Math.abs(a[1] - b[1]) < 1e-5;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

function split(text: string | null): [string | null, string | null] {
  const [first = null, second = null] = (text ?? "").split(",");
  return [first, second];
}

function point(lon: string | null, lat: string | null): Point | null {
  const x = number(lon, -180, 180);
  const y = number(lat, -90, 90);
  return x === null || y === null ? null : [x, y];
}

function number(text: string | null, low: number, high: number): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= low && value <= high ? value : null;
}
