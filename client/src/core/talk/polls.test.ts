// How a poll stands, whatever came when, how often, and from whom.

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { MessageRow, Poll, Ref } from "../db/schema.ts";
import { rowOf } from "../sync/rows.ts";
import { envelope, ME, THEM } from "../testing/envelopes.ts";
import { project } from "./project.ts";
import { saidIn } from "./polls.ts";

const of: Ref = { senderId: THEM, clientId: "c1" };
const poll: Poll = { t: "poll", question: "When?", options: ["four", "five", "six"] };
const asked = (body: Poll = poll): MessageRow => rowOf(envelope(1, { encrypted: true }), body);
const votes = (seq: number, senderId: string, choices: number[]): MessageRow => rowOf(envelope(seq, { senderId }), { t: "vote", of, choices });
const ends = (seq: number, senderId = THEM): MessageRow => rowOf(envelope(seq, { senderId }), { t: "close", of });

test("the last vote of a person counts, and can be taken back", () => {
  const notes = [votes(2, ME, [0]), votes(3, THEM, [1]), votes(4, ME, [1])];
  expect(project(asked(), notes).tally).toEqual({ votes: [[], [THEM, ME], []], closed: false });
  expect(project(asked(), [...notes, votes(5, ME, [])]).tally?.votes).toEqual([[], [THEM], []]);
});

test("a vote that does not fit the question is none: the one before it counts", () => {
  const notes = [votes(2, ME, [0]), votes(3, ME, [1, 2]), votes(4, ME, [3])];
  expect(project(asked(), notes).tally?.votes).toEqual([[ME], [], []]);
  expect(project(asked({ ...poll, several: true }), notes).tally?.votes).toEqual([[], [ME], [ME]]);
});

test("nothing counts after whoever asked ended it; nobody else ends it", () => {
  const notes = [votes(2, ME, [0]), ends(3, ME), votes(4, ME, [1]), ends(5), votes(6, ME, [2]), votes(7, THEM, [2])];
  expect(project(asked(), notes.slice(0, 3)).tally).toEqual({ votes: [[], [ME], []], closed: false });
  expect(project(asked(), notes).tally).toEqual({ votes: [[], [ME], []], closed: true });
});

test("what waits to be sent shows at once, and what could not be sent does not", () => {
  const failed = { ...votes(9, ME, [2]), failure: { code: "forbidden", message: "No." } };
  const waits = { ...votes(8, ME, [1]), seq: null };
  expect(project(asked(), [votes(2, ME, [0]), waits, failed]).tally?.votes).toEqual([[], [ME], []]);
});

test("a poll that was deleted has no result, and other messages have none", () => {
  expect(project(asked(), [votes(2, ME, [0]), rowOf(envelope(3), { t: "delete", of })])).toMatchObject({ body: { t: "deleted" }, tally: null });
  expect(project(rowOf(envelope(1), { t: "text", text: "When?" }), [votes(2, ME, [0])]).tally).toBeNull();
});

test("it is news, and disappears when it says so", () => {
  expect(asked()).toMatchObject({ notify: true });
  expect(votes(2, ME, [0]).notify).toBe(false);
  expect(asked({ ...poll, lasts: 60 }).expiresAt).toBe(asked().timestamp + 60_000);
  expect(saidIn(poll)).toBe("📊 When?");
});

describe("any order and any number of deliveries", () => {
  const person = fc.constantFrom(ME, THEM, "01a20428-0000-7000-8000-0000000000cc");
  const note = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.constant("vote" as const), person, fc.array(fc.nat(4), { maxLength: 3 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("close" as const), person, fc.constant<number[]>([])) },
  );

  test("ends in the same result, in which nobody counts twice and nobody chose more than they may", () => {
    fc.assert(
      fc.property(fc.array(note, { maxLength: 14 }), fc.boolean(), fc.integer(), (said, several, seed) => {
        const body: Poll = several ? { ...poll, several } : poll;
        const rows = said.map(([what, who, choices], index) => (what === "vote" ? votes(index + 2, who, choices) : ends(index + 2, who)));
        const expected = project(asked(body), rows).tally;
        const mixed = [...rows, ...rows].toSorted((one, other) => ((one.order * 7919) ^ seed) - ((other.order * 7919) ^ seed));
        expect(project(asked(body), mixed).tally).toEqual(expected);
        for (const voters of expected?.votes ?? []) expect(new Set(voters).size).toBe(voters.length);
        const all = expected?.votes.flat() ?? [];
        expect(all.length).toBeLessThanOrEqual(new Set(all).size * (several ? poll.options.length : 1));
      }),
    );
  });
});
