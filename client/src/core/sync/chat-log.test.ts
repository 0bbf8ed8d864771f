import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { envelope } from "../testing/envelopes.ts";
import { emptyLog, isSettled, step, type ChatLog, type LogEffect, type LogEvent } from "./chat-log.ts";

const live = (seq: number): LogEvent => ({ type: "live", envelope: envelope(seq) });
const page = (after: number, seqs: number[], hasMore = false): LogEvent => ({
  type: "page",
  after,
  envelopes: seqs.map((seq) => envelope(seq)),
  hasMore,
});

/** Feeds events one by one; the effects of the last one. */
function feed(log: ChatLog, ...events: LogEvent[]): [ChatLog, LogEffect[]] {
  return events.reduce<[ChatLog, LogEffect[]]>(([state], event) => step(state, event), [log, []]);
}

const seqs = (effect: LogEffect | undefined): number[] =>
  effect?.do === "write" ? effect.run.envelopes.map((each) => each.seq) : [];

const known = (applied: number): ChatLog => step(emptyLog, { type: "known", applied })[0];

describe("following live", () => {
  test("the next envelope is written at once", () => {
    const [, effects] = feed(known(5), live(6));
    expect(effects).toHaveLength(1);
    expect(seqs(effects[0])).toEqual([6]);
  });

  test("an old one changes nothing", () => {
    const [log, effects] = feed(known(5), live(4));
    expect(effects).toEqual([]);
    expect(isSettled(log)).toBe(true);
  });

  test("what comes while one is written goes together afterwards", () => {
    const [, effects] = feed(known(0), live(1), live(2), live(3), { type: "written", applied: 1 });
    expect(seqs(effects[0])).toEqual([2, 3]);
  });

  test("a chat that is not here is learned, once", () => {
    const [log, effects] = feed(emptyLog, live(3));
    expect(effects).toEqual([{ do: "learn" }]);
    expect(step(log, live(4))[1]).toEqual([]);
    const [, after] = step(log, { type: "known", applied: 2 });
    expect(seqs(after[0])).toEqual([3]);
  });
});

describe("gaps", () => {
  test("a gap is fetched, and what came beyond it is not fetched again", () => {
    const [log, effects] = feed(known(5), live(8));
    expect(effects).toEqual([{ do: "fetch", after: 5 }]);
    const [, after] = step(log, page(5, [6, 7]));
    expect(after.map((effect) => effect.do)).toEqual(["write"]);
    const [, rest] = feed(log, page(5, [6, 7]), { type: "written", applied: 7 });
    expect(seqs(rest[0])).toEqual([8]);
  });

  test("the next page is fetched while one is written, and no more than that", () => {
    const [log, effects] = feed(known(0), { type: "head", seq: 1500 }, page(0, [1, 2], true));
    expect(effects.map((effect) => effect.do)).toEqual(["write", "fetch"]);
    expect(effects[1]).toEqual({ do: "fetch", after: 2 });
    expect(step(log, page(2, [3, 4], true))[1]).toEqual([]);
  });

  test("a page that begins later than asked is what this member may see", () => {
    const [, effects] = feed(known(5), { type: "head", seq: 20 }, page(5, [18, 19, 20]));
    expect(seqs(effects[0])).toEqual([18, 19, 20]);
  });

  test("an empty page ends the asking", () => {
    const [log, effects] = feed(known(5), { type: "head", seq: 9 }, page(5, []));
    expect(effects).toEqual([]);
    expect(isSettled(log)).toBe(true);
  });

  test("an empty page against a live envelope waits instead of spinning", () => {
    const [log, effects] = feed(known(5), live(9), page(5, []));
    expect(effects).toEqual([]);
    expect(isSettled(log)).toBe(false);
    expect(step(log, { type: "retry" })[1]).toEqual([{ do: "fetch", after: 5 }]);
  });
});

