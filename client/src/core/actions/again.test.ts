import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";

import type { MessageCrypto } from "../crypto/interface.ts";
import { Database } from "../db/database.ts";
import { putChat } from "../db/roster.ts";
import type { Body, Role } from "../db/schema.ts";
import { rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { sayAgain } from "./again.ts";

const OTHER = "01a20428-0000-7000-8000-0000000000cc";
const sealed = { content: "", iv: "", encrypted: true, type: "text", metadata: {}, mls: null, notify: false };
const crypto = { seal: async () => ({ sealed: [sealed], writes: [] }) } as unknown as MessageCrypto;

let db: Database;
let runtime: FakeRuntime;

beforeEach(() => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  runtime = new FakeRuntime();
});

/** The group "Roof", named at 2, in which this person has that role. */
async function roof(mine: Role): Promise<void> {
  const seat = (userId: string, role: Role) => ({ userId, role, deliveredSeq: 0, readSeq: 0 });
  const participants = [seat(ME, mine), seat(THEM, mine === "owner" ? "admin" : "owner"), seat(OTHER, "member")];
  await putChat(db, ME, chatView({ type: "group", encryption: "mls", participants }), null);
  await hears(2, THEM, { t: "name", name: "Roof" });
}

async function hears(seq: number, senderId: string, body: Body): Promise<void> {
  await db.messages.bulkPut(await db.words.sealMessages([rowOf(envelope(seq, { senderId, encrypted: true }), body)]));
}

async function said(): Promise<Body[]> {
  const rows = await db.messages.filter((row) => row.seq === null).toArray();
  return (await db.words.openMessages(rows)).map(({ body }) => body);
}

/** Somebody's device came in from outside at 5; `meanwhile` happens before it is this device's turn to answer. */
async function cameIn(userId: string, meanwhile: () => Promise<void> = async () => {}): Promise<Body[]> {
  const turn = { over: false };
  const answered = sayAgain({ db, me: ME, crypto }, runtime, CHAT, { userId, seq: 5 }).then(() => (turn.over = true));
  while (runtime.nextAt === null && !turn.over) await new Promise((done) => setTimeout(done));
  await meanwhile();
  runtime.advance(10_000);
  await answered;
  return said();
}

const ROOF = { t: "name", name: "Roof", again: true };

test("those who were let in hear the name at once", async () => {
  await roof("member");
  await sayAgain({ db, me: ME, crypto }, runtime, CHAT);
  expect(await said()).toEqual([ROOF]);
});

test("one's own further device hears it, and the owner tells everybody's", async () => {
  await roof("member");
  expect(await cameIn(OTHER), "not this person's to say").toEqual([]);
  expect(await cameIn(ME)).toEqual([ROOF]);
});

test("the owner tells everybody's, after the person's own devices", async () => {
  await roof("owner");
  expect(await cameIn(OTHER)).toEqual([ROOF]);
});

test("what somebody who is believed has said since is not said twice", async () => {
  await roof("owner");
  expect(await cameIn(OTHER, () => hears(6, THEM, { t: "name", name: "Roof", again: true }))).toEqual([]);
});

test("a member keeps nobody from answering", async () => {
  await roof("owner");
  expect(await cameIn(OTHER, () => hears(6, OTHER, { t: "name", name: "Hole", again: true }))).toEqual([ROOF]);
});

test("nobody has named it, or one is not in it: nothing is said", async () => {
  await putChat(db, ME, chatView({ type: "group", encryption: "mls" }), null);
  expect(await cameIn(ME)).toEqual([]);
  await hears(2, ME, { t: "name", name: "Roof" });
  await db.chats.update(CHAT, { membership: "gone" });
  expect(await cameIn(ME)).toEqual([]);
});
