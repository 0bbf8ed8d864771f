// What has lasted its time is shown to nobody and leaves this device, whatever else is said of it, and whenever.

import * as fc from "fast-check";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { readChatList } from "../queries/chats.ts";
import { readPinned, readWindow } from "../queries/window.ts";
import { Librarian } from "../search/librarian.ts";
import { keepExpiring } from "../sync/expiring.ts";
import { keyOf, rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { FakeRuntime } from "../testing/runtime.ts";
import { Database } from "./database.ts";
import { nextExpiry, wipeExpired } from "./expiry.ts";
import { takeTerm } from "./ingest.ts";
import { appendPiece } from "./pieces.ts";
import { enqueue } from "./queue.ts";
import { reopenPiece } from "./reopen.ts";
import { putChat } from "./roster.ts";
import type { Body, MessageRow, Ref } from "./schema.ts";
import { segmentsOf } from "./segments.ts";

/** When the server stored the first message. */
const BEGIN = Date.UTC(2026, 0, 1) + 1_000;
const HOUR = 3_600_000;

let db: Database;
let term: number;
let now: number;

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  now = BEGIN;
  db.clock = () => now;
  term = await takeTerm(db);
  await putChat(db, ME, chatView({ headSeq: 0, encryption: "mls" }), null);
});
afterEach(() => db.close());

const of: Ref = { senderId: THEM, clientId: "c1" };
const said = (seq: number, body: Body, senderId = THEM): MessageRow => rowOf(envelope(seq, { senderId, encrypted: true }), body);
const secret = said(1, { t: "text", text: "walnut", lasts: 3_600 });
const edit = said(2, { t: "edit", of, text: "walnuts" });
const react = said(3, { t: "reaction", of, emoji: "🌰", on: true });
const pin = said(4, { t: "pin", of, on: true });
const reply = said(5, { t: "text", text: "yes", re: of }, ME);
const ALL = [secret, edit, react, pin, reply];

const append = (...rows: MessageRow[]): Promise<number | null> =>
  appendPiece(db, ME, term, { chatId: CHAT, after: (rows[0]?.order ?? 1) - 1, rows, writes: [] });

/** Everything that is said in what is kept here, opened as if no time had passed. */
async function kept(): Promise<string> {
  const [then, rows] = [now, await db.messages.toArray()];
  now = 0;
  const opened = await db.words.openMessages(rows.map(({ expired: _expired, ...row }) => row));
  const chats = await db.words.openChats(await db.chats.toArray());
  now = then;
  return JSON.stringify([opened.map((row) => row.body), chats.map((chat) => chat.preview?.body)]);
}

const look = async () => (await readWindow(db, ME, CHAT, { at: "end", limit: 9 })).items;
const shown = async (): Promise<Body[]> => (await look()).map((item) => item.body);

test("it is seen until its time is over, and not a moment longer, even before anything is wiped", async () => {
  await append(secret);
  now = BEGIN + HOUR - 1;
  expect(await shown()).toEqual([secret.body]);
  expect((await readChatList(db, ME, now))[0]?.preview?.body).toEqual(secret.body);
  now = BEGIN + HOUR;
  expect(await shown()).toEqual([]);
  expect((await readChatList(db, ME, now))[0]?.preview).toBeNull();
});

test("its words leave, with those of its edits, of the preview, and what is searched; what is quoted of it, too", async () => {
  await append(...ALL);
  await db.segments.put({ chatId: CHAT, from: 1, to: 5, rows: 5, words: new Uint8Array(20) });
  expect(await kept()).toContain("walnuts");
  now = BEGIN + HOUR;
  await wipeExpired(db, ME, now);
  expect(await kept()).not.toMatch(/walnut|🌰/u);
  expect(await segmentsOf(db, CHAT).count()).toBe(0);
  expect(await nextExpiry(db)).toBeNull();
  expect(await shown()).toEqual([reply.body]);
  expect((await look())[0]?.replyTo).toMatchObject({ excerpt: null, gone: false });
  expect(await readPinned(db, ME, CHAT)).toEqual([]);
});

test("the list of chats goes back to what was said before, and nothing of it is unread", async () => {
  await append(said(1, { t: "text", text: "cashew" }), said(2, { t: "text", text: "walnut", lasts: 60 }));
  expect((await db.chats.get(CHAT))?.unread).toBe(2);
  now += HOUR;
  await wipeExpired(db, ME, now);
  expect(await db.chats.get(CHAT)).toMatchObject({ unread: 1 });
  expect((await readChatList(db, ME, now))[0]?.preview?.body).toEqual({ t: "text", text: "cashew" });
});

test("a device that was off never stores it, and tells of no news", async () => {
  now = BEGIN + HOUR;
  await append(...ALL);
  expect(await kept()).not.toMatch(/walnut|🌰/u);
  expect((await db.chats.get(CHAT))?.unread).toBe(0);
  expect((await db.chats.get(CHAT))?.preview?.key).toBe(reply.key);
  expect(await shown()).toEqual([reply.body]);
});

