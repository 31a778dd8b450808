// The sheet that holds the answer: at the bottom of a phone with a handle to drag, a panel at the side of a desk screen.

import { byId } from "./dom.ts";
import type { Words } from "./words.ts";

type Stop = "peek" | "half" | "full";

const WIDE = matchMedia("(min-width: 900px)");
const PEEK_REM = 9.5;
const HALF = 0.56;

export interface Sheet {
  /** Shows new content from its top; raises the sheet to half where it lies lower. */
  readonly show: (content: Node, raise: boolean) => void;
  /** Height in pixels by which the sheet covers the map from below. */
  readonly covered: () => number;
}

export function makeSheet(words: Words, onResize: () => void): Sheet {
  const sheet = byId("sheet");
  const body = byId("sheet-body");
  const handle = byId<HTMLButtonElement>("sheet-handle");
  let stop: Stop = "peek";

  const settle = (next: Stop): void => {
    stop = next;
    sheet.dataset.stop = next;
    sheet.style.removeProperty("--drag");
    handle.setAttribute("aria-expanded", String(next !== "peek"));
    handle.setAttribute("aria-label", words(next === "full" ? "ui-sheet-collapse" : "ui-sheet-expand"));
    document.documentElement.style.setProperty("--sheet", `${heightOf(next)}px`);
    onResize();
  };

  handle.addEventListener("click", () => {
    if (!dragged) settle(stop === "peek" ? "half" : stop === "half" ? "full" : "peek");
  });
  let dragged = false;
  handle.addEventListener("pointerdown", (down) => {
    if (WIDE.matches) return;
    const start = sheet.getBoundingClientRect().height;
    dragged = false;
    handle.setPointerCapture(down.pointerId);
    const move = (event: PointerEvent): void => {
      const lifted = down.clientY - event.clientY;
      if (Math.abs(lifted) > 6) dragged = true;
      if (dragged) sheet.style.setProperty("--drag", `${Math.max(64, start + lifted)}px`);
    };
    const end = (event: PointerEvent): void => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", end);
      handle.removeEventListener("pointercancel", end);
      if (dragged) settle(nearest(start + down.clientY - event.clientY, down.clientY - event.clientY));
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
  });
  WIDE.addEventListener("change", () => settle(stop));
  addEventListener("resize", () => settle(stop));
  settle("peek");

  return {
    show: (content, raise) => {
      body.replaceChildren(content);
      body.scrollTop = 0;
      if (raise && stop === "peek") settle("half");
    },
    covered: () => (WIDE.matches ? 0 : heightOf(stop)),
  };
}

function heightOf(stop: Stop): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  if (stop === "peek") return PEEK_REM * rem;
  return stop === "half" ? HALF * innerHeight : innerHeight - 4.4 * rem;
}

/** The stop a dragged sheet falls to: the nearest one, but a clear flick always moves it. */
function nearest(height: number, lifted: number): Stop {
  const stops: Stop[] = ["peek", "half", "full"];
  const distance = (stop: Stop) => Math.abs(heightOf(stop) - height - Math.sign(lifted) * 40);
  return stops.reduce((best, stop) => (distance(stop) < distance(best) ? stop : best));
}
