// What a device does that was shown a change of its group which must not be: somebody from outside, let in by the server.

import { expect, test } from "vitest";

import { CHAT } from "../e2ee/testing/phone.ts";
import { TestServer } from "../e2ee/testing/server.ts";
import { Group } from "../mls/group.ts";
import { testDevice } from "../mls/testing/device.ts";
import { VaultPhone } from "./testing/vault-phone.ts";

const clock = { now: Date.UTC(2026, 10, 23) };

async function place() {
  const server = new TestServer();
  const phones: VaultPhone[] = [];
  for (const person of [1, 2]) {
    const phone = new VaultPhone(await testDevice(person), server, () => {}, clock);
    server.members.add(phone.device.userId);
    phones.push(phone);
  }
  const [asha, bela] = phones as [VaultPhone, VaultPhone];
  for (const phone of phones) await phone.publish(4);
  await asha.write("hello");
  for (const phone of [asha, bela, asha]) {
    await phone.sync();
    await phone.flush();
  }
  return { server, asha, bela };
}

/** Somebody who is nobody's device comes in from outside, and the server hands it on. */
async function intrude(server: TestServer) {
  const ghost = await testDevice(66);
  const found = server.groupInfo();
  if (!found) throw new Error("no group");
  const inside = await Group.rejoin(found.groupInfo, await ghost.keyPackage());
  server.append("commit", ghost, "intrusion", inside.commit, "", null);
  return { ghost, group: inside.group };
}

const row = (phone: VaultPhone) => phone.db.chats.get(CHAT);

test("a change that must not be freezes the chat for good: the screens know, and nothing is sent", async () => {
  const { server, asha } = await place();
  expect(await row(asha)).not.toHaveProperty("frozen");
  await intrude(server);
  await asha.sync();
  expect(await row(asha)).toMatchObject({ frozen: true });
  await asha.write("the key is under the pot");
  await expect(asha.flush()).rejects.toMatchObject({ code: "group_frozen" });
  // The engine's word, not the row's: a device that starts again with a row that was lost says it again.
  await asha.db.chats.update(CHAT, { frozen: undefined });
  asha.die();
  await expect(asha.flush()).rejects.toMatchObject({ code: "group_frozen" });
  expect(await row(asha)).toMatchObject({ frozen: true });
});

test("whoever changed the group cannot have the device in it again by taking it out and letting it in", async () => {
  const { server, asha } = await place();
  const { ghost, group } = await intrude(server);
  await asha.sync();
  const index = group.leaves().findIndex((leaf) => Buffer.from(leaf.credential).equals(Buffer.from(asha.device.credential)));
  const [leaf] = group.leaves().slice(index);
  if (!leaf) throw new Error("she is not in it");
  const out = await group.commit({ remove: [leaf.index] });
  const back = await out.group.commit({ add: server.claim([{ deviceId: asha.device.deviceId }]) });
  server.append("commit", ghost, "out", out.commit, "", null);
  const seq = server.append("commit", ghost, "back", back.commit, "", null);
  server.welcomes.push({ welcome: back.welcome ?? new Uint8Array(), seq });
  await asha.write("the key is under the pot");
  await asha.sync();
  await expect(asha.flush()).rejects.toMatchObject({ code: "group_frozen" });
  await asha.look();
  expect(asha.chat.status).toBe("frozen");
});
