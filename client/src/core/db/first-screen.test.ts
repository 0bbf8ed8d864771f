// What a start shows at once is true, or nothing.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInThisContext } from "node:vm";

import { Dexie } from "dexie";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { FIRST, type Draw, type Early } from "../first.ts";
import { readChatList } from "../queries/chats.ts";
import { rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { clearKept, Database } from "./database.ts";
import { wipeExpired } from "./expiry.ts";
import { keep, light } from "./first-screen.ts";
import { takeTerm } from "./ingest.ts";
import { appendPiece } from "./pieces.ts";
import { putChat } from "./roster.ts";
import type { Body } from "./schema.ts";

const SCRIPT = readFileSync(join(import.meta.dirname, "../../../public/first.js"), "utf8");
const NOW = Date.parse(envelope(1).timestamp) + 1_000;
const page = globalThis as { indexedDB: IDBFactory; batiyounFirst?: Promise<Early | null> };
let database: { indexedDB: IDBFactory; IDBKeyRange: typeof IDBKeyRange };
let registry: Dexie;
let db: Database;
let term: number;

beforeEach(async () => {
  page.indexedDB = new IDBFactory();
  database = { indexedDB: page.indexedDB, IDBKeyRange };
  registry = new Dexie("batiyoun", database);
  registry.version(1).stores({ sessions: "key" });
  await registry.table("sessions").put({ key: "session", me: { id: ME }, expired: false, reason: "none", busyUntil: 0 });
  db = new Database(ME, database);
  db.clock = () => NOW;
  term = await takeTerm(db);
  await putChat(db, ME, chatView({ headSeq: 0 }), null);
});
afterEach(() => {
  vi.restoreAllMocks();
  registry.close();
  db.close();
});

const say = (seq: number, body: Body, expiresAt?: number): Promise<number | null> => {
  const row = { ...rowOf(envelope(seq, { senderId: THEM }), body), ...(expiresAt === undefined ? {} : { expiresAt }) };
  return appendPiece(db, ME, term, { chatId: CHAT, after: seq - 1, rows: [row], writes: [] });
};
const nothing: Draw = async () => null;
const store = async (draw = nothing): Promise<void> => keep(db, ME, await readChatList(db, ME, NOW), NOW, draw);

/** As the next page does, before the app is there. */
async function early(): Promise<Early | null> {
  runInThisContext(SCRIPT);
  return (await page.batiyounFirst) ?? null;
}
async function shown(now = NOW): Promise<string | undefined> {
  vi.spyOn(Date, "now").mockReturnValue(now);
  const chats = (await early())?.chats;
  return chats ? JSON.stringify(chats) : undefined;
}

test("the list is as it was, and who is signed in is known", async () => {
  await say(1, { t: "text", text: "walnut" });
  await store();
  expect(await shown()).toBe(JSON.stringify(await readChatList(db, ME, NOW)));
  expect(await early()).toMatchObject({ row: { me: { id: ME } } });
});

test("test_22: what is kept of it is sealed", async () => {
  await say(1, { t: "text", text: "walnut" });
  await store();
  const row = (await db.meta.get(FIRST)) as { value: { words: Uint8Array } };
  const { words } = row.value;
  expect(Buffer.from(words).toString("latin1")).not.toContain("walnut");
});

test("what was deleted for everybody is neither shown nor kept", async () => {
  await say(1, { t: "text", text: "walnut" });
  await store();
  await say(2, { t: "delete", of: { senderId: THEM, clientId: "c1" } });
  expect(await db.meta.get(FIRST)).toBeUndefined();
  expect(await shown()).toBeUndefined();
});

test("what is deleted while it is being kept is not kept", async () => {
  await say(1, { t: "text", text: "walnut" });
  const list = await readChatList(db, ME, NOW);
  const key = await db.words.key();
  // What is kept has been read, and is about to be sealed.
  vi.spyOn(db.words, "key").mockImplementationOnce(async () => {
    await say(2, { t: "delete", of: { senderId: THEM, clientId: "c1" } });
    return key;
  });
  await keep(db, ME, list, NOW, nothing);
  expect(JSON.stringify(await readChatList(db, ME, NOW))).not.toContain("walnut");
  expect(await db.meta.get(FIRST)).toBeUndefined();
});

test("what has lasted its time is neither shown nor kept", async () => {
  await say(1, { t: "text", text: "walnut" }, NOW + 500);
  await store();
  expect(await shown(NOW)).toContain("walnut");
  expect(await shown(NOW + 500), "before anybody has wiped it").toBeUndefined();
  await wipeExpired(db, ME, NOW + 500);
  expect(await db.meta.get(FIRST)).toBeUndefined();
});

test("news make it void: of a chat that is in it, and of one that is not", async () => {
  await say(1, { t: "text", text: "walnut" });
  await store();
  await say(2, { t: "text", text: "almond" });
  expect(await shown()).toBeUndefined();
  await store();
  expect(await shown()).toContain("almond");
  await putChat(db, ME, chatView({ id: `${CHAT.slice(0, -1)}0`, createdAt: new Date(NOW + 60_000).toISOString() }), null);
  expect(await shown()).toBeUndefined();
});

test("of chats that are not here any more nothing is shown", async () => {
  await say(1, { t: "text", text: "walnut" });
  await store();
  await clearKept(ME, database);
  expect(await db.meta.get(FIRST)).toBeUndefined();
  expect(await shown()).toBeUndefined();
});

test("nothing is shown to others or to nobody, and no database is made by looking", async () => {
  await say(1, { t: "text", text: "walnut" });
  await store();
  await registry.table("sessions").update("session", { me: { id: THEM } });
  expect(await shown()).toBeUndefined();
  await registry.table("sessions").update("session", { me: null });
  expect(await early()).toBeNull();
  page.indexedDB = new IDBFactory();
  expect(await early()).toBeNull();
  expect(await page.indexedDB.databases()).toEqual([]);
});

test("pictures are kept as far as there is room, and every chat without its picture", () => {
  const [small, large] = ["x".repeat(30_000), "y".repeat(90_000)];
  const kept = light([small, null, large, small, small].map((picture) => ({ picture })));
  expect(kept.map(({ picture }) => picture)).toEqual([small, null, null, null, null]);
  expect(light([{ picture: small }, { picture: small }, { picture: small }]).every(({ picture }) => picture === small)).toBe(true);
});

test("a chat without a word is kept, and a list without a chat is not", async () => {
  await store();
  expect(await shown()).toContain(CHAT);
  await keep(db, ME, [], NOW, nothing);
  expect(await shown()).toBeUndefined();
});
