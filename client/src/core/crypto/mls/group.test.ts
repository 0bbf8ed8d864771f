import { describe, expect, it } from "vitest";

import { GuardRefused } from "./guard.ts";
import { Group, type Proposed } from "./group.ts";
import { readIdentity } from "./identity.ts";
import { epochOf } from "./inspect.ts";
import type { OwnKeyPackage } from "./key-package.ts";
import { MlsUnreadable } from "./decode.ts";
import { testDevice } from "./testing/device.ts";

const ID = new TextEncoder().encode("a chat");
const NOTHING = new Uint8Array();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const say = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The group a Welcome leads into. */
async function welcomed(proposed: Proposed, own: OwnKeyPackage): Promise<Group> {
  if (proposed.welcome === null) throw new Error("nobody was added");
  return Group.join(proposed.welcome, own);
}

async function followed(group: Group, commit: Uint8Array): Promise<Group> {
  const next = (await group.follow(commit)).group;
  if (next === null) throw new Error("removed");
  return next;
}

/** Three people in a group: asha made it. */
async function trio() {
  const devices = await Promise.all([testDevice(1), testDevice(2), testDevice(3)]);
  const [asha, bala, chitra] = await Promise.all([devices[0].keyPackage(), devices[1].keyPackage(), devices[2].keyPackage()]);
  const start = await Group.create(ID, asha);
  const done = await start.commit({ add: [bala.message, chitra.message] });
  const groups: [Group, Group, Group] = [done.group, await welcomed(done, bala), await welcomed(done, chitra)];
  return { devices, groups };
}

describe("a group", () => {
  it("has the same authenticator for everybody who came in, and opens what each of them says", async () => {
    const { groups } = await trio();
    expect(new Set(groups.map((group) => hex(group.authenticator))).size).toBe(1);
    expect(groups.map((group) => [group.epoch, group.ownIndex])).toEqual([[1, 0], [1, 1], [1, 2]]);
    const said = await groups[1].encrypt(text("namaste"), text("about"));
    const heard = await groups[0].decrypt(said.message);
    expect(say(heard.data)).toBe("namaste");
    expect(say(heard.authenticatedData)).toBe("about");
    expect(readIdentity(heard.sender.credential)?.userId).toContain("000000000002");
    await expect(heard.group.decrypt(said.message)).rejects.toThrow(/gen in the past/);
  });

  it("survives being stored", async () => {
    const { groups } = await trio();
    const said = await groups[1].encrypt(text("namaste"), NOTHING);
    const restored = Group.restore(groups[2].serialized());
    expect(say((await restored.decrypt(said.message)).data)).toBe("namaste");
    expect(restored.leaves()).toEqual(groups[2].leaves());
    expect(() => Group.restore(groups[2].serialized().slice(0, -1))).toThrow(MlsUnreadable);
    expect(() => Group.restore(NOTHING)).toThrow(MlsUnreadable);
  });

  it("tells what a commit changed, and who goes can read nothing after it", async () => {
    const { groups, devices } = await trio();
    const dev = await testDevice(4);
    const pack = await dev.keyPackage();
    const done = await groups[0].commit({ add: [pack.message], remove: [2] });
    const seen = await groups[1].follow(done.commit);
    expect(seen.change.external).toBe(false);
    expect(seen.change.committer.index).toBe(0);
    expect(seen.change.added.map((leaf) => readIdentity(leaf.credential)?.deviceId)).toEqual([dev.deviceId]);
    expect(seen.change.removed.map((leaf) => readIdentity(leaf.credential)?.deviceId)).toEqual([devices[2].deviceId]);
    const gone = await groups[2].follow(done.commit);
    expect(gone.group).toBeNull();
    expect(gone.change.removed.map((leaf) => leaf.index)).toEqual([2]);
    const said = await done.group.encrypt(text("among us"), NOTHING);
    await expect(groups[2].decrypt(said.message)).rejects.toThrow(MlsUnreadable);
    expect(say((await (await welcomed(done, pack)).decrypt(said.message)).data)).toBe("among us");
  });

  it("opens a message that was under way while the group moved on", async () => {
    const { groups } = await trio();
    const said = await groups[1].encrypt(text("in flight"), NOTHING);
    const done = await groups[0].commit();
    const later = await followed(groups[2], done.commit);
    const heard = await later.decrypt(said.message);
    expect(say(heard.data)).toBe("in flight");
    expect(heard.sender.index).toBe(1);
    await expect(heard.group.decrypt(said.message)).rejects.toThrow(/gen in the past/);
    expect(epochOf(said.message)).toBe(1);
    expect(epochOf(done.commit)).toBe(1);
  });

  it("opens 300 messages in any order", async () => {
    const { groups } = await trio();
    let speaker = groups[0];
    const messages: Uint8Array[] = [];
    for (let count = 0; count < 300; count += 1) {
      const said = await speaker.encrypt(text(String(count)), NOTHING);
      messages.push(said.message);
      speaker = said.group;
    }
    let listener = groups[1];
    const heard: number[] = [];
    for (const message of messages.toReversed()) {
      const opened = await listener.decrypt(message);
      listener = opened.group;
      heard.push(Number(say(opened.data)));
    }
    expect(heard.toSorted((one, other) => one - other)).toEqual(messages.map((_, index) => index));
  });

  it("lets a device that lost a race drop its commit and follow the other", async () => {
    const { groups } = await trio();
    const mine = await groups[1].commit();
    const theirs = await groups[0].commit();
    const after = await followed(groups[1], theirs.commit);
    expect(hex(after.authenticator)).toBe(hex(theirs.group.authenticator));
    await expect(after.follow(mine.commit)).rejects.toThrow(/epoch too old/);
  });

  it("lets somebody leave with the next commit of anybody", async () => {
    const { groups } = await trio();
    const wish = await groups[2].leave();
    const heard = await groups[0].follow(wish.message);
    expect(heard.group?.due).toBe(true);
    await expect(heard.group?.encrypt(text("not yet"), NOTHING)).rejects.toThrow(/unapplied proposals/);
    const done = await (heard.group as Group).commit();
    const other = await groups[1].follow(wish.message);
    const after = await (other.group as Group).follow(done.commit);
    expect(after.change.removed.map((leaf) => leaf.index)).toEqual([2]);
    expect((await wish.group.follow(done.commit)).group).toBeNull();
    expect(done.group.leaves().map((leaf) => leaf.index)).toEqual([0, 1]);
  });

  it("takes back a device that lost its state, by an external commit that everybody follows", async () => {
    const { groups, devices } = await trio();
    const again = await devices[2].keyPackage();
    const back = await Group.rejoin(await groups[0].info(), again);
    const seen = await groups[0].follow(back.commit);
    expect(seen.change.external).toBe(true);
    expect(seen.change.removed.map((leaf) => leaf.index)).toEqual([2]);
    expect(hex((seen.group as Group).authenticator)).toBe(hex(back.group.authenticator));
    const said = await back.group.encrypt(text("here again"), NOTHING);
    expect(say((await (seen.group as Group).decrypt(said.message)).data)).toBe("here again");
    expect((await groups[2].follow(back.commit)).group).toBeNull();
  });

  it("lets a second device of a member in from outside", async () => {
    const { groups } = await trio();
    const phone = await testDevice(2, 1);
    const inside = await Group.rejoin(await groups[0].info(), await phone.keyPackage());
    const seen = await groups[0].follow(inside.commit);
    expect(seen.change).toMatchObject({ external: true, removed: [] });
    expect(seen.group?.leaves()).toHaveLength(4);
  });
});

