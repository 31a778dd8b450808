// Draws an answer's document as elements.

import { h } from "../dom.ts";
import type { AnswerDocument, Card, Row, Section } from "./types.ts";

/** Makes the colour-and-pattern sample of a land-use function. */
export type Swatch = (functionCode: string, group: string) => HTMLElement | null;

/** The answer; the heading takes the focus when the answer was asked for by keyboard. */
export function renderAnswer(answer: AnswerDocument, swatch: Swatch): HTMLElement {
  return h(
    "article",
    { class: "answer" },
    answer.illustrative && h("p", { class: "illustrative" }, answer.illustrative),
    h(
      "header",
      { class: `answer-head tone-${answer.tone}` },
      h("h1", { class: "headline", id: "answer-headline", tabindex: -1 }, answer.headline),
      h("p", { class: "place" }, answer.place),
      h("p", { class: "as-of" }, answer.as_of),
      answer.help && h("p", { class: "help" }, answer.help),
    ),
    answer.alerts.length > 0 &&
      h("ul", { class: "alerts" }, ...answer.alerts.map((alert) => h("li", {}, alert))),
    ...answer.sections.map((section) => renderSection(section, swatch)),
  );
}

function renderSection(section: Section, swatch: Swatch): HTMLElement {
  return h(
    "section",
    { class: `part part-${section.id}`, "aria-labelledby": `part-${section.id}` },
    h("h2", { class: "part-title", id: `part-${section.id}` }, section.heading),
    section.lead && h("p", { class: "lead" }, section.lead),
    ...section.cards.map((card) => renderCard(card, swatch)),
    section.rows.length > 0 && renderRows(section.rows, "facts"),
    ...section.notes.map((note) => h("p", { class: "note" }, note)),
  );
}

function renderCard(card: Card, swatch: Swatch): HTMLElement {
  return h(
    "div",
    { class: "card" },
    h(
      "div",
      { class: "card-head" },
      card.function !== "" && swatch(card.function, card.group),
      h(
        "div",
        {},
        h("h3", { class: "card-title" }, card.title),
        h("p", { class: "tags" }, ...card.tags.map((tag) => h("span", { class: "tag" }, tag))),
      ),
    ),
    card.rows.length > 0 && renderRows(card.rows, "indicators"),
    renderRows(card.facts, "facts"),
    card.links.length > 0 &&
      h(
        "p",
        { class: "links" },
        ...card.links.map(([text, href]) => h("a", { href, target: "_blank", rel: "noopener" }, text)),
      ),
  );
}

function renderRows(rows: readonly Row[], kind: string): HTMLElement {
  return h("dl", { class: kind }, ...rows.map(renderRow));
}

function renderRow(row: Row): HTMLElement {
  return h(
    "div",
    { class: row.state ? `row state-${row.state}` : "row" },
    h("dt", {}, row.term),
    h(
      "dd",
      {},
      row.href ? h("a", { href: row.href }, row.value) : row.value,
      row.help && h("small", {}, row.help),
    ),
  );
}
