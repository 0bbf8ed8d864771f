import { expect, test } from "vitest";

import { said } from "./testing/said.ts";
import { timeline, type Entry } from "./timeline.ts";

const shape = (entries: Entry[]) =>
  entries.map((entry) =>
    entry.kind === "message" ? `${entry.first ? "[" : ""}${entry.message.order}${entry.last ? "]" : ""}` : entry.kind,
  );

test("bubbles of one person within five minutes belong together", () => {
  const items = [said(1, "me", 0), said(2, "me", 1), said(3, "other", 2), said(4, "me", 3), said(5, "me", 9)];
  expect(shape(timeline(items, null))).toEqual(["day", "[1", "2]", "[3]", "[4]", "[5]"]);
});

test("a day begins with its date and breaks a run", () => {
  const items = [said(1, "me", 719), said(2, "me", 721)];
  expect(shape(timeline(items, null))).toEqual(["day", "[1]", "day", "[2]"]);
});

test("the unread line stands before the first of somebody else's after the cursor", () => {
  const items = [said(1, "other", 0), said(2, "me", 1), said(3, "me", 1), said(4, "other", 2), said(5, "other", 2)];
  expect(shape(timeline(items, 2))).toEqual(["day", "[1]", "[2]", "[3]", "unread", "[4", "5]"]);
});

test("nothing read yet: the line stands at the beginning; the window without the cursor: no line", () => {
  const items = [said(7, "other", 0), said(8, "other", 1)];
  expect(shape(timeline(items, 0))).toEqual(["day", "unread", "[7", "8]"]);
  expect(shape(timeline(items, 3))).toEqual(["day", "[7", "8]"]);
});

test("what happened to the group is a line of its own", () => {
  const news = said(2, "other", 1, { kind: "system", body: { t: "system", event: { what: "renamed", name: "Home" } } });
  expect(shape(timeline([said(1, "other", 0), news, said(3, "other", 2)], null))).toEqual(["day", "[1]", "system", "[3]"]);
});

test("keys stay the same when older messages come before and a queued one is confirmed", () => {
  const queued = said(2 ** 51, "me", 5, { seq: null, key: "c/me/k", state: "queued" });
  const before = timeline([said(5, "other", 4), queued], null).map((entry) => entry.key);
  const after = timeline([said(4, "other", 3), said(5, "other", 4), { ...queued, order: 6, seq: 6 }], null);
  expect(after.map((entry) => entry.key)).toEqual(expect.arrayContaining(before));
});

test("with more above, the first message only tells how the next one begins", () => {
  const items = [said(1, "me", 0), said(2, "me", 1), said(3, "other", 2)];
  expect(shape(timeline(items, null, true))).toEqual(["2]", "[3]"]);
  expect(shape(timeline(items.slice(1), null, true))).toEqual(["[3]"]);
  expect(shape(timeline([said(1, "me", 0), said(2, "me", 24 * 60)], null, true))).toEqual(["day", "[2]"]);
});

test("what is on the screen does not change when what is above it is loaded", () => {
  const items = Array.from({ length: 60 }, (_, at) => said(at + 1, at % 7 < 4 ? "me" : "other", at * 31));
  const all = timeline(items, null);
  for (let from = 1; from < items.length - 1; from++) {
    const part = timeline(items.slice(from), null, true);
    expect(part).toEqual(all.slice(all.length - part.length));
  }
});

test("a single message is shown whatever is above it", () => {
  expect(shape(timeline([said(1, "me", 0)], null, true))).toEqual(["day", "[1]"]);
});
