import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, describe, expect, test } from "vitest";

import { Database } from "../db/database.ts";
import { takeTerm } from "../db/ingest.ts";
import { appendPiece } from "../db/pieces.ts";
import { markGone, putChat } from "../db/roster.ts";
import { FOREVER } from "../limits.ts";
import { readChatList } from "../queries/chats.ts";
import type { Wish } from "../services.ts";
import { rowOf } from "../sync/rows.ts";
import { chatView, envelope, ME } from "../testing/envelopes.ts";
import { wish } from "./wants.ts";

const NOW = 1_000;
let db: Database;

/** Chats "0", "1", …; the one with the largest number was active last. */
beforeEach(async () => {
  db = new Database(ME, { indexedDB: new IDBFactory(), IDBKeyRange });
  for (let index = 0; index < 8; index += 1)
    await putChat(db, ME, chatView({ id: `${index}`, createdAt: new Date(index * 1_000).toISOString() }), null);
});

const want = (chatId: string, wanted: Wish): Promise<void> => wish(db, chatId, wanted, NOW);
const listed = async (now = NOW): Promise<string> => (await readChatList(db, ME, now)).map((chat) => (chat.archived ? `(${chat.id})` : chat.id)).join(" ");
/** Somebody says something in the chat. */
async function said(chatId: string, seq: number): Promise<void> {
  const rows = [rowOf(envelope(seq, { chatId }), { t: "text", text: "news" })];
  await appendPiece(db, ME, await takeTerm(db), { chatId, after: seq - 1, rows, writes: [] });
}

describe("pinned chats", () => {
  test("stand on top in the order of pinning, and can be moved among each other", async () => {
    for (const id of ["2", "5", "0"]) await want(id, { do: "pin", on: true });
    expect(await listed()).toBe("2 5 0 7 6 4 3 1");
    await want("0", { do: "move", by: -1 });
    expect(await listed()).toBe("2 0 5 7 6 4 3 1");
    await want("2", { do: "move", by: 1 });
    expect(await listed()).toBe("0 2 5 7 6 4 3 1");
    for (const [id, by] of [["0", -1], ["5", 1], ["7", 1]] as const) await want(id, { do: "move", by });
    expect(await listed()).toBe("0 2 5 7 6 4 3 1");
    await want("2", { do: "pin", on: false });
    expect(await listed()).toBe("0 5 7 6 4 3 2 1");
  });

  test("are five at most; those that one has left do not count", async () => {
    for (const id of ["0", "1", "2", "3", "4"]) await want(id, { do: "pin", on: true });
    await expect(want("5", { do: "pin", on: true })).rejects.toMatchObject({ code: "pins_full" });
    await want("3", { do: "pin", on: true });
    await markGone(db, ["1"]);
    await want("5", { do: "pin", on: true });
    expect((await db.chats.get("5"))?.asked).toEqual({ pinned: 5, archivedSeq: null });
  });
});

describe("archived chats", () => {
  test("stand at the end until somebody says something", async () => {
    await said("6", 1);
    await want("6", { do: "pin", on: true });
    await want("6", { do: "archive", on: true });
    expect(await listed()).toBe("7 5 4 3 2 1 0 (6)");
    await said("6", 2);
    expect(await listed()).toBe("6 7 5 4 3 2 1 0");
  });

  test("stay there as long as they are mute, and can be taken out", async () => {
    await want("6", { do: "mute", until: NOW + 10 });
    await want("6", { do: "archive", on: true });
    await said("6", 1);
    expect(await listed()).toMatch(/\(6\)$/);
    expect(await listed(NOW + 10)).toMatch(/^6 /);
    await want("6", { do: "mute", until: FOREVER });
    await want("6", { do: "archive", on: false });
    expect(await listed()).toMatch(/^6 /);
  });

  test("come back while somebody names the person there in what is unread, also where they are mute", async () => {
    await want("6", { do: "mute", until: FOREVER });
    await want("6", { do: "archive", on: true });
    await said("6", 1);
    expect(await listed()).toMatch(/\(6\)$/);
    await db.chats.update("6", { mentionedSeq: 1 });
    expect(await listed()).toMatch(/^6 /);
    await want("6", { do: "archive", on: true });
    expect(await listed()).toMatch(/\(6\)$/);
    await said("6", 2);
    await db.chats.update("6", { mentionedSeq: 2 });
    expect(await listed()).toMatch(/^6 /);
    await db.chats.update("6", { readSeq: 2, unread: 0 });
    expect(await listed()).toMatch(/\(6\)$/);
  });

  test("are not on top", async () => {
    await want("1", { do: "archive", on: true });
    await want("1", { do: "pin", on: true });
    expect(await listed()).toBe("1 7 6 5 4 3 2 0");
  });
});

test("a mute is over when its time is", async () => {
  await want("1", { do: "mute", until: NOW + 5 });
  const of = async (now: number) => (await readChatList(db, ME, now)).find((chat) => chat.id === "1")?.mutedUntil;
  expect([await of(NOW), await of(NOW + 4), await of(NOW + 5)]).toEqual([NOW + 5, NOW + 5, null]);
});

test("what the server says of a chat again leaves wishes that it does not know", async () => {
  await want("1", { do: "pin", on: true });
  const preferences = { mutedUntil: null, archivedSeq: 4, pinned: null, revision: 2 };
  await putChat(db, ME, chatView({ id: "1", createdAt: new Date(1_000).toISOString(), preferences }), null);
  await putChat(db, ME, chatView({ id: "1", createdAt: new Date(1_000).toISOString() }), null);
  expect(await db.chats.get("1")).toMatchObject({ wants: preferences, asked: { pinned: 0, archivedSeq: null } });
});

test("nobody wishes for a chat that is gone", async () => {
  await markGone(db, ["1"]);
  for (const id of ["1", "nowhere"]) await expect(want(id, { do: "pin", on: true })).rejects.toMatchObject({ code: "not_found" });
});
