// The standard's patterns drawn on a canvas: with them colour-blind people, and people before a grey print, can tell
// functions apart. Every pattern repeats seamlessly over a square of TILE pixels.

export const TILE = 16;

export const PATTERNS = [
  "hatch",
  "backhatch",
  "crosshatch",
  "lines",
  "columns",
  "grid",
  "dots",
  "cross",
  "dashes",
  "waves",
  "chevrons",
] as const;
export type Pattern = (typeof PATTERNS)[number];

/** The part of a 2D context that drawing needs, so that tests can listen. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  "beginPath" | "moveTo" | "lineTo" | "arc" | "stroke" | "fill" | "bezierCurveTo"
> & { strokeStyle: unknown; fillStyle: unknown; lineWidth: number; lineCap: unknown };

type Segment = readonly [x1: number, y1: number, x2: number, y2: number];
const T = TILE;
const HALF = T / 2;

// Diagonals are drawn thrice, so that their ends are not cut at the corners of the square.
const HATCH: Segment[] = [-T, 0, T].map((shift) => [shift, T, shift + T, 0]);
const BACKHATCH: Segment[] = [-T, 0, T].map((shift) => [shift, 0, shift + T, T]);

const STROKES: Readonly<Record<Exclude<Pattern, "dots" | "waves">, readonly Segment[]>> = {
  hatch: HATCH,
  backhatch: BACKHATCH,
  crosshatch: [...HATCH, ...BACKHATCH],
  lines: [
    [0, HALF / 2, T, HALF / 2],
    [0, HALF * 1.5, T, HALF * 1.5],
  ],
  columns: [
    [HALF / 2, 0, HALF / 2, T],
    [HALF * 1.5, 0, HALF * 1.5, T],
  ],
  grid: [
    [0, HALF, T, HALF],
    [HALF, 0, HALF, T],
  ],
  cross: [
    [HALF, 4.5, HALF, 11.5],
    [4.5, HALF, 11.5, HALF],
  ],
  dashes: [
    [1, HALF / 2, 7, HALF / 2],
    [9, HALF * 1.5, 15, HALF * 1.5],
  ],
  chevrons: [
    [2, 10.5, HALF, 5.5],
    [HALF, 5.5, 14, 10.5],
  ],
};

export function isPattern(name: string): name is Pattern {
  return (PATTERNS as readonly string[]).includes(name);
}

/** Draws one square of a pattern in the pen's units of pixels. */
export function drawPattern(pen: Pen, pattern: Pattern, colour: string): void {
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = 1.25;
  pen.lineCap = "butt";
  pen.beginPath();
  if (pattern === "dots") {
    for (const [x, y] of [
      [4, 4],
      [12, 12],
    ] as const) {
      pen.moveTo(x, y);
      pen.arc(x, y, 1.6, 0, 2 * Math.PI);
    }
    pen.fill();
    return;
  }
  if (pattern === "waves") {
    for (const y of [4, 12]) {
      pen.moveTo(0, y);
      pen.bezierCurveTo(4, y - 4, 4, y - 4, HALF, y);
      pen.bezierCurveTo(12, y + 4, 12, y + 4, T, y);
    }
  } else {
    for (const [x1, y1, x2, y2] of STROKES[pattern]) {
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
    }
  }
  pen.stroke();
}

/** A darker shade of a map colour, for its pattern and its outline. `#rrggbb` in, `rgb(…)` out. */
export function shade(colour: string, strength: number): string {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgb(${parts.map((part) => Math.round(part * (1 - strength))).join(", ")})`;
}

/** The name of the map image of a pattern in the shade of a colour. */
export function imageName(pattern: string, colour: string): string {
  return `${pattern}|${colour}`;
}
