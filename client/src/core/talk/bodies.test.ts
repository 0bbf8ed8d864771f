// What a stranger's device may say, and what is shown of the rest.

import { expect, test } from "vitest";

import { MAX_LASTS } from "../limits.ts";
import { envelope } from "../testing/envelopes.ts";
import { bodyOf, bodyOfPlain, checkBody, plainOf } from "./bodies.ts";

const UNKNOWN = { t: "unknown", type: "text" };

test.each([
  [{ t: "text", text: "tea", lasts: 1 }],
  [{ t: "text", text: "tea", lasts: MAX_LASTS }],
  [{ t: "timer", lasts: 0 }],
  [{ t: "timer", lasts: 604_800, again: true }],
])("%j is understood", (body) => {
  expect(bodyOf(body, "text")).toEqual(body);
});

test.each([
  [{ t: "text", text: "tea", lasts: 0 }],
  [{ t: "text", text: "tea", lasts: -1 }],
  [{ t: "text", text: "tea", lasts: 1.5 }],
  [{ t: "text", text: "tea", lasts: MAX_LASTS + 1 }],
  [{ t: "text", text: "tea", lasts: "60" }],
  [{ t: "timer" }],
  [{ t: "timer", lasts: -1 }],
  [{ t: "timer", lasts: MAX_LASTS + 1 }],
  [{ t: "timer", lasts: 60, again: false }],
  [{ t: "expired" }],
])("%j is from a newer version, or from nobody", (body) => {
  expect(bodyOf(body, "text")).toEqual(UNKNOWN);
});

test("nothing disappears where the server reads along", () => {
  expect(bodyOfPlain(envelope(1, { content: "tea", metadata: { lasts: 60 } }))).toEqual({ t: "text", text: "tea" });
  expect(bodyOfPlain(envelope(1, { type: "timer", metadata: { lasts: 60 } }))).toEqual({ t: "unknown", type: "timer" });
  expect(() => plainOf({ t: "timer", lasts: 60 })).toThrow(TypeError);
  expect(() => checkBody({ t: "expired" })).toThrow(TypeError);
});
