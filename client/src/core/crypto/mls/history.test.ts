// Random histories: whoever is in the group agrees with everybody else, and whoever was removed does not.
// Without `patches/ts-mls+1.6.4.patch` the library refuses legitimate Welcomes in most of them.

import * as fc from "fast-check";
import { expect, it } from "vitest";

import { Group } from "./group.ts";
import type { OwnKeyPackage } from "./key-package.ts";
import { testDevice, type TestDevice } from "./testing/device.ts";

interface Member {
  device: TestDevice;
  group: Group;
}

type Step = { who: number; adds: number; removes: number[]; rejoin: boolean };

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(1_000),
  adds: fc.nat(3),
  removes: fc.array(fc.nat(1_000), { maxLength: 2 }),
  rejoin: fc.boolean(),
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const at = <T>(list: readonly T[], place: number): T => list[place % list.length] as T;

async function played(steps: readonly Step[]): Promise<void> {
  let people = 0;
  const newcomer = () => testDevice((people += 1));
  const first = await newcomer();
  const start = await Group.create(new TextEncoder().encode("history"), await first.keyPackage());
  let members: Member[] = [{ device: first, group: start }];
  const gone: Group[] = [];

  for (const { who, adds, removes, rejoin } of steps) {
    const actor = at(members, who);
    if (rejoin && members.length > 1) {
      const keys = await actor.device.keyPackage();
      const back = await Group.rejoin(await at(members, who + 1).group.info(), keys);
      members = await Promise.all(
        members.map(async (member) =>
          member === actor ? { ...actor, group: back.group } : { ...member, group: await follow(member.group, back.commit) },
        ),
      );
    } else {
      const room = Math.max(0, 14 - members.length);
      const fresh: [TestDevice, OwnKeyPackage][] = [];
      for (let count = 0; count < Math.min(adds, room); count += 1) {
        const device = await newcomer();
        fresh.push([device, await device.keyPackage()]);
      }
      const leaving = new Set(removes.map((place) => at(members, place)).filter((member) => member !== actor));
      const done = await actor.group.commit({
        add: fresh.map(([, keys]) => keys.message),
        remove: [...leaving].map((member) => member.group.ownIndex),
      });
      const stayed: Member[] = [];
      for (const member of members) {
        if (member === actor) stayed.push({ ...member, group: done.group });
        else if (leaving.has(member)) {
          if ((await member.group.follow(done.commit)).group !== null) throw new Error("removed, and stayed");
          gone.push(member.group);
        } else stayed.push({ ...member, group: await follow(member.group, done.commit) });
      }
      for (const [device, keys] of fresh) stayed.push({ device, group: await Group.join(done.welcome as Uint8Array, keys) });
      members = stayed;
    }
    expect(new Set(members.map((member) => hex(member.group.authenticator))).size).toBe(1);
  }

  const speaker = at(members, 0);
  const said = await speaker.group.encrypt(new TextEncoder().encode("all here"), new Uint8Array());
  for (const member of members.slice(1)) expect((await member.group.decrypt(said.message)).data).toHaveLength(8);
  for (const group of gone) await expect(group.decrypt(said.message)).rejects.toThrow(/./);
}

async function follow(group: Group, commit: Uint8Array): Promise<Group> {
  const next = (await group.follow(commit)).group;
  if (next === null) throw new Error("removed without a reason");
  return next;
}

it("everybody in the group agrees after any history, and nobody else can read", { timeout: 120_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 14 }), played), {
    numRuns: Number(process.env["BATIYOUN_MLS_RUNS"] ?? 3),
    seed: process.env["BATIYOUN_MLS_SEED"] ? Number(process.env["BATIYOUN_MLS_SEED"]) : 20_261_122,
    endOnFailure: true,
  });
});
