// Filters and colours as expressions of the style language.

import type { ExpressionSpecification, FilterSpecification } from "maplibre-gl";
import type { Legend } from "../legend.ts";
import { imageName, isPattern, shade } from "./patterns.ts";

export const PAPER = "#f5f2eb";
export const INK = "#20303a";
export const ACCENT = "#0b5a6e";
export const QUIET = "#7d7667";
export const WARNING = "#9a3412";
export const UNKNOWN_COLOUR = "#dedede";

export const NOT_DIGITISED = ["backhatch", INK] as const;
export const RESTRICTION = ["dashes", WARNING] as const;

export function all(...filters: unknown[]): FilterSpecification {
  return ["all", ...filters] as unknown as FilterSpecification;
}

/** In force on a day: half-open, as in the registry. */
export function inForce(on: number): FilterSpecification {
  return all(["==", ["get", "st"], "in_force"], ["<=", ["get", "vf"], on], [">", ["get", "vt"], on]);
}

export function ofKind(code: string, on: number): FilterSpecification {
  return all(["==", ["get", "kind"], code], inForce(on));
}

export function pendingOf(code: string): FilterSpecification {
  return all(["==", ["get", "kind"], code], ["==", ["get", "st"], "pending"]);
}

/** Outlines of plans that draw lots: a corridor or a cadastral map has no plan limit to show. */
export function outlined(on: number): FilterSpecification {
  return all(["!", ["in", ["get", "kind"], ["literal", ["restriction", "cadastre"]]]], inForce(on));
}

const FUNCTION = ["downcase", ["coalesce", ["get", "fn"], ""]];

/** A value for each function of the standard, chosen without regard to case. */
export function byFunction(
  codes: readonly string[],
  value: (code: string) => string,
  other: string,
): ExpressionSpecification {
  const groups = new Map<string, string[]>();
  for (const code of codes) groups.set(value(code), [...(groups.get(value(code)) ?? []), code]);
  groups.delete(other);
  if (!groups.size) return ["literal", other] as unknown as ExpressionSpecification;
  const branches = [...groups].flatMap(([result, same]) => [same, result]);
  return ["match", FUNCTION, ...branches, other] as unknown as ExpressionSpecification;
}

function colourOf(legend: Legend, code: string): string {
  return legend.functions[code]?.colour ?? UNKNOWN_COLOUR;
}

export function fillColour(legend: Legend): ExpressionSpecification {
  return byFunction(Object.keys(legend.functions), (code) => colourOf(legend, code), UNKNOWN_COLOUR);
}

export function edgeColour(legend: Legend): ExpressionSpecification {
  const codes = Object.keys(legend.functions);
  return byFunction(codes, (code) => shade(colourOf(legend, code), 0.35), shade(UNKNOWN_COLOUR, 0.35));
}

function patterned(legend: Legend): string[] {
  return Object.keys(legend.functions).filter((code) => isPattern(legend.functions[code]?.pattern ?? ""));
}

export function patternImage(legend: Legend): ExpressionSpecification {
  const image = (code: string) => imageName(legend.functions[code]?.pattern ?? "", colourOf(legend, code));
  return byFunction(patterned(legend), image, "");
}

export function hasPattern(legend: Legend): ExpressionSpecification {
  return ["in", FUNCTION, ["literal", patterned(legend)]] as unknown as ExpressionSpecification;
}

/** Whether a lot's function is in a group. */
export function inGroup(legend: Legend, group: string): ExpressionSpecification {
  const codes = Object.keys(legend.functions).filter((code) => legend.functions[code]?.group === group);
  return ["in", FUNCTION, ["literal", codes]] as unknown as ExpressionSpecification;
}

export interface PatternImage {
  readonly name: string;
  readonly pattern: string;
  readonly colour: string;
}

/** Every pattern image that the style asks for. */
export function patternImages(legend: Legend): PatternImage[] {
  const images = new Map<string, PatternImage>();
  for (const { pattern, colour } of Object.values(legend.functions)) {
    if (!isPattern(pattern)) continue;
    const name = imageName(pattern, colour);
    images.set(name, { name, pattern, colour: shade(colour, 0.36) });
  }
  for (const [pattern, colour] of [NOT_DIGITISED, RESTRICTION]) {
    const name = imageName(pattern, colour);
    images.set(name, { name, pattern, colour });
  }
  return [...images.values()];
}
