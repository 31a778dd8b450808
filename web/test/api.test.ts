import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { askLookup, ConnectionError, lookupUrl, ProblemError, readResults } from "../src/api.ts";

const real = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = real;
});

function answerWith(status: number, body: string): void {
  globalThis.fetch = async () => new Response(body, { status });
}

const ask = () => askLookup([106.5, 21.6], "2026-11-22", "vi", new AbortController().signal);

test("the question holds place, date and language", () => {
  assert.equal(
    lookupUrl([106.5783, 21.657], "2026-11-22", "en"),
    "/api/v1/lookup?lon=106.5783&lat=21.657&on=2026-11-22&lang=en",
  );
});

test("people read the server's own words when it refuses", async () => {
  answerWith(422, '{"title": "Không được", "detail": "Điểm ở ngoài tỉnh."}');
  await assert.rejects(
    ask,
    (error: Error) => error instanceof ProblemError && error.message === "Điểm ở ngoài tỉnh.",
  );
});

test("a fault of the server or of the network is one kind of trouble", async () => {
  answerWith(500, '{"detail": "internal"}');
  await assert.rejects(ask, ConnectionError);
  answerWith(200, "<html>a hotel's login page</html>");
  await assert.rejects(ask, ConnectionError);
  globalThis.fetch = async () => {
    throw new TypeError("network");
  };
  await assert.rejects(ask, ConnectionError);
});

test("an answer is given as it is", async () => {
  answerWith(200, '{"on": "2026-11-22"}');
  assert.equal((await ask()).on, "2026-11-22");
});

test("results are read whether they have a place, a box or neither", () => {
  const results = readResults({
    results: [
      { kind: "place", title: "xã Chi Lăng", lon: 106.5, lat: 21.6, bbox: [106.4, 21.5, 106.6, 21.7] },
      { kind: "plan", name: "Quy hoạch chung" },
      { kind: 7, title: null, lon: "106", bbox: [1, 2] },
    ],
  });
  assert.deepEqual(results[0]?.point, [106.5, 21.6]);
  assert.deepEqual(results[0]?.bounds, [106.4, 21.5, 106.6, 21.7]);
  assert.equal(results[1]?.title, "Quy hoạch chung");
  assert.deepEqual(results[2], { kind: "", title: "", detail: "", point: null, bounds: null });
  assert.deepEqual(readResults(null), []);
});
