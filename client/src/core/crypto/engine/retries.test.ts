import { expect, test } from "vitest";

import type { Runtime } from "../../runtime.ts";
import { Retries } from "./retries.ts";

/** Timers that are fired by hand, with what they were to wait for. */
function timers() {
  const waiting: { ms: number; run: () => void }[] = [];
  const runtime: Runtime = {
    now: () => 0,
    random: () => 1,
    newId: () => "id",
    after: (ms, run) => {
      const timer = { ms, run };
      waiting.push(timer);
      return () => void waiting.splice(waiting.indexOf(timer), 1);
    },
  };
  return { runtime, waiting, fire: () => waiting.shift()?.run() };
}

test("what fails is tried again with more and more patience, and not forever", async () => {
  const { runtime, waiting, fire } = timers();
  const waits: number[] = [];
  const retries: Retries = new Retries(runtime, async (chatId) => retries.later(chatId));
  retries.later("chat");
  for (let next = waiting[0]; next; next = waiting[0]) {
    waits.push(next.ms);
    fire();
    await Promise.resolve();
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000, 600_000]);
  retries.fresh("chat");
  retries.later("chat", 30);
  expect(waiting.map(({ ms }) => ms)).toEqual([30_000]);
});

test("what went well is not tried again, and one chat waits once", () => {
  const { runtime, waiting } = timers();
  const retries = new Retries(runtime, async () => {});
  retries.later("one");
  retries.later("one");
  retries.later("other");
  expect(waiting).toHaveLength(2);
  retries.done("one");
  expect(waiting).toHaveLength(1);
  retries.stop();
  expect(waiting).toEqual([]);
  retries.later("one");
  expect(waiting).toEqual([]);
});
