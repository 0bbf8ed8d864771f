// What a chat takes on this device, what clearing it means, and that nothing is lost by clearing or exporting it.

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Holdings } from "../crypto/history/holdings.ts";
import { plaintext } from "../crypto/plaintext.ts";
import { clearChat } from "../db/clear.ts";
import { Database } from "../db/database.ts";
import { writeDraft } from "../db/drafts.ts";
import { takeTerm } from "../db/ingest.ts";
import { appendPiece, prependPiece } from "../db/pieces.ts";
import { enqueue } from "../db/queue.ts";
import { putChat } from "../db/roster.ts";
import type { Body, MessageRow } from "../db/schema.ts";
import { settleFailed } from "../db/settling.ts";
import { walk } from "../db/walk.ts";
import { ApiError } from "../errors.ts";
import { JsonWriter, type JsonMessage } from "../export/json.ts";
import { exportChat, type ExportOptions, type Sink } from "../export/run.ts";
import { readPinned, readWindow } from "../queries/window.ts";
import { keyOf, rowOf } from "../sync/rows.ts";
import { CHAT, chatView, envelope, ME, THEM } from "../testing/envelopes.ts";
import { fateOf } from "./fate.ts";
import type { Fate } from "./model.ts";
import { sizeOf } from "./sizes.ts";

let db: Database;
let term: number;
const forever = new AbortController().signal;

beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  term = await takeTerm(db);
  await putChat(db, ME, chatView({ headSeq: 0 }), null);
});
afterEach(() => db.close());

const text = (seq: number, words = `message ${seq}`, senderId = ME): MessageRow => rowOf(envelope(seq, { senderId }), { t: "text", text: words });
const note = (seq: number, body: Body, senderId = ME): MessageRow => rowOf(envelope(seq, { senderId }), body);
const append = (...rows: MessageRow[]): Promise<number | null> =>
  appendPiece(db, ME, term, { chatId: CHAT, after: (rows[0]?.order ?? 1) - 1, rows, writes: [] });
const of = (seq: number, senderId = ME) => ({ senderId, clientId: `c${seq}` });
const said = async (limit = 100): Promise<string[]> =>
  (await readWindow(db, ME, CHAT, { at: "end", limit })).items.flatMap(({ body }) => (body.t === "text" ? [body.text] : []));

/** Puts a message in the outbox; `failed`: its sending fails for good. */
async function write(clientId: string, words: string, failed = false): Promise<void> {
  const body: Body = { t: "text", text: words };
  const { sealed } = await plaintext.seal({ id: CHAT, encryption: "none" }, [{ clientId, body }]);
  const [first] = sealed;
  if (!first) throw new Error("nothing was sealed");
  await enqueue(db, { key: keyOf(CHAT, ME, clientId), chatId: CHAT, senderId: ME, clientId, body, sealed: first, at: 1_000 }, []);
  if (failed) await settleFailed(db, clientId, { code: "no", message: "No." });
}

/** A page of older messages from a server that has all of `rows`. */
const olderFrom = (rows: readonly MessageRow[], size = 2) => async (): Promise<boolean> => {
  const cursor = await db.cursors.get(CHAT);
  if (!cursor || cursor.complete) return false;
  const below = rows.filter((row) => row.order < cursor.from);
  const page = below.slice(-size);
  await prependPiece(db, ME, { chatId: CHAT, before: cursor.from, rows: page, complete: page.length === below.length, writes: [] });
  return page.length > 0;
};

describe("the rows of a chat", () => {
  test("are handed out once each, in order, whatever the size of the pieces", async () => {
    const rows = [text(1), text(2), text(3), { ...text(3), key: "same/place", clientId: "x" }, text(4), text(5)];
    await db.messages.bulkPut(await db.words.sealMessages(rows));
    for (const size of [1, 2, 3, 10]) {
      const keys: string[] = [];
      for await (const piece of walk(db, CHAT, -Infinity, size)) keys.push(...piece.map((row) => row.key));
      expect(keys.toSorted()).toEqual(rows.map((row) => row.key).toSorted());
      expect(keys.at(-1)).toBe(rows.at(-1)?.key);
    }
  });
});

describe("what a chat takes", () => {
  test("grows with its words and with what search keeps, and counts messages, not what is said about them", async () => {
    const empty = await sizeOf(db, CHAT);
    expect(empty).toEqual({ chatId: CHAT, messages: 0, bytes: 0, unsent: 0, draft: false });
    await append(text(1), note(2, { t: "reaction", of: of(1), emoji: "👍", on: true }));
    const small = await sizeOf(db, CHAT);
    await append(text(3, "x".repeat(10_000)));
    const large = await sizeOf(db, CHAT);
    expect([small.messages, large.messages]).toEqual([1, 2]);
    expect(large.bytes - small.bytes).toBeGreaterThan(10_000);
    await db.segments.put({ chatId: CHAT, from: 1, to: 3, rows: 3, words: new Uint8Array(5_000) });
    expect((await sizeOf(db, CHAT)).bytes - large.bytes).toBeGreaterThan(5_000);
    await write("w", "waits");
    await writeDraft(db, CHAT, "so", 0);
    const news = note(9, { t: "system", event: { what: "keys", news: "first", userIds: [THEM] } });
    await db.messages.bulkPut(await db.words.sealMessages([{ ...news, kind: "system", seq: null, order: 0.5 }]));
    expect(await sizeOf(db, CHAT)).toMatchObject({ unsent: 1, draft: true });
  });
});

