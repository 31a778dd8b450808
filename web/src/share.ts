// Handing the view on: the system's share sheet where there is one, and a link to copy.

import { h } from "./dom.ts";
import type { Words } from "./words.ts";

/** The row of buttons under an answer. `link` is read at the press: the map may have moved since. */
export function shareRow(words: Words, link: () => string, textLink: string, title: string): HTMLElement {
  const said = h("p", { class: "share-said", role: "status" });
  const copy = h("button", { type: "button", class: "button" }, words("ui-copy"));
  copy.addEventListener("click", () => void copyLink(link(), words, said));
  const row = h("div", { class: "share-buttons" });
  if (typeof navigator.share === "function") {
    const share = h("button", { type: "button", class: "button primary" }, words("ui-share"));
    share.addEventListener("click", () => {
      // Closing the system's sheet rejects the promise: that is no fault to tell.
      navigator.share({ title, url: link() }).catch(() => undefined);
    });
    row.append(share);
  }
  row.append(copy, h("a", { class: "button", href: textLink }, words("ui-text-version")));
  return h("div", { class: "share" }, row, said);
}

async function copyLink(link: string, words: Words, said: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(link);
    said.textContent = words("ui-copied");
  } catch {
    // No permission, or a page not served over HTTPS: the person copies it.
    const box = h("input", {
      type: "text",
      readonly: true,
      value: link,
      "aria-label": words("ui-copy-manual"),
    });
    said.replaceChildren(h("span", {}, words("ui-copy-manual")), box);
    box.select();
  }
}
