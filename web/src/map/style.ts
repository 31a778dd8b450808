// The map's style, made by typed functions from the standard's table of colours. Nothing in it is written by hand per
// function: a new function of the standard, or of a workspace's overlay, is drawn without a change here.

import type { StyleSpecification } from "maplibre-gl";
import { PAPER } from "./expressions.ts";
import { groundLabels, lineLayers, pointLayers, restrictionLayers, unitLayers } from "./ground_layers.ts";
import {
  chosenLayers,
  lotLabels,
  lotLayers,
  outlineLayers,
  pendingLayers,
  planNames,
} from "./plan_layers.ts";
import { type StyleInput, sources } from "./sources.ts";

const REGULAR = ["Be Vietnam Pro Regular"];
const STRONG = ["Be Vietnam Pro SemiBold"];

/** The whole style, from below to above. Equal input gives an equal style, so a change redraws what it touches only. */
export function mapStyle(input: StyleInput): StyleSpecification {
  return {
    version: 8,
    name: "Quy Hoạch",
    "font-faces": input.fonts ?? {},
    sources: sources(input),
    layers: [
      { id: "paper", type: "background", paint: { "background-color": PAPER } },
      ...lotLayers(input),
      ...pendingLayers(input),
      ...lineLayers(input),
      ...restrictionLayers(input),
      ...unitLayers(input),
      ...outlineLayers(input),
      ...chosenLayers(input),
      ...groundLabels(input, REGULAR),
      ...lotLabels(input, REGULAR),
      ...planNames(input, STRONG),
      ...pointLayers(),
    ],
  };
}
