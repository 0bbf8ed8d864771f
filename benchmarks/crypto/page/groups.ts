// What one step of a group takes at that size, and how large things are.

import { encodeAddress, encodeCapsule, sealContent } from "@/core/crypto/mls/content.ts";
import { Group } from "@/core/crypto/mls/group.ts";
import { testDevice } from "@/core/crypto/mls/testing/device.ts";

export interface GroupTimes {
  [what: string]: number;
}

const ROUNDS = 200;

async function timed<T>(run: () => Promise<T>): Promise<[number, T]> {
  const began = performance.now();
  const value = await run();
  return [performance.now() - began, value];
}

/** Milliseconds and bytes in a group of `size` devices, right after they were all added at once: the worst tree. */
export async function groupTimes(size: number): Promise<GroupTimes> {
  const first = await testDevice(1);
  const others = await Promise.all(Array.from({ length: size - 1 }, (_, index) => testDevice(2 + index)));
  const packages = await Promise.all(others.map((device) => device.keyPackage()));
  const [own] = packages;
  if (!own) throw new RangeError("a group of one");
  const alone = await Group.create(new TextEncoder().encode("bench"), await first.keyPackage());
  const [addAll, added] = await timed(() => alone.commit({ add: packages.map(({ message }) => message) }));
  const [join, joined] = await timed(() => Group.join(added.welcome ?? new Uint8Array(), own));
  const sealed = await sealContent({ t: "text", text: "x".repeat(100) });
  const address = encodeAddress({ chatId: "bench", senderId: first.userId, clientId: "c" });

  let [sender, receiver] = [added.group, joined];
  const messages: Uint8Array[] = [];
  const [encrypted] = await timed(async () => {
    for (let index = 0; index < ROUNDS; index += 1) {
      const step = await sender.encrypt(encodeCapsule(sealed.capsule), address);
      sender = step.group;
      messages.push(step.message);
    }
  });
  const [decrypted] = await timed(async () => {
    for (const message of messages) receiver = (await receiver.decrypt(message)).group;
  });

  const [update, updated] = await timed(() => sender.commit());
  const [follow, followed] = await timed(() => receiver.follow(updated.commit));
  if (!followed.group) throw new Error("the commit was not followed");
  const newcomer = await (await testDevice(size + 1)).keyPackage();
  const [add, one] = await timed(() => updated.group.commit({ add: [newcomer.message] }));
  const last = one.group.leaves().at(-1)?.index ?? 0;
  const [remove, removed] = await timed(() => one.group.commit({ remove: [last] }));
  return {
    encrypt: encrypted / ROUNDS,
    decrypt: decrypted / ROUNDS,
    addAll,
    join,
    add,
    update,
    follow,
    remove,
    keyPackageBytes: own.message.length,
    ciphertextBytes: (messages[0]?.length ?? 0) + atob(sealed.content).length,
    addBytes: one.commit.length,
    updateBytes: updated.commit.length,
    removeBytes: removed.commit.length,
    welcomeBytes: one.welcome?.length ?? 0,
    groupInfoBytes: updated.groupInfo.length,
    stateBytes: followed.group.serialized().length,
  };
}
