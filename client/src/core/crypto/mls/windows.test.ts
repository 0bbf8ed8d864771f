// How late and how far ahead a message may be: what the log's order, two devices at once and long silences need.

import { expect, it } from "vitest";

import { Group } from "./group.ts";
import { testDevice } from "./testing/device.ts";

const NOTHING = new Uint8Array();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const say = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Two devices in one group: the first speaks, the second listens. */
async function pair(): Promise<{ speaker: Group; listener: Group }> {
  const [one, other] = [await testDevice(1), await testDevice(2)];
  const keys = await other.keyPackage();
  const start = await Group.create(text("a chat"), await one.keyPackage());
  const done = await start.commit({ add: [keys.message] });
  return { speaker: done.group, listener: await Group.join(done.welcome as Uint8Array, keys) };
}

async function spoken(speaker: Group, count: number): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  let group = speaker;
  for (let index = 0; index < count; index += 1) {
    const said = await group.encrypt(text(String(index)), NOTHING);
    messages.push(said.message);
    group = said.group;
  }
  return messages;
}

it("opens a message that a thousand later ones have overtaken, and no older one", { timeout: 60_000 }, async () => {
  const { speaker, listener } = await pair();
  const messages = await spoken(speaker, 1_100);
  const ahead = await listener.decrypt(messages.at(-1) as Uint8Array);
  expect(say(ahead.data)).toBe("1099");
  const late = await ahead.group.decrypt(messages[110] as Uint8Array);
  expect(say(late.data)).toBe("110");
  await expect(late.group.decrypt(messages[10] as Uint8Array)).rejects.toThrow(/gen in the past/);
});

it("skips five thousand messages that never came, and no more", { timeout: 60_000 }, async () => {
  const { speaker, listener } = await pair();
  const messages = await spoken(speaker, 5_101);
  await expect(listener.decrypt(messages[5_100] as Uint8Array)).rejects.toThrow(/future/);
  expect(say((await listener.decrypt(messages[4_990] as Uint8Array)).data)).toBe("4990");
});

it("opens a message of four epochs ago, and none of long before", { timeout: 60_000 }, async () => {
  const { speaker, listener } = await pair();
  const said = await speaker.encrypt(text("in flight"), NOTHING);
  const opened: number[] = [];
  let [moving, following] = [said.group, listener];
  for (let epoch = 1; epoch <= 8; epoch += 1) {
    const done = await moving.commit();
    const next = (await following.follow(done.commit)).group;
    if (next === null) throw new Error("removed");
    [moving, following] = [done.group, next];
    if (await opens(following, said.message)) opened.push(epoch);
  }
  // The server takes messages of the newest four epochs; here there are a few more, for what is under way.
  expect(opened).toEqual(expect.arrayContaining([1, 2, 3, 4]));
  expect(opened).not.toContain(8);
});

async function opens(group: Group, message: Uint8Array): Promise<boolean> {
  try {
    return say((await group.decrypt(message)).data) === "in flight";
  } catch (error) {
    if (error instanceof Error && error.message.includes("too long ago")) return false;
    throw error;
  }
}
