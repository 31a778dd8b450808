// The map: everything that needs MapLibre. Loaded after the page can answer, and never needed for an answer.

import latin400 from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-400-normal.woff2?url";
import latin600 from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-600-normal.woff2?url";
import vietnamese400 from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-400-normal.woff2?url";
import vietnamese600 from "@fontsource/be-vietnam-pro/files/be-vietnam-pro-vietnamese-600-normal.woff2?url";
import { Map as MapLibre, type StyleSpecification, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import type { Page } from "../page.ts";
import type { Point } from "../view.ts";
import { patternImages } from "./expressions.ts";
import { drawPattern, isPattern, TILE } from "./patterns.ts";
import { drawnKinds, type StyleInput } from "./sources.ts";
import { mapStyle } from "./style.ts";

export type MapState = Pick<
  StyleInput,
  "on" | "opacity" | "pending" | "restrictions" | "chosen" | "pick" | "here"
>;

export interface MapSetup {
  readonly container: HTMLElement;
  readonly page: Page;
  readonly legend: StyleInput["legend"];
  readonly state: MapState;
  readonly start: { readonly centre: Point; readonly zoom: number } | null;
  /** Pixels that the sheet covers from below. */
  readonly covered: number;
  readonly label: string;
  readonly onPick: (point: Point, byKeyboard: boolean) => void;
  readonly onMove: (centre: Point, zoom: number) => void;
  readonly onSeen: (functions: ReadonlySet<string>) => void;
  readonly onTilesFailed: () => void;
}

export interface PlanMap {
  readonly set: (state: MapState) => void;
  /** Brings a place to the middle of what the sheet leaves free. */
  readonly show: (point: Point, zoom: number | null, coveredBelow: number, smooth?: boolean) => void;
  /** Moves the map only where the sheet would hide the place. */
  readonly reveal: (point: Point, coveredBelow: number) => void;
  readonly showBounds: (bounds: readonly [number, number, number, number], coveredBelow: number) => void;
  readonly zoomBy: (steps: number) => void;
}

const VIETNAMESE = ["U+0102-0103", "U+0110-0111", "U+0128-0129", "U+0168-0169", "U+01A0-01B0", "U+1EA0-1EF9"];
const FONTS: StyleSpecification["font-faces"] = {
  "Be Vietnam Pro Regular": [
    { url: here(vietnamese400), "unicode-range": VIETNAMESE },
    { url: here(latin400), "unicode-range": ["U+0000-00FF", "U+2000-206F"] },
  ],
  "Be Vietnam Pro SemiBold": [
    { url: here(vietnamese600), "unicode-range": VIETNAMESE },
    { url: here(latin600), "unicode-range": ["U+0000-00FF", "U+2000-206F"] },
  ],
};

function here(path: string): string {
  return new URL(path, location.href).href;
}

/** Makes the map; throws where the device has no WebGL 2. */
export function createMap(setup: MapSetup): PlanMap {
  setWorkerUrl(here(workerUrl));
  const { page, legend } = setup;
  let state = setup.state;
  const style = (now: MapState): StyleSpecification =>
    mapStyle({
      ...now,
      tiles: location.origin + page.tiles, // not through URL, which would escape {z}
      layers: page.layers,
      extent: page.extent,
      kinds: page.kinds,
      legend,
      fonts: FONTS,
    });
  const [west, south, east, north] = page.extent;
  const map = new MapLibre({
    container: setup.container,
    style: style(state),
    ...(setup.start
      ? { center: [...setup.start.centre] as [number, number], zoom: setup.start.zoom }
      : { bounds: [west, south, east, north], fitBoundsOptions: { padding: around(setup.covered) } }),
    maxBounds: [west - 0.6, south - 0.6, east + 0.6, north + 0.6],
    minZoom: 6,
    maxZoom: 20,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: reducedMotion() ? 0 : 200,
    locale: { "Map.Title": setup.label },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  addPatterns(map, legend);
  listen(map, setup);
  const motion = { animate: !reducedMotion(), duration: 500 };
  return {
    set: (next) => {
      state = next;
      map.setStyle(style(state), { diff: true });
    },
    show: (point, zoom, coveredBelow, smooth = true) => {
      const to = zoom ?? Math.max(map.getZoom(), 15.5);
      const offset: [number, number] = [0, -coveredBelow / 2];
      map.easeTo({ center: [...point], zoom: to, offset, ...(smooth ? motion : { duration: 0 }) });
    },
    reveal: (point, coveredBelow) => {
      const { y } = map.project([...point]);
      const [top, bottom] = [130, map.getContainer().clientHeight - coveredBelow - 40];
      if (coveredBelow && (y < top || y > bottom)) map.panBy([0, y - (top + bottom) / 2], motion);
    },
    showBounds: (bounds, coveredBelow) => {
      map.fitBounds([...bounds], { padding: around(coveredBelow), maxZoom: 17, ...motion });
    },
    zoomBy: (steps) => map.easeTo({ zoom: map.getZoom() + steps, ...motion }),
  };
}

/** What must stay free around a fitted view: on a phone the search box above and the sheet below. */
function around(coveredBelow: number): { top: number; left: number; right: number; bottom: number } {
  return { top: coveredBelow ? 124 : 24, left: 16, right: 16, bottom: coveredBelow + 16 };
}

function listen(map: MapLibre, setup: MapSetup): void {
  map.on("click", (event) => setup.onPick([event.lngLat.lng, event.lngLat.lat], false));
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const { lng, lat } = map.getCenter();
    setup.onPick([lng, lat], true);
  });
  map.on("moveend", () => {
    const { lng, lat } = map.getCenter();
    setup.onMove([lng, lat], map.getZoom());
  });
  const drawn = drawnKinds(setup.page.kinds).flatMap(({ code }) => [`zones-${code}`, `pending-${code}`]);
  map.on("idle", () => {
    const features = map.queryRenderedFeatures({ layers: drawn.filter((id) => map.getLayer(id)) });
    setup.onSeen(new Set(features.map((feature) => String(feature.properties.fn ?? ""))));
    setup.container.dataset.idle = "true";
  });
  map.on("movestart", () => {
    setup.container.dataset.idle = "false";
  });
  map.on("error", () => setup.onTilesFailed());
}

/** Draws the standard's patterns once; they stay when the style changes. */
function addPatterns(map: MapLibre, legend: StyleInput["legend"]): void {
  const ratio = Math.min(2, Math.ceil(window.devicePixelRatio || 1));
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = TILE * ratio;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) return;
  pen.scale(ratio, ratio);
  map.on("style.load", () => {
    for (const { name, pattern, colour } of patternImages(legend)) {
      if (map.hasImage(name) || !isPattern(pattern)) continue;
      pen.clearRect(0, 0, TILE, TILE);
      drawPattern(pen, pattern, colour);
      map.addImage(name, pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: ratio });
    }
  });
}

function reducedMotion(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
