// The search box as an ARIA combobox with a list box. Without script the same form asks /tra-cuu.

import { askSearch, ConnectionError, type Found, ProblemError } from "./api.ts";
import { byId, h } from "./dom.ts";
import type { Words } from "./words.ts";

const WAIT_MS = 220;
const KINDS = ["plan", "place", "zone", "parcel", "coordinate"];

export interface Search {
  readonly setText: (text: string) => void;
}

export function makeSearch(words: Words, onChoose: (found: Found) => void): Search {
  const form = byId<HTMLFormElement>("search");
  const input = byId<HTMLInputElement>("search-input");
  const list = byId("search-results");
  const status = byId("search-status");
  const clear = byId<HTMLButtonElement>("search-clear");
  let results: Found[] = [];
  let active = -1;
  let timer = 0;
  let running: AbortController | null = null;

  const close = (): void => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const mark = (index: number): void => {
    active = index;
    for (const [at, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(at === index));
      if (at === index) option.scrollIntoView({ block: "nearest" });
    }
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `found-${index}`);
  };
  const choose = (index: number): void => {
    const found = results[index];
    if (!found) return;
    input.value = found.title;
    close();
    onChoose(found);
  };
  const say = (text: string): void => {
    status.textContent = text;
    status.hidden = text === "";
  };
  const draw = (text: string): void => {
    list.replaceChildren(...results.map((found, index) => option(found, index, words)));
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(results.length > 0));
    status.classList.toggle("visually-hidden", results.length > 0);
    say(
      results.length
        ? words("ui-search-count", { count: String(results.length) })
        : words("ui-search-none", { query: text }),
    );
    mark(-1);
  };
  const ask = async (text: string, chooseFirst: boolean): Promise<void> => {
    running?.abort();
    const control = new AbortController();
    running = control;
    try {
      results = await askSearch(text, words.lang, control.signal);
      draw(text);
      if (chooseFirst && results.length) choose(0);
    } catch (error) {
      if (control.signal.aborted) return;
      results = [];
      draw(text);
      if (error instanceof ProblemError) say(error.message);
      else if (error instanceof ConnectionError) say(words("ui-search-failed"));
      else throw error;
    }
  };

  input.addEventListener("input", () => {
    const text = input.value.trim();
    clear.hidden = input.value === "";
    clearTimeout(timer);
    if (text.length < 2) {
      running?.abort();
      close();
      say("");
      return;
    }
    timer = window.setTimeout(() => void ask(text, false), WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    const last = results.length - 1;
    if (event.key === "Escape") {
      close();
      say("");
    } else if (list.hidden) {
      if (event.key === "ArrowDown" && results.length) draw(input.value.trim());
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(active + step > last ? 0 : active + step < 0 ? last : active + step);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(active);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const text = input.value.trim();
    if (text) void ask(text, true);
  });
  // A pointer press must not take the focus from the box before the click arrives.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const element = (event.target as Element).closest("[role=option]");
    if (element) choose([...list.children].indexOf(element));
  });
  input.addEventListener("blur", () => {
    close();
    say("");
  });
  clear.addEventListener("click", () => {
    input.value = "";
    input.dispatchEvent(new Event("input"));
    input.focus();
  });
  return {
    setText: (text) => {
      input.value = text;
      clear.hidden = text === "";
    },
  };
}

function option(found: Found, index: number, words: Words): HTMLElement {
  const kind = KINDS.includes(found.kind) ? words(`ui-kind-${found.kind}`) : "";
  const detail = [kind, found.detail].filter(Boolean).join(" · ");
  return h(
    "li",
    { role: "option", id: `found-${index}`, "aria-selected": "false" },
    h("span", { class: "found-title" }, found.title),
    detail && h("span", { class: "found-detail" }, detail),
  );
}
