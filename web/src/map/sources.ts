// What the style is made from, and where its data come from.

import type { Feature as AnyFeature, Point as PointGeometry, Polygon } from "geojson";
import type { SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Legend } from "../legend.ts";
import type { Page, PlanKind } from "../page.ts";
import type { Point } from "../view.ts";

export interface Here {
  readonly point: Point;
  readonly accuracy: number;
}

export interface StyleInput {
  readonly tiles: string;
  readonly layers: Page["layers"];
  readonly extent: readonly number[];
  readonly kinds: Readonly<Record<string, PlanKind>>;
  readonly legend: Legend;
  /** YYYYMMDD. */
  readonly on: number;
  /** 0 to 1. */
  readonly opacity: number;
  readonly pending: boolean;
  readonly restrictions: boolean;
  /** Ids of the lots of the answer. */
  readonly chosen: readonly string[];
  /** The place asked about. */
  readonly pick: Point | null;
  /** Where the phone is, with its accuracy in metres. */
  readonly here: Here | null;
  readonly fonts: StyleSpecification["font-faces"];
}

export type Kind = PlanKind & { readonly code: string };
type LayerName = "units" | "outlines" | "restrictions" | "lines" | "parcels";
type Feature = AnyFeature<PointGeometry | Polygon>;

/** Source, layer of the tiles, and the zoom from which on it is drawn. */
export interface Place {
  readonly source: string;
  readonly "source-layer": string;
  readonly minzoom: number;
}

/** The kinds that draw lots, lowest rank first, so that a detailed plan lies over a general one. */
export function drawnKinds(kinds: StyleInput["kinds"]): Kind[] {
  return Object.entries(kinds)
    .map(([code, kind]) => ({ code, ...kind }))
    .filter(({ code }) => code !== "restriction" && code !== "cadastre")
    .sort((a, b) => a.rank - b.rank);
}

export function placeOf(input: StyleInput, name: LayerName, from = 0): Place {
  const first = input.layers[name]?.[0] ?? 0;
  return {
    source: sourceOf(lastZoom(input, name)),
    "source-layer": name,
    minzoom: Math.max(first, from),
  };
}

export function lotsOf(input: StyleInput, kind: PlanKind, name = "zones"): Place {
  return { source: sourceOf(lastLotZoom(input, kind)), "source-layer": name, minzoom: kind.zoom_min };
}

// A layer is in the tiles up to a zoom of its own and is drawn larger beyond: a source for each such zoom.
export function sources(input: StyleInput): Record<string, SourceSpecification> {
  const names: LayerName[] = ["units", "outlines", "restrictions", "lines", "parcels"];
  const zooms = new Set([
    ...names.map((name) => lastZoom(input, name)),
    ...drawnKinds(input.kinds).map((kind) => lastLotZoom(input, kind)),
  ]);
  const minzoom = Math.min(22, ...Object.values(input.layers).map(([first]) => first));
  const [west = -180, south = -85, east = 180, north = 85] = input.extent;
  const vector = [...zooms].map((maxzoom): [string, SourceSpecification] => [
    sourceOf(maxzoom),
    { type: "vector", tiles: [input.tiles], minzoom, maxzoom, bounds: [west, south, east, north] },
  ]);
  const pick = input.pick ? [pointFeature(input.pick)] : [];
  const here = input.here ? [circle(input.here), pointFeature(input.here.point)] : [];
  return { ...Object.fromEntries(vector), pick: collection(pick), here: collection(here) };
}

function sourceOf(zoom: number): string {
  return `plans-${zoom}`;
}

function lastZoom(input: StyleInput, name: LayerName | "zones"): number {
  return input.layers[name]?.[1] ?? 14;
}

function lastLotZoom(input: StyleInput, kind: PlanKind): number {
  return Math.min(kind.zoom_max, lastZoom(input, "zones"));
}

function collection(features: Feature[]): SourceSpecification {
  return { type: "geojson", data: { type: "FeatureCollection", features } };
}

function pointFeature([lon, lat]: Point): Feature {
  return { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } };
}

const METRES_PER_DEGREE = 111_320;

/** The circle in which the phone is: 48 corners, exact enough to be looked at. */
export function circle({ point: [lon, lat], accuracy }: Here): AnyFeature<Polygon> {
  const ring = Array.from({ length: 49 }, (_, step) => {
    const angle = ((step % 48) / 48) * 2 * Math.PI;
    const north = (Math.cos(angle) * accuracy) / METRES_PER_DEGREE;
    const east = (Math.sin(angle) * accuracy) / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180));
    return [lon + east, lat + north];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}
