import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_OPACITY, dateNumber, formatView, isDate, parseView, type View } from "../src/view.ts";

const EMPTY: View = {
  point: null,
  centre: null,
  zoom: null,
  on: null,
  lang: "vi",
  opacity: DEFAULT_OPACITY,
  pending: false,
};

test("a view comes back whole when it was written into an address", () => {
  const views: View[] = [
    EMPTY,
    { ...EMPTY, point: [106.5783, 21.657] },
    {
      point: [106.578312, 21.657001],
      centre: [106.58, 21.66],
      zoom: 15.25,
      on: "2026-11-22",
      lang: "en",
      opacity: 45,
      pending: true,
    },
    { ...EMPTY, centre: [106.1, 21.2], zoom: 8, opacity: 0 },
  ];
  for (const view of views) assert.deepEqual(parseView(`?${formatView(view)}`, view.lang), view);
});

test("the address stays short when the map is centred on the place", () => {
  const view = {
    ...EMPTY,
    point: [106.5783, 21.657] as const,
    centre: [106.578301, 21.657] as const,
    zoom: 15,
  };
  assert.equal(formatView(view), "lon=106.5783&lat=21.657&zoom=15");
});

test("what makes no sense is left out, when an address was mangled or made up", () => {
  const hostile = [
    "?lon=abc&lat=21",
    "?lon=106",
    "?lon=&lat=",
    "?lon=999&lat=21",
    "?lon=106&lat=-91",
    "?lon=Infinity&lat=NaN",
    "?lon=106%3Cscript%3E&lat=21",
  ];
  for (const search of hostile) assert.deepEqual(parseView(search, "vi"), EMPTY, search);
  assert.equal(parseView("?zoom=99", "vi").zoom, null);
  assert.equal(parseView("?c=1,2,3", "vi").centre?.length, 2);
  assert.equal(parseView("?c=1", "vi").centre, null);
  assert.equal(parseView("?opacity=1000", "vi").opacity, DEFAULT_OPACITY);
});

test("only real dates are dates", () => {
  for (const text of ["2026-11-22", "2024-02-29"]) assert.ok(isDate(text), text);
  for (const text of [null, "", "2026-02-30", "2026-13-01", "22/11/2026", "2026-1-1", "0000-00-00"]) {
    assert.ok(!isDate(text), String(text));
  }
  assert.equal(parseView("?on=2026-02-30", "vi").on, null);
  assert.equal(dateNumber("2026-11-02"), 20261102);
});
