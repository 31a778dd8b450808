// The map page. The answer and the search work before, and without, the map: it is loaded as a part of its own.

import "./styles/base.css";
import "./styles/answer.css";
import "./styles/map.css";
import { compose } from "./answer/document.ts";
import { renderAnswer } from "./answer/render.ts";
import type { Answer } from "./answer/types.ts";
import { askLookup, ConnectionError, type Found, ProblemError } from "./api.ts";
import { byId, h } from "./dom.ts";
import { type Legend, type LegendAnswer, lookOf, readLegend } from "./legend.ts";
import { locate, type Position } from "./locate.ts";
import type { MapState, PlanMap } from "./map/map.ts";
import { type Page, readPage } from "./page.ts";
import { makePanel } from "./panel.ts";
import { makeSearch } from "./search.ts";
import { shareRow } from "./share.ts";
import { makeSheet } from "./sheet.ts";
import { drawSwatch } from "./swatch.ts";
import { dateNumber, formatView, isDate, type Point, parseView, type View } from "./view.ts";
import { formatDate, formatDistance, formatNumber, type Messages, makeWords, type Words } from "./words.ts";

const CATALOGUES: Readonly<Record<string, () => Promise<{ default: Messages }>>> = {
  vi: () => import("./generated/messages.vi.json"),
  en: () => import("./generated/messages.en.json"),
};

async function start(): Promise<void> {
  const page = readPage(document);
  const catalogue = await (CATALOGUES[page.lang] ?? CATALOGUES.vi)?.();
  const kinds = Object.fromEntries(Object.entries(page.kinds).map(([code, kind]) => [code, kind.name]));
  const words = makeWords(page.lang, page.today, catalogue?.default ?? {}, kinds, page.themes);
  makeApp(page, words);
}