describe("the guard", () => {
  it("refuses somebody who comes in from outside and is not a member", async () => {
    const { groups } = await trio();
    const ghost = await testDevice(66);
    const inside = await Group.rejoin(await groups[0].info(), await ghost.keyPackage());
    await expect(groups[0].follow(inside.commit)).rejects.toThrow(GuardRefused);
  });

  it("refuses a wish to remove somebody else", async () => {
    const { groups } = await trio();
    const { createProposal } = await import("ts-mls/createMessage.js");
    const { encodeMlsMessage } = await import("ts-mls/message.js");
    const { decodeGroupState } = await import("ts-mls/clientState.js");
    const { defaultClientConfig } = await import("ts-mls/clientConfig.js");
    const { suite } = await import("./suite.ts");
    const state = decodeGroupState(groups[2].serialized(), 0);
    if (state === undefined) throw new Error("no state");
    const wish = await createProposal(
      { ...state[0], clientConfig: defaultClientConfig }, true, { proposalType: "remove", remove: { removed: 1 } }, await suite(),
    );
    await expect(groups[0].follow(encodeMlsMessage(wish.message))).rejects.toThrow(GuardRefused);
  });

  it("refuses a device whose certificate somebody else signed for another key", async () => {
    const { groups } = await trio();
    const [mallory, bala] = [await testDevice(66), await testDevice(7)];
    const { newKeyPackage } = await import("./key-package.ts");
    const now = Math.floor(Date.now() / 1_000);
    const forged = await newKeyPackage(bala.credential, mallory.signer, { notBefore: now - 60, notAfter: now + 86_400 });
    await expect(groups[0].commit({ add: [forged.message] })).rejects.toThrow(/validate credential/);
  });

  it("refuses a device that is in the group already", async () => {
    const { groups, devices } = await trio();
    const again = await devices[2].keyPackage();
    await expect(groups[0].commit({ add: [again.message] })).rejects.toThrow(/already in the group/);
  });

  it("refuses changed bytes, replays and what is no MLS", async () => {
    const { groups } = await trio();
    const done = await groups[0].commit();
    const changed = done.commit.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await expect(groups[1].follow(changed)).rejects.toThrow(/membership/);
    const after = await followed(groups[1], done.commit);
    await expect(after.follow(done.commit)).rejects.toThrow(/epoch too old/);
    await expect(after.follow(text("no"))).rejects.toThrow(MlsUnreadable);
    await expect(after.decrypt(text("no"))).rejects.toThrow(MlsUnreadable);
    await expect(Group.join(done.commit, await (await testDevice(9)).keyPackage())).rejects.toThrow(MlsUnreadable);
  });
});
