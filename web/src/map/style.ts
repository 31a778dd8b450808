// The map's style, made by typed functions from the standard's table of colours. Nothing in it is written by hand per
// function: a new function of the standard, or of a workspace's overlay, is drawn without a change here.

import type { Feature as AnyFeature, Point as PointGeometry, Polygon } from "geojson";
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from "maplibre-gl";
import type { Legend } from "../legend.ts";
import type { PlanKind } from "../page.ts";
import type { Point } from "../view.ts";
import { imageName, isPattern, shade } from "./patterns.ts";

export const PAPER = "#f5f2eb";
export const INK = "#20303a";
export const ACCENT = "#0b5a6e";
const QUIET = "#7d7667";
const WARNING = "#9a3412";
const HERE = "#1f6feb";

type Feature = AnyFeature<PointGeometry | Polygon>;

export interface Here {
  readonly point: Point;
  readonly accuracy: number;
}

export interface StyleInput {
  readonly tiles: string;
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

const REGULAR = ["Be Vietnam Pro Regular"];
const STRONG = ["Be Vietnam Pro SemiBold"];

// A layer is in the tiles up to its own zoom only and is drawn larger beyond: a source for each such zoom.
const LAST_ZOOM = { units: 14, outlines: 16, restrictions: 16, lines: 16, parcels: 16 } as const;
const FIRST_ZOOM = { units: 6, outlines: 6, restrictions: 10, lines: 12, parcels: 15 } as const;

export function mapStyle(input: StyleInput): StyleSpecification {
  return {
    version: 8,
    name: "Quy Hoạch",
    "font-faces": input.fonts ?? {},
    sources: sources(input),
    layers: [
      { id: "paper", type: "background", paint: { "background-color": PAPER } },
      ...zoneLayers(input),
      ...lotLayers(),
      ...notDigitisedLayers(input),
      ...restrictionLayers(input),
      ...pendingLayers(input),
      ...unitLayers(),
      ...outlineLayers(input),
      ...chosenLayers(input),
      ...labelLayers(input),
      ...pointLayers(),
    ],
  };
}

/** The kinds that draw lots, lowest rank first, so that a detailed plan lies over a general one. */
export function drawnKinds(kinds: Readonly<Record<string, PlanKind>>): (PlanKind & { code: string })[] {
  return Object.entries(kinds)
    .map(([code, kind]) => ({ code, ...kind }))
    .filter(({ code }) => code !== "restriction" && code !== "cadastre")
    .sort((a, b) => a.rank - b.rank);
}

export function zoneLayerIds(kinds: Readonly<Record<string, PlanKind>>): string[] {
  return drawnKinds(kinds).map(({ code }) => `zones-${code}`);
}

function sources(input: StyleInput): Record<string, SourceSpecification> {
  const zooms = new Set<number>(Object.values(LAST_ZOOM));
  for (const kind of drawnKinds(input.kinds)) zooms.add(kind.zoom_max);
  const [west = -180, south = -85, east = 180, north = 85] = input.extent;
  const vector = [...zooms].map((maxzoom): [string, SourceSpecification] => [
    sourceOf(maxzoom),
    { type: "vector", tiles: [input.tiles], minzoom: 6, maxzoom, bounds: [west, south, east, north] },
  ]);
  const pick = input.pick ? [pointFeature(input.pick)] : [];
  const here = input.here ? [circle(input.here), pointFeature(input.here.point)] : [];
  return { ...Object.fromEntries(vector), pick: collection(pick), here: collection(here) };
}

function collection(features: Feature[]): SourceSpecification {
  return { type: "geojson", data: { type: "FeatureCollection", features } };
}

function pointFeature([lon, lat]: Point): Feature {
  return { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } };
}

const METRES_PER_DEGREE = 111_320;

