// The same bad days as in e2ee/simulation.test.ts, on what the product is made of: rows, cursor, outbox and group in one
// database, sealed by the vault, and devices that die before and after every transaction and every answer.

import * as fc from "fast-check";
import { expect, it } from "vitest";

import { action, lived, Town, type MakeActor } from "../e2ee/testing/town.ts";
import { VaultPhone } from "./testing/vault-phone.ts";

const phone: MakeActor = (...of) => new VaultPhone(...of);
const runs = { numRuns: Number(process.env["BATIYOUN_SIMULATIONS"] ?? 3), endOnFailure: true };
const seed = { seed: Number(process.env["BATIYOUN_SIMULATION_SEED"] ?? 20_261_122) };

it("agrees in the end, though devices die at every step", { timeout: 600_000 }, async () => {
  expect.hasAssertions();
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 15, maxLength: 40 }), fc.integer({ min: 5, max: 41 }), (steps, fragility) =>
      lived(phone, steps, fragility, { archives: true }),
    ),
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
  for (const each of town.phones) await each.look();
  expect(town.phones.map((each) => each.shown.length)).toEqual(town.phones.map(() => town.phones.length));
  expect(town.phones.flatMap((each) => each.sealed)).toEqual([]);
});
