// The answer as the API gives it (docs/reference/schemas.md §4) and the document made of it.

export interface Decision {
  readonly number?: string;
  readonly date?: string | null;
  readonly authority?: string | null;
  readonly document?: string | null;
}

export interface Scan {
  readonly url?: string;
  readonly document?: string;
  readonly title?: string;
}

export interface PlanItem {
  readonly plan_id: string;
  readonly plan_name: string;
  readonly version: number;
  readonly kind: string;
  readonly scale?: number | null;
  readonly decision?: Decision | null;
  readonly status: string;
  readonly valid_from?: string | null;
  readonly valid_to?: string | null;
  readonly attested?: boolean;
  readonly illustrative?: boolean;
  readonly accuracy_m?: number | null;
  readonly edge_distance_m?: number | null;
  readonly document?: string | null;
  readonly scans?: readonly (Scan | string)[];
}

export interface Zone extends PlanItem {
  readonly zone_id: string;
  readonly label?: string | null;
  readonly function?: { readonly code: string; readonly name: string; readonly group?: string } | null;
  readonly indicators?: Readonly<Record<string, { readonly raw?: string | null } | null>> | null;
  readonly area_m2?: number | null;
  readonly withheld?: boolean;
  readonly change?: string;
}

export interface Restriction extends PlanItem {
  readonly restriction_id: string;
  readonly theme: string;
  readonly name?: string | null;
  readonly category?: string | null;
  readonly rule?: string | null;
}

export interface Answer {
  readonly at: {
    readonly lon: number;
    readonly lat: number;
    readonly vn2000?: { readonly epsg: number; readonly north: number; readonly east: number } | null;
  };
  readonly on: string;
  readonly release: string;
  readonly unit?: { readonly name: string; readonly former?: readonly string[] } | null;
  readonly zones: readonly Zone[];
  readonly restrictions: readonly Restriction[];
  readonly themes: Readonly<Record<string, string>>;
  readonly pending: readonly Zone[];
  readonly not_digitised: readonly PlanItem[];
  readonly parcels?: readonly {
    readonly sheet: string | number;
    readonly lot: string | number;
    readonly area_m2: number;
  }[];
  readonly conflicts: readonly { readonly code: string; readonly zones: readonly string[] }[];
  readonly ask?: Readonly<Partial<Record<"office" | "phone" | "email" | "address", string | null>>> | null;
  readonly note?: string | null;
}

export interface Row {
  readonly term: string;
  readonly value: string;
  readonly help: string;
  readonly href: string;
  readonly state: string;
}

export interface Card {
  readonly id: string;
  readonly title: string;
  readonly function: string;
  readonly group: string;
  readonly tags: readonly string[];
  readonly rows: readonly Row[];
  readonly facts: readonly Row[];
  readonly links: readonly (readonly [text: string, address: string])[];
}

export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly lead: string;
  readonly cards: readonly Card[];
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

export interface AnswerDocument {
  readonly headline: string;
  readonly tone: string;
  readonly help: string;
  readonly place: string;
  readonly as_of: string;
  readonly illustrative: string;
  readonly alerts: readonly string[];
  readonly sections: readonly Section[];
}
