// The plans themselves: lots with colour, pattern and edge, those not in force yet, those not digitised, their labels.

import type { LayerSpecification } from "maplibre-gl";
import {
  ACCENT,
  all,
  edgeColour,
  fillColour,
  hasPattern,
  INK,
  inGroup,
  NOT_DIGITISED,
  ofKind,
  outlined,
  PAPER,
  patternImage,
  pendingOf,
} from "./expressions.ts";
import { imageName } from "./patterns.ts";
import { drawnKinds, lotsOf, placeOf, type StyleInput } from "./sources.ts";

// Below this zoom lots are a few pixels: patterns and edges would only be noise.
const DETAIL_ZOOM = 13;

export function lotLayers(input: StyleInput): LayerSpecification[] {
  const { kinds, legend, on, opacity } = input;
  return drawnKinds(kinds).flatMap((kind, order): LayerSpecification[] => {
    const place = lotsOf(input, kind);
    // What a more detailed plan covers must not shine through it: two colours would mix to a third.
    const ground: LayerSpecification = {
      id: `zones-${kind.code}-ground`,
      type: "fill",
      ...place,
      filter: ofKind(kind.code, on),
      paint: { "fill-color": PAPER, "fill-opacity": Math.min(1, opacity * 1.25), "fill-antialias": false },
    };
    const near = { ...place, minzoom: Math.max(place.minzoom, DETAIL_ZOOM) };
    const filter = ofKind(kind.code, on);
    return [
      ...(order ? [ground] : []),
      {
        id: `zones-${kind.code}`,
        type: "fill",
        ...place,
        filter,
        paint: { "fill-color": fillColour(legend), "fill-opacity": opacity, "fill-antialias": false },
      },
      {
        id: `zones-${kind.code}-pattern`,
        type: "fill",
        ...near,
        filter: all(filter, hasPattern(legend)),
        paint: { "fill-pattern": patternImage(legend), "fill-opacity": opacity * 0.8 },
      },
      {
        id: `zones-${kind.code}-edge`,
        type: "line",
        ...near,
        filter,
        paint: {
          "line-color": edgeColour(legend),
          "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.3, 16, 1, 19, 2],
          "line-opacity": opacity,
        },
      },
    ];
  });
}

export function pendingLayers(input: StyleInput): LayerSpecification[] {
  const visibility = input.pending ? ("visible" as const) : ("none" as const);
  return drawnKinds(input.kinds).flatMap((kind): LayerSpecification[] => {
    const place = { ...lotsOf(input, kind), filter: pendingOf(kind.code), layout: { visibility } };
    const fill = { "fill-color": fillColour(input.legend), "fill-opacity": 0.45 };
    const line = { "line-color": ACCENT, "line-width": 1.4, "line-dasharray": [1.5, 1.5] };
    return [
      { id: `pending-${kind.code}`, type: "fill", ...place, paint: fill },
      { id: `pending-${kind.code}-edge`, type: "line", ...place, paint: line },
    ];
  });
}

export function outlineLayers(input: StyleInput): LayerSpecification[] {
  const place = placeOf(input, "outlines");
  const on = outlined(input.on);
  const width = (thin: number, thick: number) =>
    ["interpolate", ["linear"], ["zoom"], 8, thin, 16, thick] as unknown as number;
  return [
    {
      id: "not-digitised",
      type: "fill",
      ...place,
      filter: all(["==", ["get", "digitised"], 0], on),
      paint: {
        "fill-pattern": imageName(...NOT_DIGITISED),
        "fill-opacity": 0.4 * Math.max(input.opacity, 0.5),
      },
    },
    {
      id: "outlines-casing",
      type: "line",
      ...place,
      filter: on,
      paint: { "line-color": "#ffffff", "line-opacity": 0.85, "line-width": width(2.4, 5) },
    },
    {
      id: "outlines",
      type: "line",
      ...place,
      filter: on,
      paint: { "line-color": INK, "line-width": width(1, 2.4) },
    },
  ];
}

/** The lots of the answer, framed. */
export function chosenLayers(input: StyleInput): LayerSpecification[] {
  return drawnKinds(input.kinds).flatMap((kind): LayerSpecification[] => {
    const place = {
      ...lotsOf(input, kind),
      filter: all(["in", ["get", "id"], ["literal", [...input.chosen]]]),
      layout: { "line-join": "round" as const },
    };
    return [
      {
        id: `chosen-${kind.code}-casing`,
        type: "line",
        ...place,
        paint: { "line-color": "#ffffff", "line-width": 6 },
      },
      { id: `chosen-${kind.code}`, type: "line", ...place, paint: { "line-color": ACCENT, "line-width": 3 } },
    ];
  });
}

/** Labels of lots; those of roads, the most and the least asked for, only where there is room. */
export function lotLabels(input: StyleInput, font: string[]): LayerSpecification[] {
  const road = inGroup(input.legend, "transport");
  return drawnKinds(input.kinds).flatMap((kind): LayerSpecification[] => {
    const place = lotsOf(input, kind, "zone_labels");
    const first = Math.max(place.minzoom, kind.zoom_max - 0.5);
    const look = {
      layout: { "text-field": ["get", "label"], "text-font": font, "text-size": 11.5, "text-padding": 6 },
      paint: { "text-color": INK, "text-halo-color": "rgba(255,255,255,0.85)", "text-halo-width": 1.2 },
    } as const;
    const on = ofKind(kind.code, input.on);
    return [
      {
        id: `labels-${kind.code}-roads`,
        type: "symbol",
        ...place,
        minzoom: first + 2,
        filter: all(on, road),
        ...look,
      },
      {
        id: `labels-${kind.code}`,
        type: "symbol",
        ...place,
        minzoom: first,
        filter: all(on, ["!", road]),
        ...look,
      },
    ] as unknown as LayerSpecification[];
  });
}

export function planNames(input: StyleInput, font: string[]): LayerSpecification[] {
  return [
    {
      id: "outline-names",
      type: "symbol",
      ...placeOf(input, "outlines", 9),
      maxzoom: DETAIL_ZOOM,
      filter: outlined(input.on),
      layout: {
        "text-field": ["get", "name"],
        "text-font": font,
        "text-size": 12.5,
        "text-max-width": 9,
        "text-padding": 12,
      },
      paint: { "text-color": INK, "text-halo-color": "rgba(255,255,255,0.9)", "text-halo-width": 1.6 },
    },
  ];
}
