import assert from "node:assert/strict";
import { test } from "node:test";
import { createExpression, featureFilter, validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { legendRows, lookOf, readLegend } from "../src/legend.ts";
import { fillColour, inForce, patternImage, patternImages } from "../src/map/expressions.ts";
import { drawPattern, PATTERNS, type Pen, shade, TILE } from "../src/map/patterns.ts";
import { circle, drawnKinds, type StyleInput } from "../src/map/sources.ts";
import { mapStyle } from "../src/map/style.ts";

const legend = readLegend({
  groups: [
    {
      code: "residential",
      name: "Đất ở",
      colour: "#f7d98c",
      pattern: "none",
      functions: [
        { code: "DAT_O_Nhomnhao", name: "Nhóm nhà ở", colour: "#f7d98c", pattern: "none" },
        { code: "DAT_O_Langxom", name: "Làng xóm", colour: "#d8cd98", pattern: "hatch" },
      ],
    },
    {
      code: "green",
      name: "Cây xanh",
      colour: "#b9df8f",
      pattern: "dots",
      functions: [{ code: "DAT_HTXH_CayxanhCC", name: "Cây xanh", colour: "#b9df8f", pattern: "dots" }],
    },
  ],
});

const kind = (rank: number, zoom_min: number, zoom_max: number) => ({ name: "", rank, zoom_min, zoom_max });
const INPUT: StyleInput = {
  tiles: "http://localhost/tiles/r/plans/{z}/{x}/{y}.mvt",
  layers: {
    zones: [8, 15],
    units: [6, 14],
    outlines: [6, 15],
    restrictions: [10, 15],
    lines: [12, 15],
    parcels: [14, 15],
  },
  extent: [106, 21.2, 107.5, 22.6],
  kinds: {
    detailed: kind(40, 13, 15),
    general: kind(20, 10, 15),
    region: kind(10, 8, 13),
    restriction: kind(50, 10, 15),
    cadastre: kind(60, 14, 15),
  },
  legend,
  on: 20261122,
  opacity: 0.8,
  pending: true,
  restrictions: true,
  chosen: ["qhc@1/A"],
  pick: [106.5, 21.6],
  here: { point: [106.5, 21.6], accuracy: 12 },
  fonts: {
    "Be Vietnam Pro Regular": "http://localhost/a.woff2",
    "Be Vietnam Pro SemiBold": "http://localhost/b.woff2",
  },
};

test("the style is valid by the specification", () => {
  const faults = validateStyleMin(mapStyle(INPUT)).map(({ message }) => message);
  assert.deepEqual(faults, []);
  assert.deepEqual(validateStyleMin(mapStyle({ ...INPUT, legend: { groups: {}, functions: {} } })), []);
});

test("detailed plans lie over general ones, restrictions and parcels draw no lots", () => {
  assert.deepEqual(
    drawnKinds(INPUT.kinds).map(({ code }) => code),
    ["region", "general", "detailed"],
  );
  const ids = mapStyle(INPUT).layers.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.indexOf("zones-general") < ids.indexOf("zones-detailed"));
});

test("a region stays drawn beyond its last zoom, when tiles hold it no deeper", () => {
  const { sources, layers } = mapStyle(INPUT);
  const region = layers.find(({ id }) => id === "zones-region") as { source: string };
  const source = sources[region.source] as { maxzoom: number };
  assert.equal(source.maxzoom, 13);
});

test("lots are drawn on the days they are in force, and not on the last one", () => {
  const { filter } = featureFilter(inForce(20220813) as never, {} as never);
  const on = (vf: number, vt: number, st = "in_force") =>
    filter({ zoom: 14 }, { type: 3, id: 1, properties: { vf, vt, st }, geometry: [] } as never);
  assert.ok(on(20220813, 99999999));
  assert.ok(!on(20220814, 99999999));
  assert.ok(!on(20100101, 20220813));
  assert.ok(on(20100101, 20220814));
  assert.ok(!on(20220813, 99999999, "pending"));
});

function evaluate(expression: unknown, fn: string | undefined): unknown {
  const parsed = createExpression(expression, "layers[0].paint.fill-color");
  if (parsed.result === "error") throw new Error(JSON.stringify(parsed.value));
  return parsed.value.evaluate({ zoom: 14 }, { type: 3, id: 1, properties: { fn }, geometry: [] } as never);
}

test("a lot has its function's colour whatever the case of the code, and a plain one when it is unknown", () => {
  assert.equal(evaluate(fillColour(legend), "DAT_O_NHOMNHAO"), "#f7d98c");
  assert.equal(evaluate(fillColour(legend), "dat_o_langxom"), "#d8cd98");
  assert.equal(evaluate(fillColour(legend), "SOMETHING"), "#dedede");
  assert.equal(evaluate(fillColour(legend), undefined), "#dedede");
});

test("every pattern the style asks for is drawn", () => {
  const images = new Set(patternImages(legend).map(({ name }) => name));
  assert.ok(images.has(String(evaluate(patternImage(legend), "DAT_O_LANGXOM"))));
  assert.equal(evaluate(patternImage(legend), "DAT_O_NHOMNHAO"), "");
});

test("every pattern leaves a mark within its square", () => {
  for (const pattern of PATTERNS) {
    const points: number[] = [];
    let marks = 0;
    const note = (...values: number[]) => void points.push(...values);
    const pen: Pen = {
      strokeStyle: "",
      fillStyle: "",
      lineWidth: 0,
      lineCap: "",
      beginPath: () => undefined,
      moveTo: note,
      lineTo: note,
      arc: (x, y) => note(x, y),
      bezierCurveTo: note,
      stroke: () => void marks++,
      fill: () => void marks++,
    };
    drawPattern(pen, pattern, "#000000");
    assert.equal(marks, 1, pattern);
    assert.ok(
      points.every((value) => value >= -TILE && value <= 2 * TILE),
      pattern,
    );
  }
});

test("a shade is darker and keeps its hue", () => {
  assert.equal(shade("#808080", 0.5), "rgb(64, 64, 64)");
  assert.equal(shade("#ff0000", 0), "rgb(255, 0, 0)");
});

test("the circle of a phone's accuracy has that radius", () => {
  const [ring = []] = circle({ point: [106.5, 21.6], accuracy: 100 }).geometry.coordinates;
  assert.deepEqual(ring[0], ring.at(-1));
  for (const [lon = 0, lat = 0] of ring) {
    const north = (lat - 21.6) * 111_320;
    const east = (lon - 106.5) * 111_320 * Math.cos((21.6 * Math.PI) / 180);
    assert.ok(Math.abs(Math.hypot(north, east) - 100) < 0.5);
  }
});

test("the legend lists what is seen once, in the standard's order", () => {
  const rows = legendRows(legend, ["DAT_HTXH_CAYXANHCC", "", "dat_o_langxom", "DAT_O_Nhomnhao", "UNKNOWN"]);
  assert.deepEqual(
    rows.map(({ name }) => name),
    ["Nhóm nhà ở", "Làng xóm", "Cây xanh"],
  );
  assert.equal(lookOf(legend, "UNKNOWN", "green")?.colour, "#b9df8f");
  assert.equal(lookOf(legend, "UNKNOWN", "nothing"), null);
});