function makeApp(page: Page, words: Words): void {
  let view: View = parseView(location.search, page.lang);
  let restrictions = true;
  let chosen: readonly string[] = [];
  let position: Position | null = null;
  let map: PlanMap | null = null;
  let legend: Legend | null = null;
  let running: AbortController | null = null;
  let current: Answer | null = null;

  const on = (): string => view.on ?? page.today;
  const mapState = (): MapState => ({
    on: dateNumber(on()),
    opacity: view.opacity / 100,
    pending: view.pending,
    restrictions,
    chosen,
    pick: view.point,
    here: position,
  });
  const link = (): string => `${location.origin}/?${formatView(view)}`;
  const update = (part: Partial<View>): void => {
    view = { ...view, ...part };
    const query = formatView(view);
    history.replaceState(null, "", query ? `/?${query}` : "/");
    byId<HTMLAnchorElement>("language").href =
      `/?${formatView({ ...view, lang: page.lang === "vi" ? "en" : "vi" })}`;
  };
  const redraw = (): void => map?.set(mapState());

  const sheet = makeSheet(words, () => undefined);
  const live = byId("live");
  const panel = makePanel(words, { ...view, restrictions }, (layers) => {
    restrictions = layers.restrictions;
    update({ opacity: layers.opacity, pending: layers.pending });
    redraw();
  });

  const ask = async (point: Point, how: { focus?: boolean; move?: boolean }): Promise<void> => {
    running?.abort();
    const control = new AbortController();
    running = control;
    update({ point });
    chosen = [];
    current = null;
    redraw();
    sheet.show(h("h1", { class: "busy" }, words("ui-loading")), true);
    if (how.move) map?.show(point, null, sheet.covered());
    else map?.reveal(point, sheet.covered());
    try {
      const answer = await askLookup(point, on(), page.lang, control.signal);
      current = answer;
      chosen = answer.zones.map((zone) => zone.zone_id);
      sheet.show(answerView(answer), true);
      if (how.focus) byId("answer-headline").focus();
      redraw();
    } catch (error) {
      if (control.signal.aborted) return;
      if (!(error instanceof ProblemError || error instanceof ConnectionError)) throw error;
      const text = error instanceof ProblemError ? error.message : words("ui-offline");
      sheet.show(
        failure(text, words, () => void ask(point, how)),
        true,
      );
      live.textContent = text;
    }
  };

  const answerView = (answer: Answer): Node => {
    const composed = compose(answer, words);
    live.textContent = `${composed.headline}. ${composed.place}`;
    document.title = `${composed.headline} – ${words("ui-brand")}`;
    const drawn = renderAnswer(composed, (code, group) => {
      const look = legend && lookOf(legend, code, group);
      return look ? drawSwatch(look) : null;
    });
    const near = position && positionNotes(answer, position, words);
    const head = drawn.querySelector(".answer-head");
    if (near) head?.append(...near.map((text) => h("p", { class: "position" }, text)));
    head?.after(shareRow(words, link, textLink(view, on()), composed.headline));
    return drawn;
  };

  const go = (found: Found): void => {
    if (found.bounds && !found.point) map?.showBounds(found.bounds, sheet.covered());
    else if (found.bounds && ["plan", "place"].includes(found.kind))
      map?.showBounds(found.bounds, sheet.covered());
    if (found.point) void ask(found.point, { focus: true, move: !found.bounds || found.kind === "zone" });
  };
  makeSearch(words, go);
  byId("sheet-body").addEventListener("click", (event) => {
    const bounds = (event.target as Element).closest<HTMLElement>("[data-bounds]")?.dataset.bounds;
    if (!bounds || !map) return;
    event.preventDefault();
    map.showBounds(bounds.split(",").map(Number) as [number, number, number, number], sheet.covered());
  });

  const dateInput = byId<HTMLInputElement>("on");
  const today = byId<HTMLButtonElement>("on-today");
  const showDate = (): void => {
    dateInput.value = on();
    byId("on-text").textContent = formatDate(on(), page.lang);
    today.hidden = view.on === null;
  };
  const setDate = (value: string | null): void => {
    update({ on: value });
    showDate();
    redraw();
    if (view.point) void ask(view.point, {});
  };
  showDate();
  let picked = false; // from the browser's calendar, not typed
  dateInput.addEventListener("keydown", () => {
    picked = false;
  });
  dateInput.addEventListener("click", () => {
    picked = true;
    try {
      dateInput.showPicker();
    } catch {
      // The browser keeps its picker for itself (an embedded page): the box can still be typed in.
    }
  });
  dateInput.addEventListener("change", () => {
    if (picked) dateInput.blur(); // so that the date is seen as the page writes it
    if (isDate(dateInput.value)) setDate(dateInput.value === page.today ? null : dateInput.value);
  });
  today.addEventListener("click", () => setDate(null));

  const hint = byId("map-hint");
  const say = (text: string): void => {
    hint.textContent = text;
    hint.hidden = text === "";
  };
  byId("locate").addEventListener("click", async () => {
    say(words("ui-locate-busy"));
    const result = await locate();
    if (typeof result === "string") return say(words(result));
    const [west, south, east, north] = page.extent;
    const [lon, lat] = result.point;
    if (lon < west || lon > east || lat < south || lat > north) return say(words("ui-locate-outside"));
    position = result;
    say("");
    await ask(result.point, { move: true, focus: false });
  });
  byId("zoom-in").addEventListener("click", () => map?.zoomBy(1));
  byId("zoom-out").addEventListener("click", () => map?.zoomBy(-1));

  update({});
  if (view.point) void ask(view.point, {});
  void loadMap();

  async function loadMap(): Promise<void> {
    const note = byId("map-note");
    try {
      const [loaded, { createMap }] = await Promise.all([
        fetch(page.legend).then(async (response) => readLegend((await response.json()) as LegendAnswer)),
        import("./map/map.ts"),
        import("./styles/fonts.css"),
      ]);
      legend = loaded;
      panel.setLegend(loaded);
      if (current) sheet.show(answerView(current), false); // now with its samples of colour
      const centre = view.centre ?? view.point;
      map = createMap({
        container: byId("map"),
        page,
        legend: loaded,
        state: mapState(),
        start: centre ? { centre, zoom: view.zoom ?? 15.5 } : null,
        covered: sheet.covered(),
        label: words("ui-map-label"),
        onPick: (point, byKeyboard) => {
          position = null;
          void ask(point, { focus: byKeyboard });
        },
        onMove: (middle, zoom) => update({ centre: middle, zoom }),
        onSeen: panel.setSeen,
        onTilesFailed: () => say(words("ui-map-damaged")),
      });
      if (view.point && !view.centre) map.show(view.point, view.zoom ?? 15.5, sheet.covered(), false);
      note.hidden = true;
      document.documentElement.classList.add("has-map");
    } catch (error) {
      console.warn(error);
      note.replaceChildren(
        h("span", {}, words("ui-map-failed")),
        h("a", { class: "button", href: textLink(view, on()) }, words("ui-map-failed-link")),
      );
      document.documentElement.classList.add("no-map");
    }
  }
}

/** The same question on the page without a map. */
function textLink(view: View, on: string): string {
  const query = new URLSearchParams();
  if (view.point) {
    query.set("lon", String(view.point[0]));
    query.set("lat", String(view.point[1]));
    query.set("on", on);
  }
  if (view.lang !== "vi") query.set("lang", view.lang);
  return `/tra-cuu?${query}`;
}

function failure(text: string, words: Words, retry: () => void): HTMLElement {
  const button = h("button", { type: "button", class: "button" }, words("ui-retry"));
  button.addEventListener("click", retry);
  return h("div", { class: "failure" }, h("h1", {}, text), button);
}

/** How far the phone's own position can be trusted here, beside the drawing's edge. */
function positionNotes(answer: Answer, position: Position, words: Words): string[] {
  const accuracy = formatNumber(position.accuracy, words.lang, 0);
  const edges = answer.zones.flatMap((zone) => zone.edge_distance_m ?? []);
  const edge = Math.min(...edges);
  if (edges.length && edge < position.accuracy) {
    return [words("ui-locate-near", { accuracy, distance: formatDistance(edge, words.lang) })];
  }
  return [words("ui-locate-accuracy", { accuracy })];
}

void start();
