import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";

import { plaintext } from "../crypto/plaintext.ts";
import { keyOf } from "../sync/rows.ts";
import { CHAT, chatView, ME } from "../testing/envelopes.ts";
import { Database } from "./database.ts";
import { writeDraft } from "./drafts.ts";
import { enqueue, replace, requeue, withdraw, type Written } from "./queue.ts";
import { claim, readHeads, settleFailed, settleLater, settleSent } from "./settling.ts";
import { forgetChat, markGone, putChat } from "./roster.ts";
import { PENDING } from "./schema.ts";

let db: Database;
const NO = { code: "invalid_input", message: "No." };

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  await putChat(db, ME, chatView(), null);
});

async function written(clientId: string, at = 1_000): Promise<Written> {
  const body = { t: "text" as const, text: clientId };
  const { sealed } = await plaintext.seal({ id: CHAT, encryption: "none" }, [{ clientId, body }]);
  const [first] = sealed;
  if (!first) throw new Error("nothing was sealed");
  return { key: keyOf(CHAT, ME, clientId), chatId: CHAT, senderId: ME, clientId, body, sealed: first, at };
}

async function write(clientId: string): Promise<string> {
  const message = await written(clientId);
  await enqueue(db, message, []);
  return message.key;
}

const shown = async (): Promise<string[]> => (await db.messagesIn(CHAT).toArray()).map((row) => row.clientId);
const preview = async (): Promise<string | undefined> => (await db.chats.get(CHAT))?.preview?.key;

test("messages of one moment keep the order of writing", async () => {
  for (const id of ["one", "two", "three"]) await write(id);
  expect(await shown()).toEqual(["one", "two", "three"]);
  expect((await db.outboxOf(CHAT).toArray()).map((row) => row.clientId)).toEqual(["one", "two", "three"]);
  expect((await readHeads(db)).map((row) => row.clientId)).toEqual(["one"]);
});

test("writing clears the draft in the same step and lifts the chat", async () => {
  await writeDraft(db, CHAT, "on", 1);
  const message = await written("one", Date.UTC(2030, 0, 1));
  await enqueue(db, message, [{ key: "ratchet", value: 1 }]);
  expect(await db.drafts.get(CHAT)).toBeUndefined();
  expect(await db.vault.get("ratchet")).toBeDefined();
  expect(await db.chats.get(CHAT)).toMatchObject({ activeAt: message.at, preview: { key: message.key, seq: null } });
});

test("a message is claimed before it is posted, and not while it is held back", async () => {
  await write("one");
  expect(await claim(db, "one", 50)).toMatchObject({ attempts: 1, posted: true });
  await settleLater(db, "one", 100, true);
  expect(await claim(db, "one", 99)).toBeNull();
  expect(await claim(db, "one", 100)).toMatchObject({ attempts: 2 });
  expect(await claim(db, "another", 100)).toBeNull();
  await settleFailed(db, "one", NO);
  expect(await claim(db, "one", 100)).toBeNull();
});

test("a stored message takes its place", async () => {
  const key = await write("one");
  await settleSent(db, "one", { id: "id", seq: 4, timestamp: 9 });
  expect(await db.messages.get(key)).toMatchObject({ seq: 4, order: 4, id: "id", timestamp: 9 });
  expect(await db.outbox.count()).toBe(0);
  expect(await db.chats.get(CHAT)).toMatchObject({ preview: { key, seq: 4 } });
});

test("a message that may be with the server is not taken back", async () => {
  const key = await write("one");
  await claim(db, "one", 0);
  expect(await withdraw(db, key)).toBe(false);
  expect(await replace(db, key, await written("other"), [])).toBe(false);
  expect(await shown()).toEqual(["one"]);
  // The server said clearly that it does not have it.
  await settleLater(db, "one", 0, false);
  expect(await withdraw(db, key)).toBe(true);
  expect(await shown()).toEqual([]);
});

test("a failed message stays in its place while the next ones go", async () => {
  const key = await write("one");
  await write("two");
  await settleFailed(db, "one", NO);
  expect(await db.messages.get(key)).toMatchObject({ order: 0.5, failure: NO });
  expect((await readHeads(db)).map((row) => row.clientId)).toEqual(["two"]);
  await settleSent(db, "two", { id: "id", seq: 1, timestamp: 9 });
  expect(await shown()).toEqual(["one", "two"]);
});

test("a retried message goes to the end", async () => {
  const key = await write("one");
  await write("two");
  await settleFailed(db, "one", NO);
  expect(await requeue(db, key)).toBe(true);
  expect(await shown()).toEqual(["two", "one"]);
  expect(await db.messages.get(key)).toMatchObject({ failure: null });
  expect((await db.outbox.get("one"))?.order).toBe((await db.messages.get(key))?.order);
  expect(await requeue(db, "unknown")).toBe(false);
});

test("taking back what the chat list shows brings back what was there before", async () => {
  const first = await write("one");
  const second = await write("two");
  expect(await preview()).toBe(second);
  await withdraw(db, second);
  expect(await preview()).toBe(first);
  await withdraw(db, first);
  expect(await preview()).toBeUndefined();
});

test("an edited message is another one for the server, in the same place", async () => {
  const first = await write("one");
  await write("two");
  expect(await replace(db, first, await written("better"), [])).toBe(true);
  expect(await shown()).toEqual(["better", "two"]);
  expect((await db.outboxOf(CHAT).toArray()).map((row) => row.clientId)).toEqual(["better", "two"]);
});

test("an edited failed message goes to the end", async () => {
  const first = await write("one");
  await write("two");
  await settleFailed(db, "one", NO);
  expect(await replace(db, first, await written("better"), [])).toBe(true);
  expect(await shown()).toEqual(["two", "better"]);
  expect((await db.messagesIn(CHAT, PENDING).toArray()).length).toBe(2);
});

test("what waits in a chat that is gone fails, and forgetting the chat removes everything", async () => {
  const key = await write("one");
  await markGone(db, [CHAT]);
  expect(await db.messages.get(key)).toMatchObject({ failure: { code: "chat_not_found" } });
  expect(await readHeads(db)).toEqual([]);
  await forgetChat(db, CHAT);
  for (const table of [db.messages, db.outbox, db.cursors, db.chats, db.members]) expect(await table.count()).toBe(0);
});
