// What the server wrote into the page: read once at start.

import type { Lang } from "./words.ts";

export interface PlanKind {
  readonly name: string;
  readonly rank: number;
  readonly zoom_min: number;
  readonly zoom_max: number;
}

export interface Page {
  readonly lang: Lang;
  readonly today: string;
  readonly release: string;
  readonly tiles: string;
  /** First and last zoom at which a layer is in the tiles. */
  readonly layers: Readonly<Record<string, readonly [first: number, last: number]>>;
  readonly legend: string;
  readonly province: string;
  readonly extent: readonly [west: number, south: number, east: number, north: number];
  readonly illustrative: boolean;
  readonly kinds: Readonly<Record<string, PlanKind>>;
  readonly themes: Readonly<Record<string, string>>;
}

export function readPage(document: Document): Page {
  const text = document.getElementById("page-data")?.textContent ?? "";
  return JSON.parse(text) as Page;
}
