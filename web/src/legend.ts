// The standard's colours and patterns, as the server gives them.

export interface Look {
  readonly name: string;
  readonly colour: string;
  readonly pattern: string;
  readonly order: number;
}

export interface LandUse extends Look {
  readonly group: string;
}

export interface Legend {
  readonly groups: Readonly<Record<string, Look>>;
  /** By code in lower case: codes are compared without case. */
  readonly functions: Readonly<Record<string, LandUse>>;
}

interface Row {
  readonly code: string;
  readonly name: string;
  readonly colour: string;
  readonly pattern: string;
}

/** What `GET /api/v1/legend` answers, as far as the map needs it: groups with their functions, in the standard's order. */
export interface LegendAnswer {
  readonly groups: readonly (Row & { readonly functions: readonly Row[] })[];
}

export function readLegend(answer: LegendAnswer): Legend {
  const groups: Record<string, Look> = {};
  const functions: Record<string, LandUse> = {};
  for (const [order, group] of answer.groups.entries()) {
    groups[group.code] = { name: group.name, colour: group.colour, pattern: group.pattern, order };
    for (const [place, { code, name, colour, pattern }] of group.functions.entries()) {
      functions[code.toLowerCase()] = { name, colour, pattern, order: place, group: group.code };
    }
  }
  return { groups, functions };
}

export function lookOf(legend: Legend, functionCode: string, group: string): Look | null {
  return legend.functions[functionCode.toLowerCase()] ?? legend.groups[group] ?? null;
}

/** What a map shows, as rows of the legend: functions that look and read alike are one row, in the standard's order. */
export function legendRows(legend: Legend, functionCodes: Iterable<string>): Look[] {
  const rows = new Map<string, LandUse>();
  for (const code of functionCodes) {
    const look = legend.functions[code.toLowerCase()];
    if (look) rows.set(`${look.name}|${look.colour}|${look.pattern}`, look);
  }
  return [...rows.values()].sort(
    (a, b) => groupOrder(legend, a) - groupOrder(legend, b) || a.order - b.order,
  );
}

function groupOrder(legend: Legend, look: LandUse): number {
  return legend.groups[look.group]?.order ?? 1000;
}
