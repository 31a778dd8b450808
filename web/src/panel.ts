// The panel behind the button "Chú giải": what the map shows, and how strongly.

import { byId, h } from "./dom.ts";
import { type Legend, legendRows } from "./legend.ts";
import { drawSwatch } from "./swatch.ts";
import type { Words } from "./words.ts";

export interface Layers {
  readonly opacity: number; // percent
  readonly pending: boolean;
  readonly restrictions: boolean;
}

export interface Panel {
  /** The functions now in view. */
  readonly setSeen: (functions: ReadonlySet<string>) => void;
  readonly setLegend: (legend: Legend) => void;
}

const LINES = ["outline", "not-digitised", "restriction", "pending", "unit"];

export function makePanel(words: Words, start: Layers, onChange: (layers: Layers) => void): Panel {
  const panel = byId("legend");
  const button = byId<HTMLButtonElement>("legend-button");
  const rows = h("ul", { class: "legend-rows" });
  const empty = h("p", { class: "quiet" }, words("ui-legend-empty"));
  let layers = start;
  let legend: Legend | null = null;
  let seen: ReadonlySet<string> = new Set();

  const close = (): void => {
    panel.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.focus();
  };
  const change = (part: Partial<Layers>): void => {
    layers = { ...layers, ...part };
    onChange(layers);
  };
  button.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) panel.querySelector<HTMLElement>("h2")?.focus();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  const closer = h(
    "button",
    { type: "button", class: "icon-button", "aria-label": words("ui-legend-close") },
    "✕",
  );
  closer.addEventListener("click", close);
  panel.append(
    h(
      "div",
      { class: "panel-head" },
      h("h2", { id: "legend-title", tabindex: -1 }, words("ui-legend")),
      closer,
    ),
    h("h3", {}, words("ui-legend-in-view")),
    empty,
    rows,
    h("h3", {}, words("ui-legend-other")),
    h("ul", { class: "legend-rows" }, ...LINES.map((name) => lineRow(name, words))),
    h("h3", {}, words("ui-layers")),
    opacityControl(words, start.opacity, (opacity) => change({ opacity })),
    toggle(words("ui-show-restrictions"), start.restrictions, (restrictions) => change({ restrictions })),
    toggle(words("ui-show-pending"), start.pending, (pending) => change({ pending })),
  );

  const draw = (): void => {
    const looks = legend ? legendRows(legend, seen) : [];
    empty.hidden = looks.length > 0;
    rows.replaceChildren(...looks.map((look) => h("li", {}, drawSwatch(look), h("span", {}, look.name))));
  };
  return {
    setSeen: (functions) => {
      seen = functions;
      draw();
    },
    setLegend: (loaded) => {
      legend = loaded;
      draw();
    },
  };
}

function lineRow(name: string, words: Words): HTMLElement {
  return h(
    "li",
    {},
    h("span", { class: `sample sample-${name}`, "aria-hidden": "true" }),
    h("span", {}, words(`ui-legend-${name}`)),
  );
}

function opacityControl(words: Words, start: number, onChange: (value: number) => void): HTMLElement {
  const input = h("input", { type: "range", id: "opacity", min: 0, max: 100, step: 5, value: start });
  const output = h("output", { for: "opacity" }, words("ui-opacity-value", { value: String(start) }));
  input.addEventListener("input", () => {
    output.textContent = words("ui-opacity-value", { value: input.value });
    onChange(Number(input.value));
  });
  const label = h("label", { for: "opacity" }, words("ui-layer-opacity"), " ", output);
  return h("div", { class: "control" }, label, input);
}

function toggle(text: string, start: boolean, onChange: (on: boolean) => void): HTMLElement {
  const input = h("input", { type: "checkbox", checked: start });
  input.addEventListener("change", () => onChange(input.checked));
  return h("label", { class: "toggle" }, input, h("span", {}, text));
}