/** The circle in which the phone is: 48 corners, exact enough to be looked at. */
export function circle({ point: [lon, lat], accuracy }: Here): Feature {
  const ring = Array.from({ length: 49 }, (_, step) => {
    const angle = ((step % 48) / 48) * 2 * Math.PI;
    const north = (Math.cos(angle) * accuracy) / METRES_PER_DEGREE;
    const east = (Math.sin(angle) * accuracy) / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180));
    return [lon + east, lat + north];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

function sourceOf(zoom: number): string {
  return `plans-${zoom}`;
}

/** In force on a day: half-open, as in the registry. */
export function inForce(on: number): FilterSpecification {
  return [
    "all",
    ["==", ["get", "st"], "in_force"],
    ["<=", ["get", "vf"], on],
    [">", ["get", "vt"], on],
  ] as FilterSpecification;
}

function ofKind(code: string, on: number): FilterSpecification {
  return ["all", ["==", ["get", "kind"], code], inForce(on)] as FilterSpecification;
}

/** A value for each function of the standard, chosen without regard to case. */
export function byFunction(
  legend: Legend,
  value: (code: string) => string,
  other: string,
): ExpressionSpecification {
  const groups = new Map<string, string[]>();
  for (const code of Object.keys(legend.functions)) {
    const codes = groups.get(value(code)) ?? [];
    codes.push(code);
    groups.set(value(code), codes);
  }
  groups.delete(other);
  if (!groups.size) return ["literal", other] as unknown as ExpressionSpecification;
  const branches = [...groups].flatMap(([result, codes]) => [codes, result]);
  const input = ["downcase", ["coalesce", ["get", "fn"], ""]];
  return ["match", input, ...branches, other] as unknown as ExpressionSpecification;
}

export const UNKNOWN_COLOUR = "#dedede";

export function colourOf(legend: Legend, code: string): string {
  return legend.functions[code]?.colour ?? UNKNOWN_COLOUR;
}

/** Every pattern image the style asks for: name, pattern, colour. */
export function patternImages(legend: Legend): { name: string; pattern: string; colour: string }[] {
  const images = new Map<string, { name: string; pattern: string; colour: string }>();
  for (const { pattern, colour } of Object.values(legend.functions)) {
    if (isPattern(pattern)) {
      const name = imageName(pattern, colour);
      images.set(name, { name, pattern, colour: shade(colour, 0.42) });
    }
  }
  for (const [pattern, colour] of [NOT_DIGITISED, RESTRICTION] as const) {
    images.set(imageName(pattern, colour), { name: imageName(pattern, colour), pattern, colour });
  }
  return [...images.values()];
}

const NOT_DIGITISED = ["backhatch", INK] as const;
const RESTRICTION = ["dashes", WARNING] as const;

function zoneLayers({ kinds, legend, on, opacity }: StyleInput): LayerSpecification[] {
  const fill = byFunction(legend, (code) => colourOf(legend, code), UNKNOWN_COLOUR);
  const edge = byFunction(legend, (code) => shade(colourOf(legend, code), 0.35), shade(UNKNOWN_COLOUR, 0.35));
  const patterned = Object.entries(legend.functions).filter(([, look]) => isPattern(look.pattern));
  const image = byFunction(
    { groups: {}, functions: Object.fromEntries(patterned) },
    (code) => imageName(legend.functions[code]?.pattern ?? "", colourOf(legend, code)),
    "",
  );
  const hasPattern = [
    "in",
    ["downcase", ["coalesce", ["get", "fn"], ""]],
    ["literal", patterned.map(([code]) => code)],
  ];
  return drawnKinds(kinds).flatMap((kind): LayerSpecification[] => {
    const place = { source: sourceOf(kind.zoom_max), "source-layer": "zones", minzoom: kind.zoom_min };
    const filter = ofKind(kind.code, on);
    return [
      {
        id: `zones-${kind.code}`,
        type: "fill",
        ...place,
        filter,
        paint: { "fill-color": fill, "fill-opacity": opacity, "fill-antialias": false },
      },
      {
        id: `zones-${kind.code}-pattern`,
        type: "fill",
        ...place,
        minzoom: Math.max(kind.zoom_min, 13),
        filter: ["all", filter, hasPattern] as unknown as FilterSpecification,
        paint: { "fill-pattern": image, "fill-opacity": opacity * 0.8 },
      },
      {
        id: `zones-${kind.code}-edge`,
        type: "line",
        ...place,
        minzoom: Math.max(kind.zoom_min, 13),
        filter,
        paint: {
          "line-color": edge,
          "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.3, 16, 1, 19, 2],
          "line-opacity": Math.min(1, opacity * 1.1),
        },
      },
    ];
  });
}

function lotLayers(): LayerSpecification[] {
  return [
    {
      id: "parcels",
      type: "line",
      source: sourceOf(LAST_ZOOM.parcels),
      "source-layer": "parcels",
      minzoom: FIRST_ZOOM.parcels,
      paint: { "line-color": QUIET, "line-width": 0.6, "line-dasharray": [3, 1.5] },
    },
    {
      id: "lines",
      type: "line",
      source: sourceOf(LAST_ZOOM.lines),
      "source-layer": "lines",
      minzoom: FIRST_ZOOM.lines,
      paint: { "line-color": INK, "line-opacity": 0.45, "line-width": 0.8 },
    },
  ];
}

function notDigitisedLayers({ on, opacity }: StyleInput): LayerSpecification[] {
  const place = { source: sourceOf(LAST_ZOOM.outlines), "source-layer": "outlines" };
  const filter = ["all", ["==", ["get", "digitised"], 0], inForce(on)] as FilterSpecification;
  return [
    {
      id: "not-digitised",
      type: "fill",
      ...place,
      minzoom: 9,
      filter,
      paint: { "fill-pattern": imageName(...NOT_DIGITISED), "fill-opacity": 0.35 * Math.max(opacity, 0.4) },
    },
  ];
}

function restrictionLayers({ on, restrictions }: StyleInput): LayerSpecification[] {
  const place = {
    source: sourceOf(LAST_ZOOM.restrictions),
    "source-layer": "restrictions",
    minzoom: FIRST_ZOOM.restrictions,
    filter: inForce(on),
    layout: { visibility: visible(restrictions) },
  };
  return [
    {
      id: "restrictions",
      type: "fill",
      ...place,
      minzoom: 12,
      paint: { "fill-pattern": imageName(...RESTRICTION), "fill-opacity": 0.4 },
    },
    {
      id: "restrictions-edge",
      type: "line",
      ...place,
      paint: { "line-color": WARNING, "line-width": 1.2, "line-dasharray": [4, 2], "line-opacity": 0.75 },
    },
  ];
}

function pendingLayers({ kinds, legend, pending }: StyleInput): LayerSpecification[] {
  const fill = byFunction(legend, (code) => colourOf(legend, code), UNKNOWN_COLOUR);
  return drawnKinds(kinds).flatMap((kind): LayerSpecification[] => {
    const place = {
      source: sourceOf(kind.zoom_max),
      "source-layer": "zones",
      minzoom: kind.zoom_min,
      filter: [
        "all",
        ["==", ["get", "kind"], kind.code],
        ["==", ["get", "st"], "pending"],
      ] as FilterSpecification,
      layout: { visibility: visible(pending) },
    };
    return [
      {
        id: `pending-${kind.code}`,
        type: "fill",
        ...place,
        paint: { "fill-color": fill, "fill-opacity": 0.35 },
      },
      {
        id: `pending-${kind.code}-edge`,
        type: "line",
        ...place,
        paint: { "line-color": ACCENT, "line-width": 1.4, "line-dasharray": [1.5, 1.5] },
      },
    ];
  });
}

function visible(yes: boolean): "visible" | "none" {
  return yes ? "visible" : "none";
}

function unitLayers(): LayerSpecification[] {
  return [
    {
      id: "units-edge",
      type: "line",
      source: sourceOf(LAST_ZOOM.units),
      "source-layer": "units",
      minzoom: FIRST_ZOOM.units,
      paint: {
        "line-color": QUIET,
        "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.6, 14, 1.6],
        "line-dasharray": [4, 2, 1, 2],
        "line-opacity": 0.8,
      },
    },
  ];
}

function outlineLayers({ on }: StyleInput): LayerSpecification[] {
  const place = {
    type: "line" as const,
    source: sourceOf(LAST_ZOOM.outlines),
    "source-layer": "outlines",
    filter: inForce(on),
  };
  const width: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 8, 1, 12, 1.8, 16, 2.6];
  return [
    {
      id: "outlines-casing",
      ...place,
      paint: {
        "line-color": "#ffffff",
        "line-opacity": 0.85,
        "line-width": ["interpolate", ["linear"], ["zoom"], 8, 2.5, 16, 5.5],
      },
    },
    { id: "outlines", ...place, paint: { "line-color": INK, "line-width": width } },
  ];
}

