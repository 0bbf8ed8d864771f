// What was deleted for everybody leaves this device, too, in whatever order it became known.

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test } from "vitest";

import { plaintext } from "../crypto/plaintext.ts";
import { readChatList } from "../queries/chats.ts";
import { readWindow } from "../queries/window.ts";
import { keyOf, rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { Database } from "./database.ts";
import { takeTerm } from "./ingest.ts";
import { appendPiece, prependPiece } from "./pieces.ts";
import { enqueue } from "./queue.ts";
import { reopenPiece } from "./reopen.ts";
import { putChat } from "./roster.ts";
import type { Body, MessageRow, Ref } from "./schema.ts";
import { segmentsOf } from "./segments.ts";
import { settleFailed } from "./settling.ts";

let db: Database;
let term: number;

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  term = await takeTerm(db);
  await putChat(db, ME, chatView({ headSeq: 0 }), null);
});
afterEach(() => db.close());

const of: Ref = { senderId: THEM, clientId: "c1" };
const said = (seq: number, body: Body, senderId = THEM): MessageRow => rowOf(envelope(seq, { senderId }), body);
const secret = said(1, { t: "text", text: "walnut" });
const edit = (seq: number): MessageRow => said(seq, { t: "edit", of, text: "walnuts" });
const remove = (seq: number, senderId = THEM): MessageRow => said(seq, { t: "delete", of }, senderId);
const redaction = (seq: number): MessageRow =>
  rowOf(envelope(seq, { kind: "system", type: "redacted", senderId: ME }), { t: "system", event: { what: "redacted", seq: 1 } });

const append = (...rows: MessageRow[]): Promise<number | null> =>
  appendPiece(db, ME, term, { chatId: CHAT, after: (rows[0]?.order ?? 1) - 1, rows, writes: [] });

/** Everything that is said in what is kept here, opened: of messages, and of the chat's preview. */
async function kept(): Promise<string> {
  const [rows, chats] = [await db.words.openMessages(await db.messages.toArray()), await db.words.openChats(await db.chats.toArray())];
  return JSON.stringify([rows.map((row) => row.body), chats.map((chat) => chat.preview?.body)]);
}

const shown = async (): Promise<Body[]> => (await readWindow(db, ME, CHAT, { at: "end", limit: 9 })).items.map((item) => item.body);

test("a message that its sender deletes leaves no words: not its own, not those of edits, none in the list of chats or in quotes", async () => {
  await append(secret, edit(2), said(3, { t: "text", text: "yes", re: of }, ME));
  expect(await kept()).toContain("walnuts");
  await db.segments.put({ chatId: CHAT, from: 1, to: 3, rows: 3, words: new Uint8Array(20) });
  await append(remove(4));
  expect(await segmentsOf(db, CHAT).count(), "search reads what it has kept").toBe(0);
  expect(await kept()).not.toContain("walnut");
  expect(await shown()).toEqual([{ t: "deleted" }, { t: "text", text: "yes", re: of }]);
  const { items } = await readWindow(db, ME, CHAT, { at: "end", limit: 9 });
  expect(items[1]?.replyTo).toMatchObject({ excerpt: null, gone: true });
});

test("the list of chats forgets it, too", async () => {
  await append(secret);
  expect(await kept()).toBe(JSON.stringify([[secret.body], [secret.body]]));
  await append(remove(2));
  expect(await kept()).not.toContain("walnut");
  // The server still tells of it as the last message of the chat.
  await putChat(db, ME, chatView({ headSeq: 2 }), secret);
  expect(await kept()).not.toContain("walnut");
  expect((await readChatList(db, ME, 0))[0]?.preview?.body).toEqual({ t: "deleted" });
});

test("a message that is the preview and not among the rows is wiped there", async () => {
  await putChat(db, ME, chatView({ headSeq: 1 }), secret);
  await db.cursors.put({ chatId: CHAT, from: 2, to: 1, complete: false, unreadBelow: 0 });
  expect(await kept()).toContain("walnut");
  await append(remove(2));
  expect((await db.messages.toArray()).length).toBe(1);
  expect(await kept()).not.toContain("walnut");
});

test("nobody else's word deletes it", async () => {
  await append(secret, remove(2, ME));
  expect(await kept()).toContain("walnut");
  expect(await shown()).toEqual([secret.body]);
});

test("what an admin took away is wiped by its place, whoever wrote it", async () => {
  await append(secret, edit(2), said(3, { t: "text", text: "cashew" }));
  await append(redaction(4));
  expect(await kept()).not.toContain("walnut");
  expect(await kept()).toContain("cashew");
});

test("the deletion may be here first, and an edit may come after it", async () => {
  await db.cursors.put({ chatId: CHAT, from: 4, to: 3, complete: false, unreadBelow: 0 });
  await append(remove(4));
  const older = { chatId: CHAT, before: 4, rows: [secret, edit(2), said(3, { t: "text", text: "cashew" })], complete: true, writes: [] };
  expect(await prependPiece(db, ME, older)).toBe(true);
  expect(await kept()).not.toContain("walnut");
  await append(edit(5));
  expect(await kept()).not.toContain("walnut");
  expect(await shown()).toEqual([{ t: "deleted" }, { t: "text", text: "cashew" }]);
});

test("words that an archive gives back are gone again", async () => {
  await append({ ...secret, body: { t: "sealed", cause: "not_joined" } }, remove(2));
  await reopenPiece(db, ME, term, { chatId: CHAT, rows: [secret], writes: [] });
  expect(await kept()).not.toContain("walnut");
  expect(await shown()).toEqual([{ t: "deleted" }]);
});

test("a deletion that was not sent yet wipes nothing: it may fail, and then the message is back", async () => {
  const own = said(1, { t: "text", text: "walnut" }, ME);
  await append(own);
  const body: Body = { t: "delete", of: { senderId: ME, clientId: "c1" } };
  const sealed = (await plaintext.seal({ id: CHAT, encryption: "none" }, [{ clientId: "d1", body }])).sealed[0];
  if (!sealed) throw new Error("one draft is sealed to one");
  await enqueue(db, { key: keyOf(CHAT, ME, "d1"), chatId: CHAT, senderId: ME, clientId: "d1", body, sealed, at: 1_000 }, []);
  expect(await shown()).toEqual([{ t: "deleted" }]);
  await append(said(2, { t: "text", text: "cashew" }));
  await settleFailed(db, "d1", { code: "forbidden", message: "No." });
  expect((await shown())[0]).toEqual(own.body);
});
