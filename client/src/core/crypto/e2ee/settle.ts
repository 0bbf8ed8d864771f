// Brings a chat's group in line with who should be in it: makes it, comes in, adds and removes devices, renews keys.
//
// Runs before a message is sent, and when the server says that something is due. Each commit is saved before it is
// posted; a lost race means that the log has news, which must be read before the next try.

import { equal } from "../mls/bytes.ts";
import { readIdentity, sameDevice } from "../mls/identity.ts";
import { devicesIn } from "../mls/inspect.ts";
import type { OwnKeyPackage } from "../mls/key-package.ts";
import type { EncryptedChat, Self } from "./chat.ts";
import type { Delivery, Roster } from "./model.ts";

/** Devices that one commit adds at most (the server's limit). */
export const MAX_ADDS = 50;
/** Commits of one call: a group of 250 devices needs five, and a race is the caller's to wait out. */
const MAX_ROUNDS = 12;

export interface Hands {
  delivery: Delivery;
  self: Self;
  /** A fresh key package of this device, which nobody else has. */
  newKeyPackage(): Promise<OwnKeyPackage>;
  /** The bytes of the group's id. */
  groupId(chatId: string, generation: number): Uint8Array;
  newCommitId(): string;
  now(): number;
  /** Keeps the chat's record; resolves when a crash cannot undo it. */
  save(chat: EncryptedChat): Promise<void>;
}

export type Settled =
  /** Messages can be sent. */
  | { kind: "ready" }
  /** The log has news that must be read first. */
  | { kind: "behind" }
  /** This person is not in the chat. */
  | { kind: "outside" }
  /** Somebody in the group must come online and let this person's first device in. */
  | { kind: "waiting" }
  /** A change that must not be followed: people have to look at it. */
  | { kind: "frozen" }
  /** The server will not take what is needed. */
  | { kind: "refused"; code: string };

/** Rejects when the network does; what was under way is saved and goes on with the next call. */
export async function settle(chat: EncryptedChat, hands: Hands, options: { renew: boolean }): Promise<Settled> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (chat.pending !== null) {
      const done = await post(chat, hands);
      if (done !== null) return done;
      continue;
    }
    if (chat.status === "frozen") return { kind: "frozen" };
    const roster = await hands.delivery.roster(chat.chatId);
    if (!roster.members.includes(hands.self.userId)) return { kind: "outside" };
    const done = chat.status === "joined" ? await improve(chat, roster, hands, options.renew) : await enter(chat, roster, hands);
    if (done !== null) return done;
    await hands.save(chat);
  }
  return { kind: "behind" };
}

/** Null: go on. */
async function post(chat: EncryptedChat, hands: Hands): Promise<Settled | null> {
  const { pending } = chat;
  if (pending === null) return null;
  const answer = await hands.delivery.commit(chat.chatId, pending.request);
  if (answer.kind === "accepted") chat.accepted();
  else chat.dropPending();
  await hands.save(chat);
  if (answer.kind === "stale") return { kind: "behind" };
  return answer.kind === "refused" ? answer : null;
}

async function enter(chat: EncryptedChat, roster: Roster, hands: Hands): Promise<Settled | null> {
  const { self } = hands;
  const found = roster.epoch === null ? null : await hands.delivery.groupInfo(chat.chatId);
  if (found === null && roster.epoch !== null) return { kind: "behind" };
  const inside = found === null ? [] : devicesIn(found.groupInfo);
  // A group of this very device alone cannot be entered again: there is nobody who would follow.
  if (found === null || inside.every((device) => sameDevice(device, self))) {
    const id = hands.groupId(chat.chatId, roster.generation + 1);
    await chat.create(id, hands.newCommitId(), await hands.newKeyPackage(), hands.now());
    return null;
  }
  // Everybody's guard refuses a stranger from outside, whatever the server says of members.
  if (!inside.some((device) => device.userId === self.userId)) return { kind: "waiting" };
  await chat.enter(hands.newCommitId(), found.groupInfo, await hands.newKeyPackage(), hands.now());
  return null;
}

async function improve(chat: EncryptedChat, roster: Roster, hands: Hands, renew: boolean): Promise<Settled | null> {
  const { groupId } = chat;
  if (groupId === null || !equal(groupId, hands.groupId(chat.chatId, roster.generation))) {
    chat.giveUp("the group was made anew");
    return null;
  }
  if (roster.epoch === null || chat.epoch === null || chat.epoch < roster.epoch) return { kind: "behind" };
  const wanted = new Set(roster.devices.map(nameOf));
  const present = new Set<string>();
  const remove: number[] = [];
  for (const leaf of chat.leaves()) {
    const identity = readIdentity(leaf.credential);
    const name = identity === null ? "" : nameOf(identity);
    if (wanted.has(name)) present.add(name);
    else remove.push(leaf.index);
  }
  const missing = roster.devices.filter((device) => !present.has(nameOf(device))).slice(0, MAX_ADDS);
  const add = missing.length === 0 ? [] : await hands.delivery.claim(chat.chatId, missing);
  const due = chat.epoch < roster.openFrom || (renew && chat.renewalDue(hands.now()));
  if (add.length === 0 && remove.length === 0 && !due) return { kind: "ready" };
  await chat.change(hands.newCommitId(), { add, remove }, hands.now());
  return null;
}

function nameOf({ userId, deviceId }: { userId: string; deviceId: string }): string {
  return `${userId}/${deviceId}`;
}
