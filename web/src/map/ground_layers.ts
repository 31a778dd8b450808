// What lies around the plans: communes, parcels, lines, areas with rules of their own, and the points on the map.

import type { FilterSpecification, LayerSpecification } from "maplibre-gl";
import { ACCENT, INK, inForce, PAPER, QUIET, RESTRICTION, WARNING } from "./expressions.ts";
import { imageName } from "./patterns.ts";
import { placeOf, type StyleInput } from "./sources.ts";

const HERE = "#1f6feb";

export function lineLayers(input: StyleInput): LayerSpecification[] {
  return [
    {
      id: "parcels",
      type: "line",
      ...placeOf(input, "parcels", 15),
      paint: { "line-color": QUIET, "line-width": 0.6, "line-dasharray": [3, 1.5] },
    },
    {
      id: "lines",
      type: "line",
      ...placeOf(input, "lines", 13),
      filter: inForce(input.on),
      paint: { "line-color": INK, "line-opacity": 0.45, "line-width": 0.8 },
    },
  ];
}

export function restrictionLayers(input: StyleInput): LayerSpecification[] {
  const place = {
    ...placeOf(input, "restrictions", 12),
    filter: inForce(input.on),
    layout: { visibility: input.restrictions ? ("visible" as const) : ("none" as const) },
  };
  return [
    {
      id: "restrictions",
      type: "fill",
      ...place,
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

export function unitLayers(input: StyleInput): LayerSpecification[] {
  return [
    {
      id: "units-edge",
      type: "line",
      ...placeOf(input, "units"),
      paint: {
        "line-color": QUIET,
        "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.6, 14, 1.6],
        "line-dasharray": [4, 2, 1, 2],
        "line-opacity": 0.8,
      },
    },
  ];
}

export function groundLabels(input: StyleInput, font: string[]): LayerSpecification[] {
  return [
    {
      id: "parcel-labels",
      type: "symbol",
      ...placeOf(input, "parcels", 17.5),
      layout: { "text-field": ["get", "lot"], "text-font": font, "text-size": 10.5 },
      paint: { "text-color": "#5d5749", "text-halo-color": "#ffffff", "text-halo-width": 1 },
    },
    {
      id: "unit-names",
      type: "symbol",
      ...placeOf(input, "units", 8),
      layout: {
        "text-field": ["get", "name"],
        "text-font": font,
        "text-size": ["interpolate", ["linear"], ["zoom"], 8, 11, 14, 14],
        "text-max-width": 7,
        "text-padding": 90,
      },
      paint: { "text-color": "#5d5749", "text-halo-color": PAPER, "text-halo-width": 1.6 },
    },
  ];
}

/** The place asked about, and where the phone is. */
export function pointLayers(): LayerSpecification[] {
  const area = { source: "here", filter: ["==", ["geometry-type"], "Polygon"] as FilterSpecification };
  const dot = (radius: number, colour: string, border: number) => ({
    "circle-radius": radius,
    "circle-color": colour,
    "circle-stroke-color": "#ffffff",
    "circle-stroke-width": border,
  });
  return [
    { id: "here-accuracy", type: "fill", ...area, paint: { "fill-color": HERE, "fill-opacity": 0.14 } },
    { id: "here-accuracy-edge", type: "line", ...area, paint: { "line-color": HERE, "line-width": 1.5 } },
    {
      id: "here",
      type: "circle",
      source: "here",
      filter: ["==", ["geometry-type"], "Point"],
      paint: dot(6, HERE, 2.5),
    },
    { id: "pick", type: "circle", source: "pick", paint: dot(7, ACCENT, 3) },
  ];
}