describe("clearing a chat", () => {
  const rows = [1, 2, 3, 4, 5].map((seq) => text(seq));

  test("leaves the newest message, and what comes back is what was there", async () => {
    await append(...rows);
    await db.segments.put({ chatId: CHAT, from: 1, to: 5, rows: 5, words: new Uint8Array(20) });
    expect(await clearChat(db, ME, CHAT)).toBe(4);
    expect(await said()).toEqual(["message 5"]);
    expect(await db.segments.count()).toBe(0);
    expect(await readWindow(db, ME, CHAT, { at: "end", limit: 9 })).toMatchObject({ olderHere: false, olderThere: true });
    const older = olderFrom(rows);
    while (await older()) /* all of it */;
    expect(await said()).toEqual(rows.map(({ order }) => `message ${order}`));
    expect(await db.cursors.get(CHAT)).toMatchObject({ from: 1, to: 5, complete: true });
    // Live messages go on as if nothing had been.
    expect(await append(text(6))).toBe(6);
  });

  test("never throws away what is unsent, a draft, or what is unread", async () => {
    await append(...rows.slice(0, 2));
    await write("failed", "could not be sent", true);
    await append(text(3), text(4, "unread", THEM), text(5));
    await write("waiting", "waits");
    await writeDraft(db, CHAT, "so far", 0);
    await clearChat(db, ME, CHAT);
    expect(await said()).toEqual(["could not be sent", "unread", "message 5", "waits"]);
    expect(await db.outbox.count()).toBe(2);
    expect(await db.words.openDrafts([await db.drafts.get(CHAT)])).toEqual(["so far"]);
    expect((await db.chats.get(CHAT))?.unread).toBe(1);
  });

  test("leaves what only this device has noticed", async () => {
    const news = note(99, { t: "system", event: { what: "keys", news: "first", userIds: [THEM] } });
    await db.messages.bulkPut(await db.words.sealMessages([{ ...news, kind: "system", seq: null, order: 0.5 }]));
    await append(text(1), text(2));
    expect(await clearChat(db, ME, CHAT)).toBe(1);
    expect((await readWindow(db, ME, CHAT, { at: "end", limit: 9 })).items.map(({ body }) => body.t)).toEqual(["system", "text"]);
  });

  test("keeps pinned messages as they are shown, and an edited newest message", async () => {
    await append(text(1, "old"), note(2, { t: "edit", of: of(1), text: "old, edited" }), text(3), note(4, { t: "pin", of: of(1), on: true }));
    await append(text(5), note(6, { t: "edit", of: of(5), text: "newest, edited" }));
    expect(await clearChat(db, ME, CHAT)).toBe(1);
    expect((await readPinned(db, ME, CHAT)).map(({ body }) => body)).toEqual([{ t: "text", text: "old, edited" }]);
    expect((await said()).at(-1)).toBe("newest, edited");
  });

  test("what stayed is not replaced by what opens no more", async () => {
    await append(text(1, "pinned"), text(2), note(3, { t: "pin", of: of(1), on: true }), text(4));
    await clearChat(db, ME, CHAT);
    const closed = [1, 2].map((seq) => note(seq, { t: "sealed", cause: "not_joined" }));
    await olderFrom([...closed, note(3, { t: "pin", of: of(1), on: true })], 9)();
    const { items } = await readWindow(db, ME, CHAT, { at: "end", limit: 9 });
    expect(items.map(({ body }) => body.t)).toEqual(["text", "sealed", "text"]);
  });

  test("does not touch what is fetched again meanwhile", async () => {
    await append(...rows);
    await clearChat(db, ME, CHAT);
    await olderFrom(rows)();
    expect(await said()).toEqual(["message 3", "message 4", "message 5"]);
    // Once more: what is within the cursor is counted from the newest again.
    expect(await clearChat(db, ME, CHAT)).toBe(2);
    expect(await said()).toEqual(["message 5"]);
  });

  test("that was stopped is finished by the next time", async () => {
    await append(...rows);
    const stopped = new AbortController();
    stopped.abort();
    expect(await clearChat(db, ME, CHAT, stopped.signal)).toBe(0);
    expect(await clearChat(db, ME, CHAT)).toBe(4);
  });
});

