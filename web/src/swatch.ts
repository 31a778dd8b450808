// A sample of a land-use function as the map draws it: colour and pattern.

import { h } from "./dom.ts";
import type { Look } from "./legend.ts";
import { drawPattern, isPattern, shade, TILE } from "./map/patterns.ts";

const WIDTH = TILE * 2;
const RATIO = 2;

export function drawSwatch(look: Look): HTMLCanvasElement {
  const canvas = h("canvas", {
    class: "swatch",
    width: WIDTH * RATIO,
    height: WIDTH * RATIO,
    "aria-hidden": "true",
  });
  const pen = canvas.getContext("2d");
  if (!pen) return canvas;
  pen.scale(RATIO, RATIO);
  pen.fillStyle = look.colour;
  pen.fillRect(0, 0, WIDTH, WIDTH);
  if (!isPattern(look.pattern)) return canvas;
  for (const [x, y] of [
    [0, 0],
    [TILE, 0],
    [0, TILE],
    [TILE, TILE],
  ] as const) {
    pen.save();
    pen.translate(x, y);
    pen.beginPath();
    pen.rect(0, 0, TILE, TILE);
    pen.clip();
    drawPattern(pen, look.pattern, shade(look.colour, 0.36));
    pen.restore();
  }
  return canvas;
}