/** The lots of the answer, framed. */
function chosenLayers({ kinds, chosen }: StyleInput): LayerSpecification[] {
  return drawnKinds(kinds).flatMap((kind): LayerSpecification[] => {
    const place = {
      type: "line" as const,
      source: sourceOf(kind.zoom_max),
      "source-layer": "zones",
      minzoom: kind.zoom_min,
      filter: ["in", ["get", "id"], ["literal", [...chosen]]] as FilterSpecification,
      layout: { "line-join": "round" as const },
    };
    return [
      { id: `chosen-${kind.code}-casing`, ...place, paint: { "line-color": "#ffffff", "line-width": 6 } },
      { id: `chosen-${kind.code}`, ...place, paint: { "line-color": ACCENT, "line-width": 3 } },
    ];
  });
}

function pointLayers(): LayerSpecification[] {
  const area = { source: "here", filter: ["==", ["geometry-type"], "Polygon"] as FilterSpecification };
  return [
    { id: "here-accuracy", type: "fill", ...area, paint: { "fill-color": HERE, "fill-opacity": 0.14 } },
    { id: "here-accuracy-edge", type: "line", ...area, paint: { "line-color": HERE, "line-width": 1.5 } },
    {
      id: "here",
      type: "circle",
      source: "here",
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 6,
        "circle-color": HERE,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 2.5,
      },
    },
    {
      id: "pick",
      type: "circle",
      source: "pick",
      paint: {
        "circle-radius": 7,
        "circle-color": ACCENT,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 3,
      },
    },
  ];
}

