// Many devices, one group, bad days: whatever happens in whatever order, everybody who is in the group in the end agrees,
// has shown every message since they came in exactly once, and nobody else can read.

import * as fc from "fast-check";
import { expect, it } from "vitest";

import { Phone } from "./testing/phone.ts";
import { action, lived, Town, type MakeActor } from "./testing/town.ts";

const phone: MakeActor = (...of) => new Phone(...of);

const runs = { numRuns: Number(process.env["BATIYOUN_SIMULATIONS"] ?? 4), endOnFailure: true };
const seed = { seed: Number(process.env["BATIYOUN_SIMULATION_SEED"] ?? 20_261_122) };

it("agrees in the end, whatever happens in whatever order", { timeout: 600_000 }, async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 15, maxLength: 40 }), (steps) => lived(phone, steps, 0, { archives: false })),
    { ...runs, ...seed },
  );
});

it("agrees in the end, though devices die at every step", { timeout: 600_000 }, async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 15, maxLength: 40 }), fc.integer({ min: 5, max: 41 }), (steps, fragility) => lived(phone, steps, fragility, { archives: false })),
    { ...runs, ...seed },
  );
});

it("shows every message to everybody on quiet days", { timeout: 60_000 }, async () => {
  const town = new Town(phone);
  await town.build();
  for (const each of town.phones) {
    await each.write(`from ${each.device.deviceId}`);
    expect(await each.flush()).toBe("sent");
    for (const other of town.phones) await other.sync();
  }
  await town.calm();
  const counts = town.phones.map((each) => each.shown.length);
  expect(counts).toEqual(town.phones.map(() => town.phones.length));
  expect(town.phones.flatMap((each) => each.sealed)).toEqual([]);
});