describe("trouble", () => {
  test("a failed fetch waits for a retry", () => {
    const [log, effects] = feed(known(5), live(8), { type: "failed", what: "fetch" });
    expect(effects).toEqual([]);
    expect(step(log, { type: "retry" })[1]).toEqual([{ do: "fetch", after: 5 }]);
  });

  test("a failed write is done again from the cursor", () => {
    const [log, effects] = feed(known(5), live(6), { type: "failed", what: "write" });
    expect(effects).toEqual([]);
    expect(seqs(step(log, { type: "retry" })[1][0])).toEqual([6]);
  });

  test("a cursor that another engine moved is taken over", () => {
    const [log, effects] = feed(known(5), live(6), { type: "written", applied: 9 });
    expect(effects).toEqual([]);
    expect(seqs(step(log, live(10))[1][0])).toEqual([10]);
  });

  test("a page that was asked for before the cursor moved is left out", () => {
    const [log] = feed(known(5), live(6), live(9), { type: "written", applied: 8 });
    expect(step(log, page(6, [7, 8]))[1].map((effect) => effect.do)).not.toContain("fetch");
  });
});

/** A server's log and a database, driven by chance. */
interface World {
  head: number;
  cursor: number;
  shown: number[];
}

test("whatever arrives in whatever order, everything is written once and in order", () => {
  const action = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("send" as const), lost: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), which: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("fail" as const), which: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("again" as const), back: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("steal" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const) }) },
  );

  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), fc.integer({ min: 1, max: 4 }), (actions, size) => {
      const world: World = { head: 0, cursor: 0, shown: [] };
      let log = known(0);
      let open: LogEffect[] = [];
      const put = (event: LogEvent): void => {
        const [next, effects] = step(log, event);
        log = next;
        open.push(...effects);
      };

      /** What the transaction does: takes what touches the cursor, answers where the cursor is. */
      const write = (effect: Extract<LogEffect, { do: "write" }>): number => {
        const { after, envelopes } = effect.run;
        const fresh = envelopes.map((each) => each.seq).filter((seq) => seq > world.cursor);
        if (after <= world.cursor && fresh.length > 0) {
          world.shown.push(...fresh);
          world.cursor = fresh.at(-1) ?? world.cursor;
        }
        return world.cursor;
      };
      const answer = (effect: LogEffect): void => {
        if (effect.do === "write") return put({ type: "written", applied: write(effect) });
        if (effect.do === "learn") return put({ type: "known", applied: world.cursor });
        const last = Math.min(world.head, effect.after + size);
        const found = Array.from({ length: last - effect.after }, (_, index) => effect.after + 1 + index);
        put(page(effect.after, found, last < world.head));
      };
      const takeOpen = (which: number): LogEffect | undefined => open.splice(which % (open.length || 1), 1)[0];

      for (const each of actions) {
        if (each.do === "send") {
          world.head += 1;
          if (!each.lost) put(live(world.head));
        } else if (each.do === "again") {
          if (world.head > each.back) put(live(world.head - each.back));
        } else if (each.do === "steal") {
          // Another engine writes the next one behind our back.
          if (world.cursor < world.head) world.shown.push((world.cursor += 1));
        } else if (each.do === "reload") {
          log = known(world.cursor);
          open = [];
        } else {
          const effect = takeOpen(each.which);
          if (effect && each.do === "answer") answer(effect);
          else if (effect) put({ type: "failed", what: effect.do });
        }
      }

      // The connection comes back: the head is told, what failed is tried again, and everything is answered.
      put({ type: "head", seq: world.head });
      for (let round = 0; round < 1_000 && !(isSettled(log) && open.length === 0); round += 1) {
        put({ type: "retry" });
        const effect = takeOpen(round);
        if (effect) answer(effect);
      }
      expect(isSettled(log)).toBe(true);
      expect(world.shown).toEqual(Array.from({ length: world.head }, (_, index) => index + 1));
    }),
    { numRuns: 500 },
  );
});