describe("what clearing would mean", () => {
  const fate = (holdings: Holdings | null = null): Promise<Fate> => fateOf(db, ME, CHAT, async () => holdings, () => {}, forever);

  test("a chat that the server can read comes back from there", async () => {
    await append(text(1), text(2), note(3, { t: "reaction", of: of(1), emoji: "👍", on: true }), text(4));
    expect(await fate()).toEqual({ from: "server", lost: 0, cleared: 2, unsent: 0, draft: false });
  });

  test("one that this person left does not", async () => {
    await append(text(1), text(2));
    await db.chats.update(CHAT, { membership: "gone" });
    expect(await fate()).toMatchObject({ from: "nowhere", lost: 1, cleared: 1 });
  });

  test("an encrypted one comes back as far as the archive has it", async () => {
    await append(text(1), text(2), note(3, { t: "sealed", cause: "not_joined" }), text(4));
    await db.chats.update(CHAT, { encryption: "mls" });
    const archived = new Set([1]);
    const holds: Holdings = { holds: async ({ seq }) => archived.has(seq ?? 0) };
    expect(await fate(holds)).toMatchObject({ from: "archive", lost: 1, cleared: 3 });
    expect(await fate(null)).toMatchObject({ from: "nowhere", lost: 2, cleared: 3 });
  });

  test("is as many as are cleared then", async () => {
    await append(text(1), text(2), text(3, "unread", THEM), text(4));
    const { cleared } = await fate();
    expect(await clearChat(db, ME, CHAT)).toBe(cleared);
  });
});

describe("exporting a chat", () => {
  interface File extends Sink {
    text: string;
    state: "open" | "closed" | "aborted";
    pieces: number;
  }
  const file = (): File => ({
    text: "",
    state: "open",
    pieces: 0,
    async write(piece) {
      this.text += piece;
      this.pieces += 1;
    },
    async close() {
      this.state = "closed";
    },
    async abort() {
      this.state = "aborted";
    },
  });
  const run = (older: () => Promise<boolean>, sink: Sink, change: Partial<ExportOptions> = {}) =>
    exportChat({ db, me: ME, people: { want: async () => {} }, older }, CHAT, {
      writer: new JsonWriter(),
      sink,
      onlyHere: false,
      name: "Bela",
      at: 0,
      signal: forever,
      progress: () => {},
      ...change,
    });
  const saidIn = ({ text: content }: File): (string | undefined)[] =>
    (JSON.parse(content) as { messages: JsonMessage[] }).messages.map((each) => each.text);
  const nothing = async (): Promise<boolean> => false;

  test("fetches what is not here, and writes every message once and in order", async () => {
    const rows = Array.from({ length: 1_203 }, (_, index) => text(index + 1));
    await append(...rows);
    await clearChat(db, ME, CHAT);
    await write("waiting", "waits");
    const sink = file();
    const phases: string[] = [];
    const tail = await run(olderFrom(rows, 500), sink, { progress: ({ phase }) => void phases.push(phase) });
    expect(saidIn(sink)).toEqual([...rows.map(({ order }) => `message ${order}`), "waits"]);
    expect(tail).toEqual({ counts: { messages: 1_204, unreadable: 0, unsent: 1 }, complete: true });
    expect(sink.state).toBe("closed");
    expect(sink.pieces).toBeGreaterThan(3);
    expect([phases[0], phases.at(-1)]).toEqual(["fetching", "writing"]);
  });

  test("applies what was said about messages, and leaves no words of what was deleted", async () => {
    await append(text(1, "walnut"), text(2, "pear"), note(3, { t: "delete", of: of(1) }), note(4, { t: "edit", of: of(2), text: "peach" }));
    const sink = file();
    await run(nothing, sink);
    expect(sink.text).not.toMatch(/walnut|pear"/);
    expect(saidIn(sink)).toEqual([undefined, "peach"]);
  });

  test("says what could not be opened, and that the file is not complete", async () => {
    await append(note(1, { t: "sealed", cause: "not_joined" }), text(2));
    await db.cursors.update(CHAT, { complete: false });
    const sink = file();
    expect(await run(() => Promise.reject(ApiError.local("offline")), sink, { onlyHere: true })).toEqual({
      counts: { messages: 2, unreadable: 1, unsent: 0 },
      complete: false,
    });
    expect(JSON.parse(sink.text)).toMatchObject({ complete: false, counts: { unreadable: 1 } });
  });

  test("leaves no file behind when it is stopped, or when something cannot be fetched", async () => {
    await append(text(1), text(2));
    await db.cursors.update(CHAT, { complete: false });
    const [offline, stopped] = [file(), file()];
    await expect(run(() => Promise.reject(ApiError.local("offline")), offline)).rejects.toMatchObject({ code: "offline" });
    expect(offline.state).toBe("aborted");
    const stop = new AbortController();
    const older = async (): Promise<boolean> => {
      stop.abort();
      return true;
    };
    await expect(run(older, stopped, { signal: stop.signal })).rejects.toMatchObject({ code: "cancelled" });
    expect(stopped.state).toBe("aborted");
  });
});