test("an archive gives back what still lasts, and nothing else", async () => {
  const closed: Body = { t: "sealed", cause: "not_joined" };
  const later = said(2, { t: "text", text: "cashew", lasts: 7_200 });
  await append({ ...said(1, closed) }, { ...said(2, closed) });
  now = BEGIN + HOUR;
  await reopenPiece(db, ME, term, { chatId: CHAT, rows: [secret, later], writes: [] });
  expect(await kept()).not.toContain("walnut");
  expect(await shown()).toEqual([later.body]);
});

test("what the server tells as the chat's last message is not shown after its time", async () => {
  await putChat(db, ME, chatView({ headSeq: 1, encryption: "mls" }), secret);
  now = BEGIN + HOUR;
  expect((await readChatList(db, ME, now))[0]?.preview).toBeNull();
  await wipeExpired(db, ME, now);
  expect(await kept()).not.toContain("walnut");
});

test("an edit that waits to be sent does not outlast it", async () => {
  const own = said(1, { t: "text", text: "walnut", lasts: 60 }, ME);
  await append(own);
  const body: Body = { t: "edit", of: { senderId: ME, clientId: "c1" }, text: "walnuts" };
  const sealed = { content: "", iv: null, encrypted: true, type: "text", metadata: {}, mls: null, notify: false };
  await enqueue(db, { key: keyOf(CHAT, ME, "e1"), chatId: CHAT, senderId: ME, clientId: "e1", body, sealed, at: now }, []);
  now += HOUR;
  await wipeExpired(db, ME, now);
  expect(await kept()).not.toContain("walnut");
  expect(await db.outbox.count()).toBe(0);
});

test("what waits to be sent lasts: its time begins when the server has it", async () => {
  const body: Body = { t: "text", text: "walnut", lasts: 60 };
  const sealed = { content: "", iv: null, encrypted: true, type: "text", metadata: {}, mls: null, notify: true };
  await enqueue(db, { key: keyOf(CHAT, ME, "c1"), chatId: CHAT, senderId: ME, clientId: "c1", body, sealed, at: now }, []);
  now += HOUR;
  await wipeExpired(db, ME, now);
  expect(await shown()).toEqual([body]);
  now = BEGIN;
  await append(said(1, body, ME));
  expect(await nextExpiry(db)).toBe(BEGIN + 60_000);
});

test("search does not find it", async () => {
  await append(...ALL.slice(0, 1), said(2, { t: "text", text: "walnut tree" }));
  const librarian = new Librarian({ db, tell: () => {}, changed: () => {} });
  const find = async (): Promise<number[]> => (await librarian.find({ text: "walnut" }, 9)).hits.map((hit) => hit.order);
  try {
    await expect.poll(find).toEqual([2, 1]);
    now = BEGIN + HOUR;
    expect(await find()).toEqual([2]);
    await wipeExpired(db, ME, now);
    await expect.poll(find).toEqual([2]);
  } finally {
    librarian.stop();
  }
});

describe("while a tab is open", () => {
  test("each is wiped at its moment", async () => {
    const runtime = new FakeRuntime();
    runtime.advance(BEGIN);
    db.clock = runtime.now;
    const stop = keepExpiring(db, ME, runtime);
    const texts = async (): Promise<number> => (await db.messages.toArray()).filter((row) => row.words.length > 0).length;
    await append(secret, said(2, { t: "text", text: "cashew", lasts: 60 }));
    await expect.poll(async () => (runtime.advance(61_000), texts())).toBe(1);
    await expect.poll(async () => (runtime.advance(HOUR), texts())).toBe(0);
    stop();
  });
});

test("in whatever pieces, how often, and however long after each other things come: the same is left", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("append" as const), to: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constant("reopen" as const), seq: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constant("wait" as const) }),
    fc.record({ do: fc.constant("wipe" as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      await Promise.all(db.tables.filter(({ name }) => name !== "meta" && name !== "vault").map((table) => table.clear()));
      await putChat(db, ME, chatView({ headSeq: 0, encryption: "mls" }), null);
      now = BEGIN;
      for (const each of steps) {
        if (each.do === "append") await appendPiece(db, ME, term, { chatId: CHAT, after: 0, rows: ALL.slice(0, each.to), writes: [] });
        if (each.do === "reopen") await reopenPiece(db, ME, term, { chatId: CHAT, rows: ALL.slice(each.seq - 1, each.seq), writes: [] });
        if (each.do === "wait") now += HOUR;
        if (each.do === "wipe") await wipeExpired(db, ME, now);
      }
      await appendPiece(db, ME, term, { chatId: CHAT, after: 0, rows: ALL, writes: [] });
      now = BEGIN + 9 * HOUR;
      await wipeExpired(db, ME, now);
      expect(await kept()).not.toMatch(/walnut|🌰/u);
      expect(await shown()).toEqual([reply.body]);
      expect(await db.chats.get(CHAT)).toMatchObject({ unread: 0, preview: { key: reply.key } });
    }),
    { numRuns: 40 },
  );
});
