import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dayBefore,
  formatDate,
  formatDistance,
  formatNumber,
  lowerFirst,
  makeWords,
  upperFirst,
} from "../src/words.ts";

test("numbers are grouped and rounded as people of each language write them", () => {
  assert.equal(formatNumber(1234567.85, "vi", 1), "1.234.567,9");
  assert.equal(formatNumber(1234567.85, "en", 1), "1,234,567.9");
  assert.equal(formatNumber(3609, "vi", 1), "3.609");
  assert.equal(formatNumber(430286, "vi", 1, true), "430.286,0");
  assert.equal(formatNumber(0.05, "vi", 1), "0,1");
  assert.equal(formatNumber(999.95, "en", 1), "1,000");
  assert.equal(formatNumber(-0.01, "vi", 1), "0");
  assert.equal(formatNumber(-12.5, "vi", 0), "-13");
  assert.equal(formatNumber(Number.NaN, "vi", 1), "–");
});

test("halves are rounded by what is written, when binary fractions lie below", () => {
  assert.equal(formatNumber(1.005, "en", 2), "1.01");
  assert.equal(formatNumber(2.675, "en", 2), "2.68");
});

test("near distances have decimetres, far ones do not", () => {
  assert.equal(formatDistance(9.96, "vi"), "10");
  assert.equal(formatDistance(3.04, "vi"), "3");
  assert.equal(formatDistance(3.14, "vi"), "3,1");
  assert.equal(formatDistance(12.4, "vi"), "12");
});

test("dates are written in the way of the language", () => {
  assert.equal(formatDate("2022-08-13", "vi"), "13/8/2022");
  assert.equal(formatDate("2022-08-01", "en"), "1 August 2022");
  assert.equal(dayBefore("2024-03-01"), "2024-02-29");
  assert.equal(dayBefore("2027-01-01"), "2026-12-31");
});

test("a sentence keeps a hole visible when a parameter is missing", () => {
  const words = makeWords(
    "vi",
    "2026-11-22",
    { hello: "Chào {name}, {age}" },
    { general: "Quy hoạch chung" },
    {},
  );
  assert.equal(words("hello", { name: "bác {age}" }), "Chào bác {age}, {age}");
  assert.equal(words("unknown-code"), "unknown-code");
  assert.equal(words.kind("general"), "Quy hoạch chung");
  assert.equal(words.kind("other"), "other");
});

test("first letters change but abbreviations do not", () => {
  assert.equal(lowerFirst("Đơn vị ở"), "đơn vị ở");
  assert.equal(lowerFirst("HTKT khác"), "HTKT khác");
  assert.equal(lowerFirst("Y tế"), "y tế");
  assert.equal(upperFirst("xã Chi Lăng"), "Xã Chi Lăng");
  assert.equal(upperFirst(""), "");
});