function labelLayers({ kinds, on }: StyleInput): LayerSpecification[] {
  const lots = drawnKinds(kinds).map(
    (kind): LayerSpecification => ({
      id: `labels-${kind.code}`,
      type: "symbol",
      source: sourceOf(kind.zoom_max),
      "source-layer": "zone_labels",
      minzoom: Math.min(kind.zoom_max, 16) - 0.5,
      filter: ofKind(kind.code, on),
      layout: { "text-field": ["get", "label"], "text-font": REGULAR, "text-size": 11.5, "text-padding": 4 },
      paint: { "text-color": INK, "text-halo-color": "rgba(255,255,255,0.85)", "text-halo-width": 1.2 },
    }),
  );
  return [
    {
      id: "parcel-labels",
      type: "symbol",
      source: sourceOf(LAST_ZOOM.parcels),
      "source-layer": "parcels",
      minzoom: 17.5,
      layout: { "text-field": ["get", "lot"], "text-font": REGULAR, "text-size": 10.5 },
      paint: { "text-color": QUIET, "text-halo-color": "#ffffff", "text-halo-width": 1 },
    },
    ...lots,
    {
      id: "outline-names",
      type: "symbol",
      source: sourceOf(LAST_ZOOM.outlines),
      "source-layer": "outlines",
      minzoom: 9,
      maxzoom: 13,
      filter: inForce(on),
      layout: {
        "text-field": ["get", "name"],
        "text-font": STRONG,
        "text-size": 12.5,
        "text-max-width": 9,
        "text-padding": 12,
      },
      paint: { "text-color": INK, "text-halo-color": "rgba(255,255,255,0.9)", "text-halo-width": 1.6 },
    },
    {
      id: "unit-names",
      type: "symbol",
      source: sourceOf(LAST_ZOOM.units),
      "source-layer": "units",
      minzoom: 8,
      layout: {
        "text-field": ["get", "name"],
        "text-font": REGULAR,
        "text-size": ["interpolate", ["linear"], ["zoom"], 8, 11, 14, 14],
        "text-max-width": 7,
        "text-padding": 40,
      },
      paint: { "text-color": "#5d5749", "text-halo-color": PAPER, "text-halo-width": 1.6 },
    },
  ];
}
