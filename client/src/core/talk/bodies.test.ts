// What a stranger's device may say, and what is shown of the rest.

import { expect, test } from "vitest";

import { ApiError } from "../errors.ts";
import { EVERYONE, MAX_LASTS, MAX_MENTION, MAX_MENTIONS } from "../limits.ts";
import { envelope, THEM } from "../testing/envelopes.ts";
import { bodyOf, bodyOfPlain, checkBody, plainOf } from "./bodies.ts";

const of = { senderId: THEM, clientId: "c1" };
const UNKNOWN = { t: "unknown", type: "text" };

test.each([
  [{ t: "text", text: "tea", lasts: 1 }],
  [{ t: "text", text: "tea", lasts: MAX_LASTS }],
  [{ t: "text", text: "@Ravi", mentions: [{ id: THEM, at: 0, length: 5 }] }],
  [{ t: "text", text: "@all", mentions: [{ id: EVERYONE, at: 0, length: 4 }] }],
  [{ t: "edit", of, text: "@Ravi", mentions: [{ id: THEM, at: 0, length: 5 }] }],
  [{ t: "text", text: "tea", mentions: Array.from({ length: MAX_MENTIONS }, () => ({ id: THEM, at: 9, length: MAX_MENTION })) }],
  [{ t: "timer", lasts: 0 }],
  [{ t: "timer", lasts: 604_800, again: true }],
  [{ t: "picture", image: "" }],
  [{ t: "picture", image: "UklGRgAA" }],
  [{ t: "picture", image: "/9j/4AAQSkZJRg==", again: true }],
  [{ t: "picture", image: `UklGR${"A".repeat(27_001)}` }],
  [{ t: "poll", question: "When?", options: ["four", "five"] }],
  [{ t: "poll", question: "When?", options: Array.from({ length: 10 }, (_, place) => `${place}`), several: true, lasts: 60 }],
  [{ t: "vote", of, choices: [] }],
  [{ t: "vote", of, choices: [9, 0] }],
  [{ t: "close", of }],
])("%j is understood", (body) => {
  expect(bodyOf(body, "text")).toEqual(body);
});

test.each([
  [{ t: "text", text: "tea", lasts: 0 }],
  [{ t: "text", text: "tea", lasts: -1 }],
  [{ t: "text", text: "tea", lasts: 1.5 }],
  [{ t: "text", text: "tea", lasts: MAX_LASTS + 1 }],
  [{ t: "text", text: "tea", lasts: "60" }],
  [{ t: "text", text: "@Ravi", mentions: [{ id: "r", at: 0, length: 5 }] }],
  [{ t: "text", text: "@Ravi", mentions: [{ id: THEM, at: -1, length: 5 }] }],
  [{ t: "text", text: "@Ravi", mentions: [{ id: THEM, at: 0.5, length: 5 }] }],
  [{ t: "text", text: "@Ravi", mentions: [{ id: THEM, at: 0, length: 1 }] }],
  [{ t: "text", text: "@Ravi", mentions: [{ id: THEM, at: 0, length: MAX_MENTION + 1 }] }],
  [{ t: "text", text: "@Ravi", mentions: [{ id: THEM, length: 5 }] }],
  [{ t: "text", text: "tea", mentions: Array.from({ length: MAX_MENTIONS + 1 }, () => ({ id: THEM, at: 0, length: 5 })) }],
  [{ t: "timer" }],
  [{ t: "timer", lasts: -1 }],
  [{ t: "timer", lasts: MAX_LASTS + 1 }],
  [{ t: "timer", lasts: 60, again: false }],
  [{ t: "picture" }],
  [{ t: "picture", image: "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=" }],
  [{ t: "picture", image: "R0lGODlh" }],
  [{ t: "picture", image: "iVBORw0KGgoA" }],
  [{ t: "picture", image: 'UklGRg" onerror="' }],
  [{ t: "picture", image: "https://example.org/a.webp" }],
  [{ t: "picture", image: `UklGR${"A".repeat(27_400)}` }],
  [{ t: "picture", image: "UklGRgAA", again: false }],
  [{ t: "expired" }],
  [{ t: "poll", question: " ", options: ["four", "five"] }],
  [{ t: "poll", question: "x".repeat(301), options: ["four", "five"] }],
  [{ t: "poll", question: `When?${" ".repeat(900)}`, options: ["four", "five"] }],
  [{ t: "poll", question: "When?", options: ["four"] }],
  [{ t: "poll", question: "When?", options: ["four", ""] }],
  [{ t: "poll", question: "When?", options: ["four", "x".repeat(81)] }],
  [{ t: "poll", question: "When?", options: Array.from({ length: 11 }, (_, place) => `${place}`) }],
  [{ t: "poll", question: "When?", options: ["four", "five"], several: "yes" }],
  [{ t: "vote", of, choices: [10] }],
  [{ t: "vote", of, choices: [-1] }],
  [{ t: "vote", of, choices: [0.5] }],
  [{ t: "vote", of, choices: Array.from({ length: 11 }, () => 0) }],
  [{ t: "vote", of: { senderId: "me", clientId: "c1" }, choices: [0] }],
  [{ t: "close" }],
])("%j is from a newer version, or from nobody", (body) => {
  expect(bodyOf(body, "text")).toEqual(UNKNOWN);
});

test("nothing disappears where the server reads along", () => {
  expect(bodyOfPlain(envelope(1, { content: "tea", metadata: { lasts: 60 } }))).toEqual({ t: "text", text: "tea" });
  expect(bodyOfPlain(envelope(1, { type: "timer", metadata: { lasts: 60 } }))).toEqual({ t: "unknown", type: "timer" });
  expect(() => plainOf({ t: "timer", lasts: 60 })).toThrow(TypeError);
  expect(() => checkBody({ t: "expired" })).toThrow(TypeError);
});

test("a poll travels in clear, too, and a program that knows only texts finds the question", () => {
  const poll = { t: "poll" as const, question: "When?", options: ["four", "five"], several: true as const };
  for (const body of [poll, { t: "vote" as const, of, choices: [1] }, { t: "close" as const, of }]) {
    const sealed = plainOf(body);
    expect(bodyOfPlain(envelope(1, sealed))).toEqual(body);
    expect(sealed.notify).toBe(body.t === "poll");
  }
  expect(plainOf(poll).content).toBe("When?");
  expect(bodyOfPlain(envelope(1, { ...plainOf(poll), metadata: { options: ["four", "five"], lasts: 60 } }))).not.toHaveProperty("lasts");
  expect(() => checkBody({ ...poll, options: ["four"] })).toThrow(ApiError);
});

test("names travel in clear, too, and what a server made of them does not hide the words", () => {
  const mentions = [{ id: THEM, at: 0, length: 5 }];
  for (const body of [{ t: "text" as const, text: "@Ravi", mentions }, { t: "edit" as const, of, text: "@Ravi", mentions }])
    expect(bodyOfPlain(envelope(1, plainOf(body)))).toEqual(body);
  expect(plainOf({ t: "text", text: "tea", mentions: [] }).metadata).toEqual({});
  expect(bodyOfPlain(envelope(1, { content: "@Ravi", metadata: { mentions: "everybody" } }))).toEqual({ t: "text", text: "@Ravi" });
});
