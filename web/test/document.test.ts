import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { compose } from "../src/answer/document.ts";
import type { Answer } from "../src/answer/types.ts";
import { type Lang, type Messages, makeWords } from "../src/words.ts";

const VECTORS = new URL("../../tests/portal/vectors/", import.meta.url);
const GENERATED = new URL("../src/generated/", import.meta.url);

interface Vector {
  readonly lang: Lang;
  readonly today: string;
  readonly kinds: Record<string, string>;
  readonly themes: Record<string, string>;
  readonly answer: Answer;
  readonly document: unknown;
}

function read<T>(url: URL): T {
  return JSON.parse(readFileSync(url, "utf8")) as T;
}

function composed(vector: Vector): unknown {
  const messages = read<Messages>(new URL(`messages.${vector.lang}.json`, GENERATED));
  const words = makeWords(vector.lang, vector.today, messages, vector.kinds, vector.themes);
  return JSON.parse(JSON.stringify(compose(vector.answer, words)));
}

const names = readdirSync(VECTORS).filter((name) => name.endsWith(".json"));

test("there are vectors", () => assert.ok(names.length >= 15));

for (const name of names) {
  test(`the page says the same as the server when the answer is ${name}`, () => {
    const vector = read<Vector>(new URL(name, VECTORS));
    assert.deepEqual(composed(vector), vector.document);
  });
}

test("no sentence promises a building, when all vectors are read", () => {
  for (const name of names) {
    const text = JSON.stringify(composed(read<Vector>(new URL(name, VECTORS))));
    assert.doesNotMatch(text, /được xây/i);
    assert.doesNotMatch(text, /answer-[a-z]/, "a message is missing");
  }
});
