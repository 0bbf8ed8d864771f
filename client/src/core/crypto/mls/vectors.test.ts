// What was written once must open for ever, and what another implementation wrote must open here: `vectors.json` holds both.
// `tests/interop/mls` reads the same file with that other implementation, and says how it is made anew.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

import { Group, type Proposed } from "./group.ts";
import type { OwnKeyPackage } from "./key-package.ts";
import { testDevice } from "./testing/device.ts";

/** Bytes are written in hexadecimal digits. */
interface Said {
  message: string;
  data: string;
  address: string;
  /** The leaf that says it. */
  sender: number;
}

interface Entered {
  own: Record<keyof OwnKeyPackage, string>;
  welcome: string;
  epoch: number;
  authenticator: string;
  said: Said[];
  /** Whose key the other implementation writes with, and what it wrote. */
  speaker: { leaf: number; signatureKey: string };
  elsewhere: Said[];
}

const FILE = new URL("testing/vectors.json", import.meta.url);
const read = (): Entered[] => JSON.parse(readFileSync(FILE, "utf8")) as Entered[];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const ownOf = ({ message, ref, initKey, leafKey, signatureKey }: Entered["own"]): OwnKeyPackage => ({
  message: bytes(message), ref: bytes(ref), initKey: bytes(initKey), leafKey: bytes(leafKey), signatureKey: bytes(signatureKey),
});

/** A group on two of its days: just made; and after keys were renewed, somebody was taken out, and others came. */
async function lived(): Promise<Entered[]> {
  const [asha, bala, chitra, devi, esha] = await Promise.all([1, 2, 3, 4, 5].map(async (person) => (await testDevice(person)).keyPackage()));
  if (!asha || !bala || !chitra || !devi || !esha) throw new Error("nobody");
  const entered: Entered[] = [];
  const talk = async (group: Group, done: Proposed, own: OwnKeyPackage): Promise<Group> => {
    if (!done.welcome) throw new Error("nobody was added");
    const said: Said[] = [];
    let [speaking, silent] = [group, 0];
    for (const words of ["namaste", "", "after three that never came", "x".repeat(3_000)]) {
      const [data, address] = [text(words), text(`place ${said.length}`)];
      for (silent = words.startsWith("after") ? 3 : 0; silent > 0; silent -= 1) speaking = (await speaking.encrypt(data, address)).group;
      const step = await speaking.encrypt(data, address);
      said.push({ message: hex(step.message), data: hex(data), address: hex(address), sender: group.ownIndex });
      speaking = step.group;
    }
    const keys = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, hex(value as Uint8Array)]));
    entered.push({
      own: keys as Entered["own"], welcome: hex(done.welcome), epoch: group.epoch, authenticator: hex(group.authenticator),
      said, speaker: { leaf: group.ownIndex, signatureKey: hex(asha.signatureKey) }, elsewhere: [],
    });
    return speaking;
  };
  const made = await (await Group.create(text("frozen"), asha)).commit({ add: [bala.message, chitra.message] });
  const first = await talk(made.group, made, bala);
  const balas = await Group.join(made.welcome as Uint8Array, bala);
  const renewed = await balas.commit();
  const followed = (await first.follow(renewed.commit)).group as Group;
  const without = await followed.commit({ remove: [2], add: [devi.message] });
  const grown = await without.group.commit({ add: [esha.message] });
  await talk(grown.group, grown, esha);
  return entered;
}

if (process.env["BATIYOUN_FREEZE_VECTORS"]) writeFileSync(FILE, `${JSON.stringify(await lived(), null, 1)}\n`);

test.each(read().map((vector) => [vector.epoch, vector] as const))("epoch %i opens as on the day it was written", async (epoch, vector) => {
  let group = await Group.join(bytes(vector.welcome), ownOf(vector.own));
  expect([group.epoch, hex(group.authenticator)]).toEqual([epoch, vector.authenticator]);
  for (const said of [...vector.said, ...vector.elsewhere]) {
    const opened = await group.decrypt(bytes(said.message));
    expect([hex(opened.data), hex(opened.authenticatedData), opened.sender.index]).toEqual([said.data, said.address, said.sender]);
    group = opened.group;
  }
  expect(vector.elsewhere.length).toBeGreaterThan(0);
});
